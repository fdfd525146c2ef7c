/* sign_lines.c - test tool: signs what standard input describes, one JSON object a line (method,
 * service, region, host, path, query and headers as arrays of pairs, body, time, payload_hash,
 * access_key, secret, token; texts are Latin-1 for bytes), and prints for each line an object with
 * "target" and "lines". Another signer's answers are compared with it. */
#include "config.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "fetch/sign.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* The bytes that Latin-1 text stands for. */
static struct span bytes_of(struct arena *arena, const json_t *v)
{
	const char *s = json_string_value(v);
	if (!s)
		return SPAN_NONE;
	char *out = arena_alloc(arena, strlen(s) + 1);
	size_t n = 0;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		out[n++] = (char)(c < 0x80 ? c : ((c & 3) << 6) | ((unsigned char)*++s & 0x3f));
	}
	return span_make(out, n);
}

static size_t pairs_of(struct arena *arena, const json_t *list, struct sign_pair *out)
{
	size_t n = 0;
	for (; n < json_array_size(list) && n < SIGN_PAIRS; n++) {
		const json_t *pair = json_array_get(list, n);
		out[n] = (struct sign_pair){bytes_of(arena, json_array_get(pair, 0)),
		                            bytes_of(arena, json_array_get(pair, 1))};
	}
	return n;
}

static void answer(const json_t *o)
{
	struct arena arena;
	struct sign_pair query[SIGN_PAIRS], headers[SIGN_PAIRS];
	struct buf target, lines, out;
	arena_init(&arena);
	buf_init(&target, 1 << 20);
	buf_init(&lines, 1 << 20);
	buf_init(&out, 4 << 20);
#define TEXT(name) bytes_of(&arena, json_object_get(o, name))
	struct sign_request q = {
	        .method = TEXT("method"),
	        .service = TEXT("service"),
	        .region = TEXT("region"),
	        .host = TEXT("host"),
	        .path = TEXT("path"),
	        .query = query,
	        .n_query = pairs_of(&arena, json_object_get(o, "query"), query),
	        .headers = headers,
	        .n_headers = pairs_of(&arena, json_object_get(o, "headers"), headers),
	        .body = TEXT("body"),
	        .time = json_integer_value(json_object_get(o, "time")),
	        .payload_hash = json_is_true(json_object_get(o, "payload_hash")),
	};
	struct sign_key key = {TEXT("access_key"), TEXT("secret"), TEXT("token")};
#undef TEXT
	bool fine = sign_request(&q, &key, &target, &lines);
	buf_addf(&out, "{\"fine\":%s,\"target\":", fine ? "true" : "false");
	buf_add_json(&out, buf_span(&target));
	buf_add_str(&out, ",\"lines\":");
	buf_add_json(&out, buf_span(&lines));
	buf_add_str(&out, "}");
	puts(buf_str(&out));
	buf_release(&target);
	buf_release(&lines);
	buf_release(&out);
	arena_release(&arena);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, stdin) > 0) {
		json_t *o = json_loads(line, JSON_ALLOW_NUL, NULL);
		if (!o)
			return 1;
		answer(o);
		fflush(stdout);
		json_decref(o);
	}
	free(line);
	return 0;
}
