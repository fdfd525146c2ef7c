/* ephemeral.h - builder: parts of names that another run spells otherwise, known by their shape. */
#ifndef BUILDER_EPHEMERAL_H
#define BUILDER_EPHEMERAL_H

#include "mapping/mapping.h"

/* The value with each ephemeral part as a pattern, in arena; borrowed where there is none: UUIDs, hashes
 * and dates by their width (fixed-width.h) or with any_width as '*', run numbers and AWS's own ids of
 * what comes and goes, with made of any kind, as '*'. */
struct span without_ephemeral(struct span value, bool made, bool any_width, struct arena *arena);

enum ephemeral_shape {
	EPHEMERAL_DATES = 1, /* dates and times of any form, values of "year=" and its like */
	EPHEMERAL_DATES_OF_YEAR = 8, /* those that name the given year, and values of "month=" */
	EPHEMERAL_IDS = 2,           /* UUIDs, hashes, ids of base 32 and 62 */
	EPHEMERAL_AWS_IDS = 4,       /* "vpc-0123456789abcdef0" */
	EPHEMERAL_UNPADDED = 16,     /* partitions' dates are not padded with zeros: see width_of_date */
	EPHEMERAL_ANY_WIDTH = 32,    /* each part becomes '*' */
};

/* The value with each part of one of the shapes (bits of enum ephemeral_shape) as a pattern of its width
 * (fixed-width.h), in arena; borrowed where there is none. AWS's own ids become '*': nothing else is beside
 * them. */
struct span without_shapes(struct span value, unsigned shapes, unsigned year, struct arena *arena);
/* The value of a type, a secret's name with the six characters that Secrets Manager adds as "??????",
 * in arena; borrowed where it has none, or is of another type. A secret that is made anew under its
 * name has others. (Secrets Manager user guide, "What's in a secret": the ARN.) */
struct span without_secret_suffix(const struct sar_type *type, struct span value,
                                  struct arena *arena);
/* Whether the value, a secret's name as its ARN has it, ends in "-" and six small letters: added ones may
 * be that, and so may the end of a name that was given without them. */
bool secret_suffix_unclear(const struct sar_type *type, struct span value);
enum { UUID_SIZE = 36 };
/* UUID_SIZE if a UUID is at s[at], and a word ends behind it; else 0. */
size_t uuid_at(struct span s, size_t at);
/* A UUID, or a word of letters and digits that no one chose: hex of seven or more with a letter and a digit,
 * base 32, base 62. */
bool is_id_shaped(struct span word);

/* Whether a resource's last part is an id of AWS's own ("i-0123456789abcdef0"). */
bool has_aws_id(struct span resource);

/* Types whose id AWS makes up once for something that lives long: as good as a name. */
bool type_is_durable(const struct sar_type *type);

#endif
