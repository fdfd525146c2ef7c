/* policy-messages.h - cli: what is said on stderr of the principals that a policy is asked for, and
 * of what their policy leaves out. */
#ifndef CLI_POLICY_MESSAGES_H
#define CLI_POLICY_MESSAGES_H

#include "app/gather.h"
#include "app/policy-folder.h"

/* As policy_source_open, but says what is wrong: EXIT_DONE or another exit status. */
int open_source(const char *command, const struct policy_request *r, struct policy_source *out);
/* As subjects_find, but says what is wrong: EXIT_DONE or another exit status. */
int find_subjects(const char *command, const struct policy_request *r, struct policy_source *s,
                  enum subjects_how how, struct subjects *out);
/* As policy_folder_read, but says what is wrong, also that there is no index: EXIT_DONE or
 * EXIT_NOT_DONE. */
int read_folder(const char *command, struct policy_folder *f, const char *path);
/* Which policies of the folder are of nobody among the subjects. */
void say_stale(const struct policy_folder *f, const struct subjects *subjects);
/* What the policy leaves out and what was changed, each line with the subject's name. */
void say_left_out(const struct subject *who, const struct gathered *g, const struct policy *p);
/* What goes with what the policy grants and is in no log (app/unlogged.h). */
void say_unlogged(const struct subject *who, const struct mapping *m, const struct policy *p);

#endif
