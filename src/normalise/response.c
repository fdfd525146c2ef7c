/* response.c - normalise: see response.h. Sources: AWS STS and IAM API references, the responses as
 * CloudTrail writes them (first letter in lower case, secrets left out). */
#include "config.h"

#include "normalise/response.h"

#include "call/access-key.h"
#include "call/arn.h"
#include "normalise/params.h"
#include "normalise/principal.h"
#include "normalise/session-tags.h"
#include "records/scan.h"

#define LIMIT_ACCESS_KEY ((size_t)128)
#define LIMIT_ARN ((size_t)2048)

/* The text at object.member of a JSON object, or SPAN_NONE. */
static struct span text_at(struct span json, const char *object, const char *member,
                           struct arena *arena)
{
	struct scan j;
	struct span key, found = SPAN_NONE;
	scan_init(&j, json);
	if (scan_peek(&j) != SCAN_OBJECT || !scan_enter(&j, SCAN_OBJECT))
		return SPAN_NONE;
	while (scan_next_key(&j, &key)) {
		if (!span_is(key, object) || scan_peek(&j) != SCAN_OBJECT) {
			scan_skip(&j);
			continue;
		}
		scan_enter(&j, SCAN_OBJECT);
		while (scan_next_key(&j, &key)) {
			if (span_is(key, member))
				scan_take_text(&j, arena, &found);
			else
				scan_skip(&j);
		}
	}
	return found;
}

static struct span param_value(const struct call *call, const char *path)
{
	for (size_t i = 0; i < call->n_params; i++)
		if (span_is(call->params[i].path, path) && call->params[i].state == PARAM_VALUE)
			return call->params[i].value;
	return SPAN_NONE;
}

static bool is_sts_assume(struct span name)
{
	return span_is(name, "AssumeRole") || span_is(name, "AssumeRoleWithSAML") ||
	       span_is(name, "AssumeRoleWithWebIdentity");
}

/* Only of what CloudTrail wrote: a capture lets no tag pass. */
static struct span tags_of(const struct event *e, struct arena *arena)
{
	struct session_tags tags;
	if (e->observer != OBSERVED_CLOUDTRAIL ||
	    !session_tags_of_request(e->request, arena, &tags))
		return SPAN_NONE;
	return session_tags_write(&tags, arena);
}

static bool key_of_sts(const struct event *e, const struct call *call, struct arena *arena,
                       struct issued_key *key)
{
	key->access_key = text_at(e->response, "credentials", "accessKeyId", arena);
	if (is_sts_assume(e->name)) {
		struct span session_arn = text_at(e->response, "assumedRoleUser", "arn", arena);
		struct principal p;
		if (principal_of_arn(session_arn, arena, &p, &key->session))
			key->principal = p.arn;
		/* The request names the role with its path. */
		struct span asked = param_value(call, "roleArn");
		if (principal_of_arn(asked, arena, &p, NULL) && p.type == PRINCIPAL_ROLE)
			key->principal = asked;
		key->tags = tags_of(e, arena);
		return true;
	}
	if (span_is(e->name, "GetSessionToken") || span_is(e->name, "GetFederationToken")) {
		key->principal = call->principal.arn;
		key->tags = tags_of(e, arena);
		return true;
	}
	return false;
}

static bool key_of_iam(const struct event *e, const struct call *call, struct arena *arena,
                       struct issued_key *key)
{
	if (!span_is(e->name, "CreateAccessKey"))
		return false;
	key->access_key = text_at(e->response, "accessKey", "accessKeyId", arena);
	struct span user = text_at(e->response, "accessKey", "userName", arena);
	struct span kind, own;
	if (principal_short(call->principal.arn, &kind, &own) && span_is(kind, "user") &&
	    span_eq(own, user))
		key->principal = call->principal.arn;
	else if (user.n)
		key->principal = arena_printf(arena, "arn:%.*s:iam::%.*s:user/%.*s",
		                              SPAN_ARG(arn_partition(e->region)),
		                              SPAN_ARG(call->account), SPAN_ARG(user));
	return true;
}

void response_keys(const struct event *e, const struct call *call, struct arena *arena,
                   struct fact *out)
{
	struct issued_key key = {0};
	bool gives = false;
	if (!e->response.p)
		return;
	if (span_is(e->source, "sts.amazonaws.com"))
		gives = key_of_sts(e, call, arena, &key);
	else if (span_is(e->source, "iam.amazonaws.com"))
		gives = key_of_iam(e, call, arena, &key);
	if (!gives || !is_access_key_id(key.access_key) || !key.principal.n)
		return;
	struct issued_key *kept = arena_calloc(arena, 1, sizeof *kept);
	kept->access_key = clean_text(key.access_key, LIMIT_ACCESS_KEY, arena);
	kept->principal = clean_text(key.principal, LIMIT_ARN, arena);
	kept->session = clean_text(key.session, LIMIT_ACCESS_KEY, arena);
	kept->tags = key.tags;
	kept->asked_by = &call->principal;
	out->issued = kept;
	out->n_issued = 1;
}

/* Of a user, role, group...: with its path, which may be none. */
static bool names_identity(struct span text)
{
	struct arn a;
	if (!arn_parse(text, &a) || !span_is(a.service, "iam"))
		return false;
	ptrdiff_t first = span_chr(a.rest, '/'), last = span_rchr(a.rest, '/');
	return first > 0 && (size_t)last + 1 < a.rest.n;
}

/* Down to {role|user|roles[]}.arn: three levels. */
static void find_arns(struct scan *j, unsigned depth, struct arena *arena, struct span *arns,
                      size_t *n)
{
	struct span key, text;
	if (depth && scan_peek(j) == SCAN_ARRAY) {
		scan_enter(j, SCAN_ARRAY);
		while (scan_next_item(j))
			find_arns(j, depth - 1, arena, arns, n);
		return;
	}
	if (!depth || scan_peek(j) != SCAN_OBJECT) {
		scan_skip(j);
		return;
	}
	scan_enter(j, SCAN_OBJECT);
	while (scan_next_key(j, &key)) {
		if (!span_eq_ci(key, SPAN_LIT("arn"))) {
			find_arns(j, depth - 1, arena, arns, n);
		} else if (scan_take_text(j, arena, &text) && names_identity(text) &&
		           *n < LIMIT_RESPONSE_ARNS) {
			arns[(*n)++] = clean_text(text, LIMIT_ARN, arena);
		}
	}
}

void response_arns(const struct event *e, struct arena *arena, struct fact *out)
{
	struct scan j;
	if (!e->response.p || !span_is(e->source, "iam.amazonaws.com"))
		return;
	struct span *arns = arena_alloc(arena, LIMIT_RESPONSE_ARNS * sizeof *arns);
	size_t n = 0;
	scan_init(&j, e->response);
	find_arns(&j, 4, arena, arns, &n);
	out->iam_arns = arns;
	out->n_iam_arns = n;
}

void response_profile(const struct call *call, struct fact *out)
{
	if (call->outcome != OUTCOME_ALLOWED || !span_is(call->source, "iam.amazonaws.com") ||
	    !span_is(call->name, "AddRoleToInstanceProfile"))
		return;
	out->profile = param_value(call, "instanceProfileName");
	out->profile_role = param_value(call, "roleName");
}

/* {"Error":{"Code","Message"}} of the XML services. */
static void error_object(struct scan *j, struct arena *arena, struct span *code,
                         struct span *message)
{
	struct span key;
	scan_enter(j, SCAN_OBJECT);
	while (scan_next_key(j, &key)) {
		if (span_eq_ci(key, SPAN_LIT("code")))
			scan_take_text(j, arena, code);
		else if (span_eq_ci(key, SPAN_LIT("message")))
			scan_take_text(j, arena, message);
		else
			scan_skip(j);
	}
}

bool response_error(const struct event *e, struct arena *arena, struct span *code,
                    struct span *message)
{
	struct scan j;
	struct span key;
	*code = *message = SPAN_NONE;
	if (!e->response.p)
		return false;
	/* Most responses are large and hold none: one search instead of a walk. */
	if (span_find_ci(e->response, SPAN_LIT("error")) < 0 &&
	    span_find(e->response, SPAN_LIT("__type")) < 0)
		return false;
	scan_init(&j, e->response);
	if (scan_peek(&j) != SCAN_OBJECT)
		return false;
	scan_enter(&j, SCAN_OBJECT);
	while (scan_next_key(&j, &key)) {
		if (span_eq_ci(key, SPAN_LIT("error")) && scan_peek(&j) == SCAN_OBJECT)
			error_object(&j, arena, code, message);
		else if (span_eq_ci(key, SPAN_LIT("errorCode")) || span_is(key, "__type"))
			scan_take_text(&j, arena, code);
		else if (span_eq_ci(key, SPAN_LIT("errorMessage")))
			scan_take_text(&j, arena, message);
		else
			scan_skip(&j);
	}
	return code->n > 0;
}
