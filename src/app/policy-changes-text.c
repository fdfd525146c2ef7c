/* policy-changes-text.c - app: the changes of policies as Markdown (CommonMark, with GitHub's
 * tables); see policy-changes.h. Names stand in code spans, so that nothing in them is markup. */
#include "config.h"

#include "app/policy-changes.h"

#include "base/markdown.h"
#include "base/when.h"

#include <inttypes.h>

/* So many rows of one principal are shown; a pull request has to be read. */
enum { ROWS_SHOWN = 60 };

static const struct {
	enum change_kind kind;
	const char *heading, *word;
} sections[] = {
        {CHANGE_WIDENED, "Widened", "widened"},
        {CHANGE_UNKNOWN, "Changed, not compared", "changed and not compared"},
        {CHANGE_ADDED, "Added", "added"},
        {CHANGE_NARROWED, "Narrowed", "narrowed"},
        {CHANGE_GONE, "Gone", "gone"},
        {CHANGE_SPELLING, "Written otherwise, granting the same", "written otherwise"},
};
enum { SECTIONS = sizeof sections / sizeof sections[0] };


static size_t count_kind(const struct policy_changes *c, enum change_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].kind == kind;
	return n;
}

static void put_evidence(struct buf *b, const struct grant *g)
{
	char first[WHEN_SIZE], last[WHEN_SIZE];
	if (!g->events) {
		buf_add_str(b, "not seen");
		return;
	}
	when_format_day(g->first, first);
	when_format_day(g->last, last);
	buf_addf(b, "%" PRIu64 " event%s, %s", g->events, g->events == 1 ? "" : "s", first);
	if (strcmp(first, last) != 0)
		buf_addf(b, " to %s", last);
	if (g->n_resources > 1)
		buf_addf(b, ", %zu resources", g->n_resources);
}

static void put_grant(struct buf *b, const struct grant *g, bool added)
{
	buf_addf(b, "| %s%s | ", added ? "+" : "-", g->deny ? " Deny" : "");
	markdown_code(b, g->action);
	buf_add_str(b, " | ");
	if (g->resource.p)
		markdown_code(b, g->resource);
	buf_add_str(b, " | ");
	if (g->condition.n)
		markdown_code(b, g->condition);
	buf_add_str(b, " | ");
	if (added)
		put_evidence(b, g);
	buf_add_str(b, " |\n");
}

static void put_grants(struct buf *b, const struct policy_change *c)
{
	size_t shown = 0, all = c->n_added + c->n_gone;
	if (!all)
		return;
	buf_add_str(b, "\n| | Action | Resource | Condition | Evidence |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < c->n_added && shown < ROWS_SHOWN; i++, shown++)
		put_grant(b, &c->added[i], true);
	for (size_t i = 0; i < c->n_gone && shown < ROWS_SHOWN; i++, shown++)
		put_grant(b, &c->gone[i], false);
	if (shown < all)
		buf_addf(b, "\nand %zu more.\n", all - shown);
}

static void put_change(struct buf *b, const struct policy_change *c)
{
	buf_add_str(b, "\n### ");
	markdown_code(b, c->principal);
	buf_add_str(b, "\n\n");
	for (size_t i = 0; i < c->n_files; i++) {
		buf_add_str(b, i ? ", " : "");
		markdown_code(b, c->files[i]);
	}
	if (c->why.n) {
		buf_add_str(b, ": ");
		markdown_code(b, c->why);
	}
	buf_add_char(b, '\n');
	if (c->kind != CHANGE_SPELLING)
		put_grants(b, c);
}

static void put_counts(struct buf *b, const struct policy_changes *c)
{
	size_t shown = 0;
	buf_add_str(b, "# Changes of the policies\n\n");
	for (int i = 0; i < SECTIONS; i++) {
		size_t n = count_kind(c, sections[i].kind);
		if (n)
			buf_addf(b, "%s%zu %s", shown++ ? ", " : "", n, sections[i].word);
	}
	buf_addf(b, ", %zu unchanged.\n", count_kind(c, CHANGE_NONE));
}

static int by_principal(const void *a, const void *b)
{
	return span_cmp(((const struct policy_change *)a)->principal,
	                ((const struct policy_change *)b)->principal);
}

bool policy_changes_text(struct policy_changes *c, struct buf *out)
{
	if (count_kind(c, CHANGE_NONE) == c->n)
		return false;
	sort_items(c->v, c->n, sizeof *c->v, by_principal);
	put_counts(out, c);
	for (int k = 0; k < SECTIONS; k++) {
		if (!count_kind(c, sections[k].kind))
			continue;
		buf_addf(out, "\n## %s\n", sections[k].heading);
		for (size_t i = 0; i < c->n; i++)
			if (c->v[i].kind == sections[k].kind)
				put_change(out, &c->v[i]);
	}
	return true;
}
