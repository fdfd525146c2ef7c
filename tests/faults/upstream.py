"""upstream.py - where the calls go dies at every point of an exchange, resets, answers early, or is
not who it should be. The client sees what it would have seen without us: an answer that was cut is
cut, an early one arrives; what never reached the upstream is no call."""

from rig import *

pem = certificate("good", HOST)
BAD = {  # host: (the upstream's TLS, what the 502 says)
    "expired": ("s3.us-east-1.amazonaws.com", r"certificate has expired"),
    "self-signed": ("sqs.us-east-1.amazonaws.com", r"self-signed certificate|unable to get local issuer"),
    "another name's": ("sns.us-east-1.amazonaws.com", r"no alternative certificate subject name matches"),
    "TLS 1.1 only": ("iam.amazonaws.com", r"alert protocol version|unsupported protocol|internal error"),
    "no TLS at all": ("sts.us-east-1.amazonaws.com", r"wrong version number|packet length too long"),
}
# ---- what it does -------------------------------------------------------------------------------

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n"
UNTIL_END = b"HTTP/1.1 200 OK\r\n\r\nonly this"


def after(data, how):
    def handler(c):
        c.request()
        if data:
            c.send(data)
            time.sleep(0.05)
        how(c)
    return handler


def properly(c):
    c.close()


def without_a_word(c):
    c.cut()


def by_reset(c):
    reset(c.sock)


# name, answer's bytes, how it ends; the client gets: status, content, end; captured: statuses
DEATHS = [
    ("before any byte", b"", properly, 0, b"", "closed", [0]),
    ("before any byte, without a word", b"", without_a_word, 0, b"", None, [0]),
    ("before any byte, by reset", b"", by_reset, 0, b"", None, [0]),
    ("in its head", LENGTH[:30], properly, 0, b"", None, [0]),
    ("in its head, by reset", LENGTH[:30], by_reset, 0, b"", None, [0]),
    ("in a body with a length", LENGTH, properly, 200, b"only this", "cut", [200]),
    ("in a body with a length, without a word", LENGTH, without_a_word, 200, b"only this", "cut", [200]),
    ("in a body with a length, by reset", LENGTH, by_reset, 200, b"only this", "cut", [200]),
    ("between chunks", CHUNKS, properly, 200, None, "cut", [200]),
    ("in a chunk", CHUNKS + b"7\r\nxx", without_a_word, 200, None, "cut", [200]),
    ("in a chunk, by reset", CHUNKS + b"7\r\nxx", by_reset, 200, None, "cut", [200]),
    ("before the last chunk's trailer", CHUNKS + b"0\r\nx-a: b\r\n", properly, 200, None, "cut", [200]),
    ("where the end is the end", UNTIL_END, properly, 200, b"only this", "closed", [200]),
    ("where the end is the end, without a word", UNTIL_END, without_a_word, 200, b"only this", "cut", [200]),
    ("where the end is the end, by reset", UNTIL_END, by_reset, 200, b"only this", "cut", [200]),
    ("after 100 Continue", b"HTTP/1.1 100 Continue\r\n\r\n", properly, 0, b"", None, [0]),
]


def deaths(proxy, upstream):
    for name, data, how, status, content, end, captured in DEATHS:
        upstream.handler = after(data, how)
        before = len(proxy.calls())
        c = Client(proxy, HOST)
        got = c.ask(call())
        c.wait_end()
        c.close()
        same("dies %s: the answer" % name, got[0], status)
        if content is not None:
            same("dies %s: its content" % name, got[2], content)
        if end:
            same("dies %s: the client sees its end" % name, c.end, end)
        else:
            ok(c.end in ("closed", "cut"), "dies %s: the client sees an end" % name, c.end)
        calls = proxy.calls(before + len(captured))[before:]
        same("dies %s: captured" % name, [x["status"] for x in calls], captured)
    upstream.handler = answer_all


# ---- while the client still sends ---------------------------------------------------------------

REFUSAL = b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot today"
BIG = 32 << 20


def upload(c, n):
    """Sends as clients do: all of it, then reads. What send failed with."""
    block = b"x" * 65536
    try:
        c.send(call("Content-Length: %d\r\n" % n, target="DynamoDB_20120810.PutItem"))
        for _ in range(n // len(block)):
            c.send(block)
    except OSError as e:
        return type(e).__name__
    return ""


def early(how):
    def handler(c):
        c.until(b"\r\n\r\n")
        c.exactly(100000)
        c.send(REFUSAL)
        how(c)
    return handler


def and_waits(c):
    """As a good server: takes in what comes, so that its answer is not lost."""
    if isinstance(c.sock, TlsSocket):
        try:
            c.sock.settimeout(0.2)
            c.sock.close_notify()
        except OSError:
            pass
        c.sock.settimeout(PATIENCE)
    else:
        c.sock.shutdown(socket.SHUT_WR)
    time.sleep(0.3)


def and_closes(c):
    time.sleep(0.1)
    c.close()


def uploads(proxy, upstream, kind):
    for name, how in (("and lingers", and_waits), ("and closes", and_closes)):
        upstream.handler = early(how)
        before = len(proxy.calls())
        c = Client(proxy, HOST) if proxy.ca_dir and kind == "TLS" else Client(proxy)
        failed = upload(c, BIG)
        got = c.answer()
        c.close()
        same("%s: refuses a large upload early %s: the client can send on" % (kind, name), failed, "")
        same("%s: refuses a large upload early %s: the answer arrives" % (kind, name),
             (got[0], got[2]), (413, b"not today"))
        same("%s: refuses a large upload early %s: captured" % (kind, name),
             [x["status"] for x in proxy.calls(before + 1)[before:]], [413])

    def die(c):
        c.until(b"\r\n\r\n")
        c.exactly(100000)
        by_reset(c)
    upstream.handler = die
    before = len(proxy.calls())
    c = Client(proxy, HOST) if kind == "TLS" else Client(proxy)
    upload(c, BIG)
    got = c.answer()
    c.close()
    same("%s: dies in an upload: there is no answer" % kind, got[0], 0)
    ok(c.end in ("closed", "cut"), "%s: dies in an upload: the client sees an end" % kind, c.end)
    time.sleep(0.3)
    same("%s: dies in an upload: that was no call" % kind, len(proxy.calls()) - before, 0)
    upstream.handler = answer_all


# ---- the client dies ----------------------------------------------------------------------------


def client_deaths(proxy, upstream):
    before = len(proxy.calls())
    for how in ("reset", "close"):
        c = Client(proxy, HOST)
        c.send(call("Content-Length: 1000\r\n", "half"))
        time.sleep(0.1)
        getattr(c, how)()
    time.sleep(0.3)
    same("the client dies in a request: that was no call", len(proxy.calls()) - before, 0)

    def slow(c):
        c.request()
        time.sleep(0.5)
        c.send(EMPTY)
    upstream.handler = slow
    for how in ("reset", "close"):
        c = Client(proxy, HOST)
        c.send(call())
        time.sleep(0.1)
        getattr(c, how)()
    statuses = [x["status"] for x in proxy.calls(before + 2)[before:]]
    ok(len(statuses) == 2 and set(statuses) <= {0, 200},
       "the client does not wait for an answer: the call was made", statuses)
    upstream.handler = answer_all


# ---- who it is ----------------------------------------------------------------------------------


def strangers():
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.load_cert_chain(certificate("old", BAD["TLS 1.1 only"][0]))
    return {
        "expired": Upstream(context=server_context(certificate("expired", BAD["expired"][0], days=-1))),
        "self-signed": Upstream(context=server_context(certificate("self", BAD["self-signed"][0], signed=False))),
        "another name's": Upstream(context=server_context(certificate("other", "example.com"))),
        "TLS 1.1 only": Upstream(context=old),
        "no TLS at all": Upstream(handler=lambda c: c.send(b"220 mail.example ESMTP, who are you?\r\n")),
    }


def refuses_strangers(proxy, upstreams):
    before = len(proxy.calls())
    for name, (host, reason) in BAD.items():
        c = Client(proxy, host)
        got = c.ask(call(host=host))
        same("the upstream's certificate is %s: 502" % name, got[0], 502)
        like("the upstream's certificate is %s: which names host and reason" % name,
             got[2].decode("latin-1"), re.escape(host) + ".*" + reason)
        c.close()
        same("the upstream's certificate is %s: no byte of the request went there" % name,
             b"AKIA" in upstreams[name].seen(), False)
    unreachable = [("kms.us-east-1.amazonaws.com", "refused")]
    if ISOLATED:  # elsewhere it does resolve
        unreachable.append(("ec2.eu-west-1.amazonaws.com", "resolve"))
    else:
        skip("resolve: 502", "no namespaces may be made here")
    for host, reason in unreachable:
        c = Client(proxy, host)
        got = c.ask(call(host=host))
        same("%s: 502" % reason, got[0], 502)
        like("%s: is said" % reason, got[2].decode("latin-1"), reason)
        c.close()
    time.sleep(0.2)
    same("none of these was a call", len(proxy.calls()) - before, 0)


def main():
    upstream = Upstream(context=server_context(pem))
    others = strangers()
    shut = Upstream()
    shut.close()
    options = ["--upstream-ca", authority()]
    to = [(HOST, upstream.port), ("kms.us-east-1.amazonaws.com", shut.port)]
    to += [(host, others[name].port) for name, (host, _) in BAD.items()]
    for host, port in to:
        options += ["--connect-to", "%s:443:127.0.0.1:%d" % (host, port)]
    proxy = Proxy("upstream", *options)
    deaths(proxy, upstream)
    uploads(proxy, upstream, "TLS")
    client_deaths(proxy, upstream)
    refuses_strangers(proxy, others)
    a_call(proxy)
    ok(proxy.cpu() < 0.1, "nothing spins afterwards")
    same("it ends well", proxy.stop(), 0)

    plain = Upstream()
    endpoint = Proxy("endpoint", "--to", plain.url, mode="endpoint")
    uploads(endpoint, plain, "plain")
    ok(endpoint.cpu() < 0.1, "nothing spins afterwards")
    same("the endpoint ends well", endpoint.stop(), 0)
    done()


main()
