/* text-list.h - base: texts that somebody else holds, as a repeated option gives them. */
#ifndef BASE_TEXT_LIST_H
#define BASE_TEXT_LIST_H

#include "base/span.h"

struct text_list {
	struct span *v; /* n of them; of an option's texts each is followed by a NUL */
	size_t n;
};

/* The same, each with a number that says what it is. */
struct tagged_text {
	const char *text;
	int tag;
};
struct tagged_list {
	struct tagged_text *v;
	size_t n;
};

#endif
