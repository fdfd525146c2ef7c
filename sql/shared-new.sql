-- Both sides of this sharedEventID are to be joined again. :hash BLOB. No rows.
INSERT OR IGNORE INTO shared_new (hash) VALUES (:hash)
