/* diff-input.c - review: see diff-input.h.
 *
 * Source: IAM API reference, GetAccountAuthorizationDetails, GetServiceLastAccessedDetails. */
#include "config.h"

#include "review/diff-input.h"

#include "base/alloc.h"
#include "base/json-file.h"
#include "base/when.h"

#include <stdlib.h>

/* A number outside the years that this program writes is no time. */
static int64_t seconds_of(double d)
{
	return d >= 0 && d < WHEN_SECONDS_MOST ? (int64_t)d : INT64_MIN;
}

static int64_t time_of(const json_t *object, const char *member)
{
	const json_t *j = json_object_get(object, member);
	int64_t t;
	if (json_is_number(j))
		return seconds_of(json_number_value(j));
	if (json_is_string(j) && when_parse(span_of(json_string_value(j)), &t))
		return t;
	return INT64_MIN;
}

/* ---- Access Advisor */

void last_accessed_init(struct last_accessed *a)
{
	*a = (struct last_accessed){.n = 0};
	arena_init(&a->arena);
}

void last_accessed_release(struct last_accessed *a)
{
	free(a->services);
	arena_release(&a->arena);
	last_accessed_init(a);
}

static int use_order(const void *a, const void *b)
{
	return span_cmp_ci(((const struct action_use *)a)->action,
	                   ((const struct action_use *)b)->action);
}

static int span_order_of(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static void read_tracked(struct last_accessed *a, const json_t *list, struct service_access *s)
{
	size_t n = json_array_size(list);
	struct action_use *uses = arena_calloc(&a->arena, n + 1, sizeof *uses);
	struct span *tracked = arena_calloc(&a->arena, n + 1, sizeof *tracked);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		struct span name = json_text_of(&a->arena, one, "ActionName");
		int64_t last = time_of(one, "LastAccessedTime");
		if (!name.n)
			continue;
		struct span full =
		        lower_copy(&a->arena, arena_printf(&a->arena, "%.*s:%.*s",
		                                           SPAN_ARG(s->prefix), SPAN_ARG(name)));
		tracked[s->n_tracked++] = full;
		if (last != INT64_MIN)
			uses[s->n_actions++] = (struct action_use){
			        .action = full, .granted = true, .first = last, .last = last};
	}
	qsort(uses, s->n_actions, sizeof *uses, use_order);
	qsort(tracked, s->n_tracked, sizeof *tracked, span_order_of);
	s->actions = uses;
	s->tracked = tracked;
}

static int service_order(const void *a, const void *b)
{
	return span_cmp(((const struct service_access *)a)->prefix,
	                ((const struct service_access *)b)->prefix);
}

enum status last_accessed_read(struct last_accessed *a, const char *path, struct err *err)
{
	json_t *j = NULL;
	enum status status = json_file_read(path, &j, err);
	const json_t *list = json_object_get(j, "ServicesLastAccessed");
	if (status == STATUS_OK && !json_is_array(list))
		status = err_set(err, STATUS_FILE, "bad-input", "has no list ServicesLastAccessed");
	size_t n = status == STATUS_OK ? json_array_size(list) : 0;
	a->services = xcalloc(n + 1, sizeof *a->services);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		struct span prefix = json_text_of(&a->arena, one, "ServiceNamespace");
		if (!prefix.n)
			continue;
		struct service_access *s = &a->services[a->n++];
		*s = (struct service_access){.prefix = lower_copy(&a->arena, prefix),
		                             .last = time_of(one, "LastAuthenticated")};
		read_tracked(a, json_object_get(one, "TrackedActionsLastAccessed"), s);
	}
	qsort(a->services, a->n, sizeof *a->services, service_order);
	json_decref(j);
	return status;
}

/* ---- account details */

void account_details_init(struct account_details *d)
{
	*d = (struct account_details){.n = 0};
	arena_init(&d->arena);
}

void account_details_release(struct account_details *d)
{
	for (size_t i = 0; i < d->n; i++)
		policy_files_release(&d->principals[i].policies);
	free(d->principals);
	arena_release(&d->arena);
	account_details_init(d);
}

static int hex_of(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The API itself gives documents percent-encoded; the aws CLI decodes them. */
static json_t *document_json(const json_t *j)
{
	if (!json_is_string(j))
		return json_incref((json_t *)(uintptr_t)j);
	const char *s = json_string_value(j);
	size_t n = json_string_length(j), m = 0;
	char *p = xmalloc(n + 1);
	for (size_t i = 0; i < n; i++) {
		bool escape =
		        s[i] == '%' && i + 2 < n && hex_of(s[i + 1]) >= 0 && hex_of(s[i + 2]) >= 0;
		p[m++] = escape ? (char)(hex_of(s[i + 1]) << 4 | hex_of(s[i + 2])) : s[i];
		i += escape ? 2 : 0;
	}
	json_t *out = json_loadb(p, m, JSON_REJECT_DUPLICATES, NULL);
	free(p);
	return out;
}

struct details_reader {
	struct account_details *d;
	const json_t *managed; /* Policies */
	const json_t *groups;
	struct err *err;
};

static enum status take_document(struct details_reader *r, struct account_principal *p,
                                 enum layer layer, const json_t *document, struct span name)
{
	struct document *d;
	struct err why;
	err_clear(&why);
	json_t *j = document_json(document);
	enum status status = j ? document_from_json(j, &d, &why)
	                       : err_set(&why, STATUS_FILE, "bad-json", "no policy document");
	json_decref(j);
	if (status != STATUS_OK)
		return err_set(r->err, STATUS_FILE, "bad-policy", "%.*s: policy %.*s: %s",
		               SPAN_ARG(p->arn), SPAN_ARG(name), why.text);
	struct span copy = arena_span(&r->d->arena, name);
	policy_files_take(&p->policies, layer, d, copy.p);
	return STATUS_OK;
}

static const json_t *default_version(const json_t *policy)
{
	const json_t *list = json_object_get(policy, "PolicyVersionList");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_true(json_object_get(json_array_get(list, i), "IsDefaultVersion")))
			return json_object_get(json_array_get(list, i), "Document");
	return NULL;
}

static enum status take_managed(struct details_reader *r, struct account_principal *p,
                                enum layer layer, struct span arn)
{
	for (size_t i = 0; i < json_array_size(r->managed); i++) {
		const json_t *one = json_array_get(r->managed, i);
		const char *name = json_string_value(json_object_get(one, "Arn"));
		const json_t *document = name && span_is(arn, name) ? default_version(one) : NULL;
		if (document)
			return take_document(r, p, layer, document, arn);
	}
	return err_set(r->err, STATUS_FILE, "bad-input",
	               "%.*s: the document of policy %.*s is not there", SPAN_ARG(p->arn),
	               SPAN_ARG(arn));
}

static enum status take_entity(struct details_reader *r, struct account_principal *p,
                               const json_t *entity, const char *inline_list)
{
	const json_t *list = json_object_get(entity, inline_list);
	enum status status = STATUS_OK;
	for (size_t i = 0; i < json_array_size(list) && status == STATUS_OK; i++) {
		const json_t *one = json_array_get(list, i);
		status = take_document(r, p, LAYER_IDENTITY, json_object_get(one, "PolicyDocument"),
		                       json_text_of(&r->d->arena, one, "PolicyName"));
	}
	list = json_object_get(entity, "AttachedManagedPolicies");
	for (size_t i = 0; i < json_array_size(list) && status == STATUS_OK; i++)
		status = take_managed(
		        r, p, LAYER_IDENTITY,
		        json_text_of(&r->d->arena, json_array_get(list, i), "PolicyArn"));
	return status;
}

static enum status take_groups(struct details_reader *r, struct account_principal *p,
                               const json_t *user)
{
	const json_t *names = json_object_get(user, "GroupList");
	enum status status = STATUS_OK;
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		for (size_t k = 0; name && k < json_array_size(r->groups) && status == STATUS_OK;
		     k++) {
			const json_t *group = json_array_get(r->groups, k);
			const char *its = json_string_value(json_object_get(group, "GroupName"));
			if (its && strcmp(its, name) == 0)
				status = take_entity(r, p, group, "GroupPolicyList");
		}
	}
	return status;
}

static enum status take_policies(struct details_reader *r, struct account_principal *p,
                                 const json_t *one, const char *inline_list)
{
	struct span boundary =
	        json_text_of(&r->d->arena, json_object_get(one, "PermissionsBoundary"),
	                     "PermissionsBoundaryArn");
	enum status status = take_entity(r, p, one, inline_list);
	if (status == STATUS_OK)
		status = take_groups(r, p, one);
	if (status == STATUS_OK && boundary.n)
		status = take_managed(r, p, LAYER_BOUNDARY, boundary);
	return status;
}

static void take_principals(struct details_reader *r, const json_t *list, const char *inline_list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		struct span arn = json_text_of(&r->d->arena, one, "Arn");
		if (!arn.n)
			continue;
		struct account_principal *p = &r->d->principals[r->d->n++];
		*p = (struct account_principal){
		        .arn = arn,
		        .last_used = time_of(json_object_get(one, "RoleLastUsed"), "LastUsedDate"),
		        .made = time_of(one, "CreateDate"),
		        .editable = span_find(arn, SPAN_LIT(":role/aws-service-role/")) < 0};
		policy_files_init(&p->policies);
		err_clear(r->err);
		if (take_policies(r, p, one, inline_list) != STATUS_OK)
			p->refused = arena_span(&r->d->arena, span_of(r->err->text));
	}
	err_clear(r->err);
}

static int principal_order(const void *a, const void *b)
{
	return span_cmp(((const struct account_principal *)a)->arn,
	                ((const struct account_principal *)b)->arn);
}

enum status account_details_read(struct account_details *d, const char *path, struct err *err)
{
	json_t *j = NULL;
	enum status status = json_file_read(path, &j, err);
	if (status != STATUS_OK)
		return status;
	const json_t *users = json_object_get(j, "UserDetailList");
	const json_t *roles = json_object_get(j, "RoleDetailList");
	struct details_reader r = {d, json_object_get(j, "Policies"),
	                           json_object_get(j, "GroupDetailList"), err};
	if (!json_is_array(users) && !json_is_array(roles))
		status = err_set(err, STATUS_FILE, "bad-input",
		                 "has neither UserDetailList nor RoleDetailList");
	d->principals =
	        xcalloc(json_array_size(users) + json_array_size(roles) + 1, sizeof *d->principals);
	if (status == STATUS_OK) {
		take_principals(&r, users, "UserPolicyList");
		take_principals(&r, roles, "RolePolicyList");
	}
	qsort(d->principals, d->n, sizeof *d->principals, principal_order);
	json_decref(j);
	return status;
}
