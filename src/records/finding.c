/* finding.c - records: see finding.h. */
#include "config.h"

#include "records/finding.h"

#include <string.h>

/* Whether p begins like {"Records" or {"eventVersion": an object whose first key has a row. */
static bool begins_known(const char *p, const char *end)
{
	struct scan j;
	struct span key;
	scan_init(&j, span_make(p, (size_t)(end - p)));
	return scan_enter(&j, SCAN_OBJECT) && scan_next_key(&j, &key) && container_key(key);
}

static bool value_begins_known(const char *p, const char *end)
{
	if (*p == '[')
		for (p++; p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'); p++)
			continue;
	return p < end && *p == '{' && begins_known(p, end);
}

struct finding find_verdict(struct span view, bool middle)
{
	struct finding f = {.verdict = VERDICT_END};
	struct scan j;
	struct span key;
	scan_init(&j, view);
	if (middle)
		j.depth = 1;
	else
		scan_enter(&j, SCAN_OBJECT);
	while (scan_next_key(&j, &key)) {
		enum scan_kind kind = scan_peek(&j);
		const char *p = j.at;
		f.at = (size_t)(p - view.p);
		f.value = span_from(view, f.at);
		if (kind == SCAN_STRING && !scan_take_raw(&j, &f.value))
			break;
		f.row = kind == SCAN_BAD ? NULL : container_row(key, kind, f.value);
		if (f.row && (!middle || f.row->act == ACT_ENTER)) {
			f.verdict = VERDICT_ROW;
			return f;
		}
		if ((kind == SCAN_OBJECT || kind == SCAN_ARRAY) && value_begins_known(p, j.end)) {
			f.verdict = VERDICT_INSIDE;
			return f;
		}
		if (kind != SCAN_STRING && kind != SCAN_BAD)
			scan_skip(&j);
	}
	if (j.error) {
		f.verdict = j.cut ? VERDICT_CUT : VERDICT_BAD;
		f.error = j.error;
	}
	f.at = (size_t)(j.at - view.p);
	return f;
}

size_t find_start(struct span text, size_t at)
{
	while (at < text.n) {
		const char *p = memchr(text.p + at, '{', text.n - at);
		if (!p)
			break;
		at = (size_t)(p - text.p);
		if ((at > 0 && text.p[at - 1] == '\n') || begins_known(p, text.p + text.n))
			return at;
		at++;
	}
	return text.n;
}

size_t find_from(struct span text, size_t at)
{
	size_t p = at < text.n ? at : text.n;
	if (p == 0 || text.p[p - 1] != '"')
		return p < text.n ? p + 1 : p;
	for (p--; p > 0 && text.p[p - 1] != '"'; p--)
		continue;
	return p > 0 ? p : 1;
}
