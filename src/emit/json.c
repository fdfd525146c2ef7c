/* json.c - emit: the document itself, for reading and as short as it can be. */
#include "config.h"

#include "emit/emit.h"

bool emit_json(const struct policy_document *d, const struct emit_options *o, struct buf *out)
{
	return document_write(d, true, out);
}

bool emit_minified(const struct policy_document *d, const struct emit_options *o, struct buf *out)
{
	return document_write(d, false, out) && buf_add_char(out, '\n');
}
