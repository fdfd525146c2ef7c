/* normalise.h - meaning: from one recorded event to what is kept of it: who made which call with
 * which identifying parameters, under which circumstances, and what came of it. Runs in the
 * readers' threads; the store only looks up the hashes that are computed here.
 *
 * Sources: CloudTrail userIdentity element, CloudTrail record contents (AWS CloudTrail user guide);
 * IAM identifiers (IAM user guide). */
#ifndef MEANING_NORMALISE_H
#define MEANING_NORMALISE_H

#include "ground/arena.h"
#include "ground/hash.h"
#include "meaning/mapping.h"

/* An access key that the event's response gave out (AssumeRole*, GetSessionToken,
 * GetFederationToken, CreateAccessKey), so that calls known by their key alone find their
 * principal. */
struct issued_key {
	struct span access_key;
	struct span principal; /* canonical ARN of whom the key belongs to, or without its path
	                        * where only arn:...:assumed-role/NAME/SESSION is known: see
	                        * role_arn_of_session */
	struct span session;   /* role session name, or SPAN_NONE */
};

/* Everything the store needs of one event. Spans live in the arena given to normalise(). */
struct fact {
	int64_t time; /* seconds since 1970 UTC */
	enum event_observer observer;
	struct span
	        account; /* recipient account (else the actor's): with region names the stream */
	struct span region;
	/* Identity within (account, region, time). The first 6 bytes come from eventID alone, so
	 * that an equal eventID with other content is found beside it. */
	struct hash128 id;
	struct hash128 stream;    /* of observer, account, region */
	struct hash128 call_hash; /* of all of call */
	struct hash128 context_hash;
	struct hash128 session_hash;
	struct span event_id; /* eventID, or "CAPTURE:LINE"; for evidence */
	uint64_t request;     /* of requestID, 0 if none */
	uint64_t name_hash;   /* of source and name */
	struct call call;
	struct context context;
	struct session session;
	enum tristate read_only, management;
	struct span shared_id; /* sharedEventID or SPAN_NONE */
	bool owner_side;       /* logged for the resource's owner, who is not the actor's account */
	const struct issued_key *issued; /* n_issued of them */
	size_t n_issued;
	const struct span
	        *iam_arns; /* IAM ARNs with a path that the response named; n_iam_arns of them */
	size_t n_iam_arns;
};

/* Scratch memory of one thread. */
struct normaliser;

struct normaliser *normaliser_new(const struct mapping *m);
void normaliser_free(struct normaliser *n);
/* Fills *out from *e, always: what is missing or of an odd shape becomes an absent field. What e
 * points to need not outlive the call. Pure: equal input, equal output. */
void normalise(struct normaliser *n, const struct event *e, struct arena *arena, struct fact *out);

#endif
