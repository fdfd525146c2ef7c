/* ingest-report.h - commands: what commands that fill the database tell at their end, and how they
 * are interrupted. */
#ifndef CMD_INGEST_REPORT_H
#define CMD_INGEST_REPORT_H

#include "cli/progress.h"

#include <stdatomic.h>

/* From now on the first SIGINT, SIGTERM or SIGHUP sets what is returned, the second ends the
 * program. */
const atomic_bool *stop_on_signals(void);

/* Prints what became of sources and records, as JSON or in words, and on standard error what to do
 * about it. Returns the exit status. */
int ingest_report(const char *command, bool json, const struct progress *progress,
                  const struct pipeline_totals *totals);

#endif
