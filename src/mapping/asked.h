/* asked.h - mapping: what a name that people type stands for: an event of CloudTrail, an operation
 * as SDKs and the AWS CLI write it, an IAM action, a service, a pattern. Pure. */
#ifndef MAPPING_ASKED_H
#define MAPPING_ASKED_H

#include "base/arena.h"
#include "mapping/mapping.h"

enum asked_kind {
	ASKED_NOTHING, /* no such name */
	ASKED_NAME,    /* a name as describe_json takes it, as it was typed */
	ASKED_CALLS,   /* the operations listed: one or, of a bare name or a pattern, several */
	ASKED_ACTION,  /* an IAM action; the operations listed need it */
	ASKED_SERVICE, /* a service; the operations listed are all of it */
};

struct asked {
	enum asked_kind kind;
	const struct sar_action *action; /* with ASKED_ACTION */
	const struct operation **ops;    /* n of them, in the order of the tables; in arena */
	size_t n;
};

/* What text stands for, in this order: "s3.amazonaws.com:GetObject"; "s3.GetObject",
 * "s3.getObject", "s3.get_object"; "s3:GetObject" (the action); "s3api get-object", with or without
 * "aws" in front; "s3"; "GetObject", "GetObjectCommand", "client.get_object", "get-object" of any
 * service; "s3.Get*", "*Object", "s3:Get*". */
void asked_find(const struct mapping *m, struct span text, struct arena *arena, struct asked *out);
/* Names like text that there are, "s3.GetObject", the likest first, at most max of them; in arena.
 */
size_t asked_nearest(const struct mapping *m, struct span text, struct arena *arena,
                     struct span *out, size_t max);

#endif
