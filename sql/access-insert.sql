-- One access of a call. One input a column. No rows.
INSERT INTO access (call, n, action, level, type, resource, origin, need, rule, replaced, passed_to)
VALUES (:call, :n, :action, :level, :type, :resource, :origin, :need, :rule, :replaced, :passed_to)
