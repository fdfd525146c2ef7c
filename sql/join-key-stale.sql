-- The calls of access keys whose principal has become known. No inputs, no rows.
INSERT OR IGNORE INTO stale (call)
SELECT c.id FROM principal_key b
JOIN principal p ON p.id = b.principal
JOIN call c ON c.principal = p.id
WHERE b.better IS NOT p.same_as AND c.kind = 1
