"""apis.py PROGRAM SCRATCH - LookupEvents, log groups, Athena and IAM, from a server on loopback."""
import datetime
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse

from cloud import Cloud, Refusal, Tap

PROGRAM, SCRATCH = os.path.abspath(sys.argv[1]), sys.argv[2]
os.chdir(SCRATCH)
tap = Tap()
NOW = int(time.time())
JSON = "application/x-amz-json-1.1"


def run(cloud, *args, **environment):
    p = subprocess.run([PROGRAM, "fetch", *args], env=cloud.environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def stamp(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(n, t, region):
    return {"eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333",
                                                     "arn": "arn:aws:iam::111122223333:user/ann", "userName": "ann"},
            "eventTime": stamp(t), "eventSource": "s3.amazonaws.com", "eventName": "GetBucketAcl", "awsRegion": region,
            "requestParameters": {"bucketName": "b%d" % n}, "responseElements": None, "requestID": "R%d" % n,
            "eventID": "%s-%d" % (region, n), "eventType": "AwsApiCall", "recipientAccountId": "111122223333"}


def account(cloud, form, request):
    return "text/xml", (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>"
                        b"<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")


class Events:
    """Those of both regions, one in ten minutes for three days, given out in pages."""

    def __init__(self):
        self.all = {region: [(NOW - 600 * n - 60, n) for n in range(432)] for region in ("us-east-1", "eu-west-1")}
        self.calls, self.times = [], []

    def page(self, region, since, until, token, size):
        found = [e for e in self.all[region] if since <= e[0] <= until]
        at = int(token.rpartition(":")[2]) if token else 0
        more = "%s:%d" % (region, at + size) if at + size < len(found) else None
        return found[at:at + size], more

    def lookup(self, cloud, q, request):
        self.calls.append((request["region"], q["StartTime"], q["EndTime"], q.get("NextToken")))
        self.times.append((request["region"], time.monotonic()))
        found, more = self.page(request["region"], q["StartTime"], q["EndTime"], q.get("NextToken"), q["MaxResults"])
        out = {"Events": [{"EventId": "e%d" % n, "EventName": "GetBucketAcl", "EventTime": t, "EventSource": "s3.amazonaws.com", "Username": "ann",
                           "Resources": [], "CloudTrailEvent": json.dumps(record(n, t, request["region"]))} for t, n in found]}
        if more:
            out["NextToken"] = more
        return JSON, json.dumps(out).encode()

    def filter(self, cloud, q, request):
        if q["logGroupName"] != "/aws/trail":
            raise Refusal(400, "ResourceNotFoundException", "The specified log group does not exist.")
        self.calls.append((request["region"], q["startTime"], q["endTime"], q.get("nextToken")))
        found, more = self.page(request["region"], q["startTime"] / 1000, q["endTime"] / 1000, q.get("nextToken"), 20)
        out = {"events": [{"logStreamName": "s", "timestamp": t * 1000, "ingestionTime": t * 1000, "eventId": str(n),
                           "message": json.dumps(record(n, t, request["region"]))} for t, n in found], "searchedLogStreams": []}
        if more:
            out["nextToken"] = more
        return JSON, json.dumps(out).encode()


def cloudtrail():
    cloud, events = Cloud().start(), Events()
    cloud.api.update(GetCallerIdentity=account, LookupEvents=events.lookup)
    since = stamp(NOW - 36 * 3600)
    want = sum(t >= NOW - 36 * 3600 for t, _ in events.all["us-east-1"])
    throttled = [Refusal(400, "ThrottlingException", "Rate exceeded") for _ in range(3)]
    cloud.plan = lambda request: throttled.pop() if throttled and len(cloud.requests) > 3 else None
    status, out, err = run(cloud, "cloudtrail", "--db", "t.db", "--json", "--since", since, "--region", "us-east-1", "--region", "eu-west-1")
    counts = json.loads(out or "{}")
    # the last window may have just begun and hold nothing: its file of no records is counted as that
    read = counts.get("records", 0) - counts.get("ignored", {}).get("empty-records", 0)
    tap.ok(status == 0 and counts.get("stored") == 2 * want == read, "LookupEvents of two regions, throttled: %d events" % want, "%s\n%s" % (out, err))
    tap.ok("50 events a call" in err and "fetch s3://" in err, "what it takes is told, and what is better", err)
    by_region = [t for r, t in events.times if r == "us-east-1"]
    tap.ok(by_region[-1] - by_region[0] > 0.45 * (len(by_region) - 1), "two calls a second in a region, not more", by_region)
    tap.ok(all(e - s < 6 * 3600 for _, s, e, _ in events.calls), "in windows of six hours")
    events.calls.clear()
    status, out, err = run(cloud, "cloudtrail", "--db", "t.db", "--json", "--since", since, "--region", "us-east-1", "--region", "eu-west-1")
    tap.ok(status == 0 and json.loads(out)["stored"] == 0 and len(events.calls) <= 4, "the next run asks for what may be new only", "%s %s" % (events.calls, err))
    status, out, err = run(cloud, "cloudtrail", "-o", "files", "--since", stamp(NOW - 14 * 3600))
    files = [os.path.join(d, f) for d, _, fs in os.walk("files") for f in fs]
    p = subprocess.run([PROGRAM, "ingest", "--db", "f.db", "--json", "files"], stdout=subprocess.PIPE)
    want = sum(t >= NOW - 14 * 3600 for t, _ in events.all["us-east-1"])
    tap.ok(status == 0 and json.loads(p.stdout)["stored"] == want and all("/cloudtrail/111122223333/us-east-1/" in f for f in files),
           "files of it are read by ingest", "%s %s %s" % (files, p.stdout, err))
    cloud.api["LookupEvents"] = lambda c, q, r: (JSON, json.dumps({"Events": [], "NextToken": "same"}).encode())
    status, out, err = run(cloud, "cloudtrail", "--db", "t.db", "--since", stamp(NOW - 3600))
    tap.ok(status == 1 and "do not end" in err, "pages that do not end are told", err)

    def denied(c, q, r):
        raise Refusal(400, "AccessDeniedException", "User: x is not authorized to perform: cloudtrail:LookupEvents")
    cloud.api["LookupEvents"] = denied
    status, out, err = run(cloud, "cloudtrail", "--db", "t.db", "--since", stamp(NOW - 86400))
    tap.ok(status == 3 and "cloudtrail:LookupEvents" in err and err.count("AccessDenied") == 1, "a refusal ends it", err)
    status, out, err = run(cloud, "cloudtrail", AWS_REGION=None)
    tap.ok(status == 2 and "--region" in err, "a region is needed", err)


def logs():
    cloud, events = Cloud().start(), Events()
    cloud.api.update(GetCallerIdentity=account, FilterLogEvents=events.filter)
    status, out, err = run(cloud, "logs", "/aws/trail", "--db", "l.db", "--json", "--since", stamp(NOW - 86400))
    want = sum(t >= NOW - 86400 for t, _ in events.all["us-east-1"])
    tap.ok(status == 0 and json.loads(out)["stored"] == want, "a log group's events, all %d" % want, out + err)
    status, out, err = run(cloud, "logs", "/aws/other", "--db", "l.db", "--since", "2026-01-01")
    tap.ok(status == 3 and "log group does not exist" in err, "a log group that is not there", err)
    status, out, err = run(cloud, "logs", "/aws/trail")
    tap.ok(status == 2 and "--since" in err, "the time is asked for", err)


def managed(cloud, states):
    """Results that Athena keeps itself: asked for page by page."""
    asked, kept = [], cloud.api["GetQueryExecution"]

    def look(c, q, r):
        return JSON, json.dumps({"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "ManagedQueryResultsConfiguration": {"Enabled": True}}}).encode()

    def results(c, q, r):
        at = int(q.get("NextToken", "0"))
        asked.append(at)
        rows = [{"Data": [{"VarCharValue": "eventjson"}, {"VarCharValue": "note"}]}] if at == 0 else []
        rows += [{"Data": [{"VarCharValue": json.dumps(record(n, NOW - n, "us-east-1"))}, {}]} for n in range(at, at + 4)]
        out = {"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": []}}, "UpdateCount": 0}
        if at < 8:
            out["NextToken"] = str(at + 4)
        return JSON, json.dumps(out).encode()
    cloud.api.update(GetQueryExecution=look, GetQueryResults=results)
    status, out, err = run(cloud, "athena", "--query-file", "q.sql", "--db", "managed.db", "--json")
    tap.ok(status == 0 and json.loads(out)["stored"] == 12 and asked == [0, 4, 8], "a result that Athena keeps, page by page", out + err)
    status, out, err = run(cloud, "athena", "--query-file", "q.sql", "-o", "managed")
    p = subprocess.run([PROGRAM, "ingest", "--db", "managed2.db", "--json", "managed/athena/ID-1.csv"], stdout=subprocess.PIPE)
    tap.ok(status == 0 and json.loads(p.stdout)["stored"] == 12 and os.stat("managed/athena/ID-1.csv").st_mode & 0o77 == 0, "as a file", out + err)
    cloud.api["GetQueryResults"] = lambda c, q, r: (JSON, b'{"ResultSet":{"Rows":7}}')
    status, out, err = run(cloud, "athena", "--query-file", "q.sql", "--db", "managed.db")
    tap.ok(status == 3 and "no rows" in err, "what is no result is told", err)
    cloud.api["GetQueryExecution"] = kept


def athena():
    cloud = Cloud().start()
    rows = "\n".join('"%s"' % json.dumps(record(n, NOW - n, "us-east-1")).replace('"', '""') for n in range(5))
    cloud.objects["results"] = {"q/ID-1.csv": ('"event"\n' + rows + "\n").encode(), "q/ID-1.csv.metadata": b"x"}
    states, started = ["QUEUED", "RUNNING", "SUCCEEDED"], []

    def start(c, q, r):
        started.append(q)
        return JSON, b'{"QueryExecutionId":"ID-1"}'

    def look(c, q, r):
        return JSON, json.dumps({"QueryExecution": {"Status": {"State": states.pop(0), "StateChangeReason": "because"}, "ResultConfiguration": {
            "OutputLocation": "s3://results/q/ID-1.csv"}}}).encode()
    cloud.api.update(StartQueryExecution=start, GetQueryExecution=look)
    with open("q.sql", "w") as f:
        f.write("SELECT \"event\" FROM trail -- é\n")
    status, out, err = run(cloud, "athena", "--query-file", "q.sql", "--database", "logs", "--workgroup", "w", "-o", "athena")
    tap.ok(status == 0 and open("athena/q/ID-1.csv", "rb").read() == cloud.objects["results"]["q/ID-1.csv"], "a query's result", out + err)
    tap.ok(started[0]["QueryString"] == open("q.sql").read() and started[0]["WorkGroup"] == "w" and started[0]["QueryExecutionContext"] == {"Database": "logs"}
           and len(started[0]["ClientRequestToken"]) >= 32, "of the statement as it is", started)
    managed(cloud, states)
    days = subprocess.run([PROGRAM, "reduce", "--engine", "athena", "--table", "trail", "--since", "2026-11-29", "--until", "2026-11-30"],
                          capture_output=True, check=True).stdout.decode()
    with open("days.sql", "w") as f:
        f.write(days)
    started.clear()
    states[:] = ["SUCCEEDED", "SUCCEEDED"]
    status, out, err = run(cloud, "athena", "--query-file", "days.sql", "-o", "athena")
    tap.ok(status == 0 and [q["QueryString"] + ";" for q in started] == [d.strip() for d in re.split("(?m)^(?=-- )", days) if d],
           "a file of several statements is run one after the other", out + err)
    started.clear()
    states[:] = ["FAILED", "SUCCEEDED"]
    status, out, err = run(cloud, "athena", "--query-file", "days.sql", "-o", "athena")
    tap.ok(status == 3 and len(started) == 1, "up to the first that fails", err)
    with open("long.sql", "w") as f:
        f.write("SELECT 1;\nSELECT '" + "x" * 300000 + "';\n")
    states[:] = ["SUCCEEDED"]
    status, out, err = run(cloud, "athena", "--query-file", "long.sql", "-o", "athena")
    tap.ok(status == 3 and "longer than" in err, "one that is too long is told", err)
    states[:] = ["FAILED"]
    status, out, err = run(cloud, "athena", "--query-file", "q.sql", "-o", "athena")
    tap.ok(status == 3 and "FAILED: because" in err, "a query that fails is told in Athena's words", err)
    status, out, err = run(cloud, "athena")
    tap.ok(status == 2 and "--query-file" in err, "a statement is needed", err)


def last_accessed(cloud):
    states, asked = ["IN_PROGRESS", "IN_PROGRESS"], []

    def answer(action, inner):
        return "text/xml", ('<%sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><%sResult>%s</%sResult></%sResponse>' % (
            action, action, inner, action, action)).encode()

    def generate(c, form, request):
        asked.append((form["Arn"], form["Granularity"]))
        return answer("GenerateServiceLastAccessedDetails", "<JobId>job-1</JobId>")

    def get(c, form, request):
        state = states.pop(0) if states else "COMPLETED"
        asked.append((form["JobId"], form.get("Marker")))
        service = {None: "<ServiceName>Amazon S3</ServiceName><ServiceNamespace>s3</ServiceNamespace><LastAuthenticated>2026-01-02T03:04:05Z"
                         "</LastAuthenticated><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities><TrackedActionsLastAccessed><member><ActionName>"
                         "GetObject</ActionName><LastAccessedTime>2026-01-02T03:04:05Z</LastAccessedTime></member></TrackedActionsLastAccessed>",
                   "m&1": "<ServiceName>Amazon SQS</ServiceName><ServiceNamespace>sqs</ServiceNamespace><TotalAuthenticatedEntities>0"
                          "</TotalAuthenticatedEntities>"}[form.get("Marker")]
        more = "<IsTruncated>true</IsTruncated><Marker>m&amp;1</Marker>" if not form.get("Marker") else "<IsTruncated>false</IsTruncated>"
        return answer("GetServiceLastAccessedDetails", "<JobStatus>%s</JobStatus><ServicesLastAccessed><member>%s</member></ServicesLastAccessed>%s" % (
            state, service, more))
    cloud.api.update(GenerateServiceLastAccessedDetails=generate, GetServiceLastAccessedDetails=get)
    arn = "arn:aws:iam::111122223333:user/ann"
    status, out, err = run(cloud, "iam", "--last-accessed", arn, "-o", "last.json")
    want = [{"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "LastAuthenticated": "2026-01-02T03:04:05Z", "TotalAuthenticatedEntities": 1,
             "TrackedActionsLastAccessed": [{"ActionName": "GetObject", "LastAccessedTime": "2026-01-02T03:04:05Z"}]},
            {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "TotalAuthenticatedEntities": 0}]
    tap.ok(status == 0 and json.load(open("last.json"))["ServicesLastAccessed"] == want, "what a user last used", out + err)
    tap.is_equal("when the job has ended, page by page", asked, [(arn, "ACTION_LEVEL")] + [("job-1", None)] * 4 + [("job-1", "m&1")])
    with open("given.json", "w") as f:
        json.dump({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "sqs:SendMessage"], "Resource": "*"}]}, f)
    p = subprocess.run([PROGRAM, "diff", "--db", "d.db", "--principal", "user/ann", "--last-accessed", "last.json", "given.json"], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    tap.ok(p.returncode in (0, 1) and b"sqs:SendMessage" in p.stdout, "diff --last-accessed reads it", p.stdout + p.stderr)
    states[:] = ["FAILED"]
    status, out, err = run(cloud, "iam", "--last-accessed", arn)
    tap.ok(status == 3 and not out and "job failed" in err, "a job that fails is told", out + err)
    status, out, err = run(cloud, "athena", "--query-file", "q.sql", "--last-accessed", arn)
    tap.ok(status == 2 and "is for iam" in err, "which is for IAM", err)


def policies():
    cloud = Cloud().start()
    status, out, err = run(cloud, "athena", "--print-policy", "--database", "logs", "--output-location", "s3://results/q/")
    granted = {(a, r) for s in json.loads(out)["Statement"] for a in s["Action"] for r in s["Resource"]}
    want = {("athena:GetQueryResults", "arn:aws:athena:*:*:workgroup/primary"), ("s3:PutObject", "arn:aws:s3:::results/q/*"),
            ("s3:GetObject", "arn:aws:s3:::results/q/*"), ("s3:GetBucketLocation", "arn:aws:s3:::results"),
            ("glue:GetTable", "arn:aws:glue:*:*:table/logs/*"), ("glue:GetTable", "arn:aws:glue:*:*:catalog")}
    tap.ok(status == 0 and want <= granted and "not in it" in err, "a query's result and catalog are in the policy", out + err)
    status, out, err = run(cloud, "iam", "--print-policy", "--last-accessed", "arn:aws:iam::111122223333:user/ann")
    tap.ok("iam:GetServiceLastAccessedDetails" in out and "Authorization" not in out, "and what IAM is asked for", out)


def silence():
    """A server that does not answer: what is waited for is told; one that refuses: what is tried again."""
    cloud = Cloud().start()
    cloud.plan = lambda request: Refusal(503, "SlowDown", "Reduce your request rate.")
    status, out, err = run(cloud, "s3://b", "--db", "x.db", AWS_MAX_ATTEMPTS="7")
    told = [line for line in err.splitlines() if "trying again" in line]
    tap.ok(status == 3 and told and "SlowDown" in told[0] and "of 7" in told[0], "trouble that lasts is told", err)

    def wait(request):
        time.sleep(4.5)
        return Refusal(403, "AccessDenied", "no")
    cloud.plan = wait
    status, out, err = run(cloud, "s3://b", "--db", "x.db")
    tap.ok("waiting for http://" in err and "list-type" not in err, "and so is silence", err)


def iam():
    cloud = Cloud().start()
    policy = urllib.parse.quote(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}))
    pages = ["<UserDetailList><member><UserName>ann</UserName><Arn>arn:aws:iam::111122223333:user/ann</Arn><Path>/</Path><UserId>A</UserId>"
             "<GroupList/><AttachedManagedPolicies/><UserPolicyList><member><PolicyName>p&amp;q</PolicyName><PolicyDocument>%s</PolicyDocument>"
             "</member></UserPolicyList></member></UserDetailList><IsTruncated>true</IsTruncated><Marker>m/1=</Marker>" % policy,
             "<UserDetailList><member><UserName>bob</UserName><Arn>arn:aws:iam::111122223333:user/bob</Arn><GroupList><member>g</member></GroupList>"
             "</member></UserDetailList><Policies><member><PolicyName>m</PolicyName><Arn>arn:aws:iam::111122223333:policy/m</Arn>"
             "<AttachmentCount>2</AttachmentCount><IsAttachable>true</IsAttachable><DefaultVersionId>v1</DefaultVersionId><PolicyVersionList><member>"
             "<Document>%s</Document><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion></member></PolicyVersionList></member></Policies>"
             "<IsTruncated>false</IsTruncated>" % policy]
    asked = []

    def details(c, form, request):
        asked.append(form.get("Marker"))
        inner = pages[1 if form.get("Marker") == "m/1=" else 0]
        return "text/xml", ('<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountAuthorizationDetailsResult>'
                            + inner + "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>").encode()
    cloud.api["GetAccountAuthorizationDetails"] = details
    status, out, err = run(cloud, "iam")
    statement = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    want = {"UserDetailList": [{"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "Path": "/", "UserId": "A", "GroupList": [],
                                "AttachedManagedPolicies": [], "UserPolicyList": [{"PolicyName": "p&q", "PolicyDocument": statement}]},
                               {"UserName": "bob", "Arn": "arn:aws:iam::111122223333:user/bob", "GroupList": ["g"]}],
            "GroupDetailList": [], "RoleDetailList": [],
            "Policies": [{"PolicyName": "m", "Arn": "arn:aws:iam::111122223333:policy/m", "AttachmentCount": 2, "IsAttachable": True, "DefaultVersionId": "v1",
                          "PolicyVersionList": [{"Document": statement, "VersionId": "v1", "IsDefaultVersion": True}]}]}
    tap.ok(status == 0 and json.loads(out) == want, "all of IAM, as the AWS CLI prints it", out + err)
    tap.is_equal("page by page", asked, [None, "m/1="])
    status, out, err = run(cloud, "iam", "-o", "account.json")
    tap.ok(status == 0 and json.load(open("account.json")) == want and os.stat("account.json").st_mode & 0o77 == 0, "into a file that nobody else reads", err)
    with open("one.json", "w") as f:
        json.dump({"Records": [record(1, NOW, "us-east-1")]}, f)
    subprocess.run([PROGRAM, "ingest", "--db", "d.db", "one.json"], stdout=subprocess.DEVNULL)
    p = subprocess.run([PROGRAM, "diff", "--db", "d.db", "--principal", "user/ann", "--account-details", "account.json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    tap.ok(b"policies: p&q" in p.stdout, "diff --account-details reads it", p.stdout + p.stderr)
    last_accessed(cloud)
    pages[0] = "<UserDetailList><member><PolicyDocument>%7Bno</PolicyDocument></member></UserDetailList>"
    status, out, err = run(cloud, "iam")
    tap.ok(status == 3 and not out and "damaged" in err, "what is damaged is no result", out + err)


cloudtrail()
logs()
athena()
iam()
policies()
silence()
tap.end()
