-- A call's access depends on an IAM name. :account :type :name TEXT, :call INTEGER. No rows.
INSERT OR IGNORE INTO lookup (account, type, name, call) VALUES (:account, :type, :name, :call)
