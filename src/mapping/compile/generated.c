/* generated.c - mapping/compile: reads the generated tables (services, operations, the reference);
 * see model.h. */
#include "config.h"

#include "mapping/compile/model.h"

#include "mapping/name-fold.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* AWS has some 450 prefixes and as many models; a folder with more files is not a mapping. */
enum { LIMIT_TABLES = 4096 };

/* ---- the Service Authorization Reference ---------------------------------------------------- */

static bool level_of(struct span s, enum access_level *level)
{
	static const struct {
		const char *name;
		enum access_level level;
	} levels[] = {{"List", LEVEL_LIST},
	              {"Read", LEVEL_READ},
	              {"Write", LEVEL_WRITE},
	              {"Tagging", LEVEL_TAGGING},
	              {"Permissions", LEVEL_PERMISSIONS}};
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (span_is(s, levels[i].name)) {
			*level = levels[i].level;
			return true;
		}
	return false;
}

static enum status sar_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                           size_t n, struct err *err)
{
	struct m_prefix *p = to;
	if (!field[0].p || !field[1].p)
		return tsv_bad(t, err, "a kind and a name are needed");
	if (span_is(field[0], "type")) {
		if (!span_starts(field[2], SPAN_LIT("arn:")))
			return tsv_bad(t, err, "'%.*s' is no ARN pattern", SPAN_ARG(field[2]));
		struct m_type *last = p->n_types ? &p->types[p->n_types - 1] : NULL;
		if (last && span_eq(last->name, field[1])) {
			if (last->n_more == sizeof last->more_patterns / sizeof(struct span))
				return tsv_bad(t, err, "too many patterns of one type");
			last->more_patterns[last->n_more++] = field[2];
			return STATUS_OK;
		}
		struct m_type *type = MODEL_ADD(m, p->types, p->n_types);
		type->name = field[1];
		type->pattern = field[2];
		type->keys = field[3];
		return STATUS_OK;
	}
	if (!span_is(field[0], "action"))
		return tsv_bad(t, err, "'%.*s' is neither action nor type", SPAN_ARG(field[0]));
	struct m_action *a = MODEL_ADD(m, p->actions, p->n_actions);
	a->name = field[1];
	a->full = arena_printf(&m->arena, "%.*s:%.*s", SPAN_ARG(p->name), SPAN_ARG(field[1]));
	a->types = field[3];
	a->keys = field[4];
	a->origin = tsv_origin(t);
	if (!level_of(field[2], &a->level))
		return tsv_bad(t, err, "'%.*s' is no access level", SPAN_ARG(field[2]));
	for (struct span rest = field[5]; rest.p;) {
		struct span dependent = span_cut(&rest, ',');
		*MODEL_ADD(m, a->dependents, a->n_dependents) = dependent;
	}
	return STATUS_OK;
}

static enum status read_prefix(struct model *m, const char *dir, struct span name, struct err *err)
{
	struct m_prefix *p = MODEL_ADD(m, m->prefixes, m->n_prefixes);
	struct span file = arena_printf(&m->arena, "sar/%.*s.tsv", SPAN_ARG(name));
	p->name = name;
	enum status status = model_table(m, dir, file.p, false, 3, sar_row, p, err);
	if (status != STATUS_OK)
		return status;
	if (p->n_actions)
		qsort(p->actions, p->n_actions, sizeof *p->actions, model_action_cmp);
	if (p->n_types)
		qsort(p->types, p->n_types, sizeof *p->types, model_type_cmp);
	for (size_t i = 1; i < p->n_actions; i++)
		if (span_eq_ci(p->actions[i - 1].name, p->actions[i].name))
			return model_bad(p->actions[i].origin, err, "action '%.*s' occurs twice",
			                 SPAN_ARG(p->actions[i].name));
	return STATUS_OK;
}

static int name_cmp(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* The names X of all DIR/SUB/X.tsv, sorted, in the arena. */
static enum status list_tables(struct model *m, const char *dir, const char *sub,
                               struct span **names, size_t *n, struct err *err)
{
	struct span path = arena_printf(&m->arena, "%s/%s", dir, sub);
	DIR *d = opendir(path.p);
	struct dirent *e;
	*names = NULL;
	*n = 0;
	if (!d) {
		err_at_file(err, path.p);
		return err_set(err, STATUS_STOP, "bad-mapping", "cannot be opened: %s",
		               strerror(errno));
	}
	while ((e = readdir(d)) && *n < LIMIT_TABLES) {
		struct span name = span_of(e->d_name);
		if (name.n > 4 && name.p[0] != '.' && span_ends(name, SPAN_LIT(".tsv"))) {
			name.n -= 4;
			*MODEL_ADD(m, *names, *n) = arena_span(&m->arena, name);
		}
	}
	closedir(d);
	if (*n)
		qsort(*names, *n, sizeof **names, name_cmp);
	return STATUS_OK;
}

static enum status read_reference(struct model *m, const char *dir, struct err *err)
{
	struct span *names;
	size_t n;
	enum status status = list_tables(m, dir, "sar", &names, &n, err);
	for (size_t i = 0; status == STATUS_OK && i < n; i++)
		status = read_prefix(m, dir, names[i], err);
	return status;
}

/* ---- services and their operations ----------------------------------------------------------- */

static enum status service_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                               size_t n, struct err *err)
{
	if (!field[0].p || !field[1].p || !field[2].p)
		return tsv_bad(t, err, "service, service id and prefix are needed");
	if (model_service(m, field[0]))
		return tsv_bad(t, err, "service '%.*s' occurs twice", SPAN_ARG(field[0]));
	const struct m_prefix *p = model_prefix(m, field[2]);
	struct m_service *s = MODEL_ADD(m, m->services, m->n_services);
	s->folder = field[0];
	s->id = field[1];
	s->prefix = field[2];
	s->signing = field[3];
	s->endpoint = field[4];
	s->protocols = field[5];
	s->target = field[6];
	s->version = field[7];
	s->source = field[8];
	s->flags = field[9];
	s->sar = p ? (size_t)(p - m->prefixes) : m->n_prefixes;
	s->origin = tsv_origin(t);
	return STATUS_OK;
}

static struct m_op *op_for(struct model *m, struct m_service *s, const struct tsv *t,
                           struct span name)
{
	if (s->n_ops && span_eq(s->ops[s->n_ops - 1].name, name))
		return &s->ops[s->n_ops - 1];
	struct m_op *op = MODEL_ADD(m, s->ops, s->n_ops);
	op->name = name;
	op->origin = tsv_origin(t);
	return op;
}

static struct span action_or_own(struct span s)
{
	return span_is(s, "=") ? SPAN_NONE : s;
}

static enum status operation_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                                 size_t n, struct err *err)
{
	struct m_service *s = to;
	struct span kind = field[1];
	if (!field[0].p || !kind.p)
		return tsv_bad(t, err, "an operation and a kind are needed");
	if (span_is(field[0], "*")) {
		if (span_is(kind, "sensitive")) {
			*MODEL_ADD(m, s->sensitive, s->n_sensitive) = field[2];
			return STATUS_OK;
		}
		if (span_is(kind, "free")) {
			*MODEL_ADD(m, s->free_words, s->n_free_words) = field[2];
			return STATUS_OK;
		}
		if (!span_is(kind, "wire") || n < 4)
			return tsv_bad(t, err, "'%.*s' is no row of a whole service",
			               SPAN_ARG(kind));
		*MODEL_ADD(m, s->wires, s->n_wires) = (struct m_wire){field[2], field[3]};
		return STATUS_OK;
	}
	struct m_op *op = op_for(m, s, t, field[0]);
	if (span_is(kind, "api") && n >= 6) {
		op->rule = field[2];
		op->method = field[3];
		op->uri = field[4];
		if (span_find(field[5], SPAN_LIT("unsigned")) >= 0)
			op->flags |= OP_UNSIGNED;
		return STATUS_OK;
	}
	if (span_is(kind, "grant") && n >= 3 && field[2].p) {
		*MODEL_ADD(m, op->grants, op->n_grants) =
		        (struct m_grant){.action = action_or_own(field[2]),
		                         .when = field[3],
		                         .origin = tsv_origin(t)};
		return STATUS_OK;
	}
	if (span_is(kind, "on") && n >= 6 && field[2].p && field[3].p && field[4].n == 1) {
		*MODEL_ADD(m, op->ons, op->n_ons) = (struct m_on){.action = action_or_own(field[2]),
		                                                  .type = field[3],
		                                                  .need = field[4].p[0],
		                                                  .bindings = field[5],
		                                                  .origin = tsv_origin(t)};
		return STATUS_OK;
	}
	if (span_is(kind, "pass") && field[2].p) {
		*MODEL_ADD(m, op->passes, op->n_passes) =
		        (struct m_pass){.member = field[2],
		                        .kind = PASS_ARN,
		                        .passed_to = n > 3 ? field[3] : SPAN_NONE,
		                        .origin = tsv_origin(t)};
		return STATUS_OK;
	}
	if (span_is(kind, "also") && field[2].p) {
		*MODEL_ADD(m, op->also, op->n_also) = field[2];
		return STATUS_OK;
	}
	if (span_is(kind, "mark") && field[2].p) {
		*MODEL_ADD(m, op->marks, op->n_marks) = field[2];
		return STATUS_OK;
	}
	return tsv_bad(t, err, "'%.*s' is no kind of row with %zu fields", SPAN_ARG(kind), n);
}

static int op_cmp(const void *a, const void *b)
{
	const struct m_op *x = a, *y = b;
	int c = span_cmp_ci(x->name, y->name);
	return c ? c : span_cmp(x->name, y->name);
}

/* The grant that generated rows leave out, when the operation's name is the action's. */
static enum status add_own_grant(struct model *m, const struct m_service *s, struct m_op *op,
                                 struct err *err)
{
	char full[FOLD_MAX];
	bool always = false;
	for (size_t i = 0; i < op->n_grants; i++)
		always |= !op->grants[i].when.p;
	if (always || !span_is(op->rule, "same-name"))
		return STATUS_OK;
	int n = snprintf(full, sizeof full, "%.*s:%.*s", SPAN_ARG(s->prefix), SPAN_ARG(op->name));
	const struct m_action *a = model_action(m, span_make(full, (size_t)n));
	if (n >= (int)sizeof full || !a)
		return model_bad(op->origin, err, "the reference has no action '%s'", full);
	struct m_grant *g = MODEL_ADD(m, op->grants, op->n_grants);
	*g = (struct m_grant){.action = a->full, .origin = op->origin};
	return STATUS_OK;
}

static enum status read_service(struct model *m, const char *dir, struct m_service *s,
                                struct err *err)
{
	struct span file = arena_printf(&m->arena, "generated/%.*s.tsv", SPAN_ARG(s->folder));
	enum status status = model_table(m, dir, file.p, false, 3, operation_row, s, err);
	if (status == STATUS_OK && s->n_ops)
		qsort(s->ops, s->n_ops, sizeof *s->ops, op_cmp);
	for (size_t i = 0; status == STATUS_OK && i < s->n_ops; i++) {
		if (i && span_eq(s->ops[i - 1].name, s->ops[i].name))
			return model_bad(s->ops[i].origin, err,
			                 "rows of operation '%.*s' are not together",
			                 SPAN_ARG(s->ops[i].name));
		status = add_own_grant(m, s, &s->ops[i], err);
	}
	return status;
}

/* A service for each prefix, with the actions that no operation is named after: CloudTrail logs
 * some. */
void model_add_action_only(struct model *m)
{
	for (size_t i = 0; i < m->n_services; i++) {
		const struct m_service *s = &m->services[i];
		for (size_t k = 0; s->sar < m->n_prefixes && k < s->n_ops; k++) {
			struct m_action key = {.name = s->ops[k].name};
			struct m_prefix *p = &m->prefixes[s->sar];
			struct m_action *a = p->n_actions ? bsearch(&key, p->actions, p->n_actions,
			                                            sizeof key, model_action_cmp)
			                                  : NULL;
			if (a)
				a->named = true;
		}
	}
	for (size_t i = 0; i < m->n_prefixes; i++) {
		struct m_prefix *p = &m->prefixes[i];
		struct m_service *s = MODEL_ADD(m, m->services, m->n_services);
		s->folder = s->id = s->prefix = p->name;
		s->of_prefix = true;
		s->sar = i;
		p->service = m->n_services - 1;
		for (size_t k = 0; k < p->n_actions; k++) {
			if (p->actions[k].named)
				continue;
			struct m_op *op = MODEL_ADD(m, s->ops, s->n_ops);
			op->name = p->actions[k].name;
			op->rule = SPAN_LIT("same-name");
			op->flags = OP_ACTION_ONLY;
			MODEL_ADD(m, op->grants, op->n_grants)->action = p->actions[k].full;
		}
	}
}

enum status model_generated(struct model *m, const char *dir, struct err *err)
{
	enum status status = read_reference(m, dir, err);
	if (status == STATUS_OK)
		status = model_table(m, dir, "services.tsv", false, 10, service_row, NULL, err);
	for (size_t i = 0; status == STATUS_OK && i < m->n_services; i++)
		status = read_service(m, dir, &m->services[i], err);
	return status;
}
