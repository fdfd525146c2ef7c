"""bucket.py PROGRAM SCRATCH - buckets fetched from a server that behaves and one that does not: nothing is lost, nothing
doubled, nothing asked for that is outside of what is wanted."""
import gzip
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from cloud import Cloud, Refusal, Tap

PROGRAM, SCRATCH = os.path.abspath(sys.argv[1]), sys.argv[2]
ACCOUNTS, REGIONS, DAYS, EACH = ["111122223333", "222233334444", "333344445555"], ["us-east-1", "eu-west-1"], 10, 4
tap = Tap()
os.chdir(SCRATCH)


def record(account, region, when, name, n):
    return {"eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": account,
                                                     "arn": "arn:aws:iam::%s:user/ann" % account, "userName": "ann"},
            "eventTime": when, "eventSource": "s3.amazonaws.com", "eventName": name, "awsRegion": region,
            "requestParameters": {"bucketName": "bucket-%d" % n}, "responseElements": None, "requestID": "R%s%s%d" % (account, when, n),
            "eventID": "%s-%s-%s-%d" % (account, region, when, n), "eventType": "AwsApiCall", "recipientAccountId": account}


def trail(organisation=""):
    """{key: bytes}, one file for every six hours."""
    out = {}
    for account in ACCOUNTS:
        base = "AWSLogs/%s%s/" % (organisation, account)
        out[base + "CloudTrail-Digest/us-east-1/2026/01/01/digest.json.gz"] = b"must not be asked for"
        out[base + "Config/us-east-1/2026/1/1/config.json.gz"] = b"must not be asked for"
        for region in REGIONS:
            for day in range(1, DAYS + 1):
                for n in range(EACH):
                    stamp = "202601%02dT%02d10Z" % (day, 24 // EACH * n + 3)
                    when = "2026-01-%02dT%02d:0%%d:00Z" % (day, 24 // EACH * n + 3)
                    records = [record(account, region, when % i, ("GetBucketAcl", "ListObjects", "GetBucketPolicy")[i], n)
                               for i in range(3)]
                    key = "%sCloudTrail/%s/2026/01/%02d/%s_CloudTrail_%s_%s_u%d.json.gz" % (
                        base, region, day, account, region, stamp, n)
                    out[key] = gzip.compress(json.dumps({"Records": records}).encode(), mtime=0)
    return out


def logs_of(objects):
    return {k for k in objects if "/CloudTrail/" in k}


def run(cloud, *args, **environment):
    p = subprocess.run([PROGRAM, *args], env=cloud.environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def fresh(name="t.db"):
    for end in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(name + end):
            os.unlink(name + end)
    return name


def content(db):
    p = subprocess.run([PROGRAM, "query", "export", "--json", "--db", db], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return p.stdout if p.returncode == 0 else b"failed: " + p.stderr


def gets(cloud):
    return [r["path"].split("/", 2)[2] for r in cloud.requests if not r["query"] and r["path"].count("/") > 1]


def plain():
    objects = trail()
    cloud = Cloud().start()
    cloud.objects["trail"] = objects
    for key in logs_of(objects):
        path = os.path.join("local", key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(objects[key])
    subprocess.run([PROGRAM, "ingest", "--db", fresh("local.db"), "local"], stdout=subprocess.DEVNULL, check=True)
    want = content("local.db")
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", "s3://trail")
    tap.ok(status == 0 and not err, "a bucket is fetched", err)
    counts = json.loads(out)
    tap.is_equal("all its files", counts["files"], {"read": len(logs_of(objects)), "unchanged": 0, "failed": 0})
    tap.is_equal("every record once", (counts["records"], counts["stored"]), (3 * len(logs_of(objects)),) * 2)
    tap.ok(content("t.db") == want, "as from files")
    tap.is_equal("each object is asked for once, and no other", sorted(gets(cloud)), sorted(logs_of(objects)))
    asked = len(cloud.requests)
    status, out, err = run(cloud, "fetch", "--db", "t.db", "--json", "s3://trail")
    tap.is_equal("a second run reads nothing", json.loads(out)["files"], {"read": 0, "unchanged": len(logs_of(objects)), "failed": 0})
    tap.is_equal("and asks for no object", len(gets(cloud)), len(logs_of(objects)))
    tap.ok(len(cloud.requests) - asked <= 2 + len(ACCOUNTS) + len(ACCOUNTS) * len(REGIONS), "in one listing a folder")
    status, out, err = run(cloud, "ingest", "--db", fresh("u.db"), "s3://trail/AWSLogs/")
    tap.ok(status == 0 and content("u.db") == want, "ingest s3:// is the same", err)
    # an object that was replaced has another ETag
    key = sorted(logs_of(objects))[7]
    objects[key] = gzip.compress(json.dumps({"Records": [record(ACCOUNTS[0], "us-east-1", "2026-01-02T00:00:00Z", "GetObject", 99)]}).encode())
    status, out, err = run(cloud, "fetch", "--db", "t.db", "--json", "s3://trail")
    tap.is_equal("an object that changed is read again", (json.loads(out)["files"]["read"], json.loads(out)["stored"]), (1, 1))
    return want


def wanted():
    objects = trail()
    cloud = Cloud().start()
    cloud.objects["trail"] = objects

    def asked(*args):
        cloud.requests.clear()
        status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", *args, "s3://trail")
        tap.ok(status == 0, "fetch %s" % " ".join(args), err)
        return sorted(gets(cloud)), [r["query"]["prefix"] for r in cloud.requests if "prefix" in r["query"]]

    keys, _ = asked("--since", "2026-01-03", "--until", "2026-01-04")
    tap.is_equal("  only those days", keys, sorted(k for k in logs_of(objects) if "/2026/01/03/" in k or "/2026/01/04/" in k))
    tap.ok(all(r["query"].get("start-after", "").endswith("/2026/01/03/") for r in cloud.requests
               if r["query"].get("prefix", "").endswith("-1/")), "  listed from the first one on")
    cloud.page = 8
    asked("--since", "2026-01-03", "--until", "2026-01-03")
    pages = [r for r in cloud.requests if "continuation-token" in r["query"] and "-1/2026" in r["query"]["continuation-token"]]
    tap.is_equal("  with no page behind the last one", pages, [])
    cloud.page = 1000
    keys, prefixes = asked("--account", ACCOUNTS[1], "--region", "eu-west-1")
    tap.is_equal("  only that folder", keys, sorted(k for k in logs_of(objects) if "/%s/CloudTrail/eu-west-1/" % ACCOUNTS[1] in k))
    tap.is_equal("  in three listings", prefixes, ["", "AWSLogs/", "AWSLogs/%s/CloudTrail/eu-west-1/" % ACCOUNTS[1]])
    # files that were delivered shortly after hold events of before
    late = logs_of(objects).pop().split("CloudTrail/")[0] + "CloudTrail/us-east-1/2026/01/05/111122223333_CloudTrail_us-east-1_20260105T0005Z_l.json.gz"
    objects[late] = gzip.compress(json.dumps({"Records": [record(ACCOUNTS[0], "us-east-1", "2026-01-04T23:59:00Z", "GetObject", 5)]}).encode())
    keys, _ = asked("--since", "2026-01-04", "--until", "2026-01-04")
    tap.ok(late in keys and not any("T0310Z" in k and "/05/" in k for k in keys), "  with what was delivered just after the window")


def layouts():
    cloud = Cloud().start()
    cloud.objects["org"] = trail("o-abc123def4/")
    cloud.objects["deep"] = {"logs/prod/" + k: v for k, v in trail().items()}
    flat = {"firehose/2026/01/0%d/part %d+é.gz" % (n % 5 + 1, n): gzip.compress(json.dumps(record(ACCOUNTS[0], "us-east-1", "2026-01-02T00:00:%02dZ" % n, "GetObject", n)).encode())
            for n in range(30)}
    cloud.objects["flat"] = {**flat, "firehose/": b""}
    n = len(logs_of(trail()))
    for source, files in (("s3://org", n), ("s3://deep", n), ("s3://deep/logs", n), ("s3://deep/logs/prod/AWSLogs", n),
                          ("s3://org/AWSLogs/o-abc123def4/%s/" % ACCOUNTS[0], n // 3), ("s3://org/AWSLogs/o-abc123def4/1111", n // 3),
                          ("s3://deep/logs/prod/AWSLogs/%s/CloudTrail/eu-" % ACCOUNTS[0], n // 6),
                          ("s3://deep/logs/prod/AWSLogs/%s/CloudTrail/eu-west-1/2026/01/0" % ACCOUNTS[0], EACH * 9), ("s3://flat/firehose/", 30)):
        status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", source)
        tap.is_equal("%s has %d files" % (source, files), (status, json.loads(out or "{}").get("files", {}).get("read")), (0, files))
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--account", ACCOUNTS[0], "s3://flat")
    tap.ok(status == 3 and "no folder AWSLogs/" in err, "accounts can't be told apart without folders", err)
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://nobody")
    tap.ok(status == 3 and "NoSuchBucket" in err, "no such bucket", err)
    cloud.modified = cloud.modified.replace(year=2025)
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", "--since", "2026-01-01", "s3://flat")
    tap.is_equal("what was written before the window is not read", json.loads(out)["files"]["read"], 0)


def weather(want):
    """Every kind of trouble, a quarter of all requests."""
    objects = trail()
    source = random.Random(4)
    kinds = [Refusal(503, "SlowDown", "slower"), Refusal(500, "InternalError", "oops"), Refusal(503, ""), "cut", "longer", "shorter", "reset",
             "other", Refusal(400, "RequestTimeout", "too slow")]
    cloud = Cloud().start()
    cloud.objects["trail"] = objects
    cloud.regions["trail"] = "eu-west-3"
    cloud.clock = 7200
    hangs, met = [2], {}

    def plan(request):
        # fewer of one request than it is tried: a busy machine adds some of its own
        what = "%(path)s %(query)s" % request
        if source.random() > 0.25 or met.get(what, 0) == 4:
            return None
        met[what] = met.get(what, 0) + 1
        if hangs[0] and request["path"].endswith(".gz"):
            hangs[0] -= 1
            return "hang"
        return source.choice(kinds)

    cloud.plan = plan
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", "--timeout", "1", "s3://trail")
    counts = json.loads(out or "{}")
    tap.ok(status == 0, "trouble of every kind is borne", err)
    tap.is_equal("nothing is lost or doubled", (counts.get("records"), counts.get("stored")), (3 * len(logs_of(objects)),) * 2)
    tap.ok(content("t.db") == want, "and the content is the same")
    status, out, err = run(cloud, "fetch", "-o", "files", "--json", "--timeout", "1", "s3://trail")
    got = {os.path.relpath(os.path.join(d, f), "files"): open(os.path.join(d, f), "rb").read() for d, _, fs in os.walk("files") for f in fs}
    tap.ok(status == 0 and got == {k: objects[k] for k in logs_of(objects)}, "files are whole, in the trail's layout", err)
    modes = {os.stat(os.path.join(d, f)).st_mode & 0o777 for d, _, fs in os.walk("files") for f in fs}
    tap.is_equal("and nobody else's", modes, {0o600})
    shutil.rmtree("files")


def told():
    objects = trail()
    key = sorted(logs_of(objects))[3]
    cloud = Cloud().start()
    cloud.objects["trail"] = objects
    cloud.denied = {key}
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", "s3://trail")
    tap.ok(status == 1 and key in err and "kms:Decrypt" in err and json.loads(out)["files"]["failed"] == 1, "a key that KMS denies is told", err)
    cloud.denied = set(objects)
    cloud.requests.clear()
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail")
    tap.ok(status == 3 and "given up" in err and len(gets(cloud)) < 60, "of a bucket that can't be read not all is tried", err)
    cloud.denied = set()
    cloud.faults = {"GET /trail/" + key: ["other"] * 9}
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--json", "s3://trail", AWS_MAX_ATTEMPTS="2")
    tap.ok(status == 1 and "not whole" in err and json.loads(out)["files"]["failed"] == 1, "a length that is never right is told", err)
    cloud.faults = {"GET /trail/" + key: [Refusal(412, "PreconditionFailed", "x")]}
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail")
    tap.ok(status == 1 and "was replaced" in err, "one that changes meanwhile is told", err)
    cloud.faults = {"GET /trail/?": [Refusal(301, "PermanentRedirect", "x", {"x-amz-bucket-region": "a.evil.example"})]}
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail")
    tap.ok(status == 3 and "PermanentRedirect" in err, "no redirect to what is no region", err)
    cloud.faults = {}
    cloud.objects["bad"] = {"../../etc/x": b"{}", "a//b": b"{}", "good/x": b"{}", "/abs": b"{}"}
    status, out, err = run(cloud, "fetch", "-o", "bad-files", "s3://bad")
    left = sorted(os.path.join(d, f) for d, _, fs in os.walk("bad-files") for f in fs)
    tap.ok(status == 1 and left == ["bad-files/good/x"] and err.count("can't be the name of a file") == 3, "keys stay below their folder", err)
    status, out, err = run(cloud, "fetch", "--db", fresh(), "--requester-pays", "s3://trail")
    tap.ok(status == 0 and all(r["headers"].get("x-amz-request-payer") == "requester" for r in cloud.requests[-5:]), "requester pays", err)


def listing_lies():
    cloud = Cloud().start()
    cloud.objects["trail"] = {"a": b"{}"}
    real = cloud.list

    def same_page(bucket, query):
        status, headers, out = real(bucket, {**query, "continuation-token": ""})
        return status, headers, out.replace(b"<IsTruncated>false", b"<NextContinuationToken>x</NextContinuationToken><IsTruncated>true")

    cloud.list = same_page
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail")
    tap.ok(status != 0 and "does not go on" in err, "a listing that never ends is told", err)
    cloud.list = lambda bucket, query: (200, {}, b"<ListBucketResult><Contents><Key>a</Key>")
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail", AWS_MAX_ATTEMPTS="2")
    tap.ok(status != 0 and "not whole" in err, "a damaged listing is told", err)


def killed(want):
    objects = trail()
    cloud = Cloud().start()
    cloud.objects["trail"] = objects
    began = time.monotonic()
    run(cloud, "fetch", "--db", fresh("k.db"), "s3://trail")
    whole = time.monotonic() - began
    wrong, unfinished = [], 0
    for point in range(30):
        fresh("k.db")
        shutil.rmtree("kfiles", ignore_errors=True)
        args = ["--db", "k.db"] if point % 3 else ["-o", "kfiles"]
        p = subprocess.Popen([PROGRAM, "fetch", *args, "s3://trail"], env=cloud.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * (point + 1) / 31)
        p.send_signal(signal.SIGKILL if point % 2 else signal.SIGINT)
        unfinished += p.wait() != 0
        for d, _, fs in os.walk("kfiles"):
            wrong += [f for f in fs if not f.endswith(".iamreplay-part") and
                      objects[os.path.relpath(os.path.join(d, f), "kfiles")] != open(os.path.join(d, f), "rb").read()]
        status, _, err = run(cloud, "fetch", *args, "s3://trail")
        if status != 0 or (point % 3 and content("k.db") != want):
            wrong.append("point %d: %d %s" % (point, status, err))
        if point % 3 == 0:
            got = {os.path.relpath(os.path.join(d, f), "kfiles") for d, _, fs in os.walk("kfiles") for f in fs}
            wrong += list(got ^ logs_of(objects))
    tap.ok(not wrong and unfinished > 10, "killed at 30 points and run again, nothing is missing or twice (%d were unfinished)" % unfinished,
           "\n".join(wrong))


def status_of(pid):
    """Fields of /proc/PID/status."""
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def connections(pid):
    """How many sockets of the process are of TCP."""
    inodes = set()
    for n in os.listdir("/proc/%d/fd" % pid):
        try:
            inodes.add(os.readlink("/proc/%d/fd/%s" % (pid, n)))
        except OSError:
            pass
    with open("/proc/net/tcp") as f:
        return sum("socket:[%s]" % line.split()[9] in inodes for line in f.readlines()[1:])


def apart(want):
    """Logs are read by a process that has no keys, no connection and no way to others' files; keys and connections are
    another's, which has no database."""
    if not os.path.isdir("/proc/self/fd"):
        print("# SKIPPED: no /proc shows processes", file=sys.stderr)
        return
    cloud = Cloud()
    cloud.objects["trail"] = trail()
    seen, hold = [0], threading.Event()

    def plan(request):
        if request["path"].endswith(".gz"):
            seen[0] += 1
            if seen[0] > 20:
                hold.wait(60)
        return None

    cloud.plan = plan
    cloud.start()
    p = subprocess.Popen([PROGRAM, "fetch", "-j", "2", "--db", fresh("a.db"), "s3://trail"], env=cloud.environment(AWS_SESSION_TOKEN=None),
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while seen[0] <= 20 and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.3)
    children = open("/proc/%d/task/%d/children" % (p.pid, p.pid)).read().split()
    tap.is_equal("one process beside it", len(children), 1)
    child = int(children[0])
    with open("/proc/%d/environ" % p.pid, "rb") as f:
        tap.ok(b"plain-secret" not in f.read(), "the one that reads logs has no secret in its environment")
    with open("/proc/%d/environ" % child, "rb") as f:
        tap.ok(b"plain-secret" in f.read(), "the other one has")
    tap.is_equal("only the other one has connections", (connections(p.pid) > 0, connections(child) > 0), (False, True))
    files = {os.path.realpath("/proc/%d/fd/%s" % (child, n)) for n in os.listdir("/proc/%d/fd" % child)}
    tap.ok(os.path.realpath("a.db") not in files, "and no database", files)
    verbose = subprocess.run([PROGRAM, "ingest", "-v", "--db", fresh("v.db"), "/dev/null"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if b"Landlock version" in verbose.stdout or status_of(p.pid)["NoNewPrivs"] == "1":
        tap.is_equal("the one that reads logs gave up new privileges", status_of(p.pid)["NoNewPrivs"], "1")
    os.kill(child, signal.SIGKILL)
    err = p.communicate(timeout=60)[1].decode()
    tap.ok(p.returncode == 3 and "process that fetches" in err, "killed, it is missed", "%d %s" % (p.returncode, err))
    hold.set()
    cloud.plan = None
    status, _, err = run(cloud, "fetch", "--db", "a.db", "s3://trail")
    tap.ok(status == 0 and content("a.db") == want, "and the next run ends with all of it", err)


def ways(want):
    """TLS with a CA of one's own, and a proxy."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                           "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "ca.pem"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if made.returncode:
        print("# SKIPPED: openssl makes no certificate", file=sys.stderr)
        return
    cloud = Cloud()
    cloud.objects["trail"] = trail()
    cloud.start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("ca.pem", "key.pem")
    cloud.server.socket = context.wrap_socket(cloud.server.socket, server_side=True, do_handshake_on_connect=False)
    url = cloud.url.replace("http://", "https://")
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail", AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE="ca.pem")
    tap.ok(status == 0 and content("t.db") == want, "over TLS, with AWS_CA_BUNDLE", err)
    began = time.monotonic()
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail", AWS_ENDPOINT_URL=url)
    tap.ok(status == 3 and "certificate" in err and time.monotonic() - began < 20, "a certificate of nobody is not tried twice", err)
    opened = []

    def tunnel(client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        opened.append(head.split(b"\r\n")[0])
        server = socket.create_connection(cloud.server.server_address)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for a, b in ((client, server), (server, client)):
            threading.Thread(target=pump, args=(a, b), daemon=True).start()

    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        b.close()

    def accept():
        while True:
            threading.Thread(target=tunnel, args=(proxy.accept()[0],), daemon=True).start()

    proxy = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    status, out, err = run(cloud, "fetch", "--db", fresh(), "s3://trail", AWS_ENDPOINT_URL="https://127.0.0.1:9", AWS_CA_BUNDLE="ca.pem",
                           HTTPS_PROXY="http://127.0.0.1:%d" % proxy.getsockname()[1])
    tap.ok(status == 0 and content("t.db") == want and set(opened) == {b"CONNECT 127.0.0.1:9 HTTP/1.1"}, "through HTTPS_PROXY", "%s %s" % (err, opened))


expected = plain()
ways(expected)
wanted()
layouts()
weather(expected)
told()
listing_lies()
apart(expected)
killed(expected)
tap.end()
