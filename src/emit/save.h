/* save.h - emit: puts a text into a file so that nobody ever sees half of it, and leaves a file
 * alone that has it already, so that what watches files stays quiet. */
#ifndef EMIT_SAVE_H
#define EMIT_SAVE_H

#include "base/err.h"

enum saved { SAVED_NEW, SAVED_CHANGED, SAVED_SAME };

/* Writes text to path by a temporary file beside it (0600: account data), fsync and rename; a file
 * that is there keeps its mode. Missing folders of path are made (0700). A path that is no regular
 * file (a pipe, /dev/stdout) is written to directly. STATUS_OK and *how, or STATUS_STOP and err
 * naming path. */
enum status save_text(const char *path, struct span text, enum saved *how, struct err *err);
/* Whether save_text could write to path now, for what is to be saved only after long work: makes
 * its missing folders, and a temporary file that goes again. STATUS_OK, or STATUS_STOP and err
 * naming path. */
enum status save_check(const char *path, struct err *err);

#endif
