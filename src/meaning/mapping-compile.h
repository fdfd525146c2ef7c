/* mapping-compile.h - meaning: a folder of tables to the form in which a mapping is used. Runs in
 * the build (mappings/compile.c) and for --mappings, so that both read alike. */
#ifndef MEANING_MAPPING_COMPILE_H
#define MEANING_MAPPING_COMPILE_H

#include "ground/err.h"
#include "meaning/mapping-write.h"

/* STATUS_OK with im finished (image_release it), or STATUS_STOP with err and nothing to release.
 * im->words begin with struct mapping, im->text follows them. */
enum status mapping_compile(const char *dir, struct image *im, struct err *err);

#endif
