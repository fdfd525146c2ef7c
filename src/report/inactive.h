/* inactive.h - report, internal: identities and credentials that nobody uses. */
#ifndef REPORT_INACTIVE_H
#define REPORT_INACTIVE_H

#include "report/report.h"

/* Fills r->inactive from what was gathered; to be called when the principals are ranked. STATUS_OK,
 * or STATUS_FILE with err: the credential report cannot be read. */
enum status report_find_inactive(const struct report_options *o, struct report *r, struct err *err);

#endif
