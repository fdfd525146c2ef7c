-- The ARNs of an IAM name. :account :type :name TEXT. Rows: (arn), by arn.
SELECT arn FROM iam_name WHERE account = :account AND type = :type AND name = :name ORDER BY arn
