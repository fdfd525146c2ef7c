// The JavaScript SDK v2: it heeds no HTTPS_PROXY; JS2_AGENT has its agent given in code, which "record" does not need.
const AWS = require('aws-sdk');
const { HttpsProxyAgent } = require('https-proxy-agent');

AWS.config.update({ region: 'us-east-1', maxRetries: 0 });
if (process.env.JS2_AGENT)
	AWS.config.update({ httpOptions: { agent: new HttpsProxyAgent(process.env.HTTPS_PROXY) } });

const s3 = new AWS.S3();
const steps = [
	['caller', () => new AWS.STS().getCallerIdentity()],
	['create bucket', () => s3.createBucket({ Bucket: 'js2-bucket' })],
	['put', () => s3.putObject({ Bucket: 'js2-bucket', Key: 'a/é b+c.txt', Body: 'x' })],
	['head missing', () => s3.headObject({ Bucket: 'js2-bucket', Key: 'none' })],
	['get', () => s3.getObject({ Bucket: 'js2-bucket', Key: 'a/é b+c.txt' })],
	['upload 12 MB', () => s3.upload({ Bucket: 'js2-bucket', Key: 'big', Body: Buffer.alloc(12 << 20) })],
	['list', () => s3.listObjectsV2({ Bucket: 'js2-bucket', Prefix: 'a/' })],
	['vpcs', () => new AWS.EC2().describeVpcs({ Filters: [{ Name: 'isDefault', Values: ['true'] }] })],
	['create table', () => new AWS.DynamoDB().createTable({ TableName: 'js2', BillingMode: 'PAY_PER_REQUEST',
		AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }] })],
	['item', () => new AWS.DynamoDB().putItem({ TableName: 'js2', Item: { k: { S: '1' } } })],
	['no such user', () => new AWS.IAM().getUser({ UserName: 'nobody' })],
	['queue', () => new AWS.SQS().createQueue({ QueueName: 'js2' })],
	['topic', () => new AWS.SNS().createTopic({ Name: 'js2' })],
	['functions', () => new AWS.Lambda().listFunctions()],
	['distributions', () => new AWS.CloudFront().listDistributions()],
	['log groups', () => new AWS.CloudWatchLogs().describeLogGroups()],
	['state machines', () => new AWS.StepFunctions().listStateMachines()],
	['no such secret', () => new AWS.SecretsManager().getSecretValue({ SecretId: 'none' })],
	['parameter', () => new AWS.SSM().putParameter({ Name: '/js2/p', Value: 'x', Type: 'String' })],
	['by a session', () => new AWS.EC2({ credentials: new AWS.Credentials(process.env.AWS_ACCESS_KEY_ID, 'x', 'js2-made-up-token') }).describeVpcs()],
	['unsigned', () => new AWS.STS().makeUnauthenticatedRequest('assumeRoleWithWebIdentity',
		{ RoleArn: 'arn:aws:iam::123456789012:role/js2', RoleSessionName: 's', WebIdentityToken: 'js2-made-up-token' })],
	['refused by itself', () => new AWS.DynamoDB().getItem({})],
];

(async () => {
	for (const [name, call] of steps) {
		try {
			await call().promise();
			console.log(name, 'OK');
		} catch (e) {
			console.log(name, e.code, e.statusCode);
		}
	}
})();
