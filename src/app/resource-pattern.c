/* resource-pattern.c - app: see resource-pattern.h. */
#include "config.h"

#include "app/resource-pattern.h"

#include "call/arn.h"

static bool is_delimiter(char c)
{
	return c == '/' || c == ':' || c == '-' || c == '_' || c == '.' || c == '=';
}

struct span resource_family(struct span resource)
{
	struct arn arn;
	if (!arn_parse(resource, &arn))
		return resource;
	size_t head = resource.n - arn.rest.n, i = 0;
	while (i < arn.rest.n && arn.rest.p[i] != '/' && arn.rest.p[i] != ':')
		i++;
	return span_sub(resource, 0, i < arn.rest.n ? head + i + 1 : head);
}

/* Sorted texts have in common what the first and the last have. */
static size_t common_head(struct span a, struct span b)
{
	size_t i = 0, cut = 0;
	for (; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
		if (is_delimiter(a.p[i]))
			cut = i + 1;
	return cut;
}

static size_t common_tail(const struct span *v, size_t n, size_t head)
{
	size_t most = v[0].n - head, cut = 0;
	for (size_t i = 1; i < n; i++) {
		size_t k = 0;
		while (k < most && k < v[i].n - head &&
		       v[0].p[v[0].n - 1 - k] == v[i].p[v[i].n - 1 - k])
			k++;
		most = k;
	}
	for (size_t k = 0; k < most; k++)
		if (is_delimiter(v[0].p[v[0].n - 1 - k]))
			cut = k + 1;
	return cut;
}

struct span resources_pattern(struct arena *arena, const struct span *v, size_t n)
{
	if (n == 0)
		return SPAN_NONE;
	if (span_eq(v[0], v[n - 1]))
		return v[0];
	size_t head = common_head(v[0], v[n - 1]);
	size_t family = resource_family(v[0]).n;
	if (head < family && span_eq(resource_family(v[0]), resource_family(v[n - 1])))
		head = family;
	size_t tail = common_tail(v, n, head);
	return arena_printf(arena, "%.*s*%.*s", (int)head, v[0].p, (int)tail,
	                    v[0].p + v[0].n - tail);
}
