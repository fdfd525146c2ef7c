"""credentials.py PROGRAM SCRATCH SECRETS - every place where credentials may be, one by one and together: the ones that a
request is signed with are those that botocore would take, and no secret is left in any output or file."""
import itertools
import json
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, sys.argv[3])
import search  # noqa: E402

from cloud import Cloud, Tap, credentials_xml  # noqa: E402

PROGRAM, SCRATCH = os.path.abspath(sys.argv[1]), sys.argv[2]
os.chdir(SCRATCH)
tap = Tap()
rng = random.Random(7)
left = search.Left()


def secret(name):
    return name + "-" + "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789/+", k=32))


KEYS = {name: (secret("sec"), secret("tok") if token else None) for name, token in (
    ("AKIDENV", False), ("ASIAENV", True), ("AKIDFILE", False), ("AKIDCONFIG", False), ("ASIAPROCESS", True), ("ASIAROLE", True),
    ("ASIAWEB", True), ("ASIACONTAINER", True), ("ASIAINSTANCE", True), ("AKIDBASE", False), ("ASIASSO", True), ("ASIAROLE2", True))}
cloud = Cloud(KEYS).start()
cloud.objects["trail"] = {"a.json": b"{}"}
WEB_TOKEN, EXTERNAL = secret("web"), "external/id 1"


def assume_role(c, form, request):
    name = form["RoleArn"].rpartition("/")[2]
    if name == "second" and request["key"] != "ASIAROLE":
        return "text/xml", b"<AssumeRoleResponse/>"
    if name == "external" and form.get("ExternalId") != EXTERNAL:
        return "text/xml", b"<AssumeRoleResponse/>"
    key = "ASIAROLE2" if name == "second" else "ASIAROLE"
    return "text/xml", credentials_xml("AssumeRole", key, *KEYS[key], seconds=3600 if name != "short" else 5)


def assume_web(c, form, request):
    assert form["WebIdentityToken"].strip() == WEB_TOKEN, form
    return "text/xml", credentials_xml("AssumeRoleWithWebIdentity", "ASIAWEB", *KEYS["ASIAWEB"])


cloud.api.update(AssumeRole=assume_role, AssumeRoleWithWebIdentity=assume_web)


def write(path, text, mode=0o600):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def process_output(key):
    return json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": KEYS[key][0], "SessionToken": KEYS[key][1]})


os.mkdir("bin")
write("process-output", process_output("ASIAPROCESS"))
write("bin/hand-out", "#!/bin/sh\necho %s >&2\necho run >>%s/handed\ncat '%s/process-output'\n" % (KEYS["ASIAPROCESS"][0], SCRATCH, SCRATCH), 0o700)
write("bin/fails", "#!/bin/sh\necho %s\necho %s >&2\nexit 3\n" % KEYS["ASIAPROCESS"], 0o700)
write("bin/babbles", "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"%s\"'\n" % KEYS["ASIAPROCESS"][0], 0o700)
write("bin/aws", "#!/bin/sh\n[ \"$1 $2 $3 $4\" = 'configure export-credentials --profile sso' ] || exit 9\ncat <<'X'\n%s\nX\n" % process_output("ASIASSO"), 0o700)
write("web-token", WEB_TOKEN + "\n")
write("container-token", "container-auth-secret")
PATH = SCRATCH + "/bin:" + os.environ["PATH"]


def keys_text(key):
    return "aws_access_key_id = %s\naws_secret_access_key = %s\n" % (key, KEYS[key][0]) + (
        "aws_session_token = %s\n" % KEYS[key][1] if KEYS[key][1] else "")


def run(config="", credentials="", args=(), to=("-o", "out"), **environment):
    write("config", config)
    write("credentials", credentials)
    shutil.rmtree("out", ignore_errors=True)
    cloud.requests.clear()
    env = cloud.environment(**{"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_CONFIG_FILE": SCRATCH + "/config", "HOME": SCRATCH,
                               "AWS_SHARED_CREDENTIALS_FILE": SCRATCH + "/credentials", "PATH": PATH, "AWS_MAX_ATTEMPTS": "2", **environment})
    p = subprocess.run([PROGRAM, "fetch", "--debug", *to, *args, "s3://trail"], env=env, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=120)
    left.add("output", p.stdout + p.stderr)
    used = [r.get("key") for r in cloud.requests if r.get("service") == "s3"]
    return used[-1] if used and p.returncode in (0, 1) else None, p.stderr.decode()


def key_of(name, want, **how):
    got, err = run(**how)
    tap.ok(got == want, name, "got %s, wanted %s\n%s" % (got, want, err))


def refuses(name, text, **how):
    got, err = run(**how)
    tap.ok(got is None and text in err, name, "got %s\n%s" % (got, err))


ENV = {"AWS_ACCESS_KEY_ID": "ASIAENV", "AWS_SECRET_ACCESS_KEY": KEYS["ASIAENV"][0], "AWS_SESSION_TOKEN": KEYS["ASIAENV"][1]}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": cloud.url + "/container/creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-auth-secret"}
INSTANCE = {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": cloud.url}
BASE = "[base]\n" + keys_text("AKIDBASE")
ROLE = "role_arn = arn:aws:iam::111122223333:role/%s\n"

key_of("the environment", "ASIAENV", to=("--db", "t.db"), **ENV)
key_of("the credentials file", "AKIDFILE", credentials="[default]\n" + keys_text("AKIDFILE"))
key_of("the config file", "AKIDCONFIG", config="[default]\n" + keys_text("AKIDCONFIG"))
key_of("AWS_PROFILE", "AKIDBASE", credentials=BASE, AWS_PROFILE="base")
key_of("--profile, whatever the environment has", "AKIDBASE", credentials=BASE, args=["--profile", "base"], **ENV)
key_of("the environment, whatever AWS_PROFILE says", "ASIAENV", credentials=BASE, AWS_PROFILE="base", **ENV)
key_of("credential_process", "ASIAPROCESS", config="[default]\ncredential_process = hand-out 'an argument'\n")
key_of("a role", "ASIAROLE", config="[default]\n" + ROLE % "one" + "source_profile = base\n", credentials=BASE)
key_of("a role of a role", "ASIAROLE2", config="[default]\n" + ROLE % "second" + "source_profile = one\n[profile one]\n" + ROLE % "one"
       + "source_profile = base\n", credentials=BASE)
key_of("a role with an external id", "ASIAROLE", config="[default]\n" + ROLE % "external" + "source_profile = base\nexternal_id = " + EXTERNAL + "\n",
       credentials=BASE)
key_of("a role of credential_process", "ASIAROLE", config="[default]\n" + ROLE % "one" + "source_profile = p\n[profile p]\n"
       "credential_process = hand-out\n")
key_of("a role of its own keys", "ASIAROLE", config="[default]\n" + ROLE % "one" + "source_profile = default\n", credentials="[default]\n" + keys_text("AKIDFILE"))
for source, more in (("Environment", ENV), ("EcsContainer", CONTAINER), ("Ec2InstanceMetadata", INSTANCE)):
    key_of("a role of credential_source " + source, "ASIAROLE", args=["--profile", "r"], config="[profile r]\n" + ROLE % "one" + "credential_source = %s\n" % source, **more)
key_of("web identity", "ASIAWEB", AWS_WEB_IDENTITY_TOKEN_FILE="web-token", AWS_ROLE_ARN="arn:aws:iam::111122223333:role/web")
key_of("web identity of a profile", "ASIAWEB", config="[default]\n" + ROLE % "web" + "web_identity_token_file = web-token\n")
key_of("the container", "ASIACONTAINER", **CONTAINER)
key_of("EKS Pod Identity's token file", "ASIACONTAINER", AWS_CONTAINER_CREDENTIALS_FULL_URI=cloud.url + "/container/creds",
       AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="container-token")
key_of("the instance", "ASIAINSTANCE", **INSTANCE)
SSO = "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = reader\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://x\n"
key_of("IAM Identity Center, through the AWS CLI", "ASIASSO", config=SSO, AWS_PROFILE="sso")
key_of("aws login, through the AWS CLI", "ASIASSO", config="[profile sso]\nlogin_session = arn\n", AWS_PROFILE="sso")

refuses("a second factor is the CLI's", "aws configure export-credentials --profile mfa --format env", AWS_PROFILE="mfa", credentials=BASE,
        config="[profile mfa]\n" + ROLE % "one" + "source_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/ann\n")
refuses("no credentials", "there are no AWS credentials")
refuses("no such profile", "there is no profile nobody", AWS_PROFILE="nobody")
refuses("half of a key", "AWS_SECRET_ACCESS_KEY", AWS_ACCESS_KEY_ID="AKIDENV")
refuses("a circle of profiles", "leads back", AWS_PROFILE="a", config="[profile a]\n" + ROLE % "one" + "source_profile = b\n[profile b]\n" + ROLE % "one" + "source_profile = a\n")
refuses("a role without a source", "neither", config="[default]\n" + ROLE % "one")
refuses("a process that fails", "fails exited with 3", config="[default]\ncredential_process = fails\n")
refuses("a process that babbles", "did not print credentials", config="[default]\ncredential_process = babbles\n")
refuses("a process that is not there", "can't be started", config="[default]\ncredential_process = /nonexistent/%s\n" % "tool")
refuses("a session of the CLI that has ended", "aws sso login --profile gone", config=SSO.replace("profile sso", "profile gone"), AWS_PROFILE="gone")
refuses("a role that is not given", "STS gave no credentials", config="[default]\n" + ROLE % "external" + "source_profile = base\n", credentials=BASE)
refuses("a container's address elsewhere", "neither https:// nor this", AWS_CONTAINER_CREDENTIALS_FULL_URI="http://192.0.2.1/creds", AWS_CONTAINER_AUTHORIZATION_TOKEN="x")
refuses("a wrong secret", "SignatureDoesNotMatch: the secret access key is not the one", **{**ENV, "AWS_SECRET_ACCESS_KEY": secret("bad")})
got, err = run(**{**ENV, "AWS_SESSION_TOKEN": secret("bad")})
tap.ok(got is None and "InvalidToken" in err, "a wrong token", err)

# what ends is renewed: after the server's word, and before the time
cloud.expired = {"ASIAPROCESS"}
if os.path.exists("handed"):
    os.unlink("handed")
refuses("credentials that ended", "ExpiredToken", config="[default]\ncredential_process = hand-out\n")
tap.is_equal("are asked for once more", open("handed").read().count("run"), 2)
cloud.expired = set()
got, err = run(config="[default]\n" + ROLE % "short" + "source_profile = base\n", credentials=BASE)
roles = sum(b"AssumeRole" in r["body"] for r in cloud.requests)
tap.ok(got == "ASIAROLE" and roles > 1, "a session that is about to end is renewed", "%d times\n%s" % (roles, err))


def many():
    """Several places at once, as botocore decides."""
    try:
        import botocore.session
    except ImportError:
        print("# SKIPPED: python3 has no botocore to compare the order with", file=sys.stderr)
        tap.ok(True, "botocore's order # SKIP no botocore")
        return
    parts = {"env": (ENV, "", ""), "container": (CONTAINER, "", ""), "instance": (INSTANCE, "", ""),
             "web": ({"AWS_WEB_IDENTITY_TOKEN_FILE": SCRATCH + "/web-token", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/web"}, "", ""),
             "file": ({}, "", keys_text("AKIDFILE")), "config": ({}, keys_text("AKIDCONFIG"), ""),
             "process": ({}, "credential_process = hand-out\n", ""), "role": ({}, ROLE % "one" + "source_profile = base\n", "")}
    choices = [c for n in range(1, len(parts) + 1) for c in itertools.combinations(sorted(parts), n)]
    wrong, n = [], 0
    for choice in rng.sample(choices, 50):
        explicit = rng.random() < 0.3
        environment, config, credentials = {}, "[default]\n", "[base]\n" + keys_text("AKIDBASE") + "[default]\n"
        for part in choice:
            environment.update(parts[part][0])
            config += parts[part][1]
            credentials += parts[part][2]
        got, err = run(config=config, credentials=credentials, args=["--profile", "default"] if explicit else [], **environment)
        saved = dict(os.environ)
        os.environ.clear()
        os.environ.update(cloud.environment(**{"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_CONFIG_FILE": SCRATCH + "/config", "HOME": SCRATCH,
                                               "AWS_SHARED_CREDENTIALS_FILE": SCRATCH + "/credentials", "PATH": PATH, "AWS_DEFAULT_REGION": "us-east-1", **environment}))
        try:
            found = botocore.session.Session(profile="default" if explicit else None).get_credentials()
            want = found and found.get_frozen_credentials().access_key
        except Exception as e:
            want = "none: %s" % e
        os.environ.clear()
        os.environ.update(saved)
        n += 1
        if got != want:
            wrong.append("%s%s: %s, botocore %s\n%s" % (choice, " --profile" if explicit else "", got, want, err))
    tap.ok(not wrong, "of %d ways to have several, each is decided as botocore does" % n, "\n".join(wrong))


many()
for folder, _, files in os.walk(SCRATCH):
    for name in files:
        path = os.path.join(folder, name)
        if name.startswith("t.db") or "out" in folder:
            left.add(path, open(path, "rb").read())
values = [v.encode() for pair in KEYS.values() for v in pair if v] + [WEB_TOKEN.encode(), b"container-auth-secret", b"imds-token-secret"]
values.append(b"Signature=")
hits = list(search.find(left, values, size=12))
tap.ok(not hits, "no secret is left in %d bytes of output and database" % left.size, "\n".join("%s in %s" % (h.piece, h.places) for h in hits[:10]))
left.add("planted", KEYS["ASIAENV"][1].encode())
tap.ok(list(search.find(left, values, size=12)), "one that was planted is found")
tap.end()
