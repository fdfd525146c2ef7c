"""smuggling.py - requests and answers that two readers may frame in two ways. A request is refused
before a byte of it goes on, or, where its body turns out so, cut there; an answer is a 502 if nothing
of it went to the client yet, else it is cut. What is unusual but means one thing passes as it is."""

from rig import *

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n"


def post(fields, body=b""):
    if isinstance(fields, str):
        fields = fields.encode("latin-1")
    return b"POST / HTTP/1.1\r\nX-Case: " + MARK + b"\r\nHost: " + HOST.encode() + b"\r\n" + fields + b"\r\n" + body


def get(target, version="HTTP/1.1"):
    return ("GET %s %s\r\nX-Case: %s\r\nHost: %s\r\n\r\n" % (target, version, MARK.decode(), HOST)).encode("latin-1")


CHUNKED = "Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"
PASSES, UNSEEN, CUT = "passes", "unseen", "cut"

# name, bytes, what comes of it: PASSES as it is; a status in place of it, and no byte goes on; CUT: a
# status, and what is before the fault went on; UNSEEN: no HTTP, so relayed unread (an endpoint, which
# has nothing else to do with it, answers 400)
REQUESTS = [
    # length and chunks
    ("CL.TE", post("Content-Length: 6\r\n" + CHUNKED, END + b"G" + SMUGGLED), 400),
    ("TE.CL", post(CHUNKED + "Content-Length: 4\r\n", b"2e\r\n" + SMUGGLED + b"\r\n" + END), 400),
    ("CL.TE, the length last and in capitals", post("TRANSFER-ENCODING: chunked\r\nCONTENT-LENGTH: 6\r\n", END), 400),
    ("two lengths that differ", post("Content-Length: 0\r\nContent-Length: 60\r\n", SMUGGLED), 400),
    ("two lengths that agree", post("Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"), 400),
    ("a list of lengths", post("Content-Length: 2, 2\r\n", b"{}"), 400),
    ("a length with a sign", post("Content-Length: +2\r\n", b"{}"), 400),
    ("a negative length", post("Content-Length: -1\r\n", SMUGGLED), 400),
    ("a length in hexadecimal", post("Content-Length: 0x2\r\n", b"{}"), 400),
    ("a length with a point", post("Content-Length: 2.0\r\n", b"{}"), 400),
    ("a length with a space in it", post("Content-Length: 0 2\r\n", b"{}"), 400),
    ("a length that overflows 64 bits", post("Content-Length: 18446744073709551618\r\n", b"{}"), 400),
    ("an empty length", post("Content-Length:\r\n", SMUGGLED), 400),
    ("a length in other digits", post(b"Content-Length: \xd9\xa2\r\n", b"{}"), 400),
    ("a length in quotes", post("Content-Length: \"2\"\r\n", b"{}"), 400),
    ("a length with leading zeros", post("Content-Length: 002\r\n", b"{}"), PASSES),
    ("a length with spaces around", post("Content-Length: \t 2 \t\r\n", b"{}"), PASSES),
    # TE.TE: codings that one reader may overlook
    ("chunked twice", post(CHUNKED + CHUNKED, END), 400),
    ("chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", END), 400),
    ("identity beside chunked", post("Transfer-Encoding: identity\r\n" + CHUNKED, END), 400),
    ("chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", END), 400),
    ("gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", END), 400),
    ("identity alone", post("Transfer-Encoding: identity\r\n", SMUGGLED), 400),
    ("xchunked", post("Transfer-Encoding: xchunked\r\n", END), 400),
    ("chunked with a parameter", post("Transfer-Encoding: chunked;x=y\r\n", END), 400),
    ("chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", END), 400),
    ("an empty coding", post("Transfer-Encoding:\r\n", SMUGGLED), 400),
    ("a comma behind chunked", post("Transfer-Encoding: chunked,\r\n", END), 400),
    ("a space before the colon", post("Transfer-Encoding : chunked\r\n", END), 400),
    ("a tab before the colon", post("Transfer-Encoding\t: chunked\r\n", END), 400),
    ("a vertical tab before chunked", post("Transfer-Encoding: \x0bchunked\r\n", END), 400),
    ("a form feed behind chunked", post("Transfer-Encoding: chunked\x0c\r\n", END), 400),
    ("a NUL behind chunked", post("Transfer-Encoding: chunked\0\r\n", END), 400),
    ("a non-breaking space before chunked", post("Transfer-Encoding: \xa0chunked\r\n", END), 400),
    ("chunked in a folded line", post("Transfer-Encoding:\r\n chunked\r\n", END), 400),
    ("chunked behind a folded field", post("X: y\r\n Transfer-Encoding: chunked\r\n", END), 400),
    ("chunked behind a bare LF", post("X: y\nTransfer-Encoding: chunked\r\n", END), 400),
    ("chunked behind a bare CR", post("X: y\rTransfer-Encoding: chunked\r\n", END), 400),
    ("chunked in HTTP/1.0", post(CHUNKED, END).replace(b"HTTP/1.1", b"HTTP/1.0"), 400),
    ("Transfer_Encoding is another field", post("Transfer_Encoding: chunked\r\n"), PASSES),
    ("cHuNkEd", post("transfer-encoding: cHuNkEd\r\n", END), PASSES),
    # lines and names
    ("bare LF throughout", post("Content-Length: 0\r\n").replace(b"\r\n", b"\n"), 400),
    ("a bare LF at the end of the head", post("X: y\r\n")[:-2] + b"\n" + SMUGGLED, 400),
    ("CR CR LF", post("X: y\r\r\n"), 400),
    ("an empty field name", post(": y\r\n"), 400),
    ("a field without colon", post("Content-Length\r\n"), 400),
    ("a space in a name", post("Content Length: 2\r\n", b"{}"), 400),
    ("a NUL in a name", post("Content-\0Length: 2\r\n", b"{}"), 400),
    ("a byte above 127 in a name", post(b"Content-L\xc3\xa9ngth: 2\r\n", b"{}"), 400),
    ("brackets in a name", post("Content-[Length]: 2\r\n", b"{}"), 400),
    ("a DEL in a value", post("X: a\x7fb\r\n"), 400),
    ("an escape sequence in a value", post("X: \x1b[2J\r\n"), 400),
    ("bytes above 127 in a value", post(b"X: \xc3\xa9\xff\r\n"), PASSES),
    ("an empty value", post("X:\r\n"), PASSES),
    ("a folded first line", b"POST / HTTP/1.1\r\n Host: x\r\nHost: " + HOST.encode() + b"\r\n\r\n", 400),
    ("201 fields", post("A: b\r\n" * 199), 400),
    ("200 fields", post("A: b\r\n" * 198), PASSES),
    ("a head of 65 KB", post("X: " + "y" * 65536 + "\r\n"), 400),
    ("a head of 63 KB", post("X: " + "y" * 64000 + "\r\n"), PASSES),
    # the request line
    ("two spaces", get(" /"), 400),
    ("a space behind the version", get("/", "HTTP/1.1 "), 400),
    ("a space in the target", get("/a b"), 400),
    ("a tab for a space", get("/").replace(b"GET /", b"GET\t/"), 400),
    ("HTTP/0.9", b"GET /\r\n\r\n", 400),
    ("HTTP/0.9 with a version", get("/", "HTTP/0.9"), 400),
    ("HTTP/1.2", get("/", "HTTP/1.2"), 400),
    ("HTTP/2.0", get("/", "HTTP/2.0"), 400),
    ("HTTP/01.1", get("/", "HTTP/01.1"), 400),
    ("http/1.1", get("/", "http/1.1"), 400),
    ("a control character in the method", get("/").replace(b"GET", b"G\x01T"), UNSEEN),
    ("a colon in the method", get("/").replace(b"GET", b"G:T"), UNSEEN),
    ("a method of 33 letters", get("/").replace(b"GET", b"G" * 33), UNSEEN),
    ("a method of 32 letters", get("/").replace(b"GET", b"G" * 32), PASSES),
    ("a space before the method", b" " + get("/"), UNSEEN),
    ("an unusual method", get("/").replace(b"GET", b"M-SEARCH"), PASSES),
    ("a method in lower case", get("/").replace(b"GET", b"get"), PASSES),
    ("a NUL in the target", get("/\0"), 400),
    ("a control character in the target", get("/\x01"), 400),
    ("bytes above 127 in the target", get("/\xe9"), PASSES),
    ("an empty target", get(""), 400),
    ("a target that is no path", get("smuggled"), 400),
    ("another host's URL", get("http://example.com/"), 400),
    ("another host's URL, https", get("https://s3.amazonaws.com/bucket"), 400),
    ("a URL with a user", get("https://%s@example.com/" % HOST), 400),
    ("a query first", get("?list-type=2"), 400),
    ("CONNECT inside", b"CONNECT example.com:443 HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n", 400),
    ("CR LF before the request", b"\r\n\r\n" + get("/"), PASSES),
    # Host
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two Hosts", get("/").replace(b"\r\n\r\n", b"\r\nHost: example.com\r\n\r\n"), 400),
    ("the same Host twice", get("/").replace(b"\r\n\r\n", b"\r\nhOsT: %s\r\n\r\n" % HOST.encode()), 400),
    # chunks
    ("a chunk size that is none", post(CHUNKED, b"zz\r\n" + SMUGGLED), CUT),
    ("a chunk size with 0x", post(CHUNKED, b"0x2\r\n{}\r\n" + END), CUT),
    ("a negative chunk size", post(CHUNKED, b"-1\r\n" + SMUGGLED), CUT),
    ("a chunk size with a sign", post(CHUNKED, b"+2\r\n{}\r\n" + END), CUT),
    ("a chunk size that overflows 64 bits", post(CHUNKED, b"10000000000000002\r\n{}\r\n" + END), CUT),
    ("a chunk size that overflows 32 bits", post(CHUNKED, b"fffffffff00000002\r\n{}\r\n" + END), CUT),
    ("a chunk size of many zeros", post(CHUNKED, b"0" * 40 + b"2\r\n{}\r\n" + END), CUT),
    ("no chunk size", post(CHUNKED, b"\r\n" + SMUGGLED), CUT),
    ("a space before the chunk size", post(CHUNKED, b" 2\r\n{}\r\n" + END), CUT),
    ("a second number behind the chunk size", post(CHUNKED, b"2 3\r\n{}\r\n" + END), CUT),
    ("a bare LF behind the chunk size", post(CHUNKED, b"2\n{}\r\n" + END), CUT),
    ("a bare CR behind the chunk size", post(CHUNKED, b"2\r{}\r\n" + END), CUT),
    ("a bare LF in an extension", post(CHUNKED, b"2;a\n\r\n{}\r\n" + END), CUT),
    ("a chunk longer than it says", post(CHUNKED, b"2\r\n{}}\r\n" + END), CUT),
    ("a chunk without CR LF behind it", post(CHUNKED, b"2\r\n{}0\r\n\r\n" + SMUGGLED), CUT),
    ("an extension of 9 KB", post(CHUNKED, b"2;" + b"a" * 9000 + b"\r\n{}\r\n" + END), CUT),
    ("a trailer without colon", post(CHUNKED, b"0\r\nsmuggled\r\n\r\n"), CUT),
    ("a folded trailer", post(CHUNKED, b"0\r\na: b\r\n c\r\n\r\n"), CUT),
    ("33 KB of trailers", post(CHUNKED, b"0\r\n" + b"a: b\r\n" * 7000 + b"\r\n"), CUT),
    ("Content-Length in a trailer", post(CHUNKED, b"0\r\nContent-Length: 5\r\n\r\n"), CUT),
    ("Transfer-Encoding in a trailer", post(CHUNKED, b"0\r\ntransfer-encoding: chunked\r\n\r\n"), CUT),
    ("Host in a trailer", post(CHUNKED, b"0\r\nHOST: example.com\r\n\r\n"), CUT),
    ("extensions", post(CHUNKED, b"2;a=b;c=\"d\"\r\n{}\r\n0;e\r\n\r\n"), PASSES),
    ("a space behind the size, then an extension", post(CHUNKED, b"2 ;a\r\n{}\r\n" + END), PASSES),
    ("trailers", post(CHUNKED, b"2\r\n{}\r\n0\r\nx-amz-checksum-crc32: AAAA\r\nHosts: x\r\n\r\n"), PASSES),
    ("leading zeros", post(CHUNKED, b"0002\r\n{}\r\n000\r\n\r\n"), PASSES),
    # other protocols
    ("HTTP/2's first words", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", UNSEEN),
    ("MQTT", b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0", UNSEEN),
    ("zeros", b"\0" * 64, UNSEEN),
]


def serve(c):
    while True:
        c.request()
        c.send(EMPTY)


def allowance(data, want, tls):
    """What the upstream may see of a case: all of it, what is before a fault or a smuggled request, or nothing."""
    if want == PASSES or want == UNSEEN and tls:
        return data
    return data[:-1].split(b"/smuggled")[0] if want == CUT else b""


def request(upstream, proxy, connect, name, data, want, tls):
    mark, data = marked(data)
    may_see = allowance(data, want, tls)
    before = len(proxy.calls())
    c = connect()
    c.sock.settimeout(PATIENCE)
    try:
        c.send(data)
    except OSError:
        pass
    if want == UNSEEN and tls:
        until(lambda: len(upstream.seen(mark)) >= len(data))
        same("%s: passes as what it is" % name, upstream.seen(mark), data)
    elif want == PASSES:
        got = c.answer()
        same("%s: passes" % name, (got[0], upstream.seen(mark) == data), (200, True))
        until(lambda: len(proxy.calls()) > before)
    else:
        got = c.answer()
        c.wait_end()
        seen = upstream.seen(mark)
        well = got[0] == (want if isinstance(want, int) else 400) and may_see.startswith(seen)
        ok(well and c.end == "closed", "%s: refused" % name, got, seen[:200], c.end)
    c.close()
    return may_see


def requests(upstream, proxy, connect, tls, kind):
    before = len(proxy.calls())
    may_see = [request(upstream, proxy, connect, "%s: %s" % (kind, name), data, want, tls)
               for name, data, want in REQUESTS]
    time.sleep(0.2)
    passed = sum(want == PASSES for _, _, want in REQUESTS)
    same("%s: what passed is captured, and nothing else" % kind, len(proxy.calls()) - before, passed)
    # also what has no mark yet, or came after its case was judged
    more = [c.seen for c in upstream.connections if not any(m.startswith(c.seen) for m in may_see)]
    same("%s: nothing else reached the upstream" % kind, more, [])


# ---- in order -----------------------------------------------------------------------------------


def pipelining(upstream, proxy):
    """A second request waits until the first is answered."""
    early = []

    def handler(c):
        for i in range(3):
            c.until(b"\r\n\r\n")
            if c.waits(0.2):
                early.append(i)
            c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % i)
    upstream.handler = handler
    before = len(proxy.calls())
    c = Client(proxy, HOST)
    names = ["ListTables", "DescribeLimits", "DescribeEndpoints"]
    c.send(b"".join(call(target="DynamoDB_20120810." + n) for n in names))
    same("pipelined: the answers in order", [c.answer()[2] for _ in names], [b"0", b"1", b"2"])
    same("pipelined: one at a time", early, [])
    same("pipelined: captured in order", [x["name"] for x in proxy.calls(before + 3)[before:]], names)
    c.close()

    # a smuggled request inside a body is body
    upstream.handler = answer_all
    c = Client(proxy, HOST)
    mark, data = marked(call("X-Case: %s\r\nContent-Length: %d\r\n" % (MARK.decode(), len(SMUGGLED)), SMUGGLED.decode()))
    before = len(proxy.calls())
    same("a request in a body is body", (c.ask(data)[0], upstream.seen(mark) == data), (200, True))
    time.sleep(0.1)
    same("and one call", len(proxy.calls(before + 1)) - before, 1)
    c.close()


# ---- answers ------------------------------------------------------------------------------------


def ans(fields, body=b"", status="200 OK"):
    return ("HTTP/1.1 %s\r\n%s\r\n" % (status, fields)).encode("latin-1") + body


FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
LENGTH2 = "Content-Length: 2\r\n"
# name, the upstream's bytes, the client's: status, content, end (None: it can ask again); captured status
ANSWERS = [
    ("two lengths that differ", ans(LENGTH2 + "Content-Length: 47\r\n", b"{}" + FORGED), 502, None, "closed", 0),
    ("two lengths that agree", ans(LENGTH2 + LENGTH2, b"{}"), 502, None, "closed", 0),
    ("length and chunks", ans(LENGTH2 + CHUNKED, END + FORGED), 502, None, "closed", 0),
    ("chunks and length", ans(CHUNKED + LENGTH2, END + FORGED), 502, None, "closed", 0),
    ("a negative length", ans("Content-Length: -1\r\n", FORGED), 502, None, "closed", 0),
    ("chunked twice", ans(CHUNKED + CHUNKED, END), 502, None, "closed", 0),
    ("chunked, gzip", ans("Transfer-Encoding: chunked, gzip\r\n", END), 502, None, "closed", 0),
    ("chunked in HTTP/1.0", ans(CHUNKED, END).replace(b"/1.1", b"/1.0"), 502, None, "closed", 0),
    ("a space before the colon", ans("Content-Length : 2\r\n", b"{}"), 502, None, "closed", 0),
    ("a folded field", ans("X: y\r\n Content-Length: 2\r\n", b"{}"), 502, None, "closed", 0),
    ("a bare LF", ans("X: y\nContent-Length: 2\r\n", b"{}"), 502, None, "closed", 0),
    ("a NUL", ans("X: \0\r\n" + LENGTH2, b"{}"), 502, None, "closed", 0),
    ("a split answer", ans("X: y\r\n\r\n".rstrip() + "\r\rSet: z\r\n" + LENGTH2, b"{}"), 502, None, "closed", 0),
    ("no HTTP", b"220 mail.example ESMTP\r\n\r\n", 502, None, "closed", 0),
    ("HTTP/0.9", b"{\"TableNames\":[]}\r\n\r\n", 502, None, "closed", 0),
    ("HTTP/2", ans(LENGTH2, b"{}").replace(b"/1.1", b"/2"), 502, None, "closed", 0),
    ("status 99", ans(LENGTH2, b"{}", "099 No"), 502, None, "closed", 0),
    ("status 1000", ans(LENGTH2, b"{}", "1000 No"), 502, None, "closed", 0),
    ("a head of 65 KB", ans("X: " + "y" * 65536 + "\r\n" + LENGTH2, b"{}"), 502, None, "closed", 0),
    ("201 fields", ans("A: b\r\n" * 200 + LENGTH2, b"{}"), 502, None, "closed", 0),
    ("101 that nobody asked for", ans("Upgrade: x\r\nConnection: upgrade\r\n", FORGED, "101 Switching"), 502, None,
     "closed", 0),
    ("a head of 63 KB", ans("X: " + "y" * 64000 + "\r\n" + LENGTH2, b"{}"), 200, b"{}", None, 200),
    ("a chunk size that is none", ans(CHUNKED, b"2\r\n{}\r\nzz\r\n"), 200, b"", "cut", 200),
    ("a chunk size that overflows", ans(CHUNKED, b"2\r\n{}\r\n10000000000000002\r\n"), 200, b"", "cut", 200),
    ("Content-Length in a trailer", ans(CHUNKED, b"2\r\n{}\r\n0\r\nContent-Length: 2\r\n\r\n"), 200, b"", "cut", 200),
    ("33 KB of trailers", ans(CHUNKED, b"0\r\n" + b"a: b\r\n" * 7000 + b"\r\n"), 200, b"", "cut", 200),
    ("more than its length", ans(LENGTH2, b"{}" + FORGED), 200, b"{}", "closed", 200),
    ("more behind its last chunk", ans(CHUNKED, b"2\r\n{}\r\n" + END + FORGED), 200, b"{}", "closed", 200),
    ("a body behind 204", ans("", FORGED, "204 No Content"), 204, b"", "closed", 204),
    ("a body behind 304", ans(LENGTH2, FORGED, "304 Not Modified"), 304, b"", "closed", 304),
    ("two answers", ans(LENGTH2, b"{}") + ans(LENGTH2, b"[]"), 200, b"{}", "closed", 200),
    ("20,000 interim ones", ans("", b"", "102 Processing") * 20000 + ans(LENGTH2, b"{}"), 200, b"{}", None, 200),
    ("103 with fields", ans("Link: </x>\r\n" + LENGTH2, b"", "103 Early Hints") + ans(LENGTH2, b"{}"), 200, b"{}",
     None, 200),
]


def answers(upstream, proxy):
    memory = proxy.memory()
    for name, data, status, content, end, captured in ANSWERS:
        def handler(c):
            c.request()
            c.send(data)
            c.rest()
        upstream.handler = handler
        before = len(proxy.calls())
        c = Client(proxy, HOST)
        got = c.ask(call())
        well = got[0] == status and b"forged" not in got[1] + got[2]
        well = well and (content is None or status != 200 or end == "cut" or got[2] == content)
        if end:
            rest = c.wait_end()
            well = well and b"forged" not in rest and (c.end == end)
        ok(well, "an answer with %s" % name, got, c.end)
        c.close()
        calls = [x["status"] for x in proxy.calls(before + 1)[before:]]
        same("an answer with %s: captured" % name, calls, [captured])
    ok(proxy.memory() - memory < 20000 or SANITIZED, "that took no memory", memory, proxy.memory())

    def unasked(c):
        c.send(FORGED)
        c.rest()
    upstream.handler = unasked
    before = len(proxy.calls())
    c = Client(proxy, HOST)
    same("an answer before the request goes nowhere", (c.wait_end(), c.end), (b"", "closed"))
    c.close()

    # one in a TLS record of its own, which no poll tells of once it was read with the one before
    def corked(c):
        c.request()
        c.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        c.send(EMPTY)
        c.send(FORGED)
        c.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        c.request()
        c.send(EMPTY)
        c.rest()
    upstream.handler = corked
    c = Client(proxy, HOST)
    first = c.ask(call())[2]
    try:
        second = c.ask(call())[2]
    except OSError:
        second = b""
    same("an answer that waits for the next request is not its answer", (first, second), (b"{}", b""))
    c.close()
    before += 1

    def head(c):
        c.request()
        c.send(ans("Content-Length: %d\r\n" % len(FORGED), FORGED))
        c.rest()
    upstream.handler = head
    c = Client(proxy, HOST)
    c.send(b"HEAD / HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n")
    got = c.answer(head_only=True)
    rest = c.wait_end()
    same("a body behind the answer to HEAD goes nowhere", (got[0], rest, c.end), (200, b"", "closed"))
    c.close()
    proxy.calls(before + 1)

    # what comes too much must not cost what belongs to it, however slowly that is read
    big = b"b" * (1 << 20)

    def much(c):
        c.request()
        c.send(ans("Content-Length: %d\r\n" % len(big), big + FORGED))
        c.rest()
    upstream.handler = much
    c = Client(proxy, HOST)
    c.send(call())
    time.sleep(0.5)
    got = c.answer()
    rest = c.wait_end()
    same("too much behind a large answer: that arrives whole", (len(got[2]), rest, c.end), (len(big), b"", "closed"))
    c.close()


def main():
    context = server_context(certificate("good", HOST))
    upstream = Upstream(serve, context)
    proxy = Proxy("tls", "--upstream-ca", authority(), "--connect-to", "%s:443:127.0.0.1:%d" % (HOST, upstream.port))
    requests(upstream, proxy, lambda: Client(proxy, HOST), True, "in TLS")
    pipelining(upstream, proxy)
    answers(upstream, proxy)
    upstream.handler = answer_all
    a_call(proxy)
    ok(proxy.cpu() < 0.1, "nothing spins afterwards")
    same("it ends well", proxy.stop(), 0)

    plain = Upstream(serve)
    endpoint = Proxy("endpoint", "--to", plain.url, mode="endpoint")
    requests(plain, endpoint, lambda: Client(endpoint), False, "endpoint")
    ok(endpoint.cpu() < 0.1, "nothing spins afterwards")
    same("the endpoint ends well", endpoint.stop(), 0)
    done()


main()
