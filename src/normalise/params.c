/* params.c - normalise: see params.h. */
#include "config.h"

#include "normalise/params.h"

#include "base/limits.h"
#include "base/vec.h"
#include "mapping/members.h"
#include "records/scan.h"

#include <stdlib.h>

struct visit {
	const struct mapping *m;
	struct span source;
	struct buf *path;
	struct memo *rules;
	struct arena *arena;
	struct params *out;
	size_t room;
};

struct span clean_text(struct span s, size_t limit, struct arena *arena)
{
	if (!s.p)
		return s;
	if (s.n > limit) {
		s.n = limit;
		while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	if (span_utf8(s) && !(s.n && memchr(s.p, '\0', s.n)))
		return arena_span(arena, s);
	/* Byte by byte is enough: this is text that no AWS service writes. */
	char *out = arena_alloc(arena, 3 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n;) {
		size_t len = 1;
		while (len < 4 && i + len < s.n && ((unsigned char)s.p[i + len] & 0xc0) == 0x80)
			len++;
		if (s.p[i] && span_utf8(span_sub(s, i, len))) {
			memcpy(out + n, s.p + i, len);
			n += len;
			i += len;
		} else {
			memcpy(out + n, "\xef\xbf\xbd", 3);
			n += 3;
			i++;
		}
	}
	out[n] = '\0';
	return span_make(out, n);
}

static void add(struct visit *v, struct span value, enum param_state state)
{
	struct params *out = v->out;
	if (out->n == LIMIT_PARAMS) {
		out->cut = true;
		return;
	}
	if (out->n == v->room) {
		size_t room = v->room ? 2 * v->room : 16;
		struct param *wider = arena_alloc(v->arena, room * sizeof *wider);
		if (out->n)
			memcpy(wider, out->param, out->n * sizeof *wider);
		out->param = wider;
		v->room = room;
	}
	out->param[out->n++] = (struct param){
	        .path = clean_text(buf_span(v->path), LIMIT_PARAM_PATH, v->arena),
	        .value = value,
	        .state = state,
	};
}

/* What the mapping says of a member: whether it is kept, and of a scalar what of its value. */
struct rule {
	enum param_keep keep;
	enum param_form form;
};

/* Paths longer than this are rare and not remembered. */
enum { KEEP_KEY = 256, KEEP_SLOTS = 4096 };

void params_scratch_init(struct params_scratch *s)
{
	buf_init(&s->path, LIMIT_PARAM_PATH);
	s->rules = memo_new(KEEP_SLOTS, KEEP_KEY, sizeof(struct rule));
}

void params_scratch_release(struct params_scratch *s)
{
	buf_release(&s->path);
	memo_free(s->rules);
}

static struct rule ask_mapping(const struct visit *v, struct span path, bool container)
{
	return (struct rule){mapping_keep(v->m, v->source, path, container),
	                     container ? FORM_TEXT : mapping_form(v->m, v->source, path)};
}

static struct rule rule_of(struct visit *v, struct span path, bool container)
{
	char text[KEEP_KEY];
	size_t n = v->source.n + path.n + 2;
	if (n > sizeof text)
		return ask_mapping(v, path, container);
	memcpy(text, v->source.p, v->source.n);
	text[v->source.n] = '\0';
	memcpy(text + v->source.n + 1, path.p, path.n);
	text[n - 1] = container ? '{' : '=';
	const struct rule *known = memo_get(v->rules, span_make(text, n));
	if (known)
		return *known;
	struct rule rule = ask_mapping(v, path, container);
	memo_put(v->rules, span_make(text, n), &rule);
	return rule;
}

static void add_scalar(struct visit *v, struct scan *j)
{
	struct span text;
	if (!scan_take_text(j, v->arena, &text) || !text.p)
		return;
	struct rule rule = rule_of(v, buf_span(v->path), false);
	switch (rule.keep) {
	case KEEP_NOTHING: return;
	case KEEP_PRESENT: add(v, SPAN_NONE, PARAM_PRESENT); return;
	case KEEP_VALUE:
	case KEEP_KEYS:
	case KEEP_BOTH: break;
	}
	if (mapping_hidden(text)) {
		add(v, SPAN_NONE, PARAM_HIDDEN);
		return;
	}
	text = mapping_reduce(rule.form, text, v->arena);
	if (!text.p || text.n > LIMIT_PARAM_VALUE)
		add(v, SPAN_NONE, PARAM_PRESENT);
	else
		add(v, clean_text(text, LIMIT_PARAM_VALUE, v->arena), PARAM_VALUE);
}

static void visit_value(struct visit *v, struct scan *j, unsigned depth);

static bool push_key(struct visit *v, struct span raw, bool dot)
{
	char *plain = NULL;
	if (raw.n > LIMIT_PARAM_PATH)
		return false;
	if (raw.n && memchr(raw.p, '\\', raw.n)) {
		plain = arena_alloc(v->arena, raw.n + 1);
		raw = span_make(plain, scan_unescape(raw, plain));
	}
	return (!dot || buf_add_char(v->path, '.')) && buf_add_span(v->path, raw);
}

static void visit_members(struct visit *v, struct scan *j, unsigned depth)
{
	struct span key;
	size_t n = v->path->n;
	if (!scan_enter(j, SCAN_OBJECT))
		return;
	while (scan_next_key(j, &key)) {
		if (push_key(v, key, n > 0))
			visit_value(v, j, depth);
		else
			scan_skip(j);
		v->path->n = n;
	}
}

/* Whether the object or array that comes next holds nothing. */
static bool is_empty(struct scan j)
{
	struct span key;
	if (scan_peek(&j) == SCAN_OBJECT)
		return scan_enter(&j, SCAN_OBJECT) && !scan_next_key(&j, &key);
	return scan_enter(&j, SCAN_ARRAY) && !scan_next_item(&j);
}

/* One element of a list whose elements are looked at one by one: param[from..until). */
struct element {
	size_t from, until;
	struct param *param;
	size_t number; /* from 1; those that say the same have the same */
};

static int by_params(const void *a, const void *b)
{
	const struct element *x = a, *y = b;
	size_t n = x->until - x->from, m = y->until - y->from;
	int c = 0;
	for (size_t i = 0; !c && i < n && i < m; i++)
		c = param_order(&x->param[x->from + i], &y->param[y->from + i]);
	return c ? c : (n > m) - (n < m);
}

/* Elements that say one thing each, of the same member, need not be told apart. */
static bool are_alike(const struct element *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].until - e[i].from != 1 ||
		    !span_eq(e[i].param[e[i].from].path, e[0].param[e[0].from].path))
			return false;
	return true;
}

/* Numbers the elements of the list that the path's first at bytes name by what they say, so that
 * equal calls stay equal in whatever order they have them: "entries[].id" becomes "entries[2].id".
 */
static void number_elements(struct visit *v, struct element *e, size_t n, size_t at)
{
	size_t first = e[0].from;
	for (size_t i = 0; i < n; i++) {
		e[i].param = v->out->param;
		sort_items(v->out->param + e[i].from, e[i].until - e[i].from, sizeof *v->out->param,
		           param_order);
	}
	sort_items(e, n, sizeof *e, by_params);
	for (size_t i = 0; i < n; i++)
		e[i].number = i ? e[i - 1].number + (by_params(&e[i - 1], &e[i]) != 0) : 1;
	const struct param *one = &v->out->param[first];
	if (e[n - 1].number == 1 && one->path.n == at + 2 && one->state == PARAM_PRESENT)
		v->out->n = first; /* nothing is said of any */
	if (e[n - 1].number == 1 || are_alike(e, n))
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t k = e[i].from; k < e[i].until; k++) {
			struct span path = e[i].param[k].path;
			e[i].param[k].path =
			        arena_printf(v->arena, "%.*s[%zu]%.*s", (int)at, path.p,
			                     e[i].number, SPAN_ARG(span_from(path, at + 2)));
		}
}

static void visit_elements(struct visit *v, struct scan *j, unsigned depth)
{
	struct element *element = arena_alloc(v->arena, LIMIT_PARAMS * sizeof *element);
	size_t at = v->path->n, n = 0;
	while (scan_next_item(j)) {
		size_t from = v->out->n;
		bool fits = buf_add_str(v->path, "[]");
		if (fits && (scan_peek(j) != SCAN_OBJECT || !is_empty(*j)))
			visit_value(v, j, depth);
		else
			scan_skip(j);
		/* that it is there tells that it has none of what others have */
		if (fits && from == v->out->n)
			add(v, SPAN_NONE, PARAM_PRESENT);
		v->path->n = at;
		if (from < v->out->n && n < LIMIT_PARAMS)
			element[n++] = (struct element){.from = from, .until = v->out->n};
	}
	if (n)
		number_elements(v, element, n, at);
}

static void visit_items(struct visit *v, struct scan *j, unsigned depth)
{
	size_t n = v->path->n;
	if (!scan_enter(j, SCAN_ARRAY))
		return;
	if (mapping_keeps_elements(v->m, v->source, buf_span(v->path))) {
		visit_elements(v, j, depth);
		return;
	}
	while (scan_next_item(j)) {
		if (buf_add_str(v->path, "[]"))
			visit_value(v, j, depth);
		else
			scan_skip(j);
		v->path->n = n;
	}
}

/* What a member of such an object holds: a scalar is judged by the path, of a container only what
 * is inside. */
static void visit_keyed(struct visit *v, struct scan *j, unsigned depth)
{
	enum scan_kind kind = scan_peek(j);
	if (kind != SCAN_OBJECT && kind != SCAN_ARRAY)
		add_scalar(v, j);
	else if (depth == 0)
		scan_skip(j);
	else if (kind == SCAN_OBJECT)
		visit_members(v, j, depth - 1);
	else
		visit_items(v, j, depth - 1);
}

/* An object whose member names name resources. */
static void visit_keys(struct visit *v, struct scan *j, unsigned depth)
{
	struct span key;
	size_t n = v->path->n;
	if (!scan_enter(j, SCAN_OBJECT))
		return;
	while (scan_next_key(j, &key)) {
		if (key.n <= LIMIT_PARAM_VALUE && buf_add_str(v->path, "{}")) {
			char *plain = arena_alloc(v->arena, key.n + 1);
			add(v,
			    clean_text(span_make(plain, scan_unescape(key, plain)),
			               LIMIT_PARAM_VALUE, v->arena),
			    PARAM_VALUE);
		}
		v->path->n = n;
		if (buf_add_str(v->path, "{*}"))
			visit_keyed(v, j, depth);
		else
			scan_skip(j);
		v->path->n = n;
	}
}

static void visit_value(struct visit *v, struct scan *j, unsigned depth)
{
	enum scan_kind kind = scan_peek(j);
	if (kind != SCAN_OBJECT && kind != SCAN_ARRAY) {
		add_scalar(v, j);
		return;
	}
	enum param_keep keep = is_empty(*j) ? KEEP_NOTHING : rule_of(v, buf_span(v->path), true).keep;
	if (keep == KEEP_PRESENT || keep == KEEP_BOTH || (keep_enters(keep) && depth == 0))
		add(v, SPAN_NONE, PARAM_PRESENT);
	if (!keep_enters(keep) || depth == 0)
		scan_skip(j);
	else if (kind == SCAN_OBJECT && keep == KEEP_KEYS)
		visit_keys(v, j, depth - 1);
	else if (kind == SCAN_OBJECT)
		visit_members(v, j, depth - 1);
	else
		visit_items(v, j, depth - 1);
}

static void sort_params(struct params *p)
{
	p->n = sort_unique(p->param, p->n, sizeof *p->param, param_order);
}

void params_read(const struct mapping *m, struct span source, struct span request,
                 struct params_scratch *scratch, struct arena *arena, struct params *out)
{
	*out = (struct params){0};
	if (!request.p)
		return;
	struct visit v = {.m = m,
	                  .source = source,
	                  .path = &scratch->path,
	                  .rules = scratch->rules,
	                  .arena = arena,
	                  .out = out};
	struct scan j;
	buf_reset(&scratch->path);
	scan_init(&j, request);
	switch (scan_peek(&j)) {
	case SCAN_OBJECT: visit_members(&v, &j, LIMIT_PARAM_DEPTH); break;
	case SCAN_NULL: return;
	default: out->cut = true; return; /* a string: CloudTrail's mark of what it omitted */
	}
	if (!scan_end(&j))
		out->cut = true;
	sort_params(out);
}
