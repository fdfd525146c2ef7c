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
	struct buf out;
};

static void answer(struct asking *a, struct span name)
{
	buf_reset(&a->out);
	if (a->json) {
		describe_json(a->mapping, name, &a->out);
		buf_add_char(&a->out, '\n');
	} else {
		describe_text(a->mapping, name, &a->out);
	}
	fwrite(a->out.p, 1, a->out.n, stdout);
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
	for (int i = 0; i < n && status == EXIT_DONE; i++) {
		if (strcmp(names[i], "-") == 0)
			status = answer_lines(a);
		else
			answer(a, span_of(names[i]));
	}
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
                "  iamreplay mapping --json 'CloudWatch Logs.FilterLogEvents' ec2.RunInstances\n",
        .run = run,
};
