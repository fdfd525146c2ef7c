# hosts.py - generate: the names of API hosts that are no endpoint prefix, from the endpoint rule sets of the API models
# and the host prefixes of their operations.
# Layer: a maintainer's tool; nothing of it runs in a build.
import gzip
import json
import os
import re

# Domains under which API endpoints live (botocore's partitions.json); the longer first where one ends in the other.
DOMAINS = [".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu", ".api.cloud-aws.adc-e.uk", ".amazonaws.com.cn",
           ".api.aws.hci.ic.gov", ".csp.hci.ic.gov", ".cloud.adc-e.uk", ".api.aws.scloud", ".api.aws.ic.gov",
           ".sc2s.sgov.gov", ".amazonaws.com", ".amazonaws.eu", ".c2s.ic.gov", ".api.aws", ".on.aws"]
REGION = re.compile(r"^([a-z]{2,4}(-[a-z]+){1,2}-\d+|<region>)$")
# Where devices connect with certificates of their own; a rule set has it for one partition.
BLIND = {"greengrass-ats.iot"}
# What a rule set puts in where the caller names a resource: how many labels it has.
LABELS = {"EndpointId": "*.*"}


def rule_set(models, folder):
    """The endpoint rule set in the newest API version of a service, or None."""
    base = os.path.join(models, folder)
    for version in sorted((v for v in os.listdir(base) if os.path.isdir(os.path.join(base, v))), reverse=True):
        path = os.path.join(base, version, "endpoint-rule-set-1.json")
        if os.path.exists(path + ".gz"):
            with gzip.open(path + ".gz", "rb") as f:
                return json.load(f)
        if os.path.exists(path):
            with open(path, "rb") as f:
                return json.load(f)
    return None


def urls(rules):
    for rule in rules:
        if rule["type"] == "tree":
            yield from urls(rule["rules"])
        elif rule["type"] == "endpoint" and isinstance(rule["endpoint"]["url"], str):
            yield rule["endpoint"]["url"]


def choices(url):
    """The URL once for each value of a variable that is no name of the caller's."""
    if "{OperationType}" in url:
        return [url.replace("{OperationType}", kind) for kind in ("control", "data")]
    return [] if "SuffixValue}." in url and "kinesis{" in url else [url]


def name_of(url):
    """The host of a rule without domain, FIPS and dual stack marks; `<region>` in front where it stands in front of the
    service, `*` for a label that names a resource. None where the rule tells no host of AWS's."""
    host = re.sub(r"^https?://", "", url).split("/")[0]
    host = re.sub(r"\{[A-Za-z]*[Pp]artition(Result)?#(dualStackD|d)nsSuffix\}", "amazonaws.com", host)
    host = re.sub(r"\{[A-Za-z#]*[Rr]egion\}", "<region>", host)
    host = re.sub(r"\{([A-Za-z#]+)\}", lambda m: LABELS.get(m.group(1), "*"), host)
    domain = next((d for d in DOMAINS if host.endswith(d)), None)
    if "{" in host or domain is None:
        return None
    labels = [re.sub(r"-fips$", "", label) for label in host[: -len(domain)].split(".")]
    labels = [label for i, label in enumerate(labels) if label != "dualstack" and not (i == 0 and label == "fips")]
    while len(labels) > 1 and (REGION.match(labels[-1]) or labels[-1] in ("global", "us-gov")):
        labels.pop()
    return ".".join(labels) if labels and labels[-1] != "*" else None


def prefixes(service):
    """The labels that operations of a service put in front of its host."""
    out = set()
    for op in service.operations:
        prefix = op.data.get("endpoint", {}).get("hostPrefix", "")
        if prefix:
            out.add(re.sub(r"\{[^}]*\}", "*", prefix))
    return out


def rows(services, models):
    """(name, endpoint prefix) of every host name that is no endpoint prefix itself."""
    known = {s.meta["endpointPrefix"] for s in services}
    ruled, prefixed = {}, {}
    for s in services:
        rules = rule_set(models, s.folder)
        if rules is None or s.folder in ("s3", "s3control"):
            continue  # S3's hosts hold names of buckets and are told apart by the program itself
        stem = s.meta["endpointPrefix"]
        names = {n for u in urls(rules["rules"]) for n in map(name_of, choices(u)) if n}
        for n in names - known - BLIND:
            ruled.setdefault(n, stem)
        for n in {p + n for n in names | {stem} for p in prefixes(s) if not n.startswith("<")} - known:
            prefixed.setdefault(n, stem)
    prefixed.update(ruled)
    return sorted(prefixed.items())
