-- Captured calls that CloudTrail recorded too: equal request id, source and name within 15 minutes.
-- :low :high INTEGER, times of the records to look at.
-- Rows: (request, time, stream, id of the captured one; stream, time, id of CloudTrail's), by these.
SELECT k.request, k.time, k.stream, k.id, e.stream, e.time, e.id
FROM stream t
CROSS JOIN event e ON e.stream = t.id
JOIN captured k ON k.request = e.request AND k.fresh = 1 AND k.time BETWEEN e.time - 900 AND e.time + 900
JOIN call a ON a.id = k.call
JOIN call b ON b.id = e.call
WHERE t.cloudtrail = 1 AND e.time BETWEEN :low AND :high AND e.request <> 0
	AND a.source = b.source AND a.name = b.name
ORDER BY k.request, k.time, k.stream, k.id, e.stream, e.time, e.id
