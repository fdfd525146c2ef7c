/* scanner.c - builder: see scanner.h. */
#include "config.h"

#include "builder/scanner.h"

#include "base/alloc.h"
#include "builder/arn-parts.h"
#include "mapping/risk.h"

#include <stdlib.h>

/* Last words of reading actions that answer with settings of a resource. */
static const char *const settings[] = {
        "Acl",      "ACL",          "Attributes", "Concurrency", "Configuration", "Encryption",
        "Location", "Logging",      "Policy",     "PolicyStatus", "Settings",     "Status",
        "Summary",  "Tagging",      "Tags",       "Versioning"};

/* AppConfig's configurations are its data (AWS AppConfig user guide, "Retrieving feature flags and
 * configuration data"), and an execution tells its input and output (Step Functions API reference,
 * DescribeExecution). */
static bool is_content(const struct sar_action *a, const struct sar_type *type)
{
	struct span service = sar_action_service(a);
	return span_is(service, "appconfig") ||
	       (span_is(service, "states") && span_is(sar_type_name(type), "execution")) ||
	       (span_is(service, "s3") && span_is(sar_type_name(type), "object"));
}

static bool describes(const struct sar_action *a, const struct sar_type *type)
{
	struct span name = sar_action_name(a), service = sar_action_service(a);
	if (span_starts(name, SPAN_LIT("Describe")) || span_starts(name, SPAN_LIT("List")))
		return true;
	if (!span_starts(name, SPAN_LIT("Get")))
		return false;
	/* IAM has nothing but settings, nor have buckets without their objects. */
	if (span_is(service, "iam") ||
	    (span_is(service, "s3") && span_is(sar_type_name(type), "bucket")))
		return true;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (span_ends(name, span_of(settings[i])))
			return true;
	return false;
}

bool reads_metadata(const struct mapping *m, const struct sar_action *action,
                    const struct sar_type *type)
{
	enum access_level level = action ? sar_action_level(action) : LEVEL_UNKNOWN;
	if (!type || (level != LEVEL_LIST && level != LEVEL_READ) || is_content(action, type) ||
	    action_risk(m, action, NULL) != RISK_NONE)
		return false;
	return level == LEVEL_LIST || describes(action, type);
}

enum { SCANNED_LEAST = 5 };

struct place { /* all of the type in one account and Region */
	struct span pattern;
	struct span folded;
	size_t i; /* the resource */
	bool metadata, only;
};

static int by_pattern(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = span_cmp(x->pattern, y->pattern);
	c = c ? c : span_cmp(x->folded, y->folded);
	return c ? c : (x->i > y->i) - (x->i < y->i);
}

/* SPAN_NONE: no pattern of the type fits the resource. */
static struct span all_of(const struct sar_type *type, struct span resource, struct span head,
                          struct arena *arena)
{
	struct arn_parts p;
	if (!arn_parts_of(resource, type, &p) || p.pattern == sar_type_n_patterns(type))
		return SPAN_NONE;
	p.value[0] = arena_printf(arena, "%.*s*", SPAN_ARG(head));
	for (size_t v = 1; v < p.n_values; v++)
		p.value[v] = SPAN_LIT("*");
	return arn_parts_join(&p, arena);
}

/* What the names of n resources of one place begin with, up to the end of a word. */
static struct span common_head(const struct sar_type *type, const struct looked_at *r,
                               const struct place *p, size_t n)
{
	struct arn_parts first, one;
	if (!n || !arn_parts_of(r[p[0].i].resource, type, &first) || !first.n_values)
		return SPAN_LIT("");
	size_t head = first.value[0].n;
	for (size_t i = 1; i < n; i++) {
		size_t k = 0;
		if (!arn_parts_of(r[p[i].i].resource, type, &one) || !one.n_values)
			return SPAN_LIT("");
		while (k < head && k < one.value[0].n && one.value[0].p[k] == first.value[0].p[k])
			k++;
		head = k;
	}
	while (head && !strchr("-_./:", first.value[0].p[head - 1]))
		head--;
	return span_sub(first.value[0], 0, head);
}

/* n sorted resources of one place. */
static bool is_scan(const struct place *p, size_t n)
{
	size_t metadata = 0, only = 0;
	for (size_t i = 0, k; i < n; i = k) {
		bool some = false, nothing_else = true;
		for (k = i; k < n && span_eq(p[k].folded, p[i].folded); k++) {
			some |= p[k].metadata;
			nothing_else &= p[k].only;
		}
		metadata += some;
		only += some && nothing_else;
	}
	return metadata >= SCANNED_LEAST && 2 * only > metadata;
}

void scanned(const struct sar_type *type, const struct looked_at *r, size_t n, struct arena *arena,
             struct span *out)
{
	struct place *p = xcalloc(n + 1, sizeof *p);
	size_t looked = 0;
	for (size_t i = 0; i < n; i++) {
		out[i] = SPAN_NONE;
		looked += r[i].metadata;
	}
	if (!type || looked < SCANNED_LEAST)
		n = 0;
	for (size_t i = 0; i < n; i++)
		p[i] = (struct place){all_of(type, r[i].resource, SPAN_LIT(""), arena), r[i].folded, i,
		                      r[i].metadata, r[i].metadata && !r[i].else_too};
	if (n)
		qsort(p, n, sizeof *p, by_pattern);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && span_eq(p[k].pattern, p[i].pattern);)
			k++;
		if (!p[i].pattern.n || !is_scan(p + i, k - i))
			continue;
		struct span wide = all_of(type, r[p[i].i].resource,
		                          common_head(type, r, p + i, k - i), arena);
		for (size_t j = i; j < k; j++)
			out[p[j].i] = wide;
	}
	free(p);
}
