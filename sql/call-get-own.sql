-- One call as it was stored, with the principal that its event named. :call INTEGER.
-- Rows: one, as sql/call-get.sql, then (owner_side, sample_time, sample_id, sample_event, sample_source, sample_ordinal).
SELECT c.id, p.arn, p.type, p.account, p.editable, p.permission_set, p.path_unknown,
	c.kind, c.source, c.name, c.region, c.account, c.params, c.params_cut, c.resources, c.outcome, c.error,
	c.denied_by, c.explicit_deny, c.denied_action, c.denied_resource, c.denied_policy, c.read_only, c.management,
	c.folded, NULL, c.owner_side, c.sample_time, c.sample_id, c.sample_event, c.sample_source, c.sample_ordinal
FROM call c
JOIN principal p ON p.id = c.principal
WHERE c.id = :call
