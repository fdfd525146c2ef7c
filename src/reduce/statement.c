/* statement.c - reduce: see statement.h. */
#include "config.h"

#include "reduce/statement.h"

#include "base/alloc.h"
#include "base/when.h"
#include "mapping/facts.h"
#include "normalise/context.h"
#include "normalise/denial.h"
#include "normalise/outcome.h"
#include "reduce/fields.h"
#include "reduce/fold.h"
#include "reduce/patterns.h"
#include "reduce/quote.h"
#include "reduce/sources.h"
#include "reduce/template.h"
#include "reduce/texts.h"

#include <stdlib.h>

struct reducer {
	const struct reduce_request *q;
	const struct dialect *dialect;
	struct arena arena;
	struct member_words words;
	struct fold_request fold;
	int64_t day;
};

/* ---- what is asked */

static const char *source_problem(const struct reduce_request *q, bool table)
{
	bool s3 = q->source && strstr(q->source, "://");
	if (!q->source)
		return NULL;
	if (!table && q->table)
		return "--table and --source can't both be read";
	if (q->engine == ENGINE_TRINO || (!table && q->engine == ENGINE_ATHENA))
		return "this engine reads a table: --table NAME";
	if (!(s3 ? s3_place_sound(q->source) : place_sound(q->source)))
		return "--source is s3://BUCKET/PREFIX, a folder or files, without quotes";
	if (s3 && (!q->accounts.n || !q->regions.n))
		return "a bucket is read by exact prefixes: --account and --region are needed";
	if (!s3 && q->engine == ENGINE_ATHENA)
		return "Athena reads from S3: --source s3://BUCKET/PREFIX";
	return NULL;
}

const char *reduce_problem(const struct reduce_request *q, bool table)
{
	const char *problem = source_problem(q, table);
	if (problem)
		return problem;
	if (!q->table && (table || !q->source))
		return table ? "what shall the table be called? --table NAME"
		             : "where are the records? --table NAME or --source URL";
	if (q->table && !table_sound(q->table))
		return "--table is NAME, DATABASE.NAME or CATALOG.DATABASE.NAME, without quotes";
	if (table && q->engine == ENGINE_ATHENA &&
	    (!q->source || !q->accounts.n || !q->regions.n || q->since == q->until))
		return "the table needs --source, --account, --region and --since";
	if (table && q->source && q->engine != ENGINE_ATHENA && q->since == q->until)
		return "which days? --since and --until";
	if (!q->unload || table)
		return NULL;
	if (q->engine == ENGINE_TRINO)
		return "Trino has no statement that writes files: leave --unload out";
	if (q->engine == ENGINE_ATHENA || strstr(q->unload, "://"))
		return s3_place_sound(q->unload) ? NULL : "--unload is s3://BUCKET/PREFIX";
	return place_sound(q->unload) ? NULL : "--unload is a folder, without quotes";
}

/* ---- what the template asks for */

static void add_columns(struct reducer *r, const char *behind, struct buf *out)
{
	for (const struct field *f = reduce_fields; f->column; f++)
		if (f->kept)
			buf_addf(out, "%s%s%s", f == reduce_fields ? "" : ", ", f->column, behind);
}

/* Those that have no names which fold. */
static void add_other_columns(struct buf *out)
{
	bool first = true;
	for (const struct field *f = reduce_fields; f->column; f++) {
		if (!f->kept || f->folds)
			continue;
		buf_addf(out, "%s%s", first ? "" : ", ", f->column);
		first = false;
	}
}

static void add_agents(struct buf *out)
{
	for (const struct agent_word *w = agent_words; w->text; w++) {
		buf_add_str(out, w == agent_words ? "WHEN @position(r_useragent, "
		                                  : "\n\t\t\tWHEN @position(r_useragent, ");
		add_literal(span_of(w->text), out);
		buf_add_str(out, ") > 0 OR r_useragent = ");
		add_literal(span_of(w->family), out);
		buf_add_str(out, " THEN ");
		add_literal(span_of(w->family), out);
	}
}

/* Of a message that begins so, the beginning is kept. */
static void add_beginning(const char *text, struct buf *out)
{
	buf_add_str(out, "WHEN @position(r_errormessage, ");
	add_literal(span_of(text), out);
	buf_add_str(out, ") = 1 THEN ");
	add_literal(span_of(text), out);
}

/* Who it is that is not authorized stands before the words that say so: a service that works for
 * the caller, or another role (denial.c). */
static void add_before_refusal(struct buf *out)
{
	struct buf pattern;
	buf_init(&pattern, 1024);
	for (const char *const *opening = denial_openings; *opening; opening++) {
		buf_reset(&pattern);
		pattern_before_refusal(*opening, &pattern);
		buf_add_str(out, opening == denial_openings
		                         ? "WHEN @match(r_errormessage, "
		                         : "\n\t\t\tWHEN @match(r_errormessage, ");
		add_literal(buf_span(&pattern), out);
		buf_add_str(out, ") THEN @group(r_errormessage, ");
		add_literal(buf_span(&pattern), out);
		buf_add_char(out, ')');
	}
	buf_release(&pattern);
}

static void add_refusal(struct span pattern, struct buf *out)
{
	buf_add_str(out, "who_refused || @group(r_errormessage, ");
	add_literal(pattern, out);
	buf_add_char(out, ')');
}

/* A message that CloudTrail cut stays as long as it was: what touches its end may be incomplete. */
static void add_messages(struct buf *out)
{
	struct buf pattern, encoded;
	buf_init(&pattern, 1024);
	buf_init(&encoded, 128);
	pattern_encoded(&encoded);
	for (const char *const *opening = denial_openings; *opening; opening++) {
		buf_reset(&pattern);
		pattern_refusal(*opening, &pattern);
		buf_add_str(out, "WHEN @match(r_errormessage, ");
		add_literal(buf_span(&pattern), out);
		buf_addf(out,
		         ") THEN\n\t\t\t\tCASE WHEN @bytes(r_errormessage) < %zu OR "
		         "@match(r_errormessage, ",
		         DENIAL_MESSAGE_CUT);
		add_literal(buf_span(&encoded), out);
		buf_add_str(out, ")\n\t\t\t\t\tOR @bytes(");
		add_refusal(buf_span(&pattern), out);
		buf_addf(out, ") >= %zu THEN ", DENIAL_MESSAGE_CUT);
		add_refusal(buf_span(&pattern), out);
		buf_add_str(out, "\n\t\t\t\tELSE lpad(");
		add_refusal(buf_span(&pattern), out);
		buf_addf(out, ", %zu, ' ') END\n\t\t\t", DENIAL_MESSAGE_CUT);
	}
	buf_release(&encoded);
	buf_release(&pattern);
	for (const struct denial_beginning *b = denial_beginnings; b->text; b++) {
		add_beginning(b->text, out);
		buf_add_str(out, "\n\t\t\t");
	}
	for (const char *const *rate = outcome_rates; *rate; rate++) {
		add_beginning(*rate, out);
		buf_add_str(out, "\n\t\t\t");
	}
	add_beginning(OUTCOME_NO_UPDATE, out);
}

/* Calls give with each member of a response that a rule of facts.tsv looks into, "a" of
 * "response.a.b|last(/)". */
static void each_response_member(struct span where, struct buf *out,
                                 void (*give)(struct span member, struct buf *out))
{
	while (where.p) {
		struct span one = span_cut(&where, ','), path = span_cut(&one, '|');
		if (!span_is(span_cut(&path, '.'), "response"))
			continue;
		give(span_cut(&path, '.'), out);
	}
}

static void add_lower_literal(struct span member, struct buf *out)
{
	struct buf lower;
	buf_init(&lower, 256);
	for (size_t i = 0; i < member.n; i++)
		buf_add_char(&lower, ascii_lower(member.p[i]));
	buf_add_str(out, ", ");
	add_literal(buf_span(&lower), out);
	buf_release(&lower);
}

/* A condition: it is a call whose response tells what later calls do not, and the event is no
 * failure. */
static void add_tells(struct reducer *r, struct buf *out)
{
	struct span source, event;
	struct fact_rule rule;
	buf_add_str(out, "r_errorcode = '' AND r_eventsource || '/' || r_eventname IN (''");
	for (size_t i = 0; mapping_fact_at(r->q->mapping, i, &source, &event, &rule); i++) {
		if (span_find(rule.name, SPAN_LIT("response.")) < 0 &&
		    span_find(rule.value, SPAN_LIT("response.")) < 0)
			continue;
		buf_add_str(out, ", ");
		add_event_literal(source, event, out);
	}
	buf_add_char(out, ')');
}

/* The members in which it does. */
static void add_told(struct reducer *r, struct buf *out)
{
	struct span source, event;
	struct fact_rule rule;
	buf_add_str(out, "(''");
	for (size_t i = 0; mapping_fact_at(r->q->mapping, i, &source, &event, &rule); i++) {
		each_response_member(rule.name, out, add_lower_literal);
		each_response_member(rule.value, out, add_lower_literal);
	}
	buf_add_char(out, ')');
}

static bool add_pattern(struct reducer *r, struct span name, struct buf *out)
{
	static const struct {
		const char *name;
		void (*add)(const struct member_words *w, struct buf *out);
	} patterns[] = {
	        {"asked", pattern_asked},       {"naming", pattern_naming},
	        {"never", pattern_never},       {"marks", pattern_marks},
	        {"presence", pattern_presence}, {"closed", pattern_closed},
	};
	struct buf pattern;
	bool found = false;
	buf_init(&pattern, 64 << 10);
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0] && !found; i++)
		if ((found = span_is(name, patterns[i].name)))
			patterns[i].add(&r->words, &pattern);
	if (found)
		add_literal(buf_span(&pattern), out);
	buf_release(&pattern);
	return found;
}

static bool add_value(void *data, struct span name, struct buf *out)
{
	struct reducer *r = data;
	if (span_is(name, "recorded"))
		add_recorded(r->q, r->day, out);
	else if (span_is(name, "wanted"))
		add_wanted(r->q, r->day, out);
	else if (span_is(name, "sessions"))
		buf_add_str(out, r->q->sessions ? "1 = 1" : "1 = 0");
	else if (span_is(name, "columns"))
		add_columns(r, "", out);
	else if (span_is(name, "columns_descending"))
		add_columns(r, " DESC", out);
	else if (span_is(name, "agents"))
		add_agents(out);
	else if (span_is(name, "before_refusal"))
		add_before_refusal(out);
	else if (span_is(name, "messages"))
		add_messages(out);
	else if (span_is(name, "response_tells"))
		add_tells(r, out);
	else if (span_is(name, "response_members"))
		add_told(r, out);
	else if (span_is(name, "other_columns"))
		add_other_columns(out);
	else
		return add_pattern(r, name, out) || fold_value(&r->fold, name, out);
	return true;
}

static void fill(struct reducer *r, const char *text, struct buf *out)
{
	const struct template_values values = {r->dialect, add_value, r};
	template_fill(text, &values, out);
}

/* ---- days */

/* What ClickHouse must know to read members of any type as text. */
static const char clickhouse_settings[] =
        "\nSETTINGS input_format_json_read_objects_as_strings = 1, "
        "input_format_json_read_arrays_as_strings = 1,\n"
        "\tinput_format_json_read_bools_as_strings = 1, "
        "input_format_json_read_numbers_as_strings = 1,\n"
        "\tinput_format_json_ignore_unknown_keys_in_named_tuple = 1, "
        "input_format_json_defaults_for_missing_elements_in_named_tuple = 1,\n"
        "\tinput_format_json_named_tuples_as_objects = 1, input_format_null_as_default = 1, "
        "input_format_skip_unknown_fields = 1,\n"
        "\tinput_format_json_max_depth = 1000, output_format_json_quote_64bit_integers = 0";

static struct span folder(const char *place)
{
	struct span s = span_of(place);
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* The place for the day's rows: a file, or with Athena a folder. */
static void add_place(struct reducer *r, struct buf *out)
{
	char day[WHEN_SIZE];
	struct buf place;
	when_format_day(r->day, day);
	buf_init(&place, 2 * LIMIT_PLACE);
	buf_addf(&place, r->q->engine == ENGINE_ATHENA ? "%.*s/%s/" : "%.*s/reduced-%s.ndjson.gz",
	         SPAN_ARG(folder(r->q->unload)), day);
	add_literal(buf_span(&place), out);
	buf_release(&place);
}

static void add_before(struct reducer *r, struct buf *out)
{
	if (!r->q->unload)
		return;
	if (r->q->engine == ENGINE_ATHENA) {
		buf_add_str(out, "UNLOAD (\n");
	} else if (r->q->engine == ENGINE_DUCKDB) {
		buf_add_str(out, "COPY (\n");
	} else if (strstr(r->q->unload, "://")) {
		buf_add_str(out, "INSERT INTO FUNCTION s3(");
		add_place(r, out);
		buf_add_str(out, ", 'JSONEachRow')\n");
	}
}

static void add_behind(struct reducer *r, struct buf *out)
{
	bool unload = r->q->unload != NULL;
	if (r->q->engine == ENGINE_CLICKHOUSE) {
		buf_add_str(out, clickhouse_settings);
		if (unload && !strstr(r->q->unload, "://")) {
			buf_add_str(out, "\nINTO OUTFILE ");
			add_place(r, out);
		}
		if (!unload || !strstr(r->q->unload, "://"))
			buf_add_str(out, "\nFORMAT JSONEachRow");
	} else if (unload) {
		buf_add_str(out, "\n) TO ");
		add_place(r, out);
		buf_add_str(out, r->q->engine == ENGINE_ATHENA
		                         ? " WITH (format = 'JSON', compression = 'gzip')"
		                         : " (FORMAT json, COMPRESSION gzip)");
	}
}

bool reduce_day(struct reducer *r, int64_t day, struct buf *out)
{
	char text[WHEN_SIZE];
	r->day = day;
	buf_addf(out, "-- %s\n", when_format_day(day, text));
	add_files(r->q, day, out);
	add_before(r, out);
	fill(r, reduce_sql, out);
	add_behind(r, out);
	buf_add_str(out, ";\n");
	return !out->full;
}

/* ---- tables */

static void add_joined(const struct text_list *list, struct buf *out)
{
	struct buf joined;
	buf_init(&joined, LIMIT_REDUCE_TEXT);
	for (size_t i = 0; i < list->n; i++) {
		buf_add_str(&joined, i ? "," : "");
		buf_add_span(&joined, list->v[i]);
	}
	add_literal(buf_span(&joined), out);
	buf_release(&joined);
}

static void add_definitions(struct reducer *r, struct buf *out)
{
	const char *type = r->q->engine == ENGINE_CLICKHOUSE ? "String" : "VARCHAR";
	for (const struct field *f = reduce_fields; f->column; f++)
		buf_addf(out, "%s%s %s", f == reduce_fields ? "" : ",\n\t", f->column, type);
}

static bool add_table_value(void *data, struct span name, struct buf *out)
{
	struct reducer *r = data;
	char day[WHEN_SIZE];
	struct span source = r->q->source ? folder(r->q->source) : SPAN_LIT("");
	when_format_day(r->q->since, day);
	if (span_is(name, "table"))
		add_table(span_of(r->q->table), r->q->engine == ENGINE_ATHENA ? '`' : '"', out);
	else if (span_is(name, "definitions"))
		add_definitions(r, out);
	else if (span_is(name, "source"))
		buf_addf(out, "'%.*s/'", SPAN_ARG(source));
	else if (span_is(name, "location"))
		buf_addf(out, "'%.*s/${account}/CloudTrail/${region}/${timestamp}'",
		         SPAN_ARG(source));
	else if (span_is(name, "accounts"))
		add_joined(&r->q->accounts, out);
	else if (span_is(name, "regions"))
		add_joined(&r->q->regions, out);
	else if (span_is(name, "range"))
		buf_addf(out, "'%.4s/%.2s/%.2s,NOW'", day, day + 5, day + 8);
	else
		return false;
	return true;
}

/* Fills the table with a day. */
static void add_load(struct reducer *r, int64_t day, struct buf *out)
{
	struct reduce_request files = *r->q;
	files.table = NULL;
	add_files(&files, day, out);
	buf_add_str(out, "INSERT INTO ");
	add_table(span_of(r->q->table), '"', out);
	buf_add_str(out, "\nSELECT * FROM (\n\t");
	add_recorded(&files, day, out);
	buf_add_str(out, "\n) AS recorded WHERE ");
	add_wanted(&files, day, out);
	if (r->q->engine == ENGINE_CLICKHOUSE)
		buf_add_str(out, clickhouse_settings);
	buf_add_str(out, ";\n");
}

bool reduce_table(struct reducer *r, struct buf *out)
{
	static const char *const texts[] = {[ENGINE_ATHENA] = table_athena_sql,
	                                    [ENGINE_TRINO] = table_trino_sql,
	                                    [ENGINE_CLICKHOUSE] = table_clickhouse_sql,
	                                    [ENGINE_DUCKDB] = table_duckdb_sql};
	const struct template_values values = {r->dialect, add_table_value, r};
	template_fill(texts[r->q->engine], &values, out);
	buf_add_str(out, ";\n");
	if (r->q->source && r->q->engine != ENGINE_ATHENA)
		for (int64_t day = r->q->since; day < r->q->until; day += WHEN_DAY_SECONDS)
			add_load(r, day, out);
	return !out->full;
}

struct reducer *reducer_new(const struct reduce_request *request)
{
	struct reducer *r = xcalloc(1, sizeof *r);
	r->q = request;
	r->dialect = dialect_of(request->engine);
	arena_init(&r->arena);
	member_words(request->mapping, &r->arena, &r->words);
	r->fold = (struct fold_request){.most = request->fold,
	                                .sessions = request->sessions,
	                                .mapping = request->mapping,
	                                .words = &r->words};
	return r;
}

void reducer_free(struct reducer *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	free(r);
}
