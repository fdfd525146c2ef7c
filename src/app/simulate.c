/* simulate.c - app: see simulate.h. */
#include "config.h"

#include "app/simulate.h"

#include "evaluator/query.h"

#include <inttypes.h>

bool simulate_line(struct span line, uint64_t number, struct buf *out)
{
	struct json_writer w;
	struct query q;
	struct err err;
	struct verdict v;
	query_init(&q);
	err_clear(&err);
	json_to_buf(&w, out, LAYOUT_COMPACT);
	json_begin_object(&w);
	bool ok = query_parse(&q, line, &err) == STATUS_OK;
	if (ok) {
		struct evaluator *e = evaluator_new(q.policies, q.n_policies);
		evaluate(e, &q.request, &q.arena, &v);
		verdict_write(&w, &v, q.policies, q.names);
		evaluator_free(e);
	} else {
		json_member_text(&w, "error",
		                 arena_printf(&q.arena, "line %" PRIu64 ": %s", number, err.text));
	}
	json_end_object(&w);
	query_release(&q);
	return json_finish(&w) && ok;
}
