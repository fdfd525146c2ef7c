/* session-tags.c - normalise: see session-tags.h. */
#include "config.h"

#include "normalise/session-tags.h"

#include "base/buf.h"
#include "records/scan.h"

#include <stdlib.h>

/* LIMIT_SESSION_TAGS of the longest, each character four bytes or an escape of six. */
#define LIMIT_TAGS_TEXT ((size_t)256 << 10)

/* At most so many characters, none of them NUL, which IAM knows in no name. */
static bool fits(struct span s, size_t limit)
{
	size_t characters = 0;
	if (s.n > 4 * limit || (s.n && memchr(s.p, '\0', s.n)))
		return false;
	for (size_t i = 0; i < s.n; i++)
		characters += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return characters <= limit;
}

/* The place of key in what is sorted: where it is, or where it belongs. */
static size_t place_of(const struct session_tags *tags, struct span key)
{
	size_t low = 0, high = tags->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (span_cmp_ci(tags->v[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct session_tag *session_tags_find(const struct session_tags *tags, struct span key)
{
	size_t at = place_of(tags, key);
	return at < tags->n && span_eq_ci(tags->v[at].key, key) ? &tags->v[at] : NULL;
}

/* False if it is no tag, there are too many, or the key is there already. */
static bool add(struct session_tags *tags, struct span key, struct span value)
{
	size_t at = place_of(tags, key);
	if (!key.n || !value.p || !fits(key, LIMIT_TAG_KEY) || !fits(value, LIMIT_TAG_VALUE) ||
	    tags->n == LIMIT_SESSION_TAGS || (at < tags->n && span_eq_ci(tags->v[at].key, key)))
		return false;
	memmove(&tags->v[at + 1], &tags->v[at], (tags->n - at) * sizeof tags->v[0]);
	tags->v[at] = (struct session_tag){key, value};
	tags->n++;
	return true;
}

/* ---- the request */

static bool take_string(struct scan *j, struct arena *arena, struct span *out)
{
	return scan_peek(j) == SCAN_STRING && scan_take_text(j, arena, out);
}

static struct span plain_key(struct span raw, struct arena *arena)
{
	if (!raw.n || !memchr(raw.p, '\\', raw.n))
		return raw;
	char *plain = arena_alloc(arena, raw.n);
	return span_make(plain, scan_unescape(raw, plain));
}

/* {"KEY":"VALUE",...} */
static bool take_object(struct scan *j, struct arena *arena, struct session_tags *out)
{
	struct span key, value;
	if (!scan_enter(j, SCAN_OBJECT))
		return false;
	while (scan_next_key(j, &key))
		if (!take_string(j, arena, &value) || !add(out, plain_key(key, arena), value))
			return false;
	return !j->error;
}

/* {"key":"KEY","value":"VALUE"} */
static bool take_pair(struct scan *j, struct arena *arena, struct session_tags *out)
{
	struct span member, key = SPAN_NONE, value = SPAN_NONE;
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT))
		return false;
	while (scan_next_key(j, &member)) {
		struct span *to = span_is(member, "key")     ? &key
		                  : span_is(member, "value") ? &value
		                                             : NULL;
		if (!to || to->p || !take_string(j, arena, to))
			return false;
	}
	return !j->error && add(out, key, value);
}

static bool take_tags(struct scan *j, struct arena *arena, struct session_tags *out)
{
	switch (scan_peek(j)) {
	case SCAN_NULL: return scan_skip(j);
	case SCAN_OBJECT: return take_object(j, arena, out);
	case SCAN_ARRAY: break;
	default: return false;
	}
	scan_enter(j, SCAN_ARRAY);
	while (scan_next_item(j))
		if (!take_pair(j, arena, out))
			return false;
	return !j->error;
}

/* In the order in which each is over those before it. */
enum { INHERITED, PROVIDED, ASKED, SOURCES };

static bool take_request(struct scan *j, struct arena *arena, struct session_tags *from)
{
	static const char *const members[SOURCES] = {
	        [INHERITED] = "incomingTransitiveTags",
	        [PROVIDED] = "principalTags",
	        [ASKED] = "tags",
	};
	struct span key;
	if (scan_peek(j) != SCAN_OBJECT || !scan_enter(j, SCAN_OBJECT))
		return false;
	while (scan_next_key(j, &key)) {
		int i = 0;
		while (i < SOURCES && !span_is(key, members[i]))
			i++;
		if (i == SOURCES)
			scan_skip(j);
		else if (from[i].n || !take_tags(j, arena, &from[i]))
			return false;
	}
	return scan_end(j);
}

bool session_tags_of_request(struct span request, struct arena *arena, struct session_tags *out)
{
	struct session_tags from[SOURCES];
	struct scan j;
	for (int i = 0; i < SOURCES; i++)
		from[i].n = 0;
	out->n = 0;
	scan_init(&j, request);
	if (!request.p || !take_request(&j, arena, from))
		return false;
	for (int i = SOURCES; i-- > 0;)
		for (size_t t = 0; t < from[i].n; t++)
			if (!session_tags_find(out, from[i].v[t].key) &&
			    !add(out, from[i].v[t].key, from[i].v[t].value)) {
				out->n = 0;
				return false;
			}
	return out->n > 0;
}

/* ---- as they are kept */

struct span session_tags_write(const struct session_tags *tags, struct arena *arena)
{
	struct buf b;
	buf_init(&b, LIMIT_TAGS_TEXT);
	for (size_t i = 0; i < tags->n; i++) {
		buf_add_char(&b, i ? ',' : '{');
		buf_add_json(&b, tags->v[i].key);
		buf_add_char(&b, ':');
		buf_add_json(&b, tags->v[i].value);
	}
	buf_add_str(&b, tags->n ? "}" : "{}");
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

bool session_tags_read(struct span text, struct arena *arena, struct session_tags *out)
{
	struct scan j;
	out->n = 0;
	scan_init(&j, text);
	if (text.n && take_object(&j, arena, out) && scan_end(&j))
		return true;
	out->n = 0;
	return false;
}

void session_tags_keep(struct session_tags *tags, const struct session_tags *other,
                       struct arena *arena)
{
	size_t kept = 0;
	for (size_t i = 0; i < tags->n; i++) {
		struct session_tag tag = tags->v[i];
		const struct session_tag *same = session_tags_find(other, tag.key);
		if (!same || !span_eq(same->value, tag.value))
			continue;
		if (span_cmp(same->key, tag.key) < 0)
			tag.key = arena_span(arena, same->key);
		tags->v[kept++] = tag;
	}
	tags->n = kept;
}
