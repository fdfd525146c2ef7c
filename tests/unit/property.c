/* property.c - see property.h. The generator is splitmix64: any seed does. */
#include "property.h"

#include <stdio.h>
#include <stdlib.h>

static const char *running; /* the number of the run, for whoever reads a failure */

static uint64_t next(struct random *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void say_run(void)
{
	if (running)
		printf("# it was run IAMREPLAY_PROPERTY_SEED=%s\n", running);
}

static void run_one(void (*property)(struct random *r), unsigned run)
{
	static char number[16];
	struct random r = {.state = run, .size = 1 + run / 8 % 40};
	snprintf(number, sizeof number, "%u", run);
	running = number;
	arena_init(&r.arena);
	property(&r);
	arena_release(&r.arena);
	running = NULL;
}

void for_any(void (*property)(struct random *r), unsigned runs)
{
	static bool told;
	const char *one = getenv("IAMREPLAY_PROPERTY_SEED"),
	           *many = getenv("IAMREPLAY_PROPERTY_RUNS");
	/* a failed assertion leaves by longjmp: what is left to say is said at the end */
	if (!told)
		atexit(say_run);
	told = true;
	if (one) {
		run_one(property, (unsigned)strtoul(one, NULL, 10));
		return;
	}
	if (many)
		runs = (unsigned)strtoul(many, NULL, 10);
	for (unsigned i = 0; i < runs && !running; i++)
		run_one(property, i);
}

unsigned any_below(struct random *r, unsigned n)
{
	return (unsigned)(next(r) % n);
}

bool once_in(struct random *r, unsigned times)
{
	return any_below(r, times) == 0;
}

struct span any_of(struct random *r, const char *const *list, size_t n)
{
	return span_of(list[any_below(r, (unsigned)n)]);
}

struct span any_text(struct random *r)
{
	static const char *const pieces[] = {"a",
	                                     "b",
	                                     "Z",
	                                     "0",
	                                     "-",
	                                     "/",
	                                     ":",
	                                     "*",
	                                     "?",
	                                     "$",
	                                     "{",
	                                     "}",
	                                     "${aws:username}",
	                                     "\"",
	                                     "'",
	                                     "\\",
	                                     ",",
	                                     ";",
	                                     "\n",
	                                     "\r",
	                                     "\r\n",
	                                     "\t",
	                                     "\x01",
	                                     "\x1f",
	                                     "\x7f",
	                                     " ",
	                                     "=",
	                                     "+",
	                                     "@",
	                                     "<",
	                                     "&",
	                                     "\xc3\xa9",
	                                     "\xe2\x80\xae",
	                                     "\xf0\x9f\x94\x91",
	                                     "\xef\xbb\xbf",
	                                     "null",
	                                     "%s"};
	unsigned n = any_below(r, r->size + 1);
	size_t length = 0;
	char *text = arena_alloc(&r->arena, (size_t)n * 16 + 1);
	while (n--) {
		struct span piece = ANY_OF(r, pieces);
		memcpy(text + length, piece.p, piece.n);
		length += piece.n;
	}
	text[length] = '\0';
	return span_make(text, length);
}
