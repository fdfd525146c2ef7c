#!/usr/bin/env python3
"""compare-evaluators.py IAMREPLAY [--cases N] [--seed N] [--show N]: this evaluator beside another one.

Random requests under random policies (identity, boundary, session, service control, resource-based; wildcards, variables, NotAction,
NotResource, conditions of every operator, set operators, keys with no, one or several values) are decided by `iamreplay simulate`
and by npm's @cloud-copilot/iam-simulate, which must be found from NODE_PATH. Without it nothing is compared, and that is said. Each
kind of disagreement that was found is a row of KNOWN, with the document that decides it; any other one is printed, and the exit
status is 1.
"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

ACCOUNT = "111122223333"
USER, ROLE = "arn:aws:iam::%s:user/ada" % ACCOUNT, "arn:aws:sts::%s:assumed-role/ci/run-1" % ACCOUNT
ACTIONS = {"s3:GetObject": "arn:aws:s3:::%s/%s", "s3:PutObject": "arn:aws:s3:::%s/%s", "s3:ListBucket": "arn:aws:s3:::%s",
           "sqs:SendMessage": "arn:aws:sqs:eu-west-1:" + ACCOUNT + ":%s", "dynamodb:GetItem": "arn:aws:dynamodb:eu-west-1:" + ACCOUNT + ":table/%s"}
NAMES, KEYS = ["logs", "logs-dev", "ada", "a"], ["a.txt", "in/a.txt", "ada/x", "in/2026/b"]
SINGLE = {"aws:SourceIp": ["203.0.113.9", "198.51.100.7"], "aws:username": ["ada", "bob"], "aws:UserAgent": ["cli", "CLI", "boto"],
          "aws:SecureTransport": ["true", "false"], "aws:CurrentTime": ["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z"],
          "aws:MultiFactorAuthAge": ["10", "3600"], "aws:SourceArn": ["arn:aws:sns:eu-west-1:%s:t" % ACCOUNT, "arn:aws:sns:us-east-1:%s:u" % ACCOUNT],
          "aws:PrincipalTag/team": ["red", "blue"], "s3:prefix": ["in/", "ada/"]}
MULTI = {"aws:TagKeys": ["team", "env", "cost"], "aws:PrincipalOrgPaths": ["o-1/r-1/ou-1/", "o-1/r-1/ou-2/"]}
OF = {"aws:SourceIp": ["IpAddress", "NotIpAddress"], "aws:CurrentTime": ["DateLessThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals"],
      "aws:SecureTransport": ["Bool"], "aws:MultiFactorAuthAge": ["NumericLessThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals"],
      "aws:SourceArn": ["ArnLike", "ArnNotLike", "ArnEquals", "StringLike"]}
STRINGS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]

# The kinds of disagreement that random cases of every form showed, each in its smallest case. Random cases leave them out, so that
# any disagreement that is left is a new one. DECISION is what the named document says, which is what this program must answer.
GUIDE = "IAM user guide, "
KNOWN = [
    ("a wildcard in what names the resource type", GUIDE + "'IAM JSON policy elements: Resource': '*' and '?' in the parts between colons", "allowed",
     {"action": "dynamodb:GetItem", "resource": "arn:aws:dynamodb:eu-west-1:%s:table/a" % ACCOUNT, "context": {}, "identity": [
         {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:dynamodb:eu-west-1:%s:tabl?/a" % ACCOUNT}]}]}),
    ("a variable that is all of an ARN's last part", GUIDE + "'Variables in Resource elements': anywhere behind the fifth colon", "allowed",
     {"action": "sqs:SendMessage", "resource": "arn:aws:sqs:eu-west-1:%s:ada" % ACCOUNT, "context": {"aws:username": ["ada"]}, "identity": [
         {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs:eu-west-1:%s:${aws:username}" % ACCOUNT}]}]}),
    ("a variable without a value in a negated operator", GUIDE + "'Policy variables with no value': the value is null, and nothing equals it", "allowed",
     {"action": "s3:GetObject", "resource": "arn:aws:s3:::logs/a", "context": {"aws:UserAgent": ["cli"]}, "identity": [{"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:UserAgent": "${aws:username}"}}}]}]}),
    ("a variable without a value in NotResource", GUIDE + "'Policy variables with no value': the same", "allowed",
     {"action": "s3:GetObject", "resource": "arn:aws:s3:::logs/ada/x", "context": {}, "identity": [
         {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::logs/${aws:username}/x"}]}]}),
    ("Null of a key whose set of values is empty", GUIDE + "'Condition operator to check existence of condition keys': not null is a key that exists and has "
     "a value that is not null", "allowed",
     {"action": "s3:GetObject", "resource": "arn:aws:s3:::logs/a", "context": {"aws:TagKeys": []}, "identity": [{"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:TagKeys": "true"}}}]}]}),
    ("the range of all addresses", "RFC 4632, 3.1, to which '" + GUIDE + "IP address condition operators' refers: 0.0.0.0/0 has all of them", "allowed",
     {"action": "s3:GetObject", "resource": "arn:aws:s3:::logs/a", "context": {"aws:SourceIp": ["203.0.113.9"]}, "identity": [{"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}]}]}),
    ("a resource's policy for the session beyond the session's policy", GUIDE + "'Policy evaluation for requests within a single account': what it "
     "grants to the session's ARN no implicit deny of a session policy limits", "allowed",
     {"action": "s3:PutObject", "resource": "arn:aws:s3:::logs/a", "context": {}, "identity": [
         {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}],
      "session": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]},
      "resource_policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "*", "Resource": "*"}]}}),
    ("a resource's policy for everyone beyond the boundary", GUIDE + "'Policy evaluation for requests within a single account' lifts the boundary's implicit "
     "deny for a user or session that is named; of '*' it says nothing, and what is not proven is not allowed", "implicitDeny",
     {"action": "s3:GetObject", "resource": "arn:aws:s3:::logs/a", "context": {}, "identity": [
         {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}],
      "boundary": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]},
      "resource_policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}}),
]


class Cases:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def some(self, values, least=1, most=2):
        return self.r.sample(values, min(len(values), self.r.randint(least, most)))

    def arn(self, action):
        pattern = ACTIONS[action]
        return pattern % tuple([self.r.choice(NAMES)] + [self.r.choice(KEYS)] * (pattern.count("%s") - 1))

    def wild(self, text):
        """The text, or a pattern that it may fit."""
        how = self.r.randrange(7)
        from_ = max(text.find("/"), text.rfind(":")) + 1    # behind what names the type
        at = self.r.randrange(from_, len(text)) if from_ < len(text) else len(text) - 1
        if how == 0:
            return text[:at] + "*"
        if how == 1:
            return text[:at] + "?" + text[at + 1:]
        if how == 2 and self.named and "/" in text:
            return text.replace("/ada", "/${aws:username}")
        if how == 3:
            return text.replace("logs", "*")
        if how == 4 and "/" in text:
            return text.replace("/ada", "/${aws:PrincipalTag/team, 'ada'}")
        return text

    def action(self):
        a = self.r.choice(list(ACTIONS))
        return self.r.choice([a, a, a, a.upper().replace("S3:", "s3:"), a.split(":")[0] + ":*", a[:a.index(":") + 3] + "*", "*", a[:-1] + "?"])

    def condition(self):
        key = self.r.choice(list(SINGLE) + list(MULTI))
        values = SINGLE.get(key) or MULTI[key]
        op = self.r.choice((["Null"] if key in SINGLE else []) + (OF.get(key) or STRINGS) * 3)
        prefix = self.r.choice(["ForAllValues:", "ForAnyValue:"]) if key in MULTI and op != "Null" else ""
        if op == "Null":
            return {op: {key: self.r.choice(["true", "false"])}}
        if op in ("IpAddress", "NotIpAddress"):
            operands = self.some(["203.0.113.0/24", "198.51.100.7", "203.0.113.9/32", "128.0.0.0/1"])
        elif op.startswith("Date"):
            operands = self.some(["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2025-12-31T23:59:59Z"])
        elif op.startswith("Numeric"):
            operands = self.some(["10", "60", "3600"])
        elif op == "Bool":
            operands = [self.r.choice(["true", "false"])]
        elif op.startswith("Arn"):
            operands = self.some(["arn:aws:sns:*:%s:*" % ACCOUNT, values[0], "arn:aws:sns:eu-west-?:%s:t" % ACCOUNT])
        else:
            operands = [self.r.choice([v, v[:2] + "*", v.upper(), "${aws:username}" if self.named else v, "*"]) for v in self.some(values)]
        suffix = self.r.choice(["", "", "IfExists"])
        return {prefix + op + suffix: {key: operands if len(operands) > 1 or self.r.random() < .5 else operands[0]}}

    def statement(self, like, principal=None):
        s = {"Effect": self.r.choice(["Allow", "Allow", "Allow", "Deny"])}
        action = like["action"] if self.r.random() < .6 else None
        s[self.r.choice(["Action"] * 6 + ["NotAction"])] = [action] if action else [self.action() for _ in range(self.r.randint(1, 2))]
        resources = ["*"] if self.r.random() < .25 else [self.wild(like["resource"] if self.r.random() < .7 else self.arn(self.r.choice(list(ACTIONS))))
                                                         for _ in range(self.r.randint(1, 2))]
        s[self.r.choice(["Resource"] * 6 + ["NotResource"])] = resources
        if principal:
            s["Principal"] = self.r.choice((["*"] if not self.bounded else []) + ([{"AWS": principal}] if not self.session else []) + [ {"AWS": ACCOUNT}, {"AWS": "arn:aws:iam::%s:root" % ACCOUNT},
                                            {"AWS": "arn:aws:iam::%s:user/bob" % ACCOUNT}, {"AWS": "arn:aws:iam::%s:role/ci" % ACCOUNT}])
        conditions = {}
        for _ in range(self.r.choice([0, 0, 1, 1, 2])):
            conditions.update(self.condition())
        if conditions:
            s["Condition"] = conditions
        return s

    def document(self, like, principal=None, most=3):
        return {"Version": "2012-10-17", "Statement": [self.statement(like, principal) for _ in range(self.r.randint(1, most))]}

    def case(self):
        action = self.r.choice(list(ACTIONS))
        c = {"action": action, "resource": self.arn(action), "principal": self.r.choice([USER, ROLE])}
        self.named = c["principal"] == USER    # aws:username has a value
        context = {}
        for key, values in SINGLE.items():
            # a service's key is there for its own actions only
            if self.r.random() < .6 and (not key.startswith("s3:") or action == "s3:ListBucket"):
                context[key] = [self.r.choice(values)]
        for key, values in MULTI.items():
            if self.r.random() < .6:
                context[key] = self.some(values, 0 if self.r.random() < .1 else 1, 3)
        if c["principal"] == USER:
            context["aws:username"] = ["ada"]
        else:
            context.pop("aws:username", None)
        c["context"] = context
        c["identity"] = [self.document(c) for _ in range(self.r.randint(1, 2))]
        if self.r.random() < .2:
            c["boundary"] = self.document(c)
        if self.r.random() < .15 and c["principal"] == ROLE:
            c["session"] = self.document(c)
        if self.r.random() < .2:
            c["scps"] = [[self.document(c)] for _ in range(self.r.randint(1, 2))]
        self.bounded, self.session = "boundary" in c or "session" in c, "session" in c
        if self.r.random() < .2:
            c["resource_policy"] = self.document(c, c["principal"])
        return c


NODE = r"""
const { createRequire } = require('module');
const path = require('path');
let found = null;
for (const folder of (process.env.NODE_PATH || '').split(':').filter(Boolean)) {
  try { found = createRequire(path.join(folder, 'x.js'))('@cloud-copilot/iam-simulate'); break; } catch (e) { if (process.env.DEBUG) console.error(e); }
}
if (!found) process.exit(77);
const named = (d, i) => ({ name: 'p' + i, policy: d });
async function main() {
  const lines = require('fs').readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
  const out = [];
  for (const line of lines) {
    const c = JSON.parse(line);
    const context = {};
    for (const [k, v] of Object.entries(c.context)) context[k] = c.multi.includes(k) ? v : v[0];
    const simulation = { request: { principal: c.principal, action: c.action, resource: { resource: c.resource, accountId: c.account }, contextVariables: context },
      identityPolicies: c.identity.map(named), serviceControlPolicies: (c.scps || []).map((level, i) => ({ orgIdentifier: 'ou-' + i, policies: level.map(named) })),
      resourceControlPolicies: [], resourcePolicy: c.resource_policy, sessionPolicy: c.session,
      permissionBoundaryPolicies: c.boundary ? [named(c.boundary, 0)] : undefined };
    try {
      const r = await found.runSimulation(simulation, {});
      if (r.resultType === 'error' || r.errors) out.push({ error: JSON.stringify(r.errors || r).slice(0, 400) });
      else out.push({ decision: r.overallResult || (r.analysis && r.analysis.result) });
    } catch (e) { out.push({ error: String(e.stack || e).slice(0, 400) }); }
  }
  process.stdout.write(out.map((o) => JSON.stringify(o)).join('\n') + '\n');
}
main();
"""


def ours(program, cases, folder):
    path = os.path.join(folder, "requests.jsonl")
    with open(path, "w") as f:
        for c in cases:
            q = {"policies": c["identity"] + ([c["resource_policy"]] if "resource_policy" in c else [])}
            q.update({k: c[k] for k in ("action", "resource", "principal", "context", "boundary", "session", "scps") if k in c})
            f.write(json.dumps(q) + "\n")
    out = subprocess.run([program, "simulate", "--json", "--requests", path], stdout=subprocess.PIPE, check=False).stdout
    return [json.loads(line) for line in out.splitlines()]


def theirs(cases, folder):
    script, path = os.path.join(folder, "decide.cjs"), os.path.join(folder, "cases.jsonl")
    with open(script, "w") as f:
        f.write(NODE)
    with open(path, "w") as f:
        for c in cases:
            f.write(json.dumps({**c, "account": ACCOUNT, "multi": list(MULTI)}) + "\n")
    run = subprocess.run(["node", script, path], stdout=subprocess.PIPE, check=False)
    if run.returncode == 77:
        return None
    return [json.loads(line) for line in run.stdout.splitlines()]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("iamreplay")
    p.add_argument("--cases", type=int, default=100000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--show", type=int, default=5, help="so many cases of each unknown kind")
    a = p.parse_args()
    if not shutil.which("node"):
        print("SKIPPED: node is not here, nothing is compared")
        return 77
    make, counts, unknown = Cases(a.seed), collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        done = 0
        while done < a.cases:
            cases = [make.case() for _ in range(min(5000, a.cases - done))]
            done += len(cases)
            other = theirs(cases, folder)
            if other is None:
                print("SKIPPED: @cloud-copilot/iam-simulate is not found from NODE_PATH, nothing is compared")
                return 77
            for c, x, y in zip(cases, ours(os.path.abspath(a.iamreplay), cases, folder), other):
                mine, their = x.get("decision") or "error", str(y.get("decision") or "error")
                # which implicit or explicit deny comes first is each program's own affair
                same = "error" not in (mine, their) and (mine == "allowed") == (their == "Allowed")
                counts["the same" if same else "disagreements"] += 1
                if not same:
                    unknown.append((c, x, y))
        cases = [dict(k[3], principal=ROLE if "aws:username" not in k[3]["context"] else USER) for k in KNOWN]
        wrong = 0
        for k, x, y in zip(KNOWN, ours(os.path.abspath(a.iamreplay), cases, folder), theirs(cases, folder)):
            wrong += x.get("decision") != k[2]
            print("%-10s here, %-17s there, %s: %s (%s)" % (x.get("decision"), y.get("decision"), "right" if x.get("decision") == k[2] else "WRONG", k[0], k[1]))
    for name, n in counts.most_common():
        print("%8d  %s" % (n, name))
    for c, x, y in unknown[:a.show]:
        print(json.dumps({"case": c, "iamreplay": x, "other": y}))
    return 1 if unknown or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
