/* subjects.c - app: see subjects.h. */
#include "config.h"

#include "app/subjects.h"

#include "app/subject-files.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "base/vec.h"
#include "call/arn.h"
#include "policy/keys.h"

#include <stdlib.h>

struct found {
	int64_t id;
	struct span arn, account, permission_set;
	enum principal_type type;
	bool editable;
};

struct collector {
	struct arena *arena;
	struct found *v; /* free() */
	size_t n, room;
	bool editable_only;
	bool keys; /* some were left out that only an access key is known of */
	const struct text_list *accounts;
};

static bool wanted_account(const struct text_list *accounts, struct span account)
{
	for (size_t i = 0; i < accounts->n; i++)
		if (span_eq(accounts->v[i], account))
			return true;
	return accounts->n == 0;
}

static bool collect(void *data, const struct principal_row *row)
{
	struct collector *c = data;
	const struct principal *p = &row->principal;
	if (!wanted_account(c->accounts, p->account))
		return true;
	if (c->editable_only && !p->editable) {
		c->keys |= p->type == PRINCIPAL_ACCESS_KEY;
		return true;
	}
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->v = xreallocarray(c->v, c->room, sizeof *c->v);
	}
	c->v[c->n++] = (struct found){.id = row->id,
	                              .arn = arena_span(c->arena, p->arn),
	                              .account = arena_span(c->arena, p->account),
	                              .permission_set = arena_span(c->arena, p->permission_set),
	                              .type = p->type,
	                              .editable = p->editable};
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int c = (x->permission_set.p != NULL) - (y->permission_set.p != NULL);
	c = c ? c : span_cmp(x->permission_set, y->permission_set);
	c = c ? c : span_cmp(x->arn, y->arn);
	return c ? c : (x->id > y->id) - (x->id < y->id);
}

static struct span last_part(struct span name)
{
	ptrdiff_t slash = span_rchr(name, '/');
	return slash >= 0 ? span_from(name, (size_t)slash + 1) : name;
}

/* ---- subjects */

static struct subject subject_of(struct arena *arena, const struct found *f, size_t n,
                                 struct span name)
{
	struct subject s = {.name = name,
	                    .account = f[0].account,
	                    .type = f[0].type,
	                    .editable = f[0].editable,
	                    .n = n};
	s.ids = arena_alloc(arena, n * sizeof *s.ids);
	for (size_t i = 0; i < n; i++) {
		s.ids[i] = f[i].id;
		if (!span_eq(f[i].account, s.account))
			s.account = SPAN_NONE;
	}
	s.short_name = last_part(name);
	if (span_starts(name, SPAN_LIT("arn:")) && span_chr(s.short_name, ':') >= 0)
		s.short_name = span_from(s.short_name, (size_t)span_rchr(s.short_name, ':') + 1);
	s.file = subject_file(arena, name);
	return s;
}

/* Roles that Identity Center makes of one permission set are one principal to whoever edits it. */
static bool same_subject(const struct found *a, const struct found *b)
{
	return a->permission_set.n && span_eq(a->permission_set, b->permission_set);
}

static struct span *file_at(void *data, size_t i)
{
	return &((struct subject *)data)[i].file;
}

static void subjects_each(struct arena *arena, const struct found *f, size_t n,
                          struct subjects *out)
{
	out->s = arena_alloc(arena, (n + 1) * sizeof *out->s);
	out->n = 0;
	for (size_t i = 0, k; i < n; i = k) {
		struct span name = f[i].arn;
		for (k = i + 1; k < n && same_subject(&f[i], &f[k]);)
			k++;
		if (f[i].permission_set.n)
			name = arena_printf(arena, "permission-set/%.*s",
			                    SPAN_ARG(f[i].permission_set));
		out->s[out->n++] = subject_of(arena, f + i, k - i, name);
	}
	subject_files_fold(arena, file_at, out->s, out->n);
}

static bool is_glob(struct span s)
{
	return span_chr(s, '*') >= 0 || span_chr(s, '?') >= 0;
}

/* A plain name that several accounts hold says nothing about which is meant. */
static enum status check_plain(const struct policy_request *r, struct arena *arena,
                               struct span name, const struct found *f, size_t n,
                               struct subjects *out)
{
	bool several = false;
	for (size_t i = 1; i < n; i++)
		several |= !span_eq(f[i].account, f[0].account);
	if (!several || is_glob(name) || r->accounts.n ||
	    span_starts(name, SPAN_LIT("permission-set/")))
		return STATUS_OK;
	out->ambiguous = name;
	out->candidates = arena_alloc(arena, n * sizeof *out->candidates);
	for (size_t i = 0; i < n; i++)
		out->candidates[out->n_candidates++] = f[i].arn;
	return STATUS_SKIP;
}

/* "role/PATH/NAME" as a glob over ARNs; SPAN_NONE if the name has no path. */
static struct span with_path(struct arena *arena, struct span name)
{
	struct span rest = name, kind = span_cut(&rest, '/');
	if ((!span_is(kind, "role") && !span_is(kind, "user")) || span_chr(rest, '/') < 0)
		return SPAN_NONE;
	return arena_printf(arena, "arn:*:iam::*:%.*s", SPAN_ARG(name));
}

/* ---- names that are written otherwise */

/* What name may stand for, the first that is known: a name without its kind, with a slash behind it,
 * the ARN of a session or of a role without its path. Globs or names; SPAN_NONE past the last. */
static struct span other_form(struct arena *arena, struct span name, size_t i)
{
	static const char *const kinds[] = {"role", "user", "permission-set"};
	struct arn arn;
	bool bare = span_chr(name, '/') < 0 && span_chr(name, ':') < 0;
	if (bare)
		return i < sizeof kinds / sizeof kinds[0]
		               ? arena_printf(arena, "%s/%.*s", kinds[i], SPAN_ARG(name))
		               : SPAN_NONE;
	if (i > 1)
		return SPAN_NONE;
	if (!arn_parse(name, &arn))
		return i == 0 && span_ends(name, SPAN_LIT("/")) ? span_sub(name, 0, name.n - 1)
		                                                : SPAN_NONE;
	struct span rest = arn.rest, kind = span_cut(&rest, '/'), role = span_cut(&rest, '/');
	if (span_is(kind, "assumed-role") && role.n)
		return arena_printf(arena, "arn:%.*s:iam::%.*s:role/%s%.*s", SPAN_ARG(arn.partition),
		                    SPAN_ARG(arn.account), i ? "*/" : "", SPAN_ARG(role));
	if (i == 0 && (span_is(kind, "role") || span_is(kind, "user")) && !rest.p && role.n)
		return arena_printf(arena, "arn:%.*s:iam::%.*s:%.*s/*/%.*s",
		                    SPAN_ARG(arn.partition), SPAN_ARG(arn.account), SPAN_ARG(kind),
		                    SPAN_ARG(role));
	return SPAN_NONE;
}

/* Adds those that the other forms of name mean, if all are of one form; *meant is that form, or
 * SPAN_NONE. */
static enum status collect_other_form(struct store *store, struct span name, struct collector *c,
                                      struct span *meant, struct err *err)
{
	enum status status = STATUS_OK;
	size_t before = c->n, forms = 0;
	struct span form;
	*meant = SPAN_NONE;
	if (is_glob(name))
		return STATUS_OK;
	for (size_t i = 0; (form = other_form(c->arena, name, i)).p && status == STATUS_OK; i++) {
		size_t n = c->n;
		status = store_find_principals(store, form, SPAN_NONE, collect, c, err);
		if (c->n > n) {
			forms++;
			*meant = form;
		}
	}
	if (forms != 1) { /* a role and a user: neither is guessed at */
		c->n = before;
		*meant = SPAN_NONE;
	}
	return status;
}

/* ---- names that nobody has */

/* More would be slow to compare, and no hint. */
enum { LIMIT_NEAR = 20000, NEAR_TOLD = 3 };

struct near_name {
	struct span name; /* "role/ci" */
	unsigned far;
};

struct near_names {
	struct arena *arena;
	struct span typed; /* in lower case */
	bool bare;
	VEC_OF(struct near_name);
};

static bool take_near(void *data, const struct principal_row *row)
{
	struct near_names *k = data;
	struct arn arn;
	struct span name = row->principal.arn, kind = SPAN_NONE;
	if (row->principal.permission_set.n) {
		name = row->principal.permission_set;
		kind = SPAN_LIT("permission-set");
	} else if (arn_parse(name, &arn)) {
		struct span rest = arn.rest;
		kind = span_cut(&rest, '/');
		name = rest.p ? last_part(arn.rest) : arn.rest;
	}
	if (!kind.n)
		return true;
	struct near_name *one = vec_push(k, LIMIT_NEAR);
	if (!one)
		return false;
	one->name = arena_printf(k->arena, "%.*s/%.*s", SPAN_ARG(kind), SPAN_ARG(name));
	struct span lower = lower_copy(k->arena, k->bare ? name : one->name);
	unsigned most = (unsigned)(k->typed.n + 2) / 3;
	one->far = edit_distance(k->typed, lower, most);
	if (one->far > most)
		k->n--;
	return true;
}

static int by_distance(const void *a, const void *b)
{
	const struct near_name *x = a, *y = b;
	return x->far != y->far ? (x->far < y->far ? -1 : 1) : span_cmp(x->name, y->name);
}

/* "; did you mean 'role/ci'?", or SPAN_NONE. */
static struct span nearest(struct store *store, struct span name, struct arena *arena)
{
	struct near_names k = {.arena = arena, .typed = lower_copy(arena, name)};
	struct buf b;
	struct err err;
	err_clear(&err);
	k.bare = span_chr(name, '/') < 0;
	if (store_each_principal(store, SPAN_NONE, take_near, &k, &err) != STATUS_OK)
		k.n = 0;
	k.n = sort_unique(k.v, k.n, sizeof *k.v, by_distance);
	buf_init(&b, 4096);
	for (size_t i = 0; i < k.n && i < NEAR_TOLD && k.v[i].far == k.v[0].far; i++)
		buf_addf(&b, "%s%.*s'", i ? " or '" : "; did you mean '", SPAN_ARG(k.v[i].name));
	if (k.n)
		buf_add_char(&b, '?');
	struct span out = k.n ? arena_span(arena, buf_span(&b)) : SPAN_NONE;
	buf_release(&b);
	vec_release(&k);
	return out;
}

enum status subjects_unknown(struct store *store, struct span name, struct arena *arena,
                             struct err *err)
{
	struct span near = nearest(store, name, arena);
	return err_set(err, STATUS_END, "no-principal",
	               "no principal '%.*s' in the database%.*s", SPAN_ARG(name),
	               SPAN_ARG(near.n ? near : SPAN_LIT("; 'iamreplay principals' lists them")));
}

static enum status collect_name(struct store *store, struct span name, struct collector *c,
                                struct span *meant, struct err *err)
{
	size_t before = c->n;
	enum status status = store_find_principals(store, name, SPAN_NONE, collect, c, err);
	struct span path = with_path(c->arena, name);
	*meant = SPAN_NONE;
	if (status == STATUS_OK && c->n == before && path.p)
		status = store_find_principals(store, path, SPAN_NONE, collect, c, err);
	if (status == STATUS_OK && c->n == before)
		status = collect_other_form(store, name, c, meant, err);
	if (status == STATUS_OK && c->n == before)
		return subjects_unknown(store, name, c->arena, err);
	return status == STATUS_OK ? STATUS_OK : STATUS_STOP;
}

enum status subjects_check_name(struct store *store, struct span name, struct err *err)
{
	struct arena arena;
	struct span meant;
	struct text_list all = {.n = 0};
	struct collector c = {.arena = &arena, .accounts = &all};
	arena_init(&arena);
	enum status status = collect_name(store, name, &c, &meant, err);
	if (status == STATUS_OK && meant.p)
		status = err_set(err, STATUS_END, "no-principal",
		                 "no principal '%.*s' in the database; did you mean '%.*s'?",
		                 SPAN_ARG(name), SPAN_ARG(meant));
	free(c.v);
	arena_release(&arena);
	return status;
}

static enum status collect_named(const struct policy_request *r, struct policy_source *s,
                                 struct collector *c, struct subjects *out, struct err *err)
{
	enum status status = STATUS_OK;
	out->taken = arena_calloc(c->arena, r->principals.n + 1, sizeof *out->taken);
	for (size_t i = 0; i < r->principals.n && status == STATUS_OK; i++) {
		size_t before = c->n;
		struct span name = r->principals.v[i], meant;
		status = collect_name(s->store, name, c, &meant, err);
		if (status == STATUS_OK)
			status = check_plain(r, c->arena, name, c->v + before, c->n - before, out);
		if (meant.p)
			out->taken[out->n_taken++] = (struct name_taken){name, meant};
	}
	return status;
}

static size_t unique(struct found *f, size_t n)
{
	size_t left = 0;
	if (n)
		qsort(f, n, sizeof *f, by_name);
	for (size_t i = 0; i < n; i++)
		if (left == 0 || f[left - 1].id != f[i].id)
			f[left++] = f[i];
	return left;
}

static struct span joined_name(struct arena *arena, const struct policy_request *r)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < r->principals.n; i++)
		if (!(i && !buf_add_str(&b, ", ")))
			buf_add_span(&b, r->principals.v[i]);
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static void subjects_together(struct arena *arena, const struct policy_request *r,
                              const struct found *f, size_t n, struct subjects *out)
{
	subjects_each(arena, f, n, out);
	if (out->n < 2)
		return;
	struct subject s = subject_of(arena, f, n, joined_name(arena, r));
	s.file = s.short_name = SPAN_LIT("policy");
	s.editable = true;
	out->s[0] = s;
	out->n = 1;
}

enum status subjects_find(const struct policy_request *r, struct policy_source *s,
                          enum subjects_how how, struct subjects *out, struct err *err)
{
	bool all = how == SUBJECTS_ALL_EDITABLE;
	struct collector c = {.arena = &s->arena, .editable_only = all, .accounts = &r->accounts};
	enum status status = STATUS_OK;
	*out = (struct subjects){.n = 0};
	if (!all)
		status = collect_named(r, s, &c, out, err);
	else if (store_each_principal(s->store, SPAN_NONE, collect, &c, err) != STATUS_OK)
		status = STATUS_STOP;
	c.n = unique(c.v, c.n);
	if (status == STATUS_OK && c.n == 0)
		status = err_set(err, STATUS_END, "no-principal",
		                 "no editable principal in the database%s",
		                 c.keys ? ", only access keys. Say whose they are: iamreplay "
		                          "principals --assign KEY=ARN"
		                        : "");
	if (status == STATUS_OK && how == SUBJECTS_TOGETHER)
		subjects_together(&s->arena, r, c.v, c.n, out);
	else if (status == STATUS_OK)
		subjects_each(&s->arena, c.v, c.n, out);
	free(c.v);
	return status;
}

enum status subjects_derive(struct policy_source *s, const struct subjects *all, struct err *err)
{
	struct {
		VEC_OF(int64_t);
	} ids = {.n = 0};
	for (size_t i = 0; all->n > 1 && i < all->n; i++)
		for (size_t k = 0; k < all->s[i].n; k++)
			*vec_add(&ids) = all->s[i].ids[k];
	enum status status = store_derive(s->store, ids.v, ids.n, err);
	vec_release(&ids);
	return status;
}
