-- Every source whose content is known, for the decision what to read again. No inputs.
-- Rows: (content, since, until, state, reached), by id.
SELECT content, since, until, state, reached FROM source WHERE content IS NOT NULL ORDER BY id
