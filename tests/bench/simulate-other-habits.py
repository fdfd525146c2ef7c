#!/usr/bin/env python3
"""simulate-other-habits.py IAMREPLAY [--seed N] [--show KIND] [POLICY OPTIONS...]: as simulate-workloads.py, on workloads of
which the folding rules were not made.

Other people's habits: other separators, languages, forms of dates, ids and sizes, lists of which some members are rare, names
that come for the first time in the week that is judged. The start of the month differs by seed.

Some near decoys stay open where numbers vary in length: "build-cache" beside "build-998" and "build-1003".
"""
import datetime
import importlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
base = importlib.import_module("simulate-workloads")
ACCOUNT, DAYS, TRAIN, arn, obj, date = base.ACCOUNT, base.DAYS, base.TRAIN, base.arn, base.obj, base.date

LOWER, UPPER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
SYLLABLES = ["ka", "lo", "mi", "ren", "tus", "vel", "dor", "pin", "sa", "gra", "os", "em", "fa", "nor", "bex", "ul"]


def text(s, alphabet, n):
    return "".join(s.random.choice(alphabet) for _ in range(n))


def word(s):
    return "".join(s.random.choice(SYLLABLES) for _ in range(s.random.randint(2, 4)))


def iam_role(name):
    return "arn:aws:iam::%s:role/%s" % (ACCOUNT, name)


def times(day):
    return datetime.datetime.combine(date(day), datetime.time(3, day * 7 % 60, day * 31 % 60))


def branch_stacks(s, who, app):
    """CI by OIDC: a stack a branch, its roles with CloudFormation's suffix."""
    open_ones = []
    for day in range(DAYS):
        for _ in range(s.random.randint(0, 2)):
            name = "%s-%s-ApiRole-%s" % (app, "feat" + word(s), text(s, UPPER + DIGITS, 12) + "7")
            open_ones.append(name)
            s.role(who, day, "CreateRole", name, assumeRolePolicyDocument="{}")
            s.role(who, day, "AttachRolePolicy", name, policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        while len(open_ones) > 2:
            gone = open_ones.pop(0)
            s.role(who, day, "DetachRolePolicy", gone, policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
            s.role(who, day, "DeleteRole", gone)
    for action in "iam:CreateRole", "iam:DeleteRole":
        s.near(who, action, iam_role("%s-main-AdminRole-1ABCDEFGH2JK3" % app), iam_role("%s2-featx-ApiRole-1ABCDEFGH2JK3" % app),
               iam_role("%s-admin" % app))
        s.far(who, action, iam_role("OrganizationAccountAccessRole"))


def branch_states(s, who, app):
    """A Terraform state and a database for each branch; production's is somebody else's."""
    branches = []
    for day in range(DAYS):
        if s.random.random() < 0.8:
            branches.append(word(s) + "_" + word(s))
        for b in branches[-3:]:
            s.s3(who, day, "Get", app + ".tfstate", "workspaces/feature_%s/network.tfstate" % b)
            s.s3(who, day, "Put", app + ".tfstate", "workspaces/feature_%s/network.tfstate" % b)
    s.s3("role/%s-ops" % app, 3, "Put", app + ".tfstate", "workspaces/production/network.tfstate")
    s.near(who, "s3:PutObject", obj(app + ".tfstate", "workspaces/production/network.tfstate"),
           obj(app + ".tfstate", "workspaces/feature_x/secrets.tfstate"), obj(app + "-prod.tfstate", "workspaces/feature_x/network.tfstate"))
    s.far(who, "s3:PutObject", obj("audit", "workspaces/feature_x/network.tfstate"))


def partitions_of_other_keys(s, who, app):
    """Hive partitions under keys of a company's own."""
    for day in range(DAYS):
        for source in "web", "shop":
            at = "clicks/ingest_date=%s/source=%s" % (date(day).strftime("%Y%m%d"), source)
            s.s3(who, day, "Put", app + "-dl", "%s/part-00000-%s-c000.snappy.parquet" % (at, s.uuid()))
            s.s3(who, day, "Put", app + "-dl", at + "/_SUCCESS")
        s.s3(who, day, "Get", app + "-dl", "landing/load_hour=%sT05/rows.avro" % date(day))
    s.near(who, "s3:PutObject", obj(app + "-dl", "customers/ingest_date=20260909/source=web/_SUCCESS"),
           obj(app + "-dl", "clicks/ingest_date=20260909/source=billing/_SUCCESS"), obj(app + "-dl-test", "clicks/ingest_date=20260909/source=web/_SUCCESS"))
    s.near(who, "s3:GetObject", obj(app + "-dl", "landing/load_hour=2026-09-09T05/keys.avro"))
    s.far(who, "s3:GetObject", obj("personnel", "landing/load_hour=2026-09-09T05/rows.avro"))


def numbered_customers(s, who, app):
    """Customers by number, ever more."""
    number = s.random.randint(300, 9000)
    customers = list(range(number - 12, number))
    for day in range(DAYS):
        if s.random.random() < 0.6:
            customers.append(customers[-1] + s.random.randint(1, 4))
        for c in s.random.sample(customers, 4) + customers[-1:]:
            s.s3(who, day, "Get", app + "-archiv", "kunden/%06d/rechnung.pdf" % c)
            s.table(who, day, "PutItem", "%s_K%d_posten" % (app, c))
    s.near(who, "s3:GetObject", obj(app + "-archiv", "kunden/000412/vertrag.pdf"), obj(app + "-archiv", "intern/000412/rechnung.pdf"))
    s.near(who, "dynamodb:PutItem", arn("dynamodb", "table/%s_K412_zugang" % app), arn("dynamodb", "table/%s_admin_posten" % app))
    s.far(who, "dynamodb:PutItem", arn("dynamodb", "table/gehalt"))


def one_tenant(s, who, app):
    """Works for one tenant; the others' files look alike and are other roles'."""
    tenants = [word(s) for _ in range(5)]
    for i, t in enumerate(tenants):
        role = who if i == 0 else "role/%s-tenant%d" % (app, i)
        for day in range(DAYS):
            s.s3(role, day, "Put", app + "-shared", "%s/in/%s/batch-%d.json" % (t, date(day).strftime("%d-%m-%Y"), s.random.randint(1, 400)))
            s.s3(role, day, "Get", app + "-shared", "%s/conf.yaml" % t)
        if i:
            s.near(who, "s3:PutObject", obj(app + "-shared", "%s/in/09-09-2026/batch-7.json" % t))
            s.near(who, "s3:GetObject", obj(app + "-shared", "%s/conf.yaml" % t))
    s.far(who, "s3:GetObject", obj("other-company", "conf.yaml"))


def uploads_by_other_ids(s, who, app):
    """Uploads named by ULID, short random names and hashes of two folders."""
    for day in range(DAYS):
        for _ in range(3):
            ulid = "01" + text(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24)
            s.s3(who, day, "Put", app + "-pics", "eingang/%s.png" % ulid)
            s.s3(who, day, "Put", app + "-pics", "kurz/%s" % text(s, LOWER + UPPER + DIGITS + "_-", 21))
            h = s.hex(40)
            s.s3(who, day, "Put", app + "-pics", "cas/%s/%s/%s" % (h[:2], h[2:4], h))
    s.near(who, "s3:PutObject", obj(app + "-pics", "ausgang/01ARZ3NDEKTSV4RRFFQ69G5FAV.png"), obj(app + "-pics", "index.html"),
           obj(app + "-pics-live", "kurz/V1StGXR8_Z5jdHi6B-myT"), obj(app + "-pics", "eingang/01ARZ3NDEKTSV4RRFFQ69G5FAV.exe"))
    s.far(who, "s3:PutObject", obj("www", "kurz/V1StGXR8_Z5jdHi6B-myT"))


def training_jobs(s, who, app):
    """Training jobs named by the time, clusters by AWS's ids."""
    for day in range(DAYS):
        t = times(day)
        job = "%s-xgb-%s-%03d" % (app, t.strftime("%Y-%m-%d-%H-%M-%S"), s.random.randint(0, 999))
        s.call(who, day, "sagemaker", "DescribeTrainingJob", {"trainingJobName": job}, ("sagemaker:DescribeTrainingJob", arn("sagemaker", "training-job/" + job)))
        cluster = "j-" + text(s, UPPER + DIGITS, 12) + "3"
        s.call(who, day, "elasticmapreduce", "DescribeCluster", {"clusterId": cluster},
               ("elasticmapreduce:DescribeCluster", arn("elasticmapreduce", "cluster/" + cluster)))
        job = s.uuid()
        s.call(who, day, "batch", "TerminateJob", {"jobId": job, "reason": "x"}, ("batch:TerminateJob", arn("batch", "job/" + job)))
    s.near(who, "sagemaker:DescribeTrainingJob", arn("sagemaker", "training-job/%s-llm-2026-09-09-03-05-09-001" % app),
           arn("sagemaker", "training-job/%s-xgb-final" % app))
    s.far(who, "sagemaker:DescribeTrainingJob", arn("sagemaker", "training-job/fraud-model"))


def stage_in_front(s, who, app):
    """The stage comes first or in the middle; all stages have equal names."""
    parts = ["orders", "warenkorb", "stock.v2", "Preise"]
    for stage in "prod", "dev", "int", "qa":
        role = who if stage == "prod" else "role/%s-%s" % (app, stage)
        for day in range(DAYS) if stage == "prod" else (2, 3, 11, 17):
            for p in parts:
                s.table(role, day, "UpdateItem", "%s.%s.%s" % (stage, app, p))
                s.queue(role, day, "SendMessage", "%s_%s_%s" % (app, stage, p.replace(".", "-")))
        if stage != "prod":
            for p in parts:
                s.near(who, "dynamodb:UpdateItem", arn("dynamodb", "table/%s.%s.%s" % (stage, app, p)))
                s.near(who, "sqs:SendMessage", arn("sqs", "%s_%s_%s" % (app, stage, p.replace(".", "-"))))
    s.far(who, "dynamodb:UpdateItem", arn("dynamodb", "table/prod.bank.accounts"))


def rotated_secrets(s, who, app):
    """A secret that is made anew each week, named by ARN, and one of letters alone."""
    for day in range(DAYS):
        if day % 6 == 0:
            suffix = text(s, LOWER + UPPER + DIGITS, 6)
        for name, end in ("%s/db" % app, suffix), ("%s_smtp" % app, "abcdef"):
            a = arn("secretsmanager", "secret:%s-%s" % (name, end))
            s.call(who, day, "secretsmanager", "GetSecretValue", {"secretId": a}, ("secretsmanager:GetSecretValue", a))
        name = "/%s/api-token" % app
        s.parameter(who, day, name)
    s.near(who, "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:%s/db-admin-AbCdE1" % app),
           arn("secretsmanager", "secret:%s/dbx-AbCdE1" % app), arn("secretsmanager", "secret:%s/root-AbCdE1" % app))
    s.near(who, "ssm:GetParameter", arn("ssm", "parameter/%s/api-tokens/root" % app), arn("ssm", "parameter/%s/admin-token" % app))
    s.far(who, "ssm:GetParameter", arn("ssm", "parameter/aws/reference/secretsmanager/x"))


def dates_of_other_forms(s, who, app):
    """Reports under dates as people write them."""
    for day in range(DAYS):
        d = date(day)
        s.s3(who, day, "Put", app + "-rep", "tag/%s_umsatz.csv" % d.strftime("%d.%m.%Y"))
        s.s3(who, day, "Put", app + "-rep", "lauf/%s/log.txt" % d.strftime("%Y%m%dT0305"))
        s.s3(who, day, "Put", app + "-rep", "%s.tar" % d.strftime("db-%y%m%d"))
        s.s3(who, day, "Put", app + "-rep", "us/%s.csv" % d.strftime("%b-%d-%Y"))
        if d.weekday() == 0:
            s.s3(who, day, "Put", app + "-rep", "woche/KW%02d/plan.ods" % d.isocalendar()[1])
            s.s3(who, day, "Put", app + "-rep", "iso/%d-W%02d.json" % d.isocalendar()[:2])
    s.near(who, "s3:PutObject", obj(app + "-rep", "tag/09.09.2026_kosten.csv"), obj(app + "-rep", "lauf/20260909T0305/key.pem"),
           obj(app + "-rep", "woche/KW37/lohn.ods"), obj(app + "-rep", "iso/latest.json"))
    s.far(who, "s3:PutObject", obj("lohn", "tag/09.09.2026_umsatz.csv"))


def month_ends(s, who, app):
    """Runs on the first of a month, the 15th and the last; each file has the month in its name."""
    for day in range(DAYS):
        d = date(day)
        last = (d + datetime.timedelta(days=1)).day == 1
        if d.day in (1, 15) or last or day in (5, 24):
            s.s3(who, day, "Put", app + "-fin", "abschluss/%s/%s_bilanz.xlsx" % (d.strftime("%Y"), d.strftime("%m")))
            s.s3(who, day, "Put", app + "-fin", "closing-%s.csv" % d.strftime("%B-%Y").lower())
            s.s3(who, day, "Put", app + "-fin", "%dQ%d/run-%s.csv" % (d.year, (d.month + 2) // 3, d.strftime("%d%m%Y")))
        s.s3(who, day, "Get", app + "-fin", "rates/%s.json" % d.strftime("%j"))
    s.near(who, "s3:PutObject", obj(app + "-fin", "abschluss/2026/09_lohn.xlsx"), obj(app + "-fin", "opening-september-2026.csv"))
    s.far(who, "s3:PutObject", obj("fin", "abschluss/2026/09_bilanz.xlsx"))


SCANS = [("lambda", "GetFunctionConfiguration20150331v2", "functionName", "lambda:GetFunctionConfiguration", "function:%s"),
         ("dynamodb", "DescribeTable", "tableName", "dynamodb:DescribeTable", "table/%s"),
         ("ecr", "DescribeImages", "repositoryName", "ecr:DescribeImages", "repository/%s"),
         ("kinesis", "DescribeStreamSummary", "streamName", "kinesis:DescribeStreamSummary", "stream/%s")]


def scanners_of_new_names(s, who, app):
    """Looks at everything; what is new in the judged week has names of no kind."""
    names = [word(s) + word(s) for _ in range(7)]
    for day in range(DAYS):
        if day in (9, 16, 22, 25):
            names.append(word(s) + word(s))
        for name in names:
            for source, call, key, action, rest in SCANS:
                s.call(who, day, source, call, {key: name}, (action, arn(source, rest % name)))
            s.role(who, day, "GetRole", name)
            s.role(who, day, "ListAttachedRolePolicies", name)
    s.near(who, "dynamodb:GetItem", arn("dynamodb", "table/" + names[0]))
    s.near(who, "lambda:InvokeFunction", arn("lambda", "function:" + names[0]))
    s.near(who, "lambda:GetFunction", arn("lambda", "function:" + names[0]))
    s.near(who, "iam:PassRole", iam_role(names[0]))
    s.far(who, "dynamodb:DescribeTable", "arn:aws:dynamodb:us-east-1:444455556666:table/x")


def readers_of_data(s, who, app):
    """Reads the data of a fixed seven tables and objects: no scanner, though it reads many."""
    names = [word(s) + "_" + word(s) for _ in range(7)]
    for day in range(DAYS):
        for name in names:
            s.table(who, day, "Query", name)
            s.s3(who, day, "Get", app + "-in", "%s.csv" % name)
            s.parameter(who, day, "/%s/%s" % (app, name))
            s.secret(who, day, "%s/%s" % (app, name))
    s.near(who, "dynamodb:Query", arn("dynamodb", "table/salaries"), arn("dynamodb", "table/%sx" % names[0]))
    s.near(who, "s3:GetObject", obj(app + "-in", "salaries.csv"))
    s.near(who, "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:root-AbCdE1"))
    s.far(who, "ssm:GetParameter", arn("ssm", "parameter/root/x"))


def backup_copies(s, who, app):
    """Copies of snapshots and dumps, kept for five days."""
    for day in range(DAYS):
        t = times(day)
        for db in "mysql", "pg":
            source = "rds:%s-%s-%s" % (app, db, t.strftime("%Y-%m-%d-%H-%M"))
            copy = "copy-%s-%s-%s" % (app, db, t.strftime("%Y%m%d-%H%M"))
            s.call(who, day, "rds", "CopyDBSnapshot", {"sourceDBSnapshotIdentifier": source, "targetDBSnapshotIdentifier": copy},
                   ("rds:CopyDBSnapshot", arn("rds", "snapshot:" + copy)), ("rds:CopyDBSnapshot", arn("rds", "snapshot:" + source)))
            if day >= 5:
                old = "copy-%s-%s-%s" % (app, db, times(day - 5).strftime("%Y%m%d-%H%M"))
                s.call(who, day, "rds", "DeleteDBSnapshot", {"dBSnapshotIdentifier": old}, ("rds:DeleteDBSnapshot", arn("rds", "snapshot:" + old)))
        s.s3(who, day, "Put", app + "-bak", "%s/%s.dump.gz" % (t.strftime("%Y-%m"), t.strftime("%d")))
        s.s3(who, day, "Put", app + "-bak", "etcd/snapshot-%s_%s.db" % (t.strftime("%Y-%m-%d"), t.strftime("%H%M%S")))
    s.near(who, "rds:DeleteDBSnapshot", arn("rds", "snapshot:copy-%s-ledger-20260909-0305" % app), arn("rds", "snapshot:%s-final" % app),
           arn("rds", "snapshot:rds:%s-mysql-2026-09-09-03-05" % app))
    s.near(who, "s3:PutObject", obj(app + "-bak", "2026-09/09.key"), obj(app + "-bak", "restore/09.dump.gz"))
    s.far(who, "rds:DeleteDBSnapshot", arn("rds", "snapshot:copy-payroll-20260909-0305"))


COUNTRIES = ["de", "fr", "it", "es", "pt", "nl", "be", "at", "ch", "dk", "se", "no", "fi", "pl", "cz", "hu", "ro", "bg", "gr", "ie"]


def closed_by_name(s, who, app):
    """Nine countries of twenty, some asked once a week, the first time in any of the first ten days."""
    mine = s.random.sample(COUNTRIES, 9)
    for i, c in enumerate(mine):
        every = 1 if i < 5 else 7
        for day in range((i - 4) * 2 if i > 4 else 0, DAYS, every):
            s.table(who, day, "GetItem", "%s_%s_orders" % (app, c))
            s.s3(who, day, "Get", app + "-geo", "%s/tax.json" % c)
    for c in COUNTRIES:
        if c not in mine:
            for day in s.random.sample(range(TRAIN), 2):
                s.table("role/%s-rest" % app, day, "GetItem", "%s_%s_orders" % (app, c))
                s.s3("role/%s-rest" % app, day, "Get", app + "-geo", "%s/tax.json" % c)
            s.near(who, "dynamodb:GetItem", arn("dynamodb", "table/%s_%s_orders" % (app, c)))
            s.near(who, "s3:GetObject", obj(app + "-geo", "%s/tax.json" % c))
    s.far(who, "dynamodb:GetItem", arn("dynamodb", "table/accounts"))


def container_logs(s, who, app):
    """Log streams of containers and builds."""
    for day in range(DAYS):
        for group, stream in ("/ecs/" + app, "ecs/web/" + s.hex(32)), ("/aws/codebuild/" + app, s.uuid()):
            s.call(who, day, "logs", "CreateLogStream", {"logGroupName": group, "logStreamName": stream},
                   ("logs:CreateLogStream", arn("logs", "log-group:%s:log-stream:%s" % (group, stream))))
    s.near(who, "logs:CreateLogStream", arn("logs", "log-group:/ecs/%s-dev:log-stream:x" % app), arn("logs", "log-group:/ecs/other:log-stream:ecs/web/x"))
    s.far(who, "logs:CreateLogStream", arn("logs", "log-group:audit:log-stream:x"))


def pipelines(s, who, app):
    """A pipeline's artifacts: seven letters and digits, in a folder that AWS cuts to twenty characters."""
    for day in range(DAYS):
        for _ in range(3):
            s.s3(who, day, "Put", "codepipeline-eu-west-1-123456789012", "%s-pipeline-main/BuildArtif/%s" % (app, text(s, LOWER + UPPER + DIGITS, 7)))
            s.s3(who, day, "Get", "codepipeline-eu-west-1-123456789012", "%s-pipeline-main/SourceArti/%s.zip" % (app, text(s, LOWER + UPPER + DIGITS, 7)))
    s.near(who, "s3:PutObject", obj("codepipeline-eu-west-1-123456789012", "%s-pipeline-prod/BuildArtif/aB3dE7g" % app),
           obj("codepipeline-eu-west-1-123456789012", "%s-pipeline-main/SourceArti/aB3dE7g" % app))
    s.far(who, "s3:PutObject", obj("codepipeline-us-east-1-123456789012", "pay-pipeline-main/BuildArtif/aB3dE7g"))


def instances(s, who, app):
    """Starts instances and ends them; volumes are others'."""
    volumes = ["vol-0" + s.hex(16) for _ in range(3)]
    for day in range(DAYS):
        one = "i-0" + s.hex(16)
        s.call(who, day, "ec2", "RunInstances", {"instancesSet": {"items": [{"imageId": "ami-0123456789abcdef0", "minCount": 1, "maxCount": 1}]},
                                               "instanceType": "t3.micro"}, ("ec2:RunInstances", arn("ec2", "instance/" + one)),
               response={"instancesSet": {"items": [{"instanceId": one}]}})
        s.call(who, day, "ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": one}]}}, ("ec2:TerminateInstances", arn("ec2", "instance/" + one)))
        for v in volumes:
            s.call(who, day, "ec2", "AttachVolume", {"volumeId": v, "instanceId": one, "device": "/dev/sdf"},
                   ("ec2:AttachVolume", arn("ec2", "volume/" + v)), ("ec2:AttachVolume", arn("ec2", "instance/" + one)))
    s.near(who, "ec2:AttachVolume", arn("ec2", "volume/vol-0aaaabbbbccccdddd"))
    s.far(who, "ec2:TerminateInstances", "arn:aws:ec2:us-east-1:%s:instance/i-0123456789abcdef0" % ACCOUNT)


def versions(s, who, app):
    """Releases and their numbers; layers and functions by version."""
    minor, build = s.random.randint(2, 40), s.random.randint(900, 1100)
    for day in range(DAYS):
        minor += s.random.random() < 0.4
        build += s.random.randint(1, 3)
        s.s3(who, day, "Put", app + "-rel", "releases/v1.%d.0/%s.tar.gz" % (minor, app))
        s.s3(who, day, "Put", app + "-rel", "build-%d/out.log" % build)
        s.function(who, day, "GetFunction20150331v2", "%s:%d" % (app, build), "lambda:GetFunction")
        s.s3(who, day, "Get", app + "-rel", "tools/node-18.19.1/x86_64/node.tgz")
    s.near(who, "s3:PutObject", obj(app + "-rel", "releases/latest/%s.tar.gz" % app), obj(app + "-rel", "releases/v1.3.0/keys.tar.gz"),
           obj(app + "-rel", "build-cache/out.log"))
    s.near(who, "s3:GetObject", obj(app + "-rel", "tools/node-20.1.0/x86_64/node.tgz"), obj(app + "-rel", "tools/node-18.19.1/arm64/node.tgz"))
    s.near(who, "lambda:GetFunction", arn("lambda", "function:%s-admin:3" % app))
    s.far(who, "s3:PutObject", obj("rel", "build-1000/out.log"))


def passing_queues(s, who, app):
    """A queue for each session, made and removed."""
    for day in range(DAYS):
        for _ in range(s.random.randint(1, 3)):
            q = "%s-tmp-%s" % (app, text(s, LOWER + DIGITS, 8))
            s.call(who, day, "sqs", "CreateQueue", {"queueName": q}, ("sqs:CreateQueue", arn("sqs", q)),
                   response={"queueUrl": "https://sqs.eu-west-1.amazonaws.com/%s/%s" % (ACCOUNT, q)})
            s.queue(who, day, "ReceiveMessage", q)
            s.queue(who, day, "DeleteQueue", q)
    s.near(who, "sqs:DeleteQueue", arn("sqs", app + "-main"), arn("sqs", app + "-dead"), arn("sqs", app + "2-tmp-abcd1234"))
    s.far(who, "sqs:DeleteQueue", arn("sqs", "payments"))


def exports(s, who, app):
    """Exports of tables and what a delivery stream and queries write, named as AWS names them."""
    for day in range(DAYS):
        t = times(day)
        run = "%d-%s" % (1786924800000 + day * 86400000 + s.random.randint(0, 10 ** 6), s.hex(8))
        s.s3(who, day, "Get", app + "-exp", "AWSDynamoDB/0%s/data/%s.json.gz" % (run, text(s, LOWER + "234567", 26)))
        s.s3(who, day, "Get", app + "-exp", "AWSDynamoDB/0%s/manifest-summary.json" % run)
        s.s3(who, day, "Get", app + "-exp", "fh/%s/%s-1-%s-%s" % (t.strftime("%Y/%m/%d/%H"), app, t.strftime("%Y-%m-%d-%H-%M-%S"), s.uuid()))
        q = s.uuid()
        s.s3(who, day, "Put", app + "-exp", "athena/%s.csv" % q)
        s.s3(who, day, "Put", app + "-exp", "athena/%s.csv.metadata" % q)
    s.near(who, "s3:GetObject", obj(app + "-exp", "AWSDynamoDB/01786924800000-abcd1234/manifest-files.json"), obj(app + "-exp", "fh/config"),
           obj(app + "-exp", "athena/%s.csv" % s.uuid()))
    s.far(who, "s3:GetObject", obj("exp", "AWSDynamoDB/01786924800000-abcd1234/manifest-summary.json"))


def constants(s, who, app):
    """The same names every day or once a week, with numbers and dates in them."""
    for day in range(DAYS):
        s.s3(who, day, "Get", app + "-cfg", "schema/2012-10-17/v1beta2.json")
        s.s3(who, day, "Get", app + "-cfg", "python3.12/x86_64/base-7.tgz")
        s.table(who, day, "GetItem", app + "_2")
        s.call(who, day, "servicequotas", "GetServiceQuota", {"serviceCode": "ec2", "quotaCode": "L-1216C47A"},
               ("servicequotas:GetServiceQuota", "arn:aws:servicequotas:eu-west-1:%s:ec2/L-1216C47A" % ACCOUNT))
        if day % 7 == 2:
            s.s3(who, day, "Get", app + "-cfg", "licences/2019/eula-4.txt")
    s.near(who, "s3:GetObject", obj(app + "-cfg", "schema/2012-10-18/v1beta2.json"), obj(app + "-cfg", "python3.13/x86_64/base-7.tgz"),
           obj(app + "-cfg", "licences/2020/eula-4.txt"), obj(app + "-cfg", "python3.12/x86_64/base-8.tgz"))
    s.near(who, "dynamodb:GetItem", arn("dynamodb", "table/%s_3" % app))
    s.far(who, "dynamodb:GetItem", arn("dynamodb", "table/x"))


def folders_of_parameters(s, who, app):
    """Parameters of a folder of one's own; a new one every few days, also in the judged week, of no common form."""
    leaves = ["DB_HOST", "smtpUser", "feature.flags"]
    for day in range(DAYS):
        if day in (4, 12, 18, 23, 26):
            leaves.append(word(s).upper() if day % 2 else word(s) + "Url")
        for leaf in leaves:
            s.parameter(who, day, "/apps/%s/live/%s" % (app, leaf))
            s.secret(who, day, "apps/%s/live/%s" % (app, leaf))
    for day in 3, 9:
        s.parameter("role/%s-test" % app, day, "/apps/%s/test/DB_HOST" % app)
    s.near(who, "ssm:GetParameter", arn("ssm", "parameter/apps/%s/test/DB_HOST" % app), arn("ssm", "parameter/apps/%s/live2/DB_HOST" % app),
           arn("ssm", "parameter/apps/%s/root" % app))
    s.near(who, "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:apps/%s/test/DB_HOST-AbCdE1" % app))
    s.far(who, "ssm:GetParameter", arn("ssm", "parameter/global/key"))


KINDS = [branch_stacks, branch_states, partitions_of_other_keys, numbered_customers, one_tenant, uploads_by_other_ids, training_jobs,
         stage_in_front, rotated_secrets, dates_of_other_forms, month_ends, scanners_of_new_names, readers_of_data, backup_copies,
         closed_by_name, container_logs, pipelines, instances, versions, passing_queues, exports, constants, folders_of_parameters]
NAMES = ["laden", "hub2", "t-rex", "nord.eu"]

if __name__ == "__main__":
    base.START += datetime.timedelta(days=11 * int(dict(zip(sys.argv, sys.argv[1:])).get("--seed", 1)) % 28)
    base.main(KINDS, NAMES)
