"""What the live tests share: TAP, the cloud of the namespace they run in (cloud.py), and what clients find in their
environment."""
import collections
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import boto3

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.getcwd()
MOTO = "http://127.0.0.1:5090"
PROXY = "http://127.0.0.1:10080"
CA_OF_CLOUD, CA_OF_PROXY = os.path.join(TOP, "ca.pem"), os.path.join(TOP, "ca/ca.pem")
CA_NAMES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
SECRET = "tomato-secret-key"
ACCOUNT = "123456789012"  # moto's
KEY = "AKIARZPUZDIK"  # how the access keys of that account begin

# ---- TAP

count = failures = 0


def ok(good, name, *notes):
    global count, failures
    count += 1
    failures += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))
    if not good:
        note(*notes)
    sys.stdout.flush()
    return good


def note(*notes):
    for text in notes:
        for line in str(text).splitlines()[:60]:
            print("# %s" % line[:600])
    sys.stdout.flush()


def skip(name, reason):
    global count
    count += 1
    print("ok %d - %s # SKIP %s" % (count, name, reason))
    print("SKIPPED: %s: %s" % (name, reason), file=sys.stderr)
    sys.stdout.flush()


def same(name, got, want, names=("got", "want")):
    """Compares as multisets; tells what only one of them has."""
    more, less = collections.Counter(map(str, got)), collections.Counter(map(str, want))
    lines = ["%s only: %dx %s" % (names[0], n, x) for x, n in sorted((more - less).items())]
    lines += ["%s only: %dx %s" % (names[1], n, x) for x, n in sorted((less - more).items())]
    return ok(not lines, name, *lines[:40])


def bail_out(why):
    print("Bail out! " + why)
    sys.exit(1)


def done():
    print("1..%d" % count)
    sys.exit(1 if failures else 0)


# ---- the cloud

def wait_for(path, process, what):
    for _ in range(300):
        if os.path.exists(path):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    bail_out(what + " does not start")


def start_cloud(*options):
    cloud = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, "cloud.py"), TOP, *options], stdout=open("moto.out", "w"),
                             stderr=open("moto.log", "w"))
    wait_for("ready", cloud, "moto")
    # its services load when they are first asked for, which takes seconds: some clients ask again meanwhile
    made = dict(endpoint_url=MOTO, region_name="us-east-1", aws_access_key_id=KEY + "EXAMPLE2", aws_secret_access_key="x")
    boto3.client("sts", **made).get_caller_identity()
    boto3.client("cloudformation", **made).list_stacks()
    return cloud


def moto_api(path, data=b""):
    request = urllib.request.Request(MOTO + "/moto-api/" + path, data=data, method="POST", headers={"Content-Type": "text/plain"})
    assert urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60).status == 200


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Lines:
    """A file that others append to: what was added since the mark."""

    def __init__(self, path):
        self.path = path
        self.at = 0

    def mark(self):
        self.at = os.path.getsize(self.path)

    def new(self):
        with open(self.path, "rb") as f:
            f.seek(self.at)
            return f.read().decode("utf-8", "replace").splitlines()


# ---- what clients find

def environment(ca, **more):
    """The environment of a client that trusts ca and is not told of a proxy; None leaves a variable out."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "IAMREPLAY_")) and not k.lower().endswith("_proxy")
           and k not in CA_NAMES and k != "SSL_CERT_DIR"}
    env.update(AWS_ACCESS_KEY_ID=KEY + "EXAMPLE2", AWS_SECRET_ACCESS_KEY=SECRET, AWS_DEFAULT_REGION="us-east-1", AWS_REGION="us-east-1",
               AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null",
               AWS_MAX_ATTEMPTS="1", CHECKPOINT_DISABLE="1", LC_ALL="C.UTF-8", TZ="UTC", HOME=os.path.join(TOP, "home"), NO_COLOR="1",
               CDK_DISABLE_CLI_TELEMETRY="1", PYTHONWARNINGS="ignore", NODE_NO_WARNINGS="1", AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE="1")
    env.update({name: ca for name in CA_NAMES if ca})
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


def terraform_mirror():
    """A CLI configuration that takes providers from this machine, or None where it has no AWS provider."""
    found = subprocess.run(["find", "/", "-xdev", "-name", "terraform-provider-aws_*"], capture_output=True, text=True).stdout.split()
    return found and 'provider_installation { filesystem_mirror { path = "%s" } }\n' % found[0].split("/registry.terraform.io")[0]


def calls_of(lines):
    return [c for c in map(json.loads, lines) if c["kind"] == "call"]


def tool(program, *words):
    return subprocess.run([program, *words], capture_output=True, text=True, env=environment(None))
