#!/usr/bin/env python3
"""made.py - proves that no secret leaves the proxy: sends the calls of workload.py, whole and damaged, through it,
and looks for each secret, in every spelling, in all that it wrote and in all that is made of that.

usage: made.py IAMREPLAY FOLDER"""
import gzip
import json
import os
import re
import socket
import sys

import plant
import proof
import relay
import workload
from plant import plain, secret


# ---- what is sent

def aws_chunked(body):
    line = f";chunk-signature={plain('chunk signature')}\r\n".encode()
    return b"%x" % len(body) + line + body + b"\r\n0" + line + b"\r\n"


def with_fields(fields, **other):
    """The fields with others in place of those of the same name ('_' stands for '-'); None takes one away."""
    other = {k.replace("_", "-").lower(): v for k, v in other.items()}
    kept = [(k, v) for k, v in fields if k.lower() not in other]
    return kept + [(k, v) for k, v in other.items() if v is not None]


def nested(body):
    if body[:1] == b"{":
        return b'{"a":[' * 100 + body + b"]}" * 100
    if body[:1] == b"<":
        return b"<a>" * 100 + body + b"</a>" * 100
    return body.replace(b"&", b"&" + b"a." * 100)


def wide(body):
    if body[:1] == b"{":
        return b"{" + b"".join(b'"name%d":"x",' % i for i in range(9000)) + body[1:]
    if body[:1] == b"<":
        return re.sub(rb"^(<\w+>)", rb"\1" + b"<Name>x</Name>" * 9000, body)
    return body + b"&a=b" * 9000


def variants(call):
    """(name, fields, body): the request as it is, as it may be, and damaged."""
    fields, body = call.fields, call.body
    yield "as it is", fields, body
    if not body:
        return
    packed = gzip.compress(body)
    yield "gzip", with_fields(fields, content_encoding="gzip"), packed
    yield "gzip that is cut", with_fields(fields, content_encoding="gzip"), packed[:-12]
    yield "said to be gzip", with_fields(fields, content_encoding="gzip"), body
    yield "unknown coding", with_fields(fields, content_encoding="br"), body
    yield "chunked", with_fields(fields, transfer_encoding="chunked"), relay.chunked(body)
    yield "aws-chunked", with_fields(fields, content_encoding="aws-chunked"), aws_chunked(body)
    yield "cut", fields, body[:len(body) * 2 // 3]
    yield "cut in front", fields, body[len(body) // 3:]
    yield "other type", with_fields(fields, content_type="text/plain"), body
    yield "said to be a form", with_fields(fields, content_type="application/x-www-form-urlencoded"), body
    yield "said to be JSON", with_fields(fields, content_type="application/json"), body
    yield "said to be CBOR", with_fields(fields, content_type="application/cbor", smithy_protocol="rpc-v2-cbor"), body
    yield "nested", fields, nested(body)
    yield "wide", fields, wide(body)
    yield "behind the look", fields, b" " * 300000 + body
    yield "with a NUL", fields, body[:len(body) // 2] + b"\0" + body[len(body) // 2:]
    yield "twice", fields, body + body


def answers(call):
    """(name, bytes) of what the upstream says: the answer, errors that echo what was sent, what is no answer."""
    echo, kind = secret(call.place + " echo"), call.answer_type or "application/xml"
    said = [("x-amzn-RequestId", "6c0b4a2e-0000-4000-8000-0123456789ab"), ("Set-Cookie", plain(call.place + " set cookie")),
            ("x-amz-id-2", plain(call.place + " id 2")), ("Content-Type", kind)]
    action = (call.want or "lambda:Invoke").split(":")
    denial = f"User: arn:aws:sts::111122223333:assumed-role/deploy/{plain(call.place + ' user')} is not authorized to perform: " \
             f"{action[0]}:{action[1]} on resource: arn:aws:s3:::example because no identity-based policy allows the " \
             f"{action[0]}:{action[1]} action. Encoded authorization failure message: {plain(call.place + ' encoded')} {echo}"
    yield "answer", relay.message("HTTP/1.1 200 OK", said, call.answer or b"")
    for status, code, text in (("400 Bad Request", "ValidationException", f"Value '{echo}' at 'password' is not valid"),
                               ("403 Forbidden", "AccessDeniedException", denial)):
        if "xml" in kind or "octet" in kind:
            body = plant.xml_text({"ErrorResponse": {"Error": {"Code": code, "Message": text}, "RequestId": "r-1"}}).encode()
        elif "cbor" in kind:
            body = plant.cbor({"__type": "com.amazonaws#" + code, "message": text})
        else:
            body = json.dumps({"__type": "com.amazonaws#" + code, "message": text}).encode()
        yield code, relay.message("HTTP/1.1 " + status, said, body)
        yield code + " that is cut", relay.message("HTTP/1.1 " + status, said + [("Content-Length", str(len(body) - 9))],
                                                   body[:-9])
    yield "text", relay.message("HTTP/1.1 500 Oh", with_fields(said, content_type="text/plain"), echo.encode())
    yield "error type", relay.message("HTTP/1.1 400 No", said + [("x-amzn-ErrorType", f"Invalid: {plain(call.place + ' type')}")])
    yield "S3's late error", relay.message("HTTP/1.1 200 OK", with_fields(said, content_type="application/xml"), plant.xml_text(
        {"Error": {"Code": "InternalError", "Message": echo, "Resource": echo}}).encode())


BROKEN_ANSWERS = [
    b"HTTP/1.1 " + plain("status line").encode() + b"\r\n\r\n",
    plain("no status line").encode() + b"\r\n\r\n" + plain("no answer").encode(),
    b"HTTP/1.1 200 OK\r\n" + plain("no colon").encode() + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: " + plain("bad length").encode() + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: " + plain("bad coding").encode() + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + plain("bad chunk").encode() + b"\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + plain("short answer").encode(),
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + plain("upgraded").encode(),
    None,
]


def broken_requests():
    """What is no request, or not one that can be read in one way only."""
    s = {place: plain("broken " + place).encode() for place in
         ("target", "version", "field", "name", "length", "chunk", "behind", "host", "long", "trailer", "method")}
    host = b"Host: sqs.us-east-1.amazonaws.com\r\n"
    return [
        b"GET /" + s["target"] + b" HTTP/1.1\r\n" + host + b"no colon " + s["field"] + b"\r\n\r\n",
        b"GET / " + s["version"] + b"\r\n" + host + b"\r\n",
        s["method"] + b"\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + s["name"] + b" : x\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: " + s["length"] + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + s["behind"],
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + s["behind"],
        b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n" + s["chunk"] + b"\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + s["trailer"] + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: " + s["length"] + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 0\r\n\r\n" + s["behind"] + b" / HTTP/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: " + s["host"] + b"@sqs.us-east-1.amazonaws.com\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + host + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X: " + s["long"] * 3000 + b"\r\n\r\n",
        b"GET /" + s["long"] * 3000 + b" HTTP/1.1\r\n" + host + b"\r\n",
    ]


def proxy_requests():
    """What is asked of the proxy itself."""
    s = {place: plain("proxy " + place).encode() for place in ("user", "path", "query", "field", "basic", "bearer", "name")}
    field = b"Proxy-Authorization: Bearer " + s["bearer"] + b"\r\n"
    return [
        b"CONNECT user:" + s["user"] + b"@sqs.us-east-1.amazonaws.com:443 HTTP/1.0\r\n\r\n",
        b"CONNECT /" + s["path"] + b" HTTP/1.0\r\n\r\n",
        b"CONNECT sqs.us-east-1.amazonaws.com:443 HTTP/1.0\r\n" + field + b"bad " + s["field"] + b"\r\n\r\n",
        b"GET http://user:" + s["user"] + b"@sqs.us-east-1.amazonaws.com/ HTTP/1.1\r\n\r\n",
        b"GET http://sqs.us-east-1.amazonaws.com/" + s["path"] + b"?" + s["query"] + b" HTTP/1.1\r\nHost: other\r\n\r\n",
        b"GET ftp://" + s["name"] + b"/ HTTP/1.1\r\n\r\n",
        b"GET http://127.0.0.1:1/" + s["path"] + b"?" + s["query"] + b" HTTP/1.1\r\nHost: 127.0.0.1:1\r\n" + field + b"\r\n",
        b"GET /" + s["path"] + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT 169.254.169.254:80 HTTP/1.0\r\n" + field + b"\r\n",
        b"CONNECT 127.0.0.1:1 HTTP/1.0\r\nAuthorization: Basic " + s["basic"] + b"\r\n\r\n",
    ]


# ---- the runs

def send(proxy, call, fields, body):
    start = f"{call.method} {call.path} HTTP/1.1"
    return proxy.call(call.host.encode(), relay.message(start, [("Host", call.host)] + fields, body))


def run_whole(proxy, upstream, calls):
    """Every call as it is, answered in every way."""
    for call in calls:
        for _, answer in answers(call):
            upstream.answer = answer
            send(proxy, call, call.fields, call.body)


def run_damaged(proxy, upstream, calls):
    for call in calls:
        upstream.answer = next(answers(call))[1]
        for _, fields, body in variants(call):
            send(proxy, call, fields, body)


def run_broken(proxy, upstream, calls):
    """Broken requests to an API host, broken answers from it, and what a proxy is not to be asked."""
    host = b"sqs.us-east-1.amazonaws.com"
    for request in broken_requests():
        upstream.answer = relay.message("HTTP/1.1 200 OK", [])
        connection = proxy.connect() if proxy.mode == "endpoint" else proxy.tunnel(host)[0]
        with connection:
            relay.exchange(connection, request)
    for answer in BROKEN_ANSWERS:
        upstream.answer = answer
        send(proxy, calls[0], calls[0].fields, calls[0].body)
    if proxy.mode == "endpoint":
        return
    for request in proxy_requests():
        with proxy.connect() as connection:
            relay.exchange(connection, request)
    for first in (plain("no hello").encode() + b"\n", b"\x16\x03\x01\x02\x00" + plain("bad hello").encode()):
        with proxy.connect() as connection:
            connection.sendall(b"CONNECT %s:443 HTTP/1.0\r\n\r\n" % host + first)
            connection.shutdown(socket.SHUT_WR)
            relay.read_all(connection)


def check_whole(tap, calls, lines):
    """That the calls were understood: else there would be nothing to leak."""
    got = [f"{l.get('service', '')}:{l.get('operation', '')}" if l.get("operation") else "" for l in lines if l["kind"] == "call"]
    want = [call.want or "" for call in calls for _ in answers(call)]
    wrong = [f"{w or 'nothing'} came as {g or 'nothing'}" for w, g in zip(want, got) if w != g]
    tap.ok(len(got) == len(want) and not wrong, f"all {len(want)} calls are captured as what they are",
           f"{len(got)} captured", *sorted(set(wrong))[:20])


RUNS = [("whole", "proxy", ["-v"], run_whole), ("whole-debug", "proxy", ["--debug"], run_whole),
        ("damaged", "endpoint", ["-v", "--view", "calls"], run_damaged), ("damaged-debug", "endpoint", ["--debug"], run_damaged),
        ("broken", "proxy", ["--debug"], run_broken), ("broken-endpoint", "endpoint", ["-v"], run_broken)]


def main():
    program, scratch = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    tap, upstream, calls = proof.Tap(), relay.Upstream(), workload.all_calls()
    captures = []
    for name, mode, options, run in RUNS:
        folder = os.path.join(scratch, name)
        proxy = relay.Proxy(program, folder, mode, upstream, options + ["--policy-file", "policy.json"])
        run(proxy, upstream, calls)
        tap.ok(proxy.stop() == 0, f"{name}: the proxy ends well")
        captures.append(proxy.capture)
        if run is run_whole:
            check_whole(tap, calls, proof.captured(proxy.capture))
    proof.digest(program, os.path.join(scratch, "digest"), captures)
    for name in [run[0] for run in RUNS] + ["digest"]:
        proof.judge(tap, name, os.path.join(scratch, name), workload.PLAIN_WORDS)
    return tap.end()


sys.exit(main())
