/* members.c - mapping: see members.h. */
#include "config.h"

#include "mapping/members.h"

#include "base/limits.h"
#include "call/arn.h"
#include "mapping/lookup.h"
#include "mapping/name-fold.h"
#include "mapping/partiql.h"

/* ---- words of a member's name */

/* Cuts the first word off a member name: "dBInstanceARNs" -> dB, Instance, ARNs; '-' and '_' part
 * words. */
static struct span next_word(struct span *rest)
{
	struct span s = *rest;
	size_t i = 0;
	while (i < s.n && (s.p[i] == '-' || s.p[i] == '_' || s.p[i] == ' '))
		i++;
	size_t start = i;
	bool upper = false;
	for (; i < s.n && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != ' '; i++) {
		bool now = s.p[i] >= 'A' && s.p[i] <= 'Z';
		bool next_lower = i + 1 < s.n && s.p[i + 1] >= 'a' && s.p[i + 1] <= 'z';
		bool plural = i + 2 == s.n && s.p[i + 1] == 's';
		if (i > start && now && (!upper || (next_lower && !plural)))
			break;
		upper = now;
	}
	*rest = i < s.n ? span_from(s, i) : SPAN_NONE;
	return span_sub(s, start, i - start);
}

static struct span singular(struct span folded)
{
	if (folded.n > 3 && folded.p[folded.n - 1] == 's' && folded.p[folded.n - 2] != 's')
		folded.n--;
	return folded;
}

static bool in_list(struct span word, const char *const *list)
{
	char folded[64];
	if (word.n > sizeof folded)
		return false;
	struct span s = fold_segment(word, folded, sizeof folded);
	for (; *list; list++)
		if (span_is(s, *list))
			return true;
	return false;
}

/* What can name a resource, by the last word of the member's name. */
static const char *const naming[] = {"name", "id",     "arn",     "key",  "url",        "uri",
                                     "alia", "aliase", "version", "path", "identifier", NULL};
/* A key is a resource only where it is one of these (kmsKey, S3Key, TagKeys) or nothing else: API
 * keys, session keys and licence keys are secrets, hash and partition keys are data. */
static const char *const keys_of[] = {"kms",        "s3",      "object",   "file", "tag",
                                      "encryption", "managed", "manifest", NULL};
/* Never kept, whatever else the name says: what such members hold are secrets or texts. */
static const char *const secret[] = {"secret",     "token",   "password",  "passphrase",
                                     "credential", "private", "signature", "authorization",
                                     "session",    "cookie",  "nonce",     "plaintext",
                                     "ciphertext", NULL};
/* Names that end like an identifier and name no resource; each would make every call distinct. */
static const char *const never[] = {"requestid",
                                    "rolesessionname",
                                    "clientrequestid",
                                    "correlationid",
                                    "transactionid",
                                    "messageid",
                                    "messagegroupid",
                                    "messagededuplicationid",
                                    "traceid",
                                    "externalid",
                                    "invocationid",
                                    "sequencenumber",
                                    "idempotencyid",
                                    "publickey",
                                    "sshpublickey",
                                    "customerkey",
                                    "ssecustomerkey",
                                    "streamname.version",
                                    NULL};
/* What a permission may depend on by its mere presence; keys of tags are the user's own names. */
static const char *const presence[] = {"tag",
                                       "taglist",
                                       "tagset",
                                       "tagging",
                                       "tagspecification",
                                       "principaltag",
                                       "incomingtransitivetag",
                                       "acl",
                                       "x-amz-acl",
                                       "x-amz-tagging",
                                       NULL};
/* Containers that hold the user's own data, or nothing that names a resource of the call. */
static const char *const closed[] = {"filter",
                                     "filterset",
                                     "environment",
                                     "variable",
                                     "header",
                                     "metadata",
                                     "expressionattributevalue",
                                     "expressionattributename",
                                     "attributevalue",
                                     "pagination",
                                     "parametervalue",
                                     NULL};

const struct member_lists member_lists = {naming, keys_of, secret, never, presence, closed};

static bool names_something(struct span leaf)
{
	static const char *const key[] = {"key", NULL};
	struct span rest = leaf, before = SPAN_NONE, word = SPAN_NONE;
	while (rest.p) {
		struct span w = next_word(&rest);
		if (in_list(w, secret))
			return false;
		if (w.n) {
			before = word;
			word = w;
		}
	}
	if (before.n && in_list(word, key) && !in_list(before, keys_of))
		return false;
	return in_list(word, naming) && !in_list(leaf, never);
}

/* The last segment as spelled, without "[]" and ".content". */
static struct span spelled_leaf(struct span path)
{
	while (span_ends(path, SPAN_LIT(".content")))
		path.n -= 8;
	ptrdiff_t dot = span_rchr(path, '.');
	struct span s = dot < 0 ? path : span_from(path, (size_t)dot + 1);
	for (size_t mark; (mark = fold_list_mark(s)) > 0;)
		s.n -= mark;
	return s;
}

/* ---- what is kept */

/* The models mark whole structures sensitive (a spot request's launch specification), which hold
 * plain names and ids too: those that a row needs for an ARN are none, and ARNs never are. */
static bool is_needed_name(uint32_t asked, struct span spelled, bool container)
{
	if (container)
		return asked & (MEMBER_INNER | MEMBER_VALUE);
	return (asked & MEMBER_ARN) || ((asked & MEMBER_VALUE) && names_something(spelled));
}

/* A folded path's last segment without braces. */
static struct span bare_leaf(struct span folded)
{
	struct span leaf = fold_leaf(folded);
	ptrdiff_t brace = span_chr(leaf, '{');
	return brace < 0 ? leaf : span_sub(leaf, 0, (size_t)brace);
}

/* What the service's rows ask of a member: by its name, and by that of the map it is in. EC2's
 * lists end in "Set", which folding drops only where the list's items follow. */
static uint32_t asked_of(const struct mapping *m, struct span source, struct span folded,
                         bool container)
{
	struct span leaf = bare_leaf(folded);
	uint32_t asked = lookup_member(m, source, leaf);
	size_t head = folded.n - fold_leaf(folded).n;
	if (container && span_ends(leaf, SPAN_LIT("set")))
		asked |= lookup_member(m, source, singular(span_sub(leaf, 0, leaf.n - 3)));
	if (container || (asked & (MEMBER_VALUE | MEMBER_ARN)))
		return asked;
	if (fold_leaf(folded).n == leaf.n && head == 0)
		return asked;
	/* "x{*}" is a member of x itself */
	uint32_t map = fold_leaf(folded).n == leaf.n
	                       ? lookup_member(m, source, bare_leaf(span_sub(folded, 0, head - 1)))
	                       : asked;
	if (map & MEMBER_EACH)
		asked |= MEMBER_VALUE | MEMBER_WITHIN;
	else if (map & MEMBER_EACH_ARN)
		asked |= MEMBER_ARN | MEMBER_WITHIN;
	return asked;
}

/* Whether one of the members around it is marked sensitive, or holds the caller's own words. Of two
 * services of a source one may have a map where the other has a list of structures (the tags of the
 * two auto scaling APIs): in_list says that a row asks for the member inside such a list. */
static bool is_inside_marked(const struct mapping *m, struct span source, struct span folded,
                             bool in_list)
{
	size_t ends = folded.n - fold_leaf(folded).n;
	struct span rest = span_make(folded.p, ends ? ends - 1 : 0);
	while (rest.n) {
		struct span around = span_cut(&rest, '.');
		uint32_t flags = lookup_member(m, source, bare_leaf(around));
		bool listed = in_list && (flags & MEMBER_INNER);
		if ((flags & MEMBER_SENSITIVE) || ((flags & MEMBER_FREE) && !listed))
			return true;
	}
	return false;
}

/* What is inside a list that was asked for already: "x[]", "x[2]", "xSet.items". */
static bool is_element(struct span path)
{
	return fold_list_mark(path) || span_ends_ci(path, SPAN_LIT(".items")) ||
	       span_ends_ci(path, SPAN_LIT(".item"));
}

enum param_keep mapping_keep(const struct mapping *m, struct span source, struct span path,
                             bool container)
{
	char buffer[FOLD_MAX];
	struct span spelled = spelled_leaf(path);
	struct span folded = fold_path(path, SPAN_NONE, buffer).path;
	struct span leaf = bare_leaf(folded);
	uint32_t asked = asked_of(m, source, folded, container);
	bool element = is_element(path);
	bool presents = (asked & MEMBER_PRESENT) ||
	                (in_list(leaf, presence) && (container || !span_is(leaf, "tag")));
	if ((asked & MEMBER_SENSITIVE) && !is_needed_name(asked, spelled, container))
		return presents ? KEEP_PRESENT : KEEP_NOTHING;
	if (!(asked & MEMBER_WITHIN) &&
	    is_inside_marked(m, source, folded, (asked & MEMBER_VALUE) && span_chr(path, '[') > 0))
		return KEEP_NOTHING;
	if (container && (asked & MEMBER_KEYS))
		return KEEP_KEYS;
	if (container && (asked & (MEMBER_VALUE | MEMBER_STATEMENT | MEMBER_INNER)))
		return presents && !element ? KEEP_BOTH : KEEP_VALUE;
	if (!container && (asked & (MEMBER_VALUE | MEMBER_STATEMENT | MEMBER_ARN)))
		return KEEP_VALUE;
	if (presents)
		return KEEP_PRESENT;
	if (container && (asked & MEMBER_FREE))
		return KEEP_NOTHING;
	if (!container)
		return names_something(spelled) ? KEEP_VALUE : KEEP_NOTHING;
	/* A DynamoDB key or item is the user's data; a list of keys elsewhere is a list of names.
	 */
	if (in_list(leaf, closed) || (span_is(leaf, "key") && !fold_list_mark(path)))
		return KEEP_NOTHING;
	return KEEP_VALUE;
}

size_t mapping_list_mark(struct span part)
{
	return fold_list_mark(part);
}

bool mapping_keeps_elements(const struct mapping *m, struct span source, struct span list)
{
	char buffer[FOLD_MAX];
	struct span folded = fold_path(list, SPAN_NONE, buffer).path;
	return lookup_member(m, source, bare_leaf(folded)) & MEMBER_ELEMENTS;
}

/* ---- values */

bool mapping_hidden(struct span value)
{
	size_t stars = 0;
	while (stars < value.n && value.p[stars] == '*')
		stars++;
	return value.n == 0 || span_is(value, "HIDDEN_DUE_TO_SECURITY_REASONS") ||
	       span_is(value, "...") || (stars == value.n && stars >= 3) ||
	       span_ends(value, SPAN_LIT("...<truncated>")) || value.n > LIMIT_PARAM_VALUE;
}

/* How many characters of a scheme stand in front of "://"; 0 if that is not what it is. */
static size_t scheme_of(struct span value)
{
	ptrdiff_t n = span_find(value, SPAN_LIT("://"));
	for (ptrdiff_t i = 0; i < n; i++)
		if (!ascii_alpha(value.p[i]) && !ascii_digit(value.p[i]) &&
		    !strchr("+-.:", value.p[i]))
			return 0;
	return n > 0 ? (size_t)n : 0;
}

/* Whether a user, and so maybe a password, stands in front of the host; rest follows "://". A
 * password may well hold what ends a host. */
static bool has_user(struct span rest)
{
	struct span host = span_cut(&rest, '/');
	if (span_chr(host, '@') >= 0)
		return true;
	if (span_starts(host, SPAN_LIT("[")))
		span_cut(&host, ']');
	span_cut(&host, ':');
	return host.n && !ascii_digit(host.p[0]);
}

/* An URL without what may be a secret in it: query, fragment, parameters. With a user in it, or
 * where it carries the data itself, nothing is left. */
static struct span without_secrets(struct span value)
{
	size_t scheme = scheme_of(value);
	if (span_starts_ci(value, SPAN_LIT("jdbc:")) || span_starts_ci(value, SPAN_LIT("data:")))
		return SPAN_NONE;
	if (!scheme)
		return value;
	if (has_user(span_from(value, scheme + 3)))
		return SPAN_NONE;
	/* The names of objects in S3 may have a semicolon. */
	const char *ends = span_eq_ci(span_make(value.p, scheme), SPAN_LIT("s3")) ? "?#" : "?#;";
	for (size_t i = scheme + 3; i < value.n; i++)
		if (value.p[i] && strchr(ends, value.p[i]))
			return span_make(value.p, i);
	return value;
}

/* "alias/NAME", a key's UUID or its multi-Region "mrk-" form.
 * https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html */
static bool is_kms_key(struct span value)
{
	struct arn arn;
	enum { UUID = 36 };
	return arn_parse(value, &arn) || span_starts(value, SPAN_LIT("alias/")) ||
	       span_starts(value, SPAN_LIT("mrk-")) ||
	       (value.n == UUID && value.p[8] == '-' && value.p[13] == '-' && value.p[18] == '-' &&
	        value.p[23] == '-');
}

enum param_form mapping_form(const struct mapping *m, struct span source, struct span path)
{
	char buffer[FOLD_MAX];
	struct span folded = fold_path(path, SPAN_NONE, buffer).path;
	uint32_t asked = asked_of(m, source, folded, false);
	if (asked & MEMBER_STATEMENT)
		return FORM_STATEMENT;
	/* Asked for only in case it is an ARN: an option's value, say, which may be anything. */
	if ((asked & MEMBER_ARN) && !names_something(spelled_leaf(path)) &&
	    (!(asked & MEMBER_VALUE) || (asked & MEMBER_SENSITIVE)))
		return FORM_ARN;
	/* S3's model marks the name of the key sensitive, which a grant on the key needs: a name of
	 * a key's form is kept, whatever else somebody put there is not. */
	if ((asked & MEMBER_SENSITIVE) && span_ends_ci(spelled_leaf(path), SPAN_LIT("kms-key-id")))
		return FORM_KMS_KEY;
	return FORM_TEXT;
}

struct span mapping_reduce(enum param_form form, struct span value, struct arena *arena)
{
	struct arn arn;
	if (form == FORM_STATEMENT)
		return partiql_reduce(value, arena);
	/* DynamoDB's shard iterators: "ARN|VERSION|TOKEN"; the token would make every call
	 * distinct. */
	ptrdiff_t bar = span_starts(value, SPAN_LIT("arn:")) ? span_chr(value, '|') : -1;
	if (bar > 0)
		value.n = (size_t)bar;
	if (form == FORM_ARN)
		return arn_parse(value, &arn) ? value : SPAN_NONE;
	if (form == FORM_KMS_KEY && !is_kms_key(value))
		return SPAN_NONE;
	return without_secrets(value);
}
