"""What a request is by botocore's models, and by nothing of iamreplay's: service, operation, parameters.

The models are matched from the request's side: target header, Action and Version, or method, path and query. moto's
parsers then read the parameters.
"""
import functools
import re
import urllib.parse

import botocore.session
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

loader = botocore.session.get_session().get_component("data_loader")


@functools.cache
def index():
    """Signing name, endpoint prefix -> services."""
    by_name = {}
    for service in loader.list_available_services("service-2"):
        meta = loader.load_service_model(service, "service-2")["metadata"]
        for name in {meta.get("signingName", meta["endpointPrefix"]), meta["endpointPrefix"]}:
            by_name.setdefault(name, []).append(service)
    return by_name


class Rest:
    """One operation of a service with paths."""

    def __init__(self, name, operation, shapes):
        self.name, http = name, operation["http"]
        self.method = http["method"]
        self.current = not operation.get("deprecated")
        path, _, query = http["requestUri"].partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        pattern = re.sub(r"\\{([\w-]+)(\\\+)?\\}", lambda m: "(?P<%s>%s)" % (m[1].replace("-", "_"), ".+" if m[2] else "[^/]+"),
                         re.escape(path).replace("\\-", "-"))
        self.pattern = re.compile(pattern + "/?$")
        self.fixed = len(re.sub(r"\{[^}]*\}", "", path))
        shape = shapes.get(operation.get("input", {}).get("shape"), {})
        members = shape.get("members", {})
        required = shape.get("required", [])
        self.asks = {m.get("locationName", k): m.get("location") for k, m in members.items() if k in required}
        self.known = {m.get("locationName", k) for k, m in members.items() if m.get("location") == "querystring"}

    def matches(self, method, path, query, headers):
        """The match with its weight, or None."""
        found = self.pattern.match(path)
        if method != self.method or not found:
            return None
        if any(k not in query or (v and query[k] != v) for k, v in self.query.items()):
            return None
        for name, where in self.asks.items():
            if (where == "querystring" and name not in query) or (
                    where == "header" and "_" not in name and name.lower() not in headers):  # "_": moto's server drops such fields
                return None
        asked = sum(1 for w in self.asks.values() if w in ("querystring", "header"))
        return (len(self.query), asked, self.fixed, self.current, sum(1 for k in query if k in self.known)), found


@functools.cache
def rest_operations(service):
    model = loader.load_service_model(service, "service-2")
    return [Rest(name, operation, model["shapes"]) for name, operation in model["operations"].items()]


@functools.cache
def service_model(service):
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def meta(service):
    return service_model(service).metadata


def scope_of(headers, query):
    """Access key, region and service of the signature, whichever kind it is."""
    text = headers.get("authorization", "")
    found = re.search(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request", text)
    if not found and "X-Amz-Credential" in query:
        found = re.match(r"([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request", query["X-Amz-Credential"])
    if found:
        return found.groups()
    found = re.match(r"AWS ([^:]+):", text)
    return (found[1], None, "s3") if found else (query.get("AWSAccessKeyId"), None, None)


def candidates(signing, host):
    """Services that may be meant, the likeliest first: several share a signing name, an API version and operations."""
    if signing:
        return sorted(index().get(signing, []), key=lambda s: (not host.startswith(meta(s)["endpointPrefix"] + "."), s != signing, s))
    labels = host.split(":")[0].split(".")
    for i in range(len(labels)):
        for n in (2, 1):
            services = index().get(".".join(labels[i:i + n]))
            if services:
                return services
    return []


S3_HOST = re.compile(r"(?:(.+)\.)?s3(?:express-[\w-]+|-[\w-]+)?\.(?:[\w-]+\.)*amazonaws\.com(?:\.cn)?(?::\d+)?$")


def s3_path(host, path):
    """S3 with the bucket in the path, wherever the request has it."""
    found = S3_HOST.match(host)
    bucket = found and found[1]
    if bucket and ".vpce." in host:  # bucket.vpce-ID.s3..., or NAME.bucket.vpce-ID.s3...
        bucket = bucket.rpartition("bucket.vpce-")[0].rstrip(".")
    return "/%s%s" % (bucket, path) if bucket else path


def by_target(services, target):
    prefix, _, name = target.rpartition(".")
    for service in services:
        if meta(service).get("targetPrefix") == prefix and name in service_model(service).operation_names:
            return service, name, {}
    return None


def by_action(services, form):
    for service in services:
        if meta(service).get("apiVersion") == form.get("Version") and form["Action"] in service_model(service).operation_names:
            return service, form["Action"], {}
    return None


def by_path(services, method, host, path, query, headers):
    best = None
    for service in services:
        if not {"rest-json", "rest-xml"} & set(meta(service).get("protocols", [meta(service).get("protocol")])):
            continue
        p = path
        if service == "s3":
            p = s3_path(host, path)
        elif service == "apigatewaymanagementapi":  # behind the API's stage
            p = path[max(path.find("/@connections"), 0):]
        for operation in rest_operations(service):
            got = operation.matches(method, p, query, headers)
            if got and (best is None or got[0] > best[0]):
                best = got[0], service, operation.name, {k: urllib.parse.unquote(v) for k, v in got[1].groupdict().items()}
    return best and best[1:]


def by_form(host, path, body):
    """A browser's upload to S3, which the models do not have."""
    field = dict((k.decode().lower(), v.decode()) for k, v in re.findall(rb'name="([\w-]+)"\r\n\r\n([^\r]*)\r\n', body))
    bucket = s3_path(host, path).strip("/")
    signer = field.get("x-amz-credential", field.get("awsaccesskeyid", "")).split("/")
    return ("s3", "PutObject", {"Bucket": bucket, "Key": field.get("key")}), signer[0] or None, signer[2] if len(signer) > 2 else "aws-global"


def spoken(service, request):
    """The protocol of a request, of those that its service has."""
    known = meta(service).get("protocols", [meta(service)["protocol"]])
    if "x-amz-target" in request.headers:
        return "json"
    if "x-www-form-urlencoded" in (request.content_type or ""):
        return "ec2" if "ec2" in known else "query"
    return next(p for p in known if p.startswith("rest"))


def parameters(service, name, groups, request, body):
    try:
        model = service_model(service)
        operation = model.operation_model(name)
        parser = PROTOCOL_PARSERS[spoken(service, request)](operation, map_type=dict)
        headers = request.headers
        if service == "s3" and name in ("PutObject", "UploadPart"):
            body = b""
        form = dict(request.args)
        form.update(urllib.parse.parse_qsl(body.decode("latin-1")) if "x-www-form-urlencoded" in (request.content_type or "") else {})
        return parser.parse({"method": request.method, "values": MultiDict(form), "headers": headers, "body": body,
                             "url_path": request.path, "url_params": groups})
    except Exception as e:  # what a parser of moto's can't read is no expectation
        return {"": repr(e)}


def sensitive(shape, value):
    """Values that the models mark as sensitive."""
    if value is None or shape is None:
        return []
    if shape.type_name == "structure" and isinstance(value, dict):
        return [x for k, m in shape.members.items() for x in sensitive(m, value.get(k))]
    if shape.type_name == "list" and isinstance(value, list):
        return [x for v in value for x in sensitive(shape.member, v)]
    if shape.type_name == "map" and isinstance(value, dict):
        return [x for v in value.values() for x in sensitive(shape.value, v)]
    return [str(value)] if shape.metadata.get("sensitive") else []


def secrets(environ, note):
    """What of a request must never be written down: signatures, tokens, and what the models mark."""
    headers = environ.get("HTTP_AUTHORIZATION", "") + " " + note["query"]
    found = re.findall(r"Signature=([^&, ]+)", headers) + [environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")]
    found += [urllib.parse.unquote(x) for x in re.findall(r"X-Amz-Security-Token=([^&]+)", headers)]
    if note.get("operation"):
        try:
            found += sensitive(service_model(note["service"]).operation_model(note["operation"]).input_shape, note["params"])
        except Exception:  # what is not in the model has no marks
            pass
    return [x for x in found if len(x) >= 8]


def describe(environ, body):
    request = Request(environ)
    headers = {k.lower(): v for k, v in request.headers.items()}
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path
    path, _, text = raw.partition("?")
    query = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
    form = dict(query)
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        form.update(urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True))
    host = headers.get("host", "")
    key, region, signing = scope_of(headers, query)
    services = candidates(signing, host)
    if not region:
        inside = re.search(r"[.-]((?:us|eu|ap|ca|sa|me|af|cn|il|mx)(?:-gov|-iso\w*)?-[a-z]+-\d)\.", host)
        # a host that tells the partition alone: the SDKs' word for that
        region = inside[1] if inside else "aws-cn-global" if host.endswith(".amazonaws.com.cn") else "aws-global"
    if headers.get("content-type", "").startswith("multipart/form-data") and S3_HOST.match(host):
        found, key, region = by_form(host, path, body)
        return dict(method=request.method, host=host, path=path, query=text, key=key, region=region, service="s3", operation=found[1],
                    params=found[2])
    if "x-amz-target" in headers:
        found = by_target(services, headers["x-amz-target"])
    elif "Action" in form:
        found = by_action(services, form)
    else:
        found = by_path(services, request.method, host, path, query, headers)
    note = {"method": request.method, "host": host, "path": path, "query": text, "key": key, "region": region, "signing": signing,
            "agent": headers.get("user-agent", "")[:80]}
    if found:
        note.update(service=found[0], operation=found[1], params=parameters(*found, request, body))
    return note
