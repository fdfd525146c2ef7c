/* siblings.c - builder: see siblings.h. */
#include "config.h"

#include "builder/siblings.h"

/* What is done, and what undoes it. */
static const struct {
	const char *verb, *undone_by;
} undo[] = {
        {"Create", "Delete"},
        {"Put", "Delete"},
        {"Run", "Terminate"},
        {"Launch", "Terminate"},
        {"Attach", "Detach"},
        {"Add", "Remove"},
        {"Associate", "Disassociate"},
        {"Enable", "Disable"},
        {"Start", "Stop"},
        {"Register", "Deregister"},
        {"Allocate", "Release"},
        {"Import", "Delete"},
        {"Copy", "Delete"},
        {"Restore", "Delete"},
        {"Publish", "Delete"},
        {"Request", "Cancel"},
        {"Subscribe", "Unsubscribe"},
        {"Assign", "Unassign"},
        {"Create", "Terminate"},
        {"Request", "Delete"},
        {"Enable", "Delete"},
        {"Authorize", "Revoke"},
        {"Grant", "Revoke"},
        {"Schedule", "Cancel"},
        {"Open", "Close"},
};

/* What makes something that is read, changed and tagged later. */
static const char *const makes[] = {"Create", "Put",  "Run",     "Launch",   "Register", "Publish",
                                    "Import", "Copy", "Restore", "Allocate", "Request"};
/* What changes or sets going what is there: it is looked at. */
static const char *const sets[] = {"Update", "Modify", "Set", "Start"};
static const char *const reads[] = {"Get", "Describe", "List", "Head"};
static const char *const changes[] = {"Update", "Modify", "Set", "Put", "Change"};

#define IN(list, verb) in_list(list, sizeof(list) / sizeof *(list), verb)

static bool in_list(const char *const *list, size_t n, struct span verb)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(verb, list[i]))
			return true;
	return false;
}

/* "Create" of "CreateQueue"; what is behind it is the noun. */
static struct span verb_of(struct span name)
{
	size_t n = 1;
	while (n < name.n && !(name.p[n] >= 'A' && name.p[n] <= 'Z'))
		n++;
	return span_sub(name, 0, n < name.n ? n : name.n);
}

/* Without the plural: "Instances" is "Instance", "Addresses" "Address". */
static struct span singular(struct span noun)
{
	if (span_ends(noun, SPAN_LIT("sses")))
		return span_sub(noun, 0, noun.n - 2);
	bool plural = span_ends(noun, SPAN_LIT("s")) && !span_ends(noun, SPAN_LIT("ss"));
	return plural ? span_sub(noun, 0, noun.n - 1) : noun;
}

static bool undoes(struct span verb, struct span seen)
{
	for (size_t i = 0; i < sizeof undo / sizeof *undo; i++)
		if (span_is(seen, undo[i].verb) && span_is(verb, undo[i].undone_by))
			return true;
	return false;
}

/* Whether noun is of what: "QueueAttributes" of "Queue", and not "QueueingRule". */
static bool is_about(struct span noun, struct span what)
{
	return span_starts(noun, what) &&
	       (noun.n == what.n || !(noun.p[what.n] >= 'a' && noun.p[what.n] <= 'z') ||
	        span_eq(singular(noun), what));
}

enum sibling_kind sibling_of_action(struct span seen, const struct sar_action *a)
{
	struct span name = sar_action_name(a), did = verb_of(seen), verb = verb_of(name);
	struct span what = singular(span_from(seen, did.n)), noun = span_from(name, verb.n);
	bool made = IN(makes, did);
	if (!what.n)
		return SIBLING_KINDS;
	switch (sar_action_level(a)) {
	case LEVEL_LIST:
	case LEVEL_READ:
		return (made || IN(sets, did)) && IN(reads, verb) && is_about(noun, what)
		               ? SIBLING_READ
		               : SIBLING_KINDS;
	case LEVEL_TAGGING: return made ? SIBLING_TAG : SIBLING_KINDS;
	case LEVEL_WRITE:
		if (undoes(verb, did) && span_eq(singular(noun), what))
			return SIBLING_DELETE;
		return made && IN(changes, verb) && is_about(noun, what) ? SIBLING_UPDATE
		                                                         : SIBLING_KINDS;
	default: return SIBLING_KINDS;
	}
}
