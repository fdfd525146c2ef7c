/* load.c - mapping/compile: a mapping from a folder of tables while the program runs; see compile.h. */
#include "config.h"

#include "mapping/compile/compile.h"

#include "base/alloc.h"

#include <string.h>

enum status mapping_read(const char *dir, struct mapping **out, struct err *err)
{
	struct image im = {0};
	enum status status = mapping_compile(dir, &im, err);
	if (status != STATUS_OK)
		return status;
	size_t words = im.n_words * sizeof *im.words;
	char *p = xmalloc(words + im.n_text);
	memcpy(p, im.words, words);
	memcpy(p + words, im.text, im.n_text);
	image_release(&im);
	*out = (struct mapping *)(void *)p;
	return STATUS_OK;
}
