/* variables.c - emit: see variables.h. */
#include "config.h"

#include "emit/variables.h"

#include "call/arn.h"

/* Partitions and accounts are few, and AWS has some forty regions. */
enum { LIMIT_VARIABLES = 4096 };

void emit_variables_init(struct emit_variables *v)
{
	*v = (struct emit_variables){.n = 0};
	arena_init(&v->arena);
}

void emit_variables_release(struct emit_variables *v)
{
	vec_release(v);
	arena_release(&v->arena);
}

bool emit_variable_fits(enum variable_kind kind, struct span value)
{
	if (kind == VARIABLE_ACCOUNT)
		return arn_is_account(value);
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_alpha(value.p[i]) && !ascii_digit(value.p[i]) && value.p[i] != '-')
			return false;
	return value.n > 0 && value.n < 64;
}

static bool put_name(const struct emit_variables *v, enum variable_kind kind, struct span value,
                     struct buf *b)
{
	if (kind == VARIABLE_ACCOUNT && span_eq(value, v->account))
		return buf_add_str(b, "account_id");
	if (kind == VARIABLE_PARTITION && span_is(value, "aws"))
		return buf_add_str(b, "partition");
	bool ok = buf_add_str(b, kind == VARIABLE_ACCOUNT     ? "account_id_"
	                         : kind == VARIABLE_PARTITION ? "partition_"
	                                                      : "region_");
	for (size_t i = 0; i < value.n; i++)
		ok = ok && buf_add_char(b, value.p[i] == '-' ? '_' : value.p[i]);
	return ok;
}

bool emit_variable_put(struct emit_variables *v, enum variable_kind kind, struct span value,
                       struct buf *b)
{
	size_t i = 0;
	while (i < v->n && !(v->v[i].kind == kind && span_eq(v->v[i].value, value)))
		i++;
	struct emit_variable *one = i == v->n ? vec_push(v, LIMIT_VARIABLES) : NULL;
	if (one)
		*one = (struct emit_variable){kind, arena_span(&v->arena, value)};
	return buf_add_str(b, "${var.") && put_name(v, kind, value, b) && buf_add_char(b, '}');
}

static int by_name(const void *a, const void *b)
{
	const struct emit_variable *x = a, *y = b;
	return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : span_cmp(x->value, y->value);
}

bool emit_variables_text(struct emit_variables *v, struct buf *b)
{
	static const char *const what[] = {[VARIABLE_ACCOUNT] = "account",
	                                   [VARIABLE_PARTITION] = "partition",
	                                   [VARIABLE_REGION] = "region"};
	bool ok = true;
	sort_items(v->v, v->n, sizeof *v->v, by_name);
	for (size_t i = 0; i < v->n && ok; i++) {
		ok = buf_addf(b, "%svariable \"", i ? "\n" : "") &&
		     put_name(v, v->v[i].kind, v->v[i].value, b) &&
		     buf_add_str(b, "\" {\n  description = \"");
		ok = ok && buf_addf(b,
		                    "The %s in the place of %.*s.\"\n  type        = string\n"
		                    "  default     = \"%.*s\"\n}\n",
		                    what[v->v[i].kind], SPAN_ARG(v->v[i].value),
		                    SPAN_ARG(v->v[i].value));
	}
	return ok;
}
