-- A source whose end was reached. :source :size INTEGER, :content BLOB or NULL (as it is), :format :damage TEXT. No rows.
UPDATE source SET state = 2, content = coalesce(:content, content), size = :size, format = :format, damage = :damage
WHERE id = :source
