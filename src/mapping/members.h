/* members.h - mapping: which members of a request are kept of a call: what can name a resource is
 * kept with its value, what a permission depends on by its presence, all else not at all. One rule
 * for ingest and for the capture writer, so that nothing else of a request ever reaches a file. */
#ifndef MAPPING_MEMBERS_H
#define MAPPING_MEMBERS_H

#include "base/arena.h"
#include "mapping/mapping.h"

enum param_keep {
	KEEP_NOTHING = 0, /* neither it nor what is inside */
	KEEP_PRESENT = 1, /* that it is there, by PARAM_PRESENT; nothing inside is looked at */
	KEEP_VALUE = 2,   /* a scalar: its value, after mapping_reduce; a container: look inside */
	/* An object whose member names are names of resources (DynamoDB's requestItems): each is
	 * kept as the value of path "X{}", and what is inside is looked at with path "X{*}".
	 * Containers only; an array that answers it is looked into. */
	KEEP_KEYS = 3,
	KEEP_BOTH = 4, /* a container: that it is there, and look inside */
};

/* What to keep of one member of a request of source ("s3.amazonaws.com") at path, spelled as in
 * struct param
 * ("tagSpecificationSet.items[]", "bucketName"). To be asked from the top down: for each object or
 * array that is not empty (container) before its members, and for each scalar that is not null. A
 * path whose last part ends in [] is an element and is judged by the array's name. This is the one
 * guard of what the API models mark sensitive: such a member is never KEEP_VALUE, nor is one inside
 * it, unless a row of the tables needs it for an ARN. */
enum param_keep mapping_keep(const struct mapping *m, struct span source, struct span path,
                             bool container);

/* True if what is inside a container is to be looked at. */
static inline bool keep_enters(enum param_keep keep)
{
	return keep == KEEP_VALUE || keep == KEEP_KEYS || keep == KEEP_BOTH;
}

/* Whether a row looks at the elements of this list ("delete.objects", "entries") one by one: which
 * of their members belong together, and what an element lacks, is then kept too. */
bool mapping_keeps_elements(const struct mapping *m, struct span source, struct span list);

/* The length of the "[]" or "[3]" at the end of a path's part, 0 if it ends in none. */
size_t mapping_list_mark(struct span part);

/* What of the value of a member may be kept, by the member. */
enum param_form {
	FORM_TEXT,      /* a name, or an URL */
	FORM_STATEMENT, /* PartiQL */
	FORM_ARN,       /* kept only if it is an ARN */
	FORM_KMS_KEY,   /* or another form of a key's name */
};
enum param_form mapping_form(const struct mapping *m, struct span source, struct span path);

/* What of the value may be kept, for members that carry more than a name: an URL without its query
 * (a presigned one holds a signature), of a PartiQL statement the verb, table and index. Most come
 * back as they are. SPAN_NONE: nothing of it may be kept, the member counts as PARAM_PRESENT. Lives
 * in arena or in value. */
struct span mapping_reduce(enum param_form form, struct span value, struct arena *arena);

/* True if the value cannot identify anything: empty, HIDDEN_DUE_TO_SECURITY_REASONS, "...", or cut.
 */
bool mapping_hidden(struct span value);

/* What is said of names of members in any service, words in lower case and in the singular, each
 * list ended by NULL: for those who can ask no table (member-words.h). */
struct member_lists {
	const char *const *naming;   /* last words of names that are kept */
	const char *const *keys_of;  /* words before "key" there */
	const char *const *secret;   /* words anywhere in a name that is never kept */
	const char *const *never;    /* whole names that are never kept */
	const char *const *presence; /* whole names: only that they are there */
	const char *const *closed;   /* whole names of containers that are not looked into */
};
extern const struct member_lists member_lists;

#endif
