/* patterns.h - reduce: regular expressions, as all four engines read them, from the words that
 * ingest decides by. Each adds its pattern, without quotes, to out. */
#ifndef REDUCE_PATTERNS_H
#define REDUCE_PATTERNS_H

#include "base/buf.h"
#include "mapping/member-words.h"

/* Names of members whose value is kept, but for what pattern_naming has. */
void pattern_asked(const struct member_words *w, struct buf *out);
/* Names of members that are kept by what they end in; and exceptions from these. */
void pattern_naming(const struct member_words *w, struct buf *out);
void pattern_never(const struct member_words *w, struct buf *out);
/* Names of scalars, and of containers, of which only counts that they are there; of containers that
 * are left out. */
void pattern_marks(const struct member_words *w, struct buf *out);
void pattern_presence(const struct member_words *w, struct buf *out);
void pattern_closed(const struct member_words *w, struct buf *out);

/* A message that says, behind these words, what was refused: its first parentheses are what is
 * kept. */
void pattern_refusal(const char *words, struct buf *out);
/* A cut message of which only the end of EC2's encoded message is gone. */
void pattern_encoded(struct buf *out);
/* What stands before these words in such a message. */
void pattern_before_refusal(const char *words, struct buf *out);

#endif
