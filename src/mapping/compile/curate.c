/* curate.c - mapping/compile: joins the curated tables to the generated rows that they correct or
 * complete; see model.h and mappings/README. */
#include "config.h"

#include "mapping/compile/model.h"

#include "mapping/errors.h"

#include <stdlib.h>

static enum status find_service(struct model *m, const struct tsv *t, struct span folder,
                                struct m_service **out, struct err *err)
{
	*out = folder.p ? model_service(m, folder) : NULL;
	if (!*out)
		return tsv_bad(t, err, "no service '%.*s'", SPAN_ARG(folder));
	return STATUS_OK;
}

/* Adds an operation that only logs know, keeping the order. */
static struct m_op *add_op(struct model *m, struct m_service *s, const struct tsv *t,
                           struct span name)
{
	MODEL_ADD(m, s->ops, s->n_ops);
	size_t at = s->n_ops - 1;
	while (at && span_cmp_ci(s->ops[at - 1].name, name) > 0)
		at--;
	memmove(&s->ops[at + 1], &s->ops[at], (s->n_ops - 1 - at) * sizeof *s->ops);
	s->ops[at] = (struct m_op){.name = name, .flags = OP_EVENT_ONLY, .origin = tsv_origin(t)};
	return &s->ops[at];
}

static enum status find_op(struct model *m, const struct tsv *t, struct span *field,
                           struct m_service **s, struct m_op **op, struct err *err)
{
	enum status status = find_service(m, t, field[0], s, err);
	if (status != STATUS_OK)
		return status;
	*op = field[1].p ? model_op(*s, field[1]) : NULL;
	if (!*op)
		return tsv_bad(t, err, "service '%.*s' has no operation '%.*s'", SPAN_ARG(field[0]),
		               SPAN_ARG(field[1]));
	return STATUS_OK;
}

static enum status need_reason(const struct tsv *t, struct span reason, struct err *err)
{
	return reason.p ? STATUS_OK : tsv_bad(t, err, "a reason is needed");
}

/* service operation action when reason document */
static enum status exception_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                                 size_t n, struct err *err)
{
	struct m_service *s;
	struct m_op *op;
	enum status status = find_service(m, t, field[0], &s, err);
	if (status == STATUS_OK)
		status = need_reason(t, field[4], err);
	if (status != STATUS_OK)
		return status;
	if (!field[1].p || !field[2].p)
		return tsv_bad(t, err, "an operation and an action are needed");
	op = model_op(s, field[1]);
	if (!op && !span_starts(field[4], SPAN_LIT("event:")))
		return tsv_bad(
		        t, err,
		        "service '%.*s' has no operation '%.*s' (the reason of one that only "
		        "logs know begins with 'event:')",
		        SPAN_ARG(field[0]), SPAN_ARG(field[1]));
	if (!op)
		op = add_op(m, s, t, field[1]);
	if (!model_action(m, field[2]) && !span_starts(field[4], SPAN_LIT("not in reference:")))
		return tsv_bad(t, err, "the reference has no action '%.*s'", SPAN_ARG(field[2]));
	if (!(op->flags & OP_CURATED)) {
		op->flags |= OP_CURATED;
		op->grants = NULL;
		op->n_grants = 0;
	}
	*MODEL_ADD(m, op->grants, op->n_grants) = (struct m_grant){.action = field[2],
	                                                           .when = field[3],
	                                                           .reason = field[4],
	                                                           .document = field[5],
	                                                           .origin = tsv_origin(t)};
	return STATUS_OK;
}

/* service operation action type need bindings reason document; a row replaces what the same keys
 * have. */
static enum status arn_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                           size_t n, struct err *err)
{
	struct m_service *s;
	struct m_op *op;
	enum status status = find_op(m, t, field, &s, &op, err);
	if (status == STATUS_OK)
		status = need_reason(t, field[6], err);
	if (status != STATUS_OK)
		return status;
	if (!field[2].p || !field[3].p || field[4].n != 1 || !strchr("rodex", field[4].p[0]))
		return tsv_bad(t, err, "an action, a type and a need of r, o, d, e, x are needed");
	struct span action = span_is(field[2], "=") ? SPAN_NONE : field[2];
	struct m_on row = {action,   field[3], field[4].p[0], field[5],
	                   field[6], field[7], tsv_origin(t), false};
	for (size_t i = 0; i < op->n_ons; i++)
		if (span_eq(op->ons[i].action, action) && span_eq(op->ons[i].type, field[3])) {
			row.generated = true;
			op->ons[i] = row;
			return STATUS_OK;
		}
	*MODEL_ADD(m, op->ons, op->n_ons) = row;
	return STATUS_OK;
}

static enum status verdict_of(const struct tsv *t, struct span s, enum pass_kind *kind, bool *to,
                              struct err *err)
{
	*to = span_is(s, "to");
	if (span_is(s, "pass"))
		*kind = PASS_NAME;
	else if (span_is(s, "profile"))
		*kind = PASS_PROFILE;
	else if (span_is(s, "never"))
		*kind = 0;
	else if (!*to)
		return tsv_bad(t, err, "'%.*s' is none of pass, never, to, profile", SPAN_ARG(s));
	return STATUS_OK;
}

static void say_passed_to(struct m_op *op, struct span member, const struct m_pass *row)
{
	for (size_t i = 0; i < op->n_passes; i++) {
		struct m_pass *p = &op->passes[i];
		bool all = span_is(member, "*");
		if ((all && !p->passed_to.p) || (!all && span_eq(p->member, member))) {
			p->passed_to = row->passed_to;
			p->reason = row->reason;
			p->document = row->document;
		}
	}
}

struct pass_scope {
	bool whole_service; /* which rows this reading takes */
};

/* service operation member verdict passed_to reason document */
static enum status pass_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                            size_t n, struct err *err)
{
	const struct pass_scope *scope = to;
	struct m_service *s;
	struct m_op *op = NULL;
	bool only_to, whole = span_is(field[1], "*");
	struct m_pass row = {.member = field[2],
	                     .passed_to = field[4],
	                     .reason = field[5],
	                     .document = field[6],
	                     .origin = tsv_origin(t)};
	enum status status =
	        whole ? find_service(m, t, field[0], &s, err) : find_op(m, t, field, &s, &op, err);
	if (status == STATUS_OK)
		status = verdict_of(t, field[3], &row.kind, &only_to, err);
	if (status == STATUS_OK)
		status = need_reason(t, field[5], err);
	if (status != STATUS_OK || whole != scope->whole_service)
		return status;
	if (!field[2].p)
		return tsv_bad(t, err, "a member is needed");
	if (only_to || span_is(field[2], "*") || whole) {
		for (size_t i = 0; i < (whole ? s->n_ops : 1); i++) {
			struct m_op *at = whole ? &s->ops[i] : op;
			if (only_to) {
				say_passed_to(at, field[2], &row);
				continue;
			}
			for (size_t k = 0; k < at->n_passes; k++)
				if (span_is(field[2], "*") ||
				    span_eq(at->passes[k].member, field[2]))
					at->passes[k].kind = row.kind;
		}
		return STATUS_OK;
	}
	for (size_t i = 0; i < op->n_passes; i++)
		if (span_eq(op->passes[i].member, field[2])) {
			if (!row.passed_to.p)
				row.passed_to = op->passes[i].passed_to;
			op->passes[i] = row;
			return STATUS_OK;
		}
	*MODEL_ADD(m, op->passes, op->n_passes) = row;
	return STATUS_OK;
}

static enum status noauth_kind_of(const struct tsv *t, struct span s, enum noauth_kind *kind,
                                  struct err *err)
{
	static const char *const names[] = {[NOAUTH_UNAUTHENTICATED] = "unauthenticated",
	                                    [NOAUTH_PERMISSIONLESS] = "permissionless",
	                                    [NOAUTH_BEARER] = "bearer",
	                                    [NOAUTH_RETIRED] = "retired",
	                                    [NOAUTH_NOT_IN_REFERENCE] = "not-in-reference",
	                                    [NOAUTH_UNANSWERED] = "unanswered"};
	for (size_t i = NOAUTH_UNAUTHENTICATED; i <= NOAUTH_UNANSWERED; i++)
		if (span_is(s, names[i])) {
			*kind = (enum noauth_kind)i;
			return STATUS_OK;
		}
	return tsv_bad(t, err, "'%.*s' is no kind of call without grant", SPAN_ARG(s));
}

/* service operation kind reason document */
static enum status noauth_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                              size_t n, struct err *err)
{
	struct m_service *s;
	struct m_op *op;
	bool whole = span_is(field[1], "*");
	enum noauth_kind kind = NOAUTH_NONE;
	enum status status = find_service(m, t, field[0], &s, err);
	if (status == STATUS_OK)
		status = noauth_kind_of(t, field[2], &kind, err);
	if (status == STATUS_OK)
		status = need_reason(t, field[3], err);
	if (status != STATUS_OK)
		return status;
	if (whole) {
		s->noauth = kind;
		s->reason = field[3];
		s->document = field[4];
		return STATUS_OK;
	}
	op = field[1].p ? model_op(s, field[1]) : NULL;
	if (!op && field[1].p && span_starts(field[3], SPAN_LIT("event:")))
		op = add_op(m, s, t, field[1]);
	if (!op)
		return tsv_bad(t, err, "service '%.*s' has no operation '%.*s'", SPAN_ARG(field[0]),
		               SPAN_ARG(field[1]));
	op->noauth = kind;
	op->reason = field[3];
	op->document = field[4];
	op->n_grants = 0;
	op->n_passes = 0;
	return STATUS_OK;
}

/* kind source name target reason document */
static enum status event_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                             size_t n, struct err *err)
{
	struct m_event e = {.source = field[1],
	                    .name = field[2],
	                    .target = field[3],
	                    .reason = field[4],
	                    .document = field[5],
	                    .origin = tsv_origin(t)};
	if (span_is(field[0], "source"))
		e.kind = M_SOURCE;
	else if (span_is(field[0], "call"))
		e.kind = M_CALL;
	else if (span_is(field[0], "none"))
		e.kind = M_NONE;
	else
		return tsv_bad(t, err, "'%.*s' is none of source, call, none", SPAN_ARG(field[0]));
	if (!e.source.p || (e.kind != M_SOURCE && !e.name.p) || (e.kind != M_NONE && !e.target.p))
		return tsv_bad(t, err, "source, name or target is missing");
	if (e.kind == M_CALL) {
		ptrdiff_t dot = span_chr(e.target, '.');
		const struct m_service *s =
		        dot > 0 ? model_service(m, span_sub(e.target, 0, (size_t)dot)) : NULL;
		if (!s || !model_op(s, span_from(e.target, (size_t)dot + 1)))
			return tsv_bad(t, err, "no operation '%.*s'", SPAN_ARG(e.target));
	}
	for (struct span rest = e.kind == M_SOURCE ? e.target : SPAN_NONE; rest.p;) {
		struct span folder = span_cut(&rest, ',');
		if (!model_service(m, folder) && !model_prefix(m, folder))
			return tsv_bad(t, err, "no service '%.*s'", SPAN_ARG(folder));
	}
	*MODEL_ADD(m, m->events, m->n_events) = e;
	return STATUS_OK;
}

/* service leaf names reason document */
static enum status member_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                              size_t n, struct err *err)
{
	struct m_service *s;
	enum status status = find_service(m, t, field[0], &s, err);
	if (status == STATUS_OK)
		status = need_reason(t, field[3], err);
	if (status != STATUS_OK)
		return status;
	if (!field[1].p || !field[2].p)
		return tsv_bad(t, err, "a member and its other names are needed");
	*MODEL_ADD(m, s->wires, s->n_wires) = (struct m_wire){field[1], field[2]};
	return STATUS_OK;
}

/* action dependent verdict reason document */
static enum status dependent_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                                 size_t n, struct err *err)
{
	struct m_action *a = field[0].p ? model_action(m, field[0]) : NULL;
	if (!a || !field[1].p)
		return tsv_bad(t, err, "the reference has no action '%.*s'", SPAN_ARG(field[0]));
	if (need_reason(t, field[3], err) != STATUS_OK)
		return STATUS_STOP;
	size_t at = 0;
	while (at < a->n_dependents && !span_eq_ci(a->dependents[at], field[1]))
		at++;
	if (span_is(field[2], "add")) {
		if (at < a->n_dependents)
			return tsv_bad(t, err, "the reference has it already");
		*MODEL_ADD(m, a->dependents, a->n_dependents) = field[1];
		return STATUS_OK;
	}
	if (!span_is(field[2], "drop"))
		return tsv_bad(t, err, "'%.*s' is neither add nor drop", SPAN_ARG(field[2]));
	if (at == a->n_dependents)
		return tsv_bad(t, err, "the reference does not have it");
	memmove(&a->dependents[at], &a->dependents[at + 1],
	        (a->n_dependents - at - 1) * sizeof *a->dependents);
	a->n_dependents--;
	return STATUS_OK;
}

static bool is_stem(struct span code)
{
	return !span_ends(code, SPAN_LIT("Exception")) && !span_ends(code, SPAN_LIT("Fault")) &&
	       !span_starts(code, SPAN_LIT("AWS.SimpleQueueService.")) &&
	       !span_starts(code, SPAN_LIT("Client.")) && !span_starts(code, SPAN_LIT("Server."));
}

/* service code phase reason document */
static enum status error_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                             size_t n, struct err *err)
{
	static const char *const phases[] = {[ERROR_BEFORE] = "before",
	                                     [ERROR_AFTER] = "after",
	                                     [ERROR_UNDECIDED] = "undecided"};
	struct m_error e = {field[0], field[1], field[3], field[4], 0};
	struct m_service *s = NULL;
	if (!e.service.p || !e.code.p || !is_stem(e.code))
		return tsv_bad(t, err,
		               "a service or '*' and a code without Client., Server., "
		               "Exception and Fault are needed");
	struct span operation = e.service, folder = span_cut(&operation, ':');
	if (!span_is(e.service, "*") && find_service(m, t, folder, &s, err) != STATUS_OK)
		return STATUS_STOP;
	if (operation.p && !model_op(s, operation))
		return tsv_bad(t, err, "no operation '%.*s'", SPAN_ARG(operation));
	for (uint32_t i = ERROR_BEFORE; i <= ERROR_UNDECIDED; i++)
		if (span_is(field[2], phases[i]))
			e.phase = i;
	if (!e.phase)
		return tsv_bad(t, err, "'%.*s' is none of before, after, undecided",
		               SPAN_ARG(field[2]));
	if (!e.reason.p || !e.document.p)
		return tsv_bad(t, err, "a reason and a document are needed");
	*MODEL_ADD(m, m->errors, m->n_errors) = e;
	return STATUS_OK;
}

/* action, risk, document */
static enum status risk_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                            size_t n, struct err *err)
{
	struct m_action *action = field[0].p ? model_action(m, field[0]) : NULL;
	enum risk risk = risk_of_name(field[1]);
	if (!action)
		return tsv_bad(t, err, "the reference has no action '%.*s'", SPAN_ARG(field[0]));
	if (risk == RISK_NONE)
		return tsv_bad(t, err, "'%.*s' is no kind of risk", SPAN_ARG(field[1]));
	if (!field[2].p)
		return tsv_bad(t, err, "which document says so?");
	for (size_t i = 0; i < m->n_risks; i++)
		if (m->risks[i].action == action)
			return tsv_bad(t, err, "'%.*s' has a row already", SPAN_ARG(field[0]));
	*MODEL_ADD(m, m->risks, m->n_risks) = (struct m_risk){action, risk, field[2]};
	return STATUS_OK;
}

/* service operation action when type bindings via reason document */
static enum status unrecorded_row(struct model *m, void *to, const struct tsv *t,
                                  struct span *field, size_t n, struct err *err)
{
	struct m_service *s;
	struct m_op *op;
	if (find_op(m, t, field, &s, &op, err) != STATUS_OK)
		return STATUS_STOP;
	if (!field[2].p || !model_action(m, field[2]))
		return tsv_bad(t, err, "the reference has no action '%.*s'", SPAN_ARG(field[2]));
	if (!field[7].p || !field[8].p)
		return tsv_bad(t, err, "a reason and a document are needed");
	if (field[6].p && !span_starts(field[2], SPAN_LIT("kms:")))
		return tsv_bad(t, err, "only KMS knows the service that a call came through");
	*MODEL_ADD(m, op->unrecorded, op->n_unrecorded) =
	        (struct m_unrecorded){field[2], field[3], field[4], field[5],
	                              field[6], field[7], field[8], tsv_origin(t)};
	return STATUS_OK;
}

/* source event kind name value reason document */
static enum status fact_row(struct model *m, void *to, const struct tsv *t, struct span *field,
                            size_t n, struct err *err)
{
	for (size_t i = 0; i < 7; i++)
		if (!field[i].p)
			return tsv_bad(t, err, "no field may be empty");
	*MODEL_ADD(m, m->facts, m->n_facts) =
	        (struct m_fact){field[0], field[1], field[2], field[3], field[4]};
	return STATUS_OK;
}

enum status model_curate(struct model *m, const char *dir, struct err *err)
{
	struct pass_scope whole = {true}, single = {false};
	const struct {
		const char *name;
		size_t min;
		model_row row;
		void *to;
	} tables[] = {
	        {"members.tsv", 4, member_row, NULL},
	        {"exceptions.tsv", 5, exception_row, NULL},
	        {"arn.tsv", 7, arn_row, NULL},
	        /* twice, so that rows of one operation win over those of a whole service */
	        {"passrole.tsv", 6, pass_row, &whole},
	        {"passrole.tsv", 6, pass_row, &single},
	        {"noauth.tsv", 4, noauth_row, NULL},
	        {"dependents.tsv", 4, dependent_row, NULL},
	        {"events.tsv", 5, event_row, NULL},
	        {"s3-access-log.tsv", 5, event_row, NULL},
	        {"errors.tsv", 5, error_row, NULL},
	        {"risks.tsv", 3, risk_row, NULL},
	        {"facts.tsv", 7, fact_row, NULL},
	        {"unrecorded.tsv", 9, unrecorded_row, NULL},
	};
	enum status status = STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < sizeof tables / sizeof tables[0]; i++)
		status = model_table(m, dir, tables[i].name, true, tables[i].min, tables[i].row,
		                     tables[i].to, err);
	return status;
}
