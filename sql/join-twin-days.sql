-- An owner's copy of an event counts once with the actor's: taken out of the counts. No inputs, no rows.
UPDATE call_day SET events = events - t.n
FROM (SELECT call, context, day, count(*) AS n FROM shared_twin GROUP BY call, context, day) t
WHERE call_day.call = t.call AND call_day.context = t.context AND call_day.day = t.day
