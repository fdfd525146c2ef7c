/* text.h - policy: the JSON text of a policy document, which is what IAM reads, stores and counts.
 * One writer both prints and measures, so that a size is never another than that of the text. */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include "base/buf.h"
#include "policy/policy.h"

/* Adds the document; pretty: indented by four blanks, with a newline at the end; else without any
 * white space outside of strings. False if the buffer's ceiling was met. */
bool document_text(const struct policy_document *d, bool pretty, struct buf *out);
/* The same for the members of a Statement array's one entry, without indentation before its brace.
 */
bool statement_text(const struct policy_statement *s, bool pretty, struct buf *out);
/* Characters of that text. */
size_t document_size(const struct policy_document *d, bool pretty);
/* What a statement adds to a document, the comma after it included. */
size_t statement_size(const struct policy_statement *s, bool pretty);
/* What one more action, resource or other value adds to a list of a statement. */
size_t text_item_size(struct span value, bool pretty);

#endif
