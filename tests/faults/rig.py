"""rig.py - what the fault tests of the proxy share: the program under test, an upstream that does
what a test tells it to, a client that sees how an answer ended, and TAP.

Every wait has an end: sockets time out after PATIENCE seconds, processes after a little more."""

import ctypes
import json
import os
import re
import resource
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

from tls import TlsSocket, raw

PATIENCE = 60
PROGRAM, SCRATCH = sys.argv[1], sys.argv[2]
ISOLATED = bool(os.environ.get("IAMREPLAY_ISOLATED"))  # in namespaces of its own
# a sanitizer's build is slower and larger
SANITIZED = b"__asan_init" in open(PROGRAM, "rb").read()

HOST = "dynamodb.us-east-1.amazonaws.com"
KEY = "AKIAQ3EGRISEXAMPLE12"

# ---- TAP ----------------------------------------------------------------------------------------

_count = 0
_failed = 0
_began = time.monotonic()


def ok(well, name, *detail):
    global _count, _failed
    _count += 1
    print("%sok %d - %s" % ("" if well else "not ", _count, name))
    if not well:
        _failed += 1
        for line in "\n".join(str(d) for d in detail).splitlines()[:40]:
            print("# " + line[:400])
    sys.stdout.flush()
    return well


def same(name, got, want):
    return ok(got == want, name, "got:  %r" % (got,), "want: %r" % (want,))


def like(name, text, pattern):
    return ok(re.search(pattern, text, re.S), name, "no match for %s in:" % pattern, text)


def skip(name, why):
    global _count
    _count += 1
    print("ok %d - %s # SKIP %s" % (_count, name, why))


def note(text):
    print("# " + text)
    sys.stdout.flush()


def done():
    note("%.1f s" % (time.monotonic() - _began))
    print("1..%d" % _count)
    sys.stdout.flush()
    os._exit(1 if _failed else 0)


def until(what, seconds=PATIENCE):
    """Waits until what() is true; what it was in the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return bool(what())


# ---- certificates -------------------------------------------------------------------------------


def _openssl(*arguments):
    subprocess.run(("openssl",) + arguments, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def scratch(*names):
    return os.path.join(SCRATCH, *names)


def authority():
    """The upstream's CA: its certificate's file, made once."""
    if not os.path.exists(scratch("up-ca.pem")):
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", scratch("up-ca.key"), "-out", scratch("up-ca.pem"), "-days", "3650",
                 "-subj", "/CN=upstream test CA")
    return scratch("up-ca.pem")


def certificate(name, *hosts, days=3650, signed=True):
    """A certificate and key in one file."""
    out = scratch(name + ".pem")
    ca = authority()
    with open(scratch("ext"), "w") as f:
        f.write("subjectAltName=%s\n" % ",".join("DNS:" + h for h in hosts))
    key, request = scratch(name + ".key"), scratch(name + ".csr")
    _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-out", request, "-subj", "/O=test")
    how = ("-CA", ca, "-CAkey", scratch("up-ca.key")) if signed else ("-signkey", key)
    _openssl("x509", "-req", "-in", request, *how, "-days", str(days), "-extfile", scratch("ext"),
             "-out", out)
    with open(out, "a") as f:
        f.write(open(key).read())
    return out


def client_context(ca):
    """Trusts the certificates in the file ca alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    return context


def server_context(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


# ---- bytes --------------------------------------------------------------------------------------


def reset(sock):
    """Ends a connection, TLS or not, with RST."""
    sock = raw(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class Ended(Exception):
    """The connection ended before what was waited for."""


class Reader:
    """Reads from a socket, TLS or not, and remembers how it ended: "", "closed" (close_notify came, or
    without TLS a FIN), "cut" (TLS without close_notify, or a reset) or "silent" (nothing came in time)."""

    def __init__(self, sock):
        self.sock, self.held, self.end = sock, b"", ""

    def more(self):
        if self.end:
            raise Ended(self.end)
        try:
            data = self.sock.recv(65536)
        except TimeoutError:
            self.end = "silent"
        except OSError as e:
            self.end = "cut"
            self.error = str(e)
        else:
            if not data:
                self.end = "closed"
            self.held += data
        if self.end:
            raise Ended(self.end)

    def waits(self, seconds):
        """Whether something is there to be read, now or within seconds."""
        if self.held or isinstance(self.sock, TlsSocket) and self.sock.pending():
            return True
        return bool(select.select([self.sock], [], [], seconds)[0])

    def until(self, mark):
        while mark not in self.held:
            self.more()
        at = self.held.index(mark) + len(mark)
        taken, self.held = self.held[:at], self.held[at:]
        return taken

    def exactly(self, n):
        while len(self.held) < n:
            self.more()
        taken, self.held = self.held[:n], self.held[n:]
        return taken

    def rest(self, most=1 << 30):
        try:
            while len(self.held) < most:
                self.more()
        except Ended:
            pass
        taken, self.held = self.held, b""
        return taken

    def body(self, head):
        """The body behind a head, as framed, and its content."""
        if re.search(rb"(?i)\r\ntransfer-encoding:[^\r]*chunked", head):
            raw, content = b"", b""
            while True:
                line = self.until(b"\r\n")
                raw += line
                n = int(line.split(b";")[0], 16)
                if n == 0:
                    break
                data = self.exactly(n + 2)
                raw += data
                content += data[:-2]
            while True:
                line = self.until(b"\r\n")
                raw += line
                if line == b"\r\n":
                    return raw, content
        m = re.search(rb"(?i)\r\ncontent-length:\s*(\d+)", head)
        data = self.exactly(int(m.group(1))) if m else b""
        return data, data


# ---- the upstream -------------------------------------------------------------------------------

# Stands in the bytes of a case, as early as they permit, for its number: what an upstream saw belongs to the case
# that is named in it, whenever it came.
MARK = b"######"
_marks = 0


def marked(data):
    """(mark, the bytes of a case with a mark of their own in them, or behind them)"""
    global _marks
    _marks += 1
    mark = b"~%04d~" % _marks
    return mark, data.replace(MARK, mark) if MARK in data else data + mark


EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-amzn-RequestId: R1\r\n\r\n{}"


class Connection(Reader):
    """One connection at the upstream; seen is every byte that came."""

    def __init__(self, sock, upstream):
        super().__init__(sock)
        self.upstream, self.seen = upstream, b""

    def more(self):
        before = len(self.held)
        try:
            super().more()
        finally:
            self.seen += self.held[before:]

    def request(self):
        head = self.until(b"\r\n\r\n")
        return head, self.body(head)[1]

    def send(self, data):
        self.sock.sendall(data)

    def cut(self):
        """FIN without close_notify."""
        raw(self.sock).close()

    def close(self):
        """Properly."""
        try:
            if isinstance(self.sock, TlsSocket):
                self.sock.settimeout(1)
                self.sock.close_notify()
        except OSError:
            pass
        self.sock.close()


def answer_all(connection):
    while True:
        connection.request()
        connection.send(EMPTY)


class Upstream:
    """Listens on a free port; handler(connection) is run in a thread for each connection."""

    def __init__(self, handler=answer_all, context=None, address="127.0.0.1", patience=PATIENCE):
        self.handler, self.context, self.connections, self.patience = handler, context, [], patience
        self.listener = socket.create_server((address, 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.url = "http%s://127.0.0.1:%d" % ("s" if context else "", self.port)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.settimeout(self.patience)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            c = Connection(sock, self)
            if not self.context:
                self.connections.append(c)
            threading.Thread(target=self._serve, args=(c,), daemon=True).start()

    def _serve(self, c):
        if self.context:
            try:
                c.sock = TlsSocket(c.sock, self.context, server_side=True)
            except OSError:
                c.sock.close()
                return
            self.connections.append(c)
        try:
            self.handler(c)
        except (Ended, OSError, ValueError):
            pass
        finally:
            try:
                c.close()
            except OSError:
                pass

    def seen(self, mark=b""):
        """All bytes so far of all connections in which the mark came."""
        return b"".join(c.seen for c in list(self.connections) if mark in c.seen)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


# ---- the program under test ---------------------------------------------------------------------


_prctl = ctypes.CDLL(None).prctl


def die_with_us():
    """For what is started: a test that is killed leaves nothing behind."""
    _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Proxy:
    """iamreplay capture proxy (or endpoint) on a free port, its CA in the scratch folder."""

    def __init__(self, name, *options, mode="proxy", env=None, files=None, capture=None, view="none"):
        self.capture = capture or scratch(name + ".capture")
        self.ca_dir = scratch("ca")
        arguments = [PROGRAM, "capture", mode, "-o", self.capture, "--view", view]
        if "--listen" not in options:
            arguments += ["--listen", "127.0.0.1:0"]
        if mode == "proxy" and "--ca-dir" not in options and "--ca-cert" not in options:
            arguments += ["--ca-dir", self.ca_dir]
        # not even by mistake to the real one
        if mode == "proxy" and not any(o.startswith(HOST) for o in options):
            arguments += ["--connect-to", HOST + ":443:127.0.0.1:1"]
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment.update(env or {})

        def prepare():
            die_with_us()
            # who runs in the background of a shell has it ignored, and so has what it starts
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        self.process = subprocess.Popen(arguments + list(options), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment,
                                        preexec_fn=prepare)
        self.pid = self.process.pid
        self.lines = []
        threading.Thread(target=self._listen, daemon=True).start()
        until(lambda: self._port() or self.process.poll() is not None)
        self.port = self._port()
        if not self.port:
            self.process.kill()
            raise SystemExit("Bail out! the proxy did not start: " + self.said())

    def _listen(self):
        for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace"))

    def _port(self):
        m = re.search(r"listening on [0-9.]+:(\d+)", self.said())
        return int(m.group(1)) if m else 0

    def said(self):
        return "".join(self.lines)

    def ca(self):
        return os.path.join(self.ca_dir, "ca.pem")

    def alive(self):
        return self.process.poll() is None

    def kill(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """Its exit status; None, and killed, when it did not end in time."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        time.sleep(0.05)  # its last words
        return status

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE):
        self.kill(number)
        return self.wait(seconds)

    def lines_written(self):
        return [json.loads(l) for l in open(self.capture, "rb").read().splitlines()]

    def calls(self, n=None):
        """What was captured; waits for n calls first, which are written just behind their answer."""
        def look():
            return [l for l in self.lines_written() if l["kind"] == "call"]
        if n is not None:
            until(lambda: len(look()) >= n)
        return look()

    def files(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))

    def memory(self):
        """Resident, in KB."""
        return int(re.search(r"VmRSS:\s*(\d+)", open("/proc/%d/status" % self.pid).read()).group(1))

    def cpu(self, seconds=1.0):
        """The share of one processor that it takes."""
        def used():
            f = open("/proc/%d/stat" % self.pid).read().rsplit(")", 1)[1].split()
            return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")
        before = used()
        time.sleep(seconds)
        return (used() - before) / seconds


# ---- clients ------------------------------------------------------------------------------------


def call(fields="", body="", host=HOST, line="POST / HTTP/1.1", target="DynamoDB_20120810.ListTables"):
    text = "%s\r\nHost: %s\r\nX-Amz-Target: %s\r\nAuthorization: AWS4-HMAC-SHA256 Credential=%s/20261122/" \
           "us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00\r\n%s\r\n%s"
    return (text % (line, host, target, KEY, fields, body)).encode("latin-1")


class Client(Reader):
    """A connection to the proxy. With host: CONNECT, and TLS if tls is set."""

    def __init__(self, proxy, host=None, port=443, tls=True, source=None, patience=PATIENCE, sni=None):
        self.proxy = proxy
        sock = socket.create_connection(("127.0.0.1", proxy.port), patience, source_address=source)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock)
        if host:
            self.send(("CONNECT %s:%d HTTP/1.0\r\n\r\n" % (host, port)).encode())
            self.connected = self.until(b"\r\n\r\n")
            if b" 200 " not in self.connected[:40]:
                raise Ended(self.connected.decode("latin-1"))
            if tls:
                self.start_tls(sni or host)

    def start_tls(self, sni, context=None):
        self.sock = TlsSocket(self.sock, context or client_context(self.proxy.ca()), server_hostname=sni)

    def send(self, data):
        self.sock.sendall(data)

    def answer(self, head_only=False):
        """(status, head, content) of the next final answer; status 0 where none came."""
        head = b""
        try:
            while True:
                head = self.until(b"\r\n\r\n")
                status = int(head[9:12])
                if status >= 200 or status == 101:
                    break
            if head_only or status in (101, 204, 304):
                return status, head, b""
            if b"content-length" in head.lower() or b"transfer-encoding" in head.lower():
                return status, head, self.body(head)[1]
            return status, head, self.rest()
        except Ended:
            held, self.held = self.held, b""
            status = int(head[9:12]) if head else 0
            return (status if status >= 200 else 0), head, held

    def ask(self, request):
        self.send(request)
        return self.answer()

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def wait_end(self):
        """What still comes, until it ends; how it ended is in end."""
        return self.rest()

    def close(self):
        self.sock.close()

    def reset(self):
        reset(self.sock)


def a_call(proxy, name="a call afterwards passes"):
    """The proof of life: one call, whose answer comes."""
    try:
        c = Client(proxy, HOST)
        status = c.ask(call())[0]
        c.close()
    except (Ended, OSError) as e:
        status = repr(e)
    return same(name, status, 200)
