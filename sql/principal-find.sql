-- The principal of an ARN. :arn TEXT. Rows: (id).
SELECT id FROM principal WHERE arn = :arn
