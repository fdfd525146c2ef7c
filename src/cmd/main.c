/* main.c - commands: finds the command and runs it. */
#include "config.h"

#include "app/database.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/terminal.h"
#include "base/suggest.h"
#include "mapping/mapping.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct command *const commands[] = {
        &command_ingest,
        &command_fetch,
        &command_reduce,
        &command_principals,
        &command_query,
        &command_policy,
        &command_explain,
        &command_verify,
        &command_backtest,
        &command_diff,
        &command_report,
        &command_simulate,
        &command_merge,
        &command_prune,
        &command_capture,
        &command_record,
        &command_mapping,
        &command_ca,
        NULL,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* With the commands that are not in the table. */
static struct span command_name_at(const void *data, size_t i)
{
	static const char *const others[] = {"help", "version", "completion"};
	enum { TABLE = sizeof commands / sizeof commands[0] - 1 };
	if (i < TABLE)
		return span_of(commands[i]->name);
	return i - TABLE < sizeof others / sizeof others[0] ? span_of(others[i - TABLE])
	                                                    : SPAN_NONE;
}

static int no_command(const char *name)
{
	struct arena arena;
	arena_init(&arena);
	struct span near = suggest(&arena, span_of(name), "", command_name_at, NULL);
	fprintf(stderr, "iamreplay: no command '%s'%.*s Try 'iamreplay --help'.\n", name,
	        SPAN_ARG(near.n ? near : SPAN_LIT(".")));
	arena_release(&arena);
	return EXIT_USAGE;
}

/* "iamreplay --db x policy": the words are there, in another order. */
static int option_first(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (find_command(argv[i])) {
			fprintf(stderr,
			        "iamreplay: options stand behind the command: iamreplay %s %s%s\n",
			        argv[i], argv[1], i > 2 ? " ..." : "");
			return EXIT_USAGE;
		}
	return no_command(argv[1]);
}

/* Without any word: what to do next, here. */
static int no_words(void)
{
	const char *db = database_path(NULL);
	fprintf(stderr, "iamreplay: which command? Try 'iamreplay --help'.\n");
	if (access(db, F_OK) != 0)
		fprintf(stderr,
		        "There is no database here (%s). To make one:\n"
		        "  iamreplay ingest LOGS...        from CloudTrail's files\n"
		        "  iamreplay fetch s3://BUCKET     from the bucket of a trail\n"
		        "  iamreplay record --policy -- COMMAND   from the calls of a command\n",
		        db);
	else
		fprintf(stderr,
		        "There is a database here (%s). To look at it:\n"
		        "  iamreplay principals            who made calls\n"
		        "  iamreplay policy -p NAME        the policy of one of them\n"
		        "  iamreplay report -o report.html a page on all of them\n",
		        db);
	return EXIT_USAGE;
}

static int run_help(int argc, char **argv)
{
	const struct command *c = argc > 2 ? find_command(argv[2]) : NULL;
	if (argc > 2 && !c)
		return no_command(argv[2]);
	if (c)
		help_command(c);
	else
		help_program();
	return EXIT_DONE;
}

static int run_version(void)
{
	printf("iamreplay %s\nmapping %.*s\n", PACKAGE_VERSION,
	       SPAN_ARG(mapping_version(mapping_builtin())));
	return EXIT_DONE;
}

/* What was printed may still wait in stdout's buffer: a full disk or a closed pipe shows only now.
 */
static int finish_stdout(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "iamreplay: standard output: the result could not be written in full\n");
	return status == EXIT_DONE || status == EXIT_PARTLY ? EXIT_NOT_DONE : status;
}

/* A standard descriptor that was closed would be given to the next file that is opened, a database
 * for example, which were then read or written as if it were the standard one. What takes its place
 * can't be used that way: reading standard input and writing standard output fail. */
static void reserve_standard_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", modes[fd] | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	reserve_standard_descriptors();
	setlocale(LC_CTYPE, "");
	hash_start();
	store_start();
	if (argc < 2)
		return no_words();
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return finish_stdout(run_help(argc, argv));
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0)
		return finish_stdout(run_version());
	if (strcmp(argv[1], "completion") == 0)
		return finish_stdout(completion_run(argc - 1, argv + 1));
	const struct command *c = find_command(argv[1]);
	if (c && !c->operands_end_options && (argc = terminal_take_colour(argc, argv)) < 0)
		return EXIT_USAGE;
	if (!c)
		return argv[1][0] == '-' ? option_first(argc, argv) : no_command(argv[1]);
	return finish_stdout(c->run(c, argc - 1, argv + 1));
}
