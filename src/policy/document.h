/* document.h - policy: a policy document as parsed: every element checked, every text compiled.
 * Plain data for those who evaluate, change or compare it; read-only once made, and shared freely
 * between threads.
 *
 * Source: IAM user guide, "Grammar of the IAM JSON policy language". An element, operator or value
 * that AWS does not document is an error that names it; nothing is passed over. */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include "base/buf.h"
#include "policy/condition.h"

#include <jansson.h>

struct action_text {
	struct span text;              /* "s3:Get*" as it stands */
	const struct pattern *pattern; /* matched against the action in lower case */
};

enum principal_kind { ID_AWS, ID_FEDERATED, ID_SERVICE, ID_CANONICAL_USER };

struct principal_id {
	enum principal_kind kind;
	struct span text;
};

enum resource_element {
	RESOURCE_ABSENT, /* allowed beside Principal only (trust policies): every resource */
	RESOURCE_IN,
	RESOURCE_NOT_IN,
};

enum principal_element { PRINCIPAL_ABSENT, PRINCIPAL_IN, PRINCIPAL_NOT_IN };

struct statement {
	struct span sid; /* SPAN_NONE if there is none */
	bool deny;
	bool not_action;
	struct action_text *actions;
	size_t n_actions;
	enum resource_element resource_element;
	struct policy_text *resources;
	size_t n_resources;
	enum principal_element principal_element;
	bool everyone; /* "Principal": "*" */
	struct principal_id *principals;
	size_t n_principals;
	struct test *tests;
	size_t n_tests;
};

struct document {
	struct arena arena;
	struct span version; /* SPAN_NONE: means 2008-10-17 */
	struct span id;
	bool variables; /* 2012-10-17 */
	struct statement *statements;
	size_t n_statements;
};

/* Parses one JSON text of at most BOUND_DOCUMENT_BYTES. STATUS_OK and *out (document_free), or
 * STATUS_FILE and err naming the element ("Statement[2].Action[0]"); *out is untouched. Bad JSON,
 * and a key twice in one object, are errors too. */
enum status document_parse(struct span text, struct document **out, struct err *err);

/* The same from a parsed JSON value, of which nothing is kept. */
enum status document_from_json(const json_t *json, struct document **out, struct err *err);

void document_free(struct document *d);

/* Writes the document as indented JSON that parses to the same; members in AWS's usual order. False
 * past b's ceiling. */
bool document_write(const struct document *d, struct buf *b);

#endif
