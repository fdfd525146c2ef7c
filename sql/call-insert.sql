-- A new call. One input a column. No rows.
INSERT INTO call (hash, principal, kind, source, name, region, account, params, params_cut, resources, outcome,
	error, denied_by, explicit_deny, denied_action, denied_resource, denied_policy, read_only, management,
	owner_side, folded, sample_time, sample_id, sample_event, sample_source, sample_ordinal)
VALUES (:hash, :principal, :kind, :source, :name, :region, :account, :params, :params_cut, :resources, :outcome,
	:error, :denied_by, :explicit_deny, :denied_action, :denied_resource, :denied_policy, :read_only, :management,
	:owner_side, :folded, :sample_time, :sample_id, :sample_event, :sample_source, :sample_ordinal)
