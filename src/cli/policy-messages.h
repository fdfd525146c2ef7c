/* policy-messages.h - cli: what is said on stderr of the principals that a policy is asked for, and
 * of what their policy leaves out. */
#ifndef CLI_POLICY_MESSAGES_H
#define CLI_POLICY_MESSAGES_H

#include "app/gather.h"

/* As policy_source_open, but says what is wrong: EXIT_DONE or another exit status. */
int open_source(const char *command, const struct policy_request *r, struct policy_source *out);
/* As subjects_find, but says what is wrong: EXIT_DONE or another exit status. */
int find_subjects(const char *command, const struct policy_request *r, struct policy_source *s,
                  enum subjects_how how, struct subjects *out);
/* What the policy leaves out and what was changed, each line with the subject's name. */
void say_left_out(const struct subject *who, const struct gathered *g, const struct policy *p);
/* What goes with what the policy grants and is in no log (app/unlogged.h). */
void say_unlogged(const struct subject *who, const struct mapping *m, const struct policy *p);

#endif
