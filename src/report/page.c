/* page.c - report: the parts of the HTML report that are about all principals; see page.h. */
#include "config.h"

#include "report/page.h"

#include "base/when.h"
#include "call/arn.h"

void page_day(struct buf *out, int64_t t, bool ever)
{
	char text[WHEN_SIZE];
	if (ever)
		buf_add_str(out, when_format_day(t, text));
	else
		buf_add_str(out, "not in this log");
}

static void link_as(const struct page *p, size_t i, struct span text)
{
	if (p->links == LINKS_WITHIN)
		buf_addf(p->out, "<a href=\"#p%zu\">", i + 1);
	else
		buf_addf(p->out, "<a href=\"p%zu.html\">", i + 1);
	html_text(p->out, text);
	buf_add_str(p->out, "</a>");
}

void page_link(const struct page *p, size_t i)
{
	link_as(p, i, p->r->principals.v[i].name);
}

void page_short_link(const struct page *p, size_t i)
{
	struct arn arn;
	struct span name = p->r->principals.v[i].name;
	if (!arn_parse(name, &arn))
		link_as(p, i, name);
	else if (p->r->several_accounts)
		link_as(p, i, span_from(name, (size_t)(arn.account.p - name.p)));
	else
		link_as(p, i, arn.rest);
}

/* ---- overview */

static void card(const struct page *p, uint64_t n, const char *of, const char *words)
{
	buf_add_str(p->out, "<li><strong>");
	html_number(p->out, n);
	html_addf(p->out, "%s</strong>%s</li>\n", of, words);
}

static size_t findings_of(const struct report *r, enum risk risk)
{
	size_t n = 0;
	for (size_t i = 0; i < r->findings.n; i++)
		n += r->findings.v[i].risk == risk;
	return n;
}

static void cards(const struct page *p)
{
	const struct report *r = p->r;
	size_t granted = 0, used = 0, silent = 0;
	struct buf of;
	buf_init(&of, 64);
	for (size_t i = 0; i < r->principals.n; i++) {
		granted += r->principals.v[i].granted;
		used += r->principals.v[i].used;
		silent += r->principals.v[i].events == 0;
	}
	buf_add_str(p->out, "<ul class=\"cards\">\n");
	card(p, r->principals.n, "", r->principals.n == 1 ? "principal" : "principals");
	card(p, r->events, "", "events of theirs");
	card(p, r->denied, "", "denied");
	if (r->has_grants) {
		buf_add_str(&of, " of ");
		html_number(&of, granted);
		card(p, used, buf_str(&of), "granted actions are used");
		card(p, silent, "", "principals without any event");
	}
	card(p, r->inactive.n, "", "inactive identities and credentials");
	for (enum risk risk = RISK_ESCALATION; risk < RISKS; risk++)
		card(p, findings_of(r, risk), "", risk_title(risk));
	buf_add_str(p->out, "</ul>\n");
	buf_release(&of);
}

static void denials(const struct page *p)
{
	size_t rows = 0;
	for (size_t i = 0; i < p->r->principals.n; i++) {
		const struct report_principal *of = &p->r->principals.v[i];
		for (size_t k = 0; k < of->denials.n && k < 5 && rows < 50; k++, rows++) {
			if (rows == 0)
				buf_add_str(p->out, "<h3>Denied calls</h3>\n<div class=\"scroll\" "
				                    "tabindex=\"0\" role=\"region\" aria-label=\"Denied "
				                    "calls\"><table class=\"stack denied\"><caption>The most frequent of each "
				                    "principal</caption><thead><tr><th scope=\"col\">"
				                    "Principal</th><th scope=\"col\">Denied</th><th "
				                    "scope=\"col\" class=\"n\">Events</th></tr></thead>"
				                    "<tbody>\n");
			buf_add_str(p->out, "<tr><td class=\"name\">");
			page_short_link(p, i);
			html_addf(p->out, "</td><td class=\"name\">%S</td><td class=\"n\">%llu</td></tr>\n",
			          &of->denials.v[k].text,
			          (unsigned long long)of->denials.v[k].events);
		}
	}
	if (rows)
		buf_add_str(p->out, "</tbody></table></div>\n");
}

void page_overview(const struct page *p)
{
	const struct report *r = p->r;
	buf_add_str(p->out, "<section aria-labelledby=\"overview\"><h2 id=\"overview\">Overview</h2>\n");
	cards(p);
	if (!r->has_grants)
		buf_add_str(p->out, "<p class=\"soft\">What is granted beyond this use is not known: run the "
		                    "report with <code>--account-details</code> to compare.</p>\n");
	for (size_t i = 0; i < r->refused.n; i++)
		html_addf(p->out, "<p class=\"bad\">Not compared, since a policy of it cannot be read: "
		                  "%S</p>\n",
		          &r->refused.v[i].text);
	chart_days(p);
	chart_services(p);
	denials(p);
	buf_add_str(p->out, "</section>\n");
}

/* ---- coverage */

void page_coverage(const struct page *p)
{
	const struct report *r = p->r;
	buf_add_str(p->out, "<section aria-labelledby=\"coverage\"><h2 id=\"coverage\">What the log "
	                    "holds</h2>\n<p>Data events (objects, items, invocations...) are recorded only "
	                    "where the trail was told to. Where a service has none, its data actions are "
	                    "<em>not observable</em>: that they are absent proves nothing.</p>\n"
	                    "<details><summary>Events by service</summary><div class=\"scroll\" "
	                    "tabindex=\"0\" role=\"region\" aria-label=\"Events by service\"><table>"
	                    "<thead><tr><th scope=\"col\">Service</th><th scope=\"col\" class=\"n\">"
	                    "Management events</th><th scope=\"col\" class=\"n\">Data events</th></tr>"
	                    "</thead><tbody>\n");
	for (size_t i = 0; i < r->coverage.n; i++) {
		const struct report_coverage *c = &r->coverage.v[i];
		html_addf(p->out, "<tr><td>%S</td><td class=\"n\">%llu</td><td class=\"n\">", &c->source,
		          (unsigned long long)c->management_events);
		if (c->captured)
			buf_add_str(p->out, "captured");
		else
			html_number(p->out, c->data_events);
		buf_add_str(p->out, "</td></tr>\n");
	}
	buf_add_str(p->out, "</tbody></table></div></details></section>\n");
}

/* ---- risks */

enum { LINKS_A_FINDING = 8 };

/* The findings [from, to) are of one action and why. */
static void risk_row(const struct page *p, size_t from, size_t to)
{
	const struct report_finding *f = &p->r->findings.v[from];
	html_addf(p->out, "<tr><td class=\"action\"><code>%S</code></td><td>%s</td><td class=\"n\">%zu</td>"
	                  "<td class=\"name\">",
	          &f->action, finding_why_text(f->why), to - from);
	for (size_t i = from; i < to && i < from + LINKS_A_FINDING; i++) {
		buf_add_str(p->out, i > from ? ", " : "");
		page_short_link(p, p->r->findings.v[i].principal);
		if (f->why == FINDING_WIDE)
			html_addf(p->out, " (granted on <code>%S</code>, used on %zu)",
			          &p->r->findings.v[i].wide->granted,
			          p->r->findings.v[i].wide->used_on);
	}
	if (to - from > LINKS_A_FINDING)
		html_addf(p->out, " and %zu more", to - from - LINKS_A_FINDING);
	html_addf(p->out, "</td><td class=\"name\">%S</td></tr>\n", &f->document);
}

static size_t risk_table(const struct page *p, size_t at)
{
	const struct report *r = p->r;
	enum risk risk = r->findings.v[at].risk;
	html_addf(p->out, "<h3 id=\"risk-%s\">%s</h3>\n<div class=\"scroll\" tabindex=\"0\" "
	                  "role=\"region\" aria-label=\"%s\"><table class=\"stack risk\"><thead><tr><th scope=\"col\" "
	                  "data-sort>Action</th><th scope=\"col\" data-sort>Granted and</th><th "
	                  "scope=\"col\" class=\"n\" data-sort>Principals</th><th scope=\"col\">Which"
	                  "</th><th scope=\"col\">Source</th></tr></thead><tbody>\n",
	          risk_name(risk), risk_title(risk), risk_title(risk));
	while (at < r->findings.n && r->findings.v[at].risk == risk) {
		size_t to = report_findings_end(r, at);
		risk_row(p, at, to);
		at = to;
	}
	buf_add_str(p->out, "</tbody></table></div>\n");
	return at;
}

void page_risks(const struct page *p)
{
	buf_add_str(p->out, "<section aria-labelledby=\"risks\"><h2 id=\"risks\">Risk first</h2>\n");
	if (p->r->findings.n == 0)
		buf_add_str(p->out, "<p>No action that does harm in the wrong hands was found.</p>\n");
	for (size_t at = 0; at < p->r->findings.n;)
		at = risk_table(p, at);
	buf_add_str(p->out, "</section>\n");
}

/* ---- who and what nobody uses */

static void inactive_row(const struct page *p, const struct report_inactive *one)
{
	buf_add_str(p->out, "<tr><td class=\"name\">");
	if (one->principal != REPORT_NO_PRINCIPAL)
		page_short_link(p, one->principal);
	else
		html_text(p->out, one->name);
	html_addf(p->out, "</td><td>%s</td><td>", one->what);
	if (one->last == INT64_MIN)
		buf_add_str(p->out, "not known to be used</td><td>");
	else
		page_day(p->out, one->last, true);
	if (one->last != INT64_MIN)
		html_addf(p->out, "</td><td>%s", one->by);
	buf_add_str(p->out, "</td><td>");
	if (one->made != INT64_MIN)
		page_day(p->out, one->made, true);
	buf_add_str(p->out, "</td></tr>\n");
}

void page_inactive(const struct page *p)
{
	const struct report *r = p->r;
	html_addf(p->out, "<section aria-labelledby=\"inactive\"><h2 id=\"inactive\">Inactive</h2>\n<p>%zu "
	                  "identities and credentials were not used in the %d days before the log ends, as "
	                  "far as anything tells.%s%s</p>\n",
	          r->inactive.n, REPORT_INACTIVE_DAYS,
	          r->has_grants ? "" : " Those that the log does not know are told by "
	                               "<code>--account-details</code>.",
	          r->has_credentials ? "" : " Passwords and access keys are told by "
	                                    "<code>--credential-report</code>.");
	if (r->inactive.n)
		buf_add_str(p->out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		                    "aria-label=\"Inactive identities and credentials\"><table "
		                    "class=\"stack inactive\"><thead><tr>"
		                    "<th scope=\"col\" data-sort>Whose</th><th scope=\"col\" data-sort>What"
		                    "</th><th scope=\"col\" data-sort>Last used</th><th scope=\"col\">Told "
		                    "by</th><th scope=\"col\" data-sort>Made or changed</th></tr></thead>"
		                    "<tbody>\n");
	for (size_t i = 0; i < r->inactive.n; i++)
		inactive_row(p, &r->inactive.v[i]);
	buf_add_str(p->out, r->inactive.n ? "</tbody></table></div></section>\n" : "</section>\n");
}

/* ---- ranking */

static void ranking_head(const struct page *p)
{
	buf_add_str(p->out, "<thead><tr><th scope=\"col\" data-sort>Principal</th><th scope=\"col\" "
	                    "data-sort>Account</th><th scope=\"col\" class=\"n\" data-sort>Events</th><th "
	                    "scope=\"col\" data-sort>Last used</th><th scope=\"col\" class=\"n\" "
	                    "data-sort>Actions used</th>");
	if (p->r->has_grants)
		buf_add_str(p->out, "<th scope=\"col\" class=\"n\" data-sort>Granted</th>");
	for (enum risk risk = RISK_ESCALATION; risk < RISKS; risk++)
		html_addf(p->out, "<th scope=\"col\" class=\"n\" data-sort>%s</th>", risk_title(risk));
	if (p->r->has_grants)
		buf_add_str(p->out, "<th scope=\"col\" class=\"n\" data-sort>Weight</th>");
	buf_add_str(p->out, "</tr></thead><tbody>\n");
}

static void number_cell(const struct page *p, uint64_t n)
{
	buf_add_str(p->out, "<td>");
	html_number(p->out, n);
	buf_add_str(p->out, "</td>");
}

void page_ranking(const struct page *p)
{
	buf_add_str(p->out, "<section aria-labelledby=\"principals\"><h2 id=\"principals\">Principals</h2>\n"
	                    "<div class=\"tools\" data-tools hidden><label for=\"filter\">Show only</label>"
	                    "<input id=\"filter\" type=\"search\"><span id=\"shown\" role=\"status\"></span>"
	                    "</div>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	                    "aria-label=\"Ranking of principals\"><table id=\"ranking\" "
	                    "class=\"numbers\">");
	if (p->r->has_grants)
		html_addf(p->out, "<caption>Most worth cutting first. Weight: unused actions, each "
		                  "escalation counted %zu, credentials %zu, exposure %zu, data %zu, "
		                  "destruction %zu; granted wider than used, half of it.</caption>",
		          report_risk_weight(RISK_ESCALATION), report_risk_weight(RISK_CREDENTIALS),
		          report_risk_weight(RISK_EXPOSURE), report_risk_weight(RISK_DATA),
		          report_risk_weight(RISK_DESTRUCTION));
	ranking_head(p);
	for (size_t i = 0; i < p->r->principals.n; i++) {
		const struct report_principal *of = &p->r->principals.v[i];
		buf_add_str(p->out, "<tr><td>");
		page_link(p, i);
		html_addf(p->out, "</td><td>%S</td>", &of->account);
		number_cell(p, of->events);
		buf_add_str(p->out, "<td>");
		page_day(p->out, of->last, of->events > 0);
		buf_add_str(p->out, "</td>");
		number_cell(p, of->has_grants ? of->used : of->n_actions);
		if (p->r->has_grants)
			number_cell(p, of->granted);
		for (enum risk risk = RISK_ESCALATION; risk < RISKS; risk++)
			number_cell(p, of->findings[risk]);
		if (p->r->has_grants)
			number_cell(p, of->weight);
		buf_add_str(p->out, "</tr>\n");
	}
	buf_add_str(p->out, "</tbody></table></div></section>\n");
}
