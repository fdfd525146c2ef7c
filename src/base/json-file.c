/* json-file.c - base: see json-file.h. */
#include "config.h"

#include "base/json-file.h"

#include "base/limits.h"
#include "base/read-file.h"

enum status json_file_read(const char *path, json_t **out, struct err *err)
{
	struct buf text;
	json_error_t why;
	*out = NULL;
	buf_init(&text, LIMIT_JSON_FILE);
	enum status status = file_read(path, &text, err);
	if (status == STATUS_OK) {
		*out = json_loadb(buf_str(&text), text.n, JSON_REJECT_DUPLICATES, &why);
		if (!*out)
			status = err_set(err, STATUS_FILE, "bad-json", "line %d: %s", why.line,
			                 why.text);
	}
	buf_release(&text);
	return status;
}

struct span json_text_of(struct arena *arena, const json_t *object, const char *member)
{
	const json_t *j = json_object_get(object, member);
	return json_is_string(j)
	               ? arena_span(arena, span_make(json_string_value(j), json_string_length(j)))
	               : SPAN_NONE;
}
