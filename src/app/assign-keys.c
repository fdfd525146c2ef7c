/* assign-keys.c - app: see assign-keys.h. */
#include "config.h"

#include "app/assign-keys.h"

#include "normalise/principal.h"

bool key_assignment(const char *text, struct span *key, struct span *arn)
{
	struct principal p;
	struct arena arena;
	struct span rest = span_of(text);
	*key = span_cut(&rest, '=');
	*arn = rest;
	arena_init(&arena);
	bool ok = key->n >= 16 && key->n <= 128 && span_chr(*key, '/') < 0 &&
	          principal_of_arn(*arn, &arena, &p, NULL) && !p.path_unknown;
	arena_release(&arena);
	return ok;
}

enum status assign_keys(struct store *st, const struct span *texts, size_t n, struct err *err)
{
	struct span key, arn;
	for (size_t i = 0; i < n; i++) {
		if (!key_assignment(texts[i].p, &key, &arn))
			return err_set(err, STATUS_STOP, "option", "'%.*s' is not KEY=ARN",
			               SPAN_ARG(texts[i]));
		if (store_assign_key(st, key, arn, err) != STATUS_OK)
			return STATUS_STOP;
	}
	return store_flush(st, err);
}
