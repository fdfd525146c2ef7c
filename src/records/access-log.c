/* access-log.c - records: see access-log.h. */
#include "config.h"

#include "records/access-log.h"

/* Fields behind the user agent, in their order; later versions of the format add more at the end.
 */
enum tail {
	TAIL_VERSION_ID,
	TAIL_HOST_ID,
	TAIL_SIGNATURE,
	TAIL_CIPHER,
	TAIL_AUTHENTICATION,
	TAIL_HOST,
	TAIL_TLS,
	TAIL_ACCESS_POINT,
	TAIL_ACL_REQUIRED,
	TAIL_REGION,
	TAILS
};

static struct span known(struct span field)
{
	return span_is(field, "-") ? SPAN_NONE : field;
}

/* "[06/Feb/2019:00:00:38 +0000]", by its shape. */
static bool take_time(struct span *rest, struct span *time)
{
	static const char shape[] = "[dd/aaa/dddd:dd:dd:dd +dddd]";
	size_t n = sizeof shape - 1;
	if (rest->n <= n || rest->p[n] != ' ')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = rest->p[i];
		bool fits = shape[i] == 'd'   ? ascii_digit(c)
		            : shape[i] == 'a' ? ascii_alpha(c)
		            : shape[i] == '+' ? c == '+' || c == '-'
		                              : c == shape[i];
		if (!fits)
			return false;
	}
	*time = span_sub(*rest, 1, n - 2);
	*rest = span_from(*rest, n + 1);
	return true;
}

static bool is_operation(struct span s)
{
	static const char *const kinds[] = {"REST.", "WEBSITE.", "SOAP.", "BATCH.", "S3."};
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && !ascii_digit(s.p[i]) && s.p[i] != '.' &&
		    s.p[i] != '_' && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (span_starts(s, span_of(kinds[i])) && s.n > strlen(kinds[i]))
			return true;
	return false;
}

/* The fields in front of the request line. */
static bool take_head(struct span *rest, struct access_line *out)
{
	*out = (struct access_line){.owner = span_cut(rest, ' ')};
	out->bucket = span_cut(rest, ' ');
	if (!rest->p || !take_time(rest, &out->time))
		return false;
	out->ip = known(span_cut(rest, ' '));
	out->requester = known(span_cut(rest, ' '));
	out->request_id = known(span_cut(rest, ' '));
	out->operation = span_cut(rest, ' ');
	return out->owner.n && out->bucket.n && rest->p && is_operation(out->operation);
}

bool access_line_begins(struct span line)
{
	struct access_line l;
	return take_head(&line, &l);
}

static bool is_number(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* Status, error and four numbers, each with a space behind it, and the referrer's beginning. */
static bool take_outcome(struct span rest, struct access_line *out, struct span *after)
{
	struct span status = span_cut(&rest, ' '), error = span_cut(&rest, ' ');
	for (int i = 0; i < 4; i++) {
		struct span number = span_cut(&rest, ' ');
		if (!is_number(number) && !span_is(number, "-"))
			return false;
	}
	bool fits = (status.n == 3 && is_number(status)) || span_is(status, "-");
	for (size_t i = 0; i < error.n; i++)
		fits &= ascii_alpha(error.p[i]) || ascii_digit(error.p[i]) || error.p[i] == '-' ||
		        error.p[i] == '.';
	if (!fits || !error.n || !rest.n || (rest.p[0] != '"' && rest.p[0] != '-'))
		return false;
	out->status = known(status);
	out->error = known(error);
	*after = rest;
	return true;
}

static const char two_ways[] = "the request line holds quotes: its end can't be told";

/* The request line in its quotes, and what follows it; the one place where it can end. */
static const char *take_request(struct span *rest, struct access_line *out)
{
	struct span line = SPAN_NONE, after = SPAN_NONE;
	if (span_starts(*rest, SPAN_LIT("- "))) {
		return take_outcome(span_from(*rest, 2), out, rest)
		               ? NULL
		               : "status and error are missing";
	}
	if (!span_starts(*rest, SPAN_LIT("\"")))
		return "the request line is missing";
	struct span from = span_from(*rest, 1);
	for (size_t i = 0; i + 1 < from.n; i++) {
		struct access_line found;
		struct span behind;
		if (from.p[i] != '"' || from.p[i + 1] != ' ' ||
		    !take_outcome(span_from(from, i + 2), &found, &behind))
			continue;
		if (line.p)
			return two_ways;
		line = span_sub(from, 0, i);
		after = behind;
		out->status = found.status;
		out->error = found.error;
	}
	if (!line.p)
		return "status and error are missing";
	*rest = after;
	ptrdiff_t last = span_rchr(line, ' ');
	out->method = span_cut(&line, ' ');
	if (line.p && last > (ptrdiff_t)out->method.n)
		out->target = span_sub(line, 0, (size_t)last - out->method.n - 1);
	return NULL;
}

/* Referrer and user agent, then fields without quotes. Nothing of it decides what is granted, but
 * for the version and the access point: where these can't be told from the agent's text, the line
 * is refused. */
static const char *take_tail(struct span rest, struct access_line *out)
{
	struct span tail[TAILS] = {{NULL, 0}};
	ptrdiff_t quote = span_rchr(rest, '"');
	struct span quoted = span_sub(rest, 0, quote < 0 ? 0 : (size_t)quote);
	if (quote >= 0) {
		ptrdiff_t agent = span_rchr(quoted, '"');
		if (agent >= 0)
			out->user_agent = known(span_from(quoted, (size_t)agent + 1));
		rest = span_from(rest, (size_t)quote + 1);
	} else {
		span_cut(&rest, ' '); /* both "-" */
		rest = span_from(rest, rest.n && rest.p[0] == '-' ? 1 : 0);
	}
	if (!span_starts(rest, SPAN_LIT(" ")))
		return rest.n ? "the fields behind the user agent can't be told" : NULL;
	rest = span_from(rest, 1);
	size_t n = 0;
	for (; n < TAILS && rest.p; n++)
		tail[n] = known(span_cut(&rest, ' '));
	if (n != 1 &&
	    n <= TAIL_TLS) /* the format ended with the version, or goes on to TLS at least */
		return "the fields behind the user agent can't be told";
	out->version_id = tail[TAIL_VERSION_ID];
	out->tls_version = tail[TAIL_TLS];
	out->access_point = tail[TAIL_ACCESS_POINT];
	out->region = tail[TAIL_REGION];
	return NULL;
}

const char *access_line_read(struct span line, struct access_line *out)
{
	if (!take_head(&line, out))
		return "the line is no record of an S3 server access log";
	out->key = known(span_cut(&line, ' '));
	if (!line.p)
		return "the line is cut off";
	const char *error = take_request(&line, out);
	return error ? error : take_tail(line, out);
}
