/* fuzz_documents.c - fuzz: a text that is taken for a policy document is written as one that reads
 * the same, in every syntax that can be read back; and whatever it says, requests are decided the
 * same before and after. */
#include "fuzz.h"

#include "emit/emit.h"
#include "evaluator/evaluate.h"
#include "records/scan.h"

#include <stdlib.h>

static bool is_json(struct span text)
{
	struct scan j;
	scan_init(&j, text);
	return scan_skip(&j) && scan_end(&j);
}

static void must(bool well)
{
	if (!well)
		abort();
}

/* A decision on each request that the document's own first texts make. */
static void decide(struct span text, enum decision decisions[2])
{
	static const char *const resources[] = {"arn:aws:s3:::b/k", "*"};
	struct document *document;
	struct err err;
	struct arena arena;
	err_clear(&err);
	decisions[0] = decisions[1] = DECISION_DEPENDS;
	if (document_parse(text, &document, &err) != STATUS_OK)
		return;
	const struct layered layered = {.layer = LAYER_IDENTITY, .document = document};
	struct evaluator *e = evaluator_new(&layered, 1);
	arena_init(&arena);
	for (size_t i = 0; i < 2; i++) {
		const struct policy_document *d = &document->text;
		bool has_action = d->n_statements && d->statements[0].n_actions;
		const struct request request = {.action = has_action ? d->statements[0].actions[0]
		                                                     : span_of("s3:GetObject"),
		                                .resource = span_of(resources[i])};
		struct verdict verdict;
		evaluate(e, &request, &arena, &verdict);
		decisions[i] = verdict.decision;
		arena_reset(&arena);
	}
	arena_release(&arena);
	evaluator_free(e);
	document_free(document);
}

/* Every syntax takes it; what is JSON is JSON. */
static void emit_all(const struct policy_document *d)
{
	const struct emit_options options = {.name = span_of("ci"),
	                                     .subject = span_of("role/ci"),
	                                     .attach = ATTACH_ROLE,
	                                     .attach_name = span_of("ci"),
	                                     .tf_resource = true};
	static bool (*const json[])(const struct policy_document *, const struct emit_options *,
	                            struct buf *) = {emit_json, emit_minified, emit_hcl_json,
	                                             emit_cfn_json};
	struct buf out;
	buf_init(&out, (size_t)1 << 24);
	for (const struct emitter *e = emitters; e->name; e++) {
		buf_reset(&out);
		must(e->emit(d, &options, &out));
		/* a line is never ended by what stands in a name */
		must(out.n > 0 && out.p[out.n - 1] == '\n');
		for (size_t i = 0; i < out.n; i++)
			must((unsigned char)out.p[i] >= ' ' || out.p[i] == '\n' ||
			     out.p[i] == '\t');
	}
	for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
		buf_reset(&out);
		must(json[i](d, &options, &out) && is_json(buf_span(&out)));
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text = span_make((const char *)data, n);
	struct policy_document first, second;
	struct arena arena;
	struct err err;
	struct buf once, twice;
	enum decision before[2], after[2];
	arena_init(&arena);
	err_clear(&err);
	if (document_read(text, &arena, &first, &err) == STATUS_OK) {
		buf_init(&once, (size_t)1 << 24);
		buf_init(&twice, (size_t)1 << 24);
		for (int pretty = 0; pretty < 2; pretty++) {
			buf_reset(&once);
			buf_reset(&twice);
			must(document_write(&first, pretty, &once));
			must(document_read(buf_span(&once), &arena, &second, &err) == STATUS_OK);
			must(document_write(&second, pretty, &twice));
			must(span_eq(buf_span(&once), buf_span(&twice)));
		}
		decide(text, before);
		decide(buf_span(&once), after);
		must(before[0] == after[0] && before[1] == after[1]);
		emit_all(&first);
		buf_release(&once);
		buf_release(&twice);
	} else if (!err_is_set(&err))
		abort();
	arena_release(&arena);
	return 0;
}
