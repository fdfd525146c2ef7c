# tables.py - generate: reads the tables back, as lint.py and report.py look at them: what one operation needs
# when curated rows have won over generated ones.
# Layer: a maintainer's tool; nothing of it runs in a build.
import os
import re

from generate import read_rows

IMPLIED = re.compile(r"\$\{(Partition|Region|Account)\}")


class On:
    def __init__(self, action, typ, need, bindings):
        self.action, self.type, self.need = action, typ, need
        self.bindings = [] if bindings == "-" else [b.split("=", 1) for b in bindings.split(" ")]


class Entry:
    """One operation: rule, grants [(action, when)], resource rows, role members, noauth kind."""

    def __init__(self):
        self.rule, self.flags, self.grants, self.on, self.passed, self.noauth = "-", "-", [], [], [], None
        self.generated_grants, self.generated_on = [], []
        self.curated = False


class Tables:
    def __init__(self, root, reference):
        self.root, self.sar = root, reference
        self.services = {r[0]: r for r in read_rows(os.path.join(root, "services.tsv"))}
        self.exceptions, self.arn, self.noauth, self.passrole = {}, {}, {}, {}
        for r in read_rows(os.path.join(root, "exceptions.tsv")):
            self.exceptions.setdefault((r[0], r[1]), []).append(r)
        for r in read_rows(os.path.join(root, "arn.tsv")):
            self.arn.setdefault((r[0], r[1]), []).append(r)
        for r in read_rows(os.path.join(root, "noauth.tsv")):
            self.noauth[(r[0], r[1])] = r
        for r in read_rows(os.path.join(root, "passrole.tsv")):
            self.passrole.setdefault((r[0], r[1]), []).append(r)
        self.entries = {}
        for folder in self.services:
            self._read(folder)

    def _read(self, folder):
        rows = read_rows(os.path.join(self.root, "generated", folder + ".tsv"))
        found = {}
        for r in rows:
            if r[0] == "*":
                continue
            e = found.setdefault(r[0], Entry())
            if r[1] == "api":
                e.rule, e.flags = r[2], r[5]
            elif r[1] == "grant":
                e.generated_grants.append((r[2], r[3]))
            elif r[1] == "on":
                e.generated_on.append(On(*r[2:6]))
            elif r[1] == "pass":
                e.passed.append(r[2])
        prefix = self.services[folder][2]
        for name in [op for f, op in self.exceptions if f == folder and op not in found]:
            found[name] = Entry()
        for name, e in found.items():
            self._settle(folder, prefix, name, e)
            self.entries[(folder, name)] = e

    def _settle(self, folder, prefix, name, e):
        own = self.sar.action(prefix + ":" + name)
        e.own = own.full if own else None
        if e.rule == "same-name" and "unsigned" not in e.flags:
            e.generated_grants.append((e.own, "-"))
        e.grants = list(e.generated_grants)
        if (folder, name) in self.exceptions:
            e.grants = [(r[2], r[3]) for r in self.exceptions[(folder, name)]]
            e.curated = True
        row = self.noauth.get((folder, name))
        if row is None and not e.grants:
            row = self.noauth.get((folder, "*"))
        e.noauth = row[2] if row else ("unauthenticated" if "unsigned" in e.flags else None)
        if e.noauth:
            e.grants = []
        for o in e.generated_on:
            if o.action == "=":
                o.action = e.own
        e.on = list(e.generated_on)
        for r in self.arn.get((folder, name), []):
            row = On(e.own if r[2] == "=" else r[2], r[3], r[4], r[5])
            e.on = [o for o in e.on if (o.action, o.type) != (row.action, row.type)]
            if row.need != "x":
                e.on.append(row)
        for r in self.passrole.get((folder, name), []):
            if r[3] == "pass" and r[2] not in e.passed:
                e.passed.append(r[2])
            elif r[3] == "never" and r[2] in e.passed:
                e.passed.remove(r[2])

    def resources(self, e, action):
        """The resource rows of an action of the entry, from the reference where the table has none."""
        rows = [o for o in e.on if o.action == action]
        act = self.sar.action(action)
        if rows or act is None:
            return rows
        has = any(r for _, r in act.types)
        return [On(action, t, "r" if r else ("o" if has else "e"), "-") for t, r in act.types]

    def pattern_variables(self, prefix, typ):
        if typ.startswith("arn:"):
            return re.findall(r"\$\{([^}]*)\}", IMPLIED.sub("", typ))
        t = self.sar.type(prefix, typ)
        return t.variables() if t else []
