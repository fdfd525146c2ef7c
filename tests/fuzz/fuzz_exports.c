/* fuzz_exports.c - fuzz: what exports are made of. CSV gives the same rows whether it is in view as
 * a whole or comes in pieces; Hive's form and columns become valid JSON or nothing; UTF-16 becomes
 * the same valid UTF-8 in any pieces; entries of archives end. */
#include "fuzz.h"

#include "bytes/archive.h"
#include "bytes/utf16.h"
#include "records/csv.h"
#include "records/foreign.h"
#include "records/hive.h"
#include "records/scan.h"

#include <stdlib.h>

enum { MOST_INPUT = 20000 };

static void must(int fine)
{
	if (!fine)
		abort();
}

static void must_be_json(struct span text)
{
	struct scan j;
	scan_init(&j, text);
	must(scan_skip(&j) && scan_end(&j));
}

/* A block of its own, so that a sanitizer sees what is read behind it. */
static char *own_block(struct span s)
{
	char *p = malloc(s.n + !s.n);
	must(p != NULL);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

static void sum_up(uint64_t *sum, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		*sum = (*sum + (unsigned char)s.p[i] + 1) * 0x9E3779B97F4A7C15u;
	*sum = (*sum + s.n + 257) * 0x9E3779B97F4A7C15u;
}

/* All rows, with no more than step bytes more in view each time. */
static uint64_t all_rows(struct span text, size_t step, size_t *rows)
{
	struct csv t;
	uint64_t sum = 0;
	struct buf record;
	csv_init(&t);
	buf_init(&record, LIMIT_RECORD_BYTES);
	ptrdiff_t end = span_chr(text, '\n');
	struct span line = span_sub(text, 0, end < 0 ? text.n : (size_t)end);
	*rows = 0;
	if (csv_heading(&t, line) == HEADING_KNOWN) {
		struct span rest = span_from(text, end < 0 ? text.n : (size_t)end + 1);
		while (rest.n) {
			const char *error = NULL;
			size_t n = 0, view = step < rest.n ? step : rest.n;
			enum csv_result result;
			for (;;) {
				char *part = own_block(span_sub(rest, 0, view));
				result = csv_row(&t, span_make(part, view), view == rest.n, &n,
				                 &error);
				free(part);
				if (result != CSV_CUT)
					break;
				must(view < rest.n);
				view = rest.n - view < step ? rest.n : view + step;
			}
			must(n > 0 && n <= rest.n && (result == CSV_ROW) == !error);
			if (result == CSV_ROW) {
				for (size_t i = 0; i < t.row.n; i++)
					sum_up(&sum, csv_cell(&t, i));
				buf_reset(&record);
				if (t.record == t.head.n && !csv_record(&t, &record))
					sum_up(&sum, buf_span(&record));
				(*rows)++;
				rest = span_from(rest, n);
			} else {
				/* Where a line ends depends on how much of it is in view. */
				break;
			}
		}
	}
	buf_release(&record);
	csv_release(&t);
	return sum;
}

static void try_csv(struct span text)
{
	size_t rows, cut_rows;
	uint64_t whole = all_rows(text, text.n, &rows), cut = all_rows(text, 7, &cut_rows);
	must(rows == cut_rows && whole == cut);
}

static void try_hive(struct span text)
{
	const struct shape *const shapes[] = {shape_identity, shape_resource, shape_tls};
	struct buf out;
	buf_init(&out, 10 * MOST_INPUT);
	for (size_t i = 0; i < 3; i++) {
		if (hive_object(text, shapes[i], &out))
			must_be_json(buf_span(&out));
		else
			must(out.n == 0);
		buf_reset(&out);
	}
	if (hive_list_of_one(text, shape_resource, &out))
		must_be_json(buf_span(&out));
	buf_reset(&out);
	struct scan j;
	scan_init(&j, text);
	if (scan_peek(&j) == SCAN_OBJECT && scan_skip(&j) && scan_end(&j)) {
		if (shape_names(text, shape_identity, &out))
			must_be_json(buf_span(&out));
		foreign_object(text);
	}
	buf_release(&out);
	foreign_text(text);
}

static void try_utf16(struct span text, bool big)
{
	struct utf16 whole = {.used = true, .big = big}, pieces = whole;
	char *a = malloc(utf16_room(text.n) + 8), *b = malloc(utf16_room(text.n) + 8);
	must(a && b);
	size_t n = utf16_decode(&whole, text.p, text.n, a), m = 0;
	n += utf16_end(&whole, a + n);
	for (size_t i = 0; i < text.n; i++)
		m += utf16_decode(&pieces, text.p + i, 1, b + m);
	m += utf16_end(&pieces, b + m);
	must(n == m && memcmp(a, b, n) == 0 && n <= utf16_room(text.n) + 8);
	must(span_utf8(span_make(a, n)));
	free(a);
	free(b);
}

static void try_archive(struct span text)
{
	enum { MOST_ENTRIES = 20, MOST_TEXT = 1 << 22 };
	static struct stream *s, *entry; /* for all inputs, as a worker has them */
	struct archive_entries *entries;
	struct span name;
	struct err err;
	if (!archive_begins(text))
		return;
	s = s ? s : stream_new(NULL);
	entry = entry ? entry : stream_new(NULL);
	stream_open_memory(s, text);
	err_clear(&err);
	if (archive_open(s, &entries, &err) == STATUS_OK) {
		enum status status = STATUS_OK;
		for (int i = 0; i < MOST_ENTRIES && (status == STATUS_OK || status == STATUS_SKIP);
		     i++) {
			err_clear(&err);
			status = archive_next(entries, &name, &err);
			if (status != STATUS_OK)
				continue;
			size_t got = 0;
			archive_open_entry(entries, entry, "entry");
			do {
				got += stream_view(entry).n;
				stream_take(entry, stream_view(entry).n);
			} while (got < MOST_TEXT && stream_more(entry) != STREAM_END);
			stream_close(entry);
		}
		archive_close(entries);
	} else {
		must(err_is_set(&err));
	}
	stream_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > MOST_INPUT)
		return 0;
	struct span text = span_make((const char *)data, n);
	if (n == 0)
		text.p = "";
	try_csv(text);
	try_hive(text);
	try_utf16(text, false);
	try_utf16(text, true);
	try_archive(text);
	return 0;
}
