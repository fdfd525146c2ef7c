"""boto.py - what a Python program asks of boto3: one call of each protocol, pages, an upload in parts, a presigned
URL's neighbour, failures. Prints how each ended."""
import io

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

once = Config(retries={"max_attempts": 1})


def client(name):
    return boto3.client(name, region_name="us-east-1", config=once)


s3, dynamodb = client("s3"), client("dynamodb")
STEPS = [
    ("caller", lambda: client("sts").get_caller_identity()),
    ("assume a role", lambda: client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/boto", RoleSessionName="s")),
    ("bucket", lambda: s3.create_bucket(Bucket="boto-bucket")),
    ("put", lambda: s3.put_object(Bucket="boto-bucket", Key="a/é b+c.txt", Body=b"x")),
    ("get", lambda: s3.get_object(Bucket="boto-bucket", Key="a/é b+c.txt")["Body"].read()),
    ("get what is not there", lambda: s3.get_object(Bucket="boto-bucket", Key="none")),
    ("12 MB in parts", lambda: s3.upload_fileobj(io.BytesIO(bytes(12 << 20)), "boto-bucket", "big")),
    ("list", lambda: [p["KeyCount"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="boto-bucket", PaginationConfig={"PageSize": 1})]),
    ("table", lambda: dynamodb.create_table(TableName="boto", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                                            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])),
    ("item", lambda: dynamodb.put_item(TableName="boto", Item={"k": {"S": "1"}})),
    ("items", lambda: dynamodb.batch_get_item(RequestItems={"boto": {"Keys": [{"k": {"S": "1"}}]}})),
    ("networks", lambda: client("ec2").describe_vpcs()),
    ("a user who is not there", lambda: client("iam").get_user(UserName="nobody")),
    ("queue", lambda: client("sqs").create_queue(QueueName="boto")),
    ("topic", lambda: client("sns").create_topic(Name="boto")),
    ("functions", lambda: client("lambda").list_functions()),
    ("distributions", lambda: client("cloudfront").list_distributions()),
    ("metric", lambda: client("cloudwatch").put_metric_data(Namespace="boto", MetricData=[{"MetricName": "m", "Value": 1}])),
    ("log groups", lambda: client("logs").describe_log_groups()),
    ("secret", lambda: client("secretsmanager").create_secret(Name="boto", SecretString="boto-secret-value")),
    ("parameter", lambda: client("ssm").put_parameter(Name="/boto/p", Value="x", Type="String")),
    ("refused by itself", lambda: dynamodb.get_item()),
]

for name, call in STEPS:
    try:
        call()
        print(name, "OK")
    except ClientError as e:
        print(name, e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
    except ParamValidationError:
        print(name, "refused")
