/* capture-line.h - capture: one line of the capture file: what the allow-list leaves of a call, and
 * how it is written. No function but these makes the text of a capture file. */
#ifndef CAPTURE_CAPTURE_LINE_H
#define CAPTURE_CAPTURE_LINE_H

#include "base/buf.h"
#include "capture/allow.h"
#include "capture/capture.h"

/* Version of the format, in the header line; iamreplay-capture(5). */
enum { CAPTURE_FORMAT = 1, CAPTURE_ID_BYTES = 16 };

/* Each adds one line with its line feed to b, or nothing where b's ceiling is reached (b->full). A
 * call that does not fit is written without its parameters, and says so. */
void capture_line_header(struct buf *b, const char *mode, const unsigned char id[CAPTURE_ID_BYTES],
                         int64_t time_ms);
void capture_line_call(struct buf *b, const struct capture_filter *f,
                       const struct captured_call *call);
/* Nothing, too, where the allow-list leaves no key, or neither whose it is nor the key that asked.
 */
void capture_line_identity(struct buf *b, const struct captured_identity *id);

#endif
