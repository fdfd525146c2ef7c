-- fold-message.sql: the same of the resource that a message names, up to the first blank in it.
WHEN f_kind = 1 AND @match(errormessage, '(?s)^[^*?]* on resource: [^*?]*$') AND @position(errormessage, '://') = 0
				THEN @concat(@inner(@groups(errormessage, @{message_words}), @{word}))
