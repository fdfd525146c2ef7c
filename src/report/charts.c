/* charts.c - report: the pictures of the overview: calls a day as inline SVG, principals by services as
 * a table that is coloured. */
#include "config.h"

#include "report/page.h"

#include "base/alloc.h"
#include "base/when.h"

#include <stdlib.h>

/* ---- calls a day */

enum {
	CHART_WIDTH = 1000,
	CHART_HEIGHT = 120,
	/* Bars narrower than this many units of the picture are not seen: longer logs are drawn by
	 * the week, and so on. */
	BAR_LEAST = 3,
	BAR_MOST = 60 /* of a log of a few days */
};

struct bar {
	uint64_t events;
	size_t empty, days; /* of its days, without any event */
};

static struct bar *bars_of(const struct report *r, size_t days_a_bar, size_t *n)
{
	int64_t first = r->days.v[0].day, last = r->days.v[r->days.n - 1].day;
	size_t days = (size_t)(last - first) + 1;
	*n = (days + days_a_bar - 1) / days_a_bar;
	struct bar *bars = xcalloc(*n, sizeof *bars);
	for (size_t i = 0; i < *n; i++) {
		bars[i].days = i + 1 < *n ? days_a_bar : days - i * days_a_bar;
		bars[i].empty = bars[i].days;
	}
	for (size_t i = 0; i < r->days.n; i++) {
		struct bar *b = &bars[(size_t)(r->days.v[i].day - first) / days_a_bar];
		b->events += r->days.v[i].events;
		b->empty--;
	}
	return bars;
}

static void draw_bars(struct buf *out, const struct bar *bars, size_t n)
{
	size_t width = n * BAR_MOST < CHART_WIDTH ? n * BAR_MOST : CHART_WIDTH;
	uint64_t most = 1;
	for (size_t i = 0; i < n; i++)
		most = bars[i].events > most ? bars[i].events : most;
	for (size_t i = 0; i < n; i++) {
		unsigned x = (unsigned)(i * width / n);
		unsigned w = (unsigned)((i + 1) * width / n) - x;
		unsigned h = (unsigned)((double)bars[i].events / (double)most * (CHART_HEIGHT - 4));
		if (bars[i].empty == bars[i].days)
			html_addf(out, "<rect class=\"gap\" x=\"%u\" y=\"0\" width=\"%u\" height=\"%d\"/>",
			          x, w, CHART_HEIGHT);
		else
			html_addf(out, "<rect class=\"bar\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
			          x, (unsigned)CHART_HEIGHT - h - 2, w > 2 ? w - 1 : w, h + 2);
	}
}

void chart_days(const struct page *p)
{
	const struct report *r = p->r;
	char first[WHEN_SIZE], last[WHEN_SIZE];
	size_t n, gaps;
	if (r->days.n == 0)
		return;
	int64_t from = r->days.v[0].day, to = r->days.v[r->days.n - 1].day;
	size_t days = (size_t)(to - from) + 1, days_a_bar = 1;
	while (days / days_a_bar > CHART_WIDTH / BAR_LEAST)
		days_a_bar *= 7;
	gaps = days - r->days.n;
	when_format_day(from * WHEN_DAY_SECONDS, first);
	when_format_day(to * WHEN_DAY_SECONDS, last);
	html_addf(p->out, "<h3>Events a day, %s to %s</h3>\n<svg role=\"img\" viewBox=\"0 0 %d %d\" "
	                  "preserveAspectRatio=\"none\" aria-label=\"Events a day from %s to %s; %zu "
	                  "of %zu days have none\">",
	          first, last, CHART_WIDTH, CHART_HEIGHT, first, last, gaps, days);
	struct bar *bars = bars_of(r, days_a_bar, &n);
	draw_bars(p->out, bars, n);
	free(bars);
	buf_add_str(p->out, "</svg>\n");
	if (gaps)
		html_addf(p->out, "<p class=\"warn\">%zu of %zu days have no event at all (shaded): what was "
		                  "used on them is not known.</p>\n",
		          gaps, days);
}

/* ---- principals by services */

enum { HEAT_PRINCIPALS = 40, HEAT_SERVICES = 24 };

struct service_sum {
	struct span prefix;
	uint64_t weight;
};

static int by_prefix(const void *a, const void *b)
{
	return span_cmp(((const struct service_sum *)a)->prefix,
	                ((const struct service_sum *)b)->prefix);
}

static int by_weight(const void *a, const void *b)
{
	const struct service_sum *x = a, *y = b;
	int c = (x->weight < y->weight) - (x->weight > y->weight);
	return c ? c : span_cmp(x->prefix, y->prefix);
}

/* The services that most principals used; *n of them, to be freed. */
static struct service_sum *services_of(const struct report *r, size_t *n)
{
	struct {
		VEC_OF(struct service_sum);
	} sums = {0};
	size_t left = 0;
	for (size_t i = 0; i < r->principals.n; i++)
		for (size_t k = 0; k < r->principals.v[i].n_services; k++) {
			const struct report_service_use *u = &r->principals.v[i].services[k];
			if (u->events || u->denied)
				*vec_add(&sums) = (struct service_sum){u->prefix, 1};
		}
	sort_items(sums.v, sums.n, sizeof *sums.v, by_prefix);
	for (size_t i = 0; i < sums.n; i++) {
		if (left && span_eq(sums.v[left - 1].prefix, sums.v[i].prefix))
			sums.v[left - 1].weight++;
		else
			sums.v[left++] = sums.v[i];
	}
	sort_items(sums.v, left, sizeof *sums.v, by_weight);
	*n = left < HEAT_SERVICES ? left : HEAT_SERVICES;
	return sums.v;
}

static const struct report_service_use *use_of(const struct report_principal *p, struct span prefix)
{
	for (size_t i = 0; i < p->n_services; i++)
		if (span_eq(p->services[i].prefix, prefix))
			return &p->services[i];
	return NULL;
}

static void draw_square(const struct page *p, const struct report_service_use *u)
{
	int shade = 1;
	if (!u || (!u->events && !u->denied && !u->granted)) {
		buf_add_str(p->out, "<td></td>");
		return;
	}
	for (uint64_t at = 10; at <= u->events && shade < 4; at *= 10)
		shade++;
	if (u->events && p->r->has_grants)
		html_addf(p->out, "<td class=\"u%d\">%zu/%zu</td>", shade, u->used, u->granted);
	else if (u->events)
		html_addf(p->out, "<td class=\"u%d\">%zu</td>", shade, u->used);
	else if (u->denied)
		html_addf(p->out, "<td class=\"d\">%llu&times;</td>", (unsigned long long)u->denied);
	else
		html_addf(p->out, "<td class=\"g\">0/%zu</td>", u->granted);
}

void chart_services(const struct page *p)
{
	const struct report *r = p->r;
	size_t n, rows = r->principals.n < HEAT_PRINCIPALS ? r->principals.n : HEAT_PRINCIPALS;
	struct service_sum *s = services_of(r, &n);
	if (n && rows) {
		html_addf(p->out, "<h3>Principals by services</h3>\n<div class=\"scroll\" tabindex=\"0\" "
		                  "role=\"region\" aria-label=\"Principals by services\"><table "
		                  "class=\"heat\"><caption>Actions used%s; darker: more calls%s. %zu of %zu "
		                  "principals, the %zu services that most of them use.</caption>\n"
		                  "<thead><tr><th scope=\"col\">Principal</th>",
		          r->has_grants ? "/granted" : "",
		          r->has_grants ? "; yellow: granted and not used; red, &times;: only denied calls"
		                        : "; red, &times;: only denied calls",
		          rows, r->principals.n, n);
		for (size_t k = 0; k < n; k++)
			html_addf(p->out, "<th scope=\"col\">%S</th>", &s[k].prefix);
		buf_add_str(p->out, "</tr></thead><tbody>\n");
		for (size_t i = 0; i < rows; i++) {
			buf_add_str(p->out, "<tr><th scope=\"row\">");
			page_short_link(p, i);
			buf_add_str(p->out, "</th>");
			for (size_t k = 0; k < n; k++)
				draw_square(p, use_of(&r->principals.v[i], s[k].prefix));
			buf_add_str(p->out, "</tr>\n");
		}
		buf_add_str(p->out, "</tbody></table></div>\n");
	}
	free(s);
}
