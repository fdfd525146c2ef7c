-- Whose an access key is, by what was seen and by what responses and the user said. :access_key TEXT.
-- Rows: (id) of principals.
SELECT coalesce(q.same_as, q.id) FROM session s JOIN principal q ON q.id = s.principal
WHERE s.access_key = :access_key
UNION
SELECT coalesce(q.same_as, q.id) FROM key_owner k JOIN principal q ON q.arn = k.principal
WHERE k.access_key = :access_key
UNION
SELECT coalesce(q.same_as, q.id) FROM principal q WHERE q.arn = 'access-key/' || :access_key
ORDER BY 1
