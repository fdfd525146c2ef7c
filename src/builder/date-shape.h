/* date-shape.h - builder: dates and times as people write them into names. Another run spells them
 * otherwise. */
#ifndef BUILDER_DATE_SHAPE_H
#define BUILDER_DATE_SHAPE_H

#include "base/span.h"

/* The length of the date at s[at], which begins a word: "2026-01-02" or "2026_01_02", with a time
 * behind it where there is one; 0: it is none. */
size_t iso_date_at(struct span s, size_t at);
/* The same for dates of any form: days, months, quarters, weeks, hours and seconds since 1970, also
 * in path segments, and values of "year=" and its like. */
size_t date_shape_at(struct span s, size_t at);

/* Whether a partition's date or hour has but one digit in it ("day=7"), so that the next may have two. */
bool date_is_unpadded(struct span s);

#endif
