/* read.c - mapping/compile: reads all tables of a folder; see model.h. */
#include "config.h"

#include "mapping/compile/model.h"

static enum status provenance_row(struct model *m, void *to, const struct tsv *t,
                                  struct span *field, size_t n, struct err *err)
{
	struct buf *b = to;
	if (!buf_addf(b, "%s%.*s", b->n ? " " : "", SPAN_ARG(field[0])) ||
	    (n > 1 && !buf_addf(b, " %.*s", SPAN_ARG(field[1]))))
		return tsv_bad(t, err, "too much text");
	return STATUS_OK;
}

enum status model_read(struct model *m, const char *dir, struct err *err)
{
	struct buf version;
	*m = (struct model){.hash = UINT64_C(0xcbf29ce484222325)};
	arena_init(&m->arena);
	buf_init(&version, 400);
	enum status status =
	        model_table(m, dir, "version.tsv", false, 1, provenance_row, &version, err);
	if (status == STATUS_OK)
		status = model_generated(m, dir, err);
	if (status == STATUS_OK)
		status = model_curate(m, dir, err);
	if (status == STATUS_OK)
		model_add_action_only(m);
	m->version = arena_printf(&m->arena, "%s %016llx", buf_str(&version),
	                          (unsigned long long)m->hash);
	buf_release(&version);
	return status;
}
