/* document.h - policy: the model of an IAM policy document, the one reader that makes it from JSON
 * and the one writer that makes JSON of it. Whatever evaluates, merges, compares or prints policies
 * works on this model. document_read(document_write(x)) is x.
 *
 * Source: IAM user guide, "Grammar of the IAM JSON policy language". */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "call/access.h"

/* Why a statement is there. */
enum statement_origin {
	STATEMENT_READ,     /* read from a document that somebody else wrote */
	STATEMENT_KEPT,     /* the same, kept by a merge */
	STATEMENT_OBSERVED, /* calls that were made */
	STATEMENT_DENIED,   /* calls that were refused for want of an identity-based grant */
	STATEMENT_SIBLING,  /* never seen: goes with what was created or written */
};

struct policy_condition {
	struct span operator; /* "StringEquals", "ForAnyValue:StringEquals" */
	struct span key;      /* "aws:RequestedRegion" */
	const struct span *values;
	size_t n_values;
};

struct policy_principal {
	struct span kind; /* "AWS", "Federated", "Service", "CanonicalUser"; "*" alone stands for
	                     everyone and has no values */
	const struct span *values;
	size_t n_values;
};

struct policy_statement {
	struct span sid; /* SPAN_NONE: none */
	enum statement_origin origin;
	bool deny;
	bool not_action, not_resource, not_principal;
	const struct span *actions; /* as written; those that the builder makes are sorted */
	size_t n_actions;
	const struct span *resources; /* none in a trust policy */
	size_t n_resources;
	const struct policy_principal *principals; /* trust policies and the like */
	size_t n_principals;
	/* Those of one operator stand together; those that the builder makes are sorted by
	 * operator and key. */
	const struct policy_condition *conditions;
	size_t n_conditions;
	/* What the builder grouped the statement by; SPAN_NONE and LEVEL_UNKNOWN where it spans
	 * several, and in statements that were read. */
	struct span service;
	enum access_level level;
	struct span via;       /* calls that this service made on the principal's behalf */
	struct span passed_to; /* the service that the role is passed to */
};

struct policy_document {
	struct span version; /* "2012-10-17"; SPAN_NONE: none, which means 2008-10-17 */
	struct span id;      /* SPAN_NONE: none */
	const struct policy_statement *statements;
	size_t n_statements;
	size_t size; /* characters as the quota counts them (quotas.h); 0 if it was read */
};

/* ---- reading */

/* Reads one JSON text of at most LIMIT_POLICY_BYTES into the model; everything *out points to is
 * in arena. STATUS_OK, or STATUS_FILE and err naming the element ("Statement[2].Action[0]"); *out
 * is untouched then. Refused are: bad JSON, a member twice in one object, a member, operator,
 * version or kind of principal that AWS does not document (names have case), a value of another
 * type, and a value that its operator cannot compare. Nothing is passed over. */
enum status document_read(struct span text, struct arena *arena, struct policy_document *out,
                          struct err *err);

/* ---- writing. One function both prints and measures, so that a size is never another than that
 * of the text. */

/* Adds the document; pretty: indented by four blanks, with a newline at the end; else without any
 * white space outside of strings. False if the buffer's ceiling was met. */
bool document_write(const struct policy_document *d, bool pretty, struct buf *out);
/* The same for one entry of a Statement array, without indentation before its brace. */
bool statement_write(const struct policy_statement *s, bool pretty, struct buf *out);
/* Characters of that text. */
size_t document_size(const struct policy_document *d, bool pretty);
/* What a statement adds to a document, the comma after it included. */
size_t statement_size(const struct policy_statement *s, bool pretty);
/* What one more action, resource or other value adds to a list of a statement. */
size_t value_size(struct span value, bool pretty);

#endif
