/* errors.c - mapping: see errors.h. */
#include "config.h"

#include "mapping/errors.h"

#include "call/error-code.h"
#include "mapping/lookup.h"

const char *error_phase_name(enum error_phase phase)
{
	switch (phase) {
	case ERROR_BEFORE: return "before";
	case ERROR_AFTER: return "after";
	case ERROR_UNDECIDED: break;
	}
	return "undecided";
}

/* How well a row fits: 0 not at all; a pattern 1; of whole codes a row of the operation better than
 * one of its service, that better than one of all. */
static int fits(const struct image_error *row, struct span service, struct span operation,
                struct span code, bool patterns)
{
	struct span of = image_str(&row->service), pattern = image_str(&row->code);
	bool all = span_is(of, "*");
	if (!all && !span_starts(of, service))
		return 0;
	if (patterns != (span_chr(pattern, '*') >= 0))
		return 0;
	if (patterns ? !span_glob(code, pattern, true) : !span_eq_ci(code, pattern))
		return 0;
	struct span whose = span_cut(&of, ':');
	if ((!all && !span_eq(whose, service)) || (of.p && !span_eq(of, operation)))
		return 0;
	return patterns ? 1 : 2 + (all ? 0 : 1) + (of.p ? 1 : 0);
}

/* What proves less. */
static int doubt(enum error_phase phase)
{
	return phase == ERROR_BEFORE ? 2 : phase == ERROR_UNDECIDED ? 1 : 0;
}

/* Patterns take longest: they are looked at where no row has the whole code. */
static struct error_rule rule_of(const struct mapping *m, struct span service,
                                 struct span operation, struct span code)
{
	struct error_rule out = {ERROR_UNDECIDED, SPAN_NONE, SPAN_NONE};
	int best = 0;
	size_t n;
	const struct image_error *rows = image_list(&m->errors, &n);
	for (size_t i = 0; i < 2 * n && code.n; i++) {
		const struct image_error *row = &rows[i % n];
		if (i == n && best)
			break;
		enum error_phase phase = (enum error_phase)row->phase;
		int how = fits(row, service, operation, code, i >= n);
		if (how > best || (how && how == best && doubt(phase) > doubt(out.phase))) {
			best = how;
			out = (struct error_rule){phase, image_str(&row->reason),
			                          image_str(&row->document)};
		}
	}
	return out;
}

struct error_rule mapping_error(const struct mapping *m, struct span source, struct span name,
                                struct span code)
{
	const struct operation *op = mapping_event(m, source, name);
	const struct image_source *s = op ? NULL : lookup_source(m, source);
	size_t n = 0;
	const row_ref *services = s ? image_list(&s->services, &n) : NULL;
	struct error_rule out;
	code = error_code_stem(code);
	if (op)
		return rule_of(m, operation_service(op), operation_name(op), code);
	/* an operation newer than the tables: any service of the source may have it */
	out = rule_of(m, SPAN_NONE, SPAN_NONE, code);
	for (size_t i = 0; i < n; i++) {
		const struct image_service *service = image_row(&services[i]);
		struct error_rule rule = rule_of(m, image_str(&service->folder), SPAN_NONE, code);
		if (i == 0 || doubt(rule.phase) > doubt(out.phase))
			out = rule;
	}
	return out;
}
