# model.py - generate: reads the API models (botocore's data folder) into plain operations and members.
# Layer: a maintainer's tool; nothing of it runs in a build.
import gzip
import json
import os

SCALARS = {"string", "integer", "long", "character"}
MAX_DEPTH = 6
MAX_MEMBERS = 4000  # of one operation: recursive shapes (filters, expressions) stop here


class Member:
    """One member of an operation's input: a path with [] and {*}, its leaf name, its shape. sensitive: it or the
    list, map or structure that it is is marked so in the model; what is inside a marked structure is not."""

    __slots__ = ("path", "leaf", "shape_name", "shape", "depth", "required", "wire", "parents", "listed",
                 "location", "sensitive")

    def __init__(self, path, leaf, shape_name, shape, depth, required, wire, parents, listed, location,
                 sensitive):
        self.path, self.leaf, self.shape_name, self.shape = path, leaf, shape_name, shape
        self.depth, self.required, self.wire, self.parents = depth, required, wire, parents
        self.listed, self.location, self.sensitive = listed, location, sensitive

    @property
    def is_scalar(self):
        return self.shape["type"] in SCALARS

    @property
    def is_enum(self):
        return "enum" in self.shape


class Operation:
    def __init__(self, service, name, data):
        self.service, self.name, self.data = service, name, data
        self._members = None

    @property
    def method(self):
        return self.data["http"]["method"]

    @property
    def uri(self):
        return self.data["http"]["requestUri"]

    @property
    def unsigned(self):
        return self.data.get("authtype") in ("none", "v4-unsigned-body-none") or \
            self.data.get("auth") == ["smithy.api#noAuth"]

    @property
    def bearer(self):
        auth = self.data.get("auth") or []
        return bool(auth) and all("bearer" in a for a in auth)

    def top(self):
        """Names of the members at the top of the input."""
        shape = self.data.get("input")
        if not shape:
            return {}
        return self.service.shapes[shape["shape"]].get("members", {})

    def members(self):
        if self._members is None:
            self._members = []
            shape = self.data.get("input")
            if shape:
                self._walk(shape["shape"], "", 0, (), (), False)
        return self._members

    def _walk(self, shape_name, path, depth, parents, seen, listed):
        shape = self.service.shapes[shape_name]
        if shape_name in seen or depth >= MAX_DEPTH or len(self._members) > MAX_MEMBERS:
            return
        seen = seen + (shape_name,)
        required = set(shape.get("required", []))
        for name, ref in shape.get("members", {}).items():
            self._add(ref, name, (path + "." if path else "") + name, name, depth, parents, seen, listed,
                      name in required)

    def _add(self, ref, name, path, leaf, depth, parents, seen, listed, required):
        target_name = ref["shape"]
        target = self.service.shapes[target_name]
        secret = bool(target.get("sensitive"))
        wire = ref.get("locationName")
        while target["type"] in ("list", "map"):
            if target["type"] == "list":
                path += "[]"
                inner = target["member"]
            else:
                self._members.append(Member(path + "{}", leaf, target["key"]["shape"],
                                            self.service.shapes[target["key"]["shape"]], depth, required, wire,
                                            parents, True, ref.get("location"), secret))
                path += "{*}"
                inner = target["value"]
            listed = True
            if not target.get("flattened") or "locationName" in inner:
                wire = inner.get("locationName", wire) if inner.get("locationName") not in ("member", "item") \
                    else wire
            target_name = inner["shape"]
            if target_name in seen:
                return
            target = self.service.shapes[target_name]
            secret = secret or bool(target.get("sensitive"))
        self._members.append(Member(path, leaf, target_name, target, depth, required, wire, parents, listed,
                                    ref.get("location"), secret))
        if target["type"] == "structure":
            self._walk(target_name, path, depth + 1, parents + (name,), seen, listed)


class Service:
    def __init__(self, folder, data):
        self.folder, self.shapes, self.meta = folder, data["shapes"], data["metadata"]
        self.operations = [Operation(self, n, o) for n, o in sorted(data["operations"].items())]


def read(data_dir):
    """All services, sorted by folder, each in its newest API version."""
    out = []
    for folder in sorted(os.listdir(data_dir)):
        base = os.path.join(data_dir, folder)
        if not os.path.isdir(base):
            continue
        versions = sorted(v for v in os.listdir(base) if os.path.isdir(os.path.join(base, v)))
        for version in reversed(versions):
            path = os.path.join(base, version, "service-2.json")
            if os.path.exists(path + ".gz"):
                with gzip.open(path + ".gz", "rb") as f:
                    out.append(Service(folder, json.load(f)))
                break
            if os.path.exists(path):
                with open(path, "rb") as f:
                    out.append(Service(folder, json.load(f)))
                break
    return out
