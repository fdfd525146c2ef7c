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

-- A role known only by its sessions, and the least ARN with a path of that name, in the same partition: an account of
-- another partition may have the same number.
DROP VIEW principal_path;
CREATE VIEW principal_path AS
SELECT p.id AS principal,
	(SELECT q.id FROM iam_name n JOIN principal q ON q.arn = n.arn
	WHERE n.account = p.account AND n.type = 'role' AND n.name = substr(p.arn, instr(p.arn, ':role/') + 6)
		AND substr(q.arn, 1, instr(q.arn, ':iam:')) = substr(p.arn, 1, instr(p.arn, ':iam:'))
	ORDER BY q.arn LIMIT 1) AS better
FROM principal p WHERE p.path_unknown = 1;
