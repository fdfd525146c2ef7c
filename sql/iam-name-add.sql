-- An IAM ARN with a path. :account :type :name :arn TEXT. No rows.
INSERT OR IGNORE INTO iam_name (account, type, name, arn) VALUES (:account, :type, :name, :arn)
