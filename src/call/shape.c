/* shape.c - call: see shape.h. */
#include "config.h"

#include "call/shape.h"

#include "call/arn.h"

enum { UUID = sizeof SHAPE_UUID - 1 };

const struct shape_directories shape_directories[] = {
        {"s3.amazonaws.com", "bucketName", "key", "/"},
        {"logs.amazonaws.com", "logGroupName", "logStreamName", ":log-stream:"},
        {"logs.amazonaws.com", "logGroupIdentifier", "logStreamName", ":log-stream:"},
        {NULL, NULL, NULL, NULL},
};

static bool is_hex(char c)
{
	return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* ---- what is never replaced */

static size_t behind_host(struct span text)
{
	ptrdiff_t scheme = span_find(text, SPAN_LIT("://"));
	if (scheme <= 0)
		return 0;
	size_t at = (size_t)scheme + 3;
	ptrdiff_t slash = span_chr(span_from(text, at), '/');
	return slash < 0 ? text.n : at + (size_t)slash + 1;
}

/* Where what may be replaced begins. */
static size_t head_of(struct span text)
{
	struct arn a;
	size_t i = 0;
	if (!span_starts(text, SPAN_LIT("arn:")))
		return behind_host(text);
	if (!arn_parse(text, &a) || span_is(a.service, "iam") || span_is(a.service, "sts"))
		return text.n;
	size_t rest = (size_t)(a.rest.p - text.p);
	while (i < a.rest.n && a.rest.p[i] != '/' && a.rest.p[i] != ':')
		i++;
	return i < a.rest.n ? rest + i + 1 : rest;
}

/* ---- ids and numbers */

/* Where a finer level put '*' for digits there were digits: what is left of a run is no run of its
 * own. */
static bool in_run(char c)
{
	return ascii_alnum(c) || c == '*';
}

static bool is_uuid(struct span s)
{
	if (s.n < UUID || (s.n > UUID && in_run(s.p[UUID])))
		return false;
	for (size_t i = 0; i < UUID; i++) {
		if (SHAPE_UUID[i] == '-' ? s.p[i] != '-' : !is_hex(s.p[i]))
			return false;
	}
	return true;
}

struct run { /* of letters, digits and '*' */
	size_t n, digits;
	bool hex, open;
};

static struct run run_at(struct span s)
{
	struct run r = {.hex = true};
	for (; r.n < s.n && in_run(s.p[r.n]); r.n++) {
		r.digits += ascii_digit(s.p[r.n]);
		r.hex &= is_hex(s.p[r.n]);
		r.open |= s.p[r.n] == '*';
	}
	return r;
}

static bool is_account(const struct run *r)
{
	return r->n == SHAPE_ACCOUNT && r->digits == r->n;
}

static bool is_id(const struct run *r)
{
	if (r->open || is_account(r))
		return false;
	return (r->hex && r->n >= SHAPE_HEX_ID && r->digits) ||
	       (r->n >= SHAPE_MIXED_ID && r->digits >= SHAPE_MIXED_DIGITS);
}

struct output {
	char *p;
	size_t n;
};

static void put_star(struct output *o)
{
	if (!o->n || o->p[o->n - 1] != '*')
		o->p[o->n++] = '*';
}

static void put_run(struct output *o, struct span run, bool numbers)
{
	for (size_t i = 0, k; i < run.n; i = k) {
		for (k = i; k < run.n && ascii_digit(run.p[k]);)
			k++;
		bool star = run.p[i] == '*' || (numbers && k - i >= SHAPE_NUMBER_DIGITS);
		k = k > i ? k : i + 1;
		if (star) {
			put_star(o);
			continue;
		}
		memcpy(o->p + o->n, run.p + i, k - i);
		o->n += k - i;
	}
}

/* No longer than the text. */
static struct span replace(struct span text, size_t head, bool numbers, struct arena *arena)
{
	struct output o = {arena_alloc(arena, text.n + 1), head};
	memcpy(o.p, text.p, head);
	for (size_t i = head; i < text.n;) {
		struct span rest = span_from(text, i);
		struct run r = run_at(rest);
		bool uuid = is_uuid(rest);
		size_t n = uuid ? UUID : r.n ? r.n : 1;
		if (uuid || is_id(&r))
			put_star(&o);
		else if (r.n)
			put_run(&o, span_sub(rest, 0, n), numbers && !is_account(&r));
		else
			o.p[o.n++] = rest.p[0];
		i += n;
	}
	o.p[o.n] = '\0';
	return span_make(o.p, o.n);
}

/* All up to the first separator, with it, or up to the first that is open. */
static struct span first_word(struct span text, size_t head)
{
	for (size_t i = head; i < text.n; i++) {
		if (text.p[i] == '*' || text.p[i] == '?')
			return span_sub(text, 0, i);
		if (!ascii_alnum(text.p[i]) && (unsigned char)text.p[i] < 0x80)
			return span_sub(text, 0, i + 1);
	}
	return text;
}

struct span shape_fold(struct span text, enum shape_level level, struct arena *arena,
                       enum shape_form *form)
{
	size_t head = head_of(text);
	bool open = *form == SHAPE_EXACT && (span_chr(text, '*') >= 0 || span_chr(text, '?') >= 0);
	if (level >= SHAPE_WHOLE || head >= text.n ||
	    (level != SHAPE_WORDS && (open || *form == SHAPE_PREFIX)))
		return text;
	/* The last word of a prefix is not whole. */
	struct span out =
	        *form == SHAPE_PREFIX ? text : replace(text, head, level <= SHAPE_NUMBERS, arena);
	if (level != SHAPE_WORDS) {
		*form = *form == SHAPE_PATTERN || !span_eq(out, text) ? SHAPE_PATTERN : *form;
		return *form == SHAPE_EXACT ? text : out;
	}
	struct span word = first_word(out, head);
	if (*form == SHAPE_EXACT && span_eq(word, text))
		return text;
	*form = SHAPE_PREFIX;
	return word;
}
