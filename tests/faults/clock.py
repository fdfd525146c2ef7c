"""clock.py - a CA that has expired, and clocks that are set under a running proxy: connections and
their timeouts go on, new certificates are valid at the new time, and where the CA's own is not,
clients are passed through and told of. Needs libfaketime, which stands between a program and its
clocks."""

import glob

from rig import *

LIBRARY = (glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob("/usr/lib/faketime/libfaketimeMT.so.1") +
           [""])[0]
DAY = 86400
ANY = "kms.us-east-1.amazonaws.com"


def faked(offset=None, monotonic=False):
    """The environment of a program whose clock is off; without offset that is in a file."""
    env = {"LD_PRELOAD": LIBRARY, "FAKETIME_NO_CACHE": "1"}
    if SANITIZED:
        env["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
    if offset:
        env["FAKETIME"] = offset
    else:
        env["FAKETIME_TIMESTAMP_FILE"] = scratch("clock", "time")
    if not monotonic:
        env["DONT_FAKE_MONOTONIC"] = "1"
    return env


def set_clock(offset):
    """Replaces the file at once: half a line would be a time, too."""
    with open(scratch("clock", "new"), "w") as f:
        f.write(offset + "\n")
    os.rename(scratch("clock", "new"), scratch("clock", "time"))


def run(*arguments, env=None):
    r = subprocess.run([PROGRAM] + list(arguments), capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
                       env=dict(os.environ, **(env or {})), cwd=SCRATCH)
    return r.returncode, r.stderr.decode(), r.stdout.decode()


# ---- a CA that does not hold --------------------------------------------------------------------


def refusals(what, options, pattern):
    """Who needs the CA says why not, does nothing, and leaves nothing."""
    for verb in ("show", "export", "trust-hint"):
        if options[0] != "--ca-dir":
            break
        got = run("ca", verb, *options)
        ok(got[0] == 3 and re.search(pattern, got[1], re.S) and not got[2], "%s: ca %s says so" % (what, verb), got)
    got = run("capture", "proxy", "--listen", "127.0.0.1:0", "-o", "refused.capture", *options)
    ok(got[0] == 3 and re.search(pattern, got[1], re.S), "%s: capture proxy says so" % what, got)
    got = run("record", "-o", "refused.capture", *options, "--", "touch", "ran")
    ok(got[0] == 125 and re.search(pattern, got[1], re.S), "%s: record says so" % what, got)
    same("%s: nothing was run or left" % what,
         [os.path.exists(scratch(n)) for n in ("ran", "refused.capture")], [False, False])


def expired(upstream):
    old = scratch("old-ca")
    same("400 days ago a CA is made", run("ca", "renew", "--ca-dir", old, env=faked("-400d"))[0], 0)
    subject = open(scratch("old-ca", "ca.pem")).read()
    refusals("expired", ("--ca-dir", old), r"ca\.pem: the certificate has expired; 'iamreplay ca renew --ca-dir [^']*old-ca' makes another")
    got = run("ca", "renew", "--ca-dir", old)
    ok(got[0] == 0 and "need the new one" in got[1], "ca renew makes another", got)
    same("which is another", open(scratch("old-ca", "ca.pem")).read() != subject, True)
    proxy = Proxy("renewed", "--upstream", upstream.url, "--ca-dir", old)
    proxy.ca_dir = old
    a_call(proxy, "with which a call passes")
    proxy.stop()

    new = scratch("new-ca")
    same("in two days a CA is made", run("ca", "renew", "--ca-dir", new, env=faked("+2d"))[0], 0)
    refusals("not valid yet", ("--ca-dir", new), r"ca\.pem: the certificate is not valid yet: is this machine's clock right")

    key, cert = scratch("own.key"), scratch("own.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "1", "-subj", "/CN=own", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", key, "-out", cert],
                   env=dict(os.environ, **faked("-3d")), stderr=subprocess.DEVNULL, check=True)
    os.chmod(key, 0o600)
    refusals("one's own expired", ("--ca-cert", cert, "--ca-key", key), r"own\.pem: the certificate has expired; a new one")


# ---- the wall's clock ---------------------------------------------------------------------------


def leaf(proxy, host=HOST):
    """What is shown to a new client, in a file."""
    c = Client(proxy, host, tls=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    c.start_tls(host, context)
    with open(scratch("leaf.pem"), "w") as f:
        f.write(ssl.DER_cert_to_PEM_cert(c.sock.certificate()))
    status = c.ask(call(host=host))[0]
    c.close()
    return status


def valid_at(proxy, seconds):
    r = subprocess.run(["openssl", "verify", "-attime", str(int(time.time() + seconds)), "-CAfile", proxy.ca(),
                        scratch("leaf.pem")], capture_output=True)
    return r.returncode == 0


def last_time(proxy, n):
    calls = proxy.calls(n)
    return calendar_seconds(calls[-1]["time"]) - time.time() if len(calls) == n else None


def calendar_seconds(text):
    import calendar
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def wall(upstream):
    def greet(c):
        c.send(b"not opened")
        c.rest()
    other = Upstream(greet)
    set_clock("+0")
    proxy = Proxy("wall", "--upstream", upstream.url, "--connect-to", "%s:443:127.0.0.1:%d" % (ANY, other.port), "--pid-file",
                  scratch("clock", "pid"), env=faked())
    kept = Client(proxy, HOST)
    same("before: a call passes", kept.ask(call())[0], 200)
    n = 1
    half = Client(proxy, HOST)
    half.send(call()[:50])
    for name, offset, seconds in (("a day ahead", "+1d", DAY), ("8 days ahead", "+8d", 8 * DAY),
                                  ("364 days ahead", "+364d", 364 * DAY), ("back", "+0", 0), ("an hour back", "-50m", -3000)):
        set_clock(offset)
        same("%s: a connection goes on" % name, kept.ask(call())[0], 200)
        same("%s: a new one is opened" % name, leaf(proxy), 200)
        ok(valid_at(proxy, seconds), "%s: with a certificate that is valid then" % name)
        n += 2
        off = last_time(proxy, n)
        ok(off is not None and abs(off - seconds) < 60, "%s: which is when the call was made" % name, off, seconds)
    set_clock("+300d")
    half.send(call()[50:])
    same("a request that began before is answered", half.answer()[0], 200)
    n += 1
    ok(proxy.cpu() < 0.1, "nothing spins")

    for name, offset, seconds in (("two years ahead", "+730d", 730 * DAY), ("a year back", "-365d", -365 * DAY)):
        set_clock(offset)
        same("%s: a connection goes on" % name, kept.ask(call())[0], 200)
        n += 1
        off = last_time(proxy, n)
        ok(off is not None and abs(off - seconds) < 60, "%s: and is captured" % name, off, seconds)
        c = Client(proxy, ANY, tls=False)
        c.send(first_hello(ANY))
        same("%s: with a CA that does not hold a new one passes through" % name, c.exactly(10), b"not opened")
        c.close()
    same("which is said once", proxy.said().count("the CA's certificate is not valid now"), 1)
    set_clock("+0")
    same("back again: it is opened", leaf(proxy, ANY), 200)
    ok(valid_at(proxy, 0), "back again: with a certificate that is valid")
    n += 1
    same("all are captured", len(proxy.calls(n)), n)
    set_clock("+20000d")  # beyond 2038, and 2050, where ASN.1 changes its form
    same("far ahead: a connection goes on", kept.ask(call())[0], 200)
    same("far ahead: it ends well", proxy.stop(), 0)
    same("every line is whole", len(proxy.lines_written()), n + 2)
    like("who passed through is told", proxy.said(), "tunnelled without inspection: " + re.escape(ANY))


def first_hello(host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=host).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


# ---- timeouts, by the other clock ---------------------------------------------------------------


def wake(proxy):
    """Both threads look at the clock only when something happens."""
    for _ in range(40):
        try:
            Client(proxy).close()
        except OSError:
            pass


def ended(c):
    c.sock.settimeout(0.3)
    try:
        c.more()
    except Ended:
        pass
    if c.end == "silent":
        c.end = ""
        return False
    return bool(c.end)


def let_go(proxy, c):
    """Whether it ends, soon after somebody looked at the clock."""
    return until(lambda: ended(c) or wake(proxy), 10)


def timeouts():
    def handler(c):
        while True:
            head, _ = c.request()
            if b"never" in head:
                c.rest()
            c.send(EMPTY)
    upstream = Upstream(handler, patience=120)
    silent = Upstream(lambda c: c.rest(), patience=120)
    set_clock("+0")
    proxy = Proxy("timeouts", "--upstream", upstream.url, "--pid-file", scratch("clock", "pid"),
                  env=faked(monotonic=True))
    idle, used = Client(proxy, HOST), Client(proxy, HOST)
    idle.ask(call())
    never = Client(proxy, HOST)
    never.send(call("X-Say: never\r\n"))
    tunnel = Client(proxy, "127.0.0.1", silent.port, tls=False)
    until(lambda: b"never" in upstream.seen())
    set_clock("+15m")
    wake(proxy)
    same("15 minutes of silence: all stay", [ended(c) for c in (idle, used, never, tunnel)], [False] * 4)
    same("one is used", used.ask(call())[0], 200)
    set_clock("+21m")
    same("21 minutes: who was silent is let go", [let_go(proxy, c) for c in (idle, never)], [True, True])
    same("the used one and the tunnel stay", [ended(c) for c in (used, tunnel)], [False, False])
    same("a call that was never answered is captured so", sorted(x["status"] for x in proxy.calls(3)), [0, 200, 200])
    set_clock("+119m")
    wake(proxy)
    same("two hours less a minute: the tunnel stays", ended(tunnel), False)
    set_clock("+121m")
    same("two hours and a minute: it is let go", let_go(proxy, tunnel), True)
    a_call(proxy)
    ok(proxy.cpu() < 0.1, "nothing spins")
    same("it ends well", proxy.stop(), 0)


def main():
    if not LIBRARY:
        print("1..0 # SKIP libfaketime (Debian: faketime) is not here to set clocks")
        os._exit(0)
    os.mkdir(scratch("clock"))
    upstream = Upstream()
    expired(upstream)
    wall(upstream)
    timeouts()
    done()


main()
