#!/usr/bin/env python3
"""All of AWS in a network namespace that has only loopback: cloud.py FOLDER [--judge]

Every name resolves to 127.0.0.1 (port 53), where moto answers at port 443 with a certificate made for the name that was
asked for, and at port 5090 without TLS. So a client runs without the proxy exactly as with it: same hosts, same TLS. In
FOLDER: ca.pem, which signs the certificates; ready, once all listen; requests.jsonl, one line for each request that moto
was given: what came, what it is by botocore's models (models.py), and the status that went back; secrets.jsonl, what of
them nobody may write down. moto's own log of requests is what the server prints. With --judge moto decides on requests
as judge.py has it, once its enforcement is turned on.
"""
import datetime
import io
import json
import os
import socketserver
import ssl
import struct
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import models

if "--judge" in sys.argv:
    import judge  # noqa: F401: changes moto

FOLDER = sys.argv[1]
HTTP, HTTPS, DNS = 5090, 443, 53


class Names(socketserver.BaseRequestHandler):
    """Answers each question for an A record with 127.0.0.1, and any other with nothing."""

    def handle(self):
        data, sock = self.request
        if len(data) < 17:
            return
        end = 12
        while end < len(data) and data[end]:
            end += data[end] + 1
        end += 5
        wanted = struct.unpack("!H", data[end - 4:end - 2])[0]
        answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + b"\x7f\x00\x00\x01" if wanted == 1 else b""
        sock.sendto(data[:2] + struct.pack("!HHHHH", 0x8180, 1, bool(answer), 0, 0) + data[12:end] + answer, self.client_address)


class Authority:
    """A certificate authority that signs a certificate for each name in a TLS hello."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.cert = self.sign("the namespace's CA", self.key.public_key(), True)
        self.contexts = {}
        self.lock = threading.Lock()

    def sign(self, name, public, is_ca):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:60])])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject if is_ca else self.cert.subject).public_key(public)
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False))
        if not is_ca:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)

    def context_for(self, name):
        with self.lock:
            if name not in self.contexts:
                key = ec.generate_private_key(ec.SECP256R1())
                path = os.path.join(FOLDER, "leaf.pem")
                with open(path, "wb") as f:
                    f.write(self.sign(name, key.public_key(), False).public_bytes(serialization.Encoding.PEM))
                    f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(path)
                self.contexts[name] = context
            return self.contexts[name]

    def server_context(self):
        def choose(sock, name, _):
            sock.context = self.context_for(name or "localhost")

        context = self.context_for("localhost")
        context.sni_callback = choose
        return context


class Witness:
    """The application in front of moto's: notes each request and what became of it."""

    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.out = open(os.path.join(FOLDER, "requests.jsonl"), "w", buffering=1)
        self.secrets = open(os.path.join(FOLDER, "secrets.jsonl"), "w", buffering=1)

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO", "").startswith("/moto-api"):
            return self.app(environ, start_response)
        length = environ.get("CONTENT_LENGTH")
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = environ["wsgi.input"].read(int(length or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        note = models.describe(environ, body)
        note["status"] = 500  # what the server answers where moto raises something

        def noting(status, headers, exc_info=None):
            note["status"] = int(status.split()[0])
            note["request_id"] = next((v for k, v in headers if k.lower() in ("x-amzn-requestid", "x-amz-request-id")), None)
            return start_response(status, headers, exc_info)

        try:
            return self.app(environ, noting)
        finally:
            with self.lock:
                self.out.write(json.dumps(note, default=str) + "\n")
                for secret in models.secrets(environ, note):
                    self.secrets.write(json.dumps(secret) + "\n")


def main():
    authority = Authority()
    names = socketserver.ThreadingUDPServer(("127.0.0.1", DNS), Names)
    app = Witness(DomainDispatcherApplication(create_backend_app))
    plain = make_server("127.0.0.1", HTTP, app, threaded=True)
    secure = make_server("127.0.0.1", HTTPS, app, threaded=True, ssl_context=authority.server_context())
    for server in (names, plain, secure):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, data in (("ca.pem", authority.pem()), ("ready", b"")):
        with open(os.path.join(FOLDER, name), "wb") as f:
            f.write(data)
    threading.Event().wait()


main()
