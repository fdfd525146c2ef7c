-- Where a reader gathers which events count. Statements; no inputs, no rows.
CREATE TEMP TABLE IF NOT EXISTS filter (kind TEXT NOT NULL, value);
CREATE TEMP TABLE IF NOT EXISTS used (
	call INTEGER NOT NULL, context INTEGER NOT NULL, events INTEGER NOT NULL, first INTEGER NOT NULL,
	last INTEGER NOT NULL, PRIMARY KEY (call, context)
) WITHOUT ROWID;
DELETE FROM temp.filter;
DELETE FROM temp.used;
