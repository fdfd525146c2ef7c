/* asked.c - mapping: see asked.h. */
#include "config.h"

#include "mapping/asked.h"

#include "mapping/lookup.h"
#include "mapping/operations.h"

/* A name of the AWS API has some 60 characters; what is longer is like none. */
enum { LIMIT_ASKED = 128, LIMIT_DISTANCE = 3 };

/* ---- names as they are written */

/* "get_object", "get-object", "GetObjectCommand": the letters and digits of the operation's name,
 * in lower case; kept are the wildcards. */
static struct span fold_operation(struct span s, struct arena *arena)
{
	struct span command = SPAN_LIT("Command");
	if (span_ends(s, command) && s.n > command.n)
		s.n -= command.n;
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_' && s.p[i] != '-')
			out[n++] = ascii_lower(s.p[i]);
	return span_make(out, n);
}

static bool has_wildcard(struct span s)
{
	return span_chr(s, '*') >= 0 || span_chr(s, '?') >= 0;
}

/* The name under which the AWS CLI has a service, where that is none of the models. */
static struct span of_cli(struct span s)
{
	static const struct {
		const char *cli, *folder;
	} names[] = {{"s3api", "s3"},
	             {"configservice", "config"},
	             {"deploy", "codedeploy"},
	             {"ses-v2", "sesv2"}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_is(s, names[i].cli))
			return span_of(names[i].folder);
	return s;
}

/* ---- collecting operations */

struct finder {
	const struct mapping *m;
	struct arena *arena;
	struct asked *out;
	size_t room;
};

static void add(struct finder *f, const struct operation *op)
{
	if (f->out->n == f->room) {
		size_t room = f->room ? 2 * f->room : 16;
		const struct operation **wider = arena_alloc(f->arena, room * sizeof(*wider));
		if (f->out->n)
			memcpy(wider, f->out->ops, f->out->n * sizeof(*wider));
		f->out->ops = wider;
		f->room = room;
	}
	f->out->ops[f->out->n++] = op;
}

static bool is_model(const struct image_service *s)
{
	return s->endpoint != 0; /* those of prefixes without a model have none */
}

/* Whether an operation's name is the folded one; of a pattern, whether it fits. The date behind
 * CloudFront's and Lambda's names may be left out. */
static bool name_fits(const struct operation *op, struct span folded, struct arena *arena)
{
	struct span name = operation_name(op), dated = operation_event_name(op);
	if (has_wildcard(folded))
		return span_glob(fold_operation(name, arena), folded, true);
	return span_eq_ci(name, folded) || span_eq_ci(dated, folded);
}

static void add_fitting(struct finder *f, const struct image_service *s, struct span folded)
{
	for (size_t i = 0; i < service_operations(s); i++) {
		const struct operation *op = service_operation_at(s, i);
		if (name_fits(op, folded, f->arena))
			add(f, op);
	}
}

static bool service_fits(const struct image_service *s, struct span name)
{
	if (has_wildcard(name))
		return span_glob(image_str(&s->folder), name, true);
	return span_eq_ci(image_str(&s->folder), name) || span_eq_ci(image_str(&s->id), name) ||
	       span_eq_ci(image_str(&s->prefix), name) || span_eq_ci(image_str(&s->endpoint), name);
}

/* service SPAN_NONE: all of them. */
static void add_all(struct finder *f, struct span service, struct span folded)
{
	for (size_t i = 0; i < services_count(f->m); i++) {
		const struct image_service *s = service_at(f->m, i);
		if (is_model(s) && (!service.p || service_fits(s, service)))
			add_fitting(f, s, folded);
	}
}

/* ---- actions */

static bool needs(const struct operation *op, const struct sar_action *action)
{
	size_t n;
	if (image_flags(op) & OP_PLAIN)
		return image_row(&op->needs) == action;
	const struct image_grant *g = image_list(&op->needs, &n);
	for (size_t i = 0; i < n; i++)
		if (image_row(&g[i].action) == action)
			return true;
	return false;
}

static void find_action(struct finder *f, const struct sar_action *action)
{
	f->out->kind = ASKED_ACTION;
	f->out->action = action;
	for (size_t i = 0; i < services_count(f->m); i++) {
		const struct image_service *s = service_at(f->m, i);
		for (size_t k = 0; is_model(s) && k < service_operations(s); k++)
			if (needs(service_operation_at(s, k), action))
				add(f, service_operation_at(s, k));
	}
}

/* ---- all together */

/* "SERVICE.OPERATION", "client.get_object". */
static void find_dotted(struct finder *f, struct span text, ptrdiff_t dot)
{
	struct span service = span_sub(text, 0, (size_t)dot),
	            name = span_from(text, (size_t)dot + 1);
	struct span folded = fold_operation(name, f->arena);
	if (lookup_operation(f->m, service, name).op) {
		f->out->kind = ASKED_NAME;
		return;
	}
	f->out->kind = ASKED_CALLS;
	add_all(f, of_cli(service), folded);
	if (!f->out->n && !has_wildcard(service))
		add_all(f, SPAN_NONE, folded);
}

/* "SOURCE:EVENT" or "PREFIX:Action". */
static void find_colon(struct finder *f, struct span text, ptrdiff_t colon)
{
	struct span front = span_sub(text, 0, (size_t)colon),
	            name = span_from(text, (size_t)colon + 1);
	const struct sar_action *action =
	        span_chr(front, '.') < 0 && !has_wildcard(text) ? sar_action(f->m, text) : NULL;
	if (action)
		find_action(f, action);
	else if (lookup_event(f->m, front, name).op)
		f->out->kind = ASKED_NAME;
	else if (has_wildcard(text))
		add_all(f, front, fold_operation(name, f->arena));
}

static void find_words(struct finder *f, struct span text, ptrdiff_t blank)
{
	struct span service = span_sub(text, 0, (size_t)blank);
	struct span name = span_trim(span_from(text, (size_t)blank + 1));
	add_all(f, of_cli(service), fold_operation(name, f->arena));
}

static void find_bare(struct finder *f, struct span text)
{
	for (size_t i = 0; i < services_count(f->m) && !has_wildcard(text); i++) {
		const struct image_service *s = service_at(f->m, i);
		if (is_model(s) && service_fits(s, of_cli(text))) {
			f->out->kind = ASKED_SERVICE;
			for (size_t k = 0; k < service_operations(s); k++)
				add(f, service_operation_at(s, k));
		}
	}
	if (!f->out->n)
		add_all(f, SPAN_NONE, fold_operation(text, f->arena));
}

void asked_find(const struct mapping *m, struct span text, struct arena *arena, struct asked *out)
{
	struct finder f = {.m = m, .arena = arena, .out = out};
	*out = (struct asked){.kind = ASKED_NOTHING};
	if (!text.n || text.n > LIMIT_ASKED)
		return;
	ptrdiff_t colon = span_rchr(text, ':'), dot = span_rchr(text, '.');
	if (colon > 0)
		find_colon(&f, text, colon);
	else if (dot > 0)
		find_dotted(&f, text, dot);
	if (out->kind != ASKED_NOTHING && (out->kind != ASKED_CALLS || out->n))
		return;
	struct span words = span_starts(text, SPAN_LIT("aws ")) ? span_from(text, 4) : text;
	ptrdiff_t blank = span_chr(words, ' ');
	if (blank > 0)
		find_words(&f, words, blank);
	else if (colon < 0 && dot < 0)
		find_bare(&f, words);
	if (out->kind == ASKED_NOTHING || out->kind == ASKED_CALLS)
		out->kind = out->n ? ASKED_CALLS : ASKED_NOTHING;
}

/* ---- nearest names */

/* How many characters must change, at most LIMIT_DISTANCE + 1; both in lower case. */
static size_t distance(struct span a, struct span b)
{
	size_t row[LIMIT_ASKED + 1];
	if (a.n > b.n + LIMIT_DISTANCE || b.n > a.n + LIMIT_DISTANCE || b.n > LIMIT_ASKED)
		return LIMIT_DISTANCE + 1;
	for (size_t k = 0; k <= b.n; k++)
		row[k] = k;
	for (size_t i = 1; i <= a.n; i++) {
		size_t before = row[0];
		row[0] = i;
		for (size_t k = 1; k <= b.n; k++) {
			size_t change = before + (a.p[i - 1] != ascii_lower(b.p[k - 1]));
			size_t other = 1 + (row[k] < row[k - 1] ? row[k] : row[k - 1]);
			before = row[k];
			row[k] = change < other ? change : other;
		}
	}
	return row[b.n];
}

struct near {
	const struct operation *op;
	size_t far;
};

size_t asked_nearest(const struct mapping *m, struct span text, struct arena *arena,
                     struct span *out, size_t max)
{
	enum { LIMIT_NEAR = 16 };
	struct near near[LIMIT_NEAR];
	size_t n = 0;
	ptrdiff_t at = -1;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '.' || text.p[i] == ':' || text.p[i] == ' ')
			at = (ptrdiff_t)i;
	struct span service = at > 0 ? span_sub(text, 0, (size_t)at) : SPAN_NONE;
	struct span name = fold_operation(span_from(text, (size_t)(at + 1)), arena);
	if (max > LIMIT_NEAR)
		max = LIMIT_NEAR;
	for (size_t i = 0; name.n && name.n <= LIMIT_ASKED && i < services_count(m); i++) {
		const struct image_service *s = service_at(m, i);
		bool same = service.p && service_fits(s, of_cli(service));
		for (size_t k = 0; is_model(s) && k < service_operations(s); k++) {
			const struct operation *op = service_operation_at(s, k);
			size_t far = 2 * distance(name, operation_name(op)) + !same, to = n;
			if (far > 2 * LIMIT_DISTANCE)
				continue;
			while (to && near[to - 1].far > far)
				to--;
			if (to >= max)
				continue;
			n = n < max ? n + 1 : n;
			memmove(&near[to + 1], &near[to], (n - to - 1) * sizeof *near);
			near[to] = (struct near){op, far};
		}
	}
	for (size_t i = 0; i < n; i++)
		out[i] = arena_printf(arena, "%.*s.%.*s", SPAN_ARG(operation_service(near[i].op)),
		                      SPAN_ARG(operation_name(near[i].op)));
	return n;
}
