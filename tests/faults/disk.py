"""disk.py - what becomes of a capture when its writer is killed under traffic, and when the disk is
full under traffic: its lines are whole, no more than the stated ones are missing, and the traffic
does not notice."""

from rig import *

THREADS = 8


class Traffic:
    """Clients that call as fast as they can; how many were sent, how many answered."""

    def __init__(self, proxy, threads=THREADS, agent="rig"):
        self.proxy, self.run, self.sent, self.answered, self.failed = proxy, True, [0] * threads, [0] * threads, 0
        self.request = call("User-Agent: %s\r\n" % agent)
        self.times = []  # of the first thread's answers
        self.threads = [threading.Thread(target=self._work, args=(i,), daemon=True) for i in range(threads)]
        for t in self.threads:
            t.start()

    def _work(self, i):
        try:
            c = Client(self.proxy)
            while self.run:
                self.sent[i] += 1
                if c.ask(self.request)[0] != 200:
                    break
                self.answered[i] += 1
                if i == 0:
                    self.times.append(time.monotonic())
        except (Ended, OSError):
            pass
        if self.run:
            self.failed += 1

    def stop(self):
        self.run = False
        for t in self.threads:
            t.join(PATIENCE)


def whole_lines(data):
    """How many lines are whole JSON, and whether what is not is at most the end."""
    lines, n = data.split(b"\n"), 0
    for i, line in enumerate(lines):
        try:
            json.loads(line)
            n += 1
        except ValueError:
            return n, i == len(lines) - 1
    return n, True


def ingest(path, db):
    r = subprocess.run([PROGRAM, "ingest", "--db", db, path], capture_output=True, stdin=subprocess.DEVNULL)
    text = r.stdout.decode()
    stored = re.search(r"(\d+)\s+stored", text)
    return r.returncode, int(stored.group(1)) if stored else -1, text + r.stderr.decode()


# ---- kill -9 ------------------------------------------------------------------------------------


def killed(upstream, i):
    name = "killed%d" % i
    proxy = Proxy(name, "--to", upstream.url, mode="endpoint")
    traffic = Traffic(proxy)
    time.sleep(0.4 + 0.13 * i)
    answered = sum(traffic.answered)
    proxy.kill(signal.SIGKILL)
    proxy.wait()
    traffic.stop()
    answered, sent = sum(traffic.answered), sum(traffic.sent)
    n, well = whole_lines(open(proxy.capture, "rb").read())
    ok(well, "killed %d: all lines are whole but for the last" % i)
    ok(answered - THREADS <= n - 1 <= sent,
       "killed %d: no more than a call for each connection is missing" % i, n - 1, answered, sent)
    note("%d answered, %d captured" % (answered, n - 1))
    status, stored, text = ingest(proxy.capture, scratch(name + ".db"))
    same("killed %d: ingest takes it" % i, (status in (0, 1), stored), (True, n - 1))
    return proxy.capture, n - 1


def torn(capture, n, upstream):
    """As if power had been lost in the middle of the last line."""
    data = open(capture, "rb").read()
    data = data[:data.rindex(b"\n")]  # without what the kill itself may have torn
    end = data.rindex(b"\n") + 40
    with open(capture, "wb") as f:
        f.write(data[:end])
    status, stored, text = ingest(capture, scratch("torn.db"))
    same("torn: ingest takes what is whole", (status, stored), (1, n - 1))
    like("torn: and names the line", text, r"killed0\.capture:%d: the text ends inside a record" % (n + 1))
    proxy = Proxy("torn", "--to", upstream.url, "--append", mode="endpoint", capture=capture)
    c = Client(proxy)
    c.ask(call())
    c.close()
    same("torn: it can be added to", proxy.stop(), 0)
    status, stored, text = ingest(capture, scratch("added.db"))
    same("torn: which begins a line of its own", (status, stored), (1, n))


def killed_compressed(upstream):
    import zlib
    proxy = Proxy("packed", "--to", upstream.url, mode="endpoint", capture=scratch("packed.capture.gz"))
    traffic = Traffic(proxy, threads=1)
    time.sleep(2.6)
    proxy.kill(signal.SIGKILL)
    at = time.monotonic()
    proxy.wait()
    traffic.stop()
    data, lines = open(proxy.capture, "rb").read(), b""
    well = True
    while data:
        z = zlib.decompressobj(31)
        lines += z.decompress(data)
        well = well and z.eof
        data = z.unused_data
    n = lines.count(b'"kind":"call"')
    old = sum(1 for t in traffic.times if t < at - 1.5)
    ok(well, "compressed and killed: its members are whole")
    ok(old > 0 and old <= n <= sum(traffic.sent), "compressed and killed: a second's calls are missing at most", n, old)
    same("compressed and killed: ingest takes it", ingest(proxy.capture, scratch("packed.db"))[:2], (0, n))
    proxy = Proxy("idle", "--to", upstream.url, mode="endpoint", capture=scratch("idle.capture.gz"))
    c = Client(proxy)
    for _ in range(3):
        c.ask(call())
    time.sleep(1.5)
    proxy.kill(signal.SIGKILL)
    proxy.wait()
    same("compressed, idle and killed: what is older than a second is there",
         ingest(proxy.capture, scratch("idle.db"))[:2], (0, 3))


# ---- full ---------------------------------------------------------------------------------------


def fill(path):
    """Takes all that is left."""
    with open(path, "wb", 0) as f:
        for size in (65536, 4096, 1):
            try:
                while True:
                    f.write(b"f" * size)
            except OSError:
                pass


def full(upstream):
    small = scratch("small")
    os.mkdir(small)
    if not ISOLATED or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", small]).returncode:
        skip("a full disk", "no namespaces may be made here")
        return
    capture = os.path.join(small, "full.capture")
    proxy = Proxy("full", "--to", upstream.url, mode="endpoint", capture=capture)
    filler = os.path.join(small, "filler")
    traffic = Traffic(proxy, threads=4, agent="a" * 200)
    until(lambda: len(proxy.calls()) > 10)
    fill(filler)
    until(lambda: "could not" in proxy.said() or "space" in proxy.said())
    time.sleep(1)
    fill(filler + "2")
    before = sum(traffic.answered)
    time.sleep(0.5)
    ok(sum(traffic.answered) > before + 20, "the disk is full: calls are answered as ever")
    same("the disk is full: not one of them fails", (traffic.failed, proxy.alive()), (0, True))
    # between a write that finds no room for all and the taking back of its part there is a moment
    same("the disk is full: no line stays torn", until(lambda: open(capture, "rb").read()[-1:] == b"\n"), True)
    data = open(capture, "rb").read()
    same("the disk is full: nor stands one in the middle", whole_lines(data)[1], True)
    os.unlink(filler)
    os.unlink(filler + "2")
    ok(until(lambda: os.path.getsize(capture) > len(data)), "there is room again: writing goes on")
    fill(filler)
    time.sleep(1)
    os.unlink(filler)
    time.sleep(0.3)
    traffic.stop()
    same("all the time nobody noticed", traffic.failed, 0)
    status = proxy.stop()
    said = proxy.said()
    written, well = whole_lines(open(capture, "rb").read())
    answered = sum(traffic.answered)
    same("in the end: every line is whole", well, True)
    same("in the end: the exit status tells", status, 3)
    m = re.search(r"(\d+) calls could not be written", said)
    ok(m and int(m.group(1)) == answered - (written - 1), "in the end: what is lost is counted", said, answered, written)
    like("and not counted as captured", said, r": %d calls? in " % (written - 1))
    same("the trouble is told once", said.count("No space left on device"), 1)
    like("in words", said, "No space left on device; calls are relayed, and lost here")
    note("%d answered, %d captured, %s lost" % (answered, written - 1, m.group(1) if m else "?"))
    same("ingest takes it", ingest(capture, scratch("full.db"))[:2], (0, written - 1))
    recorded(upstream, small, filler)
    no_room_to_begin(small, filler)
    subprocess.run(["umount", small])


CALLS = """
import os, urllib.request
def calls(n):
    for _ in range(n):
        r = urllib.request.Request("https://%s/", b"{}", {"X-Amz-Target": "DynamoDB_20120810.ListTables"})
        assert urllib.request.urlopen(r).status == 200
calls(3)
try:
    with open("%s", "wb", 0) as f:
        for size in (65536, 4096, 1):
            try:
                while True:
                    f.write(b"f" * size)
            except OSError:
                pass
finally:
    calls(40)
    os.unlink("%s")
calls(3)
"""


def recorded(upstream, small, filler):
    """The same under record, whose command has calls of its own to worry about."""
    path = os.path.join(small, "recorded.capture")
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    # nearly full, so that a few calls do it
    r = subprocess.run([PROGRAM, "record", "--ca-dir", scratch("ca"), "--upstream", upstream.url, "-o", path, "--",
                        "python3", "-c", CALLS % (HOST, filler, filler)], capture_output=True, env=env,
                       stdin=subprocess.DEVNULL, timeout=60)
    said = r.stderr.decode()
    data = open(path, "rb").read()
    written, well = whole_lines(data)
    m = re.search(r"(\d+) calls could not be written", said)
    note("record: %d captured, %s lost" % (written - 1, m.group(1) if m else "none"))
    ok(m and int(m.group(1)) + written - 1 == 46, "record on a full disk: what is lost is counted", said, written)
    same("record on a full disk: lines are whole", (well, data[-1:]), (True, b"\n"))
    same("record on a full disk: it is said once", said.count("No space left"), 1)
    same("record on a full disk: the status tells", r.returncode, 125)


def no_room_to_begin(small, filler):
    fill(filler)
    path = os.path.join(small, "none.capture")
    r = subprocess.run([PROGRAM, "capture", "endpoint", "--listen", "127.0.0.1:0", "--to", "http://127.0.0.1:1", "-o", path],
                       capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    ok(r.returncode == 3 and b"No space left" in r.stderr, "no room to begin with: it says so and ends", r)
    same("and leaves no file", os.path.exists(path), False)


# ---- nobody reads what it prints ----------------------------------------------------------------


def unread(upstream):
    read, write = os.pipe()
    arguments = [PROGRAM, "capture", "endpoint", "--listen", "127.0.0.1:0", "--to", upstream.url, "-o",
                 scratch("unread.capture"), "--view", "calls", "-v"]
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.PIPE,
                               preexec_fn=die_with_us)
    os.close(write)
    head = b""
    while b"AWS_ENDPOINT_URL" not in head:
        head += process.stderr.readline()
    port = int(re.search(rb"listening on 127\.0\.0\.1:(\d+)", head).group(1))

    class There:
        pass
    There.port = port
    traffic = Traffic(There)
    # -v tells more than a pipe holds
    well = until(lambda: sum(traffic.answered) > 6000)
    ok(well, "nobody reads what is printed: calls are answered as ever", traffic.answered)
    traffic.run = False
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        status = "hangs"
    same("and it can be stopped", status, 0)
    n = open(scratch("unread.capture"), "rb").read().count(b'"kind":"call"')
    ok(n >= 6000, "with all of them captured", n)
    os.close(read)


def main():
    upstream = Upstream()
    captures = [killed(upstream, i) for i in range(4)]
    torn(captures[0][0], captures[0][1], upstream)
    killed_compressed(upstream)
    full(upstream)
    unread(upstream)
    done()


main()
