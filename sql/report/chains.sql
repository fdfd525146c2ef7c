-- Role chains: which principal was given a session of which.
-- Inputs: principal (glob, of the principal that was assumed).
-- Columns: assumed_by, principal, sessions, session (the least name). Ordered by the first two.
SELECT coalesce(b.arn, a.arn) AS assumed_by, coalesce(t.arn, q.arn, k.principal) AS principal,
	count(*) AS sessions, min(k.session) AS session
FROM key_owner k
JOIN principal a ON a.id = k.issuer
LEFT JOIN principal b ON b.id = a.same_as
LEFT JOIN principal q ON q.arn = k.principal
LEFT JOIN principal t ON t.id = q.same_as
WHERE k.origin = 2 AND (:principal IS NULL OR principal_is(:principal, coalesce(t.arn, q.arn, k.principal)))
GROUP BY 1, 2
ORDER BY 1, 2
