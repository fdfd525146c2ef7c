#!/usr/bin/env python3
"""simulate-workloads.py IAMREPLAY [--seed N] [--show KIND] [POLICY OPTIONS...]: how well policies hold.

Simulates an account with known truth: some kinds of workload, several of each, for 28 days. Policies are made from the first
three weeks; every call of the fourth is held against them, and so are decoys that nobody should reach: near ones (a sibling
prefix, the -dev twin, another team's) and far ones. Prints a table: share of calls held, of decoys opened, a row a kind.
"""
import collections
import datetime
import json
import os
import random
import re
import subprocess
import sys
import tempfile

ACCOUNT, REGION = "111122223333", "eu-west-1"
START = datetime.date(2026, 8, 17)
DAYS, TRAIN = 28, 21


class Simulation:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.events = []    # (day, record)
        self.wanted = collections.defaultdict(list)  # principal -> (day, action, resource)
        self.decoys = collections.defaultdict(list)  # principal -> (near, action, resource)
        self.kind = {}

    def hex(self, n):
        while True:
            text = "".join(self.random.choice("0123456789abcdef") for _ in range(n))
            if re.search("[a-f]", text) and re.search("[0-9]", text):
                return text

    def uuid(self):
        return "-".join(self.hex(n) for n in (8, 4, 4, 4, 12))

    def call(self, who, day, source, name, params, *granted, response=None):
        n = len(self.events)
        role = who.split("/")[-1]
        when = datetime.datetime.combine(START, datetime.time()) + datetime.timedelta(days=day, seconds=36000 + n % 20000)
        self.events.append((day, {
            "eventVersion": "1.09", "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": source + ".amazonaws.com",
            "eventName": name, "awsRegion": REGION, "sourceIPAddress": "198.51.100.7", "userAgent": "boto3/1.34",
            "requestParameters": params, "responseElements": response, "eventType": "AwsApiCall", "recipientAccountId": ACCOUNT,
            "eventID": "00000000-0000-4000-8000-%012d" % n,
            "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:s", "accountId": ACCOUNT,
                             "arn": "arn:aws:sts::%s:assumed-role/%s/s" % (ACCOUNT, role), "sessionContext": {"sessionIssuer": {
                                 "type": "Role", "principalId": "AROAEXAMPLE", "accountId": ACCOUNT, "userName": role,
                                 "arn": "arn:aws:iam::%s:role/%s" % (ACCOUNT, role)}}}}))
        for action, resource in granted:
            self.wanted[who].append((day, action, resource))

    def near(self, who, action, *resources):
        self.decoys[who] += [(True, action, r) for r in resources]

    def far(self, who, action, *resources):
        self.decoys[who] += [(False, action, r) for r in resources]

    # ---- calls

    def s3(self, who, day, verb, bucket, key):
        self.call(who, day, "s3", verb + "Object", {"bucketName": bucket, "key": key, "Host": bucket + ".s3.amazonaws.com"},
                  ("s3:%sObject" % verb, obj(bucket, key)))

    def table(self, who, day, name, table):
        self.call(who, day, "dynamodb", name, {"tableName": table}, ("dynamodb:" + name, arn("dynamodb", "table/" + table)))

    def queue(self, who, day, name, queue):
        self.call(who, day, "sqs", name, {"queueUrl": "https://sqs.%s.amazonaws.com/%s/%s" % (REGION, ACCOUNT, queue)},
                  ("sqs:" + name, arn("sqs", queue)))

    def role(self, who, day, name, role, **more):
        self.call(who, day, "iam", name, dict(more, roleName=role), ("iam:" + name, "arn:aws:iam::%s:role/%s" % (ACCOUNT, role)))

    def parameter(self, who, day, name):
        self.call(who, day, "ssm", "GetParameter", {"name": name, "withDecryption": True},
                  ("ssm:GetParameter", arn("ssm", "parameter" + name)))

    def secret(self, who, day, name):
        self.call(who, day, "secretsmanager", "GetSecretValue", {"secretId": name},
                  ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:%s-AbCdEf" % name)))

    def function(self, who, day, name, function, action):
        self.call(who, day, "lambda", name, {"functionName": function}, (action, arn("lambda", "function:" + function)))


def arn(service, rest):
    return "arn:aws:%s:%s:%s:%s" % (service, REGION, ACCOUNT, rest)


def obj(bucket, key):
    return "arn:aws:s3:::%s/%s" % (bucket, key)


def date(day):
    return START + datetime.timedelta(days=day)


# ---- kinds of workload: each simulates one principal; app is a name of its own

def preview_environments(s, who, app):
    """CI makes and removes an environment for each pull request."""
    number, open_ones = s.random.randint(40, 400), []
    for day in range(DAYS):
        for _ in range(s.random.randint(0, 2) if day % 7 < 5 else 0):
            number += s.random.randint(1, 3)
            name = "%s-pr-%d" % (app, number)
            open_ones.append(name)
            s.role(who, day, "CreateRole", name, assumeRolePolicyDocument="{}")
            s.role(who, day, "PutRolePolicy", name, policyName="p")
            s.role(who, day, "GetRole", name)
            s.s3(who, day, "Put", app + "-state", "env:/pr-%d/app.tfstate" % number)
        while len(open_ones) > 3:
            gone = open_ones.pop(0)
            s.role(who, day, "DeleteRolePolicy", gone, policyName="p")
            s.role(who, day, "DeleteRole", gone)
            s.s3(who, day, "Get", app + "-state", "env:/%s/app.tfstate" % gone[len(app) + 1:])
    for action in "iam:PutRolePolicy", "iam:DeleteRole":
        s.near(who, action, *("arn:aws:iam::%s:role/%s" % (ACCOUNT, r) for r in (app + "-prod", app + "x-pr-7", "infra-pr-7")))
        s.far(who, action, "arn:aws:iam::%s:role/admin" % ACCOUNT, "arn:aws:iam::444455556666:role/%s-pr-9" % app)
    s.near(who, "s3:PutObject", obj(app + "-state", "env:/prod/app.tfstate"), obj(app + "-state", "env:/pr-9/other.tfstate"))
    s.far(who, "s3:PutObject", obj("billing", "env:/pr-9/app.tfstate"))


def artifacts(s, who, app):
    """CI uploads under a commit's hash and deploys a fixed list of functions."""
    functions = ["%s-%s-prod" % (app, part) for part in ("api", "worker", "cron")]
    for day in range(DAYS):
        for _ in range(s.random.randint(1, 4)):
            s.s3(who, day, "Put", app + "-artifacts", "builds/%s/app.zip" % s.hex(s.random.choice((7, 40))))
            for f in functions:
                s.function(who, day, "UpdateFunctionCode20150331v2", f, "lambda:UpdateFunctionCode")
    for part in "api", "worker":
        for stage in "dev", "stage":
            twin = "%s-%s-%s" % (app, part, stage)
            s.function("role/%s-deploy-%s" % (app, stage), 3, "UpdateFunctionCode20150331v2", twin, "lambda:UpdateFunctionCode")
            s.near(who, "lambda:UpdateFunctionCode", arn("lambda", "function:" + twin))
    s.near(who, "s3:PutObject", obj(app + "-artifacts", "releases/1.0/app.zip"), obj(app + "-artifacts-dev", "builds/abc1234/app.zip"))
    s.far(who, "lambda:UpdateFunctionCode", arn("lambda", "function:payments"))


def partitions(s, who, app):
    """A pipeline writes hive partitions."""
    for day in range(DAYS):
        for hour in s.random.sample(range(24), 3):
            d = date(day)
            part = "part-%05d-%s.parquet" % (s.random.randint(0, 99), s.uuid())
            s.s3(who, day, "Put", app + "-lake", "events/year=%d/month=%02d/day=%02d/hour=%02d/%s" % (d.year, d.month, d.day, hour, part))
        s.s3(who, day, "Get", app + "-raw", "in/dt=%s/data.json" % date(day))
    s.near(who, "s3:PutObject", obj(app + "-lake", "users/year=2026/month=09/day=08/hour=01/part-00001.parquet"),
           obj(app + "-lake-dev", "events/year=2026/month=09/day=08/hour=01/part-00001.parquet"), obj(app + "-lake", "_config/schema.json"))
    s.near(who, "s3:GetObject", obj(app + "-raw", "out/dt=2026-09-08/data.json"), obj(app + "-raw", "in/dt=2026-09-08/keys.json"))
    s.far(who, "s3:GetObject", obj("salaries", "in/dt=2026-09-08/data.json"))


def growing_tenants(s, who, app):
    """A service for tenants that become more."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    tenants = []

    def tenant():
        tenants.append("".join(s.random.choice(letters) for _ in range(s.random.randint(5, 9))))
    for _ in range(6):
        tenant()
    for day in range(DAYS):
        if s.random.random() < 0.7:
            tenant()
        for one in s.random.sample(tenants, 5) + tenants[-2:]:
            s.s3(who, day, s.random.choice(("Get", "Put")), app + "-data", "tenants/%s/orders.csv" % one)
            s.queue(who, day, "SendMessage", "%s-%s-inbox" % (app, one))
    s.near(who, "s3:GetObject", obj(app + "-data", "tenants/zeta/secrets.csv"), obj(app + "-data", "archive/zeta/orders.csv"),
           obj(app + "-data-dev", "tenants/zeta/orders.csv"))
    s.near(who, "sqs:SendMessage", arn("sqs", app + "-zeta-dead"), arn("sqs", app + "x-zeta-inbox"))
    s.far(who, "sqs:SendMessage", arn("sqs", "payments"))


def uploads(s, who, app):
    """Uploads and thumbnails named by UUID."""
    for day in range(DAYS):
        for _ in range(4):
            name = s.uuid()
            s.s3(who, day, "Put", app + "-media", "uploads/%s.jpg" % name)
            s.s3(who, day, "Put", app + "-media", "thumbs/%s/small.jpg" % name)
    s.near(who, "s3:PutObject", obj(app + "-media", "avatars/%s.jpg" % s.uuid()), obj(app + "-media-dev", "uploads/%s.jpg" % s.uuid()),
           obj(app + "-media", "uploads/%s.html" % s.uuid()))
    s.far(who, "s3:PutObject", obj("website", "index.html"))


def tasks(s, who, app):
    """A scheduler runs tasks of rising revisions."""
    revision = s.random.randint(10, 90)
    for day in range(DAYS):
        revision += s.random.randint(0, 1)
        for _ in range(2):
            family = app + "-etl"
            s.call(who, day, "ecs", "RunTask", {"cluster": app, "taskDefinition": "%s:%d" % (family, revision), "count": 1},
                   ("ecs:RunTask", arn("ecs", "task-definition/%s:%d" % (family, revision))))
            task = s.hex(32)
            s.call(who, day, "ecs", "StopTask", {"cluster": app, "task": task}, ("ecs:StopTask", arn("ecs", "task/%s/%s" % (app, task))))
    s.near(who, "ecs:RunTask", arn("ecs", "task-definition/%s-admin:3" % app))
    s.near(who, "ecs:StopTask", arn("ecs", "task/%s-dev/%s" % (app, s.hex(32))))
    s.far(who, "ecs:RunTask", arn("ecs", "task-definition/payments:3"))


def production_only(s, who, app):
    """A service of production beside its twins."""
    parts = ["orders", "users", "carts", "stock"]
    for day in range(DAYS):
        for part in parts:
            s.table(who, day, "GetItem", "%s-%s-prod" % (app, part))
        s.queue(who, day, "SendMessage", "%s-mail-prod" % app)
    for stage in "dev", "stage":
        for part in parts:
            for day in 1, 4, 9:
                s.table("role/%s-%s" % (app, stage), day, "GetItem", "%s-%s-%s" % (app, part, stage))
            s.near(who, "dynamodb:GetItem", arn("dynamodb", "table/%s-%s-%s" % (app, part, stage)))
        s.near(who, "sqs:SendMessage", arn("sqs", "%s-mail-%s" % (app, stage)))
    s.far(who, "dynamodb:GetItem", arn("dynamodb", "table/salaries"))


def secrets(s, who, app):
    """Secrets by name, and parameters of a folder that gets a new one now and then."""
    leaves = ["db-url", "api-key", "smtp"]
    for day in range(DAYS):
        if day in (6, 10, 13, 17, 20, 24):
            leaves.append("feature-%s" % s.random.choice(("x", "y", "z")) + str(day))
        for leaf in leaves[-2:] + s.random.sample(leaves, 2):
            s.parameter(who, day, "/%s/prod/%s" % (app, leaf))
        s.secret(who, day, "%s/prod/db" % app)
    for day in 2, 5:
        s.parameter("role/%s-dev" % app, day, "/%s/dev/db-url" % app)
    s.near(who, "ssm:GetParameter", arn("ssm", "parameter/%s/dev/db-url" % app), arn("ssm", "parameter/%s/stage/db-url" % app))
    s.near(who, "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:%s/dev/db-AbCdEf" % app),
           arn("secretsmanager", "secret:%s/prod/root-AbCdEf" % app))
    s.far(who, "ssm:GetParameter", arn("ssm", "parameter/root/key"))


def reports(s, who, app):
    """Reports by day, week and month."""
    for day in range(DAYS):
        d = date(day)
        s.s3(who, day, "Put", app + "-reports", "daily/%s/sales.csv" % d.strftime("%Y/%m/%d"))
        s.s3(who, day, "Put", app + "-reports", "usage/%s/%s.csv" % (d.strftime("%Y%m"), d.strftime("%a").lower()))
        if d.weekday() == 0:
            s.s3(who, day, "Put", app + "-reports", "weekly/week%d.pdf" % d.isocalendar()[1])
            s.s3(who, day, "Get", app + "-reports", "monthly/%s/summary.csv" % d.strftime("%Y-%m"))
    s.near(who, "s3:PutObject", obj(app + "-reports", "daily/2026/09/09/costs.csv"), obj(app + "-reports", "final/week37.pdf"),
           obj(app + "-reports-old", "weekly/week37.pdf"))
    s.far(who, "s3:PutObject", obj("ledger", "daily/2026/09/09/sales.csv"))


def scanner(s, who, app):
    """Reads the metadata of every bucket and role."""
    buckets = ["%s-%s" % (app, w) for w in ("a", "logs", "web", "data", "tmp", "media")]
    for day in range(DAYS):
        if day % 5 == 3:
            buckets.append("%s-new%d" % (app, day))
        for b in buckets:
            for name, action in (("GetBucketAcl", "s3:GetBucketAcl"), ("GetBucketPolicy", "s3:GetBucketPolicy"),
                                 ("GetBucketEncryption", "s3:GetEncryptionConfiguration")):
                s.call(who, day, "s3", name, {"bucketName": b}, (action, "arn:aws:s3:::" + b))
    s.near(who, "s3:GetObject", obj(app + "-data", "x"))
    s.near(who, "s3:PutBucketAcl", "arn:aws:s3:::%s-data" % app)
    s.far(who, "iam:GetRole", "arn:aws:iam::%s:role/admin" % ACCOUNT)


def snapshots(s, who, app):
    """Backups named by date, removed after a week."""
    for day in range(DAYS):
        for database in "orders", "users":
            name = "%s-%s-%s" % (app, database, date(day))
            s.call(who, day, "rds", "CreateDBSnapshot", {"dBSnapshotIdentifier": name, "dBInstanceIdentifier": "%s-%s" % (app, database)},
                   ("rds:CreateDBSnapshot", arn("rds", "snapshot:" + name)), ("rds:CreateDBSnapshot", arn("rds", "db:%s-%s" % (app, database))))
            if day >= 7:
                old = "%s-%s-%s" % (app, database, date(day - 7))
                s.call(who, day, "rds", "DeleteDBSnapshot", {"dBSnapshotIdentifier": old}, ("rds:DeleteDBSnapshot", arn("rds", "snapshot:" + old)))
    s.near(who, "rds:DeleteDBSnapshot", arn("rds", "snapshot:%s-final" % app), arn("rds", "snapshot:%s-ledger-2026-09-08" % app))
    s.near(who, "rds:CreateDBSnapshot", arn("rds", "db:%s-ledger" % app))
    s.far(who, "rds:DeleteDBSnapshot", arn("rds", "snapshot:payroll-2026-09-08"))


def closed_list(s, who, app):
    """A fixed list of tables, some rarely used, among lookalikes of others."""
    tables = ["%s-shard-%02d" % (app, i) for i in range(40)]
    mine = s.random.sample(tables, 12)
    for day in range(DAYS):
        for i, t in enumerate(mine):
            if day == i % 9 or s.random.random() < 1.0 / (1 + i / 2):
                s.table(who, day, "GetItem", t)
    for t in tables:
        if t in mine:
            continue
        for day in s.random.sample(range(TRAIN), 3):
            s.table("role/%s-other" % app, day, "GetItem", t)
        s.near(who, "dynamodb:GetItem", arn("dynamodb", "table/" + t))
    s.far(who, "dynamodb:GetItem", arn("dynamodb", "table/salaries"))


def log_streams(s, who, app):
    """A function that logs."""
    for day in range(DAYS):
        for _ in range(2):
            stream = "%s/[$LATEST]%s" % (date(day).strftime("%Y/%m/%d"), s.hex(32))
            group = "/aws/lambda/" + app
            s.call(who, day, "logs", "CreateLogStream", {"logGroupName": group, "logStreamName": stream},
                   ("logs:CreateLogStream", arn("logs", "log-group:%s:log-stream:%s" % (group, stream))))
    s.near(who, "logs:CreateLogStream", arn("logs", "log-group:/aws/lambda/%s-dev:log-stream:x" % app))
    s.far(who, "logs:CreateLogStream", arn("logs", "log-group:/aws/lambda/payments:log-stream:x"))


def workers(s, who, app):
    """A worker with its queues."""
    for day in range(DAYS):
        for q in "jobs", "jobs-dead", "results":
            s.queue(who, day, "ReceiveMessage", "%s-%s" % (app, q))
            s.queue(who, day, "DeleteMessage", "%s-%s" % (app, q))
    for q in "audit", "jobs-dev":
        s.queue("role/%s-audit" % app, 4, "ReceiveMessage", "%s-%s" % (app, q))
        s.near(who, "sqs:ReceiveMessage", arn("sqs", "%s-%s" % (app, q)))
    s.far(who, "sqs:ReceiveMessage", arn("sqs", "payments"))


def addresses(s, who, app):
    """Takes an address for each run and gives it back."""
    for day in range(DAYS):
        allocation = "eipalloc-0" + s.hex(16)
        s.call(who, day, "ec2", "AllocateAddress", {"domain": "vpc"}, ("ec2:AllocateAddress", arn("ec2", "elastic-ip/" + allocation)),
               response={"allocationId": allocation, "publicIp": "203.0.113.%d" % day})
        s.call(who, day, "ec2", "ReleaseAddress", {"allocationId": allocation}, ("ec2:ReleaseAddress", arn("ec2", "elastic-ip/" + allocation)))
    s.far(who, "ec2:ReleaseAddress", "arn:aws:ec2:us-east-1:%s:elastic-ip/eipalloc-0123456789abcdef0" % ACCOUNT)


def executions(s, who, app):
    """Starts executions of a state machine and looks at them."""
    machine = arn("states", "stateMachine:%s-flow" % app)
    for day in range(DAYS):
        for _ in range(2):
            run = arn("states", "execution:%s-flow:%s" % (app, s.uuid()))
            s.call(who, day, "states", "StartExecution", {"stateMachineArn": machine}, ("states:StartExecution", machine))
            s.call(who, day, "states", "DescribeExecution", {"executionArn": run}, ("states:DescribeExecution", run))
    s.near(who, "states:StartExecution", arn("states", "stateMachine:%s-flow-dev" % app))
    s.near(who, "states:DescribeExecution", arn("states", "execution:%s-flow-dev:%s" % (app, s.uuid())))
    s.far(who, "states:StartExecution", arn("states", "stateMachine:payments"))


def configuration(s, who, app):
    """The same few names every day, a version in one of them."""
    for day in range(DAYS):
        s.s3(who, day, "Get", app + "-config", "v2/settings-2019.json")
        s.s3(who, day, "Get", app + "-config", "release-1.4.2/flags.json")
        s.call(who, day, "sns", "Publish", {"topicArn": arn("sns", app + "-events-v3")}, ("sns:Publish", arn("sns", app + "-events-v3")))
    s.near(who, "s3:GetObject", obj(app + "-config", "v3/settings-2019.json"), obj(app + "-config", "v2/settings-2020.json"),
           obj(app + "-config", "release-1.4.3/flags.json"))
    s.near(who, "sns:Publish", arn("sns", app + "-events-v2"))
    s.far(who, "sns:Publish", arn("sns", "alarms"))


KINDS = [preview_environments, artifacts, partitions, growing_tenants, uploads, tasks, production_only, secrets, reports, scanner,
         snapshots, closed_list, log_streams, workers, addresses, executions, configuration]
NAMES = ["shop", "crm", "blog", "geo", "mail"]


# ---- the score

def pattern(text):
    """A resource of a policy as a regular expression: ${*} and its like are the characters."""
    out, i = "", 0
    while i < len(text):
        if text[i:i + 2] == "${" and text[i + 3:i + 4] == "}":
            out += re.escape(text[i + 2])
            i += 4
            continue
        out += {"*": ".*", "?": "."}.get(text[i], re.escape(text[i]))
        i += 1
    return re.compile(out, re.S)


class Policy:
    def __init__(self, documents):
        self.grants = collections.defaultdict(list)
        self.wild = []
        self.size = sum(len(json.dumps(d, separators=(",", ":"))) for d in documents)
        for d in documents:
            for st in d["Statement"]:
                resources = [pattern(r) for r in st["Resource"]]
                for a in st["Action"]:
                    self.grants[a.lower()] += resources

    def allows(self, action, resource):
        return any(p.fullmatch(resource) for p in self.grants.get(action.lower(), ()))


def main(kinds, apps):
    arguments = sys.argv[1:]
    program, seed, show = os.path.abspath(arguments.pop(0)), 1, None
    while arguments and arguments[0] in ("--seed", "--show"):
        if arguments.pop(0) == "--seed":
            seed = int(arguments.pop(0))
        else:
            show = arguments.pop(0)
    s = Simulation(seed)
    for kind in kinds:
        for app in apps:
            words = kind.__name__.split("_")
            who = "role/%s-%s" % (app, "-".join(words))
            s.kind[who] = kind.__name__
            kind(s, who, "%s-%s" % (app, "".join(w[:3] for w in words)))
    score = collections.defaultdict(lambda: [0] * 7)  # held, calls, near opened, near, far opened, far, too large
    with tempfile.TemporaryDirectory() as scratch:
        with open(scratch + "/trail.json", "w") as f:
            json.dump({"Records": [e for day, e in s.events if day < TRAIN]}, f)
        run = lambda *words: subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        done = run("ingest", "--db", scratch + "/db", scratch + "/trail.json")
        if done.returncode:
            sys.exit(done.stderr)
        run("policy", "--db", scratch + "/db", "--all", "-f", "minified", "-o", scratch + "/out", *arguments)
        folder = scratch + "/out/%s/role/" % ACCOUNT
        files = sorted(os.listdir(folder))
        for who, kind in sorted(s.kind.items()):
            name = who.split("/")[1]
            mine = [f for f in files if re.fullmatch(re.escape(name) + r"(~\d+)?\.min\.json", f)]
            policy = Policy([json.load(open(folder + f)) for f in mine])
            if show and show in (kind, who):
                for f in mine:
                    for st in json.load(open(folder + f))["Statement"]:
                        print(who, st["Action"], *st["Resource"], sep="\n    ")
            row = score[kind]
            row[6] += not mine
            for day, action, resource in s.wanted[who]:
                if day >= TRAIN:
                    held = policy.allows(action, resource)
                    row[0] += held
                    row[1] += 1
                    if show in (kind, who) and not held:
                        print("  not held:", action, resource)
            for near, action, resource in s.decoys[who]:
                opened = policy.allows(action, resource)
                row[2 if near else 4] += opened
                row[3 if near else 5] += 1
                if show in (kind, who) and opened:
                    print("  opened:", action, resource)
    total = [sum(r[i] for r in score.values()) for i in range(7)]
    share = lambda a, b: "%6.1f" % (100.0 * a / b) if b else "     -"
    print("%-22s %6s %6s %6s   of calls, near, far" % ("kind of workload", "held", "near", "far"))
    for kind, r in list(score.items()) + [("all", total)]:
        print("%-22s %s %s %s   %d, %d, %d%s" % (kind, share(r[0], r[1]), share(r[2], r[3]), share(r[4], r[5]), r[1], r[3], r[5],
                                                 "   %d without a policy" % r[6] if r[6] else ""))


if __name__ == "__main__":
    main(KINDS, NAMES)
