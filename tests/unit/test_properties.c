/* test_properties.c - for any value, what is read back is what was written: policy documents, lines
 * of captures, fields of CSV; what stands for several names takes each of them. */
#include "property.h"

#include "base/csv.h"
#include "builder/fixed-width.h"
#include "capture/capture-line.h"
#include "events/captured.h"
#include "mapping/errors.h"
#include "policy/document.h"
#include "policy/iam-text.h"
#include "policy/pattern-text.h"
#include "records/csv.h"

/* ---- policy documents */

static const struct span *any_list(struct random *r, struct span (*one)(struct random *), size_t *n)
{
	*n = 1 + any_below(r, 1 + r->size / 4);
	struct span *list = arena_calloc(&r->arena, *n, sizeof *list);
	for (size_t i = 0; i < *n; i++)
		list[i] = one(r);
	return list;
}

static struct span any_action(struct random *r)
{
	static const char *const actions[] = {
	        "s3:GetObject", "s3:*", "*", "iam:PassRole", "dynamodb:?etItem", "SQS:sendmessage"};
	return ANY_OF(r, actions);
}

static struct span any_resource(struct random *r)
{
	struct span text = any_text(r);
	return once_in(r, 4) ? SPAN_LIT("*")
	                     : arena_printf(&r->arena, "arn:aws:s3:::b%.*s", SPAN_ARG(text));
}

static void any_conditions(struct random *r, struct policy_statement *s)
{
	/* as the model wants them: those of an operator together, no key twice */
	static const char *const operators[] = {"ForAnyValue:StringLike", "StringEquals",
	                                        "StringNotLikeIfExists"};
	static const char *const keys[] = {"aws:PrincipalTag/team", "aws:RequestedRegion",
	                                   "s3:prefix"};
	struct policy_condition *list = arena_calloc(&r->arena, 9, sizeof *list);
	for (size_t i = 0; i < 9; i++) {
		struct policy_condition *c = &list[s->n_conditions];
		if (!once_in(r, 4))
			continue;
		c->operator= span_of(operators[i / 3]);
		c->key = span_of(keys[i % 3]);
		c->values = any_list(r, any_text, &c->n_values);
		s->n_conditions++;
	}
	s->conditions = list;
}

static struct policy_document any_document(struct random *r)
{
	struct policy_document d = {.version = SPAN_LIT("2012-10-17")};
	d.n_statements = 1 + any_below(r, 1 + r->size / 8);
	struct policy_statement *list = arena_calloc(&r->arena, d.n_statements, sizeof *list);
	for (size_t i = 0; i < d.n_statements; i++) {
		struct policy_statement *s = &list[i];
		s->deny = once_in(r, 3);
		s->not_action = once_in(r, 5);
		s->not_resource = once_in(r, 5);
		if (once_in(r, 2))
			s->sid = arena_printf(&r->arena, "S%zu", i);
		s->actions = any_list(r, any_action, &s->n_actions);
		s->resources = any_list(r, any_resource, &s->n_resources);
		any_conditions(r, s);
	}
	d.statements = list;
	return d;
}

static void same_list(const struct span *a, size_t n, const struct span *b, size_t m)
{
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++)
		assert_true(span_eq(a[i], b[i]));
}

static void same_statement(const struct policy_statement *a, const struct policy_statement *b)
{
	assert_true(span_eq(a->sid, b->sid));
	assert_int_equal(a->deny, b->deny);
	assert_int_equal(a->not_action, b->not_action);
	assert_int_equal(a->not_resource, b->not_resource);
	same_list(a->actions, a->n_actions, b->actions, b->n_actions);
	same_list(a->resources, a->n_resources, b->resources, b->n_resources);
	assert_int_equal(a->n_conditions, b->n_conditions);
	for (size_t i = 0; i < a->n_conditions; i++) {
		assert_true(span_eq(a->conditions[i].operator, b->conditions[i].operator));
		assert_true(span_eq(a->conditions[i].key, b->conditions[i].key));
		same_list(a->conditions[i].values, a->conditions[i].n_values,
		          b->conditions[i].values, b->conditions[i].n_values);
	}
}

static void a_document_comes_back(struct random *r)
{
	struct policy_document d = any_document(r), back;
	struct err err;
	for (int pretty = 0; pretty < 2; pretty++) {
		struct buf text;
		buf_init(&text, 1 << 22);
		err_clear(&err);
		assert_true(document_write(&d, pretty, &text));
		assert_int_equal(iam_characters(buf_span(&text)), document_size(&d, pretty));
		if (document_read(buf_span(&text), &r->arena, &back, &err) != STATUS_OK)
			fail_msg("%s: %s", err.text, buf_str(&text));
		assert_true(span_eq(back.version, d.version));
		assert_int_equal(back.n_statements, d.n_statements);
		for (size_t i = 0; i < d.n_statements; i++)
			same_statement(&d.statements[i], &back.statements[i]);
		buf_release(&text);
	}
}

static void documents_come_back(void **state)
{
	for_any(a_document_comes_back, 600);
}

/* ---- lines of a capture */

static struct captured_call any_call(struct random *r, struct param *params)
{
	static const char *const names[] = {"ListBuckets", "PutItem", "AssumeRole"};
	static const char *const sources[] = {"s3.amazonaws.com", "dynamodb.amazonaws.com",
	                                      "sts.amazonaws.com"};
	static const char *const paths[] = {"Bucket", "Key", "TableName", "RoleArn", "QueueUrl"};
	struct captured_call call = {.observer = OBSERVED_PROXY,
	                             .time_ms = 1700000000000 + any_below(r, 1 << 30),
	                             .source = ANY_OF(r, sources),
	                             .name = ANY_OF(r, names),
	                             .status = 200 + any_below(r, 300)};
	call.request_id = any_text(r);
	call.user_agent = any_text(r);
	call.error_code = any_text(r);
	call.host = any_text(r);
	call.params = params;
	call.n_params = any_below(r, 5);
	for (size_t i = 0; i < call.n_params; i++)
		params[i] = (struct param){span_of(paths[i]), any_text(r), PARAM_VALUE};
	return call;
}

/* Whatever is in a call, its line is one line, and is read as what it is. */
static void a_line_comes_back(struct random *r)
{
	struct param params[5];
	struct captured_call call = any_call(r, params);
	const struct capture_filter filter = {.mapping = mapping_builtin(), .arena = &r->arena};
	const unsigned char id[CAPTURE_ID_BYTES] = {1};
	struct captured_state state = {.id = ""};
	enum captured_kind kind;
	struct event e;
	struct buf text;
	struct err err;
	buf_init(&text, 1 << 20);
	err_clear(&err);
	capture_line_header(&text, "proxy", id, call.time_ms);
	assert_int_equal(
	        captured_parse(&state, span_trim(buf_span(&text)), 1, &r->arena, &kind, &e, &err),
	        STATUS_OK);
	assert_int_equal(kind, CAPTURED_HEADER);
	buf_reset(&text);
	capture_line_call(&text, &filter, &call);
	struct span line = buf_span(&text);
	assert_int_equal(span_chr(line, '\n'), line.n - 1);
	assert_int_equal(captured_parse(&state, span_trim(line), 2, &r->arena, &kind, &e, &err),
	                 STATUS_OK);
	assert_int_equal(kind, CAPTURED_CALL);
	assert_true(span_eq(e.source, call.source));
	assert_true(span_eq(e.name, call.name));
	assert_int_equal(e.time, call.time_ms / 1000);
	/* what was not what it says is left out, never changed */
	assert_true(!e.request_id.n || span_eq(e.request_id, call.request_id));
	buf_release(&text);
}

static void capture_lines_come_back(void **state)
{
	for_any(a_line_comes_back, 600);
}

/* ---- CSV */

static void a_row_comes_back(struct random *r)
{
	struct span cells[6];
	struct buf row;
	struct csv t;
	size_t used, n = 2 + any_below(r, 5);
	const char *error;
	if (n > 6)
		n = 6;
	buf_init(&row, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		cells[i] = any_text(r);
		if (i)
			buf_add_char(&row, ',');
		csv_text(&row, cells[i]);
	}
	buf_add_str(&row, "\r\n");
	csv_init(&t);
	t.separator = ',';
	assert_int_equal(csv_row(&t, buf_span(&row), true, &used, &error), CSV_ROW);
	assert_int_equal(used, row.n);
	for (size_t i = 0; i < n; i++) {
		struct span got = csv_cell(&t, i);
		/* white space and what cannot be seen may come before: then either will do */
		bool begins = cells[i].n && strchr("=+-@\t\r\n", cells[i].p[0]),
		     formula = begins || span_starts(got, SPAN_LIT("'")) > span_starts(cells[i], SPAN_LIT("'"));
		/* never a formula, else as it was */
		if (formula)
			assert_int_equal(got.p[0], '\'');
		assert_true(span_eq(formula ? span_from(got, 1) : got, cells[i]) ||
		            (!got.n && !cells[i].n));
	}
	csv_release(&t);
	buf_release(&row);
}

static void rows_of_csv_come_back(void **state)
{
	for_any(a_row_comes_back, 1000);
}

/* ---- error codes */

/* Whatever service, operation and code: what says that it was refused, or for its rate, proves
 * nothing. */
static void a_refusal_proves_nothing(struct random *r)
{
	static const char *const words[] = {"Throttl",       "AccessDenied", "Unauthorized",
	                                    "NotAuthorized", "ExpiredToken", "SecurityToken"};
	static const char *const sources[] = {"ec2.amazonaws.com", "s3.amazonaws.com",
	                                      "iam.amazonaws.com", "bedrock.amazonaws.com",
	                                      "nosuch.amazonaws.com"};
	static const char *const names[] = {"RunInstances", "HeadBucket", "CreateUser",
	                                    "NewerThanAll"};
	static const char *const ends[] = {"",          "Exception", "Fault",     "LimitExceeded",
	                                   ".NotFound", ".InUse",    ".Duplicate"};
	struct span before = ANY_OF(r, ends), word = ANY_OF(r, words), end = ANY_OF(r, ends);
	struct span code = arena_printf(&r->arena, "%.*s%.*s%.*s", SPAN_ARG(before), SPAN_ARG(word),
	                                SPAN_ARG(end));
	struct error_rule rule =
	        mapping_error(mapping_builtin(), ANY_OF(r, sources), ANY_OF(r, names), code);
	if (rule.phase == ERROR_AFTER)
		fail_msg("%.*s is a proof", SPAN_ARG(code));
}

static void refusals_prove_nothing(void **state)
{
	for_any(a_refusal_proves_nothing, 2000);
}

/* ---- words of a set */

enum word_kind {
	WORD_UUID,
	WORD_HEX,
	WORD_STACK,
	WORD_DATE,
	WORD_NUMBER,
	WORD_PADDED,
	WORD_TEXT,
	WORD_RANDOM, /* as many bytes in each, not of ASCII alone */
	WORD_KINDS
};

static struct span any_characters(struct random *r, const char *const *of, size_t n_of, size_t n)
{
	struct span out = SPAN_LIT("");
	for (size_t i = 0; i < n; i++) {
		struct span one = any_of(r, of, n_of);
		out = arena_printf(&r->arena, "%.*s%.*s", SPAN_ARG(out), SPAN_ARG(one));
	}
	return out;
}

static struct span any_hex(struct random *r, size_t n)
{
	static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7",
	                                     "8", "9", "a", "b", "c", "d", "e", "f"};
	return any_characters(r, digits, 16, n);
}

static struct span any_word(struct random *r, enum word_kind kind, size_t width)
{
	static const char *const capitals[] = {"A", "B", "Z", "0", "1", "7"};
	/* of one byte and of more, and what stands for a '$' */
	static const char *const texts[] = {"a", "b", "x", "Q", "0", "1", "7", "-", "_",
	                                    "\u00e4", "\u00f6", "\u20ac", "\U0001f600", "${$}"};
	static const char *const wide[] = {"\u00e4", "\u20ac", "${$}"};
	struct arena *a = &r->arena;
	struct span h;
	int at;
	switch (kind) {
	case WORD_UUID:
		h = any_hex(r, 32);
		return arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", h.p, h.p + 8, h.p + 12,
		                    h.p + 16, h.p + 20);
	case WORD_HEX: return any_hex(r, once_in(r, 4) ? 36 : 7 + width);
	case WORD_STACK: return any_characters(r, capitals, 6, 12 + any_below(r, 2));
	case WORD_DATE:
		return arena_printf(a, "20%02u-%02u-%02u", any_below(r, 100),
		                    1 + any_below(r, 12), 1 + any_below(r, 28));
	case WORD_NUMBER: return arena_printf(a, "pr%u", any_below(r, 1u << (1 + width)));
	case WORD_PADDED: return arena_printf(a, "%0*u", 1 + (int)width, any_below(r, 1000));
	case WORD_RANDOM:
		h = any_characters(r, texts, 7, 5 + width);
		at = (int)any_below(r, 6 + (unsigned)width);
		return arena_printf(a, "%.*s%s%s", at, h.p, wide[width % 3], h.p + at);
	default: return any_characters(r, texts, sizeof texts / sizeof *texts, 1 + width);
	}
}

/* A number with letters around it: whether such rise, in the order in which they came, matters. */
static bool has_number(struct span w)
{
	for (size_t at = 0; at < w.n; at++) {
		size_t from = at, digits = 0;
		while (at < w.n && ascii_alpha(w.p[at]))
			at++;
		for (; at < w.n && ascii_digit(w.p[at]); at++)
			digits++;
		while (at < w.n && ascii_alpha(w.p[at]))
			at++;
		bool whole = at == w.n || !(ascii_digit(w.p[at]) || (unsigned char)w.p[at] >= 0x80);
		if (digits && whole && (from == 0 || (unsigned char)w.p[from - 1] < 0x80))
			return true;
		while (at < w.n && (ascii_alpha(w.p[at]) || ascii_digit(w.p[at]) ||
		                    (unsigned char)w.p[at] >= 0x80))
			at++;
	}
	return false;
}

static void a_pattern_takes_its_words(struct random *r)
{
	size_t n = 2 + any_below(r, 9), width = any_below(r, 2 + r->size / 3);
	struct span *w = arena_calloc(&r->arena, n, sizeof *w);
	unsigned kind = any_below(r, WORD_KINDS), other = any_below(r, WORD_KINDS);
	bool mixed = once_in(r, 3), any = once_in(r, 8), counted = true;
	for (size_t i = 0; i < n; i++) {
		w[i] = any_word(r, mixed && once_in(r, 2) ? other : kind, width);
		counted = counted && has_number(w[i]);
	}
	struct span pattern = words_width(w, n, any, &r->arena);
	for (size_t i = 0; i < n; i++)
		if (!pattern_text_covers(pattern, w[i], false))
			fail_msg("%.*s does not take %.*s", SPAN_ARG(pattern), SPAN_ARG(w[i]));
	if (counted && words_vary(w, n) != VARY_IDS)
		return;
	for (size_t i = n; i > 1; i--) {
		size_t k = any_below(r, (unsigned)i);
		struct span last = w[i - 1];
		w[i - 1] = w[k];
		w[k] = last;
	}
	struct span again = words_width(w, n, any, &r->arena);
	if (!span_eq(pattern, again))
		fail_msg("%.*s, and in another order %.*s", SPAN_ARG(pattern), SPAN_ARG(again));
}

static void patterns_take_their_words(void **state)
{
	for_any(a_pattern_takes_its_words, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(documents_come_back),
	        cmocka_unit_test(capture_lines_come_back),
	        cmocka_unit_test(rows_of_csv_come_back),
	        cmocka_unit_test(refusals_prove_nothing),
	        cmocka_unit_test(patterns_take_their_words),
	};
	return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
