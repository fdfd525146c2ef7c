/* resolve-whole.c - mapping: the ARNs that an event gives whole, in resources[], in the message of
 * a refusal or in any member, of one resource type. */
#include "config.h"

#include "base/hash.h"
#include "call/arn.h"
#include "mapping/members.h"
#include "mapping/resolve.h"

void resolve_put(struct resolver *r, struct found *f, struct span text, enum access_origin origin)
{
	uint64_t hash = hash_quick(text);
	for (size_t i = 0; i < f->n; i++)
		if (f->hash[i] == hash && span_eq(f->text[i], text))
			return;
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 4;
		struct found wider = *f;
		wider.text = arena_alloc(r->arena, room * sizeof *f->text);
		wider.hash = arena_alloc(r->arena, room * sizeof *f->hash);
		wider.origin = arena_alloc(r->arena, room * sizeof *f->origin);
		wider.replaced = arena_alloc(r->arena, room * sizeof *f->replaced);
		wider.room = room;
		if (f->n) {
			memcpy(wider.text, f->text, f->n * sizeof *f->text);
			memcpy(wider.hash, f->hash, f->n * sizeof *f->hash);
			memcpy(wider.origin, f->origin, f->n * sizeof *f->origin);
			memcpy(wider.replaced, f->replaced, f->n * sizeof *f->replaced);
		}
		*f = wider;
	}
	f->text[f->n] = text;
	f->hash[f->n] = hash;
	f->origin[f->n] = origin;
	f->replaced[f->n++] = r->replaced;
}

/* ---- ARNs that the event gives whole */

static size_t best_match(const struct sar_type *t, struct span arn)
{
	size_t n, best = 0;
	const str_ref *patterns = image_list(&t->patterns, &n);
	for (size_t i = 0; i < n; i++) {
		struct span p = image_str(&patterns[i]);
		size_t literals = arn_matches(p, arn) ? arn_literals(p) : 0;
		best = literals > best ? literals : best;
	}
	return best;
}

/* Whether an ARN is of this type: it fits its pattern, and no pattern of another type of the
 * service that says more (an object's ARN also fits the bucket's pattern). */
static bool is_of_type(const struct sar_type *t, struct span arn)
{
	size_t own = best_match(t, arn);
	const struct image_prefix *p = image_row(&t->prefix);
	const struct sar_type *types = p ? image_row(&p->types) : NULL;
	for (size_t i = 0; own && types && i < p->n_types; i++)
		if (&types[i] != t && best_match(&types[i], arn) > own)
			return false;
	return own > 0;
}

void resolve_from_resources(struct resolver *r, const struct sar_type *t, struct found *f)
{
	for (size_t i = 0; i < r->call->n_resources; i++) {
		const struct event_resource *e = &r->call->resources[i];
		struct span arn = e->arn;
		if (!arn.n || mapping_hidden(arn))
			continue;
		r->replaced = 0;
		if (e->pattern) {
			if (is_of_type(t, arn))
				resolve_put(r, f, resolve_pattern(r, arn), ORIGIN_RESOURCES);
			continue;
		}
		if (!e->prefix) {
			if (is_of_type(t, arn))
				resolve_put(r, f, resolve_text(r, (struct value){.text = arn}),
				            ORIGIN_RESOURCES);
			continue;
		}
		/* What stands for all that begin with it is of the type of what could follow. */
		struct span longer = arena_printf(r->arena, "%.*sx", SPAN_ARG(arn));
		if (is_of_type(t, longer))
			resolve_put(r, f,
			            arena_printf(r->arena, "%.*s*",
			                         SPAN_ARG(arn_escape(arn, r->arena, &r->replaced))),
			            ORIGIN_RESOURCES);
	}
}

/* AWS writes '*' for the name that the refused call did not tell ("launch-template/" and a star);
 * only the names of objects may be that themselves. */
static struct span denied_text(struct resolver *r, struct span arn)
{
	struct arn a;
	bool open = (span_ends(arn, SPAN_LIT("/*")) || span_ends(arn, SPAN_LIT(":*"))) &&
	            arn_parse(arn, &a) && !span_starts(a.service, SPAN_LIT("s3"));
	if (!open)
		return resolve_text(r, (struct value){.text = arn});
	struct span head = span_sub(arn, 0, arn.n - 1);
	return arena_printf(r->arena, "%.*s*", SPAN_ARG(arn_escape(head, r->arena, &r->replaced)));
}

void resolve_from_denial(struct resolver *r, const struct sar_action *action,
                         const struct sar_type *t, struct found *f)
{
	struct span arn = r->call->denial.resource, named = r->call->denial.action;
	if (!arn.n || !named.n || !is_of_type(t, arn) || mapping_hidden(arn) ||
	    !span_eq_ci(named, sar_action_full(action, r->arena)))
		return;
	r->replaced = 0;
	resolve_put(r, f, denied_text(r, arn), ORIGIN_DENIAL);
}

/* Whatever member holds an ARN of the type: no name of a member is as sure as its value. */
void resolve_from_arns(struct resolver *r, const struct sar_type *t, struct found *f)
{
	for (size_t i = 0; r->n_arns && i < r->n_params; i++) {
		const struct rparam *p = &r->params[i];
		r->replaced = 0;
		enum param_state state = p->param->state;
		if ((state == PARAM_VALUE || state == PARAM_PATTERN) &&
		    span_starts(p->value, SPAN_LIT("arn:")) && is_of_type(t, p->value))
			resolve_put(r, f,
			            state == PARAM_PATTERN
			                    ? resolve_pattern(r, p->value)
			                    : resolve_text(r, (struct value){.text = p->value}),
			            ORIGIN_PARAMETER);
	}
}
