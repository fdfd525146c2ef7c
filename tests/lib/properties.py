"""properties.py PROGRAM REDUCE RUNS [SEED] - what holds for any log, tried on random ones: nothing is granted without a call
that is proven to have been authorised, and all that is proven is; whatever the order, the division into files and databases, and
the number of threads, the content is the same; rows that count records tell what the records do; a settings file says what
options say. A run is told by its seed."""
import gzip
import json
import os
import random
import shutil
import subprocess
import sys

PROGRAM, REDUCE, RUNS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3])
# 33: of whose uses a settings file spoke, others' were told by the command line
SEEDS = [int(sys.argv[4])] if len(sys.argv) > 4 else sorted({*range(1, RUNS + 1), 33})
ACCOUNT, REGIONS, ROLES = "111122223333", ["eu-west-1", "us-east-1"], ["app", "ops"]
FOLDER = os.getcwd()
failed = 0

# name: source, parameters, action and resource that IAM asks for, and errors that come after authorization
CALLS = {
    "GetObject": ("s3", lambda n, r: {"bucketName": "b%d" % (n % 3), "key": "k%d" % n},
                  "s3:GetObject", lambda n, r: "arn:aws:s3:::b%d/k%d" % (n % 3, n), ["NoSuchKey", "404", "PreconditionFailed"]),
    "PutItem": ("dynamodb", lambda n, r: {"tableName": "t%d" % n},
                "dynamodb:PutItem", lambda n, r: "arn:aws:dynamodb:%s:%s:table/t%d" % (r, ACCOUNT, n), ["ConditionalCheckFailedException"]),
    "PurgeQueue": ("sqs", lambda n, r: {"queueUrl": "https://sqs.%s.amazonaws.com/%s/q%d" % (r, ACCOUNT, n)},
                   "sqs:PurgeQueue", lambda n, r: "arn:aws:sqs:%s:%s:q%d" % (r, ACCOUNT, n), ["AWS.SimpleQueueService.PurgeQueueInProgress"]),
    "SetTopicAttributes": ("sns", lambda n, r: {"topicArn": "arn:aws:sns:%s:%s:n%d" % (r, ACCOUNT, n)},
                           "sns:SetTopicAttributes", lambda n, r: "arn:aws:sns:%s:%s:n%d" % (r, ACCOUNT, n), ["StaleTagException"]),
}
# never a proof, whatever the service
NO_PROOF = ["AccessDenied", "AccessDeniedException", "ThrottlingException", "Client.RequestLimitExceeded", "SlowDown", "ExpiredToken",
            "SignatureDoesNotMatch", "ValidationException", "InvalidParameterValue", "InternalFailure", "SerializationException",
            "OptInRequired", "NeverHeardOf", "ServiceUnavailable", "TooManyRequestsException"]


def event(rnd, id):
    name = rnd.choice(list(CALLS))
    source, parameters, action, resource, after = CALLS[name]
    region, role, n = rnd.choice(REGIONS), rnd.choice(ROLES), rnd.randrange(4)
    how = rnd.randrange(3)
    e = {"eventVersion": "1.10", "eventID": "00000000-0000-4000-8000-%012d" % id, "eventType": "AwsApiCall",
         "eventTime": "2026-01-%02dT%02d:00:%02dZ" % (1 + rnd.randrange(5), rnd.randrange(24), rnd.randrange(60)), "awsRegion": region,
         "eventSource": source + ".amazonaws.com", "eventName": name, "requestParameters": parameters(n, region), "userAgent": "x",
         "sourceIPAddress": "203.0.113.9", "recipientAccountId": ACCOUNT,
         "userIdentity": {"type": "AssumedRole", "accountId": ACCOUNT, "arn": "arn:aws:sts::%s:assumed-role/%s/s" % (ACCOUNT, role),
                          "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": ACCOUNT, "userName": role,
                                                               "arn": "arn:aws:iam::%s:role/%s" % (ACCOUNT, role)}}}}
    if how:
        e["errorCode"] = rnd.choice(after if how == 1 else NO_PROOF)
        e["errorMessage"] = "x"
    return e, (role, action, resource(n, region)) if how < 2 else None


def log(rnd):
    """Events, some more than once or with less in the copy, and what they prove."""
    events, proven = [], set()
    for i in range(rnd.randrange(2, 60)):
        e, grant = event(rnd, i)
        events.append(e)
        proven |= {grant} if grant else set()
        if rnd.randrange(4) == 0:
            events.append(e)
        if rnd.randrange(6) == 0:
            events.append({k: v for k, v in e.items() if k != "requestParameters"})
    return events, proven


def run(*args, ok=(0,)):
    p = subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if p.returncode not in ok:
        raise AssertionError("%s: %d %s" % (" ".join(args), p.returncode, p.stderr.decode()[:500]))
    return p.stdout.decode()


def divided(rnd, events, folder):
    """The events in some files, in some order; the names of the files."""
    events = rnd.sample(events, len(events))
    names, n = [], rnd.randrange(1, 6)
    os.makedirs(folder)
    for i in range(n):
        data = json.dumps({"Records": events[i::n]}).encode()
        names.append("%s/%s.json" % (folder, rnd.choice("abcxyz") + str(i)))
        if rnd.randrange(2):
            names[-1] += ".gz"
            data = gzip.compress(data, 1)
        with open(names[-1], "wb") as f:
            f.write(data)
    return names


def granted(db):
    out = set()
    for role in ROLES:
        text = run("policy", "--db", db, "-p", "role/" + role, "--resources", "exact", "--limit", "none", ok=(0, 1))
        for s in json.loads(text)["Statement"] if text.strip() else []:
            actions, resources = ([x] if isinstance(x, str) else x for x in (s["Action"], s["Resource"]))
            assert s["Effect"] == "Allow" and "NotAction" not in s and "NotResource" not in s, s
            out |= {(role, a, r) for a in actions for r in resources}
    return out


def holds(name, got, want):
    assert got == want, "%s\n  too much: %s\n  missing: %s" % (
        (name, sorted(got - want)[:5], sorted(want - got)[:5]) if isinstance(got, set) else (name, got[:300], want[:300]))


def nothing_without_proof(rnd, events, proven):
    run("ingest", "--db", "a.db", "-j", "1", *divided(rnd, events, "a"))
    holds("what is granted is what is proven", granted("a.db"), proven)
    for role in {p[0] for p in proven}:
        for how in ("grouped", "exact", "any"):
            text = run("policy", "--db", "a.db", "-p", "role/" + role, "--resources", how, "--limit", "none")
            with open("p.json", "w") as f:
                f.write(text)
            run("verify", "--db", "a.db", "-p", "role/" + role, "p.json")


def any_division(rnd, events, proven):
    want = run("query", "export", "--json", "--db", "a.db")
    names = divided(rnd, events, "b")
    cut = rnd.randrange(len(names) + 1)
    for part in (names[:cut], names[cut:], names):
        if part:
            run("ingest", "--db", "b.db", "-j", rnd.choice("1238"), *part)
    holds("in any order, by any number of threads, in one run or three", run("query", "export", "--json", "--db", "b.db"), want)
    names = divided(rnd, events, "c")
    cut = rnd.randrange(1, len(names)) if len(names) > 1 else 1
    parts = [p for p in (names[:cut], names[cut:]) if p]
    for i, part in enumerate(parts):
        run("ingest", "--db", "c%d.db" % i, "-j", rnd.choice("12"), *part)
    run("merge", "m.db", *("c%d.db" % i for i in rnd.sample(range(len(parts)), len(parts))))
    holds("merged from parts", run("query", "export", "--json", "--db", "m.db"), want)


def rows_tell_as_much(rnd, events, proven):
    whole = {}
    for e in events:
        if "requestParameters" in e:
            whole[e["eventID"]] = e
    os.makedirs("r")
    with gzip.open("r/x.json.gz", "wt") as f:
        json.dump({"Records": list(whole.values())}, f)
    with open("r/rows.ndjson", "wb") as f:
        f.write(subprocess.run([sys.executable, REDUCE, "r/x.json.gz"], stdout=subprocess.PIPE, check=True).stdout)
    run("ingest", "--db", "r.db", "r/rows.ndjson")
    holds("rows grant what records grant", granted("r.db"), proven)


def settings_say_the_same(rnd, events, proven):
    options = {k: v for k, v in {"resources": rnd.choice(["exact", "any", "grouped"]), "max-resources": str(rnd.randrange(1, 9)),
                                 "limit": rnd.choice(["none", "6144"]), "exclude-action": rnd.choice(["s3:*", "sqs:Purge*"]),
                                 "outcome": rnd.choice(["any", "allowed", "proven"])}.items() if rnd.randrange(2)}
    role = rnd.choice(ROLES)
    with open("s.conf", "w") as f:
        lines = ["%s%s=%s%s" % (k, " " * rnd.randrange(3), " " * rnd.randrange(3), v) for k, v in options.items()]
        f.write("# x\n[role/%s]\n%s\n; y\n\n[role/other]\nresources = any\n" % (rnd.choice([role, role[0] + "*"]), "\n".join(lines)))
    by_options = run("policy", "--db", "a.db", "-p", "role/" + role, *(x for k, v in options.items() for x in ("--" + k, v)), ok=(0, 1))
    holds("a settings file says what options say (%s)" % options,
          run("policy", "--db", "a.db", "-p", "role/" + role, "--settings", "s.conf", ok=(0, 1)), by_options)


PROPERTIES = [nothing_without_proof, any_division, rows_tell_as_much, settings_say_the_same]
wrong = {p: [] for p in PROPERTIES}
for seed in SEEDS:
    rnd = random.Random(seed)
    work = os.path.join(FOLDER, "run%d" % seed)
    os.makedirs(work)
    os.chdir(work)
    events, proven = log(rnd)
    for p in PROPERTIES:
        try:
            p(rnd, events, proven)
        except AssertionError as e:
            wrong[p].append("seed %d: %s" % (seed, e))
    os.chdir(FOLDER)
    shutil.rmtree(work)
for i, p in enumerate(PROPERTIES):
    print("%sok %d - %s, of %d logs" % ("not " if wrong[p] else "", i + 1, p.__name__.replace("_", " "), len(SEEDS)))
    for line in "\n".join(wrong[p]).splitlines()[:20]:
        print("# " + line)
print("1..%d" % len(PROPERTIES))
sys.exit(any(wrong.values()))
