/* json-api.h - fetch: services that speak JSON over POST (CloudTrail, CloudWatch Logs, Athena), and
 * those that speak forms and XML (IAM).
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
#ifndef FETCH_JSON_API_H
#define FETCH_JSON_API_H

#include "fetch/session.h"

/* One call. target: "Logs_20140328.FilterLogEvents". As client_call. */
enum status json_api_call(struct session *s, struct client *c, const char *service,
                          const char *region, const char *target, struct span body,
                          struct http_answer *a, struct service_error *why, struct err *err);
/* form: "Action=GetAccountAuthorizationDetails&Version=2010-05-08". As client_call. */
enum status form_api_call(struct session *s, struct client *c, const char *service,
                          struct span form, struct http_answer *a, struct service_error *why,
                          struct err *err);
/* Adds a name and value to a form, both unescaped. */
void form_add(struct buf *form, const char *name, struct span value);

/* A pause between calls, for services that allow so many a second: zero bytes and interval. */
struct pacer {
	int64_t interval; /* ms */
	int64_t next;     /* when the next call may be made, ms of when_steady_ms */
};
/* How long the caller is to wait; the caller has a lock for the pacer where threads share it. */
int64_t pacer_take(struct pacer *p);

#endif
