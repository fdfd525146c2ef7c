-- The API calls of temp.used, each in each context. :tags INTEGER 1: with what was gathered of session tags
-- (sql/tags-calls.sql), a call and context once for each row there.
-- Rows: the columns of sql/call-get.sql, then (status, events, first, last, source_network, vpc_endpoint, mfa, tls,
-- tls_version, invoked_by, agent, session_tags), by principal, source, name, call and context hash, tags.
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, o.account,
	m.status, coalesce(t.events, u.events), coalesce(t.first, u.first), coalesce(t.last, u.last), x.source_network,
	x.vpc_endpoint, x.mfa, x.tls, x.tls_version, x.invoked_by, x.agent, t.tags
FROM temp.used u
JOIN call c ON c.id = u.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN context x ON x.id = u.context
LEFT JOIN mapped m ON m.call = c.id
LEFT JOIN owner o ON o.call = c.id
LEFT JOIN temp.call_tags t ON :tags AND t.call = u.call AND t.context = u.context
WHERE c.kind = 1
ORDER BY p.arn, c.source, c.name, c.hash, x.hash, t.tags
