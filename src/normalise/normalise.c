/* normalise.c - normalise: see normalise.h. Each identity is the hash of one flat text of
 * length-marked fields, built in scratch memory: one pass of the hash function for each. */
#include "config.h"

#include "normalise/normalise.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/vec.h"
#include "call/access-key.h"
#include "call/arn.h"
#include "normalise/context.h"
#include "normalise/known.h"
#include "normalise/denial.h"
#include "normalise/outcome.h"
#include "normalise/params.h"
#include "normalise/principal.h"
#include "normalise/response.h"
#include "records/scan.h"

#include <stdlib.h>

/* Names of operations, services, regions, error codes: the longest that AWS uses has 100
 * characters. */
#define LIMIT_NAME ((size_t)256)
/* ARNs and session names. */
#define LIMIT_ARN ((size_t)2048)
/* All fields of one call: 512 parameters of 2 KB and 256 ARNs are 1.6 MB. */
#define LIMIT_KEY_TEXT ((size_t)4 << 20)

struct normaliser {
	const struct mapping *mapping;
	struct params_scratch params;
	struct buf text;     /* of the identity being hashed */
	struct memo *agents; /* families by user agent */
	struct memo *hashes; /* of streams, contexts and sessions by their text: they come again */
};

enum { AGENT_SLOTS = 512, AGENT_LONGEST = 320, HASH_SLOTS = 4096, HASH_LONGEST = 400 };

struct normaliser *normaliser_new(const struct mapping *m)
{
	struct normaliser *n = xcalloc(1, sizeof *n);
	n->mapping = m;
	params_scratch_init(&n->params);
	buf_init(&n->text, LIMIT_KEY_TEXT);
	n->agents = memo_new(AGENT_SLOTS, AGENT_LONGEST, sizeof(struct span));
	n->hashes = memo_new(HASH_SLOTS, HASH_LONGEST, sizeof(struct hash128));
	return n;
}

void normaliser_free(struct normaliser *n)
{
	if (!n)
		return;
	params_scratch_release(&n->params);
	buf_release(&n->text);
	memo_free(n->agents);
	memo_free(n->hashes);
	free(n);
}

/* ---- identities */

enum { NUMBER_BYTES = 8 };

static void put_number(char *to, uint64_t v)
{
	for (int i = 0; i < NUMBER_BYTES; i++)
		to[i] = (char)(v >> (8 * i));
}

static void key_number(struct buf *b, uint64_t v)
{
	if (!buf_reserve(b, NUMBER_BYTES))
		return;
	put_number(b->p + b->n, v);
	b->n += NUMBER_BYTES;
}

/* Some twenty for each event: in one step. */
static void key_field(struct buf *b, struct span s)
{
	if (!buf_reserve(b, NUMBER_BYTES + s.n))
		return;
	char *to = b->p + b->n;
	put_number(to, s.p ? (uint64_t)s.n : UINT64_MAX);
	if (s.n)
		memcpy(to + NUMBER_BYTES, s.p, s.n);
	b->n += NUMBER_BYTES + s.n;
}

static struct hash128 key_end(struct buf *b)
{
	struct hash128 h = hash_of(buf_span(b));
	buf_reset(b);
	return h;
}

/* The same for texts that come again and again. */
static struct hash128 key_end_known(struct buf *b, struct memo *known)
{
	const struct hash128 *h = memo_get(known, buf_span(b));
	struct hash128 hash;
	if (h) {
		hash = *h;
	} else {
		hash = hash_of(buf_span(b));
		memo_put(known, buf_span(b), &hash);
	}
	buf_reset(b);
	return hash;
}

static struct hash128 call_identity(struct buf *b, const struct call *c)
{
	key_field(b, c->principal.arn);
	key_field(b, c->source);
	key_field(b, c->name);
	key_field(b, c->region);
	key_field(b, c->account);
	key_field(b, c->error);
	key_field(b, c->denial.action);
	key_field(b, c->denial.resource);
	key_field(b, c->denial.policy);
	key_number(b, (uint64_t)c->principal.type | (uint64_t)c->kind << 8 |
	                      (uint64_t)c->outcome << 16 | (uint64_t)c->denial.by << 24 |
	                      (uint64_t)c->denial.explicit_deny << 32 |
	                      (uint64_t)c->params_cut << 33);
	key_number(b, c->n_params);
	for (size_t i = 0; i < c->n_params; i++) {
		key_field(b, c->params[i].path);
		key_field(b, c->params[i].value);
		key_number(b, c->params[i].state);
	}
	key_number(b, c->n_resources);
	for (size_t i = 0; i < c->n_resources; i++) {
		key_field(b, c->resources[i].type);
		key_field(b, c->resources[i].arn);
		key_field(b, c->resources[i].account);
		key_number(b, (uint64_t)c->resources[i].prefix |
		                      (uint64_t)c->resources[i].pattern << 1);
	}
	return key_end(b);
}

struct hash128 call_hash(const struct call *c)
{
	struct buf b;
	buf_init(&b, LIMIT_KEY_TEXT);
	struct hash128 h = call_identity(&b, c);
	buf_release(&b);
	return h;
}

static void context_key(struct buf *b, const struct context *c)
{
	key_field(b, c->source_network);
	key_field(b, c->vpc_endpoint);
	key_field(b, c->tls_version);
	key_field(b, c->invoked_by);
	key_field(b, c->agent);
	key_field(b, c->session_tags);
	key_number(b, (uint64_t)c->mfa | (uint64_t)c->tls << 8);
}

struct hash128 context_hash(const struct context *c)
{
	struct buf b;
	buf_init(&b, LIMIT_KEY_TEXT);
	context_key(&b, c);
	struct hash128 h = key_end(&b);
	buf_release(&b);
	return h;
}

static void session_key(struct buf *b, struct span principal, const struct session *s)
{
	key_field(b, principal);
	key_field(b, s->access_key);
	key_field(b, s->name);
	key_field(b, s->source_identity);
	key_field(b, s->issuer_id);
}

struct hash128 session_hash(struct span principal, const struct session *s)
{
	struct buf b;
	buf_init(&b, LIMIT_KEY_TEXT);
	session_key(&b, principal, s);
	struct hash128 h = key_end(&b);
	buf_release(&b);
	return h;
}

static void stream_key(struct buf *b, enum event_observer observer, struct span account,
                       struct span region)
{
	key_number(b, observer == OBSERVED_CLOUDTRAIL ? 1 : observer == OBSERVED_S3_ACCESS ? 2 : 0);
	key_field(b, account);
	key_field(b, region);
}

struct hash128 stream_hash(enum event_observer observer, struct span account, struct span region)
{
	struct buf b;
	buf_init(&b, LIMIT_KEY_TEXT);
	stream_key(&b, observer, account, region);
	struct hash128 h = key_end(&b);
	buf_release(&b);
	return h;
}

/* A record without eventID is known by its whole text, a captured call by its line. */
static struct hash128 event_identity(struct buf *b, const struct event *e, struct span principal)
{
	if (e->capture_id.n) {
		key_field(b, e->capture_id);
		key_number(b, e->capture_line);
		return key_end(b);
	}
	if (!e->id.n) {
		struct hasher h;
		hash_begin(&h);
		scan_hash_text(&h, e->text.p ? e->text : SPAN_LIT(""));
		return hash_end(&h);
	}
	/* Only a count of conflicts depends on the prefix. */
	uint64_t of_id = hash_quick(e->id);
	unsigned char prefix[FACT_ID_PREFIX] = {0};
	for (size_t i = 0; i < sizeof prefix; i++)
		prefix[i] = (unsigned char)(of_id >> (8 * i));
	key_field(b, e->id);
	key_field(b, e->source);
	key_field(b, e->name);
	key_field(b, principal);
	key_field(b, e->recipient);
	struct hash128 all = key_end(b);
	memcpy(all.b, prefix, sizeof prefix);
	return all;
}

static void identify(struct normaliser *n, const struct event *e, struct fact *f)
{
	f->id = event_identity(&n->text, e, f->call.principal.arn);
	f->call_hash = call_identity(&n->text, &f->call);
	context_key(&n->text, &f->context);
	f->context_hash = key_end_known(&n->text, n->hashes);
	session_key(&n->text, f->call.principal.arn, &f->session);
	f->session_hash = key_end_known(&n->text, n->hashes);
	stream_key(&n->text, f->observer, f->account, f->region);
	f->stream = key_end_known(&n->text, n->hashes);
	f->request = e->request_id.n ? hash_quick(e->request_id) : 0;
}

static const struct hash128 *shared_hash(struct span shared_id, struct arena *arena)
{
	if (!shared_id.n)
		return NULL;
	struct hash128 *h = arena_alloc(arena, sizeof *h);
	*h = hash_of(clean_text(shared_id, LIMIT_NAME, arena));
	return h;
}

/* ---- parts */

static void copy_resources(const struct event *e, struct arena *arena, struct call *c)
{
	size_t n = e->n_resources < LIMIT_RESOURCES ? e->n_resources : LIMIT_RESOURCES;
	if (!n)
		return;
	struct event_resource *r = arena_alloc(arena, n * sizeof *r);
	for (size_t i = 0; i < n; i++) {
		r[i].type = clean_text(e->resources[i].type, LIMIT_NAME, arena);
		r[i].arn = clean_text(e->resources[i].arn, LIMIT_ARN, arena);
		r[i].account = clean_text(e->resources[i].account, LIMIT_NAME, arena);
		r[i].prefix = e->resources[i].prefix;
		r[i].pattern = false;
	}
	c->resources = r;
	c->n_resources = sort_unique(r, n, sizeof *r, event_resource_order);
}

/* Console sign-in: errorMessage "Failed authentication", or {"ConsoleLogin":"Failure"}. */
static bool sign_in_failed(const struct event *e)
{
	return e->kind == EVENT_SIGN_IN && (e->error_message.n || e->error_code.n ||
	                                    span_find(e->response, SPAN_LIT("\"Failure\"")) >= 0);
}

static void judge(const struct normaliser *n, const struct event *e, struct arena *arena,
                  struct call *c)
{
	struct span code = e->error_code, message = e->error_message;
	if (!code.n && !message.n)
		response_error(e, arena, &code, &message);
	c->error = code.n ? clean_text(code, LIMIT_NAME, arena) : SPAN_NONE;
	if (sign_in_failed(e)) {
		c->outcome = OUTCOME_UNAUTHENTICATED;
		return;
	}
	message = clean_text(message, LIMIT_ARN, arena);
	c->error = outcome_code(n->mapping, c->source, c->name, c->error, message, arena);
	c->outcome = outcome_of_error(c->error, message, &c->denial);
	if (c->outcome == OUTCOME_ALLOWED && !outcome_fits(c->source, c->error))
		c->outcome = OUTCOME_FAILED;
	if (denial_of_another(message, e->identity.arn))
		c->denial.by = DENIAL_OTHER;
	/* Some services spell their prefix as they like: "SNS:Publish". */
	const struct sar_action *denied =
	        c->denial.action.n ? sar_action(n->mapping, c->denial.action) : NULL;
	if (denied)
		c->denial.action = sar_action_full(denied, arena);
}

/* A captured call as CloudTrail would name it, so that both meet: monitoring knows only service ids
 * ("CloudWatch Logs"), and S3's access logs have names of their own. What the mapping does not know
 * stays as it was seen. */
static void name_call(const struct mapping *m, const struct event *e, struct arena *arena,
                      struct call *c)
{
	struct span source = e->source, name = e->name;
	if (e->observer != OBSERVED_CLOUDTRAIL && !span_ends(source, SPAN_LIT(".amazonaws.com"))) {
		const struct operation *op = e->observer == OBSERVED_S3_ACCESS
		                                     ? mapping_event(m, source, name)
		                                     : mapping_operation(m, source, name);
		if (op && operation_status(op) != MAPPED_NOT_A_CALL) {
			source = operation_event_source(m, op, arena);
			name = operation_event_name(op);
		}
	}
	c->source = clean_text(source.p ? source : SPAN_LIT(""), LIMIT_NAME, arena);
	c->name = clean_text(name.p ? name : SPAN_LIT(""), LIMIT_NAME, arena);
}

static void fill_call(struct normaliser *n, const struct event *e, struct arena *arena,
                      struct call *c)
{
	struct params params;
	principal_of_event(e, arena, &c->principal);
	c->principal.arn = clean_text(c->principal.arn, LIMIT_ARN, arena);
	c->kind = e->kind;
	name_call(n->mapping, e, arena, c);
	c->region = clean_text(e->region.p ? e->region : SPAN_LIT(""), LIMIT_NAME, arena);
	if (arn_is_account(e->recipient))
		c->account = arena_span(arena, e->recipient);
	else
		c->account = c->principal.account.p ? c->principal.account : SPAN_LIT("");
	params_read(n->mapping, c->source, e->request, &n->params, arena, &params);
	c->params = params.param;
	c->n_params = params.n;
	c->params_cut = params.cut;
	copy_resources(e, arena, c);
	judge(n, e, arena, c);
}

static void fill_context(const struct event *e, struct memo *agents, struct arena *arena,
                         struct context *c)
{
	*c = (struct context){
	        .source_network = source_network(e->source_ip, arena),
	        .vpc_endpoint = clean_text(e->vpc_endpoint, LIMIT_NAME, arena),
	        .mfa = e->identity.mfa,
	        .tls = e->tls_version.n ? TRI_YES : TRI_UNKNOWN,
	        .tls_version = clean_text(e->tls_version, LIMIT_NAME, arena),
	        .invoked_by = clean_text(e->identity.invoked_by, LIMIT_NAME, arena),
	        .agent = agent_family(e->user_agent, e->source_ip, agents),
	};
	/* Borrowed from the event where they are a service's name. */
	c->source_network = arena_span(arena, c->source_network);
	c->agent = arena_span(arena, c->agent);
}

static void fill_session(const struct event *e, struct arena *arena, struct session *s)
{
	const struct event_identity *id = &e->identity;
	struct span name = session_of_arn(id->arn);
	*s = (struct session){
	        .access_key = is_access_key_id(id->access_key) ? arena_span(arena, id->access_key)
	                                                       : SPAN_NONE,
	        .name = clean_text(name, LIMIT_NAME, arena),
	        .source_identity = clean_text(id->source_identity, LIMIT_NAME, arena),
	        .issuer_id = clean_text(id->issuer.principal_id, LIMIT_NAME, arena),
	};
}

static struct span evidence_id(const struct event *e, struct arena *arena)
{
	if (e->capture_id.n)
		return clean_text(arena_printf(arena, "%.*s:%llu", SPAN_ARG(e->capture_id),
		                               (unsigned long long)e->capture_line),
		                  LIMIT_NAME, arena);
	/* S3 gives its requests no other name. */
	return clean_text(e->observer == OBSERVED_S3_ACCESS ? e->request_id : e->id, LIMIT_NAME,
	                  arena);
}

/* Every record of CloudTrail has its eventVersion, and a recipient but for the first years. */
static enum fact_detail detail_of(const struct event *e)
{
	const struct event_identity *id = &e->identity;
	if (e->observer != OBSERVED_CLOUDTRAIL || !e->id.n || e->version.n)
		return DETAIL_WHOLE;
	if (!id->arn.n && !id->type.n)
		return DETAIL_NOBODY;
	return e->recipient.n ? DETAIL_WHOLE : DETAIL_PRINCIPAL;
}

/* What a capture says of a key: no call, but whose it is, and which key asked for it. */
static void identity_key(const struct event *e, struct fact *f, struct arena *arena)
{
	struct span parent = clean_text(e->identity.parent_key, LIMIT_NAME, arena);
	if (!f->session.access_key.n || f->call.principal.type == PRINCIPAL_ACCESS_KEY)
		return;
	struct issued_key *key = arena_calloc(arena, 1, sizeof *key);
	key->access_key = f->session.access_key;
	key->principal = f->call.principal.arn;
	key->session = f->session.name;
	if (parent.n) {
		struct principal *asked_by = arena_calloc(arena, 1, sizeof *asked_by);
		principal_of_key(parent, arena, asked_by);
		key->asked_by = asked_by;
	}
	f->issued = key;
	f->n_issued = 1;
}

static const struct event_count *copy_count(const struct event_count *from, struct arena *arena)
{
	if (!from)
		return NULL;
	struct event_count *to = arena_alloc(arena, sizeof *to);
	*to = *from;
	to->owner = arena_span(arena, from->owner);
	return to;
}

void normalise(struct normaliser *n, const struct event *e, struct arena *arena, struct fact *out)
{
	*out = (struct fact){.time = e->time, .observer = e->observer};
	fill_call(n, e, arena, &out->call);
	fill_context(e, n->agents, arena, &out->context);
	fill_session(e, arena, &out->session);
	out->account = out->call.account;
	out->region = out->call.region;
	out->event_id = evidence_id(e, arena);
	out->detail = detail_of(e);
	out->count = copy_count(e->count, arena);
	out->read_only = e->read_only;
	out->management = e->management;
	out->shared = shared_hash(e->shared_id, arena);
	out->owner_side = out->call.principal.account.p && arn_is_account(e->recipient) &&
	                  !span_eq(out->call.principal.account, e->recipient);
	if (e->kind == EVENT_IDENTITY)
		identity_key(e, out, arena);
	else
		response_keys(e, &out->call, arena, out);
	response_arns(e, arena, out);
	response_profile(&out->call, out);
	known_learn(n->mapping, e, &out->call, arena, out);
	identify(n, e, out);
}
