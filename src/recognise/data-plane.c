/* data-plane.c - recognise: see data-plane.h. Sources: the developer guides of Amazon Managed
 * Service for Prometheus (APIs), OpenSearch Service and Serverless (signing requests), AppSync
 * (authorization), API Gateway (execute-api ARNs), Lambda (function URLs), X-Ray and CloudWatch
 * Logs (OTLP endpoints). */
#include "config.h"

#include "recognise/data-plane.h"

/* Where the name of the resource is. */
enum naming {
	BY_NOTHING,
	BY_LABEL,   /* the host's first label */
	BY_DOMAIN,  /* of a domain's endpoint: "search-NAME-RANDOM", "vpc-NAME-RANDOM" */
	BY_SEGMENT, /* the second segment of the path: "/workspaces/ID/api/v1/query" */
};

struct plane {
	const char *stem, *method, *path; /* method NULL: any; path: '*' any run of characters */
	const char *source, *event, *member;
	enum naming by;
};

static const struct plane planes[] = {
        {"lambda-url", NULL, "*", "lambda.amazonaws.com", "InvokeFunctionUrl", NULL, BY_NOTHING},
        {"aps", "POST", "/workspaces/*/api/v1/remote_write", "aps.amazonaws.com", "RemoteWrite",
         "workspaceId", BY_SEGMENT},
        {"aps", NULL, "/workspaces/*/api/v1/query*", "aps.amazonaws.com", "QueryMetrics",
         "workspaceId", BY_SEGMENT},
        {"aps", NULL, "/workspaces/*/api/v1/series", "aps.amazonaws.com", "GetSeries",
         "workspaceId", BY_SEGMENT},
        {"aps", NULL, "/workspaces/*/api/v1/label*", "aps.amazonaws.com", "GetLabels",
         "workspaceId", BY_SEGMENT},
        {"aps", "GET", "/workspaces/*/api/v1/metadata", "aps.amazonaws.com", "GetMetricMetadata",
         "workspaceId", BY_SEGMENT},
        {"es", "DELETE", "*", "es.amazonaws.com", "ESHttpDelete", "DomainName", BY_DOMAIN},
        {"es", "GET", "*", "es.amazonaws.com", "ESHttpGet", "DomainName", BY_DOMAIN},
        {"es", "HEAD", "*", "es.amazonaws.com", "ESHttpHead", "DomainName", BY_DOMAIN},
        {"es", "PATCH", "*", "es.amazonaws.com", "ESHttpPatch", "DomainName", BY_DOMAIN},
        {"es", "POST", "*", "es.amazonaws.com", "ESHttpPost", "DomainName", BY_DOMAIN},
        {"es", "PUT", "*", "es.amazonaws.com", "ESHttpPut", "DomainName", BY_DOMAIN},
        {"aoss", NULL, "*", "aoss.amazonaws.com", "APIAccessAll", "CollectionId", BY_LABEL},
        {"appsync", "POST", "/graphql", "appsync.amazonaws.com", "GraphQL", NULL, BY_NOTHING},
        {"appsync", "POST", "/event", "appsync.amazonaws.com", "EventPublish", NULL, BY_NOTHING},
        {"xray", "POST", "/v1/traces", "xray.amazonaws.com", "PutSpans", NULL, BY_NOTHING},
        {"logs", "POST", "/v1/logs", "logs.amazonaws.com", "PutLogEvents", NULL, BY_NOTHING},
};

static struct span first_label(struct span host)
{
	return span_cut(&host, '.');
}

/* SPAN_NONE for an endpoint of the service itself, which the API models know. */
static struct span domain_of(struct span label)
{
	struct span search = SPAN_LIT("search-"), vpc = SPAN_LIT("vpc-");
	ptrdiff_t dash = span_rchr(label, '-');
	size_t head = span_starts(label, search) ? search.n : span_starts(label, vpc) ? vpc.n : 0;
	return head && (size_t)dash > head ? span_sub(label, head, (size_t)dash - head) : SPAN_NONE;
}

static struct span name_of(const struct plane *p, const struct api_host *h, struct span path)
{
	switch (p->by) {
	case BY_LABEL: return h->resource.n ? first_label(h->name) : SPAN_NONE;
	case BY_DOMAIN: return domain_of(first_label(h->name));
	case BY_SEGMENT:
		span_cut(&path, '/');
		span_cut(&path, '/');
		return span_cut(&path, '/');
	case BY_NOTHING: break;
	}
	return SPAN_NONE;
}

/* A stage of an API: its id is in the host; stage and path below it are in the path. */
static const struct operation *find_stage(const struct mapping *m, const struct api_host *h,
                                          struct span method, struct span path, struct wire *params)
{
	struct span rest = span_from(path, 1);
	if (!span_is(h->stem, "execute-api") || span_find(path, SPAN_LIT("/@connections/")) >= 0)
		return NULL;
	wire_add(params, SPAN_LIT("ApiId"), h->resource);
	wire_add(params, SPAN_LIT("Stage"), span_cut(&rest, '/'));
	wire_add(params, SPAN_LIT("MethodName"), method);
	if (rest.p)
		wire_add(params, SPAN_LIT("ResourcePath"), rest);
	return mapping_event(m, SPAN_LIT("execute-api.amazonaws.com"), SPAN_LIT("Invoke"));
}

const struct operation *data_plane_find(const struct mapping *m, const struct api_host *h,
                                        struct span method, struct span path, struct wire *params)
{
	if (h->kind != HOST_SERVICE)
		return NULL;
	for (size_t i = 0; i < sizeof planes / sizeof planes[0]; i++) {
		const struct plane *p = &planes[i];
		if (!span_is(h->stem, p->stem) || (p->method && !span_is(method, p->method)) ||
		    !span_glob(path, span_of(p->path), false))
			continue;
		struct span name = name_of(p, h, path);
		if (p->by != BY_NOTHING && !name.n)
			continue;
		if (name.n)
			wire_add(params, span_of(p->member), name);
		return mapping_event(m, span_of(p->source), span_of(p->event));
	}
	return find_stage(m, h, method, path, params);
}
