/* fuzz-main.c - fuzz: runs a target over the files named, each as it is, cut at many places, and
 * with bytes changed in ways that depend on nothing but the file. Speaks TAP. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000, LARGEST = 1 << 20 };

static uint64_t state = 1;

/* $FUZZ_ROUNDS, for targets that are slow. */
static int rounds(void)
{
	const char *text = getenv("FUZZ_ROUNDS");
	int n = text ? atoi(text) : ROUNDS;
	return n > 0 && n < ROUNDS ? n : ROUNDS;
}

static uint64_t next_random(void)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return state >> 33;
}

/* A copy of the exact size, so that a sanitizer sees what is read behind it. */
static void try_one(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	if (!copy)
		abort();
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void change(uint8_t *data, size_t *n)
{
	static const char bytes[] = "{}[]\",:\\u0019aE-+. \n\xc3\xa4\xff";
	for (uint64_t i = next_random() % 4 + 1; i && *n; i--) {
		size_t at = next_random() % *n, many = next_random() % 8 + 1;
		switch (next_random() % 4) {
		case 0: data[at] = (uint8_t)bytes[next_random() % (sizeof bytes - 1)]; break;
		case 1: data[at] ^= (uint8_t)(1u << next_random() % 8); break;
		case 2:
			if (many > *n - at)
				many = *n - at;
			memmove(data + at, data + at + many, *n - at - many);
			*n -= many;
			break;
		default:
			if (*n + many > LARGEST || at + many > *n)
				break;
			memmove(data + at + many, data + at, *n - at);
			*n += many;
			break;
		}
	}
}

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(LARGEST), *changed = malloc(LARGEST);
	if (!f || !data || !changed)
		return 1;
	size_t n = fread(data, 1, LARGEST, f);
	fclose(f);
	try_one(data, n);
	for (size_t i = 0; i < 200; i++)
		try_one(data, n * i / 200);
	for (int i = 0, n_rounds = rounds(); i < n_rounds; i++) {
		size_t m = n;
		memcpy(changed, data, n);
		change(changed, &m);
		try_one(changed, m);
	}
	free(data);
	free(changed);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		int bad = run_file(argv[i]);
		failed |= bad;
		printf("%sok %d - %s\n", bad ? "not " : "", i,
		       strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i]);
		fflush(stdout);
	}
	return failed;
}
