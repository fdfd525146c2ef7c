#!/usr/bin/env python3
"""The loop against real enforcement: enforce.py IAMREPLAY FOLDER

Real aws CLI calls are recorded, a policy is made of the recording and attached in moto, whose enforcement is turned on:
the workload passes. Then each action is dropped in turn, and exactly the calls fail of which verify says so. At last a
policy for one prefix of a bucket, which another prefix must not pass. Speaks TAP.
"""
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request

TOOL, FOLDER = sys.argv[1], sys.argv[2]
HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 5870
ENDPOINT = "http://127.0.0.1:%d" % PORT
BUCKET = "example-live"
os.chdir(FOLDER)
open("empty.cfg", "w").close()
open("body.txt", "w").write("hello\n")
for name in list(os.environ):
    if name.startswith(("AWS_", "IAMREPLAY_")) or name.lower().endswith("_proxy"):
        del os.environ[name]
os.environ.update(AWS_ACCESS_KEY_ID="AKIAQAAAAAAAEXAMPLE1", AWS_SECRET_ACCESS_KEY="example", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="",
                  AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="empty.cfg", AWS_SHARED_CREDENTIALS_FILE="empty.cfg",
                  AWS_MAX_ATTEMPTS="1", LC_ALL="C")

WORKLOAD = [line.split() for line in """
ec2 describe-vpcs
ec2 describe-subnets
ec2 describe-security-groups
s3api list-buckets
s3api put-object --bucket BUCKET --key team/a --body body.txt
s3api get-object --bucket BUCKET --key team/seed got.txt
s3api delete-object --bucket BUCKET --key team/a
s3api get-bucket-location --bucket BUCKET
dynamodb list-tables
dynamodb describe-table --table-name orders
dynamodb get-item --table-name orders --key {"id":{"S":"1"}}
lambda list-functions
logs describe-log-groups
logs create-log-group --log-group-name /live/new
cloudwatch list-metrics
cloudwatch describe-alarms
route53 list-hosted-zones
sns list-topics
sns create-topic --name alerts
sqs list-queues
sqs get-queue-url --queue-name jobs
iam list-roles
iam get-user --user-name live
kms list-keys
kms list-aliases
secretsmanager list-secrets
ssm describe-parameters
ssm get-parameter --name /app/db
cloudformation list-stacks
events list-rules
ecr describe-repositories
kinesis list-streams
stepfunctions list-state-machines
""".replace("BUCKET", BUCKET).strip().splitlines()]

count = failures = 0


def ok(good, name, *notes):
    global count, failures
    count += 1
    failures += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))
    for note in notes if not good else ():
        print("#", str(note)[:2000])
    sys.stdout.flush()
    return good


@contextlib.contextmanager
def output_to(path):
    """What the aws CLI writes, which keeps its own handles."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with open(path, "wb") as f:
        os.dup2(f.fileno(), 1)
        os.dup2(f.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(saved[0], 1)
            os.dup2(saved[1], 2)
            os.close(saved[0])
            os.close(saved[1])


drivers = {}


def aws(*words):
    """The aws CLI itself, in this process: starting it anew costs a second a call, and reading its models half of it."""
    from awscli.clidriver import create_clidriver
    key = os.environ["AWS_ACCESS_KEY_ID"]
    with output_to("aws.out"):
        if key not in drivers:
            drivers[key] = create_clidriver()
        try:
            status = drivers[key].main(["--endpoint-url", ENDPOINT, *words])
        except SystemExit as e:
            status = e.code
    return status, open("aws.out", errors="replace").read()


def enforcement(on):
    request = urllib.request.Request(ENDPOINT + "/moto-api/reset-auth", data=b"0" if on else b"inf",
                                     headers={"Content-Type": "text/plain"})
    assert urllib.request.urlopen(request).status == 200


def attach(document):
    """The policy becomes the user's only one, judged from now on."""
    enforcement(False)
    with open("policy.json", "w") as f:
        json.dump(document, f)
    status, text = aws("iam", "put-user-policy", "--user-name", "live", "--policy-name", "p", "--policy-document", "file://policy.json")
    assert status == 0, text
    enforcement(True)


def name_of(words):
    return " ".join(words[:2])


def replay():
    """The calls that were refused, and those that failed otherwise."""
    refused, broken = set(), []
    for words in WORKLOAD:
        status, text = aws(*words)
        if status != 0 and any(t in text for t in ("AccessDenied", "not authorized", "UnauthorizedOperation", "(403)", "Forbidden", "occurred ()")):
            refused.add(name_of(words))
        elif status != 0 and "AlreadyExists" not in text:
            broken.append((name_of(words), text))
    return refused, broken


def tool(*words):
    return subprocess.run([TOOL, *words], capture_output=True, text=True)


def set_up():
    for words in (["s3api", "create-bucket", "--bucket", BUCKET], ["s3api", "put-object", "--bucket", BUCKET, "--key", "team/seed", "--body", "body.txt"],
                  ["sqs", "create-queue", "--queue-name", "jobs"],
                  ["dynamodb", "create-table", "--table-name", "orders", "--attribute-definitions", "AttributeName=id,AttributeType=S",
                   "--key-schema", "AttributeName=id,KeyType=HASH", "--billing-mode", "PAY_PER_REQUEST"],
                  ["ssm", "put-parameter", "--name", "/app/db", "--value", "x", "--type", "String"], ["iam", "create-user", "--user-name", "live"]):
        status, text = aws(*words)
        assert status == 0, text
    status, text = aws("iam", "create-access-key", "--user-name", "live")
    key = json.loads(text)["AccessKey"]
    os.environ.update(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
    return key["AccessKeyId"]


def record():
    """Real aws commands under record, which listens to their client-side monitoring."""
    with open("work.sh", "w") as f:
        for words in WORKLOAD:
            f.write("aws --endpoint-url %s %s >/dev/null || exit 1\n" % (ENDPOINT, " ".join("'%s'" % w for w in words)))
    got = tool("record", "--csm", "-o", "live.capture", "--", "sh", "work.sh")
    ok(got.returncode == 0, "%d calls of the aws CLI are recorded" % len(WORKLOAD), got.stderr)
    got = tool("ingest", "--db", "db", "live.capture")
    ok(got.returncode == 0, "the recording is ingested", got.stderr)


def as_list(x):
    return [x] if isinstance(x, str) else x


def without(document, action):
    copy = json.loads(json.dumps(document))
    for s in copy["Statement"]:
        s["Action"] = [a for a in as_list(s["Action"]) if a != action]
    copy["Statement"] = [s for s in copy["Statement"] if s["Action"]]
    return copy


# How the recorded event of a workload call is called.
EVENTS = {}


def event_of(words):
    return "".join(p.capitalize() for p in words[1].split("-")).replace("Vpcs", "Vpcs").replace("Url", "Url")


def drop_each(document, principal):
    actions = sorted({a for s in document["Statement"] for a in as_list(s["Action"])})
    ok(len(actions) >= 25 and len({a.split(":")[0] for a in actions}) >= 12,
       "at least 25 actions of 12 services are granted", actions)
    by_event = {}
    for words in WORKLOAD:
        by_event.setdefault(event_of(words).lower(), set()).add(name_of(words))
    for action in actions:
        less = without(document, action)
        with open("less.json", "w") as f:
            json.dump(less, f)
        told = json.loads(tool("verify", "--db", "db", "--principal", principal, "--json", "less.json").stdout)
        expected = set()
        for x in told["denied"]:
            expected |= by_event.get(x["call"].split(":")[1].lower(), {x["call"]})
        attach(less)
        refused, broken = replay()
        ok(refused == expected and not broken and expected, "without %s exactly %s fails" % (action, sorted(expected)),
           "refused %s" % sorted(refused), "broken %s" % broken)


def prefixes():
    """A policy with resources: what was recorded of one prefix does not pass on another."""
    events = []
    for i, name in enumerate(("PutObject", "GetObject")):
        events.append({"eventVersion": "1.10", "eventID": "00000000-0000-4000-8000-%012d" % i, "eventTime": "2026-09-01T10:00:00Z",
                       "eventSource": "s3.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "eventType": "AwsApiCall",
                       "recipientAccountId": "123456789012", "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/1.45",
                       "requestParameters": {"bucketName": BUCKET, "key": "team/a"}, "responseElements": None,
                       "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/live", "accountId": "123456789012",
                                        "userName": "live"}})
    with open("trail.json", "w") as f:
        json.dump({"Records": events}, f)
    assert tool("ingest", "--db", "prefix", "trail.json").returncode == 0
    document = json.loads(tool("policy", "--db", "prefix", "--principal", "user/live", "--resources", "exact").stdout)
    for s in document["Statement"]:
        s["Resource"] = [r.replace("team/a", "team/*") for r in as_list(s["Resource"])]
    attach(document)
    for key, want in (("team/a", 0), ("team/b/c", 0), ("other/a", 1), ("teammate", 1)):
        status, text = aws("s3api", "put-object", "--bucket", BUCKET, "--key", key, "--body", "body.txt")
        arn = "arn:aws:s3:::%s/%s" % (BUCKET, key)
        told = tool("simulate", "--json", "--policy", "policy.json", "--action", "s3:PutObject", "--resource", arn).stdout
        decision = json.loads(told)["decision"]
        ok((status != 0) == bool(want) and (decision == "allowed") == (want == 0),
           "%s %s" % (key, "is refused" if want else "passes"), text, told)


def main():
    server = subprocess.Popen([sys.executable, os.path.join(HERE, "judge.py"), str(PORT)], stdout=subprocess.DEVNULL,
                              stderr=open("judge.log", "w"))
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(ENDPOINT + "/moto-api/", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        key = set_up()
        principal = "access-key/" + key
        record()
        got = tool("policy", "--db", "db", "--principal", key, "--resources", "any", "--limit", "none")
        if not ok(got.returncode == 0, "a policy is made of it", got.stderr):
            return
        document = json.loads(got.stdout)
        aws("logs", "delete-log-group", "--log-group-name", "/live/new")
        attach(document)
        refused, broken = replay()
        ok(not refused and not broken, "the workload passes under it", refused, broken)
        drop_each(document, principal)
        prefixes()
    finally:
        server.terminate()
        server.wait()
        print("1..%d" % count)


main()
sys.exit(1 if failures else 0)
