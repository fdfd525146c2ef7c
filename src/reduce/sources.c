/* sources.c - reduce: see sources.h. A trail's files lie under
 * ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ by when they were delivered: a day's last events are in the
 * first files of the next day.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
#include "config.h"

#include "reduce/sources.h"

#include "base/when.h"
#include "reduce/fields.h"
#include "reduce/quote.h"
#include "reduce/template.h"
#include "reduce/texts.h"

#include <stdio.h>

/* "2026/01/31", "20260131". */
struct day_text {
	char folder[WHEN_SIZE], stamp[WHEN_SIZE], plain[WHEN_SIZE];
};

static void write_day(int64_t day, struct day_text *out)
{
	when_format_day(day, out->plain);
	snprintf(out->folder, sizeof out->folder, "%.4s/%.2s/%.2s", out->plain, out->plain + 5,
	         out->plain + 8);
	snprintf(out->stamp, sizeof out->stamp, "%.4s%.2s%.2s", out->plain, out->plain + 5,
	         out->plain + 8);
}

bool reads_files(const struct reduce_request *request)
{
	return !request->table;
}

/* ---- names of files */

static struct span without_slash(const char *source)
{
	struct span s = span_of(source);
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

static bool is_pattern(struct span source)
{
	return span_chr(source, '*') >= 0 || span_ends(source, SPAN_LIT(".gz")) ||
	       span_ends(source, SPAN_LIT(".json"));
}

/* Calls give with each pattern of the day's files. */
static void each_pattern(const struct reduce_request *q, int64_t day,
                         void (*give)(void *data, struct span pattern), void *data)
{
	struct span source = without_slash(q->source);
	struct day_text today, next;
	struct buf b;
	buf_init(&b, 4096);
	write_day(day, &today);
	write_day(day + WHEN_DAY_SECONDS, &next);
	if (!q->accounts.n || !q->regions.n) {
		buf_addf(&b, is_pattern(source) ? "%.*s" : "%.*s/**/*.json*", SPAN_ARG(source));
		give(data, buf_span(&b));
	}
	for (size_t i = 0; i < q->accounts.n; i++)
		for (size_t k = 0; k < q->regions.n; k++) {
			struct span account = q->accounts.v[i], region = q->regions.v[k];
			buf_reset(&b);
			buf_addf(&b, "%.*s/%.*s/CloudTrail/%.*s/%s/*.json.gz", SPAN_ARG(source),
			         SPAN_ARG(account), SPAN_ARG(region), today.folder);
			give(data, buf_span(&b));
			buf_reset(&b);
			buf_addf(&b, "%.*s/%.*s/CloudTrail/%.*s/%s/%.*s_CloudTrail_%.*s_%sT00*",
			         SPAN_ARG(source), SPAN_ARG(account), SPAN_ARG(region), next.folder,
			         SPAN_ARG(account), SPAN_ARG(region), next.stamp);
			give(data, buf_span(&b));
		}
	buf_release(&b);
}

/* ---- readers */

struct listing {
	const struct reduce_request *q;
	struct buf *out;
	bool begun;
};

static void list_literal(void *data, struct span pattern)
{
	struct listing *l = data;
	buf_add_str(l->out, l->begun ? ",\n\t" : "");
	add_literal(pattern, l->out);
	l->begun = true;
}

/* A pattern without a file is an error where it is read, and none where it is listed. */
void add_files(const struct reduce_request *q, int64_t day, struct buf *out)
{
	struct listing l = {q, out, false};
	if (!reads_files(q) || q->engine != ENGINE_DUCKDB)
		return;
	buf_add_str(out,
	            "SET VARIABLE iamreplay_files = (SELECT list(file ORDER BY file) FROM glob([");
	each_pattern(q, day, list_literal, &l);
	buf_add_str(out, "]));\n");
}

static void list_reader(void *data, struct span pattern)
{
	struct listing *l = data;
	bool local = span_find(pattern, SPAN_LIT("://")) < 0;
	buf_add_str(l->out, l->begun ? "\n\t\tUNION ALL " : "");
	buf_add_str(l->out, "SELECT arrayJoin(Records) AS r FROM ");
	buf_add_str(l->out, local ? "file(" : "s3(");
	add_literal(pattern, l->out);
	buf_add_str(l->out, ", 'JSONEachRow', ");
	add_literal(template_text(read_clickhouse_sql), l->out);
	buf_add_char(l->out, ')');
	l->begun = true;
}

static void add_reader(const struct reduce_request *q, int64_t day, struct buf *out)
{
	struct listing l = {q, out, false};
	if (q->engine == ENGINE_DUCKDB)
		buf_add_span(out, template_text(read_duckdb_sql));
	else
		each_pattern(q, day, list_reader, &l);
}

/* ---- columns */

/* text with %1 replaced by value. */
static void add_in(const char *text, struct span value, struct buf *out)
{
	for (; *text; text++)
		if (text[0] == '%' && text[1] == '1') {
			buf_add_span(out, value);
			text++;
		} else {
			buf_add_char(out, *text);
		}
}

static void add_column(const struct reduce_request *q, const struct field *f, struct buf *out)
{
	const struct dialect *d = dialect_of(q->engine);
	enum shape shape = reads_files(q) ? SHAPE_FILE : d->table;
	const char *in = shape == SHAPE_FILE && f->kind != FIELD_TEXT          ? d->json_text
	                 : shape == SHAPE_NESTED && f->kind == FIELD_RESOURCES ? d->resources_text
	                                                                       : "%1";
	struct buf value;
	buf_init(&value, 256);
	if (shape == SHAPE_FLAT) {
		buf_add_str(&value, f->column);
	} else {
		buf_add_str(&value, shape == SHAPE_FILE ? "r." : "");
		for (const char *p = f->path; *p; p++)
			buf_add_char(&value, shape == SHAPE_FILE ? *p : ascii_lower(*p));
	}
	buf_add_str(out, "coalesce(");
	add_in(in, buf_span(&value), out);
	buf_addf(out, ", '') AS r_%s", f->column);
	buf_release(&value);
}

static void add_list(const struct text_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_add_str(out, i ? ", " : "(");
		add_literal(list->v[i], out);
	}
	buf_add_char(out, ')');
}

/* The days' folders of Athena's table, as --ddl makes it. */
static void add_partitions(const struct reduce_request *q, int64_t day, struct buf *out)
{
	struct day_text today, next;
	write_day(day, &today);
	write_day(day + WHEN_DAY_SECONDS, &next);
	buf_addf(out,
	         "\n\tWHERE (\"timestamp\" = '%s' OR \"timestamp\" = '%s' AND \"$path\" LIKE "
	         "'%%\\_%sT00%%' ESCAPE '\\')",
	         today.folder, next.folder, next.stamp);
	if (q->accounts.n) {
		buf_add_str(out, " AND account IN ");
		add_list(&q->accounts, out);
	}
	if (q->regions.n) {
		buf_add_str(out, " AND region IN ");
		add_list(&q->regions, out);
	}
}

void add_recorded(const struct reduce_request *q, int64_t day, struct buf *out)
{
	buf_add_str(out, "SELECT ");
	for (const struct field *f = reduce_fields; f->column; f++) {
		buf_add_str(out, f == reduce_fields ? "" : ",\n\t\t");
		add_column(q, f, out);
	}
	buf_add_str(out, "\n\tFROM ");
	if (reads_files(q)) {
		buf_add_char(out, '(');
		add_reader(q, day, out);
		buf_add_str(out, q->engine == ENGINE_DUCKDB ? ")" : ") AS records");
	} else {
		add_table(span_of(q->table), '"', out);
		if (q->engine == ENGINE_ATHENA)
			add_partitions(q, day, out);
	}
}

void add_wanted(const struct reduce_request *q, int64_t day, struct buf *out)
{
	struct day_text today, next;
	write_day(day, &today);
	write_day(day + WHEN_DAY_SECONDS, &next);
	buf_addf(out, "r_eventtime >= '%s' AND r_eventtime < '%s'", today.plain, next.plain);
	if (reads_files(q) || q->engine == ENGINE_ATHENA)
		return;
	if (q->accounts.n) {
		buf_add_str(out, "\n\t\tAND CASE WHEN r_recipientaccountid <> '' THEN "
		                 "r_recipientaccountid ELSE r_useridentity_accountid END IN ");
		add_list(&q->accounts, out);
	}
	if (q->regions.n) {
		buf_add_str(out, "\n\t\tAND r_awsregion IN ");
		add_list(&q->regions, out);
	}
}
