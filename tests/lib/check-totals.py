"""check-totals.py FILE... - whether the sums in a database are those of its days: what is wrong, a line each."""
import sqlite3
import sys

ROWS = "FROM call_day d JOIN call c ON c.id = d.call WHERE "
SUMS = {
    "total_day": "SELECT c.principal, c.source, d.day, sum(d.events), sum(d.events * (c.kind = 1)), sum(d.events * (c.management = 1)), "
                 "sum(d.events * (c.management = 2)), sum(d.events * (c.outcome = 3)), sum(d.events * (c.outcome = 2)), "
                 "min(d.first), max(d.last) " + ROWS + "d.events > 0 GROUP BY 1, 2, 3",
    "total_context": "SELECT c.principal, d.context, sum(d.events), min(d.first), max(d.last) " + ROWS
                     + "d.events > 0 AND c.kind = 1 GROUP BY 1, 2",
    "total_uncounted": "SELECT DISTINCT c.principal " + ROWS + "d.events <= 0",
}
for name in sys.argv[1:]:
    db = sqlite3.connect(name)
    for table, sums in SUMS.items():
        want, got = set(db.execute(sums)), set(db.execute("SELECT * FROM " + table))
        for row in sorted(want ^ got, key=repr):
            print("%s: %s %s %s" % (name, table, "lacks" if row in want else "has", row))
    for state, in db.execute("SELECT value FROM meta WHERE key = 'totals' AND value <> ''"):
        print("%s: the sums are left as of %s" % (name, state))
