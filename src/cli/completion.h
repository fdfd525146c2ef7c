/* completion.h - cli: shell completions, made from the table of commands. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

/* argv[1] is "bash", "zsh" or "fish"; prints the completion of that shell on stdout. Returns an
 * exit status. "names" KIND [PREFIX [DB]] is what the completions themselves
 * ask: see complete-names.h. With "words" prints every command and option, one a line, for the test of the
 * manual. */
int completion_run(int argc, char **argv);

#endif
