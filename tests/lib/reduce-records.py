#!/usr/bin/env python3
"""reduce-records.py [--csv] FILE.json.gz...: rows of iamreplay-reduced(5) on standard output, made without SQL and without
iamreplay, to compare what both make of the same records. Requests, responses, errors and addresses are kept whole, which the format allows."""
import csv
import gzip
import json
import re
import sys


def text(value):
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def columns(record):
    user = record.get("userIdentity") or {}
    session = user.get("sessionContext") or {}
    issuer = session.get("sessionIssuer") or {}
    behalf = user.get("onBehalfOf") or {}
    row = {name.lower(): text(record.get(name)) for name in (
        "eventType", "eventSource", "eventName", "awsRegion", "recipientAccountId", "readOnly", "managementEvent",
        "errorCode", "errorMessage", "sourceIPAddress", "userAgent", "vpcEndpointId", "requestParameters", "resources")}
    if not row["eventtype"]:
        row["eventversion"] = text(record.get("eventVersion"))
    arn = text(user.get("arn"))
    named = re.match("arn:[^:]+:(iam::[0-9]{12}:(root$|role/.|user/.)|sts::[0-9]{12}:(assumed-role|federated-user)/.)", arn)
    row["useridentity_arn"] = re.sub("(:assumed-role/[^/]*)/.*", r"\1", arn)
    for name in ("type", "accountId", "invokedBy", "identityProvider"):
        row["useridentity_" + name.lower()] = text(user.get(name))
    key = text(user.get("accessKeyId"))
    row["useridentity_accesskeyid"] = key if not named or key.startswith("AKIA") else ""
    if not named:
        row["useridentity_principalid"] = re.sub("^(AROA[^:]*):.*", r"\1", text(user.get("principalId")))
        row["useridentity_username"] = text(user.get("userName"))
    for name in ("principalId", "arn", "accountId", "userName"):
        row["sessionissuer_" + name.lower()] = text(issuer.get(name))
    row["onbehalfof_userid"] = text(behalf.get("userId"))
    row["onbehalfof_identitystorearn"] = text(behalf.get("identityStoreArn"))
    row["session_mfaauthenticated"] = text((session.get("attributes") or {}).get("mfaAuthenticated"))
    row["tlsversion"] = text((record.get("tlsDetails") or {}).get("tlsVersion"))
    if row["eventsource"] != "sts.amazonaws.com":
        row["responseelements"] = text(record.get("responseElements"))
    return row


def caller(row):
    return row["sessionissuer_arn"] or row["useridentity_arn"] or row["useridentity_type"] + row["useridentity_accountid"]


def reduce(records):
    copies, shared = {}, {}
    for record in records:
        row = columns(record)
        key = (record.get("eventID"), record["eventTime"], row["eventsource"], row["eventname"], row["recipientaccountid"], caller(row))
        order = (len(row["requestparameters"]), len(row["resources"]), json.dumps(row, sort_keys=True))
        copies.setdefault(key, []).append((order, record, row))
    for list_of in copies.values():
        list_of.sort(key=lambda c: c[0], reverse=True)
        for _, record, row in list_of:
            if record.get("sharedEventID"):
                shared.setdefault(record["sharedEventID"], []).append(row)
    groups = {}
    for list_of in copies.values():
        for place, (_, record, row) in enumerate(list_of):
            sides = shared.get(record.get("sharedEventID"), [])
            own = row["recipientaccountid"] == row["useridentity_accountid"]
            owners = [s["recipientaccountid"] for s in sides if s["recipientaccountid"] != s["useridentity_accountid"]]
            actors = [caller(s) for s in sides if s["recipientaccountid"] == s["useridentity_accountid"]]
            row = dict(row, owneraccountid=min(owners) if own and owners else "")
            counts = place == 0 and (own or caller(row) not in actors)
            time, event = record["eventTime"], record.get("eventID", "")
            group = groups.setdefault((time[:10], tuple(sorted(row.items()))), {
                "events": 0, "first": time, "last": time, "eventid": event})
            if (time, event) < (group["first"], group["eventid"]):
                group["first"], group["eventid"] = time, event
            group["last"] = max(group["last"], time)
            group["events"] += counts
    for (_, row), group in sorted(groups.items()):
        yield dict({"iamreplay_reduced": 1}, **group, **dict(row))


def main():
    names = [a for a in sys.argv[1:] if a != "--csv"]
    records = [r for name in names for r in json.load(gzip.open(name)).get("Records", [])]
    rows = list(reduce([r for r in records if r.get("eventSource") and r.get("eventType") != "AwsCloudTrailInsight"]))
    if "--csv" in sys.argv:
        heading = sorted({name for row in rows for name in row})
        out = csv.DictWriter(sys.stdout, heading, quoting=csv.QUOTE_ALL)
        out.writeheader()
        out.writerows(rows)
    else:
        for row in rows:
            print(json.dumps(row))


main()
