#!/usr/bin/env python3
# wide.py - generate: every operation that is asked on a resource which no row names, although a member of its input may:
# what would be exact and is "*". Each such member is either bound by a row (aliases.tsv, ../arn.tsv) or decided in
# wide.tsv; README beside this file says how it is run.
# Layer: a maintainer's tool; nothing of it runs in a build.
import argparse
import fnmatch
import os
import re
import sys

import model
import sar
import tables
from generate import read_rows

NAMING = re.compile(r"(Id|Identifier|Name|Arn|ARN|Key|Number|Url|Uri)s?$")
# Words that stand in names of members and types without telling one from another.
COMMON = {"id", "ids", "identifier", "name", "names", "arn", "arns", "key", "resource", "target", "source", "the", "of",
          "and", "version", "number", "type", "configuration", "config", "group", "url", "uri"}


def words(name):
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+", name)
    return {p.lower().rstrip("s") for p in parts} - COMMON


def used_members(e):
    found = set()
    for o in e.on:
        for _, sources in o.bindings:
            found |= set(re.findall(r"[A-Za-z0-9_.\[\]{}*-]+", sources))
    return found


def is_bound(o, variables):
    bound = {v for v, _ in o.bindings}
    return "@" in bound or not variables or variables[-1] in bound


def candidates(op, typ, variable, used):
    """Members that name something, whose words are those of the type or of its variable."""
    want = words(typ.replace("-", " ").title().replace(" ", "")) | words(variable)
    out = []
    for m in op.members():
        if m.path in used or not m.is_scalar or not NAMING.search(m.leaf) or m.depth > 4:
            continue
        if words(m.leaf) & want:
            out.append(m.path)
    return out


def rows(args):
    t = tables.Tables(args.out, sar.Reference(args.reference, args.dependents))
    operations = {(s.folder, o.name): o for s in model.read(args.models) for o in s.operations}
    for key, e in sorted(t.entries.items()):
        if key not in operations:
            continue
        used = used_members(e)
        for action in sorted({a for a, _ in e.grants}):
            for o in t.resources(e, action):
                variables = t.pattern_variables(action.split(":")[0], o.type)
                if o.need not in "rd" or o.type == "*" or is_bound(o, variables):
                    continue
                found = candidates(operations[key], o.type, variables[-1], used)
                if found:
                    yield key + (action, o.type, variables[-1], ",".join(found))


def decides(d, row):
    """A row of wide.tsv: service, operation and type, each with wildcards."""
    return all(fnmatch.fnmatchcase(value, pattern) for value, pattern in zip((row[0], row[1], row[3]), d))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="list what is asked on any resource though a member may name it")
    parser.add_argument("--models", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--dependents", required=True)
    parser.add_argument("--out", default=os.path.dirname(here))
    args = parser.parse_args()
    decided = read_rows(os.path.join(here, "wide.tsv"))
    used, left, n = set(), [], 0
    for row in rows(args):
        n += 1
        by = next((i for i, d in enumerate(decided) if decides(d, row)), None)
        used.add(by)
        if by is None:
            left.append(row)
    for row in left:
        print("\t".join(row))
    for i, d in enumerate(decided):
        if i not in used:
            print("wide.tsv: decides nothing: %s" % " ".join(d[:3]), file=sys.stderr)
    print("%d listed, %d decided, %d open" % (n, n - len(left), len(left)), file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
