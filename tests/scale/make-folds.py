#!/usr/bin/env python3
"""make-folds.py FOLDER - a trail of three days whose names have no end: instances, parameters, objects, queues, each beyond what the
store keeps in all of it and below in a day. Prints the days."""
import gzip
import hashlib
import json
import os
import sys

ACCOUNT, REGION, DAYS = "111122223333", "eu-west-1", ("2026-04-01", "2026-04-02", "2026-04-03")


def parameters(n):
    name = hashlib.sha256(b"%d" % n).hexdigest()
    yield "ec2", "StartInstances", {"instancesSet": {"items": [{"instanceId": "i-0" + name[:16]}]}}
    yield "ssm", "GetParameter", {"name": "/team/%s/value-%d" % ("abcde"[n % 5], n + 10)}
    yield "sqs", "SendMessage", {"queueUrl": "https://sqs.%s.amazonaws.com/%s/jobs-%s" % (REGION, ACCOUNT, name[:8] + "1")}
    yield "s3", "GetObject", {"bucketName": "uploads", "key": "in/%s/%s.bin" % (name[:1], name)}


def record(day, n, k, source, name, request):
    return {"eventVersion": "1.10", "eventID": "f-%d-%d" % (n, k), "eventTime": "%sT%02d:%02d:%02dZ" % (day, n % 22, n % 60, k),
            "eventSource": source + ".amazonaws.com", "eventName": name, "awsRegion": REGION, "sourceIPAddress": "203.0.113.9",
            "userAgent": "aws-cli/2.17.44", "requestParameters": request, "eventType": "AwsApiCall", "recipientAccountId": ACCOUNT,
            "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:s", "accountId": ACCOUNT,
                             "arn": "arn:aws:sts::%s:assumed-role/app/s" % ACCOUNT,
                             "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "accountId": ACCOUNT,
                                                                  "arn": "arn:aws:iam::%s:role/app" % ACCOUNT, "userName": "app"}}}}


def main():
    for at, day in enumerate(DAYS):
        folder = "%s/%s/CloudTrail/%s/%s" % (sys.argv[1], ACCOUNT, REGION, day.replace("-", "/"))
        os.makedirs(folder)
        records = [record(day, n, k, *call) for n in range(at * 450, at * 450 + 450) for k, call in enumerate(parameters(n))]
        path = "%s/%s_CloudTrail_%s_%sT2355Z_folds.json.gz" % (folder, ACCOUNT, REGION, day.replace("-", ""))
        with gzip.open(path, "wt") as f:
            json.dump({"Records": records}, f)
    print(" ".join(DAYS))


main()
