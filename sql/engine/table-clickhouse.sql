-- table-clickhouse.sql: one column for each member that the statements read.
CREATE TABLE IF NOT EXISTS @{table} (
	@{definitions}
) ENGINE = MergeTree PARTITION BY substring(eventtime, 1, 10) ORDER BY (eventtime, eventid)
