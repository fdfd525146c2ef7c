/* hosts.c - recognise: see hosts.h. */
#include "config.h"

#include "recognise/hosts.h"

/* Domains under which API endpoints live (botocore partitions.json); the longer first where one
 * ends in the other. */
static const char *const domains[] = {
        ".api.amazonwebservices.com.cn",
        ".api.amazonwebservices.eu",
        ".api.cloud-aws.adc-e.uk",
        ".amazonaws.com.cn",
        ".api.aws.hci.ic.gov",
        ".csp.hci.ic.gov",
        ".cloud.adc-e.uk",
        ".api.aws.scloud",
        ".api.aws.ic.gov",
        ".sc2s.sgov.gov",
        ".amazonaws.com",
        ".amazonaws.eu",
        ".c2s.ic.gov",
        ".api.aws",
        ".on.aws",
};

struct host_name {
	const char *name, *stem;
};

/* Names that no model's endpoint prefix gives, and the prefix that they stand for. A star stands
 * for one label that names a resource, a star in a label for the rest of it; "<region>" in front
 * for the region, where it stands there. Made from mappings/hosts.tsv: what the endpoint rule sets
 * of botocore's models and the host prefixes of their operations say. */
static const struct host_name ruled_names[] = {
#include "recognise/host-names.inc"
};

/* Of the same form: names that services answer to, or give in their answers, and no rule set has.
 */
static const struct host_name other_names[] = {
        {"queue", "sqs"},
        {"*.execute-api", "execute-api"},
        {"aps-workspaces", "aps"},
        {"*.appsync-api", "appsync"},
        {"*.data.mediastore", "data.mediastore"},
        {"s-*.kinesisvideo", "kinesisvideo"},
        {"query-cell*.timestream", "query.timestream"},
        {"ingest-cell*.timestream", "ingest.timestream"},
        {"search-*.cloudsearch", "cloudsearchdomain"},
        {"doc-*.cloudsearch", "cloudsearchdomain"},
        {"runtime.connecthealth", "connecthealth"},
        {"streaming.connecthealth", "connecthealth"},
        {"streaming-logs", "logs"},
        {"data-signer", "signer"},
};

bool host_is_region(struct span s)
{
	/* us-east-1, ap-southeast-10, us-gov-west-1, us-iso-east-1, eusc-de-east-1 */
	size_t parts = 0;
	bool digits = false;
	while (s.p) {
		struct span part = span_cut(&s, '-');
		if (digits || part.n == 0)
			return false;
		digits = ascii_digit(part.p[0]);
		for (size_t i = 0; i < part.n; i++)
			if (digits ? !ascii_digit(part.p[i])
			           : !(part.p[i] >= 'a' && part.p[i] <= 'z'))
				return false;
		if (parts == 0 && (part.n < 2 || part.n > 4))
			return false;
		if (digits && part.n > 2)
			return false;
		parts++;
	}
	return digits && parts >= 3 && parts <= 4;
}

struct span host_partition(struct span region)
{
	static const struct {
		const char *prefix, *partition;
	} table[] = {
	        {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"},
	        {"us-isof-", "aws-iso-f"}, {"us-iso-", "aws-iso"},    {"eu-isoe-", "aws-iso-e"},
	        {"eusc-", "aws-eusc"},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_starts(region, span_of(table[i].prefix)))
			return span_of(table[i].partition);
	return SPAN_LIT("aws");
}

struct span host_no_region(const struct api_host *h)
{
	/* GovCloud's hosts without a region have "us-gov" in their names and are found by it. */
	static const struct {
		const char *domain, *word;
	} table[] = {
	        {".amazonaws.com.cn", "aws-cn-global"},
	        {".api.amazonwebservices.com.cn", "aws-cn-global"},
	        {".amazonaws.com", "aws-global"},
	        {".api.aws", "aws-global"},
	        {".on.aws", "aws-global"},
	        {".c2s.ic.gov", "aws-iso-global"},
	        {".api.aws.ic.gov", "aws-iso-global"},
	        {".sc2s.sgov.gov", "aws-iso-b-global"},
	        {".api.aws.scloud", "aws-iso-b-global"},
	        {".cloud.adc-e.uk", "aws-iso-e-global"},
	        {".csp.hci.ic.gov", "aws-iso-f-global"},
	        {".api.aws.hci.ic.gov", "aws-iso-f-global"},
	        {".amazonaws.eu", "aws-eusc-global"},
	        {".api.amazonwebservices.eu", "aws-eusc-global"},
	};
	if (span_ends(h->name, SPAN_LIT(".us-gov.amazonaws.com")))
		return SPAN_LIT("aws-us-gov-global");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_ends(h->name, span_of(table[i].domain)))
			return span_of(table[i].word);
	return SPAN_NONE;
}

bool host_split_port(struct span a, unsigned default_port, struct span *host, unsigned *port)
{
	struct span h = a, p = SPAN_NONE;
	uint64_t number = default_port;
	/* Nothing but what a name, an address and a port are written with: with a user and a
	 * password in front it is no host. */
	for (size_t i = 0; i < a.n; i++)
		if (!ascii_alpha(a.p[i]) && !ascii_digit(a.p[i]) &&
		    (a.p[i] == '\0' || !strchr("-_.:%[]", a.p[i])))
			return false;
	if (a.n && a.p[0] == '[') {
		ptrdiff_t end = span_chr(a, ']');
		if (end < 0)
			return false;
		h = span_sub(a, 1, (size_t)end - 1);
		p = span_from(a, (size_t)end + 1);
		if (p.n && p.p[0] != ':')
			return false;
		p = p.n ? span_from(p, 1) : SPAN_NONE;
	} else {
		ptrdiff_t colon = span_chr(a, ':');
		if (colon >= 0) {
			h = span_make(a.p, (size_t)colon);
			p = span_from(a, (size_t)colon + 1);
		}
	}
	if (h.n == 0 || h.n > 255)
		return false;
	if (p.p && (!span_to_u64(p, &number) || number == 0 || number > 65535))
		return false;
	*host = h;
	*port = (unsigned)number;
	return true;
}

/* ---- labels */

static struct span last_label(struct span s)
{
	ptrdiff_t dot = span_rchr(s, '.');
	return dot < 0 ? s : span_from(s, (size_t)dot + 1);
}

static struct span without_last(struct span s)
{
	ptrdiff_t dot = span_rchr(s, '.');
	return dot < 0 ? span_make(s.p, 0) : span_make(s.p, (size_t)dot);
}

static struct span without_suffix(struct span s, const char *suffix)
{
	struct span x = span_of(suffix);
	return span_ends(s, x) ? span_make(s.p, s.n - x.n) : s;
}

static bool drop_last(struct span *s, const char *label)
{
	if (!span_is(last_label(*s), label))
		return false;
	*s = without_last(*s);
	return true;
}

/* Copies s without "fips." in front, "-fips" behind a label, and the label "dualstack". */
static struct span plain_stem(struct api_host *h, struct span s)
{
	char *to = h->buffer + h->used;
	size_t n = 0;
	for (bool first = true; s.p; first = false) {
		struct span label = span_cut(&s, '.');
		if (span_is(label, "dualstack") || (first && span_is(label, "fips") && s.p))
			continue;
		label = without_suffix(label, "-fips");
		if (n + label.n + 1 > sizeof h->buffer - h->used)
			return SPAN_NONE;
		if (n)
			to[n++] = '.';
		memcpy(to + n, label.p, label.n);
		n += label.n;
	}
	h->used += n;
	return span_make(to, n);
}

/* ---- S3 */

static const struct {
	const char *label;
	enum host_s3 kind;
} s3_labels[] = {
        {"s3", S3_PLAIN},
        {"s3-accelerate", S3_PLAIN},
        {"s3-accesspoint", S3_ACCESS_POINT},
        {"s3-object-lambda", S3_OBJECT_LAMBDA},
        {"s3-outposts", S3_OUTPOSTS},
        {"s3-control", S3_CONTROL},
        {"s3express-control", S3_EXPRESS_CONTROL},
        {"s3-external-1", S3_PLAIN},
};

static enum host_kind take_s3(struct api_host *h, enum host_s3 kind, struct span front)
{
	h->kind = HOST_S3;
	h->s3 = kind;
	h->stem = kind == S3_CONTROL         ? SPAN_LIT("s3-control")
	          : kind == S3_OBJECT_LAMBDA ? SPAN_LIT("s3-object-lambda")
	          : kind == S3_OUTPOSTS      ? SPAN_LIT("s3-outposts")
	                                     : SPAN_LIT("s3");
	if (kind == S3_EXPRESS_CONTROL && front.n)
		return h->kind = HOST_OTHER;
	h->resource = front.n ? front : SPAN_NONE;
	return h->kind;
}

/* s is what stands before region and domain: "bucket.s3.dualstack". */
static enum host_kind parse_s3(struct api_host *h, struct span s)
{
	drop_last(&s, "dualstack");
	struct span label = without_suffix(last_label(s), "-fips"), front = without_last(s);
	for (size_t i = 0; i < sizeof s3_labels / sizeof s3_labels[0]; i++)
		if (span_is(label, s3_labels[i].label))
			return take_s3(h, s3_labels[i].kind, front);
	/* s3-REGION, and no other s3-...: s3-website is no API. */
	if (span_starts(label, SPAN_LIT("s3-")) && host_is_region(span_from(label, 3)) &&
	    !h->region.p) {
		h->region = span_from(label, 3);
		return take_s3(h, S3_PLAIN, front);
	}
	if (span_starts(label, SPAN_LIT("s3express-")))
		return take_s3(h, S3_EXPRESS, front);
	if (span_is(label, "s3-global") && drop_last(&front, "accesspoint"))
		return take_s3(h, S3_MULTI_REGION, front);
	return HOST_OTHER;
}

/* ---- other services */

static bool label_fits(struct span label, struct span pattern)
{
	ptrdiff_t star = span_chr(pattern, '*');
	if (star < 0)
		return span_eq(label, pattern);
	return label.n > (size_t)star && span_starts(label, span_make(pattern.p, (size_t)star));
}

static bool name_fits(struct span name, struct span pattern)
{
	while (name.p && pattern.p)
		if (!label_fits(span_cut(&name, '.'), span_cut(&pattern, '.')))
			return false;
	return !name.p && !pattern.p;
}

static bool take_name(struct api_host *h, struct span stem, const struct host_name *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span pattern = span_of(names[i].name);
		if (!name_fits(stem, pattern))
			continue;
		h->stem = span_of(names[i].stem);
		if (span_chr(pattern, '*') >= 0) {
			struct span rest = stem;
			h->resource = span_cut(&rest, '.');
		}
		h->kind = HOST_SERVICE;
		return true;
	}
	return false;
}

static enum host_kind parse_service(const struct host_rules *rules, struct api_host *h,
                                    struct span s)
{
	struct span stem = plain_stem(h, s);
	if (stem.n == 0)
		return HOST_OTHER;
	if (rules->endpoint(rules->data, stem)) {
		h->stem = stem;
		return h->kind = HOST_SERVICE;
	}
	if (take_name(h, stem, ruled_names, sizeof ruled_names / sizeof ruled_names[0]) ||
	    take_name(h, stem, other_names, sizeof other_names / sizeof other_names[0]))
		return h->kind;
	return HOST_OTHER;
}

/* REGION.SERVICE: only where a rule set has the region in front. */
static enum host_kind parse_region_first(struct api_host *h, struct span s)
{
	struct span rest = s, region = span_cut(&rest, '.');
	if (!rest.p || !host_is_region(region))
		return HOST_OTHER;
	for (size_t i = 0; i < sizeof ruled_names / sizeof ruled_names[0]; i++) {
		struct span pattern = span_of(ruled_names[i].name), first = span_cut(&pattern, '.');
		if (!span_is(first, "<region>") || !name_fits(rest, pattern))
			continue;
		h->region = region;
		h->stem = span_of(ruled_names[i].stem);
		return h->kind = HOST_SERVICE;
	}
	return HOST_OTHER;
}

/* NAME.REGION.SERVICE: endpoints of one domain of OpenSearch, of one collection of OpenSearch
 * Serverless (their developer guides). */
static enum host_kind parse_region_within(struct api_host *h, struct span s)
{
	static const struct host_name names[] = {
	        {"search-*", "es"}, {"vpc-*", "es"}, {"*", "aoss"}};
	struct span rest = s, label = span_cut(&rest, '.'), region = span_cut(&rest, '.');
	if (!label.n || !rest.p || !host_is_region(region))
		return HOST_OTHER;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!span_is(rest, names[i].stem) || !label_fits(label, span_of(names[i].name)))
			continue;
		h->region = region;
		h->stem = span_of(names[i].stem);
		h->resource = label;
		return h->kind = HOST_SERVICE;
	}
	return HOST_OTHER;
}

/* [X.]vpce-ID[-AZ].SERVICE.REGION.vpce; X is bucket, accesspoint, control, BUCKET.bucket... Other
 * people's services are vpce-ID.vpce-svc-ID.REGION.vpce. */
static enum host_kind parse_vpce(const struct host_rules *rules, struct api_host *h, struct span s)
{
	struct span rest = s, front = span_make(s.p, 0), label = span_cut(&rest, '.');
	while (rest.p && !span_starts(label, SPAN_LIT("vpce-"))) {
		front = span_make(s.p, (size_t)(label.p + label.n - s.p));
		label = span_cut(&rest, '.');
	}
	if (!rest.p || span_starts(rest, SPAN_LIT("vpce-svc-")))
		return HOST_OTHER;
	if (!span_is(rest, "s3"))
		return parse_service(rules, h, rest);
	if (span_is(last_label(front), "accesspoint"))
		return take_s3(h, S3_ACCESS_POINT, without_last(front));
	if (span_is(last_label(front), "control"))
		return take_s3(h, S3_CONTROL, without_last(front));
	drop_last(&front, "bucket");
	return take_s3(h, S3_PLAIN, front);
}

static enum host_kind parse_aws(const struct host_rules *rules, struct api_host *h, struct span s,
                                struct span domain)
{
	if (span_is(domain, ".on.aws")) {
		if (!host_is_region(last_label(s)))
			return HOST_OTHER;
		h->region = last_label(s);
		s = without_last(s);
		if (span_is(s, "neptune-graph"))
			return parse_service(rules, h, s);
		if (!drop_last(&s, "lambda-url") || span_chr(s, '.') >= 0)
			return HOST_OTHER;
		h->stem = SPAN_LIT("lambda-url");
		h->resource = s;
		return h->kind = HOST_SERVICE;
	}
	bool vpce = drop_last(&s, "vpce");
	struct span last = last_label(s);
	if (host_is_region(last) || span_is(last, "us-gov") || span_is(last, "global")) {
		if (host_is_region(last))
			h->region = last;
		s = without_last(s);
		/* "routes.geo.us-gov-west-1.us-gov" */
		if (!h->region.p && host_is_region(last_label(s))) {
			h->region = last_label(s);
			s = without_last(s);
		}
	} else if (span_is(last, "queue") && host_is_region(without_last(s))) {
		h->region = without_last(s);
		s = last;
	}
	/* A graph's own endpoint has the region in front of the service. */
	if (span_is(last, "neptune-graph") && host_is_region(last_label(without_last(s))) &&
	    without_last(without_last(s)).n) {
		h->region = last_label(without_last(s));
		h->resource = without_last(without_last(s));
		h->stem = last;
		return h->kind = HOST_SERVICE;
	}
	if (s.n == 0)
		return HOST_OTHER;
	if (!vpce && !h->region.p &&
	    (parse_region_first(h, s) != HOST_OTHER || parse_region_within(h, s) != HOST_OTHER))
		return h->kind;
	if (vpce)
		return h->region.p ? parse_vpce(rules, h, s) : HOST_OTHER;
	if (parse_s3(h, s) != HOST_OTHER)
		return h->kind;
	return parse_service(rules, h, s);
}

static enum host_kind parse_also(const struct host_rules *rules, struct api_host *h)
{
	for (size_t i = 0; i < rules->n_also; i++) {
		struct span host = rules->also[i].host;
		bool below = host.n && host.p[0] == '.';
		if (below ? !span_ends_ci(h->name, host) || h->name.n == host.n
		          : !span_eq_ci(h->name, host))
			continue;
		h->service = rules->also[i].service;
		h->kind = HOST_SERVICE;
		h->stem = h->service;
		if (span_is(h->service, "s3"))
			h->kind = HOST_S3;
		if (below)
			h->resource = span_make(h->name.p, h->name.n - host.n);
		return h->kind;
	}
	return HOST_OTHER;
}

enum host_kind host_parse(const struct host_rules *rules, struct span host, struct api_host *h)
{
	h->kind = HOST_OTHER;
	h->s3 = S3_PLAIN;
	h->name = h->stem = h->region = h->resource = h->service = SPAN_NONE;
	h->used = 0;
	struct span name;
	unsigned port;
	if (!host_split_port(host, 443, &name, &port))
		return HOST_OTHER;
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	for (size_t i = 0; i < name.n; i++)
		h->buffer[i] = ascii_lower(name.p[i]);
	h->name = span_make(h->buffer, name.n);
	h->used = name.n;
	if (parse_also(rules, h) != HOST_OTHER)
		return h->kind;
	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
		struct span domain = span_of(domains[i]);
		if (!span_ends(h->name, domain))
			continue;
		struct span front = span_make(h->name.p, h->name.n - domain.n);
		enum host_kind kind = front.n ? parse_aws(rules, h, front, domain) : HOST_OTHER;
		return h->kind = kind;
	}
	return HOST_OTHER;
}
