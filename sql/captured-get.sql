-- One captured call. :request :time :stream INTEGER, :id BLOB.
-- Rows: one, (call, context, counted, event), call as it now stands.
SELECT coalesce(c.folded_into, c.id), k.context, k.counted, k.event
FROM captured k JOIN call c ON c.id = k.call
WHERE k.request = :request AND k.time = :time AND k.stream = :stream AND k.id = :id
