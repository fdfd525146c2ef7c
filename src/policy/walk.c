/* walk.c - policy: see walk.h. */
#include "config.h"

#include "policy/walk.h"

const char *policy_element_name(enum policy_element element)
{
	static const char *const names[] = {"Sid",          "Effect", "Principal",
	                                    "NotPrincipal", "Action", "NotAction",
	                                    "Resource",     "NotResource", "Condition"};
	return names[element];
}

bool principal_is_everyone(const struct policy_principal *p)
{
	return span_is(p->kind, "*");
}

static void walk_principals(const struct policy_statement *s, const struct policy_syntax *syntax,
                            void *to)
{
	for (size_t i = 0; i < s->n_principals; i++)
		syntax->principal(to,
		                  s->not_principal ? ELEMENT_NOT_PRINCIPAL : ELEMENT_PRINCIPAL,
		                  &s->principals[i],
		                  (struct walk_place){.first = i == 0,
		                                      .last = i + 1 == s->n_principals});
}

static void walk_conditions(const struct policy_statement *s, const struct policy_syntax *syntax,
                            void *to)
{
	for (size_t i = 0; i < s->n_conditions; i++) {
		const struct policy_condition *c = &s->conditions[i];
		struct walk_place place = {.first = i == 0, .last = i + 1 == s->n_conditions};
		place.opens = place.first || !span_eq(c[-1].operator, c->operator);
		place.closes = place.last || !span_eq(c[1].operator, c->operator);
		syntax->condition(to, c, place);
	}
}

void policy_walk(const struct policy_statement *s, const struct policy_syntax *syntax, void *to)
{
	if (s->sid.p)
		syntax->text(to, ELEMENT_SID, s->sid);
	syntax->text(to, ELEMENT_EFFECT, s->deny ? SPAN_LIT("Deny") : SPAN_LIT("Allow"));
	if (!syntax->principals_late)
		walk_principals(s, syntax, to);
	if (s->n_actions)
		syntax->list(to, s->not_action ? ELEMENT_NOT_ACTION : ELEMENT_ACTION, s->actions,
		             s->n_actions);
	if (s->n_resources)
		syntax->list(to, s->not_resource ? ELEMENT_NOT_RESOURCE : ELEMENT_RESOURCE,
		             s->resources, s->n_resources);
	if (syntax->principals_late)
		walk_principals(s, syntax, to);
	walk_conditions(s, syntax, to);
}
