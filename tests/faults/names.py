"""names.py - hostile names: of CONNECT, in a URL, in Host, in the ClientHello; and addresses that are
never connected to, whatever they are called. Who names something else than CONNECT did is passed
through unseen or refused, never recorded as a call to somebody it did not go to."""

from rig import *

GREETING = b"the upstream as it is\n"


def status_of(proxy, data):
    c = Client(proxy)
    c.send(data)
    got = c.answer(head_only=True)
    text = c.rest() if got[0] >= 300 else b""
    c.close()
    return got[0], text.decode("latin-1")


# ---- what CONNECT and URLs name -----------------------------------------------------------------

LONG = "a" * 64
CONNECTS = [  # what CONNECT names, the status of its answer
    (HOST + ":443", 200),
    (HOST.upper() + ":443", 200),
    (HOST + ".:443", 200),
    (HOST, 200),
    (HOST + ":0443", 200),
    (HOST + ":", 400),
    (HOST + ":443:443", 400),
    (HOST + ":65536", 400),
    (HOST + ":-1", 400),
    (HOST + ":443\t", 400),
    (HOST + "\0:443", 400),
    (HOST + "\x07:443", 400),
    (HOST + "%00.example.com:443", 400),
    (HOST + "/:443", 400),
    (HOST + "#:443", 400),
    ("user@" + HOST + ":443", 400),
    ("https://" + HOST + ":443", 400),
    ("http://" + HOST + "/", 400),
    ("*:443", 400),
    ("", 400),
    (":443", 400),
    ("[::1:443", 400),
    ("[::1]443", 400),
    ("[fe80::1%25lo]:443", 400),
    ("[]:443", 400),
    ("b\xc3\xbccher.example:443", 400),
    ("\xff\xfe:443", 400),
    ("-host:443", 502),
    ("xn--bcher-kva.example:443", 502),
    ("no-such-host.invalid:443", 502),
    ("a" * 256 + ":443", 400),
    ("a" * 300 + "." + HOST + ":443", 400),
    ("a" * 65000 + ":443", 400),
]
URLS = [  # a URL, Host, the status
    ("http://no-such-host.invalid/", "no-such-host.invalid", 502),
    ("http://NO-such-host.invalid/", "no-SUCH-host.invalid", 502),
    ("http://no-such-host.invalid", "no-such-host.invalid", 502),
    ("http://no-such-host.invalid?x", "no-such-host.invalid:80", 502),
    ("http://no-such-host.invalid/", "other.invalid", 400),
    ("http://no-such-host.invalid/", "", 400),
    ("http://no-such-host.invalid/", "no-such-host.invalid, other.invalid", 400),
    ("http://user@no-such-host.invalid/", "no-such-host.invalid", 400),
    ("http://no-such-host.invalid\\@other/", "no-such-host.invalid", 400),
    ("http:///", "", 400),
    ("http://", "x", 400),
    ("ftp://no-such-host.invalid/", "no-such-host.invalid", 400),
    ("https://no-such-host.invalid/", "no-such-host.invalid", 400),
    ("file:///etc/passwd", "x", 400),
    ("/", "no-such-host.invalid", 400),
    ("*", "no-such-host.invalid", 400),
    ("http://" + "a" * 60000 + "/", "x", 400),
]


def shown(s):
    s = s.encode("unicode_escape").decode()
    return s if len(s) < 60 else s[:40] + "... (%d bytes)" % len(s)


def targets(proxy):
    if not ISOLATED:
        skip("names that do not resolve", "no namespaces may be made here to ask nobody in")
    for target, want in CONNECTS:
        if want == 502 and not ISOLATED:
            continue
        got = status_of(proxy, b"CONNECT " + target.encode("latin-1") + b" HTTP/1.0\r\n\r\n")
        same("CONNECT %s" % shown(target), got[0], want)
    for url, host, want in URLS:
        if want == 502 and not ISOLATED:
            continue
        data = ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (url, host)).encode("latin-1")
        same("GET %s of %s" % (shown(url), shown(host)), status_of(proxy, data)[0], want)


# ---- what Host says inside ----------------------------------------------------------------------

HOSTS = [  # Host inside TLS to HOST, the status
    (HOST, 200),
    (HOST.upper(), 200),
    (HOST + ":443", 200),
    (HOST + ".", 200),
    ("", 421),
    ("s3.amazonaws.com", 421),
    ("example.com", 421),
    (HOST + ".example.com", 421),
    ("x." + HOST, 421),
    (HOST + "..", 421),
    ("user@" + HOST, 421),
    (HOST + "@example.com", 421),
    (HOST + ", example.com", 421),
    (HOST + " example.com", 421),
    (HOST + "/", 421),
    (HOST + ":port", 421),
    (HOST + ":443:80", 421),
    ("127.0.0.1", 421),
    ("169.254.169.254", 421),
    ("[::1]", 421),
    ("b\xc3\xbccher.example", 421),
    (HOST + "\0", 400),
    (HOST + "\x01", 400),
    (HOST + "\x7f", 400),
    ("\x1b]0;title\x07" + HOST, 400),
    ("a" * 65536, 400),
    ("a" * 60000, 421),
]


def hosts(proxy, upstream):
    before, n = len(proxy.calls()), 0
    for host, want in HOSTS:
        mark, data = marked(b"GET /" + MARK + b" HTTP/1.1\r\nHost: " + host.encode("latin-1") + b"\r\n\r\n")
        c = Client(proxy, HOST)
        got = c.ask(data)
        same("Host: %s" % shown(host), got[0], want)
        same("Host: %s: %s" % (shown(host), "goes on" if want == 200 else "nothing went on"), upstream.seen(mark),
             data if want == 200 else b"")
        n += want == 200
        c.close()
    same("only what was for the host is captured", len(proxy.calls(before + n)) - before, n)


# What a client of a local endpoint says: an API host of AWS, or the address that it listens on. A web page in a browser on
# this machine says the name by which it came (DNS rebinding).
ENDPOINT_HOSTS = [HOST, HOST.upper(), HOST + ":443", HOST + ".", "s3.amazonaws.com", "127.0.0.1", "[::1]"]


def hosts_of_endpoint():
    """An endpoint is for this machine's clients of AWS: another Host is refused; the capture stays whole."""
    upstream = Upstream()
    endpoint = Proxy("endpoint", "--to", upstream.url, "-v", mode="endpoint")
    well_formed = [h for h, want in HOSTS if want != 400] + ["\"}]\\", "{\"kind\":\"capture\"}", "a" * 255, "a" * 256]
    passed = [h for h in well_formed if h in ENDPOINT_HOSTS]
    for host in well_formed:
        c = Client(endpoint)
        got = c.ask(call(host=host))
        same("endpoint, Host: %s" % shown(host), got[0], 200 if host in passed else 403)
        c.close()
    for host, want in HOSTS:
        if want != 400:
            continue
        c = Client(endpoint)
        got = c.ask(call(host=host))
        same("endpoint, Host: %s" % shown(host), got[0], 400)
        c.close()
    lines = endpoint.lines_written() if endpoint.calls(len(passed)) else []
    same("each is a line of the capture", [l["kind"] for l in lines], ["capture"] + ["call"] * len(passed))
    ok(all(len(l.get("host", "")) < 256 for l in lines), "with a host of a bounded length")
    others = Proxy("endpoint-others", "--to", upstream.url, "--allow-others", mode="endpoint")
    c = Client(others)
    same("with --allow-others any name is one of this machine", c.ask(call(host="build.example.com"))[0], 200)
    c.close()
    others.stop()
    endpoint.stop()
    controls = [c for c in endpoint.said() if ord(c) < 32 and c not in "\n\t"]
    same("no control byte reaches the terminal by an endpoint", controls, [])


# ---- what the ClientHello says ------------------------------------------------------------------


def vector(data, bytes_of_length):
    return len(data).to_bytes(bytes_of_length, "big") + data


def extension(number, data):
    return number.to_bytes(2, "big") + vector(data, 2)


def sni(*names, kind=0):
    return extension(0, vector(b"".join(bytes([kind]) + vector(n, 2) for n in names), 2))


def alpn(*names):
    return extension(16, vector(b"".join(vector(n, 1) for n in names), 2))


def hello(*extensions):
    """A TLS 1.2 ClientHello, in records of 16 KB."""
    rest = extension(13, vector(b"\x04\x03\x08\x04\x04\x01", 2)) + extension(10, vector(b"\0\x17", 2))
    body = b"\x03\x03" + b"r" * 32 + vector(b"", 1) + vector(b"\xc0\x2b\xc0\x2f", 2) + vector(b"\0", 1) + \
        vector(b"".join(extensions) + rest, 2)
    message = b"\x01" + vector(body, 3)
    return b"".join(b"\x16\x03\x01" + vector(message[i:i + 16384], 2) for i in range(0, len(message), 16384))


NAME = HOST.encode()
# what the hello names, whether it is opened (True), passed through as it is (False), or ended (None)
HELLOS = [
    ("the host", hello(sni(NAME)), True),
    ("the host in capitals", hello(sni(NAME.upper())), True),
    ("the host, http/1.1 among others", hello(sni(NAME), alpn(b"h2", b"http/1.1")), True),
    ("no name", hello(), False),
    ("an empty name", hello(sni(b"")), False),
    ("an empty list", hello(sni()), False),
    ("another host", hello(sni(b"s3.amazonaws.com")), False),
    ("another API host first, then ours", hello(sni(b"s3.amazonaws.com", NAME)), False),
    ("a trailing dot", hello(sni(NAME + b".")), False),
    ("a NUL behind the host", hello(sni(NAME + b"\0")), False),
    ("a NUL and another host", hello(sni(NAME + b"\0.example.com")), False),
    ("control bytes", hello(sni(b"\x1b[2J\x07" + NAME)), False),
    ("a space", hello(sni(b" " + NAME)), False),
    ("an IPv4 address", hello(sni(b"127.0.0.1")), False),
    ("an IPv6 address", hello(sni(b"::1")), False),
    ("a name in UTF-8", hello(sni("bücher.example".encode())), False),
    ("an internationalised name", hello(sni(b"xn--bcher-kva.example")), False),
    ("a name of another kind", hello(sni(NAME, kind=7)), False),
    ("a label of 64 letters", hello(sni(b"a" * 64 + b"." + NAME)), False),
    ("a name of 254 letters", hello(sni(b".".join([b"a" * 50] * 5))), False),
    ("a name of 16 KB", hello(sni(b"a" * 16300)), False),
    ("a name of 64 KB", hello(sni(b"a" * 65400)), False),
    ("a list longer than its extension", hello(extension(0, b"\xff\xff" + b"\0" + vector(NAME, 2))), False),
    ("an extension longer than the hello", hello(b"\0\0\xff\xff\0\0"), False),
    ("only HTTP/2", hello(sni(NAME), alpn(b"h2")), False),
    ("the host twice", hello(sni(NAME), sni(NAME)), None),
    ("the host, then another in an extension of its own", hello(sni(NAME), sni(b"s3.amazonaws.com")), False),
    ("another, then the host in an extension of its own", hello(sni(b"s3.amazonaws.com"), sni(NAME)), None),
    ("no handshake in the record", b"\x16\x03\x01\0\x04\x02\0\0\0", False),
    ("an empty record", b"\x16\x03\x01\0\0", False),
    ("a record of 64 KB", b"\x16\x03\x01\xff\xff" + b"\x01\0\xff\xfb" + b"a" * 1000, False),
    ("SSL 2", b"\x80\x2e\x01\0\x02\0\x15\0\0\0\x10" + b"a" * 37, False),
]


def hellos():
    def greet(c):
        c.send(GREETING)
        c.rest()
    upstream = Upstream(greet)
    proxy = Proxy("hellos", "-v", "--connect-to", "%s:443:127.0.0.1:%d" % (HOST, upstream.port))
    for name, data, opened in HELLOS:
        c = Client(proxy, HOST, tls=False)
        c.send(data)
        first = b""
        try:
            first = c.exactly(5)
        except Ended:
            pass
        if opened is False:
            passed = until(lambda: any(x.seen == data for x in list(upstream.connections)))
            same("hello with %s: passes as it is" % name, (first, passed), (GREETING[:5], True))
        else:
            c.wait_end() if opened is None else None
            same("hello with %s: %s" % (name, "opened" if opened else "ended"), first[:2] == b"\x16\x03", bool(opened))
            same("hello with %s: does not go on" % name, data in upstream.seen(), False)
        c.close()
    same("none of these was a call", len(proxy.calls()), 0)
    same("it ends well", proxy.stop(), 0)
    like("who passes unseen is told", proxy.said(), "tunnelled without inspection: " + re.escape(HOST) + r" \(")
    like("and summed up", proxy.said(), r"iamreplay capture: tunnelled without inspection: " + re.escape(HOST) + r"\n")
    controls = [c for c in proxy.said() if ord(c) < 32 and c not in "\n\t"]
    same("no control byte reaches the terminal", controls, [])


# ---- never -------------------------------------------------------------------------------------

METADATA = [
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.1", "169.254.169.254.",
    "[fd00:ec2::254]", "[fd00:ec2::23]", "[FD00:0EC2:0:0:0:0:0:254]", "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]", "[::ffff:a9fe:aa02]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::169.254.170.23]",
    "[fe80::a9fe:a9fe]", "[64:ff9b:1::a9fe:a9fe]", "[::169.254.169.254]", "[::ffff:0:a9fe:a9fe]", "[2002:a9fe:a9fe::1]",
    # as inet_aton() has them
    "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.16689662", "169.254.43518", "0xa9.0xfe.0xa9.0xfe",
    "0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255",
]
NAMED = {  # by names that resolve to them
    "metadata.example": ["169.254.169.254"],
    "tasks.example": ["169.254.170.2"],
    "pods.example": ["169.254.170.23"],
    "six.example": ["fd00:ec2::254"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "both.example": ["127.0.0.1", "169.254.169.254"],
}
FORBIDDEN = "never connected to"


def refused(proxy, host, port=80):
    same("CONNECT %s:%d" % (host, port), status_of(proxy, b"CONNECT %s:%d HTTP/1.0\r\n\r\n" % (host.encode(), port))[0],
         403)
    url = "GET http://%s:%d/latest/meta-data/ HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (host, port, host, port)
    got = status_of(proxy, url.encode())
    ok(got[0] == 403 and FORBIDDEN in got[1], "GET http://%s:%d/" % (host, port), got)


def itself(proxy):
    names = ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.2", "127.1", "2130706433", "0x7f.1", "[::1]",
             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "0.0.0.0", "[::]"]
    for name in names:
        got = status_of(proxy, b"CONNECT %s:%d HTTP/1.0\r\n\r\n" % (name.encode(), proxy.port))
        same("itself as %s" % name, got[0], 403)


def resolving(proxy):
    """Needs names of our own, so a mount namespace."""
    if not ISOLATED:
        skip("names that resolve to metadata addresses", "no namespaces may be made here")
        return
    with open(scratch("hosts"), "w") as f:
        f.write("127.0.0.1 localhost\n")
        for name, addresses in NAMED.items():
            for a in addresses:
                f.write("%s %s\n" % (a, name))
    if subprocess.run(["mount", "--bind", scratch("hosts"), "/etc/hosts"]).returncode:
        skip("names that resolve to metadata addresses", "/etc/hosts can't be replaced here")
        return
    for name in NAMED:
        refused(proxy, name)
    subprocess.run(["umount", "/etc/hosts"])


def led_there():
    """What the user's own options lead to."""
    proxy = Proxy("led", "--connect-to", HOST + ":443:169.254.169.254:80")
    c = Client(proxy, HOST)
    got = c.ask(call())
    ok(got[0] == 403 and FORBIDDEN in got[2].decode(), "--connect-to a metadata address", got)
    same("is no call", len(proxy.calls()), 0)
    proxy.stop()
    endpoint = Proxy("led-endpoint", "--to", "http://169.254.169.254", mode="endpoint")
    got = Client(endpoint).ask(call())
    ok(got[0] == 403 and FORBIDDEN in got[2].decode(), "an endpoint to a metadata address", got)
    same("is no call", len(endpoint.calls()), 0)
    endpoint.stop()

    def company(c):
        c.until(b"\r\n\r\n")
        c.send(b"HTTP/1.1 200 Connection established\r\n\r\n" + GREETING)
        c.rest()
    other = Upstream(company)
    env = {"HTTPS_PROXY": other.url, "http_proxy": other.url}
    proxy = Proxy("company", env=env)
    for host in ("169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "2852039166", "0251.0376.0251.0376"):
        refused(proxy, host)
    same("nor does a company's proxy hear of it", other.seen(), b"")
    got = status_of(proxy, b"CONNECT example.com:443 HTTP/1.0\r\n\r\n")
    same("which is asked for other hosts", (got[0], b"CONNECT example.com:443 " in other.seen()), (200, True))
    proxy.stop()


def elsewhere():
    """Listening elsewhere than on loopback."""
    token = scratch("token")
    with open(token, "w") as f:
        f.write("correct-horse-battery\n")
    os.chmod(token, 0o600)

    def start(*options):
        arguments = [PROGRAM, "capture", "proxy", "--ca-dir", scratch("ca"), "-o", scratch("open.capture")]
        try:
            p = subprocess.run(arguments + list(options), stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
            return p.returncode, p.stderr.decode()
        except subprocess.TimeoutExpired:
            return "runs", ""
    for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:0.0.0.0]:0", "169.254.1.1:10080"):
        got = start("--listen", address)
        ok(got[0] == 2 and "--allow-remote" in got[1], "--listen %s alone is refused" % address, got)
    for what, text, mode in (("others can read", "correct-horse-battery\n", 0o644), ("is short", "short\n", 0o600),
                             ("is two lines", "correct-horse-battery\nstaple-staple-staple\n", 0o600),
                             ("is empty", "", 0o600)):
        with open(token, "w") as f:
            f.write(text)
        os.chmod(token, mode)
        got = start("--listen", "0.0.0.0:0", "--allow-remote", token)
        ok(got[0] == 2 and "token" in got[1], "so is a token that %s" % what, got)
    same("and leaves no capture", os.path.exists(scratch("open.capture")), False)
    with open(token, "w") as f:
        f.write("correct-horse-battery\n")
    os.chmod(token, 0o600)
    if ISOLATED:
        remote(token)
    else:
        skip("with a token it serves others", "no namespaces may be made here to listen in")


def remote(token):
    """With a token: others get no way to what listens on loopback only."""
    private = Upstream()
    known = Upstream(context=server_context(certificate("good", HOST)))
    to = "%s:443:127.0.0.1:%d" % (HOST, known.port)
    proxy = Proxy("remote", "--listen", "0.0.0.0:0", "--allow-remote", token, "--upstream-ca", authority(), "--connect-to", to)
    secret = "Proxy-Authorization: Bearer correct-horse-battery\r\n"

    def connect(target, field=secret):
        return status_of(proxy, ("CONNECT %s HTTP/1.0\r\n%s\r\n" % (target, field)).encode())[0]
    same("without the token", connect("127.0.0.1:%d" % private.port, ""), 407)
    same("with another", connect("127.0.0.1:%d" % private.port, secret.replace("battery", "stapler")), 407)
    same("with it, this machine's loopback is closed", connect("127.0.0.1:%d" % private.port), 403)
    same("by any name", connect("localhost:%d" % private.port), 403)
    same("so is the proxy itself", connect("127.0.0.1:%d" % proxy.port), 403)
    same("and the metadata", connect("169.254.169.254:80"), 403)
    same("where the user led it stays open", connect(HOST + ":443"), 200)
    c = Client(proxy)
    c.send(("CONNECT %s:443 HTTP/1.0\r\n%s\r\n" % (HOST, secret)).encode())
    c.until(b"\r\n\r\n")
    c.start_tls(HOST)
    same("and takes a call", c.ask(call())[0], 200)
    same("no byte reached what is private", private.seen(), b"")
    proxy.stop()

    plain = Upstream()
    proxy = Proxy("remote-up", "--listen", "0.0.0.0:0", "--allow-remote", token, "--upstream", plain.url)
    c = Client(proxy)
    c.send(("CONNECT %s:443 HTTP/1.0\r\n%s\r\n" % (HOST, secret)).encode())
    c.until(b"\r\n\r\n")
    c.start_tls(HOST)
    same("an upstream on loopback that the user named serves them", c.ask(call())[0], 200)
    proxy.stop()


def main():
    upstream = Upstream(context=server_context(certificate("good", HOST)))
    options = ("--upstream-ca", authority(), "--connect-to", "%s:443:127.0.0.1:%d" % (HOST, upstream.port))
    proxy = Proxy("names", *options)
    targets(proxy)
    hosts(proxy, upstream)
    for host in METADATA:
        refused(proxy, host)
    itself(proxy)
    resolving(proxy)
    a_call(proxy)
    ok(proxy.cpu() < 0.1, "nothing spins afterwards")
    same("it ends well", proxy.stop(), 0)
    hosts_of_endpoint()
    hellos()
    led_there()
    elsewhere()
    done()


main()
