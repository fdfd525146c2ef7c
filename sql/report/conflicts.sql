-- Copies of events that do not count: another copy with other content says more.
-- No inputs. Columns: time, account, region, principal, source, name, counted_params, counted_resources, counted_outcome,
-- counted_error, params, resources, outcome, error, context. Ordered by all of them.
-- Needs single events.
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', k.time, 'unixepoch') AS time, t.account AS account, t.region AS region,
	p.arn AS principal, c.source AS source, c.name AS name,
	e.params AS "counted_params:json", e.resources AS "counted_resources:json", ew.word AS counted_outcome,
	e.error AS counted_error, c.params AS "params:json", c.resources AS "resources:json", cw.word AS outcome,
	c.error AS error,
	json_array(x.source_network, x.vpc_endpoint, x.mfa, x.tls, x.tls_version, x.invoked_by, x.agent,
		x.session_tags) AS "context:json"
FROM conflict k
JOIN stream t ON t.id = k.stream
JOIN call c0 ON c0.id = k.call
JOIN call c ON c.id = coalesce(c0.folded_into, c0.id)
JOIN event v ON v.stream = k.stream AND v.time = k.time AND v.id = k.id
JOIN call e0 ON e0.id = v.call
JOIN call e ON e.id = coalesce(e0.folded_into, e0.id)
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN context x ON x.id = k.context
JOIN word cw ON cw.kind = 'outcome' AND cw.id = c.outcome
JOIN word ew ON ew.kind = 'outcome' AND ew.id = e.outcome
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
