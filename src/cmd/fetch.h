/* fetch.h - commands: what "ingest s3://..." shares with "fetch s3://...". */
#ifndef CMD_FETCH_H
#define CMD_FETCH_H

#include "app/ingest.h"
#include "cli/command.h"

/* Whether an operand names something in AWS: s3://... */
bool fetch_is_source(const char *name);

/* The short form: fetch with nothing but what ingest's options say, for a request whose first name
 * is such a source. Returns the exit status. */
int fetch_for_ingest(const struct command *self, const struct ingest_request *request, bool json);

#endif
