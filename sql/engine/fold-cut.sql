-- fold-cut.sql: requestparameters with the name cut behind a directory, and without the values that no permission is given
-- on; what ingest takes for no value stays.
coalesce('{' || @joined(@each(@members(requestparameters), @quoted(@name()) || ':' || CASE WHEN @name() IN @{place_members} THEN @value()
				WHEN @name() IN @{name_members} THEN '"' || @{cut} || '"'
				WHEN lower(@name()) IN ('x-amz-copy-source', 'copysource') THEN
					CASE WHEN @match(@value(), '^"/?[^/"\\]+/[^"\\]*"$') AND @bytes(@value()) <= @{longest}
					THEN @group(@value(), @{copy_directories}) || '"' ELSE @value() END
				WHEN @match(@value(), '^[{[]') OR @match(@value(), @{hidden_json}) OR @bytes(@value()) > @{longest} THEN @value()
				ELSE '"x"' END)) || '}', requestparameters)
