/* main.c - commands: finds the command and runs it. */
#include "config.h"

#include "cmd/cmd.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {NULL};

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		fprintf(stderr, "usage: iamreplay COMMAND [OPTION]...\n");
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("iamreplay %s\n", PACKAGE_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, argv[1]) == 0)
			return commands[i]->run(commands[i], argc - 1, argv + 1);
	fprintf(stderr, "iamreplay: no command '%s'\n", argv[1]);
	return EXIT_USAGE;
}
