/* tally.c - app: see tally.h. */
#include "config.h"

#include "app/tally.h"

#include <string.h>

void tally_add(struct tally *t, const char *word, uint64_t n)
{
	size_t i = 0, most = sizeof t->rows / sizeof t->rows[0];
	while (i < t->n && strcmp(t->rows[i].word, word) != 0)
		i++;
	if (i == most)
		i = most -
		    1; /* there are fewer words than rows; no count may be lost all the same */
	if (i == t->n) {
		t->rows[t->n].word = word;
		t->rows[t->n++].n = 0;
	}
	t->rows[i].n += n;
}

void tally_sort(struct tally *t)
{
	for (size_t i = 1; i < t->n; i++)
		for (size_t k = i; k > 0 && strcmp(t->rows[k - 1].word, t->rows[k].word) > 0; k--) {
			struct tally copy = *t;
			t->rows[k] = copy.rows[k - 1];
			t->rows[k - 1] = copy.rows[k];
		}
}

uint64_t tally_sum(const struct tally *t)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < t->n; i++)
		sum += t->rows[i].n;
	return sum;
}

void wrapped_add(struct wrapped_tally *t, const char *path)
{
	size_t i = 0;
	if (!*path)
		return;
	while (i < t->n && strcmp(t->rows[i].path, path) != 0)
		i++;
	if (i == sizeof t->rows / sizeof t->rows[0]) {
		t->others++;
		return;
	}
	if (i == t->n) {
		memcpy(t->rows[i].path, path, strlen(path) + 1);
		t->rows[t->n++].n = 0;
	}
	t->rows[i].n++;
}

void wrapped_sort(struct wrapped_tally *t)
{
	for (size_t i = 1; i < t->n; i++)
		for (size_t k = i; k > 0 && strcmp(t->rows[k - 1].path, t->rows[k].path) > 0; k--) {
			struct wrapped_tally copy = *t;
			t->rows[k] = copy.rows[k - 1];
			t->rows[k - 1] = copy.rows[k];
		}
}
