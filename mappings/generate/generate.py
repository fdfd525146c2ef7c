#!/usr/bin/env python3
# generate.py - generate: writes services.tsv, generated/ and sar/ from the API models and the Service
# Authorization Reference. README beside this file says how it is run. Same input, same bytes.
# Layer: a maintainer's tool, run by hand; what it writes is reviewed as a diff and committed.
import argparse
import datetime
import gzip
import hashlib
import json
import os
import re
import shutil
import sys

import authorised
import hosts
import model
import rules
import sar

REST = {"rest-json", "rest-xml"}
DATE = re.compile(r"(\d{4}_\d\d_\d\d|\d{8})(v\d+)?$")


def read_rows(path):
    """The rows of a table: lists of fields, without comments."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]


def write_rows(path, header, rows):
    text = "# " + header + "\n" + "".join(line + "\n" for line in sorted(set(rows), key=lambda r: r.encode()))
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def dash(text):
    return text if text else "-"


# The tables that people keep; the generated ones are made from them.
CURATED = ["aliases.tsv", "open.tsv", "prefixes.tsv", "tagging.tsv", "authorised.tsv"]
TABLES = ["arn.tsv", "dependents.tsv", "events.tsv", "exceptions.tsv", "members.tsv", "noauth.tsv", "passrole.tsv",
          "s3-access-log.tsv", "unrecorded.tsv"]


def version_of_models(models):
    """botocore's version, which stands beside its data; None where it is not there."""
    path = os.path.join(os.path.dirname(os.path.abspath(models)), "__init__.py")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        found = re.search(r"^__version__ = ['\"]([^'\"]+)['\"]", f.read(), re.M)
    return found.group(1) if found else None


def version_of_reference(reference):
    path = os.path.join(os.path.dirname(os.path.abspath(reference)), "package.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return json.load(f)["version"]


def version_of_authorised(path):
    """The service reference has no version: what is in it tells one from another."""
    if not path:
        return None
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()[:12]


def write_version(args, source):
    """version.tsv: the date stays where no source has another version."""
    old = {r[0]: r[1] for r in read_rows(os.path.join(source, "version.tsv")) if len(r) > 1}
    date = next((r[0] for r in read_rows(os.path.join(source, "version.tsv")) if len(r) == 1), "-")
    new = {"botocore": version_of_models(args.models), "iam-data": version_of_reference(args.reference),
           "service-reference": version_of_authorised(args.authorised)}
    new = {name: version or old.get(name, "unknown") for name, version in new.items()}
    if new != old:
        date = datetime.date.today().isoformat()
    with open(os.path.join(args.out, "version.tsv"), "w", encoding="utf-8", newline="\n") as f:
        f.write("# name\tversion\n" + (args.date or date) + "\n" +
                "".join("%s\t%s\n" % (name, new[name]) for name in sorted(new)))


class Known:
    """What of a curated row newer sources may have dropped: services, operations, actions, types."""

    def __init__(self, services, reference):
        self.services = {s.folder: s for s in services}
        self.operations = {(s.folder, o.name) for s in services for o in s.operations}
        self.reference = reference
        self.event_only = set()
        self.prefixes = {}

    def fault(self, table, row):
        """What is missing for a row of a table, or None."""
        if table == "dependents.tsv":
            return None if self.reference.action(row[0]) and self.reference.action(row[1]) else "no action"
        if table in ("events.tsv", "s3-access-log.tsv"):
            folders = row[3].split(".")[0].split(",") if row[0] in ("call", "source") else []
            missing = [f for f in folders if f not in self.services and f not in self.reference.prefixes]
            if not missing and row[0] == "call" and tuple(row[3].split(".", 1)) not in self.operations | self.event_only:
                missing = [row[3]]
            return "no " + missing[0] if missing else None
        if row[0] not in self.services:
            return "no service " + row[0]
        if table == "members.tsv" or row[1] == "*":
            return None
        reason = {"exceptions.tsv": 4, "noauth.tsv": 3}.get(table)
        if reason and row[reason].startswith("event:"):
            self.event_only.add((row[0], row[1]))
        elif (row[0], row[1]) not in self.operations | self.event_only:
            return "no operation %s.%s" % (row[0], row[1])
        if table == "exceptions.tsv" and not row[4].startswith("not in reference:") and not self.reference.action(row[2]):
            return "no action " + row[2]
        if table == "unrecorded.tsv" and not self.reference.action(row[2]):
            return "no action " + row[2]
        if table == "arn.tsv" and row[3] != "*" and not row[3].startswith("arn:"):
            prefix = row[2].split(":")[0] if ":" in row[2] else self.prefixes.get(row[0], "")
            if self.reference.type(prefix, row[3]) is None:
                return "no resource type '%s' of %s" % (row[3], prefix)
        return None


def copy_curated(source, out, known):
    """The curated tables in a folder of their own, without the rows that newer sources have nothing for: each is told."""
    os.makedirs(os.path.join(out, "generate"), exist_ok=True)
    for name in CURATED:
        shutil.copyfile(os.path.join(source, "generate", name), os.path.join(out, "generate", name))
    made = ["services.tsv", "hosts.tsv", "version.tsv"]
    for name in sorted(os.listdir(source)):
        if name == "README" or (name.endswith(".tsv") and name not in TABLES + made):
            shutil.copyfile(os.path.join(source, name), os.path.join(out, name))
    for name in sorted(TABLES, key=lambda n: n != "exceptions.tsv"):
        with open(os.path.join(source, name), encoding="utf-8") as f:
            lines = f.read().splitlines()
        kept = [lines[0]]
        for line in lines[1:]:
            fault = None if line.startswith("#") else known.fault(name, line.split("\t"))
            if fault:
                print("generate: %s: %s: the row is left out: %s" % (name, fault, line.replace("\t", " ")[:80]),
                      file=sys.stderr)
            else:
                kept.append(line)
        with open(os.path.join(out, name), "w", encoding="utf-8", newline="\n") as f:
            f.write("\n".join(kept) + "\n")


def warn_of_dropped(source, known):
    """Curated rows of services that the models no longer have, once a service; the rows stay."""
    gone = sorted({row[0] for name in ("arn.tsv", "exceptions.tsv", "noauth.tsv", "passrole.tsv", "members.tsv")
                   for row in read_rows(os.path.join(source, name)) if row[0] not in known.services})
    for folder in gone:
        print("generate: the models have no service '%s': remove its rows" % folder, file=sys.stderr)


class Curated:
    def __init__(self, root):
        here = os.path.join(root, "generate")
        self.prefixes = {r[0]: r[1] for r in read_rows(os.path.join(here, "prefixes.tsv"))}
        self.flags = {r[0]: r[2] for r in read_rows(os.path.join(here, "prefixes.tsv")) if r[2] != "-"}
        self.aliases = {}
        for service, typ, variable, names, *_ in read_rows(os.path.join(here, "aliases.tsv")):
            self.aliases.setdefault(service, {})[(typ, variable)] = names.split(",")
        self.exceptions = {}
        for service, op, action, when, *_ in read_rows(os.path.join(root, "exceptions.tsv")):
            self.exceptions.setdefault((service, op), []).append((action, when))
        self.noauth = {(r[0], r[1]) for r in read_rows(os.path.join(root, "noauth.tsv"))}
        self.tagging = {(r[0], r[1]): r[2] for r in read_rows(os.path.join(here, "tagging.tsv"))}
        self.verdicts = {}
        for service, op, action, verdict, *_ in read_rows(os.path.join(here, "authorised.tsv")):
            self.verdicts.setdefault((service, op, action), []).append(verdict)
        self.passes, self.assumes = {}, {}
        for service, op, member, verdict, to, *_ in read_rows(os.path.join(root, "passrole.tsv")):
            if op == "*" and member == "*" and verdict == "to":
                self.assumes[service] = to.split(",")
            if verdict != "to":
                self.passes.setdefault((service, op), set()).add(member)
        self.sources = {r[1]: r[3].split(",") for r in read_rows(os.path.join(root, "events.tsv")) if r[0] == "source"}
        self.own_types = {tuple(r[:3]) for r in read_rows(os.path.join(root, "arn.tsv")) if r[3].startswith("arn:")}
        self.arn_sources = [r[5] for r in read_rows(os.path.join(root, "arn.tsv"))]


class Generator:
    def __init__(self, services, reference, curated, asked):
        self.services, self.sar, self.curated, self.asked = services, reference, curated, asked
        self.namesakes = self.find_namesakes()

    def prefix(self, service):
        meta = service.meta
        return self.curated.prefixes.get(service.folder) or meta.get("signingName") or meta["endpointPrefix"]

    # -- actions -------------------------------------------------------------------------------------

    def rule(self, op, prefix):
        """(rule, action or None)."""
        actions = self.sar.actions.get(prefix, {})
        own = actions.get(op.name.lower())
        if own:
            return "same-name", own
        stripped = DATE.sub("", op.name)
        if stripped != op.name and stripped.lower() in actions:
            return "date-suffix", actions[stripped.lower()]
        if op.service.folder in ("apigateway", "apigatewayv2"):
            verb = actions.get(op.method.lower())
            if verb:
                return "verb", verb
        return "-", None

    def tag_action(self, op, prefix, created):
        """The action that a create call with tags needs as well, and the members that say so."""
        if not rules.MADE_WITH_TAGS.match(op.name) and (op.service.folder, op.name) not in self.curated.tagging:
            return None, None
        members = sorted((m for m in op.top() if rules.tag_member(op, m)), key=len)
        if not members:
            return None, None
        verdict = self.curated.tagging.get((op.service.folder, op.name)) or \
            self.curated.tagging.get((op.service.folder, "*"))
        if verdict == "never":
            return None, None
        actions = self.sar.actions.get(prefix, {})
        if verdict:
            return actions[verdict.split(":", 1)[1].lower()], members[0]
        told = [self.sar.action(a) for a in self.asked.of(op.service, op.name) or {}]
        told = [a for a in told if a and a.level == "Tagging" and not a.name.startswith(("Untag", "Remove", "Delete"))]
        if len(told) == 1:
            return told[0], members[0]
        names = ["tag" + t.replace("-", "").replace(" ", "").lower() for t, _ in (created.types if created else [])]
        names += ["tag" + rules.object_of(op.name), "tagresource", "addtagstoresource", "addtags", "createtags",
                  "tagresources", "createtag", "addtag"]
        for name in names:
            action = actions.get(name)
            if action and action.level == "Tagging":
                return action, members[0]
        return None, None

    # -- resources -----------------------------------------------------------------------------------

    def bindings(self, op, typ, aliases, tagging, alone=True):
        found = rules.bindings(op, typ, aliases, tagging, alone)
        out = []
        for variable in [v for v in ["@"] + typ.variables() + ["Region", "Account"] if v in found]:
            sources = found[variable]
            out.append((variable, ",".join(self.transform(op, typ, variable, s) for s in sources)))
        return out

    @staticmethod
    def transform(op, typ, variable, source):
        """Transforms that hold for a whole service, whatever the operation."""
        leaf = source.split(".")[-1].replace("[]", "")
        if "|" in source or source.startswith("'"):
            return source
        if typ.prefix == "lambda" and leaf in ("FunctionName", "FunctionArn"):
            return source + "|unqualify"
        return source

    def on_rows(self, op, action, label, aliases):
        tagging = action.level == "Tagging" or "tags" in op.name.lower()
        if not action.types:
            return []
        required = [t for t, r in action.types if r]
        found = []
        for name, req in sorted(action.types):
            alone = not any(n != name and rules.related(op, self.sar.type(action.prefix, n)) for n, _ in action.types)
            forms = [(t, self.bindings(op, t, aliases, tagging, alone)) for t in
                     self.sar.type(action.prefix, name).forms()]
            typ, bound = max(forms, key=lambda f: (len(f[1]) - len(f[0].variables()), f[0] is forms[0][0]))
            found.append((name if typ is forms[0][0] else typ.pattern, req, typ, bound))
        alternatives = not required or (len(required) > 1 and tagging)
        decisive = {name: self.decisive(typ, bound) for name, _, typ, bound in found}
        whole = {b for _, _, _, bound in found for v, b in bound if v == "@"}
        if len(found) > 2 and len(whole) == 1 and all([v for v, _ in bound] == ["@"] for _, _, _, bound in found):
            return ["%s\ton\t%s\t*\te\t@=%s" % (op.name, label, whole.pop())]
        if not required and not any(bound or typ.variables() or "*" in typ.pattern for _, _, typ, bound in found):
            return ["%s\ton\t%s\t%s\te\t-" % (op.name, label, name) for name, _, _, _ in found]
        if not any(bound or (req and rules.both_ends(op, typ)) or
                   (not req and action.level != "Tagging" and self.optional(op, typ, bound))
                   for _, req, typ, bound in found) \
                and not (alternatives and required):
            return []
        rows = []
        main = self.main_type(op, found, decisive, aliases)
        named = [name for name, _, _, _ in found if any(
            other != name and decisive[name] & sources for other, sources in decisive.items())]
        for name, req, typ, bound in found:
            if len(named) > 2 and not bound:
                continue  # where one member may be any of many types, the rest are alternatives as well
            shared = any(other != name and decisive[name] & sources for other, sources in decisive.items())
            if alternatives or (req and shared and len(required) > 1):
                need = "e"
            else:
                need = "r" if req else "o"
            if need == "r" and not any(v in ("@", (typ.variables() or [""])[-1]) for v, _ in bound):
                ends = rules.both_ends(op, typ)
                bound = bound + ([(typ.variables()[-1], "+".join(ends))] if ends else [])
            if not req and need == "o" and action.level != "Tagging":
                bound = self.optional(op, typ, bound)
            if not bound and need != "r":
                continue
            if need == "e" and name == main:
                need = "d"
            condition = rules.lookup(aliases, typ, "?")
            if condition and need in "de":
                bound = [("?", ",".join(condition))] + bound
            text = " ".join("%s=%s" % b for b in bound)
            rows.append("%s\ton\t%s\t%s\t%s\t%s" % (op.name, label, name, need, dash(text)))
        return rows

    @staticmethod
    def optional(op, typ, bound):
        """Of a type that the call need not name: all members that can name one, not the likeliest alone."""
        if not bound:
            told = rules.told_by_name(op, typ)
            return [(typ.variables()[0], "+".join(told))] if told else []
        out = []
        for variable, sources in bound:
            plain = re.fullmatch(r"[A-Za-z0-9_.\[\]]+(,[A-Za-z0-9_.\[\]]+)*", sources)
            more = rules.with_other_names(op, sources.split(",")) if plain and len(typ.variables()) == 1 else []
            out.append((variable, "+".join(more) if len(more) > len(sources.split(",")) else sources))
        return out

    def main_type(self, op, found, decisive, aliases):
        """Of alternatives, the one to assume when the call's parameters are not at hand: only where the API requires
        the member that names it (a call that may leave it out is checked on "*" without it), and where one type
        stands out."""
        required = {m.path for m in op.members() if m.depth == 0 and m.required}
        named = [name for name, _, _, bound in found if bound and decisive[name] & required]
        marked = [n for n in named if (n, "!") in aliases]
        if len(marked) == 1:
            return marked[0]
        if len(named) == 1:
            return named[0]
        exact = [n for n in named if rules.singular(rules.norm(n)) == rules.object_of(op.name)]
        return exact[0] if len(exact) == 1 else None

    @staticmethod
    def decisive(typ, bound):
        """The members that tell which resource it is. Types that the reference calls required and one and the same
        member names are alternatives: an ARN is of one type."""
        given = dict(bound)
        last = (typ.variables() or [None])[-1]
        text = given.get("@") or given.get(last) or ""
        return {s.split("|")[0] for s in re.split(r"[,+]", text) if s and not s.startswith("'")}

    def verb_rows(self, op, action):
        """API Gateway: the resource is the path of the request."""
        path = op.uri.split("?")[0]
        if op.service.folder == "apigatewayv2":
            path = re.sub(r"^/v2", "", path)
        labels = {}
        for m in op.members():
            if m.location == "uri":
                labels[m.wire or m.leaf] = m.path
        shape = re.sub(r"\{[^}]*\}", "{}", path)
        wanted = re.findall(r"\{([^}+]*)\+?\}", path)
        for name, _ in sorted(action.types):
            typ = self.sar.type(action.prefix, name)
            resource = typ.pattern.split(":", 5)[5]  # of several patterns the first stands under the name
            if re.sub(r"\$\{[^}]*\}", "{}", resource) == shape:
                variables = sar.VARIABLE.findall(resource)
                return [self.path_row(op, name, variables, wanted, labels)]
        pattern = "arn:${Partition}:apigateway:${Region}::" + re.sub(r"\{([^}+]*)\+?\}", r"${\1}", path)
        return [self.path_row(op, pattern, wanted, wanted, labels)]

    @staticmethod
    def path_row(op, typ, variables, wanted, labels):
        coded = {w for w in wanted if re.sub(r"[-_]", "", w.lower()) == "resourcearn"}  # "/tags/" and an encoded ARN
        bound = " ".join("%s=%s%s" % (v, labels[w], "|urlencode" if w in coded else "")
                         for v, w in zip(variables, wanted) if w in labels)
        return "%s\ton\t=\t%s\tr\t%s" % (op.name, typ, dash(bound))

    # -- one service -----------------------------------------------------------------------------------

    def operation(self, op, prefix, protocols):
        rows = []
        folder = op.service.folder
        rule, action = self.rule(op, prefix)
        flags = []
        if op.unsigned:
            flags.append("unsigned")
        rest = bool(REST & set(protocols))
        rows.append("%s\tapi\t%s\t%s\t%s\t%s" % (op.name, rule, op.method if rest else "-", op.uri if rest else "-",
                                                  dash(",".join(flags))))
        aliases = dict(self.curated.aliases.get("*", {}))
        aliases.update(self.curated.aliases.get(folder, {}))
        exceptions = self.curated.exceptions.get((folder, op.name))
        if exceptions:
            for full in sorted({a for a, _ in exceptions}):
                act = self.sar.action(full)
                if act and self.tags_made(op, prefix, action, act, exceptions):
                    rows += self.tag_rows(op, action, act, aliases)
                elif act:
                    rows += self.on_rows(op, act, act.full, aliases)
        elif op.unsigned:
            pass
        elif action:
            plain = rule == "same-name"
            tag, member = self.tag_action(op, prefix, action)
            if tag and tag is not action:
                rows.append("%s\tgrant\t%s\t%s" % (op.name, tag.full, member))
                rows += self.tag_rows(op, action, tag, aliases)
            if not plain:
                rows.append("%s\tgrant\t%s\t-" % (op.name, action.full))
            if rule == "verb":
                rows += [r.replace("\ton\t=\t", "\ton\t%s\t" % action.full) for r in self.verb_rows(op, action)]
            else:
                rows += self.on_rows(op, action, "=" if plain else action.full, aliases)
        free = (folder, op.name) in self.curated.noauth or \
            ((folder, "*") in self.curated.noauth and not action and not exceptions)
        if not op.unsigned and not free:
            rows += self.pass_rows(op)
            rows += self.further_rows(op, action, exceptions, rows, aliases)
        rows += ["%s\tmark\t%s" % (op.name, m) for m in self.marks(op, rows)]
        return rows

    # -- what the service reference adds ---------------------------------------------------------------

    def pass_rows(self, op):
        """Members that hold a role to pass, with the services it is passed to. Where the reference says what AWS asks
        for and iam:PassRole is not among it, a role is only mentioned."""
        told = self.asked.of(op.service, op.name)
        if told is not None and "iam:PassRole" not in told:
            own = self.curated.passes.get((op.service.folder, op.name), set())
            return ["%s\tpass\t%s" % (op.name, m) for m in rules.passed_roles(op) if m in own]
        members = rules.passed_roles(op, told is not None)
        to = (told or {}).get("iam:PassRole", [])
        usual = self.curated.assumes.get(op.service.folder, [])
        if len(to) > 1 and usual and set(usual) < set(to):
            to = usual  # the others are those of members that passrole.tsv names
        return ["\t".join([op.name, "pass", m] + ([",".join(to)] if to else [])) for m in members]

    def tags_made(self, op, prefix, action, act, exceptions):
        """Whether exceptions.tsv repeats what would be generated of a create call, the action of its name and the one for
        its tags, beside rows of other prefixes: the tags are put on what the call makes then as well."""
        if not action or (action.full, "-") not in exceptions or all(a.split(":")[0] == prefix for a, _ in exceptions):
            return False
        tag, member = self.tag_action(op, prefix, action)
        return act is tag and (act.full, member) in exceptions

    def further_rows(self, op, action, exceptions, rows, aliases):
        """Actions that AWS asks for as well: with a condition where a member names their resource, else as what
        the call may need (`also`)."""
        folder = op.service.folder
        told = self.asked.of(op.service, op.name)
        granted = {r.split("\t")[2] for r in rows if r.split("\t")[1] == "grant"}
        granted |= {a for a, _ in exceptions or []} | ({action.full} if action and not exceptions else set())
        known = {d for a in granted for d in (self.sar.action(a).dependents if self.sar.action(a) else [])}
        used = set()
        for r in rows:
            if r.split("\t")[1] == "on":
                used |= set(re.findall(r"[A-Za-z0-9_.\[\]{}*]+", r.split("\t")[5]))
        out = []
        if action and not exceptions and not any(r.split("\t")[3] == "-" for r in rows if r.split("\t")[1] == "grant") and \
                any("-" in self.curated.verdicts.get((folder, op.name, a), []) for a in told or {}):
            out.append("%s\tgrant\t%s\t-" % (op.name, action.full))
        passes = any(r.split("\t")[1] == "pass" for r in rows) or (folder, op.name) in self.curated.passes
        for name in sorted(told or {}):
            act = self.sar.action(name)
            verdicts = self.verdicts(op, act) if act else []
            if act is None or act.full in granted or (name == "iam:PassRole" and passes) or \
                    (act.full in known and not verdicts) or "never" in verdicts:
                continue
            if verdicts and verdicts != ["also"]:
                out += ["%s\tgrant\t%s\t%s" % (op.name, act.full, when) for when in verdicts]
                if (folder, op.name, act.full) not in self.curated.own_types:
                    out += self.on_rows(op, act, act.full, aliases)
                continue
            found = [] if exceptions else self.named_by(op, act, used, aliases) or self.inner_tags(op, action, act, aliases)
            out += found or ["%s\talso\t%s" % (op.name, act.full)]
        return out

    def verdicts(self, op, act):
        """What authorised.tsv makes of an action for an operation: conditions, `also` or `never`; empty where it has none."""
        folder = op.service.folder
        return self.curated.verdicts.get((folder, op.name, act.full)) or self.curated.verdicts.get((folder, "*", act.full), [])

    def inner_tags(self, op, action, act, aliases):
        """The tags of what a call makes, where they stand inside its one object."""
        if not action or act.level != "Tagging" or act.name.startswith(("Untag", "Remove", "Delete")) or \
                not rules.MADE_WITH_TAGS.match(op.name):
            return []
        paths = sorted({re.sub(r"(\[\]|\{.*)$", "", m.path) for m in op.members() if len(m.path.split(".")) == 2 and
                        re.fullmatch(r"(?i)tags?|tagset|taglist", m.path.split(".")[1].split("[")[0].split("{")[0])} |
                       {re.sub(r"\[\]$", "", ".".join(m.path.split(".")[:2])) for m in op.members() if len(m.path.split(".")) == 3 and
                        re.fullmatch(r"(?i)tags?\[\]", m.path.split(".")[1])})
        return ["%s\tgrant\t%s\t%s" % (op.name, act.full, p) for p in paths] + \
            (self.tag_rows(op, action, act, aliases) if paths else [])

    BESIDE = re.compile(r"^(Pass|Use|Apply|Get|Describe|Read|Invoke|Associate|Add|List)")

    def named_by(self, op, act, used, aliases):
        """The grant of a further action on a resource that a member names which the operation's own resource is not
        taken from; nothing where no such member is."""
        if not self.BESIDE.match(act.name) or len(act.types) != 1 or act.full == "iam:PassRole":
            return []
        if "also" in self.verdicts(op, act):
            return []
        typ = self.sar.type(act.prefix, act.types[0][0])
        if not typ.variables():
            return []
        found = dict(rules.bindings(op, typ, aliases, False, False))
        last = typ.variables()[-1]
        sources = found.get("@", []) + found.get(last, [])
        members = sorted({re.split(r"[|&+]", s)[0] for s in sources if not s.startswith("'")})
        members = [m for m in members if m not in used]
        generic = {"Name", "Id", "name", "id", "Arn", "arn", "resourceArn", "ResourceArn"}
        if not members or any(m in generic for m in members):
            return []
        bound = " ".join("%s=%s" % (v, ",".join(found[v])) for v in ["@"] + typ.variables() if v in found)
        like = re.sub(r"\$\{[^}]*\}", "*", typ.pattern)
        when = ["%s~%s" % (m, like) if m in found.get("@", []) and last not in found else m for m in members]
        return ["%s\tgrant\t%s\t%s" % (op.name, act.full, w) for w in when] + \
            ["%s\ton\t%s\t%s\tr\t%s" % (op.name, act.full, typ.name, bound)]

    # -- operations of one name ------------------------------------------------------------------------

    def find_namesakes(self):
        """{(folder, operation): the operations of its name in services whose calls are logged under one source}. Left
        out where which of them was called makes no difference (RDS and its kin) or only the source tells (S3)."""
        by_folder = {s.folder: s for s in self.services}
        groups = {k: list(v) for k, v in self.curated.sources.items()}
        for s in self.services:
            group = groups.setdefault(self.prefix(s) + ".amazonaws.com", [])
            if s.folder not in group:
                group.append(s.folder)
        out = {}
        for source, folders in sorted(groups.items()):
            if {"s3", "rds"} & set(folders):
                continue
            ops = {}
            for folder in folders:
                for op in by_folder[folder].operations if folder in by_folder else []:
                    ops.setdefault(op.name.lower(), []).append(op)
            for same in ops.values():
                for op in same:
                    others = out.setdefault((op.service.folder, op.name), [])
                    others += [o for o in same if o is not op and o not in others]
        return out

    def marks(self, op, rows):
        """Members at the top that no other operation of the name has, and such that hold a role to pass (Kinesis
        Analytics, whose two APIs differ in what is inside an input)."""
        others = self.namesakes.get((op.service.folder, op.name), [])
        if not others:
            return []
        theirs = {rules.singular(rules.norm(m)) for o in others for m in o.top()}
        roles = {r.split("\t")[2] for r in rows if r.split("\t")[1] == "pass" and "." in r.split("\t")[2]}
        inside = {rules.norm(m.path) for o in others for m in o.members()} if roles else set()
        return sorted({m for m in op.top() if rules.singular(rules.norm(m)) not in theirs} |
                      {m for m in roles if rules.norm(m) not in inside})

    KIND = "TagSpecifications[].ResourceType"

    def by_kind(self, op, action, tag, made):
        """EC2: each element of the tags says which type it is for; where none does, what the call makes is meant."""
        types = {t for t, _ in tag.types} & ({t for t, _ in action.types} | set(made))
        return ["%s\ton\t%s\t%s\tr\t?=%s=%s%s" % (op.name, tag.full, t, self.KIND, t,
                                                      ",!" + self.KIND if t in made else "") for t in sorted(types)]

    def tag_rows(self, op, action, tag, aliases):
        """The created types, as the tagging action names them."""
        taggable = {t for t, _ in tag.types}
        made = [t for t in sorted(taggable) if rules.singular(rules.norm(t)) == rules.object_of(op.name)]
        if not made:
            made = [t for t, r in action.types if t in taggable and r] or \
                [t for t, _ in action.types if t in taggable]
        if len(made) > 1:
            made = [t for t in made if rules.generic_ok(op, self.sar.type(action.prefix, t)) or
                    (action.prefix == "ec2" and rules.norm(t) in rules.norm(op.name))] or \
                [t for t in made if self.must_name(op, self.sar.type(action.prefix, t), aliases)]
        if action.prefix == "ec2" and made and any(m.path == self.KIND for m in op.members()):
            return self.by_kind(op, action, tag, made)
        rows = []
        for name in made or self.named_after(op, tag):
            bound = self.bindings(op, self.sar.type(action.prefix, name), aliases, False)
            bound = [b for b in bound if not re.search(r"(^|[,.])/?source", b[1], re.I)]
            if action.prefix == "ec2" and rules.stem((bound or [("", "")])[0][0])[1] == "id":
                bound = []
            rows.append("%s\ton\t%s\t%s\tr\t%s" % (op.name, tag.full, name,
                                                    dash(" ".join("%s=%s" % b for b in bound))))
        if not rows and taggable:
            rows.append("%s\ton\t%s\t*\te\t-" % (op.name, tag.full))
        return rows

    def named_after(self, op, tag):
        """Of the types that can be tagged, the one that the operation's name ends with, else begins with: a recipe job is
        a job, an S3 location a location. None where several do, or where the call starts something."""
        made, found = rules.object_of(op.name), {}
        for t, _ in tag.types:
            name = re.sub("(resource|arn)$", "", rules.singular(rules.norm(t)))
            if len(name) > 2:
                found.setdefault(name, []).append(t)
        for fits in (made.endswith, made.startswith) if not op.name.startswith("Start") else ():
            names = sorted((n for n in found if fits(n)), key=len)
            if names:
                return found[names[-1]] if len(found[names[-1]]) == 1 else []
        return []

    def must_name(self, op, typ, aliases):
        """The call cannot be made without naming this one: what it makes, rather than what it only uses."""
        required = {m.path for m in op.members() if m.depth == 0 and m.required}
        last = (typ.variables() or [None])[-1]
        return any(v == last and set(re.split(r"[,|]", s)) & required for v, s in
                   self.bindings(op, typ, aliases, False))

    def sensitive(self, service):
        leaves = set()
        for op in service.operations:
            for m in op.members():
                if m.sensitive and not m.path.endswith("{}"):
                    leaves.add(m.leaf)
        return ["*\tsensitive\t" + leaf for leaf in sorted(leaves)]

    def free(self, service):
        """Members whose own members the caller names. Maps of structures are none: what is inside them the model
        names; nor are maps whose keys the model lists."""
        leaves = set()
        for op in service.operations:
            listed = {m.path[:-2] for m in op.members() if m.path.endswith("{}") and m.is_enum}
            for m in op.members():
                own = m.path.rpartition(".")[2]
                keyed = "{*}" in own and m.shape["type"] != "structure" and m.path.rpartition("{*}")[0] not in listed
                if keyed or m.shape.get("document"):
                    leaves.add(m.leaf)
        return ["*\tfree\t" + leaf for leaf in sorted(leaves)]

    def wire(self, service, rows, protocols):
        """Other spellings of the leaves that the rows use."""
        used = set()
        for row in rows:
            fields = row.split("\t")
            if fields[1] in ("free", "sensitive"):
                used.add(fields[2])
            elif fields[1] == "on":
                used.update(re.findall(r"[A-Za-z0-9_]+", fields[5]))
            elif fields[1] == "pass":
                used.update(re.findall(r"[A-Za-z0-9_]+", fields[2]))
            elif fields[1] == "mark":
                used.add(fields[2])
            elif fields[1] == "grant":
                used.update(re.findall(r"[A-Za-z0-9_]+", fields[3]))
        for text in self.curated_sources.get(service.folder, []):
            used.update(re.findall(r"[A-Za-z0-9_]+", text))
        spellings = {}
        for op in service.operations:
            for m in op.members():
                wire = m.wire
                if m.leaf in used and wire and wire.lower() != m.leaf.lower() and m.location != "statusCode":
                    spellings.setdefault(m.leaf, set()).add(wire)
        return ["*\twire\t%s\t%s" % (leaf, ",".join(sorted(names))) for leaf, names in sorted(spellings.items())]

    curated_sources = {}

    def service_rows(self, service):
        prefix = self.prefix(service)
        protocols = service.meta.get("protocols") or [service.meta["protocol"]]
        rows = []
        for op in service.operations:
            rows += self.operation(op, prefix, protocols)
        rows += self.free(service) + self.sensitive(service)
        return rows + self.wire(service, rows, protocols)

    def services_row(self, service):
        meta, prefix = service.meta, self.prefix(service)
        protocols = meta.get("protocols") or [meta["protocol"]]
        flags = []
        if meta.get("globalEndpoint"):
            flags.append("global")
        return "\t".join([service.folder, meta["serviceId"], prefix, meta.get("signingName") or
                          meta["endpointPrefix"], meta["endpointPrefix"], ",".join(protocols),
                          dash(meta.get("targetPrefix")), meta["apiVersion"], prefix + ".amazonaws.com",
                          dash(",".join(flags))])


def sar_rows(reference, prefix):
    def short(key):
        if key.startswith("aws:"):
            return key[3:]
        if key.startswith(prefix + ":"):
            return "." + key[len(prefix) + 1:]
        return key
    rows = []
    for action in reference.actions[prefix].values():
        types = ",".join(sorted(t + ("!" if r else "") for t, r in action.types))
        rows.append("\t".join(["action", action.name, action.level, dash(types),
                               dash(",".join(short(k) for k in action.keys)), dash(",".join(action.dependents))]))
    for typ in reference.types[prefix].values():
        for pattern in typ.patterns:
            rows.append("\t".join(["type", typ.name, pattern, dash(",".join(short(k) for k in sorted(typ.keys)))]))
    return rows


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="write the generated mapping tables")
    parser.add_argument("--models", required=True, help="botocore's data folder")
    parser.add_argument("--reference", required=True, help="data folder of iam-data 0.21.x")
    parser.add_argument("--dependents", required=True, help="data folder of iam-data 0.15.x")
    parser.add_argument("--authorised", help="AWS's service reference, one JSON object a service and line (.gz or not)")
    parser.add_argument("--out", default=os.path.dirname(here),
                        help="the folder to write (default: the one that the generator is in)")
    parser.add_argument("--date", help="the date to put into version.tsv (default: today, where a source is another)")
    args = parser.parse_args()
    source = os.path.dirname(here)
    reference = sar.Reference(args.reference, args.dependents)
    services = model.read(args.models)
    known = Known(services, reference)
    if os.path.realpath(args.out) != os.path.realpath(source):
        known.prefixes = {r[0]: r[2] for r in read_rows(os.path.join(source, "services.tsv"))}
        copy_curated(source, args.out, known)
    else:
        warn_of_dropped(source, known)
    write_version(args, source)
    curated = Curated(args.out)
    gen = Generator(services, reference, curated, authorised.Authorised(args.authorised))
    for kind in ("generated", "sar"):
        os.makedirs(os.path.join(args.out, kind), exist_ok=True)
    written = set()

    def put(path, header, rows):
        write_rows(os.path.join(args.out, path), header, rows)
        written.add(path)

    put("services.tsv", "service\tservice_id\tprefix\tsigning\tendpoint\tprotocols\ttarget_prefix\tapi_version\t"
        "event_source\tflags", [gen.services_row(s) for s in gen.services])
    for row in read_rows(os.path.join(args.out, "arn.tsv")):
        gen.curated_sources.setdefault(row[0], []).append(row[5])
    for row in read_rows(os.path.join(args.out, "exceptions.tsv")):
        gen.curated_sources.setdefault(row[0], []).append(row[3])
    for service in gen.services:
        put("generated/%s.tsv" % service.folder, "operation\tkind\tfields", gen.service_rows(service))
    for prefix in reference.prefixes:
        put("sar/%s.tsv" % prefix, "kind\tname\tfields", sar_rows(reference, prefix))
    put("hosts.tsv", "name\tendpoint", ["%s\t%s" % row for row in hosts.rows(gen.services, args.models)])
    for kind in ("generated", "sar"):
        for name in os.listdir(os.path.join(args.out, kind)):
            if kind + "/" + name not in written:
                os.remove(os.path.join(args.out, kind, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
