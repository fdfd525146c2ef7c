-- Every event with all that is known of it, in one total order: equal content gives equal bytes.
-- Captured calls that another record of the same call counts for are left out.
-- No inputs. Columns: time, account, region, id, principal and what it turned out to be, kind, source, name, params, resources, outcome, error, denial,
-- context, session, access. Ordered by time, account, region, whether CloudTrail saw it, id.
-- Reads: access.
-- Needs single events.
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', e.time, 'unixepoch') AS time, t.account AS account, t.region AS region,
	t.cloudtrail AS cloudtrail, hex(e.id) AS id, e.request AS request,
	q.arn AS principal, (SELECT arn FROM principal b WHERE b.id = q.same_as) AS same_as,
	c.kind AS kind, c.source AS source, c.name AS name, c.params AS "params:json", c.params_cut AS params_cut,
	c.resources AS "resources:json", c.outcome AS outcome, c.error AS error, c.denied_by AS denied_by,
	c.explicit_deny AS explicit_deny, c.denied_action AS denied_action, c.denied_resource AS denied_resource,
	c.denied_policy AS denied_policy, c.folded AS folded,
	json_array(x.source_network, x.vpc_endpoint, x.mfa, x.tls, x.tls_version, x.invoked_by, x.agent,
		x.session_tags) AS "context:json",
	json_array(n.access_key, n.name, n.source_identity, n.issuer_id, (SELECT json_group_array(k.tags) FROM key_owner k
		WHERE k.access_key = n.access_key AND k.tags IS NOT NULL)) AS "session:json",
	(SELECT account FROM owner o WHERE o.call = c.id) AS owner,
	CASE WHEN c.kind = 1 THEN coalesce((SELECT status FROM mapped m WHERE m.call = c.id), 1) END AS mapped,
	(SELECT json_group_array(json_array(a.action, a.type, a.resource, a.origin, a.need, a.rule, a.passed_to))
		FROM (SELECT * FROM access WHERE call = c.id ORDER BY n) a) AS "access:json"
FROM event e
JOIN stream t ON t.id = e.stream
JOIN call c0 ON c0.id = e.call
JOIN call c ON c.id = coalesce(c0.folded_into, c0.id)
JOIN principal q ON q.id = c.principal
JOIN context x ON x.id = e.context
JOIN session n ON n.id = e.session
WHERE t.cloudtrail = 1 OR NOT EXISTS (SELECT 1 FROM captured k WHERE k.request = e.request AND k.time = e.time
	AND k.stream = e.stream AND k.id = e.id AND k.counted = 0)
ORDER BY e.time, t.account, t.region, t.cloudtrail, e.id
