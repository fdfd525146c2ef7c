#!/usr/bin/env python3
# report.py - generate: the figures of coverage. README beside this file says how it is run.
# Layer: a maintainer's tool; nothing of it runs in a build.
import argparse
import collections
import os

import rules
import sar
import tables
from generate import read_rows


def existing(name):
    """A call on a resource that is there already: not create, list or describe."""
    return not (rules.NEW.match(name) or name.startswith(("Create", "List", "Describe", "BatchCreate",
                                                          "BatchDescribe", "Put", "Start")))


def open_rows(t, reasons):
    """Of existing-resource calls: (service, operation, action, type, variable) where nothing gives the last
    variable; those of them that have no binding and no reason; and the number of rows looked at."""
    out, bare = [], []
    total = 0
    for (folder, name), e in sorted(t.entries.items()):
        for action, when in sorted(set(e.grants)):
            for o in t.resources(e, action):
                prefix = action.split(":")[0]
                if o.need != "r" or o.type == "*":
                    continue
                variables = t.pattern_variables(prefix, o.type)
                if not variables or not existing(name):
                    continue
                total += 1
                bound = {v for v, _ in o.bindings}
                if "@" not in bound and variables[-1] not in bound:
                    row = (folder, name, action, o.type, variables[-1])
                    out.append(row)
                    explained = any((folder, typ, variables[-1]) in reasons for typ in (o.type, "*"))
                    if not o.bindings and not explained and (folder, name, o.type) not in reasons \
                            and (folder, "*", o.type) not in reasons:
                        bare.append(row)
    return out, bare, total


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="print the coverage of the mapping tables")
    parser.add_argument("--models", help="not used, for the same command line as generate.py")
    parser.add_argument("--reference", required=True)
    parser.add_argument("--dependents", required=True)
    parser.add_argument("--out", default=os.path.dirname(here))
    parser.add_argument("--list", choices=["unanswered", "flagged", "permissionless", "open", "bare"])
    args = parser.parse_args()
    t = tables.Tables(args.out, sar.Reference(args.reference, args.dependents))
    kinds = collections.Counter()
    unanswered, free, flagged = [], [], []
    unconditional = calls = 0
    for key, e in sorted(t.entries.items()):
        if e.rule == "-" and e.flags == "-" and not e.grants and not e.noauth:
            unanswered.append(key)
            kinds["unanswered"] += 1
        elif e.noauth in ("unauthenticated", "permissionless"):
            free.append(key + (e.noauth,))
            kinds[e.noauth] += 1
        elif e.noauth:
            flagged.append(key + (e.noauth,))
            kinds["flagged " + e.noauth] += 1
        else:
            kinds["mapped"] += 1
            kinds["mapped by " + ("curated" if e.curated else e.rule)] += 1
            calls += 1
            unconditional += len({a for a, w in e.grants if w == "-"})
    reasons = {tuple(r[:3]) for r in read_rows(os.path.join(here, "aliases.tsv")) if r[3] == "-"}
    reasons |= {(r[0], r[1], r[2]) for r in read_rows(os.path.join(here, "open.tsv"))}
    reasons |= {(r[0], r[1], r[3]) for r in read_rows(os.path.join(args.out, "arn.tsv"))}
    missing, bare, total = open_rows(t, reasons)
    if args.list:
        for row in {"unanswered": unanswered, "flagged": flagged, "permissionless": free, "open": missing,
                    "bare": bare}[args.list]:
            print("\t".join(row))
        return
    n = len(t.entries)
    print("operations (with those only logs know)  %d" % n)
    for kind, count in sorted(kinds.items()):
        print("  %-37s %6d  %5.2f %%" % (kind, count, 100.0 * count / n))
    print("unconditional actions a mapped call     %.3f" % (unconditional / calls))
    print("required types of existing-resource calls %d" % total)
    print("  whose last variable nothing gives     %d" % len(missing))
    print("  without any template or reason        %d" % len(bare))
    print("operations with passed roles            %d" % sum(1 for e in t.entries.values() if e.passed))
    both = sum(1 for e in t.entries.values() for o in e.on)
    print("resource rows                           %d, with bindings %d" %
          (both, sum(1 for e in t.entries.values() for o in e.on if o.bindings)))


if __name__ == "__main__":
    main()
