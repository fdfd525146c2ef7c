/* live-view.h - cli: what is seen of a capture while it goes on: calls as they come and the
 * policy so far, on a terminal redrawn in place, elsewhere as plain lines; and the policy in a file
 * beside it. */
#ifndef CLI_LIVE_VIEW_H
#define CLI_LIVE_VIEW_H

#include "app/live-policy.h"
#include "base/buf.h"
#include "base/err.h"
#include "mapping/mapping.h"

#include <stdio.h>

enum live_view_kind { VIEW_NONE, VIEW_CALLS, VIEW_POLICY };

struct live_view_options {
	enum live_view_kind kind;
	FILE *out;     /* the terminal, or where plain lines go */
	bool terminal; /* out is one */
	unsigned refresh_ms;
	const char *title; /* first line: what is captured to where; may change until the view is
	                      drawn first */
	const char *policy_file; /* kept up to date; NULL: none */
	struct live_policy_options policy;
	const struct mapping *mapping;
};

struct live_view;

/* STATUS_OK and *out (live_view_close), or STATUS_STOP: the policy file can't be written, say. The
 * strings of options are borrowed until then. The terminal is taken by the first tick or refresh.
 */
enum status live_view_open(const struct live_view_options *options, struct live_view **out,
                           struct err *err);
/* A line of the capture; any thread may call it, and it only copies. data: a struct live_view. */
void live_view_line(void *data, struct span line);
/* Takes in what came, and draws if it is time. Milliseconds until it wants to be called again. One
 * thread. A problem with the policy file is told once on stderr. */
int live_view_tick(struct live_view *v);
/* Draws and writes the policy file now, whatever the time. */
void live_view_refresh(struct live_view *v);
/* Adds the policy of all that came so far: as live_policy_text. */
enum status live_view_policy(struct live_view *v, struct buf *out, struct err *err);
/* Of all that came so far. */
void live_view_counts(struct live_view *v, struct live_policy_counts *counts);
enum { LIMIT_POLICY_TEXT = 8 << 20 };
/* A last refresh; the terminal is as it was, and what is printed from here on stays on it. NULL is
 * fine. */
void live_view_leave(struct live_view *v);
/* Leaves, and frees it. False if the policy file does not hold the policy (said before). NULL is
 * fine: true. */
bool live_view_close(struct live_view *v);

#endif
