/* allow.c - capture: see allow.h. */
#include "config.h"

#include "capture/allow.h"

#include "base/limits.h"
#include "call/access-key.h"
#include "call/arn.h"
#include "mapping/members.h"
#include "normalise/context.h"

/* ---- fields */

/* Operations, services, error codes: the longest that AWS has are below 100 characters. Request ids
 * of some services are longer. */
enum { LONGEST_NAME = 128, LONGEST_ID = 256, LONGEST_REGION = 40, LONGEST_HOST = 253 };

/* s if it is letters, digits and others, at most so many; else nothing. */
static struct span formed(struct span s, size_t most, const char *others)
{
	if (s.n == 0 || s.n > most)
		return SPAN_NONE;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(s.p[i]) && !ascii_digit(s.p[i]) &&
		    (s.p[i] == '\0' || !strchr(others, s.p[i])))
			return SPAN_NONE;
	return s;
}

/* What the call is named by is not left out, or it would name nothing. */
static struct span named(struct span s, const char *others)
{
	return s.n && !formed(s, LONGEST_NAME, others).n ? SPAN_LIT("malformed")
	                                                 : formed(s, LONGEST_NAME, others);
}

static struct span formed_arn(struct span s)
{
	struct arn arn;
	return s.n <= LIMIT_PARAM_VALUE && arn_parse(s, &arn) ? s : SPAN_NONE;
}

/* A method that is none of these may be the rest of somebody's body. */
static struct span known_method(struct span s)
{
	static const char *const methods[] = {"GET",   "HEAD",    "POST",  "PUT",    "DELETE",
	                                      "PATCH", "OPTIONS", "TRACE", "CONNECT"};
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (span_is(s, methods[i]))
			return s;
	return s.n ? SPAN_LIT("OTHER") : SPAN_NONE;
}

static struct span key_id(struct span s)
{
	return is_access_key_id(s) ? s : SPAN_NONE;
}

void allow_call(struct captured_call *c)
{
	c->service = named(c->service, "-_. ");
	c->operation = named(c->operation, "-_.");
	c->source = named(c->source, "-.");
	c->name = named(c->name, "-_.");
	c->region = formed(c->region, LONGEST_REGION, "-");
	c->account = arn_is_account(c->account) ? c->account : SPAN_NONE;
	c->access_key = key_id(c->access_key);
	c->request_id = formed(c->request_id, LONGEST_ID, "-_.:+/=");
	c->error_code = formed(c->error_code, LONGEST_NAME, "-_.:");
	c->denial.action = formed(c->denial.action, LONGEST_NAME, "-*:");
	c->denial.policy = formed_arn(c->denial.policy);
	if (c->denial.resource.n > LIMIT_PARAM_VALUE)
		c->denial.resource = SPAN_NONE;
	c->host = formed(c->host, LONGEST_HOST, "-_.:");
	c->method = known_method(c->method);
}

void allow_identity(struct captured_identity *id)
{
	id->access_key = key_id(id->access_key);
	id->parent_key = key_id(id->parent_key);
	id->arn = formed_arn(id->arn);
	id->role_arn = formed_arn(id->role_arn);
	id->account = arn_is_account(id->account) ? id->account : SPAN_NONE;
}

struct span allow_agent(struct span user_agent, struct memo *memo)
{
	return agent_family(user_agent, SPAN_NONE, memo);
}

/* ---- parameters */

/* What stands for a container whose presence alone is kept. */
#define PRESENT_OBJECT SPAN_LIT("{\"...\":\"...\"}")

static bool way_is_open(const struct capture_filter *f, struct span source, struct span path)
{
	for (size_t i = 1; i < path.n; i++)
		if (path.p[i] == '.' &&
		    !keep_enters(mapping_keep(f->mapping, source, span_make(path.p, i), true)))
			return false;
	return true;
}

/* What the mapping says names something, reduced to that; never what the API models mark sensitive.
 * Every container on the way must be one to look into. */
bool allow_param(const struct capture_filter *f, struct span source, const struct param *p,
                 struct param *out)
{
	const struct mapping *m = f->mapping;
	if (p->path.n == 0 || p->path.n > LIMIT_PARAM_VALUE || p->value.n > LIMIT_PARAM_VALUE ||
	    !way_is_open(f, source, p->path))
		return false;
	*out = *p;
	if (span_ends(p->path, SPAN_LIT("{}"))) {
		struct span object = span_make(p->path.p, p->path.n - 2);
		return p->state == PARAM_VALUE &&
		       mapping_keep(m, source, object, true) == KEEP_KEYS;
	}
	enum param_keep scalar = mapping_keep(m, source, p->path, false);
	bool object = scalar == KEEP_NOTHING || p->state != PARAM_VALUE
	                      ? mapping_keep(m, source, p->path, true) != KEEP_NOTHING
	                      : false;
	if (p->state == PARAM_VALUE && scalar == KEEP_VALUE) {
		out->value = mapping_reduce(mapping_form(m, source, p->path), p->value, f->arena);
		out->state = out->value.p ? PARAM_VALUE : PARAM_PRESENT;
		return true;
	}
	if (p->state == PARAM_VALUE && scalar == KEEP_NOTHING)
		return false;
	out->value = object ? PRESENT_OBJECT : SPAN_NONE;
	if (p->state == PARAM_VALUE)
		out->state = PARAM_PRESENT;
	return object || scalar != KEEP_NOTHING;
}

bool allow_element(const struct capture_filter *f, struct span source, struct span path)
{
	return path.n <= LIMIT_PARAM_VALUE && way_is_open(f, source, path) &&
	       keep_enters(mapping_keep(f->mapping, source, path, true));
}
