/* normalise.h - normalise: from one recorded event to what is kept of it: who made which call with
 * which identifying parameters, under which circumstances, and what came of it. Runs in the
 * readers' threads; the store only looks up the hashes that are computed here.
 *
 * Sources: CloudTrail userIdentity element, CloudTrail record contents (AWS CloudTrail user guide);
 * IAM identifiers (IAM user guide). */
#ifndef NORMALISE_NORMALISE_H
#define NORMALISE_NORMALISE_H

#include "base/arena.h"
#include "base/hash.h"
#include "mapping/mapping.h"

/* Bytes of fact.id that come from eventID alone. */
enum { FACT_ID_PREFIX = 6 };

/* An access key that the event's response gave out (AssumeRole*, GetSessionToken,
 * GetFederationToken, CreateAccessKey), so that calls known by their key alone find their
 * principal. */
struct issued_key {
	struct span access_key;
	struct span principal; /* ARN of whose it is; of a role without its path where the log has
	                          lost it */
	struct span session;   /* role session name, or SPAN_NONE */
	const struct principal *asked_by; /* NULL: not told; of a record: whose call it is */
	struct span tags; /* JSON object of the session tags it was asked for with, or SPAN_NONE */
};

/* How much a record tells of who made the call for whom. CloudTrail's own tell all; rows of Event
 * history and of queries may not. The numbers are stored, and more is greater. */
enum fact_detail { DETAIL_NOBODY = 0, DETAIL_PRINCIPAL = 1, DETAIL_WHOLE = 2 };

/* What a call tells that later ones do not: of what kind, under which name ("REGION/NAME"), and
 * what it is. */
struct known_fact {
	struct span kind, name, value;
};

/* Everything the store needs of one event. Spans live in the arena given to normalise(). */
struct fact {
	int64_t time; /* seconds since 1970 UTC */
	enum event_observer observer;
	struct span
	        account; /* recipient account (else the actor's): with region it names the stream */
	struct span region;
	/* Identity within its stream and second. The first FACT_ID_PREFIX bytes come from eventID
	 * alone, so that an equal eventID with other content is found beside it. Of a record
	 * without eventID: of its whole text; of a captured call: of its capture and line. */
	struct hash128 id;
	struct hash128 stream;       /* of account, region, and whether CloudTrail saw it */
	struct hash128 call_hash;    /* of all of call: call_hash() */
	struct hash128 context_hash; /* of all of context */
	struct hash128 session_hash; /* of all of session and the principal */
	struct span event_id;        /* eventID, or "CAPTURE:LINE"; for evidence */
	uint64_t request;            /* of requestID, 0 if none */
	enum fact_detail detail;
	struct call call;
	struct context context;
	struct session session;
	enum tristate read_only, management;
	const struct hash128 *shared; /* of sharedEventID, or NULL */
	bool owner_side;       /* logged for the resource's owner, who is not the actor's account */
	const struct issued_key *issued; /* n_issued of them */
	size_t n_issued;
	struct span profile, profile_role; /* an instance profile and the role that was put into it,
	                                      or SPAN_NONE */
	const struct event_count *count; /* of a reduced row; NULL: a single record */
	const struct span *iam_arns; /* n_iam_arns IAM ARNs with a path that the response named */
	size_t n_iam_arns;
	const struct known_fact *known; /* n_known of them */
	size_t n_known;
};

/* The identity of a call: equal calls have equal hashes. The same of what else an event points to;
 * principal: the ARN of whose session it is. */
struct hash128 call_hash(const struct call *c);
struct hash128 context_hash(const struct context *c);
struct hash128 session_hash(struct span principal, const struct session *s);
struct hash128 stream_hash(enum event_observer observer, struct span account, struct span region);

/* Scratch memory of one thread. */
struct normaliser;

struct normaliser *normaliser_new(const struct mapping *m);
void normaliser_free(struct normaliser *n);
/* Fills *out from *e, always: what is missing or of an odd shape becomes an absent field. What e
 * points to need not outlive the call. Pure: equal input, equal output. */
void normalise(struct normaliser *n, const struct event *e, struct arena *arena, struct fact *out);

#endif
