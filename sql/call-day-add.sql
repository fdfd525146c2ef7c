-- Adds to the count of a call, context and day. :call :context :day :events :first :last INTEGER. No rows.
INSERT INTO call_day (call, context, day, events, first, last)
VALUES (:call, :context, :day, :events, :first, :last)
ON CONFLICT (call, context, day) DO UPDATE SET
	events = events + excluded.events,
	first = min(first, excluded.first),
	last = max(last, excluded.last)
