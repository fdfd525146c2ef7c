/* plain.c - cli: see plain.h. */
#include "config.h"

#include "cli/plain.h"

#include "base/alloc.h"
#include "base/span.h"
#include "cli/command.h"
#include "store/store.h"

#include <stdarg.h>
#include <stdlib.h>

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list args,
                                                               size_t *n)
{
	va_list again;
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size < 0)
		return NULL;
	char *text = xmalloc((size_t)size + 1);
	vsnprintf(text, (size_t)size + 1, format, args);
	*n = (size_t)size;
	return text;
}

void print_plain(FILE *to, const char *format, ...)
{
	size_t n, head = strspn(format, "\n"), length = strlen(format), tail = 0, first;
	va_list args;
	va_start(args, format);
	char *text = format_text(format, args, &n);
	va_end(args);
	if (!text)
		return;
	while (tail < length - head && format[length - tail - 1] == '\n')
		tail++;
	span_plain(text + head, n - head - tail);
	first = head + strspn(text + head, " ");
	if (text[first] == ':' && text[first + 1] == ':')
		text[first] = '?';
	fwrite(text, 1, n, to); /* checked when the stream is flushed */
	free(text);
}

void print_err(const char *command, const struct err *err)
{
	char line[2048];
	fprintf(stderr, "iamreplay %s: %s\n", command, err_line(err, line, sizeof line));
}

int print_failure(const char *command, const struct err *err)
{
	print_err(command, err);
	return err->reason == store_only_counts ? EXIT_USAGE : EXIT_NOT_DONE;
}

void print_json_end(struct json_writer *w)
{
	if (json_finish(w))
		putchar('\n');
}

const char *plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}
