/* operand.c - policy: see operand.h. */
#include "config.h"

#include "policy/operand.h"

#include "base/when.h"
#include "policy/limits.h"

#include <arpa/inet.h>

bool decimal_parse(struct span s, struct decimal *out)
{
	struct decimal d = {false, SPAN_NONE, SPAN_NONE};
	if (s.n == 0 || s.n > LIMIT_NUMBER_DIGITS)
		return false;
	if (s.p[0] == '-' || s.p[0] == '+') {
		d.negative = s.p[0] == '-';
		s = span_from(s, 1);
	}
	size_t dot = 0, digits = 0;
	while (dot < s.n && ascii_digit(s.p[dot]))
		dot++;
	d.whole = span_sub(s, 0, dot);
	digits = dot;
	if (dot < s.n) {
		if (s.p[dot] != '.')
			return false;
		d.part = span_from(s, dot + 1);
		for (size_t i = 0; i < d.part.n; i++)
			if (!ascii_digit(d.part.p[i]))
				return false;
		digits += d.part.n;
	}
	if (digits == 0)
		return false;
	while (d.whole.n && d.whole.p[0] == '0')
		d.whole = span_from(d.whole, 1);
	while (d.part.n && d.part.p[d.part.n - 1] == '0')
		d.part.n--;
	if (d.whole.n == 0 && d.part.n == 0)
		d.negative = false;
	*out = d;
	return true;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	int c = a->whole.n < b->whole.n ? -1 : a->whole.n > b->whole.n ? 1 : 0;
	if (c == 0)
		c = span_cmp(a->whole, b->whole);
	if (c == 0)
		c = span_cmp(a->part, b->part);
	return a->negative ? -c : c;
}

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* Takes ".123" out of s (at most 64 bytes) into *nanos; rest gets what is around it. */
static bool take_fraction(struct span s, char *rest, size_t *n, uint32_t *nanos)
{
	ptrdiff_t dot = span_chr(s, '.');
	*nanos = 0;
	if (s.n > 64)
		return false;
	size_t end = dot < 0 ? s.n : (size_t)dot;
	memcpy(rest, s.p, end);
	*n = end;
	if (dot < 0)
		return true;
	uint32_t unit = 100000000;
	size_t i = end + 1;
	for (; i < s.n && ascii_digit(s.p[i]); i++, unit /= 10)
		*nanos += (uint32_t)(s.p[i] - '0') * unit;
	if (i == end + 1)
		return false;
	memcpy(rest + *n, s.p + i, s.n - i);
	*n += s.n - i;
	return true;
}

bool instant_parse(struct span s, struct instant *out)
{
	char text[64];
	size_t n;
	struct instant t = {0, 0};
	if (!take_fraction(s, text, &n, &t.nanos))
		return false;
	struct span rest = span_make(text, n);
	uint64_t epoch;
	if (all_digits(rest) && (n != 4 || n != s.n)) {
		if (!span_to_u64(rest, &epoch) || epoch > INT64_MAX)
			return false;
		t.seconds = (int64_t)epoch;
	} else {
		bool dated = span_chr(rest, 'T') < 0;
		if (span_chr(rest, ' ') >= 0 || (dated && n != s.n) || (dated && n > 10))
			return false;
		if (!when_parse_bound(rest, false, &t.seconds))
			return false;
	}
	*out = t;
	return true;
}

int instant_compare(const struct instant *a, const struct instant *b)
{
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? -1 : 1;
	return a->nanos < b->nanos ? -1 : a->nanos > b->nanos;
}

bool ip_address_parse(struct span s, struct ip_range *out)
{
	char text[INET6_ADDRSTRLEN + 1];
	struct ip_range r = {{0}, 32, true};
	if (s.n == 0 || s.n >= sizeof text || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, r.address) != 1) {
		r.v4 = false;
		r.bits = 128;
		if (inet_pton(AF_INET6, text, r.address) != 1)
			return false;
	}
	*out = r;
	return true;
}

bool ip_range_parse(struct span s, struct ip_range *out)
{
	ptrdiff_t slash = span_chr(s, '/');
	struct ip_range r;
	if (!ip_address_parse(slash < 0 ? s : span_sub(s, 0, (size_t)slash), &r))
		return false;
	if (slash >= 0) {
		struct span bits = span_from(s, (size_t)slash + 1);
		uint64_t v;
		if (bits.n > 3 || !span_to_u64(bits, &v) || v > r.bits)
			return false;
		r.bits = (unsigned char)v;
	}
	*out = r;
	return true;
}

bool ip_range_has(const struct ip_range *range, const struct ip_range *address)
{
	if (range->v4 != address->v4)
		return false;
	size_t whole = range->bits / 8, rest = range->bits % 8;
	if (memcmp(range->address, address->address, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	unsigned mask = 0xffu << (8 - rest);
	return ((range->address[whole] ^ address->address[whole]) & mask) == 0;
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_parse(struct span s, struct arena *arena, struct span *out)
{
	if (s.n % 4 != 0)
		return false;
	size_t pad = 0;
	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	char *to = arena_alloc(arena, s.n / 4 * 3 + 1);
	size_t n = 0;
	uint32_t held = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < s.n - pad; i++) {
		int v = base64_value(s.p[i]);
		if (v < 0)
			return false;
		held = held << 6 | (uint32_t)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			to[n++] = (char)(held >> bits & 0xff);
		}
	}
	*out = span_make(to, n);
	return true;
}

bool bool_parse(struct span s, bool *out)
{
	if (span_eq_ci(s, SPAN_LIT("true")))
		*out = true;
	else if (span_eq_ci(s, SPAN_LIT("false")))
		*out = false;
	else
		return false;
	return true;
}

/* The next code point of well-formed UTF-8; a stray byte is taken as it is. */
static uint32_t next_code(struct span *s)
{
	unsigned char c = (unsigned char)s->p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));
	if (n > s->n)
		n = s->n;
	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)s->p[i] & 0x3f);
	*s = span_from(*s, n);
	return code;
}

static uint32_t fold(uint32_t c)
{
	if (c < 0x80)
		return (uint32_t)(unsigned char)ascii_lower((char)c);
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3ab && c != 0x3a2) ||
	    (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c == 0xb5)
		return 0x3bc;
	if (c == 0x3c2)
		return 0x3c3;
	if (c == 0x178)
		return 0xff;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) ||
	    (c >= 0x14a && c <= 0x177) || (c >= 0x1e00 && c <= 0x1e95) ||
	    (c >= 0x1ea0 && c <= 0x1eff) || (c >= 0x460 && c <= 0x481))
		return c | 1;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	if (c >= 0x531 && c <= 0x556)
		return c + 0x30;
	return c;
}

bool text_eq_ignore_case(struct span a, struct span b)
{
	while (a.n && b.n)
		if (fold(next_code(&a)) != fold(next_code(&b)))
			return false;
	return a.n == b.n;
}
