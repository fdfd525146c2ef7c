/* tally.h - app: what became of records and sources, counted by words. */
#ifndef APP_TALLY_H
#define APP_TALLY_H

#include "records/reader.h"

#include <stdint.h>

struct tally { /* counts by a constant word; 0-initialised */
	struct {
		const char *word;
		uint64_t n;
	} rows[64];
	size_t n;
};

void tally_add(struct tally *t, const char *word, uint64_t n);
/* Sorts by word. */
void tally_sort(struct tally *t);
uint64_t tally_sum(const struct tally *t);

/* Where records lay in sources that wrap them, and in how many; the first ones met. */
struct wrapped_tally {
	struct {
		char path[READER_PATH];
		uint64_t n;
	} rows[16];
	size_t n;
	uint64_t others; /* sources that found no row */
};

void wrapped_add(struct wrapped_tally *t, const char *path);
/* Sorts by path. */
void wrapped_sort(struct wrapped_tally *t);

#endif
