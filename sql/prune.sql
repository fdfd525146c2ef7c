-- Taking away what was recorded before a day, or of a principal. The events go first, then all that nothing is left of.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: prune-begin
-- Makes and empties the tables in which a run gathers what goes. A script.
-- Inputs: none
-- Rows: none
CREATE TEMP TABLE IF NOT EXISTS pruned (principal INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS gone (call INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS kept (call INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS kept_context (context INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS fold_count (hash BLOB PRIMARY KEY, calls INTEGER NOT NULL) WITHOUT ROWID;
DELETE FROM temp.pruned;
DELETE FROM temp.gone;
DELETE FROM temp.kept;
DELETE FROM temp.kept_context;
DELETE FROM temp.fold_count;

-- name: prune-closed-events
-- How many events before a day are held as counts only? As many as their sources have counted.
-- Inputs: day INTEGER
-- Rows: one, (n)
SELECT coalesce(sum(CASE WHEN s.rows > 0 THEN s.rows
	ELSE (SELECT sum(b.events) FROM bulk b WHERE b.stream = s.stream AND b.day = s.day) END), 0)
FROM slice s WHERE s.day < :day

-- name: prune-events
-- Takes the events before a time away.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM event WHERE stream IN (SELECT id FROM stream) AND time < :time

-- name: prune-conflicts
-- The same of copies that do not count.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM conflict WHERE time < :time

-- name: prune-partial
-- The same of notes which events were told in part.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM partial WHERE time < :time

-- name: prune-captured
-- The same of captured calls.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM captured WHERE time < :time

-- name: prune-captured-count
-- Counts captured calls again whose other record may have been taken away; they are to be looked for once more. time: of
-- the oldest event that is left; near: within which other records of a call lie.
-- Inputs: time INTEGER, near INTEGER
-- Rows: none
UPDATE call_day SET events = events + k.n
FROM (SELECT coalesce(c.folded_into, c.id) AS call, k.context AS context,
		(k.time - (k.time % 86400 + 86400) % 86400) / 86400 AS day, count(*) AS n
	FROM captured k JOIN call c ON c.id = k.call
	WHERE k.counted = 0 AND k.time < :time + :near
	GROUP BY 1, 2, 3) k
WHERE call_day.call = k.call AND call_day.context = k.context AND call_day.day = k.day

-- name: prune-captured-again
-- Marks them.
-- Inputs: time INTEGER, near INTEGER
-- Rows: none
UPDATE captured SET counted = 1, fresh = 1 WHERE counted = 0 AND time < :time + :near

-- name: prune-shared
-- The same of sides of calls across accounts.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM shared WHERE time < :time

-- name: prune-days
-- The same of counts of days.
-- Inputs: day INTEGER
-- Rows: none
DELETE FROM call_day WHERE day < :day

-- name: prune-bulk
-- The same of days that are held as counts: what they count.
-- Inputs: day INTEGER
-- Rows: none
DELETE FROM bulk WHERE stream IN (SELECT id FROM stream) AND day < :day

-- name: prune-bulk-rows
-- The rows that they were made of.
-- Inputs: day INTEGER
-- Rows: none
DELETE FROM bulk_row WHERE stream IN (SELECT id FROM stream) AND day < :day

-- name: prune-slices
-- And the days.
-- Inputs: day INTEGER
-- Rows: none
DELETE FROM slice WHERE stream IN (SELECT id FROM stream) AND day < :day

-- name: prune-keys
-- Forgets whose access keys are, where it was told before a time only.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM key_owner WHERE told < :time

-- name: prune-iam-names
-- Forgets names of IAM that were told before a time only, or by calls, of which those that are left tell again.
-- Inputs: time INTEGER
-- Rows: none
DELETE FROM iam_name WHERE told < :time

-- name: prune-sources
-- Notes that of no source anything before a time is there.
-- Inputs: time INTEGER
-- Rows: none
UPDATE source SET since = min(max(since, :time), max(until, since)) WHERE since < :time

-- name: prune-samples
-- The evidence of calls whose first event was taken away: the first that is left. Its eventID and place are not known.
-- Inputs: time INTEGER
-- Rows: none
UPDATE call SET sample_time = n.time, sample_id = coalesce((
		SELECT min(e.id) FROM stream s
		CROSS JOIN event e ON e.stream = s.id AND e.time = n.time
		JOIN call c ON c.id = e.call
		WHERE coalesce(c.folded_into, c.id) = n.call), zeroblob(16)),
	sample_event = NULL, sample_source = 0, sample_ordinal = 0
FROM (SELECT d.call AS call, min(d.first) AS time FROM call_day d JOIN call o ON o.id = d.call
	WHERE o.sample_time < :time GROUP BY d.call) n
WHERE call.id = n.call

-- name: prune-principal-add
-- Adds a principal, with those that turned out to be it, to what goes.
-- Inputs: principal INTEGER
-- Rows: none
INSERT OR IGNORE INTO temp.pruned (principal) SELECT id FROM principal WHERE id = :principal OR same_as = :principal

-- name: prune-gone-counts
-- How many events of calls that go are held as counts only?
-- Inputs: none
-- Rows: one, (n)
SELECT coalesce(sum(events), 0) FROM bulk WHERE call IN (SELECT call FROM temp.gone)

-- name: prune-gone
-- Gathers the calls of the principals that go. A script.
-- Inputs: none
-- Rows: none
INSERT INTO temp.gone (call) SELECT id FROM call WHERE principal IN (SELECT principal FROM temp.pruned);

-- name: prune-gone-events
-- Takes their events away.
-- Inputs: none
-- Rows: none
DELETE FROM event WHERE call IN (SELECT call FROM temp.gone)

-- name: prune-gone-rest
-- And all else of them. A script.
-- Inputs: none
-- Rows: none
DELETE FROM conflict WHERE call IN (SELECT call FROM temp.gone)
	OR NOT EXISTS (SELECT 1 FROM event e WHERE e.stream = conflict.stream AND e.time = conflict.time AND e.id = conflict.id);
DELETE FROM partial
WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.stream = partial.stream AND e.time = partial.time AND e.id = partial.id);
DELETE FROM captured WHERE call IN (SELECT call FROM temp.gone);
DELETE FROM shared WHERE call IN (SELECT call FROM temp.gone);
DELETE FROM call_day WHERE call IN (SELECT call FROM temp.gone);
DELETE FROM bulk WHERE call IN (SELECT call FROM temp.gone);
DELETE FROM owner WHERE call IN (SELECT call FROM temp.gone);
DELETE FROM key_owner WHERE principal IN (SELECT p.arn FROM principal p WHERE p.id IN (SELECT principal FROM temp.pruned));
UPDATE key_owner SET issuer = NULL WHERE issuer IN (SELECT principal FROM temp.pruned);
DELETE FROM iam_name WHERE arn IN (SELECT p.arn FROM principal p WHERE p.id IN (SELECT principal FROM temp.pruned));
DELETE FROM session WHERE principal IN (SELECT principal FROM temp.pruned);

-- name: prune-clean
-- Takes away all that nothing points to any more; what is derived and joined is made anew. A script.
-- Inputs: none
-- Rows: none
INSERT OR IGNORE INTO temp.kept (call)
SELECT DISTINCT call FROM event UNION SELECT call FROM call_day UNION SELECT call FROM bulk UNION SELECT call FROM conflict
UNION SELECT call FROM captured UNION SELECT call FROM shared;
INSERT OR IGNORE INTO temp.kept (call)
SELECT folded_into FROM call WHERE folded_into IS NOT NULL AND id IN (SELECT call FROM temp.kept);
DELETE FROM call WHERE id NOT IN (SELECT call FROM temp.kept);
INSERT OR IGNORE INTO temp.kept_context (context)
SELECT DISTINCT context FROM event UNION SELECT context FROM call_day UNION SELECT context FROM bulk
UNION SELECT context FROM conflict UNION SELECT context FROM captured UNION SELECT context FROM shared;
DELETE FROM context WHERE id NOT IN (SELECT context FROM temp.kept_context);
DELETE FROM session WHERE id NOT IN (SELECT session FROM event)
	AND principal NOT IN (SELECT c.principal FROM bulk b JOIN call c ON c.id = b.call);
DELETE FROM stream WHERE id NOT IN (SELECT stream FROM slice) AND id NOT IN (SELECT stream FROM captured)
	AND NOT EXISTS (SELECT 1 FROM event e WHERE e.stream = stream.id);
UPDATE call_day SET events = events + o.n
FROM (SELECT coalesce(c.folded_into, c.id) AS call, o.context AS context,
		(o.time - (o.time % 86400 + 86400) % 86400) / 86400 AS day, count(*) AS n
	FROM shared o JOIN call c ON c.id = o.call
	WHERE o.owner_side = 1 AND o.counted = 0 AND NOT EXISTS (SELECT 1 FROM shared a WHERE a.hash = o.hash AND a.owner_side = 0)
		AND EXISTS (SELECT 1 FROM stream t CROSS JOIN event e ON e.stream = t.id AND e.time = o.time
			JOIN call d ON d.id = e.call
			WHERE t.account = o.account AND e.context = o.context
				AND coalesce(d.folded_into, d.id) = coalesce(c.folded_into, c.id))
	GROUP BY 1, 2, 3) o
WHERE call_day.call = o.call AND call_day.context = o.context AND call_day.day = o.day;
UPDATE shared SET counted = 1
WHERE owner_side = 1 AND counted = 0 AND NOT EXISTS (SELECT 1 FROM shared a WHERE a.hash = shared.hash AND a.owner_side = 0)
	AND EXISTS (SELECT 1 FROM stream t CROSS JOIN event e ON e.stream = t.id AND e.time = shared.time
		JOIN call d ON d.id = e.call JOIN call c ON c.id = shared.call
		WHERE t.account = shared.account AND e.context = shared.context
			AND coalesce(d.folded_into, d.id) = coalesce(c.folded_into, c.id));
DELETE FROM owner WHERE call NOT IN (SELECT coalesce(c.folded_into, c.id) FROM bulk b JOIN call c ON c.id = b.call);
INSERT OR IGNORE INTO shared_new (hash) SELECT hash FROM shared;
UPDATE principal SET same_as = NULL;
DELETE FROM principal WHERE id NOT IN (SELECT principal FROM call UNION SELECT principal FROM session)
	AND id NOT IN (SELECT issuer FROM key_owner WHERE issuer IS NOT NULL) AND arn NOT IN (SELECT principal FROM key_owner)
	AND arn NOT IN (SELECT arn FROM iam_name);

-- name: prune-principal-arns
-- Which principals tell the name of something in IAM?
-- Inputs: none
-- Rows: (arn), by arn
SELECT arn FROM principal WHERE path_unknown = 0 AND instr(arn, ':iam:') ORDER BY arn

-- name: prune-fold-count
-- Counts a call with its group.
-- Inputs: hash BLOB
-- Rows: none
INSERT INTO temp.fold_count (hash, calls) VALUES (:hash, 1) ON CONFLICT (hash) DO UPDATE SET calls = calls + 1

-- name: prune-folds
-- Notes how many calls are left of each group. A script.
-- Inputs: none
-- Rows: none
DELETE FROM fold WHERE hash NOT IN (SELECT hash FROM temp.fold_count);
UPDATE fold SET calls = (SELECT c.calls FROM temp.fold_count c WHERE c.hash = fold.hash);
