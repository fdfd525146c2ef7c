/* risk.c - mapping: the words of risk.h; the actions are looked up in sar.c. */
#include "config.h"

#include "mapping/risk.h"

static const struct {
	const char *name, *title;
} risks[RISKS] = {
        [RISK_NONE] = {"", ""},
        [RISK_ESCALATION] = {"escalation", "Privilege escalation"},
        [RISK_CREDENTIALS] = {"credentials", "Credentials"},
        [RISK_EXPOSURE] = {"exposure", "Resource exposure"},
        [RISK_DATA] = {"data", "Reading of data"},
        [RISK_DESTRUCTION] = {"destruction", "Destruction"},
};

const char *risk_name(enum risk risk)
{
	return risks[risk].name;
}

const char *risk_title(enum risk risk)
{
	return risks[risk].title;
}

enum risk risk_of_name(struct span word)
{
	for (enum risk r = RISK_ESCALATION; r < RISKS; r++)
		if (span_is(word, risks[r].name))
			return r;
	return RISK_NONE;
}
