/* shape.h - call: names without end (instances, tasks, uploads, sessions) look alike; what they
 * have in common is a pattern. A coarser level's text depends on a finer level's text alone, so
 * that it does not matter in how many steps a text came to a level: shape_fold(shape_fold(text,
 * SHAPE_IDS), SHAPE_NUMBERS) is shape_fold(text, SHAPE_NUMBERS).
 *
 * Of an ARN the first five fields and the word of the type stay; of a URL the host; accounts stay,
 * which are few; ARNs of IAM stay whole, of which an account has only thousands (IAM quotas, IAM
 * user guide) and in which a pattern could name a stranger's rights. */
#ifndef CALL_SHAPE_H
#define CALL_SHAPE_H

#include "base/arena.h"

/* What of a text is replaced. The numbers are stored (table fold): never renumber. */
enum shape_level {
	SHAPE_WORDS = 0,   /* numbers; then all behind the first separator or number */
	SHAPE_NUMBERS = 1, /* ids, and numbers of two digits and more */
	SHAPE_IDS = 2,   /* UUIDs, hexadecimal texts of 8 and more characters with a digit, texts of
	                    letters and digits of 16 and more with two digits */
	SHAPE_WHOLE = 3, /* nothing */
};

enum shape_form {
	SHAPE_EXACT,   /* the text itself */
	SHAPE_PATTERN, /* '*' in it stands for any text */
	SHAPE_PREFIX,  /* it is what many begin with */
};

/* What stands for text, which is of this form, at a level; *form is what it is of then. In arena,
 * or text itself. An exact text that holds '*' or '?' stays until SHAPE_WORDS. */
struct span shape_fold(struct span text, enum shape_level level, struct arena *arena,
                       enum shape_form *form);

#endif
