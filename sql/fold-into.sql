-- A call, and those it stands for, are from now on stood for by another. :call (new) :old INTEGER. No rows.
UPDATE call SET folded_into = :call, params = NULL, resources = NULL WHERE id = :old OR folded_into = :old
