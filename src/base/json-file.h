/* json-file.h - base: files of JSON that are read whole. */
#ifndef BASE_JSON_FILE_H
#define BASE_JSON_FILE_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/err.h"

#include <jansson.h>

/* Reads the file ("-" is stdin), of LIMIT_JSON_FILE bytes at most. STATUS_OK and *out
 * (json_decref), or STATUS_FILE: err tells why ("bad-json" with the line), *out is NULL. */
enum status json_file_read(const char *path, json_t **out, struct err *err) MUST_CHECK;
/* The member's text, in arena; SPAN_NONE if there is no such member or it is no text. */
struct span json_text_of(struct arena *arena, const json_t *object, const char *member);

#endif
