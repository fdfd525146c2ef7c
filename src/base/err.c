/* err.c - base: see err.h. */
#include "config.h"

#include "base/err.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void err_clear(struct err *e)
{
	if (e)
		memset(e, 0, sizeof *e);
}

bool err_is_set(const struct err *e)
{
	return e->text[0] != '\0';
}

enum status err_set(struct err *e, enum status status, const char *reason, const char *format, ...)
{
	if (!e)
		return status;
	va_list args;
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	span_plain(e->text, strlen(e->text));
	e->reason = reason;
	return status;
}

void err_at_file(struct err *e, const char *where)
{
	if (!e)
		return;
	snprintf(e->where, sizeof e->where, "%s", where);
	span_plain(e->where, strlen(e->where));
}

void err_at_record(struct err *e, uint64_t record)
{
	if (e)
		e->record = record;
}

void err_at_offset(struct err *e, uint64_t offset)
{
	if (!e)
		return;
	e->offset = offset;
	e->has_offset = true;
}

const char *err_line(const struct err *e, char *out, size_t size)
{
	char record[32] = "", offset[40] = "";
	if (e->record)
		snprintf(record, sizeof record, "%" PRIu64 ":", e->record);
	if (e->has_offset)
		snprintf(offset, sizeof offset, " (at byte %" PRIu64 ")", e->offset);
	snprintf(out, size, "%s%s%s%s%s%s", e->where, e->where[0] ? ":" : "", record,
	         e->where[0] || e->record ? " " : "", e->text, offset);
	return out;
}
