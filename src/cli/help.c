/* help.c - cli: see help.h. */
#include "config.h"

#include "cli/help.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 80, LEAST_WIDTH = 40, MOST_WIDTH = 200, HELP_COLUMN = 30 };

static unsigned terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	uint64_t n = 0;
	if (!isatty(STDOUT_FILENO))
		return WIDTH;
	if (!columns || !span_to_u64(span_of(columns), &n))
		n = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
	if (n == 0)
		return WIDTH;
	return n < LEAST_WIDTH ? LEAST_WIDTH : n > MOST_WIDTH ? MOST_WIDTH : (unsigned)n;
}

/* Words from column at on; further lines begin at column indent. Ends the line. */
static void put_words(const char *text, unsigned at, unsigned indent, unsigned width)
{
	struct span rest = span_of(text);
	bool first = true;
	while (rest.p) {
		struct span word = span_cut(&rest, ' ');
		if (!first && at + 1 + word.n > width) {
			printf("\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		printf("%s%.*s", first ? "" : " ", SPAN_ARG(word));
		at += (unsigned)word.n + !first;
		first = false;
	}
	printf("\n");
}

static void put_choices(const struct option *o, unsigned width)
{
	struct buf b;
	struct option_choice c;
	buf_init(&b, 4096);
	buf_add_str(&b, o->kind == OPTION_CHOICE ? "one of" : "any of");
	for (size_t i = 0; (c = option_choice_at(o, i)).name; i++)
		buf_addf(&b, "%s %s", i ? "," : "", c.name);
	printf("%*s", HELP_COLUMN, "");
	put_words(buf_str(&b), HELP_COLUMN, HELP_COLUMN, width);
	buf_release(&b);
}

static void put_option(const struct option *o, unsigned width)
{
	char letter[8] = "    ";
	if (o->letter)
		snprintf(letter, sizeof letter, "-%c, ", o->letter);
	int n = printf("  %s--%s%s%s", letter, o->name, o->value ? " " : "",
	               o->value ? o->value : "");
	if (n > HELP_COLUMN - 2)
		printf("\n%*s", HELP_COLUMN, "");
	else
		printf("%*s", HELP_COLUMN - n, "");
	put_words(o->help, HELP_COLUMN, HELP_COLUMN, width);
	if (option_choice_at(o, 0).name)
		put_choices(o, width);
}

static bool headed_before(const struct command *c, size_t n, const char *heading)
{
	struct option_place p;
	for (size_t i = 0; i < n && option_at(c, i, &p); i++)
		if (strcmp(p.heading, heading) == 0)
			return true;
	return false;
}

static void put_options(const struct command *c, unsigned width)
{
	struct option_place p, q;
	for (size_t i = 0; option_at(c, i, &p); i++) {
		if (headed_before(c, i, p.heading))
			continue;
		printf("\n%s:\n", p.heading);
		for (size_t k = i; option_at(c, k, &q); k++)
			if (strcmp(p.heading, q.heading) == 0)
				put_option(q.option, width);
	}
}

void help_command(const struct command *c)
{
	unsigned width = terminal_width();
	int n = printf("usage: iamreplay %s ", c->name);
	put_words(c->usage, (unsigned)n, (unsigned)n, width);
	printf("\n");
	put_words(c->summary, 0, 0, width);
	put_options(c, width);
	if (c->examples)
		printf("\nExamples:\n%s", c->examples);
}

void help_program(void)
{
	printf("usage: iamreplay COMMAND [OPTION]...\n\n"
	       "Least-privilege IAM policies from recorded AWS calls.\n\nCommands:\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-12s%s\n", commands[i]->name, commands[i]->summary);
	printf("\n'iamreplay COMMAND --help' tells the options of one command, and\n"
	       "'man iamreplay-COMMAND' all about it.\n\n"
	       "Start with:\n"
	       "  iamreplay ingest cloudtrail/*.json.gz\n"
	       "  iamreplay principals\n"
	       "  iamreplay policy --principal role/NAME\n");
}
