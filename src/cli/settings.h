/* settings.h - cli: a file that says how the policies of single principals are made
 * (iamreplay-settings(5)), so that they are the same next month:
 *
 *     [role/ci-*]
 *     fold = s3:bucket arn:aws:s3:::builds-*
 *     exclude-action = iam:*
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "app/policy-request.h"
#include "cli/options.h"

/* Reads r->settings_file into r->settings. line is the command line that r was read from: what was
 * given there stands, whatever the file says; what is read lives until options_release. False after
 * saying what is wrong. */
bool settings_read(const struct command *self, struct command_line *line,
                   struct policy_request *r) MUST_CHECK;
/* Says on stderr which sections of the file none of the principals has followed so far. */
void settings_say_unused(const struct request_settings *s);

#endif
