-- Tables in memory that hide the file's, for a mapping that the file was not derived with. Statements; no inputs, no rows.
CREATE TEMP TABLE access (
	call INTEGER NOT NULL,
	n INTEGER NOT NULL,
	action TEXT NOT NULL,
	level INTEGER NOT NULL,
	type TEXT,
	resource TEXT NOT NULL,
	origin INTEGER NOT NULL,
	need INTEGER NOT NULL,
	rule INTEGER NOT NULL,
	replaced INTEGER NOT NULL,
	passed_to TEXT,
	PRIMARY KEY (call, n)
) WITHOUT ROWID;
CREATE TEMP TABLE mapped (call INTEGER PRIMARY KEY, status INTEGER NOT NULL);
CREATE TEMP TABLE lookup (
	account TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	call INTEGER NOT NULL,
	PRIMARY KEY (account, type, name, call)
) WITHOUT ROWID;
CREATE TEMP TABLE stale (call INTEGER PRIMARY KEY);
CREATE TEMP TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO temp.meta SELECT key, value FROM main.meta;
