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
ROLE_LEAF = re.compile(r"(RoleArns?|Roles?|RoleNameArn|RoleARNUpdate|RoleArnOverride|RoleOverride)$", re.I)
ROLE_SHAPE = re.compile(r"RoleArn$", re.I)
PROFILE_LEAF = re.compile(r"^(Iam)?InstanceProfile(Arn|Name)?$", re.I)


MADE_WITH_TAGS = re.compile(NEW.pattern[:-1] + r"|Put|Start|Associate|Enable|Invite|Claim|Connect|Open|Activate|Add|Authorize|"
                            r"Convert|Submit|Export|Invoke|Instantiate)")


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


def tag_member(operation, name):
    """A member at the top of a call that carries the tags of what the call makes."""
    if re.fullmatch(r"(?i)tags?|tags?list|tagspecifications?|tagset|tagsmap|resourcetags", name):
        return True
    m = re.fullmatch(r"(.+)Tags", name)
    if not m:
        return False
    what = norm(m.group(1))
    return what in object_of(operation.name) or what in ("job", "model", "targetmodel", "recoverypoint")


def usable(member):
    return member.is_scalar and (not member.is_enum or member.depth == 0) and not any(SKIP.match(p) for p in member.parents)


def candidates(operation, limit=4):
    return [m for m in operation.members() if m.depth < limit and usable(m) and not m.path.endswith("{}")]


def generic_ok(operation, typ):
    obj, name = object_of(operation.name), singular(norm(typ.name))
    return obj == name or (len(obj) > 3 and (name.endswith(obj) or obj.endswith(name)))


def same(member, alias):
    """An alias names a leaf at any level, or a path (with or without its brackets)."""
    if "." in alias or "[" in alias or "{" in alias:
        return member.path == alias or member.path.replace("[]", "") == alias
    if alias.startswith("/"):
        return member.depth == 0 and member.leaf in (alias[1:], alias[1:] + "s")
    return member.leaf == alias


def related(operation, typ):
    """The operation may be about the type: its object and the type's name begin or end alike."""
    obj, name = object_of(operation.name), singular(norm(typ.name))
    return generic_ok(operation, typ) or (len(obj) > 4 and name.startswith(obj)) or \
        (len(name) > 4 and obj.startswith(name))


def score_variable(operation, typ, variable, member, alone=True):
    """How surely `member` is `variable` of the type's pattern, 0..100. alone: no other type of the action is what the
    operation is about."""
    leaf = member.leaf
    vstem, vkind = stem(variable)
    lstem, lkind = stem(leaf)
    type_norm = singular(norm(typ.name))
    if lkind == "arn":
        return 0
    if vkind in ("id", "uuid") and lkind == "name":
        return 0
    if vkind == "identifier" and lkind == "name" and NEW.match(operation.name):
        return 0  # what is made gets an identifier of its own
    if "version" in vstem + vkind and "version" not in norm(leaf):
        return 0
    if norm(leaf) in ("clienttoken", "nexttoken", "maxresults", "description"):
        return 0
    if made_elsewhere(operation, typ, member):
        return 0
    if norm(leaf) in ("resource", "resourceid", "resourceidentifier", "resourcename"):
        return 0  # of which type is told by another member or by the value
    if vstem in ("version", "type", "status") and member.depth:
        return 0
    if lkind == "" and (member.sensitive or (vkind == "id" and NEW.match(operation.name) and
                                             generic_ok(operation, typ))):
        return 0  # a thing's text or content, not its name
    if norm(variable) in ("name", "id", "identifier") and norm(leaf) == norm(variable) and \
            not related(operation, typ) and (not alone or NEW.match(operation.name)):
        return 0  # it names what the operation is about, which is not this type
    score = 0
    if norm(variable) == norm(leaf) or norm(variable) == singular(norm(leaf)):
        score = 100
        if norm(variable) in ("name", "id", "key", "version") and member.depth:
            score = 60
    elif member.is_enum:
        return 0
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
    if member.depth == 0 and (tagging or not NEW.match(operation.name)) and (norm(member.leaf) in ("resource", "resourceidentifier") or
                              (tagging and norm(member.leaf) in ("resourcename", "resourceid"))):
        return 77 if tagging else 64  # an ARN of any type, as its value shows
    lstem, lkind = stem(member.leaf)
    if lkind != "arn" or made_elsewhere(operation, typ, member):
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
    elif len(lstem) > 2 and (type_norm.endswith(lstem) or type_norm.startswith(lstem) or
                             (len(type_norm) > 4 and lstem.endswith(type_norm))) and member.depth < 2 \
            and not (NEW.match(operation.name) and generic_ok(operation, typ)):
        score = 76  # whether it is one of the type is seen from the value
    if not score:
        return 0
    return score - 9 * member.depth - (3 if member.listed else 0)


MAKES = re.compile(r"^(Create|Register|Import|Request|Allocate|Launch|Provision|Purchase|Upload|Clone|Issue|Reserve|Run|"
                   r"Restore|Copy|Generate|BatchCreate|Submit|Start|Invoke)")


def made_elsewhere(operation, typ, member):
    """A call that makes a thing cannot name it deep inside its input: what it names there is another of the kind."""
    if member.depth == 0 or not MAKES.match(operation.name) or operation.name.startswith("Batch"):
        return False
    if not generic_ok(operation, typ):
        return False
    if stem(member.leaf)[1] == "name":
        return False
    parent = singular(norm(member.parents[-1]))
    name = singular(norm(typ.name))
    return not (parent.startswith(name) or name.endswith(parent))


THRESHOLD = 60


def pick(scored, members):
    """Ordered alternatives: the best first, then others nearly as sure. What a call must have at its top needs no
    alternative."""
    scored = sorted((x for x in scored if x[0] >= THRESHOLD), key=lambda x: (-x[0], x[1]))
    if not scored:
        return []
    best = scored[0][0]
    first = members[scored[0][1]]
    if first.depth == 0 and first.required:
        return [first.path]
    out = []
    for score, _, path in scored:
        if score >= best - 20 and score >= 70 or score == best:
            if path not in out:
                out.append(path)
    return out[:3]


CALLER = "$caller"  # the IAM user that makes the call


def alias_sources(members, aliases):
    """The sources that an alias list gives for an operation's members, in the order of the list. `A&B` needs both,
    `A+B` takes what there is."""
    out = []
    for alias in aliases:
        if alias == CALLER:
            if out and not any(m.path == out[-1] and m.required for m in members):
                out.append(alias)
            continue
        if alias.startswith("'") and alias != "'*'" and len(aliases) > 1 and not out:
            continue  # what the API takes for a member that this call does not have
        union = []
        for choice in alias.split("+"):
            terms = []
            for term in choice.split("&"):
                if term.startswith("'"):
                    terms.append(term)
                    continue
                name, bar, transforms = term.partition("|")
                hit = [m.path for m in members if same(m, name)]
                if not hit:
                    break
                terms.append(hit[0] + bar + transforms)
            else:
                union.append("&".join(terms))
        source = "+".join(union)
        if source and source not in out:
            out.append(source)
    return out[:10]


def lookup(aliases, typ, variable):
    return aliases.get((typ.name, variable)) or aliases.get(("*", variable))


def is_taken(out, scores, variable):
    """Whether the member that a rule found for the variable is another variable's: what is left over of a pattern
    (the time in a stream's ARN, the name beside a broker's id) is told by no member then."""
    return any(o != variable and out[o][0] == out[variable][0] and scores[o] > scores[variable] for o in out)


def bindings(operation, typ, aliases, tagging=False, alone=True):
    """{variable or '@': [source, ...]} for one resource type of an action of the operation. aliases:
    {(type or '*', variable or '@'): [source]}, ['-'] where nothing gives the variable."""
    members = candidates(operation)
    every = [m for m in operation.members() if m.is_scalar and not m.path.endswith("{}")]
    keys = [m for m in operation.members() if m.path.endswith("{}") and m.depth < 2]
    out = {}
    last = last_variable(typ)
    best_last = 0
    scores = {}
    for variable in typ.variables() + [v for v in ("Region", "Account") if "${%s}" % v in typ.pattern]:
        names = lookup(aliases, typ, variable)
        if names == ["-"]:
            continue
        if names:
            chosen = alias_sources(every + keys, names)
            score = 99
        elif variable in ("Region", "Account"):
            continue
        else:
            scored = [(score_variable(operation, typ, variable, m, alone), i, m.path) for i, m in enumerate(members)]
            chosen = pick(scored, members)
            score = max([s for s, _, _ in scored] or [0])
        if chosen:
            out[variable] = chosen
            scores[variable] = score
            if variable == last:
                best_last = score
    for variable in [v for v in out if is_taken(out, scores, v)]:
        del out[variable]
        if variable == last:
            best_last = 0
    names = lookup(aliases, typ, "@")
    if names == ["-"]:
        return out
    if names:
        chosen = alias_sources(members, names)
        if chosen:
            out["@"] = chosen
            return out
    scored = [(score_arn(operation, typ, m, tagging), i, m.path) for i, m in enumerate(members)]
    chosen = pick(scored, members)
    best_arn = max([s for s, _, _ in scored] or [0])
    if chosen and (best_arn > best_last or best_arn >= 84):
        out["@"] = chosen
    if not [v for v in out if v not in ("Region", "Account")]:
        return {}
    return out


# Members that end like a type's name and are no resource of the caller's: a phone number that is called, a count.
NOT_OURS = re.compile(r"^(Destination(Phone)?Number|Num[A-Z].*|Max[A-Z].*)$", re.I)


def told_by_name(operation, typ):
    """Sources for a type that a call need not name and that the closer rules find no member for: every member whose
    name ends in the type's. Where a member holds the other kind of name (a launch template's name, whose ARN holds its
    id), the type is known and any of it is meant. Nothing where the ARN has more than one variable."""
    what = singular(norm(typ.name))
    if len(typ.variables()) != 1 or len(what) < 3:
        return []
    kind = stem(typ.variables()[0])[1]
    out = []
    for m in operation.members():
        if m.depth > 4 or not usable(m) or m.is_enum or m.path.endswith("{}") or m.shape["type"] != "string" \
                or m.sensitive or NOT_OURS.match(m.leaf) or made_elsewhere(operation, typ, m):
            continue
        leaf, its = stem(m.leaf)
        leaf = singular(leaf)
        if not leaf or not (leaf == what or leaf.endswith(what)) or leaf.startswith("new"):
            continue
        other = {its, kind} in ({"id", "name"}, {"identifier", "id"}, {"uuid", "name"}) and its != "identifier"
        out.append(m.path + ("|any" if other else ""))
    return out[:8]


OTHER_ENDS = re.compile(r"^(source|target|destination|existing|new|original)(?=[A-Z])", re.I)


def both_ends(operation, typ):
    """Sources for the name of a type that a call must name and does so twice: what is copied and what it becomes."""
    last = last_variable(typ)
    if not last or stem(last)[1] not in ("name", "identifier", ""):
        return []
    what = {singular(norm(typ.name)), stem(last)[0]} - {""}
    out = []
    for m in operation.members():
        if m.depth or not usable(m) or m.is_enum or m.path.endswith("{}") or not OTHER_ENDS.match(m.leaf):
            continue
        leaf, kind = stem(OTHER_ENDS.sub("", m.leaf))
        if singular(leaf) in what and kind in ("name", "identifier", ""):
            out.append(m.path)
    return out


def with_other_names(operation, sources):
    """Beside a member XId the one XName that a call may give in its place: of the resource then the type is known."""
    paths = {m.path for m in operation.members()}
    more = [s[:-2] + "Name|any" for s in sources if re.search(r"\wId$", s) and s[:-2] + "Name" in paths]
    return sources + [m for m in more if m not in sources]


def passed_roles(operation, sure=False):
    """Paths of the members that hold a role to pass. sure: the call is known to pass one."""
    if not sure and (READ.match(operation.name) or
                     operation.name.startswith(("Delete", "Remove", "Disassociate", "Detach"))):
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
