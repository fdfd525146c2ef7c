/* layout.c - mapping/compile: lays the rows of a model out as an image; see compile.h. */
#include "config.h"

#include "mapping/compile/compile.h"
#include "mapping/compile/model.h"
#include "mapping/compile/text.h"
#include "mapping/name-fold.h"

#include <stdlib.h>

const char *const image_methods[] = {"-",    "GET",   "PUT",     "POST", "DELETE",
                                     "HEAD", "PATCH", "OPTIONS", NULL};

struct layout {
	struct model *model;
	struct image *image;
	struct err *err;
};

enum { LIMIT_KEYS = 512, LIMIT_TAKES = 256 };

/* ---- the reference */

static struct span full_key(struct layout *l, struct span key, struct span prefix)
{
	if (key.n > 1 && key.p[0] == ':')
		return arena_printf(&l->model->arena, "aws%.*s", SPAN_ARG(key));
	if (key.n > 1 && key.p[0] == '.')
		return arena_printf(&l->model->arena, "%.*s:%.*s", SPAN_ARG(prefix),
		                    SPAN_ARG(span_from(key, 1)));
	return key;
}

/* Most actions of a service share few sets of condition keys: each is laid out once. */
static size_t add_keys(struct layout *l, struct span text, struct span prefix)
{
	struct span keys[LIMIT_KEYS];
	size_t n = 0;
	if (!text.p)
		return 0;
	struct span memo =
	        arena_printf(&l->model->arena, "keys %.*s %.*s", SPAN_ARG(prefix), SPAN_ARG(text));
	size_t at = *image_memo(l->image, memo);
	if (at)
		return at;
	while (text.p && n < LIMIT_KEYS)
		keys[n++] = full_key(l, span_cut(&text, ','), prefix);
	at = image_add_texts(l->image, keys, n);
	*image_memo(l->image, memo) = at;
	return at;
}

static void fill_type(struct layout *l, const struct m_prefix *p, const struct m_type *t)
{
	struct image *im = l->image;
	image_refer_text(im, t->at + IMAGE_AT(sar_type, name), t->name);
	size_t list = image_add_list(im, 1 + t->n_more, 1);
	image_refer_text(im, list + 1, t->pattern);
	for (size_t i = 0; i < t->n_more; i++)
		image_refer_text(im, list + 2 + i, t->more_patterns[i]);
	image_refer(im, t->at + IMAGE_AT(sar_type, patterns), list);
	image_refer(im, t->at + IMAGE_AT(sar_type, keys), add_keys(l, t->keys, p->name));
	image_refer(im, t->at + IMAGE_AT(sar_type, prefix), p->at);
}

static enum status add_takes(struct layout *l, const struct m_prefix *p, const struct m_action *a,
                             size_t *list)
{
	struct image *im = l->image;
	size_t types[LIMIT_TAKES], n = 0;
	bool required[LIMIT_TAKES];
	struct span memo = arena_printf(&l->model->arena, "takes %.*s %.*s", SPAN_ARG(p->name),
	                                SPAN_ARG(a->types));
	*list = a->types.p ? *image_memo(im, memo) : 0;
	if (*list || !a->types.p)
		return STATUS_OK;
	for (struct span rest = a->types; rest.p; n++) {
		struct span name = span_cut(&rest, ',');
		if (n == LIMIT_TAKES)
			return model_bad(a->origin, l->err, "too many resource types");
		required[n] = name.n && name.p[name.n - 1] == '!';
		name.n -= required[n];
		const struct m_type *t = model_type(p, name);
		if (!t)
			return model_bad(a->origin, l->err, "no resource type '%.*s'",
			                 SPAN_ARG(name));
		types[n] = t->at;
	}
	*list = image_add_list(im, n, 1);
	for (size_t i = 0; i < n; i++) {
		image_refer(im, *list + 1 + i, types[i]);
		if (required[i])
			im->words[*list + 1 + i] |= TAKES_REQUIRED;
	}
	*image_memo(im, memo) = *list;
	return STATUS_OK;
}

static enum status fill_action(struct layout *l, const struct m_prefix *p, const struct m_action *a)
{
	struct image *im = l->image;
	struct buf key;
	size_t types, shape;
	image_refer_text(im, a->at + IMAGE_AT(sar_action, name), a->name);
	if (add_takes(l, p, a, &types) != STATUS_OK)
		return STATUS_STOP;
	buf_init(&key, 1 << 20);
	buf_addf(&key, "shape %.*s %d %.*s %.*s", SPAN_ARG(p->name), (int)a->level,
	         SPAN_ARG(a->types), SPAN_ARG(a->keys));
	for (size_t i = 0; i < a->n_dependents; i++)
		buf_addf(&key, " %.*s", SPAN_ARG(a->dependents[i]));
	struct span memo = arena_span(&l->model->arena, buf_span(&key));
	buf_release(&key);
	shape = *image_memo(im, memo);
	if (!shape) {
		shape = image_add(im, IMAGE_WORDS(image_shape));
		image_refer(im, shape + IMAGE_AT(image_shape, prefix), p->at);
		image_set(im, shape + IMAGE_AT(image_shape, level), a->level);
		image_refer(im, shape + IMAGE_AT(image_shape, types), types);
		image_refer(im, shape + IMAGE_AT(image_shape, dependents),
		            image_add_texts(im, a->dependents, a->n_dependents));
		image_refer(im, shape + IMAGE_AT(image_shape, keys), add_keys(l, a->keys, p->name));
		*image_memo(im, memo) = shape;
	}
	image_refer(im, a->at + IMAGE_AT(sar_action, shape), shape);
	return STATUS_OK;
}

static enum status lay_reference(struct layout *l)
{
	struct image *im = l->image;
	struct model *m = l->model;
	size_t list = image_add_list(im, m->n_prefixes, IMAGE_WORDS(image_prefix));
	image_refer(im, IMAGE_AT(mapping, prefixes), list);
	for (size_t i = 0; i < m->n_prefixes; i++) {
		struct m_prefix *p = &m->prefixes[i];
		p->at = list + 1 + i * IMAGE_WORDS(image_prefix);
		image_refer_text(im, p->at + IMAGE_AT(image_prefix, name), p->name);
		size_t types = image_add(im, p->n_types * IMAGE_WORDS(sar_type));
		size_t actions = image_add(im, p->n_actions * IMAGE_WORDS(sar_action));
		image_refer(im, p->at + IMAGE_AT(image_prefix, types), types);
		image_refer(im, p->at + IMAGE_AT(image_prefix, actions), actions);
		image_set(im, p->at + IMAGE_AT(image_prefix, n_types), (uint32_t)p->n_types);
		image_set(im, p->at + IMAGE_AT(image_prefix, n_actions), (uint32_t)p->n_actions);
		for (size_t k = 0; k < p->n_types; k++)
			p->types[k].at = types + k * IMAGE_WORDS(sar_type);
		for (size_t k = 0; k < p->n_actions; k++)
			p->actions[k].at = actions + k * IMAGE_WORDS(sar_action);
		for (size_t k = 0; k < p->n_types; k++)
			fill_type(l, p, &p->types[k]);
		for (size_t k = 0; k < p->n_actions; k++)
			if (fill_action(l, p, &p->actions[k]) != STATUS_OK)
				return STATUS_STOP;
	}
	return STATUS_OK;
}

/* ---- what an operation needs */

/* The row of an action; one that the reference does not know gets a row of its own outside the
 * tables. */
static size_t action_row(struct layout *l, struct span full)
{
	struct image *im = l->image;
	const struct m_action *a = model_action(l->model, full);
	if (a)
		return a->at;
	struct span memo = arena_printf(&l->model->arena, "action %.*s", SPAN_ARG(full));
	size_t at = *image_memo(im, memo);
	if (at)
		return at;
	size_t colon = (size_t)span_chr(full, ':');
	struct span name = span_sub(full, 0, colon);
	const struct m_prefix *p = model_prefix(l->model, name);
	size_t prefix = p ? p->at : image_add(im, IMAGE_WORDS(image_prefix));
	size_t shape = image_add(im, IMAGE_WORDS(image_shape));
	at = image_add(im, IMAGE_WORDS(sar_action));
	if (!p)
		image_refer_text(im, prefix + IMAGE_AT(image_prefix, name), name);
	image_refer_text(im, at + IMAGE_AT(sar_action, name), span_from(full, colon + 1));
	image_refer(im, shape + IMAGE_AT(image_shape, prefix), prefix);
	image_refer(im, at + IMAGE_AT(sar_action, shape), shape);
	*image_memo(im, memo) = at;
	return at;
}

/* A type that is an ARN pattern of its own. */
static size_t pattern_row(struct layout *l, const struct m_prefix *p, struct span pattern)
{
	struct span memo = arena_printf(&l->model->arena, "type %.*s %.*s",
	                                SPAN_ARG(p ? p->name : SPAN_NONE), SPAN_ARG(pattern));
	size_t at = *image_memo(l->image, memo);
	if (at)
		return at;
	at = image_add(l->image, IMAGE_WORDS(sar_type));
	*image_memo(l->image, memo) = at;
	image_refer(l->image, at + IMAGE_AT(sar_type, prefix), p ? p->at : 0);
	image_refer_text(l->image, at + IMAGE_AT(sar_type, name), pattern);
	image_refer(l->image, at + IMAGE_AT(sar_type, patterns),
	            image_add_texts(l->image, &pattern, 1));
	return at;
}

struct on_row { /* one resource type of a grant, before it is laid out */
	size_t type;
	const struct m_on *from; /* NULL: from the reference alone */
	char need;
};

struct on_set {
	struct on_row row[LIMIT_TAKES];
	size_t n;
};

static void put_on(struct on_set *set, size_t type, const struct m_on *from, char need)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->row[i].type == type) {
			if (from)
				set->row[i] = (struct on_row){type, from, need};
			return;
		}
	if (set->n < LIMIT_TAKES)
		set->row[set->n++] = (struct on_row){type, from, need};
}

static const struct m_prefix *prefix_of(const struct layout *l, struct span full)
{
	ptrdiff_t colon = span_chr(full, ':');
	return colon > 0 ? model_prefix(l->model, span_sub(full, 0, (size_t)colon)) : NULL;
}

static void put_reference(struct layout *l, struct on_set *set, const struct m_prefix *p,
                          const struct m_action *a, const struct m_on *from)
{
	for (struct span rest = a ? a->types : SPAN_NONE; rest.p;) {
		struct span name = span_cut(&rest, ',');
		bool required = name.n && name.p[name.n - 1] == '!';
		name.n -= required;
		const struct m_type *t = model_type(p, name);
		if (t)
			put_on(set, t->at, from, from ? from->need : required ? 'r' : 'o');
	}
}

static enum status put_row(struct layout *l, struct on_set *set, const struct m_prefix *p,
                           const struct m_action *a, const struct m_on *on)
{
	if (!strchr("rodex", on->need))
		return model_bad(on->origin, l->err, "need '%c' is none of r, o, d, e", on->need);
	if (span_is(on->type, "*")) {
		put_reference(l, set, p, a, on);
		return STATUS_OK;
	}
	if (span_starts(on->type, SPAN_LIT("arn:"))) {
		put_on(set, pattern_row(l, p, on->type), on, on->need);
		return STATUS_OK;
	}
	struct span name = on->type;
	ptrdiff_t slash = span_chr(name, '/');
	const struct m_type *t = p ? model_type(p, name) : NULL;
	if (!t && slash > 0) {
		const struct m_prefix *other =
		        model_prefix(l->model, span_sub(name, 0, (size_t)slash));
		t = other ? model_type(other, span_from(name, (size_t)slash + 1)) : NULL;
	}
	if (!t)
		return model_bad(on->origin, l->err, "no resource type '%.*s'", SPAN_ARG(on->type));
	put_on(set, t->at, on, on->need);
	return STATUS_OK;
}

static bool is_for(const struct m_on *on, struct span action, struct span own)
{
	return span_eq_ci(on->action.p ? on->action : own, action);
}

/* The resource types of one grant: the generated rows (or the reference's, where there are none),
 * then the curated ones over them. */
static enum status collect_on(struct layout *l, const struct m_op *op, struct span own,
                              struct span action, struct on_set *set)
{
	const struct m_prefix *p = prefix_of(l, action);
	const struct m_action *a = model_action(l->model, action);
	bool generated = false;
	set->n = 0;
	for (size_t i = 0; i < op->n_ons; i++)
		if (is_for(&op->ons[i], action, own)) {
			const struct m_on *on = &op->ons[i];
			generated |= !on->reason.p || on->generated;
			if (!on->reason.p && put_row(l, set, p, a, on) != STATUS_OK)
				return STATUS_STOP;
		}
	if (!generated)
		put_reference(l, set, p, a, NULL);
	for (size_t i = 0; i < op->n_ons; i++)
		if (op->ons[i].reason.p && is_for(&op->ons[i], action, own) &&
		    put_row(l, set, p, a, &op->ons[i]) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

static size_t add_note(struct layout *l, struct span reason, struct span document)
{
	if (!reason.p)
		return 0;
	size_t at = image_add(l->image, IMAGE_WORDS(image_note));
	image_refer_text(l->image, at + IMAGE_AT(image_note, reason), reason);
	image_refer_text(l->image, at + IMAGE_AT(image_note, document), document);
	return at;
}

/* Equal lists are laid out once: most operations on one type name it alike. */
static enum status lay_on(struct layout *l, struct text_env *env, const struct on_set *set,
                          size_t *at)
{
	struct image *im = l->image;
	size_t n = 0, k = 0, bindings[LIMIT_TAKES], when[LIMIT_TAKES];
	struct buf key;
	buf_init(&key, 1 << 20);
	buf_add_str(&key, "on");
	for (size_t i = 0; i < set->n; i++) {
		const struct on_row *r = &set->row[i];
		bindings[i] = when[i] = 0;
		n++;
		if (r->from && r->need != 'x' &&
		    text_bindings(env, r->from->origin, r->from->bindings, &bindings[i], &when[i],
		                  l->err) != STATUS_OK) {
			buf_release(&key);
			return STATUS_STOP;
		}
		buf_addf(&key, " %zu%c%zu?%zu %.*s", r->type, r->need, bindings[i], when[i],
		         SPAN_ARG(r->from ? r->from->reason : SPAN_NONE));
	}
	struct span memo = arena_span(&l->model->arena, buf_span(&key));
	buf_release(&key);
	*at = n ? *image_memo(im, memo) : 0;
	if (*at || !n)
		return STATUS_OK;
	*at = image_add_list(im, n, IMAGE_WORDS(image_on));
	*image_memo(im, memo) = *at;
	for (size_t i = 0; i < set->n; i++) {
		const struct on_row *r = &set->row[i];
		size_t row = *at + 1 + k * IMAGE_WORDS(image_on);
		uint32_t need = (unsigned char)r->need;
		k++;
		if (r->from && r->need != 'x' && (r->from->reason.p || when[i])) {
			size_t noted = image_add(im, IMAGE_WORDS(image_noted));
			image_refer(im, noted + IMAGE_AT(image_noted, bindings), bindings[i]);
			image_refer(im, noted + IMAGE_AT(image_noted, note),
			            add_note(l, r->from->reason, r->from->document));
			image_refer(im, noted + IMAGE_AT(image_noted, when), when[i]);
			bindings[i] = noted;
			need |= ON_NOTED;
		}
		image_refer(im, row + IMAGE_AT(image_on, type), r->type);
		image_set(im, row + IMAGE_AT(image_on, need), need);
		image_refer(im, row + IMAGE_AT(image_on, bindings), bindings[i]);
	}
	return STATUS_OK;
}

static enum status lay_when(struct layout *l, struct text_env *env, const struct m_grant *g,
                            size_t *at)
{
	size_t tests;
	struct span when = g->when;
	bool instead = span_starts(when, SPAN_LIT("instead "));
	*at = 0;
	if (!when.p)
		return STATUS_OK;
	struct span memo = arena_printf(&l->model->arena, "when %.*s %.*s",
	                                SPAN_ARG(env->service->folder), SPAN_ARG(when));
	*at = *image_memo(l->image, memo);
	if (*at)
		return STATUS_OK;
	if (instead)
		when = span_from(when, 8);
	if (text_when(env, g->origin, when, &tests, l->err) != STATUS_OK)
		return STATUS_STOP;
	*at = image_add(l->image, IMAGE_WORDS(image_when));
	image_refer(l->image, *at + IMAGE_AT(image_when, tests), tests);
	image_refer_text(l->image, *at + IMAGE_AT(image_when, text), g->when);
	image_set(l->image, *at + IMAGE_AT(image_when, instead), instead);
	*image_memo(l->image, memo) = *at;
	return STATUS_OK;
}

static enum status lay_grants(struct layout *l, struct text_env *env, const struct m_op *op,
                              bool plain, size_t *needs, size_t *on)
{
	struct image *im = l->image;
	struct on_set set;
	struct span own = arena_printf(&l->model->arena, "%.*s:%.*s",
	                               SPAN_ARG(env->service->prefix), SPAN_ARG(op->name));
	*on = 0;
	text_elements(env, op, own);
	*needs = op->n_grants && !plain ? image_add_list(im, op->n_grants, IMAGE_WORDS(image_grant))
	                                : 0;
	for (size_t i = 0; i < op->n_grants; i++) {
		const struct m_grant *g = &op->grants[i];
		struct span action = g->action.p ? g->action : own;
		size_t types = 0, when = 0, at = *needs + 1 + i * IMAGE_WORDS(image_grant);
		if (collect_on(l, op, own, action, &set) != STATUS_OK ||
		    lay_on(l, env, &set, &types) != STATUS_OK ||
		    lay_when(l, env, g, &when) != STATUS_OK)
			return STATUS_STOP;
		if (plain) {
			*needs = action_row(l, action);
			*on = types;
			return STATUS_OK;
		}
		image_refer(im, at + IMAGE_AT(image_grant, action), action_row(l, action));
		image_refer(im, at + IMAGE_AT(image_grant, on), types);
		image_refer(im, at + IMAGE_AT(image_grant, when), when);
		image_refer(im, at + IMAGE_AT(image_grant, note),
		            add_note(l, g->reason, g->document));
	}
	return STATUS_OK;
}

static enum status lay_passes(struct layout *l, struct text_env *env, const struct m_op *op,
                              size_t *at)
{
	size_t n = 0, k = 0;
	for (size_t i = 0; i < op->n_passes; i++)
		n += op->passes[i].kind != 0;
	*at = n ? image_add_list(l->image, n, IMAGE_WORDS(image_pass)) : 0;
	for (size_t i = 0; i < op->n_passes; i++) {
		const struct m_pass *p = &op->passes[i];
		size_t row = *at + 1 + k * IMAGE_WORDS(image_pass), part;
		if (!p->kind)
			continue;
		k++;
		if (text_member(env, p->origin, p->member, true, &part, l->err) != STATUS_OK)
			return STATUS_STOP;
		image_set(l->image, row + IMAGE_AT(image_pass, kind), p->kind);
		image_refer(l->image, row + IMAGE_AT(image_pass, part), part);
		image_refer_text(l->image, row + IMAGE_AT(image_pass, passed_to), p->passed_to);
		image_refer(l->image, row + IMAGE_AT(image_pass, note),
		            add_note(l, p->reason, p->document));
	}
	return STATUS_OK;
}

static enum status lay_marks(struct layout *l, struct text_env *env, const struct m_op *op,
                             size_t *at)
{
	*at = 0;
	if (!op->n_marks)
		return STATUS_OK;
	size_t list = image_add_list(l->image, op->n_marks, 1);
	for (size_t i = 0; i < op->n_marks; i++) {
		size_t part;
		if (text_member(env, op->origin, op->marks[i], false, &part, l->err) != STATUS_OK)
			return STATUS_STOP;
		image_refer(l->image, list + 1 + i, part);
	}
	*at = list;
	return STATUS_OK;
}

static size_t lay_also(struct layout *l, const struct m_op *op)
{
	if (!op->n_also)
		return 0;
	size_t list = image_add_list(l->image, op->n_also, 1);
	for (size_t i = 0; i < op->n_also; i++)
		image_refer(l->image, list + 1 + i, action_row(l, op->also[i]));
	return list;
}

static enum mapping_rule rule_of(const struct m_op *op)
{
	if (op->flags & OP_CURATED)
		return RULE_CURATED;
	if (span_is(op->rule, "verb"))
		return RULE_VERB;
	if (span_is(op->rule, "date-suffix"))
		return RULE_DATE_SUFFIX;
	return RULE_SAME_NAME;
}

static uint32_t method_of(struct span method)
{
	for (uint32_t i = 1; image_methods[i]; i++)
		if (span_is(method, image_methods[i]))
			return i;
	return 0;
}

static enum status lay_op(struct layout *l, struct text_env *env, const struct m_op *op)
{
	struct image *im = l->image;
	const struct m_service *s = env->service;
	bool whole = !op->n_grants && !op->noauth && s->noauth;
	struct span reason = whole ? s->reason : op->reason;
	size_t needs, on, passes, marks, unrecorded, more = 0;
	if (op->method.p && !method_of(op->method))
		return model_bad(op->origin, l->err, "'%.*s' is no method", SPAN_ARG(op->method));
	if (lay_passes(l, env, op, &passes) != STATUS_OK ||
	    lay_marks(l, env, op, &marks) != STATUS_OK ||
	    list_unrecorded(env, op, &unrecorded, l->err) != STATUS_OK)
		return STATUS_STOP;
	size_t also = lay_also(l, op);
	bool plain = op->n_grants == 1 && !op->grants[0].when.p && !op->grants[0].reason.p &&
	             !reason.p && !passes && !marks && !also && !unrecorded;
	if (lay_grants(l, env, op, plain, &needs, &on) != STATUS_OK)
		return STATUS_STOP;
	if (reason.p || passes || marks || also || unrecorded) {
		more = image_add(im, IMAGE_WORDS(image_more));
		image_refer(im, more + IMAGE_AT(image_more, passes), passes);
		image_refer(im, more + IMAGE_AT(image_more, marks), marks);
		image_refer(im, more + IMAGE_AT(image_more, also), also);
		image_refer(im, more + IMAGE_AT(image_more, unrecorded), unrecorded);
		image_refer_text(im, more + IMAGE_AT(image_more, reason), reason);
		image_refer_text(im, more + IMAGE_AT(image_more, document),
		                 whole ? s->document : op->document);
	}
	uint32_t bits = op->flags | (plain ? OP_PLAIN : 0) | (uint32_t)rule_of(op) << 8 |
	                (uint32_t)(whole ? s->noauth : op->noauth) << 12 |
	                method_of(op->method) << 16;
	image_refer_text(im, op->at + IMAGE_AT(operation, name), op->name);
	image_refer(im, op->at + IMAGE_AT(operation, service), s->at);
	image_set(im, op->at + IMAGE_AT(operation, bits), bits);
	image_refer_text(im, op->at + IMAGE_AT(operation, uri), op->uri);
	image_refer(im, op->at + IMAGE_AT(operation, needs), needs);
	image_refer(im, op->at + IMAGE_AT(operation, rest), plain ? on : more);
	return STATUS_OK;
}

/* ---- services */

static void use_spelled(struct text_env *env, struct span leaf, uint32_t flag)
{
	const struct m_service *s = env->service;
	char folded[FOLD_MAX];
	text_use(env, fold_segment(leaf, folded, sizeof folded), flag);
	for (size_t k = 0; k < s->n_wires; k++) {
		if (!span_eq_ci(s->wires[k].leaf, leaf))
			continue;
		for (struct span rest = s->wires[k].names; rest.p;)
			text_use(env, fold_segment(span_cut(&rest, ','), folded, sizeof folded),
			         flag);
	}
}

/* What the models say of members, whether or not a row asks for them. */
static void use_marked(struct text_env *env)
{
	const struct m_service *s = env->service;
	for (size_t i = 0; i < s->n_sensitive; i++)
		use_spelled(env, s->sensitive[i], MEMBER_SENSITIVE);
	for (size_t i = 0; i < s->n_free_words; i++)
		use_spelled(env, s->free_words[i], MEMBER_FREE);
}

static enum status lay_service(struct layout *l, struct m_service *s)
{
	struct image *im = l->image;
	struct text_env env = {.model = l->model, .image = im, .service = s};
	const struct {
		size_t at;
		struct span text;
	} texts[] = {
	        {IMAGE_AT(image_service, folder), s->folder},
	        {IMAGE_AT(image_service, id), s->id},
	        {IMAGE_AT(image_service, prefix), s->prefix},
	        {IMAGE_AT(image_service, signing), s->signing},
	        {IMAGE_AT(image_service, endpoint), s->endpoint},
	        {IMAGE_AT(image_service, protocols), s->protocols},
	        {IMAGE_AT(image_service, target_prefix), s->target},
	        {IMAGE_AT(image_service, api_version), s->version},
	        {IMAGE_AT(image_service, flags), s->flags},
	        {IMAGE_AT(image_service, event_source), s->source},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		image_refer_text(im, s->at + texts[i].at, texts[i].text);
	if (s->sar < l->model->n_prefixes)
		image_refer(im, s->at + IMAGE_AT(image_service, sar),
		            l->model->prefixes[s->sar].at);
	for (size_t i = 0; i < s->n_ops; i++)
		if (lay_op(l, &env, &s->ops[i]) != STATUS_OK)
			return STATUS_STOP;
	use_marked(&env);
	image_refer(im, s->at + IMAGE_AT(image_service, members), text_add_uses(&env));
	return STATUS_OK;
}

static enum status lay_services(struct layout *l)
{
	struct image *im = l->image;
	struct model *m = l->model;
	size_t list = image_add_list(im, m->n_services, IMAGE_WORDS(image_service));
	image_refer(im, IMAGE_AT(mapping, services), list);
	for (size_t i = 0; i < m->n_services; i++) {
		struct m_service *s = &m->services[i];
		s->at = list + 1 + i * IMAGE_WORDS(image_service);
		size_t ops = image_add(im, s->n_ops * IMAGE_WORDS(operation));
		image_refer(im, s->at + IMAGE_AT(image_service, operations), s->n_ops ? ops : 0);
		image_set(im, s->at + IMAGE_AT(image_service, n_operations), (uint32_t)s->n_ops);
		for (size_t k = 0; k < s->n_ops; k++)
			s->ops[k].at = ops + k * IMAGE_WORDS(operation);
	}
	for (size_t i = 0; i < m->n_services; i++)
		if (lay_service(l, &m->services[i]) != STATUS_OK)
			return STATUS_STOP;
	for (size_t i = 0; i < m->n_prefixes; i++)
		image_refer(im, m->prefixes[i].at + IMAGE_AT(image_prefix, service),
		            m->services[m->prefixes[i].service].at);
	return STATUS_OK;
}

enum status mapping_compile(const char *dir, struct image *im, struct err *err)
{
	struct model m;
	struct layout l = {&m, im, err};
	image_init(im);
	image_add(im, IMAGE_WORDS(mapping));
	enum status status = model_read(&m, dir, err);
	if (status == STATUS_OK)
		status = lay_reference(&l);
	if (status == STATUS_OK)
		status = lay_services(&l);
	if (status == STATUS_OK) {
		lists_add(&m, im);
		index_names(&m, im);
		image_set(im, IMAGE_AT(mapping, magic), IMAGE_MAGIC);
		image_refer_text(im, IMAGE_AT(mapping, version), m.version);
		image_set(im, IMAGE_AT(mapping, bytes),
		          (uint32_t)(im->n_words * sizeof(uint32_t) + im->n_text));
		image_finish(im);
	}
	model_release(&m);
	if (status != STATUS_OK)
		image_release(im);
	return status;
}
