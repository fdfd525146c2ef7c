/* elements.c - mapping/compile: which lists of structures must be kept element by element: those of
 * which one row needs several members that belong together, or whether an element lacks one. See
 * text.h. */
#include "config.h"

#include "mapping/compile/text.h"
#include "mapping/name-fold.h"

#include <string.h>

/* The members of lists that one action of an operation asks for; the longest of the tables are ten.
 */
enum { LIMIT_LISTED = 32 };

struct listed {
	struct span list, member; /* "Delete.Objects[]" and "Key" */
};

struct listing {
	struct listed seen[LIMIT_LISTED];
	size_t n;
};

/* A literal's text is no member. */
static struct span next_member(struct span *rest)
{
	static const char inside[] = "._-[]{}$@";
	struct span s = *rest;
	size_t i = 0, start;
	for (;; i++) {
		if (i < s.n && s.p[i] == '\'')
			for (i++; i < s.n && s.p[i] != '\'';)
				i++;
		else if (i >= s.n || ascii_alpha(s.p[i]) || ascii_digit(s.p[i]))
			break;
	}
	for (start = i; i < s.n && (ascii_alpha(s.p[i]) || ascii_digit(s.p[i]) ||
	                            (s.p[i] && strchr(inside, s.p[i])));)
		i++;
	*rest = i < s.n ? span_from(s, i) : SPAN_NONE;
	return start < i ? span_sub(s, start, i - start) : SPAN_NONE;
}

/* "Delete.Objects[].Key" in its two parts, by the last list on the way; false if it is in none. */
static bool cut_list(struct span member, struct listed *out)
{
	struct span rest = member, mark = SPAN_LIT("[].");
	ptrdiff_t at, last = -1;
	while ((at = span_find(rest, mark)) >= 0) {
		last = at + (rest.p - member.p);
		rest = span_from(rest, (size_t)at + mark.n);
	}
	if (last <= 0)
		return false;
	out->list = span_sub(member, 0, (size_t)last + 2);
	out->member = span_from(member, (size_t)last + mark.n);
	return true;
}

/* A member and what is inside it ask the same thing of an element. */
static bool is_within(struct span a, struct span b)
{
	return span_starts(a, b) && (a.n == b.n || a.p[b.n] == '.');
}

static void mark(struct text_env *env, struct span list)
{
	char folded[FOLD_MAX];
	text_use(env, fold_leaf(fold_path(list, SPAN_NONE, folded).path), MEMBER_ELEMENTS);
}

static void look(struct text_env *env, struct listing *l, struct span text)
{
	struct span rest = text, member;
	struct listed one;
	bool has_default = span_find(text, SPAN_LIT(",'")) > 0;
	while (rest.p && (member = next_member(&rest)).p) {
		if (!cut_list(member, &one))
			continue;
		if (has_default)
			mark(env, one.list);
		for (size_t i = 0; i < l->n; i++)
			if (span_eq(l->seen[i].list, one.list) &&
			    !is_within(one.member, l->seen[i].member) &&
			    !is_within(l->seen[i].member, one.member))
				mark(env, one.list);
		if (l->n < LIMIT_LISTED)
			l->seen[l->n++] = one;
	}
}

static void look_bindings(struct text_env *env, struct listing l, struct span bindings)
{
	for (struct span rest = bindings; rest.p;)
		look(env, &l, span_cut(&rest, ' '));
}

void text_elements(struct text_env *env, const struct m_op *op, struct span own)
{
	for (size_t i = 0; i < op->n_grants; i++) {
		const struct m_grant *g = &op->grants[i];
		struct listing when = {.n = 0};
		if (g->when.p)
			look(env, &when, g->when);
		for (size_t k = 0; k < op->n_ons; k++) {
			struct span action = op->ons[k].action.p ? op->ons[k].action : own;
			if (!span_eq_ci(action, g->action.p ? g->action : own))
				continue;
			look_bindings(env, when, op->ons[k].bindings);
		}
	}
	for (size_t i = 0; i < op->n_unrecorded; i++) {
		struct listing when = {.n = 0};
		if (op->unrecorded[i].when.p)
			look(env, &when, op->unrecorded[i].when);
		look_bindings(env, when, op->unrecorded[i].bindings);
	}
}
