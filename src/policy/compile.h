/* compile.h - policy: a document with every text compiled for matching. Read-only once made, and
 * shared freely between threads.
 *
 * Source: IAM user guide, "Grammar of the IAM JSON policy language". */
#ifndef POLICY_COMPILE_H
#define POLICY_COMPILE_H

#include "policy/condition.h"
#include "policy/document.h"

#include <jansson.h>

enum principal_kind { ID_AWS, ID_FEDERATED, ID_SERVICE, ID_CANONICAL_USER };

struct principal_id {
	enum principal_kind kind;
	struct span text;
};

struct statement {
	const struct policy_statement *text;
	const struct pattern **actions; /* of text->actions; match an action in lower case */
	struct policy_text *resources;  /* of text->resources */
	bool everyone;                  /* "Principal": "*" */
	struct principal_id *principals;
	size_t n_principals;
	struct test *tests; /* of text->conditions */
};

struct document {
	struct arena arena;
	struct policy_document text;
	bool variables; /* Version 2012-10-17: "${...}" is replaced */
	struct statement *statements;
	size_t n_statements; /* text.n_statements */
};

/* Reads as document_read does. STATUS_OK and *out (document_free), or STATUS_FILE and err; *out is
 * untouched then. */
enum status document_parse(struct span text, struct document **out, struct err *err);

/* The same from a parsed JSON value, of which nothing is kept. */
enum status document_from_json(const json_t *json, struct document **out, struct err *err);

void document_free(struct document *d);

#endif
