-- What the database says of itself.
-- A section is a statement (or a script, of several): its name, what it answers or does, its inputs with their types, its
-- rows with their total order. The build makes an enum of the names and one of the inputs (src/store/embed-sql.awk).

-- name: meta-get
-- What is known under this key?
-- Inputs: key TEXT
-- Rows: at most one, (value)
SELECT value FROM meta WHERE key = :key

-- name: meta-set
-- Stores a value under a key.
-- Inputs: key TEXT, value TEXT
-- Rows: none
INSERT OR REPLACE INTO meta (key, value) VALUES (:key, :value)

-- name: meta-schema
-- What tables, indexes, views and triggers are there?
-- Inputs: none
-- Rows: (type, name, table, SQL text) by name
SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name, type
