/* vec.h - base: a growing array, for items of any type, with a ceiling that its owner must name.
 *
 *     struct uses { VEC_OF(struct use); size_t cut; } uses = {0};
 *     struct use *u = vec_push(&uses, LIMIT_USES);   // NULL past the ceiling
 *     for (size_t i = 0; i < uses.n; i++)
 *             print(&uses.v[i]);
 *     vec_release(&uses);
 *
 * All zero bytes is an empty array. Items may be sorted, overwritten and cut off (n made smaller)
 * in place. Pointers to items live until the next push. The macros evaluate their first argument
 * several times. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* The members of an array of T: v[0..n), room for room items. */
#define VEC_OF(T) \
	T *v;     \
	size_t n, room
/* A struct of them, where no other member is needed: VEC(char *) names; */
#define VEC(T)             \
	struct {           \
		VEC_OF(T); \
	}

/* A pointer to a new item at the end, cleared; NULL if there are ceiling items already: then
 * nothing has changed and the caller says what is left out. */
#define vec_push(vec, ceiling)                                                               \
	((vec)->n < (size_t)(ceiling)                                                        \
	         ? ((vec)->v = vec_grow((vec)->v, (vec)->n, &(vec)->room, sizeof *(vec)->v), \
	            &(vec)->v[(vec)->n++])                                                   \
	         : NULL)
/* The same for arrays whose length something else bounds (items of a text that is held, rows that
 * were counted): more than LIMIT_ITEMS end the program as being out of memory does; never NULL. */
#define vec_add(vec)                                                              \
	((vec)->v = vec_grow((vec)->v, (vec)->n, &(vec)->room, sizeof *(vec)->v), \
	 &(vec)->v[(vec)->n++])
/* Frees the items' memory, not what they point to; the array is empty again. */
#define vec_release(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = 0, (vec)->room = 0, (void)0)

/* For arrays in other structs: makes room for item n (of size bytes) behind n of them, clears it,
 * and returns where the array is now. Never NULL; more than LIMIT_ITEMS end the program. */
void *vec_grow(void *v, size_t n, size_t *room, size_t size) MUST_CHECK;

/* Sorts n items of size bytes and drops all but the first of those that compare equal, so order
 * must tell apart whatever must stay; returns how many are left. v may be NULL with n 0. */
size_t sort_unique(void *v, size_t n, size_t size,
                   int (*order)(const void *, const void *)) MUST_CHECK;
/* Sorts; as qsort, but v may be NULL with n 0. */
void sort_items(void *v, size_t n, size_t size, int (*order)(const void *, const void *));

#endif
