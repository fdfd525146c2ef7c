-- One condition: 'principal' (id), 'account', 'agent', 'service', 'session', 'action' (glob),
-- 'tag' (key, in lower case). :kind TEXT, :value. No rows.
INSERT OR IGNORE INTO temp.filter (kind, value) VALUES (:kind, :value)
