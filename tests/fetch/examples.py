"""examples.py FOLDER - the AWS that the documents' examples talk to: a trail's bucket, a log group, a query, an account.
Prints where it is, and serves until it is killed."""
import json
import os
import sys
import threading
import urllib.parse

from cloud import Cloud, credentials_xml  # noqa: F401

JSON = "application/x-amz-json-1.1"
cloud = Cloud().start()
cloud.objects["my-trail"] = {}
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        path = os.path.join(folder, name)
        with open(path, "rb") as f:
            cloud.objects["my-trail"]["AWSLogs/" + os.path.relpath(path, sys.argv[1])] = f.read()
EVENT = json.dumps({"eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333",
                                                             "arn": "arn:aws:iam::111122223333:user/ann", "userName": "ann"},
                    "eventTime": "2026-09-10T08:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "us-east-1",
                    "requestParameters": None, "responseElements": None, "requestID": "R", "eventID": "e-1", "eventType": "AwsApiCall",
                    "recipientAccountId": "111122223333"})
cloud.objects["results"] = {"q.csv": ('"event"\n"%s"\n' % EVENT.replace('"', '""')).encode(), "q.csv.metadata": b""}


def page(key, event):
    return lambda c, q, r: (JSON, json.dumps({key: [event]}).encode())


def account(c, q, r):
    return "text/xml", (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult>"
                        b"</GetCallerIdentityResponse>")


def iam(c, q, r):
    policy = urllib.parse.quote('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}')
    inner = ("<RoleDetailList><member><RoleName>ci</RoleName><Arn>arn:aws:iam::111122223333:role/ci</Arn><Path>/</Path><RolePolicyList><member>"
             "<PolicyName>all</PolicyName><PolicyDocument>%s</PolicyDocument></member></RolePolicyList></member></RoleDetailList>" % policy)
    return "text/xml", ("<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>%s"
                        "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>" % inner).encode()


cloud.api.update(
    GetCallerIdentity=account, GetAccountAuthorizationDetails=iam,
    LookupEvents=page("Events", {"EventId": "e-1", "EventName": "ListBuckets", "EventTime": 1789027200, "CloudTrailEvent": EVENT}),
    FilterLogEvents=page("events", {"logStreamName": "s", "timestamp": 1789027200000, "message": EVENT, "eventId": "1"}),
    StartQueryExecution=lambda c, q, r: (JSON, b'{"QueryExecutionId":"q"}'),
    GetQueryExecution=lambda c, q, r: (JSON, json.dumps({"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "ResultConfiguration": {
        "OutputLocation": "s3://results/q.csv"}}}).encode()))
print(cloud.url, flush=True)
threading.Event().wait()
