#!/usr/bin/env python3
# lint.py - generate: what can be checked only with the API models at hand: that every member path of the tables
# exists, every operation has an answer, and every row of the generator's own input is used. What the tables
# alone can tell is a test of the build.
# Layer: a maintainer's tool; nothing of it runs in a build.
import argparse
import os
import re
import sys

import model
import rules
import sar
import tables
from generate import read_rows

# What is no member of a model: the proxy takes the API and its stage from the host and the path, CloudTrail records the tags
# that a session hands on, and the groups of a specification below a name of its own.
BESIDE_MODEL = {"apigatewaymanagementapi": {"ApiId", "Stage"}, "sts": {"IncomingTransitiveTags"},
                "ec2": {"LaunchSpecification.Group[].GroupId"}}
TRANSFORMS = re.compile(r"^(basename|noslash|unqualify|name|arn|noarn|lower|urldecode|account|partiql|partiql-index|urlencode|any|s3alias|"
                        r"(segment|field)\(-?\d+\)|(before|after|last|like|unlike|as|known)\([^()]*\))$")


def split(text, sep):
    """At sep, but not within quotes or parentheses."""
    out, depth, quoted, part = [], 0, False, ""
    for c in text:
        if c == "'":
            quoted = not quoted
        elif not quoted and c == "(":
            depth += 1
        elif not quoted and c == ")":
            depth -= 1
        if c == sep and not quoted and not depth:
            out.append(part)
            part = ""
        else:
            part += c
    return out + [part]


def members_of(sources, problems):
    """The member paths that a binding's sources name."""
    for alternative in split(sources, ","):
        for term in split(alternative, "+"):
            for part in split(term, "&"):
                if part.startswith(("'", "$")):
                    continue
                path, *transforms = split(part, "|")
                for t in transforms:
                    if not TRANSFORMS.match(t):
                        problems.append("transform '%s'" % t)
                yield path


def members_of_when(when):
    if when == "-":
        return
    for test in split(when.removeprefix("instead "), "&"):
        test = test.lstrip("!")
        yield split(re.split(r"!?[=~]", test)[0], "|")[0]


class Lint:
    def __init__(self, args):
        self.root = args.out
        self.sar = sar.Reference(args.reference, args.dependents)
        self.tables = tables.Tables(args.out, self.sar)
        model.MAX_DEPTH = 8  # rows may name what is deeper than the generator looks
        self.services = {s.folder: s for s in model.read(args.models)}
        self.operations = {(s.folder, o.name): o for s in self.services.values() for o in s.operations}
        self.problems = []
        self.siblings = {}
        for folder, row in self.tables.services.items():
            self.siblings.setdefault(row[8], []).append(folder)

    def say(self, where, what):
        self.problems.append("%s: %s" % (where, what))

    def known(self, folder, name):
        """Paths of an operation's members; those of its namesake in a service that shares its event source, since an
        event does not tell which of them was called."""
        paths = set()
        for f in self.siblings.get(self.tables.services[folder][8], [folder]):
            op = self.operations.get((f, name))
            if op is None:
                continue
            for m in op.members():
                parts = m.path.split(".")
                for i in range(1, len(parts) + 1):
                    path = ".".join(parts[:i])
                    paths.add(path)
                    paths.add(re.sub(r"(\[\]|\{\*?\})+$", "", path))
        return paths

    def path(self, where, folder, name, path):
        if path in BESIDE_MODEL.get(folder, ()):
            return
        known = self.known_now
        plain = re.sub(r"\{[^*}][^}]*\}", "{*}", path)
        if path not in known and plain not in known and re.sub(r"(\[\])+$", "", plain) not in known:
            self.say(where, "no member '%s'" % path)

    def entry(self, folder, name, e):
        where = "%s.%s" % (folder, name)
        if (folder, name) not in self.operations:
            if not any(r[4].startswith("event:") for r in self.tables.exceptions.get((folder, name), [])):
                self.say(where, "is no operation of the model and not marked 'event:'")
            return
        self.known_now = self.known(folder, name)
        if not e.grants and not e.noauth:
            self.say(where, "has neither action nor flag")
        granted = {a for a, _ in e.grants}
        for action, when in e.grants:
            for path in members_of_when(when):
                self.path(where, folder, name, path)
        for o in e.on:
            prefix = o.action.split(":")[0] if o.action else ""
            if o.action not in granted and not e.noauth:
                self.say(where, "resource row of an action it does not grant: %s" % o.action)
            variables = set(self.tables.pattern_variables(prefix, o.type)) | {"@", "Region", "Account"}
            if o.type != "*" and not o.type.startswith("arn:") and self.sar.type(prefix, o.type) is None:
                self.say(where, "no resource type '%s' of %s" % (o.type, prefix))
            for variable, sources in o.bindings:
                if variable == "?":
                    for condition in sources.split(","):
                        for path in members_of_when(condition):
                            self.path(where, folder, name, path)
                    continue
                if o.type != "*" and variable not in variables:
                    self.say(where, "no variable '%s' in the pattern of %s" % (variable, o.type))
                bad = []
                for path in members_of(sources, bad):
                    self.path(where, folder, name, path)
                for b in bad:
                    self.say(where, b)
        for path in e.passed:
            self.path(where, folder, name, split(path, "|")[0])

    def curated(self):
        for (folder, name), rows in sorted(self.tables.arn.items()):
            if (folder, name) not in self.tables.entries:
                self.say("arn.tsv", "no operation %s.%s" % (folder, name))
                continue
            e = self.tables.entries[(folder, name)]
            for r in rows:
                action = e.own if r[2] == "=" else r[2]
                for o in e.generated_on:
                    text = " ".join("=".join(b) for b in o.bindings) or "-"
                    if (o.action, o.type, o.need, text) == (action, r[3], r[4], r[5]):
                        self.say("arn.tsv", "%s.%s repeats a generated row: %s %s" % (folder, name, action, r[3]))
        for name in ("exceptions.tsv", "noauth.tsv", "passrole.tsv"):
            for r in read_rows(os.path.join(self.root, name)):
                if r[0] not in self.services:
                    self.say(name, "no service '%s'" % r[0])
                elif r[1] != "*" and (r[0], r[1]) not in self.tables.entries:
                    self.say(name, "no operation %s.%s" % (r[0], r[1]))

    def unrecorded(self):
        for folder, name, action, when, typ, bindings, *_ in read_rows(os.path.join(self.root, "unrecorded.tsv")):
            where = "unrecorded.tsv: %s.%s %s" % (folder, name, action)
            if (folder, name) not in self.operations:
                self.say(where, "no such operation")
                continue
            self.known_now = self.known(folder, name)
            variables = {"@", "Region", "Account"}
            if typ != "-":
                variables |= set(self.tables.pattern_variables(action.split(":")[0], typ))
            for path in members_of_when(when):
                self.path(where, folder, name, path)
            for binding in bindings.split(" ") if bindings != "-" else []:
                variable, _, sources = binding.partition("=")
                if variable not in variables:
                    self.say(where, "no variable '%s' in the pattern of %s" % (variable, typ))
                bad = []
                for path in members_of(sources, bad):
                    self.path(where, folder, name, path)
                for b in bad:
                    self.say(where, b)

    def inputs(self):
        """Rows of aliases.tsv and open.tsv that do nothing."""
        here = os.path.dirname(os.path.abspath(__file__))
        for service, typ, variable, names, *_ in read_rows(os.path.join(here, "aliases.tsv")):
            where = "aliases.tsv: %s %s %s" % (service, typ, variable)
            if service not in self.services:
                self.say(where, "no such service")
                continue
            prefix = self.tables.services[service][2]
            types = [self.sar.type(prefix, typ)] if typ != "*" else list(self.sar.types.get(prefix, {}).values())
            if types == [None] or (typ != "*" and types[0].name != typ):
                self.say(where, "no such resource type")
                continue
            if variable in ("!", "?"):
                continue
            if variable not in ("@", "Region", "Account") and not any(variable in f.variables() for t in types for f in t.forms()):
                self.say(where, "no such variable")
            if names == "-":
                continue
            leaves = [m for o in self.services[service].operations for m in o.members()]
            for alternative in split(names, ","):
                for part in [p for term in split(alternative, "+") for p in split(term, "&")]:
                    name = split(part, "|")[0]
                    if not name.startswith(("'", "$")) and not any(rules.same(m, name) for m in leaves):
                        self.say(where, "no member '%s'" % name)
        for service, op, typ, *_ in read_rows(os.path.join(here, "open.tsv")):
            if service not in self.services or \
                    self.sar.type(self.tables.services[service][2], typ) is None:
                self.say("open.tsv", "%s: no resource type '%s'" % (service, typ))

    def run(self):
        for (folder, name), e in sorted(self.tables.entries.items()):
            self.entry(folder, name, e)
        for key in sorted(set(self.operations) - set(self.tables.entries)):
            self.say("%s.%s" % key, "has no row")
        self.curated()
        self.unrecorded()
        self.inputs()
        return self.problems


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="check the mapping tables against the API models")
    parser.add_argument("--models", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--dependents", required=True)
    parser.add_argument("--out", default=os.path.dirname(here))
    problems = Lint(parser.parse_args()).run()
    for p in problems:
        print(p)
    print("%d problems" % len(problems), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
