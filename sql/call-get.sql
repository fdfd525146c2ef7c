-- One call with its principal. :call INTEGER.
-- Rows: one, its columns in the order in which the store reads a call.
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, o.account
FROM call c
JOIN principal p0 ON p0.id = c.principal
JOIN principal p ON p.id = coalesce(p0.same_as, p0.id)
LEFT JOIN owner o ON o.call = c.id
WHERE c.id = :call AND c.folded_into IS NULL
