/* page-principal.c - report: the part of the HTML report on one principal: its policy with the evidence
 * behind it, what it is granted beyond that, and the commands to get there. */
#include "config.h"

#include "report/page.h"

#include "base/when.h"

#include <inttypes.h>

static void facts(const struct page *p, const struct report_principal *of)
{
	char day[WHEN_SIZE];
	html_addf(p->out, "<p>%llu event%s", (unsigned long long)of->events, of->events == 1 ? "" : "s");
	if (of->denied)
		html_addf(p->out, ", %llu denied", (unsigned long long)of->denied);
	if (of->events) {
		buf_add_str(p->out, ", from ");
		page_day(p->out, of->first, true);
		buf_add_str(p->out, " to ");
		page_day(p->out, of->last, true);
	}
	if (of->days_seen)
		html_addf(p->out, ", on %zu day%s; the last new permission appeared on %s",
		          of->days_seen, of->days_seen == 1 ? "" : "s",
		          when_format_day(of->last_new_day * WHEN_DAY_SECONDS, day));
	buf_add_str(p->out, ".</p>\n");
	if (!of->editable)
		buf_add_str(p->out, "<p class=\"warn\">Its permissions cannot be edited.</p>\n");
}

/* ---- what it is granted */

static void grants(const struct page *p, const struct report_principal *of)
{
	html_addf(p->out, "<h4>Granted today</h4>\n<p>%zu action%s: %zu used, %zu not", of->granted,
	          of->granted == 1 ? "" : "s", of->used, of->n_unused);
	const char *before = ": ";
	for (enum access_level level = LEVEL_PERMISSIONS; level >= LEVEL_LIST; level--) {
		if (of->unused[level] == 0)
			continue;
		html_addf(p->out, "%s%zu %s", before, of->unused[level], level_name(level));
		before = ", ";
	}
	buf_add_str(p->out, ".</p>\n");
	if (of->n_unused_names) {
		buf_add_str(p->out, "<p>Not used: ");
		for (size_t i = 0; i < of->n_unused_names; i++)
			html_addf(p->out, "%s<code>%S</code>", i ? ", " : "", &of->unused_names[i]);
		if (of->n_unused > of->n_unused_names)
			html_addf(p->out, " and %zu more", of->n_unused - of->n_unused_names);
		buf_add_str(p->out, ".</p>\n");
	}
	if (of->n_not_granted) {
		buf_add_str(p->out, "<p class=\"bad\">Used, and granted by none of its policies: ");
		for (size_t i = 0; i < of->n_not_granted; i++)
			html_addf(p->out, "%s<code>%S</code>", i ? ", " : "", &of->not_granted[i]);
		buf_add_str(p->out, ".</p>\n");
	}
}

static void wide(const struct page *p, const struct report_principal *of)
{
	if (of->n_wide == 0)
		return;
	buf_add_str(p->out, "<ul>\n");
	for (size_t i = 0; i < of->n_wide; i++)
		html_addf(p->out,
		          "<li><code>%S</code> is granted on <code>%S</code> and was used on %zu "
		          "resource%s.</li>\n",
		          &of->wide[i].action, &of->wide[i].granted, of->wide[i].used_on,
		          of->wide[i].used_on == 1 ? "" : "s");
	buf_add_str(p->out, "</ul>\n");
}

/* ---- what it needs */

static void folds(const struct page *p, const struct report_permission *of)
{
	for (size_t i = 0; i < of->n_folds; i++)
		html_addf(p->out, "<br><span class=\"soft\">stands for %zu, e.g. %S (%s)</span>",
		          of->folds[i].arns, &of->folds[i].example,
		          fold_reason_text(of->folds[i].reason));
}

static void permission(const struct page *p, const struct report_permission *of)
{
	/* its folders take more room than they tell: a trail's files have names of their own */
	struct span file = span_from(of->sample_file,
	                             (size_t)(span_rchr(of->sample_file, '/') + 1));
	html_addf(p->out, "<tr><td class=\"action\"><code>%S</code>", &of->action);
	if (of->risk)
		html_addf(p->out, "<br><span class=\"warn\">%s</span>", risk_title(of->risk));
	html_addf(p->out, "</td><td>%s</td><td class=\"name\">", level_name(of->level));
	for (size_t i = 0; i < of->n_patterns; i++)
		html_addf(p->out, "%s<code>%S</code>", i ? "<br>" : "", &of->patterns[i]);
	folds(p, of);
	html_addf(p->out, "</td><td class=\"n\">%llu</td><td class=\"n\">%zu</td><td>",
	          (unsigned long long)of->events, of->days);
	page_day(p->out, of->first, of->events > 0);
	if (of->events && when_day(of->first) != when_day(of->last)) {
		buf_add_str(p->out, " to ");
		page_day(p->out, of->last, true);
	}
	buf_add_str(p->out, "</td><td class=\"name\">");
	if (of->sample_id.n)
		html_addf(p->out, "%S in %S", &of->sample_id, &file);
	buf_add_str(p->out, "</td></tr>\n");
}

static void policy(const struct page *p, const struct report_principal *of)
{
	if (!of->policy.p) {
		buf_add_str(p->out, "<p>It used nothing that needs a grant.</p>\n");
		return;
	}
	html_addf(p->out, "<h4>The policy that it needs</h4>\n<p>%zu statement%s, %zu characters%s</p>\n"
	                  "<details><summary>Policy as JSON</summary><pre tabindex=\"0\" "
	                  "data-file=\"%S.json\">",
	          of->n_statements, of->n_statements == 1 ? "" : "s", of->size,
	          of->n_documents > 1 ? " in the largest of several documents." : ".",
	          &of->short_name);
	html_lines(p->out, of->policy);
	html_addf(p->out,
	          "</pre></details>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	          "aria-label=\"Evidence of %S\">",
	          &of->name);
	buf_add_str(p->out, "<table class=\"stack evidence\"><caption>Why each permission is in it</caption>"
	                    "<thead><tr><th scope=\"col\">Action</th><th scope=\"col\">Level</th><th "
	                    "scope=\"col\">Granted on</th><th scope=\"col\" class=\"n\">Events</th><th "
	                    "scope=\"col\" class=\"n\">Days</th><th scope=\"col\">Seen</th><th "
	                    "scope=\"col\">Sample event</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < of->n_permissions; i++)
		permission(p, &of->permissions[i]);
	buf_add_str(p->out, "</tbody></table></div>\n");
}

static void denied(const struct page *p, const struct report_principal *of)
{
	if (of->denials.n == 0)
		return;
	buf_add_str(p->out, "<h4>Denied</h4>\n<ul>\n");
	for (size_t i = 0; i < of->denials.n; i++)
		html_addf(p->out, "<li>%S: %llu</li>\n", &of->denials.v[i].text,
		          (unsigned long long)of->denials.v[i].events);
	buf_add_str(p->out, "</ul>\n");
}

/* A word of a POSIX shell: quoted, with a quote in it as '\''. */
static void shell_word(struct buf *out, struct span s)
{
	struct span rest = s;
	ptrdiff_t quote;
	buf_add_str(out, "&#39;");
	while ((quote = span_chr(rest, '\'')) >= 0) {
		html_text(out, span_sub(rest, 0, (size_t)quote));
		buf_add_str(out, "&#39;\\&#39;&#39;");
		rest = span_from(rest, (size_t)quote + 1);
	}
	html_text(out, rest);
	buf_add_str(out, "&#39;");
}

static void commands(const struct page *p, const struct report_principal *of)
{
	if (!of->policy.p || !of->editable)
		return;
	buf_add_str(p->out, "<details><summary>Commands</summary><pre tabindex=\"0\">iamreplay policy "
	                    "--principal ");
	shell_word(p->out, of->name);
	buf_add_str(p->out, " -o policy.json\niamreplay verify --principal ");
	shell_word(p->out, of->name);
	buf_add_str(p->out, " policy.json\niamreplay explain --principal ");
	shell_word(p->out, of->name);
	buf_add_str(p->out, "\n</pre></details>\n");
}

/* On a narrow screen a path is broken behind its slashes rather than within a name. */
static void heading(struct buf *out, struct span name)
{
	ptrdiff_t slash;
	buf_add_str(out, "<h3>");
	while ((slash = span_chr(name, '/')) >= 0) {
		html_text(out, span_sub(name, 0, (size_t)slash + 1));
		buf_add_str(out, "<wbr>");
		name = span_from(name, (size_t)slash + 1);
	}
	html_text(out, name);
	buf_add_str(out, "</h3>\n");
}

static void begin_section(const struct page *p, size_t i)
{
	const struct report_principal *of = &p->r->principals.v[i];
	buf_addf(p->out, "<section class=\"principal\" id=\"p%zu\">", i + 1);
	heading(p->out, of->name);
	facts(p, of);
}

void page_principal(const struct page *p, size_t i)
{
	const struct report_principal *of = &p->r->principals.v[i];
	begin_section(p, i);
	if (of->has_grants) {
		grants(p, of);
		wide(p, of);
	}
	policy(p, of);
	denied(p, of);
	commands(p, of);
	buf_add_str(p->out, "</section>\n");
}

enum { BRIEF_ACTIONS = 16 };

void page_principal_brief(const struct page *p, size_t i)
{
	const struct report_principal *of = &p->r->principals.v[i];
	size_t shown = 0;
	begin_section(p, i);
	for (int risky = 1; risky >= 0; risky--)
		for (size_t k = 0; k < of->n_permissions && shown < BRIEF_ACTIONS; k++)
			if ((of->permissions[k].risk != RISK_NONE) == risky)
				html_addf(p->out, "%s<code>%S</code> %llu", shown++ ? ", " : "<p>",
				          &of->permissions[k].action,
				          (unsigned long long)of->permissions[k].events);
	if (of->n_permissions > shown)
		html_addf(p->out, " and %zu more actions", of->n_permissions - shown);
	buf_add_str(p->out, shown ? "</p>\n" : "");
	if (of->has_grants)
		html_addf(p->out, "<p>Granted %zu actions, %zu of them not used.</p>\n",
		          of->granted, of->n_unused);
	buf_add_str(p->out, "</section>\n");
}
