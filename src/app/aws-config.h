/* aws-config.h - app: turns client-side monitoring on in the AWS config file for as long as a
 * capture runs, and puts the file back, byte for byte, also on the next start after a crash. */
#ifndef APP_AWS_CONFIG_H
#define APP_AWS_CONFIG_H

#include "base/buf.h"
#include "base/err.h"

struct aws_config;

struct aws_config_options {
	const char *profile; /* NULL: "default" */
	const char *host;
	unsigned port;
};

/* Edits $AWS_CONFIG_FILE or ~/.aws/config (what a symbolic link points to, not the link). The
 * original lies beside it as NAME.iamreplay-original until aws_config_restore; one that lies there
 * already, from a run that was killed, is put back first and *recovered is set. STATUS_OK and *out;
 * STATUS_STOP: no home, not writable, too large, or another running capture has edited it. */
enum status aws_config_edit(const struct aws_config_options *options, struct aws_config **out,
                            bool *recovered, struct err *err);
/* The folder in which aws_config_restore makes and removes files; borrowed until then. */
const char *aws_config_folder(const struct aws_config *c);
/* Puts the original back and frees c (NULL is fine). What somebody else changed meanwhile stays:
 * then only the lines that were added are taken out, and *changed is set. */
enum status aws_config_restore(struct aws_config *c, bool *changed, struct err *err);

/* Pure: text with each key set to its value in section ("default", "profile NAME"), added where the
 * section or the key is missing; every other byte stays. False: out's ceiling was reached. */
struct ini_setting {
	const char *key, *value;
};
bool ini_with(struct span text, struct span section, const struct ini_setting *settings, size_t n,
              struct buf *out);
/* Pure: text without the lines that are exactly ini_with's "key = value" in that section. */
bool ini_without(struct span text, struct span section, const struct ini_setting *settings,
                 size_t n, struct buf *out);

#endif
