/* diff-report.c - commands: the difference between granted and used, for people and as JSON. */
#include "config.h"

#include "cmd/diff-report.h"

#include "app/resource-pattern.h"
#include "cli/plain.h"
#include "cli/terminal.h"

#include "base/limits.h"
#include "base/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* So many unused actions of a service are listed one by one, more are counted. */
enum { LISTED_MAX = 12 };

static unsigned percent(const struct grant_comparison *c)
{
	return c->granted ? (unsigned)(100 * c->used / c->granted) : 0;
}

/* ---- text */

static struct span service_of(struct span action)
{
	struct span rest = action;
	return span_cut(&rest, ':');
}

static size_t same_service(const struct compared *row, const struct compared *end)
{
	size_t n = 0;
	while (row + n < end && row[n].state == row->state &&
	       span_eq(service_of(row[n].action), service_of(row->action)))
		n++;
	return n;
}

/* The first of rows, with what those of its action have in common whose resources are of one
 * family; *n: how many they are. The pattern is in arena. */
static struct compared sum_rows(struct arena *arena, const struct compared *row,
                                const struct compared *end, size_t *n)
{
	struct compared sum = *row;
	size_t k = 1;
	if (row->state != USE_NOT_GRANTED || !row->resource.p) {
		*n = 1;
		return sum;
	}
	for (; row + k < end && row[k].state == row->state && row[k].resource.p &&
	       span_eq(row[k].action, row->action) &&
	       span_eq(resource_family(row[k].resource), resource_family(row->resource));
	     k++) {
		sum.events += row[k].events;
		sum.last = row[k].last > sum.last ? row[k].last : sum.last;
	}
	struct span *resources = arena_alloc(arena, k * sizeof *resources);
	for (size_t i = 0; i < k; i++)
		resources[i] = row[i].resource;
	sum.resource = resources_pattern(arena, resources, spans_sort_unique(resources, k));
	*n = k;
	return sum;
}

static void print_row(const struct compared *row, size_t resources)
{
	char last[WHEN_SIZE];
	print_plain(stdout, "  %-44.*s %-22s", SPAN_ARG(row->action), level_name(row->level));
	if (row->state == GRANT_USED && row->events == 0)
		printf(" last %s (Access Advisor)", when_format_day(row->last, last));
	else if (row->state == GRANT_USED || row->state == USE_NOT_GRANTED)
		printf(" %" PRIu64 " event%s, last %s", row->events, plural(row->events, "", "s"),
		       when_format_day(row->last, last));
	if (row->resource.p)
		print_plain(stdout, ", on %.*s", SPAN_ARG(row->resource));
	if (resources > 1)
		printf(" (%zu resources)", resources);
	if (row->why)
		printf(" %s", row->why);
	printf("\n");
}

static void print_rows(const struct compared *row, size_t n)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0, k; i < n; i += k) {
		struct compared sum = sum_rows(&arena, row + i, row + n, &k);
		print_row(&sum, k);
	}
	arena_release(&arena);
}

static void print_state(const struct grant_comparison *c, enum grant_state state, const char *title)
{
	const struct compared *row = c->rows, *end = c->rows + c->n;
	bool headed = false;
	while (row < end) {
		if (row->state != state) {
			row++;
			continue;
		}
		if (!headed)
			printf("\n%s%s:%s\n",
			       mark_on(stdout, state == USE_NOT_GRANTED ? MARK_BAD : MARK_HEAD),
			       title, mark_off(stdout));
		headed = true;
		size_t n = same_service(row, end);
		bool folds =
		        n > LISTED_MAX && (state == GRANT_UNUSED || state == GRANT_NOT_OBSERVABLE);
		if (folds)
			print_plain(stdout, "  %.*s: %zu actions\n",
			            SPAN_ARG(service_of(row->action)), n);
		if (!folds)
			print_rows(row, n);
		row += n;
	}
}

/* "secretsmanager:GetSecretValue granted on *, used on 1: 40 others known, e.g. ..." */
static void print_wide(const struct wide_grants *w)
{
	for (size_t i = 0; i < w->n; i++)
		print_plain(stdout,
		            "  %.*s granted on %.*s, used on %zu: %zu %s known, e.g. %.*s\n",
		            SPAN_ARG(w->v[i].action), SPAN_ARG(w->v[i].pattern), w->v[i].used,
		            w->v[i].others, plural(w->v[i].others, "other", "others"),
		            SPAN_ARG(w->v[i].example));
}

static void print_details(const struct diff *r, const struct diff_subject *s)
{
	char since[WHEN_SIZE], until[WHEN_SIZE];
	print_plain(stdout, "%.*s: %zu of %zu granted actions used (%u %%)", SPAN_ARG(s->principal),
	            s->comparison.used, s->comparison.granted, percent(&s->comparison));
	if (r->since <= r->until)
		printf(", observed %s to %s", when_format_day(r->since, since),
		       when_format_day(r->until, until));
	printf("\n");
	print_state(&s->comparison, USE_NOT_GRANTED, "Used, but not granted");
	print_state(&s->comparison, GRANT_UNUSED, "Granted, but unused");
	if (s->wide.n)
		printf("\nGranted on what only others used:\n");
	print_wide(&s->wide);
	print_state(&s->comparison, GRANT_NOT_OBSERVABLE, "Granted, not observable in these logs");
	print_state(&s->comparison, GRANT_USED, "Used");
}

static void print_summary(const struct diff *r, const struct diff_subject *s)
{
	char from[WHEN_SIZE], to[WHEN_SIZE];
	print_plain(stdout, "%.*s\n", SPAN_ARG(s->principal));
	if (s->last_known != INT64_MIN)
		printf("  last used %s", when_format_day(s->last_known, to));
	else if (r->since <= r->until)
		printf("  not used from %s to %s", when_format_day(r->since, from),
		       when_format_day(r->until, to));
	else
		printf("  not used in this log, which has no events of that time");
	if (s->last_known != INT64_MIN && r->now != INT64_MIN) {
		int64_t days = (r->now - s->last_known) / WHEN_DAY_SECONDS;
		printf(" (%" PRId64 " %s ago)", days, plural((uint64_t)days, "day", "days"));
	}
	printf(", %zu of %zu actions used (%u %%); unused: %zu permissions management, %zu write, "
	       "%zu tagging, %zu read, %zu list\n",
	       s->comparison.used, s->comparison.granted, percent(&s->comparison),
	       s->comparison.unused[LEVEL_PERMISSIONS], s->comparison.unused[LEVEL_WRITE],
	       s->comparison.unused[LEVEL_TAGGING], s->comparison.unused[LEVEL_READ],
	       s->comparison.unused[LEVEL_LIST]);
	printf("  policies:");
	for (size_t i = 0; i < s->files->n; i++)
		print_plain(stdout, "%s %.*s", i ? "," : "", SPAN_ARG(s->files->names[i]));
	printf("%s\n", s->files->n ? "" : " none");
	if (s->n_unused_services) {
		printf("  unused services (%zu):", s->n_unused_services);
		for (size_t i = 0; i < s->n_unused_services && i < LISTED_MAX; i++)
			print_plain(stdout, " %.*s", SPAN_ARG(s->unused_services[i]));
		printf("%s\n", s->n_unused_services > LISTED_MAX ? " ..." : "");
	}
	if (s->wide.n)
		printf("  granted on what only others used:\n");
	print_wide(&s->wide);
	for (size_t i = 0, n; i < s->comparison.n; i += n) {
		const struct compared *row = &s->comparison.rows[i];
		for (n = 0; i + n < s->comparison.n && row[n].state == row->state;)
			n++;
		if (row->state != USE_NOT_GRANTED)
			continue;
		printf("  used, but not granted:\n");
		print_rows(row, n);
	}
}

static void print_total(const struct diff *d)
{
	size_t granted = 0, used = 0, not_granted = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct grant_comparison *c = &d->subjects[i].comparison;
		granted += c->granted;
		used += c->used;
		for (size_t k = 0; k < c->n; k++)
			not_granted +=
			        c->rows[k].state == USE_NOT_GRANTED &&
			        (k == 0 || !span_eq(c->rows[k].action, c->rows[k - 1].action));
	}
	printf("\n%zu principals: %zu of %zu granted actions used, %zu used without a grant\n",
	       d->n, used, granted, not_granted);
}

/* ---- JSON */

static void write_time(struct json_writer *w, const char *name, int64_t t)
{
	char text[WHEN_SIZE];
	if (t == INT64_MIN || t == INT64_MAX)
		json_member_null(w, name);
	else
		json_member_str(w, name, when_format(t, text));
}

static void write_spans(struct json_writer *w, const char *name, const struct span *v, size_t n)
{
	json_key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < n; i++)
		json_put_text(w, v[i]);
	json_end_array(w);
}

static void write_row(struct json_writer *w, const struct compared *row)
{
	json_begin_object(w);
	json_member_text(w, "action", row->action);
	json_member_str(w, "level", level_name(row->level));
	if (row->resource.p)
		json_member_text(w, "resource", row->resource);
	if (row->state == GRANT_USED || row->state == USE_NOT_GRANTED) {
		json_member_u64(w, "events", row->events);
		write_time(w, "first", row->first);
		write_time(w, "last", row->last);
	}
	if (row->why)
		json_member_str(w, "why", row->why);
	json_end_object(w);
}

static void write_wide(struct json_writer *w, const struct wide_grants *list)
{
	json_key(w, "wide");
	json_begin_array(w);
	for (size_t i = 0; i < list->n; i++) {
		json_begin_object(w);
		json_member_text(w, "action", list->v[i].action);
		json_member_str(w, "level", level_name(list->v[i].level));
		json_member_text(w, "granted_on", list->v[i].pattern);
		json_member_u64(w, "used_on", list->v[i].used);
		json_member_u64(w, "others", list->v[i].others);
		json_member_text(w, "example", list->v[i].example);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_subject(struct json_writer *w, const struct diff *d, const struct diff_subject *s)
{
	const struct grant_comparison *c = &s->comparison;
	json_begin_object(w);
	json_member_text(w, "principal", s->principal);
	write_time(w, "since", d->since);
	write_time(w, "until", d->until);
	write_time(w, "last_used", s->last_known);
	json_member_u64(w, "granted", c->granted);
	json_member_u64(w, "percent_used", percent(c));
	write_spans(w, "policies", s->files->names, s->files->n);
	write_spans(w, "unused_services", s->unused_services, s->n_unused_services);
	for (enum grant_state state = GRANT_USED; state <= USE_NOT_GRANTED; state++) {
		json_key(w, grant_state_name(state));
		json_begin_array(w);
		for (size_t i = 0; i < c->n; i++)
			if (c->rows[i].state == state)
				write_row(w, &c->rows[i]);
		json_end_array(w);
	}
	write_wide(w, &s->wide);
	json_end_object(w);
}

static void print_json(const struct diff *d, bool list)
{
	struct json_writer w;
	json_to_file(&w, stdout, LAYOUT_COMPACT);
	if (list)
		json_begin_array(&w);
	for (size_t i = 0; i < d->n; i++)
		write_subject(&w, d, &d->subjects[i]);
	if (list)
		json_end_array(&w);
	print_json_end(&w);
}

void report_diff(const struct diff *d, bool details, bool json)
{
	if (json) {
		print_json(d, !details || d->n != 1);
		return;
	}
	for (size_t i = 0; i < d->n; i++) {
		if (i)
			printf("\n");
		if (details)
			print_details(d, &d->subjects[i]);
		else
			print_summary(d, &d->subjects[i]);
	}
	if (!details && d->n > 1)
		print_total(d);
}
