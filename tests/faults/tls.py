"""tls.py - TLS over a socket that tells how the other side ended it: with close_notify, which recv
answers with b"", or without, which raises Cut. The ssl module's own sockets leave that to the version
of Python, so here records go through memory and an end of file is never told to OpenSSL: what ends
the reading is then what came on the wire."""

import socket
import ssl
import threading

RECORD = 16384  # the content of a TLS record


class Cut(OSError):
    """The connection ended without close_notify."""


class TlsSocket:
    """A TLS connection over sock, which belongs to it from now on. The handshake is made at once; what
    it raises is an OSError. One thread may read while another writes."""

    def __init__(self, sock, context, server_side=False, server_hostname=None):
        self.raw = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._ssl = context.wrap_bio(self._incoming, self._outgoing, server_side, server_hostname)
        self._using, self._sending = threading.Lock(), threading.Lock()
        self._complete(self._ssl.do_handshake)

    def _call(self, operation, *arguments):
        """What an operation of OpenSSL returns; None where it needs more. What it made to send is sent."""
        try:
            with self._using:
                return operation(*arguments)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return b""
        finally:
            self._flush()

    def _flush(self):
        if self._outgoing.pending:
            with self._sending:
                with self._using:
                    data = self._outgoing.read()
                self.raw.sendall(data)

    def _fetch(self):
        data = self.raw.recv(65536)
        if not data:
            raise Cut("ended without close_notify")
        with self._using:
            self._incoming.write(data)

    def _complete(self, operation):
        done = object()
        while self._call(lambda: (operation(), done)[1]) is None:
            self._fetch()

    def recv(self, size):
        """Up to size bytes; b"" when the other side has said close_notify."""
        while True:
            data = self._call(self._ssl.read, size)
            if data is not None:
                return data
            self._fetch()

    def sendall(self, data):
        view = memoryview(data)
        for at in range(0, len(view), RECORD):
            self._call(self._ssl.write, view[at:at + RECORD])

    def close_notify(self):
        """Says it, and waits for the other side's."""
        self._complete(self._ssl.unwrap)

    def pending(self):
        """Whether bytes wait that no poll tells of."""
        return self._ssl.pending() > 0 or self._incoming.pending > 0

    def certificate(self):
        """The other side's, as DER."""
        return self._ssl.getpeercert(True)

    def fileno(self):
        return self.raw.fileno()

    def settimeout(self, seconds):
        self.raw.settimeout(seconds)

    def setsockopt(self, *option):
        self.raw.setsockopt(*option)

    def shutdown(self, how):
        self.raw.shutdown(how)

    def close(self):
        """Without close_notify."""
        self.raw.close()


def raw(sock):
    """The TCP socket below."""
    return sock.raw if isinstance(sock, TlsSocket) else sock
