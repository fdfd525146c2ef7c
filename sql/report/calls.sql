-- Distinct API calls with their identifying parameters.
-- Inputs: principal (glob).
-- Columns: principal, source, name, region, account, params, outcome, error, events, first, last, event_id. Ordered by the
-- first eight.
SELECT p.arn AS principal, c.source AS source, c.name AS name, c.region AS region, c.account AS account,
	c.params AS "params:json", w.word AS outcome, c.error AS error, sum(d.events) AS events,
	strftime('%Y-%m-%dT%H:%M:%SZ', min(d.first), 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', max(d.last), 'unixepoch') AS last,
	c.sample_event AS event_id
FROM call_day d
JOIN call c ON c.id = d.call AND c.kind = 1
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN word w ON w.kind = 'outcome' AND w.id = c.outcome
WHERE d.events > 0 AND (:principal IS NULL OR principal_is(:principal, p.arn))
GROUP BY c.id
ORDER BY p.arn, c.source, c.name, c.region, c.account, c.params, w.word, c.error, c.hash
