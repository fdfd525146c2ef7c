/* operand.h - policy: the typed values that conditions compare: decimal numbers of any length,
 * instants, IP ranges, base64. Sources: IAM user guide, "Condition operators"; W3C NOTE-datetime;
 * RFC 4632, 4291, 4648. */
#ifndef POLICY_OPERAND_H
#define POLICY_OPERAND_H

#include "base/arena.h"

/* A decimal number, compared exactly: no binary floating point, since keys hold 64-bit numbers. */
struct decimal {
	bool negative;     /* never for zero */
	struct span whole; /* digits without leading zeros; may be empty */
	struct span part;  /* fraction digits without trailing zeros; may be empty */
};

/* "-12", "3.50", "+7", ".5": sign, digits, fraction; no exponent, at most LIMIT_NUMBER_DIGITS characters.
 * Borrows from s. False if s is no number. */
bool decimal_parse(struct span s, struct decimal *out);
int decimal_compare(const struct decimal *a, const struct decimal *b);

struct instant {
	int64_t seconds; /* since 1970 UTC */
	uint32_t nanos;
};

/* W3C's forms of ISO 8601 ("2026", "2026-01", "2026-01-02", "2026-01-02T03:04Z", with seconds and
 * fraction, zone Z or +hh:mm; without a zone UTC is meant) or epoch seconds, whose digits are never
 * exactly four. */
bool instant_parse(struct span s, struct instant *out);
int instant_compare(const struct instant *a, const struct instant *b);

struct ip_range {
	unsigned char address[16]; /* network byte order; 4 bytes with v4 */
	unsigned char bits;        /* of the prefix */
	bool v4;
};

/* "203.0.113.0/24", "2001:db8::/32"; without a prefix one address. Host bits are ignored. */
bool ip_range_parse(struct span s, struct ip_range *out);
/* One address without a prefix. */
bool ip_address_parse(struct span s, struct ip_range *out);
/* Families never mix: 203.0.113.9 is not inside ::ffff:0:0/96. */
bool ip_range_has(const struct ip_range *range, const struct ip_range *address);

/* RFC 4648 with padding and without white space; *out lives in arena. False if s is none. */
bool base64_parse(struct span s, struct arena *arena, struct span *out);

/* "true" or "false" in any case. */
bool bool_parse(struct span s, bool *out);

/* Equal when the case of letters is ignored: ASCII, Latin, Greek, Cyrillic and Armenian letters,
 * simple folding as in Unicode's CaseFolding.txt. */
bool text_eq_ignore_case(struct span a, struct span b);

#endif
