/* names.h - app: names with the number of events behind each. */
#ifndef APP_NAMES_H
#define APP_NAMES_H

#include "base/span.h"

struct name_count {
	struct span text; /* borrowed */
	uint64_t events;
};

struct names {
	struct name_count *v; /* n of them */
	size_t n, room;
};

void names_release(struct names *list);
/* Adds at the end; a name that is there already is added once more until they are summed. */
void names_add(struct names *list, struct span text, uint64_t events);
/* Adds events to the name if it is among the last few; else false. */
bool names_add_to_recent(struct names *list, struct span text, uint64_t events);
/* Sums what is equal, sorted by text. */
void names_sum(struct names *list);
/* Sums what is equal; the most used first, equally used ones by text. */
void names_rank(struct names *list);
/* Of all names together. */
uint64_t names_events(const struct names *list);

#endif
