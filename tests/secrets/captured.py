#!/usr/bin/env python3
"""captured.py - proves on recorded workloads that no secret leaves the proxy: replays every request of a HAR through it,
against an upstream that answers as recorded; accounts for every text in the capture by a rule of the allow-list; and
looks for every value of every message, in every spelling, in all that was written and in all that is made of that.
What is found must be explained by the account. The same for recorded monitoring datagrams.

usage: captured.py IAMREPLAY FOLDER RECORDED...        csm-*.jsonl.gz, *.har.gz, *-calls.jsonl.gz"""
import collections
import gzip
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import accounted
import proof
import relay
import search

LEAST = 6  # bytes: what is shorter is found by chance
# Fields and members whose values no rule may explain, wherever they are found.
NEVER = re.compile(r"(?i)signature|security-token|sessiontoken|secretaccesskey|secretstring|secretbinary|password|plaintext|"
                   r"ciphertext|bearer|cookie|content-sha256|content-md5|messagebody|zipfile|userdata|"
                   r"^x-amz-meta-|invocation-id")
HOP = {"content-length", "transfer-encoding", "connection", "host"}


# ---- replay

def request_of(x):
    fields = [("Host", x.host)] + [(k, v) for k, v in x.fields if k.lower() not in HOP]
    body = x.body
    if x.field("transfer-encoding"):
        fields.append(("Transfer-Encoding", "chunked"))
        body = relay.chunked(body, 4096)
    return relay.message(f"{x.method} {x.path}{'?' + x.query if x.query else ''} HTTP/1.1", fields, body)


def answer_of(x):
    fields = [(k, v) for k, v in x.said if k.lower() not in HOP]
    body = b"" if x.method == "HEAD" or x.status in (204, 304) else x.answer
    return relay.message(f"HTTP/1.1 {x.status} {x.reason}", fields, body)


def is_api(host):
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"))


def replay(proxy, upstream, exchanges):
    for x in exchanges:
        upstream.answer = answer_of(x)
        if proxy.mode == "endpoint" or is_api(x.host):
            proxy.call(x.host.encode(), request_of(x))
            continue
        with proxy.connect() as connection:  # tunnelled without inspection, whatever is inside
            connection.sendall(b"CONNECT %s:443 HTTP/1.0\r\n\r\n" % x.host.encode())
            connection.recv(4096)
            relay.exchange(connection, request_of(x))


# ---- what was said

def values_of(x):
    """(where, value) of all that the messages of an exchange hold."""
    for side, fields, body in (("request", x.fields, x.body), ("response", x.said, x.answer)):
        for name, value in fields:
            if name.lower() != "authorization":
                yield name, value.encode()
            for part in re.split(r"[ ,;]+", value):
                key, equals, rest = part.partition("=")
                yield (key if equals and name.lower() == "authorization" else name), (rest if equals else part).encode()
        for name, value in accounted.body_members(body.decode("utf-8", "replace").strip()):
            yield name, value.encode()
        yield side + " body", body
    for name, value in accounted.form_members(x.query):
        yield name, value.encode()
    yield "path", x.path.encode()


def gather(exchanges):
    """The places of each value that is long enough to be looked for."""
    out = collections.defaultdict(set)
    for x in exchanges:
        for where, value in values_of(x):
            if len(value) >= LEAST:
                out[value].add(where)
    return out


# ---- the account

def account(tap, name, path, exchanges):
    """The texts of the capture that a rule lets pass, and how often each rule did."""
    lines = proof.captured(path)[1:]
    calls = [line for line in lines if line["kind"] == "call"]
    tap.ok(len(calls) == len(exchanges), f"{name}: {len(exchanges)} requests, as many calls", len(calls))
    rules, texts, leaks, at = collections.Counter(), set(), [], -1
    for line in lines:
        at += line["kind"] == "call"
        for rule, value in accounted.account(line, exchanges[min(at, len(exchanges) - 1)]):
            rules[rule] += 1
            if rule:
                texts.add(str(value))
            else:
                leaks.append(f"{value!r} in {json.dumps(line)[:400]}")
    tap.ok(not leaks, f"{name}: a rule lets each of {sum(rules.values())} texts pass", *leaks[:20])
    print("# " + ", ".join(f"{n} {rule}" for rule, n in rules.most_common()))
    return texts


class Explained:
    """Why a piece that was found may be there."""

    def __init__(self, program, texts, left):
        self.texts = b"\0".join(sorted(t.encode() for t in texts))
        self.left, self.known = left, {}
        with open(program, "rb") as f:
            self.own = f.read()

    def why(self, piece):
        if piece not in self.known:
            self.known[piece] = self._find(piece)
        return self.known[piece]

    def _find(self, piece):
        if piece in self.texts:
            return "of a text that a rule lets pass"
        if piece in self.own:
            return "of the program's own words"
        if len(re.findall(rb"[A-Za-z0-9]", piece)) < 4:
            return "of spaces and marks"
        if all(self._is_made_of(token) for token in self._tokens(piece)):
            return "of an ARN, path or list made of such texts"
        return None

    def _tokens(self, piece):
        """The words that each place of the piece has part of."""
        rows = {name for name, data in self.left.texts if name.endswith(proof.DUMP) and piece in data}
        for name, data in self.left.texts:
            at = data.find(piece) if name + proof.DUMP not in rows else -1
            while at >= 0:
                start, end = at, at + len(piece)
                while start > 0 and data[start - 1] not in APART:
                    start -= 1
                while end < len(data) and data[end] not in APART:
                    end += 1
                yield data[start:end]
                at = data.find(piece, end)

    def _is_made_of(self, token):
        # headings are the program's own words in capitals
        return all(part in self.texts or part in self.own or part.lower() in self.own or self._is_sid(part)
                   for part in BETWEEN.split(token))

    def _is_sid(self, part):
        """"FirehoseListDeliveryStreams": the program's own words in front of such a text, a name of an action."""
        return any(part[at.start():] in self.texts and
                   all(word.lower() in self.own for word in re.findall(rb"[A-Z][a-z0-9]*", part[:at.start()]))
                   for at in re.finditer(rb"(?<=.)[A-Z]", part) if re.match(rb"[A-Z][A-Za-z0-9]+$", part))


APART = set(range(0x21)) | set(range(0x7f, 0x100)) | set(b':/*?,=[]{}()|"\\\'`<>')
BETWEEN = re.compile(rb"[%s]+" % re.escape(bytes(sorted(APART))))
SIZE = 16  # of pieces: values that are alike have less in common, but for names and ARNs
LONG = 256


def judge(tap, name, folder, needles, program, texts):
    left, reasons, unwanted = search.Left(), collections.Counter(), {}
    proof.collect(left, folder)
    explained = Explained(program, texts, left)
    for hit in itertools.chain(search.find(left, [v for v in needles if len(v) <= LONG], SIZE),
                               search.find(left, [v for v in needles if len(v) > LONG], SIZE, SIZE // 2)):
        why = explained.why(hit.piece)
        # What is a secret by its place may not even be a text that passes elsewhere; but the hash of what is put
        # into S3 may be the name it gets there.
        secret = all(NEVER.search(where) for where in needles[hit.value]) and not (
            needles[hit.value] == {"x-amz-content-sha256"} and hit.value in explained.texts)
        if secret and why and "own" not in why:
            why = None
        reasons[why] += 1
        if why is None:
            unwanted.setdefault(hit.value, hit)
    tap.ok(not unwanted, f"{name}: {len(needles)} values in {left.size} bytes: what is found is explained",
           *[f"{sorted(needles[v])}: {v[:60]!r} ({h.spelling}) {h.piece!r} in {h.places}" for v, h in list(unwanted.items())[:30]])
    print(f"# pieces found: " + ", ".join(f"{n} {why}" for why, n in reasons.most_common()))


# ---- the workloads

def entries(path):
    """The exchanges of a HAR, or of a list of requests, one a line, of which the answers are not known."""
    with gzip.open(path, "rt", encoding="utf-8") as f:
        if ".har" in path:
            return [accounted.Exchange(e) for e in json.load(f)["log"]["entries"]]
        rows = [row for row in map(json.loads, f) if row.get("m")]
    names = {"ct": "Content-Type", "target": "X-Amz-Target", "ce": "Content-Encoding", "sha": "x-amz-content-sha256",
             "auth": "Authorization", "ua": "User-Agent"}
    return [accounted.Exchange({
        "request": {"method": row["m"], "url": f"https://{row['host']}{row['path']}", "postData": {"text": row.get("body") or ""},
                    "headers": [{"name": name, "value": row[key]} for key, name in names.items() if row.get(key)]},
        "response": {"status": row["status"], "headers": [], "content": None}}) for row in rows]


def requests(tap, program, scratch, path):
    exchanges, upstream, label = entries(path), relay.Upstream(), os.path.basename(path).partition(".")[0]
    needles, opened = gather(exchanges), [x for x in exchanges if is_api(x.host)]
    for kind, mode, options in (("proxy", "proxy", ["-v"]), ("proxy-debug", "proxy", ["--debug", "--view", "calls"]),
                                ("endpoint", "endpoint", ["-v"]), ("endpoint-debug", "endpoint", ["--debug"])):
        name = f"{label} {kind}"
        folder = os.path.join(scratch, label, kind)
        if mode == "proxy":
            options = options + ["--connect-to", f"::127.0.0.1:{upstream.port}"]
        proxy = relay.Proxy(program, folder, mode, upstream, options + ["--policy-file", "policy.json"])
        replay(proxy, upstream, exchanges)
        tap.ok(proxy.stop() == 0, f"{name}: {len(exchanges)} requests replayed")
        # what is for no host of an API is tunnelled by the proxy and refused by the endpoint
        texts = account(tap, name, proxy.capture, opened)
        proof.digest(program, os.path.join(folder, "digest"), [proxy.capture])
        judge(tap, name, folder, needles, program, texts | {x.host for x in exchanges})


def listen(program, folder):
    """A monitoring listener, and its port."""
    os.makedirs(folder)
    with open(os.path.join(folder, "said"), "wb") as log:
        process = subprocess.Popen([program, "capture", "csm", "--port", "0", "-o", "calls.capture"], cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    for _ in range(relay.WAIT * 20):
        with open(os.path.join(folder, "said"), encoding="utf-8") as f:
            found = re.search(r" port (\d+);", f.read())
        if found:
            return process, int(found.group(1))
        time.sleep(0.05)
    raise SystemExit("the listener does not listen")


def monitoring(tap, program, scratch, path):
    name = os.path.basename(path).partition(".")[0]
    folder = os.path.join(scratch, name)
    with gzip.open(path, "rt", encoding="utf-8") as f:
        datagrams = [json.loads(line) for line in f]
    process, port = listen(program, folder)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for datagram in datagrams:
        out.sendto(json.dumps(datagram).encode(), ("127.0.0.1", port))
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    tap.ok(process.wait(relay.WAIT) == 0, f"{name}: {len(datagrams)} datagrams replayed")
    texts, leaks = set(), []
    for line in proof.captured(os.path.join(folder, "calls.capture"))[1:]:
        for field, value in accounted.leaves(line):
            if accounted.datagram_rule(field, value, line, datagrams):
                texts.add(str(value))
            else:
                leaks.append(f"{field} {value!r}")
    tap.ok(texts and not leaks, f"{name}: a rule lets each of {len(texts)} texts pass", *leaks[:20])
    needles = collections.defaultdict(set)
    for datagram in datagrams:
        for where, value in accounted.json_members(datagram):
            if len(value) >= LEAST:
                needles[value.encode()].add(where)
    proof.digest(program, os.path.join(folder, "digest"), ["../calls.capture"])
    proof.digest(program, os.path.join(folder, "digest-of-datagrams"), [path])
    judge(tap, name, folder, needles, program, texts)


def main():
    program, scratch, *recorded = (os.path.abspath(a) for a in sys.argv[1:])
    tap = proof.Tap()
    for path in recorded:
        (monitoring if os.path.basename(path).startswith("csm-") else requests)(tap, program, scratch, path)
    return tap.end()


sys.exit(main())
