-- The calls to derive, some at a time. No inputs. Rows: (call).
SELECT call FROM stale ORDER BY call LIMIT 10000
