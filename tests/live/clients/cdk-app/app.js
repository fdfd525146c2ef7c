// A stack of two resources, for "cdk bootstrap, deploy, diff, destroy".
const { App, Stack } = require('aws-cdk-lib');
const { Queue } = require('aws-cdk-lib/aws-sqs');
const { Topic } = require('aws-cdk-lib/aws-sns');

const stack = new Stack(new App(), 'LiveStack', { env: { account: '123456789012', region: 'us-east-1' } });
new Queue(stack, 'Jobs', { queueName: 'cdk-jobs' });
new Topic(stack, 'News', { topicName: 'cdk-news' });
