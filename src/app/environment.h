/* environment.h - app: the environment of a command that "record" runs, made before the fork
 * so that nothing has to be allocated after it. */
#ifndef APP_ENVIRONMENT_H
#define APP_ENVIRONMENT_H

#include "base/err.h"

#include <stddef.h>

enum { ENVIRONMENT_FILES = 8 };

struct environment {
	char **entries; /* "NAME=value", ended by NULL: an envp */
	size_t n;
	/* Made for it, to be removed with it: a folder and the files in it. */
	char *folder;
	char *files[ENVIRONMENT_FILES];
	unsigned n_files;
};

/* A copy of this process's own. */
void environment_init(struct environment *e);
/* Frees it and removes what was made for it. */
void environment_release(struct environment *e);
/* Borrowed until the next change; NULL if it is not set. */
const char *environment_get(const struct environment *e, const char *name);
void environment_set(struct environment *e, const char *name, const char *value);
void environment_unset(struct environment *e, const char *name);
/* Adds item to a list separated by commas, behind what is there; not twice. */
void environment_add_item(struct environment *e, const char *name, const char *item);

/* For clients that find their monitoring port in the environment. */
void environment_for_csm(struct environment *e, const char *host, unsigned port);
/* For clients that find a proxy and its CA there: HTTPS_PROXY and HTTP_PROXY in both spellings,
 * NO_PROXY with the metadata addresses added, and for each variable that replaces a client's CA
 * bundle one file with the bundle that the user or the system has and ca_pem behind it; for Node a
 * module in NODE_OPTIONS that makes its agents heed the proxy. The files lie in a folder that only
 * this user can write to: beside ca_pem, in XDG_RUNTIME_DIR, or in the cache. STATUS_OK, or
 * STATUS_STOP: a file cannot be read or written, or there is no such folder. */
enum status environment_for_proxy(struct environment *e, const char *host, unsigned port,
                                  const char *ca_pem, struct err *err);

/* What is known of single clients: leaves out what command (a path or a name) can't have. After
 * environment_for_proxy. */
void environment_for_client(struct environment *e, const char *command);

#endif
