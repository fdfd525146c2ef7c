-- Days on which the calls of temp.used were made. :from :to INTEGER days.
-- Rows: (call, day, events), by call, day.
SELECT d.call, d.day, sum(d.events)
FROM temp.used u JOIN call_day d ON d.call = u.call AND d.context = u.context
WHERE d.day BETWEEN :from AND :to AND d.events > 0
GROUP BY d.call, d.day
ORDER BY d.call, d.day
