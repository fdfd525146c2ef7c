# Terraform's state in a bucket, its lock in a table; nothing else is made.
terraform {
  backend "s3" {
    bucket         = "tfstate-bkt"
    key            = "live/one.tfstate"
    region         = "us-east-1"
    dynamodb_table = "tf-lock"
  }
}

resource "terraform_data" "one" {
  input = "one"
}
