-- What the calls of temp.used need: each distinct access, outcome, denial and forwarding service of a principal. No inputs.
-- Rows: (arn, action, level, type, resource, origin, need, rule, replaced, passed_to, outcome, denied_by, explicit_deny,
-- via, events, first, last, call, sample, folded), in the order of the first sixteen. call is the one with the smallest sample.
SELECT p.arn, a.action, a.level, a.type, a.resource, a.origin, a.need, a.rule, a.replaced, a.passed_to,
	c.outcome, c.denied_by, c.explicit_deny,
	CASE WHEN x.invoked_by <> 'signin.amazonaws.com' THEN x.invoked_by END AS via,
	sum(u.events), min(u.first), max(u.last), c.id,
	min(printf('%020d', c.sample_time) || hex(c.sample_id)), max(c.folded)
FROM temp.used u
JOIN call c ON c.id = u.call
JOIN principal q ON q.id = c.principal
JOIN principal p ON p.id = coalesce(q.same_as, q.id)
JOIN context x ON x.id = u.context
JOIN access a ON a.call = c.id
WHERE c.kind = 1
	AND NOT EXISTS (SELECT 1 FROM temp.filter f WHERE f.kind = 'action' AND name_glob(f.value, a.action))
	AND NOT EXISTS (SELECT 1 FROM temp.filter f
		WHERE f.kind = 'service' AND name_glob(f.value, substr(a.action, 1, instr(a.action, ':') - 1)))
	-- a role is passed to something: when all of that is left out, so is the passing
	AND (a.action <> 'iam:PassRole' OR EXISTS (SELECT 1 FROM access o WHERE o.call = c.id AND o.action <> 'iam:PassRole'
		AND NOT EXISTS (SELECT 1 FROM temp.filter f
			WHERE f.kind = 'service' AND name_glob(f.value, substr(o.action, 1, instr(o.action, ':') - 1)))))
GROUP BY p.arn, a.action, a.type, a.resource, c.outcome, c.denied_by, c.explicit_deny, via, a.level, a.origin, a.need,
	a.rule, a.replaced, a.passed_to
ORDER BY p.arn, a.action, a.type, a.resource, c.outcome, c.denied_by, c.explicit_deny, via, a.level, a.origin, a.need,
	a.rule, a.replaced, a.passed_to
