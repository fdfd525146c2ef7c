/* verify-report.h - commands: what verify found, as text, JSON, JUnit XML and GitHub annotations.
 */
#ifndef CMD_VERIFY_REPORT_H
#define CMD_VERIFY_REPORT_H

#include "review/verify.h"

/* On stdout, whose errors show when it is flushed. The text tells what was found by action and
 * pattern of resources, with each also every resource; the JSON has each of them. */
void report_text(const struct replay *r, bool each);
void report_json(const struct replay *r);
/* One workflow command for each action and pattern of resources, to stderr, as GitHub's runners read them. */
void report_annotations(const struct replay *r);
/* STATUS_OK or STATUS_FILE with err. Written as a whole or not at all. */
enum status report_junit(const struct replay *r, const char *path, struct err *err);
/* On stdout: what survived. */
void report_mutants(const struct mutants *m, size_t n, bool json);

#endif
