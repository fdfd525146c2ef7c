"""many-logs.py - writes the folder logs, with all that a database puts together: keys of assumed roles, paths, calls across
accounts, copies with other content, object keys beyond the bound, captured calls, rows that tell less, damaged files."""
import json, os
A, B = "111122223333", "444455556666"
n = 0
def event(name="GetObject", source="s3", params=None, role="app", session="one", minute=0, second=0, day=2, id=None, **more):
    global n
    n += 1
    e = {"eventVersion": "1.10", "eventID": "00000000-0000-4000-8000-%012d" % (id or n),
         "eventTime": "2026-01-%02dT03:%02d:%02dZ" % (day, minute, second),
         "eventSource": source + ".amazonaws.com", "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.9",
         "userAgent": "aws-cli/2.17.44", "eventType": "AwsApiCall", "recipientAccountId": A, "requestParameters": params,
         "userIdentity": who(role, session)}
    e.update(more)
    return e
def who(role, session, path=""):
    return {"type": "AssumedRole", "arn": "arn:aws:sts::%s:assumed-role/%s/%s" % (A, role, session), "accountId": A,
            "accessKeyId": "ASIAEXAMPLEEXAMPLE01",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::%s:role/%s%s" % (A, path, role),
                "accountId": A, "userName": role}}}
def write(name, *events):
    with open(name, "w") as f:
        json.dump({"Records": events}, f)
def key(bucket, key, **more):
    return event(params={"bucketName": bucket, "key": key}, **more)
os.mkdir("logs")
os.chdir("logs")
# copies of one event
C = 900001
write("whole.json", key("b", "k", id=C))
write("bare.json", event(id=C))
write("other.json", key("c", "l", id=C))
write("third.json", key("d", "m", id=C))
write("denied.json", key("b", "k", id=C, errorCode="AccessDenied", errorMessage="Access Denied"))
write("session.json", key("b", "k", id=C, session="two"))
write("alike.json", key("c", "l", minute=5))
# one eventID, two operations
write("clash1.json", event("ListBuckets", id=900002))
write("clash2.json", event("GetBucketLocation", params={"bucketName": "b"}, id=900002))
# whose a key is
write("assume.json", event("AssumeRole", "sts", {"roleArn": "arn:aws:iam::%s:role/team/next" % A, "roleSessionName": "s"},
    responseElements={"credentials": {"accessKeyId": "ASIAEXAMPLEEXAMPLE02"},
        "assumedRoleUser": {"arn": "arn:aws:sts::%s:assumed-role/next/s" % A, "assumedRoleId": "AROAEXAMPLE:s"}}))
lost = {"type": "AssumedRole", "arn": "arn:aws:sts::%s:assumed-role/next/s" % A, "accountId": A, "accessKeyId": "ASIAEXAMPLEEXAMPLE02"}
write("lostpath.json", key("b", "p", userIdentity=lost, minute=6))
write("path.json", event("GetRole", "iam", {"roleName": "next"}, userIdentity=who("next", "s", "team/"), minute=7))
# both sides of calls across accounts, the actor's in two copies
for i, name in enumerate(("far1", "far2")):
    s = "00000000-0000-4000-8000-0000000000a%d" % i
    write(name + "-actor.json", key(name, "k", id=900010 + i, sharedEventID=s, minute=8 + i))
    write(name + "-owner.json", key(name, "k", id=900020 + i, sharedEventID=s, minute=8 + i, recipientAccountId=B))
write("far1-again.json", key("far1", "z", id=900010, sharedEventID="00000000-0000-4000-8000-0000000000a0", minute=8))
write("far1-owner-again.json", key("far1", "z", id=900020, sharedEventID="00000000-0000-4000-8000-0000000000a0", minute=8, recipientAccountId=B))
# object keys: bounded in each file, or only in all of them
write("keys1.json", *[key("wide", "in/%d/%d" % (i % 7, i), role="loader", minute=10, second=i % 60, day=3 + i % 3) for i in range(900)])
write("keys2.json", *[key("wide", "in/%d/%d" % (i % 7, i), role="loader", minute=11, second=i % 60) for i in range(500, 1400)])
write("keys3.json", *[key("flat", "k%d" % i, role="loader", minute=12, second=i % 60) for i in range(1500)])
write("keys4.json", *[key("deep", "a%d/b%d/c%d" % (i % 3, i, i), role="loader", minute=13, second=i % 60) for i in range(1200)])
write("keys5.json", *[key("deep", "a%d/b%d/c%d" % (i % 3, i, i), role="loader", minute=14, second=i % 60) for i in range(1100, 1300)])
# many events of few calls on several days
write("many.json", *[event("DescribeInstances", "ec2", None, day=1 + i % 20, minute=i % 60, role="app%d" % (i % 5)) for i in range(400)])
write("again.json", *[event("DescribeInstances", "ec2", None, day=1 + i % 20, minute=i % 60, role="app%d" % (i % 5), id=700000 + i) for i in range(50)])
write("again2.json", *[event("DescribeInstances", "ec2", None, day=1 + i % 20, minute=i % 60, role="app%d" % (i % 5), id=700000 + i) for i in range(20, 70)])
# a capture, and what CloudTrail says of the same calls
head = {"kind": "header", "format": 1, "tool": "iamreplay 0.1.0", "mode": "proxy", "capture": "0123456789abcdef0123456789abcdef", "time": "2026-01-02T08:00:00.000Z"}
head["kind"] = "capture"
def call(second, bucket, request, seen="proxy"):
    return {"kind": "call", "seen": seen, "time": "2026-01-02T08:00:%02d.250Z" % second, "source": "s3.amazonaws.com", "name": "PutObject",
            "service": "s3", "operation": "PutObject", "region": "eu-west-1", "access_key": "ASIAEXAMPLEEXAMPLE01", "request_id": request,
            "agent": "aws-cli/2", "status": 200, "host": bucket + ".s3.amazonaws.com", "params": {"Bucket": bucket, "Key": "report.csv"}}
with open("a.capture", "w") as f:
    for line in [head, call(1, "seen", "REQUEST000000001"), call(2, "seen", "REQUEST000000002"), call(3, "alone", "REQUEST000000003")]:
        f.write(json.dumps(line) + "\n")
head["capture"] = "ffffffffffffffffffffffffffffffff"
with open("b.capture", "w") as f:
    for line in [head, call(1, "seen", "REQUEST000000001", "csm"), call(4, "late", "REQUEST000000004")]:
        f.write(json.dumps(line) + "\n")
for i in (1, 2, 4):
    write("put%d.json" % i, event("PutObject", requestID="REQUEST00000000%d" % i, params={"bucketName": "seen"}, eventTime="2026-01-02T08:00:%02dZ" % (i + 1), eventCategory="Data", managementEvent=False))
# what Event history and queries give of some of them: no ARN and no recipient, or the columns that were chosen
history = ["Event name,Event time,User name,Event source,Resources,Event ID,AWS access key,Read-only,AWS region,Error code,Source IP address"]
columns = ["eventTime,eventName,eventSource,arn,eventID"]
for e in (key("b", "k", id=C), key("h", "k"), json.load(open("alike.json"))["Records"][0], json.load(open("assume.json"))["Records"][0]):
    history.append("%s,%s,one,%s,[],%s,ASIAEXAMPLEEXAMPLE01,true,eu-west-1,,203.0.113.9" % (
        e["eventName"], e["eventTime"], e["eventSource"], e["eventID"]))
    columns.append("%s,%s,%s,%s,%s" % (e["eventTime"], e["eventName"], e["eventSource"], e["userIdentity"]["arn"], e["eventID"]))
open("history.csv", "w").write("\n".join(history) + "\n")
open("columns.csv", "w").write("\n".join(columns) + "\n")
# S3's own log of calls, one of which CloudTrail has, too
access = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be seen [02/Jan/2026:08:00:0%d +0000] 203.0.113.9 arn:aws:sts::111122223333:assumed-role/app/one REQUEST00000000%d REST.PUT.OBJECT report.csv "PUT /report.csv HTTP/1.1" 200 - - 9 41 28 "-" "aws-cli/2.17.44" - hostid= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader seen.s3.eu-west-1.amazonaws.com TLSv1.2 - -\n'
open("access.log", "w").write("".join(access % (i, i) for i in (2, 5)))
# what is no log, and what is damaged
open("damaged.json", "w").write('{"Records":[%s,{"eventVersion":"1.10","eventTime":5},{' % json.dumps(event("ListUsers", "iam", None)))
open("rows.ndjson", "w").write("".join(json.dumps(event("ListRoles", "iam", None, minute=20, second=i)) + "\n" for i in range(30)))
