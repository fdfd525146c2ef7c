/* write.c - mapping/compile: see mapping-write.h. */
#include "config.h"

#include "mapping/compile/write.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>

void image_init(struct image *im)
{
	*im = (struct image){0};
}

void image_release(struct image *im)
{
	free(im->words);
	free(im->text);
	free(im->fixes);
	free(im->pool.slots);
	free(im->memo.slots);
	image_init(im);
}

static uint64_t hash_text(struct span s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static struct image_slot *find_slot(const struct image_table *t, struct span key)
{
	size_t i = (size_t)hash_text(key) & (t->room - 1);
	while (t->slots[i].key.p && !span_eq(t->slots[i].key, key))
		i = (i + 1) & (t->room - 1);
	return &t->slots[i];
}

static struct image_slot *table_slot(struct image_table *t, struct span key)
{
	if (4 * (t->n + 1) > 3 * t->room) {
		struct image_table bigger = {0};
		bigger.room = t->room ? 2 * t->room : 1024;
		bigger.slots = xcalloc(bigger.room, sizeof *bigger.slots);
		for (size_t i = 0; i < t->room; i++)
			if (t->slots[i].key.p)
				*find_slot(&bigger, t->slots[i].key) = t->slots[i];
		bigger.n = t->n;
		free(t->slots);
		*t = bigger;
	}
	struct image_slot *slot = find_slot(t, key);
	if (!slot->key.p) {
		slot->key = key;
		t->n++;
	}
	return slot;
}

size_t image_add(struct image *im, size_t n)
{
	size_t at = im->n_words;
	while (im->n_words + n > im->room_words) {
		im->room_words = im->room_words ? 2 * im->room_words : 4096;
		im->words = xreallocarray(im->words, im->room_words, sizeof *im->words);
	}
	if (n)
		memset(im->words + at, 0, n * sizeof *im->words);
	im->n_words += n;
	return at;
}

size_t image_add_list(struct image *im, size_t n, size_t words)
{
	size_t at = image_add(im, 1 + n * words);
	im->words[at] = (uint32_t)n;
	return at;
}

void image_set(struct image *im, size_t at, uint32_t value)
{
	im->words[at] = value;
}

void image_refer(struct image *im, size_t at, size_t target)
{
	int64_t words = target ? (int64_t)target - (int64_t)at : 0;
	im->words[at] = (uint32_t)(int32_t)(words * 4);
}

void image_refer_text(struct image *im, size_t at, struct span s)
{
	if (!s.p)
		return;
	assert(s.n <= 0xffff);
	struct image_slot *slot = table_slot(&im->pool, s);
	if (!slot->value) {
		while (im->n_text + s.n + 3 > im->room_text) {
			im->room_text = im->room_text ? 2 * im->room_text : 65536;
			im->text = xreallocarray(im->text, im->room_text, 1);
		}
		slot->value = im->n_text + 1;
		if (s.n < 255) {
			im->text[im->n_text++] = (char)s.n;
		} else {
			im->text[im->n_text++] = (char)255;
			im->text[im->n_text++] = (char)(s.n & 0xff);
			im->text[im->n_text++] = (char)(s.n >> 8);
		}
		memcpy(im->text + im->n_text, s.p, s.n);
		im->n_text += s.n;
	}
	if (im->n_fixes == im->room_fixes) {
		im->room_fixes = im->room_fixes ? 2 * im->room_fixes : 4096;
		im->fixes = xreallocarray(im->fixes, im->room_fixes, sizeof *im->fixes);
	}
	im->fixes[im->n_fixes++] = (struct image_fix){at, slot->value - 1};
}

size_t image_add_texts(struct image *im, const struct span *s, size_t n)
{
	if (!n)
		return 0;
	size_t at = image_add_list(im, n, 1);
	for (size_t i = 0; i < n; i++)
		image_refer_text(im, at + 1 + i, s[i]);
	return at;
}

size_t *image_memo(struct image *im, struct span key)
{
	return &table_slot(&im->memo, key)->value;
}

struct image_mark image_mark(const struct image *im)
{
	return (struct image_mark){im->n_words, im->n_fixes};
}

void image_undo(struct image *im, struct image_mark mark)
{
	im->n_words = mark.n_words;
	im->n_fixes = mark.n_fixes;
}

void image_finish(struct image *im)
{
	for (size_t i = 0; i < im->n_fixes; i++) {
		const struct image_fix *f = &im->fixes[i];
		int64_t bytes = ((int64_t)im->n_words - (int64_t)f->at) * 4 + (int64_t)f->text;
		im->words[f->at] = (uint32_t)(int32_t)bytes;
	}
	im->n_fixes = 0;
}
