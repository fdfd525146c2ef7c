-- What the calls are known by. No inputs. Rows: (hash).
SELECT hash FROM call
