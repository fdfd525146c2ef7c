/* digest-file.h - digest: a digest file of CloudTrail, which lists the log files of an hour with
 * their hashes, and says what the digest before it was. Pure. Source: "CloudTrail digest file
 * structure" (CloudTrail user guide). */
#ifndef DIGEST_DIGEST_FILE_H
#define DIGEST_DIGEST_FILE_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/err.h"
#include "base/vec.h"

enum { SHA256_HEX = 64 };

struct digest_log {
	struct span object; /* key in the bucket */
	struct span hash;   /* SHA-256 of what it holds, decompressed; hex, lower case */
};

/* Texts live in the arena it was read with; SPAN_NONE where they are null. */
struct digest {
	int64_t start, end; /* seconds since 1970: log files delivered from start to end */
	struct span account;
	struct span end_text; /* as written */
	struct span bucket, object;
	struct span fingerprint; /* of the key it is signed with */
	struct span previous_bucket, previous_object, previous_hash, previous_signature;
	VEC_OF(struct digest_log); /* vec_release */
};

/* Whether a text begins as a digest: its first 2 KB suffice. */
bool digest_begins(struct span text);
/* text: all of it, decompressed. STATUS_OK; or STATUS_SKIP with err and nothing to be released: no
 * digest, or one of other algorithms than SHA-256 and RSA. */
enum status digest_read(struct span text, struct arena *arena, struct digest *out,
                        struct err *err) MUST_CHECK;

/* The name of a file or object without its folders and ".gz": what both have in common. */
struct span digest_base_name(struct span path);

#endif
