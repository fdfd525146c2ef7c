/* compile.h - mapping/compile: a folder of tables to the form in which a mapping is used. Runs in
 * the build (mappings/compile.c) and for --mappings, so that both read alike. */
#ifndef MAPPING_COMPILE_COMPILE_H
#define MAPPING_COMPILE_COMPILE_H

#include "base/err.h"
#include "mapping/compile/write.h"
#include "mapping/mapping.h"

/* STATUS_OK with im finished (image_release it), or STATUS_STOP with err and nothing to release.
 * im->words begin with struct mapping, im->text follows them. */
enum status mapping_compile(const char *dir, struct image *im, struct err *err);

/* Reads DIR/ *.tsv, as --mappings names it. STATUS_OK and *out (mapping_free), or STATUS_STOP with
 * err naming file and line. */
enum status mapping_read(const char *dir, struct mapping **out, struct err *err);

#endif
