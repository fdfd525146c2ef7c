/* alloc.h - base: allocation that ends the program when memory is out, so that no caller has a
 * second error path. Sizes from outside are bounded (limits.h) before they come here. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Each returns memory to be given to free(); never NULL. xcalloc and xreallocarray end the program
 * on overflow of n * size. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
/* Copies n bytes and adds a NUL. */
char *xmemdup0(const void *p, size_t n);
/* The exit status of "not done" (iamreplay(1)), whatever was being done. */
enum { EXIT_OUT_OF_MEMORY = 3 };
/* Says so and ends the program with that status, at once: what it was writing is left as a kill
 * would leave it. */
_Noreturn void out_of_memory(void);

#endif
