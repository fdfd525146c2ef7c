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

/* How well a row fits: 0 not at all. */
static int fits(const struct image_error *row, struct span service, struct span code)
{
	struct span of = image_str(&row->service), pattern = image_str(&row->code);
	bool all = span_is(of, "*"), glob = span_chr(pattern, '*') >= 0;
	if (!all && !span_eq(of, service))
		return 0;
	if (glob ? !span_glob(code, pattern, true) : !span_eq_ci(code, pattern))
		return 0;
	return 1 + (glob ? 0 : 1) + (all ? 0 : 2);
}

/* What proves less. */
static int doubt(enum error_phase phase)
{
	return phase == ERROR_BEFORE ? 2 : phase == ERROR_UNDECIDED ? 1 : 0;
}

struct error_rule mapping_error(const struct mapping *m, struct span source, struct span name,
                                struct span code)
{
	const struct operation *op = mapping_event(m, source, name);
	struct span service = op ? operation_service(op) : SPAN_NONE;
	struct error_rule out = {ERROR_UNDECIDED, SPAN_NONE, SPAN_NONE};
	int best = 0;
	size_t n;
	const struct image_error *rows = image_list(&m->errors, &n);
	code = error_code_stem(code);
	for (size_t i = 0; i < n && code.n; i++) {
		enum error_phase phase = (enum error_phase)rows[i].phase;
		int how = fits(&rows[i], service, code);
		if (how > best || (how && how == best && doubt(phase) > doubt(out.phase))) {
			best = how;
			out = (struct error_rule){phase, image_str(&rows[i].reason),
			                          image_str(&rows[i].document)};
		}
	}
	return out;
}
