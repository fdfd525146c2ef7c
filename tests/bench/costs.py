#!/usr/bin/env python3
"""What ingest costs, in multiples of what the machine needs to decompress the same files. "make bench" runs it.

    costs.py BUILD

Environment: BENCH_BEFORE (another iamreplay, an older one: it takes turns with this one and is shown beside it),
BENCH_DIR (where the trails are made, default a temporary folder that is removed), BENCH_RUNS (default 3),
BENCH_FILES (of 3,000 events each in the trails, default 60), NODE_PATH (a folder with @duckdb/node-api).
Each figure is the median of the runs; a ratio is one of measurements that followed each other.
"""
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
FILES = int(os.environ.get("BENCH_FILES", "60"))
# profile: files, events a file; calls with 500 parameters are forty times as large
PROFILES = {"usual": (FILES, 3000), "distinct": (FILES, 3000), "params": (max(FILES // 10, 1), 3000)}


class Usage:
    """Of one run: seconds, peak memory in MB, and the CPU seconds of its first thread, which writes."""

    def __init__(self, command, cwd):
        start = time.monotonic()
        with tempfile.TemporaryFile() as out:
            child = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL)
            self.writer = 0.0
            watcher = threading.Thread(target=self.watch, args=(child.pid,), daemon=True)
            watcher.start()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            watcher.join()
            out.seek(0)
            self.text = out.read(1000)
        self.wall = time.monotonic() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024
        if child.returncode not in (0, 1):
            sys.exit("bench: %s ended with %d" % (" ".join(command), child.returncode))

    def watch(self, pid):
        """Some milliseconds before the end are not seen."""
        path = "/proc/%d/task/%d/schedstat" % (pid, pid)
        try:
            while True:
                with open(path) as f:
                    self.writer = max(self.writer, int(f.read().split()[0]) / 1e9)
                time.sleep(0.002)
        except (OSError, IndexError, ValueError):
            pass


def clean(where):
    for path in glob.glob(os.path.join(where, "costs.d*")):
        os.remove(path)


def ingest(program, where, trail, jobs=1, again=False):
    if not again:
        clean(where)
    return Usage([program, "ingest", "--db", "costs.db", "--json", "-j", str(jobs), trail], where)


def inflate(where, trail):
    files = sorted(glob.glob(trail + "/**/*.json.gz", recursive=True))
    return float(subprocess.run([BUILD + "/tests/bench/inflate"] + files, cwd=where, stdout=subprocess.PIPE,
                                check=True).stdout.split()[0])


def duckdb(where, trail, threads):
    clean(where)
    return Usage(["node", HERE + "/duckdb.cjs", trail, str(threads), "costs.duckdb"], where)


def has_duckdb():
    return shutil.which("node") and subprocess.run(
        ["node", "-e", "require('@duckdb/node-api')"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def trail_of(where, profile):
    files, events = PROFILES[profile]
    trail = os.path.join(where, "costs-%s-%d-%d" % (profile, files, events))
    if not os.path.isdir(trail):
        subprocess.run([BUILD + "/tests/bench/gen-trail", trail, str(files), str(events), profile], check=True)
    return trail


class Table:
    """Rows of one figure a program; RUNS measurements of each."""

    def __init__(self, programs):
        self.programs = programs
        self.rows = {}

    def add(self, row, name, value, form="%.2f"):
        self.rows.setdefault(row, (form, {}))[1].setdefault(name, []).append(value)

    def show(self):
        print("%-58s" % "" + "".join("%10s" % name for name, _ in self.programs))
        for row, (form, values) in self.rows.items():
            print("%-58s" % row + "".join(
                "%10s" % (form % statistics.median(values[name]) if name in values else "-")
                for name, _ in self.programs), flush=True)


def measure_profile(t, where, profile, beside):
    trail = trail_of(where, profile)
    events = PROFILES[profile][0] * PROFILES[profile][1]
    base = inflate(where, trail)
    duck = duckdb(where, trail, 1).cpu if beside and profile == "usual" else None
    cpu = {}
    for name, program in t.programs:
        first = ingest(program, where, trail)
        size = os.path.getsize(os.path.join(where, "costs.db"))
        stored = json.loads(first.text)["stored"]
        if stored != events:
            sys.exit("bench: %d of %d events were stored" % (stored, events))
        again = ingest(program, where, trail, again=True)
        shutil.rmtree(os.path.join(where, "costs-policies"), ignore_errors=True)
        policy = Usage([program, "policy", "--db", "costs.db", "--all", "-o", "costs-policies/"], where)
        cpu[name] = first.cpu, first.cpu + policy.cpu
        t.add(profile + ": ingest, CPU over libdeflate", name, first.cpu / base, "%.1f")
        t.add(profile + ": ingest and the first policy --all, CPU over libdeflate", name, cpu[name][1] / base, "%.1f")
        if duck:
            t.add(profile + ": ingest, CPU over DuckDB with one thread", name, first.cpu / duck)
        t.add(profile + ": second ingest over the first, CPU", name, again.cpu / first.cpu, "%.3f")
        t.add(profile + ": bytes an event", name, size / events, "%.0f")
        two = ingest(program, where, trail, 2)
        t.add(profile + ": wall at -j 2 over -j 1", name, two.wall / first.wall)
        t.add(profile + ": writer's thread at -j 2, CPU microseconds an event", name, two.writer / events * 1e6)
        t.add(profile + ": peak memory at -j 2, MB", name, two.peak, "%.0f")
    if "before" in cpu:
        t.add(profile + ": ingest, CPU over before", "now", cpu["now"][0] / cpu["before"][0])
        t.add(profile + ": ingest and the first policy --all, CPU over before", "now", cpu["now"][1] / cpu["before"][1])


def main():
    before = os.environ.get("BENCH_BEFORE")
    programs = ([("before", os.path.abspath(before))] if before else []) + [("now", BUILD + "/iamreplay")]
    beside = has_duckdb()
    if not beside:
        print("left out: DuckDB (no node with @duckdb/node-api in NODE_PATH)")
    t = Table(programs)
    with tempfile.TemporaryDirectory(prefix="iamreplay-costs.") as folder:
        where = os.path.abspath(os.environ.get("BENCH_DIR") or folder)
        os.makedirs(where, exist_ok=True)
        for _ in range(RUNS):
            for profile in PROFILES:
                measure_profile(t, where, profile, beside)
        clean(where)
        shutil.rmtree(os.path.join(where, "costs-policies"), ignore_errors=True)
    t.show()


main()
