#!/usr/bin/env python3
# pairs.py - generate: every pair of operation and action that AWS's service reference lists, and what the tables make of
# it: granted (on what condition the tables say), a passed role, asked without a record, or decided otherwise in
# further.tsv, authorised.tsv or ../noauth.tsv. What nothing decides is printed. README beside this file says how it is run.
# Layer: a maintainer's tool; nothing of it runs in a build.
import argparse
import collections
import fnmatch
import os
import sys

import authorised
import model
import sar
import tables
from generate import read_rows

# Kinds of further.tsv that say that no public call needs the action.
NEEDLESS = {"other-name", "other-api", "not-asked", "no-member"}
# Kinds that say that the call's parameters, answers or other records decide.
DECIDED = {"granted", "recorded"}


class Further:
    """further.tsv: service, operation and action, each with wildcards, and the kind of reason."""

    def __init__(self, path):
        self.rows = read_rows(path)
        self.used = set()

    def kind(self, pair):
        """Of several rows that fit, the one that says most; None where none does."""
        fit = [(sum(len(p.replace("*", "")) for p in row[:3]), i) for i, row in enumerate(self.rows)
               if all(fnmatch.fnmatchcase(value, pattern) for value, pattern in zip(pair, row))]
        if not fit:
            return None
        i = max(fit)[1]
        self.used.add(i)
        return self.rows[i][3]


def pairs(args):
    """(service, operation, action in the reference's spelling or as it is listed, entry of the tables)."""
    reference = sar.Reference(args.reference, args.dependents)
    t = tables.Tables(args.out, reference)
    asked = authorised.Authorised(args.authorised)
    for service in model.read(args.models):
        for op in service.operations:
            for name in sorted(asked.of(service, op.name) or {}):
                act = reference.action(name)
                yield service.folder, op.name, act.full if act else name, t.entries.get((service.folder, op.name))


def settled(e, action, unrecorded, never):
    """What the tables themselves make of the pair, or None."""
    if e is None:
        return None
    if action in {a for a, _ in e.grants} or (action == "iam:PassRole" and e.passed):
        return "granted"
    if action in unrecorded:
        return "granted"
    if e.noauth:
        return "no grant: " + e.noauth
    return "never" if never else None


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="list what AWS asks for an operation and the tables do not decide")
    parser.add_argument("--models", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--dependents", required=True)
    parser.add_argument("--authorised", required=True)
    parser.add_argument("--out", default=os.path.dirname(here))
    args = parser.parse_args()
    further = Further(os.path.join(here, "further.tsv"))
    never = {tuple(r[:3]) for r in read_rows(os.path.join(here, "authorised.tsv")) if r[3] == "never"}
    unrecorded = collections.defaultdict(set)
    for r in read_rows(os.path.join(args.out, "unrecorded.tsv")):
        unrecorded[r[0], r[1]].add(r[2])
    kinds, left = collections.Counter(), []
    for folder, op, action, e in pairs(args):
        kind = settled(e, action, unrecorded[folder, op], {(folder, op, action), (folder, "*", action)} & never)
        if kind is None:
            kind = further.kind((folder, op, action))
        kinds[kind or "undecided"] += 1
        if kind is None:
            left.append((folder, op, action))
    report(kinds, left, further)
    return 1 if left else 0


def report(kinds, left, further):
    for row in left:
        print("\t".join(row))
    for i, row in enumerate(further.rows):
        if i not in further.used:
            print("further.tsv: decides nothing: %s" % " ".join(row[:3]), file=sys.stderr)
    total = sum(kinds.values())
    for kind, n in sorted(kinds.items(), key=lambda k: (-k[1], k[0])):
        print("%6d  %s" % (n, kind), file=sys.stderr)
    needless = sum(n for k, n in kinds.items() if k in NEEDLESS or k == "never" or k.startswith("no grant"))
    needed = total - needless
    decided = sum(kinds[k] for k in DECIDED)
    print("%6d pairs, %d that a public call can need, %d of them decided by calls and records: %.2f %%" %
          (total, needed, decided, 100.0 * decided / max(needed, 1)), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
