/* variable.c - policy: see variable.h. */
#include "config.h"

#include "policy/variable.h"

#include "policy/limits.h"
#include "policy/operand.h"

enum { ARN_COLONS = 5 };

struct builder {
	struct arena *arena;
	enum text_use use;
	struct symbol *symbols;
	size_t n;
	struct variable *variables;
	size_t n_variables;
	size_t colons; /* plain ones so far */
	bool arn;      /* has segments: AWS takes no other resource but "*" */
	bool early_variable;
};

static bool segmented(const struct builder *b)
{
	return b->arn && b->colons < ARN_COLONS;
}

static void add_byte(struct builder *b, char c)
{
	b->symbols[b->n++] = (struct symbol){SYM_BYTE, c};
}

static void add_wildcard(struct builder *b, struct span text, size_t at)
{
	bool star = text.p[at] == '*';
	if (b->use == TEXT_EXACT || b->use == TEXT_IGNORE_CASE) {
		add_byte(b, text.p[at]);
		return;
	}
	bool ends = at + 1 == text.n || text.p[at + 1] == ':';
	bool part = segmented(b) && !(b->use == TEXT_RESOURCE && star && ends);
	b->symbols[b->n++] = (struct symbol){(uint8_t)(star ? (part ? SYM_STAR_PART : SYM_STAR)
	                                                    : (part ? SYM_ANY_PART : SYM_ANY)),
	                                     0};
}

/* "key" or "key, 'default'" between the braces. */
static bool read_variable(struct arena *arena, struct span in, struct variable *out)
{
	ptrdiff_t comma = span_chr(in, ',');
	struct span key = span_trim(comma < 0 ? in : span_sub(in, 0, (size_t)comma));
	out->key = lower_copy(arena, key);
	out->fallback = SPAN_NONE;
	if (comma < 0)
		return true;
	struct span rest = span_trim(span_from(in, (size_t)comma + 1));
	if (rest.n < 2 || rest.p[0] != '\'' || rest.p[rest.n - 1] != '\'')
		return false;
	out->fallback = span_sub(rest, 1, rest.n - 2);
	return true;
}

/* Where the '}' is that ends the variable whose "${" is before at, or -1; one between quotes is
 * not. */
static ptrdiff_t variable_end(struct span text, size_t at)
{
	bool quoted = false;
	for (size_t i = at; i < text.n; i++) {
		if (text.p[i] == '\'')
			quoted = !quoted;
		else if (text.p[i] == '}' && !quoted)
			return (ptrdiff_t)i;
	}
	return -1;
}

/* How many bytes the "${...}" at has; 0 if it is none. */
static size_t add_variable(struct builder *b, struct span text, size_t at)
{
	if (at + 1 >= text.n || text.p[at + 1] != '{')
		return 0;
	ptrdiff_t end = variable_end(text, at + 2);
	if (end < 0)
		return 0;
	struct span in = span_sub(text, at + 2, (size_t)end - at - 2);
	if (segmented(b) && b->use == TEXT_RESOURCE)
		b->early_variable = true;
	if (in.n == 1 && strchr("*?$", in.p[0])) {
		add_byte(b, in.p[0]);
		return in.n + 3;
	}
	struct variable *v = &b->variables[b->n_variables];
	if (!read_variable(b->arena, in, v))
		return 0;
	v->at = b->n;
	b->n_variables++;
	return in.n + 3;
}

static void build(struct builder *b, struct span text, bool variables)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		size_t skip = c == '$' && variables ? add_variable(b, text, i) : 0;
		if (skip) {
			i += skip - 1;
			continue;
		}
		if (c == '*' || c == '?') {
			add_wildcard(b, text, i);
			continue;
		}
		add_byte(b, c);
		b->colons += c == ':';
	}
}

static const struct pattern *widest_of(const struct builder *b)
{
	size_t n = b->n + b->n_variables, k = 0, m = 0;
	struct symbol *s = arena_alloc(b->arena, (n + 1) * sizeof *s);
	for (size_t i = 0; i <= b->n; i++) {
		while (k < b->n_variables && b->variables[k].at == i) {
			s[m++] = (struct symbol){SYM_STAR, 0};
			k++;
		}
		if (i < b->n)
			s[m++] = b->symbols[i];
	}
	return pattern_new(b->arena, s, m);
}

static struct span exact_of(const struct builder *b)
{
	char *p = arena_alloc(b->arena, b->n + 1);
	for (size_t i = 0; i < b->n; i++)
		p[i] = b->symbols[i].byte;
	return span_make(p, b->n);
}

bool policy_text_compile(struct arena *arena, struct span text, enum text_use use, bool variables,
                         struct policy_text *out)
{
	if (text.n > LIMIT_PATTERN)
		return false;
	struct builder b = {.arena = arena, .use = use};
	b.arn = use == TEXT_ARN || (use == TEXT_RESOURCE && span_starts(text, SPAN_LIT("arn:")));
	b.symbols = arena_alloc(arena, (text.n + 1) * sizeof *b.symbols);
	if (variables)
		b.variables = arena_alloc(arena, (text.n / 3 + 1) * sizeof *b.variables);
	build(&b, text, variables);
	struct policy_text t = {.text = text, .use = use};
	t.symbols = b.symbols;
	t.n_symbols = b.n;
	t.variables = b.variables;
	t.n_variables = b.n_variables;
	t.never = b.early_variable || (use == TEXT_ARN && b.colons < ARN_COLONS);
	if (!t.never) {
		if (b.n_variables == 0 && (use == TEXT_EXACT || use == TEXT_IGNORE_CASE))
			t.exact = exact_of(&b);
		else if (b.n_variables == 0)
			t.widest = t.pattern = pattern_new(arena, b.symbols, b.n);
		else
			t.widest = widest_of(&b);
	}
	if (t.pattern) {
		struct span prefix = pattern_prefix(t.pattern);
		t.prefix = prefix.n;
		t.prefix_end = prefix.n ? prefix.p[prefix.n - 1] : '\0';
	}
	*out = t;
	return true;
}

/* What is put in place of v: a value, its default, or SPAN_NONE. */
static struct span value_of(const struct variable *v, const struct request_keys *keys,
                            bool *unknown)
{
	const struct request_key *f = keys_find(keys, v->key);
	if (f && f->unknown) {
		*unknown = true;
		return SPAN_NONE;
	}
	if (!f)
		return v->fallback;
	return f->n == 1 ? f->values[0] : SPAN_NONE;
}

/* All symbols with the variables' values as plain bytes; NULL if one has none or it gets too long.
 */
static struct symbol *expand(const struct policy_text *t, const struct request_keys *keys,
                             struct arena *arena, size_t *n, bool *unknown)
{
	size_t total = t->n_symbols;
	struct span *values = arena_alloc(arena, t->n_variables * sizeof *values);
	for (size_t i = 0; i < t->n_variables; i++) {
		values[i] = value_of(&t->variables[i], keys, unknown);
		if (!values[i].p)
			return NULL;
		total += values[i].n;
		if (total > LIMIT_PATTERN_EXPANDED)
			return NULL;
	}
	struct symbol *s = arena_alloc(arena, (total + 1) * sizeof *s);
	size_t k = 0;
	*n = 0;
	for (size_t i = 0; i <= t->n_symbols; i++) {
		for (; k < t->n_variables && t->variables[k].at == i; k++)
			for (size_t j = 0; j < values[k].n; j++)
				s[(*n)++] = (struct symbol){SYM_BYTE, values[k].p[j]};
		if (i < t->n_symbols)
			s[(*n)++] = t->symbols[i];
	}
	return s;
}

static bool symbols_are(const struct symbol *s, size_t n, struct span value, bool ignore_case,
                        struct arena *arena)
{
	char *p = arena_alloc(arena, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = s[i].byte;
	return ignore_case ? text_eq_ignore_case(span_make(p, n), value)
	                   : span_eq(span_make(p, n), value);
}

static bool may_match(const struct policy_text *t, struct span value)
{
	/* what a fold of case does to a prefix is not worth finding out: nothing is ruled out */
	return t->use == TEXT_IGNORE_CASE || pattern_meets(t->widest, value);
}

static enum truth match_expanded(const struct policy_text *t, const struct request_keys *keys,
                                 struct span value, bool partial)
{
	struct arena arena;
	arena_init(&arena);
	size_t n = 0;
	bool unknown = false;
	enum truth result = TRUTH_NO;
	struct symbol *s = expand(t, keys, &arena, &n, &unknown);
	if (!s) {
		if (unknown && may_match(t, value))
			result = TRUTH_MAYBE;
	} else if (t->use == TEXT_EXACT || t->use == TEXT_IGNORE_CASE) {
		result = symbols_are(s, n, value, t->use == TEXT_IGNORE_CASE, &arena) ? TRUTH_YES
		                                                                      : TRUTH_NO;
	} else {
		const struct pattern *p = pattern_new(&arena, s, n);
		result = pattern_match(p, value) ? TRUTH_YES : TRUTH_NO;
		if (result == TRUTH_NO && partial && pattern_meets(p, value))
			result = TRUTH_MAYBE;
	}
	arena_release(&arena);
	return result;
}

enum truth policy_text_match(const struct policy_text *t, const struct request_keys *keys,
                             struct span value)
{
	if (t->never)
		return TRUTH_NO;
	if (t->n_variables)
		return match_expanded(t, keys, value, false);
	if (t->use == TEXT_EXACT)
		return span_eq(t->exact, value) ? TRUTH_YES : TRUTH_NO;
	if (t->use == TEXT_IGNORE_CASE)
		return text_eq_ignore_case(t->exact, value) ? TRUTH_YES : TRUTH_NO;
	return pattern_match(t->pattern, value) ? TRUTH_YES : TRUTH_NO;
}

enum truth policy_text_meet(const struct policy_text *t, const struct request_keys *keys,
                            struct span value)
{
	if (t->never)
		return TRUTH_NO;
	if (t->n_variables)
		return match_expanded(t, keys, value, true);
	if (pattern_match(t->pattern, value))
		return TRUTH_YES;
	return pattern_meets(t->pattern, value) ? TRUTH_MAYBE : TRUTH_NO;
}
