/* region.h - call: "aws-global", "aws-cn-global" and their like, the SDKs' words for no region of a
 * partition: they tell the partition, and no region. */
#ifndef CALL_REGION_H
#define CALL_REGION_H

#include "base/span.h"

/* region, or SPAN_NONE where it is none or but such a word. */
static inline struct span region_told(struct span region)
{
	return region.n && !span_starts(region, SPAN_LIT("aws-")) ? region : SPAN_NONE;
}

#endif
