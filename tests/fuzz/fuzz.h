/* fuzz.h - fuzz: the one function of a fuzz target. With --enable-fuzz (clang) libFuzzer calls it
 * with what it invents; otherwise fuzz-main.c calls it with the files of the corpus and simple
 * changes of them, so that every past finding is tested under any compiler. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Aborts if what it tests does not hold for this input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
