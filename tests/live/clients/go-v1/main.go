// The Go SDK v1, which heeds HTTPS_PROXY and AWS_CSM_ENABLED.
package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/ec2"
	"github.com/aws/aws-sdk-go/service/iam"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/sqs"
	"github.com/aws/aws-sdk-go/service/sts"
)

func show(name string, err error) {
	if failure, ok := err.(awserr.Error); ok {
		fmt.Println(name, failure.Code())
	} else {
		fmt.Println(name, "OK")
	}
}

func main() {
	config := session.Must(session.NewSession(aws.NewConfig().WithRegion("us-east-1").WithMaxRetries(0)))
	storage := s3.New(config)
	_, err := sts.New(config).GetCallerIdentity(&sts.GetCallerIdentityInput{})
	show("caller", err)
	_, err = storage.CreateBucket(&s3.CreateBucketInput{Bucket: aws.String("go1-bucket")})
	show("bucket", err)
	_, err = storage.PutObject(&s3.PutObjectInput{Bucket: aws.String("go1-bucket"), Key: aws.String("a/é b+c.txt"),
		Body: strings.NewReader("x")})
	show("put", err)
	_, err = storage.GetObject(&s3.GetObjectInput{Bucket: aws.String("go1-bucket"), Key: aws.String("none")})
	show("get what is not there", err)
	_, err = ec2.New(config).DescribeVpcs(&ec2.DescribeVpcsInput{})
	show("networks", err)
	_, err = dynamodb.New(config).ListTables(&dynamodb.ListTablesInput{})
	show("tables", err)
	_, err = sqs.New(config).CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String("go1")})
	show("queue", err)
	_, err = iam.New(config).GetUser(&iam.GetUserInput{UserName: aws.String("nobody")})
	show("a user who is not there", err)
	time.Sleep(time.Second) // monitoring is sent in the background
}
