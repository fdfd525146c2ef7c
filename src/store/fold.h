/* fold.h - store, internal: what stands for a call where names without end are folded. */
#ifndef STORE_FOLD_H
#define STORE_FOLD_H

#include "store/writer.h"

/* Levels from 3 (FOLD_NONE, the call itself) to 0. Object keys and log stream names: so many
 * directories are kept; all else: enum shape_level. */
enum { FOLD_NONE = 3 };

/* Whether calls of this kind fold at all: not those of IAM, whose names an account has thousands
 * of. */
bool fold_applies(const struct call *c);
/* Whether the call names an object of a bucket or a stream of a log group. */
bool fold_has_directories(const struct call *c);
/* The calls that are counted together: of one principal and operation; of such that name an object
 * or a stream, also of one bucket or log group. fold_applies holds. */
struct hash128 fold_group(const struct call *c);
/* The call that stands for c at a level below FOLD_NONE, in arena. Everything that it has is a
 * function of what a finer level has. */
void fold_to(const struct call *c, int level, struct arena *arena, struct call *out);

/* Of a call whose name was cut before it came here, fold_has_directories: an empty text counts as
 * one that the log hides; of a name that was cut to nothing it is all that is left. */
void fold_restore_empty(const struct call *c, struct arena *arena, struct call *out);
/* Such a call as fold_to leaves it. */
void fold_mark_cut(const struct call *c, struct arena *arena, struct call *out);
/* Of a call of which other names were folded before it came here: patterns where they have
 * SHAPE_MARK. Whether it has any. */
bool fold_open_marks(const struct call *c, struct arena *arena, struct call *out);

#endif
