# rules.py - generate: from an operation's input members to the ARN of a resource type, the passed roles and the
# tagging that a create call implies. Only proposals of which the names leave no doubt: a wrong ARN breaks
# a policy and `*` does not.
# Layer: a maintainer's tool; nothing of it runs in a build.
import re

SKIP = re.compile(r"^(tags?|taglist|tagkeys|tagset|tagspecifications?|filters?|filterlist|.*filters|.*definitions?|"
                  r".*filter|metadata|attributes?|.*expression|environment|environmentvariables|sort.*)$", re.I)
SUFFIX = ("identifier", "arn", "uuid", "name", "key", "id")
GENERIC_VARIABLE = {"resource", "", "identifier", "unique", "relative", "uu", "uuid"}
VERBS = re.compile(r"^(BatchGet|BatchDelete|BatchUpdate|BatchCreate|BatchDescribe|BatchPut|Batch|[A-Z][a-z0-9]+)")
CREATE = re.compile(r"^(Create|Run|Register|Import|Request|Copy|Restore|Start|Put|Allocate|Add|Publish|Launch|Provision|"
                    r"Purchase|Upload|Clone|Export|Submit|Deploy|Issue|Associate|Accept|Subscribe|Reserve)")
NEW = re.compile(r"^(Create|Register|Import|Request|Allocate|Launch|Provision|Purchase|Upload|Clone|Issue|Reserve|Run|"
                 r"Restore|Copy|Generate|BatchCreate)")
READ = re.compile(r"^(Get|List|Describe|BatchGet|Search|Query|Head|Lookup|Scan|Select|View|Estimate|Preview|Validate|"
                  r"Check|Discover|Batch(Describe|List))")
ROLE_LEAF = re.compile(r"(RoleArns?|Roles?|RoleARNUpdate|RoleArnOverride|RoleOverride)$", re.I)
ROLE_SHAPE = re.compile(r"RoleArn$", re.I)
PROFILE_LEAF = re.compile(r"^(Iam)?InstanceProfile(Arn|Name)?$", re.I)


def norm(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def singular(text):
    if text.endswith("ies") and len(text) > 4:
        return text[:-3] + "y"
    if text.endswith("sses") or text.endswith("xes"):
        return text[:-2]
    if text.endswith("s") and not text.endswith(("ss", "us", "is")):
        return text[:-1]
    return text


def stem(text):
    """(what the name names, the kind of name): "DBInstanceIdentifier" is ("dbinstance", "identifier")."""
    t = norm(text)
    for cand in (t, singular(t)):
        for suffix in SUFFIX:
            if cand.endswith(suffix) and (cand != suffix or True):
                return cand[: -len(suffix)], suffix
    return singular(t), ""


def object_of(operation):
    """What the operation is about: "UpdateFunctionConfiguration" is "functionconfiguration"."""
    name = re.sub(r"(\d{4}_\d\d_\d\d|\d{8}(v\d)?|V\d+)$", "", operation)
    return singular(norm(VERBS.sub("", name, count=1)))


def usable(member):
    return member.is_scalar and not member.is_enum and not any(SKIP.match(p) for p in member.parents)


def candidates(operation, limit=4):
    return [m for m in operation.members() if m.depth < limit and usable(m) and not m.path.endswith("{}")]


def generic_ok(operation, typ):
    obj, name = object_of(operation.name), singular(norm(typ.name))
    return obj == name or (len(obj) > 3 and (name.endswith(obj) or obj.endswith(name)))


def score_variable(operation, typ, variable, member, aliases):
    """How surely `member` is `variable` of the type's pattern, 0..100."""
    leaf = member.leaf
    for alias in aliases:
        if leaf == alias or member.path == alias or member.path.replace("[]", "") == alias:
            return 98 - 8 * member.depth * (member.path != alias)
    vstem, vkind = stem(variable)
    lstem, lkind = stem(leaf)
    type_norm = singular(norm(typ.name))
    if lkind == "arn":
        return 0
    if vkind in ("id", "uuid") and lkind == "name":
        return 0
    if "version" in vstem + vkind and "version" not in norm(leaf):
        return 0
    if norm(leaf) in ("clienttoken", "nexttoken", "maxresults", "description"):
        return 0
    score = 0
    if norm(variable) == norm(leaf) or norm(variable) == singular(norm(leaf)):
        score = 100
        if norm(variable) in ("name", "id", "key", "version") and member.depth:
            score = 60
    elif vstem and vstem == lstem:
        score = 92
    elif vstem in GENERIC_VARIABLE and lstem == type_norm:
        score = 90
    elif lstem == type_norm and vkind != "version" and variable == last_variable(typ):
        score = 86
    elif lstem and norm(leaf) == type_norm and variable == last_variable(typ):
        score = 84
    elif variable == last_variable(typ) and lstem == "" and lkind in ("id", "identifier", "name") \
            and member.depth == 0 and generic_ok(operation, typ):
        score = 80
    elif vstem.endswith("version") and norm(leaf) in ("version", "versionid", "versionnumber") \
            and member.depth == 0:
        score = 72
    elif norm(variable) in ("version", "versionid") and norm(leaf).endswith(("version", "versionid",
                                                                             "versionnumber")) \
            and norm(leaf).startswith(type_norm.replace("version", "")):
        score = 74
    if not score:
        return 0
    return score - 9 * member.depth - (3 if member.listed else 0)


def last_variable(typ):
    variables = typ.variables()
    return variables[-1] if variables else None


def score_arn(operation, typ, member, tagging):
    lstem, lkind = stem(member.leaf)
    if lkind != "arn":
        return 0
    type_norm = singular(norm(typ.name))
    last = last_variable(typ)
    score = 0
    if lstem == type_norm:
        score = 94
    elif last and lstem == stem(last)[0] and lstem not in GENERIC_VARIABLE:
        score = 90
    elif lstem == "" and member.depth == 0:
        score = 84 if generic_ok(operation, typ) else 64
    elif lstem == "resource" and member.depth == 0:
        score = 78 if tagging or generic_ok(operation, typ) else 66
    if not score:
        return 0
    return score - 9 * member.depth - (3 if member.listed else 0)


THRESHOLD = 60


def pick(scored):
    """Ordered alternatives: the best first, then others nearly as sure."""
    scored = sorted((x for x in scored if x[0] >= THRESHOLD), key=lambda x: (-x[0], x[1]))
    if not scored:
        return []
    best = scored[0][0]
    out = []
    for score, _, path in scored:
        if score >= best - 20 and score >= 70 or score == best:
            if path not in out:
                out.append(path)
    return out[:3]


def bindings(operation, typ, aliases, tagging=False):
    """{variable or '@': [member path, ...]} for one resource type of an action of the operation."""
    members = candidates(operation)
    out = {}
    last = last_variable(typ)
    best_last = 0
    for variable in typ.variables():
        names = aliases.get((typ.name, variable)) or aliases.get(("*", variable)) or []
        scored = [(score_variable(operation, typ, variable, m, names), i, m.path)
                  for i, m in enumerate(members)]
        chosen = pick(scored)
        if chosen:
            out[variable] = chosen
            if variable == last:
                best_last = max(s for s, _, _ in scored)
    names = aliases.get((typ.name, "@")) or aliases.get(("*", "@")) or []
    scored = []
    for i, m in enumerate(members):
        s = 98 if (m.leaf in names or m.path in names) else score_arn(operation, typ, m, tagging)
        scored.append((s, i, m.path))
    chosen = pick(scored)
    best_arn = max([s for s, _, _ in scored] or [0])
    if chosen and (best_arn > best_last or best_arn >= 84):
        out["@"] = chosen
        if best_arn > best_last + 15 and last in out:
            pass
    return out


def passed_roles(operation):
    """Paths of the members that hold a role to pass."""
    if READ.match(operation.name) or operation.name.startswith(("Delete", "Remove", "Disassociate", "Detach")):
        return []
    if operation.service.folder in ("sts", "iam"):
        return []
    out = []
    for m in operation.members():
        if m.path.endswith("{}") or m.is_enum or m.shape["type"] != "string":
            continue
        if ROLE_LEAF.search(m.leaf) or ROLE_SHAPE.search(m.shape_name):
            out.append(m.path)
        elif PROFILE_LEAF.match(m.leaf) or (m.parents and PROFILE_LEAF.match(m.parents[-1])
                                            and m.leaf in ("Arn", "Name")):
            out.append(m.path)
    return out
