#!/usr/bin/env python3
"""make-sample.py - writes the bundled sample trail (AWSLogs/ beside this file), the same bytes each time.

Everything in it is invented: a small company with a production account (111122223333) and a shared
one (444455556666), two regions, ten days in September 2026, every type of identity that CloudTrail
knows, calls that succeed, fail and are denied, the same events delivered twice, and a digest file.
"""
import datetime as dt
import gzip
import hashlib
import json
import os
import shutil
import sys

PROD, SHARED = "111122223333", "444455556666"
START = dt.datetime(2026, 9, 1, tzinfo=dt.timezone.utc)
DAYS = 10
AGENTS = {
    "cli": "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.9",
    "boto": "Boto3/1.35.20 md/Botocore#1.35.20 ua/2.0 os/linux#6.1.0 lang/python#3.12.5",
    "tf": "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.66.0 "
          "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.30.5 os/linux lang/go#1.22.6",
    "js": "aws-sdk-js/3.645.0 ua/2.1 os/linux#5.10 lang/js md/nodejs#20.17.0 exec-env/AWS_Lambda_nodejs20.x",
    "console": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
}
events = []  # (time, account, region, record)


def digest(*parts):
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def uuid(*parts):
    h = digest(*parts)
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def at(day, hour, minute=0, second=0):
    return START + dt.timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def stamp(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- identities -------------------------------------------------------------------------------------

def key(kind, *parts):
    """An access key id in the older form that encodes no account."""
    return kind + "I" + digest("key", *parts)[:15].upper().replace("0", "A").replace("1", "B")


def role(account, name, session, path="/", mfa=None, extra=None, arn_name=None):
    pid = "AROA" + digest("role", account, path, name)[:17].upper()
    identity = {
        "type": "AssumedRole",
        "principalId": f"{pid}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{arn_name or name}/{session}",
        "accountId": account,
        "accessKeyId": key("ASIA", account, name, session),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": pid, "arn": f"arn:aws:iam::{account}:role{path}{name}",
                "accountId": account, "userName": name},
            "attributes": {"creationDate": stamp(START), "mfaAuthenticated": "true" if mfa else "false"}},
    }
    if extra:
        identity["sessionContext"].update(extra)
    return identity


def user(account, name, path="/", mfa=None):
    identity = {
        "type": "IAMUser", "principalId": "AIDA" + digest("user", account, name)[:17].upper(),
        "arn": f"arn:aws:iam::{account}:user{path}{name}", "accountId": account,
        "accessKeyId": key("AKIA", account, name), "userName": name}
    if mfa:
        identity["sessionContext"] = {
            "sessionIssuer": {}, "webIdFederationData": {},
            "attributes": {"creationDate": stamp(START), "mfaAuthenticated": "true"}}
    return identity


def service(name):
    return {"type": "AWSService", "invokedBy": name}


# ---- records ----------------------------------------------------------------------------------------

def call(t, who, source, name, params=None, response=None, *, region="us-east-1", account=None, ip="198.51.100.24",
         agent="boto", error=None, message=None, resources=None, read=False, data=False, kind="AwsApiCall",
         shared=None, vpce=None, tls=True, extra=None, owner=None):
    account = owner or account or who.get("accountId") or PROD
    n = len(events)
    if "invokedBy" in who and who["type"] != "AWSService":
        ip = agent_text = who["invokedBy"]
    elif who["type"] == "AWSService":
        ip = agent_text = who["invokedBy"]
        tls = False
    else:
        agent_text = AGENTS[agent]
    record = {
        "eventVersion": "1.11", "userIdentity": who, "eventTime": stamp(t), "eventSource": source + ".amazonaws.com",
        "eventName": name, "awsRegion": region, "sourceIPAddress": ip, "userAgent": agent_text,
        "requestParameters": params, "responseElements": response, "requestID": uuid("request", n),
        "eventID": uuid("event", n), "readOnly": read, "eventType": kind, "managementEvent": not data,
        "recipientAccountId": account, "eventCategory": "Data" if data else "Management"}
    if error:
        record["errorCode"] = error
        record["errorMessage"] = message or ""
        record["responseElements"] = None
    if resources:
        record["resources"] = resources
    if shared:
        record["sharedEventID"] = shared
    if vpce:
        record["vpcEndpointId"] = vpce
    if tls:
        record["tlsDetails"] = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                                "clientProvidedHostHeader": f"{source}.{region}.amazonaws.com"}
    if extra:
        record.update(extra)
    events.append((t, account, region, record))
    return record


def denied(who, action, resource, why="because no identity-based policy allows the {} action"):
    return (f"User: {who['arn']} is not authorized to perform: {action} on resource: {resource} "
            + why.format(action))


def res(arn, account=PROD, kind=None):
    r = {"ARN": arn, "accountId": account}
    if kind:
        r["type"] = kind
    return r


# ---- the company ------------------------------------------------------------------------------------

def orders_api():
    """A Lambda function in production, its role under a path: data events on S3 and DynamoDB."""
    table = f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders"
    kms = f"arn:aws:kms:us-east-1:{PROD}:key/6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506"
    for day in range(DAYS):
        for hour in (8, 12, 17):
            who = role(PROD, "orders-api", "orders-api", "/service/")
            t = at(day, hour)
            kw = dict(agent="js", ip="10.20.1.15", vpce="vpce-0a1b2c3d4e5f60718")
            call(t, who, "secretsmanager", "GetSecretValue", {"secretId": "orders/database"}, read=True, **kw)
            call(t, who, "dynamodb", "Query", {"tableName": "orders", "indexName": "by-customer", "limit": 25},
                 resources=[res(table, kind="AWS::DynamoDB::Table")], read=True, data=True, **kw)
            call(t, who, "dynamodb", "PutItem", {"tableName": "orders", "key": {"id": f"o-{day}{hour}"}},
                 resources=[res(table, kind="AWS::DynamoDB::Table")], data=True, **kw)
            object_key = f"2026/09/{day + 1:02d}/order-{day}{hour}.json"
            call(t, who, "s3", "PutObject",
                 {"bucketName": "example-orders", "key": object_key, "Host": "example-orders.s3.amazonaws.com",
                  "x-amz-server-side-encryption": "aws:kms"},
                 {"x-amz-server-side-encryption": "aws:kms"},
                 resources=[{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::example-orders/{object_key}"},
                            res("arn:aws:s3:::example-orders", kind="AWS::S3::Bucket")], data=True, **kw)
            fas = dict(who, invokedBy="s3.amazonaws.com")
            call(t, fas, "kms", "GenerateDataKey",
                 {"keyId": kms, "keySpec": "AES_256",
                  "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::example-orders"}},
                 resources=[res(kms, kind="AWS::KMS::Key")], read=True)
            call(t, who, "sqs", "SendMessage",
                 {"queueUrl": f"https://sqs.us-east-1.amazonaws.com/{PROD}/order-events",
                  "messageBody": "HIDDEN_DUE_TO_SECURITY_REASONS"},
                 resources=[res(f"arn:aws:sqs:us-east-1:{PROD}:order-events", kind="AWS::SQS::Queue")], data=True, **kw)
        call(at(day, 18, 5), role(PROD, "orders-api", "orders-api", "/service/"), "s3", "GetObject",
             {"bucketName": "example-orders", "key": "templates/invoice.html",
              "Host": "example-orders.s3.amazonaws.com"},
             resources=[{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::example-orders/templates/invoice.html"},
                        res("arn:aws:s3:::example-orders", kind="AWS::S3::Bucket")], read=True, data=True,
             agent="js", ip="10.20.1.15",
             **({"error": "NoSuchKey", "message": "The specified key does not exist."} if day == 3 else {}))
    who = role(PROD, "orders-api", "orders-api", "/service/")
    call(at(4, 9), who, "sns", "Publish", {"topicArn": f"arn:aws:sns:us-east-1:{PROD}:alerts"}, agent="js",
         ip="10.20.1.15", error="AuthorizationError",
         message=denied(who, "SNS:Publish", f"arn:aws:sns:us-east-1:{PROD}:alerts"))


def ci_role():
    """The pipeline that deploys: GitHub assumes it by web identity."""
    provider = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com"
    for day in (0, 2, 5, 8):
        session = f"deploy-{day}"
        caller = {"type": "WebIdentityUser",
                  "principalId": f"{provider}:sts.amazonaws.com:repo:example/shop:ref:refs/heads/main",
                  "userName": "repo:example/shop:ref:refs/heads/main", "identityProvider": provider}
        issued = role(PROD, "ci", session)
        call(at(day, 10), caller, "sts", "AssumeRoleWithWebIdentity",
             {"roleArn": f"arn:aws:iam::{PROD}:role/ci", "roleSessionName": session},
             {"credentials": {"accessKeyId": issued["accessKeyId"], "expiration": "Sep 1, 2026, 11:00:00 AM",
                              "sessionToken": "c2Vzc2lvbi10b2tlbi1vZi10aGUtc2FtcGxl"},
              "assumedRoleUser": {"assumedRoleId": issued["principalId"], "arn": issued["arn"]},
              "provider": provider, "audience": "sts.amazonaws.com"},
             resources=[res(f"arn:aws:iam::{PROD}:role/ci", kind="AWS::IAM::Role")], read=True, account=PROD)
        who, kw = issued, dict(agent="cli", ip="203.0.113.77")
        call(at(day, 10, 1), who, "sts", "GetCallerIdentity", None, read=True, **kw)
        call(at(day, 10, 2), who, "ecr", "GetAuthorizationToken", {}, read=True, **kw)
        repository = res(f"arn:aws:ecr:us-east-1:{PROD}:repository/shop/web")
        for name in ("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload",
                     "PutImage"):
            call(at(day, 10, 3), who, "ecr", name, {"registryId": PROD, "repositoryName": "shop/web"},
                 resources=[repository], read=name.startswith("Batch"), **kw)
        call(at(day, 10, 5), who, "lambda", "UpdateFunctionCode20150331v2",
             {"functionName": "orders-api", "dryRun": False, "publish": True},
             {"functionArn": f"arn:aws:lambda:us-east-1:{PROD}:function:orders-api"}, **kw)
        call(at(day, 10, 6), who, "ecs", "RegisterTaskDefinition",
             {"family": "shop-web", "executionRoleArn": f"arn:aws:iam::{PROD}:role/ecs-execution",
              "taskRoleArn": f"arn:aws:iam::{PROD}:role/service/shop-web", "networkMode": "awsvpc"},
             {"taskDefinition": {"taskDefinitionArn": f"arn:aws:ecs:us-east-1:{PROD}:task-definition/shop-web:{40 + day}"}},
             **kw)
        call(at(day, 10, 7), who, "ecs", "UpdateService",
             {"cluster": "shop", "service": "web", "taskDefinition": f"shop-web:{40 + day}"},
             {"service": {"serviceArn": f"arn:aws:ecs:us-east-1:{PROD}:service/shop/web"}}, **kw)
        call(at(day, 10, 8), who, "ecs", "RunTask",
             {"cluster": "shop", "taskDefinition": f"shop-web:{40 + day}", "count": 1, "launchType": "FARGATE"},
             {"tasks": []}, **kw)
        call(at(day, 10, 9), who, "cloudfront", "CreateInvalidation2020_05_31",
             {"distributionId": "E2QWRUHAPOMQZL",
              "invalidationBatch": {"callerReference": session, "paths": {"quantity": 1, "items": ["/*"]}}}, **kw)
    who = role(PROD, "ci", "deploy-5")
    call(at(5, 10, 20), who, "iam", "CreateRole", {"roleName": "night-job", "assumeRolePolicyDocument": "{}"},
         agent="cli", ip="203.0.113.77", error="AccessDenied",
         message=denied(who, "iam:CreateRole", f"arn:aws:iam::{PROD}:role/night-job",
                        "with an explicit deny in a service control policy"))


def terraform():
    """The platform team's provisioning role, under a path, assumed from the shared account."""
    who = role(PROD, "terraform", "platform", "/automation/", extra={"sourceIdentity": "alice"})
    kw = dict(agent="tf", ip="203.0.113.20")
    caller = role(SHARED, "platform-admin", "alice", mfa=True)
    shared_id = uuid("shared", "assume-terraform")
    target = res(f"arn:aws:iam::{PROD}:role/automation/terraform", kind="AWS::IAM::Role")
    issued = {"credentials": {"accessKeyId": who["accessKeyId"], "expiration": "Sep 2, 2026, 9:00:00 AM",
                              "sessionToken": "YW5vdGhlci1zZXNzaW9uLXRva2Vu"},
              "assumedRoleUser": {"assumedRoleId": who["principalId"], "arn": who["arn"]},
              "sourceIdentity": "alice"}
    params = {"roleArn": f"arn:aws:iam::{PROD}:role/automation/terraform", "roleSessionName": "platform",
              "sourceIdentity": "alice"}
    call(at(1, 8), caller, "sts", "AssumeRole", params, issued, resources=[target], read=True, shared=shared_id, **kw)
    foreign = {"type": "AWSAccount", "principalId": caller["principalId"], "accountId": SHARED}
    call(at(1, 8), foreign, "sts", "AssumeRole", params, issued, resources=[target], read=True, shared=shared_id,
         owner=PROD, **kw)
    call(at(1, 8, 1), who, "sts", "GetCallerIdentity", None, read=True, **kw)
    for name in ("DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups", "DescribeImages"):
        for day in (1, 6):
            call(at(day, 8, 2), who, "ec2", name, {"filterSet": {}}, read=True, **kw)
    call(at(1, 8, 3), who, "ec2", "CreateSecurityGroup",
         {"groupName": "batch", "groupDescription": "batch hosts", "vpcId": "vpc-0f00000000000001a",
          "tagSpecificationSet": {"items": [{"resourceType": "security-group",
                                             "tags": [{"key": "team", "value": "platform"}]}]}},
         {"groupId": "sg-0c0000000000000b1"}, **kw)
    call(at(1, 8, 4), who, "ec2", "AuthorizeSecurityGroupIngress",
         {"groupId": "sg-0c0000000000000b1", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 443}]}}, **kw)
    call(at(1, 8, 5), who, "ec2", "RunInstances",
         {"instancesSet": {"items": [{"imageId": "ami-0abcdef1234567890", "minCount": 2, "maxCount": 2,
                                      "keyName": "platform"}]},
          "instanceType": "m7g.large", "subnetId": "subnet-0aa000000000000c1",
          "groupSet": {"items": [{"groupId": "sg-0c0000000000000b1"}]},
          "iamInstanceProfile": {"arn": f"arn:aws:iam::{PROD}:instance-profile/batch"},
          "tagSpecificationSet": {"items": [{"resourceType": "instance",
                                             "tags": [{"key": "team", "value": "platform"}]}]}},
         {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}, {"instanceId": "i-0fedcba9876543210"}]}}, **kw)
    call(at(1, 8, 6), who, "s3", "CreateBucket",
         {"bucketName": "example-batch-results", "Host": "s3.amazonaws.com",
          "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}, region="eu-west-1", **kw)
    call(at(1, 8, 7), who, "s3", "PutBucketEncryption",
         {"bucketName": "example-batch-results", "encryption": "", "Host": "s3.eu-west-1.amazonaws.com"},
         region="eu-west-1", **kw)
    call(at(1, 8, 8), who, "sqs", "CreateQueue", {"queueName": "batch-jobs", "tags": {"team": "platform"}},
         {"queueUrl": f"https://sqs.us-east-1.amazonaws.com/{PROD}/batch-jobs"}, **kw)
    call(at(1, 8, 9), who, "iam", "CreateRole",
         {"roleName": "batch", "path": "/service/", "assumeRolePolicyDocument": "{\"Version\":\"2012-10-17\"}"},
         {"role": {"arn": f"arn:aws:iam::{PROD}:role/service/batch"}}, **kw)
    call(at(1, 8, 10), who, "iam", "AttachRolePolicy",
         {"roleName": "batch", "policyArn": f"arn:aws:iam::{PROD}:policy/batch"}, **kw)
    call(at(1, 8, 11), who, "lambda", "CreateFunction20150331",
         {"functionName": "batch-starter", "runtime": "python3.12", "role": f"arn:aws:iam::{PROD}:role/service/batch",
          "handler": "main.handler"},
         {"functionArn": f"arn:aws:lambda:us-east-1:{PROD}:function:batch-starter"}, **kw)
    call(at(1, 8, 12), who, "events", "PutRule", {"name": "nightly", "scheduleExpression": "cron(0 2 * * ? *)"},
         {"ruleArn": f"arn:aws:events:us-east-1:{PROD}:rule/nightly"}, **kw)
    call(at(1, 8, 13), who, "events", "PutTargets",
         {"rule": "nightly", "targets": [{"id": "1", "arn": f"arn:aws:lambda:us-east-1:{PROD}:function:batch-starter"}]},
         **kw)
    call(at(1, 8, 14), who, "logs", "CreateLogGroup", {"logGroupName": "/aws/lambda/batch-starter"}, **kw)
    call(at(1, 8, 15), who, "logs", "PutRetentionPolicy",
         {"logGroupName": "/aws/lambda/batch-starter", "retentionInDays": 30}, **kw)
    call(at(6, 8, 3), who, "ec2", "TerminateInstances",
         {"instancesSet": {"items": [{"instanceId": "i-0fedcba9876543210"}]}}, **kw)
    call(at(6, 8, 4), who, "ec2", "RunInstances",
         {"instancesSet": {"items": [{"imageId": "ami-0abcdef1234567890", "minCount": 1, "maxCount": 1}]},
          "instanceType": "m7g.large", "subnetId": "subnet-0aa000000000000c2"},
         error="Client.UnauthorizedOperation",
         message="You are not authorized to perform this operation. User: " + who["arn"] +
                 " is not authorized to perform: ec2:RunInstances on resource: "
                 f"arn:aws:ec2:us-east-1:{PROD}:subnet/subnet-0aa000000000000c2 because no identity-based policy allows "
                 "the ec2:RunInstances action. Encoded authorization failure message: c2FtcGxl", **kw)


def people():
    alice = user(PROD, "alice", mfa=True)
    call(at(0, 7), alice, "signin", "ConsoleLogin", None, {"ConsoleLogin": "Success"}, kind="AwsConsoleSignIn",
         agent="console", ip="192.0.2.61", extra={"additionalEventData": {"MFAUsed": "Yes"}})
    for name in ("DescribeInstances", "DescribeVolumes"):
        call(at(0, 7, 5), alice, "ec2", name, {}, read=True, agent="console", ip="192.0.2.61")
    call(at(0, 7, 6), alice, "cloudwatch", "DescribeAlarms", {"maxRecords": 100}, read=True, agent="console",
         ip="192.0.2.61", extra={"eventSource": "monitoring.amazonaws.com"})
    call(at(3, 7, 6), alice, "iam", "GetUser", {"userName": "alice"}, read=True, agent="cli", ip="192.0.2.61")
    call(at(3, 7, 7), alice, "iam", "ChangePassword", None, agent="console", ip="192.0.2.61")
    call(at(3, 7, 9), alice, "ec2", "StopInstances",
         {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}, agent="cli", ip="192.0.2.61",
         error="Client.IncorrectInstanceState", message="The instance is not in a state from which it can be stopped.")
    # a key that was deactivated
    call(at(4, 3), user(PROD, "old-integration"), "sts", "GetSessionToken", {"durationSeconds": 3600},
         error="InvalidClientTokenId", message="The security token included in the request is invalid.", ip="203.0.113.99")
    root = {"type": "Root", "principalId": PROD, "arn": f"arn:aws:iam::{PROD}:root", "accountId": PROD,
            "accessKeyId": "", "sessionContext": {"sessionIssuer": {}, "attributes": {
                "creationDate": stamp(START), "mfaAuthenticated": "true"}}}
    call(at(2, 6), root, "account", "GetContactInformation", {}, read=True, agent="console", ip="192.0.2.61")
    # Identity Center: one permission set in two accounts
    for n, account in enumerate((PROD, SHARED)):
        who = role(account, "AWSReservedSSO_DataAnalyst_0123456789abcdef", "bob@example.com",
                   "/aws-reserved/sso.amazonaws.com/eu-west-1/")
        results = "s3://example-athena-results/"
        for day in (1, 4, 7):
            kw = dict(region="eu-west-1", agent="console", ip="192.0.2.80")
            call(at(day, 9 + n), who, "athena", "StartQueryExecution",
                 {"workGroup": "analysts", "queryString": "HIDDEN_DUE_TO_SECURITY_REASONS",
                  "resultConfiguration": {"outputLocation": results}}, {"queryExecutionId": uuid("q", day, n)}, **kw)
            call(at(day, 9 + n, 1), who, "athena", "GetQueryResults", {"queryExecutionId": uuid("q", day, n)}, read=True, **kw)
            fas = dict(who, invokedBy="athena.amazonaws.com")
            call(at(day, 9 + n, 1), fas, "glue", "GetTable", {"databaseName": "sales", "name": "orders"}, read=True,
                 region="eu-west-1")
    center = {"type": "IdentityCenterUser", "accountId": SHARED,
              "onBehalfOf": {"userId": "92673d9a-5051-70b3-c0a1-f00dfeed0001",
                             "identityStoreArn": f"arn:aws:identitystore::{SHARED}:identitystore/d-9067000000"},
              "credentialId": "sample-credential"}
    call(at(1, 8, 50), center, "sso", "ListAccounts", None, read=True, agent="console", ip="192.0.2.80", region="eu-west-1")
    # SAML, and what the role then did
    saml = {"type": "SAMLUser", "principalId": "sampleNameQualifier:carol@example.com", "userName": "carol@example.com",
            "identityProvider": "sampleNameQualifier"}
    who = role(PROD, "ADFS-Support", "carol@example.com")
    call(at(2, 13), saml, "sts", "AssumeRoleWithSAML",
         {"roleArn": f"arn:aws:iam::{PROD}:role/ADFS-Support", "principalArn": f"arn:aws:iam::{PROD}:saml-provider/ADFS",
          "sAMLAssertionID": "_0123", "durationSeconds": 3600},
         {"assumedRoleUser": {"assumedRoleId": who["principalId"], "arn": who["arn"]},
          "credentials": {"accessKeyId": who["accessKeyId"], "sessionToken": "c2FtbC10b2tlbg=="}},
         resources=[res(f"arn:aws:iam::{PROD}:role/ADFS-Support", kind="AWS::IAM::Role"),
                    res(f"arn:aws:iam::{PROD}:saml-provider/ADFS", kind="AWS::IAM::SAMLProvider")], read=True, account=PROD)
    for day in (2, 3):
        call(at(day, 13, 1), who, "support", "DescribeCases", {"includeResolvedCases": False}, read=True, agent="console")
        call(at(day, 13, 2), who, "rds", "DescribeDBInstances", {"dBInstanceIdentifier": "orders"}, read=True, agent="console")
        call(at(day, 13, 3), who, "rds", "RebootDBInstance", {"dBInstanceIdentifier": "orders"},
             {"dBInstanceArn": f"arn:aws:rds:us-east-1:{PROD}:db:orders"}, agent="console")
    directory = {"type": "Directory", "principalId": "d-9067123456", "accountId": PROD, "userName": "dave"}
    call(at(5, 13), directory, "workspaces", "DescribeWorkspaces", {"directoryId": "d-9067123456"}, read=True, agent="console")
    plain_role = {"type": "Role", "principalId": "AROA" + digest("role", "batch")[:17].upper(),
                  "arn": f"arn:aws:iam::{PROD}:role/service/batch", "accountId": PROD}
    call(at(5, 13, 30), plain_role, "batch", "SubmitJob", {"jobName": "night", "jobQueue": "default", "jobDefinition": "night:3"})
    nobody = {"type": "Unknown", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}
    call(at(5, 14), nobody, "s3", "GetObject", {"bucketName": "example-orders", "key": "templates/invoice.html"},
         resources=[{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::example-orders/templates/invoice.html"}],
         account=PROD, read=True, data=True, agent="cli", ip="203.0.113.200", error="AccessDenied", message="Access Denied")


def machines():
    # an IAM user with a key, and a federated session of it
    bot = user(SHARED, "backup-bot", "/bots/")
    table = f"arn:aws:dynamodb:us-east-1:{SHARED}:table/inventory"
    for day in range(DAYS):
        call(at(day, 2), bot, "dynamodb", "CreateBackup", {"tableName": "inventory", "backupName": f"inventory-{day}"},
             {"backupDetails": {"backupArn": f"{table}/backup/0{day}"}}, ip="203.0.113.31")
        call(at(day, 2, 1), bot, "s3", "ListObjects",
             {"bucketName": "example-backups", "prefix": "inventory/", "Host": "example-backups.s3.amazonaws.com"},
             resources=[{"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::example-backups/inventory/"},
                        res("arn:aws:s3:::example-backups", SHARED, "AWS::S3::Bucket")], read=True, data=True, ip="203.0.113.31")
    federated = {"type": "FederatedUser", "principalId": f"{SHARED}:restore", "accountId": SHARED,
                 "arn": f"arn:aws:sts::{SHARED}:federated-user/restore", "accessKeyId": key("ASIA", "restore"),
                 "sessionContext": {"sessionIssuer": {"type": "IAMUser", "principalId": bot["principalId"],
                                                      "arn": bot["arn"], "accountId": SHARED, "userName": "backup-bot"},
                                    "attributes": {"creationDate": stamp(START), "mfaAuthenticated": "false"}}}
    call(at(6, 4), bot, "sts", "GetFederationToken", {"name": "restore", "durationSeconds": 3600},
         {"credentials": {"accessKeyId": federated["accessKeyId"]}}, ip="203.0.113.31")
    call(at(6, 4, 1), federated, "dynamodb", "DescribeBackup", {"backupArn": f"{table}/backup/05"}, read=True, ip="203.0.113.31")
    # a service assumes a role of ours; a service-linked role works; a key rotates
    call(at(0, 0, 10), service("lambda.amazonaws.com"), "sts", "AssumeRole",
         {"roleArn": f"arn:aws:iam::{PROD}:role/service/orders-api", "roleSessionName": "orders-api"},
         {"credentials": {"accessKeyId": role(PROD, "orders-api", "orders-api", "/service/")["accessKeyId"]},
          "assumedRoleUser": {"arn": f"arn:aws:sts::{PROD}:assumed-role/orders-api/orders-api"}},
         resources=[res(f"arn:aws:iam::{PROD}:role/service/orders-api", kind="AWS::IAM::Role")], read=True, account=PROD)
    linked = role(PROD, "AWSServiceRoleForECS", "ecs-service-scheduler", "/aws-service-role/ecs.amazonaws.com/")
    linked["invokedBy"] = "ecs.amazonaws.com"
    for day in (0, 4):
        call(at(day, 5), linked, "elasticloadbalancing", "RegisterTargets",
             {"targetGroupArn": f"arn:aws:elasticloadbalancing:us-east-1:{PROD}:targetgroup/web/943f017f100becff",
              "targets": [{"id": "10.20.1.99", "port": 8080}]})
    call(at(7, 1), {"type": "AWSService", "invokedBy": "AWS Internal"}, "kms", "RotateKey", None,
         resources=[res(f"arn:aws:kms:us-east-1:{PROD}:key/6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506", kind="AWS::KMS::Key")],
         kind="AwsServiceEvent", account=PROD)
    # the reporting role of the shared account reads production's bucket: logged in both accounts
    who = role(SHARED, "reporting", "report")
    for day in (3, 9):
        object_key = f"2026/09/{day:02d}/order-{day}8.json"
        params = {"bucketName": "example-orders", "key": object_key}
        found = [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::example-orders/{object_key}"},
                 res("arn:aws:s3:::example-orders", PROD, "AWS::S3::Bucket")]
        shared_id = uuid("shared", "report", day)
        for owner in (SHARED, PROD):
            call(at(day, 6), who, "s3", "GetObject", params, resources=found, read=True, data=True, shared=shared_id,
                 owner=owner, ip="203.0.113.40")
    call(at(9, 6, 1), who, "s3", "PutObject", {"bucketName": "example-reports", "key": "september/${summary}*.csv"},
         resources=[{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::example-reports/september/${summary}*.csv"},
                    res("arn:aws:s3:::example-reports", SHARED, "AWS::S3::Bucket")], data=True, ip="203.0.113.40")
    call(at(9, 6, 2), who, "s3", "GetBucketPolicy", {"bucketName": "example-orders", "policy": ""},
         resources=[res("arn:aws:s3:::example-orders", PROD, "AWS::S3::Bucket")], read=True, ip="203.0.113.40",
         error="AccessDenied", message=denied(who, "s3:GetBucketPolicy", '"arn:aws:s3:::example-orders"',
                                              "because no resource-based policy allows the {} action"))
    # the container's own role, with API Gateway, Step Functions, Kinesis and SSM
    who = role(PROD, "shop-web", "web", "/service/")
    for day in range(0, DAYS, 3):
        kw = dict(agent="js", ip="10.20.2.8")
        call(at(day, 11), who, "ssm", "GetParametersByPath", {"path": "/shop/web", "withDecryption": True, "recursive": True},
             read=True, **kw)
        call(at(day, 11, 1), who, "states", "StartExecution",
             {"stateMachineArn": f"arn:aws:states:us-east-1:{PROD}:stateMachine:checkout", "name": uuid("x", day)}, **kw)
        call(at(day, 11, 2), who, "kinesis", "PutRecords", {"streamName": "clicks"},
             resources=[res(f"arn:aws:kinesis:us-east-1:{PROD}:stream/clicks")], data=True, **kw)
        call(at(day, 11, 3), who, "apigateway", "GetRestApis", {"limit": 25}, read=True, **kw)
        call(at(day, 11, 4), who, "ses", "SendEmail", {"source": "HIDDEN_DUE_TO_SECURITY_REASONS"}, **kw)


def files():
    """Yields (account, region, minute, records): an object for every hour that has events."""
    groups = {}
    for t, account, region, record in sorted(events, key=lambda e: (e[0], e[3]["eventID"])):
        groups.setdefault((account, region, t.replace(minute=0, second=0)), []).append(record)
    previous = None
    for (account, region, hour), records in sorted(groups.items()):
        # CloudTrail delivers some events twice: the next object of the stream repeats one
        if previous and previous[0] == (account, region) and int(digest(hour)[:2], 16) < 48:
            records = records + [previous[1]]
        previous = ((account, region), records[0])
        yield account, region, hour, records


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(text.encode())


def main():
    top = os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "AWSLogs")
    shutil.rmtree(top, ignore_errors=True)
    for scenario in (orders_api, ci_role, terraform, people, machines):
        scenario()
    last = {}
    for account, region, hour, records in files():
        name = (f"{account}_CloudTrail_{region}_{hour + dt.timedelta(minutes=60):%Y%m%dT%H%MZ}_"
                f"{digest(account, region, hour)[:16]}.json.gz")
        path = os.path.join(top, account, "CloudTrail", region, f"{hour:%Y/%m/%d}", name)
        text = json.dumps({"Records": records}, separators=(",", ":"))
        write(path, text)
        last[account, region] = (path, text)
    for (account, region), (path, text) in sorted(last.items()):
        end = START + dt.timedelta(days=DAYS)
        body = {"awsAccountId": account, "digestStartTime": stamp(end - dt.timedelta(hours=1)),
                "digestEndTime": stamp(end), "digestS3Bucket": "example-trail",
                "digestSignatureAlgorithm": "SHA256withRSA", "previousDigestHashValue": None,
                "logFiles": [{"s3Bucket": "example-trail", "s3Object": os.path.relpath(path, os.path.dirname(top)),
                              "hashValue": hashlib.sha256(text.encode()).hexdigest(), "hashAlgorithm": "SHA-256"}]}
        name = f"{account}_CloudTrail-Digest_{region}_trail_{region}_{end:%Y%m%dT%H%M%SZ}.json.gz"
        write(os.path.join(top, account, "CloudTrail-Digest", region, f"{end:%Y/%m/%d}", name),
              json.dumps(body, separators=(",", ":")))


main()
