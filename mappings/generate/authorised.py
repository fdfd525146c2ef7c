# authorised.py - generate: reads AWS's service reference, in the form of one JSON object a line and service: which
# actions AWS authorises for each operation, and to which services a role may be passed. It does not say when: what it
# lists is a union over all that the parameters can ask for.
# Layer: a maintainer's tool; nothing of it runs in a build.
import gzip
import json
import re

# Not of the call itself: how a bearer token is checked, and actions that AWS has retired.
NOISE = re.compile(r"^(bedrock:CallWithBearerToken|aws-portal:.*)$")
# Stages of AWS's own, and previews, beside the service itself.
NOT_PUBLIC = re.compile(r"(^rds-preview\.|\.preprod\.)")


def fold(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Authorised:
    """{action: services that iam:PassRole may pass to, or []} for each operation."""

    def __init__(self, path):
        self.operations = {}
        self.names = set()
        if not path:
            return
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as f:
            for line in f:
                self._add(json.loads(line))

    def _add(self, service):
        for key, actions in service["operations"].items():
            sdk, _, name = key.partition(".")
            found = self.operations.setdefault((fold(sdk), name.lower()), {})
            for a in actions:
                to = [p for p in a.get("passed_to", []) if not NOT_PUBLIC.search(p)]
                if not NOISE.match(a["action"]):
                    found[a["action"]] = sorted(set(found.get(a["action"], [])) | set(to))
            self.names.add(fold(sdk))

    def of(self, service, operation):
        """Of one operation; None where the source does not have it or says nothing of it. The service is found by its
        folder, its id, its endpoint prefix or its signing name."""
        meta = service.meta
        for name in (service.folder, meta["serviceId"], meta["endpointPrefix"], meta.get("signingName", "")):
            found = self.operations.get((fold(name), operation.lower()))
            if found:
                return found
        return None
