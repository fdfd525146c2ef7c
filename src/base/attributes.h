/* attributes.h - base: what the compiler is told about functions. */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

/* Dropping the result is an error that the compiler reports: the caller would go on as if the work
 * had been done. */
#define MUST_CHECK __attribute__((warn_unused_result))

#endif
