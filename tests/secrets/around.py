#!/usr/bin/env python3
"""around.py - proves that no secret leaves the proxy on other ways than calls: its own token, the password of a proxy
on the way, options that are refused, a command that is recorded, monitoring, a crash.

usage: around.py IAMREPLAY FOLDER
       around.py --client        calls twice by the environment, as a command of "iamreplay record" """
import base64
import gzip
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time

import plant
import proof
import relay
from plant import plain, secret

HOST = b"sqs.us-east-1.amazonaws.com"


def a_call(place):
    return relay.message("POST / HTTP/1.1", [("Host", HOST.decode())] + plant.signed("sqs", place) + [
        ("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.SendMessage")],
        json.dumps({"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/shop",
                    "MessageBody": secret(place + " body")}).encode())


def basic(user, password):
    return base64.b64encode(f"{user}:{password}".encode())


# ---- the proxy's own token

def token(tap, program, folder, upstream):
    file = os.path.join(os.path.dirname(folder), "given-token")
    with open(file, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(plain("token") + "\n")
    proxy = relay.Proxy(program, folder, "proxy", upstream, ["--debug", "--allow-remote", file])
    upstream.answer = relay.message("HTTP/1.1 200 OK", [])
    right = plain("token").encode()
    answers = []
    for field in (b"Bearer " + right, b"Basic " + basic("me", plain("token")), b"Bearer " + plain("wrong token").encode(),
                  b"Basic " + basic(plain("user"), plain("wrong password")), b"Basic " + right, right):
        connection, answer = proxy.tunnel(HOST, b"Proxy-Authorization: " + field + b"\r\n")
        answers.append(answer[9:12])
        with connection:
            if answer[9:12] == b"200":
                relay.exchange(connection, a_call("token"))
        with proxy.connect() as connection:
            relay.exchange(connection, b"GET http://%s/?Action=ListQueues HTTP/1.1\r\nHost: %s\r\nProxy-Authorization: %s\r\n\r\n" %
                           (HOST, HOST, field))
    status = proxy.stop()
    tap.ok(status == 0 and answers == [b"200"] * 2 + [b"407"] * 4, "the token opens the proxy", status, answers)


# ---- a proxy on the way, with a password

def company_proxies(tap, program, folder, upstream):
    password = plain("company password")
    answers = [b"HTTP/1.1 407 " + plain("company reason").encode() + b"\r\nProxy-Authenticate: Basic realm=\"" +
               plain("company realm").encode() + b"\"\r\nContent-Length: 0\r\n\r\n",
               b"HTTP/1.1 502 No\r\nContent-Length: 32\r\n\r\n" + plain("company body").encode(),
               plain("company nonsense").encode() + b"\r\n\r\n", None]
    urls = [f"http://me:{password}@127.0.0.1:{upstream.port}"] * len(answers) + [
        f"http://me:{password}@127.0.0.1:1", f"http://me:{password}@[::1:9", f"socks9://me:{password}@127.0.0.1:9",
        f"socks5h://me:{password}@127.0.0.1:1", f"me:{password}@127.0.0.1:99999"]
    said = set()
    for number, (url, answer) in enumerate(zip(urls, answers + [None] * len(urls))):
        upstream.answer = answer
        proxy = relay.Proxy(program, f"{folder}/{number}", "proxy", None, ["--debug"], {"HTTPS_PROXY": url})
        said.add(proxy.call(HOST, a_call("company"))[9:12])
        with proxy.connect() as connection:
            relay.exchange(connection, b"CONNECT blind.example.com:443 HTTP/1.0\r\n\r\n")
        proxy.stop()
    tap.ok(said == {b"502"}, f"{len(urls)} proxies on the way are no way", said)
    tap.ok(any(basic("me", password) in request for request in upstream.seen), "they are told the password")


# ---- options

def options(tap, program, folder):
    password = plain("option password")
    bad = [["capture", "proxy", "-o", "x", "--upstream", f"http://me:{password}@127.0.0.1:1"],
           ["capture", "proxy", "-o", "x", "--listen", f"me:{password}@127.0.0.1:1"],
           ["capture", "proxy", "-o", "x", "--also", f"me:{password}@host=s3"],
           ["capture", "proxy", "-o", "x", "--connect-to", f"me:{password}@host"],
           ["capture", "endpoint", "-o", "x", "--to", f"http://me:{password}@127.0.0.1:1"],
           ["record", "-o", "x", "--upstream", f"http://me:{password}@127.0.0.1:1", "true"]]
    statuses = [proof.run([program] + arguments + (["--ca-dir", folder] if arguments[1] != "endpoint" else []), folder, f"{i}")
                for i, arguments in enumerate(bad)]
    tap.ok(0 not in statuses, "options with a password are refused", statuses)


# ---- a command that is recorded

def client():
    """Calls as an SDK would: through HTTPS_PROXY, trusting AWS_CA_BUNDLE."""
    to = os.environ["HTTPS_PROXY"].rpartition("//")[2].rpartition(":")
    trust = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
    for place in ("first recorded", "second recorded"):
        with socket.create_connection((to[0], int(to[2].rstrip("/"))), timeout=relay.WAIT) as connection:
            connection.sendall(b"CONNECT %s:443 HTTP/1.0\r\n\r\n" % HOST)
            connection.recv(4096)
            with trust.wrap_socket(connection, server_hostname=HOST.decode()) as inside:
                relay.exchange(inside, a_call(place))


def recorded(tap, program, folder, upstream):
    upstream.answer = relay.message("HTTP/1.1 200 OK", [])
    own = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    own.update(XDG_CONFIG_HOME=folder, SECRET_IN_THE_ENVIRONMENT=plain("environment"))
    status = proof.run([program, "record", "-o", "calls.capture", "--debug", "--policy", "--upstream",
                        f"http://127.0.0.1:{upstream.port}", "--", sys.executable, __file__, "--client", plain("argument")],
                       folder, "said", env=own)
    for place in ("first recorded", "second recorded"):
        a_call(place)  # for what it plants
    calls = [line for line in proof.captured(os.path.join(folder, "calls.capture")) if line["kind"] == "call"]
    tap.ok(status == 0 and [c["operation"] for c in calls] == ["SendMessage"] * 2, "a command is recorded", status, calls)


# ---- monitoring

def datagrams():
    common = {"Version": 1, "ClientId": "", "Service": "S3", "Api": "PutObject", "Region": "us-east-1", "Timestamp": 1795324522913,
              "UserAgent": "aws-cli/2 " + plain("monitored agent")}
    attempt = {**common, "Type": "ApiCallAttempt", "AttemptLatency": 3, "AccessKey": plant.KEY, "Fqdn": "b.s3.amazonaws.com",
               "SessionToken": plain("monitored token"), "HttpStatusCode": 400, "XAmznRequestId": "r-1",
               "AwsException": "InvalidRequest", "AwsExceptionMessage": secret("monitored message"),
               "SdkException": "SomeError", "SdkExceptionMessage": secret("monitored SDK message"),
               "Unknown": plain("monitored unknown")}
    call = {**common, "Type": "ApiCall", "Latency": 5, "AttemptCount": 1, "FinalHttpStatusCode": 400,
            "FinalAwsException": "InvalidRequest", "FinalAwsExceptionMessage": secret("monitored final message"),
            "FinalSdkExceptionMessage": secret("monitored final SDK message")}
    return [attempt, call]


def damaged(text):
    """The datagram cut at many places, and with tokens where none may be."""
    yield text
    for at in range(7, len(text), 11):
        yield text[:at]
    value = plain("monitored token").encode()
    for other in (b"{" + value + b"}", value, b'"' + value + b'"', b'{"a":' + value + b"}", b'{"' + value + b'"}',
                  b'{"Type":"' + value + b'"}', b'{"a":"\\u' + value + b'"}', text + value, b"[" + text + b"]"):
        yield other


def disguised(text):
    """The token in the place of what may be told, and not in its form."""
    value = plain("monitored token").encode()
    for member in (b"Api", b"Service", b"Region", b"AccessKey", b"XAmznRequestId", b"AwsException"):
        yield text.replace(b'"' + member + b'": "', b'"' + member + b'": "' + b"a b=" + value + b" ")


def monitoring(tap, program, folder):
    os.makedirs(folder)
    with open(os.path.join(folder, "said"), "wb") as log:
        process = subprocess.Popen([program, "capture", "csm", "--port", "0", "-o", "calls.capture"], cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    port = None
    while port is None and process.poll() is None:
        time.sleep(0.05)
        with open(os.path.join(folder, "said"), encoding="utf-8") as f:
            said = f.read()
        port = int(said.partition(" port ")[2].partition(";")[0]) if " port " in said else None
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    whole = [json.dumps(datagram).encode() for datagram in datagrams()]
    # the first one that is malformed is told, and a parser may quote what is short
    short = plain("monitored short token")[:16]
    plant.PLANTED["monitored short token"] = short
    sent = [b'{"SessionToken":' + short.encode() + b"}"] + [text for datagram in whole for text in damaged(datagram)]
    for text in sent + [text for datagram in whole for text in disguised(datagram)]:
        out.sendto(text, ("127.0.0.1", port))
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    status = process.wait(relay.WAIT)
    lines = proof.captured(os.path.join(folder, "calls.capture"))
    tap.ok(status == 0 and len(lines) > 5, "datagrams are captured", status, len(lines))
    raw = os.path.join(folder, "given-datagrams.json.gz")
    with gzip.open(raw, "wb") as f:
        f.write(b"\n".join(t for t in sent if b"\n" not in t) + b"\n")
    proof.digest(program, os.path.join(folder, "digest"), ["calls.capture", raw])


# ---- members that may be anything, and are asked for in case they are an ARN

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "mappings")


def rows(table):
    with open(os.path.join(TABLES, table), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]


def asked_as_arns():
    """(eventSource, operation, path) of each member that the tables use as PATH|arn only."""
    sources = {row[0]: row[8] for row in rows("services.tsv")}
    for service, operation, member, *_ in rows("passrole.tsv"):
        if member.endswith("|arn"):
            yield sources[service], operation, member[:-4]


def record(number, source, operation, path, value):
    for part in reversed(path.split(".")):
        value = {part[:-2]: [value]} if part.endswith("[]") else {part: value}
    return {"eventVersion": "1.08", "eventType": "AwsApiCall", "eventID": f"e-{number}", "eventTime": "2026-09-01T08:00:00Z",
            "eventSource": source, "eventName": operation, "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.1",
            "recipientAccountId": "111122223333", "requestParameters": value,
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/a", "accountId": "111122223333"}}


def arns(tap, program, folder):
    members = list(asked_as_arns())
    records = []
    for number, member in enumerate(members):
        records.append(record(f"{number}-secret", *member, secret("in place of an ARN " + " ".join(member))))
        records.append(record(f"{number}-arn", *member, f"arn:aws:iam::111122223333:role/row-{number}"))
    os.makedirs(folder)
    with open(os.path.join(folder, "given-trail.json"), "w", encoding="utf-8") as f:
        json.dump({"Records": records}, f)
    proof.digest(program, folder, ["given-trail.json"])
    with open(os.path.join(folder, "1-query"), encoding="utf-8") as f:
        exported = f.read()
    missing = [m for n, m in enumerate(members) if f"role/row-{n}\\\"" not in exported and f"role/row-{n}\"" not in exported]
    tap.ok(len(members) >= 10 and not missing, f"{len(members)} members are kept where they are ARNs", missing)


# ---- crashes

def crash(tap, program, folder, upstream):
    """A process that dies in the middle of a call leaves no memory behind, and whole lines."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    for how in (signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL):
        upstream.answer = relay.message("HTTP/1.1 200 OK", [])
        proxy = relay.Proxy(program, os.path.join(folder, how.name), "proxy", upstream, ["--debug"])
        proxy.call(HOST, a_call("crash"))
        connection, _ = proxy.tunnel(HOST)
        connection.sendall(a_call("crash in flight")[:-9])
        time.sleep(0.2)
        with open(f"/proc/{proxy.process.pid}/limits", encoding="utf-8") as f:
            limit = [line.split()[4:6] for line in f if line.startswith("Max core file size")]
        status = proxy.stop(how)
        connection.close()
        tap.ok(status != 0, f"{how.name} ends it", status)
        tap.ok(limit == [["1", "1"]] or limit == [["0", "0"]], f"{how.name}: no core is allowed", limit)
        tap.ok(len(proof.captured(proxy.capture)) == 2, f"{how.name}: what was captured is whole")


def main():
    program, scratch = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    tap, upstream = proof.Tap(), relay.Upstream()
    parts = {"token": lambda to: token(tap, program, to, upstream),
             "company": lambda to: company_proxies(tap, program, to, upstream),
             "options": lambda to: options(tap, program, to),
             "recorded": lambda to: recorded(tap, program, to, upstream),
             "monitoring": lambda to: monitoring(tap, program, to),
             "arns": lambda to: arns(tap, program, to),
             "crash": lambda to: crash(tap, program, to, upstream)}
    for name, part in parts.items():
        part(os.path.join(scratch, "around-" + name))
    for name in parts:
        proof.judge(tap, name, os.path.join(scratch, "around-" + name))
    return tap.end()


if sys.argv[1] == "--client":
    client()
else:
    sys.exit(main())
