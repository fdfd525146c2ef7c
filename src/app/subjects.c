/* subjects.c - app: see subjects.h. */
#include "config.h"

#include "app/subjects.h"

#include "app/subject-files.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "call/arn.h"

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

/* What a bare name may stand for: the first kind by which somebody is known, or SPAN_NONE. */
static struct span with_kind(struct policy_source *s, struct span name, struct collector *c,
                             struct err *err)
{
	static const char *const kinds[] = {"role", "user", "permission-set"};
	size_t before = c->n;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct span full = arena_printf(c->arena, "%s/%.*s", kinds[i], SPAN_ARG(name));
		if (store_find_principals(s->store, full, SPAN_NONE, collect, c, err) !=
		    STATUS_OK)
			break;
		bool known = c->n > before;
		c->n = before;
		if (known)
			return full;
	}
	return SPAN_NONE;
}

static enum status no_principal(struct policy_source *s, struct span name, struct collector *c,
                                struct err *err)
{
	bool bare = span_chr(name, '/') < 0 && span_chr(name, ':') < 0;
	struct span meant = bare ? with_kind(s, name, c, err) : SPAN_NONE;
	if (meant.p)
		return err_set(err, STATUS_END, "no-principal",
		               "no principal '%.*s' in the database; did you mean '%.*s'?",
		               SPAN_ARG(name), SPAN_ARG(meant));
	return err_set(err, STATUS_END, "no-principal",
	               "no principal '%.*s' in the database; 'iamreplay principals' lists them",
	               SPAN_ARG(name));
}

static enum status collect_name(struct policy_source *s, struct span name, struct collector *c,
                                struct err *err)
{
	size_t before = c->n;
	enum status status = store_find_principals(s->store, name, SPAN_NONE, collect, c, err);
	struct span path = with_path(c->arena, name);
	if (status == STATUS_OK && c->n == before && path.p)
		status = store_find_principals(s->store, path, SPAN_NONE, collect, c, err);
	if (status == STATUS_OK && c->n == before)
		return no_principal(s, name, c, err);
	return status == STATUS_OK ? STATUS_OK : STATUS_STOP;
}

static enum status collect_named(const struct policy_request *r, struct policy_source *s,
                                 struct collector *c, struct subjects *out, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < r->principals.n && status == STATUS_OK; i++) {
		size_t before = c->n;
		status = collect_name(s, r->principals.v[i], c, err);
		if (status == STATUS_OK)
			status = check_plain(r, c->arena, r->principals.v[i], c->v + before,
			                     c->n - before, out);
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
