/* proxy-bypass.c - app: see proxy-bypass.h. */
#include "config.h"

#include "app/proxy-bypass.h"

static bool is_aws_domain(struct span item)
{
	static const char *const domains[] = {"amazonaws.com", "amazonaws.com.cn", "api.aws"};
	while (item.n && (item.p[0] == '.' || item.p[0] == '*'))
		item = span_from(item, 1);
	if (!item.n)
		return true; /* "*": no host goes through a proxy */
	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
		struct span domain = span_of(domains[i]);
		if (span_ends_ci(item, domain) || span_ends_ci(domain, item))
			return true;
	}
	return false;
}

static void no_proxy(const struct environment *e, struct remarks *r)
{
	struct span rest = span_of(environment_get(e, "NO_PROXY"));
	while (rest.p) {
		struct span item = span_trim(span_cut(&rest, ','));
		if (!item.n || !is_aws_domain(item))
			continue;
		remarks_add(r,
		            "NO_PROXY has '%.*s': what is called there does not go through the "
		            "proxy (--unset NO_PROXY --unset no_proxy)",
		            SPAN_ARG(item));
		return;
	}
}

void proxy_bypasses(const struct environment *e, struct remarks *r)
{
	for (size_t i = 0; i < e->n; i++) {
		struct span value = span_of(e->entries[i]), name = span_cut(&value, '=');
		if (!span_starts(name, SPAN_LIT("AWS_ENDPOINT_URL")) || !value.n ||
		    span_find(value, SPAN_LIT("amazonaws.com")) >= 0)
			continue;
		remarks_add(r,
		            "%.*s is set: calls go there, which is no AWS host ('iamreplay capture "
		            "endpoint --to URL' sees them)",
		            SPAN_ARG(name));
	}
	no_proxy(e, r);
}
