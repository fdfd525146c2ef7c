/* mapping.c - commands: which IAM actions and resources an API call needs, as the mapping knows it.
 */
#include "config.h"

#include "cli/command.h"
#include "cli/plain.h"
#include "mapping/compile/compile.h"
#include "mapping/describe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct line {
	const char *mappings;
	bool json;
};

static const struct option rows[] = {
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct line, json),
         .help = "print one JSON object a name"},
        {.name = "mappings",
         .kind = OPTION_DIR,
         .field = offsetof(struct line, mappings),
         .value = "DIR",
         .help = "read the mapping from DIR (default: $IAMREPLAY_MAPPINGS, else built in)"},
        {.name = NULL},
};
static const struct option_group group = {.heading = "Output", .options = rows};
static const struct option_use uses[] = {
        {&group, 0},
        {NULL, 0},
};

/* One answer: the longest of ec2 has some ten kilobytes. */
static const size_t answer_ceiling = (size_t)4 << 20;

struct asking {
	const struct mapping *mapping;
	bool json;
	bool unknown; /* a name was asked for that there is not */
	struct buf out;
};

static void print_answer(struct asking *a)
{
	if (a->json)
		buf_add_char(&a->out, '\n');
	fwrite(a->out.p, 1, a->out.n, stdout);
	buf_reset(&a->out);
}

static void answer_call(struct asking *a, struct span name)
{
	if (a->json)
		describe_json(a->mapping, name, &a->out);
	else
		describe_text(a->mapping, name, &a->out);
	print_answer(a);
}

/* On standard error, since the answer on standard output is that the name is unknown. */
static void tell_nearest(const struct asking *a, struct span name, struct arena *arena)
{
	enum { TOLD = 5 };
	struct span near[TOLD];
	size_t n = asked_nearest(a->mapping, name, arena, near, TOLD);
	if (!n)
		return;
	fflush(stdout);
	fprintf(stderr, "iamreplay mapping: did you mean ");
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%.*s%s", SPAN_ARG(near[i]), i + 1 < n ? ", " : "?\n");
}

static void answer(struct asking *a, struct span name)
{
	struct asked asked;
	struct arena arena;
	arena_init(&arena);
	buf_reset(&a->out);
	asked_find(a->mapping, name, &arena, &asked);
	bool pattern = span_chr(name, '*') >= 0 || span_chr(name, '?') >= 0;
	if (asked.kind == ASKED_ACTION || asked.kind == ASKED_SERVICE ||
	    (asked.kind == ASKED_CALLS && pattern)) {
		if (a->json)
			describe_asked_json(name, &asked, &a->out);
		else
			describe_asked_text(name, &asked, &a->out);
		print_answer(a);
	} else if (asked.kind == ASKED_CALLS) {
		for (size_t i = 0; i < asked.n; i++)
			answer_call(a, arena_printf(&arena, "%.*s.%.*s",
			                            SPAN_ARG(operation_service(asked.ops[i])),
			                            SPAN_ARG(operation_name(asked.ops[i]))));
	} else {
		answer_call(a, name);
		if (asked.kind == ASKED_NOTHING) {
			a->unknown = true;
			tell_nearest(a, name, &arena);
		}
	}
	arena_release(&arena);
}

static bool is_word(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(":. *?", s.p[i]))
			return false;
	return s.n > 0;
}

static enum asked_kind asked_kind_of(const struct asking *a, struct span name)
{
	struct asked asked;
	struct arena arena;
	arena_init(&arena);
	asked_find(a->mapping, name, &arena, &asked);
	arena_release(&arena);
	return asked.kind;
}

/* As the aws CLI is typed: "ec2 describe-instances" in two words, and "elbv2:DescribeLoadBalancers",
 * which is the CLI's name of a service with the colon of an action. In arena, or the name; *words: how
 * many of them it is. */
static struct span as_meant(const struct asking *a, char **names, int n, struct arena *arena,
                            int *words)
{
	struct span name = span_of(names[0]);
	*words = 1;
	if (n > 1 && is_word(name) && is_word(span_of(names[1])) && strcmp(names[1], "-") != 0) {
		struct span both = arena_printf(arena, "%s %s", names[0], names[1]);
		if (asked_kind_of(a, both) == ASKED_CALLS) {
			*words = 2;
			return both;
		}
	}
	ptrdiff_t colon = span_chr(name, ':');
	if (colon > 0 && asked_kind_of(a, name) == ASKED_NOTHING) {
		struct span dotted = arena_printf(arena, "%.*s.%s", (int)colon, name.p,
		                                  name.p + colon + 1);
		if (asked_kind_of(a, dotted) != ASKED_NOTHING)
			return dotted;
	}
	return name;
}

static int answer_lines(struct asking *a)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	while ((n = getline(&line, &room, stdin)) >= 0) {
		struct span name = span_trim(span_make(line, (size_t)n));
		if (name.n)
			answer(a, name);
	}
	free(line);
	if (ferror(stdin)) {
		fprintf(stderr, "iamreplay mapping: standard input cannot be read: %s\n",
		        strerror(errno));
		return EXIT_NOT_DONE;
	}
	return EXIT_DONE;
}

static int answer_all(struct asking *a, char **names, int n)
{
	int status = EXIT_DONE;
	struct arena arena;
	arena_init(&arena);
	for (int i = 0, words = 1; i < n && status == EXIT_DONE; i += words) {
		words = 1;
		if (strcmp(names[i], "-") == 0)
			status = answer_lines(a);
		else
			answer(a, as_meant(a, names + i, n - i, &arena, &words));
	}
	arena_release(&arena);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "iamreplay mapping: standard output cannot be written: %s\n",
		        strerror(errno));
		status = EXIT_NOT_DONE;
	}
	return status;
}

static int answer_operands(const struct line *l, const struct command *self,
                           const struct command_line *line)
{
	struct asking a = {.mapping = mapping_builtin(), .json = l->json};
	struct mapping *own = NULL;
	struct err err;
	const char *dir = l->mappings ? l->mappings : getenv("IAMREPLAY_MAPPINGS");
	if (!line->n_operands)
		return options_usage(self, "a name is needed, or '-'");
	err_clear(&err);
	if (dir && *dir) {
		if (mapping_read(dir, &own, &err) != STATUS_OK) {
			print_err("mapping", &err);
			return EXIT_NOT_DONE;
		}
		a.mapping = own;
	}
	buf_init(&a.out, answer_ceiling);
	int status = answer_all(&a, line->operands, line->n_operands);
	if (status == EXIT_DONE && a.unknown)
		status = EXIT_PARTLY;
	buf_release(&a.out);
	mapping_free(own);
	return status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.json = false};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? answer_operands(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_mapping = {
        .name = "mapping",
        .usage = "[--json] [--mappings DIR] NAME...",
        .summary = "which IAM actions and resources an API call needs",
        .options = uses,
        .examples =
                "  iamreplay mapping s3.amazonaws.com:ListObjects\n"
                "  iamreplay mapping s3:GetObject\n"
                "  iamreplay mapping 's3api get-object' 'sqs.*Message'\n"
                "  iamreplay mapping --json 'CloudWatch Logs.FilterLogEvents' ec2.RunInstances\n",
        .run = run,
};
