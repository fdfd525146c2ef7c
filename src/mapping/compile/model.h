/* model.h - mapping/compile: the rows of all tables of a mapping folder in memory, curated ones
 * joined to what they correct, before they are laid out (layout.c). Private to the compiler
 * of the mapping. */
#ifndef MAPPING_COMPILE_MODEL_H
#define MAPPING_COMPILE_MODEL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "mapping/compile/tsv.h"
#include "mapping/image.h"
#include "mapping/risk.h"

/* Where a row came from, for errors that show up later than its reading. */
struct m_origin {
	const char *path;
	uint64_t line;
};

struct m_type {
	struct span name;
	struct span pattern, more_patterns[7];
	size_t n_more;
	struct span keys;
	size_t at; /* word index in the image, once laid out */
};

struct m_action {
	struct span name, full;
	enum access_level level;
	struct span types, keys;
	struct span *dependents;
	size_t n_dependents;
	size_t at;
	bool named; /* an operation has its name */
	struct m_origin origin;
};

struct m_prefix {
	struct span name;
	struct m_action *actions; /* sorted by name without case */
	size_t n_actions;
	struct m_type *types; /* sorted by name */
	size_t n_types;
	size_t at;
	size_t service; /* index of the service of actions without operation */
};

struct m_grant {
	struct span action; /* SPAN_NONE: the operation's own name */
	struct span when, reason, document;
	struct m_origin origin;
};

struct m_on {
	struct span action; /* SPAN_NONE: '=' */
	struct span type;
	char need;
	struct span bindings, reason, document;
	struct m_origin origin;
	bool generated; /* curated in place of a generated row */
};

struct m_pass {
	struct span member;
	enum pass_kind kind; /* 0: not passed, although generated */
	struct span passed_to, reason, document;
	struct m_origin origin;
};

struct m_unrecorded {
	struct span action, when, type, bindings, via, reason, document;
	struct m_origin origin;
};

struct m_op {
	struct span name, rule, method, uri;
	uint32_t flags;
	enum noauth_kind noauth;
	struct span reason, document;
	struct m_grant *grants;
	size_t n_grants;
	struct m_on *ons;
	size_t n_ons;
	struct m_pass *passes;
	size_t n_passes;
	struct span *marks;
	size_t n_marks;
	struct span *also;
	size_t n_also;
	struct m_unrecorded *unrecorded;
	size_t n_unrecorded;
	size_t at;
	struct m_origin origin;
};

struct m_wire {
	struct span leaf, names;
};

struct m_service {
	struct span folder, id, prefix, signing, endpoint, protocols, target, version, source,
	        flags;
	size_t sar; /* index of its prefix, or n_prefixes if the reference has none */
	struct m_op *ops;
	size_t n_ops;
	struct span *sensitive;
	size_t n_sensitive;
	struct span *free_words;
	size_t n_free_words;
	struct m_wire *wires;
	size_t n_wires;
	enum noauth_kind noauth; /* of operations without answer */
	struct span reason, document;
	bool of_prefix; /* holds the actions of a prefix that no operation is named after */
	size_t at;
	struct m_origin origin;
};

struct m_event {
	struct span source, name, target, reason, document;
	enum { M_SOURCE, M_CALL, M_NONE } kind;
	struct m_origin origin;
};

struct m_error {
	struct span service, code, reason, document;
	uint32_t phase; /* enum error_phase */
};

struct m_risk {
	struct m_action *action;
	enum risk risk;
	struct span document;
};

struct m_fact {
	struct span source, event, kind, name, value;
};

struct model {
	struct arena arena;        /* all texts and arrays */
	struct m_prefix *prefixes; /* sorted */
	size_t n_prefixes;
	struct m_service *services; /* as in services.tsv, then one a prefix */
	size_t n_services;
	struct m_event *events;
	size_t n_events;
	struct m_error *errors;
	size_t n_errors;
	struct m_risk *risks;
	size_t n_risks;
	struct m_fact *facts;
	size_t n_facts;
	struct span version;
	uint64_t hash; /* of every row of every file */
	struct tsv *files;
	size_t n_files;
};

/* Reads the folder. STATUS_OK, or STATUS_STOP with err; model_release either way. */
enum status model_read(struct model *m, const char *dir, struct err *err);
void model_release(struct model *m);

/* Sets err for a row read before; returns STATUS_STOP. */
enum status model_bad(struct m_origin origin, struct err *err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

struct m_prefix *model_prefix(const struct model *m, struct span name);
/* "s3:GetObject" in any case, or NULL. */
struct m_action *model_action(const struct model *m, struct span full);
struct m_type *model_type(const struct m_prefix *p, struct span name);
struct m_service *model_service(const struct model *m, struct span folder);
/* By name without case; only once the operations are sorted. */
struct m_op *model_op(const struct m_service *s, struct span name);

/* An array of n entries of size bytes with room for one more, cleared; older memory stays in the
 * arena. */
void *model_grow(struct arena *arena, void *array, size_t n, size_t size);
/* Adds a cleared entry to an array of n entries; its address. */
#define MODEL_ADD(m, array, n) \
	((array) = model_grow(&(m)->arena, (array), (n), sizeof *(array)), &(array)[(n)++])

/* One row of a table: called with its fields. */
typedef enum status (*model_row)(struct model *m, void *to, const struct tsv *t, struct span *field,
                                 size_t n, struct err *err);
/* Calls row for each row of DIR/NAME, which has at least min fields; a missing file is empty if
 * optional. */
enum status model_table(struct model *m, const char *dir, const char *name, bool optional,
                        size_t min, model_row row, void *to, struct err *err);
/* Services, operations and the reference. */
enum status model_generated(struct model *m, const char *dir, struct err *err);
/* The curated tables; the generated ones must have been read. */
enum status model_curate(struct model *m, const char *dir, struct err *err);
/* A service for each prefix, with the actions that no operation is named after: CloudTrail logs
 * some. All tables must have been read. */
void model_add_action_only(struct model *m);

/* For qsort and bsearch: by name without case; by name. */
int model_action_cmp(const void *a, const void *b);
int model_type_cmp(const void *a, const void *b);

static inline struct m_origin tsv_origin(const struct tsv *t)
{
	return (struct m_origin){t->path, t->line};
}

#endif
