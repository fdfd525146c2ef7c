/* completion.c - cli: see completion.h. Each shell gets the same facts from the command table:
 * the commands, each one's options, and what an option's argument is. */
#include "config.h"

#include "cli/completion.h"

#include "cli/command.h"
#include "base/span.h"

#include <stdio.h>
#include <string.h>

static void print_words(const char *choices, const char *between)
{
	struct span rest = span_of(choices);
	const char *sep = "";
	while (rest.p) {
		struct span word = span_cut(&rest, '|');
		printf("%s%.*s", sep, SPAN_ARG(word));
		sep = between;
	}
}

/* In single quotes of a shell; help texts hold no control characters. */
static void print_quoted(const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	}
}

/* ---- bash */

static void bash_option_values(const struct command *c)
{
	for (const struct option_spec *s = c->options; s && s->name; s++) {
		if (s->arg == ARG_CHOICE) {
			printf("\t\t\t--%s) COMPREPLY=($(compgen -W \"", s->name);
			print_words(s->choices, " ");
			printf("\" -- \"$cur\")); return ;;\n");
		} else if (s->arg == ARG_FILE || s->arg == ARG_DIR) {
			printf("\t\t\t--%s", s->name);
			if (s->letter)
				printf("|-%c", s->letter);
			printf(") COMPREPLY=($(compgen -%c -- \"$cur\")); return ;;\n",
			       s->arg == ARG_DIR ? 'd' : 'f');
		} else if (s->arg != ARG_NONE) {
			printf("\t\t\t--%s) return ;;\n", s->name);
		}
	}
}

static void print_bash(void)
{
	printf("# bash completion for iamreplay, made from its table of commands\n"
	       "_iamreplay() {\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tCOMPREPLY=()\n"
	       "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"");
	for (size_t i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	printf("help --help --version\" -- \"$cur\"))\n\t\treturn\n\tfi\n"
	       "\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s)\n\t\tcase $prev in\n", commands[i]->name);
		bash_option_values(commands[i]);
		printf("\t\tesac\n\t\tif [ \"${cur#-}\" != \"$cur\" ]; then\n"
		       "\t\t\tCOMPREPLY=($(compgen -W \"--help");
		for (const struct option_spec *s = commands[i]->options; s && s->name; s++)
			printf(" --%s", s->name);
		printf("\" -- \"$cur\"))\n\t\t\treturn\n\t\tfi ;;\n");
	}
	printf("\thelp)\n\t\tCOMPREPLY=($(compgen -W \"");
	for (size_t i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	printf("\" -- \"$cur\"))\n\t\treturn ;;\n\tesac\n"
	       "\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
	       "complete -o filenames -F _iamreplay iamreplay\n");
}

/* ---- zsh */

/* Help text inside '[...]' of an _arguments specification. */
static void zsh_help(const char *s)
{
	for (; *s; s++) {
		if (*s == '[' || *s == ']' || *s == ':')
			putchar('\\');
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	}
}

static void zsh_option(const struct option_spec *s)
{
	printf(" \\\n\t\t\t'*--%s%s[", s->name, s->arg == ARG_NONE ? "" : "=");
	zsh_help(s->help);
	printf("]");
	if (s->arg != ARG_NONE) {
		printf(":%s:", s->arg_name);
		if (s->arg == ARG_CHOICE) {
			printf("(");
			print_words(s->choices, " ");
			printf(")");
		} else if (s->arg == ARG_FILE) {
			printf("_files");
		} else if (s->arg == ARG_DIR) {
			printf("_files -/");
		}
	}
	printf("'");
}

static void print_zsh(void)
{
	printf("#compdef iamreplay\n# zsh completion for iamreplay, made from its table of "
	       "commands\n"
	       "_iamreplay() {\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t\t'%s:", commands[i]->name);
		zsh_help(commands[i]->summary);
		printf("'\n");
	}
	printf("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command "
	       "commands\n\t\treturn\n\tfi\n"
	       "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s)\n\t\t_arguments '--help[show help]'", commands[i]->name);
		for (const struct option_spec *s = commands[i]->options; s && s->name; s++)
			zsh_option(s);
		printf(" \\\n\t\t\t'*:file:_files' ;;\n");
	}
	printf("\tesac\n}\n_iamreplay \"$@\"\n");
}

/* ---- fish */

static void fish_option(const char *command, const struct option_spec *s)
{
	printf("complete -c iamreplay -n '__fish_seen_subcommand_from %s' -l %s", command, s->name);
	if (s->letter)
		printf(" -s %c", s->letter);
	if (s->arg == ARG_FILE || s->arg == ARG_DIR)
		printf(" -r -F");
	else if (s->arg == ARG_CHOICE) {
		printf(" -x -a '");
		print_words(s->choices, " ");
		printf("'");
	} else if (s->arg != ARG_NONE) {
		printf(" -x");
	}
	printf(" -d '");
	print_quoted(s->help);
	printf("'\n");
}

static void print_fish(void)
{
	printf("# fish completion for iamreplay, made from its table of commands\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("complete -c iamreplay -f -n __fish_use_subcommand -a %s -d '",
		       commands[i]->name);
		print_quoted(commands[i]->summary);
		printf("'\n");
	}
	for (size_t i = 0; commands[i]; i++)
		for (const struct option_spec *s = commands[i]->options; s && s->name; s++)
			fish_option(commands[i]->name, s);
}

static void print_table(void)
{
	for (size_t i = 0; commands[i]; i++) {
		printf("%s\n", commands[i]->name);
		for (const struct option_spec *s = commands[i]->options; s && s->name; s++)
			printf("%s --%s\n", commands[i]->name, s->name);
	}
}

int completion_run(int argc, char **argv)
{
	const char *shell = argc == 2 ? argv[1] : "";
	if (strcmp(shell, "bash") == 0) {
		print_bash();
	} else if (strcmp(shell, "zsh") == 0) {
		print_zsh();
	} else if (strcmp(shell, "fish") == 0) {
		print_fish();
	} else if (strcmp(shell, "words") == 0) {
		print_table();
	} else {
		fprintf(stderr, "usage: iamreplay completion bash|zsh|fish\n");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}
