/* driver.c - runs a target without libFuzzer: over each request (or, with --policies, each policy)
 * of the evaluator's cases, and over changes of it that depend on nothing but the case. Speaks TAP.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROUNDS = 60, LARGEST = 1 << 18 };

static uint64_t state = 1;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* A copy of the exact size, so that a sanitizer sees what is read behind it. */
static void try_one(const char *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	if (!copy)
		abort();
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static size_t change(char *p, size_t n)
{
	static const char bytes[] = "*?${}'\",:[]/.- 019aEtrue\\u0000\xc3\xa9\xff";
	for (uint64_t k = next_random() % 4 + 1; k && n; k--) {
		size_t at = next_random() % n;
		switch (next_random() % 4) {
		case 0: p[at] = bytes[next_random() % (sizeof bytes - 1)]; break;
		case 1: p[at] ^= (char)(1 << next_random() % 7); break;
		case 2:
			memmove(p + at, p + at + 1, n - at - 1);
			n--;
			break;
		default:
			memmove(p + at + 1, p + at, n - at);
			n++;
			break;
		}
	}
	return n;
}

static void run_json(const json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);
	size_t n = text ? strlen(text) : 0;
	char *changed = malloc(n + 16);
	if (!text || !changed)
		abort();
	try_one(text, n);
	for (int i = 0; i < ROUNDS && n < LARGEST; i++) {
		memcpy(changed, text, n);
		try_one(changed, change(changed, n));
	}
	free(changed);
	free(text);
}

static int run_file(const char *path, int policies)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	if (!f)
		return 1;
	while (getline(&line, &room, f) > 0) {
		json_t *c = json_loads(line, 0, NULL);
		const json_t *request = json_object_get(c, "request");
		const json_t *list = json_object_get(request, "policies");
		for (size_t i = 0; policies && i < json_array_size(list); i++)
			run_json(json_array_get(list, i));
		if (!policies && request)
			run_json(request);
		json_decref(c);
	}
	free(line);
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	int first = 1, policies = argc > 1 && strcmp(argv[1], "--policies") == 0, failed = 0;
	first += policies;
	printf("1..%d\n", argc - first);
	for (int i = first; i < argc; i++) {
		int bad = run_file(argv[i], policies);
		failed |= bad;
		printf("%sok %d - %s\n", bad ? "not " : "", i - first + 1, argv[i]);
	}
	return failed;
}
