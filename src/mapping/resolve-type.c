/* resolve-type.c - mapping: the resource ARNs of one action, resource type by resource type, by
 * order of trust: resources[] of the event, its parameters, the denial message, '*' in the segments
 * that stay unknown. */
#include "config.h"

#include "call/arn.h"
#include "mapping/members.h"
#include "mapping/resolve.h"

/* The variables of the longest patterns of the reference are six. */
enum { LIMIT_VARIABLES = 16 };

/* ---- ARNs built from parameters */

enum place { IN_PARTITION, IN_SERVICE, IN_REGION, IN_ACCOUNT, IN_REST };

struct variable {
	struct span name;
	enum place place;
	struct values values; /* n 0: unknown */
};

struct pattern {
	struct span text;
	struct variable variable[LIMIT_VARIABLES];
	size_t n;
};

static void parse_pattern(struct span text, struct pattern *p)
{
	struct span rest = text, piece;
	bool variable;
	int colons = 0;
	p->text = text;
	p->n = 0;
	while ((piece = arn_piece(&rest, &variable)).p) {
		for (size_t i = 0; !variable && i < piece.n; i++)
			colons += piece.p[i] == ':';
		if (variable && p->n < LIMIT_VARIABLES)
			p->variable[p->n++] = (struct variable){piece,
			                                        colons <= 1   ? IN_PARTITION
			                                        : colons == 2 ? IN_SERVICE
			                                        : colons == 3 ? IN_REGION
			                                        : colons == 4 ? IN_ACCOUNT
			                                                      : IN_REST,
			                                        {NULL, 0}};
	}
}

static const struct image_binding *find_binding(const struct image_binding *b, size_t n,
                                                struct span variable)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(image_str(&b[i].variable), variable))
			return &b[i];
	return NULL;
}

static bool is_region(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && s.p[i] != '-' && (s.p[i] < 'a' || s.p[i] > 'z'))
			return false;
	return s.n > 0;
}

/* The ARN of what a resource is part of, given where its name is wanted: a table's in TableName, a
 * layer's in LayerName. It fits the pattern up to and with that variable, and names nothing below.
 * SPAN_NONE if it does not. */
static struct span parent_arn(struct resolver *r, struct span pattern, const struct variable *v,
                              struct span arn)
{
	struct arn a;
	struct span mark = arena_printf(r->arena, "${%.*s}", SPAN_ARG(v->name));
	ptrdiff_t at = span_find(pattern, mark);
	size_t end = at < 0 ? 0 : (size_t)at + mark.n;
	if (v->place != IN_REST || !end || end == pattern.n || !arn_parse(arn, &a))
		return SPAN_NONE;
	if (span_ends(arn, SPAN_LIT(":*")))
		arn.n -= 2; /* as CloudWatch Logs writes the ARN of a group */
	struct span head = span_sub(pattern, 0, end);
	char next = pattern.p[end];
	if (!arn_matches(head, arn) || span_count(head, next) != span_count(arn, next))
		return SPAN_NONE;
	return arn;
}

/* Keeps of the values those that pass for a variable; whole ARNs of the type go to f. */
static struct values sift(struct resolver *r, const struct sar_type *t, struct span pattern,
                          const struct variable *v, struct values in, struct found *f)
{
	struct values out = {in.v, 0};
	bool takes_arn = span_ends_ci(v->name, SPAN_LIT("arn"));
	for (size_t i = 0; i < in.n; i++) {
		struct span text = in.v[i].text;
		if (v->place == IN_ACCOUNT && !arn_is_account(text) && !span_is(text, "aws") &&
		    !in.v[i].policy)
			continue;
		if (v->place == IN_REGION && !is_region(text) && !in.v[i].policy)
			continue;
		if (span_starts(text, SPAN_LIT("arn:")) && !takes_arn) {
			r->replaced = 0;
			struct span parent = parent_arn(r, pattern, v, text);
			if (sar_type_matches(t, text))
				resolve_put(r, f, resolve_text(r, in.v[i]), ORIGIN_PARAMETER);
			else if (parent.p)
				out.v[out.n++] = (struct value){.text = parent, .parent = true};
			continue;
		}
		out.v[out.n++] = in.v[i];
	}
	return out;
}

static struct values one_value(struct resolver *r, struct span text)
{
	struct values v = {arena_alloc(r->arena, sizeof *v.v), 1};
	v.v[0] = (struct value){.text = text, .policy = true};
	return v;
}

static void event_value(struct resolver *r, struct variable *v)
{
	if (v->place == IN_PARTITION || span_is(v->name, "Partition"))
		v->values = one_value(r, r->partition);
	else if (v->place == IN_REGION || span_is(v->name, "Region"))
		v->values = one_value(r, r->region);
	else if (v->place == IN_ACCOUNT || span_is(v->name, "Account"))
		v->values = one_value(r, r->account);
}

/* A call that takes a path, such as CreateRole, means "/" when it names none
 * (docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html). */
static bool tells_its_path(const struct resolver *r, const struct image_binding *b)
{
	size_t n = 0;
	const struct image_part *part =
	        b && !r->call->params_cut ? image_list(&b->parts, &n) : NULL;
	for (size_t i = 0; i < n; i++)
		if (span_is(image_str(&part[i].path), "path"))
			return true;
	return false;
}

/* An IAM name in a variable "...WithPath" may have a path that the call does not show. */
static void add_paths(struct resolver *r, const struct sar_type *t, struct pattern *p,
                      struct variable *v, struct found *f)
{
	struct values out = {NULL, 0};
	struct span account = r->account;
	for (size_t i = 0; i < p->n; i++)
		if (p->variable[i].place == IN_ACCOUNT && p->variable[i].values.n == 1)
			account = p->variable[i].values.v[0].text;
	for (size_t i = 0; i < v->values.n; i++) {
		struct value name = v->values.v[i];
		struct values more = {&name, 1};
		if (!name.policy && span_chr(name.text, '/') < 0)
			more = resolve_iam_name(r, sar_type_name(t), name.text, account);
		for (size_t k = 0; k < more.n; k++) {
			if (span_starts(more.v[k].text, SPAN_LIT("arn:"))) {
				resolve_put(r, f, more.v[k].text, ORIGIN_PARAMETER);
				continue;
			}
			struct values wider = {arena_alloc(r->arena, (out.n + 1) * sizeof *wider.v),
			                       out.n};
			if (out.n)
				memcpy(wider.v, out.v, out.n * sizeof *out.v);
			wider.v[wider.n++] = more.v[k];
			out = wider;
		}
	}
	v->values = out;
}

/* Lists of one parent whose elements belong together cannot be told apart once they are more than
 * one: the later variable stays unknown. */
static bool same_parent(const struct image_binding *a, const struct image_binding *b)
{
	size_t n;
	const struct image_part *x = image_list(&a->parts, &n), *y = image_list(&b->parts, &n);
	struct span p = image_str(&x->path), q = image_str(&y->path);
	ptrdiff_t i = span_rchr(p, '.'), k = span_rchr(q, '.');
	return i > 0 && i == k && memcmp(p.p, q.p, (size_t)i) == 0;
}

static void limit_combinations(struct pattern *p, const struct image_binding *b, size_t n)
{
	size_t total = 1;
	for (size_t i = 0; i < p->n; i++) {
		struct variable *v = &p->variable[i];
		const struct image_binding *own = find_binding(b, n, v->name);
		for (size_t k = 0; k < i && v->values.n > 1; k++) {
			const struct image_binding *other = find_binding(b, n, p->variable[k].name);
			if (own && other && p->variable[k].values.n > 1 && same_parent(own, other))
				v->values.n = 0;
		}
		if (v->values.n > 1 && total * v->values.n > LIMIT_COMBINATIONS && total > 1)
			v->values.n = 0;
		total *= v->values.n ? v->values.n : 1;
	}
}

static struct span write_pattern(struct resolver *r, const struct pattern *p, const size_t *choice,
                                 bool *whole)
{
	struct span rest = p->text, piece, out = SPAN_NONE;
	bool variable;
	size_t i = 0, room = p->text.n + 1, n = 0;
	struct span texts[LIMIT_VARIABLES];
	for (size_t k = 0; k < p->n; k++) {
		const struct variable *v = &p->variable[k];
		texts[k] = v->values.n ? resolve_text(r, v->values.v[choice[k]]) : SPAN_LIT("*");
		if (span_is(texts[k], "*"))
			*whole = false;
		room += texts[k].n;
	}
	char *to = arena_alloc(r->arena, room);
	while ((piece = arn_piece(&rest, &variable)).p) {
		if (variable)
			piece = i < p->n ? texts[i] : SPAN_LIT("*");
		if (variable && i < p->n && p->variable[i].values.n &&
		    p->variable[i].values.v[choice[i]].parent)
			n = 0;
		i += variable;
		memcpy(to + n, piece.p, piece.n);
		n += piece.n;
	}
	out = span_make(to, n);
	return out;
}

/* Each combination of the variables' values. */
static void write_all(struct resolver *r, const struct pattern *p, struct found *f)
{
	size_t choice[LIMIT_VARIABLES] = {0};
	for (;;) {
		bool whole = true;
		size_t i = 0;
		r->replaced = 0;
		struct span text = write_pattern(r, p, choice, &whole);
		resolve_put(r, f, text, whole ? ORIGIN_PARAMETER : ORIGIN_PARTIAL);
		while (i < p->n && ++choice[i] >= p->variable[i].values.n)
			choice[i++] = 0;
		if (i == p->n)
			return;
	}
}

/* One pattern with its variables bound. Whole ARNs go to f at once; what is built goes there if it
 * is complete or if partial ones are asked for. */
static void from_pattern(struct resolver *r, const struct sar_type *t, struct span text,
                         const struct image_binding *b, size_t n, bool partial, struct found *f)
{
	struct pattern p;
	bool bound = false, complete = true, rest = false, only_arns = false;
	parse_pattern(text, &p);
	for (size_t i = 0; i < p.n; i++) {
		struct variable *v = &p.variable[i];
		const struct image_binding *own = find_binding(b, n, v->name);
		size_t before = f->n;
		if (own) {
			struct values given = resolve_parts(r, &own->parts);
			v->values = sift(r, t, text, v, given, f);
			f->unfit |= !v->values.n && f->n == before && v->place == IN_REST &&
			            resolve_is_given(r, &own->parts);
			only_arns |= given.n && !v->values.n && f->n > before;
			bound |= v->values.n > 0;
		}
		if (!v->values.n)
			event_value(r, v);
	}
	for (size_t i = 0; i < p.n; i++) {
		size_t before = f->n;
		struct variable *v = &p.variable[i];
		if (span_ends(v->name, SPAN_LIT("WithPath")) &&
		    !tells_its_path(r, find_binding(b, n, v->name)))
			add_paths(r, t, &p, v, f);
		only_arns |= f->n > before && !p.variable[i].values.n;
	}
	/* All that was named was named by whole ARNs. */
	if (only_arns)
		return;
	limit_combinations(&p, b, n);
	for (size_t i = 0; i < p.n; i++)
		if (p.variable[i].place == IN_REST) {
			rest = true;
			complete &= p.variable[i].values.n > 0;
		}
	/* "cert:*" stands for all certificates: a call that could have named one, and does not, is about
	 * none; "dashboards/default" is the only one there is. */
	bool unnamed = span_ends(text, SPAN_LIT("*")) && find_binding(b, n, SPAN_LIT("@"));
	if ((complete && (bound || (!rest && !unnamed))) || partial)
		write_all(r, &p, f);
}

/* True if the members hold ARNs, of the type or of others. */
static bool from_whole(struct resolver *r, const struct sar_type *t,
                       const struct image_binding *whole, struct found *f)
{
	struct values v = resolve_parts(r, &whole->parts);
	bool any = false;
	for (size_t i = 0; i < v.n; i++) {
		bool arn = span_starts(v.v[i].text, SPAN_LIT("arn:"));
		any |= arn;
		r->replaced = 0;
		if (arn && sar_type_matches(t, v.v[i].text))
			resolve_put(r, f, resolve_text(r, v.v[i]), ORIGIN_PARAMETER);
		else
			f->unfit = true;
	}
	f->unfit |= !v.n && resolve_is_given(r, &whole->parts);
	return any;
}

static void from_bindings(struct resolver *r, const struct sar_type *t,
                          const struct image_binding *b, size_t n, bool partial, struct found *f)
{
	const struct image_binding *whole = find_binding(b, n, SPAN_LIT("@"));
	size_t n_patterns, before = f->n;
	const str_ref *patterns = image_list(&t->patterns, &n_patterns);
	/* A type of one resource alone (API Gateway's account) is not meant by an ARN of another.
	 */
	if (whole && from_whole(r, t, whole, f) && n == 1 && !partial)
		return;
	for (size_t i = 0; f->n == before && i < n_patterns; i++)
		from_pattern(r, t, image_str(&patterns[i]), b, n, partial, f);
}

/* The member from which more than one variable is taken and of which the call has several: its
 * elements are looked at one by one. */
static const struct rparam **shared_list(struct resolver *r, const struct image_binding *b,
                                         size_t n, size_t *n_found)
{
	for (size_t i = 0; i < n; i++) {
		size_t n_parts;
		const struct image_part *part = image_list(&b[i].parts, &n_parts);
		for (size_t k = 0; k < n_parts; k++) {
			bool shared = false;
			for (size_t j = 0; j < n && !shared; j++) {
				size_t m;
				const struct image_part *other = image_list(&b[j].parts, &m);
				for (size_t l = 0; j != i && l < m; l++)
					shared |= part[k].path && span_eq(image_str(&other[l].path),
					                                  image_str(&part[k].path));
			}
			if (!shared)
				continue;
			const struct rparam **found = resolve_find(r, &part[k], n_found);
			if (*n_found > 1)
				return found;
		}
	}
	*n_found = 0;
	return NULL;
}

/* What one of several elements gave, added to what the others did. */
static void merge(struct resolver *r, const struct found *one, struct found *f)
{
	for (size_t k = 0; k < one->n; k++) {
		r->replaced = one->replaced[k];
		resolve_put(r, f, one->text[k], one->origin[k]);
	}
	f->unfit |= one->unfit;
}

static void from_element(struct resolver *r, const struct sar_type *t,
                         const struct image_binding *b, size_t n, bool partial, struct found *f)
{
	size_t elements;
	const struct rparam **list = shared_list(r, b, n, &elements);
	if (!list) {
		from_bindings(r, t, b, n, partial, f);
		return;
	}
	for (size_t i = 0; i < elements; i++) {
		struct found one = {0};
		r->focus = (struct focus){list[i]->path, list[i]};
		from_bindings(r, t, b, n, partial, &one);
		merge(r, &one, f);
	}
	r->focus = (struct focus){SPAN_NONE, NULL};
}

/* Of a list whose elements the call tells apart, each is looked at by itself. */
static void from_parameters(struct resolver *r, const struct sar_type *t,
                            const struct image_binding *b, size_t n, bool partial, struct found *f)
{
	size_t elements = 0;
	const struct span *element = NULL;
	for (size_t i = 0; i < n && !elements; i++)
		element = resolve_elements(r, &b[i].parts, &elements);
	if (!elements)
		from_element(r, t, b, n, partial, f);
	for (size_t i = 0; i < elements; i++) {
		struct found one = {0};
		r->element = element[i];
		from_element(r, t, b, n, partial, &one);
		r->element = SPAN_NONE;
		merge(r, &one, f);
	}
}

/* ---- the rows */

static const struct image_noted *noted_of(const struct image_on *on)
{
	return on->need & ON_NOTED ? image_row(&on->bindings) : NULL;
}

static const struct image_binding *bindings_of(const struct image_on *on, size_t *n)
{
	const struct image_noted *noted = noted_of(on);
	return image_list(noted ? &noted->bindings : &on->bindings, n);
}

/* Whether the type matters to this call at all. */
static bool counts(struct resolver *r, const struct image_on *on)
{
	size_t n;
	const struct image_noted *noted = noted_of(on);
	const list_ref *one_of = noted ? image_list(&noted->when, &n) : NULL;
	if (!one_of)
		return true;
	for (size_t i = 0; i < n; i++)
		if (resolve_tests(r, &one_of[i]))
			return true;
	return false;
}

static bool has_partial(const struct found *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->origin[i] == ORIGIN_PARTIAL)
			return true;
	return f->n == 0;
}

static bool holds(const struct found *f, struct span text)
{
	for (size_t i = 0; i < f->n; i++)
		if (span_eq(f->text[i], text))
			return true;
	return false;
}

/* A copy lists its source and its target, both objects: of several entries those count that the
 * parameters of this action name, if they name any wholly and all of them are there. */
static void narrow(struct resolver *r, const struct sar_type *t, const struct image_binding *b,
                   size_t n, struct found *f)
{
	struct found named = {0};
	from_parameters(r, t, b, n, false, &named);
	for (size_t i = 0; i < named.n; i++)
		if (named.origin[i] != ORIGIN_PARAMETER || !holds(f, named.text[i]))
			return;
	for (size_t i = 0; i < named.n; i++)
		named.origin[i] = ORIGIN_RESOURCES;
	if (named.n)
		*f = named;
}

/* All that is known of one type; partial: a pattern with '*' where nothing is. */
static void find_type(struct resolver *r, const struct sar_action *action, const struct sar_type *t,
                      const struct image_binding *b, size_t n, bool partial, struct found *f)
{
	struct found denied = {0};
	resolve_from_resources(r, t, f);
	if (f->n > 1)
		narrow(r, t, b, n, f);
	if (f->n)
		return;
	if (n || partial)
		from_parameters(r, t, b, n, partial, f);
	if (!r->call->denial.resource.n || !has_partial(f))
		return;
	resolve_from_denial(r, action, t, &denied);
	if (denied.n)
		*f = denied;
}

/* A call that failed, and named the resource in a way that no resource is named: which one it would
 * have been authorized for is not known, so '*' is not proven. One that succeeded keeps '*'. */
static bool proves_nothing(const struct resolver *r, bool unfit)
{
	return unfit && r->call->outcome == OUTCOME_FAILED;
}

static void add_found(struct resolver *r, const struct sar_action *action, const struct sar_type *t,
                      enum access_need need, const struct found *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (proves_nothing(r, f->unfit) && f->origin[i] == ORIGIN_PARTIAL)
			continue;
		resolve_add(r, &(struct access){.action = sar_action_full(action, r->arena),
		                                .level = sar_action_level(action),
		                                .type = sar_type_name(t),
		                                .resource = f->text[i],
		                                .origin = f->origin[i],
		                                .need = need,
		                                .rule = r->rule,
		                                .replaced = f->replaced[i]});
	}
}

static void add_any(struct resolver *r, const struct sar_action *action, enum access_need need)
{
	resolve_add(r, &(struct access){.action = sar_action_full(action, r->arena),
	                                .level = sar_action_level(action),
	                                .type = SPAN_NONE,
	                                .resource = SPAN_LIT("*"),
	                                .origin = ORIGIN_NONE,
	                                .need = need,
	                                .rule = r->rule});
}

static enum access_need optional(enum access_need need)
{
	return need == NEED_ALWAYS ? NEED_OPTIONAL : need;
}

void resolve_reference(struct resolver *r, const struct sar_action *action, enum access_need need)
{
	size_t before = r->n;
	for (size_t i = 0; i < sar_action_n_types(action); i++) {
		struct found f = {0};
		bool required = sar_action_type_required(action, i);
		const struct sar_type *t = sar_action_type(action, i);
		find_type(r, action, t, NULL, 0, required, &f);
		add_found(r, action, t, required ? need : optional(need), &f);
	}
	if (r->n == before)
		add_any(r, action, need);
}

/* Types that the action takes and no row speaks of: asked on all the same where the record, the
 * refusal or an ARN among the parameters names one. */
static void add_unlisted(struct resolver *r, const struct sar_action *action,
                         const struct image_on *on, size_t n, enum access_need need)
{
	/* A call that makes a thing with tags tags that thing alone. */
	if (need == NEED_PARAMETER ||
	    (!r->call->n_resources && !r->call->denial.resource.n && !r->n_arns))
		return;
	for (size_t i = 0; n && i < sar_action_n_types(action); i++) {
		struct found f = {0};
		const struct sar_type *t = sar_action_type(action, i);
		size_t k = 0;
		while (k < n && image_row(&on[k].type) != t)
			k++;
		if (k < n)
			continue;
		find_type(r, action, t, NULL, 0, false, &f);
		/* A verb is asked on the path of the request alone: on what a call tags, DELETE
		 * would be the right to delete it. */
		if (!f.n && r->rule != RULE_VERB)
			resolve_from_arns(r, t, &f);
		add_found(r, action, t, optional(need), &f);
	}
}

void resolve_types(struct resolver *r, const struct sar_action *action, const list_ref *list,
                   enum access_need need)
{
	size_t n, m, before = r->n;
	const struct image_on *on = image_list(list, &n);
	bool one_of = false, unfit = false;
	bool told = r->call->n_resources || r->call->denial.resource.n;
	for (size_t i = 0; i < n; i++) {
		struct found f = {0};
		char kind = (char)(on[i].need & 0xff);
		/* Only resources[] or a message can name it: ec2:CreateTags has a hundred such. */
		if (kind == 'x' || (kind == 'o' && !on[i].bindings && !told && !r->n_arns))
			continue;
		const struct sar_type *t = image_row(&on[i].type);
		const struct image_binding *b = bindings_of(&on[i], &m);
		if (!counts(r, &on[i]))
			continue;
		find_type(r, action, t, b, m, kind == 'r', &f);
		if (kind == 'o' && !f.n && need != NEED_PARAMETER)
			resolve_from_arns(r, t, &f);
		add_found(r, action, t, kind == 'o' ? optional(need) : need, &f);
		unfit |= f.unfit;
		one_of |= f.n && (kind == 'd' || kind == 'e');
	}
	for (size_t i = 0; i < n && !one_of; i++) {
		struct found f = {0};
		const struct sar_type *t = image_row(&on[i].type);
		const struct image_binding *b = bindings_of(&on[i], &m);
		if ((on[i].need & 0xff) != 'd' || !counts(r, &on[i]))
			continue;
		find_type(r, action, t, b, m, true, &f);
		add_found(r, action, t, need, &f);
	}
	add_unlisted(r, action, on, n, need);
	if (r->n == before && !proves_nothing(r, unfit))
		add_any(r, action, need);
}

void resolve_unrecorded(struct resolver *r, const struct image_unrecorded *u, struct span via)
{
	size_t n;
	const struct sar_action *action = image_row(&u->action);
	const struct sar_type *t = image_row(&u->type);
	const struct image_binding *b = image_list(&u->bindings, &n);
	enum access_need need = NEED_UNRECORDED;
	size_t first = r->n;
	struct found f = {0};
	if (!t) {
		add_any(r, action, need);
	} else {
		from_parameters(r, t, b, n, false, &f);
		if (!f.n && (!r->env || !r->env->dependents))
			return;
		if (!f.n) {
			need = NEED_DEPENDENT;
			from_parameters(r, t, b, n, true, &f);
		}
		add_found(r, action, t, need, &f);
	}
	for (size_t i = first; i < r->n; i++)
		r->out[i].passed_to = via;
}
