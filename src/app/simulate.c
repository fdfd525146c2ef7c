/* simulate.c - app: see simulate.h. */
#include "config.h"

#include "app/simulate.h"

#include "evaluator/query.h"

bool simulate_line(struct span line, struct buf *out)
{
	struct query q;
	struct err err;
	struct verdict v;
	query_init(&q);
	err_clear(&err);
	bool ok = query_parse(&q, line, &err) == STATUS_OK;
	if (ok) {
		struct evaluator *e = evaluator_new(q.policies, q.n_policies);
		evaluate(e, &q.request, &q.arena, &v);
		verdict_write(out, &v, q.policies, q.names);
		evaluator_free(e);
	} else {
		buf_add_str(out, "{\"error\":");
		buf_add_json(out, span_of(err.text));
		buf_add_char(out, '}');
	}
	query_release(&q);
	return ok;
}
