/* prefix.h - builder: the objects of a bucket by the folder that they have in common, as people
 * write it ("arn:aws:s3:::logs/2026/" and '*'): wider than what the names alone show, and asked for
 * with --resources prefix only. */
#ifndef BUILDER_PREFIX_H
#define BUILDER_PREFIX_H

#include "builder/generalise.h"

/* members: n of them, S3 objects, sorted by pattern, none twice. All of a bucket become one, up to
 * the last '/' that they share; a bucket of which one object is known is left as it is, and so is
 * what the user folded. In place, in the same order; returns how many are left. */
size_t prefix_fold(struct member *members, size_t n, struct arena *arena);

#endif
