-- The times between which there are events. No inputs. Rows: one, (first, last), NULL if there are no events.
SELECT min((SELECT min(time) FROM event WHERE stream = s.id)), max((SELECT max(time) FROM event WHERE stream = s.id))
FROM stream s
