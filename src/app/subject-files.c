/* subject-files.c - app: see subject-files.h. */
#include "config.h"

#include "app/subject-files.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "call/arn.h"
#include "emit/emit.h"

/* Below PATH_MAX (4096) with a folder before it and a suffix behind it. */
enum { LIMIT_PATH = 3000 };

static bool add_hash(struct buf *b, struct span s)
{
	struct hash128 h = hash_of(s);
	bool ok = buf_add_str(b, "~x");
	for (size_t i = 0; i < 8 && ok; i++)
		ok = buf_addf(b, "%02x", h.b[i]);
	return ok;
}

/* Windows, naming files: devices, whatever stands behind the first dot. */
static bool is_device(struct span part)
{
	static const char *const names[] = {"con", "prn", "aux", "nul"};
	struct span rest = part, stem = span_cut(&rest, '.');
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_eq_ci(stem, span_of(names[i])))
			return true;
	return stem.n == 4 && stem.p[3] >= '0' && stem.p[3] <= '9' &&
	       (span_starts_ci(stem, SPAN_LIT("com")) || span_starts_ci(stem, SPAN_LIT("lpt")));
}

/* Where the suffix begins that a file of ours has, or -1. */
static ptrdiff_t suffix_at(struct span part)
{
	ptrdiff_t at = -1;
	for (size_t i = 0; emitters[i].name; i++) {
		struct span suffix = span_of(emitters[i].suffix);
		if (span_ends_ci(part, suffix) && (at < 0 || part.n - suffix.n < (size_t)at))
			at = (ptrdiff_t)(part.n - suffix.n);
	}
	return at;
}

static bool is_plain(char c)
{
	return c && (ascii_alpha(c) || ascii_digit(c) || strchr("+=,.@_-", c));
}

static bool add_part(struct buf *b, struct span part, bool folder)
{
	size_t before = b->n;
	ptrdiff_t dot = folder ? suffix_at(part) : -1;
	bool ok = true, device = is_device(part);
	for (size_t i = 0; i < part.n && ok; i++) {
		char c = part.p[i];
		bool escape = !is_plain(c) || (i == 0 && (c == '.' || device)) ||
		              (c == '.' && (i + 1 == part.n || (ptrdiff_t)i == dot));
		ok = escape ? buf_addf(b, "%%%02X", (unsigned char)c) : buf_add_char(b, c);
	}
	if (part.n == 0)
		return ok && buf_add_str(b, "%");
	if (!ok || b->n - before <= FILE_PART_MOST)
		return ok;
	size_t cut = before + FILE_PART_MOST - 20; /* "~x" and 16 digits, no half of a %XX */
	while (b->p[cut - 1] == '%' || b->p[cut - 2] == '%')
		cut--;
	b->n = cut;
	return add_hash(b, part);
}

static bool add_parts(struct buf *b, struct span rest)
{
	bool ok = true;
	for (bool first = true; rest.p && ok; first = false) {
		struct span part = span_cut(&rest, '/');
		ok = (first || buf_add_char(b, '/')) && add_part(b, part, rest.p != NULL);
	}
	return ok;
}

struct span subject_file(struct arena *arena, struct span name)
{
	struct buf b;
	struct arn arn;
	struct span rest = name;
	buf_init(&b, LIMIT_PATH);
	bool ok = true;
	if (arn_parse(name, &arn)) {
		rest = arn.rest;
		ok = add_part(&b, arn.account.n ? arn.account : SPAN_LIT("none"), true) &&
		     buf_add_char(&b, '/');
		/* China's and the government's accounts are others, whatever their number is */
		if (ok && !span_is(arn.partition, "aws"))
			ok = add_part(&b, arn.partition, true) && buf_add_char(&b, '/');
	}
	else if (span_chr(rest, '/') < 0)
		ok = buf_add_str(&b, "names/"); /* not beside index.json */
	ok = ok && add_parts(&b, rest);
	if (!ok) {
		buf_reset(&b);
		buf_add_str(&b, "long-names/");
		add_hash(&b, name);
	}
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

/* ---- case */

static int by_folded(const void *a, const void *b)
{
	struct span *const *x = a, *const *y = b;
	return span_cmp_ci(**x, **y);
}

static bool has_upper(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

void subject_files_fold(struct arena *arena, struct span *(*at)(void *data, size_t i), void *data,
                        size_t n)
{
	struct span **sorted = arena_alloc(arena, (n + 1) * sizeof *sorted);
	struct buf b;
	for (size_t i = 0; i < n; i++)
		sorted[i] = at(data, i);
	sort_items(sorted, n, sizeof *sorted, by_folded);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && span_cmp_ci(*sorted[i], *sorted[k]) == 0;)
			k++;
		for (size_t j = i; j < k && k - i > 1; j++) {
			if (!has_upper(*sorted[j]))
				continue;
			buf_init(&b, LIMIT_PATH + 100);
			buf_add_span(&b, *sorted[j]);
			add_hash(&b, *sorted[j]);
			*sorted[j] = arena_span(arena, buf_span(&b));
			buf_release(&b);
		}
	}
}
