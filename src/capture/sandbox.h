/* sandbox.h - capture: what the process gives up once its sockets and files are open and before it
 * reads what strangers send or wrote: new privileges, the file system but for what it names, and,
 * as far as the kernel's Landlock knows these: truncating and device control, binding TCP ports and
 * making TCP connections, signals to other processes, abstract sockets of others. */
#ifndef CAPTURE_SANDBOX_H
#define CAPTURE_SANDBOX_H

#include "base/attributes.h"
#include "base/err.h"

#include <stddef.h>

struct sandbox {
	const char *const *readable; /* files and folders (all below them); those that are not there
	                                or in no file system (pipes) are passed over */
	size_t n_readable;
	const char *const *writable; /* folders in which files may be made, changed and removed */
	size_t n_writable;
	bool connects; /* goes on to make TCP connections; else it makes none */
};

/* The version of Landlock that the running kernel has; -1 with errno if it has none. */
int sandbox_version(void);

/* For the whole process and what it starts later; to be called while there is one thread, never in
 * a process that is to start a COMMAND. Where the kernel has no Landlock only new privileges are
 * given up. STATUS_OK, or STATUS_STOP: the kernel has it and refused. */
enum status sandbox_enter(const struct sandbox *s, struct err *err) MUST_CHECK;

/* A crash writes no memory to the disk: what passes through is in it. sandbox_enter does this, too;
 * what is started later inherits it. */
void sandbox_no_core(void);

#endif
