"""make-trail.py - a trail with all that makes counting hard: make-trail.py FOLDER SEED EVENTS.

Four accounts, two regions, three days: calls into another account that both accounts record, files delivered twice,
copies that say less or something else, sessions, keys and tags of which each call has others, messages that were cut,
identities of all kinds. The same bytes for the same arguments. Prints the days."""
import gzip
import json
import os
import random
import sys
import uuid

ACCOUNTS = ["111122223333", "222233334444", "333344445555", "444455556666"]
REGIONS = ["us-east-1", "eu-central-1"]
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]
NEXT = {"2026-03-01": "2026-03-02", "2026-03-02": "2026-03-03", "2026-03-03": "2026-03-04"}
AGENTS = ["aws-cli/2.15.0 Python/3.11", "Boto3/1.34 md/Botocore", "APN/1.0 HashiCorp/1.0 Terraform/1.7.0", "Mozilla/5.0",
          "aws-sdk-go-v2/1.25", "console.amazonaws.com", "lambda.amazonaws.com", "AWS Internal", "terraform", "own/1", ""]
WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"]


class Trail:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.files = {}

    def pick(self, values):
        return self.random.choice(values)

    def id(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    # ---- who

    def role(self, account):
        name = "%s-%s" % (self.pick(WORDS), self.pick(["api", "job"]))
        session = "s-%06d" % self.random.randrange(10 ** 6)
        path = self.pick(["", "", "service-role/"])
        key = "ASIA" + "".join(self.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))
        issuer = {"type": "Role", "principalId": "AROA" + name.upper().replace("-", "X").ljust(17, "Q"),
                  "arn": "arn:aws:iam::%s:role/%s%s" % (account, path, name), "accountId": account, "userName": name}
        context = {"sessionIssuer": issuer, "webIdFederationData": {},
                   "attributes": {"creationDate": "2026-03-01T00:00:00Z", "mfaAuthenticated": self.pick(["false", "true"])}}
        if self.random.random() < 0.1:
            context["sourceIdentity"] = self.pick(WORDS)
        return {"type": "AssumedRole", "principalId": issuer["principalId"] + ":" + session,
                "arn": "arn:aws:sts::%s:assumed-role/%s/%s" % (account, name, session), "accountId": account,
                "accessKeyId": key, "sessionContext": context}

    def user(self, account):
        name = self.pick(WORDS)
        return {"type": "IAMUser", "principalId": "AIDA" + name.upper().ljust(17, "Q"), "userName": name, "accountId": account,
                "arn": "arn:aws:iam::%s:user/%s" % (account, name), "accessKeyId": "AKIA" + name.upper().ljust(16, "A")}

    def odd(self, account):
        name = self.pick(WORDS)
        return self.pick([
            {"type": "Root", "principalId": account, "arn": "arn:aws:iam::%s:root" % account, "accountId": account},
            {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"},
            {"type": "AWSAccount", "principalId": "AIDA%s:x" % name.upper(), "accountId": self.pick(ACCOUNTS)},
            {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
            {"type": "IdentityCenterUser", "accountId": account, "credentialId": self.id(),
             "onBehalfOf": {"userId": name, "identityStoreArn": "arn:aws:identitystore::%s:identitystore/d-%s" % (account, account[:4])}},
            {"type": "SAMLUser", "principalId": "p:" + name, "userName": name, "identityProvider": "idp-" + name},
            {"type": "WebIdentityUser", "principalId": "accounts:" + name, "userName": name, "identityProvider": "oidc"},
            {"type": "Directory", "accountId": account, "userName": name},
            {"type": "IAMUser", "accountId": account, "userName": "HIDDEN_DUE_TO_SECURITY_REASONS", "principalId": ""},
            {"type": "IAMUser", "accountId": account, "userName": name},
            {"accountId": account, "invokedBy": "s3.amazonaws.com"},
            {"type": "AssumedRole", "principalId": "AROAX%s:session-%d" % (name, self.random.randrange(99))},
            {"type": "Unknown", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
            {"type": "FederatedUser", "principalId": account + ":fed", "accountId": account,
             "arn": "arn:aws:sts::%s:federated-user/%s" % (account, name)},
            {"type": "AssumedRole", "arn": "odd:assumed-role/odd-%s/session" % name, "accountId": account},
        ])

    # ---- what

    def call(self, account, region):
        name, n = self.pick(WORDS), self.random.randrange(40)
        arn = "arn:aws:kms:%s:%s:key/%s" % (region, account, name)
        return self.pick([
            ("s3.amazonaws.com", "GetObject", {"bucketName": "b-" + name, "key": "dir/%d.csv" % n, "Host": "b.s3"},
             [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::b-%s/dir/%d.csv" % (name, n)},
              {"accountId": account, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b-" + name}], False),
            ("s3.amazonaws.com", "ListObjects", {"bucketName": "b-" + name, "prefix": "dir/%d" % n, "max-keys": "1000"},
             [{"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::b-%s/dir/" % name}], False),
            ("s3.amazonaws.com", "PutObject", {"bucketName": "b-" + name, "key": "up/%d" % n, "x-amz-tagging": "k=%d" % n,
                                               "x-amz-acl": "private", "x-amz-server-side-encryption-aws-kms-key-id": arn}, None, False),
            ("s3.amazonaws.com", "CopyObject", {"bucketName": "b-" + name, "key": "c/%d" % n, "x-amz-copy-source": "/b-x/c/%d" % n}, None, False),
            ("dynamodb.amazonaws.com", "BatchGetItem", {"requestItems": {"t-" + name: {"keys": [{"id": {"S": str(n)}}]}}}, None, False),
            ("dynamodb.amazonaws.com", "GetItem", {"tableName": "t-" + name, "key": {"id": {"S": str(n)}}}, None, False),
            ("ec2.amazonaws.com", "RunInstances", {"instancesSet": {"items": [{"imageId": "ami-%d" % (n % 3), "minCount": 1}]},
                                                   "tagSpecificationSet": {"items": [{"resourceType": "instance",
                                                                                     "tags": [{"key": "n", "value": str(n)}]}]},
                                                   "clientToken": self.id(), "subnetId": "subnet-" + name}, None, True),
            ("ec2.amazonaws.com", "DescribeInstances", {"filterSet": {"items": [{"name": "tag:x", "valueSet": {"items": [{"value": str(n)}]}}]},
                                                        "instancesSet": {}, "maxResults": n}, None, True),
            ("kms.amazonaws.com", "Decrypt", {"encryptionContext": {"aws:s3:arn": "x/%d" % n}, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
             [{"accountId": account, "type": "AWS::KMS::Key", "ARN": arn}], True),
            ("secretsmanager.amazonaws.com", "GetSecretValue", {"secretId": "db/" + name, "versionId": "v-%d" % (n % 2)}, None, True),
            ("sqs.amazonaws.com", "SendMessage", {"queueUrl": "https://sqs.%s.amazonaws.com/%s/q-%s" % (region, account, name),
                                                  "messageBody": "HIDDEN_DUE_TO_SECURITY_REASONS", "messageGroupId": str(n)}, None, False),
            ("lambda.amazonaws.com", "UpdateFunctionConfiguration20150331v2", {"functionName": name, "environment": {"variables": {"A": str(n)}}}, None, True),
            ("iam.amazonaws.com", "ListRoles", None, None, True),
            ("sts.amazonaws.com", "GetCallerIdentity", None, None, True),
            ("apigateway.amazonaws.com", "CreateVpcLink", {"name": name, "description": "number %d" % n}, None, True),
            ("autoscaling.amazonaws.com", "DescribeTags", {"filters": [{"name": "key", "values": [str(n)]}]}, None, True),
            ("unknown.amazonaws.com", "DoThing", "a text in place of an object", None, True),
        ])

    def error(self, who, name):
        long = "arn:aws:iam::111122223333:policy/" + "p" * 900
        who = who.get("arn", "x")
        return self.pick([
            ("AccessDenied", "User: %s is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\" because no "
                             "identity-based policy allows the s3:GetObject action" % who),
            ("Client.UnauthorizedOperation", ("You are not authorized to perform this operation. User: %s is not authorized to perform: "
                                              "ec2:RunInstances on resource: arn:aws:ec2:us-east-1:111122223333:instance/* with an explicit "
                                              "deny in a service control policy. Encoded authorization failure message: %s" % (who, "Z" * 900))[:1024]),
            ("AccessDenied", ("User: %s is not authorized to perform: iam:PassRole on resource: %s because no identity-based policy "
                              "allows it" % (who, long))[:1024]),
            ("AccessDenied", "User: %s is not allowed to perform action: sqs:SendMessage on resource: q" % who),
            ("AccessDenied", "Access Denied"),
            ("AccessDeniedException", None),
            ("ThrottlingException", "Rate exceeded %d" % self.random.randrange(100)),
            ("NoSuchBucket", "no bucket %s" % name),
            ("ValidationError", "No updates are to be performed."),
            ("ValidationError", "1 validation error detected: %d" % self.random.randrange(9)),
            (None, "only a text %d" % self.random.randrange(9)),
        ])

    def event(self):
        account, region, day = self.pick(ACCOUNTS), self.pick(REGIONS), self.pick(DAYS)
        second = self.pick([self.random.randrange(86400), 86399, 0, 43200])
        who = self.pick([self.role, self.role, self.role, self.user, self.odd])(account)
        source, name, request, resources, management = self.call(account, region)
        e = {"eventVersion": "1.09", "userIdentity": who, "eventTime": "%sT%02d:%02d:%02dZ" % (day, second // 3600, second // 60 % 60, second % 60),
             "eventSource": source, "eventName": name, "awsRegion": region,
             "sourceIPAddress": self.pick(["198.51.100.%d" % self.random.randrange(3), "2001:db8:1:2:%x::1" % self.random.randrange(9999),
                                           "2001:db8::%x" % self.random.randrange(9), "lambda.amazonaws.com", "AWS Internal"]),
             "userAgent": self.pick(AGENTS), "requestParameters": request, "responseElements": None, "requestID": self.id(), "eventID": self.id(),
             "readOnly": self.random.random() < 0.5, "eventType": "AwsApiCall", "managementEvent": management,
             "recipientAccountId": account, "eventCategory": "Management" if management else "Data"}
        if resources:
            e["resources"] = resources
        if self.random.random() < 0.5:
            e["tlsDetails"] = {"tlsVersion": self.pick(["TLSv1.2", "TLSv1.3"]), "cipherSuite": "X"}
        if self.random.random() < 0.2:
            e["vpcEndpointId"] = "vpce-" + self.pick(WORDS)
        if self.random.random() < 0.15:
            code, message = self.error(who, name)
            if code:
                e["errorCode"] = code
            if message is not None:
                e["errorMessage"] = message
        self.responses(e)
        return e

    def responses(self, e):
        kind, account = self.random.random(), e["recipientAccountId"]
        name = self.pick(WORDS)
        if kind < 0.02:
            e.update(eventSource="iam.amazonaws.com", eventName="CreateUser", requestParameters={"userName": name, "path": "/team/"},
                     responseElements={"user": {"path": "/team/", "userName": name, "userId": self.id(),
                                                "arn": "arn:aws:iam::%s:user/team/%s" % (account, name)}})
        elif kind < 0.03:
            e.update(eventSource="iam.amazonaws.com", eventName="CreateAccessKey", requestParameters={"userName": name},
                     responseElements={"accessKey": {"accessKeyId": "AKIA" + name.upper().ljust(16, "B"), "status": "Active", "userName": name}})
        elif kind < 0.04:
            e.update(eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn", requestParameters=None,
                     responseElements={"ConsoleLogin": self.pick(["Success", "Failure"])})
        elif kind < 0.05:
            e.update(eventType="AwsServiceEvent", eventName="RotateKey", eventSource="kms.amazonaws.com", requestParameters=None)
        elif kind < 0.06 and "errorCode" not in e:
            e["responseElements"] = self.pick([{"error": {"code": "AccessDenied", "message": "m%d" % self.random.randrange(99)}},
                                               {"errorCode": "NoSuchKey", "errorMessage": "text"}, {"__type": "x#ResourceNotFoundException"}])
        elif kind < 0.08 and kind >= 0.07:
            number = self.random.randrange(5)
            e.update(self.pick([
                {"eventSource": "ec2.amazonaws.com", "eventName": "AssociateRouteTable", "responseElements": {
                    "associationId": "rtbassoc-%d" % number, "_return": True}, "requestParameters": {"routeTableId": "rtb-%d" % number, "subnetId": "subnet-1"}},
                {"eventSource": "ec2.amazonaws.com", "eventName": "DisassociateRouteTable", "responseElements": {"_return": True},
                 "requestParameters": {"associationId": "rtbassoc-%d" % number}},
            ]))
        elif kind < 0.07:
            e.update(eventSource="sts.amazonaws.com", eventName="AssumeRole", requestParameters={
                "roleArn": "arn:aws:iam::%s:role/%s" % (account, name), "roleSessionName": self.id(), "durationSeconds": 900},
                responseElements={"credentials": {"accessKeyId": "ASIA" + self.id().replace("-", "")[:16].upper().replace("0", "A").replace("1", "B").replace("8", "C").replace("9", "D"), "sessionToken": "secret"},
                                  "assumedRoleUser": {"arn": "arn:aws:sts::%s:assumed-role/%s/s" % (account, name)}})

    # ---- where

    def put(self, e, late=False):
        day, clock = e["eventTime"][:10], e["eventTime"][11:16].replace(":", "")
        hour, minute = int(clock[:2]), int(clock[2:])
        if hour == 23 and minute >= 55:
            day, hour, minute = NEXT[day], 0, 5
        stamp = "%sT%02d%02dZ" % (day.replace("-", ""), hour, minute // 5 * 5)
        account, region = e["recipientAccountId"], e["awsRegion"]
        name = "%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%s.json.gz" % (account, region, day.replace("-", "/"), account, region, stamp, "b" if late else "a")
        self.files.setdefault(name, []).append(e)

    def add(self):
        e = self.event()
        kind = self.random.random()
        if kind < 0.08:
            self.twins(e)
            return
        self.put(e)
        if kind < 0.14:
            self.put(self.copy(e), late=True)

    def copy(self, e):
        c = json.loads(json.dumps(e))
        kind = self.random.randrange(5)
        if kind == 0 and isinstance(c["requestParameters"], dict):
            c["requestParameters"] = {}
        elif kind == 1:
            c.pop("resources", None)
        elif kind == 2:
            c["userIdentity"].pop("accessKeyId", None)
        elif kind == 3:
            c.pop("tlsDetails", None)
        return c

    def twins(self, e):
        shared, owner = self.id(), self.pick(ACCOUNTS)
        e["sharedEventID"] = shared
        other = json.loads(json.dumps(e))
        other.update(eventID=self.id(), recipientAccountId=owner)
        if self.random.random() < 0.3:
            who = other["userIdentity"]
            other["userIdentity"] = {"type": "AWSAccount", "principalId": who.get("principalId", "x"), "accountId": e["recipientAccountId"]}
        self.put(e)
        if owner != e["recipientAccountId"]:
            self.put(other)

    def write(self, folder):
        for name, records in sorted(self.files.items()):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
                z.write(json.dumps({"Records": records}).encode())


def main():
    folder, seed, events = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    trail = Trail(seed)
    for _ in range(events):
        trail.add()
    trail.write(folder)
    print(*DAYS)


main()
