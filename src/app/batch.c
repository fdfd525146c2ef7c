/* batch.c - app: the batches of intake.h. */
#include "config.h"

#include "app/intake.h"

#include "base/alloc.h"

#include <stdlib.h>

struct batch *batch_new(void)
{
	struct batch *b = xcalloc(1, sizeof *b);
	arena_init(&b->arena);
	b->facts = xcalloc(BATCH_FACTS, sizeof *b->facts);
	b->ordinals = xcalloc(BATCH_FACTS, sizeof *b->ordinals);
	return b;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	arena_release(&b->arena);
	free(b->facts);
	free(b->ordinals);
	free(b);
}

void batch_reset(struct batch *b)
{
	arena_reset(&b->arena);
	b->opens = b->closes = NULL;
	b->n_facts = b->n_reasons = b->n_notes = 0;
	b->records = b->reached = 0;
	b->next = NULL;
}

size_t batch_size(const struct batch *b)
{
	return b->arena.held + sizeof *b + BATCH_FACTS * (sizeof *b->facts + sizeof *b->ordinals);
}
