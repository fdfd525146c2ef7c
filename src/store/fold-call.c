/* fold-call.c - store: see fold.h. Of an object key or a log stream name what is kept are its first
 * two segments, then one, then none; of any other text what call/shape.h keeps. */
#include "config.h"

#include "store/fold.h"

#include "base/vec.h"
#include "call/shape.h"

#include <stdlib.h>

static struct span value_of(const struct call *c, const char *path)
{
	for (size_t i = 0; i < c->n_params; i++)
		if (span_is(c->params[i].path, path) && c->params[i].state != PARAM_PRESENT)
			return c->params[i].value;
	return SPAN_NONE;
}

static const struct shape_directories *kind_of(const struct call *c)
{
	for (const struct shape_directories *k = shape_directories; k->source; k++)
		if (span_is(c->source, k->source) && value_of(c, k->place).n &&
		    value_of(c, k->name).p)
			return k;
	return NULL;
}

bool fold_has_directories(const struct call *c)
{
	return kind_of(c) != NULL;
}

bool fold_applies(const struct call *c)
{
	return !span_is(c->source, "iam.amazonaws.com");
}

struct hash128 fold_group(const struct call *c)
{
	const struct shape_directories *k = kind_of(c);
	struct hasher h;
	hash_begin(&h);
	hash_field(&h, c->principal.arn);
	hash_field(&h, c->source);
	hash_field(&h, c->name);
	hash_field(&h, k ? value_of(c, k->place) : SPAN_NONE);
	return hash_end(&h);
}

/* The first directories of a name, with their last '/'; "" if it has none. */
static struct span prefix_of(struct span name, int directories)
{
	size_t end = 0;
	for (size_t i = 0; i < name.n && directories > 0; i++)
		if (name.p[i] == '/') {
			end = i + 1;
			directories--;
		}
	return span_sub(name, 0, end);
}

static bool is_copy_source(struct span path)
{
	return span_eq_ci(path, SPAN_LIT("x-amz-copy-source")) ||
	       span_eq_ci(path, SPAN_LIT("copySource"));
}

static void cut_params(const struct call *c, const struct shape_directories *k, int level,
                       struct arena *arena, struct call *out)
{
	struct param *p = arena_alloc(arena, (c->n_params + 1) * sizeof *p);
	for (size_t i = 0; i < c->n_params; i++) {
		p[i] = c->params[i];
		if (p[i].state != PARAM_VALUE && p[i].state != PARAM_PREFIX)
			continue;
		if (span_is(p[i].path, k->place))
			continue;
		if (span_is(p[i].path, k->name)) {
			p[i].value = prefix_of(p[i].value, level);
			p[i].state = PARAM_PREFIX;
		} else if (is_copy_source(p[i].path)) {
			struct span v = p[i].value;
			if (v.n && v.p[0] == '/')
				v = span_from(v, 1);
			p[i].value = prefix_of(v, level + 1);
			p[i].state = PARAM_PREFIX;
		} else {
			p[i].value = SPAN_NONE;
			p[i].state = PARAM_PRESENT;
		}
	}
	out->params = p;
}

/* Whether an ARN is one of the name, with what stands before it. */
static bool ends_with_name(struct span text, const struct shape_directories *k, struct span name)
{
	return name.n && span_ends(text, name) &&
	       span_ends(span_sub(text, 0, text.n - name.n), span_of(k->before));
}

/* Cuts the name off text where text ends with it. */
static bool cut_name(struct span text, const struct shape_directories *k, struct span name,
                     int level, struct arena *arena, struct span *out)
{
	if (!ends_with_name(text, k, name))
		return false;
	struct span prefix = prefix_of(name, level);
	*out = arena_printf(arena, "%.*s%.*s", (int)(text.n - name.n), text.p, SPAN_ARG(prefix));
	return true;
}

static void cut_resources(const struct call *c, const struct shape_directories *k, int level,
                          struct arena *arena, struct call *out)
{
	struct span name = value_of(c, k->name);
	struct event_resource *r = arena_alloc(arena, (c->n_resources + 1) * sizeof *r);
	for (size_t i = 0; i < c->n_resources; i++) {
		r[i] = c->resources[i];
		if (cut_name(r[i].arn, k, name, level, arena, &r[i].arn))
			r[i].prefix = true;
	}
	qsort(r, c->n_resources, sizeof *r, event_resource_order);
	out->resources = r;
}

static void fold_directories(const struct call *c, const struct shape_directories *k, int level,
                             struct arena *arena, struct call *out)
{
	struct span name = value_of(c, k->name);
	cut_params(c, k, level, arena, out);
	cut_resources(c, k, level, arena, out);
	if (ends_with_name(c->denial.resource, k, name))
		out->denial.resource = SPAN_NONE;
}

/* ---- all other names */

static void shape_params(const struct call *c, int level, struct arena *arena, struct call *out)
{
	static const enum param_state states[] = {[SHAPE_EXACT] = PARAM_VALUE,
	                                          [SHAPE_PATTERN] = PARAM_PATTERN,
	                                          [SHAPE_PREFIX] = PARAM_PREFIX};
	struct param *p = arena_alloc(arena, (c->n_params + 1) * sizeof *p);
	for (size_t i = 0; i < c->n_params; i++) {
		p[i] = c->params[i];
		if (p[i].state == PARAM_PRESENT || p[i].state == PARAM_HIDDEN)
			continue;
		enum shape_form form = p[i].state == PARAM_VALUE    ? SHAPE_EXACT
		                       : p[i].state == PARAM_PREFIX ? SHAPE_PREFIX
		                                                    : SHAPE_PATTERN;
		p[i].value = shape_fold(p[i].value, (enum shape_level)level, arena, &form);
		p[i].state = states[form];
	}
	out->params = p;
	out->n_params = sort_unique(p, c->n_params, sizeof *p, param_order);
}

static void shape_resources(const struct call *c, int level, struct arena *arena, struct call *out)
{
	struct event_resource *r = arena_alloc(arena, (c->n_resources + 1) * sizeof *r);
	for (size_t i = 0; i < c->n_resources; i++) {
		r[i] = c->resources[i];
		enum shape_form form = r[i].pattern  ? SHAPE_PATTERN
		                       : r[i].prefix ? SHAPE_PREFIX
		                                     : SHAPE_EXACT;
		r[i].arn = shape_fold(r[i].arn, (enum shape_level)level, arena, &form);
		r[i].pattern = form == SHAPE_PATTERN;
		r[i].prefix = form == SHAPE_PREFIX;
	}
	out->resources = r;
	out->n_resources = sort_unique(r, c->n_resources, sizeof *r, event_resource_order);
}

static void fold_shapes(const struct call *c, int level, struct arena *arena, struct call *out)
{
	enum shape_form form = SHAPE_EXACT;
	shape_params(c, level, arena, out);
	shape_resources(c, level, arena, out);
	shape_fold(c->denial.resource, (enum shape_level)level, arena, &form);
	if (form != SHAPE_EXACT)
		out->denial.resource = SPAN_NONE;
}

void fold_to(const struct call *c, int level, struct arena *arena, struct call *out)
{
	const struct shape_directories *k = kind_of(c);
	*out = *c;
	if (k)
		fold_directories(c, k, level, arena, out);
	else
		fold_shapes(c, level, arena, out);
}

/* Takes tail off the end of *text; false if it does not end so. */
static bool drop_end(struct span *text, struct span tail)
{
	if (!span_ends(*text, tail))
		return false;
	*text = span_sub(*text, 0, text->n - tail.n);
	return true;
}

/* Whether an ARN is one of the cut name in the place that the call names: another resource of the
 * call may end alike, a folder's own marker in the bucket that is copied from. Objects behind an
 * access point stand below "/object". */
static bool ends_cut(struct span arn, const struct call *c, const struct shape_directories *k)
{
	struct span rest = arn;
	if (!drop_end(&rest, value_of(c, k->name)) || !drop_end(&rest, span_of(k->before)))
		return false;
	drop_end(&rest, SPAN_LIT("/object"));
	if (!drop_end(&rest, value_of(c, k->place)))
		return false;
	return !rest.n || rest.p[rest.n - 1] == ':' || rest.p[rest.n - 1] == '/';
}

void fold_restore_empty(const struct call *c, struct arena *arena, struct call *out)
{
	struct param *p = arena_alloc(arena, (c->n_params + 1) * sizeof *p);
	*out = *c;
	out->params = p;
	for (size_t i = 0; i < c->n_params; i++) {
		p[i] = c->params[i];
		for (const struct shape_directories *k = shape_directories; k->source; k++)
			if (span_is(c->source, k->source) && span_is(p[i].path, k->name) &&
			    p[i].state == PARAM_HIDDEN) {
				p[i].value = SPAN_LIT("");
				p[i].state = PARAM_PREFIX;
			}
	}
}

void fold_mark_cut(const struct call *c, struct arena *arena, struct call *out)
{
	const struct shape_directories *k = kind_of(c);
	struct event_resource *r = arena_alloc(arena, (c->n_resources + 1) * sizeof *r);
	*out = *c;
	for (size_t i = 0; i < c->n_resources; i++) {
		r[i] = c->resources[i];
		r[i].prefix |= ends_cut(r[i].arn, c, k);
	}
	out->resources = r;
	if (ends_cut(out->denial.resource, c, k))
		out->denial.resource = SPAN_NONE;
}

/* What was replaced before, as a pattern; false: nothing was. */
static bool open_text(struct span text, struct arena *arena, struct span *out)
{
	if (span_chr(text, SHAPE_MARK) < 0)
		return false;
	char *p = arena_alloc(arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		p[i] = text.p[i] == SHAPE_MARK ? '*' : text.p[i];
	p[text.n] = '\0';
	*out = span_make(p, text.n);
	return true;
}

bool fold_open_marks(const struct call *c, struct arena *arena, struct call *out)
{
	struct param *p = arena_alloc(arena, (c->n_params + 1) * sizeof *p);
	struct event_resource *r = arena_alloc(arena, (c->n_resources + 1) * sizeof *r);
	bool any = false;
	*out = *c;
	for (size_t i = 0; i < c->n_params; i++) {
		p[i] = c->params[i];
		if (p[i].state == PARAM_VALUE && open_text(p[i].value, arena, &p[i].value)) {
			p[i].state = PARAM_PATTERN;
			any = true;
		}
	}
	for (size_t i = 0; i < c->n_resources; i++) {
		r[i] = c->resources[i];
		if (!r[i].prefix && open_text(r[i].arn, arena, &r[i].arn))
			any = r[i].pattern = true;
	}
	if (span_chr(c->denial.resource, SHAPE_MARK) >= 0) {
		out->denial.resource = SPAN_NONE;
		any = true;
	}
	out->params = p;
	out->n_params = sort_unique(p, c->n_params, sizeof *p, param_order);
	out->resources = r;
	out->n_resources = sort_unique(r, c->n_resources, sizeof *r, event_resource_order);
	return any;
}
