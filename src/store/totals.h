/* totals.h - store, internal: the tables total_day and total_context, sums of call_day that
 * questions about the whole log are answered from. Whoever changes call_day tells here what it
 * adds, or whose sums are to be made anew, and finishes before it says that it is done. */
#ifndef STORE_TOTALS_H
#define STORE_TOTALS_H

#include "store/writer.h"

/* All but the last two inside a transaction. They return STATUS_OK or STATUS_STOP with err. */

/* A call that was just inserted: its row need not be read for its sums. */
void totals_new_call(struct store *st, int64_t id, int64_t principal, const struct call *c,
                     enum tristate management);
/* What was added to call_day. */
enum status totals_add(struct store *st, const struct day_count *c, struct err *err);
/* Something else has changed of the call's days. */
enum status totals_again(struct store *st, int64_t call, struct err *err);
/* The same of old's days, which the call that stands for it has got. */
enum status totals_moved(struct store *st, int64_t call, int64_t old, struct err *err);
/* Of anybody's days; calls may have gone. */
enum status totals_all_again(struct store *st, struct err *err);
/* The sums are those of call_day from here on. */
enum status totals_finish(struct store *st, struct err *err);

/* Before the tables are read: makes the sums anew if they are not those of call_day. Not while a
 * statement of st is being read. */
enum status totals_ready(struct store *st, struct err *err);
void totals_free(struct store *st);

#endif
