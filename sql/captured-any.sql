-- Are there captured calls? No inputs. Rows: one if so.
SELECT 1 FROM captured LIMIT 1
