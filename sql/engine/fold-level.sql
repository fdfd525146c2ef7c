-- fold-level.sql: the three texts that have names, at one level.
CASE WHEN f_requests <= @{most} THEN requestparameters WHEN f_kind = 2 THEN @{cut_parameters} @{else_shape}
			ELSE requestparameters END AS f_parameters_@{level},
		CASE WHEN f_requests <= @{most} THEN resources WHEN f_kind = 2
				THEN replace(resources, f_before || f_name || '"', f_before || @{cut} || '"') @{else_resources}
			ELSE resources END AS f_resources_@{level},
		CASE WHEN f_requests <= @{most} OR @bytes(errormessage) >= @{message_cut} THEN errormessage WHEN f_kind = 2
				THEN @group(replace(replace(errormessage || ' ', f_before || f_name || '" ', f_before || @{cut} || '" '),
					f_before || f_name || ' ', f_before || @{cut} || ' '), '(?s)^(.*) $') @{else_message}
			ELSE errormessage END AS f_message_@{level}
