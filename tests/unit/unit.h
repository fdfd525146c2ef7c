/* unit.h - what every unit test includes: cmocka with the headers it needs in the order it
 * needs them. */
#ifndef UNIT_H
#define UNIT_H
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */
#endif
