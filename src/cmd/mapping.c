/* mapping.c - commands: which IAM actions and resources an API call needs, as the mapping knows it.
 */
#include "config.h"

#include "cli/command.h"
#include "cli/options.h"
#include "mapping/compile/compile.h"
#include "mapping/describe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPT_JSON, OPT_MAPPINGS };

static const struct option_spec options[] = {
        {"json", 0, ARG_NONE, NULL, NULL, "print one JSON object a name"},
        {"mappings", 0, ARG_DIR, "DIR", NULL, "read the mapping from DIR (or $IAMREPLAY_MAPPINGS)"},
        {NULL, 0, ARG_NONE, NULL, NULL, NULL},
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

static int run(const struct command *self, int argc, char **argv)
{
	struct asking a = {.mapping = mapping_builtin()};
	struct mapping *own = NULL;
	struct options o;
	struct err err;
	const char *value, *dir = getenv("IAMREPLAY_MAPPINGS");
	char line[2048];
	int option, status;
	options_init(&o, self, argc, argv);
	while ((option = options_next(&o, &value)) != OPTIONS_END) {
		if (option == OPTIONS_EXIT)
			return o.exit_status;
		if (option == OPT_JSON)
			a.json = true;
		else
			dir = value;
	}
	if (!o.operands)
		return options_usage(self, "a name is needed, or '-'");
	if (dir && *dir) {
		err_clear(&err);
		if (mapping_read(dir, &own, &err) != STATUS_OK) {
			fprintf(stderr, "iamreplay mapping: %s\n",
			        err_line(&err, line, sizeof line));
			return EXIT_NOT_DONE;
		}
		a.mapping = own;
	}
	buf_init(&a.out, answer_ceiling);
	status = answer_all(&a, argv + 1, o.operands);
	buf_release(&a.out);
	mapping_free(own);
	return status;
}

const struct command command_mapping = {
        .name = "mapping",
        .usage = "[--json] [--mappings DIR] NAME...",
        .summary = "which IAM actions and resources an API call needs",
        .options = options,
        .examples =
                "  iamreplay mapping s3.amazonaws.com:ListObjects\n"
                "  iamreplay mapping --json 'CloudWatch Logs.FilterLogEvents' ec2.RunInstances\n",
        .run = run,
};
