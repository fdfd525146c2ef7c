/* verify.c - review: see verify.h. */
#include "config.h"

#include "review/verify.h"

#include "base/alloc.h"

#include <stdlib.h>

/* ---- the policies to be judged by */

/* What policy would print for who, parsed again. STATUS_END: nothing to grant. */
static enum status generate(const struct policy_request *r, struct policy_source *s,
                            const struct subject *who, struct policy_files *files, struct err *err)
{
	struct gathered g;
	struct policy p;
	gathered_init(&g);
	policy_init(&p);
	enum status status = gather_subject(r, s, who, &g, err);
	if (status == STATUS_OK)
		status = gather_policy(s, &g, &p, err);
	if (status == STATUS_OK)
		status = policy_files_take_policy(files, &p, err);
	policy_release(&p);
	gathered_release(&g);
	return status;
}

/* STATUS_FILE: a file of it cannot be read, which v tells; it is not to be judged by the rest. */
static enum status take_from_folder(const struct policy_folder *folder, const struct subject *who,
                                    struct policy_files *files, struct verification *v,
                                    struct err *err)
{
	const struct folder_entry *e = policy_folder_find(folder, who->name);
	char line[2048];
	if (!e) {
		names_add(&v->unlisted, who->name, 0);
		return STATUS_OK;
	}
	if (policy_folder_policies(folder, e, files, err) == STATUS_OK)
		return STATUS_OK;
	names_add(&v->refused,
	          arena_span(&v->replay.arena, span_of(err_line(err, line, sizeof line))), 0);
	err_clear(err);
	return STATUS_FILE;
}

/* ---- one subject */

static const char *fold_of(const struct policy *p, struct span element)
{
	for (size_t i = 0; i < p->n_folds; i++)
		if (span_eq(p->folds[i].pattern, element))
			return fold_reason_text(p->folds[i].reason);
	for (size_t i = 0; i < p->n_wildcards; i++)
		if (span_eq(p->wildcards[i].pattern, element))
			return "action-wildcard";
	return NULL;
}

/* A wildcard that a policy made now would have, too, is wide on purpose: explain tells why. */
static enum status mark_folds(const struct verify_options *o, struct policy_source *s,
                              const struct subject *who, struct mutants *m, struct err *err)
{
	struct gathered g;
	struct policy p;
	gathered_init(&g);
	policy_init(&p);
	enum status status = gather_subject(o->request, s, who, &g, err);
	if (status == STATUS_OK)
		status = gather_policy(s, &g, &p, err);
	for (size_t i = 0; i < m->mutation.n && status == STATUS_OK; i++) {
		struct mutant *one = &m->mutation.mutants[i];
		if (one->killed || one->kind != MUTANT_WILDCARD)
			continue;
		one->fold = fold_of(&p, one->element);
		m->folded += one->fold != NULL;
	}
	policy_release(&p);
	gathered_release(&g);
	/* one that cannot be made has no folds */
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status mutate_subject(const struct verify_options *o, struct policy_source *s,
                                  const struct subject *who, struct mutants *m,
                                  const struct request *evidence, size_t n, struct err *err)
{
	const struct policy_files *files = m->files;
	size_t bad;
	if (mutate_check(files->policies, files->n, &bad, err) != STATUS_OK) {
		err_at_file(err, files->names[bad].p);
		return STATUS_STOP;
	}
	mutate(files->policies, files->n, evidence, n, &m->mutation);
	return m->mutation.killed < m->mutation.n ? mark_folds(o, s, who, m, err) : STATUS_OK;
}

static enum status verify_subject(const struct verify_options *o, struct policy_source *s,
                                  const struct subject *who, struct verification *v,
                                  struct err *err)
{
	struct policy_files *files = &v->files[v->n];
	enum status status = STATUS_OK;
	policy_files_init(files);
	for (size_t i = 0; i < o->given->n; i++)
		policy_files_borrow(files, &o->given->policies[i], o->given->names[i]);
	if (o->folder)
		status = take_from_folder(o->folder, who, files, v, err);
	else if (!o->has_policy)
		status = generate(o->request, s, who, files, err);
	if (status == STATUS_END || status == STATUS_FILE) {
		bool is_empty = status == STATUS_END;
		/* what was refused or failed is counted as it is with a folder */
		status = is_empty ? replay_run(o->request, s, who, files, &v->replay, err)
		                  : STATUS_OK;
		policy_files_release(files);
		if (is_empty)
			v->empty[v->n_empty++] = who->name;
		return status;
	}
	size_t before = v->replay.n_evidence, told = v->replay.n_findings;
	struct mutants *m = &v->mutants[v->n++];
	*m = (struct mutants){.principal = who->name, .files = files};
	if (status == STATUS_OK)
		status = replay_run(o->request, s, who, files, &v->replay, err);
	/* who has no policy and needs none is nothing to tell */
	if (o->folder && files->n == o->given->n && v->unlisted.n && v->replay.n_findings == told)
		v->unlisted.n--;
	if (status == STATUS_OK && o->mutate)
		status = mutate_subject(o, s, who, m, v->replay.evidence + before,
		                        v->replay.n_evidence - before, err);
	return status == STATUS_OK ? STATUS_OK : STATUS_STOP;
}

enum status verify_subjects(const struct verify_options *o, struct policy_source *s,
                            const struct subjects *subjects, struct verification *out,
                            struct err *err)
{
	enum status status = STATUS_OK;
	*out = (struct verification){.n = 0};
	replay_init(&out->replay);
	out->replay.keep = o->mutate;
	out->replay.resource_policies = o->resource_policies;
	out->mutants = xcalloc(subjects->n + 1, sizeof *out->mutants);
	out->files = xcalloc(subjects->n + 1, sizeof *out->files);
	out->empty = xcalloc(subjects->n + 1, sizeof *out->empty);
	if (o->progress)
		o->progress(o->data, 0, subjects->n);
	status = subjects_derive(s, subjects, err);
	for (size_t i = 0; i < subjects->n && status == STATUS_OK; i++) {
		status = verify_subject(o, s, &subjects->s[i], out, err);
		if (o->progress)
			o->progress(o->data, i + 1, subjects->n);
	}
	replay_finish(&out->replay);
	return status;
}

void verification_release(struct verification *v)
{
	for (size_t i = 0; i < v->n; i++) {
		mutation_release(&v->mutants[i].mutation);
		policy_files_release(&v->files[i]);
	}
	free(v->mutants);
	free(v->files);
	free(v->empty);
	names_release(&v->unlisted);
	names_release(&v->refused);
	replay_release(&v->replay);
}
