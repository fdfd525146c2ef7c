/* policy-messages.h - cli: what is said on stderr of the principals that a policy is asked for, and
 * of what their policy leaves out. */
#ifndef CLI_POLICY_MESSAGES_H
#define CLI_POLICY_MESSAGES_H

#include "app/gather.h"
#include "app/policy-folder.h"
#include "cli/command.h"

/* As policy_source_open, but says what is wrong: EXIT_DONE or another exit status. */
int open_source(const char *command, const struct policy_request *r, struct policy_source *out);
/* As subjects_find, but says what is wrong: EXIT_DONE or another exit status. */
int find_subjects(const char *command, const struct policy_request *r, struct policy_source *s,
                  enum subjects_how how, struct subjects *out);
/* As policy_folder_read, but says what is wrong, also that there is no index: EXIT_DONE or
 * EXIT_NOT_DONE. */
int read_folder(const char *command, struct policy_folder *f, const char *path);
/* Of operands that name policies: one folder, or files. EXIT_DONE, or EXIT_USAGE, said. */
int check_policies(const struct command *self, const struct command_line *line);
/* Refuses what names a Principal among a principal's own policies: a resource's policy judged so
 * would deny nearly everything. EXIT_DONE, or EXIT_NOT_DONE, said. */
int refuse_resource_policies(const char *command, const struct policy_files *given);
/* Names the files of entries, n of them, that nobody needs any more, why (behind the principal's
 * name), and what removes them; nothing where there is none. */
void say_stale(const char *folder, const struct folder_entry *const *entries, size_t n,
               const char *why);
/* The same of the entries that are of nobody among the subjects. */
void say_stale_of(const struct policy_folder *f, const struct subjects *subjects);
/* That nothing is granted to who and, where the request looks at a part of the log only, what there
 * is of it outside. */
void say_nothing(const struct subject *who, const struct policy_request *r,
                 struct policy_source *s);
/* Which options left out calls, where there are such; nothing else. */
void say_filters(const struct policy_request *r);
/* What the policy leaves out and what was changed, each line with the subject's name. */
void say_left_out(const struct subject *who, const struct gathered *g, const struct policy *p);
/* The same summed over many subjects, for one line. All zero bytes is nothing yet. */
struct left_out_sum {
	struct {
		uint64_t events;
		size_t subjects;
	} failed, unproven, denied, refused, unknown, unlogged, folded, elsewhere, noted;
};
void left_out_add(struct left_out_sum *sum, struct policy_source *s, const struct subject *who,
                  const struct gathered *g, const struct policy *p);
void say_left_out_sum(const struct left_out_sum *sum);
/* What lies in other accounts, which must allow it as well (app/consent.h). */
void say_consents(const struct subject *who, const struct gathered *g);
/* That nothing it used needs another account's resource policy, and what needs a trust policy. */
void say_no_consent(const struct subject *who, const struct gathered *g);
/* What goes with what the policy grants and is in no log (app/unlogged.h). */
void say_unlogged(const struct subject *who, struct policy_source *s, const struct policy *p);

#endif
