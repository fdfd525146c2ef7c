/* facts.c - mapping: see facts.h. */
#include "config.h"

#include "mapping/facts.h"

#include "mapping/image.h"

size_t mapping_facts(const struct mapping *m, struct span source, struct span event,
                     struct fact_rule *out, size_t max)
{
	size_t n, found = 0;
	const struct image_fact *f = image_list(&m->facts, &n);
	for (size_t i = 0; i < n && found < max; i++)
		if (span_eq(image_str(&f[i].event), event) &&
		    span_eq(image_str(&f[i].source), source))
			out[found++] =
			        (struct fact_rule){image_str(&f[i].kind), image_str(&f[i].name),
			                           image_str(&f[i].value)};
	return found;
}
