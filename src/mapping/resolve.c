/* resolve.c - mapping: from a call to the access it needs; see resolve_call in mapping.h. */
#include "config.h"

#include "call/arn.h"
#include "call/region.h"
#include "mapping/lookup.h"
#include "mapping/members.h"
#include "mapping/name-fold.h"
#include "mapping/resolve.h"

/* ---- where it happened */

static struct span partition_of(const struct call *call)
{
	struct arn a;
	if (call->region.n)
		return arn_partition(call->region);
	return arn_parse(call->principal.arn, &a) ? a.partition : SPAN_LIT("*");
}

static struct span region_of(const struct call *call)
{
	struct span s = region_told(call->region);
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && s.p[i] != '-' && (s.p[i] < 'a' || s.p[i] > 'z'))
			return SPAN_LIT("*");
	return s.n ? s : SPAN_LIT("*");
}

/* A top-level parameter that names the account that holds the resource: ECR's registryId, Glue's
 * catalogId, S3's expectedBucketOwner, and the account in the URL of an SQS queue. */
static struct span named_account(const struct resolver *r)
{
	static const char *const names[] = {"registryid",
	                                    "catalogid",
	                                    "expectedbucketowner",
	                                    "x-amz-expected-bucket-owner",
	                                    "queueownerawsaccountid",
	                                    NULL};
	for (size_t i = 0; i < r->n_params; i++) {
		const struct rparam *p = &r->params[i];
		struct span value = p->param->value;
		if (p->param->state != PARAM_VALUE)
			continue;
		for (size_t k = 0; names[k]; k++)
			if (span_is(p->path, names[k]) && arn_is_account(value))
				return value;
		ptrdiff_t slash = span_is(p->path, "queueurl") ? span_rchr(value, '/') : -1;
		if (slash > 12 && arn_is_account(span_sub(value, (size_t)slash - 12, 12)) &&
		    value.p[slash - 13] == '/')
			return span_sub(value, (size_t)slash - 12, 12);
	}
	return SPAN_NONE;
}

/* The account that all entries of resources[] name, if they agree. */
static struct span resources_account(const struct call *call)
{
	struct span account = SPAN_NONE;
	for (size_t i = 0; i < call->n_resources; i++) {
		struct span s = call->resources[i].account;
		if (!arn_is_account(s))
			continue;
		if (account.p && !span_eq(account, s))
			return SPAN_NONE;
		account = s;
	}
	return account;
}

/* A mask as policy text. An account is no place for "${*}" (IAM user guide, policy variables): what
 * would be a wildcard there, or is no character of a policy, is any one character. */
static struct span mask_text(struct span mask, struct arena *arena)
{
	char *p = arena_alloc(arena, mask.n + 1);
	for (size_t i = 0; i < mask.n; i++)
		p[i] = strchr("*?${}", mask.p[i]) || (unsigned char)mask.p[i] >= 0x7f ? '?'
		                                                                      : mask.p[i];
	return span_make(p, mask.n);
}

static struct span account_of(const struct resolver *r)
{
	const struct span order[] = {named_account(r), resources_account(r->call),
	                             r->env ? r->env->owner_account : SPAN_NONE,
	                             r->call->principal.account, r->call->account};
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (arn_is_account(order[i]))
			return order[i];
	/* of a redacted log: what it has in place of the principal's account */
	struct arn who;
	bool masked = arn_parse(r->call->principal.arn, &who) && arn_is_masked_account(who.account);
	return masked ? mask_text(who.account, r->arena) : SPAN_LIT("*");
}

/* ---- passed roles */

static void add_pass(struct resolver *r, struct span resource, enum access_origin origin,
                     struct span passed_to)
{
	resolve_add(r, &(struct access){.action = SPAN_LIT("iam:PassRole"),
	                                .level = LEVEL_WRITE,
	                                .type = SPAN_LIT("role"),
	                                .resource = resource,
	                                .origin = origin,
	                                .need = NEED_PASS_ROLE,
	                                .rule = r->rule,
	                                .replaced = r->replaced,
	                                .passed_to = passed_to});
}

/* IAM's rules for names of roles (IAM user guide, quotas: names). */
static bool is_role_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(s.p[i]) && !ascii_digit(s.p[i]) && !strchr("_+=,.@-", s.p[i]))
			return false;
	return s.n > 0 && s.n <= 64;
}

/* NAME, PATH/NAME or /PATH/NAME, as AWS Glue, Batch and Systems Manager take a role. */
static bool is_role_path(struct span s)
{
	ptrdiff_t last = span_rchr(s, '/');
	if (!is_role_name(span_from(s, (size_t)(last + 1))) || s.n > 512 + 64)
		return false;
	for (ptrdiff_t i = 0; i < last; i++)
		if (s.p[i] <= ' ' || s.p[i] == 0x7f || strchr(":*?$", s.p[i]))
			return false;
	return true;
}

static void pass_by_name(struct resolver *r, struct span name, struct span passed_to)
{
	bool rooted = span_starts(name, SPAN_LIT("/"));
	if (rooted)
		name = span_from(name, 1);
	struct value own = {.text = name};
	struct values v = {&own, 1};
	if (!rooted && span_chr(name, '/') < 0)
		v = resolve_iam_name(r, SPAN_LIT("role"), name, r->account);
	for (size_t i = 0; i < v.n; i++) {
		struct span text = resolve_text(r, v.v[i]);
		if (!span_starts(text, SPAN_LIT("arn:")))
			text = arena_printf(r->arena, "arn:%.*s:iam::%.*s:role/%.*s",
			                    SPAN_ARG(r->partition), SPAN_ARG(r->account),
			                    SPAN_ARG(text));
		add_pass(r, text, ORIGIN_PARAMETER, passed_to);
	}
}

enum { LIMIT_PROFILE_ROLES = 8 }; /* a profile holds one at a time */

struct profile_roles {
	struct arena *arena;
	struct span role[LIMIT_PROFILE_ROLES];
	size_t n;
};

/* Only noted: the store answers one question at a time, and a name asks the next. */
static void note_role(void *to, struct span role)
{
	struct profile_roles *known = to;
	if (known->n < LIMIT_PROFILE_ROLES)
		known->role[known->n++] = arena_span(known->arena, role);
}

/* The role that an instance profile holds: what was recorded of it, else any role. */
static void pass_by_profile(struct resolver *r, struct span profile, struct span passed_to)
{
	struct arn a;
	struct profile_roles known = {.arena = r->arena};
	struct span account = r->account;
	if (arn_parse(profile, &a)) {
		account = arn_is_account(a.account) ? a.account : account;
		profile = span_from(profile, (size_t)(span_rchr(profile, '/') + 1));
	}
	if (r->env && r->env->iam_arns)
		r->env->iam_arns(r->env->data, IAM_ROLE_OF_PROFILE, profile, account, note_role,
		                 &known);
	for (size_t i = 0; i < known.n; i++) {
		r->replaced = 0;
		if (arn_is_role(known.role[i]))
			add_pass(r, resolve_text(r, (struct value){.text = known.role[i]}),
			         ORIGIN_PARAMETER, passed_to);
		else
			pass_by_name(r, known.role[i], passed_to);
	}
	if (!known.n)
		add_pass(r,
		         arena_printf(r->arena, "arn:%.*s:iam::%.*s:role/*", SPAN_ARG(r->partition),
		                      SPAN_ARG(account)),
		         ORIGIN_PARTIAL, passed_to);
}

static void pass_roles(struct resolver *r, const struct image_pass *pass)
{
	size_t n;
	const struct image_part *part = image_list(&pass->part, &n);
	struct span to = image_str(&pass->passed_to);
	struct values v = resolve_part(r, part);
	for (size_t i = 0; pass->kind == PASS_PROFILE && i < v.n; i++)
		pass_by_profile(r, v.v[i].text, to);
	if (pass->kind == PASS_PROFILE)
		return;
	for (size_t i = 0; i < v.n; i++) {
		r->replaced = 0;
		if (arn_is_role(v.v[i].text))
			add_pass(r, resolve_text(r, v.v[i]), ORIGIN_PARAMETER, to);
		else if (pass->kind == PASS_NAME && !part->transforms && is_role_path(v.v[i].text))
			pass_by_name(r, v.v[i].text, to);
	}
}

/* ---- actions */

static void add_dependents(struct resolver *r, const struct sar_action *action)
{
	for (size_t i = 0; i < sar_action_n_dependents(action); i++) {
		const struct sar_action *a = sar_action(r->m, sar_action_dependent(action, i));
		if (a)
			resolve_reference(r, a, NEED_DEPENDENT);
	}
}

static void add_action(struct resolver *r, const struct sar_action *action, const list_ref *on,
                       enum access_need need)
{
	resolve_types(r, action, on, need);
	if (r->env && r->env->dependents && need == NEED_ALWAYS)
		add_dependents(r, action);
}

struct grant { /* one grant of an operation, however it is kept */
	const struct sar_action *action;
	const list_ref *on;
	const struct image_when *when;
};

static size_t grants_of(const struct operation *op, const struct image_grant **list)
{
	size_t n = 0;
	*list = NULL;
	if (image_flags(op) & OP_PLAIN)
		return 1;
	*list = image_list(&op->needs, &n);
	return n;
}

static struct grant grant_at(const struct operation *op, const struct image_grant *list, size_t i)
{
	if (!list)
		return (struct grant){image_row(&op->needs), &op->rest, NULL};
	return (struct grant){image_row(&list[i].action), &list[i].on, image_row(&list[i].when)};
}

static bool is_action(const struct sar_action *a, struct span full)
{
	struct span service = sar_action_service(a), name = sar_action_name(a);
	return full.n == service.n + 1 + name.n && span_starts_ci(full, service) &&
	       full.p[service.n] == ':' && span_ends_ci(full, name);
}

static void add_passes(struct resolver *r)
{
	size_t n;
	const struct image_more *more = image_more(r->op);
	const struct image_pass *pass = more ? image_list(&more->passes, &n) : NULL;
	for (size_t i = 0; pass && i < n; i++)
		pass_roles(r, &pass[i]);
}

/* Of the roles that the call passes, the one that the message names, or all where it names none. */
static bool add_denied_pass(struct resolver *r)
{
	struct span named = r->call->denial.resource;
	size_t n = 0;
	if (!r->op || !span_eq_ci(r->call->denial.action, SPAN_LIT("iam:PassRole")))
		return false;
	add_passes(r);
	for (size_t i = 0; i < r->n; i++)
		if (!arn_is_role(named) || span_eq(r->out[i].resource, named))
			r->out[n++] = r->out[i];
	r->n = n;
	return n > 0;
}

/* Refused: only what the message names was, whatever else the call needs. */
static bool add_denied(struct resolver *r)
{
	const struct denial *d = &r->call->denial;
	const struct image_grant *list = NULL;
	const struct sar_action *a = NULL;
	size_t n = r->op ? grants_of(r->op, &list) : 0;
	if (r->call->outcome != OUTCOME_DENIED || !d->action.n ||
	    !(a = sar_action(r->m, d->action)))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct grant g = grant_at(r->op, list, i);
		if (is_action(g.action, d->action)) {
			resolve_types(r, g.action, g.on, g.when ? NEED_PARAMETER : NEED_ALWAYS);
			return true;
		}
	}
	if (!add_denied_pass(r))
		resolve_reference(r, a, NEED_DENIED);
	return true;
}

/* Which conditional grants hold; true if one of them stands instead of the unconditional ones. */
static bool test_grants(struct resolver *r, const struct image_grant *list, size_t n, bool *holds)
{
	bool instead = false;
	for (size_t i = 0; i < n; i++) {
		const struct image_when *when = grant_at(r->op, list, i).when;
		holds[i] = when && resolve_tests(r, &when->tests);
		instead |= holds[i] && when->instead;
	}
	return instead;
}

/* What AWS lists for the operation without saying when it asks for it. */
static void add_also(struct resolver *r)
{
	size_t n;
	const struct image_more *more = image_more(r->op);
	const row_ref *also = more ? image_list(&more->also, &n) : NULL;
	for (size_t i = 0; also && i < n; i++)
		resolve_reference(r, image_row(&also[i]), NEED_DEPENDENT);
}

static void add_granted(struct resolver *r, const struct image_grant *list, size_t n)
{
	bool *holds = arena_alloc(r->arena, n + 1);
	bool instead = test_grants(r, list, n, holds);
	for (size_t i = 0; i < n; i++) {
		struct grant g = grant_at(r->op, list, i);
		if (!g.when && !instead)
			add_action(r, g.action, g.on, NEED_ALWAYS);
		else if (holds[i])
			add_action(r, g.action, g.on,
			           g.when->instead ? NEED_ALWAYS : NEED_PARAMETER);
	}
}

/* "s3.${Region}.amazonaws.com" of a region, SPAN_NONE where that is unknown. */
static struct span via_service(struct resolver *r, struct span text, struct span region)
{
	struct span mark = SPAN_LIT("${Region}");
	ptrdiff_t at = span_find(text, mark);
	if (at < 0 || span_is(region, "*"))
		return SPAN_NONE;
	return arena_printf(r->arena, "%.*s%.*s%.*s%s", (int)at, text.p, SPAN_ARG(region),
	                    SPAN_ARG(span_from(text, (size_t)at + mark.n)),
	                    span_is(r->partition, "aws-cn") ? ".cn" : "");
}

/* A key of another region, as that of a replica, is used there. */
static void via_region_of_key(struct resolver *r, size_t first, struct span text)
{
	struct arn a;
	for (size_t i = first; i < r->n; i++)
		if (arn_parse(r->out[i].resource, &a) && a.region.n && !span_is(a.region, "*") &&
		    !span_eq(a.region, r->region))
			r->out[i].passed_to = via_service(r, text, a.region);
}

/* Only what went through proves that it was allowed. */
static void add_unrecorded(struct resolver *r)
{
	size_t n = 0;
	const struct image_more *more = image_more(r->op);
	const struct image_unrecorded *u = more ? image_list(&more->unrecorded, &n) : NULL;
	for (size_t i = 0; r->call->outcome == OUTCOME_ALLOWED && i < n; i++) {
		const struct image_when *when = image_row(&u[i].when);
		struct span via = image_str(&u[i].via);
		bool limited = via.n > 0;
		if (when && !resolve_tests(r, &when->tests))
			continue;
		size_t first = r->n;
		via = limited ? via_service(r, via, r->region) : SPAN_NONE;
		if (!limited || via.n)
			resolve_unrecorded(r, &u[i], via);
		if (limited)
			via_region_of_key(r, first, image_str(&u[i].via));
	}
}

/* The elements of the list that a condition asks about: it may hold for some only. */
static const struct span *tested_elements(struct resolver *r, const struct image_grant *list,
                                          size_t n, size_t *n_elements)
{
	const struct span *element = NULL;
	*n_elements = 0;
	for (size_t i = 0; r->n_elements && i < n && !*n_elements; i++) {
		size_t n_tests = 0;
		const struct image_when *when = grant_at(r->op, list, i).when;
		const struct image_test *test = when ? image_list(&when->tests, &n_tests) : NULL;
		for (size_t k = 0; k < n_tests && !*n_elements; k++)
			element = resolve_elements(r, &test[k].part, n_elements);
	}
	return element;
}

static void add_grants(struct resolver *r)
{
	const struct image_grant *list;
	size_t n = grants_of(r->op, &list), elements;
	const struct span *element = tested_elements(r, list, n, &elements);
	if (!elements)
		add_granted(r, list, n);
	for (size_t i = 0; i < elements; i++) {
		r->element = element[i];
		add_granted(r, list, n);
	}
	r->element = SPAN_NONE;
	add_passes(r);
	add_unrecorded(r);
	if (r->env && r->env->dependents)
		add_also(r);
}

static size_t marks_of(const struct resolver *r, const struct operation *op)
{
	size_t n = 0, m, held = 0;
	const struct image_more *more = image_more(op);
	const list_ref *mark = more ? image_list(&more->marks, &n) : NULL;
	for (size_t i = 0; i < n; i++)
		held += resolve_is_present(r, image_list(&mark[i], &m));
	return held;
}

/* Of the operations that share a name and an event source (API Gateway's two APIs have forty such),
 * the one whose own members the call has most of. */
static const struct operation *by_members(const struct resolver *r, const struct operation *first)
{
	enum { LIMIT_NAMESAKES = 8 };
	const struct operation *same[LIMIT_NAMESAKES], *best = first;
	size_t n = first ? lookup_namesakes(r->m, r->call->source, r->call->name, same,
	                                    LIMIT_NAMESAKES)
	                 : 0,
	       most = n > 1 ? marks_of(r, first) : 0;
	for (size_t i = 0; i < n; i++) {
		size_t held = same[i] == first ? 0 : marks_of(r, same[i]);
		if (held > most) {
			best = same[i];
			most = held;
		}
	}
	return best;
}

enum mapping_status resolve_call(const struct mapping *m, const struct call *call,
                                 const struct resolve_env *env, struct arena *arena,
                                 struct access **out, size_t *n)
{
	struct resolver r = {.m = m, .call = call, .env = env, .arena = arena};
	*out = NULL;
	*n = 0;
	if (call->kind != EVENT_CALL)
		return MAPPED_NOT_A_CALL;
	struct lookup found = lookup_event(m, call->source, call->name);
	resolve_params(&r);
	found.op = by_members(&r, found.op);
	enum mapping_status status = operation_status(found.op);
	if (status == MAPPED_NOT_A_CALL)
		return status;
	r.op = status == MAPPED ? found.op : NULL;
	r.rule = found.op ? image_rule(found.op) : RULE_SAME_NAME;
	if (found.undated && r.rule == RULE_SAME_NAME)
		r.rule = RULE_DATE_SUFFIX;
	r.partition = partition_of(call);
	r.region = region_of(call);
	r.account = account_of(&r);
	if (!add_denied(&r)) {
		if (status != MAPPED)
			return status;
		add_grants(&r);
	}
	resolve_sort(&r);
	*out = r.out;
	*n = r.n;
	/* All that the operation may need is conditional, and what decides is hidden or not recorded,
	 * as a PartiQL statement may be: nothing is no answer. But for a call that failed, which needs
	 * nothing where a parameter names no resource. */
	return r.n || call->outcome == OUTCOME_FAILED ? MAPPED : MAPPED_UNKNOWN;
}
