-- When the captured calls that are to be looked for were made. No inputs. Rows: one, (first, last), NULL if there are none.
SELECT min(time), max(time) FROM captured WHERE fresh = 1
