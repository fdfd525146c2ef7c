/* simulate.c - commands: what would AWS decide? One question by options, or many, one JSON object a
 * line. */
#include "config.h"

#include "app/policy-files.h"
#include "app/simulate.h"
#include "base/read-file.h"
#include "cli/command.h"
#include "cli/plain.h"
#include "evaluator/query.h"
#include "mapping/mapping.h"
#include "policy/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct line {
	struct tagged_list layers; /* files of policies */
	struct text_list actions, resources, context, unknown;
	const char *principal, *requests;
	bool json;
};

struct simulation {
	const struct line *line;
	struct policy_files files;
	struct query question; /* its keys and principal; the policies are in files */
};

/* SERVICE:ACTION of one action. A pattern is what policies hold, not what is asked for. */
static bool is_action(const char *value)
{
	struct span text = span_of(value);
	ptrdiff_t colon = span_chr(text, ':');
	return span_utf8(text) && colon > 0 && (size_t)colon + 1 < text.n &&
	       span_chr(text, '*') < 0 && span_chr(text, '?') < 0;
}

static bool is_resource(const char *value)
{
	return span_utf8(span_of(value)) && query_is_resource(span_of(value));
}

static bool is_context(const char *value)
{
	return span_utf8(span_of(value)) && span_chr(span_of(value), '=') > 0;
}

static bool is_text(const char *value)
{
	return span_utf8(span_of(value));
}

static const struct option policy_rows[] = {
        {.name = "policy",
         .letter = 'p',
         .kind = OPTION_TAGGED,
         .field = offsetof(struct line, layers),
         .tag = LAYER_IDENTITY,
         .value = "FILE",
         .help = "an identity-based or resource-based policy; may be repeated"},
        {.name = "boundary",
         .kind = OPTION_TAGGED,
         .field = offsetof(struct line, layers),
         .tag = LAYER_BOUNDARY,
         .value = "FILE",
         .help = "the permissions boundary"},
        {.name = "session",
         .kind = OPTION_TAGGED,
         .field = offsetof(struct line, layers),
         .tag = LAYER_SESSION,
         .value = "FILE",
         .help = "the session policy"},
        {.name = "scp",
         .kind = OPTION_TAGGED,
         .field = offsetof(struct line, layers),
         .tag = LAYER_SCP,
         .value = "FILE",
         .help = "service control policies of one level, from the root down; may be repeated"},
        {.name = NULL},
};
static const struct option request_rows[] = {
        {.name = "action",
         .letter = 'a',
         .kind = OPTION_LIST,
         .field = offsetof(struct line, actions),
         .value = "ACTION",
         .check = is_action,
         .takes = "one SERVICE:ACTION",
         .help = "what is asked for, as s3:GetObject; may be repeated"},
        {.name = "resource",
         .letter = 'r',
         .kind = OPTION_LIST,
         .field = offsetof(struct line, resources),
         .value = "ARN",
         .check = is_resource,
         .takes = "an ARN or *",
         .help = "on what (default: *); may be repeated"},
        {.name = "principal",
         .kind = OPTION_TEXT,
         .field = offsetof(struct line, principal),
         .value = "ARN",
         .check = is_text,
         .takes = "an ARN",
         .help = "who asks, for policies with a Principal"},
        {.name = "context",
         .letter = 'c',
         .kind = OPTION_LIST,
         .field = offsetof(struct line, context),
         .value = "KEY=VALUE",
         .check = is_context,
         .takes = "KEY=VALUE",
         .help = "a key of the request; again with the same key: further values"},
        {.name = "unknown",
         .letter = 'u',
         .kind = OPTION_LIST,
         .field = offsetof(struct line, unknown),
         .value = "KEY",
         .check = is_text,
         .takes = "a condition key",
         .help = "a key that may be anything or absent; may be repeated"},
        {.name = "requests",
         .kind = OPTION_FILE,
         .field = offsetof(struct line, requests),
         .value = "FILE",
         .help = "read one JSON object a line ('-': standard input); needs --json"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print JSON"},
        {.name = NULL},
};
static const struct option_group policy_group = {.heading = "Policies", .options = policy_rows};
static const struct option_group request_group = {.heading = "Request", .options = request_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&policy_group, 0},
        {&request_group, 0},
        {&output_group, 0},
        {NULL, 0},
};

/* ---- many questions */

static int answer_lines(const char *requests)
{
	bool standard = strcmp(requests, "-") == 0;
	FILE *f = standard ? stdin : fopen(requests, "rb");
	if (!f) {
		fprintf(stderr, "iamreplay simulate: %s: cannot be opened: %s\n", requests,
		        strerror(errno));
		return EXIT_NOT_DONE;
	}
	struct buf out;
	char *line = NULL;
	size_t room = 0;
	uint64_t number = 0;
	ssize_t n;
	int status = EXIT_DONE;
	buf_init(&out, LIMIT_REQUEST_LINE);
	while ((n = getline(&line, &room, f)) >= 0) {
		struct span text = span_trim(span_make(line, (size_t)n));
		number++;
		if (text.n == 0)
			continue;
		buf_reset(&out);
		if (!simulate_line(text, number, &out))
			status = EXIT_PARTLY;
		buf_add_char(&out, '\n');
		fwrite(out.p, 1, out.n, stdout);
	}
	if (ferror(f)) {
		fprintf(stderr, "iamreplay simulate: %s: cannot be read: %s\n", requests,
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
	else if (v->decision == DECISION_IMPLICIT_DENY && v->layer == LAYER_RESOURCE)
		printf("  no resource-based policy allows it, which must, too (resource)\n");
	else if (v->decision == DECISION_IMPLICIT_DENY)
		printf("  no statement allows it (%s)\n", layer_name(v->layer));
	print_keys("depends on", v->on, v->n_on);
	print_keys("asked for and absent:", absent, n_absent);
}

static void print_json(struct simulation *s, const struct request *r, const struct verdict *v,
                       const struct span *absent, size_t n_absent)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_member_text(&w, "action", r->action);
	json_member_text(&w, "resource", r->resource);
	verdict_write(&w, v, s->files.policies, s->files.names);
	json_key(&w, "absent");
	json_begin_array(&w);
	for (size_t i = 0; i < n_absent; i++)
		json_put_text(&w, absent[i]);
	json_end_array(&w);
	json_end_object(&w);
	print_json_end(&w);
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
	if (s->line->json)
		print_json(s, &r, &v, absent, n_absent);
	else
		print_text(s, &r, &v, absent, n_absent, &arena);
	arena_release(&arena);
}

/* A misspelt action reads like one that is denied. */
static void check_action(struct span action)
{
	const struct mapping *m = mapping_builtin();
	struct span name = action, prefix = span_cut(&name, ':');
	size_t n;
	if (sar_action(m, action))
		return;
	print_plain(stderr,
	            "iamreplay simulate: %.*s: there is no such %s in the service reference\n",
	            SPAN_ARG(action), sar_service(m, prefix, &n) ? "action" : "service");
}

static void answer_all(struct simulation *s)
{
	const struct line *l = s->line;
	struct evaluator *e = evaluator_new(s->files.policies, s->files.n);
	for (size_t i = 0; i < l->actions.n; i++)
		check_action(l->actions.v[i]);
	for (size_t i = 0; i < l->actions.n; i++) {
		if (l->resources.n == 0)
			answer(s, e, l->actions.v[i].p, "*");
		for (size_t j = 0; j < l->resources.n; j++)
			answer(s, e, l->actions.v[i].p, l->resources.v[j].p);
	}
	evaluator_free(e);
}

/* ---- the question */

/* A key given before gets a further value. */
static void add_context(struct query *q, struct span text)
{
	size_t equals = (size_t)span_chr(text, '=');
	struct span key = span_sub(text, 0, equals), value = span_from(text, equals + 1);
	struct request_key *keys = (struct request_key *)(uintptr_t)q->request.keys.v;
	for (size_t i = 0; i < q->request.keys.n; i++) {
		if (keys[i].unknown || !span_eq_ci(keys[i].key, key))
			continue;
		struct span *more = arena_alloc(&q->arena, (keys[i].n + 1) * sizeof *more);
		memcpy(more, keys[i].values, keys[i].n * sizeof *more);
		more[keys[i].n++] = value;
		keys[i].values = more;
		return;
	}
	query_add_key(q, key, &value, 1, false);
}

static int read_policies(struct simulation *s)
{
	struct err err;
	err_clear(&err);
	for (size_t i = 0; i < s->line->layers.n; i++) {
		const struct tagged_text *t = &s->line->layers.v[i];
		if (policy_files_add(&s->files, (enum layer)t->tag, t->text, &err) == STATUS_OK)
			continue;
		print_err("simulate", &err);
		return EXIT_NOT_DONE;
	}
	return EXIT_DONE;
}

static int ask(struct simulation *s, const struct command *self)
{
	const struct line *l = s->line;
	struct err err;
	err_clear(&err);
	for (size_t i = 0; i < l->context.n; i++)
		add_context(&s->question, l->context.v[i]);
	for (size_t i = 0; i < l->unknown.n; i++)
		query_add_key(&s->question, l->unknown.v[i], NULL, 0, true);
	if (l->principal)
		s->question.request.principal = span_of(l->principal);
	if (query_close(&s->question, &err) != STATUS_OK)
		return options_usage(self, "%s", err.text);
	if (s->files.n == 0)
		return options_usage(self, "which policy? --policy FILE");
	if (l->actions.n == 0)
		return options_usage(self, "which action? --action SERVICE:ACTION");
	answer_all(s);
	return EXIT_DONE;
}

static int simulate(const struct line *l, const struct command *self,
                    const struct command_line *line)
{
	struct simulation s = {.line = l};
	if (line->n_operands)
		return options_usage(self,
		                     "unexpected '%s': policies and requests are named by options",
		                     line->operands[0]);
	if (l->requests && !l->json)
		return options_usage(self, "--requests needs --json");
	if (l->requests &&
	    (l->layers.n || l->actions.n || l->resources.n || l->context.n || l->unknown.n))
		return options_usage(self, "--requests takes its policies and questions from FILE");
	if (l->requests)
		return answer_lines(l->requests);
	policy_files_init(&s.files);
	query_init(&s.question);
	int status = read_policies(&s);
	if (status == EXIT_DONE)
		status = ask(&s, self);
	policy_files_release(&s.files);
	query_release(&s.question);
	return status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? simulate(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_simulate = {
        .name = "simulate",
        .usage = "--policy FILE... --action ACTION [--resource ARN] [OPTION]...",
        .summary = "what AWS would decide under given policies, offline",
        .options = uses,
        .examples = "  iamreplay simulate --policy p.json --action s3:GetObject \\\n"
                    "      --resource arn:aws:s3:::b/k\n"
                    "  iamreplay simulate --json --requests questions.jsonl\n",
        .run = run,
};
