#!/usr/bin/env python3
"""simulate-platforms.py IAMREPLAY [--seed N] [--show KIND] [POLICY OPTIONS...]: as simulate-workloads.py, with the names that
platforms and their tools make: Terraform, GitHub's OIDC, Kubernetes, Glue, SES, MLflow, Kafka Connect, Serverless, SFTP partners.

The kinds were written before it was looked at what the folding rules make of them: that first time, with seeds 1, 2 and 3, 98.0, 99.5
and 99.2 % of the calls were held, and 17.6 % of the near decoys and 0, 2.3 and 2.3 % of the far ones were open. Near decoys are what lies beside: a
hand-made copy among nightly ones, another stage, another tenant, the production workspace, somebody else's home. The start differs by seed.
"""
import datetime
import importlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
base = importlib.import_module("simulate-workloads")
other = importlib.import_module("simulate-other-habits")
ACCOUNT, REGION, DAYS, TRAIN = base.ACCOUNT, base.REGION, base.DAYS, base.TRAIN
arn, obj, date = base.arn, base.obj, base.date
text, word, times, iam_role = other.text, other.word, other.times, other.iam_role
LOWER, UPPER, DIGITS = other.LOWER, other.UPPER, other.DIGITS
PEOPLE = ["anna", "ben", "chidi", "dora", "emre", "fatima", "goran", "hana", "ivo", "jana", "kofi", "lena", "mats", "nora", "omar",
          "paula", "quinn", "rosa", "sven", "tara", "uwe", "vera", "wim", "xenia", "yara", "zoe"]


def weekday(day):
    return date(day).weekday() < 5


def terraform_workspaces(s, who, app):
    """A workspace for each person and ticket; production's state is another role's."""
    open_ones = []
    ticket = s.random.randint(100, 4000)
    for day in range(DAYS):
        if weekday(day) and s.random.random() < 0.8:
            ticket += s.random.randint(1, 9)
            open_ones.append("%s-%s" % (s.random.choice(PEOPLE), "OPS%d" % ticket))
        for w in open_ones[-3:]:
            for key in "env:/%s/network/terraform.tfstate" % w, "env:/%s/cluster/terraform.tfstate" % w:
                s.s3(who, day, "Get", app + "-tfstate", key)
                s.s3(who, day, "Put", app + "-tfstate", key)
                s.s3(who, day, "Put", app + "-tfstate", key + ".tflock")
        s.table(who, day, "PutItem", app + "-tf-locks")
        s.table(who, day, "DeleteItem", app + "-tf-locks")
    for day in 2, 9, 16:
        s.s3("role/%s-release" % app, day, "Put", app + "-tfstate", "env:/production/network/terraform.tfstate")
        s.s3("role/%s-release" % app, day, "Put", app + "-tfstate", "env:/staging/network/terraform.tfstate")
    s.near(who, "s3:PutObject", obj(app + "-tfstate", "env:/production/network/terraform.tfstate"), obj(app + "-tfstate", "env:/staging/network/terraform.tfstate"),
           obj(app + "-tfstate", "network/terraform.tfstate"), obj(app + "-tfstate", "env:/anna-OPS77/iam/terraform.tfstate"))
    s.near(who, "dynamodb:PutItem", arn("dynamodb", "table/%s-tf-locks-prod" % app))
    s.far(who, "s3:PutObject", obj("payroll-tfstate", "env:/anna-OPS77/network/terraform.tfstate"))


def bucket_call(s, who, day, name, bucket, action):
    s.call(who, day, "s3", name, {"bucketName": bucket, "Host": bucket + ".s3.amazonaws.com"}, (action, "arn:aws:s3:::" + bucket))


def pull_request_sites(s, who, app):
    """GitHub's OIDC: a bucket and a function for each pull request; the main branch's are deployed by somebody else."""
    number, open_ones = s.random.randint(20, 900), []
    for day in range(DAYS):
        for _ in range(s.random.randint(0, 2) if weekday(day) else 0):
            number += s.random.randint(1, 4)
            open_ones.append(number)
            bucket_call(s, who, day, "CreateBucket", "%s-pr%d-web" % (app, number), "s3:CreateBucket")
            bucket_call(s, who, day, "PutBucketTagging", "%s-pr%d-web" % (app, number), "s3:PutBucketTagging")
        for n in open_ones[-2:]:
            s.s3(who, day, "Put", "%s-pr%d-web" % (app, n), "assets/index-%s.js" % text(s, LOWER + UPPER + DIGITS, 8))
            s.s3(who, day, "Put", "%s-pr%d-web" % (app, n), "index.html")
            s.function(who, day, "UpdateFunctionCode20150331v2", "%s-pr%d-api" % (app, n), "lambda:UpdateFunctionCode")
        while len(open_ones) > 4:
            bucket_call(s, who, day, "DeleteBucket", "%s-pr%d-web" % (app, open_ones.pop(0)), "s3:DeleteBucket")
    s.near(who, "s3:DeleteBucket", "arn:aws:s3:::%s-main-web" % app, "arn:aws:s3:::%s-prod-web" % app, "arn:aws:s3:::%s-pr7-logs" % app)
    s.near(who, "s3:PutObject", obj("%s-prod-web" % app, "index.html"), obj("%s-pr7-logs" % app, "index.html"))
    s.near(who, "lambda:UpdateFunctionCode", arn("lambda", "function:%s-main-api" % app), arn("lambda", "function:%s-pr7-auth" % app))
    s.far(who, "s3:DeleteBucket", "arn:aws:s3:::payroll")


def tenants_everywhere(s, who, app):
    """Tenants in front, in the middle and at the end of names; new ones come, and one is another service's."""
    tenants = [word(s) for _ in range(7)]
    for day in range(DAYS):
        if s.random.random() < 0.45:
            tenants.append(word(s))
        for t in s.random.sample(tenants, 4) + tenants[-2:]:
            s.queue(who, day, "SendMessage", "%s-%s-orders" % (t, app))
            s.table(who, day, "PutItem", "%s_%s_events" % (app, t))
            s.call(who, day, "sns", "Publish", {"topicArn": arn("sns", "%s-changes-%s" % (app, t))}, ("sns:Publish", arn("sns", "%s-changes-%s" % (app, t))))
            s.s3(who, day, "Put", app + "-tenants", "%s/export/current.json" % t)
    s.near(who, "sqs:SendMessage", arn("sqs", "zeta-%s-billing" % app), arn("sqs", "%s-orders" % app))
    s.near(who, "dynamodb:PutItem", arn("dynamodb", "table/%s_zeta_secrets" % app), arn("dynamodb", "table/%s2_zeta_events" % app))
    s.near(who, "sns:Publish", arn("sns", "%s-alarms-zeta" % app))
    s.near(who, "s3:PutObject", obj(app + "-tenants", "zeta/import/current.json"), obj(app + "-tenants", "zeta/export/keys.json"))
    s.far(who, "sns:Publish", arn("sns", "payroll"))


def feature_flags(s, who, app):
    """Flags as parameters below the application's own folder, ever more; other applications have folders beside it."""
    flags = ["dark-mode", "newCheckout", "ai_search"]
    for day in range(DAYS):
        if day in (2, 7, 11, 15, 18, 22, 25):
            flags.append("%s-%s" % (word(s), word(s)))
        for f in flags:
            s.parameter(who, day, "/flags/%s/%s/enabled" % (app, f))
    for day in 1, 8, 15:
        s.parameter("role/%s-beside" % app, day, "/flags/%sx/dark-mode/enabled" % app)
    s.near(who, "ssm:GetParameter", arn("ssm", "parameter/flags/%sx/dark-mode/enabled" % app), arn("ssm", "parameter/secrets/%s/db" % app),
           arn("ssm", "parameter/flags/global-kill-switch"))
    s.far(who, "ssm:GetParameter", arn("ssm", "parameter/root/x"))


def cluster_controller(s, who, app):
    """What a controller in Kubernetes makes: target groups with ten hex digits and AWS's sixteen, stacks of node groups."""
    groups = []
    def group():
        groups.append("targetgroup/k8s-%s-%s-%s/%s" % (app[:8], s.random.choice(("web", "api", "worker", "admin")), s.hex(10), s.hex(16)))
    for _ in range(3):
        group()
    for day in range(DAYS):
        if s.random.random() < 0.5:
            group()
        for g in groups[-3:]:
            a = arn("elasticloadbalancing", g)
            s.call(who, day, "elasticloadbalancing", "RegisterTargets", {"targetGroupArn": a, "targets": [{"id": "10.0.0.%d" % day}]}, ("elasticloadbalancing:RegisterTargets", a))
        if day % 4 == 1:
            a = arn("elasticloadbalancing", groups[-3])
            s.call(who, day, "elasticloadbalancing", "DeleteTargetGroup", {"targetGroupArn": a}, ("elasticloadbalancing:DeleteTargetGroup", a))
            groups.pop(-3)
            group()
    s.near(who, "elasticloadbalancing:DeleteTargetGroup", arn("elasticloadbalancing", "targetgroup/%s-public/0123456789abcdef" % app),
           arn("elasticloadbalancing", "targetgroup/k8s-kubesyst-web-0123456789/0123456789abcdef"))
    s.far(who, "elasticloadbalancing:DeleteTargetGroup", arn("elasticloadbalancing", "targetgroup/payments/0123456789abcdef"))


def homes(s, who, app):
    """A service that fills the homes of people; new people come."""
    people = s.random.sample(PEOPLE, len(PEOPLE))
    n = 8
    for day in range(DAYS):
        n += n < len(people) and s.random.random() < 0.5
        for p in s.random.sample(people[:n], 4) + people[n - 2:n]:
            s.s3(who, day, "Put", app + "-homes", "home/%s/inbox/digest.html" % p)
            s.s3(who, day, "Get", app + "-homes", "home/%s/.config/settings.json" % p)
    s.near(who, "s3:PutObject", obj(app + "-homes", "shared/inbox/digest.html"), obj(app + "-homes", "home/anna/.ssh/authorized_keys"),
           obj(app + "-homes", "home/digest.html"))
    s.near(who, "s3:GetObject", obj(app + "-homes", "home/anna/.config/token.json"))
    s.far(who, "s3:GetObject", obj("hr", "home/anna/.config/settings.json"))


def one_home(s, who, app):
    """One person's role; the others' homes look alike."""
    for i, p in enumerate(s.random.sample(PEOPLE, 6)):
        role = who if i == 0 else "role/%s-%s" % (app, p)
        for day in range(DAYS):
            s.s3(role, day, "Put", "%s-notebooks-%s" % (app, p), "run-%s/out.ipynb" % times(day).strftime("%Y%m%d-%H%M"))
            s.s3(role, day, "Get", app + "-people", "%s@example.com/profile.yaml" % p)
        if i:
            s.near(who, "s3:PutObject", obj("%s-notebooks-%s" % (app, p), "run-20260909-0301/out.ipynb"))
            s.near(who, "s3:GetObject", obj(app + "-people", "%s@example.com/profile.yaml" % p))
    s.near(who, "s3:PutObject", obj("%s-notebooks-shared" % app, "run-20260909-0301/out.ipynb"))
    s.far(who, "s3:GetObject", obj("people", "x/profile.yaml"))


def hourly_partitions(s, who, app):
    """Glue tables with partitions by the hour, keys with a prefix of the company; Athena's results by day."""
    for day in range(DAYS):
        d = date(day)
        for hour in s.random.sample(range(24), 4):
            at = "curated/orders/p_year=%d/p_month=%02d/p_day=%02d/p_hour=%02d" % (d.year, d.month, d.day, hour)
            s.s3(who, day, "Put", app + "-lake", "%s/%05d.orc" % (at, s.random.randint(0, 40)))
            s.s3(who, day, "Put", app + "-lake", "raw/kafka/%s/%02d/batch_%s.gz" % (d.strftime("%Y/%m/%d"), hour, s.hex(12)))
        q = s.uuid()
        s.s3(who, day, "Get", app + "-athena", "results/%s/%s.csv" % (d.strftime("%Y/%m/%d"), q))
        s.call(who, day, "glue", "BatchCreatePartition", {"databaseName": app + "_curated", "tableName": "orders"},
               *[("glue:BatchCreatePartition", arn("glue", r)) for r in ("catalog", "database/%s_curated" % app, "table/%s_curated/orders" % app)])
    s.near(who, "s3:PutObject", obj(app + "-lake", "curated/customers/p_year=2026/p_month=09/p_day=09/p_hour=01/00001.orc"),
           obj(app + "-lake", "curated/orders/_delta_log/00001.json"), obj(app + "-lake", "curated/orders/p_year=2026/p_month=09/p_day=09/p_hour=01/_keys.orc"),
           obj(app + "-lake", "raw/kafka/schema/latest/01/batch_0123456789ab.gz"))
    s.near(who, "s3:GetObject", obj(app + "-athena", "results/saved/%s.csv" % s.uuid()), obj(app + "-athena", "results/2026/09/09/salaries.csv"))
    s.near(who, "glue:BatchCreatePartition", arn("glue", "table/%s_curated/customers" % app))
    s.far(who, "s3:PutObject", obj("lake", "curated/orders/x.orc"))


def twins(s, who, app):
    """Blue and green take turns week by week; a third of that name is somebody else's."""
    for day in range(DAYS):
        live = ("blue", "green")[day // 7 % 2]
        for part in "api", "worker":
            service = "%s/%s-%s" % (app, part, live)
            s.call(who, day, "ecs", "UpdateService", {"cluster": app, "service": "%s-%s" % (part, live)}, ("ecs:UpdateService", arn("ecs", "service/" + service)))
            s.function(who, day, "UpdateFunctionCode20150331v2", "%s-%s-%s" % (app, part, live), "lambda:UpdateFunctionCode")
    for day in 3, 11:
        s.call("role/%s-lab" % app, day, "ecs", "UpdateService", {"cluster": app, "service": "api-canary"}, ("ecs:UpdateService", arn("ecs", "service/%s/api-canary" % app)))
    s.near(who, "ecs:UpdateService", arn("ecs", "service/%s/api-canary" % app), arn("ecs", "service/%s/db-blue" % app), arn("ecs", "service/%s-dev/api-blue" % app))
    s.near(who, "lambda:UpdateFunctionCode", arn("lambda", "function:%s-api-purple" % app), arn("lambda", "function:%s-auth-blue" % app))
    s.far(who, "ecs:UpdateService", arn("ecs", "service/payments/api-blue"))


def buckets_by_region(s, who, app):
    """A bucket in each Region of three, the account's number behind; other Regions have other owners."""
    mine = ["eu-west-1", "eu-central-1", "us-east-1"]
    for day in range(DAYS):
        for i, region in enumerate(mine):
            if i < 2 or day % 5 == 0:
                s.s3(who, day, "Put", "%s-assets-%s-%s" % (app, region, ACCOUNT), "bundles/%s/main.css" % s.hex(20))
    for region in "ap-south-1", "eu-north-1", "us-west-2":
        for day in 4, 12:
            s.s3("role/%s-apac" % app, day, "Put", "%s-assets-%s-%s" % (app, region, ACCOUNT), "bundles/%s/main.css" % s.hex(20))
        s.near(who, "s3:PutObject", obj("%s-assets-%s-%s" % (app, region, ACCOUNT), "bundles/%s/main.css" % s.hex(20)))
    s.near(who, "s3:PutObject", obj("%s-assets-eu-west-1-%s" % (app, ACCOUNT), "bundles/stable/main.css"), obj("%s-assets-eu-west-1-444455556666" % app, "bundles/ab12cd34/main.css"))
    s.far(who, "s3:PutObject", obj("assets-eu-west-1", "bundles/x/main.css"))


def parameters_by_stage(s, who, app):
    """Parameters of one stage and one application: all the names are elsewhere, too."""
    leaves = ["DATABASE_URL", "REDIS_URL", "sentry/dsn", "jwt/public-key"]
    for day in range(DAYS):
        for leaf in leaves:
            s.parameter(who, day, "/prod/%s/%s" % (app, leaf))
    for stage, name in ("dev", app), ("prod", app + "-admin"), ("staging", app):
        for day in 2, 10, 17:
            for leaf in leaves:
                s.parameter("role/%s-%s" % (name, stage), day, "/%s/%s/%s" % (stage, name, leaf))
        for leaf in leaves:
            s.near(who, "ssm:GetParameter", arn("ssm", "parameter/%s/%s/%s" % (stage, name, leaf)))
    s.near(who, "ssm:GetParameter", arn("ssm", "parameter/prod/%s" % app), arn("ssm", "parameter/prod/DATABASE_URL"))
    s.far(who, "ssm:GetParameter", arn("ssm", "parameter/payroll/DATABASE_URL"))


def tables_by_stage(s, who, app):
    """Tables as Serverless and CloudFormation name them, by stage and with a suffix that lasts."""
    names = ["Orders", "OrderItems", "Customers"]
    tail = {n: text(s, UPPER + DIGITS, 12) + "Z" for n in names}
    for day in range(DAYS):
        for n in names:
            s.table(who, day, "Query", "%s-prod-%sTable-%s" % (app, n, tail[n]))
    for stage in "dev", "qa":
        for day in 5, 6, 13:
            for n in names:
                s.table("role/%s-%s" % (app, stage), day, "Query", "%s-%s-%sTable-%s" % (app, stage, n, tail[n][::-1]))
        for n in names:
            s.near(who, "dynamodb:Query", arn("dynamodb", "table/%s-%s-%sTable-%s" % (app, stage, n, tail[n][::-1])))
    s.near(who, "dynamodb:Query", arn("dynamodb", "table/%s-prod-AuditTable-1AB2CD3EF4GH5" % app), arn("dynamodb", "table/%s-prod-OrdersTable-1AB2CD3EF4GH5" % app))
    s.far(who, "dynamodb:Query", arn("dynamodb", "table/payroll"))


def nightly_dumps(s, who, app):
    """Nightly copies by date; made by hand ones lie beside them, and old ones are removed."""
    for day in range(DAYS):
        t = times(day)
        s.s3(who, day, "Put", app + "-backup", "pg/main-%s.sql.gz" % t.strftime("%Y-%m-%dT%H-%M-%SZ"))
        s.s3(who, day, "Put", app + "-backup", "mongo/%s.archive" % t.strftime("%Y%m%d%H%M"))
        if day >= 7:
            s.s3(who, day, "Delete", app + "-backup", "mongo/%s.archive" % times(day - 7).strftime("%Y%m%d%H%M"))
        if date(day).weekday() == 6:
            s.s3(who, day, "Put", app + "-backup", "weekly/%s/full.tar" % date(day).strftime("%G-W%V"))
        snapshot = "%s-nightly-%s" % (app, t.strftime("%Y-%m-%d"))
        s.call(who, day, "rds", "CreateDBSnapshot", {"dBSnapshotIdentifier": snapshot, "dBInstanceIdentifier": app + "-main"},
               ("rds:CreateDBSnapshot", arn("rds", "snapshot:" + snapshot)), ("rds:CreateDBSnapshot", arn("rds", "db:%s-main" % app)))
    s.near(who, "s3:PutObject", obj(app + "-backup", "pg/main-latest.sql.gz"), obj(app + "-backup", "pg/users-2026-09-09T03-01-02Z.sql.gz"),
           obj(app + "-backup", "mongo/before-migration.archive"), obj(app + "-backup", "weekly/keep/full.tar"))
    s.near(who, "s3:DeleteObject", obj(app + "-backup", "mongo/golden.archive"), obj(app + "-backup", "pg/main-2026-09-09T03-01-02Z.sql.gz"))
    s.near(who, "rds:CreateDBSnapshot", arn("rds", "snapshot:%s-nightly-baseline" % app), arn("rds", "db:%s-ledger" % app))
    s.far(who, "s3:DeleteObject", obj("backup", "mongo/202609090301.archive"))


def inbound_mail(s, who, app):
    """Mail that SES stores: ids of forty small letters and digits; attachments by the sender's day."""
    for day in range(DAYS):
        for _ in range(3):
            i = text(s, LOWER + DIGITS, 40)
            s.s3(who, day, "Get", app + "-mail", "inbound/%s" % i)
            s.s3(who, day, "Put", app + "-mail", "parsed/%s/body.txt" % i)
            s.s3(who, day, "Delete", app + "-mail", "inbound/%s" % i)
    s.near(who, "s3:GetObject", obj(app + "-mail", "inbound/AMAZON_SES_SETUP_NOTIFICATION"), obj(app + "-mail", "outbound/" + text(s, LOWER + DIGITS, 40)))
    s.near(who, "s3:PutObject", obj(app + "-mail", "parsed/rules.json"), obj(app + "-mail", "parsed/%s/body.exe" % text(s, LOWER + DIGITS, 40)))
    s.far(who, "s3:GetObject", obj("mail", "inbound/x"))


def experiments(s, who, app):
    """MLflow's runs, endpoints named by time, models by version."""
    version = s.random.randint(3, 60)
    for day in range(DAYS):
        run = s.hex(32)
        version += s.random.random() < 0.5
        for name in "model/MLmodel", "model/model.pkl", "metrics.json":
            s.s3(who, day, "Put", app + "-ml", "mlflow/4/%s/artifacts/%s" % (run, name))
        s.s3(who, day, "Get", app + "-ml", "registry/churn/v%d/model.tar.gz" % version)
        job = "%s-tune-%s" % (app, times(day).strftime("%y%m%d-%H%M"))
        s.call(who, day, "sagemaker", "DescribeTrainingJob", {"trainingJobName": job}, ("sagemaker:DescribeTrainingJob", arn("sagemaker", "training-job/" + job)))
    s.near(who, "s3:PutObject", obj(app + "-ml", "mlflow/4/%s/artifacts/secrets.json" % s.hex(32)), obj(app + "-ml", "mlflow/5/%s/artifacts/metrics.json" % s.hex(32)),
           obj(app + "-ml", "mlflow/4/champion/artifacts/metrics.json"))
    s.near(who, "s3:GetObject", obj(app + "-ml", "registry/churn/vault/model.tar.gz"), obj(app + "-ml", "registry/fraud/v3/model.tar.gz"))
    s.near(who, "sagemaker:DescribeTrainingJob", arn("sagemaker", "training-job/%s-tune-production" % app))
    s.far(who, "s3:GetObject", obj("ml", "registry/churn/v3/model.tar.gz"))


def invoices(s, who, app):
    """Invoices by year and a number with zeros in front."""
    number = s.random.randint(10, 90000)
    for day in range(DAYS):
        for _ in range(s.random.randint(1, 3) if weekday(day) else 0):
            number += 1
            s.s3(who, day, "Put", app + "-docs", "invoices/%d/INV-%d-%06d.pdf" % (date(day).year, date(day).year, number))
            s.s3(who, day, "Put", app + "-docs", "invoices/%d/INV-%d-%06d.xml" % (date(day).year, date(day).year, number))
    s.near(who, "s3:PutObject", obj(app + "-docs", "invoices/2026/INV-2026-template.pdf"), obj(app + "-docs", "invoices/2026/CRN-2026-000123.pdf"),
           obj(app + "-docs", "contracts/2026/INV-2026-000123.pdf"))
    s.far(who, "s3:PutObject", obj("docs", "invoices/2026/INV-2026-000123.pdf"))


def devices(s, who, app):
    """Devices by serial number; firmware by version."""
    serials = ["SN%s" % s.hex(8).upper() for _ in range(9)]
    for day in range(DAYS):
        if s.random.random() < 0.6:
            serials.append("SN%s" % s.hex(8).upper())
        for n in s.random.sample(serials, 3) + serials[-1:]:
            s.s3(who, day, "Put", app + "-iot", "devices/%s/shadow.json" % n)
            s.call(who, day, "iot", "DescribeThing", {"thingName": "%s-%s" % (app, n)}, ("iot:DescribeThing", arn("iot", "thing/%s-%s" % (app, n))))
    s.near(who, "s3:PutObject", obj(app + "-iot", "devices/SN12AB34CD/cert.pem"), obj(app + "-iot", "devices/all/shadow.json"))
    s.near(who, "iot:DescribeThing", arn("iot", "thing/%s-gateway" % app))
    s.far(who, "iot:DescribeThing", arn("iot", "thing/turbine"))


def partners(s, who, app):
    """Files of partners by date and number; partners are a closed list, others have the other ones."""
    names = ["%s%s" % (word(s), s.random.choice(("", "-ag", "_ltd"))) for _ in range(8)]
    for i, p in enumerate(names):
        role = who if i < 4 else "role/%s-desk%d" % (app, i % 2)
        for day in range(DAYS):
            if i < 3 or day % 4 == 1:
                s.s3(role, day, "Get", app + "-sftp", "%s/in/ORDERS_%s_%04d.csv" % (p, date(day).strftime("%Y%m%d"), s.random.randint(1, 20)))
                s.s3(role, day, "Put", app + "-sftp", "%s/ack/%s.txt" % (p, date(day).strftime("%d%m%Y")))
        if i >= 4:
            s.near(who, "s3:GetObject", obj(app + "-sftp", "%s/in/ORDERS_20260909_0001.csv" % p))
            s.near(who, "s3:PutObject", obj(app + "-sftp", "%s/ack/09092026.txt" % p))
    s.near(who, "s3:GetObject", obj(app + "-sftp", "%s/in/PRICES_20260909_0001.csv" % names[0]), obj(app + "-sftp", "%s/keys/id_rsa" % names[0]))
    s.far(who, "s3:GetObject", obj("sftp", "x/in/ORDERS_20260909_0001.csv"))


def kafka_connect(s, who, app):
    """Kafka Connect's sink: topics, partitions, offsets of ten digits; some topics only are this role's."""
    offset = s.random.randint(1000, 9000000)
    for day in range(DAYS):
        for topic in "orders", "payments.v1":
            for p in s.random.sample(range(6), 2):
                offset += s.random.randint(100, 9000)
                s.s3(who, day, "Put", app + "-sink", "topics/%s/partition=%d/%s+%d+%010d.avro" % (topic, p, topic, p, offset))
    for day in 3, 4, 11:
        s.s3("role/%s-cdc" % app, day, "Put", app + "-sink", "topics/customers/partition=0/customers+0+0000000100.avro")
    s.near(who, "s3:PutObject", obj(app + "-sink", "topics/customers/partition=0/customers+0+0000000100.avro"), obj(app + "-sink", "topics/orders/partition=0/orders+0+schema.avro"),
           obj(app + "-sink", "topics/orders/manifest.json"))
    s.far(who, "s3:PutObject", obj("sink", "topics/orders/partition=0/orders+0+0000000100.avro"))


def stacks(s, who, app):
    """Stacks by branch with AWS's id behind; the stacks of main and of the network are others'."""
    for day in range(DAYS):
        if not weekday(day):
            continue
        for name in ["%s-%s-%s" % (app, s.random.choice(("feat", "fix", "chore")), word(s)) for _ in range(2)]:
            a = arn("cloudformation", "stack/%s/%s" % (name, s.uuid()))
            s.call(who, day, "cloudformation", "CreateStack", {"stackName": name}, ("cloudformation:CreateStack", arn("cloudformation", "stack/%s/x" % name)),
                   response={"stackId": a})
            s.call(who, day, "cloudformation", "DeleteStack", {"stackName": a}, ("cloudformation:DeleteStack", a))
    s.near(who, "cloudformation:DeleteStack", arn("cloudformation", "stack/%s-main/%s" % (app, s.uuid())), arn("cloudformation", "stack/%s-network/%s" % (app, s.uuid())),
           arn("cloudformation", "stack/%sx-feat-a/%s" % (app, s.uuid())))
    s.far(who, "cloudformation:DeleteStack", arn("cloudformation", "stack/landing-zone/%s" % s.uuid()))


def videos(s, who, app):
    """Segments of films with titles for names; thumbnails by number."""
    for day in range(DAYS):
        for _ in range(2):
            title = "-".join(word(s) for _ in range(s.random.randint(1, 4)))
            for n in range(2):
                s.s3(who, day, "Put", app + "-vod", "hls/%s/720p/seg_%05d.ts" % (title, n))
            s.s3(who, day, "Put", app + "-vod", "hls/%s/master.m3u8" % title)
    s.near(who, "s3:PutObject", obj(app + "-vod", "drm/keys.json"), obj(app + "-vod", "hls/zeta/720p/init.mp4"), obj(app + "-vod", "raw/zeta/master.m3u8"),
           obj(app + "-vod", "hls/zeta/key.pem"))
    s.far(who, "s3:PutObject", obj("vod", "hls/zeta/master.m3u8"))


def log_exports(s, who, app):
    """What an export of log groups writes; the test object of each export."""
    for day in range(DAYS):
        task = s.uuid()
        for n in range(2):
            s.s3(who, day, "Get", app + "-exports", "logs/%s/%s/%s/%06d.gz" % (date(day), task, "i-0" + s.hex(16), n))
        s.s3(who, day, "Get", app + "-exports", "cur/%s/%s-00001.csv.gz" % (date(day).strftime("%Y%m01") + "-" + date(day).strftime("%Y%m28"), app))
    s.near(who, "s3:GetObject", obj(app + "-exports", "logs/aws-logs-write-test"), obj(app + "-exports", "cur/manifests/%s-00001.csv.gz" % app),
           obj(app + "-exports", "logs/audit/%s/x/000000.gz" % s.uuid()))
    s.far(who, "s3:GetObject", obj("exports", "logs/x"))


KINDS = [terraform_workspaces, pull_request_sites, tenants_everywhere, feature_flags, cluster_controller, homes, one_home, hourly_partitions,
         twins, buckets_by_region, parameters_by_stage, tables_by_stage, nightly_dumps, inbound_mail, experiments, invoices, devices, partners,
         kafka_connect, stacks, videos, log_exports]
NAMES = ["acme", "blu3", "io-team", "z"]

if __name__ == "__main__":
    base.START += datetime.timedelta(days=9 * int(dict(zip(sys.argv, sys.argv[1:])).get("--seed", 1)) % 28)
    base.main(KINDS, NAMES)
