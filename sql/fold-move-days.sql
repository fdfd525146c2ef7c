-- The counts of a call go to the one that stands for it. :call (new) :old INTEGER. No rows.
INSERT INTO call_day (call, context, day, events, first, last)
SELECT :call, context, day, events, first, last FROM call_day WHERE call = :old
ON CONFLICT (call, context, day) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)
