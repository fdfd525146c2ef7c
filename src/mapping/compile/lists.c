/* lists.c - mapping/compile: lays out the tables that are lists of rows, and what an operation is
 * asked for without a record; see text.h. */
#include "config.h"

#include "mapping/compile/text.h"

#include <stdlib.h>

static void lay_errors(const struct model *m, struct image *im)
{
	size_t list = image_add_list(im, m->n_errors, IMAGE_WORDS(image_error));
	image_refer(im, IMAGE_AT(mapping, errors), list);
	for (size_t i = 0; i < m->n_errors; i++) {
		const struct m_error *e = &m->errors[i];
		size_t at = list + 1 + i * IMAGE_WORDS(image_error);
		image_refer_text(im, at + IMAGE_AT(image_error, service), e->service);
		image_refer_text(im, at + IMAGE_AT(image_error, code), e->code);
		image_set(im, at + IMAGE_AT(image_error, phase), e->phase);
		image_refer_text(im, at + IMAGE_AT(image_error, reason), e->reason);
		image_refer_text(im, at + IMAGE_AT(image_error, document), e->document);
	}
}

static int by_action(const void *a, const void *b)
{
	const struct m_risk *x = a, *y = b;
	return (x->action->at > y->action->at) - (x->action->at < y->action->at);
}

static void lay_risks(struct model *m, struct image *im)
{
	if (m->n_risks)
		qsort(m->risks, m->n_risks, sizeof *m->risks, by_action);
	size_t list = image_add_list(im, m->n_risks, IMAGE_WORDS(image_risk));
	image_refer(im, IMAGE_AT(mapping, risks), list);
	for (size_t i = 0; i < m->n_risks; i++) {
		size_t row = list + 1 + i * IMAGE_WORDS(image_risk);
		image_refer(im, row + IMAGE_AT(image_risk, action), m->risks[i].action->at);
		image_set(im, row + IMAGE_AT(image_risk, risk), (uint32_t)m->risks[i].risk);
		image_refer_text(im, row + IMAGE_AT(image_risk, document), m->risks[i].document);
	}
}

static void lay_facts(const struct model *m, struct image *im)
{
	size_t list = image_add_list(im, m->n_facts, IMAGE_WORDS(image_fact));
	image_refer(im, IMAGE_AT(mapping, facts), list);
	for (size_t i = 0; i < m->n_facts; i++) {
		const struct m_fact *f = &m->facts[i];
		size_t at = list + 1 + i * IMAGE_WORDS(image_fact);
		image_refer_text(im, at + IMAGE_AT(image_fact, source), f->source);
		image_refer_text(im, at + IMAGE_AT(image_fact, event), f->event);
		image_refer_text(im, at + IMAGE_AT(image_fact, kind), f->kind);
		image_refer_text(im, at + IMAGE_AT(image_fact, name), f->name);
		image_refer_text(im, at + IMAGE_AT(image_fact, value), f->value);
	}
}

void lists_add(struct model *m, struct image *im)
{
	lay_errors(m, im);
	lay_risks(m, im);
	lay_facts(m, im);
}

/* ---- asked without a record */

static enum status lay_row(struct text_env *env, const struct m_unrecorded *u, size_t at,
                           struct err *err)
{
	struct image *im = env->image;
	size_t tests = 0, bindings = 0, conditions = 0, when = 0, note;
	struct span rest = u->action;
	const struct m_prefix *p = model_prefix(env->model, span_cut(&rest, ':'));
	const struct m_type *t = u->type.p ? model_type(p, u->type) : NULL;
	if (u->type.p && !t)
		return model_bad(u->origin, err, "no resource type '%.*s'", SPAN_ARG(u->type));
	if ((u->when.p && text_when(env, u->origin, u->when, &tests, err) != STATUS_OK) ||
	    (u->bindings.p &&
	     text_bindings(env, u->origin, u->bindings, &bindings, &conditions, err) != STATUS_OK))
		return STATUS_STOP;
	if (u->when.p) {
		when = image_add(im, IMAGE_WORDS(image_when));
		image_refer(im, when + IMAGE_AT(image_when, tests), tests);
		image_refer_text(im, when + IMAGE_AT(image_when, text), u->when);
	}
	note = image_add(im, IMAGE_WORDS(image_note));
	image_refer_text(im, note + IMAGE_AT(image_note, reason), u->reason);
	image_refer_text(im, note + IMAGE_AT(image_note, document), u->document);
	image_refer(im, at + IMAGE_AT(image_unrecorded, action),
	            model_action(env->model, u->action)->at);
	image_refer(im, at + IMAGE_AT(image_unrecorded, type), t ? t->at : 0);
	image_refer(im, at + IMAGE_AT(image_unrecorded, when), when);
	image_refer(im, at + IMAGE_AT(image_unrecorded, bindings), bindings);
	image_refer_text(im, at + IMAGE_AT(image_unrecorded, via), u->via);
	image_refer(im, at + IMAGE_AT(image_unrecorded, note), note);
	return STATUS_OK;
}

enum status list_unrecorded(struct text_env *env, const struct m_op *op, size_t *at,
                            struct err *err)
{
	*at = 0;
	if (!op->n_unrecorded)
		return STATUS_OK;
	*at = image_add_list(env->image, op->n_unrecorded, IMAGE_WORDS(image_unrecorded));
	for (size_t i = 0; i < op->n_unrecorded; i++)
		if (lay_row(env, &op->unrecorded[i], *at + 1 + i * IMAGE_WORDS(image_unrecorded),
		            err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}
