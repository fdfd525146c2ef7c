# sar.py - generate: reads the Service Authorization Reference from the two iam-data packages.
# Layer: a maintainer's tool; nothing of it runs in a build.
import json
import os
import re

LEVELS = {"List": "List", "Read": "Read", "Write": "Write", "Tagging": "Tagging",
          "Permissions management": "Permissions"}
IMPLIED = {"Partition", "Region", "Account"}
IMPLIED_ACCOUNT = {"AccountId", "ManagementAccountId", "VpcOwnerAccount"}
VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Type:
    def __init__(self, prefix, data):
        self.prefix, self.name = prefix, data["key"]
        self.patterns = sorted(re.split(r",\s*(?=arn:)", data["arn"]))
        self.pattern = self.patterns[0]
        self.keys = data.get("conditionKeys", [])

    def forms(self):
        """The type once for each of its patterns: two APIs under one prefix can write its ARN differently."""
        return [self] + [Type(self.prefix, {"key": self.name, "arn": p}) for p in self.patterns[1:]]

    def variables(self):
        """The variables that no event gives, in the order of the pattern."""
        fields = self.pattern.split(":", 5)
        out = []
        for i, field in enumerate(fields):
            for v in VARIABLE.findall(field):
                if v in IMPLIED or (i == 4 and v in IMPLIED_ACCOUNT):
                    continue
                if v not in out:
                    out.append(v)
        return out


class Action:
    def __init__(self, prefix, data):
        self.prefix, self.name = prefix, data["name"]
        self.level = LEVELS[data["accessLevel"].split(",")[0]]
        self.types = [(t["name"], bool(t["required"])) for t in data["resourceTypes"]]
        keys = set(data["conditionKeys"])
        for t in data["resourceTypes"]:
            keys.update(t["conditionKeys"])
        self.keys = sorted(keys)
        self.dependents = []

    @property
    def full(self):
        return self.prefix + ":" + self.name


class Reference:
    def __init__(self, new_dir, old_dir):
        self.prefixes = json.load(open(os.path.join(new_dir, "services.json")))
        self.actions, self.types = {}, {}
        for prefix in self.prefixes:
            self.actions[prefix], self.types[prefix] = {}, {}
            for data in self._load(new_dir, "actions", prefix).values():
                action = Action(prefix, data)
                self.actions[prefix][action.name.lower()] = action
            for data in self._load(new_dir, "resourceTypes", prefix).values():
                t = Type(prefix, data)
                self.types[prefix][t.name.lower()] = t
            for data in self._load(old_dir, "actions", prefix).values():
                action = self.actions[prefix].get(data["name"].lower())
                if action:
                    found = set(data["dependentActions"])
                    for t in data["resourceTypes"]:
                        found.update(t["dependentActions"])
                    action.dependents = sorted(found)

    @staticmethod
    def _load(base, kind, prefix):
        path = os.path.join(base, kind, prefix + ".json")
        return json.load(open(path)) if os.path.exists(path) else {}

    def action(self, full):
        prefix, _, name = full.partition(":")
        return self.actions.get(prefix, {}).get(name.lower())

    def type(self, prefix, name):
        if "/" in name and name.split("/", 1)[0] in self.types:
            prefix, name = name.split("/", 1)
        return self.types.get(prefix, {}).get(name.lower())
