"""workload.py - calls that carry a secret in every kind of place that has one: members that the API models mark
sensitive, maps of the caller's own words, headers, paths, query strings, bodies that are data, and answers. "$" stands
for a secret (plant.py)."""
from plant import Call, cbor_call, json_call, plain, query_call, rest_call, secret, signed

PRESIGNED = "https://example-bucket.s3.amazonaws.com/object?X-Amz-Signature=$&X-Amz-Security-Token=$"


def json_calls():
    return [
        json_call("secretsmanager:CreateSecret", "secretsmanager.CreateSecret",
                  {"Name": "shop/db", "SecretString": "$", "SecretBinary": "$64", "ClientRequestToken": "$",
                   "Description": "$", "Tags": [{"Key": "team", "Value": "$"}]}),
        json_call("secretsmanager:PutSecretValue", "secretsmanager.PutSecretValue",
                  {"SecretId": "shop/db", "SecretString": "$", "RotationToken": "$"}),
        json_call("secretsmanager:GetSecretValue", "secretsmanager.GetSecretValue", {"SecretId": "shop/db"},
                  {"Name": "shop/db", "SecretString": "$", "SecretBinary": "$64"}),
        json_call("ssm:PutParameter", "AmazonSSM.PutParameter", {"Name": "/shop/db", "Value": "$", "Type": "SecureString"}),
        json_call("ssm:GetParameters", "AmazonSSM.GetParameters", {"Names": ["/shop/db"], "WithDecryption": True},
                  {"Parameters": [{"Name": "/shop/db", "Value": "$"}]}),
        json_call("ssm:SendCommand", "AmazonSSM.SendCommand",
                  {"DocumentName": "AWS-RunShellScript", "Comment": "$",
                   "Parameters": {"commands": ["$"], "apiKey": ["$"], "name": ["$"], "dbName": ["$"], "url": ["$"]}}),
        json_call("cognito-idp:InitiateAuth", "AWSCognitoIdentityProviderService.InitiateAuth",
                  {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "1example23456789",
                   "AuthParameters": {"USERNAME": "$", "PASSWORD": "$", "SECRET_HASH": "$", "DEVICE_KEY": "$"},
                   "ClientMetadata": {"name": "$"}, "UserContextData": {"EncodedData": "$"}},
                  {"AuthenticationResult": {"AccessToken": "$", "IdToken": "$", "RefreshToken": "$"}}),
        json_call("cognito-idp:SignUp", "AWSCognitoIdentityProviderService.SignUp",
                  {"ClientId": "1example23456789", "SecretHash": "$", "Username": "$", "Password": "$",
                   "UserAttributes": [{"Name": "email", "Value": "$"}]}),
        json_call("cognito-idp:ChangePassword", "AWSCognitoIdentityProviderService.ChangePassword",
                  {"PreviousPassword": "$", "ProposedPassword": "$", "AccessToken": "$"}),
        json_call("cognito-idp:RespondToAuthChallenge", "AWSCognitoIdentityProviderService.RespondToAuthChallenge",
                  {"ClientId": "1example23456789", "ChallengeName": "SMS_MFA", "Session": "$",
                   "ChallengeResponses": {"SMS_MFA_CODE": "$", "DEVICE_KEY": "$"}}),
        json_call("kms:Encrypt", "TrentService.Encrypt",
                  {"KeyId": "alias/shop", "Plaintext": "$64", "EncryptionContext": {"name": "$", "orderId": "$"}}),
        json_call("kms:Decrypt", "TrentService.Decrypt", {"CiphertextBlob": "$64", "GrantTokens": ["$"]},
                  {"KeyId": "arn:aws:kms:us-east-1:111122223333:key/1234", "Plaintext": "$64"}),
        json_call("kms:GenerateDataKey", "TrentService.GenerateDataKey", {"KeyId": "alias/shop", "KeySpec": "AES_256"},
                  {"CiphertextBlob": "$64", "Plaintext": "$64"}),
        json_call("dynamodb:PutItem", "DynamoDB_20120810.PutItem",
                  {"TableName": "orders", "Item": {"id": {"S": "$"}, "name": {"M": {"key": {"S": "$"}}}},
                   "ExpressionAttributeNames": {"#n": "$"}, "ExpressionAttributeValues": {":id": {"S": "$"}}}),
        json_call("dynamodb:GetItem", "DynamoDB_20120810.GetItem", {"TableName": "orders", "Key": {"id": {"S": "$"}}},
                  {"Item": {"id": {"S": "$"}}}),
        json_call("dynamodb:BatchWriteItem", "DynamoDB_20120810.BatchWriteItem",
                  {"RequestItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": "$"}, "url": {"S": "$"}}}},
                                               {"DeleteRequest": {"Key": {"name": {"S": "$"}}}}]}}),
        json_call("dynamodb:ExecuteStatement", "DynamoDB_20120810.ExecuteStatement",
                  {"Statement": "SELECT * FROM \"orders\" WHERE \"password\" = '$'", "Parameters": [{"S": "$"}]}),
        json_call("kinesis:PutRecord", "Kinesis_20131202.PutRecord",
                  {"StreamName": "clicks", "Data": "$64", "PartitionKey": "$", "ExplicitHashKey": "$"}),
        json_call("logs:PutLogEvents", "Logs_20140328.PutLogEvents",
                  {"logGroupName": "shop", "logStreamName": "web", "sequenceToken": "$",
                   "logEvents": [{"timestamp": 1, "message": "$"}]}),
        json_call("events:PutEvents", "AWSEvents.PutEvents",
                  {"Entries": [{"Source": "shop", "DetailType": "order", "Detail": "$", "EventBusName": "shop"}]}),
        json_call("events:CreateConnection", "AWSEvents.CreateConnection",
                  {"Name": "webhook", "AuthorizationType": "API_KEY",
                   "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Auth", "ApiKeyValue": "$"},
                                      "BasicAuthParameters": {"Username": "$", "Password": "$"},
                                      "InvocationHttpParameters": {"HeaderParameters": [{"Key": "x", "Value": "$"}]}}}),
        json_call("stepfunctions:StartExecution", "AWSStepFunctions.StartExecution", {"stateMachineArn":
                  "arn:aws:states:us-east-1:111122223333:stateMachine:shop", "input": "{\"name\":\"$\"}"},
                  host="states.us-east-1.amazonaws.com", service="states"),
        json_call("ecs:RegisterTaskDefinition", "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
                  {"family": "shop", "containerDefinitions": [
                      {"name": "web", "image": "shop:1", "environment": [{"name": "API_KEY", "value": "$"}],
                       "command": ["$"], "dockerLabels": {"com.example.name": "$", "apiKey": "$"},
                       "repositoryCredentials": {"credentialsParameter": "$"},
                       "logConfiguration": {"logDriver": "splunk", "options": {"splunk-url": "$", "token": "$"}}}]}),
        json_call("ecs:RunTask", "AmazonEC2ContainerServiceV20141113.RunTask",
                  {"cluster": "shop", "taskDefinition": "shop:1", "overrides": {"containerOverrides": [
                      {"name": "web", "environment": [{"name": "PASSWORD", "value": "$"}]}]}}),
        json_call("codebuild:CreateProject", "CodeBuild_20161006.CreateProject",
                  {"name": "shop", "source": {"type": "GITHUB", "buildspec": "$", "auth": {"type": "OAUTH", "resource": "$"},
                                              "location": "https://user:$@example.com/shop.git"},
                   "environment": {"image": "x", "environmentVariables": [{"name": "TOKEN", "value": "$"}]}}),
        json_call("codebuild:StartBuild", "CodeBuild_20161006.StartBuild",
                  {"projectName": "shop", "environmentVariablesOverride": [{"name": "TOKEN", "value": "$"}]}),
        json_call("codebuild:ImportSourceCredentials", "CodeBuild_20161006.ImportSourceCredentials",
                  {"token": "$", "username": "$", "serverType": "GITHUB", "authType": "BASIC_AUTH"}),
        json_call("glue:CreateConnection", "AWSGlue.CreateConnection",
                  {"ConnectionInput": {"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": {
                      "PASSWORD": "$", "USERNAME": "$", "apiKey": "$",
                      "JDBC_CONNECTION_URL": "jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=$"}}}),
        json_call("glue:CreateJob", "AWSGlue.CreateJob",
                  {"Name": "shop", "Role": "glue", "DefaultArguments": {"--db-url": "$", "--api-key": "$", "--name": "$"},
                   "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k"}}),
        json_call("sagemaker:CreateTrainingJob", "SageMaker.CreateTrainingJob",
                  {"TrainingJobName": "shop", "Environment": {"API_KEY": "$", "name": "$"},
                   "HyperParameters": {"model_name": "$", "license-key": "$"}}, host="api.sagemaker.us-east-1.amazonaws.com"),
        json_call("directconnect:CreatePrivateVirtualInterface", "OvertureService.CreatePrivateVirtualInterface",
                  {"connectionId": "dxcon-1", "newPrivateVirtualInterface": {"virtualInterfaceName": "x", "authKey": "$"}}),
        json_call("dms:CreateEndpoint", "AmazonDMSv20160101.CreateEndpoint",
                  {"EndpointIdentifier": "shop", "Username": "$", "Password": "$", "ExtraConnectionAttributes": "$",
                   "KafkaSettings": {"SaslPassword": "$", "SslClientKeyPassword": "$"},
                   "EndpointUri": "mongodb://user:$@db/x"}),
        json_call("ds:CreateDirectory", "DirectoryService_20150416.CreateDirectory",
                  {"Name": "corp.example.com", "Password": "$", "Size": "Small"}),
        json_call("sqs:SendMessage", "AmazonSQS.SendMessage",
                  {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/shop", "MessageBody": "$",
                   "MessageAttributes": {"name": {"DataType": "String", "StringValue": "$"}},
                   "MessageDeduplicationId": "$", "MessageGroupId": "$"}),
        json_call("sqs:DeleteMessage", "AmazonSQS.DeleteMessage",
                  {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/shop", "ReceiptHandle": "$"}),
        json_call("firehose:CreateDeliveryStream", "Firehose_20150804.CreateDeliveryStream",
                  {"DeliveryStreamName": "shop", "HttpEndpointDestinationConfiguration": {
                      "EndpointConfiguration": {"Url": "https://example.com/in?token=$", "Name": "x", "AccessKey": "$"},
                      "RequestConfiguration": {"CommonAttributes": [{"AttributeName": "x", "AttributeValue": "$"}]}}}),
        json_call("athena:StartQueryExecution", "AmazonAthena.StartQueryExecution",
                  {"QueryString": "SELECT '$'", "WorkGroup": "shop", "ExecutionParameters": ["$"], "ClientRequestToken": "$"}),
        json_call("redshift-data:ExecuteStatement", "RedshiftData.ExecuteStatement",
                  {"ClusterIdentifier": "shop", "Sql": "SELECT '$'", "Parameters": [{"name": "p", "value": "$"}]}),
        json_call("storagegateway:ActivateGateway", "StorageGateway_20130630.ActivateGateway",
                  {"ActivationKey": "$", "GatewayName": "shop", "GatewayTimezone": "GMT", "GatewayRegion": "us-east-1"}),
    ]


def query_calls():
    issued = {"Credentials": {"AccessKeyId": "ASIAQ3EGRISECRETS001", "SecretAccessKey": "$", "SessionToken": "$",
                              "Expiration": "2026-11-22T01:00:00Z"},
              "AssumedRoleUser": {"Arn": "arn:aws:sts::111122223333:assumed-role/deploy/s",
                                  "AssumedRoleId": "AROAQ3EGRISECRETS002:s"}}
    role = "arn:aws:iam::111122223333:role/deploy"
    return [
        query_call("rds:CreateDBInstance", "2014-10-31", {"DBInstanceIdentifier": "shop", "MasterUserPassword": "$",
                                                          "TdeCredentialPassword": "$", "MasterUsername": "$"}),
        query_call("rds:CopyDBSnapshot", "2014-10-31", {"SourceDBSnapshotIdentifier": "a", "TargetDBSnapshotIdentifier": "b",
                                                        "PreSignedUrl": PRESIGNED}),
        query_call("redshift:CreateCluster", "2012-12-01", {"ClusterIdentifier": "shop", "MasterUserPassword": "$"}),
        query_call("iam:CreateLoginProfile", "2010-05-08", {"UserName": "alice", "Password": "$"},
                   host="iam.amazonaws.com"),
        query_call("iam:ChangePassword", "2010-05-08", {"OldPassword": "$", "NewPassword": "$"}, host="iam.amazonaws.com"),
        query_call("iam:UploadServerCertificate", "2010-05-08",
                   {"ServerCertificateName": "web", "PrivateKey": "$", "CertificateBody": "$"}, host="iam.amazonaws.com"),
        query_call("iam:CreateAccessKey", "2010-05-08", {"UserName": "alice"},
                   {"CreateAccessKeyResponse": {"CreateAccessKeyResult": {"AccessKey": {
                       "UserName": "alice", "AccessKeyId": "AKIAQ3EGRISECRETS003", "SecretAccessKey": "$"}}}},
                   host="iam.amazonaws.com"),
        query_call("sts:AssumeRole", "2011-06-15", {"RoleArn": role, "RoleSessionName": "s", "ExternalId": "$",
                                                    "TokenCode": "$", "Policy": "$"},
                   {"AssumeRoleResponse": {"AssumeRoleResult": issued}}, host="sts.amazonaws.com"),
        query_call("sts:AssumeRoleWithWebIdentity", "2011-06-15",
                   {"RoleArn": role, "RoleSessionName": "s", "WebIdentityToken": "$", "ProviderId": "www.amazon.com"},
                   {"AssumeRoleWithWebIdentityResponse": {"AssumeRoleWithWebIdentityResult": issued}}, host="sts.amazonaws.com"),
        query_call("sts:AssumeRoleWithSAML", "2011-06-15",
                   {"RoleArn": role, "PrincipalArn": "arn:aws:iam::111122223333:saml-provider/x", "SAMLAssertion": "$"},
                   {"AssumeRoleWithSAMLResponse": {"AssumeRoleWithSAMLResult": issued}}, host="sts.amazonaws.com"),
        query_call("sts:GetSessionToken", "2011-06-15", {"SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "TokenCode": "$"},
                   {"GetSessionTokenResponse": {"GetSessionTokenResult": {"Credentials": issued["Credentials"]}}}),
        query_call("cloudformation:CreateStack", "2010-05-15",
                   {"StackName": "shop", "Parameters.member.1.ParameterKey": "DbPassword",
                    "Parameters.member.1.ParameterValue": "$", "TemplateBody": "$", "TemplateURL": PRESIGNED,
                    "ClientRequestToken": "$"}),
        query_call("elasticbeanstalk:UpdateEnvironment", "2010-12-01",
                   {"EnvironmentName": "shop", "OptionSettings.member.1.Namespace":
                    "aws:elasticbeanstalk:application:environment", "OptionSettings.member.1.OptionName": "PASSWORD",
                    "OptionSettings.member.1.Value": "$"}),
        query_call("elasticache:CreateReplicationGroup", "2015-02-02", {"ReplicationGroupId": "shop", "AuthToken": "$"}),
        query_call("sns:Publish", "2010-03-31", {"TopicArn": "arn:aws:sns:us-east-1:111122223333:shop", "Message": "$",
                                                 "Subject": "$", "MessageAttributes.entry.1.Name": "n",
                                                 "MessageAttributes.entry.1.Value.StringValue": "$"}),
        query_call("sns:Subscribe", "2010-03-31", {"TopicArn": "arn:aws:sns:us-east-1:111122223333:shop",
                                                   "Endpoint": "https://user:$@example.com/hook?token=$"}),
        query_call("autoscaling:CreateLaunchConfiguration", "2011-01-01", {"LaunchConfigurationName": "web", "UserData": "$64"}),
        query_call("ec2:RunInstances", "2016-11-15", {"ImageId": "ami-12345678", "UserData": "$64", "ClientToken": "$",
                                                      "TagSpecification.1.ResourceType": "instance",
                                                      "TagSpecification.1.Tag.1.Key": "Name",
                                                      "TagSpecification.1.Tag.1.Value": "$"}),
        query_call("ec2:RequestSpotInstances", "2016-11-15", {"LaunchSpecification.ImageId": "ami-12345678",
                                                              "LaunchSpecification.UserData": "$64"}),
        query_call("ec2:CopySnapshot", "2016-11-15", {"SourceSnapshotId": "snap-12345678", "SourceRegion": "us-east-1",
                                                      "PresignedUrl": PRESIGNED}),
        query_call("ec2:CreateVpnConnection", "2016-11-15", {"CustomerGatewayId": "cgw-12345678", "Type": "ipsec.1",
                                                             "Options.TunnelOptions.1.PreSharedKey": "$"}),
        query_call("ec2:CreateKeyPair", "2016-11-15", {"KeyName": "web"},
                   {"CreateKeyPairResponse": {"keyName": "web", "keyMaterial": "$"}}),
        query_call("ec2:GetPasswordData", "2016-11-15", {"InstanceId": "i-12345678"},
                   {"GetPasswordDataResponse": {"passwordData": "$"}}),
        query_call("ec2:AssociateTrunkInterface", "2016-11-15", {"BranchInterfaceId": "eni-1", "TrunkInterfaceId": "eni-2",
                                                                 "GreKey": "$"}),
    ]


def rest_json_calls():
    variables = {"API_KEY": "$", "dbName": "$", "url": "$", "id": "$"}
    return [
        rest_call("lambda:CreateFunction", "POST", "/2015-03-31/functions",
                  {"FunctionName": "shop", "Role": "arn:aws:iam::111122223333:role/fn", "Code": {"ZipFile": "$64"},
                   "Environment": {"Variables": variables}}),
        rest_call("lambda:UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/shop/configuration",
                  {"Environment": {"Variables": variables}}, {"Environment": {"Variables": variables}}),
        rest_call("lambda:Invoke", "POST", "/2015-03-31/functions/shop/invocations",
                  {"FunctionName": "$", "name": "$", "Key": "$"}, {"name": "$"},
                  fields=[("X-Amz-Client-Context", "$x")]),
        rest_call("apigateway:UpdateStage", "PATCH", "/restapis/abc123/stages/prod",
                  {"patchOperations": [{"op": "replace", "path": "/variables/password", "value": "$"}]}),
        rest_call("apigateway:CreateApiKey", "POST", "/apikeys", {"name": "shop", "value": "$"}, {"id": "1", "value": "$"}),
        rest_call("apigateway:CreateDeployment", "POST", "/restapis/abc123/deployments",
                  {"stageName": "prod", "variables": variables}),
        rest_call("batch:SubmitJob", "POST", "/v1/submitjob",
                  {"jobName": "shop", "jobQueue": "q", "jobDefinition": "d", "parameters": {"apiKey": "$", "name": "$"},
                   "containerOverrides": {"environment": [{"name": "PASSWORD", "value": "$"}], "command": ["$"]}}),
        rest_call("iot:CreateThing", "POST", "/things/lamp", {"attributePayload": {"attributes": {"key": "$", "ownerId": "$"}}}),
        rest_call("iotwireless:CreateWirelessDevice", "POST", "/wireless-devices",
                  {"Type": "LoRaWAN", "Name": "lamp", "LoRaWAN": {"OtaaV1_1": {"AppKey": "$", "NwkKey": "$"},
                                                                  "AbpV1_1": {"SessionKeys": {"AppSKey": "$", "FNwkSIntKey": "$"}}}},
                  host="api.iotwireless.us-east-1.amazonaws.com"),
        rest_call("mq:CreateBroker", "POST", "/v1/brokers",
                  {"brokerName": "shop", "users": [{"username": "u", "password": "$"}],
                   "ldapServerMetadata": {"serviceAccountPassword": "$"}}),
        rest_call("amplify:CreateApp", "POST", "/apps",
                  {"name": "shop", "oauthToken": "$", "accessToken": "$", "environmentVariables": variables,
                   "basicAuthCredentials": "$"}),
        rest_call("pinpoint:UpdateGcmChannel", "PUT", "/v1/apps/app1/channels/gcm", {"ApiKey": "$", "Enabled": True}),
        rest_call("bedrock-runtime:InvokeModel", "POST", "/model/anthropic.claude/invoke",
                  {"prompt": "$", "name": "$"}, {"completion": "$"}, service="bedrock",
                  host="bedrock-runtime.us-east-1.amazonaws.com"),
        rest_call("bedrock-runtime:Converse", "POST", "/model/anthropic.claude/converse",
                  {"messages": [{"role": "user", "content": [{"text": "$"}]}],
                   "additionalModelRequestFields": {"name": "$", "apiKey": "$"}}, service="bedrock",
                  host="bedrock-runtime.us-east-1.amazonaws.com"),
        rest_call("sso:GetRoleCredentials", "GET", "/federation/credentials?role_name=Admin&account_id=111122223333", None,
                  {"roleCredentials": {"accessKeyId": "ASIAQ3EGRISECRETS004", "secretAccessKey": "$", "sessionToken": "$"}},
                  host="portal.sso.us-east-1.amazonaws.com", service="awsssoportal", fields=[("x-amz-sso_bearer_token", "$x")]),
        rest_call("sso-oidc:CreateToken", "POST", "/token",
                  {"clientId": "1example23456789", "clientSecret": "$", "grantType": "refresh_token", "refreshToken": "$", "code": "$"},
                  {"accessToken": "$", "refreshToken": "$"}, host="oidc.us-east-1.amazonaws.com"),
        rest_call("appflow:CreateConnectorProfile", "POST", "/create-connector-profile",
                  {"connectorProfileName": "x", "connectorType": "Datadog", "connectionMode": "Public", "connectorProfileConfig": {
                      "connectorProfileCredentials": {"Datadog": {"apiKey": "$", "applicationKey": "$"},
                                                      "Snowflake": {"username": "$", "password": "$"},
                                                      "CustomConnector": {"custom": {"credentialsMap": {"name": "$"}}}}}}),
        rest_call("geo-places:Geocode", "POST", "/v2/geocode?key=$", {"QueryText": "$"}, host="places.geo.us-east-1.amazonaws.com"),
        rest_call("codecatalyst:GetSpace", "GET", "/v1/spaces/shop", None, {"name": "shop"},
                  host="codecatalyst.global.api.aws"),
    ]


def rest_xml_calls():
    bucket, s3 = "example-bucket.s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"
    sse_c = [("x-amz-server-side-encryption-customer-algorithm", "AES256"),
             ("x-amz-server-side-encryption-customer-key", "$x"), ("x-amz-server-side-encryption-customer-key-MD5", "$x")]
    v4 = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAQ3EGRISECRETS000%2F20261122%2Fus-east-1%2Fs3%2Faws4_request" \
         f"&X-Amz-Expires=60&X-Amz-Security-Token={plain('presigned token')}&X-Amz-Signature={plain('presigned signature')}"
    v2 = f"AWSAccessKeyId=AKIAQ3EGRISECRETS000&Expires=1700000000&Signature={plain('old signature')}" \
         f"&x-amz-security-token={plain('old token')}"
    parts = [("key", "up/load.txt"), ("X-Amz-Credential", "AKIAQ3EGRISECRETS000/20261122/us-east-1/s3/aws4_request"),
             ("policy", plain("form policy")), ("X-Amz-Signature", plain("form signature")),
             ("X-Amz-Security-Token", plain("form token")), ("x-amz-meta-name", plain("form metadata"))]
    upload = "".join(f'--B\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in parts)
    file = f'--B\r\nContent-Disposition: form-data; name="file"; filename="key"\r\n\r\n{plain("form file")}\r\n--B--\r\n'
    multipart = [("Content-Type", "multipart/form-data; boundary=B")]
    return [
        rest_call("s3:PutObject", "PUT", "/dir/object", secret("object").encode(), host=bucket, kind="octet-stream",
                  fields=sse_c + [("x-amz-meta-name", "$x"), ("x-amz-tagging", "k=$"), ("x-amz-website-redirect-location", "/$"),
                                  ("Content-Disposition", "x; filename=$"), ("Referer", "https://example.com/$")]),
        rest_call("s3:GetObject", "GET", "/dir/object?response-content-type=$&versionId=v1", None, {"Object": "$"}, host=bucket,
                  kind="xml", fields=sse_c + [("If-None-Match", "$x"), ("Range", "bytes=0-1")]),
        rest_call("s3:CopyObject", "PUT", "/dir/copy", None, host=bucket, kind="xml",
                  fields=[("x-amz-copy-source", "example-bucket/dir/object"),
                          ("x-amz-copy-source-server-side-encryption-customer-key", "$x")] + sse_c),
        rest_call("s3:SelectObjectContent", "POST", "/dir/object?select&select-type=2",
                  {"SelectObjectContentRequest": {"Expression": "SELECT '$'", "ExpressionType": "SQL"}}, host=bucket, kind="xml"),
        rest_call("s3:PutBucketTagging", "PUT", "/?tagging",
                  {"Tagging": {"TagSet": {"Tag": [{"Key": "$", "Value": "$"}]}}}, host=bucket, kind="xml"),
        rest_call("s3:PutBucketPolicy", "PUT", "/?policy", {"Id": "$", "Statement": [{"Sid": "$"}]}, host=bucket),
        rest_call("s3:CreateSession", "GET", "/?session", None,
                  {"CreateSessionResult": {"Credentials": {"SessionToken": "$", "SecretAccessKey": "$",
                                                           "AccessKeyId": "ASIAQ3EGRISECRETS005"}}},
                  host="example--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", service="s3express", kind="xml"),
        rest_call("s3:GetObject", "GET", "/express", None, service="s3express", kind="xml",
                  host="example--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
                  fields=[("x-amz-s3session-token", "$x")]),
        Call("s3:GetObject", bucket, "GET", "/presigned?" + v4),
        Call("s3:PutObject", s3, "PUT", "/example-bucket/old?" + v2, body=secret("object put with an old signature").encode()),
        Call("s3:PutObject", bucket, "POST", "/", multipart, (upload + file).encode()),
        # a file that is called as the field that is looked for, and no such field: no upload that S3 takes
        Call(None, bucket, "POST", "/", multipart, (upload[upload.index("--B", 3):] + file).encode()),
        Call("s3:GetObject", bucket, "GET", "/version2", [("Authorization", f"AWS {'AKIAQ3EGRISECRETS000'}:{plain('version 2')}")]),
        rest_call("s3:WriteGetObjectResponse", "POST", "/WriteGetObjectResponse", secret("transformed").encode(), kind="xml",
                  host="io-cell1-example.s3-object-lambda.us-east-1.amazonaws.com", service="s3-object-lambda",
                  fields=[("x-amz-request-route", "$x"), ("x-amz-request-token", "$x"), ("x-amz-fwd-header-x-amz-meta-name", "$x"),
                          ("x-amz-fwd-error-message", "$x")]),
        rest_call("cloudfront:CreateDistribution", "POST", "/2020-05-31/distribution",
                  {"DistributionConfig": {"CallerReference": "$", "Comment": "$", "Origins": {"Items": {"Origin": [
                      {"Id": "o1", "DomainName": "example.com", "CustomHeaders": {"Items": {"OriginCustomHeader": [
                          {"HeaderName": "X-Auth", "HeaderValue": "$"}]}}}]}}}}, host="cloudfront.amazonaws.com", kind="xml"),
    ]


def cbor_calls():
    return [cbor_call("cloudwatch:PutMetricData", "GraniteServiceVersion20100801",
                      {"Namespace": "shop", "MetricData": [{"MetricName": "m", "Dimensions": [{"Name": "d", "Value": "$"}]}],
                       "StrictEntityValidation": 1, "EntityMetricData": [{"Entity": {"Attributes": {"name": "$"}}}]},
                      "monitoring.us-east-1.amazonaws.com"),
            cbor_call("cloudwatch:PutDashboard", "GraniteServiceVersion20100801",
                      {"DashboardName": "shop", "DashboardBody": "$"}, "monitoring.us-east-1.amazonaws.com")]


def unrecognised_calls():
    bearer = [("Authorization", "Bearer " + plain("bearer"))]
    return [
        Call("", "abcdefghij.lambda-url.us-east-1.on.aws", "POST", f"/login/{plain('path')}?token={plain('query')}", bearer,
             secret("body").encode()),
        Call("", "abc123.execute-api.us-east-1.amazonaws.com", "GET", f"/prod/reset/{'correcthorsebattery'}/{plain('short')[:10]}",
             bearer),
        Call("", "dynamodb.us-east-1.amazonaws.com", fields=signed("dynamodb", "new target") + [
            ("X-Amz-Target", "DynamoDB_20120810." + plain("target"))], body=secret("new target body").encode()),
        Call("", "lambda.us-east-1.amazonaws.com", "POST", f"/2099-01-01/shapes/{plain('shape')}/{'hunterhunter'}",
             signed("lambda", "new path"), secret("new path body").encode()),
        Call("", "ec2.us-east-1.amazonaws.com", fields=signed("ec2", "new action") + [
            ("Content-Type", "application/x-www-form-urlencoded")],
            body=b"Action=" + plain("action").encode() + b"&UserData=" + plain("user data").encode()),
        Call("", "sts.amazonaws.com", "GET", "/?Action=" + plain("get action") + "&Name=" + plain("get name")),
        Call("", "example-bucket.s3.amazonaws.com", "PATCH", f"/{'swordfishsword'}/{plain('key')}"),
        Call("", "lambda.us-east-1.amazonaws.com", "HUNTERHUNTER", "/2015-03-31/functions", signed("lambda", "method")),
    ]


PLAIN_WORDS = ["correcthorsebattery", "hunterhunter", "swordfishsword", "HUNTERHUNTER"]


def all_calls():
    return json_calls() + query_calls() + rest_json_calls() + rest_xml_calls() + cbor_calls() + unrecognised_calls()
