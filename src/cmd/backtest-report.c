/* backtest-report.c - commands: what backtest found, for people and as JSON. */
#include "config.h"

#include "cmd/backtest-report.h"

#include "base/when.h"
#include "cli/plain.h"
#include "cli/table.h"

#include <inttypes.h>
#include <stdio.h>

/* Of each kind so many are printed for each principal; --json has them all. */
enum { LISTED_MAX = 10 };

int backtest_permille(uint64_t part, uint64_t of)
{
	return of ? (int)(1000 * part / of) : -1;
}

/* ---- the table */

static struct cell share_cell(uint64_t part, uint64_t of, struct arena *arena)
{
	int share = backtest_permille(part, of);
	return cell_text(share < 0 ? SPAN_LIT("-")
	                           : arena_printf(arena, "%d.%d %%", share / 10, share % 10));
}

static struct cell opened_cell(size_t opened, size_t others, struct arena *arena)
{
	if (others < BACKTEST_LEAST_OTHERS)
		return cell_text(arena_printf(arena, "%zu (proves nothing)", opened));
	int share = backtest_permille(opened, others);
	return cell_text(arena_printf(arena, "%zu (%d.%d %%)", opened, share / 10, share % 10));
}

static void add_row(struct table *t, struct span name, const struct backtest_calls *all,
                    const struct backtest_calls *seen, size_t others, size_t opened,
                    struct arena *arena)
{
	struct cell cells[] = {
	        cell_number((int64_t)all->calls),
	        share_cell(all->held, all->calls, arena),
	        cell_number((int64_t)seen->calls),
	        share_cell(seen->held, seen->calls, arena),
	        cell_number((int64_t)others),
	        opened_cell(opened, others, arena),
	        cell_text(name),
	};
	table_row(t, cells, sizeof cells / sizeof cells[0]);
}

static void print_table(const struct backtest *b)
{
	static const char *const names[] = {"calls",  "held",   "of_seen_actions", "held_of_them",
	                                    "others", "opened", "principal"};
	struct table t;
	struct arena arena;
	size_t judged = 0;
	arena_init(&arena);
	table_begin(&t, stdout, TABLE_TEXT);
	table_head(&t, names, sizeof names / sizeof names[0]);
	for (size_t i = 0; i < b->subjects.n; i++) {
		const struct backtest_subject *s = &b->subjects.v[i];
		if (s->nothing_before)
			continue;
		add_row(&t, s->principal, &s->all, &s->seen, s->others, s->opened.n, &arena);
		judged++;
	}
	if (judged > 1)
		add_row(&t, SPAN_LIT("all together"), &b->all, &b->seen, b->others, b->opened,
		        &arena);
	if (!judged)
		t.n_columns = 0; /* no head over nothing */
	(void)table_end(&t);     /* checked when stdout is flushed */
	arena_release(&arena);
}

/* ---- what is behind it */

static void print_rest(size_t n)
{
	if (n > LISTED_MAX)
		printf("    and %zu more\n", n - LISTED_MAX);
}

static void print_misses(const char *title, const struct backtest_misses *list)
{
	if (list->n)
		printf("  %s:\n", title);
	for (size_t i = 0; i < list->n && i < LISTED_MAX; i++) {
		const struct backtest_miss *m = &list->v[i];
		print_plain(stdout, "    %.*s%s%.*s (%" PRIu64 ")\n", SPAN_ARG(m->action),
		            m->resource.n ? " on " : "", SPAN_ARG(m->resource), m->events);
	}
	print_rest(list->n);
}

static void print_opened(const struct backtest_subject *s)
{
	if (s->opened.n)
		printf("  Open, though only others used it:\n");
	for (size_t i = 0; i < s->opened.n && i < LISTED_MAX; i++) {
		const struct backtest_opened *o = &s->opened.v[i];
		print_plain(stdout, "    %.*s on %.*s%s%.*s%s\n", SPAN_ARG(o->action),
		            SPAN_ARG(o->resource), o->near.n ? " (beside " : "", SPAN_ARG(o->near),
		            o->near.n ? ")" : "");
	}
	print_rest(s->opened.n);
}

static void print_subject(const struct backtest_subject *s)
{
	if (s->nothing_before ||
	    s->missed.n + s->unpredictable.n + s->new_actions.n + s->opened.n == 0)
		return;
	print_plain(stdout, "\n%.*s\n", SPAN_ARG(s->principal));
	print_misses("Not held, although the action was seen before", &s->missed);
	print_misses("Not held, and nobody could predict the name", &s->unpredictable);
	print_misses("New actions", &s->new_actions);
	print_opened(s);
}

void report_backtest(const struct backtest *b)
{
	char since[WHEN_SIZE], cut[WHEN_SIZE], until[WHEN_SIZE];
	size_t nothing = 0;
	printf("Policies from %s to %s, judged by what followed to %s\n\n",
	       when_format(b->window.since, since), when_format(b->cut, cut),
	       when_format(b->window.until, until));
	print_table(b);
	for (size_t i = 0; i < b->subjects.n; i++) {
		print_subject(&b->subjects.v[i]);
		nothing += b->subjects.v[i].nothing_before;
	}
	if (nothing)
		printf("\nNot judged, since nothing is to be granted for what they did before the "
		       "cut:\n");
	for (size_t i = 0; i < b->subjects.n; i++)
		if (b->subjects.v[i].nothing_before)
			print_plain(stdout, "  %.*s\n", SPAN_ARG(b->subjects.v[i].principal));
	if (b->others < BACKTEST_LEAST_OTHERS && nothing < b->subjects.n)
		printf("\nFewer than %d resources of others are known: that few of them are open "
		       "proves nothing\n",
		       BACKTEST_LEAST_OTHERS);
}

/* ---- JSON */

static void write_share(struct json_writer *w, const char *name, uint64_t part, uint64_t of)
{
	int share = backtest_permille(part, of);
	json_key(w, name);
	if (share < 0)
		json_put_null(w);
	else
		json_put_textf(w, "%d.%d", share / 10, share % 10);
}

static void write_calls(struct json_writer *w, const char *name, const struct backtest_calls *c)
{
	json_key(w, name);
	json_begin_object(w);
	json_member_u64(w, "calls", c->calls);
	json_member_u64(w, "held", c->held);
	json_member_u64(w, "events", c->events);
	json_member_u64(w, "events_held", c->held_events);
	write_share(w, "percent_held", c->held, c->calls);
	json_end_object(w);
}

static void write_misses(struct json_writer *w, const char *name,
                         const struct backtest_misses *list)
{
	json_key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < list->n; i++) {
		json_begin_object(w);
		json_member_text(w, "action", list->v[i].action);
		json_member_if(w, "resource", list->v[i].resource);
		json_member_u64(w, "calls", list->v[i].calls);
		json_member_u64(w, "events", list->v[i].events);
		json_end_object(w);
	}
	json_end_array(w);
}

/* How many resources of others there are, and how many are open. */
static void write_others(struct json_writer *w, size_t others, size_t opened)
{
	json_key(w, "others");
	json_begin_object(w);
	json_member_u64(w, "resources", others);
	json_member_u64(w, "opened", opened);
	write_share(w, "percent_opened", opened, others);
	json_member_bool(w, "enough", others >= BACKTEST_LEAST_OTHERS);
	json_end_object(w);
}

static void write_opened(struct json_writer *w, const struct backtest_subject *s)
{
	json_key(w, "opened");
	json_begin_array(w);
	for (size_t i = 0; i < s->opened.n; i++) {
		json_begin_object(w);
		json_member_text(w, "action", s->opened.v[i].action);
		json_member_text(w, "resource", s->opened.v[i].resource);
		json_member_text(w, "beside", s->opened.v[i].near);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_subject(struct json_writer *w, const struct backtest_subject *s)
{
	json_begin_object(w);
	json_member_text(w, "principal", s->principal);
	json_member_bool(w, "judged", !s->nothing_before);
	if (!s->nothing_before) {
		write_calls(w, "all", &s->all);
		write_calls(w, "of_seen_actions", &s->seen);
		write_others(w, s->others, s->opened.n);
		write_misses(w, "missed", &s->missed);
		write_misses(w, "unpredictable", &s->unpredictable);
		write_misses(w, "new_actions", &s->new_actions);
		write_opened(w, s);
	}
	json_end_object(w);
}

void report_backtest_json(const struct backtest *b)
{
	struct json_writer w;
	char text[WHEN_SIZE];
	json_to_file(&w, stdout, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_member_str(&w, "since", when_format(b->window.since, text));
	json_member_str(&w, "cut", when_format(b->cut, text));
	json_member_str(&w, "until", when_format(b->window.until, text));
	write_calls(&w, "all", &b->all);
	write_calls(&w, "of_seen_actions", &b->seen);
	write_others(&w, b->others, b->opened);
	json_key(&w, "principals");
	json_begin_array(&w);
	for (size_t i = 0; i < b->subjects.n; i++)
		write_subject(&w, &b->subjects.v[i]);
	json_end_array(&w);
	json_end_object(&w);
	print_json_end(&w);
}
