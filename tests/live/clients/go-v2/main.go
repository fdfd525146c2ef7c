// The Go SDK v2, which heeds HTTPS_PROXY.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func show(name string, err error) {
	var failure smithy.APIError
	if errors.As(err, &failure) {
		fmt.Println(name, failure.ErrorCode())
	} else if err != nil {
		fmt.Println(name, "failed")
	} else {
		fmt.Println(name, "OK")
	}
}

func main() {
	ctx := context.Background()
	shared, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1"),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	show("configuration", err)
	storage := s3.NewFromConfig(shared)
	_, err = sts.NewFromConfig(shared).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	show("caller", err)
	_, err = storage.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("go2-bucket")})
	show("bucket", err)
	_, err = storage.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("go2-bucket"), Key: aws.String("a/é b+c.txt"),
		Body: strings.NewReader("x")})
	show("put", err)
	_, err = storage.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("go2-bucket"), Key: aws.String("none")})
	show("get what is not there", err)
	_, err = dynamodb.NewFromConfig(shared).ListTables(ctx, &dynamodb.ListTablesInput{})
	show("tables", err)
	_, err = sqs.NewFromConfig(shared).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("go2")})
	show("queue", err)
	_, err = iam.NewFromConfig(shared).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("nobody")})
	show("a user who is not there", err)
}
