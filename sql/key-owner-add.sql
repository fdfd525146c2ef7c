-- Whose an access key is. :access_key :principal :session :tags TEXT, :origin :issuer INTEGER. No rows.
-- Several records may tell of one key, an actor's and an owner's log say: whichever comes first, the row ends the same.
-- Tags that do not agree become '', which says nothing; of those who asked for the key, an account says less than who in it
-- did, a bare access key less than its owner, and a key's own principal less than another. :issuer 0 is no one.
INSERT INTO key_owner (access_key, origin, principal, session, tags, issuer)
VALUES (:access_key, :origin, :principal, :session, :tags, nullif(:issuer, 0))
ON CONFLICT (access_key, origin, principal) DO UPDATE SET
	session = CASE WHEN session IS NULL OR excluded.session < session THEN excluded.session ELSE session END,
	tags = CASE WHEN tags IS NULL OR tags = excluded.tags THEN excluded.tags
		WHEN excluded.tags IS NULL THEN tags ELSE '' END,
	issuer = (SELECT p.id FROM principal p WHERE p.id IN (issuer, excluded.issuer)
		ORDER BY p.arn = :principal, p.type IN (9, 11), p.arn LIMIT 1)
WHERE excluded.session IS NOT session OR excluded.tags IS NOT tags OR excluded.issuer IS NOT issuer
