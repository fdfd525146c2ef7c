/* hive.c - records: see hive.h. */
#include "config.h"

#include "records/hive.h"

#include "records/scan.h"

#define PART(name, order)         \
	{                         \
		name, NULL, order \
	}
#define END                   \
	{                     \
		NULL, NULL, 0 \
	}

static const struct shape issuer[] = {PART("type", 1),      PART("principalId", 2), PART("arn", 3),
                                      PART("accountId", 4), PART("userName", 5),    END};
static const struct shape attributes[] = {PART("mfaAuthenticated", 0), PART("creationDate", 0),
                                          END};
static const struct shape federation[] = {PART("federatedProvider", 1), PART("attributes", 2), END};
static const struct shape session[] = {{"attributes", attributes, 0},
                                       {"sessionIssuer", issuer, 0},
                                       {"webIdFederationData", federation, 0},
                                       PART("ec2RoleDelivery", 0),
                                       PART("sourceIdentity", 0),
                                       END};
static const struct shape behalf[] = {PART("userId", 1), PART("identityStoreArn", 2), END};

const struct shape shape_identity[] = {PART("type", 1),
                                       PART("principalId", 2),
                                       PART("arn", 3),
                                       PART("accountId", 4),
                                       PART("invokedBy", 5),
                                       PART("accessKeyId", 5),
                                       PART("userName", 6),
                                       {"onBehalfOf", behalf, 7},
                                       {"sessionContext", session, 7},
                                       PART("identityProvider", 8),
                                       PART("credentialId", 8),
                                       PART("inScopeOf", 8),
                                       END};
const struct shape shape_resource[] = {PART("ARN", 1), PART("accountId", 2), PART("type", 3), END};
const struct shape shape_tls[] = {PART("tlsVersion", 1), PART("cipherSuite", 2),
                                  PART("clientProvidedHostHeader", 3), END};

enum { MOST_PARTS = 16 };

struct hive {
	struct span rest;
	struct buf *out;
};

static bool take(struct hive *h, const char *text)
{
	if (!span_starts(h->rest, span_of(text)))
		return false;
	h->rest = span_from(h->rest, strlen(text));
	return true;
}

/* The member whose name and '=' the text begins with, or NULL. */
static const struct shape *part_at(struct span text, const struct shape *shape)
{
	for (; shape->name; shape++) {
		size_t n = strlen(shape->name);
		if (text.n > n && text.p[n] == '=' &&
		    span_eq_ci(span_sub(text, 0, n), span_of(shape->name)))
			return shape;
	}
	return NULL;
}

/* Where the text at the beginning ends: before the bracket that closes its object, or before ", "
 * and the next member. text.n if there is a bracket too many or no end: it can't be told. */
static size_t text_length(struct span text, const struct shape *shape)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '}')
			return i;
		if (c == '{')
			break;
		if (c == ',' && i + 1 < text.n && text.p[i + 1] == ' ' &&
		    part_at(span_from(text, i + 2), shape))
			return i;
	}
	return text.n;
}

static bool take_object(struct hive *h, const struct shape *shape);

static bool take_part(struct hive *h, const struct shape *part, const struct shape *all)
{
	h->rest = span_from(h->rest, strlen(part->name) + 1);
	if (part->inside && h->rest.n && h->rest.p[0] == '{')
		return take_object(h, part->inside);
	size_t n = text_length(h->rest, all);
	struct span text = span_sub(h->rest, 0, n);
	if (n == h->rest.n || (part->inside && !span_is(text, "null")))
		return false;
	h->rest = span_from(h->rest, n);
	return span_is(text, "null") ? buf_add_str(h->out, "null") : buf_add_json(h->out, text);
}

/* Recursion ends with the shapes. */
static bool take_object(struct hive *h, const struct shape *shape)
{
	unsigned order = 0;
	bool seen[MOST_PARTS] = {false}, first = true;
	if (!take(h, "{"))
		return false;
	buf_add_char(h->out, '{');
	while (!take(h, "}")) {
		if (!first && !take(h, ", "))
			return false;
		const struct shape *part = part_at(h->rest, shape);
		if (!part || seen[part - shape] || (part->order && part->order < order))
			return false;
		seen[part - shape] = true;
		order = part->order ? part->order : order;
		buf_add_str(h->out, first ? "\"" : ",\"");
		buf_add_str(h->out, part->name);
		buf_add_str(h->out, "\":");
		if (!take_part(h, part, shape))
			return false;
		first = false;
	}
	return buf_add_char(h->out, '}');
}

bool hive_object(struct span text, const struct shape *shape, struct buf *out)
{
	struct hive h = {span_trim(text), out};
	size_t before = out->n;
	if (take_object(&h, shape) && h.rest.n == 0 && !out->full)
		return true;
	out->n = before;
	return false;
}

bool hive_list_of_one(struct span text, const struct shape *shape, struct buf *out)
{
	size_t before = out->n;
	text = span_trim(text);
	if (span_is(text, "[]") || span_is(text, "null"))
		return buf_add_str(out, "[]");
	if (text.n < 2 || text.p[0] != '[' || text.p[text.n - 1] != ']' || !buf_add_char(out, '['))
		return false;
	if (hive_object(span_sub(text, 1, text.n - 2), shape, out) && buf_add_char(out, ']'))
		return true;
	out->n = before;
	return false;
}

/* ---- JSON */

static const struct shape *part_named(struct span key, const struct shape *shape)
{
	for (; shape && shape->name; shape++)
		if (span_eq_ci(key, span_of(shape->name)))
			return shape;
	return NULL;
}

bool shape_names(struct span json, const struct shape *shape, struct buf *out)
{
	struct scan j;
	struct span key, raw;
	bool first = true;
	scan_init(&j, json);
	if (scan_peek(&j) != SCAN_OBJECT)
		return buf_add_span(out, json);
	scan_enter(&j, SCAN_OBJECT);
	buf_add_char(out, '{');
	while (scan_next_key(&j, &key) && scan_take_raw(&j, &raw)) {
		const struct shape *part = part_named(key, shape);
		buf_add_str(out, first ? "\"" : ",\"");
		buf_add_span(out, part ? span_of(part->name) : key);
		buf_add_str(out, "\":");
		if (part && part->inside)
			shape_names(raw, part->inside, out);
		else
			buf_add_span(out, raw);
		first = false;
	}
	return buf_add_char(out, '}') && !out->full;
}
