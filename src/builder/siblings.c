/* siblings.c - builder: see siblings.h. */
#include "config.h"

#include "builder/siblings.h"

static bool removes(struct span name)
{
	static const char *const words[] = {"Delete",     "Remove",  "Terminate",
	                                    "Deregister", "Destroy", "Purge"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_starts(name, span_of(words[i])))
			return true;
	return false;
}

enum sibling_kind sibling_of_action(const struct sar_action *a)
{
	switch (sar_action_level(a)) {
	case LEVEL_LIST:
	case LEVEL_READ: return SIBLING_READ;
	case LEVEL_TAGGING: return SIBLING_TAG;
	case LEVEL_WRITE: return removes(sar_action_name(a)) ? SIBLING_DELETE : SIBLING_UPDATE;
	default: return SIBLING_KINDS;
	}
}
