/* resolve-element.c - mapping: the elements of a list of structures, where the call's parameters
 * tell them apart
 * ("entries[2].eventBusName"): each is judged by what it has itself. */
#include "config.h"

#include "mapping/resolve.h"

/* The list's number that stands last in a path, "a.b[2]": its length from the path's begin; 0:
 * none. */
static size_t element_end(struct span path)
{
	for (size_t i = path.n; i-- > 2;) {
		if (path.p[i] == ']' && ascii_digit(path.p[i - 1]))
			return i + 1;
	}
	return 0;
}

bool resolve_is_elsewhere(const struct resolver *r, struct span path)
{
	struct span e = r->element;
	size_t i = 0;
	if (!e.p)
		return false;
	while (i < e.n && i < path.n && e.p[i] == path.p[i])
		i++;
	if (i == e.n || i == path.n)
		return false;
	while (i && ascii_digit(path.p[i - 1]))
		i--;
	/* "a[1" and "a[12": the numbers differ */
	return i && path.p[i - 1] == '[' && (ascii_digit(path.p[i]) && ascii_digit(e.p[i]));
}

struct known { /* elements found so far */
	struct span *e;
	size_t n;
};

static void add_element(struct known *k, struct span element)
{
	for (size_t i = 0; i < k->n; i++)
		if (span_eq(k->e[i], element))
			return;
	k->e[k->n++] = element;
}

/* All elements of the list that element is one of. */
static void add_list(const struct resolver *r, struct known *k, struct span element)
{
	size_t head = element.n - 1;
	while (head && element.p[head - 1] != '[')
		head--;
	for (size_t i = 0; i < r->n_params; i++) {
		struct span path = r->params[i].param->path;
		if (path.n <= head || memcmp(path.p, element.p, head) != 0)
			continue;
		ptrdiff_t close = span_chr(span_from(path, head), ']');
		if (close > 0)
			add_element(k, span_sub(path, 0, head + (size_t)close + 1));
	}
}

struct span *resolve_elements(struct resolver *r, const list_ref *parts, size_t *n)
{
	size_t n_parts, found;
	struct known k = {NULL, 0};
	const struct image_part *part = image_list(parts, &n_parts);
	for (size_t i = 0; r->n_elements && !r->element.p && i < n_parts && !k.n; i++) {
		const struct rparam **p = part[i].path ? resolve_find(r, &part[i], &found) : NULL;
		for (size_t j = 0; p && j < found && !k.n; j++) {
			size_t end = element_end(p[j]->param->path);
			if (!end)
				continue;
			k.e = arena_alloc(r->arena, r->n_params * sizeof *k.e);
			add_list(r, &k, span_sub(p[j]->param->path, 0, end));
		}
	}
	*n = k.n;
	return k.e;
}
