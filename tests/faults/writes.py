"""writes.py PROGRAM LIBRARY SCRATCH writes|memory|power - every write, sync, renaming, removal and mapping of a command fails
once and from then on; every allocation of some hundred; and the power goes off between any two of them. After
each the command tells, and the same command without the fault ends with what an undisturbed one made."""
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys

PROGRAM, LIBRARY, SCRATCH = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), os.path.realpath(sys.argv[3])
KIND = sys.argv[4]
EVERY = os.environ.get("IAMREPLAY_TEST_LONG")  # else some of the places, spread
HERE = os.path.join(SCRATCH, "w")
LEFT = re.compile(r"\.[A-Za-z0-9]{6}$")  # a temporary file of the program
NO_SPACE, NO_DEVICE = 28, 5
count = failed = 0


def ok(well, name, why=""):
    global count, failed
    count += 1
    failed += not well
    print("%s %d - %s" % ("ok" if well else "not ok", count, name))
    if not well:
        print("# " + str(why).replace("\n", "\n# "))


def record(n):
    return {"eventVersion": "1.08", "eventTime": "2026-01-02T03:04:%02dZ" % (n % 60), "eventSource": "sqs.amazonaws.com",
            "eventName": "SendMessage", "awsRegion": "eu-west-1", "eventID": "e%d" % n, "eventType": "AwsApiCall",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDA%d" % (n % 3), "accountId": "111122223333",
                             "arn": "arn:aws:iam::111122223333:user/u%d" % (n % 3), "userName": "u%d" % (n % 3)},
            "requestParameters": {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q%d" % (n % 7)}}


def run(*args, **faults):
    env = dict(os.environ)
    if faults:
        env.update({"FAULT_" + k: str(v) for k, v in faults.items()}, LD_PRELOAD=LIBRARY)
    p = subprocess.run([PROGRAM, *args], cwd=SCRATCH, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def tree(left=False):
    """What is there: the database's content, other files' bytes."""
    out = {}
    for folder, _, files in os.walk(HERE):
        for name in files:
            path = os.path.join(folder, name)
            if name.startswith("t.db-"):
                continue  # left by a failure, taken up by the next who opens it
            if name == "CHANGES.md" or (left and LEFT.search(name)):
                continue  # tells of this run; could not be removed
            if name == "t.db":
                out[path] = run("query", "export", "--json", "--db", path)
            else:
                out[path] = open(path, "rb").read()
    return out


def fresh(before):
    shutil.rmtree(HERE, ignore_errors=True)
    if before:
        shutil.copytree(before, HERE)
    else:
        os.mkdir(HERE)


def counted(args, before, **how):
    fresh(before)
    n = os.path.join(SCRATCH, "n")
    status, _, err = run(*args, COUNT=n, FOLDER=HERE, **how)
    return int(open(n).read()), status, err


def sound():
    """None, or what is wrong with the database as it lies there."""
    path = os.path.join(HERE, "t.db")
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return None
    db = sqlite3.connect(path)
    try:
        found = db.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.Error as e:
        return str(e)
    finally:
        db.close()
    return None if found == [("ok",)] else found


def sweep(what, args, before, points, **how):
    total, status, err = counted(args, before, **how)
    want = tree()
    wrong = [] if status == 0 else [(0, status, err)]
    step = 1 if EVERY else max(1, total // points)
    for at in range(1, total + 1, step):
        for on in ([], [("ON", 1)]):
            fresh(before)
            error = NO_SPACE if (at + len(on)) % 2 else NO_DEVICE
            status, out, err = run(*args, FOLDER=HERE, AT=at, ERRNO=error, **how, **dict(on))
            # a failure that harms nothing (a file that is not removed) may pass in silence if all is there
            if status < 0 or status > 3 or (status and not err) or (not status and tree(on) != want):
                wrong.append(("at", at, bool(on), status, out[-200:], err[-300:]))
            if sound():
                wrong.append(("integrity", at, bool(on), sound()))
            status, out, err = run(*args)
            got = tree(on)
            if status != 0 or got != want:
                wrong.append(("again", at, bool(on), status, out[-200:], err[-300:], sorted(set(got) ^ set(want))))
    ok(not wrong and total > 3, "%s: %d of %d places, each fails once and from then on" % (what, (total + step - 1) // step, total),
       "\n".join(map(str, wrong[:6])))


# ---- the power goes off

def operations(path):
    data, at, out = open(path, "rb").read(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        word, _, rest = data[at:end].decode().partition(" ")
        at = end + 1
        if word == "write":
            offset, size, name = rest.split(" ", 2)
            out.append((word, name, int(offset), data[at:at + int(size)]))
            at += int(size)
        elif word == "cut":
            size, name = rest.split(" ", 1)
            out.append((word, name, int(size)))
        elif word == "rename":
            out.append((word, *rest.split("\t")))
        else:
            out.append((word, rest))
    return out


def write_into(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def disk_after(done, rnd):
    """What is on the disk: all that was synced; of the rest each write as it came, not at all, or torn at a sector."""
    files, waiting = {}, {}

    def settle(name, all_of_it):
        for op in waiting.pop(name, []):
            content = files.setdefault(name, bytearray())
            fate = 0 if all_of_it else rnd.randrange(3)
            if op[0] == "cut" and fate != 1:
                del content[op[2]:]
                content.extend(bytes(op[2] - len(content)))
            elif op[0] == "write" and fate == 0:
                write_into(content, op[2], op[3])
            elif op[0] == "write" and fate == 2:
                write_into(content, op[2], op[3][:512 * rnd.randrange(len(op[3]) // 512 + 1)])
    for op in done:
        if op[0] in ("write", "cut"):
            waiting.setdefault(op[1], []).append(op)
        elif op[0] == "sync":
            settle(op[1], True)
        elif op[0] == "remove":
            waiting.pop(op[1], None)
            files.pop(op[1], None)
    for name in list(waiting):
        settle(name, False)
    return files


def power(what, args, before, disks):
    fresh(before)
    log = os.path.join(SCRATCH, "log")
    if os.path.exists(log):
        os.remove(log)
    status, out, err = run(*args, FOLDER=HERE, LOG=log)
    want, ops, rnd, wrong = tree(), operations(log), random.Random(7), []
    base = {os.path.join(HERE, n): open(os.path.join(before, n), "rb").read() for n in os.listdir(before)} if before else {}
    start = [("write", name, 0, data) for name, data in base.items()] + [("sync", name) for name in base]
    for _ in range(disks):
        cut = rnd.randrange(len(ops) + 1)
        files = disk_after(start + ops[:cut], rnd)
        fresh(None)
        for name, content in files.items():
            with open(name, "wb") as f:
                f.write(content)
            os.chmod(name, 0o600)
        again = run(*args)
        if again[0] != 0 or tree() != want or sound():
            wrong.append((cut, again, sound()))
    ok(status == 0 and len(ops) > 20 and not wrong, "%s: %d disks after the power went off" % (what, disks),
       "\n".join(map(str, wrong[:4])) or (status, err))


def main():
    os.chdir(SCRATCH)
    for part in range(2):
        with open("part%d.json" % part, "w") as f:
            json.dump({"Records": [record(n + 60 * part) for n in range(60)]}, f)
    db = os.path.join(HERE, "t.db")
    fresh(None)
    run("ingest", "--db", db, "part0.json")
    shutil.copytree(HERE, "one")
    first, second = ["ingest", "-j", "1", "--db", db, "part0.json"], ["ingest", "-j", "2", "--db", db, "part0.json", "part1.json"]
    source = os.path.join(SCRATCH, "one", "t.db")
    policies = ["policy", "--all", "--db", source, "-o", os.path.join(HERE, "policies")]
    report = ["report", "--db", source, "-o", os.path.join(HERE, "report.html")]
    if KIND == "memory":
        sweep("memory of a first ingest", first, None, 25, MEMORY=1)
        sweep("memory of a second ingest", second, "one", 25, MEMORY=1)
        sweep("memory of policy --all", policies, None, 25, MEMORY=1)
    elif KIND == "power":
        power("a first ingest", first, None, 1000 if EVERY else 60)
        power("a second ingest", second, "one", 1000 if EVERY else 60)
    else:
        sweep("a first ingest", first, None, 40)
        sweep("a second ingest", second, "one", 40)
        sweep("policy --all into a folder", policies, None, 20)
        sweep("report", report, None, 20)
    print("1..%d" % count)
    return 1 if failed else 0


signal.alarm(3500)
sys.exit(main())
