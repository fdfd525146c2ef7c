"""accounted.py - an account of a capture: for each text in each line the rule of the allow-list that lets it pass, found
anew from the request and response that it is of, without the program's code. None: no rule, and so a leak.

What names a resource is read from ../../mappings, which come from the API models: the members that a row asks for,
those that are marked sensitive, and the words of paths."""
import base64
import gzip
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "mappings")
# As the store documents it: what a member's name ends with that names something, and what no such member has in it.
NAMING = {"name", "id", "arn", "key", "url", "uri", "alias", "aliases", "version", "path", "identifier"}
SECRET = {"secret", "token", "password", "passphrase", "credential", "private", "signature", "authorization", "session",
          "cookie", "nonce", "plaintext", "ciphertext"}
AGENTS = {"aws-cli/1", "aws-cli/2", "boto3", "terraform", "aws-sdk-js/3", "aws-sdk-js/2", "aws-sdk-go/1", "aws-sdk-go/2",
          "rclone", "curl", "python-requests", "aws-cdk", "other"}


def rows(path):
    with open(os.path.join(TABLES, path), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]


def words(name):
    parts = re.findall(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", name)
    return [w.lower() for w in parts]


def one(word):
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class Service:
    """What the tables say of one API."""
    of = {}

    def __init__(self, folder):
        self.operations, self.sensitive, self.asked, self.paths = set(), set(), set(), set()
        table = rows(f"generated/{folder}.tsv")
        curated = [row for name in ("arn.tsv", "exceptions.tsv", "passrole.tsv", "members.tsv", "unrecorded.tsv")
                   for row in rows(name) if row[0] in (folder, "*")]
        for row in table:
            if row[1] == "sensitive":
                self.sensitive.add(one(row[2].lower()))
            elif row[1] == "api":
                self.operations.add(row[0])
                self.paths |= set(row[4].partition("?")[0].split("/"))
            if row[1] in ("on", "grant", "pass"):
                self.asked |= self._members(row[2:])
        for row in curated:
            self.asked |= self._members(row[2:-2])
        for row in table:
            if row[1] == "wire" and one(row[2].lower()) in self.asked:
                self.asked |= {one(name.lower()) for name in row[3].split(",")}

    @staticmethod
    def _members(fields):
        return {one(w.lower()) for field in fields for w in re.findall(r"[A-Za-z0-9_-]+", field)}

    @classmethod
    def get(cls, folder):
        if folder not in cls.of:
            cls.of[folder] = cls(folder)
        return cls.of[folder]


# ---- what a request says

def json_members(value, leaf=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from json_members(v, k)
    elif isinstance(value, list):
        for v in value:
            yield from json_members(v, leaf)
    elif value is not None:
        yield leaf, json.dumps(value) if isinstance(value, bool) else str(value)


def xml_members(text):
    for element in xml.etree.ElementTree.fromstring(text).iter():
        if len(element) == 0 and element.text:
            yield element.tag.rpartition("}")[2], element.text


def form_members(text):
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        leaf = [p for p in name.split(".") if not p.isdigit() and p not in ("member", "entry")]
        yield leaf[-1] if leaf else name, value


def body_members(text):
    """(leaf, value) of a body in any form; nothing of what has none."""
    try:
        if text[:1] in "{[":
            return list(json_members(json.loads(text)))
        if text[:1] == "<":
            return list(xml_members(text))
    except (ValueError, xml.etree.ElementTree.ParseError):
        return []
    if text.startswith("--"):
        return re.findall(r'form-data; name="([^"]*)"\r\n\r\n([^\r]*)\r\n', text)
    return list(form_members(text)) if re.match(r"[\w.]+=", text) else []


class Exchange:
    """One recorded request and its response."""

    def __init__(self, entry):
        request, response = entry["request"], entry["response"]
        url = urllib.parse.urlsplit(request["url"])
        self.method, self.host = request["method"], url.netloc.lower().partition(":")[0]
        self.path, self.query = url.path or "/", url.query
        self.fields = [(h["name"], h["value"]) for h in request["headers"] if not h["name"].startswith(":")]
        self.said = [(h["name"], h["value"]) for h in response["headers"] if not h["name"].startswith(":")]
        self.status, self.reason = response["status"], response.get("statusText") or "OK"
        self.body, self.answer = _content(request.get("postData")), _content(response["content"])

    @classmethod
    def nothing(cls):
        return cls({"request": {"url": "http://nothing.invalid/", "method": "", "headers": []},
                    "response": {"headers": [], "status": -1, "content": None}})

    def field(self, name):
        return next((v for k, v in self.fields if k.lower() == name), "")

    @property
    def scope(self):
        """Key id, day, region, service of the credential, or nothing."""
        text = self.field("authorization") + "&" + urllib.parse.unquote(self.query)
        found = re.search(r"Credential=([^/&,\s]+)/(\d+)/([\w-]+)/([\w-]+)/aws4_request", text)
        old = re.search(r"(?:AWS |AWSAccessKeyId=)([\w.-]+)", text) or re.search(
            rb'name="AWSAccessKeyId"\r\n\r\n([\w.-]+)', self.body)
        key = old.group(1) if old else ""
        return found.groups() if found else (key.decode() if isinstance(key, bytes) else key, "", "", "")

    def members(self):
        """(leaf, value) of all that it says as parameters: body, query, fields, path."""
        body = gzip.decompress(self.body) if self.body[:2] == b"\x1f\x8b" else self.body
        text = body.decode("utf-8", "replace")
        segments = self.path.split("/")
        out = body_members(text) + list(form_members(self.query))
        out += [(k, v) for k, v in self.fields if k.lower().startswith("x-amz-")]
        out += [("path", urllib.parse.unquote("/".join(segments[i:k]))) for i in range(1, len(segments))
                for k in range(i + 1, len(segments) + 1)]
        out += [("host", ".".join(self.host.split(".")[:n])) for n in (1, 2, 3)]
        out.append(("queue", f"https://{self.host}{self.path}"))
        point = re.match(r"([\w-]+)-(\d{12})\.s3-accesspoint\.([a-z0-9-]+)\.amazonaws\.com$", self.host)
        if point:
            out.append(("access point", "arn:aws:s3:{2}:{1}:accesspoint/{0}".format(*point.groups())))
        return out


def _content(part):
    if not part or not part.get("text"):
        return b""
    if part.get("encoding") == "base64":
        return base64.b64decode(part["text"])
    return part["text"].encode("utf-8", "surrogateescape")


# ---- the account

def leaves(value, path=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from leaves(v, f"{path}.{k}" if path else k)
    elif isinstance(value, list):
        for v in value:
            yield from leaves(v, path)
    else:
        yield path, value


def parameter_rule(service, path, value, exchange):
    leaf = one(path.rpartition(".")[2].lower())
    members = exchange.members()
    if value in ("...", "HIDDEN_DUE_TO_SECURITY_REASONS"):
        return "a mark that something was there"
    plain = [v for k, v in members if v == value or v.partition("?")[0] == value]
    if not plain:
        return None
    last, table = words(path.rpartition(".")[2]), Service.get(service)
    if leaf in table.asked and (leaf not in table.sensitive or one(last[-1]) in NAMING):
        return "parameter that a row asks for"
    if leaf in table.sensitive or SECRET & {one(w) for w in last}:
        return None
    return "parameter whose name names something" if one(last[-1]) in NAMING else None


def answer_texts(exchange):
    return {v for _, v in body_members(exchange.answer.decode("utf-8", "replace").strip())}


def field_rule(name, value, line, exchange):
    """The rule by which a field of a call's line passes."""
    service = line.get("service")
    if exchange is None:
        exchange = Exchange.nothing()
    said = {v for _, v in exchange.said} | answer_texts(exchange)
    codes = {re.split(r"[#:]", v.partition(";")[0])[-1] for v in said} | {v.partition(":")[0] for v in said}
    fits = {
        "kind": value == "call", "seen": value == "proxy", "time": re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", str(value)),
        "service": service and os.path.exists(os.path.join(TABLES, "generated", f"{service}.tsv")),
        "operation": service and value in Service.get(service).operations,
        "source": re.fullmatch(r"[a-z0-9-]+\.amazonaws\.com", str(value)),
        "name": re.fullmatch(re.escape(line.get("operation", "-")) + r"(\d{8}(v\d)?|\d{4}_\d\d_\d\d)?|Invoke\w*|ListObjects|GetBucket\w*|"
                             r"PutBucket\w*", str(value)),
        # the last are the program's own words for hosts without a region
        "region": value == exchange.scope[2] or f".{value}." in exchange.host or
        (not exchange.scope[2] and re.fullmatch(r"aws(-[a-z]+)*-global", str(value))), "access_key": value == exchange.scope[0],
        "account": re.fullmatch(r"\d{12}", str(value)), "request_id": value in said, "agent": value in AGENTS,
        "status": value == exchange.status, "host": value == exchange.host, "method": value == exchange.method,
        "error": value in codes or value in ("AccessDenied", f"HTTP{exchange.status}"),
        "denial.by": isinstance(value, int), "denial.explicit": isinstance(value, bool),
        "denial.action": re.fullmatch(r"[\w-]+:\w+", str(value)),
        "denial.resource": str(value).encode() in exchange.answer, "denial.policy": str(value).startswith("arn:"),
        "params_cut": value is True,
    }
    if name == "path":
        known = {"", "{}"} | set().union(*(set(row[4].partition("?")[0].split("/")) for row in _all_paths()))
        return "path pattern" if set(str(value).split("/")) <= known else None
    return name if fits.get(name) else None


_PATHS = []


def _all_paths():
    if not _PATHS:
        for name in os.listdir(os.path.join(TABLES, "generated")):
            _PATHS.extend(row for row in rows(f"generated/{name}") if row[1] == "api" and row[4] != "-")
    return _PATHS


def identity_rule(name, value, exchange):
    said = answer_texts(exchange)
    asked = {v for _, v in body_members(exchange.body.decode("utf-8", "replace"))}
    fits = {"kind": value == "identity", "time": True, "arn": value in said, "role": value in asked,
            "access_key": value in said or value == exchange.scope[0], "parent_key": value == exchange.scope[0],
            "account": re.fullmatch(r"\d{12}", str(value))}
    return "identity: " + name if fits.get(name) else None


def datagram_rule(name, value, line, datagrams):
    """The rule by which a field of a line passes that monitoring datagrams made."""
    told = {"region": ("Region",), "access_key": ("AccessKey",), "request_id": ("XAmznRequestId", "XAmzRequestId"),
            "status": ("HttpStatusCode", "FinalHttpStatusCode"), "service": ("Service",), "operation": ("Api",),
            "error": ("AwsException", "FinalAwsException", "SdkException", "FinalSdkException")}
    if name == "seen":
        return name if value == "csm" else None
    if name in told and any(d.get(member) == value for d in datagrams for member in told[name]):
        return name
    if name in ("service", "operation", "source", "name", "kind", "time", "agent", "params_cut") or \
            (name == "status" and value == 0):
        return field_rule(name, value, line, None) or (name if name == "status" else None)
    messages = [d.get(m) or "" for d in datagrams for m in ("AwsExceptionMessage", "FinalAwsExceptionMessage")]
    if name.startswith("denial."):
        return name if not isinstance(value, str) or any(value in m for m in messages) else None
    return None


def account(line, exchange):
    """(rule or None, text) of every text and number of the line."""
    for path, value in leaves(line):
        if line["kind"] == "identity":
            yield identity_rule(path, value, exchange), value
        elif path.startswith("params."):
            yield parameter_rule(line["service"], path, str(value), exchange), value
            for name in path.split(".")[1:]:
                yield "name of a parameter", name
        else:
            yield field_rule(path, value, line, exchange), value
