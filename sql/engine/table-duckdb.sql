-- table-duckdb.sql: one column for each member that the statements read.
CREATE TABLE IF NOT EXISTS @{table} (
	@{definitions}
)
