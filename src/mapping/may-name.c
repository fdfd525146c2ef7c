/* may-name.c - mapping: which operations' calls may need access to resources of a service, by the ARN
 * patterns of all resource types that resolve_call could try for them. */
#include "config.h"

#include "mapping/lookup.h"

#include "base/span.h"

/* A pattern "arn:${Partition}:SERVICE:..."; in doubt it may. What is known of a name of IAM stands for
 * the whole ARN ("...WithPath"). */
static bool pattern_may(struct span pattern, struct span service)
{
	struct span rest = pattern;
	span_cut(&rest, ':');
	span_cut(&rest, ':');
	struct span field = span_cut(&rest, ':');
	if (!rest.p || span_chr(field, '$') >= 0 || span_chr(field, '*') >= 0 ||
	    span_find(pattern, SPAN_LIT("WithPath}")) >= 0)
		return true;
	return span_eq_ci(field, service);
}

static bool type_may(const struct sar_type *t, struct span service)
{
	for (size_t i = 0; t && i < sar_type_n_patterns(t); i++)
		if (pattern_may(sar_type_pattern(t, i), service))
			return true;
	return false;
}

static bool own_types_may(const struct sar_action *a, struct span service)
{
	for (size_t i = 0; i < sar_action_n_types(a); i++)
		if (type_may(sar_action_type(a, i), service))
			return true;
	return false;
}

static bool action_may(const struct mapping *m, const struct sar_action *a, struct span service)
{
	if (own_types_may(a, service))
		return true;
	for (size_t i = 0; i < sar_action_n_dependents(a); i++) {
		const struct sar_action *d = sar_action(m, sar_action_dependent(a, i));
		if (d && own_types_may(d, service))
			return true;
	}
	return false;
}

static bool list_may(const list_ref *list, struct span service)
{
	size_t n;
	const struct image_on *on = image_list(list, &n);
	for (size_t i = 0; i < n; i++)
		if (type_may(image_row(&on[i].type), service))
			return true;
	return false;
}

/* What an operation needs beside its grants; a role that it passes may be any that is known. */
static bool more_may(const struct mapping *m, const struct image_more *more, struct span service)
{
	size_t n_passes, n_also, n_unrecorded;
	image_list(&more->passes, &n_passes);
	const row_ref *also = image_list(&more->also, &n_also);
	const struct image_unrecorded *u = image_list(&more->unrecorded, &n_unrecorded);
	if (n_passes)
		return true;
	for (size_t i = 0; i < n_also; i++)
		if (action_may(m, image_row(&also[i]), service))
			return true;
	for (size_t i = 0; i < n_unrecorded; i++)
		if (type_may(image_row(&u[i].type), service))
			return true;
	return false;
}

static bool operation_may(const struct mapping *m, const struct operation *op, struct span service)
{
	size_t n = 0;
	if (image_flags(op) & OP_PLAIN)
		return action_may(m, image_row(&op->needs), service) ||
		       list_may(&op->rest, service);
	const struct image_more *more = image_more(op);
	const struct image_grant *grant = image_list(&op->needs, &n);
	for (size_t i = 0; i < n; i++)
		if (action_may(m, image_row(&grant[i].action), service) ||
		    list_may(&grant[i].on, service))
			return true;
	return more && more_may(m, more, service);
}

bool mapping_may_name(const struct mapping *m, struct span source, struct span name,
                      struct span service)
{
	enum { LIMIT_NAMESAKES = 16 };
	const struct operation *same[LIMIT_NAMESAKES];
	struct lookup found = lookup_event(m, source, name);
	size_t n = lookup_namesakes(m, source, name, same, LIMIT_NAMESAKES);
	bool may = n == LIMIT_NAMESAKES || (found.op && operation_may(m, found.op, service));
	for (size_t i = 0; i < n && !may; i++)
		may = operation_may(m, same[i], service);
	return may;
}
