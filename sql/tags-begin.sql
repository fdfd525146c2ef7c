-- Forgets the tags that were gathered. Statements; no inputs, no rows.
DELETE FROM temp.session_tags;
DELETE FROM temp.call_tags;
