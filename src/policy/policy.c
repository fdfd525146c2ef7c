/* policy.c - policy: see policy.h. */
#include "config.h"

#include "policy/policy.h"

void policy_init(struct policy *p)
{
	*p = (struct policy){.documents = NULL};
	arena_init(&p->arena);
}

void policy_release(struct policy *p)
{
	arena_release(&p->arena);
	policy_init(p);
}

const char *level_name(enum access_level level)
{
	switch (level) {
	case LEVEL_LIST: return "List";
	case LEVEL_READ: return "Read";
	case LEVEL_WRITE: return "Write";
	case LEVEL_TAGGING: return "Tagging";
	case LEVEL_PERMISSIONS: return "Permissions management";
	case LEVEL_UNKNOWN: break;
	}
	return "Unknown";
}

const char *fold_reason_text(enum fold_reason reason)
{
	switch (reason) {
	case FOLD_EPHEMERAL: return "ephemeral";
	case FOLD_GROWING: return "growing";
	case FOLD_FOLDER: return "folder";
	case FOLD_SCANNED: return "scanned";
	case FOLD_MADE: return "made-anew";
	case FOLD_SIBLINGS: return "siblings";
	case FOLD_REGIONS: return "regions";
	case FOLD_TO_FIT: return "to-fit";
	case FOLD_ANY: return "any";
	case FOLD_PREFIX: return "prefix";
	case FOLD_SETTINGS: return "settings";
	}
	return "";
}
