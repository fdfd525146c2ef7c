/* credential-report.c - review: see credential-report.h. */
#include "config.h"

#include "review/credential-report.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/read-file.h"
#include "base/when.h"
#include "records/csv.h"

#include <jansson.h>
#include <sodium.h>

void credential_report_init(struct credential_report *r)
{
	*r = (struct credential_report){.n = 0};
	arena_init(&r->arena);
}

void credential_report_release(struct credential_report *r)
{
	vec_release(r);
	arena_release(&r->arena);
}

/* ---- columns */

enum { CREDENTIALS = 3, ARN = CREDENTIALS * 3, COLUMNS };

static const char *const columns[COLUMNS] = {
        "password_enabled",    "password_last_changed",     "password_last_used",
        "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
        "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
        "arn"};
static const char *const names[CREDENTIALS] = {"password", "access key 1", "access key 2"};

struct reader {
	struct credential_report *r;
	struct csv csv;
	size_t at[COLUMNS]; /* which column of the file it is */
	struct err *err;
};

static enum status read_heading(struct reader *k)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t c = 0;
		while (c < k->csv.row.n && !span_is(csv_cell(&k->csv, c), columns[i]))
			c++;
		if (c == k->csv.row.n)
			return err_set(k->err, STATUS_FILE, "bad-input",
			               "no credential report: it has no column '%s'", columns[i]);
		k->at[i] = c;
	}
	return STATUS_OK;
}

static struct span cell(const struct reader *k, size_t column)
{
	return csv_cell(&k->csv, k->at[column]);
}

/* "N/A", "no_information" and the like are no time. */
static int64_t time_in(const struct reader *k, size_t column)
{
	int64_t t;
	return when_parse(cell(k, column), &t) ? t : INT64_MIN;
}

static enum status read_row(struct reader *k)
{
	struct span arn = arena_span(&k->r->arena, cell(k, ARN));
	if (!span_starts(arn, SPAN_LIT("arn:")))
		return err_set(k->err, STATUS_FILE, "bad-input", "'%.*s' is no ARN", SPAN_ARG(arn));
	for (size_t i = 0; i < CREDENTIALS; i++)
		if (span_eq_ci(cell(k, i * 3), SPAN_LIT("true")))
			*vec_add(k->r) = (struct credential){.arn = arn,
			                                     .what = names[i],
			                                     .changed = time_in(k, i * 3 + 1),
			                                     .last_used = time_in(k, i * 3 + 2)};
	return STATUS_OK;
}

static enum status read_rows(struct reader *k, struct span text)
{
	enum status status = STATUS_OK;
	for (size_t row = 1; text.n && status == STATUS_OK; row++) {
		size_t n = 0;
		const char *why = NULL;
		if (csv_row(&k->csv, text, true, &n, &why) != CSV_ROW)
			status = err_set(k->err, STATUS_FILE, "bad-input", "%s",
			                 why ? why : "no row of CSV");
		else
			status = row == 1 ? read_heading(k) : read_row(k);
		if (status != STATUS_OK)
			err_at_record(k->err, row);
		text = span_from(text, n);
	}
	return status;
}

/* ---- the file */

/* Content of what the aws CLI prints, added to out. */
static enum status decode(const json_t *j, struct buf *out, struct err *err)
{
	const char *base64 = json_string_value(json_object_get(j, "Content"));
	size_t n = base64 ? json_string_length(json_object_get(j, "Content")) : 0, made = 0;
	if (!base64 || !buf_reserve(out, n + 1) ||
	    sodium_base642bin((unsigned char *)out->p, n + 1, base64, n, "\r\n", &made, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return err_set(err, STATUS_FILE, "bad-input",
		               "no credential report: it has no Content in base64");
	out->n = made;
	return STATUS_OK;
}

static int by_arn(const void *a, const void *b)
{
	const struct credential *x = a, *y = b;
	int c = span_cmp(x->arn, y->arn);
	return c ? c : strcmp(x->what, y->what);
}

enum status credential_report_read(struct credential_report *r, const char *path, struct err *err)
{
	struct reader k = {.r = r, .err = err};
	struct buf text, content;
	buf_init(&text, LIMIT_JSON_FILE);
	buf_init(&content, LIMIT_JSON_FILE);
	csv_init(&k.csv);
	enum status status = file_read(path, &text, err);
	bool is_json = status == STATUS_OK && text.n && text.p[0] == '{';
	if (is_json) {
		json_t *j = json_loadb(buf_str(&text), text.n, JSON_REJECT_DUPLICATES, NULL);
		status = decode(j, &content, err);
		json_decref(j);
	}
	if (status == STATUS_OK && !text.n)
		status = err_set(err, STATUS_FILE, "bad-input", "no credential report: it is empty");
	if (status == STATUS_OK)
		status = read_rows(&k, buf_span(is_json ? &content : &text));
	if (status != STATUS_OK)
		err_at_file(err, path);
	sort_items(r->v, r->n, sizeof *r->v, by_arn);
	csv_release(&k.csv);
	buf_release(&content);
	buf_release(&text);
	return status;
}
