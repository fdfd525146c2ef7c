-- The session tags of calls.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: tags-any
-- Are the tags of any session known?
-- Inputs: none
-- Rows: one, (any), 0 or 1
SELECT EXISTS (SELECT 1 FROM key_owner WHERE tags <> '')

-- name: tags-begin
-- Forgets the tags that were gathered. A script.
-- Inputs: none
-- Rows: none
DELETE FROM temp.session_tags;
DELETE FROM temp.call_tags;

-- name: tags-sessions
-- Gathers the tags of sessions whose key is known, where all that is known of the key agrees. keys 1: only those of
-- temp.filter's kind 'tag', in lower case as there, and no tags where a session has none of them.
-- Inputs: keys INTEGER
-- Rows: none
INSERT INTO temp.session_tags (session, tags)
SELECT n.id, CASE WHEN NOT :keys THEN k.tags ELSE
	(SELECT nullif(json_group_object(lower(j.key), j.value), '{}') FROM json_each(k.tags) j
	WHERE lower(j.key) IN (SELECT value FROM temp.filter WHERE kind = 'tag')) END
FROM (SELECT access_key, min(tags) AS tags FROM key_owner WHERE tags IS NOT NULL
	GROUP BY access_key HAVING min(tags) = max(tags) AND json_valid(min(tags))) k
JOIN session n ON n.access_key = k.access_key

-- name: tags-calls
-- Gathers for each call and context the tags that its events' sessions have in common; or, with keys 1, each of their
-- combinations with the events, those of sessions of which nothing is known with NULL: so those of days that are held as
-- counts. Only of principals that any tagged
-- session is of, with principals 1 of those of temp.filter. since <= time < until, in seconds.
-- Inputs: principals INTEGER, keys INTEGER, since INTEGER, until INTEGER
-- Rows: none
INSERT INTO temp.call_tags (call, context, tags, events, first, last)
WITH theirs AS MATERIALIZED (
	SELECT d.id AS id FROM principal p JOIN call d ON d.principal = p.id
	WHERE p.id IN (SELECT a.principal FROM temp.session_tags b JOIN session a ON a.id = b.session)
		AND (NOT :principals OR coalesce(p.same_as, p.id) IN
			(SELECT value FROM temp.filter WHERE kind = 'principal'))
)
SELECT call, context, tags_common(tags), CASE WHEN part IS NOT NULL THEN sum(events) END,
	CASE WHEN part IS NOT NULL THEN min(first) END, CASE WHEN part IS NOT NULL THEN max(last) END
FROM (SELECT coalesce(c.folded_into, c.id) AS call, g.context AS context, t.tags AS tags,
		g.events AS events, g.first AS first, g.last AS last, CASE WHEN :keys THEN coalesce(t.tags, '') END AS part
	FROM (SELECT e.call AS call, e.context AS context, e.session AS session, count(*) AS events,
			min(e.time) AS first, max(e.time) AS last
		FROM stream s
		CROSS JOIN event e ON e.stream = s.id
		WHERE e.call IN (SELECT id FROM theirs)
			AND e.time >= :since AND e.time < :until
			AND (s.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request
				AND k.time = e.time AND k.stream = e.stream AND k.id = e.id AND k.counted = 0))
		GROUP BY e.call, e.context, e.session
		UNION ALL
		SELECT b.call, b.context, NULL, sum(b.events), min(b.first), max(b.last)
		FROM bulk b
		WHERE b.call IN (SELECT id FROM theirs) AND b.first >= :since AND b.last < :until
		GROUP BY b.call, b.context) g
	JOIN call c ON c.id = g.call
	LEFT JOIN session n ON n.id = g.session
	LEFT JOIN temp.session_tags t ON t.session = g.session
	WHERE NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'session' AND name_glob(f.value, n.name))
		AND (NOT EXISTS (SELECT 1 FROM temp.filter WHERE kind = 'only-session')
		OR EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'only-session' AND name_glob(f.value, n.name))))
GROUP BY call, context, part
HAVING part IS NOT NULL OR tags_common(tags) IS NOT NULL
