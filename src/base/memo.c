/* memo.c - base: see memo.h. */
#include "config.h"

#include "base/memo.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdlib.h>

struct memo {
	size_t slots, longest, value_size, slot_size;
	unsigned char *table;
};

/* A slot: the text's length plus one (0: empty), the value, the text. */
enum { HEAD = 16 };

struct memo *memo_new(size_t slots, size_t longest, size_t value_size)
{
	struct memo *m = xcalloc(1, sizeof *m);
	size_t value_room = (value_size + 15) / 16 * 16;
	*m = (struct memo){slots, longest, value_room, HEAD + value_room + (longest + 15) / 16 * 16,
	                   NULL};
	m->table = xcalloc(slots, m->slot_size);
	m->value_size = value_size;
	return m;
}

void memo_free(struct memo *m)
{
	if (!m)
		return;
	free(m->table);
	free(m);
}

static unsigned char *slot_of(const struct memo *m, struct span text)
{
	return m->table + (hash_quick(text) & (m->slots - 1)) * m->slot_size;
}

const void *memo_get(const struct memo *m, struct span text)
{
	size_t n;
	if (text.n > m->longest)
		return NULL;
	const unsigned char *slot = slot_of(m, text);
	memcpy(&n, slot, sizeof n);
	if (n != text.n + 1)
		return NULL;
	size_t text_at = m->slot_size - (m->longest + 15) / 16 * 16;
	if (text.n && memcmp(slot + text_at, text.p, text.n) != 0)
		return NULL;
	return slot + HEAD;
}

void memo_put(struct memo *m, struct span text, const void *value)
{
	size_t n = text.n + 1;
	if (text.n > m->longest)
		return;
	unsigned char *slot = slot_of(m, text);
	size_t text_at = m->slot_size - (m->longest + 15) / 16 * 16;
	memcpy(slot, &n, sizeof n);
	memcpy(slot + HEAD, value, m->value_size);
	if (text.n)
		memcpy(slot + text_at, text.p, text.n);
}
