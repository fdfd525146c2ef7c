/* subjects.h - app: whom policies are for: from the names that users type to principals of the
 * database. */
#ifndef APP_SUBJECTS_H
#define APP_SUBJECTS_H

#include "app/policy-source.h"

/* Whom one policy is for. */
struct subject {
	struct span name;       /* ARN, "permission-set/NAME", or what was asked for */
	struct span account;    /* SPAN_NONE if several */
	struct span file;       /* path below DIR without suffix: "111122223333/role/ci" */
	struct span short_name; /* "ci" */
	enum principal_type type;
	bool editable;
	int64_t *ids; /* n of them, of the store's principals */
	size_t n;
};

/* All in the source's arena. */
struct subjects {
	struct subject *s;
	size_t n;
	/* With STATUS_SKIP: a plain name that principals of several accounts have, and their ARNs.
	 */
	struct span ambiguous;
	struct span *candidates;
	size_t n_candidates;
	/* Names that nobody has as they were typed, and what they were taken for. */
	struct name_taken {
		struct span typed, meant;
	} *taken;
	size_t n_taken;
};

enum subjects_how {
	SUBJECTS_TOGETHER,    /* those that the request names, as one subject */
	SUBJECTS_EACH,        /* those, one subject a principal (roles of one permission set are
	                         one) */
	SUBJECTS_ALL_EDITABLE /* every editable principal, one subject each */
};

/* STATUS_OK: out holds one at least. STATUS_SKIP: out->ambiguous is not to be guessed at.
 * STATUS_END: nobody was found, err tells whom. STATUS_STOP: the store failed. */
enum status subjects_find(const struct policy_request *r, struct policy_source *s,
                          enum subjects_how how, struct subjects *out, struct err *err);
/* Before each of several is asked about: has the store derive in one go what their calls need. STATUS_OK
 * or STATUS_STOP. */
enum status subjects_derive(struct policy_source *s, const struct subjects *all, struct err *err);
/* Whether anybody is meant by the name, as above: STATUS_OK; STATUS_END and err with what may have
 * been meant; STATUS_STOP. */
enum status subjects_check_name(struct store *store, struct span name, struct err *err);
/* STATUS_END, and err with the names in the store that are nearest to one that nobody has. */
enum status subjects_unknown(struct store *store, struct span name, struct arena *arena,
                             struct err *err);

#endif
