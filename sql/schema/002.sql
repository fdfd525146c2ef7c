-- Copies of events that do not count, because another copy of the same event with other content says more.
-- Statements are run in order inside one transaction; no rows.

CREATE TABLE conflict (
	stream INTEGER NOT NULL,     -- the event's key
	time INTEGER NOT NULL,
	id BLOB NOT NULL,
	call INTEGER NOT NULL,       -- what the copy says
	context INTEGER NOT NULL,
	PRIMARY KEY (stream, time, id, call, context)
) WITHOUT ROWID;
