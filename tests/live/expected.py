"""What a request needs by expected.tsv, from its operation and parameters as models.py read them."""
import base64
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


def rows():
    table = {}
    with open(os.path.join(HERE, "expected.tsv")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                service, operations, action, resource = line.rstrip("\n").split("\t")
                for operation in operations.split(","):
                    table.setdefault((service, operation), []).append((action, resource))
    return table


TABLE = rows()


def account_of(key):
    """The account in an access key: 40 bits behind the prefix."""
    if not key or len(key) != 20:
        return "*"
    number = int.from_bytes(base64.b32decode(key[4:] + "=" * (-len(key[4:]) % 8))[:6], "big")
    return "%012d" % (number >> 7 & (1 << 40) - 1)


def partition_of(region):
    return region[:-7] if region.endswith("-global") else "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def values(params, path):
    """All that a path leads to: A.B[].C; A{} are A's keys."""
    found = [params]
    for part in path.split("."):
        name = part.rstrip("[]{}")
        found = [x[name] for x in found if isinstance(x, dict) and name in x and x[name] is not None]
        if part.endswith("[]"):
            found = [y for x in found for y in x]
        elif part.endswith("{}"):
            found = [y for x in found for y in x]
    return [str(x) for x in found]


HOW = {"": lambda v: v, "tail": lambda v: v.rsplit("/", 1)[-1], "name": lambda v: v.lstrip("/"),
       "stack": lambda v: v.split(":stack/")[1] if ":stack/" in v else v + "/*"}


def filled(resource, params, frame):
    """Each resource that a template stands for: {p}, {r}, {a} are partition, region and account; {op} is the operation,
    {host} the host's first label, {stage} the path's first word; {X|tail}
    what follows the last slash of X; {X|name} X without the slash it begins with; {X|stack} what is behind "stack/"
    in X, and with a name alone any stack of it."""
    out = [""]
    for text, name in re.findall(r"([^{]*)(?:\{((?:[^{}]|\{\})+)\})?", resource):
        more = [""]
        if name in frame:
            more = [frame[name]]
        elif name:
            path, _, how = name.partition("|")
            more = [HOW[how](v) for v in values(params, path)]
        out = [a + text + b for a in out for b in more]
    return out


def of_access_point(resource, host):
    """An access point's host stands for its ARN: NAME-ACCOUNT.s3-accesspoint.REGION..."""
    found = re.match(r"(.+)-(\d{12})\.s3-accesspoint\.", host)
    if not found:
        return resource
    point = "arn:{p}:s3:{r}:%s:accesspoint/%s" % (found[2], found[1])
    return resource.replace("arn:{p}:s3:::{Bucket}/", point + "/object/").replace("arn:{p}:s3:::{Bucket}", point)


def needs(request):
    """The actions and resources that a request needs, sorted; None where the table has no row for it."""
    found = TABLE.get((request.get("service"), request.get("operation")))
    if found is None:
        return None
    region = request["region"]
    frame = {"p": partition_of(region), "r": "*" if region.endswith("-global") else region, "a": account_of(request.get("key")), "op": request["operation"],
             "host": request["host"].split(".")[0], "stage": request["path"].split("/")[1]}
    out = {}
    for action, resource in found:
        if action != "-":
            arns = filled(of_access_point(resource, request["host"]), request.get("params") or {}, frame)
            out.setdefault(action.replace("{op}", frame["op"]), set()).update(arns)
    # a call that names none of what it could: all of it
    return sorted("%s %s" % (action, arn) for action, arns in out.items() for arn in arns or {"*"})
