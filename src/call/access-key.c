/* access-key.c - call: see access-key.h. */
#include "config.h"

#include "call/access-key.h"

static int base32(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

bool is_access_key_id(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && !ascii_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n <= 128;
}

struct span account_of_access_key(struct span key, struct arena *arena)
{
	if (key.n != 20 ||
	    !(span_starts(key, SPAN_LIT("AKIA")) || span_starts(key, SPAN_LIT("ASIA"))))
		return SPAN_NONE;
	uint64_t bits = 0;
	for (size_t i = 4; i < 20; i++) {
		int v = base32(key.p[i]);
		if (v < 0)
			return SPAN_NONE;
		if (i < 14) /* ten characters are fifty bits, the first 48 of which count */
			bits = bits << 5 | (uint64_t)v;
	}
	/* A key that encodes its account begins with a bit 1: 'Q' or later. */
	if (!(bits >> 49))
		return SPAN_NONE;
	uint64_t account = ((bits >> 2) & 0x7fffffffff80ULL) >> 7;
	if (account > 999999999999ULL)
		return SPAN_NONE;
	return arena_printf(arena, "%012llu", (unsigned long long)account);
}
