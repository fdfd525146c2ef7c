/* describe.c - mapping: see describe.h. */
#include "config.h"

#include "mapping/describe.h"

#include "base/arena.h"
#include "mapping/lookup.h"

#include <stdlib.h>

static struct lookup find(const struct mapping *m, struct span name)
{
	struct lookup none = {NULL, false};
	ptrdiff_t at = span_rchr(name, ':');
	if (name.n > LIMIT_MAPPING_NAME)
		return none;
	if (at > 0)
		return lookup_event(m, span_sub(name, 0, (size_t)at),
		                    span_from(name, (size_t)at + 1));
	at = span_rchr(name, '.');
	return at > 0 ? lookup_operation(m, span_sub(name, 0, (size_t)at),
	                                 span_from(name, (size_t)at + 1))
	              : none;
}

static const char *status_name(enum mapping_status status)
{
	switch (status) {
	case MAPPED: return "mapped";
	case MAPPED_NO_PERMISSION: return "no-permission";
	case MAPPED_NOT_A_CALL: return "not-an-api-call";
	case MAPPED_UNKNOWN: break;
	}
	return "unknown";
}

static const char *rule_name(const struct lookup *found)
{
	enum mapping_rule rule = image_rule(found->op);
	if (rule == RULE_CURATED)
		return "curated";
	if (rule == RULE_VERB)
		return "verb";
	return found->undated || rule == RULE_DATE_SUFFIX ? "date-suffix" : "same-name";
}

static const char *level_name(enum access_level level)
{
	switch (level) {
	case LEVEL_LIST: return "List";
	case LEVEL_READ: return "Read";
	case LEVEL_WRITE: return "Write";
	case LEVEL_TAGGING: return "Tagging";
	case LEVEL_PERMISSIONS: return "Permissions management";
	case LEVEL_UNKNOWN: break;
	}
	return "Unknown";
}

/* ---- walking the rows */

struct grant {
	const struct sar_action *action;
	const list_ref *on;
	const struct image_when *when;
	const struct image_note *note;
};

static size_t grants_of(const struct operation *op, struct grant *out, size_t max)
{
	size_t n = 0;
	if (image_flags(op) & OP_PLAIN) {
		out[0] = (struct grant){image_row(&op->needs), &op->rest, NULL, NULL};
		return 1;
	}
	const struct image_grant *g = image_list(&op->needs, &n);
	if (n > max)
		n = max;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct grant){image_row(&g[i].action), &g[i].on, image_row(&g[i].when),
		                        image_row(&g[i].note)};
	return n;
}

static const struct image_binding *bindings_of(const struct image_on *on,
                                               const struct image_note **note, size_t *n)
{
	const struct image_noted *noted = on->need & ON_NOTED ? image_row(&on->bindings) : NULL;
	*note = noted ? image_row(&noted->note) : NULL;
	return image_list(noted ? &noted->bindings : &on->bindings, n);
}

/* A type that no member names: only resources[] of an event can. */
static bool is_nameless(const struct image_on *on)
{
	return (on->need & 0xff) == 'o' && !on->bindings;
}

static bool is_out(const struct image_on *on)
{
	return (on->need & 0xff) == 'x';
}

/* Adds a name to a sorted list, once; the list's new length. */
static size_t put_sorted(struct span *out, size_t n, size_t max, struct span name)
{
	size_t at = 0;
	while (at < n && span_cmp(out[at], name) < 0)
		at++;
	if (n == max || (at < n && span_eq(out[at], name)))
		return n;
	memmove(&out[at + 1], &out[at], (n - at) * sizeof *out);
	out[at] = name;
	return n + 1;
}

/* The full names of the dependents of what the call always needs, and of what AWS lists for it
 * without saying when, sorted. */
static size_t dependents_of(const struct operation *op, struct span *out, size_t max,
                            struct arena *arena)
{
	struct grant grants[64];
	size_t n = grants_of(op, grants, 64), found = 0;
	const struct image_more *more = image_more(op);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; !grants[i].when && k < sar_action_n_dependents(grants[i].action);
		     k++)
			found = put_sorted(out, found, max,
			                   sar_action_dependent(grants[i].action, k));
	const row_ref *also = more ? image_list(&more->also, &n) : NULL;
	for (size_t i = 0; also && i < n; i++)
		found = put_sorted(out, found, max, sar_action_full(image_row(&also[i]), arena));
	return found;
}

enum { LIMIT_GRANTS = 64, LIMIT_DEPENDENTS = 256 };

/* ---- JSON */

static void json_members(struct buf *b, const list_ref *parts)
{
	size_t n, k = 0;
	const struct image_part *part = image_list(parts, &n);
	buf_add_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (!part[i].path)
			continue;
		if (k++)
			buf_add_char(b, ',');
		buf_add_json(b, image_str(&part[i].text));
	}
	buf_add_char(b, ']');
}

static void json_bindings(struct buf *b, const struct image_binding *bind, size_t n)
{
	const struct image_binding *whole = NULL;
	bool first = true;
	for (size_t i = 0; i < n; i++)
		if (span_is(image_str(&bind[i].variable), "@"))
			whole = &bind[i];
	if (!whole || n > 1) {
		buf_add_str(b, ",\"from\":{");
		for (size_t i = 0; i < n; i++) {
			if (&bind[i] == whole)
				continue;
			if (!first)
				buf_add_char(b, ',');
			first = false;
			buf_add_json(b, image_str(&bind[i].variable));
			buf_add_char(b, ':');
			json_members(b, &bind[i].parts);
		}
		buf_add_char(b, '}');
	}
	if (whole) {
		buf_add_str(b, ",\"arn_from\":");
		json_members(b, &whole->parts);
	}
}

static void json_type(struct buf *b, const struct image_on *on, bool *first)
{
	size_t n, n_patterns;
	const struct image_note *note;
	const struct sar_type *t = image_row(&on->type);
	const struct image_binding *bind = bindings_of(on, &note, &n);
	const str_ref *patterns = image_list(&t->patterns, &n_patterns);
	for (size_t k = 0; k < n_patterns; k++) {
		buf_add_str(b, *first ? "{\"type\":" : ",{\"type\":");
		*first = false;
		buf_add_json(b, sar_type_name(t));
		buf_addf(b,
		         ",\"required\":%s,\"arn\":", (on->need & 0xff) == 'r' ? "true" : "false");
		buf_add_json(b, image_str(&patterns[k]));
		json_bindings(b, bind, n);
		buf_add_char(b, '}');
	}
}

static void json_types(struct buf *b, const list_ref *list)
{
	size_t n;
	const struct image_on *on = image_list(list, &n);
	bool first = true;
	for (size_t i = 0; i < n; i++)
		if (!is_nameless(&on[i]) && !is_out(&on[i]))
			json_type(b, &on[i], &first);
}

static void json_actions(struct buf *b, const struct operation *op, struct arena *arena)
{
	struct grant g[LIMIT_GRANTS];
	size_t n = grants_of(op, g, LIMIT_GRANTS);
	for (size_t i = 0; i < n; i++) {
		buf_add_str(b, i ? ",{\"action\":" : "{\"action\":");
		buf_add_json(b, sar_action_full(g[i].action, arena));
		buf_addf(b,
		         ",\"level\":\"%s\",\"when\":", level_name(sar_action_level(g[i].action)));
		if (g[i].when)
			buf_add_json(b, image_str(&g[i].when->text));
		else
			buf_add_str(b, "null");
		buf_add_str(b, ",\"resources\":[");
		json_types(b, g[i].on);
		buf_add_str(b, "]}");
	}
}

static void json_passes(struct buf *b, const struct operation *op)
{
	const struct image_more *more = image_more(op);
	size_t n = 0, m;
	const struct image_pass *pass = more ? image_list(&more->passes, &n) : NULL;
	for (size_t i = 0; i < n; i++) {
		const struct image_part *part = image_list(&pass[i].part, &m);
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, image_str(&part->text));
	}
}

static void json_dependents(struct buf *b, const struct operation *op, struct arena *arena)
{
	struct span d[LIMIT_DEPENDENTS];
	size_t n = dependents_of(op, d, LIMIT_DEPENDENTS, arena);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, d[i]);
	}
}

static const struct image_unrecorded *unrecorded_of(const struct operation *op, size_t *n)
{
	const struct image_more *more = image_more(op);
	*n = 0;
	return more ? image_list(&more->unrecorded, n) : NULL;
}

static struct span when_of(const struct image_unrecorded *u)
{
	const struct image_when *when = image_row(&u->when);
	return when ? image_str(&when->text) : SPAN_NONE;
}

static void json_unrecorded(struct buf *b, const struct operation *op, struct arena *arena)
{
	size_t n, m;
	const struct image_unrecorded *u = unrecorded_of(op, &n);
	for (size_t i = 0; i < n; i++) {
		const struct sar_type *t = image_row(&u[i].type);
		const struct image_binding *bind = image_list(&u[i].bindings, &m);
		struct span when = when_of(&u[i]), via = image_str(&u[i].via);
		buf_add_str(b, i ? ",{\"action\":" : "{\"action\":");
		buf_add_json(b, sar_action_full(image_row(&u[i].action), arena));
		buf_add_str(b, ",\"when\":");
		if (when.p)
			buf_add_json(b, when);
		else
			buf_add_str(b, "null");
		if (t) {
			buf_add_str(b, ",\"type\":");
			buf_add_json(b, sar_type_name(t));
			json_bindings(b, bind, m);
		}
		if (via.n) {
			buf_add_str(b, ",\"via_service\":");
			buf_add_json(b, via);
		}
		buf_add_char(b, '}');
	}
}

bool describe_json(const struct mapping *m, struct span name, struct buf *b)
{
	struct lookup found = find(m, name);
	enum mapping_status status = operation_status(found.op);
	bool mapped = status == MAPPED;
	struct arena arena;
	arena_init(&arena);
	buf_add_str(b, "{\"name\":");
	buf_add_json(b, name);
	buf_addf(b, ",\"status\":\"%s\",\"rule\":", status_name(status));
	if (mapped)
		buf_addf(b, "\"%s\"", rule_name(&found));
	else
		buf_add_str(b, "null");
	if (!mapped && found.op && operation_reason(found.op).p) {
		buf_add_str(b, ",\"reason\":");
		buf_add_json(b, operation_reason(found.op));
	}
	buf_add_str(b, ",\"actions\":[");
	if (mapped)
		json_actions(b, found.op, &arena);
	buf_add_str(b, "],\"pass_role\":[");
	if (mapped)
		json_passes(b, found.op);
	buf_add_str(b, "],\"unrecorded\":[");
	if (mapped)
		json_unrecorded(b, found.op, &arena);
	buf_add_str(b, "],\"dependents\":[");
	if (mapped)
		json_dependents(b, found.op, &arena);
	buf_add_str(b, "]}");
	arena_release(&arena);
	return !b->full;
}

/* ---- text */

static void text_note(struct buf *b, int indent, const struct image_note *note)
{
	if (!note)
		return;
	buf_addf(b, "%*s%.*s\n", indent, "", SPAN_ARG(image_str(&note->reason)));
	if (note->document)
		buf_addf(b, "%*s%.*s\n", indent, "", SPAN_ARG(image_str(&note->document)));
}

static void text_binding(struct buf *b, const struct image_binding *bind)
{
	static const char *const joins[] = {[JOIN_END] = "",
	                                    [JOIN_TEXT] = " & ",
	                                    [JOIN_UNION] = " + ",
	                                    [JOIN_ELSE] = ", else "};
	size_t n;
	const struct image_part *part = image_list(&bind->parts, &n);
	struct span variable = image_str(&bind->variable);
	buf_addf(b, "        %.*s from ", SPAN_ARG(variable));
	for (size_t i = 0; i < n; i++)
		buf_addf(b, part[i].path ? "%.*s%s" : "'%.*s'%s",
		         SPAN_ARG(image_str(&part[i].text)), joins[part[i].join]);
	buf_add_char(b, '\n');
}

static const char *need_name(uint32_t need)
{
	switch (need & 0xff) {
	case 'r': return "required";
	case 'o': return "optional";
	default: return "one of several";
	}
}

static void text_type(struct buf *b, const struct image_on *on)
{
	size_t n;
	const struct image_note *note;
	const struct sar_type *t = image_row(&on->type);
	const struct image_binding *bind = bindings_of(on, &note, &n);
	struct span name = sar_type_name(t), pattern = sar_type_pattern(t, 0);
	if (span_eq(name, pattern))
		buf_addf(b, "    on %.*s (%s)\n", SPAN_ARG(pattern), need_name(on->need));
	else
		buf_addf(b, "    on %.*s (%s): %.*s\n", SPAN_ARG(name), need_name(on->need),
		         SPAN_ARG(pattern));
	for (size_t k = 0; k < n; k++)
		text_binding(b, &bind[k]);
	text_note(b, 8, note);
}

static void text_types(struct buf *b, const list_ref *list)
{
	size_t n, nameless = 0;
	const struct image_on *on = image_list(list, &n);
	size_t out = 0;
	for (size_t i = 0; i < n; i++)
		out += is_out(&on[i]);
	if (out == n)
		buf_add_str(b, "    on *\n");
	for (size_t i = 0; i < n; i++)
		if (!is_nameless(&on[i]) && !is_out(&on[i]))
			text_type(b, &on[i]);
	for (size_t i = 0; i < n; i++)
		if (is_nameless(&on[i])) {
			const struct sar_type *t = image_row(&on[i].type);
			buf_addf(b, "%s%.*s", nameless++ ? ", " : "    where the event names one: ",
			         SPAN_ARG(sar_type_name(t)));
		}
	if (nameless)
		buf_add_char(b, '\n');
}

/* What is said of a grant's types, to compare it with what is said of another's. */
static struct span types_of(const struct grant *g, struct arena *arena)
{
	struct buf b;
	buf_init(&b, (size_t)1 << 20);
	text_types(&b, g->on);
	struct span text = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return text;
}

/* One action of those that are asked on the same types, with all its conditions. */
static void text_action(struct buf *b, const struct grant *g, const struct span *types, size_t n,
                        size_t at, struct arena *arena)
{
	buf_addf(b, "  %.*s (%s)\n", SPAN_ARG(sar_action_full(g[at].action, arena)),
	         level_name(sar_action_level(g[at].action)));
	for (size_t i = at, k = 0; i < n; i++) {
		if (g[i].action != g[at].action || !span_eq(types[i], types[at]))
			continue;
		if (g[i].when)
			buf_addf(b, "    %s %.*s\n", k++ ? "or when" : "when",
			         SPAN_ARG(image_str(&g[i].when->text)));
		else if (n > 1)
			buf_addf(b, "    %s\n", k++ ? "or else" : "always");
	}
}

/* The actions, those on the same types together with what is said of the types once. */
static void text_grants(struct buf *b, const struct grant *g, size_t n, struct arena *arena)
{
	struct span types[LIMIT_GRANTS];
	bool told[LIMIT_GRANTS] = {false};
	for (size_t i = 0; i < n; i++)
		types[i] = types_of(&g[i], arena);
	for (size_t i = 0; i < n; i++) {
		if (told[i])
			continue;
		for (size_t k = i; k < n; k++) {
			if (told[k] || !span_eq(types[k], types[i]))
				continue;
			text_action(b, g, types, n, k, arena);
			for (size_t j = k; j < n; j++)
				told[j] |=
				        g[j].action == g[k].action && span_eq(types[j], types[i]);
		}
		buf_add_span(b, types[i]);
	}
}

static void text_notes(struct buf *b, const struct grant *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool told = !g[i].note;
		for (size_t k = 0; k < i && !told; k++)
			told = g[k].note && span_eq(image_str(&g[k].note->reason),
			                            image_str(&g[i].note->reason));
		if (!told)
			text_note(b, 2, g[i].note);
	}
}

static void text_passes(struct buf *b, const struct operation *op)
{
	const struct image_more *more = image_more(op);
	size_t n = 0, m;
	const struct image_pass *pass = more ? image_list(&more->passes, &n) : NULL;
	for (size_t i = 0; i < n; i++) {
		const struct image_part *part = image_list(&pass[i].part, &m);
		struct span to = image_str(&pass[i].passed_to);
		buf_addf(b, "  iam:PassRole of %.*s%s%.*s\n", SPAN_ARG(image_str(&part->text)),
		         to.n ? " to " : "", SPAN_ARG(to));
		text_note(b, 4, image_row(&pass[i].note));
	}
}

static void text_unrecorded(struct buf *b, const struct operation *op, struct arena *arena)
{
	size_t n;
	const struct image_unrecorded *u = unrecorded_of(op, &n);
	for (size_t i = 0; i < n; i++) {
		const struct image_note *note = image_row(&u[i].note);
		const struct image_note *next = i + 1 < n ? image_row(&u[i + 1].note) : NULL;
		struct span when = when_of(&u[i]), via = image_str(&u[i].via);
		buf_addf(b, "  %.*s, asked without a record%s%.*s%s%.*s\n",
		         SPAN_ARG(sar_action_full(image_row(&u[i].action), arena)),
		         when.p ? " when " : "", SPAN_ARG(when), via.n ? ", through " : "",
		         SPAN_ARG(via));
		if (!next || !span_eq(image_str(&note->reason), image_str(&next->reason)))
			text_note(b, 4, note);
	}
}

static void text_mapped(struct buf *b, const struct operation *op, struct arena *arena)
{
	struct grant g[LIMIT_GRANTS];
	struct span d[LIMIT_DEPENDENTS];
	size_t n = grants_of(op, g, LIMIT_GRANTS);
	text_notes(b, g, n);
	text_grants(b, g, n, arena);
	text_passes(b, op);
	text_unrecorded(b, op, arena);
	n = dependents_of(op, d, LIMIT_DEPENDENTS, arena);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%.*s%s", i ? " " : "  may also need ", SPAN_ARG(d[i]),
		         i + 1 < n ? "," : "\n");
}

bool describe_text(const struct mapping *m, struct span name, struct buf *b)
{
	struct lookup found = find(m, name);
	enum mapping_status status = operation_status(found.op);
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < name.n; i++)
		buf_add_char(b, name.p[i] >= 0x20 && name.p[i] != 0x7f ? name.p[i] : '?');
	if (status == MAPPED) {
		buf_addf(b, ": %s\n", rule_name(&found));
		text_mapped(b, found.op, &arena);
	} else {
		buf_addf(b, ": %s\n", status_name(status));
		if (found.op && operation_reason(found.op).p)
			buf_addf(b, "  %.*s\n", SPAN_ARG(operation_reason(found.op)));
		if (found.op && operation_document(found.op).p)
			buf_addf(b, "  %.*s\n", SPAN_ARG(operation_document(found.op)));
	}
	arena_release(&arena);
	return !b->full;
}

/* ---- actions, services, patterns */

static struct span call_name(const struct operation *op, struct arena *arena)
{
	return arena_printf(arena, "%.*s.%.*s", SPAN_ARG(operation_service(op)),
	                    SPAN_ARG(operation_name(op)));
}

static void json_calls(struct buf *b, const struct asked *a, struct arena *arena)
{
	for (size_t i = 0; i < a->n; i++) {
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, call_name(a->ops[i], arena));
	}
}

static void json_action(struct buf *b, const struct sar_action *action, struct arena *arena)
{
	buf_add_str(b, ",\"action\":");
	buf_add_json(b, sar_action_full(action, arena));
	buf_addf(b, ",\"level\":\"%s\",\"types\":[", level_name(sar_action_level(action)));
	for (size_t i = 0; i < sar_action_n_types(action); i++) {
		const struct sar_type *t = sar_action_type(action, i);
		buf_add_str(b, i ? ",{\"type\":" : "{\"type\":");
		buf_add_json(b, sar_type_name(t));
		buf_addf(b, ",\"required\":%s,\"arn\":",
		         sar_action_type_required(action, i) ? "true" : "false");
		buf_add_json(b, sar_type_pattern(t, 0));
		buf_add_char(b, '}');
	}
	buf_add_str(b, "],\"conditions\":[");
	for (size_t i = 0; i < sar_action_n_keys(action); i++) {
		if (i)
			buf_add_char(b, ',');
		buf_add_json(b, sar_action_key(action, i));
	}
	buf_add_char(b, ']');
}

static void text_action_needs(struct buf *b, const struct sar_action *action)
{
	for (size_t i = 0; i < sar_action_n_types(action); i++) {
		const struct sar_type *t = sar_action_type(action, i);
		buf_addf(b, "  on %.*s (%s): %.*s\n", SPAN_ARG(sar_type_name(t)),
		         sar_action_type_required(action, i) ? "required" : "optional",
		         SPAN_ARG(sar_type_pattern(t, 0)));
	}
	if (!sar_action_n_types(action))
		buf_add_str(b, "  on *\n");
	for (size_t i = 0; i < sar_action_n_keys(action); i++)
		buf_addf(b, "%s%.*s%s",
		         i ? " " : "  condition keys: ", SPAN_ARG(sar_action_key(action, i)),
		         i + 1 < sar_action_n_keys(action) ? "," : "\n");
}

/* Of the operations, how many no action is known for. */
static size_t gaps_of(const struct asked *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++)
		n += operation_status(a->ops[i]) == MAPPED_UNKNOWN;
	return n;
}

bool describe_asked_json(struct span name, const struct asked *a, struct buf *b)
{
	struct arena arena;
	arena_init(&arena);
	buf_add_str(b, "{\"name\":");
	buf_add_json(b, name);
	if (a->kind == ASKED_ACTION)
		json_action(b, a->action, &arena);
	else
		buf_addf(b, ",\"unknown\":%zu", gaps_of(a));
	buf_add_str(b, ",\"calls\":[");
	json_calls(b, a, &arena);
	buf_add_str(b, "]}");
	arena_release(&arena);
	return !b->full;
}

bool describe_asked_text(struct span name, const struct asked *a, struct buf *b)
{
	struct arena arena;
	arena_init(&arena);
	if (a->kind == ASKED_ACTION) {
		buf_addf(b, "%.*s: action (%s)\n", SPAN_ARG(sar_action_full(a->action, &arena)),
		         level_name(sar_action_level(a->action)));
		text_action_needs(b, a->action);
		buf_addf(b, "  needed by %zu operation%s%s\n", a->n, a->n == 1 ? "" : "s",
		         a->n ? ":" : "");
	} else {
		buf_addf(b, "%.*s: %zu operations, %zu without a known action\n", SPAN_ARG(name),
		         a->n, gaps_of(a));
	}
	for (size_t i = 0; i < a->n; i++)
		buf_addf(b, "    %.*s%s\n", SPAN_ARG(call_name(a->ops[i], &arena)),
		         operation_status(a->ops[i]) == MAPPED_UNKNOWN ? " (unknown)" : "");
	arena_release(&arena);
	return !b->full;
}
