/* assign-keys.h - app: says whose an access key is, where no record does. */
#ifndef APP_ASSIGN_KEYS_H
#define APP_ASSIGN_KEYS_H

#include "base/attributes.h"
#include "store/store.h"

/* text is "KEY=ARN": an access key id and the ARN of a principal. */
bool key_assignment(const char *text, struct span *key, struct span *arn);
/* n texts that are key_assignment's; what is made of the calls is made again. STATUS_OK or
 * STATUS_STOP. */
enum status assign_keys(struct store *st, const struct span *texts, size_t n,
                        struct err *err) MUST_CHECK;

#endif
