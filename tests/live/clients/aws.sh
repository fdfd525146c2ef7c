# aws.sh - what the AWS CLI is asked to do: each line behind "r" is a command of its own (clients.py), in a folder with
# small.txt (3 KB) and big.bin (9 MB). Some fail: what is captured of a failure is looked at as well.
r aws sts get-caller-identity
r aws s3 mb s3://cli-bucket
r aws s3 cp small.txt "s3://cli-bucket/in/a b+c.txt"
r aws s3 cp big.bin s3://cli-bucket/big.bin
r aws s3 ls s3://cli-bucket/in/
r aws s3api get-object --bucket cli-bucket --key none got
r aws s3 rm --recursive s3://cli-bucket
r aws s3 rb s3://cli-bucket
r aws dynamodb create-table --table-name cli --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=k,AttributeType=S --key-schema AttributeName=k,KeyType=HASH
r aws dynamodb put-item --table-name cli --item '{"k":{"S":"1"}}'
r aws dynamodb get-item --table-name none --key '{"k":{"S":"1"}}'
r aws iam get-user --user-name nobody
r aws ec2 describe-vpcs --filters Name=isDefault,Values=true
r aws lambda list-functions
r aws sqs create-queue --queue-name cli
r aws ssm put-parameter --name /cli/p --value x --type String
r aws logs describe-log-groups
r aws secretsmanager get-secret-value --secret-id none
