/* arn-parts.c - builder: see arn-parts.h. */
#include "config.h"

#include "builder/arn-parts.h"

/* Cuts resource by the resource part of a pattern:
 * "log-group:${LogGroupName}:log-stream:${Stream}". */
static bool cut_by_pattern(struct arn_parts *it, struct span pattern)
{
	struct arn p;
	if (!arn_parse(pattern, &p))
		return false;
	struct span left = p.rest, rest = it->arn.rest;
	it->n_values = 0;
	while (left.n) {
		ptrdiff_t at = span_find(left, SPAN_LIT("${"));
		struct span literal = at < 0 ? left : span_sub(left, 0, (size_t)at);
		if (!span_starts(rest, literal))
			return false;
		it->literal[it->n_values] = literal;
		rest = span_from(rest, literal.n);
		if (at < 0)
			return rest.n == 0;
		left = span_from(left, (size_t)at);
		ptrdiff_t end = span_chr(left, '}');
		if (end < 0 || it->n_values == ARN_VARIABLES)
			return false;
		left = span_from(left, (size_t)end + 1);
		ptrdiff_t next = span_find(left, SPAN_LIT("${"));
		struct span stop = next < 0 ? left : span_sub(left, 0, (size_t)next);
		ptrdiff_t n = stop.n == 0 ? (ptrdiff_t)rest.n : span_find(rest, stop);
		if (n < 0 || (n == 0 && rest.n == 0))
			return false;
		it->value[it->n_values++] = span_sub(rest, 0, (size_t)n);
		it->literal[it->n_values] = SPAN_LIT("");
		rest = span_from(rest, (size_t)n);
	}
	return rest.n == 0;
}

/* No pattern fits: all up to the first '/' or ':' is taken for the type's word and never folded. */
static void cut_anyhow(struct arn_parts *it)
{
	struct span r = it->arn.rest;
	size_t at = 0;
	while (at < r.n && r.p[at] != '/' && r.p[at] != ':')
		at++;
	at = at < r.n ? at + 1 : 0;
	it->literal[0] = span_sub(r, 0, at);
	it->value[0] = span_from(r, at);
	it->literal[1] = SPAN_LIT("");
	it->n_values = 1;
}

bool arn_parts_of(struct span resource, const struct sar_type *type, struct arn_parts *it)
{
	*it = (struct arn_parts){.n_values = 0};
	if (!arn_parse(resource, &it->arn))
		return false;
	size_t n = type ? sar_type_n_patterns(type) : 0;
	for (it->pattern = 0; it->pattern < n; it->pattern++)
		if (cut_by_pattern(it, sar_type_pattern(type, it->pattern)))
			return true;
	cut_anyhow(it);
	return true;
}

bool arn_parts_is_id(const struct arn_parts *it, const struct sar_type *type, size_t v)
{
	struct arn pattern;
	if (!type || it->pattern >= sar_type_n_patterns(type) ||
	    !arn_parse(sar_type_pattern(type, it->pattern), &pattern))
		return false;
	struct span left = pattern.rest, name = SPAN_NONE;
	for (size_t i = 0; i <= v; i++) {
		ptrdiff_t at = span_find(left, SPAN_LIT("${"));
		if (at < 0)
			return false;
		left = span_from(left, (size_t)at + 2);
		name = span_sub(left, 0, (size_t)span_chr(left, '}'));
	}
	return span_ends(name, SPAN_LIT("Id")) || span_ends(name, SPAN_LIT("ID"));
}

struct span arn_parts_join(const struct arn_parts *it, struct arena *arena)
{
	struct span part[10 + 2 * ARN_VARIABLES + 1];
	size_t n = 0, size = 0;
	const struct span head[] = {SPAN_LIT("arn:"), it->arn.partition, SPAN_LIT(":"),
	                            it->arn.service,  SPAN_LIT(":"),     it->arn.region,
	                            SPAN_LIT(":"),    it->arn.account,   SPAN_LIT(":")};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		part[n++] = head[i];
	for (size_t i = 0; i < it->n_values; i++) {
		part[n++] = it->literal[i];
		part[n++] = it->value[i];
	}
	part[n++] = it->literal[it->n_values];
	for (size_t i = 0; i < n; i++)
		size += part[i].n;
	char *out = arena_alloc(arena, size + 1), *p = out;
	for (size_t i = 0; i < n; i++) {
		if (part[i].n)
			memcpy(p, part[i].p, part[i].n);
		p += part[i].n;
	}
	*p = '\0';
	return span_make(out, size);
}
