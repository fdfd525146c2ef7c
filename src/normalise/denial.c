/* denial.c - normalise: see denial.h. The message is read from left to right and never searched as a
 * whole for the reason, because the resource in it is named by whoever made the call. */
#include "config.h"

#include "normalise/denial.h"

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

/* Where the quoted resource ends: at the last quote that the fixed text or the end follows. Nothing
 * behind the resource holds a quote, while its name may hold quotes and even a reason of its own
 * making. */
static struct span take_quoted(struct span *rest)
{
	struct span text = span_from(*rest, 1);
	for (size_t i = text.n; i-- > 0;) {
		if (text.p[i] != '"')
			continue;
		struct span behind = span_from(text, i + 1);
		*rest = behind;
		return span_sub(text, 0, i);
	}
	*rest = SPAN_NONE; /* cut */
	return SPAN_NONE;
}

/* "role NAME", "access key ID": a kind and a name instead of an ARN. */
static struct span take_resource(struct span *rest)
{
	static const char *const kinds[] = {"access key ", "role ",   "user ",
	                                    "group ",      "policy ", "instance profile "};
	if (rest->n && rest->p[0] == '"')
		return take_quoted(rest);
	struct span start = *rest;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (skip_text(rest, kinds[i]))
			break;
	struct span word = take_word(rest);
	return span_make(start.p, (size_t)(word.p + word.n - start.p));
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

static void parse_reason(struct span rest, struct denial *d)
{
	skip_space(&rest);
	if (skip_text(&rest, "because no ")) {
		d->by = policy_kind(rest);
		d->policy = policy_arn(rest);
	} else if (skip_text(&rest, "with an explicit deny")) {
		d->explicit_deny = true;
		skip_text(&rest, " in a ");
		skip_text(&rest, " in an ");
		d->by = policy_kind(without_end(span_trim(rest), "."));
		d->policy = policy_arn(rest);
	}
}

const char *const denial_openings[] = {"not authorized to perform", "not allowed to perform", NULL};

const char *const denial_settings[] = {
        "IAM user access not activated",
        "User not enabled for cost explorer access",
        "You don't have access to the model with the specified model ID",
        "Cross-account pass role is not allowed",
        "Insufficient Lake Formation permission",
        NULL,
};

bool denial_is_setting(struct span message)
{
	for (const char *const *text = denial_settings; *text; text++)
		if (span_starts(message, span_of(*text)))
			return true;
	return false;
}

/* What follows "not authorized to perform: ". EC2 says it twice, first of "this operation". */
static struct span find_action(struct span message)
{
	for (const char *const *opening = denial_openings; *opening; opening++) {
		struct span rest = message;
		ptrdiff_t at;
		while ((at = span_find(rest, span_of(*opening))) >= 0) {
			rest = span_from(rest, (size_t)at + strlen(*opening));
			skip_text(&rest, " action");
			if (skip_text(&rest, ":")) {
				skip_space(&rest);
				return rest;
			}
		}
	}
	return SPAN_NONE;
}

bool denial_parse(struct span message, struct denial *out)
{
	*out = (struct denial){0};
	struct span rest = find_action(message);
	if (!rest.p)
		return false;
	bool cut = message.n >= DENIAL_MESSAGE_CUT;
	struct span action = without_end(take_word(&rest), ".,;");
	if (!is_action(action) || (cut && !rest.n))
		return false;
	out->action = action;
	if (skip_text(&rest, " on resource: ")) {
		struct span resource = take_resource(&rest);
		if (resource.n && !(cut && !rest.n))
			out->resource = resource;
	}
	if (rest.p)
		parse_reason(rest, out);
	return true;
}
