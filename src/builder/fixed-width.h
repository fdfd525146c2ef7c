/* fixed-width.h - builder: what stands for a part of a name that another run spells otherwise. '*'
 * takes any name for it, also "latest" in the place of a date, and whole folders; as many '?' as it
 * has characters leave those closed ('?' is any single character; IAM user guide, "IAM JSON policy
 * elements: Resource"). A pattern gets longer by it, by 30 characters where a hash of 32 is; where
 * a policy does not fit for that, the builder takes '*' after all. */
#ifndef BUILDER_FIXED_WIDTH_H
#define BUILDER_FIXED_WIDTH_H

#include "base/arena.h"

/* The pattern of a date as date_shape_at tells them: '?' for each digit but the century, which may
 * stay; separators stay, the name of a month becomes '*' unless all have its length. What may have
 * more or fewer digits the next time becomes '*': a single digit, which is not padded with zeros,
 * fractions of a second, and with unpadded all months, days and hours. At most date.n bytes at out;
 * returns how many. */
size_t width_of_date(struct span date, bool unpadded, char *out);
/* The pattern of an id as is_id_shaped tells them; dashes stay. At most id.n bytes. */
size_t width_of_id(struct span id, char *out);

/* What n words have in common, which differ and are of one set. */
enum variation { VARY_NAMES, VARY_NUMBERS, VARY_IDS };
enum variation words_vary(const struct span *words, size_t n);

/* The pattern of n such words, in the order in which they were first seen, in arena: it takes each of
 * them. any: '*' for what differs.
 *
 * Numbers keep the letters around them and get '?' for each digit, and '*' behind where the next
 * ones may well have more; for them alone the order matters. Ids get the pattern of width_of_id
 * where they share it; else '?' for each character of the shortest, and '*' behind where others are
 * longer. Names with letters and digits that all have as many characters get '?': nobody chose
 * them. Names of one make ("anna-OPS712") keep what is the same in
 * each. */
struct span words_width(const struct span *words, size_t n, bool any, struct arena *arena);

#endif
