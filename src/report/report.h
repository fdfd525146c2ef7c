/* report.h - report: what a report tells of the principals of a database: what each used, what it is
 * granted beyond that, and which of it matters. Gathered once (gather.c), printed by the formats
 * (format.h). Plain data; all of it lives in the report's arena.
 *
 * What is granted is known only where account details are given: the output of "aws iam
 * get-account-authorization-details" (IAM API reference, GetAccountAuthorizationDetails). */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "review/diff.h"
#include "app/explain.h"
#include "base/vec.h"
#include "mapping/risk.h"

/* A principal has at most so many actions listed by name that it is granted and did not use; the
 * rest is counted. An administrator has over 18,000, and a report of a thousand of them shall stay
 * below 2 MB. */
enum { REPORT_UNUSED_NAMES = 25 };

/* Why an action is told under its risk. */
enum finding_why {
	FINDING_UNUSED,         /* granted, and not used though it would have been seen */
	FINDING_NOT_OBSERVABLE, /* granted, not seen, and the log would not have shown it */
	FINDING_WIDE,           /* used, and granted on more than its policy would grant it on */
	FINDING_USED,           /* used; told where nothing is known of what is granted */
};

struct report_finding {
	enum risk risk;
	enum finding_why why;
	struct span action;
	struct span document;            /* what says that it is a risk */
	const struct report_wide *wide; /* FINDING_WIDE */
	size_t principal;                /* index in report.principals */
};

/* A used action that is granted on more than it was used on. */
struct report_wide {
	struct span action;
	struct span granted; /* the pattern that is wider than the use */
	size_t used_on;      /* distinct resources that were seen */
};

/* What stands behind one action of a principal's policy. */
struct report_permission {
	struct span action, sid;
	enum access_level level;
	enum risk risk;
	const struct span *patterns;
	size_t n_patterns, n_resources; /* granted on; distinct resources seen */
	uint64_t events;
	size_t n_calls, days;
	int64_t first, last;
	struct span sample_id, sample_file; /* one of its events; SPAN_NONE: none is stored */
	uint64_t sample_record;
	const struct policy_fold *folds;
	size_t n_folds;
};

/* One square of the map of principals and services. */
struct report_service_use {
	struct span prefix; /* IAM prefix, "s3" */
	uint64_t events, denied;
	size_t used, granted; /* actions; granted is 0 without account details */
};

struct report_principal {
	struct span name, account, short_name;
	uint64_t events, denied;
	int64_t first, last; /* seconds; meaningful with events */
	size_t days_seen;
	int64_t last_new_day; /* the last day on which it used something new; with days_seen */
	bool editable;
	struct span policy; /* the documents as JSON, one after the other; SPAN_NONE: nothing to
	                       grant */
	size_t n_documents, n_statements, size; /* characters of the largest document */
	struct report_permission *permissions;
	size_t n_permissions; /* by action, one for each statement that has it */
	size_t n_actions;     /* distinct ones */
	struct names denials; /* denied actions, with what denied them */
	struct report_service_use *services; /* by prefix */
	size_t n_services;
	/* with account details */
	bool has_grants;
	size_t granted, used;                   /* actions */
	size_t unused[LEVEL_PERMISSIONS + 1];   /* granted and not used, by access level */
	struct span *unused_names;              /* by risk, level and name; at most REPORT_UNUSED_NAMES */
	size_t n_unused_names, n_unused;
	struct span *not_granted; /* used, and granted nowhere */
	size_t n_not_granted;
	struct report_wide *wide; /* by action */
	size_t n_wide;
	size_t findings[RISKS]; /* by risk */
	size_t weight;          /* what it is ranked by: see report_weight */
};

/* An identity or credential is inactive that was not used for so many days before the end of the log,
 * as far as anything tells, and was not made or changed in them. Access Analyzer too calls access
 * unused after 90 days by default. */
enum { REPORT_INACTIVE_DAYS = 90 };
#define REPORT_NO_PRINCIPAL SIZE_MAX

struct report_inactive {
	struct span name, account; /* of the role or user, or of whose credential it is */
	const char *what;          /* "role", "user", "password", "access key 1"... */
	int64_t last;              /* its last use that is known; INT64_MIN: none */
	const char *by;            /* what tells it: "the log", "RoleLastUsed", "the credential report" */
	int64_t made;              /* when it was made or changed; INT64_MIN: not known */
	size_t principal;          /* index in report.principals, or REPORT_NO_PRINCIPAL */
};

struct report_day {
	int64_t day; /* UTC, since 1970 */
	uint64_t events;
};

struct report_coverage {
	struct span source; /* "s3.amazonaws.com" */
	uint64_t events, data_events, management_events;
	bool captured;
};

struct report {
	struct arena arena;
	struct {
		VEC_OF(struct report_principal);
	} principals; /* most worth cutting first, then by name */
	struct {
		VEC_OF(struct report_finding);
	} findings; /* by risk, action, why, principal */
	struct {
		VEC_OF(struct report_day);
	} days; /* those with events, rising */
	struct {
		VEC_OF(struct report_coverage);
	} coverage;           /* by source */
	struct {
		VEC_OF(struct report_inactive);
	} inactive;           /* by name, the identity before its credentials */
	struct names refused; /* principals whose policies cannot be read, with the reason */
	uint64_t events, denied;
	bool has_grants, several_accounts;
	bool has_credentials; /* a credential report was read */
	struct span mapping_version;
	struct diff diff; /* internal: what findings and names are borrowed from */
};

struct report_options {
	const struct policy_request *request;
	const char *details;       /* account details, or NULL */
	const char *last_accessed; /* further evidence, or NULL */
	const char *credentials;   /* the credential report (review/credential-report.h), or NULL */
	/* Told after each principal; may be NULL. */
	void (*progress)(void *data, size_t done, size_t all);
	void *data;
};

/* Gathers everything about the subjects, and with details also about the account's principals that
 * the log does not know. STATUS_OK, or STATUS_STOP with err. Always to be released; what it refers
 * to of options, source and subjects must outlive it. */
enum status report_gather(const struct report_options *o, struct policy_source *s,
                          const struct subjects *subjects, struct report *out, struct err *err);
void report_release(struct report *r);

/* How much it is worth to cut a principal: its unused actions, each by its risk (RISK_NONE is
 * nothing); what the ranking is by. */
size_t report_risk_weight(enum risk risk);
/* The index behind the last finding that is of the same risk, action and why as the one at index at:
 * a row of the report. */
size_t report_findings_end(const struct report *r, size_t at);
/* "unused", "not observable", "wider than used", "used". */
const char *finding_why_text(enum finding_why why);

#endif
