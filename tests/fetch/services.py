"""services.py PROGRAM - in a namespace with loopback only: 4,000 objects of three accounts, two regions and ten days from moto's
S3, with keys of a role from its STS; its log groups; the results of its Athena; its IAM beside what boto3 makes of it."""
import collections
import datetime
import gzip
import json
import logging
import os
import re
import subprocess
import sys
import urllib.request

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.s3.models import s3_backends

from cloud import Tap

PROGRAM = os.path.abspath(sys.argv[1])
ACCOUNTS, REGIONS, DAYS, FILES = ("111122223333", "222233334444", "333344445555"), ("us-east-1", "eu-west-1"), 10, 4000
URL = "http://127.0.0.1:5055"
tap = Tap()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=5055, verbose=False)
server.start()
ENV = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
ENV.update(AWS_ENDPOINT_URL=URL, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret", AWS_DEFAULT_REGION="us-east-1",
           AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.path.abspath("config"), AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
os.environ.update(ENV)


def record(account, region, when, n):
    return {"eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": account,
                                                     "arn": "arn:aws:iam::%s:user/ann" % account, "userName": "ann"},
            "eventTime": when, "eventSource": "s3.amazonaws.com", "eventName": "GetBucketAcl", "awsRegion": region,
            "requestParameters": {"bucketName": "b%d" % (n % 7)}, "responseElements": None, "requestID": "R%d" % n,
            "eventID": "%s-%s-%d" % (account, region, n), "eventType": "AwsApiCall", "recipientAccountId": account}


def files():
    for n in range(FILES):
        account, region, day = ACCOUNTS[n % 3], REGIONS[n // 3 % 2], n // 6 % DAYS + 1
        when = "2026-01-%02dT%02d:%02d:00Z" % (day, n // 60 % 24, n % 60)
        key = "AWSLogs/%s/CloudTrail/%s/2026/01/%02d/%s_CloudTrail_%s_202601%02dT%02d%02dZ_%05d.json.gz" % (
            account, region, day, account, region, day, n // 60 % 24, n % 60, n)
        yield key, gzip.compress(json.dumps({"Records": [record(account, region, when, n)]}).encode(), mtime=0)


def run(*args, env=None):
    p = subprocess.run([PROGRAM, *args], env={**ENV, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def asked(err):
    """How many objects and listings --debug told of."""
    kinds = collections.Counter("list" if "list-type=2" in line else "get" for line in err.splitlines() if line.startswith("GET "))
    return kinds["get"], kinds["list"]


def bucket():
    backend = s3_backends["123456789012"]["aws"]
    backend.create_bucket("trail", "us-east-1")
    for key, body in files():
        backend.put_object("trail", key, body)
        path = os.path.join("local", key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(body)
    with open("config", "w") as f:
        f.write("[profile reader]\nrole_arn = arn:aws:iam::123456789012:role/reader\ncredential_source = Environment\n")
    run("ingest", "--db", "local.db", "local")
    status, out, err = run("fetch", "--debug", "--db", "t.db", "--json", "--profile", "reader", "s3://trail")
    counts = json.loads(out or "{}")
    tap.ok(status == 0 and counts["files"]["read"] == FILES and counts["stored"] == FILES, "%d objects, with a role's keys" % FILES, out + err[-2000:])
    tap.is_equal("each asked for once, in a listing a folder", asked(err), (FILES, 1 + 1 + 3 + 6))
    tap.ok(run("query", "export", "--json", "--db", "t.db")[1] == run("query", "export", "--json", "--db", "local.db")[1], "as from files")
    status, out, err = run("fetch", "--debug", "--db", "t.db", "--json", "--profile", "reader", "s3://trail")
    tap.is_equal("none asked for again", asked(err), (0, 11))
    status, out, err = run("fetch", "--debug", "--db", "w.db", "--json", "--since", "2026-01-04", "--until", "2026-01-05", "s3://trail")
    outside = [line for line in err.splitlines() if "list-type" not in line and "/2026/01/04/" not in line and "/2026/01/05/" not in line
               and line.startswith("GET ") and "_20260106T00" not in line]
    within = sum("/2026/01/04/" in k or "/2026/01/05/" in k for k, _ in files())
    tap.ok(status == 0 and json.loads(out)["stored"] == within and not outside, "two days: %d objects and none outside" % within, outside[:5])


def logs():
    client = boto3.client("logs")
    client.create_log_group(logGroupName="/aws/trail")
    client.create_log_stream(logGroupName="/aws/trail", logStreamName="s")
    now = datetime.datetime.now(datetime.timezone.utc)
    times = [now - datetime.timedelta(minutes=7 * n + 1) for n in range(100)][::-1]
    client.put_log_events(logGroupName="/aws/trail", logStreamName="s", logEvents=[
        {"timestamp": int(t.timestamp() * 1000), "message": json.dumps(record(ACCOUNTS[0], "us-east-1", t.strftime("%Y-%m-%dT%H:%M:%SZ"), n))}
        for n, t in enumerate(times)])
    since = (now - datetime.timedelta(hours=13)).strftime("%Y-%m-%dT%H:%M:%SZ")
    status, out, err = run("fetch", "--db", "l.db", "--json", "--since", since, "logs", "/aws/trail")
    tap.ok(status == 0 and json.loads(out)["stored"] == 100, "a log group", out + err)


def athena():
    """moto runs no statement: it answers with the rows that it was given, here reduced ones, and puts them into its S3 as a CSV."""
    columns = ("iamreplay_reduced events first last eventid eventsource eventname eventtype awsregion recipientaccountid useridentity_type "
               "useridentity_arn useridentity_accountid requestparameters").split()
    bodies = [[("1", str(n + 1), "2026-02-0%dT01:00:00Z" % day, "2026-02-0%dT02:00:00Z" % day, "e%d-%d" % (day, n), "sqs.amazonaws.com",
                "SendMessage", "AwsApiCall", "us-east-1", ACCOUNTS[0], "IAMUser", "arn:aws:iam::%s:user/ann" % ACCOUNTS[0], ACCOUNTS[0],
                json.dumps({"queueUrl": "https://sqs.us-east-1.amazonaws.com/%s/q%d" % (ACCOUNTS[0], n)}).replace('"', '""'))
               for n in range(30)] for day in (1, 2)]
    results = [{"rows": [{"Data": [{"VarCharValue": text} for text in row]} for row in [columns, *rows]], "column_info": []} for rows in bodies]
    urllib.request.urlopen(urllib.request.Request(URL + "/moto-api/static/athena/query-results", json.dumps({"results": results}).encode(),
                                                  {"Content-Type": "application/json"})).close()
    s3_backends["123456789012"]["aws"].create_bucket("results", "us-east-1")
    with open("days.sql", "w") as f:
        f.write("-- 2026-02-01\nSELECT event FROM trail;\n-- 2026-02-02\nSELECT event FROM trail;\n")
    status, out, err = run("fetch", "--db", "a.db", "--json", "athena", "--query-file", "days.sql", "--output-location", "s3://results/q/")
    tap.ok(status == 0 and re.findall('"stored": ([0-9]+)', out) == ["30", "30"], "results of two statements, from Athena by way of S3", out + err)
    started = boto3.client("athena").list_query_executions()["QueryExecutionIds"]
    queries = [boto3.client("athena").get_query_execution(QueryExecutionId=i)["QueryExecution"]["Query"] for i in started]
    tap.ok(len(queries) == 2 and all("SELECT event FROM trail" in q for q in queries), "one query each", queries)


def iam():
    client = boto3.client("iam")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "arn:aws:s3:::b/ä <&>*"}]}
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    for n in range(3):
        client.create_user(UserName="user%d" % n, Tags=[{"Key": "k", "Value": "v & w"}])
        client.put_user_policy(UserName="user%d" % n, PolicyName="p", PolicyDocument=json.dumps(policy))
        client.create_role(RoleName="role%d" % n, AssumeRolePolicyDocument=json.dumps(trust))
    arn = client.create_policy(PolicyName="m", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    client.attach_role_policy(RoleName="role1", PolicyArn=arn)
    client.create_group(GroupName="g")
    client.add_user_to_group(GroupName="g", UserName="user1")
    status, out, err = run("fetch", "iam")
    got, want = json.loads(out or "{}"), {}
    for page in client.get_paginator("get_account_authorization_details").paginate():
        for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
            want.setdefault(name, []).extend(page[name])

    def plain(v):
        """Without the forms of times, which moto and botocore choose as they like."""
        if isinstance(v, dict):
            return {k: plain(x) for k, x in v.items() if not k.endswith("Date") and k != "RoleLastUsed"}
        return [plain(x) for x in v] if isinstance(v, list) else v
    tap.ok(status == 0 and plain(got) == plain(want), "IAM as boto3 reads it", err + json.dumps(plain(got))[:1500] + "\n" + json.dumps(plain(want))[:1500])


bucket()
logs()
athena()
iam()
server.stop()
tap.end()
