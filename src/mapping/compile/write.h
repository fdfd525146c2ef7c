/* write.h - mapping/compile: writes an image (mapping/image.h): words, texts, and the distances
 * between them. Private to the compiler of the mapping. */
#ifndef MAPPING_COMPILE_WRITE_H
#define MAPPING_COMPILE_WRITE_H

#include "base/span.h"

#include <stddef.h>

struct image_slot {
	struct span key;
	size_t value;
};

struct image_table { /* open addressing, room a power of two */
	struct image_slot *slots;
	size_t n, room;
};

struct image {
	uint32_t *words;
	size_t n_words, room_words;
	char *text;
	size_t n_text, room_text;
	struct image_fix {
		size_t at, text;
	} * fixes; /* words that refer to a text, whose place is known at the end */
	size_t n_fixes, room_fixes;
	struct image_table pool; /* text -> its offset + 1 */
	struct image_table memo; /* whatever the layout wants to find again */
};

/* The number of a field's word in its struct, and a struct's words. */
#define IMAGE_AT(type, field) (offsetof(struct type, field) / sizeof(uint32_t))
#define IMAGE_WORDS(type) (sizeof(struct type) / sizeof(uint32_t))

void image_init(struct image *im);
void image_release(struct image *im);
/* n more words, zero; the index of the first. */
size_t image_add(struct image *im, size_t n);
/* A list of n entries of words each: the index of its count; its first entry is the word behind. */
size_t image_add_list(struct image *im, size_t n, size_t words);
void image_set(struct image *im, size_t at, uint32_t value);
/* Makes the word refer to the word target; 0 is none. */
void image_refer(struct image *im, size_t at, size_t target);
/* Makes the word refer to a text (at most 65,535 bytes); each text is kept once. SPAN_NONE is none.
 */
void image_refer_text(struct image *im, size_t at, struct span s);
/* A list of texts. */
size_t image_add_texts(struct image *im, const struct span *s, size_t n);
/* Where the value under key is kept, 0 at first. The key's memory must outlive the image; the
 * address holds until the next call. */
size_t *image_memo(struct image *im, struct span key);
/* What was added since the mark is gone (the texts stay); nothing may refer to it, no memo hold it.
 */
struct image_mark {
	size_t n_words, n_fixes;
};
struct image_mark image_mark(const struct image *im);
void image_undo(struct image *im, struct image_mark mark);
/* No more additions after it: all references are set. */
void image_finish(struct image *im);

#endif
