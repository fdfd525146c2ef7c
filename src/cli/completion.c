/* completion.c - cli: see completion.h. Each shell gets the same facts from the command table:
 * the commands, each one's options, and what an option's argument is. */
#include "config.h"

#include "cli/completion.h"

#include "cli/command.h"
#include "cli/complete-names.h"

#include <stdio.h>
#include <string.h>

static bool has_choices(const struct option *o)
{
	return option_choice_at(o, 0).name != NULL;
}

static bool is_file(const struct option *o)
{
	return o->kind == OPTION_FILE || o->kind == OPTION_TAGGED;
}

static void print_choices(const struct option *o)
{
	struct option_choice c;
	for (size_t i = 0; (c = option_choice_at(o, i)).name; i++)
		printf("%s%s", i ? " " : "", c.name);
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

/* The command "completion", which is not in the table. */
static const char shells[] = "bash zsh fish";
static const char shells_summary[] = "print what makes a shell complete these commands";

/* What follows the options of record is another program's. */
static bool takes_colour(const struct command *c)
{
	return !c->operands_end_options;
}

/* ---- bash */

static void bash_option_values(const struct command *c)
{
	struct option_place p;
	for (size_t i = 0; option_at(c, i, &p); i++) {
		const struct option *s = p.option;
		if (s->kind == OPTION_FLAG)
			continue;
		printf("\t\t\t--%s", s->name);
		if (s->letter)
			printf("|-%c", s->letter);
		if (has_choices(s)) {
			printf(") COMPREPLY=($(compgen -W \"");
			print_choices(s);
			printf("\" -- \"$cur\")); return ;;\n");
		} else if (is_file(s) || s->kind == OPTION_DIR) {
			printf(") COMPREPLY=($(compgen -%c -- \"$cur\")); return ;;\n",
			       s->kind == OPTION_DIR ? 'd' : 'f');
		} else if (complete_option_names(s)) {
			printf(") _iamreplay_names %s; return ;;\n", complete_option_names(s));
		} else {
			printf(") return ;;\n");
		}
	}
}

/* bash splits words at the colons of ARNs and actions: they are put together again, and what stands
 * before the last colon is taken off what is offered. It splits "--format=json" in three. */
static const char bash_head[] =
        "# bash completion for iamreplay, made from its table of commands\n"
        "_iamreplay_names() { # KIND: what the database, the mapping and the reports hold\n"
        "\tlocal i db=\n"
        "\tfor ((i = 1; i + 1 < ${#words[@]}; i++)); do\n"
        "\t\t[ \"${words[i]}\" = --db ] && db=${words[i+1]}\n"
        "\tdone\n"
        "\tlocal IFS=$'\\n'\n"
        "\tCOMPREPLY=($(iamreplay completion names \"$1\" \"$cur\" ${db:+\"$db\"} 2>/dev/null))\n"
        "\tcompopt +o filenames\n"
        "\tcase $cur in\n"
        "\t*:*)\n"
        "\t\tlocal head=${cur%\"${cur##*:}\"}\n"
        "\t\tCOMPREPLY=(\"${COMPREPLY[@]#\"$head\"}\") ;;\n"
        "\tesac\n"
        "\tcase ${COMPREPLY[*]} in *:) compopt -o nospace ;; esac\n"
        "}\n"
        "_iamreplay() {\n"
        "\tlocal -a words=()\n"
        "\tlocal i word glue=\n"
        "\tfor ((i = 0; i <= COMP_CWORD; i++)); do\n"
        "\t\tword=${COMP_WORDS[i]}\n"
        "\t\tif [ \"${#words[@]}\" -gt 0 ] && { [ \"$glue\" ] || [ \"$word\" = : ]; }; then\n"
        "\t\t\twords[${#words[@]}-1]+=$word\n"
        "\t\telse\n"
        "\t\t\twords+=(\"$word\")\n"
        "\t\tfi\n"
        "\t\tglue=\n"
        "\t\tcase $word in *:) glue=1 ;; esac\n"
        "\tdone\n"
        "\tlocal n=${#words[@]}\n"
        "\tlocal cur=${words[n-1]} prev= equals=\n"
        "\t[ \"$n\" -gt 1 ] && prev=${words[n-2]}\n"
        "\tif [ \"$cur\" = = ]; then\n"
        "\t\tcur= equals=1\n"
        "\telif [ \"$prev\" = = ]; then\n"
        "\t\tprev=${words[n-3]} equals=1\n"
        "\tfi\n"
        "\tif [ \"$equals\" ] && [ \"$prev\" = --color ]; then\n"
        "\t\tCOMPREPLY=($(compgen -W \"auto always never\" -- \"$cur\"))\n"
        "\t\treturn\n"
        "\tfi\n"
        "\tCOMPREPLY=()\n"
        "\tif [ \"$n\" -eq 2 ]; then\n"
        "\t\tCOMPREPLY=($(compgen -W \"";

static void bash_verbs(const char *verbs)
{
	printf("\t\tif [ \"$n\" -eq 3 ]; then\n\t\t\tCOMPREPLY=($(compgen -W \"%s\" -- "
	       "\"$cur\"))\n\t\t\treturn\n\t\tfi\n",
	       verbs);
}

static void print_bash(void)
{
	fputs(bash_head, stdout);
	for (size_t i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	printf("help completion --help --version\" -- \"$cur\"))\n\t\treturn\n\tfi\n"
	       "\tcase ${words[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		const char *names = complete_operand_names(commands[i]);
		printf("\t%s)\n\t\tcase $prev in\n", commands[i]->name);
		bash_option_values(commands[i]);
		printf("\t\tesac\n\t\tif [ \"${cur#-}\" != \"$cur\" ]; then\n"
		       "\t\t\tCOMPREPLY=($(compgen -W \"--help");
		struct option_place p;
		for (size_t k = 0; option_at(commands[i], k, &p); k++)
			printf(" --%s", p.option->name);
		printf("%s\" -- \"$cur\"))\n\t\t\treturn\n\t\tfi\n",
		       takes_colour(commands[i]) ? " --color=auto --color=always --color=never "
		                                   "--no-color"
		                                 : "");
		if (commands[i]->verbs)
			bash_verbs(commands[i]->verbs);
		if (names)
			printf("\t\t_iamreplay_names %s\n\t\treturn\n", names);
		printf("\t\t;;\n");
	}
	printf("\thelp)\n\t\tCOMPREPLY=($(compgen -W \"");
	for (size_t i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	printf("\" -- \"$cur\"))\n\t\treturn ;;\n\tcompletion)\n");
	bash_verbs(shells);
	printf("\t\t;;\n\tesac\n"
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

static void zsh_option(const struct option *s)
{
	printf(" \\\n\t\t\t'*--%s%s[", s->name, s->kind == OPTION_FLAG ? "" : "=");
	zsh_help(s->help);
	printf("]");
	if (s->kind != OPTION_FLAG) {
		printf(":%s:", s->value);
		if (has_choices(s)) {
			printf("(");
			print_choices(s);
			printf(")");
		} else if (is_file(s)) {
			printf("_files");
		} else if (s->kind == OPTION_DIR) {
			printf("_files -/");
		} else if (complete_option_names(s)) {
			printf("{_iamreplay_names %s}", complete_option_names(s));
		}
	}
	printf("'");
}

static void print_zsh(void)
{
	printf("#compdef iamreplay\n# zsh completion for iamreplay, made from its table of "
	       "commands\n"
	       "_iamreplay_names() {\n\tlocal -a names db\n"
	       "\t(( ${words[(I)--db]} )) && db=(\"${words[${words[(I)--db]}+1]}\")\n"
	       "\tnames=(${(f)\"$(iamreplay completion names $1 \"$PREFIX\" $db 2>/dev/null)\"})\n"
	       "\tcompadd -a names\n}\n"
	       "_iamreplay() {\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t\t'%s:", commands[i]->name);
		zsh_help(commands[i]->summary);
		printf("'\n");
	}
	printf("\t\t'completion:%s'\n", shells_summary);
	printf("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command "
	       "commands\n\t\treturn\n\tfi\n"
	       "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s)\n\t\t_arguments '--help[show help]'", commands[i]->name);
		struct option_place p;
		for (size_t k = 0; option_at(commands[i], k, &p); k++)
			zsh_option(p.option);
		if (takes_colour(commands[i]))
			printf(" \\\n\t\t\t'--color=-[colours]::when:(auto always never)' "
			       "'--no-color[no colours]'");
		if (commands[i]->verbs)
			printf(" \\\n\t\t\t'1:what:(%s)'", commands[i]->verbs);
		if (complete_operand_names(commands[i]))
			printf(" \\\n\t\t\t'*:name:{_iamreplay_names %s}' ;;\n",
			       complete_operand_names(commands[i]));
		else
			printf(" \\\n\t\t\t'*:file:_files' ;;\n");
	}
	printf("\tcompletion)\n\t\t_arguments '1:shell:(%s)' ;;\n\thelp)\n\t\t_describe command "
	       "commands ;;\n",
	       shells);
	printf("\tesac\n}\n_iamreplay \"$@\"\n");
}

/* ---- fish */

static void fish_option(const char *command, const struct option *s)
{
	printf("complete -c iamreplay -n '__fish_seen_subcommand_from %s' -l %s", command, s->name);
	if (s->letter)
		printf(" -s %c", s->letter);
	if (is_file(s) || s->kind == OPTION_DIR)
		printf(" -r -F");
	else if (has_choices(s)) {
		printf(" -x -a '");
		print_choices(s);
		printf("'");
	} else if (complete_option_names(s)) {
		printf(" -x -a '(iamreplay completion names %s (commandline -ct))'",
		       complete_option_names(s));
	} else if (s->kind != OPTION_FLAG) {
		printf(" -x");
	}
	printf(" -d '");
	print_quoted(s->help);
	printf("'\n");
}

/* Until one of them is there. */
static void fish_verbs(const char *command, const char *verbs)
{
	printf("complete -c iamreplay -f -n '__fish_seen_subcommand_from %s; and not "
	       "__fish_seen_subcommand_from %s' -a '%s'\n",
	       command, verbs, verbs);
}

static void print_fish(void)
{
	printf("# fish completion for iamreplay, made from its table of commands\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("complete -c iamreplay -f -n __fish_use_subcommand -a %s -d '",
		       commands[i]->name);
		print_quoted(commands[i]->summary);
		printf("'\n");
		if (takes_colour(commands[i]))
			printf("complete -c iamreplay -n '__fish_seen_subcommand_from %s' -l color "
			       "-f -a 'auto always never' -d colours\n",
			       commands[i]->name);
		if (commands[i]->verbs)
			fish_verbs(commands[i]->name, commands[i]->verbs);
	}
	printf("complete -c iamreplay -f -n __fish_use_subcommand -a completion -d '%s'\n",
	       shells_summary);
	fish_verbs("completion", shells);
	struct option_place p;
	for (size_t i = 0; commands[i]; i++) {
		const char *names = complete_operand_names(commands[i]);
		if (names)
			printf("complete -c iamreplay -f -n '__fish_seen_subcommand_from %s' -a "
			       "'(iamreplay completion names %s (commandline -ct))'\n",
			       commands[i]->name, names);
		for (size_t k = 0; option_at(commands[i], k, &p); k++)
			fish_option(commands[i]->name, p.option);
	}
}

static void print_table(void)
{
	for (size_t i = 0; commands[i]; i++) {
		printf("%s\n", commands[i]->name);
		struct option_place p;
		for (size_t k = 0; option_at(commands[i], k, &p); k++)
			printf("%s --%s\n", commands[i]->name, p.option->name);
	}
}

int completion_run(int argc, char **argv)
{
	const char *shell = argc == 2 ? argv[1] : "";
	if (argc >= 3 && argc <= 5 && strcmp(argv[1], "names") == 0)
		return complete_names(argv[2], argc > 3 ? argv[3] : "", argc > 4 ? argv[4] : NULL);
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
