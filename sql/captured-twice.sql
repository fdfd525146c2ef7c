-- Calls that monitoring (observer 2) and the proxy (3) both saw: the proxy's counts. No inputs.
-- Rows: (request, time, stream, id) of monitoring's, by these.
SELECT k.request, k.time, k.stream, k.id
FROM captured k
JOIN call a ON a.id = k.call
WHERE k.observer = 2 AND k.counted = 1 AND EXISTS (
	SELECT 1 FROM captured p JOIN call b ON b.id = p.call
	WHERE p.request = k.request AND p.observer = 3 AND p.time BETWEEN k.time - 900 AND k.time + 900
		AND a.source = b.source AND a.name = b.name AND (p.fresh = 1 OR k.fresh = 1))
ORDER BY k.request, k.time, k.stream, k.id
