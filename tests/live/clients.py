#!/usr/bin/env python3
"""Real clients with and without the proxy: clients.py IAMREPLAY WORKLOADS MODULES [CLIENT...]

WORKLOADS has what the clients run; MODULES is the node_modules of the JavaScript ones. Runs in an empty folder, in a network
namespace where all of AWS is moto (cloud.py). Each client runs from the same state as it is, through "capture proxy",
and under "record": it must end, print and send alike. Then what moto was sent is held against the capture, request by
request: service, operation, region, access key, status and request id, and the actions and resources that the
request needs by expected.tsv. What a client reports of its own calls (client-side monitoring, Terraform's log) is held
against the capture as well. TAP. With names behind, by hand: only the clients whose names begin so.
"""
import os
import shutil
import signal
import subprocess
import sys
import time

import boto3

import checks
from live import (CA_OF_CLOUD, CA_OF_PROXY, HERE, MOTO, PROXY, TOP, bail_out, done, environment, listens, note, ok, skip, start_cloud,
                  terraform_mirror, wait_for)
from runs import RECORD, THROUGH, WITHOUT, Client, Stage

TOOL, WORKLOADS, MODULES = (os.path.abspath(p) for p in sys.argv[1:4])
ONLY = sys.argv[4:]


def start_proxy():
    proxy = subprocess.Popen([TOOL, "capture", "proxy", "-o", "all.capture", "--view", "none", "--listen", PROXY.split("//")[1], "-v",
                              "--ca-dir", os.path.join(TOP, "ca"), "--upstream-ca", CA_OF_CLOUD],
                             stdout=open("proxy.out", "w"), stderr=open("proxy.log", "w"), env=environment(None))
    wait_for(CA_OF_PROXY, proxy, "the proxy")
    for _ in range(100):
        if listens(10080):
            return proxy
        time.sleep(0.05)
    return bail_out("the proxy does not listen")


def run_client(client):
    stage.serial += 1
    runs = {mode: stage.run(client, mode) for mode in (WITHOUT, THROUGH) + ((RECORD,) if client.recorded else ())}
    for mode, run in runs.items():
        with open("%s.%s.out" % (client.name.replace(" ", "-"), mode), "w") as f:
            for i, text in enumerate(run.text):
                f.write("$ %s -> %s\n%s\n" % (checks.words(client, i), run.status[i], text))
        if mode != WITHOUT:
            checks.alike(client, runs[WITHOUT], run, mode)
            checks.captured(client, run, mode)
    if client.monitored:
        checks.as_monitored(client, runs[THROUGH])
    if client.log:
        checks.as_logged(client, runs[THROUGH])
    with open("all.capture") as f:
        checks.needed(TOOL, client, runs[THROUGH], f.readline())
    note("%s: %s" % (client.name, ", ".join("%d requests %s in %.0f s" % (len(r.requests), mode, r.seconds) for mode, r in runs.items())))


# ---- the clients: each of these is one of CLIENTS below, and says what it lacks


def workload(*path):
    path = os.path.join(WORKLOADS, *path)
    return os.path.exists(path) and path


def lacks(name, **needs):
    """Skips loudly what lacks something: what it is, with _ for spaces, and what is true where it is here."""
    gone = [what.replace("_", " ") for what, here in needs.items() if not here]
    if gone:
        skip(name, "not here: " + ", ".join(gone))
    return bool(gone)


def module(*path):
    path = os.path.join(MODULES, *path)
    return os.path.exists(path) and path


def aws_cli(name):
    commands = workload("aws.sh")
    if lacks(name, aws=shutil.which("aws"), aws_sh=commands):
        return
    with open(commands) as f:
        steps = [["sh", "-c", line[2:].rstrip("\n")] for line in f if line.startswith("r aws ")]
    run_client(Client(name, steps, files={"small.txt": "small\n" * 500, "big.bin": "\0" * 9000000}, key_each=True, monitored=True,
                      recorded=6, timeout=60))


def boto(name):
    program = workload("boto.py")
    if not lacks(name, boto_py=program):
        run_client(Client(name, [[sys.executable, program]], monitored=True))


def terraform(name):
    folder, rc = workload("terraform-vpc"), terraform_mirror()
    if lacks(name, terraform=shutil.which("terraform"), its_AWS_provider=rc, terraform_vpc=folder):
        return
    log = os.path.join(TOP, "terraform.log")
    steps = [["terraform", *w, "-no-color", "-input=false"] for w in (["init"], ["apply", "-auto-approve"], ["plan"], ["destroy", "-auto-approve"])]

    def env(mode):
        logging = {"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": log} if mode == THROUGH else {}
        return {"TF_CLI_CONFIG_FILE": "rc", **logging}

    # what it does under "record" is terraform.py's
    run_client(Client(name, steps, folder=folder, files={"rc": rc}, env=env, log=log, recorded=0))


def terraform_backend(name):
    folder = workload("terraform-s3-backend")
    if lacks(name, terraform=shutil.which("terraform"), terraform_s3_backend=folder):
        return

    def before():
        made = dict(endpoint_url=MOTO, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        boto3.client("s3", **made).create_bucket(Bucket="tfstate-bkt")
        boto3.client("dynamodb", **made).create_table(
            TableName="tf-lock", AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")

    steps = [["terraform", *w, "-no-color"] for w in (["init", "-input=false"], ["apply", "-auto-approve"], ["state", "list"], ["destroy", "-auto-approve"])]
    run_client(Client(name, steps, folder=folder, before=before))


def cdk(name):
    folder, program = workload("cdk-app"), module(".bin", "cdk")
    if lacks(name, node=shutil.which("node"), aws_cdk=program, aws_cdk_lib=module("aws-cdk-lib"), cdk_app=folder):
        return

    def step(*words):
        def argv(mode):
            return [program, *words, "--no-notices", *(["--proxy", PROXY, "--ca-bundle-path", CA_OF_PROXY] if mode == THROUGH else [])]
        return argv

    # it polls, and asks who it is once more where the first answer is slow
    run_client(Client(name, [step("bootstrap", "aws://123456789012/us-east-1"), step("deploy", "--require-approval", "never"),
                             step("diff", "--no-change-set"), step("destroy", "--force")], folder=folder,
                      polls=("DescribeStacks", "DescribeStackEvents", "DescribeChangeSet", "GetCallerIdentity")))


def javascript_3(name):
    program = workload("js3.mjs")
    if lacks(name, node=shutil.which("node"), _aws_sdk=module("@aws-sdk/client-s3"), https_proxy_agent=module("https-proxy-agent"), js3_mjs=program):
        return
    with open(program) as f:
        run_client(Client(name, [["node", "js3.mjs"]], files={"js3.mjs": f.read()}, env=lambda mode: {"PROXYMODE": "agent" if mode == THROUGH else "none"}))


def javascript_2(name):
    if lacks(name, node=shutil.which("node"), aws_sdk=module("aws-sdk"), https_proxy_agent=module("https-proxy-agent")):
        return
    with open(os.path.join(HERE, "clients", "js2.js")) as f:
        run_client(Client(name, [["node", "js2.js"]], files={"js2.js": f.read()}, monitored=True,
                          env=lambda mode: {"JS2_AGENT": "1" if mode == THROUGH else None}))


def go(name):
    folder = workload("go-v" + name[-1])
    if lacks(name, go=shutil.which("go"), source_of_the_SDK=os.path.isdir("/usr/share/gocode/src/github.com/aws"), its_program=folder):
        return
    program = os.path.join(TOP, "go" + name[-1])
    shutil.rmtree("go-src", ignore_errors=True)
    shutil.copytree(folder, "go-src")
    built = subprocess.run(["go", "build", "-o", program, "."], cwd="go-src", capture_output=True, text=True, env=dict(
        os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=os.environ.get("GOCACHE", "/tmp/iamreplay-gocache")))
    if built.returncode != 0:
        skip(name, "its program does not build: " + built.stderr[-200:].replace("\n", " "))
        return
    run_client(Client(name, [[program]], monitored=name[-1] == "1"))


def rclone(name):
    if lacks(name, rclone=shutil.which("rclone")):
        return
    remote = ":s3,provider=AWS,env_auth:rclone-b/"
    key = remote + "x/y z.txt"
    steps = [["rclone", "--config", "/dev/null", *words] for words in (
        ["mkdir", remote], ["copyto", "small.txt", key], ["ls", remote], ["cat", key], ["deletefile", key], ["cat", remote + "none"], ["rmdir", remote])]
    run_client(Client(name, steps, files={"small.txt": "small\n"}, monitored="some",
                      env=lambda mode: {"AWS_CA_BUNDLE": None}))


# s3cmd takes proxy and certificates from its configuration alone.
S3CMD = r"""
{
	printf '[default]\nuse_https = True\nbucket_location = us-east-1\nca_certs_file = %s\n' "$SSL_CERT_FILE"
	[ -z "${https_proxy-}" ] || printf 'proxy_host = 127.0.0.1\nproxy_port = %s\n' "${https_proxy##*:}"
} >s3cfg
exec s3cmd -c s3cfg "$@"
"""


def s3cmd(name):
    if lacks(name, s3cmd=shutil.which("s3cmd")):
        return
    key = "s3://s3cmd-b/k"
    steps = [["sh", "s3cmd.sh", *words] for words in (
        ["mb", "s3://s3cmd-b"], ["put", "small.txt", key], ["ls", "s3://s3cmd-b"], ["info", key], ["get", "s3://s3cmd-b/none", "got"],
        ["get", key, "got"], ["del", key], ["rb", "s3://s3cmd-b"])]
    run_client(Client(name, steps, files={"small.txt": "small\n", "s3cmd.sh": S3CMD}))


def curl(name):
    can = shutil.which("curl") and "aws-sigv4" in subprocess.run(["curl", "--help", "all"], capture_output=True, text=True).stdout
    if lacks(name, a_curl_that_signs=can):
        return
    script = 'exec curl -s -w "%{http_code}\\n" --aws-sigv4 "aws:amz:us-east-1:$SERVICE" --user "$AWS_ACCESS_KEY_ID:x" "$@"'

    def call(service, *words):
        return ["sh", "-c", "SERVICE=%s; %s" % (service, script), "curl", *words]

    run_client(Client(name, [
        call("sts", "https://sts.us-east-1.amazonaws.com/", "-d", "Action=GetCallerIdentity&Version=2011-06-15"),
        call("dynamodb", "https://dynamodb.us-east-1.amazonaws.com/", "-H", "X-Amz-Target: DynamoDB_20120810.ListTables", "-H",
             "Content-Type: application/x-amz-json-1.0", "-d", "{}"),
        call("lambda", "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/none")], key_each=True))


CLIENTS = {"aws CLI": aws_cli, "boto3": boto, "terraform": terraform, "terraform s3 backend": terraform_backend, "AWS CDK": cdk,
           "JavaScript SDK v3": javascript_3, "JavaScript SDK v2": javascript_2, "Go SDK v1": go, "Go SDK v2": go, "rclone": rclone, "s3cmd": s3cmd,
           "curl --aws-sigv4": curl}

cloud = start_cloud()
proxy = start_proxy()
stage = Stage(TOOL, MODULES)
try:
    for name, run in CLIENTS.items():
        if not ONLY or any(name.startswith(o) for o in ONLY):
            run(name)
    proxy.send_signal(signal.SIGTERM)
    ok(proxy.wait(60) == 0, "the proxy ends properly")
    checks.secretless([x for x in sorted(os.listdir(".")) if x.endswith(".capture") or x.startswith("proxy.")])
finally:
    for process in (proxy, cloud):
        if process.poll() is None:
            process.terminate()
            process.wait(30)
done()
