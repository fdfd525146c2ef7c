"""proof.py - what a run left behind, what later commands make of it, and that no secret is in there."""
import json
import os
import sqlite3
import subprocess

import plant
import search


class Tap:
    n = failed = 0

    def ok(self, fine, name, *notes):
        self.n += 1
        self.failed += not fine
        print(f"{'ok' if fine else 'not ok'} {self.n} - {name}")
        for note in notes if not fine else ():
            print("# " + str(note).replace("\n", "\n# "))
        return fine

    def end(self):
        print(f"1..{self.n}")
        return self.failed != 0


def captured(path):
    """The lines of a capture."""
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


DUMP = " as rows"


def dump(database):
    """The values of all rows, one a line: in the file they stand side by side."""
    out = []
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        db.text_factory = bytes
        for table, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in db.execute(f'SELECT * FROM "{table.decode()}"'):
                out += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(out)


def collect(left, folder):
    """All files below the folder; those that begin with "given-" the test itself put there, and the CA is made before
    anything is sent."""
    for path, folders, files in os.walk(folder):
        if "ca.key" in files:
            files = [name for name in files if name not in ("ca.pem", "bundle.pem")]
        folders.sort()
        for name in sorted(files):
            full = os.path.join(path, name)
            if os.path.isfile(full) and not name.startswith("given-"):
                with open(full, "rb") as f:
                    left.add(os.path.relpath(full, folder), f.read())
            if name.endswith(".db"):
                left.add(os.path.relpath(full, folder) + DUMP, dump(full))


REPORTS = [["query", "export", "--json"], ["query", "status"], ["query", "denied"], ["principals"],
           ["policy", "--all", "--resources", "exact"], ["policy", "--all", "--format", "table"],
           ["policy", "--all", "-f", "hcl"], ["verify", "--all"], ["explain", "--principal", "*"]]


def run(arguments, folder, name, **more):
    """Runs a command in the folder; what it says goes to a file of that name there. The exit status."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as out:
        return subprocess.run(arguments, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder,
                              timeout=300, check=False, **more).returncode


def digest(program, folder, sources):
    """What later commands make of the sources: database and reports, in the folder."""
    database = os.path.join(folder, "iamreplay.db")
    for number, arguments in enumerate([["ingest"] + sources] + REPORTS):
        run([program, arguments[0], "--db", database] + arguments[1:], folder, f"{number}-{arguments[0]}")


def judge(tap, name, folder, words=()):
    """That none of the planted secrets, and of the words, is in what is below the folder."""
    left, hits = search.Left(), {}
    collect(left, folder)
    values = [v.encode() for v in list(plant.PLANTED.values()) + list(words)]
    for hit in search.find(left, values):
        hits.setdefault(hit.value, hit)
    places = {value.encode(): place for place, value in plant.PLANTED.items()}
    tap.ok(left.size and not hits, f"{name}: none of {len(values)} secrets in {left.size} bytes",
           *[f"{places.get(h.value, h.value)} ({h.spelling}): {h.piece!r} in {h.places}" for h in list(hits.values())[:40]])
