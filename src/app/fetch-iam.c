/* fetch-iam.c - app: see fetch-iam.h.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html */
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
	                                      NULL};
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

/* ---- pages */

static enum status take_page(struct buf *pages, struct span answer, struct buf *marker,
                             struct err *err)
{
	struct span result = xml_path(answer, "GetAccountAuthorizationDetailsResponse/"
	                                      "GetAccountAuthorizationDetailsResult");
	bool more = span_is(xml_child(result, "IsTruncated"), "true");
	buf_reset(marker);
	if (!result.p || (more && (!xml_text(xml_child(result, "Marker"), marker) || !marker->n)))
		return err_set(err, STATUS_STOP, "answer", "IAM's answer is damaged");
	if (!buf_add_str(pages, "<page>") || !buf_add_span(pages, result) ||
	    !buf_add_str(pages, "</page>"))
		return err_set(err, STATUS_STOP, "answer", "IAM's answers have more than %zu bytes",
		               pages->ceiling);
	return STATUS_OK;
}

static enum status ask_pages(struct session *session, struct buf *pages, struct err *err)
{
	struct client *c = session_client(session);
	struct http_answer a;
	struct buf form, marker;
	enum status status = STATUS_OK;
	buf_init(&form, 1 << 16);
	buf_init(&marker, 1 << 14);
	http_answer_init(&a, LIMIT_ANSWER);
	for (unsigned n = 0; status == STATUS_OK && (n == 0 || marker.n); n++) {
		buf_reset(&form);
		form_add(&form, "Action", SPAN_LIT("GetAccountAuthorizationDetails"));
		form_add(&form, "Version", SPAN_LIT("2010-05-08"));
		if (marker.n)
			form_add(&form, "Marker", buf_span(&marker));
		status = form_api_call(session, c, "iam", buf_span(&form), &a, NULL, err);
		if (status == STATUS_OK && n < LIMIT_PAGES)
			status = take_page(pages, buf_span(&a.body), &marker, err);
		else if (status == STATUS_OK)
			status = err_set(err, STATUS_STOP, "answer", "IAM's answers do not end");
	}
	http_answer_release(&a);
	buf_release(&form);
	buf_release(&marker);
	client_free(c);
	return status == STATUS_OK ? STATUS_OK : STATUS_STOP;
}

/* Each list of all pages as one. */
static bool put_details(struct json_writer *w, struct span pages)
{
	bool fine = true;
	json_begin_object(w);
	for (size_t i = 0; i < LIST_COUNT; i++) {
		json_key(w, lists[i]);
		json_begin_array(w);
		struct span rest = pages, page, member;
		while (fine && xml_next_of(&rest, "page", &page)) {
			struct span members = xml_child(page, lists[i]);
			while (fine && members.p && xml_next_of(&members, "member", &member))
				fine = fetch_iam_value(w, SPAN_LIT("member"), member);
		}
		json_end_array(w);
	}
	json_end_object(w);
	return fine;
}

enum status fetch_iam_details(struct session *session, struct buf *out, struct err *err)
{
	struct buf pages;
	struct json_writer w;
	buf_init(&pages, LIMIT_ACCOUNT_DETAILS);
	enum status status = ask_pages(session, &pages, err);
	if (status == STATUS_OK) {
		json_to_buf(&w, out, LAYOUT_INDENT);
		bool fine = put_details(&w, buf_span(&pages));
		if (!json_finish(&w) || !fine || !buf_add_char(out, '\n'))
			status = err_set(err, STATUS_STOP, "answer",
			                 "IAM's answer is damaged or too large");
	}
	buf_release(&pages);
	return status;
}
