"""sign.py SIGN_LINES - requests, hand-picked and at random, signed by the program and by botocore, and, where botocore
takes no part in how a query is spelled, by the rule that AWS documents."""
import datetime
import hashlib
import hmac
import json
import random
import subprocess
import sys
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials

ACCESS, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
RANDOM = 400
NASTY = ["a b", "a+b", "dt=2024/x", "café", "\U0001f600", "a:b@c", "a//b", "~(b)!*'", "100%25", "%2F", "&x=y", "a;b,c", "é&=", "?",
         "#frag", "[x]", "\\", "\"", "<>", "^`{|}", "", "\x7f", "\t", "=", "..", "."]


def request(method="GET", service="s3", path="/b/k", query=(), headers=(), body="", token="", skew=0, host="127.0.0.1:5190",
            region="us-east-1"):
    return {"method": method, "service": service, "path": path, "query": list(map(list, query)), "region": region,
            "headers": list(map(list, headers)), "body": body, "token": token, "host": host, "access_key": ACCESS, "secret": SECRET,
            "time": 1767225600 + skew, "payload_hash": service == "s3"}


def picked():
    for piece in NASTY:
        yield request(path="/b/" + piece + "/x")
        yield request(path="/b/" + piece)
        yield request(query=[("list-type", "2"), ("prefix", piece), ("delimiter", "/")])
        yield request(query=[(piece, ""), ("a", piece)])
        yield request(service="lambda", path="/f/" + piece + "/x")
    yield request(path="/b", query=[("acl", "")])
    yield request(path="/", query=[("x", "")], host="b.s3.eu-west-1.amazonaws.com", region="eu-west-1")
    yield request(path="/b", query=[("list-type", "2"), ("prefix", "AWSLogs/o-1/"), ("delimiter", "/"),
                                    ("continuation-token", "1+2/="), ("start-after", "a b")])
    yield request(service="lambda", path="/f", query=[("a", "2"), ("a", "1")])
    yield request(service="lambda", path="/f", query=[("a", "1"), ("a-b", "2"), ("A", "3")])
    yield request(token="FwoGZXIvYXdzE//+abc==")
    yield request(headers=[("Range", "bytes=0-99"), ("X-Amz-Request-Payer", "requester")])
    yield request(headers=[("x-amz-meta-a", "  two   spaces ")])
    yield request(service="lambda", path="/2015-03-31/functions/arn:aws:lambda")
    yield request(service="lambda", path="/2015-03-31/functions/arn%3Aaws%3Alambda")
    yield request(method="POST", service="cloudtrail", path="/", body='{"MaxResults":50}', headers=[
        ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "CloudTrail_20131101.LookupEvents")])
    yield request(method="POST", service="sts", path="/", body="Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx", headers=[
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")])
    yield request(method="POST", service="sts", path="/", body="")
    yield request(method="HEAD")
    yield request(skew=-90000)
    yield request(skew=86400 * 3 + 1)


def by_chance(source):
    alphabet = "abcXYZ019-_.~ /+=&%:@!*'();,$#[]?\\\"<>^`{|}\u00e9\u20ac\U0001f600"

    def text(most, drop=""):
        return "".join(c for c in source.choices(alphabet, k=source.randrange(most)) if c not in drop)

    for _ in range(RANDOM):
        service = source.choice(["s3", "s3", "lambda", "logs", "sts"])
        yield request(method=source.choice(["GET", "POST", "PUT", "HEAD"]), service=service, path="/" + text(30),
                      query=[(text(8), text(12)) for _ in range(source.randrange(6))],
                      headers=[("X-Amz-Meta-%d" % i, "v " + text(12, "\u00e9\u20ac\U0001f600,")) for i in range(source.randrange(4))],
                      body=text(40), token=source.choice(["", "Fwo/+" + "t" * source.randrange(900) + "=="]),
                      skew=source.randrange(-10**8, 10**8), region=source.choice(["us-east-1", "cn-north-1", "eu-central-2"]))


def by_botocore(r, target):
    signed = botocore.awsrequest.AWSRequest(method=r["method"], url="http://" + r["host"] + target, data=r["body"].encode())
    for name, value in r["headers"]:
        signed.headers.add_header(name, value)
    stamp = datetime.datetime.fromtimestamp(r["time"], datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    signed.context.update(timestamp=stamp, client_config=None, payload_signing_enabled=True)
    signed.headers["X-Amz-Date"] = stamp
    if r["token"]:
        signed.headers["X-Amz-Security-Token"] = r["token"]
    if r["payload_hash"]:
        signed.headers["X-Amz-Content-SHA256"] = hashlib.sha256(r["body"].encode()).hexdigest()
    kind = botocore.auth.S3SigV4Auth if r["service"] == "s3" else botocore.auth.SigV4Auth
    auth = kind(botocore.credentials.Credentials(ACCESS, SECRET, r["token"] or None), r["service"], r["region"])
    canonical = auth.canonical_request(signed)
    return auth.signature(auth.string_to_sign(signed, canonical), signed)


def by_the_rule(r, lines):
    """As a server checks: of the unencoded request and the fields that came."""
    fields = {}
    for line in lines.splitlines():
        name, _, value = line.partition(": ")
        fields.setdefault(name.lower(), []).append(" ".join(value.split()))
    names = fields["authorization"][0].split("SignedHeaders=")[1].split(",")[0]
    scope = fields["authorization"][0].split("Credential=")[1].split(",")[0].split("/", 1)[1]
    path = urllib.parse.quote(r["path"], safe="/~")
    if r["service"] != "s3":
        path = urllib.parse.quote(botocore.auth.normalize_url_path(path), safe="/~")
    pairs = sorted([urllib.parse.quote(v, safe="~") for v in pair] for pair in r["query"])
    query = "&".join("=".join(pair) for pair in pairs)
    headers = "".join("%s:%s\n" % (n, ",".join(fields[n])) for n in names.split(";"))
    text = "\n".join([r["method"], path, query, headers, names, hashlib.sha256(r["body"].encode()).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", fields["x-amz-date"][0], scope, hashlib.sha256(text.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def latin(value):
    """Bytes as Latin-1, which the tool takes."""
    if isinstance(value, str):
        return value.encode().decode("latin-1")
    return [latin(v) for v in value] if isinstance(value, list) else value


def main():
    requests = list(picked()) + list(by_chance(random.Random(15)))
    lines = "".join(json.dumps({k: latin(v) for k, v in r.items()}) + "\n" for r in requests)
    answers = subprocess.run([sys.argv[1]], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    wrong, refused = [], 0
    for r, line in zip(requests, answers):
        answer = json.loads(line)
        if not answer["fine"]:
            refused += 1
            continue
        got = answer["lines"].split("Signature=")[1].strip()
        for name, want in (("botocore", by_botocore(r, answer["target"])), ("the rule", by_the_rule(r, answer["lines"]))):
            if got != want:
                wrong.append((name, r, answer))
    for name, r, answer in wrong[:5]:
        print("# not as %s: %s\n# %s" % (name, json.dumps(r), answer["target"]))
    print("# %d requests compared" % len(requests))
    print("%s 1 - every signature is botocore's and the rule's" % ("not ok" if wrong or len(answers) != len(requests) else "ok"))
    print("%s 2 - none is refused" % ("not ok" if refused else "ok"))
    print("1..2")
    sys.exit(bool(wrong or refused or len(answers) != len(requests)))


main()
