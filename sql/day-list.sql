-- Days of temp.used with the accesses that were new on each. :from :to INTEGER days.
-- Rows: (day, events, new accesses), by day.
WITH day AS (
	SELECT d.day AS day, sum(d.events) AS events
	FROM temp.used u JOIN call_day d ON d.call = u.call AND d.context = u.context
	WHERE d.day BETWEEN :from AND :to AND d.events > 0
	GROUP BY d.day
), new AS (
	SELECT day, count(*) AS n FROM (
		SELECT min(d.day) AS day
		FROM temp.used u
		JOIN call_day d ON d.call = u.call AND d.context = u.context AND d.day BETWEEN :from AND :to
		JOIN access a ON a.call = u.call
		WHERE d.events > 0
		GROUP BY a.action, a.resource)
	GROUP BY day
)
SELECT day.day, day.events, coalesce(new.n, 0) FROM day LEFT JOIN new ON new.day = day.day ORDER BY day.day
