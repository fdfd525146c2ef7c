/* options.c - cli: see options.h. getopt_long cannot take its table from ours without a copy
 * and prints its own wording, so the few rules are written out here. */
#include "config.h"

#include "cli/options.h"

#include "base/span.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void options_init(struct options *o, const struct command *self, int argc, char **argv)
{
	*o = (struct options){.self = self, .argc = argc, .argv = argv, .at = 1};
}

int options_usage(const struct command *self, const char *format, ...)
{
	va_list args;
	fprintf(stderr, "iamreplay %s: ", self->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'iamreplay %s --help'.\n", self->name);
	return EXIT_USAGE;
}

static int option_left(const struct option_spec *s, char *out, size_t size)
{
	char letter[8] = "    ";
	if (s->letter)
		snprintf(letter, sizeof letter, "-%c, ", s->letter);
	return snprintf(out, size, "  %s--%s%s%s", letter, s->name, s->arg == ARG_NONE ? "" : " ",
	                s->arg == ARG_NONE ? "" : s->arg_name);
}

void options_help(const struct command *self)
{
	printf("usage: iamreplay %s %s\n\n%s\n", self->name, self->usage, self->summary);
	if (self->options)
		printf("\n");
	for (const struct option_spec *s = self->options; s && s->name; s++) {
		char left[80];
		int n = option_left(s, left, sizeof left);
		if (n > 30)
			printf("%s\n%32s%s\n", left, "", s->help);
		else
			printf("%-32s%s\n", left, s->help);
		if (s->arg == ARG_CHOICE)
			printf("%32sone of %s\n", "", s->choices);
	}
	if (self->examples)
		printf("\nExamples:\n%s", self->examples);
}

static int leave(struct options *o, int exit_status)
{
	o->exit_status = exit_status;
	return OPTIONS_EXIT;
}

static bool is_choice(const char *choices, const char *value)
{
	struct span rest = span_of(choices);
	while (rest.p)
		if (span_is(span_cut(&rest, '|'), value))
			return true;
	return false;
}

/* The index of the long option called name (n characters), -1 if none, -2 if several. */
static int find_long(const struct command *self, const char *name, size_t n)
{
	int found = -1;
	for (int i = 0; self->options && self->options[i].name; i++) {
		const char *full = self->options[i].name;
		if (strncmp(full, name, n) != 0)
			continue;
		if (full[n] == '\0')
			return i;
		found = found == -1 ? i : -2;
	}
	return found;
}

static int give(struct options *o, int index, const char *value)
{
	const struct option_spec *s = &o->self->options[index];
	if (s->arg == ARG_CHOICE && !is_choice(s->choices, value))
		return leave(o, options_usage(o->self, "--%s takes one of %s, not '%s'", s->name,
		                              s->choices, value));
	if (s->arg == ARG_FILE && *value == '\0')
		return leave(o, options_usage(o->self, "--%s needs %s, and its value is empty",
		                              s->name, s->arg_name));
	return index;
}

static int take_long(struct options *o, const char *word, const char **value)
{
	size_t n = strcspn(word, "=");
	if (n == 4 && strncmp(word, "help", 4) == 0) {
		options_help(o->self);
		return leave(o, EXIT_DONE);
	}
	int index = n ? find_long(o->self, word, n) : -1;
	if (index == -2)
		return leave(
		        o, options_usage(o->self, "--%.*s could be several options", (int)n, word));
	if (index < 0)
		return leave(o, options_usage(o->self, "no option --%.*s", (int)n, word));
	const struct option_spec *s = &o->self->options[index];
	*value = NULL;
	if (s->arg == ARG_NONE) {
		if (word[n] == '=')
			return leave(o, options_usage(o->self, "--%s takes no value", s->name));
		return index;
	}
	if (word[n] == '=')
		*value = word + n + 1;
	else if (o->at < o->argc)
		*value = o->argv[o->at++];
	else
		return leave(o, options_usage(o->self, "--%s needs %s", s->name, s->arg_name));
	return give(o, index, *value);
}

static int take_short(struct options *o, const char **value)
{
	char letter = *o->letters++;
	int index = -1;
	for (int i = 0; o->self->options && o->self->options[i].name; i++)
		if (o->self->options[i].letter == letter)
			index = i;
	if (index < 0 && letter == 'h') {
		options_help(o->self);
		return leave(o, EXIT_DONE);
	}
	if (index < 0)
		return leave(o, options_usage(o->self, "no option -%c", letter));
	const struct option_spec *s = &o->self->options[index];
	*value = NULL;
	if (s->arg == ARG_NONE)
		return index;
	if (*o->letters)
		*value = o->letters;
	else if (o->at < o->argc)
		*value = o->argv[o->at++];
	else
		return leave(o, options_usage(o->self, "-%c needs %s", letter, s->arg_name));
	o->letters = NULL;
	return give(o, index, *value);
}

int options_next(struct options *o, const char **value)
{
	if (o->letters && *o->letters)
		return take_short(o, value);
	while (o->at < o->argc) {
		char *word = o->argv[o->at++];
		if (o->only_operands || word[0] != '-' || word[1] == '\0') {
			o->argv[++o->operands] = word;
			o->only_operands = o->only_operands || o->stop_at_operand;
		} else if (strcmp(word, "--") == 0) {
			o->only_operands = true;
		} else if (word[1] == '-') {
			return take_long(o, word + 2, value);
		} else {
			o->letters = word + 1;
			return take_short(o, value);
		}
	}
	return OPTIONS_END;
}

bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t v;
	if (!span_to_u64(span_of(text), &v) || v < min || v > max)
		return false;
	*value = v;
	return true;
}
