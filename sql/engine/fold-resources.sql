-- fold-resources.sql: the same of the ARNs in resources.
WHEN f_kind = 1 AND @position(upper(resources), '"ARNPREFIX"') = 0 THEN replace(@concat(@each(@groups(resources, @{json_texts}),
				CASE WHEN @match(e, '^"arn:[^"\\*?]*[0-9][^"\\*?]*"$') AND @bytes(e) <= @{longest}
				THEN @concat(@inner(@groups(e, @{words}), @{word})) ELSE e END)), @mark(), '\u0001')
