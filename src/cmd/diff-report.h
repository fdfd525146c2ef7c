/* diff-report.h - commands: the difference between granted and used, for people and as JSON. */
#ifndef CMD_DIFF_REPORT_H
#define CMD_DIFF_REPORT_H

#include "review/diff.h"

/* On stdout. details: each action of a principal, not a summary. */
void report_diff(const struct diff *d, bool details, bool json);

#endif
