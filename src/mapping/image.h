/* image.h - mapping: how the mapping lies in memory, the same whether it was compiled into
 * the binary or read at run time: 32-bit words, then the texts. Every reference is the distance in
 * bytes from the word that holds it, so that the image needs neither relocation nor a base. 0 is
 * "none". Private to mapping*.c and resolve*.c. */
#ifndef MAPPING_IMAGE_H
#define MAPPING_IMAGE_H

#include "mapping/mapping.h"

enum { IMAGE_MAGIC = 0x69616d32 };

typedef int32_t str_ref;  /* its length (a byte; 255: then two bytes, low first), then the text */
typedef int32_t list_ref; /* a word with the count, then the entries */
typedef int32_t row_ref;

struct mapping {
	uint32_t magic;
	uint32_t bytes; /* of the whole image */
	str_ref version;
	list_ref prefixes; /* struct image_prefix, sorted by name */
	list_ref services; /* struct image_service, in the order of services.tsv, then one a prefix
	                    */
	list_ref aliases;  /* struct image_alias, sorted: names of services for SDKs */
	list_ref sources;  /* struct image_source, sorted: CloudTrail's eventSource */
	list_ref errors;   /* struct image_error, as in errors.tsv */
	list_ref risks;    /* struct image_risk, in the order in which the actions lie */
	list_ref facts;    /* struct image_fact, as in facts.tsv */
};

struct image_fact {
	str_ref source, event; /* "sqs.amazonaws.com", "CreateQueue" */
	str_ref kind;          /* what transform "known" asks for */
	str_ref name, value;   /* as in facts.tsv */
};

struct image_error {
	str_ref service; /* folder, "folder:Operation", or "*" */
	str_ref code;    /* plain, without Exception or Fault at its end; '*' for any run */
	uint32_t phase;  /* enum error_phase */
	str_ref reason;
	str_ref document;
};

struct image_risk {
	row_ref action;
	uint32_t risk; /* enum risk */
	str_ref document;
};

struct image_prefix {
	str_ref name;
	row_ref actions; /* the first of n_actions, sorted by name without case */
	uint32_t n_actions;
	row_ref types;
	uint32_t n_types;
	row_ref service; /* the service that holds the actions no operation is named after */
};

struct sar_action {
	str_ref name;  /* "GetObject" */
	row_ref shape; /* struct image_shape */
};

enum { TAKES_REQUIRED = 1 }; /* fits below the distance between words */

struct image_shape { /* what many actions of a prefix have in common */
	row_ref prefix;
	uint32_t level;
	list_ref types;      /* row_ref + TAKES_REQUIRED */
	list_ref dependents; /* str_ref */
	list_ref keys;       /* str_ref */
};

struct sar_type {
	row_ref prefix;
	str_ref name;
	list_ref patterns; /* str_ref */
	list_ref keys;     /* str_ref */
};

enum operation_flag {
	OP_UNSIGNED = 1,   /* the model says that the call is not signed */
	OP_CURATED = 2,    /* its actions come from exceptions.tsv */
	OP_EVENT_ONLY = 4, /* in logs only, in no model */
	OP_NOT_A_CALL = 8,
	OP_ACTION_ONLY = 16, /* an action of the reference that no operation is named after */
	OP_PLAIN = 32,       /* one unconditional grant, without more to say about it */
};

/* Kinds of noauth.tsv. */
enum noauth_kind {
	NOAUTH_NONE,
	NOAUTH_UNAUTHENTICATED,
	NOAUTH_PERMISSIONLESS,
	NOAUTH_BEARER,
	NOAUTH_RETIRED,
	NOAUTH_NOT_IN_REFERENCE,
	NOAUTH_UNANSWERED,
};

struct operation {
	str_ref name;
	row_ref service;
	uint32_t bits; /* see image_flags and its kin */
	str_ref uri;
	row_ref needs; /* OP_PLAIN: the action; else a list of struct image_grant, or none */
	row_ref rest;  /* OP_PLAIN: list of the action's struct image_on; else struct image_more, or
	                  none */
};

struct image_more {
	list_ref passes;     /* struct image_pass */
	list_ref unrecorded; /* struct image_unrecorded */
	list_ref also; /* row_ref of struct sar_action: what the call may need, nobody knows when */
	list_ref marks; /* list_ref of one struct image_part: members that no other operation of its
	                   name has, among the services whose calls are logged under one source */
	str_ref reason; /* of noauth.tsv or events.tsv */
	str_ref document;
};

static inline uint32_t image_flags(const struct operation *op)
{
	return op->bits & 0xff;
}

static inline enum mapping_rule image_rule(const struct operation *op)
{
	return (enum mapping_rule)(op->bits >> 8 & 0xf);
}

static inline enum noauth_kind image_noauth(const struct operation *op)
{
	return (enum noauth_kind)(op->bits >> 12 & 0xf);
}

/* An index into image_methods, 0 for none. */
static inline uint32_t image_method(const struct operation *op)
{
	return op->bits >> 16 & 0xf;
}

/* NULL-terminated; the first is no method. */
extern const char *const image_methods[];

struct image_grant {
	row_ref action;
	list_ref on;  /* struct image_on */
	row_ref when; /* struct image_when, none for always */
	row_ref note; /* struct image_note */
};

struct image_when {
	list_ref tests; /* struct image_test, all must hold */
	str_ref text;
	uint32_t instead;
};

struct image_unrecorded {
	row_ref action, type; /* type none: the action takes none */
	row_ref when;         /* struct image_when, none for always */
	list_ref bindings;    /* struct image_binding */
	str_ref via;          /* kms:ViaService, with ${Region} */
	row_ref note;
};

struct image_note { /* of a curated row */
	str_ref reason;
	str_ref document;
};

enum { ON_NOTED = 0x100 };

struct image_on {
	row_ref type;
	uint32_t
	        need; /* 'r', 'o', 'd', 'e', 'x'; with ON_NOTED, bindings is a struct image_noted */
	list_ref bindings; /* struct image_binding */
};

struct image_noted {
	list_ref bindings;
	row_ref note;
	list_ref when; /* list_ref of struct image_test: one of these must hold; none: always */
};

struct image_binding {
	str_ref variable; /* "@": the whole ARN */
	list_ref parts;   /* struct image_part */
};

/* What follows a part: README's '&', '+', ',' or nothing. */
enum part_join { JOIN_END, JOIN_TEXT, JOIN_UNION, JOIN_ELSE };

struct image_part {
	str_ref text;        /* "Member|transform" as written; a literal without its quotes */
	str_ref path;        /* folded (members.h), none for a literal */
	list_ref names;      /* str_ref: other folded spellings of the last segment */
	list_ref transforms; /* struct image_transform */
	uint32_t join;
};

struct image_transform {
	uint32_t kind; /* enum transform_kind */
	str_ref arg;
	int32_t number;
};

enum transform_kind {
	TR_BASENAME,
	TR_SEGMENT,
	TR_NOSLASH,
	TR_BEFORE,
	TR_AFTER,
	TR_LAST,
	TR_UNQUALIFY,
	TR_FIELD,
	TR_NAME,
	TR_ARN,
	TR_NOARN,
	TR_LIKE,
	TR_UNLIKE,
	TR_LOWER,
	TR_URLDECODE,
	TR_ACCOUNT,
	TR_PARTIQL,
	TR_PARTIQL_INDEX,
	TR_URLENCODE,
	TR_ANY,
	TR_S3ALIAS,
	TR_AS,
	TR_KNOWN,
	TR_N,
};

enum test_kind { TEST_PRESENT, TEST_ABSENT, TEST_IS, TEST_IS_NOT, TEST_LIKE, TEST_UNLIKE };

struct image_test {
	uint32_t kind;
	list_ref part; /* one struct image_part */
	str_ref text;
};

enum pass_kind {
	PASS_ARN = 1,     /* only a role ARN counts */
	PASS_NAME = 2,    /* a bare role name does too */
	PASS_PROFILE = 3, /* an instance profile: the role behind it is unknown */
};

struct image_pass {
	uint32_t kind;
	list_ref part;     /* one struct image_part */
	str_ref passed_to; /* comma list */
	row_ref note;
};

struct image_service {
	str_ref folder;
	str_ref id;
	str_ref prefix;
	str_ref signing;
	str_ref endpoint;
	str_ref protocols;
	str_ref target_prefix;
	str_ref api_version;
	str_ref flags;
	row_ref sar;        /* struct image_prefix */
	row_ref operations; /* the first of n_operations, sorted by name without case */
	uint32_t n_operations;
	str_ref event_source;
	list_ref members; /* struct image_member, sorted by name */
};

enum member_flag {
	MEMBER_SENSITIVE = 1,   /* the API models mark it so */
	MEMBER_VALUE = 2,       /* a row asks for its value */
	MEMBER_PRESENT = 4,     /* a row asks whether it is there */
	MEMBER_INNER = 8,       /* lies on the way to one that a row asks for */
	MEMBER_KEYS = 16,       /* a row asks for the keys of this map */
	MEMBER_STATEMENT = 32,  /* holds PartiQL */
	MEMBER_ARN = 64,        /* a row asks for its value if that is an ARN */
	MEMBER_EACH = 128,      /* a row asks for the value of each of its members */
	MEMBER_EACH_ARN = 256,  /* the same, if that is an ARN */
	MEMBER_FREE = 512,      /* its members' names are the caller's own words */
	MEMBER_WITHIN = 1024,   /* a row asks for it inside one that is free or sensitive */
	MEMBER_ELEMENTS = 2048, /* a list whose elements a row looks at one by one */
};

struct image_member {
	str_ref name; /* one folded segment */
	uint32_t flags;
};

struct image_alias {
	str_ref name;      /* folded: lower case, without space, '-', '_' */
	list_ref services; /* row_ref, in order of trust */
};

struct image_source {
	str_ref name;      /* lower case, without ".amazonaws.com" */
	list_ref services; /* row_ref, in order of trust */
	list_ref events;   /* struct image_event, sorted by name without case */
};

struct image_event {
	str_ref name;
	row_ref operation;
};

static inline struct span image_str(const str_ref *ref)
{
	if (!*ref)
		return SPAN_NONE;
	const unsigned char *p = (const unsigned char *)ref + *ref;
	size_t n = *p++;
	if (n == 255) {
		n = p[0] | (size_t)p[1] << 8;
		p += 2;
	}
	return span_make((const char *)p, n);
}

static inline const void *image_row(const row_ref *ref)
{
	return *ref ? (const char *)ref + *ref : NULL;
}

/* The first entry; *n is 0 and the answer NULL for an absent list. */
static inline const void *image_list(const list_ref *ref, size_t *n)
{
	*n = 0;
	if (!*ref)
		return NULL;
	const uint32_t *p = (const uint32_t *)(const void *)((const char *)ref + *ref);
	*n = p[0];
	return p + 1;
}

/* Of n rows of size bytes, each with a name at that offset, sorted by compare: the one of that
 * name, NULL if there is none. */
static inline const void *image_find(const void *rows, size_t n, size_t size, size_t offset,
                                     struct span name, int (*compare)(struct span, struct span))
{
	size_t low = 0;
	while (low < n) {
		size_t mid = low + (n - low) / 2;
		const char *row = (const char *)rows + mid * size;
		int c = compare(image_str((const str_ref *)(const void *)(row + offset)), name);
		if (c == 0)
			return row;
		if (c < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return NULL;
}

#define IMAGE_FIND(type, rows, n, wanted, compare) \
	((const type *)image_find(rows, n, sizeof(type), offsetof(type, name), wanted, compare))

static inline const struct image_more *image_more(const struct operation *op)
{
	return image_flags(op) & OP_PLAIN ? NULL : image_row(&op->rest);
}

#endif
