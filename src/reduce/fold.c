/* fold.c - reduce: see fold.h. What the statements fold has to come out of ingest as if ingest had
 * folded it. So a text is left as it is wherever ingest may see more in it than a name, and where
 * its rule is finer than what a pattern can tell: ingest folds on from there. */
#include "config.h"

#include "reduce/fold.h"

#include "base/limits.h"
#include "call/shape.h"
#include "mapping/facts.h"
#include "normalise/denial.h"
#include "reduce/quote.h"
#include "reduce/template.h"
#include "reduce/texts.h"

static void add_text(const char *text, struct buf *out)
{
	buf_add_span(out, template_text(text));
}

/* ---- which calls */

/* Whose requests tell what later calls do not, and calls of IAM. */
static void add_unfolded(struct fold_request *q, struct buf *out)
{
	struct span source, event;
	struct fact_rule rule;
	buf_add_str(out, "eventsource IN ('iam.amazonaws.com'");
	if (q->sessions)
		buf_add_str(out, ", 'sts.amazonaws.com'");
	buf_add_str(out, ") OR eventsource || '/' || eventname IN (''");
	for (size_t i = 0; mapping_fact_at(q->mapping, i, &source, &event, &rule); i++) {
		buf_add_str(out, ", ");
		add_event_literal(source, event, out);
	}
	buf_add_char(out, ')');
}

/* Members that ingest takes apart, with a list, object or text in them; names of keys, of which
 * only some forms are kept. */
static void add_apart(struct fold_request *q, struct buf *out)
{
	const struct member_words *w = q->words;
	buf_add_str(out, "@match(requestparameters, '(?i)kms-key-id\"\\s*:')");
	for (size_t i = 0; i < w->n_apart; i++) {
		struct buf source;
		buf_init(&source, 1024);
		buf_addf(&source, "%.*s.amazonaws.com", SPAN_ARG(w->apart[i].source));
		buf_add_str(out, "\n\t\t\t\tOR (eventsource = ");
		add_literal(buf_span(&source), out);
		buf_reset(&source);
		buf_addf(&source, "(?i)\"[^\"]*%.*s[^\"]*\"\\s*:", SPAN_ARG(w->apart[i].name));
		buf_add_str(out, " AND @match(requestparameters, ");
		add_literal(buf_span(&source), out);
		buf_add_str(out, "))");
		buf_release(&source);
	}
}

static void add_has_name(struct fold_request *q, struct buf *out)
{
	for (const struct shape_directories *d = shape_directories; d->source; d++)
		buf_addf(out, "%s(eventsource = '%s' AND @match(requestparameters, '\"%s\"\\s*:'))",
		         d == shape_directories ? "" : " OR ", d->source, d->name);
}

/* ---- names of directories */

static void add_places(struct fold_request *q, struct buf *out)
{
	for (const struct shape_directories *d = shape_directories; d->source; d++)
		buf_addf(out,
		         "WHEN eventsource = '%s' AND @match(requestparameters, '\"%s\":\"[^\"]') "
		         "THEN @group(requestparameters, '\"%s\":\"([^\"\\\\]+)\"')\n\t\t\t",
		         d->source, d->place, d->place);
}

static void add_names(struct fold_request *q, struct buf *out)
{
	for (const struct shape_directories *d = shape_directories; d->source; d++)
		buf_addf(out,
		         "WHEN eventsource = '%s' THEN @group(requestparameters, "
		         "'\"%s\":\"([^\"\\\\]+)\"')\n\t\t\t",
		         d->source, d->name);
}

static void add_befores(struct fold_request *q, struct buf *out)
{
	for (const struct shape_directories *d = shape_directories; d->source; d++)
		buf_addf(out, "WHEN eventsource = '%s' THEN '%s'\n\t\t\t", d->source, d->before);
}

static void add_place_members(struct fold_request *q, struct buf *out)
{
	for (const struct shape_directories *d = shape_directories; d->source; d++)
		buf_addf(out, "%s'%s'", d == shape_directories ? "(" : ", ", d->place);
	buf_add_char(out, ')');
}

static void add_name_members(struct fold_request *q, struct buf *out)
{
	for (const struct shape_directories *d = shape_directories; d->source; d++)
		buf_addf(out, "%s'%s'", d == shape_directories ? "(" : ", ", d->name);
	buf_add_char(out, ')');
}

static void add_cut(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "@group(f_name, '^(([^/]*/){0,%d})')", q->level);
}

static void add_copy_directories(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "'^(\"/?([^/\"]*/){0,%d})'", q->level + 1);
}

/* What ingest takes for no value (mapping_hidden). */
#define HIDDEN "(HIDDEN_DUE_TO_SECURITY_REASONS|[.][.][.]|[*]*|.*[.][.][.]<truncated>)"

static void add_hidden(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "'^" HIDDEN "$'");
}

static void add_hidden_json(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "'^\"" HIDDEN "\"$'");
}

/* ---- ids and numbers */

#define RUN "[A-Za-z0-9]"

static void add_uuid_pattern(struct buf *out)
{
	size_t n = 0;
	for (const char *p = SHAPE_UUID;; p++) {
		if (*p == 'x') {
			n++;
			continue;
		}
		buf_addf(out, "[0-9a-fA-F]{%zu}", n);
		n = 0;
		if (!*p)
			break;
		buf_add_char(out, *p);
	}
}

static void add_uuid(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "'^");
	add_uuid_pattern(out);
	buf_add_str(out, "$'");
}

static void add_account(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "'^[0-9]{%d}$'", SHAPE_ACCOUNT);
}

static void add_hex_id(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "'^[0-9a-fA-F]{%d,}$'", SHAPE_HEX_ID);
}

static void add_mixed_id(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "'^" RUN "{%d,}$'", SHAPE_MIXED_ID);
}

static void add_mixed_digits(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "'([0-9][^0-9]*){%d}'", SHAPE_MIXED_DIGITS);
}

static void add_number(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "'[0-9]{%d,}'", SHAPE_NUMBER_DIGITS);
}

static void add_numbers(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, q->level <= SHAPE_NUMBERS ? "1 = 1" : "1 = 0");
}

/* Texts of JSON, names of members with their colon, and what is between. */
static void add_json_texts(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "'(\"(?:[^\"\\\\]|\\\\.)*\"(?:\\s*:)?|[^\"]+)'");
}

/* What a text in quotes is taken apart to: what stays of an ARN or URL, UUIDs, runs, and what is
 * between. */
static void add_words(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "'(\"arn:[^:\"]*:(?:iam|sts):.*|\"arn:(?:[^:\"]*:){4}(?:[^/:\"]*[/:])?|"
	                 "\"arn:.*|\"[A-Za-z0-9+.-]+://[^/\"]*/?|");
	add_uuid_pattern(out);
	buf_add_str(out, RUN "*|" RUN "+|[^A-Za-z0-9]+)'");
}

/* The same of a message: all up to the resource and from the next blank on stays. */
static void add_message_words(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "'(?s)(^.*? on resource: \"?| .*|arn:[^: \"]*:(?:iam|sts):[^ ]*|"
	                 "arn:(?:[^: \"]*:){4}(?:[^/: \"]*[/:])?|arn:[^ ]*|");
	add_uuid_pattern(out);
	buf_add_str(out, RUN "*|" RUN "+|[^A-Za-z0-9 ]+)'");
}

/* ---- the statement */

/* As the copies of an event know their caller (reduce.sql), without a session in it. */
static void add_caller(struct fold_request *q, struct buf *out)
{
	if (q->most)
		buf_add_str(out,
		            "\n\t\tCASE WHEN r_sessionissuer_arn LIKE 'arn:%:role/%' AND named = 1 "
		            "THEN "
		            "r_sessionissuer_arn\n\t\t\tWHEN named = 1 THEN "
		            "sessionless_arn\n\t\t\tELSE "
		            "r_useridentity_type || '/' || r_useridentity_accountid || '/' || "
		            "@group(r_useridentity_principalid, '^([^:]*)') || '/'\n\t\t\t\t|| "
		            "r_useridentity_username || '/' || r_useridentity_invokedby END AS "
		            "f_caller,");
}

static void add_made(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, q->most ? ",\nmade AS (" : "");
}

static void add_made_caller(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, q->most ? ", f_caller" : "");
}

static void add_fold(struct fold_request *q, struct buf *out)
{
	if (!q->most)
		return;
	buf_add_char(out, '\n');
	add_text(fold_sql, out);
}

static void add_most(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "%u", q->most);
}

static void add_longest(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "%d", LIMIT_PARAM_VALUE);
}

static void add_message_cut(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "%zu", DENIAL_MESSAGE_CUT);
}

static void add_levels(struct fold_request *q, struct buf *out)
{
	buf_add_str(out, "@{level_2},\n\t\t@{level_1},\n\t\t@{level_0}");
}

static void add_level(struct fold_request *q, struct buf *out)
{
	buf_addf(out, "%d", q->level);
}

static void add_parameters(struct fold_request *q, struct buf *out)
{
	add_text(fold_cut_sql, out);
}

static void add_word(struct fold_request *q, struct buf *out)
{
	add_text(fold_word_sql, out);
}

/* Words without a number are few in a day's rows: they are left to ingest. */
static void add_shape(struct fold_request *q, struct buf *out)
{
	if (q->level >= SHAPE_NUMBERS)
		add_text(fold_shape_sql, out);
}

static void add_resources(struct fold_request *q, struct buf *out)
{
	if (q->level >= SHAPE_NUMBERS)
		add_text(fold_resources_sql, out);
}

static void add_message(struct fold_request *q, struct buf *out)
{
	if (q->level >= SHAPE_NUMBERS)
		add_text(fold_message_sql, out);
}

static const struct {
	const char *name;
	void (*add)(struct fold_request *q, struct buf *out);
} values[] = {
        {"folding_caller", add_caller},
        {"made", add_made},
        {"made_caller", add_made_caller},
        {"fold", add_fold},
        {"unfolded", add_unfolded},
        {"apart", add_apart},
        {"has_name", add_has_name},
        {"places", add_places},
        {"names", add_names},
        {"befores", add_befores},
        {"place_members", add_place_members},
        {"name_members", add_name_members},
        {"cut", add_cut},
        {"copy_directories", add_copy_directories},
        {"hidden", add_hidden},
        {"hidden_json", add_hidden_json},
        {"uuid", add_uuid},
        {"account", add_account},
        {"hex_id", add_hex_id},
        {"mixed_id", add_mixed_id},
        {"mixed_digits", add_mixed_digits},
        {"number", add_number},
        {"numbers", add_numbers},
        {"json_texts", add_json_texts},
        {"words", add_words},
        {"message_words", add_message_words},
        {"most", add_most},
        {"longest", add_longest},
        {"message_cut", add_message_cut},
        {"each_level", add_levels},
        {"level", add_level},
        {"cut_parameters", add_parameters},
        {"word", add_word},
        {"else_shape", add_shape},
        {"else_resources", add_resources},
        {"else_message", add_message},
};

bool fold_value(struct fold_request *q, struct span name, struct buf *out)
{
	struct span level = SPAN_LIT("level_");
	if (span_starts(name, level) && name.n == level.n + 1) {
		q->level = name.p[level.n] - '0';
		add_text(fold_level_sql, out);
		return true;
	}
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (span_is(name, values[i].name)) {
			values[i].add(q, out);
			return true;
		}
	return false;
}
