-- A new stream. :hash BLOB, :cloudtrail INTEGER, :account :region TEXT. No rows.
INSERT INTO stream (hash, cloudtrail, account, region) VALUES (:hash, :cloudtrail, :account, :region)
