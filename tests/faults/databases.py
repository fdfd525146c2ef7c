"""databases.py PROGRAM SCRATCH TRAIL N - what somebody altered: N databases with bytes, pages, values, texts
or tables of others. Every command that reads one ends by itself with a status of its own, whatever it says."""
import os
import random
import shutil
import sqlite3
import subprocess
import sys

PROGRAM, SCRATCH, TRAIL, N = os.path.abspath(sys.argv[1]), sys.argv[2], os.path.abspath(sys.argv[3]), int(sys.argv[4])
os.chdir(SCRATCH)
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
COMMANDS = [["policy", "--all"], ["policy", "--principal", "role/orders-api"], ["explain", "--principal", "role/orders-api"],
            ["verify", "--principal", "role/orders-api", "p.json"], ["diff", "--principal", "role/orders-api", "p.json"],
            ["query", "export", "--json"], ["query", "sessions"], ["query", "timeline"], ["query", "coverage"], ["principals"],
            ["report", "--format", "markdown", "-o", "r.md"], ["backtest", "--all"], ["ingest", TRAIL]]
VALUES = [None, -1, 0, 1, 2 ** 31, 2 ** 62, -2 ** 63, 1e300, float("inf"), "", "x", "\x00a", "a" * 70000, b"", b"\xff" * 16, b"\x00" * 3,
          "arn:aws:iam::1:role/\u202e", "{\"a\":", "[" * 3000, "%s%n", "../../x", "*"]


def some_bytes(rnd, data):
    for _ in range(rnd.randrange(1, 20)):
        data[rnd.randrange(len(data))] = rnd.randrange(256)


def a_page(rnd, data):
    size = 8192
    a, b = rnd.randrange(len(data) // size) * size, rnd.randrange(len(data) // size) * size
    data[a:a + size] = data[b:b + size] if rnd.randrange(2) else bytes(size)


def an_end(rnd, data):
    del data[rnd.randrange(len(data)):]


def the_header(rnd, data):
    data[rnd.randrange(100)] = rnd.randrange(256)


def alter_bytes(rnd):
    data = bytearray(open("whole.db", "rb").read())
    rnd.choice([some_bytes, some_bytes, a_page, an_end, the_header])(rnd, data)
    with open("t.db", "wb") as f:
        f.write(data)


def alter_rows(rnd):
    shutil.copyfile("whole.db", "t.db")
    db = sqlite3.connect("t.db")
    tables = [t for t, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
    for _ in range(rnd.randrange(1, 4)):
        table = rnd.choice(tables)
        columns = [c[1] for c in db.execute("PRAGMA table_info(%s)" % table)]
        where = rnd.choice(["", " WHERE rowid % 3 = 0", " WHERE rowid = 1"])
        try:
            if rnd.randrange(4) == 0:
                db.execute("DELETE FROM %s%s" % (table, where))
            else:
                db.execute("UPDATE OR REPLACE %s SET %s = ?%s" % (table, rnd.choice(columns), where), (rnd.choice(VALUES),))
        except sqlite3.Error:
            pass  # what the schema itself forbids
    db.commit()
    db.close()


def never_ends(columns):
    return "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT %s FROM c" % ", ".join("x AS " + c for c in columns)


def alter_schema(rnd):
    """Another version, another table, view or index in the place of ours."""
    shutil.copyfile("whole.db", "t.db")
    db = sqlite3.connect("t.db", isolation_level=None)
    kind, name = rnd.choice(db.execute("SELECT type, name FROM sqlite_master WHERE type <> 'index' ORDER BY name").fetchall())
    columns = [c[1] for c in db.execute("PRAGMA table_info(%s)" % name)]
    db.executescript(rnd.choice([
        "PRAGMA user_version = %d" % rnd.choice([-1, -2 ** 31, 0, 1, 2, 4, 2 ** 31 - 1]),
        "DROP %s %s; CREATE VIEW %s AS %s" % (kind, name, name, never_ends(columns)),
        "DROP %s %s; CREATE TABLE %s (%s)" % (kind, name, name, ", ".join(columns)),
        "DROP %s %s" % (kind, name),
    ] + ["ALTER TABLE %s ADD COLUMN more AS (printf('%%.1000000c', 'x'))" % name,
         "CREATE INDEX slow ON %s (printf('%%.1000000c', 'x'))" % name,
         "CREATE TRIGGER slow AFTER INSERT ON %s BEGIN INSERT INTO meta %s; END" % (name, never_ends(["k", "v"]))] * (kind == "table")))
    db.close()


def main():
    rnd, wrong, told = random.Random(11), [], 0
    with open("p.json", "w") as f:
        f.write(POLICY)
    subprocess.run([PROGRAM, "ingest", "--db", "whole.db", TRAIL], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for n in range(N):
        [alter_bytes, alter_rows, alter_schema][n % 3](rnd)
        os.chmod("t.db", 0o600)
        for command in rnd.sample(COMMANDS[:-1], 3) + COMMANDS[-1:]:
            try:
                p = subprocess.run([PROGRAM, *command, "--db", "t.db"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
                status, err = p.returncode, p.stderr
            except subprocess.TimeoutExpired:
                status, err = "no end", b""
            told += status == 3
            if status not in (0, 1, 2, 3) or b"Sanitizer" in err or b"runtime error" in err:
                wrong.append((n, command, status, err[-1500:].decode("utf-8", "replace")))
        for name in os.listdir("."):
            if name.startswith("t.db"):
                os.remove(name)
    well = not wrong and told > N // 10
    print("%s 1 - %d altered databases, four commands each; %d times refused" % ("ok" if well else "not ok", N, told))
    for row in wrong[:5]:
        print("# " + repr(row).replace("\\n", "\n# "))
    print("1..1")
    return not well


sys.exit(main())
