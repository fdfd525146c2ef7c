"""plant.py - made-up secrets, each of a place of its own, and the requests that carry them."""
import base64
import hashlib
import json
import urllib.parse
import xml.sax.saxutils

KEY = "AKIAQ3EGRISECRETS000"
ODD = '+/=%"\\<&\'\u00e9\n'  # what each encoding writes in its own way
PLANTED = {}  # value (text) by place


def _letters(place):
    digest = base64.b64encode(hashlib.sha512(place.encode()).digest()).decode()
    return "".join(c for c in digest if c.isalnum())


def plain(place):
    """A secret that may stand in a header or a path: letters and digits."""
    return PLANTED.setdefault(place, _letters(place)[:32])


def secret(place):
    """A secret with characters that are escaped somewhere, each among letters of its own."""
    letters = _letters(place)
    return PLANTED.setdefault(place, "".join(letters[4 * i:4 * i + 4] + odd for i, odd in enumerate(ODD)) + letters[44:50])


def b64(place):
    """The same as blobs travel."""
    return base64.b64encode(secret(place).encode()).decode()


def fill(body, place=""):
    """The body with each "$" in place of a secret of its own, "$64" of a base64 one."""
    if isinstance(body, dict):
        return {k: fill(v, f"{place}.{k}") for k, v in body.items()}
    if isinstance(body, list):
        return [fill(v, f"{place}[{i}]") for i, v in enumerate(body)]
    if body == "$64":
        return b64(place)
    if isinstance(body, str) and "$" in body:
        return secret(place) if body == "$" else body.replace("$", plain(place))
    return body


def form(members, place):
    return "&".join(f"{k}={urllib.parse.quote(v, safe='')}" for k, v in fill(members, place).items()).encode()


def xml_text(body):
    if isinstance(body, dict):
        return "".join(f"<{k}>{xml_text(v)}</{k}>" if not isinstance(v, list) else
                       "".join(f"<{k}>{xml_text(x)}</{k}>" for x in v) for k, v in body.items())
    return xml.sax.saxutils.escape(str(body))


def _cbor_head(major, n):
    for info, size in ((24, 1), (25, 2), (26, 4)):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 1 << 8 * size:
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(value):
    if isinstance(value, dict):
        return _cbor_head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    if isinstance(value, list):
        return _cbor_head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, bytes):
        return _cbor_head(2, len(value)) + value
    if isinstance(value, int):
        return _cbor_head(0, value)
    return _cbor_head(3, len(value.encode())) + value.encode()


def signed(service, place, region="us-east-1"):
    return [("Authorization", f"AWS4-HMAC-SHA256 Credential={KEY}/20261122/{region}/{service}/aws4_request, "
                              f"SignedHeaders=host;x-amz-date, Signature={plain(place + ' signature')}"),
            ("X-Amz-Security-Token", plain(place + " session token")),
            ("X-Amz-Content-Sha256", plain(place + " content hash")),
            ("X-Amz-Date", "20261122T000000Z"),
            ("User-Agent", f"aws-cli/2.17.0 {plain(place + ' user agent')}"),
            ("amz-sdk-invocation-id", plain(place + " invocation")),
            ("Cookie", f"session={plain(place + ' cookie')}")]


class Call:
    """One request, what to answer it with, and as what it must be captured ("ssm:PutParameter", or "" where it
    is not to be recognised)."""

    def __init__(self, want, host, method="POST", path="/", fields=(), body=b"", answer=None, answer_type=None):
        self.want, self.host, self.method, self.path = want, host, method, path
        self.fields, self.body, self.answer, self.answer_type = list(fields), body, answer, answer_type

    @property
    def place(self):
        return self.want or f"{self.method} {self.host}{self.path}"


def json_call(want, target, body, answer=None, host=None, service=None):
    service = service or want.split(":")[0]
    host = host or f"{service}.us-east-1.amazonaws.com"
    return Call(want, host, fields=signed(service, want) + [("Content-Type", "application/x-amz-json-1.1"),
                                                            ("X-Amz-Target", target)],
                body=json.dumps(fill(body, want)).encode(), answer_type="application/x-amz-json-1.1",
                answer=json.dumps(fill(answer, want + " answer")).encode() if answer else None)


def query_call(want, version, members, answer=None, host=None, service=None):
    service = service or want.split(":")[0]
    host = host or f"{service}.us-east-1.amazonaws.com"
    body = f"Action={want.split(':')[1]}&Version={version}&".encode() + form(members, want)
    return Call(want, host, fields=signed(service, want) + [("Content-Type", "application/x-www-form-urlencoded")],
                body=body, answer_type="text/xml",
                answer=xml_text(fill(answer, want + " answer")).encode() if answer else None)


def rest_call(want, method, path, body=None, answer=None, host=None, service=None, fields=(), kind="json"):
    service = service or want.split(":")[0]
    host = host or f"{service}.us-east-1.amazonaws.com"
    filled = fill(body, want) if body is not None else None
    data = b"" if body is None else body if isinstance(body, bytes) else \
        json.dumps(filled).encode() if kind == "json" else xml_text(filled).encode()
    said = fill(answer, want + " answer") if answer else None
    return Call(want, host, method, fill(path, want + " path"),
                signed(service, want) + [("Content-Type", f"application/{kind}")] +
                [(k, fill(v, f"{want} {k}")) for k, v in fields], data, answer_type=f"application/{kind}",
                answer=(json.dumps(said) if kind == "json" else xml_text(said)).encode() if answer else None)


def cbor_call(want, service_name, body, host):
    service = want.split(":")[0]
    return Call(want, host, path=f"/service/{service_name}/operation/{want.split(':')[1]}",
                fields=signed(service, want) + [("Content-Type", "application/cbor"),
                                                ("Smithy-Protocol", "rpc-v2-cbor")],
                body=cbor(fill(body, want)), answer_type="application/cbor")
