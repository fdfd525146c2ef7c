/* inert.h - emit: names from logs in syntaxes that are not only read but deployed: what the tool that
 * deploys them would take for a command and put something else in the place of.
 *
 * CloudFormation replaces "{{resolve:SERVICE:REFERENCE}}" wherever it stands in a property, also
 * where Fn::Join or Fn::Sub made it (CloudFormation user guide, "Get values stored in other services
 * using dynamic references"), and has no way to write it as text. An object with the one key "Ref" or
 * "Fn::..." is an intrinsic function. The CDK looks in every string for its tokens, "${Token[...]}"
 * and "#{Token[...]}" (aws-cdk-lib, core/lib/private/encoding). So one '{' of such a name becomes
 * '?', which IAM takes for any one character, and that is told. */
#ifndef EMIT_INERT_H
#define EMIT_INERT_H

#include "base/err.h"
#include "emit/emit.h"

/* Makes *out, in arena and borrowing from d: the document with nothing in it that deploying would
 * replace; *replaced is how many characters became '?'. STATUS_OK; STATUS_STOP with err where that
 * could not be done without changing what is allowed (in a condition, in a statement that denies),
 * naming the statement. Emitters whose text is not deployed get d as it is. */
enum status emit_inert(const struct emitter *e, const struct policy_document *d,
                       struct arena *arena, struct policy_document *out, size_t *replaced,
                       struct err *err);
/* The same for a name or a description. */
struct span emit_inert_text(const struct emitter *e, struct span s, struct arena *arena,
                            size_t *replaced);

#endif
