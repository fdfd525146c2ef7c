/* merge-rows.c - store: sources, streams, principals, contexts, sessions, calls, keys and names of
 * a database that is taken into another. Hashes are made anew from what the rows say: that a row is
 * the same as another one is never taken from the file. */
#include "config.h"

#include "store/merge.h"

enum { OWN_COLUMNS = 26 }; /* of call-get, before those of fold-candidates */

/* 0001-01-01 and the end of 9999, in seconds since 1970: what a record's time can be. */
#define LEAST_TIME INT64_C(-62135596800)
#define MOST_TIME INT64_C(253402300799)

enum status merge_altered(struct merge *m, struct err *err)
{
	err_set(err, STATUS_STOP, "damaged",
	        "a row of this database points to one that is not there: the file was altered");
	err_at_file(err, m->from->path);
	return STATUS_STOP;
}

struct span merge_text(struct stmt *s, int column)
{
	struct span text = column_text(s, column);
	s->altered |= !text.p;
	return text.p ? text : SPAN_LIT("");
}

int64_t merge_time(struct stmt *s, int column)
{
	int64_t time = column_int(s, column);
	if (time >= LEAST_TIME && time <= MOST_TIME)
		return time;
	s->altered = true;
	return 0;
}

/* ---- numbers of rows */

static void add_pair(struct id_map *map, int64_t from, int64_t to)
{
	*(struct id_pair *)vec_add(map) = (struct id_pair){from, to};
}

static const struct id_pair *find_pair(const struct id_map *map, int64_t from)
{
	size_t low = 0, high = map->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (map->v[middle].from < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < map->n && map->v[low].from == from ? &map->v[low] : NULL;
}

static int by_from(const void *a, const void *b)
{
	const struct id_pair *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

enum status merge_id(struct merge *m, const struct id_map *map, int64_t from, int64_t *to,
                     struct err *err)
{
	const struct id_pair *p = find_pair(map, from);
	if (!p)
		return merge_altered(m, err);
	*to = p->to;
	return STATUS_OK;
}

/* Reads all rows of a statement of the database that is taken in, each by one function. */
static enum status each_row(struct merge *m, enum sql sql,
                            enum status (*one)(struct merge *m, struct stmt *s, struct err *err),
                            struct err *err)
{
	struct stmt *s = db_stmt(m->from, sql, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->from, s, err)) > 0) {
		arena_reset(&m->row);
		arena_reset(&m->into->arena);
		enum status status = one(m, s, err);
		if (status != STATUS_OK) {
			db_reset(s);
			return status;
		}
	}
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

/* ---- sources */

struct source_row {
	int64_t id;
	struct span name, format, damage;
	bool has_content;
	struct hash128 content;
	struct store_window window;
	int state;
	int64_t size, reached, records, stored, duplicates, conflicts, ignored, skipped;
};

static void source_from_row(struct stmt *s, struct source_row *r)
{
	*r = (struct source_row){
	        .id = column_int(s, 0),
	        .name = merge_text(s, 1),
	        .has_content = !column_is_null(s, 2),
	        .content = column_hash(s, 2),
	        .size = column_int(s, 3),
	        .format = column_text(s, 4),
	        .window = {column_int(s, 5), column_int(s, 6)},
	        .state = column_enum(s, 7, 1, 2),
	        .reached = column_int(s, 8),
	        .records = column_int(s, 9),
	        .stored = column_int(s, 10),
	        .duplicates = column_int(s, 11),
	        .conflicts = column_int(s, 12),
	        .ignored = column_int(s, 13),
	        .skipped = column_int(s, 14),
	        .damage = column_text(s, 15),
	};
}

static void bind_source(struct stmt *s, const struct source_row *r)
{
	bind_text(s, IN_NAME, r->name);
	bind_hash(s, IN_CONTENT, r->has_content ? &r->content : NULL);
	bind_int(s, IN_SIZE, r->size);
	bind_text(s, IN_FORMAT, r->format);
	bind_int(s, IN_SINCE, r->window.since);
	bind_int(s, IN_UNTIL, r->window.until);
	bind_int(s, IN_STATE, r->state);
	bind_int(s, IN_REACHED, r->reached);
	bind_int(s, IN_RECORDS, r->records);
	bind_int(s, IN_STORED, r->stored);
	bind_int(s, IN_DUPLICATES, r->duplicates);
	bind_int(s, IN_CONFLICTS, r->conflicts);
	bind_int(s, IN_IGNORED, r->ignored);
	bind_int(s, IN_SKIPPED, r->skipped);
	bind_text(s, IN_DAMAGE, r->damage);
}

enum known {              /* what the source that is there already means for one of equal content */
	     KNOWN_NOT,   /* other windows: both were read */
	     KNOWN_WHOLE, /* it has all that the other one has */
	     KNOWN_PART,  /* it is the beginning of the other one */
};

struct known_source {
	enum known how;
	int64_t id, stored, conflicts;
};

static enum known compare_known(struct stmt *s, const struct source_row *r)
{
	int64_t since = column_int(s, 1), until = column_int(s, 2);
	int state = column_enum(s, 3, 1, 2);
	if (state == 2 && since <= r->window.since && until >= r->window.until)
		return KNOWN_WHOLE;
	if (state != 1 || since != r->window.since || until != r->window.until)
		return KNOWN_NOT;
	return r->state == 1 && r->reached <= column_int(s, 4) ? KNOWN_WHOLE : KNOWN_PART;
}

static enum status find_known(struct merge *m, const struct source_row *r, struct known_source *out,
                              struct err *err)
{
	struct stmt *s;
	int row = 0;
	*out = (struct known_source){KNOWN_NOT, 0, 0, 0};
	if (!r->has_content)
		return STATUS_OK;
	if (!(s = db_stmt(m->into, SQL_MERGE_SOURCE_KNOWN, err)))
		return STATUS_STOP;
	bind_hash(s, IN_CONTENT, &r->content);
	while (out->how != KNOWN_WHOLE && (row = db_row(m->into, s, err)) > 0) {
		enum known how = compare_known(s, r);
		if (how != KNOWN_NOT)
			*out = (struct known_source){how, column_int(s, 0), column_int(s, 5),
			                             column_int(s, 6)};
	}
	db_reset(s);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status copy_reasons(struct merge *m, int64_t from, int64_t to, struct err *err)
{
	struct stmt *s = db_stmt(m->from, SQL_MERGE_REASONS, err), *add;
	int row;
	if (!s)
		return STATUS_STOP;
	bind_int(s, IN_SOURCE, from);
	while ((row = db_row(m->from, s, err)) > 0) {
		if (!(add = db_stmt(m->into, SQL_REASON_ADD, err)))
			break;
		bind_int(add, IN_SOURCE, to);
		bind_int(add, IN_SKIPPED, column_int(s, 0) != 0);
		bind_text(add, IN_WORD, merge_text(s, 1));
		bind_int(add, IN_N, column_int(s, 2));
		bind_int(add, IN_RECORD, column_int(s, 3));
		bind_text(add, IN_SAMPLE, column_text(s, 4));
		if (db_run(m->into, add, err) != STATUS_OK)
			break;
	}
	db_reset(s);
	return row == 0 ? STATUS_OK : STATUS_STOP;
}

static enum status put_source(struct merge *m, const struct source_row *r, struct known_source *k,
                              struct err *err)
{
	bool part = k->how == KNOWN_PART;
	struct stmt *s;
	if (part) {
		if (!(s = db_stmt(m->into, SQL_MERGE_REASONS_DROP, err)))
			return STATUS_STOP;
		bind_int(s, IN_SOURCE, k->id);
		if (db_run(m->into, s, err) != STATUS_OK)
			return STATUS_STOP;
	}
	if (!(s = db_stmt(m->into, part ? SQL_MERGE_SOURCE_SET : SQL_MERGE_SOURCE_ADD, err)))
		return STATUS_STOP;
	bind_source(s, r);
	if (part)
		bind_int(s, IN_SOURCE, k->id);
	int64_t id;
	if (db_insert(m->into, s, &id, err) != STATUS_OK)
		return STATUS_STOP;
	if (!part)
		k->id = id;
	return copy_reasons(m, r->id, k->id, err);
}

/* One that was read there and here is one source; its events count as they did here. */
static enum status merge_source(struct merge *m, struct stmt *s, struct err *err)
{
	struct source_row r;
	struct known_source known;
	source_from_row(s, &r);
	if (find_known(m, &r, &known, err) != STATUS_OK)
		return STATUS_STOP;
	m->counts.sources++;
	if (known.how == KNOWN_WHOLE) {
		m->counts.sources_known++;
		m->known_stored += r.stored;
		m->known_conflicts += r.conflicts;
	} else {
		m->known_stored += known.stored;
		m->known_conflicts += known.conflicts;
		if (put_source(m, &r, &known, err) != STATUS_OK)
			return STATUS_STOP;
	}
	add_pair(&m->sources, r.id, known.id);
	return STATUS_OK;
}

/* ---- what events point to */

static enum status merge_stream(struct merge *m, struct stmt *s, struct err *err)
{
	static const enum event_observer by_kind[] = {OBSERVED_PROXY, OBSERVED_CLOUDTRAIL,
	                                              OBSERVED_S3_ACCESS};
	struct fact f = {.observer = by_kind[column_enum(s, 1, 0, 2)],
	                 .account = merge_text(s, 2),
	                 .region = merge_text(s, 3)};
	int64_t id;
	f.stream = stream_hash(f.observer, f.account, f.region);
	if (row_stream(m->into, &f, &id, err) != STATUS_OK)
		return STATUS_STOP;
	*(struct merge_stream *)vec_add(&m->streams) =
	        (struct merge_stream){.from = column_int(s, 0),
	                              .to = id,
	                              .observer = f.observer,
	                              .account = arena_span(&m->arena, f.account),
	                              .region = arena_span(&m->arena, f.region)};
	return STATUS_OK;
}

static struct principal principal_at(struct stmt *s, int at)
{
	return (struct principal){
	        .arn = merge_text(s, at),
	        .type = (enum principal_type)column_enum(s, at + 1, 1, PRINCIPAL_UNKNOWN),
	        .account = column_text(s, at + 2),
	        .editable = column_int(s, at + 3) != 0,
	        .permission_set = column_text(s, at + 4),
	        .path_unknown = column_int(s, at + 5) != 0,
	};
}

static enum status merge_principal(struct merge *m, struct stmt *s, struct err *err)
{
	struct principal p = principal_at(s, 1);
	int64_t id;
	return row_principal(m->into, &p, &id, err);
}

static enum status merge_context(struct merge *m, struct stmt *s, struct err *err)
{
	struct fact f = {.context = {
	                         .source_network = column_text(s, 1),
	                         .vpc_endpoint = column_text(s, 2),
	                         .mfa = (enum tristate)column_enum(s, 3, 0, TRI_YES),
	                         .tls = (enum tristate)column_enum(s, 4, 0, TRI_YES),
	                         .tls_version = column_text(s, 5),
	                         .invoked_by = column_text(s, 6),
	                         .agent = column_text(s, 7),
	                         .session_tags = column_text(s, 8),
	                 }};
	int64_t id;
	f.context_hash = context_hash(&f.context);
	if (row_context(m->into, &f, &id, err) != STATUS_OK)
		return STATUS_STOP;
	add_pair(&m->contexts, column_int(s, 0), id);
	return STATUS_OK;
}

static enum status merge_session(struct merge *m, struct stmt *s, struct err *err)
{
	struct fact f = {.session = {.access_key = column_text(s, 1),
	                             .name = column_text(s, 2),
	                             .source_identity = column_text(s, 3),
	                             .issuer_id = column_text(s, 4)},
	                 .call = {.principal = principal_at(s, 5)}};
	int64_t id;
	f.session_hash = session_hash(f.call.principal.arn, &f.session);
	if (row_session(m->into, &f, &id, err) != STATUS_OK)
		return STATUS_STOP;
	add_pair(&m->sessions, column_int(s, 0), id);
	return STATUS_OK;
}

/* ---- calls */

/* How far names of the call's group are folded where it comes from. */
static enum status fold_alike(struct merge *m, const struct call *c, struct err *err)
{
	struct hash128 group;
	if (!fold_group_of(c, &group))
		return STATUS_OK;
	struct stmt *s = db_stmt(m->from, SQL_FOLD_GET, err);
	if (!s)
		return STATUS_STOP;
	bind_hash(s, IN_HASH, &group);
	int row = db_row(m->from, s, err);
	if (row < 0)
		return STATUS_STOP;
	int level = row ? column_enum(s, 0, 0, 3) : 3;
	db_reset(s);
	return fold_at_most(m->into, c, level, err);
}

static enum status sample_at(struct merge *m, struct stmt *s, int at, struct sample *out,
                             struct err *err)
{
	int64_t source = column_int(s, at + 3);
	*out = (struct sample){.time = merge_time(s, at),
	                       .id = column_hash(s, at + 1),
	                       .event_id = column_text(s, at + 2),
	                       .ordinal = column_int(s, at + 4)};
	/* 0: put together of several records */
	return source ? merge_id(m, &m->sources, source, &out->source, err) : STATUS_OK;
}

static enum status merge_call(struct merge *m, struct stmt *s, struct err *err)
{
	struct call_use use;
	struct call_marks marks;
	struct cache_entry *e;
	call_from_row(s, 0, &m->row, &use);
	marks = (struct call_marks){.read_only = use.read_only,
	                            .management = use.management,
	                            .owner_side = column_int(s, OWN_COLUMNS) != 0,
	                            .folded = use.folded};
	struct hash128 hash = call_hash(&use.call);
	if (sample_at(m, s, OWN_COLUMNS + 1, &marks.sample, err) != STATUS_OK ||
	    fold_alike(m, &use.call, err) != STATUS_OK ||
	    fold_any_call(m->into, &use.call, &hash, &marks, &e, err) != STATUS_OK)
		return STATUS_STOP;
	add_pair(&m->calls, use.id, e->id);
	return sample_least(m->into, &marks.sample, e, err);
}

/* Calls that another one stands for, here: what was put while others were still to come. */
static enum status follow_folds(struct merge *m, struct err *err)
{
	struct stmt *s = db_stmt(m->into, SQL_MERGE_STAND_INS, err);
	struct id_map folded = {.n = 0};
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(m->into, s, err)) > 0)
		add_pair(&folded, column_int(s, 0), column_int(s, 1));
	for (size_t i = 0; i < m->calls.n; i++) {
		const struct id_pair *p = find_pair(&folded, m->calls.v[i].to);
		if (p)
			m->calls.v[i].to = p->to;
	}
	vec_release(&folded);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

static enum status merge_stand_in(struct merge *m, struct stmt *s, struct err *err)
{
	int64_t to;
	if (merge_id(m, &m->calls, column_int(s, 1), &to, err) != STATUS_OK)
		return STATUS_STOP;
	add_pair(&m->stand_ins, column_int(s, 0), to);
	return STATUS_OK;
}

static enum status merge_calls(struct merge *m, struct err *err)
{
	if (each_row(m, SQL_MERGE_CALLS, merge_call, err) != STATUS_OK ||
	    follow_folds(m, err) != STATUS_OK ||
	    each_row(m, SQL_MERGE_STAND_INS, merge_stand_in, err) != STATUS_OK)
		return STATUS_STOP;
	for (size_t i = 0; i < m->stand_ins.n; i++)
		*(struct id_pair *)vec_add(&m->calls) = m->stand_ins.v[i];
	sort_items(m->calls.v, m->calls.n, sizeof *m->calls.v, by_from);
	return STATUS_OK;
}

/* ---- keys and names */

static enum status merge_key(struct merge *m, struct stmt *s, struct err *err)
{
	int64_t issuer = 0;
	if (!column_is_null(s, 5)) {
		struct principal p = principal_at(s, 5);
		if (row_principal(m->into, &p, &issuer, err) != STATUS_OK)
			return STATUS_STOP;
	}
	struct stmt *add = db_stmt(m->into, SQL_KEY_OWNER_ADD, err);
	if (!add)
		return STATUS_STOP;
	bind_text(add, IN_ACCESS_KEY, merge_text(s, 0));
	bind_int(add, IN_ORIGIN, column_enum(s, 1, KEY_ASSIGNED, KEY_ISSUED));
	bind_text(add, IN_PRINCIPAL, merge_text(s, 2));
	bind_text(add, IN_SESSION, column_text(s, 3));
	bind_text(add, IN_TAGS, column_text(s, 4));
	bind_int(add, IN_ISSUER, issuer);
	bind_int(add, IN_TOLD, column_int(s, 11));
	return db_run(m->into, add, err);
}

static enum status merge_iam_name(struct merge *m, struct stmt *s, struct err *err)
{
	const struct iam_name name = {merge_text(s, 0), merge_text(s, 1), merge_text(s, 2),
	                              merge_text(s, 3), column_int(s, 4)};
	return row_iam_name_of(m->into, &name, err);
}

enum status merge_rows(struct merge *m, struct err *err)
{
	static const struct {
		enum sql sql;
		enum status (*one)(struct merge *m, struct stmt *s, struct err *err);
	} parts[] = {
	        {SQL_MERGE_SOURCES, merge_source},       {SQL_MERGE_STREAMS, merge_stream},
	        {SQL_MERGE_PRINCIPALS, merge_principal}, {SQL_MERGE_CONTEXTS, merge_context},
	        {SQL_MERGE_SESSIONS, merge_session},     {SQL_MERGE_KEYS, merge_key},
	        {SQL_MERGE_IAM_NAMES, merge_iam_name},
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (each_row(m, parts[i].sql, parts[i].one, err) != STATUS_OK)
			return STATUS_STOP;
	return merge_calls(m, err);
}
