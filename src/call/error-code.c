/* error-code.c - call: see error-code.h. Sources: "Error codes for the Amazon EC2 API" (Client. and
 * Server.); Amazon SQS API reference, error codes of the query protocol
 * ("AWS.SimpleQueueService."); Smithy, "AWS JSON protocols", "Operation error serialization" (what
 * stands before '#' and behind ':'). */
#include "config.h"

#include "call/error-code.h"

struct span error_code_plain(struct span code)
{
	ptrdiff_t at = span_rchr(code, '#');
	if (at >= 0)
		code = span_from(code, (size_t)at + 1);
	at = span_chr(code, ':');
	if (at > 0)
		code = span_sub(code, 0, (size_t)at);
	if (span_starts(code, SPAN_LIT("Client.")) || span_starts(code, SPAN_LIT("Server.")))
		code = span_from(code, 7);
	return code;
}

struct span error_code_stem(struct span code)
{
	static const char *const ends[] = {"Exception", "Fault"};
	const struct span sqs = SPAN_LIT("AWS.SimpleQueueService.");
	code = span_trim(error_code_plain(code));
	if (span_starts(code, sqs))
		code = span_from(code, sqs.n);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct span end = span_of(ends[i]);
		if (code.n > end.n && span_ends(code, end))
			return span_sub(code, 0, code.n - end.n);
	}
	return code;
}
