/* inflate.h - bytes: gzip decompression (RFC 1952), piece by piece with zlib or as a whole with libdeflate
 * where it is present, which is four times as fast. Members that follow one another are one text;
 * what follows the last one and is no member is left out. */
#ifndef BYTES_INFLATE_H
#define BYTES_INFLATE_H

#include "base/buf.h"

/* Whether text begins as gzip does. */
bool inflate_is_gzip(struct span text);

/* ---- piece by piece */

struct inflater;
enum inflate_result { INFLATE_MORE, INFLATE_END, INFLATE_DAMAGED };

/* room: bytes of input it can hold. */
struct inflater *inflater_new(size_t room);
void inflater_free(struct inflater *inf);
/* Where input can be put, and how much; then inflater_fed tells how much was put there. */
size_t inflater_room(struct inflater *inf, void **p);
void inflater_fed(struct inflater *inf, size_t n);
/* Writes at most n bytes to out and their number to *got. INFLATE_MORE: feed it, or call again if
 * *got is n. INFLATE_END: the last member ended and something else follows. INFLATE_DAMAGED:
 * nothing more will come. */
enum inflate_result inflater_run(struct inflater *inf, void *out, size_t n, size_t *got);
/* Whether the input may end here: a member has just ended, or nothing but padding followed it. */
bool inflater_at_border(const struct inflater *inf);
const char *inflater_error(const struct inflater *inf);

/* ---- as a whole */

struct whole_inflater;

struct whole_inflater *whole_inflater_new(void);
void whole_inflater_free(struct whole_inflater *w);
/* Appends the text of all members of gz to out. False if it would have more than most bytes or is
 * not sound to its end; then out holds anything. */
bool whole_inflate(struct whole_inflater *w, struct span gz, struct buf *out, size_t most);

#endif
