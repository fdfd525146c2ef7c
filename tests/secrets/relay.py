"""relay.py - a proxy under test between a client and an upstream that answers what it is told to."""
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

WAIT = 20


class Upstream:
    """Takes any request, notes it, and answers with the next of answers (bytes), or with answer. None: closes."""

    def __init__(self):
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(WAIT)
            try:
                request = read_message(connection)
                self.seen.append(request)
                if self.answer is not None:
                    connection.sendall(self.answer)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                pass

    def close(self):
        self.listener.close()


def read_message(connection):
    """Head and body of one message, as they came; what came when the other side ended or said nothing more."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    chunked = re.search(rb"(?im)^transfer-encoding:.*chunked", head)
    if re.search(rb"(?im)^expect:\s*100-continue", head) and not body:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while (chunked and not re.search(rb"(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n\Z", body)) or \
            (length and not chunked and len(body) < int(length.group(1))):
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


def read_all(connection):
    """What comes until the other side ends."""
    data = b""
    try:
        while True:
            more = connection.recv(65536)
            if not more:
                return data
            data += more
    except OSError:
        return data


class Proxy:
    """One run of "iamreplay capture MODE" in a folder of its own; its output goes to files there."""

    def __init__(self, program, folder, mode, upstream, options=(), environment=None):
        os.makedirs(folder)
        self.folder, self.mode = folder, mode
        self.capture = os.path.join(folder, "calls.capture")
        self.log = open(os.path.join(folder, "stderr"), "wb")
        self.out = open(os.path.join(folder, "stdout"), "wb")
        command = [program, "capture", mode, "-o", self.capture, "--listen", "127.0.0.1:0"]
        if mode == "proxy":
            command += ["--ca-dir", os.path.join(folder, "ca")]
            if upstream:
                command += ["--upstream", f"http://127.0.0.1:{upstream.port}"]
        else:
            command += ["--to", f"http://127.0.0.1:{upstream.port}"]
        own = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        own.update(environment or {})
        self.process = subprocess.Popen(command + list(options), cwd=folder, env=own, stdin=subprocess.DEVNULL,
                                        stdout=self.out, stderr=self.log)
        self.port = self._listening()
        self.trust = None

    def _listening(self):
        for _ in range(WAIT * 20):
            with open(self.log.name, "rb") as f:
                found = re.search(rb"listening on 127\.0\.0\.1:(\d+)", f.read())
            if found:
                return int(found.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open(self.log.name, "r", errors="replace") as f:
            raise SystemExit("the proxy does not listen: " + f.read())

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        return connection

    def tunnel(self, host, head=b""):
        """A TLS connection to the host through the proxy; the plain one where CONNECT was refused."""
        connection = self.connect()
        connection.sendall(b"CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n%s\r\n" % (host, host, head))
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = connection.recv(4096)
            if not more:
                break
            answer += more
        if b" 200 " not in answer.split(b"\r\n")[0]:
            return connection, answer
        if self.trust is None:
            self.trust = ssl.create_default_context(cafile=os.path.join(self.folder, "ca", "ca.pem"))
        return self.trust.wrap_socket(connection, server_hostname=host.decode()), answer

    def call(self, host, request):
        """Sends the request (bytes) to the host and returns the answer; the connection is used once."""
        connection = self.connect() if self.mode == "endpoint" else self.tunnel(host)[0]
        with connection:
            return exchange(connection, request)

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        self.process.send_signal(how)
        try:
            status = self.process.wait(WAIT * 2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.log.close()
        self.out.close()
        return status


def exchange(connection, request):
    """One request and its answer; the answer's length tells its end."""
    try:
        connection.sendall(request)
    except OSError:
        pass
    data = b""
    try:
        while b"\r\n\r\n" not in data or data.startswith(b"HTTP/1.1 100"):
            more = connection.recv(65536)
            if not more:
                return data
            data += more
            if data.startswith(b"HTTP/1.1 100") and b"\r\n\r\n" in data:
                data = data.split(b"\r\n\r\n", 1)[1]
        head, body = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
        empty = request.startswith(b"HEAD ") or b" 204 " in head[:16] or b" 304 " in head[:16]
        while not empty and (not length or len(body) < int(length.group(1))):
            more = connection.recv(65536)
            if not more:
                break
            body += more
        return head + b"\r\n\r\n" + body
    except OSError:
        return data


def message(start, fields, body=b""):
    """A request or response; Content-Length is added where nothing tells the body's length."""
    names = {name.lower() for name, _ in fields}
    if "content-length" not in names and "transfer-encoding" not in names:
        fields = list(fields) + [("Content-Length", str(len(body)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return start.encode("latin-1") + b"\r\n" + head.encode("latin-1", "replace") + b"\r\n" + body


def chunked(body, size=7):
    parts = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
