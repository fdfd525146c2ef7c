/* known.h - review: every resource that the database knows by its whole name, to try policies
 * against. */
#ifndef REVIEW_KNOWN_H
#define REVIEW_KNOWN_H

#include "app/gather.h"
#include "evaluator/reach.h"

struct known_resources {
	struct arena arena;
	struct known_resource *v; /* n of them, sorted, none twice */
	size_t n;
};

/* Takes the resources of uses: those whose name has an unknown part are left out, but for the end of
 * a secret's ("NAME-??????"), and actions that take none. */
void known_init(struct known_resources *k);
void known_release(struct known_resources *k);
void known_add(struct known_resources *k, const struct mapping *m, const struct access_use *uses,
               size_t n);
/* Those that anybody used in the request's window (who NULL), or that who used. STATUS_OK or
 * STATUS_STOP with err. */
enum status known_read(const struct policy_request *r, struct policy_source *s,
                       const struct subject *who, struct known_resources *k, struct err *err);
/* Those of everybody that begin with one of n heads (sorted in place), each of KNOWN_LEAST_HEAD
 * bytes at least: by an index. known_has_index tells whether the request lets it. */
enum {
	KNOWN_LEAST_HEAD = 20
}; /* "arn:aws:s3:::logs/in": shorter ones are of many, which are read at once */
bool known_has_index(const struct policy_request *r);
enum status known_read_heads(const struct policy_request *r, struct policy_source *s,
                             struct span *heads, size_t n, struct known_resources *k,
                             struct err *err);
/* How many are of the type; *from is the index of the first. */
size_t known_of_type(const struct known_resources *k, const struct sar_type *t, size_t *from);
/* Whether it is among them. */
bool known_has(const struct known_resources *k, const struct known_resource *one);
/* The resource of the same service and type that shares the longest beginning with one, and how
 * many bytes of it; NULL and 0: there is none of the type. */
const struct known_resource *known_nearest(const struct known_resources *k,
                                           const struct known_resource *one, size_t *common);

#endif
