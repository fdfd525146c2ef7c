#!/bin/bash
# clients.sh - inside a network namespace that has only loopback: real clients through the proxy, upstream moto. Each command
# must end as it does without the proxy; every request that moto saw must be captured, and nothing else. TAP.
. "$top_srcdir/tests/lib/tap.sh"
clients=$(dirname "$shared")/live/clients
port=10090
moto_port=5090
pids=

stop_all() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	rm -rf "$scratch"
}
trap stop_all EXIT
cd "$scratch" || exit 99

moto_server -H 127.0.0.1 -p $moto_port >moto.log 2>&1 &
pids="$pids $!"
"$iamreplay" capture proxy -o all.capture --view none --listen 127.0.0.1:$port --ca-dir "$scratch/ca" \
	--upstream http://127.0.0.1:$moto_port -v 2>proxy.log &
proxy=$!
pids="$pids $proxy"
for i in $(seq 100); do
	curl -s -o /dev/null http://127.0.0.1:$moto_port/moto-api/ && [ -f ca/ca.pem ] && break
	sleep 0.1
done

export AWS_ACCESS_KEY_ID=AKIAQ3EGRISEXAMPLE12 AWS_SECRET_ACCESS_KEY=tomato-secret AWS_DEFAULT_REGION=us-east-1
export AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true AWS_PAGER= AWS_CONFIG_FILE=/dev/null
export AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_MAX_ATTEMPTS=1 CHECKPOINT_DISABLE=1
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS
ca=$scratch/ca/ca.pem
through="env HTTPS_PROXY=http://127.0.0.1:$port https_proxy=http://127.0.0.1:$port NO_PROXY= no_proxy= AWS_CA_BUNDLE=$ca SSL_CERT_FILE=$ca REQUESTS_CA_BUNDLE=$ca CURL_CA_BUNDLE=$ca NODE_EXTRA_CA_CERTS=$ca"

reset() { curl -s -o /dev/null -X POST http://127.0.0.1:$moto_port/moto-api/reset; }
# Requests that moto logged since the last mark, its own pages left out.
moto_seen() { tail -n +$((moto_mark + 1)) moto.log | grep '" [0-9][0-9][0-9] -$' | grep -vc '/moto-api/'; }
captured() { tail -n +$((capture_mark + 1)) all.capture | grep -c '"kind":"call"'; }
mark() {
	moto_mark=$(wc -l <moto.log)
	capture_mark=$(wc -l <all.capture)
}
# As many calls captured as moto saw requests.
balanced() {
	sleep 0.5
	is "$1: as many calls as requests" "$(captured)" "$(moto_seen)"
}

# ---- the AWS CLI: each command with and without the proxy
head -c 3000 /dev/zero >small.txt
head -c 9000000 /dev/zero >big.bin
if [ -f "$clients/px-aws.sh" ] && command -v aws >/dev/null; then
	sed -n 's/^r \(aws .*\)$/\1/p' "$clients/px-aws.sh" >commands
	run_commands() { # prefix
		while read -r line; do
			eval "timeout 60 $1 $line" >out 2>&1 </dev/null
			echo "$? $line"
		done <commands
	}
	reset
	run_commands "env AWS_ENDPOINT_URL=http://127.0.0.1:$moto_port" | grep -v 'sqs create-queue' >direct
	reset
	mark
	run_commands "$through" >with
	grep -v 'sqs create-queue' with >with.compared
	diff direct with.compared >differ
	note "$(cat differ)"
	is "the AWS CLI's commands end alike" "$(grep -c '^[<>]' differ)" 0
	is "of $(wc -l <commands) commands all ran" "$(wc -l <with)" "$(wc -l <commands)"
	balanced "the AWS CLI"
else
	skip "the AWS CLI's commands" "aws or live/clients/px-aws.sh is not here"
fi

# ---- boto3: every protocol, odd hosts
if [ -f "$clients/b3.py" ] && python3 -c 'import boto3' 2>/dev/null; then
	reset
	mark
	$through timeout 200 python3 "$clients/b3.py" >b3.out 2>&1
	is "boto3 ends" $? 0
	note "$(grep -c OK b3.out) OK, $(grep -c ERR b3.out) errors"
	is "no connection of boto3 fails" "$(grep -cE 'SSL|ProxyConnection|EndpointConnection|ConnectionClosed' b3.out)" 0
	balanced "boto3"
else
	skip "boto3" "boto3 or live/clients/b3.py is not here"
fi

# ---- Terraform with the AWS provider
mirror=$(find / -xdev -name 'terraform-provider-aws_*' 2>/dev/null | head -n 1 | sed 's|/registry.terraform.io/.*||')
if [ -f "$clients/terraform-vpc/main.tf" ] && command -v terraform >/dev/null && [ -n "$mirror" ]; then
	mkdir tf && cp "$clients/terraform-vpc/main.tf" tf/ && cd tf || exit 99
	printf 'provider_installation { filesystem_mirror { path = "%s" } }\n' "$mirror" >rc
	reset
	cd .. && mark && cd tf || exit 99
	for verb in init 'apply -auto-approve' 'destroy -auto-approve'; do
		TF_CLI_CONFIG_FILE=rc $through timeout 300 terraform $verb -no-color >out 2>&1
		is "terraform $verb" $? 0
	done
	cd ..
	balanced "terraform"
	is "terraform calls EC2, S3, SQS, IAM and STS" \
		"$(tail -n +$((capture_mark + 1)) all.capture | grep -o '"source":"[a-z0-9.]*"' | sort -u | cut -d'"' -f4 | tr '\n' ' ')" \
		"ec2.amazonaws.com iam.amazonaws.com s3.amazonaws.com sqs.amazonaws.com sts.amazonaws.com "
else
	skip "terraform" "terraform, its AWS provider or live/clients/terraform-vpc is not here"
fi

# ---- others
mark
if curl --help all 2>/dev/null | grep -q aws-sigv4; then
	$through curl -s -o out -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:sts --user "$AWS_ACCESS_KEY_ID:x" \
		-d 'Action=GetCallerIdentity&Version=2011-06-15' https://sts.us-east-1.amazonaws.com/ >code
	is "curl --aws-sigv4" "$(cat code)" 200
else
	skip "curl --aws-sigv4" "this curl can't"
fi
if command -v rclone >/dev/null; then
	aws --endpoint-url http://127.0.0.1:$moto_port s3 mb s3://rclone-b >out 2>&1
	mark
	$through env -u AWS_CA_BUNDLE timeout 60 rclone --config /dev/null copyto small.txt ':s3,provider=AWS,env_auth:rclone-b/x/y.txt' >out 2>&1
	is "rclone copyto" $? 0
	balanced "rclone"
else
	skip "rclone" "rclone is not here"
fi
if command -v s3cmd >/dev/null; then
	cat >s3cfg <<-END
		[default]
		access_key = $AWS_ACCESS_KEY_ID
		secret_key = x
		bucket_location = us-east-1
		proxy_host = 127.0.0.1
		proxy_port = $port
		ca_certs_file = $ca
		use_https = True
	END
	mark
	timeout 60 s3cmd -c s3cfg mb s3://s3cmd-b >out 2>&1 && timeout 60 s3cmd -c s3cfg put small.txt s3://s3cmd-b/k >>out 2>&1 &&
		timeout 60 s3cmd -c s3cfg ls s3://s3cmd-b >>out 2>&1
	is "s3cmd mb, put, ls" $? 0
	balanced "s3cmd"
else
	skip "s3cmd" "s3cmd is not here"
fi
for v in 1 2; do
	if command -v go >/dev/null && [ -f "$clients/go-v$v/main.go" ] && [ -d /usr/share/gocode/src/github.com/aws ]; then
		cp -r "$clients/go-v$v" "go$v"
		(cd "go$v" && GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=${GOCACHE:-/tmp/iamreplay-gocache} timeout 300 go build -o prog . >build.log 2>&1)
		if [ -x "go$v/prog" ]; then
			reset
			mark
			(cd "go$v" && $through timeout 100 ./prog >out 2>&1)
			is "the Go SDK v$v ends" $? 0
			is "no connection of it fails" "$(grep -cE 'x509|proxyconnect|EOF' "go$v/out")" 0
			balanced "Go v$v"
		else
			skip "the Go SDK v$v" "its program does not build: $(tail -n 1 "go$v/build.log")"
		fi
	else
		skip "the Go SDK v$v" "go or the SDK's source is not here"
	fi
done
for js in v2px.js v3.mjs; do
	modules=${IAMREPLAY_NODE_MODULES:-}
	if command -v node >/dev/null && [ -n "$modules" ] && [ -f "$clients/$js" ]; then
		mkdir -p js && cp "$clients/$js" js/ && ln -sfn "$modules" js/node_modules
		reset
		mark
		(cd js && $through PROXYMODE=agent timeout 100 node "$js" >out 2>&1)
		is "$js ends" $? 0
		balanced "$js"
	else
		skip "$js" "node, live/clients/$js or IAMREPLAY_NODE_MODULES is not here"
	fi
done
skip "AWS CDK" "bootstrap and deploy are run by hand: cdk --proxy URL --ca-bundle-path CA"

# ---- the end: stopped properly, nothing unrecognised that should be, no secret anywhere
kill -TERM $proxy
wait $proxy
is "the proxy ends properly" $? 0
note "$(tail -n 3 proxy.log)"
grep '^not recognised' proxy.log | sort | uniq -c | sort -rn | head -n 10 | sed 's/^/# /'
secrets=$(printf 'tomato-secret\nSignature=\nX-Amz-Security-Token\nSecretString\nwJalr\n')
for file in all.capture proxy.log; do
	is "no secret in $file" "$(grep -cF "$secrets" $file)" 0
done
"$iamreplay" ingest --db t.db all.capture >out 2>&1
is "the capture is ingested" $? 0
done_testing
