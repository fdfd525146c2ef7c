-- reduce.sql: counts equal calls of one UTC day in a query engine; the rows are iamreplay-reduced(5).
-- A word with @ and parentheses is spelled as the engine wants it (reduce/dialect.c): @match(text, pattern) whether a
-- pattern is found, @group(text, pattern) the text of its first parentheses, @groups all of them, @members the members of
-- an object as a list, whose elements are called by @name() and @value() in @filter and @each. @{name} is put in by
-- reduce/statement.c: columns, sources, and the words that ingest itself decides by.
WITH recorded AS (
	@{recorded}
),
told AS (
	SELECT *,
		CASE WHEN r_useridentity_type IN ('AWSService', 'AWSAccount', 'IdentityCenterUser', 'SAMLUser', 'WebIdentityUser', 'Directory')
				OR r_useridentity_arn LIKE '%/HIDDEN_DUE_TO_SECURITY_REASONS' THEN 0
			WHEN @match(r_useridentity_arn, '^arn:[^:]+:iam::[0-9]{12}:(root$|role/.|user/.)') THEN 1
			WHEN @match(r_useridentity_arn, '^arn:[^:]+:sts::[0-9]{12}:(assumed-role|federated-user)/[^/]') THEN 1
			ELSE 0 END AS named,
		CASE WHEN @match(r_useridentity_arn, '^arn:[^:]+:sts::[0-9]{12}:assumed-role/[^/]')
			THEN @group(r_useridentity_arn, '^([^/]*/[^/]*)') ELSE r_useridentity_arn END AS sessionless_arn,
		CASE WHEN r_errormessage = '' THEN ''
			@{before_refusal}
			ELSE '' END AS before_refusal
	FROM recorded
	WHERE @{wanted}
		AND r_eventsource <> '' AND r_eventname <> '' AND r_eventtype <> 'AwsCloudTrailInsight'
),
refused AS (
	SELECT *,
		CASE WHEN before_refusal = '' THEN ''
			WHEN @match(before_refusal, '(^| )arn:[^: ]+:sts::[0-9]{12}:assumed-role/[^ ]+( (is|are))? *$')
			THEN @group(before_refusal, '(?:^| )(arn:[^: ]+:sts::[0-9]{12}:assumed-role/[^/ ]+)[^ ]*(?: (?:is|are))? *$') || ' is '
			ELSE CASE WHEN @match(before_refusal, 'User: [^ ]+( (is|are))? *$') THEN 'User: ' ELSE '' END
				|| @group(before_refusal, '([^ ]+)(?: (?:is|are))? *$') || ' is ' END AS who_refused
	FROM told
),
kept AS (
	SELECT r_eventtime AS e_time, r_eventid AS e_id, r_sharedeventid AS e_shared,@{folding_caller}
		CASE WHEN r_sessionissuer_arn LIKE 'arn:%:role/%' AND named = 1 THEN r_sessionissuer_arn
			WHEN named = 1 THEN sessionless_arn
			ELSE r_useridentity_type || '/' || r_useridentity_accountid || '/' || r_useridentity_principalid || '/'
				|| r_useridentity_username || '/' || r_useridentity_invokedby END AS caller,
		CASE WHEN named = 1 THEN @group(r_useridentity_arn, '^arn:[^:]*:[^:]*::([0-9]{12}):')
			WHEN r_useridentity_type = 'AWSService' OR (r_useridentity_type = '' AND r_useridentity_invokedby <> '') THEN ''
			ELSE @group(r_useridentity_accountid, '^([0-9]{12})$') END AS caller_account,
		CASE WHEN r_eventtype = '' THEN r_eventversion ELSE '' END AS eventversion,
		r_eventtype AS eventtype, r_eventsource AS eventsource, r_eventname AS eventname, r_awsregion AS awsregion,
		r_recipientaccountid AS recipientaccountid, r_readonly AS readonly, r_managementevent AS managementevent,
		r_useridentity_type AS useridentity_type,
		CASE WHEN @{sessions} THEN r_useridentity_arn ELSE sessionless_arn END AS useridentity_arn,
		CASE WHEN @{sessions} THEN r_useridentity_principalid WHEN named = 1 THEN ''
			WHEN r_useridentity_principalid LIKE 'AROA%:%' THEN @group(r_useridentity_principalid, '^([^:]*)')
			ELSE r_useridentity_principalid END AS useridentity_principalid,
		r_useridentity_accountid AS useridentity_accountid,
		CASE WHEN @{sessions} OR named = 0 OR r_useridentity_accesskeyid LIKE 'AKIA%'
			THEN r_useridentity_accesskeyid ELSE '' END AS useridentity_accesskeyid,
		CASE WHEN named = 1 THEN '' ELSE r_useridentity_username END AS useridentity_username,
		r_useridentity_invokedby AS useridentity_invokedby,
		r_useridentity_identityprovider AS useridentity_identityprovider,
		r_sessionissuer_principalid AS sessionissuer_principalid, r_sessionissuer_arn AS sessionissuer_arn,
		r_sessionissuer_accountid AS sessionissuer_accountid, r_sessionissuer_username AS sessionissuer_username,
		CASE WHEN @{sessions} THEN r_session_sourceidentity ELSE '' END AS session_sourceidentity,
		r_session_mfaauthenticated AS session_mfaauthenticated,
		r_onbehalfof_userid AS onbehalfof_userid, r_onbehalfof_identitystorearn AS onbehalfof_identitystorearn,
		CASE WHEN @match(r_sourceipaddress, '^([0-9a-fA-F]{1,4}:){4}[0-9a-fA-F:.]*$')
			THEN @group(r_sourceipaddress, '^(([0-9a-fA-F]{1,4}:){4})') || ':' ELSE r_sourceipaddress END AS sourceipaddress,
		CASE WHEN r_useragent = '' THEN ''
			WHEN r_useragent = 'AWS Internal' THEN r_useragent
			WHEN @match(r_useragent, '^.{0,128}[.]amazonaws[.]com([.]cn)?$') AND @bytes(r_useragent) <= 128 THEN
				CASE WHEN r_useragent LIKE 'console.%' OR r_useragent LIKE 'signin.%' THEN 'console'
				WHEN r_useragent = r_sourceipaddress THEN r_useragent ELSE 'other' END
			@{agents}
			ELSE 'other' END AS useragent,
		r_vpcendpointid AS vpcendpointid, r_tlsversion AS tlsversion, r_errorcode AS errorcode,
		CASE WHEN r_errormessage = '' THEN ''
			@{messages}
			ELSE 'x' END AS errormessage,
		CASE WHEN r_requestparameters LIKE '{%' THEN coalesce('{' || @joined(@each(@filter(@members(r_requestparameters),
				@value() NOT IN ('null', '{}', '[]')
				AND (CASE WHEN @value() LIKE '{%' OR @value() LIKE '[%' THEN CASE WHEN @match(@name(), @{closed}) THEN 0 ELSE 1 END
					WHEN @match(@name(), @{asked}) OR @match(@name(), @{marks}) THEN 1
					WHEN @match(@name(), @{naming}) AND NOT @match(@name(), @{never}) THEN 1 ELSE 0 END) = 1),
				@quoted(@name()) || ':' || CASE WHEN @value() LIKE '{%' OR @value() LIKE '[%'
					THEN CASE WHEN @match(@name(), @{presence}) THEN '[0]' ELSE @value() END
					WHEN @match(@name(), @{marks}) AND NOT (@match(@name(), @{naming}) AND NOT @match(@name(), @{never}))
					THEN '"x"' ELSE @value() END)) || '}', r_requestparameters)
			ELSE r_requestparameters END AS requestparameters,
		r_resources AS resources,
		CASE WHEN r_responseelements NOT LIKE '{%' THEN ''
			WHEN r_eventtype = 'AwsConsoleSignIn'
				THEN CASE WHEN @position(r_responseelements, '"Failure"') > 0 THEN '{"ConsoleLogin":"Failure"}' ELSE '' END
			WHEN r_errorcode = '' AND r_errormessage = '' AND @match(r_responseelements, '(?i)"(error|errorcode|errormessage|__type)"')
				THEN coalesce('{' || @joined(@each(@filter(@members(r_responseelements),
					lower(@name()) IN ('error', 'errorcode', 'errormessage', '__type')), @quoted(@name()) || ':' || @value())) || '}', '')
			WHEN @{response_tells}
				THEN coalesce('{' || @joined(@each(@filter(@members(r_responseelements),
					lower(@name()) IN @{response_members}), @quoted(@name()) || ':' || @value())) || '}', '')
			WHEN r_eventsource = 'iam.amazonaws.com' AND r_eventname = 'CreateAccessKey'
				THEN '{"accessKey":{"accessKeyId":"' || @group(r_responseelements, '"accessKeyId" *: *"([A-Z0-9]+)"')
					|| '","userName":"' || @group(r_responseelements, '"userName" *: *"([^"\\]*)"') || '"}}'
			WHEN r_eventsource = 'iam.amazonaws.com' AND @match(r_responseelements, '(?i)"arn" *: *"arn:[^":]*:iam:[^"\\]*"')
				THEN '{"arns":[' || @joined(@each(@groups(r_responseelements, '(?i)"arn" *: *"(arn:[^":]*:iam:[^"\\]*)"'),
					'{"arn":"' || e || '"}')) || ']}'
			WHEN @{sessions} AND r_eventsource = 'sts.amazonaws.com' AND @match(r_responseelements, '"accessKeyId" *: *"[A-Z0-9]+"')
				THEN '{"credentials":{"accessKeyId":"' || @group(r_responseelements, '"accessKeyId" *: *"([A-Z0-9]+)"')
					|| '"},"assumedRoleUser":{"arn":"' || @group(r_responseelements, '"arn" *: *"(arn:[^"\\]*)"') || '"}}'
			ELSE '' END AS responseelements
	FROM refused
),
copies AS (
	SELECT *,
		CASE WHEN e_id = '' THEN 1 ELSE row_number() OVER (
			PARTITION BY e_id, e_time, recipientaccountid, awsregion, eventsource, eventname, caller
			ORDER BY length(requestparameters) DESC, length(resources) DESC, length(errorcode) + length(errormessage) DESC,
				requestparameters DESC, resources DESC, errorcode DESC, errormessage DESC, @{columns_descending}) END AS e_copy,
		max(CASE WHEN caller_account = '' OR recipientaccountid IN ('', caller_account) THEN caller ELSE '' END) OVER (
			PARTITION BY CASE WHEN e_shared = '' THEN e_id ELSE e_shared END) AS e_actor,
		min(CASE WHEN e_shared <> '' AND caller_account <> '' AND recipientaccountid NOT IN ('', caller_account)
			THEN recipientaccountid ELSE '~' END) OVER (
			PARTITION BY CASE WHEN e_shared = '' THEN e_id ELSE e_shared END) AS e_owner
	FROM kept
),
counted AS (
	SELECT *,
		CASE WHEN e_copy > 1 THEN 0
			WHEN e_shared <> '' AND caller_account <> '' AND recipientaccountid NOT IN ('', caller_account)
				AND e_actor = caller THEN 0
			ELSE 1 END AS e_counts,
		CASE WHEN e_owner NOT IN ('~', recipientaccountid) AND (caller_account = '' OR recipientaccountid IN ('', caller_account)) THEN e_owner ELSE '' END AS owneraccountid
	FROM copies
)@{made}
SELECT 1 AS iamreplay_reduced, count(CASE WHEN e_counts = 1 THEN 1 END) AS events, min(e_time) AS "first", max(e_time) AS "last",
	@least_by(e_id, e_time || e_id) AS eventid, owneraccountid,
	@{columns}@{made_caller}
FROM counted
GROUP BY owneraccountid, @{columns}@{made_caller}@{fold}
