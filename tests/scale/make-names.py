#!/usr/bin/env python3
"""make-names.py FOLDER - a trail of three days whose names have no end and pass what a statement folds, on one day or on all:
names of all kinds, and such that look like ids and are none. Prints the days."""
import gzip
import json
import os
import random
import sys
import uuid

A, REGION, DAYS = "111122223333", "eu-west-1", ("2026-05-01", "2026-05-02", "2026-05-03")
R = random.Random(5)
HEX = "0123456789abcdef"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def hexa(n):
    return "".join(R.choice(HEX) for _ in range(n - 1)) + R.choice("0123456789")


def word(n=6):
    return "".join(R.choice(LETTERS) for _ in range(n))


def mixed(n):
    return "".join(R.choice(LETTERS + LETTERS.upper() + "0123456789") for _ in range(n - 2)) + "7A9"[:2]


def uid():
    return str(uuid.UUID(int=R.getrandbits(128), version=4))


WORDS = [word() for _ in range(30)]


def odd():
    """Texts that a fold in the engine and one in the store might see differently."""
    return R.choice([
        lambda: "a-" + uid() + "-" + uid(), lambda: uid() + "x", lambda: uid() + "/" + uid(), lambda: "x" + uid(),
        lambda: "facade-decade-%s" % word(), lambda: "1111222233%02d" % R.randrange(100), lambda: "n%d" % R.randrange(10 ** 6),
        lambda: "%s*%s" % (word(), hexa(8)), lambda: "%s?%s" % (word(), hexa(8)), lambda: 'q"%s"' % hexa(9), lambda: "b\\%s" % hexa(9),
        lambda: "\u00e4%s\u00e4%s" % (hexa(8), word()), lambda: "%s\u0001%s" % (word(), hexa(8)), lambda: "\u65e5\u672c%d" % R.randrange(10 ** 6),
        lambda: "https://host-%s.example.com:8443/%s/%s;%s" % (hexa(8), hexa(8), word(), hexa(9)),
        lambda: "https://user%d:%s@example.com/%s" % (R.randrange(100), hexa(8), word()),
        lambda: "%s://%s/%s" % (hexa(8), hexa(8), hexa(8)), lambda: "%s_%s/://%s" % (hexa(8), word(), hexa(8)),
        lambda: "arn:aws:sqs:%s:%s:jobs-%s" % (REGION, A, hexa(8)), lambda: "arn:aws:iam::%s:role/r-%s" % (A, hexa(8)),
        lambda: "arn:aws:route53:::hostedzone/Z%s" % mixed(20), lambda: "arn:bad:%s" % hexa(12), lambda: "x arn:aws:ec2:%s" % hexa(12),
        lambda: "arn:aws:ecs:%s:%s:task/web%d/%s" % (REGION, A, R.randrange(10, 99), hexa(32)), lambda: "",
        lambda: "arn:aws:rds:%s:%s:snapshot:rds:db-%s" % (REGION, A, hexa(8)), lambda: "...", lambda: "***", lambda: hexa(2100),
        lambda: "jdbc:%s" % hexa(12), lambda: "arn:aws:dynamodb:%s:%s:table/t/stream/%s|1|%s" % (REGION, A, hexa(8), hexa(40)),
        lambda: "2026-%02d-%02dT%02d" % (R.randrange(1, 13), R.randrange(1, 29), R.randrange(24)), lambda: "-%s-" % hexa(8),
        lambda: "a%db%dc" % (R.randrange(1000), R.randrange(1000)), lambda: "AKIA%s" % mixed(16).upper(), lambda: word() + " " + hexa(8)])()


def key():
    return R.choice([
        lambda: "in/%s/%s.bin" % (hexa(2), hexa(12)), lambda: "in/%s/%s/%s" % (word(), word(), word()), lambda: hexa(10) + ".txt",
        lambda: "a/", lambda: "a/b/", lambda: "a/b/c/%s/" % word(), lambda: "/%s/x" % word(), lambda: "uploads", lambda: "s",
        lambda: "in/%s \u00e4/%s" % (word(), word()), lambda: 'in/q"%s/x' % word(), lambda: "in/%s*/x?" % word(), lambda: "in/\u0001%s" % word(),
        lambda: "data:%s/x" % word(), lambda: "...", lambda: "https://x/%s" % word(), lambda: "in//%s" % word(), lambda: "x/because/%s" % word()])()


out = []


def event(day, source, name, request, role="app", resources=None, error=None, **more):
    n = len(out)
    e = {"eventVersion": "1.10", "eventID": "n-%d" % n, "eventTime": "%sT%02d:%02d:%02dZ" % (DAYS[day], n // 3600 % 22, n // 60 % 60, n % 60),
         "eventSource": source + ".amazonaws.com", "eventName": name, "awsRegion": REGION, "sourceIPAddress": "203.0.113.%d" % (n % 2),
         "userAgent": "aws-cli/2.17.44", "requestParameters": request, "eventType": "AwsApiCall", "recipientAccountId": A,
         "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:s%d" % n, "accountId": A,
                          "arn": "arn:aws:sts::%s:assumed-role/%s/s%d" % (A, role, n),
                          "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "accountId": A,
                                                               "arn": "arn:aws:iam::%s:role/%s" % (A, role), "userName": role}}}}
    if resources:
        e["resources"] = resources
    if error:
        e["errorCode"], e["errorMessage"] = error
    e.update(more)
    out.append((day, e))


def arn(text, kind="AWS::S3::Object"):
    return {"ARN": text, "accountId": A, "type": kind}


def refused(role, action, resource, more=" because no identity-based policy allows the %s action"):
    return ("AccessDenied", "User: arn:aws:sts::%s:assumed-role/%s/s is not authorized to perform: %s on resource: %s%s" %
            (A, role, action, resource, more % action if "%s" in more else more))


def names(day):
    for i in range(1300):  # one, two and three at once
        event(day, "ec2", "StartInstances", {"instancesSet": {"items": [{"instanceId": "i-" + hexa(17)} for _ in range(1 + i % 3)]}})
    for i in range(1500):  # numbers behind words; some above and some below the bound once ids are gone
        event(day, "ssm", "GetParameter", {"name": "/team/%s/value-%d" % (R.choice(WORDS), 10 + i), "withDecryption": True})
    for i in range(1200):  # words
        event(day, "secretsmanager", "DescribeSecret", {"secretId": R.choice(("web", "db")) + "-" + word() + "-" + word()})
    for i in range(1200):
        event(day, "sqs", "SendMessage", {"queueUrl": "https://sqs.%s.amazonaws.com/%s/jobs-%s.fifo" % (REGION, A, hexa(8))})
    for i in range(1100):
        k = "arn:aws:kms:%s:%s:key/%s" % (REGION, A, uid())
        event(day, "kms", "DescribeKey", {"keyId": k}, "keys", [arn(k, "AWS::KMS::Key")])
    for i in range(1100):  # refused on a name each
        name = "fn-" + hexa(8)
        event(day, "lambda", "GetFunction20150331v2", {"functionName": name}, "keys", error=refused(
            "keys", "lambda:GetFunction", "arn:aws:lambda:%s:%s:function:%s" % (REGION, A, name)))
    for i in range(1100):  # the same, only the message tells on what
        event(day, "route53", "GetHostedZone", None, "keys", error=refused(
            "keys", "route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z%s" % mixed(18).upper(),
            R.choice((" because no identity-based policy allows the %s action", " with an explicit deny in a service control policy: "
                      "arn:aws:organizations::999999999999:policy/o-ab12cd34ef/service_control_policy/p-ab12cd34.",
                      " with an explicit deny in a resource-based policy" + 1000 * "x", ""))))
    for i in range(1100):  # lists whose elements are looked at one by one
        event(day, "events", "PutEvents", {"entries": [{"eventBusName": "bus-" + hexa(8), "source": "s%d" % R.randrange(99)} for _ in range(2)]})
    for i in range(1100):
        event(day, "dynamodb", "ExecuteStatement", {"statement": "SELECT * FROM \"table-%s\" WHERE id = 1" % hexa(8)})
    for i in range(1100):  # IAM's stay, and those of roles
        event(day, "iam", "GetRole", {"roleName": "role-%s" % hexa(8)}, "keys")
        event(day, "sts", "AssumeRole", {"roleArn": "arn:aws:iam::%s:role/deploy-%s" % (A, hexa(8)), "roleSessionName": hexa(12)}, "keys")
    for i in range(1100):  # whose responses tell what later calls do not
        event(day, "elasticfilesystem", "CreateMountTarget", {"fileSystemId": "fs-" + hexa(17)}, responseElements={
            "mountTargetId": "fsmt-" + hexa(17), "fileSystemId": "fs-" + hexa(17)})
    for i in range(2500):
        event(day, "sns", "Publish", {"topicArn": odd(), "targetArn": odd() if i % 3 else None}, "odd",
              [arn(odd(), "AWS::Route53::%s" % word())] if i % 2 else None)
    for i in range(1300):  # the same where ids, or numbers, are all that is folded
        event(day, "sns", "Subscribe", {"topicArn": odd() if i % 9 == 0 else "arn:aws:sns:%s:%s:t-%s" % (REGION, A, hexa(8))}, "odd")
        event(day, "sns", "Unsubscribe", {"topicArn": odd() if i % 9 == 0 else "%s-%d" % (R.choice(WORDS), i + 10)}, "odd")
    for i in range(1300):
        event(day, "ecs", "DescribeTasks", {"cluster": "web", "tasks": [odd() for _ in range(R.randrange(1, 4))]}, "odd",
              [{"ARNPrefix": "arn:aws:ecs:%s:%s:task/%s" % (REGION, A, hexa(8))}] if i % 50 == 0 else None)
    for i in range(1500):
        k = key()
        event(day, "s3", "GetObject", {"bucketName": "uploads", "key": k, "Host": "uploads.s3.amazonaws.com", "versionId": hexa(32)}, "app",
              [arn("arn:aws:s3:::uploads/" + k), {"ARN": "arn:aws:s3:::uploads", "accountId": A, "type": "AWS::S3::Bucket"}])
    for i in range(1900):  # refused, in quotes
        k = key()
        event(day, "s3", "PutObject", {"bucketName": "other", "key": k, "x-amz-acl": [""], "x-amz-server-side-encryption-aws-kms-key-id":
              R.choice((uid(), "alias/x", "none"))}, "app", [arn("arn:aws:s3:::other/" + k)],
              refused("app", "s3:PutObject", '"arn:aws:s3:::other/%s"' % k, R.choice((" because no identity-based policy allows the %s action", ""))))
    for i in range(1100):
        event(day, "s3", "CopyObject", {"bucketName": "copies", "key": "c/%s/%s/%s" % (word(), word(), word()), "x-amz-copy-source": R.choice(
            ("/uploads/%s/%s/%s/%s", "uploads/%s/%s/%s/%s", "%s%s%s%s", "b/%s%%2F%s/%s?versionId=%s")) % (word(), word(), word(), word())}, "app")
    for i in range(1300):  # one bucket each
        event(day, "s3", "ListObjects", {"bucketName": "bucket-%s" % hexa(8), "prefix": word()}, "app")
    for i in range(1100):
        s = R.choice(("%s/[$LATEST]%s" % (word(), hexa(32)), hexa(12), "a/b/c-%s" % word()))
        event(day, "logs", "PutLogEvents", {"logGroupName": "/aws/lambda/x", "logStreamName": s}, "app",
              [arn("arn:aws:logs:%s:%s:log-group:/aws/lambda/x:log-stream:%s" % (REGION, A, s), "AWS::Logs::LogStream")])
    for i in range(900):  # below
        event(day, "dynamodb", "DescribeTable", {"tableName": "table-%d" % (i + 1000)})


def main():
    names(0)
    names(2)
    for i in range(400):  # of what is folded on the other days, below
        event(1, "ec2", "StartInstances", {"instancesSet": {"items": [{"instanceId": "i-" + hexa(17)}]}})
        event(1, "s3", "GetObject", {"bucketName": "uploads", "key": key()})
        event(1, "dynamodb", "DescribeTable", {"tableName": "table-%d" % (i + 5000)})
        event(1, "sns", "Publish", {"topicArn": odd()}, "odd")
    for at, day in enumerate(DAYS):
        folder = "%s/%s/CloudTrail/%s/%s" % (sys.argv[1], A, REGION, day.replace("-", "/"))
        os.makedirs(folder)
        path = "%s/%s_CloudTrail_%s_%sT2355Z_names.json.gz" % (folder, A, REGION, day.replace("-", ""))
        with gzip.open(path, "wt") as f:
            json.dump({"Records": [e for d, e in out if d == at]}, f)
    print(" ".join(DAYS))


main()
