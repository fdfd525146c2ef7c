/* resolve-value.c - mapping: finds the members of a call that a table row names, and applies its
 * transforms and conditions (mappings/README, "BINDINGS", "WHEN"). */
#include "config.h"

#include "base/url.h"
#include "call/arn.h"
#include "mapping/name-fold.h"
#include "mapping/partiql.h"
#include "mapping/resolve.h"

/* What is known under one name: a mount target is of one file system, an alias was of few keys. */
enum { LIMIT_KNOWN = 8 };

void resolve_params(struct resolver *r)
{
	const struct call *call = r->call;
	char buffer[FOLD_MAX];
	r->params = arena_alloc(r->arena, (call->n_params + 1) * sizeof *r->params);
	r->n_params = 0;
	for (size_t i = 0; i < call->n_params; i++) {
		struct rparam *p = &r->params[i];
		struct span value = call->params[i].value;
		bool again = i && span_eq(call->params[i].path, call->params[i - 1].path);
		if (again) {
			*p = p[-1];
		} else {
			struct folded f = fold_path(call->params[i].path, call->name, buffer);
			p->path = arena_span(r->arena, f.path);
			p->leaf = fold_leaf(p->path);
			p->through_set = f.through_set;
		}
		/* Some services log what stands in the path of a request as it was sent. */
		if (span_starts_ci(value, SPAN_LIT("arn%3a")))
			value = url_decode(r->arena, value, false);
		p->value = value;
		p->param = &call->params[i];
		p->again = again;
		r->n_params++;
		r->through_set |= p->through_set;
		r->n_arns += span_starts(value, SPAN_LIT("arn:"));
		ptrdiff_t mark = span_chr(p->param->path, '[');
		r->n_elements += mark > 0 && p->param->path.p[mark + 1] != ']';
	}
}

/* ---- members */

/* Whether a folded path in a call is the one a row names; "x{*}" there stands for "x{*}" and for x
 * with any one member. */
static bool path_is(struct span path, struct span want)
{
	if (span_chr(want, '{') < 0)
		return span_eq(path, want);
	while (want.p && path.p) {
		struct span w = span_cut(&want, '.'), p = span_cut(&path, '.');
		if (span_eq(w, p))
			continue;
		if (!span_ends(w, SPAN_LIT("{*}")) || !span_eq(span_sub(w, 0, w.n - 3), p) ||
		    !path.p)
			return false;
		span_cut(&path, '.');
	}
	return !want.p && !path.p;
}

/* path with its last segment replaced by leaf. */
static bool path_is_spelled(struct span path, struct span want, struct span leaf)
{
	size_t head = want.n - fold_leaf(want).n;
	return path.n == head + leaf.n && span_starts(path, span_sub(want, 0, head)) &&
	       span_ends(path, leaf);
}

enum match { BY_PATH, BY_SPELLING, BY_LEAF, MATCHES };

struct wanted { /* a part's member, and what a parameter is compared with */
	struct span path, leaf;
	bool braces;
	const str_ref *names;
	size_t n_names;
};

static struct wanted wanted_of(const struct image_part *part)
{
	struct wanted w = {.path = image_str(&part->path)};
	w.leaf = fold_leaf(w.path);
	w.braces = span_chr(w.path, '{') >= 0;
	w.names = image_list(&part->names, &w.n_names);
	return w;
}

static bool matches(const struct rparam *p, const struct wanted *w, enum match how)
{
	if (how == BY_PATH)
		return w->braces ? path_is(p->path, w->path) : span_eq(p->path, w->path);
	if (how == BY_LEAF && (!p->through_set || w->braces))
		return false;
	if (how == BY_LEAF && span_eq(p->leaf, w->leaf))
		return true;
	for (size_t i = 0; i < w->n_names; i++) {
		struct span name = image_str(&w->names[i]);
		if (how == BY_LEAF ? span_eq(p->leaf, name)
		                   : path_is_spelled(p->path, w->path, name))
			return true;
	}
	return false;
}

const struct rparam **resolve_find(struct resolver *r, const struct image_part *part, size_t *n)
{
	struct wanted w = wanted_of(part);
	const struct rparam **found = NULL;
	*n = 0;
	for (enum match how = BY_PATH; how < MATCHES && !*n; how++) {
		if ((how == BY_SPELLING && !w.n_names) || (how == BY_LEAF && !r->through_set))
			continue;
		bool hit = false;
		for (size_t i = 0; i < r->n_params; i++) {
			const struct rparam *p = &r->params[i];
			if (!p->again) /* a hundred types ask for each of hundreds of items */
				hit = matches(p, &w, how);
			if (!hit || resolve_is_elsewhere(r, p->param->path))
				continue;
			if (!found)
				found = arena_alloc(r->arena, r->n_params * sizeof *found);
			found[(*n)++] = p;
		}
	}
	return found;
}

static bool is_inside(struct span path, struct span want)
{
	return path.n > want.n && span_starts(path, want) &&
	       (path.p[want.n] == '.' || path.p[want.n] == '{');
}

bool resolve_is_present(const struct resolver *r, const struct image_part *part)
{
	struct wanted w = wanted_of(part);
	for (size_t i = 0; i < r->n_params; i++) {
		const struct rparam *p = &r->params[i];
		if (p->again || resolve_is_elsewhere(r, p->param->path))
			continue;
		if (matches(p, &w, BY_PATH) || is_inside(p->path, w.path) ||
		    matches(p, &w, BY_SPELLING) || matches(p, &w, BY_LEAF))
			return true;
		for (size_t k = 0; k < w.n_names; k++)
			if (is_inside(p->path, image_str(&w.names[k])))
				return true;
	}
	return false;
}

/* ---- transforms */

static struct span segment(struct span s, int32_t number)
{
	struct span rest = s, piece = SPAN_NONE;
	int32_t n = 1;
	for (struct span t = s; number < 0 && t.p;) {
		span_cut(&t, '/');
		n += t.p ? 1 : 0;
	}
	int32_t want = number < 0 ? n + number : number - 1;
	for (int32_t i = 0; i <= want && rest.p; i++) {
		piece = span_cut(&rest, '/');
		if (i == want)
			return piece.n ? piece : SPAN_NONE;
	}
	return SPAN_NONE;
}

static struct span field(struct span s, int32_t number)
{
	struct arn a;
	struct span f;
	if (!arn_parse(s, &a))
		return SPAN_NONE;
	switch (number) {
	case 2: f = a.partition; break;
	case 3: f = a.service; break;
	case 4: f = a.region; break;
	case 5: f = a.account; break;
	case 6: f = a.rest; break;
	default: return SPAN_NONE;
	}
	return f.n ? f : SPAN_NONE;
}

static struct span name_of(struct span s)
{
	struct arn a;
	if (!arn_parse(s, &a))
		return s;
	size_t i = 0;
	while (i < a.rest.n && a.rest.p[i] != '/' && a.rest.p[i] != ':')
		i++;
	return i < a.rest.n ? span_from(a.rest, i + 1) : a.rest;
}

/* name, name:qualifier, ACCOUNT:function:name[:qualifier], arn:...:function:name[:qualifier]. */
static struct span unqualify(struct span s)
{
	struct arn a;
	struct span rest = s, at = SPAN_LIT("function:");
	if (arn_parse(s, &a)) {
		ptrdiff_t colon;
		if (!span_starts(a.rest, at))
			return SPAN_NONE;
		rest = span_from(a.rest, at.n);
		colon = span_chr(rest, ':');
		return colon < 0 ? s : span_sub(s, 0, (size_t)(rest.p - s.p) + (size_t)colon);
	}
	ptrdiff_t function = span_find(s, SPAN_LIT(":function:"));
	if (function >= 0)
		rest = span_from(s, (size_t)function + 1 + at.n);
	ptrdiff_t colon = span_chr(rest, ':');
	return colon < 0 ? rest : span_sub(rest, 0, (size_t)colon);
}

/* All but what RFC 3986 calls unreserved, as API Gateway has ARNs in the paths of its tags. */
static struct span url_encode(struct span s, struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(arena, 3 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (ascii_alpha(s.p[i]) || ascii_digit(s.p[i]) || strchr("-._~", c ? c : ' ')) {
			out[n++] = s.p[i];
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	out[n] = '\0';
	return span_make(out, n);
}

/* The access point behind an alias, NAME-METADATA-s3alias or NAME-METADATA--ol-s3 (S3 user guide,
 * access point aliases; Object Lambda). */
static struct span of_s3_alias(struct span s)
{
	struct span own = SPAN_LIT("-s3alias"), lambda = SPAN_LIT("--ol-s3");
	if (span_ends(s, own))
		s.n -= own.n;
	else if (span_ends(s, lambda))
		s.n -= lambda.n;
	else
		return SPAN_NONE;
	ptrdiff_t dash = span_rchr(s, '-');
	return dash > 0 ? span_sub(s, 0, (size_t)dash) : SPAN_NONE;
}

static struct span lower(struct span s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		out[i] = ascii_lower(s.p[i]);
	return span_make(out, s.n);
}

static struct span last_of(struct span s, struct span mark)
{
	ptrdiff_t at;
	while ((at = span_find(s, mark)) >= 0)
		s = span_from(s, (size_t)at + mark.n);
	return s;
}

static struct span transform(struct resolver *r, const struct image_transform *t, struct span s)
{
	struct span arg = image_str(&t->arg);
	struct partiql statement;
	struct arn a;
	ptrdiff_t at;
	switch ((enum transform_kind)t->kind) {
	case TR_BASENAME: return (at = span_rchr(s, '/')) < 0 ? s : span_from(s, (size_t)at + 1);
	case TR_SEGMENT: return segment(s, t->number);
	case TR_NOSLASH:
		while (s.n && s.p[0] == '/')
			s = span_from(s, 1);
		return s;
	case TR_BEFORE: return (at = span_find(s, arg)) < 0 ? s : span_sub(s, 0, (size_t)at);
	case TR_AFTER:
		return (at = span_find(s, arg)) < 0 ? SPAN_NONE : span_from(s, (size_t)at + arg.n);
	case TR_LAST: return last_of(s, arg);
	case TR_UNQUALIFY: return unqualify(s);
	case TR_FIELD: return field(s, t->number);
	case TR_NAME: return name_of(s);
	case TR_ARN: return arn_parse(s, &a) ? s : SPAN_NONE;
	case TR_NOARN: return arn_parse(s, &a) ? SPAN_NONE : s;
	case TR_LIKE: return span_glob(s, arg, false) ? s : SPAN_NONE;
	case TR_UNLIKE: return span_glob(s, arg, false) ? SPAN_NONE : s;
	case TR_LOWER: return lower(s, r->arena);
	case TR_URLDECODE: return url_decode(r->arena, s, false);
	case TR_ACCOUNT: return arn_is_account(s) ? s : SPAN_NONE;
	case TR_PARTIQL: return partiql_parse(s, &statement) ? statement.table : SPAN_NONE;
	case TR_PARTIQL_INDEX: return partiql_parse(s, &statement) ? statement.index : SPAN_NONE;
	case TR_URLENCODE: return url_encode(s, r->arena);
	case TR_ANY: return SPAN_LIT("*");
	case TR_AS: return arg;
	case TR_S3ALIAS: return of_s3_alias(s);
	case TR_KNOWN: /* gives several: transformed */
	case TR_N: break;
	}
	return SPAN_NONE;
}

/* What one value became: one, or what was known under it. */
struct texts {
	struct arena *arena;
	struct span text[LIMIT_KNOWN];
	size_t n;
};

static void add_text(void *to, struct span text)
{
	struct texts *t = to;
	if (t->n < LIMIT_KNOWN && text.n)
		t->text[t->n++] = arena_span(t->arena, text);
}

/* The names of the region's own; the store answers one question at a time. */
static void known(struct resolver *r, struct span kind, struct texts *t)
{
	struct texts found = {.arena = r->arena};
	for (size_t i = 0; r->env && r->env->iam_arns && i < t->n; i++)
		r->env->iam_arns(r->env->data, kind,
		                 arena_printf(r->arena, "%.*s/%.*s", SPAN_ARG(r->call->region),
		                              SPAN_ARG(t->text[i])),
		                 r->call->account, add_text, &found);
	*t = found;
}

static void transformed(struct resolver *r, const struct image_part *part, struct span s,
                        struct texts *out)
{
	size_t n;
	const struct image_transform *t = image_list(&part->transforms, &n);
	*out = (struct texts){.arena = r->arena, .text = {s}, .n = 1};
	for (size_t i = 0; i < n; i++) {
		size_t kept = 0;
		if (t[i].kind == TR_KNOWN) {
			known(r, image_str(&t[i].arg), out);
			continue;
		}
		for (size_t k = 0; k < out->n; k++)
			if ((s = transform(r, &t[i], out->text[k])).n)
				out->text[kept++] = s;
		out->n = kept;
	}
}

/* Whether what the transforms gave stands for any name, and is no name itself. */
static bool gives_any(const struct image_part *part)
{
	size_t n;
	const struct image_transform *t = image_list(&part->transforms, &n);
	return n && t[n - 1].kind == TR_ANY;
}

/* ---- values */

struct span resolve_pattern(struct resolver *r, struct span pattern)
{
	struct span out = SPAN_LIT("");
	for (struct span rest = pattern; rest.p;) {
		struct span piece = arn_escape(span_cut(&rest, '*'), r->arena, &r->replaced);
		out = arena_printf(r->arena, "%.*s%.*s%s", SPAN_ARG(out), SPAN_ARG(piece),
		                   rest.p ? "*" : "");
	}
	return out;
}

struct span resolve_text(struct resolver *r, struct value v)
{
	if (v.policy)
		return v.text;
	/* CloudWatch Logs writes the ARN of a group as "...:log-group:NAME:*", its own wildcard. */
	if (span_starts(v.text, SPAN_LIT("arn:")) && span_ends(v.text, SPAN_LIT(":*")) &&
	    span_find(v.text, SPAN_LIT(":logs:")) > 0) {
		struct span head = span_sub(v.text, 0, v.text.n - 1);
		return arena_printf(r->arena, "%.*s*",
		                    SPAN_ARG(arn_escape(head, r->arena, &r->replaced)));
	}
	return arn_escape(v.text, r->arena, &r->replaced);
}

/* A folded parameter stands for all that begin with its value. */
static struct value prefix_value(struct resolver *r, struct span prefix)
{
	struct span head = arn_escape(prefix, r->arena, &r->replaced);
	return (struct value){.text = arena_printf(r->arena, "%.*s*", SPAN_ARG(head)),
	                      .policy = true};
}

/* A pattern's '*' stand for any text, what is between them for itself. */
static struct value pattern_value(struct resolver *r, struct span pattern)
{
	return (struct value){.text = resolve_pattern(r, pattern), .policy = true};
}

static struct values one_text(struct resolver *r, struct span text, bool policy)
{
	struct values out = {arena_alloc(r->arena, sizeof *out.v), 1};
	out.v[0] = (struct value){.text = text, .policy = policy};
	return out;
}

/* Whether the call tells what it left out: not where its parameters are cut, nor where it was
 * refused and nothing of it is recorded. */
static bool tells_absence(const struct resolver *r)
{
	const struct call *call = r->call;
	return !call->params_cut && (call->outcome != OUTCOME_DENIED || call->n_params);
}

struct values resolve_part(struct resolver *r, const struct image_part *part)
{
	struct values out = {NULL, 0};
	size_t n;
	if (!part->path)
		return one_text(r, image_str(&part->text), true);
	if (span_is(image_str(&part->path), CALLER))
		return r->call->principal.type == PRINCIPAL_USER && tells_absence(r)
		               ? one_text(r, r->call->principal.arn, false)
		               : out;
	const struct rparam **found = resolve_find(r, part, &n);
	for (size_t i = 0; i < n; i++) {
		const struct param *p = found[i]->param;
		if (r->focus.only && span_eq(found[i]->path, r->focus.path) &&
		    found[i] != r->focus.only)
			continue;
		if (p->state == PARAM_PRESENT || p->state == PARAM_HIDDEN)
			continue;
		struct texts t;
		transformed(r, part, found[i]->value, &t);
		if (!out.v)
			out.v = arena_alloc(r->arena, n * LIMIT_KNOWN * sizeof *out.v);
		for (size_t k = 0; k < t.n; k++)
			if (p->state == PARAM_PATTERN && !gives_any(part))
				out.v[out.n++] = pattern_value(r, t.text[k]);
			else if (p->state != PARAM_PREFIX)
				out.v[out.n++] = (struct value){.text = t.text[k],
				                                .policy = gives_any(part)};
			else if (span_eq(t.text[k], found[i]->value))
				out.v[out.n++] = prefix_value(r, t.text[k]);
	}
	return out;
}

/* Two lists of texts put together, each with each; one of them has a single text, or nothing is
 * given: which of several belong together is not known. */
static struct values join(struct resolver *r, struct values a, struct values b)
{
	struct values out = {NULL, 0};
	if (!a.n || !b.n || (a.n > 1 && b.n > 1))
		return out;
	size_t n = a.n > b.n ? a.n : b.n;
	out.v = arena_alloc(r->arena, n * sizeof *out.v);
	for (size_t i = 0; i < n; i++) {
		struct span x = resolve_text(r, a.v[a.n > 1 ? i : 0]);
		struct span y = resolve_text(r, b.v[b.n > 1 ? i : 0]);
		out.v[out.n++] = (struct value){
		        .text = arena_printf(r->arena, "%.*s%.*s", SPAN_ARG(x), SPAN_ARG(y)),
		        .policy = true};
	}
	return out;
}

static struct values unite(struct resolver *r, struct values a, struct values b)
{
	if (!a.n || !b.n)
		return a.n ? a : b;
	struct values out = {arena_alloc(r->arena, (a.n + b.n) * sizeof *out.v), a.n + b.n};
	memcpy(out.v, a.v, a.n * sizeof *a.v);
	memcpy(out.v + a.n, b.v, b.n * sizeof *b.v);
	return out;
}

/* Whether the call has the member, of which the store kept only what many have in common. */
static bool is_folded(struct resolver *r, const struct image_part *part)
{
	size_t n = 0;
	const struct rparam **p = part->path ? resolve_find(r, part, &n) : NULL;
	for (size_t i = 0; p && i < n; i++)
		if (p[i]->param->state == PARAM_PREFIX || p[i]->param->state == PARAM_PATTERN)
			return true;
	return false;
}

struct values resolve_parts(struct resolver *r, const list_ref *parts)
{
	size_t n, i = 0;
	const struct image_part *part = image_list(parts, &n);
	while (i < n) {
		struct values all = {NULL, 0};
		uint32_t join_next;
		/* what the API takes where the member before it is absent */
		bool is_default = i && !part[i].path && part[i].join == JOIN_END;
		if (is_default && (!tells_absence(r) || is_folded(r, &part[i - 1])))
			break;
		do {
			struct values term = resolve_part(r, &part[i]);
			while ((join_next = part[i].join) == JOIN_TEXT && i + 1 < n)
				term = join(r, term, resolve_part(r, &part[++i]));
			all = unite(r, all, term);
			i++;
		} while (join_next == JOIN_UNION && i < n);
		if (all.n)
			return all;
	}
	return (struct values){NULL, 0};
}

bool resolve_is_given(struct resolver *r, const list_ref *parts)
{
	size_t n, found;
	const struct image_part *part = image_list(parts, &n);
	for (size_t i = 0; i < n; i++) {
		const struct rparam **p = part[i].path ? resolve_find(r, &part[i], &found) : NULL;
		for (size_t k = 0; p && k < found; k++)
			if (p[k]->param->state == PARAM_VALUE)
				return true;
	}
	return false;
}

/* ---- conditions */

static bool test_value(const struct image_test *t, struct span value)
{
	struct span text = image_str(&t->text);
	value = span_trim(value);
	switch ((enum test_kind)t->kind) {
	case TEST_IS: return span_eq_ci(value, text);
	case TEST_IS_NOT: return !span_eq_ci(value, text);
	case TEST_LIKE: return span_glob(value, text, true);
	case TEST_UNLIKE: return !span_glob(value, text, true);
	default: return true;
	}
}

static bool test_holds(struct resolver *r, const struct image_test *t)
{
	size_t n;
	const struct image_part *part = image_list(&t->part, &n);
	if (!part->transforms && (t->kind == TEST_PRESENT || t->kind == TEST_ABSENT))
		return resolve_is_present(r, part) == (t->kind == TEST_PRESENT);
	struct values v = resolve_part(r, part);
	if (t->kind == TEST_ABSENT)
		return v.n == 0;
	for (size_t i = 0; i < v.n; i++)
		if (test_value(t, v.v[i].text))
			return true;
	return false;
}

bool resolve_tests(struct resolver *r, const list_ref *tests)
{
	size_t n;
	const struct image_test *t = image_list(tests, &n);
	for (size_t i = 0; i < n; i++)
		if (!test_holds(r, &t[i]))
			return false;
	return true;
}
