"""pressure.py - more than there is room for: 1,000 clients at once, one more than the limit, 100,000
connections that come and go, no descriptor left; and being told to stop in the middle of it."""

from rig import *

CONNECTS = sys.argv[3]
FLOOD = 20000 if SANITIZED else 100000
MANY = 1000


def limit_of_ours():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


# ---- many ---------------------------------------------------------------------------------------


class Hold:
    """An upstream without threads: holds every answer back until it is told to go on, so that all
    requests are in flight at once."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.poll, self.socks, self.heads, self.waiting, self.go = select.epoll(), {}, {}, [], False
        self.poll.register(self.listener.fileno(), select.EPOLLIN)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            for fd, _ in self.poll.poll(0.05):
                if fd == self.listener.fileno():
                    sock, _ = self.listener.accept()
                    self.socks[sock.fileno()] = sock
                    self.poll.register(sock.fileno(), select.EPOLLIN)
                else:
                    self._take(fd)
            if self.go:
                waiting, self.waiting = self.waiting, []
                for fd in waiting:
                    if fd in self.socks:
                        self.socks[fd].sendall(EMPTY)

    def _take(self, fd):
        data = b""
        try:
            data = self.socks[fd].recv(65536)
        except OSError:
            pass
        if not data:
            self.poll.unregister(fd)
            self.socks.pop(fd).close()
            return
        self.heads[fd] = self.heads.get(fd, b"") + data
        while b"\r\n\r\n" in self.heads[fd]:
            self.heads[fd] = self.heads[fd].split(b"\r\n\r\n", 1)[1]
            self.waiting.append(fd)


def many(hold, proxy):
    context = client_context(proxy.ca())
    clients = []
    began = time.monotonic()
    for _ in range(MANY):
        c = Client(proxy, HOST, tls=False)
        c.start_tls(HOST, context)
        c.send(call())
        clients.append(c)
    same("%d clients: all requests are on their way at once" % MANY,
         until(lambda: len(hold.waiting) == MANY), True)
    note("%d clients in %.1f s, %d KB resident, %d files" % (MANY, time.monotonic() - began, proxy.memory(),
                                                            proxy.files()))
    ok(proxy.memory() < 150 << 10 or SANITIZED, "in less than 150 MB", proxy.memory())
    hold.go = True
    statuses = [c.answer()[0] for c in clients]
    same("%d clients: all are answered" % MANY, statuses.count(200), MANY)
    same("%d clients: and captured" % MANY, len(proxy.calls(MANY)), MANY)
    for c in clients:
        c.close()


def one_too_many(proxy):
    clients = []
    for _ in range(4096):
        clients.append(Client(proxy))
    time.sleep(0.3)
    extra = Client(proxy)
    got = extra.answer()
    ok(got[0] == 503 and b"Retry-After" in got[1], "client 4,097 is told to come again", got)
    extra.close()
    ok(proxy.cpu() < 0.2, "nothing spins meanwhile")
    clients.pop().close()
    same("who comes again when another has left is served", until(lambda: served(proxy)), True)
    for c in clients:
        c.close()
    until(lambda: proxy.files() < 100)


def served(proxy):
    try:
        c = Client(proxy, HOST)
        c.sock.settimeout(PATIENCE)
        got = c.ask(call())[0]
        c.close()
        return got == 200
    except (Ended, OSError):
        return False


# ---- floods -------------------------------------------------------------------------------------


def flood(proxy, tunnel):
    subprocess.run([CONNECTS, str(proxy.port), "2000", "200", HOST + ":443"], stdout=subprocess.DEVNULL)
    until(lambda: proxy.files() < 60)
    files, memory = proxy.files(), proxy.memory()
    for what, n in ((HOST + ":443", FLOOD), ("127.0.0.1:%d" % tunnel, FLOOD // 20)):
        r = subprocess.run([CONNECTS, str(proxy.port), str(n), "200", what], capture_output=True, timeout=300)
        text = r.stdout.decode().strip()
        note(text)
        same("%d connections for %s: all are taken" % (n, "an API host" if HOST in what else "another"),
             (r.returncode, r.stdout.startswith(b"%d connections, 0 failed" % n)), (0, True))
        answered = int(re.search(r"(\d+) answered", text).group(1))
        ok(answered >= n // 2, "half of them asked, and were answered", text)
    same("afterwards no descriptor is left behind", until(lambda: proxy.files() <= files + 4), True)
    note("%d files, %d KB before; %d, %d after" % (files, memory, proxy.files(), proxy.memory()))
    ok(proxy.memory() < memory + 20000 or SANITIZED, "and no memory", memory, proxy.memory())
    ok(proxy.cpu() < 0.1, "and nothing spins")
    a_call(proxy, "a call afterwards is answered")
    same("none of it was a call but that", len(proxy.calls(1)), 1)


# ---- no descriptors -----------------------------------------------------------------------------


def few_files(hold):
    """Started with few descriptors it takes as many clients as it can serve."""
    proxy = Proxy("few", "--upstream", hold.url, files=64)
    a_call(proxy, "64 descriptors: a call passes")
    clients = []
    for _ in range(100):
        try:
            clients.append(Client(proxy, HOST, patience=3))
        except (Ended, OSError):
            pass
    note("of 100 clients %d were taken" % len(clients))
    answers = []
    for c in clients:
        try:
            answers.append(c.ask(call())[0])
        except OSError as e:
            answers.append(repr(e))
    same("64 descriptors: whoever is taken is served", set(answers), {200})
    ok(len(clients) >= 8, "64 descriptors: that are some", len(clients))
    ok(proxy.cpu() < 0.2, "64 descriptors: nothing spins")
    for c in clients:
        c.close()
    same("64 descriptors: others are served when they have left", until(lambda: served(proxy)), True)
    same("64 descriptors: it ends well", proxy.stop(), 0)


def no_files(hold):
    """Under way the descriptors end."""
    proxy = Proxy("none", "--upstream", hold.url)
    a_call(proxy, "before the descriptors end a call passes")
    kept = Client(proxy, HOST)
    kept.ask(call())
    n = max(int(f) for f in os.listdir("/proc/%d/fd" % proxy.pid)) + 1
    old = resource.prlimit(proxy.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(proxy.pid, resource.RLIMIT_NOFILE, (n, old[1]))
    waiting = [Client(proxy) for _ in range(50)]
    time.sleep(0.3)
    ok(proxy.cpu() < 0.2, "no descriptor is left for those who wait: nothing spins", proxy.cpu())
    same("who is connected is served", kept.ask(call())[0], 200)
    resource.prlimit(proxy.pid, resource.RLIMIT_NOFILE, old)
    same("when there are some again, others are served", until(lambda: served(proxy)), True)
    waiting[-1].send(b"CONNECT %s:443 HTTP/1.0\r\n\r\n" % HOST.encode())
    same("and those who waited", waiting[-1].until(b"\r\n\r\n")[9:12], b"200")
    same("it ends well", proxy.stop(), 0)


# ---- stopping -----------------------------------------------------------------------------------


def stop():
    hold = Hold()
    proxy = Proxy("stop", "--upstream", hold.url)
    tunnel = Upstream(lambda c: c.rest())
    busy = [Client(proxy, HOST) for _ in range(20)]
    idle = [Client(proxy, HOST) for _ in range(20)]
    blind = [Client(proxy, "127.0.0.1", tunnel.port, tls=False) for _ in range(5)]
    half = Client(proxy, HOST)
    half.send(call()[:40])
    for c in busy:
        c.send(call())
    until(lambda: len(hold.waiting) == 20)
    proxy.kill(signal.SIGTERM)
    for c in idle + blind + [half]:
        c.sock.settimeout(PATIENCE)
        c.wait_end()
    same("told to stop: who has no call in flight is let go",
         {c.end for c in idle + blind + [half]} <= {"closed", "cut"}, True)
    same("it still runs for the others", proxy.alive(), True)
    try:
        refused = Client(proxy, patience=2)
        refused.send(b"CONNECT %s:443 HTTP/1.0\r\n\r\n" % HOST.encode())
        refused.sock.settimeout(1)
        new = refused.answer(head_only=True)[0]
    except OSError:
        new = 0
    same("nobody new is served", new, 0)
    hold.go = True
    same("the calls in flight are answered", [c.answer()[0] for c in busy], [200] * 20)
    same("and it ends well", proxy.wait(), 0)
    same("with all of them captured", [x["status"] for x in proxy.calls()], [200] * 20)
    like("which is said", proxy.said(), "20 calls in")

    for number in (signal.SIGTERM, signal.SIGINT):
        hold = Hold()
        proxy = Proxy("stop%d" % number, "--upstream", hold.url)
        c = Client(proxy, HOST)
        c.send(call())
        until(lambda: hold.waiting)
        proxy.kill(number)
        time.sleep(0.3)
        same("signal %d: it waits for the call" % number, proxy.alive(), True)
        began = time.monotonic()
        same("signal %d: the second one ends it" % number, proxy.stop(number, 5), 0)
        ok(time.monotonic() - began < 2, "signal %d: at once" % number)
        same("signal %d: the call is captured as one without answer" % number,
             [x["status"] for x in proxy.calls()], [0])


def main():
    files = limit_of_ours()
    hold = Hold()
    hold.go = True
    tunnel = Upstream(lambda c: None)
    proxy = Proxy("flood", "--upstream", hold.url)
    flood(proxy, tunnel.port)
    hold.go = False
    before = proxy.stop()
    same("it ends well", before, 0)
    proxy = Proxy("many", "--upstream", hold.url)
    if files > MANY * 3:
        many(hold, proxy)
    else:
        skip("%d clients" % MANY, "only %d descriptors are permitted here" % files)
    hold.go = True
    if files > 4096 * 2 + 512:
        one_too_many(proxy)
    else:
        skip("client 4,097", "only %d descriptors are permitted here" % files)
    same("it ends well", proxy.stop(), 0)
    few_files(hold)
    no_files(hold)
    stop()
    done()


main()
