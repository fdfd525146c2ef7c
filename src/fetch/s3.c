/* s3.c - fetch: see s3.h. */
#include "config.h"

#include "fetch/s3.h"

#include "base/alloc.h"
#include "base/when.h"
#include "fetch/xml.h"

#include <stdlib.h>

bool s3_parse(const char *text, struct span *bucket, struct span *prefix)
{
	struct span rest = span_of(text);
	if (!span_starts(rest, SPAN_LIT("s3://")))
		return false;
	rest = span_from(rest, 5);
	*bucket = span_cut(&rest, '/');
	*prefix = rest.p ? rest : SPAN_LIT("");
	/* AWS's longest name is an access point's ARN. */
	if (!bucket->n || bucket->n > 200 || prefix->n > LIMIT_S3_KEY)
		return false;
	for (size_t i = 0; i < bucket->n; i++)
		if (!ascii_alpha(bucket->p[i]) && !ascii_digit(bucket->p[i]) &&
		    !strchr("-._:", bucket->p[i]))
			return false;
	return true;
}

void s3_page_init(struct s3_page *p)
{
	*p = (struct s3_page){.more = false};
	arena_init(&p->arena);
}

void s3_page_release(struct s3_page *p)
{
	arena_release(&p->arena);
}

/* Bucket owners' own region first, then wherever it turns out to be. */
static struct span first_region(const struct s3_bucket *b)
{
	const char *region = session_region(b->session);
	return span_of(*region ? region : "us-east-1");
}

static const struct sign_pair payer = {SPAN_LIT("x-amz-request-payer"), SPAN_LIT("requester")};

/* ---- listing */

static int hex_digit(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text of an element; keys are %-escaped where the answer says so, which tells all bytes that
 * XML can't hold. */
static struct span take_text(struct arena *arena, struct span inside, bool escaped)
{
	struct buf b;
	buf_init(&b, 8 * LIMIT_S3_KEY);
	bool fits = xml_text(inside, &b);
	struct span s = fits ? arena_span(arena, buf_span(&b)) : SPAN_NONE;
	buf_release(&b);
	if (!escaped || !s.p)
		return s;
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
		if (low >= 0) {
			out[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = s.p[i] == '+' ? ' ' : s.p[i];
		}
	}
	return span_make(out, n);
}

static bool take_object(struct s3_page *p, struct span inside, bool escaped)
{
	struct s3_object o = {
	        .key = take_text(&p->arena, xml_child(inside, "Key"), escaped),
	        .etag = take_text(&p->arena, xml_child(inside, "ETag"), false),
	};
	if (!o.key.n || o.key.n > LIMIT_S3_KEY || o.etag.n > 100 ||
	    !span_to_u64(xml_child(inside, "Size"), &o.size) ||
	    !when_parse(xml_child(inside, "LastModified"), &o.modified))
		return false;
	p->objects[p->n_objects++] = o;
	return true;
}

static bool take_page(struct s3_page *p, struct span text, const struct s3_listing *l)
{
	struct span root = xml_path(text, "ListBucketResult"), rest = root, name, inside;
	bool escaped = span_is(xml_child(root, "EncodingType"), "url");
	struct span before = p->last.p ? p->last : l->start_after, last = before, key = before;
	if (!root.p)
		return false;
	while (xml_next(&rest, &name, &inside)) {
		bool object = span_is(name, "Contents");
		if (!object && !span_is(name, "CommonPrefixes"))
			continue;
		if (p->n_objects + p->n_prefixes >= S3_PAGE)
			return false;
		if (object && !take_object(p, inside, escaped))
			return false;
		if (!object)
			p->prefixes[p->n_prefixes++] =
			        take_text(&p->arena, xml_child(inside, "Prefix"), escaped);
		struct span it =
		        object ? p->objects[p->n_objects - 1].key : p->prefixes[p->n_prefixes - 1];
		if (!span_starts(it, l->prefix) || (object && key.p && span_cmp(it, key) <= 0))
			return false;
		if (object)
			key = it;
		if (!last.p || span_cmp(it, last) > 0)
			last = it;
	}
	p->more = span_is(xml_child(root, "IsTruncated"), "true");
	p->token = take_text(&p->arena, xml_child(root, "NextContinuationToken"), false);
	/* One that promises more and gives nothing would never end. */
	bool moved = last.p && (!before.p || span_cmp(last, before) > 0);
	p->last = last;
	return !p->more || (p->token.n && moved);
}

static bool is_whole_page(void *data, const struct http_answer *a)
{
	return xml_path(buf_span(&a->body), "ListBucketResult").p != NULL;
}

enum status s3_list(const struct s3_bucket *b, const struct s3_listing *l, struct s3_page *page,
                    struct service_error *why, struct err *err)
{
	struct sign_pair query[6] = {
	        {SPAN_LIT("list-type"), SPAN_LIT("2")},
	        {SPAN_LIT("encoding-type"), SPAN_LIT("url")},
	        {SPAN_LIT("prefix"), l->prefix},
	};
	struct client_request q = {.service = "s3",
	                           .region = first_region(b),
	                           .bucket = b->name,
	                           .method = "GET",
	                           .path = SPAN_LIT("/"),
	                           .query = query,
	                           .n_query = 3,
	                           .headers = &payer,
	                           .n_headers = b->requester_pays,
	                           .whole = is_whole_page};
	struct s3_page next;
	struct http_answer a;
	if (l->folders)
		query[q.n_query++] = (struct sign_pair){SPAN_LIT("delimiter"), SPAN_LIT("/")};
	if (page->more)
		query[q.n_query++] =
		        (struct sign_pair){SPAN_LIT("continuation-token"), page->token};
	else if (l->start_after.n)
		query[q.n_query++] = (struct sign_pair){SPAN_LIT("start-after"), l->start_after};
	http_answer_init(&a, LIMIT_ANSWER);
	session_sign(b->session, &q);
	enum status status = client_call(b->client, &q, &a, why, NULL, err);
	if (status == STATUS_OK) {
		s3_page_init(&next);
		next.objects = arena_calloc(&next.arena, S3_PAGE, sizeof *next.objects);
		next.prefixes = arena_calloc(&next.arena, S3_PAGE, sizeof *next.prefixes);
		next.last = page->more ? arena_span(&next.arena, page->last) : SPAN_NONE;
		if (take_page(&next, buf_span(&a.body), l)) {
			s3_page_release(page);
			*page = next;
		} else {
			s3_page_release(&next);
			status = err_set(err, STATUS_FILE, "answer",
			                 "the listing is damaged or does not go on");
		}
	}
	http_answer_release(&a);
	return status;
}

/* ---- reading */

struct getting {
	const struct s3_object *object;
	const struct s3_sink *sink;
	uint64_t n;
};

static void begin(void *data)
{
	struct getting *g = data;
	g->n = 0;
	if (g->sink->begin)
		g->sink->begin(g->sink->data);
}

static bool add(void *data, const char *p, size_t n)
{
	struct getting *g = data;
	g->n += n;
	/* What is longer than it was listed is not what was listed: it ends as too short. */
	return g->n > g->object->size || g->sink->add(g->sink->data, p, n);
}

static bool whole(void *data, const struct http_answer *a)
{
	const struct getting *g = data;
	return g->n == g->object->size &&
	       (!a->etag[0] || span_eq(span_of(a->etag), g->object->etag));
}

enum status s3_get(const struct s3_bucket *b, const struct s3_object *object,
                   const struct s3_sink *sink, struct service_error *why, struct err *err)
{
	struct arena arena;
	struct getting g = {object, sink, 0};
	struct sign_pair headers[2] = {{SPAN_LIT("If-Match"), object->etag}, payer};
	struct http_answer a;
	arena_init(&arena);
	struct span path = arena_printf(&arena, "/%.*s", SPAN_ARG(object->key));
	struct client_request q = {.service = "s3",
	                           .region = first_region(b),
	                           .bucket = b->name,
	                           .method = "GET",
	                           .path = path,
	                           .headers = object->etag.n ? headers : headers + 1,
	                           .n_headers =
	                                   (object->etag.n ? 1 : 0) + (size_t)b->requester_pays,
	                           .begin = begin,
	                           .sink = add,
	                           .data = &g,
	                           .whole = whole};
	/* arena_printf would end a key at a NUL, which S3 doesn't take: then it is another key. */
	if (path.n != object->key.n + 1) {
		arena_release(&arena);
		return err_set(err, STATUS_FILE, "key", "its name holds a NUL");
	}
	http_answer_init(&a, LIMIT_ANSWER);
	session_sign(b->session, &q);
	enum status status = client_call(b->client, &q, &a, why, NULL, err);
	http_answer_release(&a);
	arena_release(&arena);
	return status;
}
