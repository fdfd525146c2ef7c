/* test_dictionary.c - what was put in is found with its number, and nothing else. */
#include "unit.h"

#include "store/dictionary.h"

static struct hash128 key_of(uint64_t i)
{
	return hash_of(span_make((const char *)&i, sizeof i));
}

static void finds_what_was_added(void **state)
{
	enum { N = 100000 };
	struct dictionary d;
	dictionary_init(&d);
	struct hash128 k = key_of(1);
	assert_int_equal(dictionary_find(&d, &k), 0);
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 1; i <= N; i++) {
			k = key_of(i);
			assert_true(dictionary_add(&d, &k, (int64_t)i));
		}
		for (uint64_t i = 1; i <= N; i++) {
			struct hash128 other = key_of(i + N);
			k = key_of(i);
			assert_int_equal(dictionary_find(&d, &k), i);
			assert_int_equal(dictionary_find(&d, &other), 0);
		}
		dictionary_release(&d);
		assert_int_equal(dictionary_find(&d, &k), 0);
	}
}

/* Hashes that agree in one half, as somebody may search for. */
static void bears_chosen_hashes(void **state)
{
	struct dictionary d;
	dictionary_init(&d);
	for (uint64_t i = 1; i <= 50000; i++) {
		struct hash128 low = {{0}}, high = {{0}};
		memcpy(low.b, &i, sizeof i);
		memcpy(high.b + sizeof i, &i, sizeof i);
		assert_true(dictionary_add(&d, &low, (int64_t)i));
		assert_true(dictionary_add(&d, &high, (int64_t)(i + 50000)));
	}
	for (uint64_t i = 1; i <= 50000; i++) {
		struct hash128 high = {{0}};
		memcpy(high.b + sizeof i, &i, sizeof i);
		assert_int_equal(dictionary_find(&d, &high), i + 50000);
	}
	dictionary_release(&d);
}

static void is_bounded(void **state)
{
	struct dictionary d;
	struct hash128 k = {{0}};
	uint64_t i = 0;
	dictionary_init(&d);
	for (; i < LIMIT_DICTIONARY; i++) {
		memcpy(k.b, &i, sizeof i);
		assert_true(dictionary_add(&d, &k, 1));
	}
	memcpy(k.b, &i, sizeof i);
	assert_false(dictionary_add(&d, &k, 1));
	assert_int_equal(dictionary_find(&d, &k), 0);
	dictionary_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_what_was_added),
	        cmocka_unit_test(bears_chosen_hashes),
	        cmocka_unit_test(is_bounded),
	};
	return cmocka_run_group_tests_name("dictionary", tests, NULL, NULL);
}
