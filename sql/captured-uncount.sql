-- A captured call that counts with another record of it. :request :time :stream INTEGER, :id BLOB. No rows.
UPDATE captured SET counted = 0 WHERE request = :request AND time = :time AND stream = :stream AND id = :id
