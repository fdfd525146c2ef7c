-- The unfinished source with this content and window. :content BLOB, :since :until INTEGER. Rows: (id).
SELECT id FROM source WHERE content = :content AND since = :since AND until = :until AND state = 1
ORDER BY id LIMIT 1
