-- fold-word.sql: what stands for f: a run of letters and digits, a UUID, or what is between such.
CASE WHEN @match(f, @{uuid}) THEN @mark() WHEN @match(f, @{account}) OR NOT @match(f, '[0-9]') THEN f
				WHEN @match(f, @{hex_id}) OR (@match(f, @{mixed_id}) AND @match(f, @{mixed_digits})) THEN @mark()
				WHEN @{numbers} AND @match(f, '^[A-Za-z0-9]+$') THEN @marked(f, @{number}) ELSE f END
