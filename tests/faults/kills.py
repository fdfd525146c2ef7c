"""kills.py PROGRAM SCRATCH KILLS - every command that writes is killed at random times, alone and beside others; after
each kill the database is sound, and the same command afterwards ends with the content that it has when nobody kills. So it
is on a disk that has no room, once it has some."""
import gzip
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fetch"))
from cloud import Cloud, Tap

PROGRAM, SCRATCH, KILLS = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ACCOUNTS = ["111122223333", "222233334444", "333344445555"]
FILES, RECORDS = 12, 400
SDK = os.path.abspath(os.path.join(os.path.dirname(__file__), "../lib/csm-client.py"))
tap = Tap()
rnd = random.Random(18)
os.chdir(SCRATCH)


# ---- logs, and what is in a database


def record(account, file, n):
    name, source, parameters = rnd.choice([
        ("GetObject", "s3", {"bucketName": "b%d" % (n % 7), "key": "k/%d/%d" % (file, n)}),
        ("PutItem", "dynamodb", {"tableName": "t%d" % (n % 5)}), ("ListQueues", "sqs", None),
        ("GetRole", "iam", {"roleName": "r%d" % (n % 9)})])
    role = "app%d" % (n % 4)
    return {"eventVersion": "1.10", "eventID": "%s-%d-%d" % (account, file, n), "eventType": "AwsApiCall",
            "eventTime": "2026-01-%02dT%02d:%02d:%02dZ" % (2 + file % 6, n // 60 % 24, n % 60, file), "awsRegion": "eu-west-1",
            "eventSource": source + ".amazonaws.com", "eventName": name, "requestParameters": parameters, "userAgent": "x",
            "sourceIPAddress": "203.0.113.9", "recipientAccountId": account,
            "userIdentity": {"type": "AssumedRole", "accountId": account, "arn": "arn:aws:sts::%s:assumed-role/%s/s" % (account, role),
                             "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": account, "userName": role,
                                                                  "arn": "arn:aws:iam::%s:role/%s" % (account, role)}}}}


def write_trail():
    objects = {}
    for account in ACCOUNTS:
        folder = "AWSLogs/%s/CloudTrail/eu-west-1/2026/01/02/" % account
        os.makedirs("trail/" + folder)
        for file in range(FILES):
            name = "%s%s_CloudTrail_eu-west-1_20260102T%02d00Z_u%d.json.gz" % (folder, account, file, file)
            data = gzip.compress(json.dumps({"Records": [record(account, file, n) for n in range(RECORDS)]}).encode(), 1, mtime=0)
            objects[name] = data
            with open("trail/" + name, "wb") as f:
                f.write(data)
    return objects


def drop(db):
    for end in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(db + end):
            os.unlink(db + end)


def run(*args, env=None):
    return subprocess.run([PROGRAM, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)


def content(db):
    out = hashlib.sha256()
    for report in ("export", "calls", "access", "sessions", "coverage"):
        p = run("query", report, "--json", "--db", db)
        out.update(b"%d" % p.returncode + p.stdout)
    return out.hexdigest()


def unsound(db):
    """What is wrong with the database as the kill left it, on a copy of it and its journals."""
    if not os.path.exists(db):
        return None
    drop("copy.db")
    for end in ("", "-wal", "-journal"):
        if os.path.exists(db + end):
            shutil.copyfile(db + end, "copy.db" + end)
    try:
        with sqlite3.connect("copy.db") as c:
            said = c.execute("PRAGMA integrity_check").fetchall() + c.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error as e:
        said = [repr(e)]
    return None if said == [("ok",)] else said


# ---- one kill


def kill_once(args, seconds, beside=(), env=None):
    """Starts the command, others beside it, and kills it after so long, whole process group. Whether it was still there."""
    p = subprocess.Popen([PROGRAM, *args], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    others = [subprocess.Popen([PROGRAM, *b], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for b in beside]
    time.sleep(seconds)
    there = p.poll() is None
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    p.wait()
    for o in others:
        said = o.communicate(timeout=300)[1].decode()
        if o.returncode not in (0, 1, 3) or (o.returncode == 3 and "database" not in said and "nothing" not in said and "no " not in said):
            return there, "beside it: %d %s" % (o.returncode, said[:300])
    return there, None


def kills(what, n, args, db, want, before=None, beside=(), env=None):
    """n kills of args on db, which before() makes; then it runs to its end."""
    before = before or (lambda: drop(db))
    before()
    began = time.monotonic()
    run(*args, env=env)
    whole = time.monotonic() - began
    wrong, killed, tries = [], 0, 0
    while killed < n and tries < 4 * n:
        before()
        for _ in range(min(3, n - killed)):
            tries += 1
            there, said = kill_once(args, rnd.uniform(0.005, whole * 0.9), beside, env)
            killed += there
            bad = said or unsound(db)
            if bad:
                wrong.append("kill %d: %s" % (killed, bad))
        p = run(*args, env=env)
        if p.returncode != 0 or content(db) != want:
            wrong.append("afterwards: %d %s" % (p.returncode, p.stderr.decode()[:300]))
        wrong += [f for f in os.listdir(".") if f.startswith(db + "-")]
    tap.ok(not wrong and killed >= n // 2, "%s: %d kills, each made good by the next run" % (what, killed), "\n".join(map(str, wrong)))
    return killed


# ---- what is no database


def capture(n):
    """The lines that were written before the kill are whole, and are read; one that was being written is passed over."""
    wrong, killed, lines = [], 0, 0
    for i in range(n):
        # every third one has nothing to write
        command = ["record", "--csm", "-o", "c%d.capture" % i, "--", sys.executable, SDK] + ["S3.ListBuckets", "IAM.GetUser"] * 2000
        before = set(os.listdir("/tmp")) | set(os.listdir(os.environ.get("TMPDIR", "/tmp")))
        there, _ = kill_once(command if i % 3 else ["capture", "csm", "--port", "0", "-o", "c%d.capture" % i], rnd.uniform(0.3, 3))
        killed += there
        left = [f for f in (set(os.listdir("/tmp")) | set(os.listdir(os.environ.get("TMPDIR", "/tmp")))) - before
                if "iamreplay" in f and not f.startswith("iamreplay-test.")]  # another test's
        if left:
            wrong.append("left in a shared folder: %s" % left)
        if not os.path.exists("c%d.capture" % i):
            continue
        data = open("c%d.capture" % i, "rb").read()
        whole = data[:data.rfind(b"\n") + 1].splitlines()
        calls = sum(json.loads(line)["kind"] == "call" for line in whole)
        lines += calls
        drop("c.db")
        p = run("ingest", "--db", "c.db", "--json", "c%d.capture" % i)
        stored = json.loads(p.stdout or b"{}").get("stored", 0)
        if stored != calls or p.returncode not in (0, 1):
            wrong.append("%d calls written, %s stored: %d %s" % (calls, stored, p.returncode, p.stderr.decode()[:200]))
    tap.ok(not wrong and killed, "capture and record: %d kills, %d calls written and read" % (killed, lines), "\n".join(wrong))
    return killed


# ---- no room


def full_disk(sizes, commands, want, before):
    """The commands on a disk of each size, which then becomes large enough. Where no disk may be made: told."""
    os.makedirs("small", exist_ok=True)
    if not os.environ.get("IAMREPLAY_ISOLATED") or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", "small"]).returncode:
        print("# SKIPPED: a full disk: none can be made here", file=sys.stderr)
        return
    subprocess.run(["umount", "small"])
    for command in commands:
        wrong, full = [], 0
        for size in sizes:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % size, "none", "small"], check=True)
            fits = before(command)
            p = run(*command) if fits else None
            said = p.stderr.decode() if p else ""
            full += p is not None and p.returncode == 3
            if p and not (p.returncode == 0 or p.returncode == 3 and re.search("full|space|room", said)):
                wrong.append("%d KB: %d %s" % (size, p.returncode, said[:300]))
            subprocess.run(["mount", "-o", "remount,size=256m", "small"], check=True)
            if not fits:
                before(command)
            bad = unsound("small/a.db")
            p = run(*command)
            if bad or p.returncode != 0 or content("small/a.db") != want[command[0]]:
                wrong.append("%d KB, then more: %s %d %s" % (size, bad, p.returncode, p.stderr.decode()[:300]))
            subprocess.run(["umount", "small"], check=True)
        tap.ok(not wrong and full, "%s on disks of %d sizes, %d of them too small: told, and made good where there is room" % (
            command[0], len(sizes), full), "\n".join(wrong))


def copy_clean(command):
    """What prune begins with. False: there is no room for it."""
    if command[0] != "prune":
        return True
    try:
        shutil.copyfile("clean.db", "small/a.db")
    except OSError:
        return False
    return True


def main():
    objects = write_trail()
    each = max(1, KILLS // 10)
    p = run("ingest", "--db", "clean.db", "-j", "1", "trail")
    tap.ok(p.returncode == 0, "the trail is read", p.stderr.decode())
    want = content("clean.db")
    total = kills("ingest -j1", 2 * each, ["ingest", "-j", "1", "--db", "a.db", "trail"], "a.db", want)
    total += kills("ingest -j2", 2 * each, ["ingest", "-j", "2", "--db", "a.db", "trail"], "a.db", want)
    total += kills("two of them", each, ["ingest", "-j", "2", "--db", "a.db", "trail"], "a.db", want,
                   beside=[["ingest", "--db", "a.db", "trail/AWSLogs/" + ACCOUNTS[0]]])
    total += kills("policy beside it", each, ["ingest", "-j", "2", "--db", "a.db", "trail"], "a.db", want,
                   beside=[["policy", "-p", "role/app%d" % i, "--account", ACCOUNTS[0], "--db", "a.db"] for i in range(3)])
    for i, account in enumerate(ACCOUNTS):
        run("ingest", "--db", "part%d.db" % i, "trail/AWSLogs/" + account)
    total += kills("merge", each, ["merge", "a.db", "part0.db", "part1.db", "part2.db"], "a.db", want)
    shutil.copyfile("clean.db", "pruned.db")
    run("prune", "--db", "pruned.db", "--before", "2026-01-05")
    total += kills("prune", each, ["prune", "--db", "a.db", "--before", "2026-01-05"], "a.db", content("pruned.db"),
                   before=lambda: (drop("a.db"), shutil.copyfile("clean.db", "a.db")))
    cloud = Cloud()
    cloud.objects["trail"] = objects
    cloud.start()
    total += kills("fetch", each, ["fetch", "--db", "a.db", "s3://trail"], "a.db", want, env=cloud.environment())
    total += capture(each)
    most = os.path.getsize("clean.db") // 1024
    full_disk([32 + most * i // 14 for i in range(20)],
              [["ingest", "-j", "2", "--db", "small/a.db", "trail"], ["merge", "small/a.db", "part0.db", "part1.db", "part2.db"],
               ["prune", "--db", "small/a.db", "--before", "2026-01-05"]],
              {"ingest": want, "merge": want, "prune": content("pruned.db")}, copy_clean)
    print("# %d kills" % total)
    tap.end()


main()
