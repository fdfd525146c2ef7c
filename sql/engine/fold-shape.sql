-- fold-shape.sql: of requestparameters, with ids (and numbers) replaced in texts that ingest takes as they are: without
-- escapes and wildcards, and not too long. A host, an ARN's first fields and ARNs of IAM stay.
WHEN f_kind = 1 THEN replace(@concat(@each(@groups(requestparameters, @{json_texts}),
				CASE WHEN @match(e, '^"[^"\\*?]*[0-9][^"\\*?]*"$') AND @bytes(e) <= @{longest}
					AND (NOT @match(e, '://') OR @match(e, '^"(arn:|[A-Za-z0-9+.-]+://)'))
				THEN @concat(@inner(@groups(e, @{words}), @{word})) ELSE e END)), @mark(), '\u0001')
