#!/usr/bin/env python3
"""Terraform under the policy that was recorded of it: terraform.py IAMREPLAY WORKLOAD

"terraform apply" and "destroy" of WORKLOAD are recorded, as a user of moto's; the policy made of that is attached to the
user and enforcement is turned on (judge.py): both pass. Without an action they fail, at exactly the calls of which
"verify" says so; and with another bucket's ARN they fail, too. Runs as clients.py does. TAP.
"""
import json
import os
import shutil
import subprocess
import sys

import boto3

from live import CA_OF_CLOUD, MOTO, TOP, Lines, calls_of, done, environment, moto_api, note, ok, same, start_cloud, terraform_mirror, tool

TOOL, WORKLOAD = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
WORK = os.path.join(TOP, "work")
DROPPED = ("ec2:CreateSubnet", "ec2:DescribeVpcs", "iam:CreateRole", "s3:CreateBucket", "sqs:CreateQueue")
PRINCIPAL = "user/deploy"
made = dict(endpoint_url=MOTO, region_name="us-east-1", aws_access_key_id="AKIARZPUZDIKEXAMPLE3", aws_secret_access_key="x")


def enforcement(on):
    moto_api("reset-auth", b"0" if on else b"inf")


def fresh(document=None):
    """An empty cloud, an empty folder, and the user, who may do what document says, or all; the environment of the user."""
    enforcement(False)
    moto_api("reset")
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(WORKLOAD, WORK, copy_function=shutil.copyfile)
    os.chmod(WORK, 0o755)
    with open(os.path.join(WORK, "rc"), "w") as f:
        f.write(terraform_mirror())
    iam = boto3.client("iam", **made)
    iam.create_user(UserName="deploy")
    key = iam.create_access_key(UserName="deploy")["AccessKey"]
    if document:
        iam.put_user_policy(UserName="deploy", PolicyName="recorded", PolicyDocument=json.dumps(document))
        enforcement(True)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"], "TF_CLI_CONFIG_FILE": "rc"}


def terraform(user, *verbs, recording=()):
    """Runs the verbs one after the other; how that ended, what it printed, and the operations that were refused."""
    script = " && ".join("terraform %s -no-color" % v for v in ("init -input=false",) + verbs)
    requests.mark()
    got = subprocess.run([*recording, "sh", "-c", script], cwd=WORK, env=environment(None if recording else CA_OF_CLOUD, **user),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    refused = {"%(service)s:%(operation)s" % r for r in map(json.loads, requests.new()) if r["status"] == 403}
    return got.returncode, got.stdout, refused


def record():
    user = fresh()
    status, text, _ = terraform(user, "apply -auto-approve", "destroy -auto-approve", recording=(
        TOOL, "record", "-o", os.path.join(TOP, "terraform.capture"), "--ca-dir", os.path.join(TOP, "ca"), "--upstream-ca", CA_OF_CLOUD, "--"))
    ok(status == 0, "terraform apply and destroy are recorded", text)
    with open("terraform.capture") as f:
        calls = calls_of(f)
    same("each of the %d requests is a call" % len(calls), [c["request_id"] for c in calls], [json.loads(r)["request_id"] for r in requests.new()],
         ("captured", "sent"))
    got = tool(TOOL, "ingest", "--db", "db", "terraform.capture")
    ok(got.returncode == 0, "the recording is ingested", got.stderr)
    got = tool(TOOL, "policy", "--db", "db", "--principal", PRINCIPAL, "--limit", "none")
    ok(got.returncode == 0, "a policy is made of it", got.stderr)
    return json.loads(got.stdout)


def changed(document, change):
    """A copy in which each action and resource is what change makes of it; None leaves it out."""
    statements = []
    for s in document["Statement"]:
        s = {k: ([y for y in (change(x) for x in v) if y] if k in ("Action", "Resource") else v) for k, v in s.items()}
        if s["Action"]:
            statements.append(s)
    return {**document, "Statement": statements}


def predicted(document):
    """The calls that verify says are refused under it."""
    with open("less.json", "w") as f:
        json.dump(document, f)
    told = json.loads(tool(TOOL, "verify", "--db", "db", "--principal", PRINCIPAL, "--json", "less.json").stdout)
    return {x["call"].replace(".amazonaws.com", "") for x in told["denied"]}


def fails(name, document):
    expected = predicted(document)
    status, text, refused = terraform(fresh(document), "apply -auto-approve")
    ok(status != 0 and refused and refused <= expected, "%s terraform fails at %s" % (name, ", ".join(sorted(refused)) or "nothing"),
       "verify says: %s" % sorted(expected), text[-3000:])


def main():
    document = record()
    got = tool(TOOL, "verify", "--db", "db", "--principal", PRINCIPAL)
    ok(got.returncode == 0, "verify has every call allowed", got.stdout, got.stderr)
    status, text, refused = terraform(fresh(document), "apply -auto-approve", "destroy -auto-approve")
    ok(status == 0 and not refused, "under it terraform applies and destroys", sorted(refused), text[-3000:])
    actions = {a for s in document["Statement"] for a in s["Action"]}
    note("%d actions in %d statements" % (len(actions), len(document["Statement"])))
    for action in DROPPED:
        ok(action in actions, "%s is granted" % action)
        fails("without %s" % action, changed(document, lambda x: None if x == action else x))
    fails("for another bucket", changed(document, lambda x: x.replace("seed-bucket-1", "seed-bucket-2")))


cloud = start_cloud("--judge")
requests = Lines("requests.jsonl")
os.mkdir("home")
try:
    main()
finally:
    enforcement(False)
    cloud.terminate()
    cloud.wait(30)
done()
