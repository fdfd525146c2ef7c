-- Sessions: who acted as each principal, by access key, session name and source identity.
-- Inputs: principal (glob).
-- Columns: principal, session, access_key, source_identity, issuer_id, assumed_by, events, first, last. Ordered by the first six.
-- Needs single events.
-- Reads: sessions.
SELECT p.arn AS principal,
	coalesce(n.name, (SELECT min(k.session) FROM key_owner k WHERE k.access_key = n.access_key AND k.origin = 2)) AS session,
	n.access_key AS access_key, n.source_identity AS source_identity,
	n.issuer_id AS issuer_id,
	(SELECT min(coalesce(b.arn, a.arn)) FROM key_owner k JOIN principal a ON a.id = k.issuer
	LEFT JOIN principal b ON b.id = a.same_as WHERE k.access_key = n.access_key AND k.origin = 2) AS assumed_by,
	sum(e.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(e.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(e.last), 'unixepoch') AS last
FROM temp.session_use e
JOIN session n ON n.id = e.session
JOIN principal q ON q.id = n.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
WHERE :principal IS NULL OR principal_is(:principal, p.arn)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6
