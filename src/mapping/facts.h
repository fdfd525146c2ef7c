/* facts.h - mapping: what a call tells that later calls do not: the file system of a mount target's
 * id, the key that a queue is encrypted with (mappings/README, facts.tsv). */
#ifndef MAPPING_FACTS_H
#define MAPPING_FACTS_H

#include "mapping/mapping.h"

struct fact_rule {
	struct span kind;        /* what transform "known" asks for: "efs-mount-target" */
	struct span name, value; /* where they are, as facts.tsv has it: "response.mountTargetId" */
};

/* The rules of one event ("elasticfilesystem.amazonaws.com", "CreateMountTarget"), at most max of
 * them in out. */
size_t mapping_facts(const struct mapping *m, struct span source, struct span event,
                     struct fact_rule *out, size_t max);

/* The i-th rule of all, in the order of the table, and the event it is of; false past the last. */
bool mapping_fact_at(const struct mapping *m, size_t i, struct span *source, struct span *event,
                     struct fact_rule *out);

#endif
