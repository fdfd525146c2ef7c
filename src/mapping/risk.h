/* risk.h - mapping: what harm an action can do in the wrong hands, by the curated table
 * mappings/risks.tsv, which names the document behind each row.
 *
 * Sources: published escalation paths and the AWS pages that the rows name; for resource exposure
 * also the access level "Permissions management" of the Service Authorization Reference. */
#ifndef MAPPING_RISK_H
#define MAPPING_RISK_H

#include "mapping/mapping.h"

/* In the order in which they are to be looked at. Part of the mapping's image. */
enum risk {
	RISK_NONE,
	RISK_ESCALATION,  /* gives the caller, or who obeys it, further permissions */
	RISK_CREDENTIALS, /* answers with credentials, or makes them */
	RISK_EXPOSURE,    /* opens a resource to others */
	RISK_DATA,        /* reads what is stored */
	RISK_DESTRUCTION, /* destroys data, or the record of what was done */
	RISKS
};

/* "escalation", "credentials", "exposure", "data", "destruction"; "" for RISK_NONE. */
const char *risk_name(enum risk risk);
/* A heading: "Privilege escalation"... */
const char *risk_title(enum risk risk);
/* RISK_NONE if word is no name. */
enum risk risk_of_name(struct span word);

/* The risk of an action (NULL: RISK_NONE). *document (may be NULL): what says so, borrowed from the
 * mapping. An action that the table does not name and whose access level is Permissions management
 * is RISK_EXPOSURE. */
enum risk action_risk(const struct mapping *m, const struct sar_action *action,
                      struct span *document);

#endif
