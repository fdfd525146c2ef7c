/* fuzz_query.c - fuzz: a line of requests is refused with a reason, or decided, and the answer is
 * JSON; what does not depend on unknown keys stays as it is when they are absent. */
#include "evaluator/query.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum decision without_unknown(struct evaluator *e, struct query *q)
{
	struct request r = q->request;
	struct request_key *keys = arena_alloc(&q->arena, (r.keys.n + 1) * sizeof *keys);
	struct verdict v;
	size_t n = 0;
	for (size_t i = 0; i < r.keys.n; i++)
		if (!r.keys.v[i].unknown)
			keys[n++] = r.keys.v[i];
	r.keys = (struct request_keys){keys, n};
	evaluate(e, &r, &q->arena, &v);
	return v.decision;
}

static void check(struct query *q)
{
	struct buf out;
	struct json_writer w;
	struct verdict v;
	const struct span *absent;
	size_t n_absent;
	struct evaluator *e = evaluator_new(q->policies, q->n_policies);
	buf_init(&out, (size_t)1 << 26);
	evaluate(e, &q->request, &q->arena, &v);
	evaluate_absent(e, &q->request, &q->arena, &absent, &n_absent);
	json_to_buf(&w, &out, LAYOUT_COMPACT);
	json_begin_object(&w);
	verdict_write(&w, &v, q->policies, q->names);
	json_end_object(&w);
	if (!json_finish(&w))
		abort();
	json_t *j = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
	if (!j || json_object_size(j) != 5)
		abort();
	json_decref(j);
	if ((v.decision == DECISION_DEPENDS) != (v.n_on > 0))
		abort();
	if (v.decision != DECISION_DEPENDS && without_unknown(e, q) != v.decision)
		abort();
	evaluator_free(e);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct query q;
	struct err err;
	query_init(&q);
	err_clear(&err);
	if (query_parse(&q, span_make((const char *)data, n), &err) == STATUS_OK)
		check(&q);
	else if (!err_is_set(&err) || !err.reason)
		abort();
	query_release(&q);
	return 0;
}
