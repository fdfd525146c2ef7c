"""slow.py - clients that take their time, at every point where one can, and a stop that waits for an
answer that never comes: all at once, for as long as the limits of iamreplay-capture(1) last, while
other clients are served as ever."""

from rig import *

EACH = 40
HELLO = None


def first_hello():
    """What a client says first behind CONNECT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=HOST).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


class Slow:
    """Many clients that do the same: open() makes one, which then says drip byte by byte."""

    def __init__(self, name, make, drip, expect, seconds):
        self.name, self.drip, self.expect, self.seconds = name, drip, expect, seconds
        self.clients = [make() for _ in range(EACH)]
        self.began, self.at, self.ended, self.got = time.monotonic(), 0, {}, {}

    def step(self):
        """Says the next byte, and takes notice of who was let go."""
        now = time.monotonic() - self.began
        for i, c in enumerate(self.clients):
            if i in self.ended:
                continue
            try:
                if self.at < len(self.drip):
                    c.send(self.drip[self.at:self.at + 1])
            except OSError:
                pass
            c.sock.settimeout(0.001)
            try:
                c.more()
            except Ended:
                if c.end == "silent":
                    c.end = ""
                else:
                    self.ended[i], self.got[i] = now, c.held
        self.at += 1

    def judge(self):
        low, high = self.seconds
        if low is None:
            return same("%s: they stay" % self.name, len(self.ended), 0)
        times = sorted(self.ended.values())
        ok(len(times) == EACH and low <= times[0] and times[-1] <= high,
           "%s: let go after %d to %d s" % (self.name, low, high), len(times), times[:1] + times[-1:])
        answers = {self.got[i][9:12] for i in self.ended}
        return same("%s: with the answer %s" % (self.name, self.expect or "of none"), answers, {self.expect})


def never_answered():
    """Told to stop while an answer never comes."""
    upstream = Upstream(lambda c: (c.request(), time.sleep(120)))
    proxy = Proxy("never", "--upstream", upstream.url)
    c = Client(proxy, HOST)
    c.send(call())
    time.sleep(0.3)
    proxy.kill(signal.SIGTERM)
    return proxy, time.monotonic()


def main():
    upstream = Upstream(patience=120)
    blind = Upstream(lambda c: c.rest(), patience=120)
    proxy = Proxy("slow", "--upstream", upstream.url, "--connect-to", "%s:443:127.0.0.1:%d" % (HOST, blind.port))
    hello = first_hello()
    stopping, told = never_answered()

    def connected():
        return Client(proxy, HOST, tls=False)

    def said(text):
        def make():
            c = connected()
            c.send(text)
            return c
        return make

    def inside(text):
        def make():
            c = Client(proxy, HOST)
            c.send(text)
            return c
        return make
    head = call("X: " + "y" * 100 + "\r\n")
    kinds = [
        Slow("nothing said", lambda: Client(proxy), b"", b"", (29, 38)),
        Slow("a slow CONNECT", lambda: Client(proxy), b"CONNECT " + b"x" * 100, b"408", (29, 38)),
        Slow("a slow ClientHello", connected, hello[:100], b"", (29, 38)),
        Slow("a ClientHello and no more", said(hello), b"", None, (29, 38)),
        Slow("a slow head in TLS", inside(b"P"), head[1:], b"408", (29, 38)),
        Slow("nothing said in TLS", inside(b""), b"", b"", (None, None)),
        Slow("nothing said behind CONNECT", connected, b"", b"", (None, None)),
        Slow("a slow body", inside(call("Content-Length: 100\r\n")), b"b" * 100, b"", (None, None)),
    ]
    took, statuses, kept = [], [], Client(proxy, HOST)
    step = time.monotonic()
    while time.monotonic() - told < 39:
        if time.monotonic() >= step:
            step += 1
            for kind in kinds:
                kind.step()
        began = time.monotonic()
        c = kept if len(took) % 2 else Client(proxy, HOST)
        statuses.append(c.ask(call())[0])
        if c is not kept:
            c.close()
        took.append(time.monotonic() - began)
        time.sleep(0.1)
    for kind in kinds:
        if kind.expect is None:  # a ServerHello came
            ok(all(x[:1] == b"\x16" for x in kind.got.values()), "%s: the handshake had begun" % kind.name)
            kind.expect = next(iter(kind.got.values()))[9:12] if kind.got else b""
            kind.got = {i: b"." * 9 + kind.expect for i in kind.got}
        kind.judge()
    same("meanwhile others are served", set(statuses), {200})
    ok(max(took) < 5, "at once", max(took))
    note("%d calls meanwhile, the slowest took %.0f ms" % (len(took), max(took) * 1000))
    ok(proxy.cpu() < 0.1, "nothing spins")
    n = len(statuses)
    same("only they were calls", len(proxy.calls(n)), n)
    for kind in kinds:
        for c in kind.clients:
            c.close()
    like("who waits for the server's first word passes unseen", proxy.said() if proxy.stop() == 0 else "",
         "tunnelled without inspection: " + re.escape(HOST))
    same("told to stop, it does not wait for ever", (stopping.process.poll(), stopping.wait(5)), (0, 0))
    same("for a call that has no answer", [x["status"] for x in stopping.calls()], [0])
    done()


main()
