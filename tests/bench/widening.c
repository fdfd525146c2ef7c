/* widening.c - how much more than was observed each mode of folding allows: for every principal of
 * a database, the number of (action, ARN) pairs of a universe that its policy allows beyond those
 * observed. The universe is every action of the reference on every ARN of the whole database that
 * fits a resource type of the action, and "*" for actions that take none. Usage: widening DATABASE
 * [PRINCIPAL]; prints one table. */
#include "config.h"

#include "base/alloc.h"
#include "builder/build.h"
#include "policy/pattern-text.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

struct uses {
	struct arena arena;
	struct access_use *v;
	size_t n, room;
};

struct ids {
	int64_t v[4096];
	size_t n;
};

static bool take_use(void *data, const struct access_use *u)
{
	struct uses *k = data;
	if (k->n == k->room) {
		k->room = k->room ? 2 * k->room : 1024;
		k->v = xreallocarray(k->v, k->room, sizeof *k->v);
	}
	struct access_use *to = &k->v[k->n++];
	*to = *u;
	to->access.action = arena_span(&k->arena, u->access.action);
	to->access.type = arena_span(&k->arena, u->access.type);
	to->access.resource = arena_span(&k->arena, u->access.resource);
	return true;
}

static bool take_principal(void *data, const struct principal_row *row)
{
	struct ids *k = data;
	if (row->principal.editable && k->n < 4096)
		k->v[k->n++] = row->id;
	return true;
}

static struct uses uses_of(struct store *st, const int64_t *id, struct err *err)
{
	struct uses k = {.n = 0};
	struct store_filter f = {
	        .principals = id, .n_principals = id ? 1 : 0, .window = STORE_WINDOW_ALL};
	f.outcomes = 1u << OUTCOME_ALLOWED | 1u << OUTCOME_UNKNOWN | 1u << OUTCOME_FAILED;
	arena_init(&k.arena);
	if (store_each_access(st, &f, take_use, &k, err) != STATUS_OK)
		exit(2);
	return k;
}

/* The actions that a document's statement allows, and whether one of its resources covers the ARN.
 */
static bool allows(const struct policy *p, struct span action, struct span arn)
{
	for (size_t d = 0; d < p->n_documents; d++)
		for (size_t i = 0; i < p->documents[d].n_statements; i++) {
			const struct policy_statement *s = &p->documents[d].statements[i];
			bool named = false, covered = false;
			for (size_t a = 0; a < s->n_actions && !named; a++)
				named = pattern_text_covers(s->actions[a], action, true);
			for (size_t r = 0; r < s->n_resources && named && !covered; r++)
				covered = pattern_text_covers(s->resources[r], arn, false);
			if (covered)
				return true;
		}
	return false;
}

static bool observed(const struct uses *k, struct span action, struct span arn)
{
	for (size_t i = 0; i < k->n; i++)
		if (span_eq(k->v[i].access.action, action) &&
		    pattern_text_covers(k->v[i].access.resource, arn, false))
			return true;
	return false;
}

static bool takes(const struct sar_action *a, struct span arn)
{
	if (sar_action_n_types(a) == 0)
		return span_is(arn, "*");
	for (size_t i = 0; i < sar_action_n_types(a); i++)
		if (sar_type_matches(sar_action_type(a, i), arn))
			return true;
	return false;
}

static bool service_used(const struct uses *k, struct span prefix)
{
	for (size_t i = 0; i < k->n; i++)
		if (span_starts(k->v[i].access.action, prefix) &&
		    k->v[i].access.action.p[prefix.n] == ':')
			return true;
	return false;
}

struct totals {
	size_t characters, documents, statements, allowed, beyond;
};

static void count(const struct uses *mine, const struct span *arns, size_t n_arns,
                  enum resources_mode mode, struct totals *t)
{
	struct policy p;
	struct err err;
	struct policy_options o = POLICY_DEFAULTS;
	const struct mapping *m = mapping_builtin();
	struct policy_input in = {.uses = mine->v, .n_uses = mine->n, .mapping = m};
	o.resources = mode;
	if (policy_build(&in, &o, &p, &err) == STATUS_STOP)
		exit(2);
	for (size_t i = 0; i < p.n_documents; i++) {
		t->characters += p.documents[i].size;
		t->statements += p.documents[i].n_statements;
		t->documents++;
	}
	/* a statement names actions only: services that were not used are allowed nothing */
	for (size_t x = 0; x < sar_n_prefixes(m); x++) {
		size_t n;
		const struct sar_action *first = sar_service(m, sar_prefix(m, x), &n);
		if (!service_used(mine, sar_prefix(m, x)))
			continue;
		for (size_t i = 0; i < n; i++) {
			const struct sar_action *a = sar_action_at(first, i);
			char name[256];
			snprintf(name, sizeof name, "%.*s:%.*s", SPAN_ARG(sar_action_service(a)),
			         SPAN_ARG(sar_action_name(a)));
			bool any = false;
			for (size_t u = 0; u < mine->n && !any; u++)
				any = span_is(mine->v[u].access.action, name);
			for (size_t r = 0; any && r < n_arns; r++) {
				if (!takes(a, arns[r]) || !allows(&p, span_of(name), arns[r]))
					continue;
				t->allowed++;
				t->beyond += !observed(mine, span_of(name), arns[r]);
			}
		}
	}
	policy_release(&p);
}

int main(int argc, char **argv)
{
	static const struct {
		enum resources_mode mode;
		const char *name;
	} modes[] = {
	        {RESOURCES_EXACT, "exact"}, {RESOURCES_GROUPED, "grouped"}, {RESOURCES_ANY, "any"}};
	struct store_options options = {STORE_READ, mapping_builtin()};
	struct store *st;
	struct err err;
	char text[2048];
	static struct ids ids;
	err_clear(&err);
	if (argc < 2 || store_open(argv[1], &options, &st, &err) != STATUS_OK) {
		fprintf(stderr, "widening: %s\n",
		        argc < 2 ? "which database?" : err_line(&err, text, sizeof text));
		return 2;
	}
	if ((argc > 2 ? store_find_principals(st, span_of(argv[2]), SPAN_NONE, take_principal, &ids,
	                                      &err)
	              : store_each_principal(st, SPAN_NONE, take_principal, &ids, &err)) !=
	    STATUS_OK)
		return 2;
	struct uses all = uses_of(st, NULL, &err);
	struct span *arns = xcalloc(all.n + 1, sizeof *arns);
	for (size_t i = 0; i < all.n; i++)
		arns[i] = all.v[i].access.resource;
	size_t n_arns = spans_sort_unique(arns, all.n);
	printf("%zu principals, %zu ARNs\n", ids.n, n_arns);
	printf("%-8s %10s %10s %10s %10s %10s\n", "mode", "statements", "characters", "reduction",
	       "allowed", "beyond");
	size_t exact = 0;
	int failed = 0;
	for (size_t k = 0; k < 3; k++) {
		struct totals t = {0};
		for (size_t i = 0; i < ids.n; i++) {
			struct uses mine = uses_of(st, &ids.v[i], &err);
			count(&mine, arns, n_arns, modes[k].mode, &t);
			free(mine.v);
			arena_release(&mine.arena);
		}
		if (k == 0)
			exact = t.characters;
		printf("%-8s %10zu %10zu %9.1f%% %10zu %10zu\n", modes[k].name, t.statements,
		       t.characters,
		       exact ? 100.0 * (1.0 - (double)t.characters / (double)exact) : 0.0,
		       t.allowed, t.beyond);
		failed |= k == 0 && t.beyond;
	}
	free(arns);
	free(all.v);
	arena_release(&all.arena);
	store_close(st, &err);
	if (failed)
		printf("exact allows what was not observed\n");
	return failed;
}
