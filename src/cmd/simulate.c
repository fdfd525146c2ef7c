/* simulate.c - commands: what would AWS decide? One question by options, or many, one JSON object a
 * line. */
#include "config.h"

#include "app/policies.h"
#include "app/simulate.h"
#include "base/alloc.h"
#include "base/read-file.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "evaluator/query.h"
#include "mapping/mapping.h"
#include "policy/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	OPT_POLICY,
	OPT_BOUNDARY,
	OPT_SESSION,
	OPT_SCP,
	OPT_PRINCIPAL,
	OPT_ACTION,
	OPT_RESOURCE,
	OPT_CONTEXT,
	OPT_UNKNOWN,
	OPT_REQUESTS,
	OPT_JSON,
};

static const struct option_spec options[] = {
        {"policy", 'p', ARG_FILE, "FILE", NULL,
         "an identity-based or resource-based policy (repeatable)"},
        {"boundary", 0, ARG_FILE, "FILE", NULL, "the permissions boundary"},
        {"session", 0, ARG_FILE, "FILE", NULL, "the session policy"},
        {"scp", 0, ARG_FILE, "FILE", NULL,
         "service control policies of one level, from the root down (repeatable)"},
        {"principal", 0, ARG_TEXT, "ARN", NULL, "who asks, for policies with a Principal"},
        {"action", 'a', ARG_TEXT, "ACTION", NULL,
         "what is asked for, as s3:GetObject (repeatable)"},
        {"resource", 'r', ARG_TEXT, "ARN", NULL, "on what (repeatable; default: *)"},
        {"context", 'c', ARG_TEXT, "KEY=VALUE", NULL,
         "a key of the request; again with the same key: further values"},
        {"unknown", 'u', ARG_TEXT, "KEY", NULL,
         "a key that may be anything or absent (repeatable)"},
        {"requests", 0, ARG_FILE, "FILE", NULL,
         "read one JSON object a line ('-': standard input); needs --json"},
        {"json", 0, ARG_NONE, NULL, NULL, "print JSON"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
};

struct words {
	const char **p;
	size_t n;
};

struct simulation {
	const struct command *self;
	struct policy_files files;
	struct words actions, resources;
	struct query question; /* its keys and principal; the policies are in files */
	const char *requests;
	bool json;
};

static void words_add(struct words *w, const char *word)
{
	w->p = xreallocarray(w->p, w->n + 1, sizeof *w->p);
	w->p[w->n++] = word;
}

/* ---- many questions */

static int answer_lines(struct simulation *s)
{
	bool standard = strcmp(s->requests, "-") == 0;
	FILE *f = standard ? stdin : fopen(s->requests, "rb");
	if (!f) {
		fprintf(stderr, "iamreplay simulate: %s: cannot be opened: %s\n", s->requests,
		        strerror(errno));
		return EXIT_NOT_DONE;
	}
	struct buf out;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int status = EXIT_DONE;
	buf_init(&out, LIMIT_REQUEST_LINE);
	while ((n = getline(&line, &room, f)) >= 0) {
		struct span text = span_trim(span_make(line, (size_t)n));
		if (text.n == 0)
			continue;
		buf_reset(&out);
		if (!simulate_line(text, &out))
			status = EXIT_PARTLY;
		buf_add_char(&out, '\n');
		fwrite(out.p, 1, out.n, stdout);
	}
	if (ferror(f)) {
		fprintf(stderr, "iamreplay simulate: %s: cannot be read: %s\n", s->requests,
		        strerror(errno));
		status = EXIT_NOT_DONE;
	}
	free(line);
	buf_release(&out);
	if (!standard)
		fclose(f);
	return status;
}

/* ---- one question */

static void print_keys(const char *label, const struct span *keys, size_t n)
{
	if (n == 0)
		return;
	printf("  %s", label);
	for (size_t i = 0; i < n; i++)
		print_plain(stdout, "%s%.*s", i ? ", " : " ", SPAN_ARG(keys[i]));
	printf("\n");
}

static void print_text(struct simulation *s, const struct request *r, const struct verdict *v,
                       const struct span *absent, size_t n_absent, struct arena *arena)
{
	print_plain(stdout, "%.*s on %.*s: %s\n", SPAN_ARG(r->action), SPAN_ARG(r->resource),
	            decision_name(v->decision));
	if (v->policy != VERDICT_NO_POLICY)
		print_plain(stdout, "  by %.*s of %.*s (%s)\n",
		            SPAN_ARG(statement_label(arena, s->files.policies[v->policy].document,
		                                     v->statement)),
		            SPAN_ARG(s->files.names[v->policy]), layer_name(v->layer));
	else if (v->decision == DECISION_IMPLICIT_DENY && v->layer == LAYER_SCP)
		printf("  no statement allows it (scp, level %zu)\n", v->level + 1);
	else if (v->decision == DECISION_IMPLICIT_DENY)
		printf("  no statement allows it (%s)\n", layer_name(v->layer));
	print_keys("depends on", v->on, v->n_on);
	print_keys("asked for and absent:", absent, n_absent);
}

static void print_json(struct simulation *s, const struct request *r, const struct verdict *v,
                       const struct span *absent, size_t n_absent)
{
	struct buf b;
	buf_init(&b, LIMIT_REQUEST_LINE);
	buf_add_str(&b, "{\"action\":");
	buf_add_json(&b, r->action);
	buf_add_str(&b, ",\"resource\":");
	buf_add_json(&b, r->resource);
	buf_add_char(&b, ',');
	size_t at = b.n;
	verdict_write(&b, v, s->files.policies, s->files.names);
	memmove(b.p + at, b.p + at + 1, b.n - at - 1);
	b.n -= 2;
	buf_add_str(&b, ",\"absent\":[");
	for (size_t i = 0; i < n_absent; i++) {
		if (i)
			buf_add_char(&b, ',');
		buf_add_json(&b, absent[i]);
	}
	buf_add_str(&b, "]}\n");
	fwrite(b.p, 1, b.n, stdout);
	buf_release(&b);
}

static void answer(struct simulation *s, struct evaluator *e, const char *action,
                   const char *resource)
{
	struct arena arena;
	struct verdict v;
	const struct span *absent;
	size_t n_absent;
	struct request r = s->question.request;
	r.action = span_of(action);
	r.resource = span_of(resource);
	arena_init(&arena);
	evaluate(e, &r, &arena, &v);
	evaluate_absent(e, &r, &arena, &absent, &n_absent);
	if (s->json)
		print_json(s, &r, &v, absent, n_absent);
	else
		print_text(s, &r, &v, absent, n_absent, &arena);
	arena_release(&arena);
}

/* A slip of the pen reads like a refusal. */
static void check_action(const struct simulation *s, struct span action)
{
	const struct mapping *m = mapping_builtin();
	struct span name = action, prefix = span_cut(&name, ':');
	size_t n;
	if (sar_action(m, action))
		return;
	print_plain(stderr, "iamreplay %s: %.*s: there is no such %s in the service reference\n",
	            s->self->name, SPAN_ARG(action),
	            sar_service(m, prefix, &n) ? "action" : "service");
}

static int answer_all(struct simulation *s)
{
	struct err err;
	err_clear(&err);
	if (query_close(&s->question, &err) != STATUS_OK)
		return options_usage(s->self, "%s", err.text);
	if (s->files.n == 0)
		return options_usage(s->self, "which policy? --policy FILE");
	if (s->actions.n == 0)
		return options_usage(s->self, "which action? --action SERVICE:ACTION");
	if (s->resources.n == 0)
		words_add(&s->resources, "*");
	struct evaluator *e = evaluator_new(s->files.policies, s->files.n);
	for (size_t i = 0; i < s->actions.n; i++)
		check_action(s, span_of(s->actions.p[i]));
	for (size_t i = 0; i < s->actions.n; i++)
		for (size_t j = 0; j < s->resources.n; j++)
			answer(s, e, s->actions.p[i], s->resources.p[j]);
	evaluator_free(e);
	return EXIT_DONE;
}

/* ---- options */

/* KEY=VALUE: a key given before gets a further value. */
static bool add_context(struct query *q, const char *word)
{
	struct span text = span_of(word);
	ptrdiff_t equals = span_chr(text, '=');
	if (equals <= 0)
		return false;
	struct span key = span_sub(text, 0, (size_t)equals);
	struct span value = span_from(text, (size_t)equals + 1);
	struct request_key *keys = (struct request_key *)(uintptr_t)q->request.keys.v;
	for (size_t i = 0; i < q->request.keys.n; i++) {
		if (keys[i].unknown || !span_eq_ci(keys[i].key, key))
			continue;
		struct span *more = arena_alloc(&q->arena, (keys[i].n + 1) * sizeof *more);
		memcpy(more, keys[i].values, keys[i].n * sizeof *more);
		more[keys[i].n++] = value;
		keys[i].values = more;
		return true;
	}
	query_add_key(q, key, &value, 1, false);
	return true;
}

/* SERVICE:ACTION of one action. A pattern is what policies hold, not what is asked for. */
static bool is_action(struct span text)
{
	ptrdiff_t colon = span_chr(text, ':');
	return colon > 0 && (size_t)colon + 1 < text.n && span_chr(text, '*') < 0 &&
	       span_chr(text, '?') < 0;
}

static int take_option(struct simulation *s, int option, const char *value)
{
	static const enum layer layers[] = {LAYER_IDENTITY, LAYER_BOUNDARY, LAYER_SESSION,
	                                    LAYER_SCP};
	struct err err;
	err_clear(&err);
	if (value && !span_utf8(span_of(value)))
		return options_usage(s->self, "--%s: not UTF-8", options[option].name);
	switch (option) {
	case OPT_POLICY:
	case OPT_BOUNDARY:
	case OPT_SESSION:
	case OPT_SCP:
		if (policy_files_add(&s->files, layers[option], value, &err) == STATUS_OK)
			return EXIT_DONE;
		print_err("simulate", &err);
		return EXIT_NOT_DONE;
	case OPT_PRINCIPAL: s->question.request.principal = span_of(value); break;
	case OPT_ACTION:
		if (!is_action(span_of(value)))
			return options_usage(s->self, "--action takes one SERVICE:ACTION, not '%s'",
			                     value);
		words_add(&s->actions, value);
		break;
	case OPT_RESOURCE:
		if (!*value)
			return options_usage(s->self, "--resource takes an ARN or *, not ''");
		words_add(&s->resources, value);
		break;
	case OPT_CONTEXT:
		if (!add_context(&s->question, value))
			return options_usage(s->self, "--context takes KEY=VALUE, not '%s'", value);
		break;
	case OPT_UNKNOWN: query_add_key(&s->question, span_of(value), NULL, 0, true); break;
	case OPT_REQUESTS: s->requests = value; break;
	case OPT_JSON: s->json = true; break;
	}
	return EXIT_DONE;
}

static int run_options(struct simulation *s, int argc, char **argv)
{
	struct options o;
	const char *value;
	int option;
	options_init(&o, s->self, argc, argv);
	while ((option = options_next(&o, &value)) >= 0) {
		int status = take_option(s, option, value);
		if (status != EXIT_DONE)
			return status;
	}
	if (option == OPTIONS_EXIT)
		return o.exit_status;
	if (o.operands)
		return options_usage(s->self, "'%s' is no option", o.argv[1]);
	if (!s->requests)
		return answer_all(s);
	if (!s->json)
		return options_usage(s->self, "--requests needs --json");
	if (s->files.n || s->actions.n || s->resources.n || s->question.request.keys.n)
		return options_usage(s->self,
		                     "--requests takes its policies and questions from FILE");
	return answer_lines(s);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct simulation s = {.self = self};
	policy_files_init(&s.files);
	query_init(&s.question);
	int status = run_options(&s, argc, argv);
	policy_files_release(&s.files);
	query_release(&s.question);
	free(s.actions.p);
	free(s.resources.p);
	return status;
}

const struct command command_simulate = {
        .name = "simulate",
        .usage = "--policy FILE... --action ACTION [--resource ARN] [OPTION]...",
        .summary = "what AWS would decide under given policies, offline",
        .options = options,
        .examples = "  iamreplay simulate --policy p.json --action s3:GetObject --resource "
                    "arn:aws:s3:::b/k\n"
                    "  iamreplay simulate --json --requests questions.jsonl\n",
        .run = run,
};
