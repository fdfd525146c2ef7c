-- How often each call was made in each context on each day, in one total order: equal content gives equal bytes.
-- No inputs. Columns: day, account, region, principal and what it turned out to be, kind, source, name, params, resources, outcome, error, denial,
-- folded, context, owner, access, events, first, last, event_id (of the call's first event). Ordered by all but the last five.
-- Reads: access.
SELECT strftime('%Y-%m-%d', d.day * 86400, 'unixepoch') AS day, c.account AS account, c.region AS region,
	q.arn AS principal, (SELECT arn FROM principal b WHERE b.id = q.same_as) AS same_as,
	c.kind AS kind, c.source AS source, c.name AS name, c.params AS "params:json", c.params_cut AS params_cut,
	c.resources AS "resources:json", c.outcome AS outcome, c.error AS error, c.denied_by AS denied_by,
	c.explicit_deny AS explicit_deny, c.denied_action AS denied_action, c.denied_resource AS denied_resource,
	c.denied_policy AS denied_policy, c.folded AS folded,
	json_array(x.source_network, x.vpc_endpoint, x.mfa, x.tls, x.tls_version, x.invoked_by, x.agent,
		x.session_tags) AS "context:json",
	(SELECT account FROM owner o WHERE o.call = c.id) AS owner,
	CASE WHEN c.kind = 1 THEN coalesce((SELECT status FROM mapped m WHERE m.call = c.id), 1) END AS mapped,
	(SELECT json_group_array(json_array(a.action, a.type, a.resource, a.origin, a.need, a.rule, a.passed_to))
		FROM (SELECT * FROM access WHERE call = c.id ORDER BY n) a) AS "access:json",
	d.events AS events, strftime('%Y-%m-%dT%H:%M:%SZ', d.first, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%SZ', d.last, 'unixepoch') AS last, c.sample_event AS event_id
FROM call_day d
JOIN call c ON c.id = d.call
JOIN principal q ON q.id = c.principal
JOIN context x ON x.id = d.context
WHERE d.events > 0
ORDER BY d.day, c.account, c.region, q.arn, c.source, c.name, c.hash, x.hash
