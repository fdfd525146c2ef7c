/* text.h - mapping/compile: the small languages in the tables' fields (bindings, conditions,
 * members with transforms) put into the image, parsed once and for all. Private to the compiler of
 * the mapping. */
#ifndef MAPPING_COMPILE_TEXT_H
#define MAPPING_COMPILE_TEXT_H

#include "mapping/compile/model.h"
#include "mapping/compile/write.h"

struct text_use { /* a folded segment, and what is asked of it: enum member_flag */
	struct span name;
	uint32_t flags;
};

/* What is compiled for one service: its spellings, and which members its rows ask for. */
struct text_env {
	struct model *model;
	struct image *image;
	const struct m_service *service;
	struct text_use *uses; /* in the model's arena */
	size_t n_uses;
};

/* Each returns STATUS_OK with *at the index of what was added (0: nothing was there to add), or
 * STATUS_STOP with err. */

/* BINDINGS: a list of struct image_binding; *when is that of its conditions ("?="), a list of lists
 * of struct image_test, 0 if it has none. */
enum status text_bindings(struct text_env *env, struct m_origin origin, struct span text,
                          size_t *at, size_t *when, struct err *err);
/* WHEN without "instead": a list of struct image_test. */
enum status text_when(struct text_env *env, struct m_origin origin, struct span text, size_t *at,
                      struct err *err);
/* One member with its transforms: a list of one struct image_part. */
enum status text_member(struct text_env *env, struct m_origin origin, struct span text, bool value,
                        size_t *at, struct err *err);
/* mapping-index.c: the tables of names by which services are found; all rows must have been laid
 * out. */
void index_names(struct model *m, struct image *im);
/* lists.c: the tables that are lists of rows; the actions must have been laid out. */
void lists_add(struct model *m, struct image *im);
/* What is asked for the operation without a record: a list of struct image_unrecorded. */
enum status list_unrecorded(struct text_env *env, const struct m_op *op, size_t *at,
                            struct err *err);
/* Adds flags to what is asked of a member; name is one folded segment, braces are cut off. */
void text_use(struct text_env *env, struct span name, uint32_t flags);
/* elements.c: marks the lists whose elements a row of the operation looks at one by one; own: the
 * action of its name. */
void text_elements(struct text_env *env, const struct m_op *op, struct span own);
/* All that is asked, as a list of struct image_member, 0 if nothing is. */
size_t text_add_uses(struct text_env *env);

#endif
