/* http.c - fetch: see http.h. */
#include "config.h"

#include "fetch/http.h"

#include "base/alloc.h"
#include "base/when.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECT_SECONDS = 15, READ_BUFFER = 128 << 10 };

struct http_client {
	const struct http_settings *settings;
	CURL *easy;
	/* Of the exchange that runs. */
	const struct http_request *request;
	struct http_answer *answer;
	bool refused;
	int64_t began;    /* ms */
	bool heard, told; /* something came; that nothing does was told */
	char error[CURL_ERROR_SIZE];
};

void http_start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_stop(void)
{
	curl_global_cleanup();
}

struct http_client *http_new(const struct http_settings *settings)
{
	struct http_client *c = xcalloc(1, sizeof *c);
	c->settings = settings;
	c->easy = curl_easy_init();
	return c;
}

void http_free(struct http_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	free(c);
}

void http_answer_init(struct http_answer *a, size_t ceiling)
{
	*a = (struct http_answer){.date = WHEN_FIRST};
	buf_init(&a->body, ceiling);
}

void http_answer_release(struct http_answer *a)
{
	buf_release(&a->body);
}

static void empty_answer(struct http_answer *a)
{
	struct buf body = a->body;
	buf_reset(&body);
	*a = (struct http_answer){.date = WHEN_FIRST, .body = body};
}

/* ---- what comes */

static void keep(char *out, size_t size, struct span value)
{
	size_t n = value.n < size ? value.n : size - 1;
	memcpy(out, value.p, n);
	out[n] = '\0';
	span_plain(out, n);
}

static size_t on_header(char *p, size_t size, size_t n, void *data)
{
	struct http_client *c = data;
	struct http_answer *a = c->answer;
	struct span line = span_make(p, size * n), name;
	c->heard = true;
	if (span_starts(line, SPAN_LIT("HTTP/"))) {
		empty_answer(a); /* what came before was a proxy's, or "100 Continue" */
		return size * n;
	}
	name = span_cut(&line, ':');
	line = span_trim(line);
	if (span_eq_ci(name, SPAN_LIT("x-amz-bucket-region")))
		keep(a->region, sizeof a->region, line);
	else if (span_eq_ci(name, SPAN_LIT("etag")))
		keep(a->etag, sizeof a->etag, line);
	else if (span_eq_ci(name, SPAN_LIT("x-amz-request-id")) ||
	         span_eq_ci(name, SPAN_LIT("x-amzn-requestid")))
		keep(a->request_id, sizeof a->request_id, line);
	else if (span_eq_ci(name, SPAN_LIT("date"))) {
		char text[64];
		keep(text, sizeof text, line);
		time_t t = curl_getdate(text, NULL);
		a->date = t < 0 ? WHEN_FIRST : (int64_t)t;
	}
	return size * n;
}

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
	struct http_client *c = data;
	long status = 0;
	n *= size;
	c->answer->length += n;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	c->refused = c->request->sink && status >= 200 && status < 300
	                     ? !c->request->sink(c->request->data, p, n)
	                     : !buf_add(&c->answer->body, p, n);
	return c->refused ? 0 : n;
}

/* "https://HOST" of a URL: what follows may name what is asked for. */
static void tell_waiting(struct http_client *c)
{
	char line[300];
	struct span rest = span_of(c->request->url), scheme = span_cut(&rest, '/');
	span_cut(&rest, '/');
	struct span host = span_sub(span_cut(&rest, '/'), 0, 200);
	snprintf(line, sizeof line, "waiting for %.*s//%.*s", SPAN_ARG(scheme), SPAN_ARG(host));
	c->settings->waiting(c->settings->data, line);
	c->told = true;
}

/* libcurl calls it about once a second, also when nothing comes. */
static int on_time(void *data, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t upped)
{
	enum { SILENCE_MS = 3000 };
	struct http_client *c = data;
	if (c->settings->waiting && !c->told && !c->heard && !c->request->timeout &&
	    when_steady_ms() - c->began >= SILENCE_MS)
		tell_waiting(c);
	return c->settings->stop && atomic_load(c->settings->stop);
}

/* ---- what goes */

static struct curl_slist *header_list(struct span lines)
{
	/* What libcurl would add by itself. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	list = curl_slist_append(list, "Accept:");
	for (struct span rest = lines; rest.n;) {
		struct span line = span_cut(&rest, '\n');
		char *copy = xmemdup0(line.p, line.n);
		list = curl_slist_append(list, copy);
		memset(copy, 0, line.n);
		free(copy);
	}
	return list;
}

static void free_headers(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		memset(l->data, 0, strlen(l->data));
	curl_slist_free_all(list);
}

static void set_options(struct http_client *c, const struct http_request *q,
                        struct curl_slist *headers)
{
	const struct http_settings *s = c->settings;
	CURL *e = c->easy;
	long connect = s->timeout < CONNECT_SECONDS ? (long)s->timeout : CONNECT_SECONDS;
	curl_easy_reset(e); /* connections stay */
	curl_easy_setopt(e, CURLOPT_URL, q->url);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)READ_BUFFER);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, q->timeout ? (long)q->timeout : connect);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)s->timeout);
	curl_easy_setopt(e, CURLOPT_TIMEOUT, (long)q->timeout);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "iamreplay/" PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_time);
	curl_easy_setopt(e, CURLOPT_XFERINFODATA, c);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	if (s->ca_bundle)
		curl_easy_setopt(e, CURLOPT_CAINFO, s->ca_bundle);
	if (q->direct)
		curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	if (q->body.p) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, q->body.p);
	}
	if (strcmp(q->method, "HEAD") == 0)
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	else if (strcmp(q->method, q->body.p ? "POST" : "GET") != 0)
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, q->method);
}

static enum http_result judge(const struct http_client *c, CURLcode code)
{
	switch (code) {
	case CURLE_OK: return HTTP_DONE;
	case CURLE_ABORTED_BY_CALLBACK: return HTTP_STOPPED;
	case CURLE_WRITE_ERROR: return c->refused ? HTTP_REFUSED : HTTP_BROKEN;
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM: return HTTP_FAILED;
	default: return HTTP_BROKEN;
	}
}

enum http_result http_perform(struct http_client *c, const struct http_request *q,
                              struct http_answer *a, struct err *err)
{
	long status = 0;
	if (strncmp(q->url, "http://", 7) != 0 && strncmp(q->url, "https://", 8) != 0) {
		err_set(err, STATUS_FILE, "connection", "is no http:// or https:// address");
		return HTTP_FAILED;
	}
	c->request = q;
	c->answer = a;
	c->refused = c->heard = c->told = false;
	c->began = when_steady_ms();
	c->error[0] = '\0';
	empty_answer(a);
	struct curl_slist *headers = header_list(q->lines);
	set_options(c, q, headers);
	CURLcode code = curl_easy_perform(c->easy);
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	a->status = (int)status;
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
	free_headers(headers);
	enum http_result result = judge(c, code);
	if (result == HTTP_REFUSED && !q->sink)
		err_set(err, STATUS_FILE, "connection", "the answer is larger than %zu bytes",
		        a->body.ceiling);
	else if (result != HTTP_DONE)
		err_set(err, STATUS_FILE, "connection", "%s",
		        c->error[0] ? c->error : curl_easy_strerror(code));
	return result;
}
