-- Captured calls near a record of CloudTrail are to be looked for again. :request :low :high INTEGER. No rows.
UPDATE captured SET fresh = 1 WHERE request = :request AND time BETWEEN :low AND :high
