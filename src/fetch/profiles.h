/* profiles.h - fetch: what the AWS configuration says: the shared config and credentials files, by
 * profile, as botocore reads them.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
#ifndef FETCH_PROFILES_H
#define FETCH_PROFILES_H

#include "base/err.h"

struct profiles;

enum profiles_file {
	PROFILES_EITHER,     /* the credentials file's word, else the config file's */
	PROFILES_CONFIG,     /* $AWS_CONFIG_FILE, else ~/.aws/config */
	PROFILES_CREDENTIALS /* $AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials */
};

/* Reads both files; one that is not there is empty. STATUS_OK, or STATUS_STOP: one can't be read or
 * is too large. */
enum status profiles_read(struct profiles **out, struct err *err);
void profiles_free(struct profiles *p);

/* Pure: adds what text, the content of a file, says. */
void profiles_add(struct profiles *p, enum profiles_file file, struct span text);
struct profiles *profiles_new(void);

bool profiles_has(const struct profiles *p, const char *profile);
/* The value of a setting, NUL-terminated, borrowed until profiles_free; NULL if it is not set.
 * profile "services NAME" and "sso-session NAME" are the sections of that name. A setting inside
 * an indented block is "block.key". */
const char *profiles_get(const struct profiles *p, enum profiles_file file, const char *profile,
                         const char *key);

#endif
