/* terminal.c - cli: see terminal.h. */
#include "config.h"

#include "cli/terminal.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned terminal_width(FILE *to)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	uint64_t n;
	if (!isatty(fileno(to)))
		return 0;
	if (columns && span_to_u64(span_of(columns), &n) && n > 0 && n < 10000)
		return (unsigned)n;
	return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool put_plain(FILE *to, struct span line)
{
	char *copy = xmemdup0(line.p ? line.p : "", line.n);
	span_plain(copy, line.n);
	bool fine = fwrite(copy, 1, line.n, to) == line.n;
	free(copy);
	return fine;
}

bool terminal_put(FILE *to, struct span text)
{
	if (!isatty(fileno(to)))
		return fwrite(text.p, 1, text.n, to) == text.n;
	bool fine = true;
	while (fine && text.n) {
		size_t n = 0;
		while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
			n++;
		fine = put_plain(to, span_sub(text, 0, n)) &&
		       (n == text.n || putc(text.p[n], to) != EOF);
		text = span_from(text, n + (n < text.n));
	}
	return fine;
}

/* ---- colour */

static enum terminal_colour_when when = COLOUR_AUTO;

static bool take_when(const char *word)
{
	if (strcmp(word, "auto") == 0)
		when = COLOUR_AUTO;
	else if (strcmp(word, "always") == 0)
		when = COLOUR_ALWAYS;
	else if (strcmp(word, "never") == 0)
		when = COLOUR_NEVER;
	else
		return false;
	return true;
}

int terminal_take_colour(int argc, char **argv)
{
	int left = 0, i = 0;
	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--no-color") == 0) {
			when = COLOUR_NEVER;
		} else if (strcmp(argv[i], "--color") == 0) {
			when = COLOUR_ALWAYS;
		} else if (strncmp(argv[i], "--color=", 8) != 0) {
			argv[left++] = argv[i];
		} else if (!take_when(argv[i] + 8)) {
			fprintf(stderr,
			        "iamreplay: --color takes one of auto|always|never, not "
			        "'%s'\n",
			        argv[i] + 8);
			return -1;
		}
	}
	while (i < argc)
		argv[left++] = argv[i++];
	argv[left] = NULL;
	return left;
}

static bool has_colour(FILE *to)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
	if (when != COLOUR_AUTO)
		return when == COLOUR_ALWAYS;
	return !(none && *none) && term && strcmp(term, "dumb") != 0 && isatty(fileno(to));
}

const char *mark_on(FILE *to, enum mark mark)
{
	static const char *const codes[] = {
	        [MARK_HEAD] = "\033[1m", [MARK_BAD] = "\033[1;31m", [MARK_DOUBT] = "\033[33m"};
	return has_colour(to) ? codes[mark] : "";
}

const char *mark_off(FILE *to)
{
	return has_colour(to) ? "\033[0m" : "";
}

/* ---- texts that do not fit */

enum { NARROW_ARN = 30 }; /* in less there is no room for an account and a name */

/* The byte at which character number n begins. */
static size_t byte_of(struct span s, size_t n)
{
	size_t i = 0;
	for (; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

struct span shorten_middle(struct span text, size_t width, struct arena *arena)
{
	size_t characters = 0;
	for (size_t i = 0; i < text.n; i++)
		characters += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	if (characters <= width)
		return text;
	if (width < 4)
		return span_sub(text, 0, byte_of(text, width));
	/* the end of a name says more than its beginning, which all ARNs have in common */
	bool narrow = width < NARROW_ARN && span_starts(text, SPAN_LIT("arn:"));
	size_t head = narrow ? 0 : (width - 2) * 2 / 5, tail = width - 2 - head;
	struct span end = span_from(text, byte_of(text, characters - tail));
	return arena_printf(arena, "%.*s..%.*s", (int)byte_of(text, head), text.p, SPAN_ARG(end));
}
