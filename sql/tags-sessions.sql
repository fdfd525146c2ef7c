-- Gathers the tags of sessions whose key is known, where all that is known of the key agrees. :keys INTEGER 1: only those
-- of temp.filter's kind 'tag', in lower case as there, and no tags where a session has none of them. No rows.
INSERT INTO temp.session_tags (session, tags)
SELECT n.id, CASE WHEN NOT :keys THEN k.tags ELSE
	(SELECT nullif(json_group_object(lower(j.key), j.value), '{}') FROM json_each(k.tags) j
	WHERE lower(j.key) IN (SELECT value FROM temp.filter WHERE kind = 'tag')) END
FROM (SELECT access_key, min(tags) AS tags FROM key_owner WHERE tags IS NOT NULL
	GROUP BY access_key HAVING min(tags) = max(tags) AND json_valid(min(tags))) k
JOIN session n ON n.access_key = k.access_key
