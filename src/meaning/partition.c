/* partition.c - meaning: see partition.h. */
#include "config.h"

#include "meaning/partition.h"

struct span partition_of_region(struct span region)
{
	/* AWS general reference, "Regions and endpoints"; the isolated ones as botocore's endpoint
	 * rules list them. */
	static const struct {
		const char *prefix, *partition;
	} table[] = {
	        {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"},
	        {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"},
	        {"eusc-", "aws-eusc"},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_starts(region, span_of(table[i].prefix)))
			return span_of(table[i].partition);
	return SPAN_LIT("aws");
}

bool arn_parse(struct span s, struct arn *out)
{
	struct span rest = s;
	if (!span_is(span_cut(&rest, ':'), "arn") || !rest.p)
		return false;
	struct arn a;
	struct span *parts[] = {&a.partition, &a.service, &a.region, &a.account};
	for (size_t i = 0; i < 4; i++) {
		*parts[i] = span_cut(&rest, ':');
		if (!rest.p)
			return false;
	}
	a.resource = rest;
	if (!a.partition.n || !a.service.n)
		return false;
	*out = a;
	return true;
}

bool is_account(struct span s)
{
	if (s.n != 12)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return true;
}

static int base32(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
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
