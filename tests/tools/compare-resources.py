#!/usr/bin/env python3
# compare-resources.py IAMREPLAY FOLDER...: what the tables make of the parameters of recorded calls alone, beside the
# resources[] that CloudTrail wrote into the same records. Each different call that went through and has an ARN there is
# made the only one of a role of its own, without its resources[]; the ARNs of the role's policy are compared with those
# that were taken away: equal, wider (a pattern that the ARN fits), or other (neither). Calls are one that have the same
# name, members and ARNs. Prints each that is not equal, then the counts.
import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

RECORD = re.compile(r'"eventSource"')


def records(value):
    """Every record inside a document, whatever holds it."""
    if isinstance(value, dict):
        if "eventSource" in value and "eventName" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for v in value:
            yield from records(v)
    elif isinstance(value, str) and RECORD.search(value):
        try:
            yield from records(json.loads(value))
        except ValueError:
            pass


def documents(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as f:
        text = f.read()
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        at += len(text[at:]) - len(text[at:].lstrip())
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except ValueError:
            end = text.find("\n", at)
            at = len(text) if end < 0 else end + 1


def told(record):
    """The ARNs of resources[], without the bucket that S3 lists beside its object: no action on an object asks for it."""
    found = set()
    for r in record.get("resources") or []:
        arn = r.get("ARN") if isinstance(r, dict) else None
        if isinstance(arn, str) and arn.startswith("arn:") and len(arn.split(":", 5)) == 6:
            found.add(arn)
    return {a for a in found if not any(b.startswith(a + "/") for b in found)}


def calls(folders):
    """Each different call once: (key, record, ARNs), in the order of the key."""
    seen = {}
    for folder in folders:
        for top, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                for document in documents(os.path.join(top, name)):
                    for record in records(document):
                        arns = told(record)
                        if not arns or record.get("errorCode") or not isinstance(record.get("requestParameters"), dict):
                            continue
                        key = (record["eventSource"], record["eventName"], tuple(sorted(record["requestParameters"])), tuple(sorted(arns)))
                        seen.setdefault(key, record)
    return [(key, seen[key]) for key in sorted(seen)]


def alone(record, number):
    """The record as the only one of a role, without what the comparison is about."""
    account = record.get("recipientAccountId") or (record.get("userIdentity") or {}).get("accountId") or "111122223333"
    role = "compared-%d" % number
    out = {k: v for k, v in record.items() if k not in ("resources", "userIdentity", "sharedEventID", "responseElements")}
    out.update({"eventID": "00000000-0000-4000-8000-%012d" % number, "eventTime": "2026-09-01T00:00:00Z", "eventType": "AwsApiCall",
                "recipientAccountId": account,
                "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::%s:assumed-role/%s/s" % (account, role), "accountId": account,
                                 "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": account, "userName": role,
                                                                      "arn": "arn:aws:iam::%s:role/%s" % (account, role)}}}})
    return out


def granted(tool, db, account, role):
    text = subprocess.run([tool, "policy", "--db", db, "--principal", "arn:aws:iam::%s:role/%s" % (account, role), "--resources", "exact"],
                          capture_output=True, text=True).stdout
    statements = json.loads(text)["Statement"] if text.strip() else []
    return sorted({(a, r) for s in statements for a in s["Action"] for r in s["Resource"]})


def fits(pattern, arn):
    return re.fullmatch("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), arn) is not None


def judge(arn, grants):
    resources = [r.replace("${*}", "*") for _, r in grants]
    if arn in resources:
        return "equal"
    return "wider" if any(fits(r, arn) for r in resources) else "other"


def main():
    parser = argparse.ArgumentParser(description="compare the resources of recorded calls with what their parameters tell")
    parser.add_argument("tool")
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    missing = [f for f in args.folders if not os.path.isdir(f)]
    if missing:
        print("SKIPPED, nothing is compared: there is no folder of recorded calls at %s" % ", ".join(missing))
        return 0
    found = calls(args.folders)
    counts = {"equal": 0, "wider": 0, "other": 0}
    with tempfile.TemporaryDirectory() as scratch:
        log, db = os.path.join(scratch, "calls.json"), os.path.join(scratch, "calls.db")
        one = [alone(record, i) for i, (_, record) in enumerate(found)]
        with open(log, "w", encoding="utf-8") as f:
            json.dump({"Records": one}, f)
        subprocess.run([args.tool, "ingest", "--db", db, log], capture_output=True, check=False)
        for i, (key, _) in enumerate(found):
            grants = granted(args.tool, db, one[i]["recipientAccountId"], "compared-%d" % i)
            verdicts = {arn: judge(arn, grants) for arn in key[3]}
            worst = max(verdicts.values(), key=["equal", "wider", "other"].index)
            counts[worst] += 1
            if worst != "equal":
                print("%s %s:%s" % (worst, key[0], key[1]))
                for arn in sorted(a for a in verdicts if verdicts[a] != "equal"):
                    print("    in the record  %s" % arn)
                for action, resource in grants or [("nothing", "")]:
                    print("    granted        %s %s" % (action, resource))
    print("%d calls compared: %d equal, %d wider, %d other" % (len(found), counts["equal"], counts["wider"], counts["other"]))


if __name__ == "__main__":
    sys.exit(main())
