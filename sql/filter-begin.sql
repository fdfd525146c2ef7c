-- Where a reader gathers which events count. Statements; no inputs, no rows.
CREATE TEMP TABLE IF NOT EXISTS filter (kind TEXT NOT NULL, value NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS used (
	call INTEGER NOT NULL, context INTEGER NOT NULL, events INTEGER NOT NULL, first INTEGER NOT NULL,
	last INTEGER NOT NULL, PRIMARY KEY (call, context)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS session_tags (session INTEGER PRIMARY KEY, tags TEXT);
CREATE TEMP TABLE IF NOT EXISTS call_tags (
	call INTEGER NOT NULL, context INTEGER NOT NULL, tags TEXT, events INTEGER, first INTEGER, last INTEGER
);
CREATE INDEX IF NOT EXISTS temp.call_tags_call ON call_tags (call, context);
DELETE FROM temp.filter;
DELETE FROM temp.used;
