/* fetch-sources.h - commands: what "fetch" does for each source, once its options are read. */
#ifndef CMD_FETCH_SOURCES_H
#define CMD_FETCH_SOURCES_H

#include "app/feed-process.h"
#include "app/fetch-policy.h"
#include "app/ingest.h"
#include "base/text-list.h"
#include "cli/command.h"
#include "fetch/session.h"

struct fetching {
	const struct command *self;
	enum fetch_kind kind;
	const char *source, *operand; /* the operands; operand: a log group's name */
	const char *output;
	const char *query_file, *workgroup, *database, *results; /* FETCH_ATHENA */
	const char *last_accessed;                               /* FETCH_IAM: of this ARN */
	struct text_list accounts, regions;
	bool json, requester_pays, print_policy, debug;
	struct ingest_request ingest;
	struct session_options session;
	struct feed_server *server; /* in the process that fetches; NULL: there is but one */
};

/* Whether it goes into the database: then it is run in a process of its own, with server set, and
 * what it serves there goes to fetch_take. */
bool fetch_has_rows(const struct fetching *f);
/* Does it, or prints the policy that it needs; returns the exit status. */
int fetch_run(struct fetching *f, struct session *session);
/* One feed into the database; returns the exit status. done: how far it is, or NULL. */
int fetch_take(struct fetching *f, const struct pipeline_feed *feed, double (*done)(void *data),
               void *data);

#endif
