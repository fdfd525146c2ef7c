"""What a client did with the proxy, held against what it did without, against what moto was sent, and against what the
client itself says."""
import base64
import collections
import functools
import json
import os
import re
import urllib.parse

import expected
import models
from live import note, ok, same, tool
from runs import WITHOUT, plain

NEEDS = (1, 6)  # iamreplay-db(5): what the call always needs, and a resource that it may name or not


def words(client, i):
    return " ".join(client.argv(i, WITHOUT))


def shown(request):
    """A request as far as two runs have it in common."""
    path = re.sub(r"[A-Za-z0-9+/=_-]{40,}", "ID", plain(request["path"]))
    return request["method"], request["host"], path, request.get("service"), request.get("operation"), request["status"]


def sent(client, run):
    """What a run sent, repeated questions once."""
    polls = {shown(r) for r in run.requests if r.get("operation") in client.polls}
    return [shown(r) for r in run.requests if r.get("operation") not in client.polls] + sorted(polls, key=str)


def alike(client, without, run, mode):
    """The proxy changed nothing for the client."""
    name, steps = "%s, %s" % (client.name, mode), range(len(run.status))
    differ = [(words(client, i), without.status[i], run.status[i]) for i in steps if without.status[i] != run.status[i]]
    ok(not differ, "%s: %d commands end alike (%d with 0)" % (name, len(run.status), run.status.count(0)), *differ)
    differ = []
    for i in steps:
        a, b = (collections.Counter(r.text[i].splitlines()) for r in (without, run))
        if a != b:
            differ += [words(client, i)] + ["  without: " + x for x in (a - b)] + ["  %s: %s" % (mode, x) for x in (b - a)]
    ok(not differ, "%s: and print alike" % name, *differ)
    if len(run.status) == len(without.status):
        same("%s: and send alike" % name, sent(client, run), sent(client, without), (mode, "without"))


def captured(client, run, mode):
    """Each request that moto answered is a call of the capture, and no call is anything else."""
    name = "%s, %s" % (client.name, mode)
    log = [re.search(r'"(\S+) .*" (\d{3}) -$', line).groups() for line in run.server_lines]
    same("%s: moto's own log has the %d requests" % (name, len(log)), log, [(r["method"], str(r["status"])) for r in run.requests],
         ("log", "noted"))
    same("%s: each is captured, and nothing else" % name,
         [tuple(c.get(k) for k in ("method", "host", "service", "operation", "region", "access_key", "status", "request_id")) for c in run.calls],
         [tuple(r.get(k) for k in ("method", "host", "service", "operation", "region", "key", "status", "request_id")) for r in run.requests],
         ("captured", "sent"))


@functools.cache
def by_service_id():
    return {models.meta(s)["serviceId"]: s for s in models.loader.list_available_services("service-2")}


def undated(name):
    return re.sub(r"\d{4}_\d\d_\d\d$", "", name or "")


def as_monitored(client, run):
    """The client's own word for it: an ApiCallAttempt of client-side monitoring for each call."""
    told = [(by_service_id().get(e["Service"], e["Service"]), undated(e["Api"]), e.get("HttpStatusCode"), e.get("AccessKey") or None)
            for e in run.events if e["Type"] == "ApiCallAttempt"]
    # a program may call without its SDK as well: presigned URLs
    seen = [(c.get("service"), undated(c.get("operation")), c["status"], c.get("access_key"))
            for c in run.calls if "python-requests" not in c["agent"]]
    name = "%s: as it reports itself (%d calls)" % (client.name, len(told))
    if client.monitored == "some":
        more = collections.Counter(told) - collections.Counter(seen)
        ok(told and not more, name, *more)
    else:
        same(name, seen, told, ("captured", "reported"))


def as_logged(client, run):
    """Terraform's AWS provider logs the answer to each call."""
    with open(client.log, errors="replace") as f:
        records = re.split(r"(?m)^(?=\d{4}-\d\d-\d\dT)", f.read())
    told = []
    for record in records:
        if "HTTP Response Received" in record:
            got = {k: v.strip('"') for k, v in re.findall(r'\b(rpc\.method|rpc\.service|http\.status_code)=("[^"]*"|\S+)', record)}
            told.append((by_service_id().get(got.get("rpc.service")), got.get("rpc.method"), int(got.get("http.status_code", 0))))
    same("%s: as its log has it (%d calls)" % (client.name, len(told)), [(c["service"], c["operation"], c["status"]) for c in run.calls], told,
         ("captured", "logged"))


def needed(program, client, run, header):
    """The capture, ingested: for each request the actions and resources that it needs."""
    for name in ("part.capture", "part.db"):
        if os.path.exists(name):
            os.unlink(name)
    with open("part.capture", "w") as f:
        f.write(header + "\n".join(run.lines) + "\n")
    done = tool(program, "ingest", "--db", "part.db", "part.capture")
    ok(done.returncode == 0, "%s: the capture is ingested" % client.name, done.stderr)
    rows = json.loads(tool(program, "query", "--db", "part.db", "export", "--json").stdout)
    got = [(row["session"][0], row["name"], sorted({"%s %s" % (a[0], a[2]) for a in row["access"] or [] if a[4] in NEEDS})) for row in rows]
    want, unknown = [], set()
    for request in run.requests:
        needs = expected.needs(request)
        if needs is None and request.get("operation"):
            unknown.add("%(service)s %(operation)s" % request)
        want.append((request["key"], request.get("operation", "%(method)s %(path)s" % request), needs or []))
    same("%s: with the actions and resources it needs" % client.name, got, want, ("captured", "expected"))
    if unknown:
        note("expected.tsv has no row for: " + ", ".join(sorted(unknown)))


def forms(secret):
    """A secret as it may be written: plain, in a URL, and what base64 makes of it wherever it begins."""
    raw = secret.encode()
    found = {raw, urllib.parse.quote(secret, safe="").encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)[(0, 2, 3)[shift]:]
        found.add(text[:-4])  # what follows the secret is in the last four
    return {f for f in found if len(f) >= 8}


def secretless(paths):
    """No signature, token or secret value that moto was sent is in what was written."""
    with open("secrets.jsonl") as f:
        secrets = {json.loads(line) for line in f}
    with open("requests.jsonl") as f:  # what is in a host's name, too, is none
        hosts = " ".join({json.loads(line)["host"] for line in f})
    secrets = {s for s in secrets if s not in hosts}
    found = []
    for path in paths:
        with open(path, "rb") as f:
            text = f.read()
        found += ["%s: %s" % (path, s[:12] + "...") for s in secrets if any(form in text for form in forms(s))]
    ok(secrets and not found, "none of %d secrets is in %d captures and logs" % (len(secrets), len(paths)), *sorted(set(found)))
