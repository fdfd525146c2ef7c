/* endpoint.c - fetch: see endpoint.h. */
#include "config.h"

#include "fetch/endpoint.h"

#include <stdio.h>

static const struct partition {
	const char *region; /* how its regions begin; "" is the last */
	const char *name, *suffix, *dual_stack;
	const char *home; /* where its global services are signed for */
} partitions[] = {
        {"cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1"},
        {"us-gov-", "aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1"},
        {"us-iso-", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"},
        {"us-isob-", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"},
        {"us-isof-", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"},
        {"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"},
        {"eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"},
        {"", "aws", "amazonaws.com", "api.aws", "us-east-1"},
};

static const struct partition *partition_of(struct span region)
{
	const struct partition *p = partitions;
	while (!span_starts(region, span_of(p->region)))
		p++;
	return p;
}

const char *endpoint_partition(struct span region)
{
	return partition_of(region)->name;
}

bool endpoint_region_sound(struct span text)
{
	if (text.n < 2 || text.n > 30)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'z') &&
		    !(text.p[i] == '-' && i > 0 && i + 1 < text.n))
			return false;
	return true;
}

/* A label of a host name, so that a certificate for *.s3.... fits. Dots would not. */
static bool is_label(struct span bucket)
{
	bool fine = bucket.n >= 3 && bucket.n <= 63 && bucket.p[0] != '-' &&
	            bucket.p[bucket.n - 1] != '-';
	for (size_t i = 0; fine && i < bucket.n; i++)
		fine = ascii_digit(bucket.p[i]) || bucket.p[i] == '-' ||
		       (bucket.p[i] >= 'a' && bucket.p[i] <= 'z');
	return fine;
}

static bool fits(int n, size_t size)
{
	return n >= 0 && (size_t)n < size;
}

static bool of_user(const char *url, struct endpoint *out)
{
	struct span rest = span_of(url), scheme;
	bool tls = span_starts_ci(rest, SPAN_LIT("https://"));
	if (!tls && !span_starts_ci(rest, SPAN_LIT("http://")))
		return false;
	scheme = tls ? SPAN_LIT("https://") : SPAN_LIT("http://");
	rest = span_from(rest, scheme.n);
	struct span host = span_cut(&rest, '/');
	struct span standard = tls ? SPAN_LIT(":443") : SPAN_LIT(":80");
	/* Neither a user's name and password in it, which would end up in messages, nor a query. */
	if (!host.n || span_chr(host, '@') >= 0 || strpbrk(url, "?# \t\r\n\\"))
		return false;
	while (rest.n && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (!fits(snprintf(out->base, sizeof out->base, "%.*s%.*s", SPAN_ARG(scheme),
	                   SPAN_ARG(host)),
	          sizeof out->base) ||
	    !fits(snprintf(out->prefix, sizeof out->prefix, "%s%.*s", rest.n ? "/" : "",
	                   SPAN_ARG(rest)),
	          sizeof out->prefix))
		return false;
	if (span_ends(host, standard))
		host.n -= standard.n;
	return fits(snprintf(out->host, sizeof out->host, "%.*s", SPAN_ARG(host)),
	            sizeof out->host);
}

static bool add_bucket_path(struct span bucket, struct endpoint *out)
{
	size_t n = strlen(out->prefix);
	return !bucket.p ||
	       fits(snprintf(out->prefix + n, sizeof out->prefix - n, "/%.*s", SPAN_ARG(bucket)),
	            sizeof out->prefix - n);
}

bool endpoint_find(const struct endpoint_options *o, const char *service, struct span region,
                   struct span bucket, struct endpoint *out)
{
	const struct partition *p = partition_of(region);
	bool global = region.n == 0 || strcmp(service, "iam") == 0;
	bool s3 = strcmp(service, "s3") == 0;
	struct span signed_for = global ? span_of(p->home) : region;
	bool host_bucket = bucket.p && is_label(bucket);
	char place[64] = "";
	*out = (struct endpoint){.base = ""};
	if (!fits(snprintf(out->region, sizeof out->region, "%.*s", SPAN_ARG(signed_for)),
	          sizeof out->region))
		return false;
	if (o->url && *o->url)
		return of_user(o->url, out) && add_bucket_path(bucket, out);
	if (!endpoint_region_sound(signed_for))
		return false;
	if (!global || s3)
		snprintf(place, sizeof place, ".%.*s", SPAN_ARG(signed_for));
	if (!fits(snprintf(out->host, sizeof out->host, "%.*s%s%s%s%s%s.%s",
	                   host_bucket ? (int)bucket.n : 0, host_bucket ? bucket.p : "",
	                   host_bucket ? "." : "", service, o->fips ? "-fips" : "",
	                   s3 && o->dual_stack ? ".dualstack" : "", place,
	                   o->dual_stack && !s3 ? p->dual_stack : p->suffix),
	          sizeof out->host))
		return false;
	snprintf(out->base, sizeof out->base, "https://%s", out->host);
	return host_bucket || add_bucket_path(bucket, out);
}
