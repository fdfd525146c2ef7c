/* test_bloom.c - what was put in is there, and little else. */
#include "unit.h"

#include "store/bloom.h"

static struct hash128 key_of(uint64_t i)
{
	return hash_of(span_make((const char *)&i, sizeof i));
}

static void never_denies_and_seldom_lies(void **state)
{
	struct bloom b;
	size_t wrong = 0;
	bloom_init(&b, 1 << 17);
	for (uint64_t i = 0; i < 10000; i++) {
		struct hash128 k = key_of(i);
		bloom_add(&b, &k);
	}
	for (uint64_t i = 0; i < 10000; i++) {
		struct hash128 in = key_of(i), out = key_of(i + 1000000);
		assert_true(bloom_may_have(&b, &in));
		wrong += bloom_may_have(&b, &out);
	}
	assert_in_range(wrong, 1, 300);
	bloom_clear(&b);
	for (uint64_t i = 0; i < 10000; i++) {
		struct hash128 k = key_of(i);
		assert_false(bloom_may_have(&b, &k));
	}
	bloom_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(never_denies_and_seldom_lies),
	};
	return cmocka_run_group_tests_name("bloom", tests, NULL, NULL);
}
