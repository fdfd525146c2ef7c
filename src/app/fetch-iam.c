/* fetch-iam.c - app: see fetch-iam.h.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
 */
#include "config.h"

#include "app/fetch-iam.h"

#include "base/json-writer.h"
#include "fetch/json-api.h"
#include "fetch/xml.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LIST_COUNT = 4,
	LIMIT_PAGES = 100000,
	LIMIT_TEXT = 1 << 20, /* one element's; a policy's text has at most some 50 KB escaped */
	DEPTH = 16,           /* the answer's own is 7 */
};

static const char *const lists[LIST_COUNT] = {"UserDetailList", "GroupDetailList", "RoleDetailList",
                                              "Policies"};

static bool is_in(struct span name, const char *const *list)
{
	for (; *list; list++)
		if (span_is(name, *list))
			return true;
	return false;
}

/* ---- XML to JSON */

static int hex_digit(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX of RFC 3986, in place. */
static void unescape(struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		int high = b->p[i] == '%' && i + 2 < b->n ? hex_digit(b->p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(b->p[i + 2]) : -1;
		b->p[n++] = low >= 0 ? (char)(high << 4 | low) : b->p[i];
		i += low >= 0 ? 2 : 0;
	}
	b->n = n;
}

static bool put_policy(struct json_writer *w, struct buf *text)
{
	unescape(text);
	json_t *v = json_loadb(text->p ? text->p : "", text->n, JSON_DECODE_ANY, NULL);
	bool fine = v != NULL;
	if (fine)
		json_put_raw(w, buf_span(text));
	json_decref(v);
	return fine;
}

static bool put_scalar(struct json_writer *w, struct span name, struct span inside)
{
	static const char *const policies[] = {"PolicyDocument", "AssumeRolePolicyDocument",
	                                       "Document", NULL};
	static const char *const truths[] = {"IsDefaultVersion", "IsAttachable", NULL};
	static const char *const numbers[] = {"AttachmentCount", "PermissionsBoundaryUsageCount",
	                                      "TotalAuthenticatedEntities", NULL};
	struct buf text;
	uint64_t number;
	buf_init(&text, LIMIT_TEXT);
	bool fine = xml_text(inside, &text);
	if (fine && is_in(name, policies))
		fine = put_policy(w, &text);
	else if (fine && is_in(name, truths))
		json_put_bool(w, span_is(buf_span(&text), "true"));
	else if (fine && is_in(name, numbers) && span_to_u64(buf_span(&text), &number))
		json_put_u64(w, number);
	else if (fine)
		json_put_text(w, buf_span(&text));
	if (!fine)
		json_put_null(w); /* the whole is refused; it must end well all the same */
	buf_release(&text);
	return fine;
}

static bool put_value(struct json_writer *w, struct span name, struct span inside, unsigned depth)
{
	static const char *const arrays[] = {"UserDetailList",
	                                     "GroupDetailList",
	                                     "RoleDetailList",
	                                     "Policies",
	                                     "UserPolicyList",
	                                     "GroupPolicyList",
	                                     "RolePolicyList",
	                                     "GroupList",
	                                     "Tags",
	                                     "AttachedManagedPolicies",
	                                     "InstanceProfileList",
	                                     "Roles",
	                                     "PolicyVersionList",
	                                     "ServicesLastAccessed",
	                                     "TrackedActionsLastAccessed",
	                                     NULL};
	struct span rest = inside, child, below;
	bool array = is_in(name, arrays), fine = depth < DEPTH;
	if (!array && !xml_next(&rest, &child, &below))
		return fine && put_scalar(w, name, inside);
	rest = inside;
	if (array)
		json_begin_array(w);
	else
		json_begin_object(w);
	while (fine && xml_next(&rest, &child, &below)) {
		if (!array)
			json_key_span(w, child);
		fine = put_value(w, child, below, depth + 1);
	}
	if (array)
		json_end_array(w);
	else
		json_end_object(w);
	return fine;
}

bool fetch_iam_value(struct json_writer *w, struct span name, struct span inside)
{
	return put_value(w, name, inside, 0);
}

/* ---- calls */

/* Calls of one operation after another, page by page. */
struct asking {
	struct session *session;
	struct client *client;
	const char *action;
	struct buf parameters; /* of all pages, as a form */
	struct buf form, marker;
	struct http_answer a;
};

static void begin_asking(struct asking *k, struct session *session, const char *action)
{
	*k = (struct asking){
	        .session = session, .client = session_client(session), .action = action};
	buf_init(&k->parameters, 1 << 14);
	buf_init(&k->form, 1 << 16);
	buf_init(&k->marker, 1 << 14);
	http_answer_init(&k->a, LIMIT_ANSWER);
}

static void end_asking(struct asking *k)
{
	http_answer_release(&k->a);
	buf_release(&k->parameters);
	buf_release(&k->form);
	buf_release(&k->marker);
	client_free(k->client);
}

/* The result's inside, in k->a, of the page at k->marker. */
static enum status ask(struct asking *k, struct span *result, struct err *err)
{
	char path[128];
	buf_reset(&k->form);
	form_add(&k->form, "Action", span_of(k->action));
	form_add(&k->form, "Version", SPAN_LIT("2010-05-08"));
	if (k->parameters.n)
		buf_add_char(&k->form, '&');
	buf_add_span(&k->form, buf_span(&k->parameters));
	if (k->marker.n)
		form_add(&k->form, "Marker", buf_span(&k->marker));
	enum status status =
	        form_api_call(k->session, k->client, "iam", buf_span(&k->form), &k->a, NULL, err);
	if (status != STATUS_OK)
		return STATUS_STOP;
	snprintf(path, sizeof path, "%sResponse/%sResult", k->action, k->action);
	*result = xml_path(buf_span(&k->a.body), path);
	return result->p ? STATUS_OK
	                 : err_set(err, STATUS_STOP, "answer", "IAM's answer is damaged");
}

static enum status keep_page(struct asking *k, struct buf *pages, struct span result,
                             struct err *err)
{
	bool more = span_is(xml_child(result, "IsTruncated"), "true");
	buf_reset(&k->marker);
	if (more && (!xml_text(xml_child(result, "Marker"), &k->marker) || !k->marker.n))
		return err_set(err, STATUS_STOP, "answer", "IAM's answer is damaged");
	if (!buf_add_str(pages, "<page>") || !buf_add_span(pages, result) ||
	    !buf_add_str(pages, "</page>"))
		return err_set(err, STATUS_STOP, "answer", "IAM's answers have more than %zu bytes",
		               pages->ceiling);
	return STATUS_OK;
}

/* All pages, from the one at k->marker on. */
static enum status ask_pages(struct asking *k, struct buf *pages, struct err *err)
{
	struct span result;
	for (unsigned n = 0; n < LIMIT_PAGES; n++) {
		enum status status = ask(k, &result, err);
		if (status == STATUS_OK)
			status = keep_page(k, pages, result, err);
		if (status != STATUS_OK || !k->marker.n)
			return status;
	}
	return err_set(err, STATUS_STOP, "answer", "IAM's answers do not end");
}

/* One list of all pages as one. */
static bool put_list(struct json_writer *w, struct span pages, const char *list)
{
	struct span page, member;
	bool fine = true;
	json_key(w, list);
	json_begin_array(w);
	while (fine && xml_next_of(&pages, "page", &page)) {
		struct span members = xml_child(page, list);
		while (fine && members.p && xml_next_of(&members, "member", &member))
			fine = fetch_iam_value(w, SPAN_LIT("member"), member);
	}
	json_end_array(w);
	return fine;
}

static enum status finish(struct json_writer *w, bool fine, struct buf *out, struct err *err)
{
	if (json_finish(w) && fine && buf_add_char(out, '\n'))
		return STATUS_OK;
	return err_set(err, STATUS_STOP, "answer", "IAM's answer is damaged or too large");
}

enum status fetch_iam_details(struct session *session, struct buf *out, struct err *err)
{
	struct asking k;
	struct buf pages;
	struct json_writer w;
	bool fine = true;
	begin_asking(&k, session, "GetAccountAuthorizationDetails");
	buf_init(&pages, LIMIT_ACCOUNT_DETAILS);
	enum status status = ask_pages(&k, &pages, err);
	if (status == STATUS_OK) {
		json_to_buf(&w, out, LAYOUT_INDENT);
		json_begin_object(&w);
		for (size_t i = 0; i < LIST_COUNT; i++)
			fine = put_list(&w, buf_span(&pages), lists[i]) && fine;
		json_end_object(&w);
		status = finish(&w, fine, out, err);
	}
	buf_release(&pages);
	end_asking(&k);
	return status;
}

/* ---- what a principal last used */

static enum status start_job(struct session *session, const char *arn, struct buf *job,
                             struct err *err)
{
	struct asking k;
	struct span result;
	begin_asking(&k, session, "GenerateServiceLastAccessedDetails");
	form_add(&k.parameters, "Arn", span_of(arn));
	form_add(&k.parameters, "Granularity", SPAN_LIT("ACTION_LEVEL"));
	enum status status = ask(&k, &result, err);
	if (status == STATUS_OK && (!xml_text(xml_child(result, "JobId"), job) || !job->n))
		status = err_set(err, STATUS_STOP, "answer", "IAM names no job");
	end_asking(&k);
	return status;
}

/* Waits until the job has ended, which takes seconds. */
static enum status await_job(struct asking *k, struct err *err)
{
	enum { FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 5000, MOST_LOOKS = 240 };
	int64_t pause = FIRST_PAUSE_MS;
	struct span result;
	for (unsigned n = 0; n < MOST_LOOKS; n++) {
		enum status status = ask(k, &result, err);
		if (status != STATUS_OK)
			return status;
		struct span state = xml_child(result, "JobStatus");
		if (span_is(state, "COMPLETED"))
			return STATUS_OK;
		if (!span_is(state, "IN_PROGRESS"))
			return err_set(
			        err, STATUS_STOP, "answer", "IAM's job failed: %.*s",
			        SPAN_ARG(span_sub(xml_child(xml_child(result, "Error"), "Message"),
			                          0, 300)));
		if (!client_pause(k->client, pause))
			return err_set(err, STATUS_STOP, "interrupted", "interrupted");
		pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
	}
	return err_set(err, STATUS_STOP, "answer", "IAM's job does not end");
}

static enum status read_job(struct session *session, struct span job, struct buf *pages,
                            struct err *err)
{
	struct asking k;
	begin_asking(&k, session, "GetServiceLastAccessedDetails");
	form_add(&k.parameters, "JobId", job);
	enum status status = await_job(&k, err);
	if (status == STATUS_OK)
		status = ask_pages(&k, pages, err);
	end_asking(&k);
	return status;
}

enum status fetch_iam_last_accessed(struct session *session, const char *arn, struct buf *out,
                                    struct err *err)
{
	struct buf job, pages;
	struct json_writer w;
	buf_init(&job, 256);
	buf_init(&pages, LIMIT_ACCOUNT_DETAILS);
	enum status status = start_job(session, arn, &job, err);
	if (status == STATUS_OK)
		status = read_job(session, buf_span(&job), &pages, err);
	if (status == STATUS_OK) {
		json_to_buf(&w, out, LAYOUT_INDENT);
		json_begin_object(&w);
		json_member_str(&w, "JobStatus", "COMPLETED");
		json_member_str(&w, "JobType", "ACTION_LEVEL");
		bool fine = put_list(&w, buf_span(&pages), "ServicesLastAccessed");
		json_end_object(&w);
		status = finish(&w, fine, out, err);
	}
	buf_release(&job);
	buf_release(&pages);
	return status;
}
