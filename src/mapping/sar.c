/* sar.c - mapping: the rows of the Service Authorization Reference; see mapping.h. */
#include "config.h"

#include "call/arn.h"
#include "mapping/image.h"
#include "mapping/risk.h"

static const struct image_prefix *find_prefix(const struct mapping *m, struct span name)
{
	size_t n;
	const struct image_prefix *list = image_list(&m->prefixes, &n);
	return IMAGE_FIND(struct image_prefix, list, n, name, span_cmp_ci);
}

const struct sar_action *sar_service(const struct mapping *m, struct span prefix, size_t *n)
{
	const struct image_prefix *p = find_prefix(m, prefix);
	*n = p ? p->n_actions : 0;
	return *n ? image_row(&p->actions) : NULL;
}

const struct sar_action *sar_action_at(const struct sar_action *first, size_t i)
{
	return first ? first + i : NULL;
}

const struct sar_action *sar_action(const struct mapping *m, struct span action)
{
	ptrdiff_t colon = span_chr(action, ':');
	if (colon <= 0)
		return NULL;
	size_t n;
	const struct sar_action *list = sar_service(m, span_sub(action, 0, (size_t)colon), &n);
	struct span name = span_from(action, (size_t)colon + 1);
	return IMAGE_FIND(struct sar_action, list, n, name, span_cmp_ci);
}

size_t sar_n_prefixes(const struct mapping *m)
{
	size_t n;
	image_list(&m->prefixes, &n);
	return n;
}

struct span sar_prefix(const struct mapping *m, size_t i)
{
	size_t n;
	const struct image_prefix *list = image_list(&m->prefixes, &n);
	return i < n ? image_str(&list[i].name) : SPAN_NONE;
}

static const struct image_shape *shape_of(const struct sar_action *a)
{
	return image_row(&a->shape);
}

struct span sar_action_service(const struct sar_action *a)
{
	const struct image_prefix *p = image_row(&shape_of(a)->prefix);
	return image_str(&p->name);
}

struct span sar_action_name(const struct sar_action *a)
{
	return image_str(&a->name);
}

struct span sar_action_full(const struct sar_action *a, struct arena *arena)
{
	struct span service = sar_action_service(a), name = image_str(&a->name);
	char *p = arena_alloc(arena, service.n + name.n + 2);
	memcpy(p, service.p, service.n);
	p[service.n] = ':';
	memcpy(p + service.n + 1, name.p, name.n);
	p[service.n + name.n + 1] = '\0';
	return span_make(p, service.n + name.n + 1);
}

enum access_level sar_action_level(const struct sar_action *a)
{
	return (enum access_level)shape_of(a)->level;
}

size_t sar_action_n_types(const struct sar_action *a)
{
	size_t n;
	image_list(&shape_of(a)->types, &n);
	return n;
}

const struct sar_type *sar_action_type(const struct sar_action *a, size_t i)
{
	size_t n;
	const row_ref *list = image_list(&shape_of(a)->types, &n);
	if (i >= n)
		return NULL;
	return (const void *)((const char *)&list[i] + (list[i] & ~TAKES_REQUIRED));
}

bool sar_action_type_required(const struct sar_action *a, size_t i)
{
	size_t n;
	const row_ref *list = image_list(&shape_of(a)->types, &n);
	return i < n && (list[i] & TAKES_REQUIRED);
}

static size_t count(const list_ref *ref)
{
	size_t n;
	image_list(ref, &n);
	return n;
}

static struct span text_at(const list_ref *ref, size_t i)
{
	size_t n;
	const str_ref *list = image_list(ref, &n);
	return i < n ? image_str(&list[i]) : SPAN_NONE;
}

size_t sar_action_n_dependents(const struct sar_action *a)
{
	return count(&shape_of(a)->dependents);
}

struct span sar_action_dependent(const struct sar_action *a, size_t i)
{
	return text_at(&shape_of(a)->dependents, i);
}

size_t sar_action_n_keys(const struct sar_action *a)
{
	return count(&shape_of(a)->keys);
}

struct span sar_action_key(const struct sar_action *a, size_t i)
{
	return text_at(&shape_of(a)->keys, i);
}

const struct sar_type *sar_type(const struct mapping *m, struct span prefix, struct span name)
{
	const struct image_prefix *p = find_prefix(m, prefix);
	const struct sar_type *types = p ? image_row(&p->types) : NULL;
	return IMAGE_FIND(struct sar_type, types, p ? p->n_types : 0, name, span_cmp);
}

struct span sar_type_service(const struct sar_type *t)
{
	const struct image_prefix *p = image_row(&t->prefix);
	return p ? image_str(&p->name) : SPAN_NONE;
}

struct span sar_type_name(const struct sar_type *t)
{
	return image_str(&t->name);
}

size_t sar_type_n_patterns(const struct sar_type *t)
{
	return count(&t->patterns);
}

struct span sar_type_pattern(const struct sar_type *t, size_t i)
{
	return text_at(&t->patterns, i);
}

size_t sar_type_n_keys(const struct sar_type *t)
{
	return count(&t->keys);
}

struct span sar_type_key(const struct sar_type *t, size_t i)
{
	return text_at(&t->keys, i);
}

bool sar_type_matches(const struct sar_type *t, struct span arn)
{
	for (size_t i = 0, n = count(&t->patterns); i < n; i++)
		if (arn_matches(text_at(&t->patterns, i), arn))
			return true;
	return false;
}

/* ---- risks */

enum risk action_risk(const struct mapping *m, const struct sar_action *action,
                      struct span *document)
{
	size_t n, low = 0;
	const struct image_risk *list = image_list(&m->risks, &n);
	if (document)
		*document = SPAN_NONE;
	if (!action)
		return RISK_NONE;
	for (size_t high = n; low < high;) {
		size_t mid = low + (high - low) / 2;
		const struct sar_action *at = image_row(&list[mid].action);
		if (at == action) {
			if (document)
				*document = image_str(&list[mid].document);
			return (enum risk)list[mid].risk;
		}
		if (at < action)
			low = mid + 1;
		else
			high = mid;
	}
	if (sar_action_level(action) != LEVEL_PERMISSIONS)
		return RISK_NONE;
	if (document)
		*document = SPAN_LIT("Service Authorization Reference: Permissions management");
	return RISK_EXPOSURE;
}
