/* csm.h - events: client-side monitoring. An SDK sends one JSON datagram for every attempt
 * (ApiCallAttempt) and one for every call (ApiCall) to a local UDP port; this reads a datagram and
 * joins the attempts of a call to it, whether they come from a socket or from a file.
 *
 * Sources: botocore's monitoring module and its test cases; what the aws CLI, the JavaScript SDK
 * v2, the Go SDK v1 and rclone were seen to send. */
#ifndef EVENTS_CSM_H
#define EVENTS_CSM_H

#include "base/attributes.h"
#include "base/err.h"

enum csm_type { CSM_CALL = 1, CSM_ATTEMPT = 2 };

/* One datagram. A text that is absent is SPAN_NONE. The session token that an attempt carries is
 * not among the members: it is never copied. */
struct csm_datagram {
	enum csm_type type;
	struct span service; /* service id, "CloudWatch Logs"; differs per SDK in case and blanks */
	struct span api;     /* "ListDistributions2020_05_31" or without its date */
	struct span client_id, region, user_agent;
	struct span access_key;        /* of attempts */
	struct span request_id;        /* of attempts; Go sends it with the call too */
	struct span exception;         /* AWS error code */
	struct span exception_message; /* for the denial it may tell of; never to be kept */
	struct span sdk_exception;     /* the client's own error: no answer came */
	int64_t time_ms;               /* when it began, milliseconds since 1970 UTC */
	int64_t latency_ms;            /* 0 if unknown */
	unsigned attempts;             /* of a call: AttemptCount, 1 if unknown */
	unsigned status;               /* HTTP status, 0 if none came */
	bool sender_gone; /* set by whoever received it: whose process sent it is not known */
};

/* One datagram or one line of a file of datagrams, LIMIT_CSM_BYTES at most. Texts in *out live
 * until the next csm_parse with the same reader. STATUS_OK; STATUS_SKIP with err's reason
 * "bad-json", "too-large", or "not-csm" (another object, or a member of a wrong type or absurd
 * length). */
struct csm_reader;
struct csm_reader *csm_reader_new(void);
void csm_reader_free(struct csm_reader *r);
enum status csm_parse(struct csm_reader *r, struct span text, struct csm_datagram *out,
                      struct err *err) MUST_CHECK;

/* A finished call: the ApiCall joined with its last attempt. */
typedef void (*csm_call_fn)(void *data, const struct csm_datagram *call);

struct csm_pairs;

struct csm_pair_counts {
	uint64_t calls;    /* handed on */
	uint64_t attempts; /* read, retries among them */
	uint64_t local;    /* calls that never left the client (no answer, refused, invalid) */
};

/* each is called with every finished call; its spans live until it returns. */
struct csm_pairs *csm_pairs_new(csm_call_fn each, void *data);
void csm_pairs_free(struct csm_pairs *p);
/* Takes a datagram in. A call is handed on when its ApiCall comes; attempts whose ApiCall did not
 * come (lost, or larger than a datagram may be) are calls of their own once CSM_HOLD_MS of the
 * senders' time have passed, or when too many are held. */
void csm_pairs_add(struct csm_pairs *p, const struct csm_datagram *d);
/* Hands on what is still held. */
void csm_pairs_flush(struct csm_pairs *p);
void csm_pairs_counts(const struct csm_pairs *p, struct csm_pair_counts *counts);

/* The largest datagram UDP can carry. botocore drops events over 8 KB. */
#define LIMIT_CSM_BYTES ((size_t)65536)
/* An SDK may retry for minutes before it reports the call. */
#define CSM_HOLD_MS (5 * 60 * 1000)
/* Attempts held at most; a client of a thousand threads stays below. */
#define LIMIT_CSM_HELD ((size_t)8192)

#endif
