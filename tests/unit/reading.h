/* reading.h - what tests of the reader share: a text, and what comes out of it. */
#ifndef TESTS_READING_H
#define TESTS_READING_H

#include "unit.h"

#include "base/span.h"

#define REC(id)                                                                                   \
	"{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":\"s3." \
	"amazonaws.com\","                                                                        \
	"\"eventName\":\"ListBuckets\",\"eventID\":\"" id "\",\"eventType\":\"AwsApiCall\"}"
#define MSG(id)                                                                               \
	"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":\\\"2026-01-02T03:04:05Z\\\","  \
	"\\\"eventSource\\\":\\\"s3.amazonaws.com\\\",\\\"eventName\\\":\\\"ListBuckets\\\"," \
	"\\\"eventID\\\":\\\"" id "\\\",\\\"eventType\\\":\\\"AwsApiCall\\\"}"

/* Each case says what comes out of its text, in order: "R:id" a record, "i:kind" ignored, "x:reason"
 * lost. */
struct reading_case {
	const char *text, *want;
};

void check(struct span text, const char *want);
void check_cases(const struct reading_case *cases, size_t n);

#endif
