/* options.h - cli: a command's options. One row of a const table says all there is to say of one
 * option; parsing, --help, completion and the test of the manual read it.
 *
 *     struct line { struct database_request database; bool json; };
 *     static const struct option rows[] = {
 *             {.name = "json", .kind = OPTION_FLAG, .field = offsetof(struct line, json),
 *              .help = "print JSON"},
 *             {0}};
 *     static const struct option_group output = {.heading = "Output", .options = rows};
 *     static const struct option_use uses[] = {
 *             {&options_database, offsetof(struct line, database)}, {&output, 0}, {0}};
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text-list.h"

#include <stddef.h>

/* What an option takes, and the type of the field that it sets. Texts are borrowed from argv. */
enum option_kind {
	OPTION_FLAG,     /* bool: no value; becomes true */
	OPTION_TEXT,     /* const char * */
	OPTION_FILE,     /* const char *, never empty: a file */
	OPTION_DIR,      /* const char *: a folder */
	OPTION_NUMBER,   /* unsigned: from min to max */
	OPTION_SINCE,    /* int64_t, seconds since 1970 UTC: the first that TIME names */
	OPTION_UNTIL,    /* int64_t: the last */
	OPTION_DURATION, /* int64_t, seconds: 90d, 12h */
	OPTION_CHOICE,   /* int or an enum: the value of one of the choices */
	OPTION_CHOICES,  /* unsigned: bit 1u << value of each of several, "a,b" */
	OPTION_LIST,     /* struct text_list: one more each time that it is given */
	OPTION_TAGGED,   /* struct tagged_list: the same, with the row's tag; of FILEs */
	OPTION_OTHER,    /* what read takes */
};

struct option_choice {
	const char *name; /* NULL ends a list */
	int value;
};

struct option {
	const char *name; /* long name without dashes; NULL ends a table */
	char letter;      /* short name, or 0 */
	enum option_kind kind;
	size_t field;      /* of the struct that the group is about */
	size_t given;      /* a bool there that becomes true; 0: none asks */
	const char *value; /* as --help shows it: "FILE"; NULL with OPTION_FLAG */
	const char *help;  /* without a full stop at its end */
	/* OPTION_CHOICE, OPTION_CHOICES: a list, or a function for names that another table has
	 * (the last one's name is NULL). */
	const struct option_choice *choices;
	struct option_choice (*choice_at)(size_t i);
	unsigned min, max; /* OPTION_NUMBER; max 0: 1,000,000 */
	int tag;           /* OPTION_TAGGED */
	/* Checks a text, or takes it with OPTION_OTHER; false: it is not what the option takes. */
	bool (*check)(const char *value);
	bool (*read)(void *field, const char *value);
	const char *takes; /* for the message then: "12 digits" */
	unsigned modes;    /* bits of the command's modes that it means something to; 0: all */
	bool once;         /* a second one is refused: it would silently replace the first */
};

struct option_group {
	const char *heading;
	const struct option *options;
	size_t at; /* where in the use's struct the struct is that the rows are about */
	const struct option_group *next; /* of the same use; NULL: none */
};

/* A group, and those that follow it, in a command: base is where in the command's struct theirs is.
 * Groups with one heading are shown as one. */
struct option_use {
	const struct option_group *group; /* NULL ends a list */
	size_t base;
};

struct command;

/* The i-th option of a command, in the order of its table. */
struct option_place {
	const struct option *option;
	const char *heading;
	size_t base;
};
/* False past the last. */
bool option_at(const struct command *c, size_t i, struct option_place *out);
/* Sets the option's fields as if it had been given with the value, a yes or no of a flag, in a
 * file. What it takes lives in arena. False and *why: it takes no such value. */
bool option_set(const struct option_place *place, void *fields, const char *value,
                struct arena *arena, struct span *why);
/* The i-th choice, name NULL past the last. */
struct option_choice option_choice_at(const struct option *o, size_t i);

/* A command line that was read. */
struct command_line {
	char **operands; /* n_operands words that are no options, of argv */
	int n_operands;
	const struct option **given; /* n_given of them, in the order of the command line */
	size_t n_given;
	struct arena arena; /* the lists of repeated options */
	int exit_status;    /* when options_read returned false */
};

/* Reads argv (argv[0] is the command's name), which is reordered in place, into fields, which
 * has the command's defaults. Long names may be cut as long as they are unambiguous; "--name=value"
 * and "--name value" are both taken. False: end with line->exit_status; --help was printed, or what
 * is wrong was. options_release is to be called either way. */
bool options_read(const struct command *self, int argc, char **argv, void *fields,
                  struct command_line *line) MUST_CHECK;
/* What lists of fields hold is gone then. */
void options_release(struct command_line *line);

/* The first option that was given and means nothing to these modes; NULL: none. */
const struct option *options_outside(const struct command_line *line, unsigned modes);

/* Prints "iamreplay COMMAND: text" and where help is to stderr; returns EXIT_USAGE. */
int options_usage(const struct command *self, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
