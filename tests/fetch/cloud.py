"""cloud.py - a small AWS on loopback, for tests of fetch: S3 (list, get), STS, and the metadata services of containers and
instances. It checks every signature by AWS's rule, and does what real services do at bad times: throttles, fails, cuts,
hangs, lies about lengths, is in another region, has another clock."""
import datetime
import hashlib
import hmac
import http.server
import json
import os
import socket
import threading
import time
import urllib.parse
import xml.sax.saxutils

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def quote(text, safe="~"):
    return urllib.parse.quote(text, safe=safe)


def escape(text):
    return xml.sax.saxutils.escape(text)


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, code, message="", headers=(), more=""):
        super().__init__(code)
        self.status, self.code, self.message, self.headers, self.more = status, code, message, dict(headers), more


class Cloud:
    """What is there, what goes wrong, and what was asked."""

    def __init__(self, keys=None):
        self.keys = keys or {"AKIDEXAMPLE": ("plain-secret", None)}  # access key: (secret, session token)
        self.expired = set()  # access keys whose session has ended
        self.objects = {}  # bucket: {key: bytes}
        self.etags = {}  # (bucket, key): what a listing and a GET say, if not the MD5
        self.regions = {}  # bucket: region, if signatures for another one are sent away
        self.modified = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.clock = 0  # seconds ahead of this machine
        self.page = 1000
        self.faults = {}  # "METHOD path-or-prefix": list of faults, each for one request
        self.plan = None  # function(request) -> fault or None
        self.denied = set()  # keys that KMS denies
        self.api = {}  # name of an action: function(cloud, parameters) -> (content type, body)
        self.requests = []
        self.lock = threading.Lock()
        self.server = None

    def start(self):
        cloud = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, socket.timeout, ValueError):
                    self.close_connection = True

            def log_message(self, *args):
                pass

            def do_GET(self):
                cloud.answer(self)

            do_POST = do_PUT = do_HEAD = do_GET

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *args):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def environment(self, **more):
        """For the program: nothing of this machine's own, and no way but here."""
        out = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and not k.lower().endswith("_proxy")}
        out.update(AWS_ENDPOINT_URL=self.url, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="plain-secret",
                   AWS_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/nonexistent",
                   AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
        out.update(more)
        return {k: v for k, v in out.items() if v is not None}

    # ---- one request

    def answer(self, h):
        body = h.rfile.read(int(h.headers.get("Content-Length") or 0))
        path, _, query = h.path.partition("?")
        request = {"method": h.command, "path": path, "query": dict(urllib.parse.parse_qsl(query, keep_blank_values=True)),
                   "headers": {k.lower(): v for k, v in h.headers.items()}, "body": body, "raw": h.path}
        with self.lock:
            self.requests.append(request)
            fault = self.take_fault(request)
        if fault == "reset":
            h.close_connection = True
            h.connection.close()
            return
        if fault == "hang":
            time.sleep(4)
            h.close_connection = True
            return
        try:
            if isinstance(fault, Refusal):
                raise fault
            status, headers, out = self.serve(request)
        except Refusal as r:
            status, headers, out = r.status, {"Content-Type": "application/xml", **r.headers}, self.error(r, request)
        self.send(h, status, headers, out, fault if isinstance(fault, str) else None)

    def take_fault(self, request):
        if self.plan:
            return self.plan(request)
        for start, faults in self.faults.items():
            if (request["method"] + " " + request["raw"]).startswith(start) and faults:
                return faults.pop(0)
        return None

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.clock)

    @staticmethod
    def error(r, request):
        if "x-amz-target" in request["headers"]:
            return json.dumps({"__type": r.code, "message": r.message}).encode()
        inner = "<Code>%s</Code><Message>%s</Message>%s" % (r.code, escape(r.message), r.more)
        if request["method"] == "POST":
            return ("<ErrorResponse><Error>%s</Error></ErrorResponse>" % inner).encode()
        return ('<?xml version="1.0" encoding="UTF-8"?>\n<Error>%s</Error>' % inner).encode()

    def send(self, h, status, headers, out, fault):
        length = len(out)
        if fault == "longer":
            length += 1000  # promises more than comes
        elif fault == "shorter":
            length //= 2  # ends in the middle, and sends on
        elif fault == "cut":
            out = out[:len(out) // 2]
        elif fault == "other":
            out = out[:-1]  # whole by its own length, not by the listing's
            length = len(out)
        h.send_response_only(status)
        h.send_header("Date", self.now().strftime("%a, %d %b %Y %H:%M:%S GMT"))
        h.send_header("x-amz-request-id", "REQ%08d" % len(self.requests))
        for name, value in headers.items():
            h.send_header(name, value)
        h.send_header("Content-Length", str(length))
        h.end_headers()
        if h.command != "HEAD":
            h.wfile.write(out)
        if fault:
            h.close_connection = True

    def serve(self, request):
        path = request["path"]
        if path.startswith("/latest/") or path.startswith("/container/"):
            return self.metadata(request)
        target = request["headers"].get("x-amz-target", "")
        form = {} if target else dict(urllib.parse.parse_qsl(request["body"].decode("latin-1")))
        action = form.get("Action") or target.rpartition(".")[2]
        if action != "AssumeRoleWithWebIdentity" and "authorization" in request["headers"]:
            request["key"], request["region"], request["service"] = self.check(request)
        elif action != "AssumeRoleWithWebIdentity":
            raise Refusal(403, "AccessDenied", "no signature")
        if action in self.api:
            kind, out = self.api[action](self, form or json.loads(request["body"] or b"{}"), request)
            return 200, {"Content-Type": kind}, out
        if action:
            raise Refusal(400, "InvalidAction", action)
        return self.s3(request)

    # ---- signatures

    def check(self, request):
        """As AWS does: of the unencoded request and the fields that came."""
        headers = request["headers"]
        fields = dict(f.strip().split("=", 1) for f in headers["authorization"].split(" ", 1)[1].split(","))
        key, _, scope = fields["Credential"].partition("/")
        date, region, service, _ = scope.split("/")
        if key not in self.keys:
            raise Refusal(403, "InvalidAccessKeyId", "no such key")
        secret, token = self.keys[key]
        stamp = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs((stamp - self.now()).total_seconds()) > 900:
            if service == "s3":
                raise Refusal(403, "RequestTimeTooSkewed", "the clocks differ")
            raise Refusal(400, "InvalidSignatureException", "Signature expired: %s is now earlier" % stamp)
        if service == "s3" and "x-amz-content-sha256" not in headers:
            raise Refusal(400, "InvalidRequest", "no payload hash")
        unsigned = [h for h in headers if h.startswith("x-amz-") and h not in fields["SignedHeaders"].split(";")]
        if unsigned or headers["x-amz-date"][:8] != date:
            raise Refusal(403, "AccessDenied", "unsigned: %s" % unsigned)
        path = request["path"] if service == "s3" else quote(request["path"], "/~")
        pairs = sorted([quote(k), quote(v)] for k, v in
                       urllib.parse.parse_qsl(request["raw"].partition("?")[2], keep_blank_values=True))
        payload = hashlib.sha256(request["body"]).hexdigest()
        canonical = "\n".join([request["method"], path, "&".join("=".join(p) for p in pairs),
                               "".join("%s:%s\n" % (h, " ".join(headers[h].split())) for h in fields["SignedHeaders"].split(";")),
                               fields["SignedHeaders"], payload])
        text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signed = ("AWS4" + secret).encode()
        for part in (date, region, service, "aws4_request"):
            signed = hmac.new(signed, part.encode(), hashlib.sha256).digest()
        if hmac.new(signed, text.encode(), hashlib.sha256).hexdigest() != fields["Signature"]:
            raise Refusal(403, "SignatureDoesNotMatch", "The Canonical String for this request should have been '%s'" % canonical,
                          more="<CanonicalRequest>%s</CanonicalRequest>" % escape(canonical))
        if headers.get("x-amz-security-token") != token:
            raise Refusal(403, "InvalidToken", "not this token: %s" % headers.get("x-amz-security-token"))
        if key in self.expired:
            raise Refusal(400, "ExpiredToken", "the token %s has expired" % token)
        return key, region, service

    # ---- S3

    def s3(self, request):
        bucket, _, key = urllib.parse.unquote(request["path"][1:]).partition("/")
        if bucket not in self.objects:
            raise Refusal(404, "NoSuchBucket", "no such bucket")
        here = self.regions.get(bucket)
        if here and request["region"] != here:
            raise Refusal(301, "PermanentRedirect", "elsewhere", {"x-amz-bucket-region": here})
        if not key:
            return self.list(bucket, request["query"])
        if key in self.denied:
            raise Refusal(403, "AccessDenied", "User: arn:aws:iam::111122223333:user/reader is not authorized to perform: kms:Decrypt "
                                               "on the resource associated with this ciphertext")
        if key not in self.objects[bucket]:
            raise Refusal(404, "NoSuchKey", "no such key")
        etag = self.etag(bucket, key)
        if request["headers"].get("if-match", etag) != etag:
            raise Refusal(412, "PreconditionFailed", "changed")
        return 200, {"ETag": etag, "Content-Type": "application/gzip"}, self.objects[bucket][key]

    def etag(self, bucket, key):
        return self.etags.get((bucket, key)) or '"%s"' % hashlib.md5(self.objects[bucket][key]).hexdigest()

    def list(self, bucket, query):
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        after = query.get("continuation-token", query.get("start-after", ""))
        objects, prefixes, last = [], [], ""
        more = False
        for key in sorted(self.objects[bucket], key=lambda k: k.encode()):
            if not key.startswith(prefix) or key.encode() <= after.encode():
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            folder = key[:cut + 1] if cut >= 0 else None
            if folder and (folder in prefixes or folder == after):
                continue
            if len(objects) + len(prefixes) == self.page:
                more = True
                break
            (prefixes if folder else objects).append(folder or key)
            last = folder or key
        out = ['<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="%s"><Name>%s</Name>' % (S3_NAMESPACE, bucket),
               "<EncodingType>url</EncodingType><IsTruncated>%s</IsTruncated>" % str(more).lower()]
        if more:
            out.append("<NextContinuationToken>%s</NextContinuationToken>" % escape(last))
        for key in objects:
            out.append("<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>%s</ETag><Size>%d</Size></Contents>" % (
                quote(key, "/~").replace("%20", "+"), self.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                escape(self.etag(bucket, key)).replace('"', "&quot;"), len(self.objects[bucket][key])))
        for folder in prefixes:
            out.append("<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>" % quote(folder, "/~").replace("%20", "+"))
        return 200, {"Content-Type": "application/xml"}, ("".join(out) + "</ListBucketResult>").encode()

    # ---- the services of the machine

    def metadata(self, request):
        path, headers = request["path"], request["headers"]
        if path == "/latest/api/token" and request["method"] == "PUT" and headers.get("x-aws-ec2-metadata-token-ttl-seconds"):
            return 200, {}, b"imds-token-secret"
        if path.startswith("/latest/") and headers.get("x-aws-ec2-metadata-token") != "imds-token-secret":
            raise Refusal(401, "Unauthorized")
        if path == "/latest/meta-data/iam/security-credentials/":
            return 200, {}, b"instance-role"
        if path == "/container/creds" and headers.get("authorization") != "container-auth-secret":
            raise Refusal(401, "Unauthorized")
        name = {"/latest/meta-data/iam/security-credentials/instance-role": "ASIAINSTANCE", "/container/creds": "ASIACONTAINER"}.get(path)
        if not name:
            raise Refusal(404, "NotFound")
        secret, token = self.keys[name]
        end = (self.now() + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return 200, {"Content-Type": "application/json"}, json.dumps({
            "Code": "Success", "AccessKeyId": name, "SecretAccessKey": secret, "Token": token, "Expiration": end}).encode()


def credentials_xml(action, access_key, secret, token, seconds=3600):
    end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ('<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result><Credentials><AccessKeyId>{1}</AccessKeyId>'
            "<SecretAccessKey>{2}</SecretAccessKey><SessionToken>{3}</SessionToken><Expiration>{4}</Expiration></Credentials></{0}Result>"
            "</{0}Response>").format(action, access_key, escape(secret), escape(token), end).encode()


class Tap:
    """TAP by name."""

    def __init__(self):
        self.n, self.failed = 0, 0

    def ok(self, fine, name, why=""):
        self.n += 1
        self.failed += not fine
        print("%s %d - %s" % ("ok" if fine else "not ok", self.n, name), flush=True)
        for line in str(why).splitlines()[:40] if not fine else []:
            print("# " + line, flush=True)
        return fine

    def is_equal(self, name, got, want):
        return self.ok(got == want, name, "got:  %r\nwant: %r" % (got, want))

    def end(self):
        print("1..%d" % self.n)
        raise SystemExit(1 if self.failed else 0)
