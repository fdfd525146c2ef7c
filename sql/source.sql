-- The files and objects that were read, and what became of their records.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: source-insert
-- Stores a source whose reading begins.
-- Inputs: name TEXT, content BLOB or NULL, since INTEGER, until INTEGER
-- Rows: none
INSERT INTO source (name, content, since, until, state, reached, records, stored, duplicates, conflicts, ignored,
	skipped)
VALUES (:name, :content, :since, :until, 1, 0, 0, 0, 0, 0, 0, 0)

-- name: source-resume
-- Which unfinished source has this content and window?
-- Inputs: content BLOB, since INTEGER, until INTEGER
-- Rows: at most one, (id)
SELECT id FROM source WHERE content = :content AND since = :since AND until = :until AND state = 1
ORDER BY id LIMIT 1

-- name: source-add
-- Adds what became of a batch to its source.
-- Inputs: reached INTEGER, records INTEGER, stored INTEGER, duplicates INTEGER, conflicts INTEGER, ignored INTEGER, skipped
-- INTEGER, source INTEGER
-- Rows: none
UPDATE source SET reached = max(reached, :reached), records = records + :records, stored = stored + :stored,
	duplicates = duplicates + :duplicates, conflicts = conflicts + :conflicts, ignored = ignored + :ignored,
	skipped = skipped + :skipped
WHERE id = :source

-- name: source-done
-- Marks a source whose end was reached; content NULL leaves it as it is.
-- Inputs: content BLOB or NULL, size INTEGER, format TEXT, damage TEXT, source INTEGER
-- Rows: none
UPDATE source SET state = 2, content = coalesce(:content, content), size = :size, format = :format, damage = :damage
WHERE id = :source

-- name: source-counts
-- What became of a source?
-- Inputs: source INTEGER
-- Rows: at most one, (records, stored, duplicates, conflicts, ignored, skipped)
SELECT records, stored, duplicates, conflicts, ignored, skipped FROM source WHERE id = :source

-- name: source-list
-- Which sources are known by their content? For the decision what to read again.
-- Inputs: none
-- Rows: (content, since, until, state, reached, whole 1: no record of it was outside of the window, or was pruned), by id
SELECT content, since, until, state, reached, NOT EXISTS (
	SELECT 1 FROM source_reason r WHERE r.source = source.id AND r.skipped = 0 AND r.word = 'outside-window')
	AND since < coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'pruned-before'), 9223372036854775807)
FROM source WHERE content IS NOT NULL ORDER BY id

-- name: source-covered
-- Was a record of this time read before from a source of the same content?
-- Inputs: source INTEGER, time INTEGER
-- Rows: one, (any), 0 or 1
SELECT EXISTS (SELECT 1 FROM source s JOIN source o ON o.content = s.content AND o.id <> s.id
	WHERE s.id = :source AND o.state = 2 AND o.since <= :time AND o.until > :time)

-- name: reason-add
-- Adds to a reason of a source; the first record and its text stay.
-- Inputs: source INTEGER, skipped INTEGER, word TEXT, n INTEGER, record INTEGER, sample TEXT
-- Rows: none
INSERT INTO source_reason (source, skipped, word, n, record, sample)
VALUES (:source, :skipped, :word, :n, :record, :sample)
ON CONFLICT (source, skipped, word) DO UPDATE SET n = n + excluded.n

-- name: file-list
-- Which files are known by what their folder says of them?
-- Inputs: none
-- Rows: (device, inode, size, modified, changed, content), by device, inode
SELECT device, inode, size, modified, changed, content FROM file ORDER BY device, inode

-- name: file-set
-- Notes what the folder says of a file that has this content.
-- Inputs: device INTEGER, inode INTEGER, size INTEGER, modified INTEGER, changed INTEGER, content BLOB
-- Rows: none
INSERT OR REPLACE INTO file (device, inode, size, modified, changed, content)
VALUES (:device, :inode, :size, :modified, :changed, :content)
