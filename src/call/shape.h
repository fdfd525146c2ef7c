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

/* What counts as an id; query engines are told the same (reduce/patterns.h). */
enum {
	SHAPE_ACCOUNT = 12,      /* digits, which stay */
	SHAPE_HEX_ID = 8,        /* characters at least, with a digit */
	SHAPE_MIXED_ID = 16,     /* letters and digits at least */
	SHAPE_MIXED_DIGITS = 2,  /* of these at least */
	SHAPE_NUMBER_DIGITS = 2, /* of a number at least */
};
#define SHAPE_UUID "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" /* x: hexadecimal */

/* In a text that came folded: it stands where the rest was replaced, for any text. No AWS service
 * takes this character in a name; a text that has it of its own is not folded. */
#define SHAPE_MARK '\x01'

/* Names that are made of directories: such are cut behind a '/', and are no texts of shape_fold. */
struct shape_directories {
	const char *source; /* "s3.amazonaws.com" */
	const char *place,
	        *name;      /* parameters: what such names are in, "bucketName"; the name, "key" */
	const char *before; /* stands before the name in an ARN */
};
extern const struct shape_directories shape_directories[]; /* ended by a NULL source */

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
