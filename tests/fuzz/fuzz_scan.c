/* fuzz_scan.c - fuzz: the pull scanner accepts what jansson accepts, and gives the same values. */
#include "fuzz.h"

#include "records/scan.h"

#include <jansson.h>
#include <stdlib.h>

static void must(int fine)
{
	if (!fine)
		abort();
}

static void compare(struct scan *j, const json_t *want, struct arena *arena);

/* Of members with the same key jansson keeps the last: their values are compared only where no key
 * is twice. */
static void compare_object(struct scan *j, const json_t *want, struct arena *arena)
{
	struct scan first = *j;
	struct span raw;
	size_t n = 0;
	must(json_is_object(want) && scan_enter(&first, SCAN_OBJECT));
	for (; scan_next_key(&first, &raw); n++)
		must(scan_skip(&first));
	must(!first.error && n >= json_object_size(want));
	must(scan_enter(j, SCAN_OBJECT));
	while (scan_next_key(j, &raw)) {
		char *key = arena_alloc(arena, raw.n + 1);
		key[scan_unescape(raw, key)] = '\0';
		const json_t *member = json_object_get(want, key);
		must(member != NULL);
		if (n == json_object_size(want))
			compare(j, member, arena);
		else
			must(scan_skip(j));
	}
	must(!j->error);
}

static void compare(struct scan *j, const json_t *want, struct arena *arena)
{
	struct span text = SPAN_NONE;
	size_t i = 0;
	switch (scan_peek(j)) {
	case SCAN_OBJECT: compare_object(j, want, arena); break;
	case SCAN_ARRAY:
		must(json_is_array(want) && scan_enter(j, SCAN_ARRAY));
		while (scan_next_item(j))
			compare(j, json_array_get(want, i++), arena);
		must(!j->error && i == json_array_size(want));
		break;
	case SCAN_STRING:
		must(json_is_string(want) && scan_take_text(j, arena, &text));
		must(span_eq(text, span_make(json_string_value(want), json_string_length(want))));
		break;
	case SCAN_NULL: must(json_is_null(want) && scan_skip(j)); break;
	case SCAN_TRUE: must(json_is_true(want) && scan_skip(j)); break;
	case SCAN_FALSE: must(json_is_false(want) && scan_skip(j)); break;
	case SCAN_NUMBER: must(json_is_number(want) && scan_skip(j)); break;
	default: abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text = span_make((const char *)data, n);
	struct arena arena;
	struct scan j;
	json_error_t error;
	/* jansson takes a NUL byte behind a value for the end of its buffer; here it is never
	 * valid. */
	if (n && memchr(data, '\0', n)) {
		scan_init(&j, text);
		must(!scan_skip(&j) || !scan_end(&j));
		return 0;
	}
	json_t *want = json_loadb(text.p, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	scan_init(&j, text);
	bool valid = scan_skip(&j) && scan_end(&j);
	/* Numbers may be larger here, a key may hold a NUL, half of a surrogate pair is a character, and
	 * nesting is bounded sooner. */
	enum json_error_code code = want ? json_error_unknown : json_error_code(&error);
	bool other = code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
	             (!want && strstr(error.text, "invalid Unicode"));
	bool deep = j.error && strcmp(j.error, "nested too deep") == 0;
	if (!other && !deep)
		must(valid == (want != NULL));
	/* Brackets alone find the same end. */
	if (valid && n && (text.p[0] == '{' || text.p[0] == '[')) {
		scan_init(&j, text);
		must(scan_skip(&j) && scan_frame(text) == (size_t)(j.at - j.start));
	}
	if (valid && want) {
		arena_init(&arena);
		scan_init(&j, text);
		compare(&j, want, &arena);
		must(scan_end(&j));
		arena_release(&arena);
	}
	json_decref(want);
	return 0;
}
