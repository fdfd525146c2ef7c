/* facts.c - mapping: see facts.h. */
#include "config.h"

#include "mapping/facts.h"

#include "mapping/image.h"

static struct fact_rule rule_of(const struct image_fact *f)
{
	return (struct fact_rule){image_str(&f->kind), image_str(&f->name), image_str(&f->value)};
}

bool mapping_fact_at(const struct mapping *m, size_t i, struct span *source, struct span *event,
                     struct fact_rule *out)
{
	size_t n;
	const struct image_fact *f = image_list(&m->facts, &n);
	if (i >= n)
		return false;
	*source = image_str(&f[i].source);
	*event = image_str(&f[i].event);
	*out = rule_of(&f[i]);
	return true;
}

size_t mapping_facts(const struct mapping *m, struct span source, struct span event,
                     struct fact_rule *out, size_t max)
{
	size_t n, found = 0;
	const struct image_fact *f = image_list(&m->facts, &n);
	for (size_t i = 0; i < n && found < max; i++)
		if (span_eq(image_str(&f[i].event), event) &&
		    span_eq(image_str(&f[i].source), source))
			out[found++] = rule_of(&f[i]);
	return found;
}
