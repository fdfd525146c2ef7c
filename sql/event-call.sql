-- The call of an event as it now stands. :stream :time INTEGER, :id BLOB. Rows: at most one, (call, context).
SELECT coalesce(c.folded_into, c.id), e.context
FROM event e JOIN call c ON c.id = e.call
WHERE e.stream = :stream AND e.time = :time AND e.id = :id
