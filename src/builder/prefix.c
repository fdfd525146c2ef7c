/* prefix.c - builder: see prefix.h. */
#include "config.h"

#include "builder/prefix.h"

/* "arn:aws:s3:::logs/" of "arn:aws:s3:::logs/2026/a": 0 where there is no bucket. */
static size_t bucket_end(struct span pattern)
{
	ptrdiff_t slash = span_chr(pattern, '/');
	return slash < 0 ? 0 : (size_t)slash + 1;
}

/* How many bytes of both, up to a '/', are equal. */
static size_t common_folder(struct span a, struct span b)
{
	size_t i = 0, folder = 0;
	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		if (a.p[i++] == '/')
			folder = i;
	return folder;
}

static bool in_bucket(const struct member *m, struct span bucket)
{
	return m->reason != FOLD_SETTINGS && span_starts(m->pattern, bucket);
}

size_t prefix_fold(struct member *m, size_t n, struct arena *arena)
{
	size_t left = 0;
	for (size_t i = 0, k; i < n; i = k) {
		struct member one = m[i];
		struct span bucket = span_sub(one.pattern, 0, bucket_end(one.pattern));
		size_t folder = one.pattern.n;
		k = i + 1;
		while (bucket.n && one.reason != FOLD_SETTINGS && k < n &&
		       in_bucket(&m[k], bucket)) {
			size_t common = common_folder(one.pattern, m[k].pattern);
			folder = common < folder ? common : folder;
			one.arns += m[k].arns;
			if (span_cmp(m[k].example, one.example) < 0)
				one.example = m[k].example;
			k++;
		}
		if (k > i + 1) {
			one.pattern = arena_printf(arena, "%.*s*", (int)folder, one.pattern.p);
			one.reason = FOLD_PREFIX;
		}
		m[left++] = one;
	}
	return left;
}
