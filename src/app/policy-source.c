/* policy-source.c - app: see policy-source.h. */
#include "config.h"

#include "app/policy-source.h"

#include "base/buf.h"
#include "base/vec.h"
#include "builder/merge.h"

#include <errno.h>
#include <stdio.h>

static bool read_whole(const char *path, struct buf *out, struct err *err)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	char part[65536];
	size_t n;
	bool ok = f != NULL;
	while (ok && (n = fread(part, 1, sizeof part, f)) > 0)
		ok = buf_add(out, part, n);
	if (!ok || ferror(f)) {
		err_set(err, STATUS_FILE, "read", "%s",
		        f && !ferror(f) ? "too large for a policy" : strerror(errno));
		ok = false;
	}
	if (f && f != stdin)
		fclose(f);
	err_at_file(err, path);
	return ok;
}

/* A policy of people: far below this even as an SCP with comments in its Sids. */
enum { LIMIT_MERGE = 1 << 20 };

static enum status read_existing(const struct policy_request *r, struct policy_source *s,
                                 struct err *err)
{
	struct buf text;
	buf_init(&text, LIMIT_MERGE);
	bool ok = read_whole(r->merge, &text, err) &&
	          merge_read(buf_span(&text), &s->arena, &s->existing, err) == STATUS_OK;
	buf_release(&text);
	if (!ok) {
		err_at_file(err, r->merge);
		return STATUS_STOP;
	}
	s->has_existing = true;
	return STATUS_OK;
}

/* Whether the types of a settings file are those of the reference, and its patterns theirs. */
static enum status check_rules(const struct policy_request *r, const struct mapping *m,
                               struct err *err)
{
	for (size_t i = 0; r->settings && i < r->settings->n_rules; i++) {
		const struct fold_rule *rule = &r->settings->rules[i];
		const struct sar_type *t = sar_type(m, rule->service, rule->type);
		if (!t)
			return err_set(err, STATUS_STOP, "no-type",
			               "%.*s: '%.*s' has no resource type '%.*s'",
			               SPAN_ARG(rule->where), SPAN_ARG(rule->service),
			               SPAN_ARG(rule->type));
		if (!sar_type_matches(t, rule->pattern))
			return err_set(
			        err, STATUS_STOP, "no-pattern",
			        "%.*s: '%.*s' is no pattern of %.*s:%.*s, whose ARNs are %.*s",
			        SPAN_ARG(rule->where), SPAN_ARG(rule->pattern),
			        SPAN_ARG(rule->service), SPAN_ARG(rule->type),
			        SPAN_ARG(sar_type_pattern(t, 0)));
	}
	return STATUS_OK;
}

enum status policy_source_open(const struct policy_request *r, struct policy_source *out,
                               struct err *err)
{
	enum status status = STATUS_OK;
	*out = (struct policy_source){.store = NULL};
	arena_init(&out->arena);
	if (r->merge)
		status = read_existing(r, out, err);
	if (status == STATUS_OK)
		status = database_open(&out->database, &r->database, STORE_READ, err);
	if (status != STATUS_OK) {
		policy_source_close(out);
		return STATUS_STOP;
	}
	out->store = out->database.store;
	out->mapping = out->database.mapping;
	status = check_rules(r, out->mapping, err);
	if (status != STATUS_OK)
		policy_source_close(out);
	return status;
}

/* Where others' names must be gathered first, so many are compared with: the folds of the rest are
 * not checked. */
enum { LIMIT_USED = 2000000 };

struct used {
	VEC_OF(struct span);
	struct arena *arena;
};

static bool take_used(void *data, struct span resource)
{
	struct used *u = data;
	struct span *one = vec_push(u, LIMIT_USED);
	if (one)
		*one = arena_span(u->arena, resource);
	return one != NULL;
}

/* Of names that are not found by how they begin all that there is must be gathered, once for all
 * questions. */
static void read_used(struct policy_source *s)
{
	struct used u = {.arena = &s->arena};
	s->used_status = store_each_resource(s->store, &s->used_filter, SPAN_NONE, take_used, &u,
	                                     &s->used_err);
	s->n_used = spans_sort_unique(u.v, u.n);
	s->used_list = arena_alloc(&s->arena, (s->n_used + 1) * sizeof *s->used_list);
	if (s->n_used)
		memcpy(s->used_list, u.v, s->n_used * sizeof *s->used_list);
	vec_release(&u);
	s->used_read = true;
}

static size_t first_used(const struct policy_source *s, struct span head)
{
	size_t lo = 0, hi = s->n_used;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (span_cmp(s->used_list[mid], head) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void each_used(void *data, struct span head, bool (*take)(void *to, struct span resource),
                      void *to)
{
	struct policy_source *s = data;
	if (s->used_status != STATUS_OK)
		return;
	if (store_has_conditions(&s->used_filter) && !store_finds_by_head(s->store, head)) {
		if (!s->used_read)
			read_used(s);
		for (size_t i = first_used(s, head);
		     i < s->n_used && span_starts(s->used_list[i], head); i++)
			if (!take(to, s->used_list[i]))
				break;
		return;
	}
	s->used_status =
	        store_each_resource(s->store, &s->used_filter, head, take, to, &s->used_err);
}

/* Everybody's, whatever the conditions are. */
static void each_used_at_most(void *data, struct span head,
                              bool (*take)(void *to, struct span resource), void *to)
{
	struct policy_source *s = data;
	struct store_filter all = {.window = STORE_WINDOW_ALL,
	                           .outcomes = s->used_filter.outcomes,
	                           .phases = s->used_filter.phases};
	if (s->used_status == STATUS_OK)
		s->used_status = store_each_resource(s->store, &all, head, take, to, &s->used_err);
}

void policy_source_used(struct policy_source *s, const struct store_filter *filter)
{
	struct store_filter everybodys = *filter;
	everybodys.principals = NULL;
	everybodys.n_principals = 0;
	struct hash128 hash = store_filter_hash(&everybodys);
	s->used_read = s->used_read && hash_eq(&hash, &s->used_hash) &&
	               s->used_filter.outcomes == filter->outcomes &&
	               s->used_filter.phases == filter->phases;
	/* the texts of the last one may be gone, those of this one are there */
	s->used_filter = everybodys;
	s->used_hash = hash;
	s->used = (struct used_resources){s, each_used,
	                                  store_has_conditions(filter) ? each_used_at_most : NULL};
}

const struct used_resources *policy_source_others(const struct policy_source *s)
{
	return s->used.each ? &s->used : NULL;
}

enum status policy_source_failed(const struct policy_source *s, struct err *err)
{
	if (s->used_status != STATUS_OK && err)
		*err = s->used_err;
	return s->used_status;
}

const struct observable *policy_source_observable(struct policy_source *s)
{
	if (!s->observable)
		s->observable = observable_new(s->mapping);
	return s->observable;
}

void policy_source_close(struct policy_source *s)
{
	struct err err;
	err_clear(&err);
	if (s->store)
		database_close(&s->database, &err); /* read only: nothing can be lost */
	observable_free(s->observable);
	arena_release(&s->arena);
	*s = (struct policy_source){.store = NULL};
}
