/* document-write.c - policy: a parsed document as JSON again, for what is proposed or reported. */
#include "config.h"

#include "policy/document.h"

static void put_list_open(struct buf *b, const char *name, size_t n)
{
	buf_addf(b, ",\n      \"%s\": %s", name, n == 1 ? "" : "[");
}

static void put_item(struct buf *b, struct span text, size_t i, size_t n)
{
	if (n > 1)
		buf_addf(b, "%s\n        ", i ? "," : "");
	buf_add_json(b, text);
}

static void put_list_close(struct buf *b, size_t n)
{
	if (n != 1)
		buf_add_str(b, "\n      ]");
}

static void put_principals(struct buf *b, const struct statement *s)
{
	static const char *const names[] = {"AWS", "Federated", "Service", "CanonicalUser"};
	if (s->principal_element == PRINCIPAL_ABSENT)
		return;
	buf_addf(b, ",\n      \"%s\": ",
	         s->principal_element == PRINCIPAL_IN ? "Principal" : "NotPrincipal");
	if (s->everyone) {
		buf_add_str(b, "\"*\"");
		return;
	}
	buf_add_char(b, '{');
	const char *comma = "";
	for (size_t kind = 0; kind < 4; kind++) {
		size_t count = 0;
		for (size_t i = 0; i < s->n_principals; i++) {
			if (s->principals[i].kind != (enum principal_kind)kind)
				continue;
			if (count++ == 0)
				buf_addf(b, "%s\"%s\": [", comma, names[kind]);
			else
				buf_add_str(b, ", ");
			buf_add_json(b, s->principals[i].text);
		}
		if (count) {
			buf_add_char(b, ']');
			comma = ", ";
		}
	}
	buf_add_char(b, '}');
}

static void put_operand(struct buf *b, const struct operand *o)
{
	if (o->bare)
		buf_add_span(b, o->text);
	else
		buf_add_json(b, o->text);
}

static void put_test(struct buf *b, const struct test *t)
{
	buf_add_json(b, t->key_text);
	buf_add_str(b, ": ");
	bool list = t->list || t->n_operands != 1;
	if (list)
		buf_add_char(b, '[');
	for (size_t i = 0; i < t->n_operands; i++) {
		if (i)
			buf_add_str(b, ", ");
		put_operand(b, &t->operands[i]);
	}
	if (list)
		buf_add_char(b, ']');
}

static void put_tests(struct buf *b, const struct statement *s)
{
	if (s->n_tests == 0)
		return;
	buf_add_str(b, ",\n      \"Condition\": {");
	for (size_t i = 0; i < s->n_tests; i++) {
		/* tests of one operator stand together, as they were read */
		bool same = i && span_eq(s->tests[i - 1].operator_text, s->tests[i].operator_text);
		if (!same) {
			buf_addf(b, "%s\n        ", i ? "}," : "");
			buf_add_json(b, s->tests[i].operator_text);
			buf_add_str(b, ": {");
		} else {
			buf_add_str(b, ", ");
		}
		put_test(b, &s->tests[i]);
	}
	buf_add_str(b, "}\n      }");
}

static void put_statement(struct buf *b, const struct statement *s)
{
	buf_add_str(b, "\n    {\n      ");
	if (s->sid.p) {
		buf_add_str(b, "\"Sid\": ");
		buf_add_json(b, s->sid);
		buf_add_str(b, ",\n      ");
	}
	buf_addf(b, "\"Effect\": \"%s\"", s->deny ? "Deny" : "Allow");
	put_principals(b, s);
	put_list_open(b, s->not_action ? "NotAction" : "Action", s->n_actions);
	for (size_t i = 0; i < s->n_actions; i++)
		put_item(b, s->actions[i].text, i, s->n_actions);
	put_list_close(b, s->n_actions);
	if (s->resource_element != RESOURCE_ABSENT) {
		put_list_open(b, s->resource_element == RESOURCE_IN ? "Resource" : "NotResource",
		              s->n_resources);
		for (size_t i = 0; i < s->n_resources; i++)
			put_item(b, s->resources[i].text, i, s->n_resources);
		put_list_close(b, s->n_resources);
	}
	put_tests(b, s);
	buf_add_str(b, "\n    }");
}

bool document_write(const struct document *d, struct buf *b)
{
	buf_add_str(b, "{\n");
	if (d->version.p) {
		buf_add_str(b, "  \"Version\": ");
		buf_add_json(b, d->version);
		buf_add_str(b, ",\n");
	}
	if (d->id.p) {
		buf_add_str(b, "  \"Id\": ");
		buf_add_json(b, d->id);
		buf_add_str(b, ",\n");
	}
	buf_add_str(b, "  \"Statement\": [");
	for (size_t i = 0; i < d->n_statements; i++) {
		if (i)
			buf_add_char(b, ',');
		put_statement(b, &d->statements[i]);
	}
	return buf_add_str(b, "\n  ]\n}\n");
}
