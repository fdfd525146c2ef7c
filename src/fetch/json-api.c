/* json-api.c - fetch: see json-api.h. */
#include "config.h"

#include "fetch/json-api.h"

#include "base/when.h"

static enum status post(struct session *s, struct client *c, const char *service,
                        struct span region, const struct sign_pair *headers, size_t n,
                        struct span body, struct http_answer *a, struct service_error *why,
                        struct err *err)
{
	struct client_request q = {
	        .service = service,
	        .region = region,
	        .method = "POST",
	        .path = SPAN_LIT("/"),
	        .headers = headers,
	        .n_headers = n,
	        .body = body,
	};
	session_sign(s, &q);
	return client_call(c, &q, a, why, NULL, err);
}

enum status json_api_call(struct session *s, struct client *c, const char *service,
                          const char *region, const char *target, struct span body,
                          struct http_answer *a, struct service_error *why, struct err *err)
{
	const struct sign_pair headers[] = {
	        {SPAN_LIT("Content-Type"), SPAN_LIT("application/x-amz-json-1.1")},
	        {SPAN_LIT("X-Amz-Target"), span_of(target)},
	};
	return post(s, c, service, span_of(region), headers, 2, body, a, why, err);
}

enum status form_api_call(struct session *s, struct client *c, const char *service,
                          struct span form, struct http_answer *a, struct service_error *why,
                          struct err *err)
{
	const struct sign_pair headers[] = {
	        {SPAN_LIT("Content-Type"),
	         SPAN_LIT("application/x-www-form-urlencoded; charset=utf-8")},
	};
	return post(s, c, service, span_of(session_region(s)), headers, 1, form, a, why, err);
}

void form_add(struct buf *form, const char *name, struct span value)
{
	static const char digits[] = "0123456789ABCDEF";
	buf_addf(form, "%s%s=", form->n ? "&" : "", name);
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (ascii_alpha(value.p[i]) || ascii_digit(value.p[i]) || strchr("-_.~", c))
			buf_add_char(form, value.p[i]);
		else
			buf_addf(form, "%%%c%c", digits[c >> 4], digits[c & 15]);
	}
}

int64_t pacer_take(struct pacer *p)
{
	int64_t now = when_steady_ms(), at = p->next > now ? p->next : now;
	p->next = at + p->interval;
	return at - now;
}
