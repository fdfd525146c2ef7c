/* html-report.c - report: the HTML page around its parts. It asks for nothing from outside of itself: the
 * content security policy allows its own style and script, by their hashes, and nothing else, so
 * that a name from a log could not run or fetch anything even if it were written wrongly. */
#include "config.h"

#include "report/format.h"
#include "report/page.h"

#include <sodium.h>

/* 'sha256-...' of what stands between the tags (Content Security Policy Level 3). */
static void add_hash(struct buf *out, const char *text)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2base64(base64, sizeof base64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	buf_addf(out, "'sha256-%s'", base64);
}

static void begin(const struct page *p, struct span title)
{
	buf_add_str(p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	                    "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	                    "base-uri 'none'; form-action 'none'; style-src ");
	add_hash(p->out, report_style);
	buf_add_str(p->out, "; script-src ");
	add_hash(p->out, report_script);
	html_addf(p->out, "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	                  "<meta name=\"referrer\" content=\"no-referrer\">\n<title>%S</title>\n<style>",
	          &title);
	buf_add_str(p->out, report_style);
	html_addf(p->out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n"
	                  "<header><h1>%S</h1>\n",
	          &title);
}

static void end(const struct page *p)
{
	html_addf(p->out, "</main>\n<footer><p class=\"soft\">Made by iamreplay; mapping %S.</p></footer>\n"
	                  "<script>",
	          &p->r->mapping_version);
	buf_add_str(p->out, report_script);
	buf_add_str(p->out, "</script>\n</body>\n</html>\n");
}

static const char sections[] =
        "<nav aria-label=\"Sections\"><ul><li><a href=\"#overview\">Overview</a></li><li><a "
        "href=\"#risks\">Risk first</a></li><li><a href=\"#inactive\">Inactive</a></li><li><a href=\"#principals\">Principals</a></li><li><a "
        "href=\"#coverage\">What the log holds</a></li></ul></nav></header>\n<main id=\"main\">\n";

static void begin_overview(const struct page *p)
{
	begin(p, SPAN_LIT("Access report"));
	buf_add_str(p->out, sections);
	page_overview(p);
	page_risks(p);
	page_inactive(p);
	page_ranking(p);
}

/* A page that a browser opens at once and a pull request or mail takes. */
enum { PAGE_BYTES = 2000000, BRIEF_BYTES = 1200 /* of one principal in brief, nearly always */ };

/* Those that are most worth cutting in full, as far as the page has room for the others in brief. */
static void principals(const struct page *p)
{
	size_t n = p->r->principals.n, in_full = 0;
	for (size_t i = 0; i < n; i++) {
		size_t before = p->out->n;
		if (in_full == i)
			page_principal(p, i);
		if (in_full == i && p->out->n + (n - i) * BRIEF_BYTES <= PAGE_BYTES) {
			in_full++;
			continue;
		}
		p->out->n = before;
		if (in_full == i)
			html_addf(p->out,
			          "<p class=\"warn\">The page would be too long: the following %zu "
			          "principals are in brief. A page for each is written by <code>-o "
			          "DIR/</code>, one alone by <code>--principal</code>.</p>\n",
			          n - i);
		page_principal_brief(p, i);
	}
}

bool report_html(const struct report *r, struct buf *out)
{
	const struct page p = {r, out, LINKS_WITHIN};
	begin_overview(&p);
	principals(&p);
	page_coverage(&p);
	end(&p);
	return !out->full;
}

bool report_html_index(const struct report *r, struct buf *out)
{
	const struct page p = {r, out, LINKS_BESIDE};
	begin_overview(&p);
	page_coverage(&p);
	end(&p);
	return !out->full;
}

bool report_html_principal(const struct report *r, size_t i, struct buf *out)
{
	const struct page p = {r, out, LINKS_BESIDE};
	begin(&p, r->principals.v[i].name);
	buf_add_str(out, "<nav aria-label=\"Sections\"><a href=\"index.html\">All principals</a></nav></header>\n"
	                 "<main id=\"main\">\n");
	page_principal(&p, i);
	end(&p);
	return !out->full;
}
