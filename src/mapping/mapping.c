/* mapping.c - mapping: finds the operation behind a name; see mapping.h. */
#include "config.h"

#include "mapping/lookup.h"
#include "mapping/name-fold.h"

#include "base/alloc.h"
#include "base/when.h"

#include <stdlib.h>

const struct mapping *mapping_builtin(void)
{
	return mapping_image();
}

void mapping_free(struct mapping *m)
{
	free(m);
}

struct span mapping_version(const struct mapping *m)
{
	return image_str(&m->version);
}

int64_t mapping_since(const struct mapping *m)
{
	struct span version = mapping_version(m);
	int64_t day;
	return when_parse_bound(span_cut(&version, ' '), false, &day) ? day : 0;
}

/* ---- services */

const struct image_source *lookup_source(const struct mapping *m, struct span source)
{
	char lower[FOLD_MAX];
	size_t n;
	const struct image_source *list = image_list(&m->sources, &n);
	ptrdiff_t end = span_find_ci(source, SPAN_LIT(".amazonaws.com"));
	if (end > 0)
		source.n = (size_t)end;
	if (source.n > sizeof lower)
		return NULL;
	for (size_t i = 0; i < source.n; i++)
		lower[i] = ascii_lower(source.p[i]);
	struct span name = span_make(lower, source.n);
	return IMAGE_FIND(struct image_source, list, n, name, span_cmp);
}

static const struct image_alias *find_alias(const struct mapping *m, struct span service)
{
	char folded[FOLD_MAX];
	size_t n;
	const struct image_alias *list = image_list(&m->aliases, &n);
	struct span name = fold_service(service, folded);
	return IMAGE_FIND(struct image_alias, list, n, name, span_cmp);
}

/* ---- operations of a service */

/* The first operation whose name is not below name, without case. */
static size_t lower_bound(const struct operation *ops, size_t n, struct span name)
{
	size_t low = 0;
	while (low < n) {
		size_t mid = (low + n) / 2;
		if (span_cmp_ci(image_str(&ops[mid].name), name) < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/* The operation of that name, or of that name with a date suffix of its own (CloudFront's models).
 */
static const struct operation *find_op(const struct image_service *s, struct span name)
{
	const struct operation *ops = image_row(&s->operations);
	size_t n = s->n_operations, at = lower_bound(ops, n, name), found = n;
	if (!name.n)
		return NULL;
	for (size_t i = at; i < n && span_starts_ci(image_str(&ops[i].name), name); i++) {
		struct span full = image_str(&ops[i].name);
		if (full.n == name.n) {
			if (span_eq(full, name))
				return &ops[i];
			found = found == n ? i : found;
		} else if (found == n && fold_undated(full) == name.n) {
			found = i;
		}
	}
	return found < n ? &ops[found] : NULL;
}

static const struct operation *find_in(const row_ref *services, size_t n, struct span name,
                                       bool action_only)
{
	for (size_t i = 0; i < n; i++) {
		const struct image_service *s = image_row(&services[i]);
		const struct operation *op = find_op(s, name);
		if (op && !!(image_flags(op) & OP_ACTION_ONLY) == action_only)
			return op;
	}
	return NULL;
}

static struct lookup find_name(const list_ref *services, struct span name)
{
	size_t n;
	const row_ref *list = image_list(services, &n);
	struct lookup found = {NULL, false};
	size_t undated = fold_undated(name);
	if ((found.op = find_in(list, n, name, false)) ||
	    (found.op = find_in(list, n, name, true)) || undated == name.n)
		return found;
	name.n = undated;
	found.undated = true;
	if (!(found.op = find_in(list, n, name, false)))
		found.op = find_in(list, n, name, true);
	return found;
}

static const struct operation *find_event(const struct image_source *s, struct span name)
{
	size_t n;
	const struct image_event *list = image_list(&s->events, &n);
	const struct image_event *e = IMAGE_FIND(struct image_event, list, n, name, span_cmp_ci);
	return e ? image_row(&e->operation) : NULL;
}

struct lookup lookup_event(const struct mapping *m, struct span source, struct span name)
{
	const struct image_source *s = lookup_source(m, source);
	struct lookup found = {NULL, false};
	if (!s)
		return found;
	found.op = find_event(s, name);
	return found.op ? found : find_name(&s->services, name);
}

size_t lookup_namesakes(const struct mapping *m, struct span source, struct span name,
                        const struct operation **out, size_t max)
{
	const struct image_source *s = lookup_source(m, source);
	size_t n = 0, found = 0;
	const row_ref *list = s ? image_list(&s->services, &n) : NULL;
	for (size_t i = 0; i < n && found < max; i++) {
		const struct operation *op = find_op(image_row(&list[i]), name);
		if (op && !(image_flags(op) & OP_ACTION_ONLY))
			out[found++] = op;
	}
	return found;
}

struct lookup lookup_operation(const struct mapping *m, struct span service, struct span name)
{
	const struct image_alias *a = find_alias(m, service);
	return a ? find_name(&a->services, name) : (struct lookup){NULL, false};
}

const struct operation *mapping_event(const struct mapping *m, struct span source, struct span name)
{
	return lookup_event(m, source, name).op;
}

const struct operation *mapping_operation(const struct mapping *m, struct span service,
                                          struct span operation)
{
	return lookup_operation(m, service, operation).op;
}

enum mapping_status operation_status(const struct operation *op)
{
	if (!op)
		return MAPPED_UNKNOWN;
	if (image_flags(op) & OP_NOT_A_CALL)
		return MAPPED_NOT_A_CALL;
	switch (image_noauth(op)) {
	case NOAUTH_NONE: break;
	case NOAUTH_UNAUTHENTICATED:
	case NOAUTH_PERMISSIONLESS:
	case NOAUTH_BEARER: return MAPPED_NO_PERMISSION;
	case NOAUTH_RETIRED:
	case NOAUTH_NOT_IN_REFERENCE:
	case NOAUTH_UNANSWERED: return MAPPED_UNKNOWN;
	}
	return op->needs ? MAPPED : MAPPED_UNKNOWN;
}

struct span operation_name(const struct operation *op)
{
	return image_str(&op->name);
}

struct span operation_service(const struct operation *op)
{
	const struct image_service *s = image_row(&op->service);
	return s ? image_str(&s->folder) : SPAN_NONE;
}

/* The note of the first curated row among what the operation needs. */
static const struct image_note *grant_note(const struct operation *op)
{
	size_t n = 0;
	const struct image_note *note = NULL;
	const struct image_grant *g =
	        image_flags(op) & OP_PLAIN ? NULL : image_list(&op->needs, &n);
	for (size_t i = 0; i < n && !note; i++)
		note = image_row(&g[i].note);
	return note;
}

bool operation_passes_unnamed(const struct operation *op)
{
	size_t n = 0, parts, transforms;
	const struct image_more *more = image_more(op);
	const struct image_pass *pass = more ? image_list(&more->passes, &n) : NULL;
	for (size_t i = 0; i < n; i++) {
		const struct image_part *part = image_list(&pass[i].part, &parts);
		const struct image_transform *t = image_list(&part->transforms, &transforms);
		for (size_t k = 0; k < transforms; k++)
			if (t[k].kind == TR_KNOWN)
				return true;
	}
	return false;
}

struct span operation_reason(const struct operation *op)
{
	const struct image_more *more = image_more(op);
	const struct image_note *note = grant_note(op);
	if (more && more->reason)
		return image_str(&more->reason);
	return note ? image_str(&note->reason) : SPAN_NONE;
}

struct span operation_document(const struct operation *op)
{
	const struct image_more *more = image_more(op);
	const struct image_note *note = grant_note(op);
	if (more && more->document)
		return image_str(&more->document);
	return note ? image_str(&note->document) : SPAN_NONE;
}

struct span operation_event_source(const struct mapping *m, const struct operation *op,
                                   struct arena *arena)
{
	const struct image_service *s = image_row(&op->service);
	if (!s)
		return SPAN_NONE;
	struct span source = image_str(&s->event_source);
	if (source.p && lookup_event(m, source, operation_event_name(op)).op == op)
		return source;
	if (image_flags(op) & OP_ACTION_ONLY)
		return arena_printf(arena, "%.*s.amazonaws.com", SPAN_ARG(image_str(&s->folder)));
	return arena_printf(arena, "%.*s.sdk", SPAN_ARG(image_str(&s->folder)));
}

struct span operation_event_name(const struct operation *op)
{
	struct span name = image_str(&op->name);
	return span_sub(name, 0, fold_undated(name));
}

/* ---- members */

static uint32_t member_flags(const list_ref *members, struct span name)
{
	size_t n;
	const struct image_member *list = image_list(members, &n);
	const struct image_member *found = IMAGE_FIND(struct image_member, list, n, name, span_cmp);
	return found ? found->flags : 0;
}

uint32_t lookup_member(const struct mapping *m, struct span source, struct span leaf)
{
	const struct image_source *s = lookup_source(m, source);
	size_t n = 0;
	const row_ref *services = s ? image_list(&s->services, &n) : NULL;
	uint32_t flags = 0;
	for (size_t i = 0; i < n; i++) {
		const struct image_service *service = image_row(&services[i]);
		flags |= member_flags(&service->members, leaf);
	}
	return flags;
}
