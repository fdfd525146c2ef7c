/* family.h - builder: which tokens of names are members of a set that grows. */
#ifndef BUILDER_FAMILY_H
#define BUILDER_FAMILY_H

#include "builder/arn-parts.h"
#include "builder/history.h"

struct leaf {
	const struct sighting *seen;
	struct arn_parts p;
	struct span rest; /* of the value that is walked */
	enum fold_reason reason;
	bool once; /* as in struct member */
};

struct child { /* the leaves with one token */
	struct leaf **leaves;
	size_t n;
	struct span token; /* with its delimiter; patterns in a token that was made here */
	bool ends;         /* nothing stands behind the token */
	int64_t first, last;
	bool created; /* one of them, by the principal itself */
	bool taken;   /* by a family */
};

/* What begins at a node: a part of a name, a whole name, an id that AWS makes up. */
enum node_start { NODE_INSIDE, NODE_NAME, NODE_ID };

/* Joins what grows among n children of one node, each family to a child of its own behind them;
 * children has room for 2 * n, and what is joined is marked as taken and its leaves get the reason.
 * where says what begins
 * at the node; at a whole name something of a token must stay. Returns how many there are
 * now, taken ones among them. New tokens are in arena. */
size_t families_join(const struct history *h, struct child *children, size_t n,
                     enum node_start where, struct arena *arena);

/* Whether something that was first seen then is a newcomer of the later half of the time. False where
 * the history tells nothing. */
bool history_is_late(const struct history *h, int64_t first);

#endif
