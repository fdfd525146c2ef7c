/* denial.c - normalise: see denial.h. The message is read from left to right and never searched as a
 * whole for the reason, because the resource in it is named by whoever made the call. */
#include "config.h"

#include "normalise/denial.h"

#include "call/arn.h"

static bool skip_text(struct span *rest, const char *text)
{
	struct span t = span_of(text);
	if (!span_starts(*rest, t))
		return false;
	*rest = span_from(*rest, t.n);
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct span *rest)
{
	while (rest->n && is_space(rest->p[0]))
		*rest = span_from(*rest, 1);
}

static struct span take_word(struct span *rest)
{
	size_t n = 0;
	while (n < rest->n && !is_space(rest->p[n]))
		n++;
	struct span word = span_sub(*rest, 0, n);
	*rest = span_from(*rest, n);
	return word;
}

static bool is_encoded(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '_';
}

static bool is_action(struct span s)
{
	ptrdiff_t colon = span_chr(s, ':');
	if (colon <= 0 || (size_t)colon + 1 >= s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '*' &&
		    i != (size_t)colon)
			return false;
	}
	return true;
}

static struct span without_end(struct span s, const char *characters)
{
	while (s.n && strchr(characters, s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Where the quoted resource of a whole message ends: at the last quote, for nothing behind the
 * resource holds one, while its name may hold quotes and even a reason of its own making. */
static struct span take_quoted(struct span *rest)
{
	struct span text = span_from(*rest, 1);
	ptrdiff_t end = span_rchr(text, '"');
	*rest = end < 0 ? SPAN_NONE : span_from(text, (size_t)end + 1);
	return end < 0 ? SPAN_NONE : span_sub(text, 0, (size_t)end);
}

/* "role NAME", "access key ID": a kind and a name instead of an ARN. */
static bool skip_kind(struct span *rest)
{
	static const char *const kinds[] = {"access key ", "role ",   "user ",
	                                    "group ",      "policy ", "instance profile "};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (skip_text(rest, kinds[i]))
			return true;
	return false;
}

/* What AWS writes behind the resource. */
static const char *const reasons[] = {" because ", " with an explicit deny"};
static const char *const closings[] = {" (Service: ", " Encoded authorization", " Go to http"};

static bool starts_with_any(struct span s, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_starts(s, span_of(texts[i])))
			return true;
	return false;
}

/* Where the reason begins that ends a whole message, or -1: the last, for the name of a resource may
 * hold one of its own making ("alarm:x with an explicit deny"), and nothing behind the reason does. */
static ptrdiff_t find_reason(struct span s)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == ' ' && starts_with_any(span_from(s, i), reasons, 2))
			return (ptrdiff_t)i;
	return -1;
}

/* Unquoted, a name may have blanks in it (the alarm "CPU of host 1") and even what AWS writes behind a
 * resource: then only a reason tells where it ends, and without one there is none that could be relied
 * on. */
static struct span take_unquoted(struct span *rest)
{
	struct span start = *rest;
	ptrdiff_t reason = find_reason(start);
	if (reason >= 0) {
		*rest = span_from(start, (size_t)reason);
		return span_sub(start, 0, (size_t)reason);
	}
	bool kind = skip_kind(rest);
	struct span word = take_word(rest);
	if (rest->n && !kind && !starts_with_any(*rest, closings, 3) &&
	    !span_ends(word, SPAN_LIT(".")))
		return SPAN_NONE;
	return span_make(start.p, (size_t)(word.p + word.n - start.p));
}

/* Of a whole message. */
static struct span take_resource(struct span *rest)
{
	return rest->n && rest->p[0] == '"' ? take_quoted(rest) : take_unquoted(rest);
}

static enum denial_by policy_kind(struct span rest)
{
	static const struct {
		const char *text;
		enum denial_by by;
	} table[] = {
	        {"identity-based policy", DENIAL_IDENTITY},
	        {"resource-based policy", DENIAL_RESOURCE},
	        {"session policy", DENIAL_SESSION},
	        {"permissions boundary", DENIAL_BOUNDARY},
	        {"service control policy", DENIAL_SCP},
	        {"resource control policy", DENIAL_RCP},
	        {"VPC endpoint policy", DENIAL_VPC_ENDPOINT},
	        {"role trust policy", DENIAL_TRUST},
	        {"trust policy", DENIAL_TRUST},
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_starts_ci(rest, span_of(table[i].text)))
			return table[i].by;
	return rest.n ? DENIAL_OTHER : DENIAL_UNSTATED;
}

/* ": arn:aws:iam::aws:policy/Name." behind the kind of policy. */
static struct span policy_arn(struct span rest)
{
	ptrdiff_t at = span_find(rest, SPAN_LIT(": arn:"));
	ptrdiff_t stop = span_find(rest, SPAN_LIT(" Go to http"));
	if (at < 0 || (stop >= 0 && stop < at))
		return SPAN_NONE;
	struct span from = span_from(rest, (size_t)at + 2);
	struct span word = take_word(&from);
	if (!from.n && word.p[word.n - 1] != '.')
		return SPAN_NONE; /* may be cut: AWS ends the ARN with a full stop */
	return without_end(word, ".,;");
}

/* What follows "because " where it is not "no ... policy allows": KMS says what it can't tell apart,
 * and S3 which of the settings that block public access it was. */
static enum denial_by other_reason(struct span rest)
{
	if (span_find(rest, SPAN_LIT("no resource-based policies allow access")) >= 0)
		return DENIAL_RESOURCE;
	return span_starts(rest, SPAN_LIT("public ")) ? DENIAL_SETTING : DENIAL_OTHER;
}

/* "on the resource associated with this ciphertext because", "on this resource because" */
static void skip_unnamed_resource(struct span *rest)
{
	if (!span_starts(*rest, SPAN_LIT("on the resource")) &&
	    !span_starts(*rest, SPAN_LIT("on this resource")))
		return;
	ptrdiff_t at = span_find(*rest, SPAN_LIT("because "));
	if (at >= 0)
		*rest = span_from(*rest, (size_t)at);
}

static void parse_reason(struct span rest, struct denial *d)
{
	skip_space(&rest);
	skip_unnamed_resource(&rest);
	if (skip_text(&rest, "because no ")) {
		d->by = policy_kind(rest);
		d->policy = policy_arn(rest);
	} else if (skip_text(&rest, "because ")) {
		d->by = other_reason(rest);
	} else if (skip_text(&rest, "with an explicit deny")) {
		d->explicit_deny = true;
		skip_text(&rest, " in a ");
		skip_text(&rest, " in an ");
		d->by = policy_kind(without_end(span_trim(rest), "."));
		d->policy = policy_arn(rest);
	}
}

const char *const denial_openings[] = {"not authorized to perform", "not allowed to perform", NULL};

const struct denial_beginning denial_beginnings[] = {
        {"IAM user access not activated", DENIAL_SETTING, NULL},
        {"User not enabled for cost explorer access", DENIAL_SETTING, NULL},
        {"You don't have access to the model with the specified model ID", DENIAL_SETTING, NULL},
        {"Your account is not authorized to invoke this API operation", DENIAL_SETTING, NULL},
        {"Cross-account pass role is not allowed", DENIAL_SETTING, NULL},
        {"Insufficient Lake Formation permission", DENIAL_SETTING, NULL},
        {"Roles may not be assumed by root accounts", DENIAL_SETTING, NULL},
        {"MultiFactorAuthentication failed", DENIAL_SETTING, NULL},
        {"Cannot call GetSessionToken with session credentials", DENIAL_SETTING, NULL},
        {"Cannot call GetFederationToken with session credentials", DENIAL_SETTING, NULL},
        {"Incorrect username or password", DENIAL_SETTING, NULL},
        {"Password attempts exceeded", DENIAL_SETTING, NULL},
        {"User is disabled", DENIAL_SETTING, NULL},
        {"Invalid Refresh Token", DENIAL_SETTING, NULL},
        {"Refresh Token has", DENIAL_SETTING, NULL},
        {"Invalid Access Token", DENIAL_SETTING, NULL},
        {"Access Token has", DENIAL_SETTING, NULL},
        {"Invalid session for the user", DENIAL_SETTING, NULL},
        {"Unauthenticated access is not supported for this identity pool", DENIAL_SETTING, NULL},
        {"Invalid login token", DENIAL_SETTING, NULL},
        {"Neither the global service principal", DENIAL_TRUST, NULL},
        {"Lambda was unable to", DENIAL_OTHER, NULL},
        {"The state machine IAM Role is not authorized", DENIAL_OTHER, NULL},
        {"'arn:aws", DENIAL_OTHER, NULL}, /* a role: "is not authorized to create managed-rule" */
        {"The ciphertext refers to a customer master key that does not exist", DENIAL_UNSTATED,
         "kms:Decrypt"},
        {"Access to KMS is not allowed", DENIAL_UNSTATED, "kms:Decrypt"},
        {"Model access is denied due to IAM user or service role is not authorized to perform the "
         "required AWS Marketplace actions",
         DENIAL_UNSTATED, "aws-marketplace:Subscribe"},
        {NULL, DENIAL_UNSTATED, NULL},
};

bool denial_begins(struct span message, struct denial *out)
{
	const struct denial_beginning *b = denial_beginnings;
	while (b->text && !span_starts(message, span_of(b->text)))
		b++;
	*out = (struct denial){.by = b->by, .action = span_of(b->action)};
	return b->text != NULL;
}

/* Who is not authorized: the word before "is not authorized", or before "not authorized" alone. */
static struct span subject_of(struct span message, struct span opening)
{
	struct span before = span_make(message.p, (size_t)(opening.p - message.p));
	before = span_trim(before);
	if (span_ends(before, SPAN_LIT(" is")) || span_ends(before, SPAN_LIT(" are")))
		before.n = (size_t)span_rchr(before, ' ');
	before = span_trim(before);
	ptrdiff_t blank = span_rchr(before, ' ');
	return span_from(before, (size_t)(blank + 1));
}

/* "CodeBuild is not authorized to perform: sts:AssumeRole on role": a service that would work for the
 * caller says so of itself, or of the role that it was given. An ARN may be the caller's, and what ends a
 * clause is nobody ("Access denied: not authorized to perform"). */
static bool is_service(struct span message, struct span subject)
{
	static const char *const callers[] = {"", "is", "user", "you", "principal", "caller",
	                                      "identity"};
	struct span before = span_make(message.p, (size_t)(subject.p - message.p));
	if (span_ends(before, SPAN_LIT("User: ")) || span_starts(subject, SPAN_LIT("arn:")) ||
	    without_end(subject, ":.,").n < subject.n)
		return false;
	for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++)
		if (span_eq_ci(subject, span_of(callers[i])))
			return false;
	return true;
}

/* What follows "not authorized to perform: "; *opening is where that begins. EC2 says it twice, first
 * of "this operation". */
static struct span find_action(struct span message, struct span *opening)
{
	for (const char *const *words = denial_openings; *words; words++) {
		struct span rest = message;
		ptrdiff_t at;
		while ((at = span_find(rest, span_of(*words))) >= 0) {
			*opening = span_from(rest, (size_t)at);
			rest = span_from(*opening, strlen(*words));
			skip_text(&rest, " action");
			if (skip_text(&rest, ":")) {
				skip_space(&rest);
				return rest;
			}
		}
	}
	return SPAN_NONE;
}

/* What EC2 says before the encoded message, which alone is cut where this is proven: no name of a
 * resource that is not quoted has so many characters without a blank. */
static struct span without_encoded(struct span message, size_t longest)
{
	size_t n = 0;
	while (n < message.n && is_encoded(message.p[message.n - 1 - n]))
		n++;
	struct span before = span_sub(message, 0, message.n - n);
	struct span words = SPAN_LIT(DENIAL_ENCODED " ");
	if (message.n < longest || n < DENIAL_ENCODED_LEAST ||
	    !span_ends(before, words) || span_chr(message, '"') >= 0)
		return message;
	return span_sub(before, 0, before.n - words.n);
}

bool denial_parse(struct span message, size_t longest, struct denial *out)
{
	struct span opening;
	message = without_encoded(message, longest);
	*out = (struct denial){0};
	struct span rest = find_action(message, &opening);
	if (!rest.p)
		return false;
	bool cut = message.n >= longest;
	struct span action = without_end(take_word(&rest), ".,;");
	if (!is_action(action) || (cut && !rest.n))
		return false;
	out->action = action;
	/* Cut, it may end within the name of the resource, and what looks like a reason be a part of that. */
	bool named = skip_text(&rest, " on resource: ");
	if (named && !cut)
		out->resource = take_resource(&rest);
	if (named && cut)
		out->by = DENIAL_OTHER;
	else if (rest.p)
		parse_reason(rest, out);
	if (is_service(message, subject_of(message, opening)))
		out->by = DENIAL_OTHER;
	return true;
}

/* What tells identities apart: "role NAME" of a session, the whole of any other. */
static struct span identity_of(struct arn *a)
{
	struct span rest = a->rest;
	bool session = span_is(a->service, "sts") &&
	               span_is(span_cut(&rest, '/'), "assumed-role");
	return session ? span_cut(&rest, '/') : a->rest;
}

bool denial_of_another(struct span message, struct span caller)
{
	struct span opening;
	struct arn named, own;
	if (!find_action(message, &opening).p ||
	    !arn_parse(subject_of(message, opening), &named) || !arn_parse(caller, &own) ||
	    !arn_is_account(named.account) || !arn_is_account(own.account))
		return false;
	return !span_eq(named.account, own.account) || !span_eq(named.service, own.service) ||
	       !span_eq(identity_of(&named), identity_of(&own));
}
