/* capture.h - capture: the capture file, where every live mode ends: one JSON object a line, a
 * header line first. The one writer decides what may pass (allow.h): only the fields named here,
 * each in its form, and of the parameters only those that identify something. No body, header,
 * signature, session token or sensitive member has a place in it. Format: iamreplay-capture(5). */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/attributes.h"
#include "base/err.h"
#include "events/event.h"
#include "mapping/mapping.h"

/* A finished call. Spans are borrowed for the length of capture_write; SPAN_NONE where unknown. */
struct captured_call {
	enum event_observer observer; /* OBSERVED_CSM or OBSERVED_PROXY */
	int64_t time_ms;              /* when the call began, milliseconds since 1970 UTC */
	struct span service;   /* the API model's name ("s3"), SPAN_NONE when not recognised */
	struct span operation; /* the API model's operation ("ListObjectsV2") */
	struct span source;    /* as CloudTrail's eventSource: "s3.amazonaws.com" */
	struct span name;      /* as CloudTrail's eventName: "ListObjects" */
	struct span region;    /* "us-east-1"; "aws-global" and its like where only the partition is
	                          told */
	struct span account;   /* 12 digits of the account called, where the call tells it */
	struct span access_key; /* key id of the signature, SPAN_NONE if unsigned */
	struct span request_id;
	struct span user_agent;   /* its family is written */
	unsigned status;          /* HTTP status; 0 if no response came */
	struct span error_code;   /* "AccessDenied", without namespace and URL */
	struct denial denial;     /* parsed from the message, which itself is never kept */
	struct span host;         /* lower case, without port */
	struct span method;       /* "GET" */
	struct span path_pattern; /* of what is not recognised: variable segments as "{}", no query
	                             values */
	const struct param *params; /* as the source spells them; any order; duplicates allowed */
	size_t n_params;
	bool params_cut;  /* there were more, or the body was longer than what is looked at */
	bool sender_gone; /* of monitoring: the client had ended before it was known whose it was */
};

/* An STS response tied a key to a principal. */
struct captured_identity {
	int64_t time_ms;
	struct span access_key; /* the key that was issued, or that asked who it is */
	struct span arn;      /* arn:P:sts::A:assumed-role/NAME/SESSION, or the user's, or root's */
	struct span role_arn; /* of AssumeRole*: the role with its path, else SPAN_NONE */
	struct span parent_key; /* the key that asked for the new one; without arn (GetSessionToken)
	                           the new one is the same principal's */
	struct span account;
};

struct capture_options {
	const char *path;              /* gzip if it ends in .gz */
	const char *mode;              /* "csm", "proxy", "endpoint", "record" */
	bool append;                   /* else the file must not exist */
	const struct mapping *mapping; /* which parameters may pass: mapping_keep */
	/* Called with every line as it is added, whole, under the writer's lock; may be NULL. */
	void (*observe)(void *data, struct span line);
	void *observe_data;
};

struct capture_counts {
	uint64_t calls;
	uint64_t identities;
	uint64_t lost;       /* lines not written: the disk was full */
	uint64_t lost_calls; /* of calls */
};

struct capture;

/* Creates the file (0600, exclusively) or opens it to append, which only a capture may be, and
 * writes the header line with a random capture id; what could not be begun leaves no file.
 * STATUS_OK and *out (capture_close), or STATUS_STOP. */
enum status capture_open(const struct capture_options *options, struct capture **out,
                         struct err *err) MUST_CHECK;

/* Each writes one whole line, an identity only where enough of it is well-formed to say whose key
 * it is. Any thread may call them at any time. STATUS_OK, or STATUS_STOP when it could not be
 * written: the record is counted as lost and the next one is tried again. */
enum status capture_write(struct capture *c, const struct captured_call *call,
                          struct err *err) MUST_CHECK;
enum status capture_write_identity(struct capture *c, const struct captured_identity *id,
                                   struct err *err) MUST_CHECK;

/* Hands to the kernel what may still be held back, and every few seconds to the disk; called
 * whenever a loop is about to wait. Lines for a file whose name ends in .gz wait up to a second for
 * company. */
enum status capture_flush(struct capture *c, struct err *err) MUST_CHECK;
/* Whether lines were lost within the last ten seconds: a disk that is full takes the one or other
 * line still. */
bool capture_failing(struct capture *c);
/* Milliseconds until capture_flush has something to do though no line is added, -1 for nothing. */
int capture_wait(struct capture *c);
void capture_counts(struct capture *c, struct capture_counts *counts);

/* Closes it where nothing came to be captured: a file that capture_open made is gone again. NULL is
 * fine. */
void capture_abandon(struct capture *c);

/* Hands over all that is held, and to the disk: for when nothing is written any more. The counts
 * are final then. STATUS_OK, or STATUS_STOP. */
enum status capture_finish(struct capture *c, struct err *err) MUST_CHECK;
/* Finishes and closes. c is gone whatever is returned; NULL is fine. */
enum status capture_close(struct capture *c, struct err *err) MUST_CHECK;

#endif
