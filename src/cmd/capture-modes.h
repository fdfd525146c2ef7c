/* capture-modes.h - commands: the modes of "iamreplay capture", each in the file called after it.
 */
#ifndef CMD_CAPTURE_MODES_H
#define CMD_CAPTURE_MODES_H

#include "cmd/capture.h"

/* Each runs its mode until it is told to stop, and returns an exit status. */
int capture_csm(const struct capture_run *run);
/* proxy and endpoint */
int capture_proxy(const struct capture_run *run);
/* Follows run->attach instead of capturing. */
int capture_attach(const struct capture_run *run);

#endif
