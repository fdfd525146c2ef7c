"""attacks.py - the classes of attack that proxies are known to have fallen to, one by one: those of squid's, mitmproxy's and
sslsplit's advisories among them. Each check names its class. What other files of this folder try is listed in ELSEWHERE, and
that it is still there is checked; the rest is tried here."""

import gzip

from rig import *

# class: (what it is known by, the file, words that its checks there have in their names)
ELSEWHERE = {
    "length and chunks in one message": ("CVE-2021-39214", "smuggling", ["CL.TE", "TE.CL"]),
    "two lengths": ("CVE-2020-15049", "smuggling", ["two lengths that differ", "a list of lengths"]),
    "a length that is no number": ("CVE-2020-15049", "smuggling", ["a length with a sign", "a length in hexadecimal", "overflows 64 bits"]),
    "codings that one reader overlooks": ("CVE-2020-15810, CVE-2022-24766", "smuggling", ["xchunked", "a vertical tab before chunked"]),
    "white space before a colon": ("CVE-2019-18678, CVE-2020-15811", "smuggling", ["a space before the colon", "a tab before the colon"]),
    "folded fields": ("CVE-2022-24766", "smuggling", ["chunked in a folded line", "a folded first line", "a folded trailer"]),
    "line ends of one character": ("CVE-2020-25097", "smuggling", ["bare LF throughout", "chunked behind a bare CR", "CR CR LF"]),
    "chunk sizes and extensions": ("CVE-2023-46846", "smuggling", ["a chunk size with 0x", "a bare LF in an extension", "an extension of 9 KB"]),
    "trailers that frame": ("CVE-2023-46846", "smuggling", ["Content-Length in a trailer", "Host in a trailer"]),
    "large heads": ("CVE-2024-25617, CVE-2023-5824", "smuggling", ["a head of 65 KB", "201 fields", "33 KB of trailers"]),
    "NUL and control characters": ("CVE-2019-12524", "smuggling", ["a NUL in a name", "an escape sequence in a value", "a NUL in the target"]),
    "request lines": ("CVE-2020-25097, CVE-2020-8449", "smuggling", ["two spaces", "a tab for a space", "HTTP/0.9", "another host's URL"]),
    "versions of HTTP": ("CVE-2021-39214", "smuggling", ["HTTP/2's first words", "HTTP/1.2", "HTTP/01.1"]),
    "two Hosts": ("CVE-2020-8450", "smuggling", ["two Hosts", "no Host"]),
    "answers that are two": ("CVE-2019-18679, CVE-2023-46846", "smuggling", ["two answers", "a split answer", "more than its length"]),
    "answers before the request": ("CVE-2021-39214", "smuggling", ["an answer before the request goes nowhere"]),
    "interim answers": ("CVE-2019-18679", "smuggling", ["20,000 interim ones", "103 with fields"]),
    "a change of protocol that nobody asked for": ("CVE-2021-39214", "smuggling", ["101 that nobody asked for"]),
    "pipelining": ("CVE-2019-18678", "smuggling", ["pipelined: one at a time", "a request in a body is body"]),
    "names of CONNECT": ("CVE-2019-18676", "names", ["%00.example.com:443", "[fe80::1%25lo]", "user@"]),
    "URLs of other schemes": ("CVE-2021-46784, CVE-2023-46728", "names", ["ftp://", "file:///"]),
    "Host is not the host": ("CVE-2020-8449", "names", ["@example.com", "127.0.0.1", "[::1]"]),
    "the name in a ClientHello": ("sslsplit: names of certificates", "names", ["a NUL and another host", "control bytes", "a name of 64 KB"]),
    "a web page, or DNS that turns to loopback": ("CVE-2018-14505, CVE-2025-23217", "names", ["itself as", "--connect-to a metadata address"]),
    "certificates of the upstream": ("CVE-2023-46724, CVE-2025-59362", "upstream", ["the upstream's certificate is"]),
    "slow clients": ("slow loris", "slow", ["meanwhile others are served", "nothing spins"]),
    "many clients": ("CVE-2023-49288", "pressure", ["all are answered", "no descriptor is left behind"]),
}


def elsewhere():
    for kind, (known, file, words) in ELSEWHERE.items():
        text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), file + ".py")).read()
        gone = [w for w in words if w not in text]
        ok(not gone, "[%s] is tried in %s.py (%s)" % (kind, file, known), gone)


# ---- to the proxy itself, before any TLS ----------------------------------------------------------


def to_proxy(line, fields="", body=b""):
    return ("%s HTTP/1.1\r\nHost: no-such-host.invalid\r\n%s\r\n" % (line, fields)).encode("latin-1") + body


CONNECT = "CONNECT " + HOST + ":443"
# class, known as, name, bytes, statuses that are well
PLAIN = [
    ("other schemes", "CVE-2019-12523, CVE-2021-28651, CVE-2025-54574", "urn:", to_proxy("GET urn:example:a"), [400]),
    ("other schemes", "CVE-2019-12526", "urn: of 60 KB", to_proxy("GET urn:" + "a" * 60000), [400]),
    ("other schemes", "CVE-2021-46784, CVE-2023-46728", "gopher:", to_proxy("GET gopher://no-such-host.invalid:70/1"), [400]),
    ("other schemes", "CVE-2021-28652, CVE-2024-23638", "cache_object:", to_proxy("GET cache_object://localhost/info"), [400]),
    ("other schemes", "CVE-2021-28652", "squid's manager", to_proxy("GET http://localhost/squid-internal-mgr/menu"), [400, 403]),
    ("other schemes", "CVE-2019-12528, CVE-2023-46848", "ftp: with escapes", to_proxy("GET ftp://a%0d%0aUSER%20x@no-such-host.invalid/%"), [400]),
    ("other schemes", "", "data:", to_proxy("GET data:text/html,x"), [400]),
    ("other schemes", "", "ws:", to_proxy("GET ws://no-such-host.invalid/"), [400]),
    ("credentials in a URL", "CVE-2019-12520, CVE-2019-12522", "a user and a password",
     to_proxy("GET http://user:secret@no-such-host.invalid/"), [400]),
    ("credentials of the proxy", "CVE-2019-12525, CVE-2023-46847", "Digest without an end",
     to_proxy(CONNECT, 'Proxy-Authorization: Digest username="' + "a" * 30000 + "\r\n"), [200]),
    ("credentials of the proxy", "CVE-2023-46847", "Digest, nc of 20 KB", to_proxy(CONNECT, "Proxy-Authorization: Digest nc=" + "1" * 20000 + "\r\n"), [200]),
    ("credentials of the proxy", "CVE-2019-12529", "Basic that is no base64", to_proxy(CONNECT, "Proxy-Authorization: Basic \x80====\r\n"), [200]),
    ("credentials of the proxy", "CVE-2019-12529", "Basic of 60 KB", to_proxy(CONNECT, "Proxy-Authorization: Basic " + "QUFB" * 15000 + "\r\n"), [200]),
    ("CONNECT with a body", "CVE-2021-39214", "a length", to_proxy(CONNECT, "Content-Length: 5\r\n", b"hello"), [200, 400]),
    ("CONNECT with a body", "CVE-2021-39214", "chunks", to_proxy(CONNECT, "Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"), [200, 400]),
    ("CONNECT with a body", "CVE-2021-39214", "length and chunks",
     to_proxy(CONNECT, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), [200, 400]),
    ("fields of CONNECT", "CVE-2023-50269", "X-Forwarded-For of 60 KB", to_proxy(CONNECT, "X-Forwarded-For: " + "1.2.3.4, " * 6600 + "\r\n"), [200]),
    ("fields of CONNECT", "CVE-2024-25617", "250 fields", to_proxy(CONNECT, "A: b\r\n" * 250), [400]),
    ("fields of CONNECT", "CVE-2024-25617", "100 KB", to_proxy(CONNECT, "A: %s\r\n" % ("b" * 100000)), [400, 431]),
    ("fields of CONNECT", "CVE-2022-24766", "a folded one", to_proxy(CONNECT, "A: b\r\n c\r\n"), [400]),
    ("fields of CONNECT", "CVE-2019-18678", "a space before a colon", to_proxy(CONNECT, "A : b\r\n"), [400]),
    ("methods", "", "TRACE", to_proxy("TRACE http://no-such-host.invalid/", "Max-Forwards: 0\r\n"), [502, 400, 403]),
    ("methods", "", "PURGE", to_proxy("PURGE http://localhost/"), [403, 400]),
    ("loopback by another spelling", "CVE-2025-23217", "127.1", to_proxy("GET http://127.1/").replace(b"no-such-host.invalid", b"127.1"), [400, 403, 502]),
    ("loopback by another spelling", "CVE-2025-23217", "a number", to_proxy("GET http://2130706433/").replace(b"no-such-host.invalid", b"2130706433"), [400, 403, 502]),
    ("loopback by another spelling", "CVE-2025-23217", "hexadecimal", to_proxy("GET http://0x7f000001/").replace(b"no-such-host.invalid", b"0x7f000001"), [400, 403, 502]),
    ("loopback by another spelling", "CVE-2025-23217", "octal", to_proxy("GET http://0177.0.0.1/").replace(b"no-such-host.invalid", b"0177.0.0.1"), [400, 403, 502]),
    ("loopback by another spelling", "CVE-2025-23217", "zero", to_proxy("GET http://0/").replace(b"no-such-host.invalid", b"0"), [400, 403, 502]),
    ("loopback by another spelling", "CVE-2025-23217", "in IPv6", to_proxy("GET http://[::ffff:127.0.0.1]/").replace(b"no-such-host.invalid", b"[::ffff:127.0.0.1]"), [400, 403, 502]),
    ("loopback by another spelling", "CVE-2025-23217", "NAT64", to_proxy("GET http://[64:ff9b::7f00:1]/").replace(b"no-such-host.invalid", b"[64:ff9b::7f00:1]"), [400, 403, 502]),
    ("metadata by another spelling", "", "a number", to_proxy("GET http://2852039166/").replace(b"no-such-host.invalid", b"2852039166"), [400, 403, 502]),
    ("metadata by another spelling", "", "in IPv6", to_proxy("GET http://[::ffff:169.254.169.254]/").replace(b"no-such-host.invalid", b"[::ffff:169.254.169.254]"), [400, 403, 502]),
]


def plain(proxy):
    for kind, known, name, data, well in PLAIN:
        c = Client(proxy)
        c.send(data)
        head = b""
        try:
            head = c.until(b"\r\n\r\n")
            status = int(head[9:12])
        except (Ended, ValueError):
            status = 0
        if status != 200:
            head += c.rest()
        ok(status in well, "[%s] %s%s" % (kind, name, " (%s)" % known if known else ""), status, head[:300])
        c.close()


SECRETS = "Authorization: Bearer tomato\r\nCookie: tomato\r\nX-Amz-Security-Token: tomato\r\nProxy-Authorization: Basic tomato\r\n"


def errors_tell_nothing(proxy):
    """CVE-2025-62168: an error page that shows the request shows its credentials; and a page that shows a URL runs it."""
    for name, data in (("a URL", to_proxy("GET http://x@no-such-host.invalid/<script>tomato", SECRETS)),
                       ("a method", to_proxy("<b>tomato / ", SECRETS)), ("a CONNECT", to_proxy("CONNECT <b>tomato:443", SECRETS))):
        c = Client(proxy)
        c.send(data)
        got = c.rest()
        ok(got[9:12] in (b"400", b"403", b"502") and b"tomato" not in got and b"<script" not in got,
           "[errors that show the request] %s (CVE-2025-62168)" % name, got)
        c.close()


# ---- inside TLS -----------------------------------------------------------------------------------


def inside(line, fields="", body=b""):
    return ("%s HTTP/1.1\r\nX-Case: %s\r\nHost: %s\r\n%s\r\n" % (line, MARK.decode(), HOST, fields)).encode("latin-1") + body


# what is no matter of a proxy that keeps nothing and rewrites nothing goes on as it is
AS_IT_IS = [
    ("ranges", "CVE-2021-31806", "from an end", inside("GET /", "Range: bytes=-99999999999999999999\r\n")),
    ("ranges", "CVE-2021-31807", "5,000 of them", inside("GET /", "Range: bytes=" + ",".join("%d-" % i for i in range(5000)) + "\r\n")),
    ("ranges", "CVE-2021-31808", "that overflow", inside("GET /", "Range: bytes=9223372036854775807-9223372036854775808\r\n")),
    ("dates", "CVE-2023-49285", "of no calendar", inside("GET /", "If-Modified-Since: Xxx, 99 Foo 99999 99:99:99 GMT\r\n")),
    ("dates", "CVE-2023-49285", "of 10 KB", inside("GET /", "If-Modified-Since: " + "9" * 10000 + "\r\n")),
    ("forwarding fields", "CVE-2023-50269", "X-Forwarded-For of 60 KB", inside("GET /", "X-Forwarded-For: " + "1.2.3.4, " * 6600 + "\r\n")),
    ("forwarding fields", "", "Via of itself, 100 times", inside("GET /", "Via: 1.1 iamreplay\r\n" * 100)),
    ("forwarding fields", "", "Forwarded", inside("GET /", 'Forwarded: for="[::1]";host=example.com\r\n')),
    ("fields that name another URL", "CVE-2019-18677", "X-Original-URL", inside("GET /", "X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n")),
    ("fields that name another host", "CVE-2020-8449", "X-Forwarded-Host", inside("GET /", "X-Forwarded-Host: example.com\r\nX-Host: example.com\r\n")),
    ("fields that name another method", "", "X-HTTP-Method-Override", inside("GET /", "X-HTTP-Method-Override: DELETE\r\n")),
    ("fields of one hop", "", "Connection names Host", inside("GET /", "Connection: close, Host\r\n")),
    ("fields of one hop", "", "Connection names Authorization", inside("GET /", "Connection: Authorization, X-Amz-Date\r\n")),
    ("fields of one hop", "", "TE and Trailer", inside("GET /", "TE: trailers, deflate;q=0.5\r\nTrailer: Content-Length\r\n")),
    ("fields of one hop", "", "Keep-Alive", inside("GET /", "Keep-Alive: timeout=-1, max=99999999999999999999\r\n")),
    ("change of protocol", "h2c smuggling", "h2c", inside("GET /", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")),
    ("change of protocol", "", "a web socket", inside("GET /", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n")),
    ("expectations", "", "100-continue without a body", inside("GET /", "Expect: 100-continue\r\n")),
    ("expectations", "", "one that nobody knows", inside("POST /", "Expect: 200-ok\r\nContent-Length: 2\r\n", b"{}")),
    ("percent", "CVE-2019-18676", "line ends", inside("GET /a%0d%0aHost:%20example.com%0d%0a")),
    ("percent", "CVE-2019-18676", "NUL", inside("GET /a%00b")),
    ("percent", "CVE-2023-46848", "half of one", inside("GET /a%")),
    ("percent", "", "twice", inside("GET /%252e%252e/%252f")),
    ("percent", "", "dots", inside("GET /..%2f..%2f%2e%2e/etc/passwd")),
    ("paths", "", "dots", inside("GET /../../../etc/passwd")),
    ("paths", "", "backslashes", inside("GET /\\..\\a")),
    ("paths", "", "of 60 KB", inside("GET /" + "a" * 60000)),
    ("paths", "", "10,000 segments", inside("GET " + "/a" * 10000)),
    ("queries", "", "5,000 parameters", inside("GET /?" + "&".join("a%d=b" % i for i in range(5000)))),
    ("queries", "", "brackets, 1,000 deep", inside("GET /?a" + "[a]" * 1000 + "=b")),
    ("methods", "", "TRACE", inside("TRACE /", "Max-Forwards: 0\r\n")),
    ("chunks", "CVE-2024-25111", "20,000 of one byte", inside("POST /", "Transfer-Encoding: chunked\r\n", b"1\r\n \r\n" * 20000 + b"0\r\n\r\n")),
    ("bodies that are deep", "", "JSON, 20,000 lists", inside("POST /", "X-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 20000\r\n", b"[" * 20000)),
    ("bodies that are deep", "", "a number of 10,000 digits", inside("POST /", "X-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 10006\r\n", b'{"a":' + b"9" * 10000 + b"}")),
    ("bodies that grow", "", "gzip in a request", inside("POST /", "Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(gzip.compress(bytes(1 << 24), 9, mtime=0)),
                                                        gzip.compress(bytes(1 << 24), 9, mtime=0))),
    ("credentials", "CVE-2019-12525", "Authorization without an end", inside("GET /", 'Authorization: Digest username="' + "a" * 30000 + "\r\n")),
    ("credentials", "", "a signature's scope of 60 KB", inside("GET /", "Authorization: AWS4-HMAC-SHA256 Credential=" + "A/" * 30000 + "\r\n")),
    ("credentials", "", "two of them", inside("GET /", "Authorization: AWS4-HMAC-SHA256 Credential=A/B/C/D/aws4_request\r\n" * 2)),
    ("cookies", "", "60 KB", inside("GET /", "Cookie: " + "a=b; " * 12000 + "\r\n")),
]
# what an upstream may answer: as it is to the client, byte by byte
ANSWERS = [
    ("ranges", "CVE-2021-33620", "Content-Range of nothing", "Content-Range: bytes 5-4/3\r\n"),
    ("ranges", "CVE-2021-33620", "Content-Range that overflows", "Content-Range: bytes 0-99999999999999999999/*\r\n"),
    ("variants", "CVE-2021-28662", "Vary of 30 KB", "Vary: " + "A, " * 10000 + "\r\n"),
    ("variants", "CVE-2021-28662", "Vary without an end", 'Vary: "\r\n'),
    ("dates", "CVE-2023-49285", "Date of no calendar", "Date: 99 Foo\r\nExpires: -1\r\nLast-Modified: 0\r\n"),
    ("ESI", "CVE-2024-37894, CVE-2024-45802", "a surrogate's", 'Surrogate-Control: content="ESI/1.0"\r\nContent-Type: text/html\r\n'),
    ("credentials asked for", "CVE-2019-12525", "Digest of 30 KB", "WWW-Authenticate: Digest realm=\"" + "a" * 30000 + "\r\n"),
    ("credentials asked for", "", "Negotiate", "WWW-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n"),
    ("redirects", "", "to loopback", "Location: http://127.0.0.1:1/\r\nRefresh: 0;url=file:///\r\n"),
    ("cookies", "", "with a line end", "Set-Cookie: a=b%0d%0ac\r\n"),
    ("codings", "", "one that nobody knows", "Content-Encoding: x, y, gzip, gzip, gzip\r\n"),
    ("types", "", "of 30 KB", "Content-Type: " + "a/b;" * 7500 + "\r\n"),
    ("request ids", "", "with quotes and tags", "x-amzn-RequestId: \"'<script>\r\n"),
    ("errors", "", "with quotes and tags", "x-amzn-ErrorType: \"}<script>:http://x\r\n"),
    ("alternative services", "", "on loopback", "Alt-Svc: h2=\"127.0.0.1:1\"; ma=99999\r\nStrict-Transport-Security: max-age=99999999999\r\n"),
]


def names_of(kind, known, name):
    return "[%s] %s%s" % (kind, name, " (%s)" % known if known else "")


def requests(upstream, proxy):
    upstream.handler = answer_all
    memory = proxy.memory()
    for kind, known, name, data in AS_IT_IS:
        mark, data = marked(data)
        c = Client(proxy, HOST)
        got = c.ask(data)
        same("%s goes on as it is" % names_of(kind, known, name), (got[0], upstream.seen(mark) == data), (200, True))
        c.close()
    ok(proxy.memory() - memory < 20000 or SANITIZED, "that took no memory", memory, proxy.memory())


def answers(upstream, proxy):
    for kind, known, name, fields in ANSWERS:
        data = ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\n{}" % fields).encode("latin-1")

        def handler(c):
            c.request()
            c.send(data)
            c.rest()
        upstream.handler = handler
        c = Client(proxy, HOST)
        c.send(call())
        same("%s arrives as it is" % names_of(kind, known, name), c.exactly(len(data)), data)
        c.close()


def bombs(upstream, proxy):
    """What is small and becomes large is looked at no further than is needed to name the call."""
    memory = proxy.memory()
    for name, encoding, body in (("64 MB in gzip", "gzip", gzip.compress(bytes(1 << 26), 9, mtime=0)),
                                 ("gzip in gzip in gzip", "gzip", gzip.compress(gzip.compress(gzip.compress(bytes(1 << 24), 9), 9), 9, mtime=0)),
                                 ("an XML entity that doubles", "identity", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]><x>&z;</x>' % b"".join(
                                     b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(20)))):
        def handler(c):
            c.request()
            c.send(b"HTTP/1.1 400 Bad\r\nContent-Type: application/xml\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (
                encoding.encode(), len(body)) + body)
            c.rest()
        upstream.handler = handler
        c = Client(proxy, HOST)
        c.send(call())
        got = c.answer()
        same("[bodies that grow] %s arrives as it is" % name, (got[0], got[2] == body), (400, True))
        c.close()
    ok(proxy.memory() - memory < 20000 or SANITIZED, "[bodies that grow] no memory", memory, proxy.memory())
    ok(proxy.cpu() < 0.1, "[bodies that grow] nothing spins")


# ---- TLS ------------------------------------------------------------------------------------------


def handshake(proxy, change, sni=HOST):
    c = Client(proxy, HOST, tls=False)
    context = client_context(proxy.ca())
    change(context)
    try:
        c.sock = context.wrap_socket(c.sock, server_hostname=sni)
        return c.sock.version(), c
    except (OSError, ValueError) as e:
        return type(e).__name__, c


def tls(upstream, proxy):
    upstream.handler = answer_all

    def old(version):
        def change(context):
            context.minimum_version = context.maximum_version = version
            context.set_ciphers("ALL:@SECLEVEL=0")
        return change

    for name, version in (("TLS 1.0", ssl.TLSVersion.TLSv1), ("TLS 1.1", ssl.TLSVersion.TLSv1_1)):
        got, c = handshake(proxy, old(version))
        ok(got not in ("TLSv1", "TLSv1.1"), "[downgrade] %s is not spoken" % name, got)
        c.close()
    for name, ciphers in (("without encryption", "eNULL:@SECLEVEL=0"), ("without authentication", "aNULL:@SECLEVEL=0"),
                          ("RC4 and 3DES", "RC4:3DES:@SECLEVEL=0")):
        def weak(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
        try:
            got, c = handshake(proxy, weak)
            c.close()
        except ssl.SSLError:
            got = "not even here"
        ok(got in ("SSLError", "ConnectionResetError", "SSLEOFError", "not even here", "SSLZeroReturnError"), "[downgrade] no cipher %s" % name, got)
    got, c = handshake(proxy, lambda context: context.set_alpn_protocols(["http/1.1"]))
    same("[ALPN] http/1.1 is agreed on", c.sock.selected_alpn_protocol(), "http/1.1")
    c.close()
    # renegotiation: OpenSSL's client does it when told by a line with "R"
    if subprocess.run(["openssl", "version"], stdout=subprocess.DEVNULL).returncode == 0:
        p = subprocess.Popen(["openssl", "s_client", "-tls1_2", "-connect", HOST + ":443", "-proxy", "127.0.0.1:%d" % proxy.port, "-servername", HOST,
                              "-CAfile", proxy.ca()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(0.5)
        p.stdin.write(b"R\n")
        p.stdin.flush()
        time.sleep(0.5)
        try:
            p.stdin.write(b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % HOST.encode())
            p.stdin.flush()
        except OSError:
            pass
        time.sleep(0.3)
        p.kill()
        said = p.communicate()[0].decode("latin-1")
        ok("RENEGOTIATING" in said and re.search("no renegotiation|error|alert", said.split("RENEGOTIATING", 1)[1]) is not None,
           "[renegotiation] a client does not get it", said[-400:])
    # a session of one host is of no use for another
    context = client_context(proxy.ca())
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    c = Client(proxy, HOST, tls=False)
    s = context.wrap_socket(c.sock, server_hostname=HOST)
    session = s.session
    s.close()
    c = Client(proxy, HOST, tls=False)
    try:
        s = context.wrap_socket(c.sock, server_hostname="s3.us-east-1.amazonaws.com", session=session)
        got = s.session_reused
        s.close()
    except (OSError, ValueError) as e:
        got = type(e).__name__
    ok(got is not True, "[sessions] one host's is not resumed for another", got)
    # what certificates hold: the host alone
    _, c = handshake(proxy, lambda context: None)
    certificate_of = c.sock.getpeercert()
    subject = {v for rdn in certificate_of["subject"] for _, v in rdn}
    ok(certificate_of["subjectAltName"] == (("DNS", HOST),) and subject <= {HOST, "iamreplay"},
       "[names of certificates] the host's alone", certificate_of)
    c.close()


def main():
    elsewhere()
    context = server_context(certificate("good", HOST))
    upstream = Upstream(answer_all, context)
    proxy = Proxy("attacks", "--upstream-ca", authority(), "--connect-to", "%s:443:127.0.0.1:%d" % (HOST, upstream.port))
    plain(proxy)
    errors_tell_nothing(proxy)
    same("none of these reached the upstream", upstream.seen(), b"")
    requests(upstream, proxy)
    answers(upstream, proxy)
    bombs(upstream, proxy)
    tls(upstream, proxy)
    lines = open(proxy.capture, "rb").read()
    ok(b"<script" not in lines and b"tomato" not in lines and not re.search(rb"[\x00-\x09\x0b-\x1f]", lines), "the capture holds none of it", lines[-300:])
    ok(all(len(line) < 70000 for line in lines.splitlines()), "and no line without bound")
    upstream.handler = answer_all
    a_call(proxy)
    same("it ends well", proxy.stop(), 0)
    done()


main()
