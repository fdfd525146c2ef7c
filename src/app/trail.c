/* trail.c - app: see trail.h. Folders are found first, then listed one after another. */
#include "config.h"

#include "app/trail.h"

#include "base/alloc.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>

/* An organisation has at most some thousands of accounts, times some thirty regions. */
#define LIMIT_PLACES ((size_t)1 << 20)

/* A folder that is listed to its end. */
struct place {
	char *prefix;
	size_t dated; /* where in a key the date begins; 0: it has none */
};

struct trail {
	const struct trail_options *options;
	struct arena arena;
	struct place *places;
	size_t n_places, room;
	bool ready; /* places are known */
	bool found; /* an AWSLogs/ was */

	/* Where the listing is. */
	size_t at; /* place */
	bool listed;
	struct s3_page page;
	size_t next; /* object of page */
	double days; /* how far in the place, 0 to 1 */
};

struct trail *trail_new(const struct trail_options *options)
{
	struct trail *t = xcalloc(1, sizeof *t);
	t->options = options;
	arena_init(&t->arena);
	s3_page_init(&t->page);
	return t;
}

void trail_free(struct trail *t)
{
	if (!t)
		return;
	s3_page_release(&t->page);
	arena_release(&t->arena);
	free(t->places);
	free(t);
}

static void note(const struct trail *t, const char *line)
{
	if (t->options->note)
		t->options->note(t->options->data, line);
}

/* ---- names */

static bool is_account(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n == 12;
}

static bool is_wanted(struct span name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, list[i]))
			return true;
	return n == 0;
}

bool trail_date(struct span rest, int64_t *first, int64_t *last, int64_t *delivered)
{
	char text[32];
	/* "2026/01/31/" */
	if (rest.n < 11 || rest.p[4] != '/' || rest.p[7] != '/' || rest.p[10] != '/')
		return false;
	snprintf(text, sizeof text, "%.4s-%.2s-%.2s", rest.p, rest.p + 5, rest.p + 8);
	if (!when_parse_bound(span_of(text), false, first))
		return false;
	*last = *first + WHEN_DAY_SECONDS - 1;
	*delivered = *last;
	/* "ACCOUNT_CloudTrail_REGION_20260131T0805Z_UNIQUE.json.gz" */
	for (struct span parts = span_from(rest, 11), part; parts.p;) {
		part = span_cut(&parts, '_');
		if (part.n != 14 || part.p[8] != 'T' || part.p[13] != 'Z')
			continue;
		snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:00Z", part.p, part.p + 4,
		         part.p + 6, part.p + 9, part.p + 11);
		if (when_parse(span_of(text), delivered))
			break;
	}
	return true;
}

/* ---- finding folders */

static void add_place(struct trail *t, struct span prefix, size_t dated)
{
	if (t->n_places == LIMIT_PLACES)
		return;
	if (t->n_places == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->places = xreallocarray(t->places, t->room, sizeof *t->places);
	}
	t->places[t->n_places++] = (struct place){arena_str(&t->arena, prefix), dated};
}

struct folders {
	struct span *names; /* without the '/', behind the prefix that was listed */
	size_t n, room;
};

/* What lies below prefix, which ends with '/' or is the beginning of a name. first: one page only.
 */
static enum status list_folders(struct trail *t, struct span prefix, bool first,
                                struct folders *out, struct service_error *why, struct err *err)
{
	const struct s3_listing listing = {.prefix = prefix, .folders = true};
	struct s3_page page;
	enum status status;
	ptrdiff_t slash = span_rchr(prefix, '/');
	size_t cut = slash < 0 ? 0 : (size_t)slash + 1;
	s3_page_init(&page);
	*out = (struct folders){.n = 0};
	do {
		status = s3_list(t->options->bucket, &listing, &page, why, err);
		for (size_t i = 0; status == STATUS_OK && i < page.n_prefixes; i++) {
			struct span name = page.prefixes[i];
			if (name.n <= cut + 1 || out->n == LIMIT_PLACES)
				continue;
			if (out->n == out->room) {
				out->room = out->room ? 2 * out->room : 64;
				out->names =
				        xreallocarray(out->names, out->room, sizeof *out->names);
			}
			out->names[out->n++] =
			        arena_span(&t->arena, span_sub(name, cut, name.n - cut - 1));
		}
	} while (status == STATUS_OK && page.more && !first);
	s3_page_release(&page);
	return status;
}

enum level { LEVEL_ROOT, LEVEL_ORGANISATION, LEVEL_ACCOUNT, LEVEL_REGIONS, LEVEL_DAYS };

static enum status expand(struct trail *t, struct span folder, struct span partial,
                          enum level level, struct err *err);

static enum status expand_below(struct trail *t, struct span folder, struct span name,
                                enum level level, struct err *err)
{
	struct span below = arena_printf(&t->arena, "%.*s%.*s/", SPAN_ARG(folder), SPAN_ARG(name));
	const struct trail_options *o = t->options;
	bool account = is_account(name);
	if (level == LEVEL_REGIONS)
		return is_wanted(name, o->regions, o->n_regions)
		               ? expand(t, below, SPAN_LIT(""), LEVEL_DAYS, err)
		               : STATUS_OK;
	if (account)
		return is_wanted(name, o->accounts, o->n_accounts)
		               ? expand(t, below, SPAN_LIT(""), LEVEL_ACCOUNT, err)
		               : STATUS_OK;
	if (level == LEVEL_ROOT && span_starts(name, SPAN_LIT("o-")))
		return expand(t, below, SPAN_LIT(""), LEVEL_ORGANISATION, err);
	return STATUS_OK;
}

/* Adds the places below a folder of this level; of the names in it only those that begin with
 * partial. */
static enum status expand(struct trail *t, struct span folder, struct span partial,
                          enum level level, struct err *err)
{
	const struct trail_options *o = t->options;
	struct folders found;
	enum status status = STATUS_OK;
	if (level == LEVEL_DAYS) {
		add_place(t,
		          arena_printf(&t->arena, "%.*s%.*s", SPAN_ARG(folder), SPAN_ARG(partial)),
		          folder.n);
		return STATUS_OK;
	}
	if (level == LEVEL_ACCOUNT) {
		/* Digests, Insights events, Config, load balancers lie beside it. */
		if (!span_starts(SPAN_LIT("CloudTrail/"), partial))
			return STATUS_OK;
		return expand(t, arena_printf(&t->arena, "%.*sCloudTrail/", SPAN_ARG(folder)),
		              SPAN_LIT(""), LEVEL_REGIONS, err);
	}
	if (level == LEVEL_REGIONS && o->n_regions && !partial.n) {
		for (size_t i = 0; i < o->n_regions && status == STATUS_OK; i++)
			status = expand_below(t, folder, span_of(o->regions[i]), level, err);
		return status;
	}
	status = list_folders(
	        t, arena_printf(&t->arena, "%.*s%.*s", SPAN_ARG(folder), SPAN_ARG(partial)), false,
	        &found, NULL, err);
	for (size_t i = 0; i < found.n && status == STATUS_OK; i++)
		status = expand_below(t, folder, found.names[i], level, err);
	free(found.names);
	return status;
}

/* The user's prefix, from AWSLogs/ on, level by level: each folder must be what that level has. */
static enum status expand_from(struct trail *t, struct span base, struct span rest, bool *fits,
                               struct err *err)
{
	enum level level = LEVEL_ROOT;
	const struct trail_options *o = t->options;
	struct span folder = base;
	while (span_chr(rest, '/') >= 0 && level != LEVEL_DAYS) {
		struct span name = span_cut(&rest, '/');
		bool account = is_account(name);
		if (level == LEVEL_ROOT && span_starts(name, SPAN_LIT("o-")))
			level = LEVEL_ORGANISATION;
		else if (level <= LEVEL_ORGANISATION && account)
			level = LEVEL_ACCOUNT;
		else if (level == LEVEL_ACCOUNT && span_is(name, "CloudTrail"))
			level = LEVEL_REGIONS;
		else if (level == LEVEL_REGIONS)
			level = LEVEL_DAYS;
		else
			return STATUS_OK;
		if ((account && !is_wanted(name, o->accounts, o->n_accounts)) ||
		    (level == LEVEL_DAYS && !is_wanted(name, o->regions, o->n_regions))) {
			*fits = true;
			return STATUS_OK;
		}
		folder = arena_printf(&t->arena, "%.*s%.*s/", SPAN_ARG(folder), SPAN_ARG(name));
		if (!rest.p)
			rest = SPAN_LIT("");
	}
	*fits = true;
	return expand(t, folder, rest, level, err);
}

/* Years, months, days and hours hold no trail. */
static bool is_number(struct span name)
{
	uint64_t number;
	return span_to_u64(name, &number);
}

static enum status search_root(struct trail *t, struct span prefix, struct err *err)
{
	t->found = true;
	return expand(t, arena_printf(&t->arena, "%.*sAWSLogs/", SPAN_ARG(prefix)), SPAN_LIT(""),
	              LEVEL_ROOT, err);
}

/* Looks for AWSLogs/ below prefix, folder by folder. */
static enum status search(struct trail *t, struct span prefix, struct err *err)
{
	struct {
		struct span prefix;
		unsigned depth;
	} queue[TRAIL_SEARCHED];
	size_t n = 0;
	enum status status = STATUS_OK;
	queue[n].depth = 0;
	queue[n++].prefix = prefix;
	for (size_t i = 0; i < n && status == STATUS_OK; i++) {
		struct folders found;
		struct service_error why;
		ptrdiff_t slash = span_rchr(queue[i].prefix, '/');
		struct span folder =
		        span_sub(queue[i].prefix, 0, slash < 0 ? 0 : (size_t)slash + 1);
		status = list_folders(t, queue[i].prefix, true, &found, &why, err);
		/* Who may list the trail's folder alone may not list what is above it. */
		if (status == STATUS_SKIP && i == 0 && folder.n == prefix.n &&
		    strcmp(why.code, "AccessDenied") == 0)
			status = search_root(t, prefix, err);
		for (size_t k = 0; k < found.n && status == STATUS_OK; k++) {
			if (span_is(found.names[k], "AWSLogs")) {
				status = search_root(t, folder, err);
			} else if (queue[i].depth < TRAIL_DEPTH && n < TRAIL_SEARCHED &&
			           !is_number(found.names[k])) {
				queue[n].depth = queue[i].depth + 1;
				queue[n++].prefix =
				        arena_printf(&t->arena, "%.*s%.*s/", SPAN_ARG(folder),
				                     SPAN_ARG(found.names[k]));
			}
		}
		free(found.names);
	}
	return status;
}

static enum status find_places(struct trail *t, struct err *err)
{
	struct span prefix = t->options->prefix;
	ptrdiff_t at = span_starts(prefix, SPAN_LIT("AWSLogs/"))
	                       ? 0
	                       : span_find(prefix, SPAN_LIT("/AWSLogs/"));
	enum status status;
	bool fits = false;
	if (span_is(prefix, "AWSLogs") || span_ends(prefix, SPAN_LIT("/AWSLogs")))
		return expand(t, arena_printf(&t->arena, "%.*s/", SPAN_ARG(prefix)), SPAN_LIT(""),
		              LEVEL_ROOT, err);
	if (at >= 0) {
		size_t base = (size_t)at + (at || prefix.p[0] == '/' ? 9 : 8);
		status = expand_from(t, span_sub(prefix, 0, base), span_from(prefix, base), &fits,
		                     err);
	} else {
		status = search(t, prefix, err);
		fits = t->found;
	}
	if (status == STATUS_OK && !fits) {
		if (t->options->n_accounts || t->options->n_regions)
			return err_set(
			        err, STATUS_STOP, "layout",
			        "there is no folder AWSLogs/ of a trail, so accounts and regions "
			        "can't be told apart: leave out --account and --region");
		note(t, "no folder AWSLogs/ of a trail; all objects are read");
		add_place(t, prefix, 0);
	}
	return status;
}

/* ---- listing */

/* The listing of a dated folder begins at the first day that is wanted. */
static struct span start_of(struct trail *t, const struct place *p)
{
	char day[WHEN_SIZE];
	if (!p->dated || t->options->since == WHEN_FIRST)
		return SPAN_NONE;
	when_format_day(t->options->since, day);
	struct span start = arena_printf(&t->arena, "%.*s%.4s/%.2s/%.2s/", (int)p->dated, p->prefix,
	                                 day, day + 5, day + 8);
	/* A prefix behind it is the better beginning. */
	return span_cmp(start, span_of(p->prefix)) > 0 ? start : SPAN_NONE;
}

enum wanted { WANTED, WANTED_NOT, WANTED_NO_MORE };

static enum wanted is_in_window(struct trail *t, const struct place *p, const struct s3_object *o)
{
	const struct trail_options *q = t->options;
	int64_t first, last, delivered;
	int64_t until = q->until == WHEN_LAST ? WHEN_LAST : q->until + TRAIL_LATE_SECONDS;
	if (o->key.n && o->key.p[o->key.n - 1] == '/')
		return WANTED_NOT; /* a folder as the console makes it */
	/* What was written before the window began can't hold events of it. */
	if (!p->dated)
		return o->modified < q->since ? WANTED_NOT : WANTED;
	if (!trail_date(span_from(o->key, p->dated), &first, &last, &delivered))
		return WANTED;
	/* Names of a day are in the order of their minutes. */
	if (first >= until || (delivered != last && delivered >= until))
		return WANTED_NO_MORE;
	return delivered + 60 <= q->since || delivered >= until ? WANTED_NOT : WANTED;
}

/* How much of the place's time lies before the object. */
static double days_done(const struct trail *t, const struct place *p, const struct s3_object *o)
{
	int64_t first, last, delivered, since = t->options->since, until = t->options->until;
	if (!p->dated || since == WHEN_FIRST || until == WHEN_LAST || until <= since ||
	    !trail_date(span_from(o->key, p->dated), &first, &last, &delivered))
		return 0;
	double done = (double)(delivered - since) / (double)(until - since);
	return done < 0 ? 0 : done > 1 ? 1 : done;
}

static enum status next_page(struct trail *t, const struct place *p, struct err *err)
{
	const struct s3_listing listing = {.prefix = span_of(p->prefix),
	                                   .start_after = start_of(t, p)};
	enum status status = s3_list(t->options->bucket, &listing, &t->page, NULL, err);
	t->listed = status == STATUS_OK;
	t->next = 0;
	return status;
}

static void next_place(struct trail *t)
{
	t->at++;
	t->listed = false;
	t->days = 0;
	s3_page_release(&t->page);
	s3_page_init(&t->page);
	t->next = 0;
}

/* A folder that can't be listed is told and passed over; without any keys to ask with, all end. */
static enum status pass_folder(struct trail *t, enum status status, struct err *err)
{
	const struct place *p = &t->places[t->at];
	char where[512];
	snprintf(where, sizeof where, "s3://%.*s/%s", SPAN_ARG(t->options->bucket->name),
	         p->prefix);
	err_at_file(err, where);
	next_place(t);
	return status == STATUS_STOP || t->n_places == 1 ? STATUS_STOP : STATUS_FILE;
}

/* The first call's work. */
static enum status make_ready(struct trail *t, struct err *err)
{
	char where[512];
	t->ready = true;
	if (find_places(t, err) == STATUS_OK)
		return STATUS_OK;
	snprintf(where, sizeof where, "s3://%.*s/%.*s", SPAN_ARG(t->options->bucket->name),
	         SPAN_ARG(t->options->prefix));
	err_at_file(err, where);
	t->n_places = 0;
	return STATUS_STOP;
}

enum status trail_next(struct trail *t, struct s3_object *out, struct err *err)
{
	if (!t->ready && make_ready(t, err) != STATUS_OK)
		return STATUS_STOP;
	while (t->at < t->n_places) {
		const struct place *p = &t->places[t->at];
		if (t->listed && t->next < t->page.n_objects) {
			*out = t->page.objects[t->next++];
			enum wanted wanted = is_in_window(t, p, out);
			if (wanted == WANTED_NO_MORE)
				next_place(t);
			if (wanted != WANTED)
				continue;
			t->days = days_done(t, p, out);
			return STATUS_OK;
		}
		if (t->listed && !t->page.more) {
			next_place(t);
			continue;
		}
		enum status status = next_page(t, p, err);
		if (status != STATUS_OK)
			return pass_folder(t, status, err);
	}
	return STATUS_END;
}

double trail_progress(const struct trail *t)
{
	return t->n_places ? ((double)t->at + t->days) / (double)t->n_places : 0;
}
