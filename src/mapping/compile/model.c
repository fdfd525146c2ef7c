/* model.c - mapping/compile: the rows in memory, how tables are read into them and how they are
 * found; see model.h. */
#include "config.h"

#include "mapping/compile/model.h"

#include "base/alloc.h"
#include "mapping/name-fold.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *model_grow(struct arena *arena, void *array, size_t n, size_t size)
{
	if (n == 0 || (n & (n - 1)) == 0) {
		size_t room = n ? 2 * n : 1;
		char *bigger = arena_calloc(arena, room, size);
		if (n)
			memcpy(bigger, array, n * size);
		return bigger;
	}
	return array;
}

enum status model_bad(struct m_origin origin, struct err *err, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	err_at_file(err, origin.path);
	err_at_record(err, origin.line);
	return err_set(err, STATUS_STOP, "bad-mapping", "%s", text);
}

static void hash_field_in(struct model *m, struct span s)
{
	/* FNV-1a: tells versions of trusted tables apart, guards against nobody. */
	uint64_t h = m->hash;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	m->hash = (h ^ 0x1f) * UINT64_C(0x100000001b3);
}

enum status model_table(struct model *m, const char *dir, const char *name, bool optional,
                        size_t min, model_row row, void *to, struct err *err)
{
	struct span path = arena_printf(&m->arena, "%s/%s", dir, name);
	struct span field[TSV_FIELDS];
	struct tsv t;
	size_t n;
	enum status status = tsv_open(&t, path.p, err);
	if (status == STATUS_END && optional)
		return STATUS_OK;
	if (status == STATUS_END) {
		err_at_file(err, path.p);
		return err_set(err, STATUS_STOP, "bad-mapping", "is missing");
	}
	if (status != STATUS_OK)
		return status;
	m->files = model_grow(&m->arena, m->files, m->n_files, sizeof *m->files);
	m->files[m->n_files] = t;
	struct tsv *at = &m->files[m->n_files++];
	hash_field_in(m, span_of(name));
	while ((status = tsv_next(at, field, &n, err)) == STATUS_OK) {
		for (size_t i = 0; i < n; i++)
			hash_field_in(m, field[i]);
		if (n < min)
			return tsv_bad(at, err, "%zu fields where %zu are needed", n, min);
		for (size_t i = n; i < TSV_FIELDS; i++)
			field[i] = SPAN_NONE;
		/* a copy, since the array of files moves as it grows */
		t = *at;
		if ((status = row(m, to, &t, field, n, err)) != STATUS_OK)
			return status;
	}
	return status == STATUS_END ? STATUS_OK : status;
}

/* ---- lookups */

int model_action_cmp(const void *a, const void *b)
{
	const struct m_action *x = a, *y = b;
	return span_cmp_ci(x->name, y->name);
}

int model_type_cmp(const void *a, const void *b)
{
	const struct m_type *x = a, *y = b;
	return span_cmp(x->name, y->name);
}

struct m_prefix *model_prefix(const struct model *m, struct span name)
{
	size_t low = 0, high = m->n_prefixes;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = span_cmp(m->prefixes[mid].name, name);
		if (c == 0)
			return &m->prefixes[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

struct m_action *model_action(const struct model *m, struct span full)
{
	ptrdiff_t colon = span_chr(full, ':');
	struct m_prefix *p = colon > 0 ? model_prefix(m, span_sub(full, 0, (size_t)colon)) : NULL;
	if (!p || !p->n_actions)
		return NULL;
	struct m_action key = {.name = span_from(full, (size_t)colon + 1)};
	return bsearch(&key, p->actions, p->n_actions, sizeof key, model_action_cmp);
}

struct m_type *model_type(const struct m_prefix *p, struct span name)
{
	struct m_type key = {.name = name};
	return p->n_types ? bsearch(&key, p->types, p->n_types, sizeof key, model_type_cmp) : NULL;
}

struct m_service *model_service(const struct model *m, struct span folder)
{
	for (size_t i = 0; i < m->n_services; i++)
		if (!m->services[i].of_prefix && span_eq(m->services[i].folder, folder))
			return &m->services[i];
	return NULL;
}

struct m_op *model_op(const struct m_service *s, struct span name)
{
	size_t low = 0, high = s->n_ops;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (span_cmp_ci(s->ops[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n_ops && span_eq_ci(s->ops[low].name, name) ? &s->ops[low] : NULL;
}

void model_release(struct model *m)
{
	for (size_t i = 0; i < m->n_files; i++)
		tsv_close(&m->files[i]);
	arena_release(&m->arena);
	*m = (struct model){0};
}
