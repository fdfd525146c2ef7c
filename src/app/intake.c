/* intake.c - app: see intake.h. */
#include "config.h"

#include "app/intake.h"

#include "app/har.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "bytes/archive.h"
#include "events/decoder.h"

#include <stdlib.h>
#include <time.h>

/* ---- batches */

static bool batch_is_full(const struct batch *b)
{
	return b->n_facts == BATCH_FACTS || b->n_reasons == BATCH_REASONS ||
	       b->arena.held > BATCH_BYTES;
}

static void batch_reason(struct batch *b, bool skipped, const char *word, uint64_t ordinal,
                         const char *sample)
{
	size_t i = 0;
	while (i < b->n_reasons &&
	       (b->reasons[i].skipped != skipped || strcmp(b->reasons[i].word, word) != 0))
		i++;
	if (i == b->n_reasons)
		b->reasons[b->n_reasons++] = (struct store_reason){
		        .skipped = skipped,
		        .word = word,
		        .record = ordinal,
		        .sample = sample ? arena_str(&b->arena, span_of(sample)) : NULL,
		};
	b->reasons[i].n++;
}

/* ---- one source */

/* Reasons that what is no log gives: see may_be_no_log(). */
enum { MOST_HELD = 3 };

struct intake {
	const struct intake_options *options;
	struct stream *stream;                      /* of the source being read: streams[depth] */
	struct stream *streams[LIMIT_ARCHIVES + 1]; /* the file's own, and those of entries */
	unsigned depth;                             /* of archives around the source */
	struct reader *reader;
	struct normaliser *normaliser;
	struct har *har;      /* made for the first HTTP archive */
	struct arena scratch; /* of the record being decoded */

	/* Of the source being read. */
	const struct intake_sink *sink;
	const char *path;
	const struct hash128 *content; /* of a remote source; NULL: the stream's */
	struct batch *batch;
	uint64_t ordinal; /* of what was told last */
	uint64_t resume;  /* up to this one all is known */
	uint64_t record;  /* the reader's, for messages */
	bool named, begun, stopped;
	bool broken; /* the source can't be read on: what would be told now is not known */
	/* Of a file met on a walk: what was lost before anything was known in it. It is told when
	 * something is; else the file is no log. */
	struct held {
		const char *reason;
		uint64_t n;
		struct err first;
	} held[MOST_HELD];
	size_t n_held;
	bool known;     /* something in the source was a record, or is expected beside logs */
	uint64_t lines; /* of other logs, ignored */
};

struct intake *intake_new(const struct intake_options *options)
{
	struct intake *in = xcalloc(1, sizeof *in);
	in->options = options;
	in->stream = in->streams[0] = stream_new(options->stop);
	in->reader = reader_new();
	reader_leave_open(in->reader);
	in->normaliser = normaliser_new(options->mapping);
	arena_init(&in->scratch);
	return in;
}

void intake_free(struct intake *in)
{
	if (!in)
		return;
	for (size_t i = 0; i <= LIMIT_ARCHIVES; i++)
		stream_free(in->streams[i]);
	reader_free(in->reader);
	normaliser_free(in->normaliser);
	har_free(in->har);
	arena_release(&in->scratch);
	free(in);
}

static bool is_stopped(const struct intake *in)
{
	return in->stopped || (in->options->stop && atomic_load(in->options->stop));
}

static const struct hash128 *content_of(const struct intake *in)
{
	return in->content ? in->content : stream_content(in->stream);
}

static struct batch_mark *new_mark(struct intake *in)
{
	struct batch_mark *mark = arena_calloc(&in->batch->arena, 1, sizeof *mark);
	mark->name = arena_str(&in->batch->arena, span_of(in->path));
	return mark;
}

static void give_batch(struct intake *in)
{
	if (!in->sink->full(in->sink->data, in->batch))
		in->stopped = true;
	in->batch = in->sink->fresh(in->sink->data);
}

static void hand_over(struct intake *in)
{
	in->batch->reached = in->ordinal;
	if (!in->begun && in->depth)
		in->batch->opens = new_mark(in);
	else if (!in->begun &&
	         !in->sink->begin(in->sink->data, content_of(in), in->resume > 0, false))
		in->stopped = true;
	in->begun = true;
	if (!in->stopped)
		give_batch(in);
}

/* Something was told about a record; true if it is new. */
static bool is_new(struct intake *in)
{
	return !in->stopped && !in->broken && ++in->ordinal > in->resume;
}

static void told(struct intake *in)
{
	in->batch->records++;
	if (batch_is_full(in->batch))
		hand_over(in);
}

static void on_ignored(void *data, const char *kind)
{
	struct intake *in = data;
	if (!is_new(in))
		return;
	batch_reason(in->batch, false, kind, in->ordinal, NULL);
	told(in);
}

static void on_lost(void *data, const struct err *err)
{
	struct intake *in = data;
	if (!is_new(in))
		return;
	struct batch *b = in->batch;
	batch_reason(b, true, err->reason, in->ordinal, err->text);
	if (b->n_notes < BATCH_NOTES) {
		struct err *note = &b->notes[b->n_notes++];
		*note = *err;
		err_at_file(note, in->path);
		err_at_record(note, in->record);
	}
	told(in);
}

/* A reduced row counts events inside and outside of the window. */
static void lose_row_across(struct intake *in)
{
	struct err err;
	err_clear(&err);
	err_set(&err, STATUS_SKIP, "window-in-day",
	        "the window begins or ends inside of what a reduced row counts: it takes whole "
	        "days");
	on_lost(in, &err);
}

static void on_event(void *data, const struct event *e)
{
	struct intake *in = data;
	const struct store_window *w = &in->options->window;
	bool call = e->kind != EVENT_IDENTITY;
	int64_t last = e->count ? e->count->last : e->time;
	if (call && (last < w->since || e->time >= w->until)) {
		on_ignored(in, "outside-window");
		return;
	}
	if (call && (e->time < w->since || last >= w->until)) {
		lose_row_across(in);
		return;
	}
	if (!is_new(in))
		return;
	struct batch *b = in->batch;
	normalise(in->normaliser, e, &b->arena, &b->facts[b->n_facts]);
	b->ordinals[b->n_facts++] = in->ordinal;
	/* No call, and yet not lost where it names a key's owner. */
	if (!call)
		batch_reason(b, false,
		             b->facts[b->n_facts - 1].n_issued ? "identity-used"
		                                               : "identity-unusable",
		             in->ordinal, NULL);
	told(in);
}

/* Whether what is lost may be in a file that is no log at all: a picture, a script, notes. A file
 * that begins as one of CloudTrail is a damaged one. */
static bool may_be_no_log(const struct intake *in, const struct err *err)
{
	static const char *const reasons[MOST_HELD] = {"unknown-format", "not-cloudtrail",
	                                               "bad-json"};
	if (in->named || in->known || strcmp(reader_format(in->reader), "unknown") != 0)
		return false;
	for (size_t i = 0; i < MOST_HELD; i++)
		if (strcmp(err->reason, reasons[i]) == 0)
			return true;
	return false;
}

static void hold(struct intake *in, const struct err *err)
{
	size_t i = 0;
	while (i < in->n_held && strcmp(in->held[i].reason, err->reason) != 0)
		i++;
	if (i == in->n_held) {
		in->held[in->n_held++] = (struct held){.reason = err->reason, .first = *err};
		err_at_record(&in->held[i].first, in->record);
	}
	in->held[i].n++;
}

/* The source is a log: what was held is lost. */
static void tell_held(struct intake *in)
{
	uint64_t now = in->record;
	in->known = true;
	for (size_t i = 0; i < in->n_held; i++)
		for (; in->held[i].n; in->held[i].n--) {
			in->record = in->held[i].first.record;
			on_lost(in, &in->held[i].first);
		}
	in->n_held = 0;
	in->record = now;
}

static void lose_record(struct intake *in, const struct err *err)
{
	if (may_be_no_log(in, err)) {
		hold(in, err);
		return;
	}
	tell_held(in);
	on_lost(in, err);
}

/* A decoder per form; nearly every source has one form only. */
struct decoding {
	const struct decoder *decoder;
	void *state;
};

static struct har *har_of(struct intake *in)
{
	if (!in->har)
		in->har = har_new(in->options->mapping);
	return in->har;
}

/* What a reader makes of a text that was cut by a failing disk is not what is in the file. */
static bool is_broken(struct intake *in)
{
	return in->broken = stream_broken(in->stream) != NULL;
}

/* An open record that is not whole, or no JSON: what it would have been had it not been left open.
 */
static enum status close_and_decode(struct intake *in, struct decoding *d, struct record *rec,
                                    const struct event_sink *sink, struct err *err)
{
	arena_reset(&in->scratch);
	err_clear(err);
	enum status status = reader_close(in->reader, rec, err);
	if (is_broken(in))
		return STATUS_OK;
	if (status == STATUS_SKIP) {
		lose_record(in, err);
		return STATUS_OK;
	}
	return d->decoder->decode(d->state, rec, &in->scratch, sink, err);
}

static enum status decode_any(struct intake *in, struct decoding *d, struct record *rec,
                              const struct event_sink *sink, struct err *err)
{
	size_t n = 0;
	if (!rec->open)
		return d->decoder->decode(d->state, rec, &in->scratch, sink, err);
	enum status status = d->decoder->decode_open(d->state, rec, &in->scratch, sink, &n, err);
	if (!n)
		return close_and_decode(in, d, rec, sink, err);
	reader_ends_at(in->reader, rec, n);
	return status;
}

static void decode_record(struct intake *in, struct decoding *d, struct record *rec,
                          const struct event_sink *sink)
{
	struct err err;
	if (!d->decoder || d->decoder->form != rec->form) {
		if (d->decoder && d->decoder->end)
			d->decoder->end(d->state, sink);
		d->decoder = rec->form == RECORD_HAR ? &decoder_har : decoder_for(rec->form);
		d->state = rec->form == RECORD_HAR ? har_of(in)
		           : d->decoder->begin     ? d->decoder->begin(span_of(in->path))
		                                   : NULL;
	}
	err_clear(&err);
	enum status status = decode_any(in, d, rec, sink, &err);
	if (status == STATUS_SKIP) {
		if (strcmp(err.reason, "bad-json") == 0)
			reader_reject(in->reader, (size_t)err.offset);
		/* An offset inside the record says little without the record's own. */
		err.has_offset = false;
		on_lost(in, &err);
	}
	arena_reset(&in->scratch);
}

static void read_records(struct intake *in)
{
	const struct event_sink sink = {in, on_event, on_ignored, on_lost};
	struct decoding decoding = {NULL, NULL};
	struct record rec;
	struct err err;
	uint64_t seen = 0, now;
	reader_begin(in->reader, in->stream);
	err_clear(&err);
	for (;;) {
		enum status status = reader_next(in->reader, &rec, &err);
		/* What was held is told only of what is in the file. */
		if (status == STATUS_OK && rec.open && in->n_held)
			status = reader_close(in->reader, &rec, &err);
		if (is_broken(in) || status == STATUS_END)
			break;
		in->record = rec.ordinal;
		if (status == STATUS_SKIP) {
			lose_record(in, &err);
			err_clear(&err);
		} else if (rec.ignored) {
			tell_held(in);
			in->lines += strcmp(rec.ignored, "log-line") == 0;
			on_ignored(in, rec.ignored);
		} else {
			tell_held(in);
			decode_record(in, &decoding, &rec, &sink);
		}
		if (is_stopped(in)) {
			/* What end() would hand on as if the source were over must not be taken for
			 * that. */
			in->stopped = true;
			break;
		}
		if ((now = stream_read(in->stream)) != seen && in->sink->progress) {
			in->sink->progress(in->sink->data, now - seen);
			seen = now;
		}
	}
	if (decoding.decoder && decoding.decoder->end)
		decoding.decoder->end(decoding.state, &sink);
}

static void end_read(struct intake *in, struct intake_end *end)
{
	if (!in->stopped)
		hand_over(in);
	const struct hash128 *content = content_of(in);
	const struct err *damage = stream_damage(in->stream);
	end->how = is_stopped(in) ? INTAKE_STOPPED : INTAKE_READ;
	end->has_content = content != NULL;
	if (content)
		end->content = *content;
	end->size = stream_size(in->stream);
	end->format = reader_format(in->reader);
	end->remark = in->lines && in->lines == in->ordinal
	                      ? "holds lines of other logs and no record"
	                      : reader_remark(in->reader);
	memcpy(end->path, reader_path(in->reader), strlen(reader_path(in->reader)) + 1);
	if (damage) {
		end->damage = *damage;
	} else if (reader_unclosed(in->reader)) {
		err_at_file(&end->damage, in->path);
		err_set(&end->damage, STATUS_FILE, "unclosed", "the list of records does not end");
	}
}

static void end_passed(struct intake *in, struct intake_end *end)
{
	const struct err *first = &in->held[0].first;
	const char *seems = strstr(first->text, "seems to be");
	end->how = INTAKE_PASSED;
	err_at_file(&end->err, in->path);
	err_set(&end->err, STATUS_FILE, "passed", "is no log, passed over%s%s", seems ? ": " : "",
	        seems ? seems : "");
}

static void end_broken(struct intake *in, struct intake_end *end)
{
	if (!in->stopped && in->batch->records)
		hand_over(in);
	end->how = is_stopped(in) ? INTAKE_STOPPED : INTAKE_BROKEN;
	end->err = *stream_broken(in->stream);
}

/* Whether its content is known to the end already; else in->resume is set. */
static bool is_known(struct intake *in, const struct hash128 *content)
{
	enum source_state state;
	if (!content || !in->options->store)
		return false;
	state = store_source_lookup(in->options->store, content, &in->options->window, &in->resume);
	if (state != SOURCE_PARTIAL)
		in->resume = 0;
	return state == SOURCE_DONE;
}

static void open_remote(struct intake *in, const struct intake_remote *remote,
                        struct intake_end *end)
{
	struct span bytes = SPAN_NONE;
	const char *file = NULL;
	if (is_known(in, &remote->content)) {
		end->how = INTAKE_UNCHANGED;
		end->size = remote->size;
		return;
	}
	err_at_file(&end->err, in->path);
	enum status status = remote->bring(remote->data, &bytes, &file, &end->err);
	end->fatal = status == STATUS_STOP;
	if (status == STATUS_OK && file)
		status = stream_open(in->stream, file, false, &end->err);
	else if (status == STATUS_OK)
		stream_open_memory(in->stream, bytes);
	if (status != STATUS_OK)
		end->how = is_stopped(in) ? INTAKE_STOPPED : INTAKE_UNREADABLE;
}

/* Whether the folder says that the file is one that is known to the end. */
static bool is_known_file(struct intake *in, struct intake_end *end)
{
	struct file_identity file;
	struct hash128 content;
	if (in->options->rehash || !in->options->store || !file_identity_at(in->path, &file) ||
	    !store_file_lookup(in->options->store, &file, &content) || !is_known(in, &content))
		return false;
	end->how = INTAKE_UNCHANGED;
	end->size = (uint64_t)file.size;
	return true;
}

/* What the folder says of the file that was opened, if that will show a change. */
static void note_file(struct intake *in, struct intake_end *end)
{
	const struct file_identity *file = stream_identity(in->stream);
	if (!file || !file_identity_settled(file, (int64_t)time(NULL)))
		return;
	end->settled = true;
	end->file = *file;
}

static void open_file(struct intake *in, const struct intake_source *source, struct intake_end *end)
{
	if (is_known_file(in, end))
		return;
	if (stream_open(in->stream, source->path, source->named, &end->err) != STATUS_OK) {
		end->how = INTAKE_UNREADABLE;
		return;
	}
	note_file(in, end);
	const struct hash128 *content = stream_content(in->stream);
	if (!is_known(in, content))
		return;
	end->how = INTAKE_UNCHANGED;
	end->size = stream_size(in->stream);
	end->has_content = true;
	end->content = *content;
}

/* INTAKE_READ: the stream is open and is to be read. */
static void open_source(struct intake *in, const struct intake_source *source,
                        struct intake_end *end)
{
	end->how = INTAKE_READ;
	in->content = source->remote ? &source->remote->content : NULL;
	if (source->remote)
		open_remote(in, source->remote, end);
	else
		open_file(in, source, end);
}

/* Nothing is known yet of the source at in->path. */
static void begin_source(struct intake *in, bool named, struct intake_end *end)
{
	in->ordinal = in->resume = in->record = 0;
	in->named = named;
	in->broken = in->begun = in->known = false;
	in->n_held = in->lines = 0;
	err_clear(&end->err);
	err_clear(&end->damage);
	end->how = INTAKE_READ;
	end->has_content = end->fatal = end->settled = false;
	end->size = 0;
	end->format = NULL;
	end->path[0] = '\0';
	end->remark = NULL;
}

/* The source is open; its batch is fresh. */
static void read_source(struct intake *in, struct intake_end *end)
{
	read_records(in);
	if (in->broken)
		end_broken(in, end);
	else if (in->n_held && !in->known)
		end_passed(in, end);
	else
		end_read(in, end);
}

/* ---- archives */

/* Whether the source that is open is an archive, of which so many are around it that it may be
 * read. */
static bool is_archive(struct intake *in)
{
	enum { LONGEST_MAGIC = 512 };
	while (stream_view(in->stream).n < LONGEST_MAGIC && stream_more(in->stream) == STREAM_MORE)
		continue;
	return in->depth < LIMIT_ARCHIVES && archive_begins(stream_view(in->stream));
}

static void read_archive(struct intake *in, struct intake_end *end);

/* What became of the entry at in->path goes with the batch, its last. */
static void close_entry(struct intake *in, const struct intake_end *end)
{
	if (in->stopped)
		return;
	struct batch_mark *mark = new_mark(in);
	mark->end = arena_alloc(&in->batch->arena, sizeof *end);
	*mark->end = *end;
	in->batch->closes = mark;
	give_batch(in);
}

/* An entry that was opened as in->stream; in->path is "ARCHIVE!NAME". */
static void read_entry(struct intake *in, struct intake_end *end)
{
	begin_source(in, false, end);
	in->content = NULL;
	if (is_archive(in))
		read_archive(in, end);
	else
		read_source(in, end);
	if (end->how != INTAKE_ARCHIVE)
		close_entry(in, end);
}

/* One that can't be read: err says why. */
static void lose_entry(struct intake *in, const struct err *err, struct intake_end *end)
{
	begin_source(in, false, end);
	end->how = INTAKE_UNREADABLE;
	end->err = *err;
	err_at_file(&end->err, in->path);
	close_entry(in, end);
}

/* All entries, each as a source of its own. INTAKE_ARCHIVE, or why it could not be read on; what
 * came before is handed on all the same. */
static void read_archive(struct intake *in, struct intake_end *end)
{
	struct archive_entries *entries;
	struct stream *outer = in->stream;
	const char *outer_path = in->path;
	struct span name;
	struct buf path;
	struct err err;
	enum status status = archive_open(outer, &entries, &end->err);
	err_at_file(&end->err, in->path);
	end->how = INTAKE_UNREADABLE;
	if (status != STATUS_OK)
		return;
	struct intake_end *inner = xcalloc(1, sizeof *inner);
	buf_init(&path, LIMIT_PATH * 2);
	if (!in->streams[++in->depth])
		in->streams[in->depth] = stream_new(in->options->stop);
	while (!is_stopped(in)) {
		err_clear(&err);
		status = archive_next(entries, &name, &err);
		if (status == STATUS_END || status == STATUS_FILE)
			break;
		buf_reset(&path);
		buf_add_str(&path, outer_path);
		if (name.p && buf_add_char(&path, '!'))
			buf_add_span(&path, span_sub(name, 0, LIMIT_PATH));
		in->path = buf_str(&path);
		in->stream = in->streams[in->depth];
		if (status == STATUS_OK) {
			archive_open_entry(entries, in->stream, in->path);
			read_entry(in, inner);
			stream_close(in->stream);
		} else {
			lose_entry(in, &err, inner);
		}
		in->stream = outer;
	}
	in->depth--;
	in->path = outer_path;
	if (is_stopped(in)) {
		end->how = INTAKE_STOPPED;
	} else if (status == STATUS_END) {
		end->how = INTAKE_ARCHIVE;
	} else {
		const struct err *broken = stream_broken(outer);
		end->how = INTAKE_BROKEN;
		end->err = broken ? *broken : err;
		err_at_file(&end->err, outer_path);
	}
	archive_close(entries);
	buf_release(&path);
	free(inner);
}

static void read_outer_archive(struct intake *in, struct intake_end *end)
{
	if (!in->sink->begin(in->sink->data, NULL, false, true)) {
		end->how = INTAKE_STOPPED;
		return;
	}
	read_archive(in, end);
	const struct hash128 *content = content_of(in);
	end->has_content = content != NULL;
	if (content)
		end->content = *content;
	end->size = stream_size(in->stream);
	end->format = "archive";
}

void intake_read(struct intake *in, const struct intake_source *source,
                 const struct intake_sink *sink, struct intake_end *end)
{
	in->sink = sink;
	in->path = source->path;
	in->stopped = false;
	begin_source(in, source->named, end);
	open_source(in, source, end);
	if (end->how == INTAKE_READ) {
		in->batch = sink->fresh(sink->data);
		if (is_archive(in))
			read_outer_archive(in, end);
		else
			read_source(in, end);
		batch_free(in->batch);
		in->batch = NULL;
	}
	stream_close(in->stream);
}
