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

/* What is known of an object before its end. */
struct looking {
	enum finding_place place;
	const struct container_row *record, *other; /* the first of its kind */
	bool wrapper;                               /* a member that may wrap a record was met */
};

/* Whether the row is what the object is, whatever follows. begins: the object begins as CloudTrail
 * writes records, which no envelope does. */
static bool decides(const struct looking *l, const struct container_row *row, bool begins)
{
	switch (row->act) {
	case ACT_ENTER: return l->place != PLACE_TEXT || row->quoted;
	case ACT_RECORD:
		return row->form == RECORD_CLOUDTRAIL
		               ? begins
		               : l->place == PLACE_ANY || l->place == PLACE_HAR;
	default: return false;
	}
}

static void remember(struct looking *l, const struct container_row *row)
{
	bool record = row->act == ACT_RECORD;
	if (l->place == PLACE_TEXT &&
	    (record ? row->form != RECORD_CLOUDTRAIL : row->act == ACT_ENTER))
		return;
	const struct container_row **to = record ? &l->record : &l->other;
	if (!*to)
		*to = row;
}

/* The object ended at byte at of view. */
static struct finding decide(const struct looking *l, struct span view, size_t at)
{
	struct finding f = {.verdict = VERDICT_END, .at = at};
	bool wrapped = l->wrapper &&
	               wrapper_find(span_sub(view, 0, at), l->place == PLACE_TEXT, &f.wrapped);
	if (wrapped && (!l->record || f.wrapped.row->first))
		f.verdict = VERDICT_WRAPPED;
	else if (l->record || l->other) {
		f.verdict = VERDICT_ROW;
		f.row = l->record ? l->record : l->other;
	}
	return f;
}

struct finding find_verdict(struct span view, enum finding_place place)
{
	struct finding f = {.verdict = VERDICT_END};
	struct looking l = {.place = place};
	struct scan j;
	struct span key;
	bool first = place != PLACE_MIDDLE;
	scan_init(&j, view);
	if (place == PLACE_MIDDLE)
		j.depth = 1;
	else
		scan_enter(&j, SCAN_OBJECT);
	for (; scan_next_key(&j, &key); first = false) {
		enum scan_kind kind = scan_peek(&j);
		struct span value = SPAN_NONE;
		f.at = (size_t)(j.at - view.p);
		if (kind == SCAN_STRING && !scan_take_raw(&j, &value))
			break;
		f.row = kind == SCAN_BAD     ? NULL
		        : place == PLACE_HAR ? container_har_row(key, kind)
		                             : container_row(key, kind, value);
		if (f.row && place == PLACE_MIDDLE && f.row->act != ACT_ENTER)
			f.row = NULL;
		if (f.row && decides(&l, f.row, first && span_is(key, "eventVersion"))) {
			f.verdict = VERDICT_ROW;
			return f;
		}
		if (f.row)
			remember(&l, f.row);
		l.wrapper = l.wrapper ||
		            (place != PLACE_MIDDLE && place != PLACE_HAR && wrapper_key(key));
		if (kind != SCAN_STRING && kind != SCAN_BAD)
			scan_skip(&j);
	}
	f.row = NULL;
	f.at = (size_t)(j.at - view.p);
	if (!j.error)
		return place == PLACE_MIDDLE ? f : decide(&l, view, f.at);
	f.verdict = j.cut ? VERDICT_CUT : VERDICT_BAD;
	f.error = j.error;
	/* A broken record is a lost record, not an unknown object. */
	if (l.record && !j.cut) {
		f.verdict = VERDICT_ROW;
		f.row = l.record;
	}
	return f;
}

/* Whether what stands before byte at says that a member's value begins there. */
static bool is_member_value(struct span text, size_t at)
{
	while (at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
		at--;
	return at > 0 && text.p[at - 1] == ':';
}

size_t find_start(struct span text, size_t at)
{
	while (at < text.n) {
		const char *p = memchr(text.p + at, '{', text.n - at);
		if (!p)
			break;
		at = (size_t)(p - text.p);
		if (at > 0 && text.p[at - 1] == '\n')
			return at;
		/* of nothing but "{" a gigabyte: the scanner would take ten times as long */
		while (at + 1 < text.n && text.p[at + 1] == '{')
			at++;
		if (begins_known(text.p + at, text.p + text.n) && !is_member_value(text, at))
			return at;
		at++;
	}
	return text.n;
}

size_t find_line(struct span text, size_t at)
{
	for (at = at ? at : 1; at < text.n; at++) {
		const char *p = memchr(text.p + at, '{', text.n - at);
		if (!p)
			break;
		at = (size_t)(p - text.p);
		if (text.p[at - 1] == '\n' && begins_known(p, text.p + text.n))
			return at;
	}
	return text.n;
}

size_t find_from(struct span text, size_t at)
{
	size_t p = at < text.n ? at : text.n;
	/* What stands there may itself be the next record, of which nothing told that it comes. */
	if (p > 0 && p < text.n && text.p[p] == '{')
		return p;
	if (p == 0 || text.p[p - 1] != '"')
		return p < text.n ? p + 1 : p;
	for (p--; p > 0 && text.p[p - 1] != '"'; p--)
		continue;
	return p > 0 ? p : 1;
}
