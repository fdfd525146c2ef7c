#!/usr/bin/env python3
"""Measures iamreplay ingest beside other programs that read the same trail. "make bench" runs it.

Each row runs three times, in turns; the median is shown. What is not installed is left out, and said so.
Environment: BENCH_DIR (where the trails are made, default a temporary folder that is removed), BENCH_RUNS,
NODE_PATH (a folder with @duckdb/node-api).
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = sys.argv[1] if len(sys.argv) > 1 else "."
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
FIELDS = ["eventTime", "eventSource", "eventName", "awsRegion", "recipientAccountId", "errorCode", "eventID"]

PYTHON = """
import glob, gzip, json, sys
n = 0
for path in sorted(glob.glob(sys.argv[1] + "/**/*.json.gz", recursive=True)):
    with gzip.open(path) as f:
        n += len(json.load(f)["Records"])
print(n)
"""


def measure(command, cwd):
    """(wall seconds, CPU seconds, peak MB, standard output) of a command."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read(100000)
    if child.returncode not in (0, 1):
        sys.exit("bench: %s ended with %d" % (command[0], child.returncode))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def ingest(trail, jobs):
    return lambda work: (["rm", "-f", "x.db"], [os.path.abspath(BUILD + "/iamreplay"), "ingest", "--db", "x.db",
                                              "--json", "-j", str(jobs), trail])


def shell(line):
    return lambda work: (None, ["sh", "-c", line])


def duckdb(trail, threads):
    return lambda work: (["rm", "-f", "x.duckdb"], ["node", HERE + "/duckdb.cjs", trail, str(threads), "x.duckdb"])


def has_duckdb():
    return shutil.which("node") and subprocess.run(
        ["node", "-e", "require('@duckdb/node-api')"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def rows(trails):
    trail = trails["60 files"]
    files = "find '%s' -name '*.json.gz' -print0 | sort -z | xargs -0 " % trail
    yield "iamreplay -j 1", "60 files", ingest(trail, 1)
    yield "iamreplay -j 2", "60 files", ingest(trail, 2)
    if has_duckdb():
        yield "DuckDB, 1 thread", "60 files", duckdb(trail, 1)
        yield "DuckDB, 2 threads", "60 files", duckdb(trail, 2)
    else:
        print("left out: DuckDB (no node with @duckdb/node-api in NODE_PATH)")
    if shutil.which("libdeflate-gunzip"):
        yield "libdeflate-gunzip -c", "60 files", shell(files + "libdeflate-gunzip -c >/dev/null")
    else:
        print("left out: libdeflate-gunzip (not installed)")
    yield "zcat", "60 files", shell(files + "zcat >/dev/null")
    if shutil.which("jq"):
        query = ".Records[] | [" + ", ".join("." + f for f in FIELDS) + "]"
        yield "zcat | jq, seven fields", "60 files", shell(files + "zcat | jq -c '%s' >/dev/null" % query)
    else:
        print("left out: jq (not installed)")
    yield "python3, json alone", "60 files", lambda work: (None, [sys.executable, "-c", PYTHON, trail])
    for name in ("4,000 small files", "one file"):
        yield "iamreplay -j 1", name, ingest(trails[name], 1)
        yield "iamreplay -j 2", name, ingest(trails[name], 2)


def make_trails(where):
    shapes = {"60 files": (60, 3000), "4,000 small files": (4000, 45), "one file": (1, 180000),
              "600 files": (600, 3000)}
    trails = {}
    for name, (files, events) in shapes.items():
        trails[name] = os.path.join(where, "trail-%d-%d" % (files, events))
        if not os.path.isdir(trails[name]):
            subprocess.run([BUILD + "/tests/bench/gen-trail", trails[name], str(files), str(events)], check=True)
    return trails


def check(text):
    counts = json.loads(text)
    if counts["records"] != 180000 or counts["stored"] != 180000:
        sys.exit("bench: not all was stored: %s" % text)


def bench(where):
    trails = make_trails(where)
    gz = glob.glob(trails["60 files"] + "/**/*.json.gz", recursive=True)
    text = sum(int(subprocess.run("zcat '%s' | wc -c" % f, shell=True, capture_output=True, check=True).stdout)
               for f in gz)
    print("%d events, %.0f MB of JSON, %.1f MB gzipped; %d cores" % (
        180000, text / 1e6, sum(map(os.path.getsize, gz)) / 1e6, os.cpu_count()))
    table = list(rows(trails))
    results = [[] for _ in table]
    for _ in range(RUNS):
        for i, (name, _, make) in enumerate(table):
            before, command = make(where)
            if before:
                subprocess.run(before, cwd=where, check=True)
            results[i].append(measure(command, where))
            if name.startswith("iamreplay"):
                check(results[i][-1][3])
    print("%-26s %-20s %8s %8s %9s" % ("", "", "seconds", "CPU s", "peak MB"))
    for (name, what, _), runs in zip(table, results):
        wall, cpu, peak, _ = sorted(runs, key=lambda r: r[0])[len(runs) // 2]
        print("%-26s %-20s %8.2f %8.2f %9.1f" % (name, what, wall, cpu, peak))
    print()
    for name in ("60 files", "600 files"):
        subprocess.run(["rm", "-f", "x.db"], cwd=where, check=True)
        wall, cpu, peak, _ = measure(ingest(trails[name], 2)(where)[1], where)
        print("peak memory at -j 2, %-10s %6.1f MB (%.2f s, %.2f s CPU)" % (name + ":", peak, wall, cpu))
    bench_database(where, trails["60 files"])


def cpu_of(command, where, fresh=False):
    """The median; fresh: of runs in which nothing is derived yet."""
    runs = []
    for _ in range(RUNS):
        if fresh:
            shutil.copyfile(os.path.join(where, "fresh.db"), os.path.join(where, "x.db"))
        runs.append(measure(command, where)[1])
    return sorted(runs)[RUNS // 2]


def bench_database(where, trail):
    """What the database of a trail costs: bytes an event, a second ingest, and what everyday commands ask of it."""
    program = os.path.abspath(BUILD + "/iamreplay")
    subprocess.run(["rm", "-f", "x.db"], cwd=where, check=True)
    again = ingest(trail, 1)(where)[1]
    first = measure(again, where)[1]
    print("\nbytes an event: %.0f" % (os.path.getsize(os.path.join(where, "x.db")) / 180000))
    print("second ingest of unchanged files over the first: %.3f" % (cpu_of(again, where) / first))
    shutil.copyfile(os.path.join(where, "x.db"), os.path.join(where, "fresh.db"))
    names = subprocess.run([program, "principals", "--db", "x.db", "--json"], cwd=where, capture_output=True, check=True)
    role = next(n["principal"] for n in json.loads(names.stdout) if n["type"] == "role")
    everyday = (["principals"], ["query", "status"], ["query", "timeline"], ["query", "services"], ["query", "agents"],
                ["query", "sessions"], ["policy", "-p", role], ["policy", "-p", role, "--exclude-agent", "console"],
                ["policy", "-p", role, "--since", "2026-01-01T00:10:00Z"], ["policy", "-p", role, "--exclude-session", "x*"])
    everybody = (["explain", "-p", role], ["policy", "--all", "-o", "bench-policies/"], ["verify", "-p", "*"])
    for command in everyday + everybody:
        line = [program] + command + ["--db", "x.db"]
        text = " ".join(c for c in command if c != role)
        if command[0] == "policy":
            print("%-60s %8.3f s CPU, the first time" % (text, cpu_of(line, where, True)))
        print("%-60s %8.3f s CPU" % (text, cpu_of(line, where)))
    shutil.rmtree(os.path.join(where, "bench-policies"), ignore_errors=True)
    os.remove(os.path.join(where, "fresh.db"))


def main():
    where = os.environ.get("BENCH_DIR")
    if where:
        os.makedirs(where, exist_ok=True)
        bench(os.path.abspath(where))
    else:
        with tempfile.TemporaryDirectory(prefix="iamreplay-bench.") as folder:
            bench(folder)


main()
