/* policy-messages.c - cli: see policy-messages.h. */
#include "config.h"

#include "cli/policy-messages.h"

#include "cli/command.h"
#include "cli/plain.h"

#include <inttypes.h>

int open_source(const char *command, const struct policy_request *r, struct policy_source *out)
{
	struct err err;
	err_clear(&err);
	if (policy_source_open(r, out, &err) == STATUS_OK)
		return EXIT_DONE;
	print_err(command, &err);
	return EXIT_NOT_DONE;
}

static void say_ambiguous(const char *command, const struct subjects *s)
{
	print_plain(
	        stderr,
	        "iamreplay %s: '%.*s' is in several accounts. Say which, or use a glob for all:\n",
	        command, SPAN_ARG(s->ambiguous));
	for (size_t i = 0; i < s->n_candidates; i++)
		print_plain(stderr, "  iamreplay %s --principal '%.*s'\n", command,
		            SPAN_ARG(s->candidates[i]));
}

int find_subjects(const char *command, const struct policy_request *r, struct policy_source *s,
                  enum subjects_how how, struct subjects *out)
{
	struct err err;
	err_clear(&err);
	switch (subjects_find(r, s, how, out, &err)) {
	case STATUS_OK: return EXIT_DONE;
	case STATUS_SKIP: say_ambiguous(command, out); return EXIT_USAGE;
	case STATUS_END: print_err(command, &err); return EXIT_PARTLY;
	default: print_err(command, &err); return EXIT_NOT_DONE;
	}
}

/* ---- what a policy leaves out */

enum { SHOWN = 10 }; /* names of one kind: the rest is one query away */

static void say_names(const struct names *list, const char *rest)
{
	for (size_t i = 0; i < list->n && i < SHOWN; i++)
		print_plain(stderr, "  %.*s (%" PRIu64 ")\n", SPAN_ARG(list->v[i].text),
		            list->v[i].events);
	if (list->n > SHOWN)
		fprintf(stderr, "  and %zu more: %s\n", list->n - SHOWN, rest);
}

/* What failed, or had no answer: what of it is in, and what is not. */
static void say_failed(const struct subject *who, const struct gathered *g)
{
	uint64_t out = g->unproven + g->never;
	if (g->failed)
		print_plain(stderr,
		            "%.*s: %" PRIu64 " %s although %s failed (--outcome allowed leaves %s "
		            "out)\n",
		            (int)who->name.n, who->name.p, g->failed,
		            g->failed == 1 ? "call is in" : "calls are in",
		            g->failed == 1 ? "it" : "they", g->failed == 1 ? "it" : "them");
	if (!out)
		return;
	print_plain(stderr, "%.*s: %" PRIu64 " failed call%s not in: %s error%s no permission",
	            (int)who->name.n, who->name.p, out, out == 1 ? " is" : "s are",
	            out == 1 ? "its" : "their", out == 1 ? " proves" : "s prove");
	if (g->unproven)
		fprintf(stderr, " (--outcome any adds %" PRIu64 ")", g->unproven);
	fputc('\n', stderr);
}

void say_left_out(const struct subject *who, const struct gathered *g, const struct policy *p)
{
	int n = (int)who->name.n;
	const char *name = who->name.p;
	say_failed(who, g);
	if (g->denied) {
		print_plain(stderr,
		            "%.*s: %" PRIu64
		            " denied calls are not in (--denied include grants what they "
		            "asked for):\n",
		            n, name, g->denied);
		say_names(&g->denied_actions, "iamreplay query denied");
	}
	if (g->refused.n) {
		print_plain(stderr,
		            "%.*s: not in, and no grant would help: %" PRIu64
		            " denied call%s, for which the log blames another policy, or says "
		            "nothing:\n",
		            n, name, names_events(&g->refused),
		            names_events(&g->refused) == 1 ? "" : "s");
		say_names(&g->refused, "iamreplay query denied");
	}
	if (g->unauthenticated)
		print_plain(stderr,
		            "%.*s: %" PRIu64 " calls without valid credentials are not in\n", n,
		            name, g->unauthenticated);
	if (g->unknown.n) {
		print_plain(stderr, "%.*s: %zu events with no known action are not in:\n", n, name,
		            g->unknown.n);
		say_names(&g->unknown, "iamreplay query unknown");
	}
	if (g->folded)
		print_plain(stderr,
		            "%.*s: %" PRIu64
		            " calls stand for many: object keys or log streams past the number "
		            "that is kept were folded when stored\n",
		            n, name, g->folded);
	if (p->replaced)
		print_plain(stderr, "%.*s: %zu characters that IAM does not accept became '?'\n", n,
		            name, p->replaced);
	for (size_t i = 0; i < p->n_notes; i++)
		print_plain(stderr, "%.*s: %.*s\n", n, name, SPAN_ARG(p->notes[i]));
}
