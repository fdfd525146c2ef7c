/* lookup.h - mapping: what a name was found under; for the other files of the mapping. */
#ifndef MAPPING_LOOKUP_H
#define MAPPING_LOOKUP_H

#include "mapping/image.h"

struct lookup {
	const struct operation *op; /* NULL: unknown */
	bool undated;               /* found only without the date at the name's end */
};

struct lookup lookup_event(const struct mapping *m, struct span source, struct span name);
/* The operations of a name in the services of a source, in order of trust; n: the number of them
 * put into out, at most max. */
size_t lookup_namesakes(const struct mapping *m, struct span source, struct span name,
                        const struct operation **out, size_t max);
struct lookup lookup_operation(const struct mapping *m, struct span service, struct span name);
/* "s3.amazonaws.com", "S3.amazonaws.com.cn" or "s3"; NULL if unknown. */
const struct image_source *lookup_source(const struct mapping *m, struct span source);
/* What is asked of a member (one folded segment) in any service of the source: enum member_flag. */
uint32_t lookup_member(const struct mapping *m, struct span source, struct span leaf);

/* The table compiled in (mappings/compile.c). */
const void *mapping_image(void);

#endif
