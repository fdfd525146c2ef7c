// The JavaScript SDK v3: it heeds no HTTPS_PROXY; with PROXYMODE=agent its agent is given in code, which "record" does
// not need.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpsProxyAgent } from 'https-proxy-agent';

const options = { region: 'us-east-1', maxAttempts: 1 };
if (process.env.PROXYMODE === 'agent') {
	const agent = new HttpsProxyAgent(process.env.HTTPS_PROXY);
	options.requestHandler = new NodeHttpHandler({ httpsAgent: agent, httpAgent: agent });
}

const s3 = new S3Client(options);
const dynamodb = new DynamoDBClient(options);
const steps = [
	['caller', new STSClient(options), new GetCallerIdentityCommand({})],
	['bucket', s3, new CreateBucketCommand({ Bucket: 'js3-bucket' })],
	['put', s3, new PutObjectCommand({ Bucket: 'js3-bucket', Key: 'a/é b+c.txt', Body: 'x' })],
	['get what is not there', s3, new GetObjectCommand({ Bucket: 'js3-bucket', Key: 'none' })],
	['list', s3, new ListObjectsV2Command({ Bucket: 'js3-bucket', Prefix: 'a/' })],
	['networks', new EC2Client(options), new DescribeVpcsCommand({ Filters: [{ Name: 'isDefault', Values: ['true'] }] })],
	['table', dynamodb, new CreateTableCommand({ TableName: 'js3', BillingMode: 'PAY_PER_REQUEST',
		AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }] })],
	['item', dynamodb, new PutItemCommand({ TableName: 'js3', Item: { k: { S: '1' } } })],
	['a user who is not there', new IAMClient(options), new GetUserCommand({ UserName: 'nobody' })],
	['queue', new SQSClient(options), new CreateQueueCommand({ QueueName: 'js3' })],
	['functions', new LambdaClient(options), new ListFunctionsCommand({})],
	['log groups', new CloudWatchLogsClient(options), new DescribeLogGroupsCommand({})],
	['metric', new CloudWatchClient(options), new PutMetricDataCommand({ Namespace: 'js3', MetricData: [{ MetricName: 'm', Value: 1 }] })],
	['a secret that is not there', new SecretsManagerClient(options), new GetSecretValueCommand({ SecretId: 'none' })],
];

for (const [name, client, command] of steps) {
	try {
		await client.send(command);
		console.log(name, 'OK');
	} catch (e) {
		console.log(name, e.name, e.$metadata?.httpStatusCode);
	}
}
