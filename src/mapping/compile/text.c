/* text.c - mapping/compile: see text.h; the languages are in mappings/README. */
#include "config.h"

#include "mapping/compile/text.h"

#include "mapping/name-fold.h"

#include <stdlib.h>

/* Generous beside the longest rows, so that a hostile table cannot make the arrays below large. */
enum { LIMIT_PARTS = 256, LIMIT_TRANSFORMS = 8, LIMIT_BINDINGS = 32, LIMIT_TESTS = 16 };

void text_use(struct text_env *env, struct span name, uint32_t flags)
{
	ptrdiff_t brace = span_chr(name, '{');
	if (brace >= 0)
		name.n = (size_t)brace;
	struct span copy = arena_span(&env->model->arena, name);
	*MODEL_ADD(env->model, env->uses, env->n_uses) = (struct text_use){copy, flags};
}

static int use_cmp(const void *a, const void *b)
{
	const struct text_use *x = a, *y = b;
	return span_cmp(x->name, y->name);
}

size_t text_add_uses(struct text_env *env)
{
	size_t n = 0;
	if (!env->n_uses)
		return 0;
	qsort(env->uses, env->n_uses, sizeof *env->uses, use_cmp);
	for (size_t i = 0; i < env->n_uses; i++)
		if (n && span_eq(env->uses[n - 1].name, env->uses[i].name))
			env->uses[n - 1].flags |= env->uses[i].flags;
		else
			env->uses[n++] = env->uses[i];
	size_t list = image_add_list(env->image, n, IMAGE_WORDS(image_member));
	for (size_t i = 0; i < n; i++) {
		size_t at = list + 1 + i * IMAGE_WORDS(image_member);
		image_refer_text(env->image, at + IMAGE_AT(image_member, name), env->uses[i].name);
		image_set(env->image, at + IMAGE_AT(image_member, flags), env->uses[i].flags);
	}
	return list;
}

/* Cuts at the first of the separators that is outside parentheses and quotes; *found is it, or 0.
 */
static struct span cut_outside(struct span *rest, const char *separators, char *found)
{
	struct span s = *rest;
	int depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\'')
			quoted = !quoted;
		else if (c == '(' && !quoted)
			depth++;
		else if (c == ')' && !quoted && depth)
			depth--;
		else if (!depth && !quoted && c && strchr(separators, c)) {
			*found = c;
			*rest = span_from(s, i + 1);
			return span_sub(s, 0, i);
		}
	}
	*found = 0;
	*rest = SPAN_NONE;
	return s;
}

/* ---- transforms */

static const struct {
	const char *name;
	enum { NO_ARG, TEXT_ARG, NUMBER_ARG } arg;
} transforms[TR_N] = {
        [TR_BASENAME] = {"basename", NO_ARG},   [TR_SEGMENT] = {"segment", NUMBER_ARG},
        [TR_NOSLASH] = {"noslash", NO_ARG},     [TR_BEFORE] = {"before", TEXT_ARG},
        [TR_AFTER] = {"after", TEXT_ARG},       [TR_LAST] = {"last", TEXT_ARG},
        [TR_UNQUALIFY] = {"unqualify", NO_ARG}, [TR_FIELD] = {"field", NUMBER_ARG},
        [TR_NAME] = {"name", NO_ARG},           [TR_ARN] = {"arn", NO_ARG},
        [TR_NOARN] = {"noarn", NO_ARG},         [TR_LIKE] = {"like", TEXT_ARG},
        [TR_UNLIKE] = {"unlike", TEXT_ARG},     [TR_LOWER] = {"lower", NO_ARG},
        [TR_URLDECODE] = {"urldecode", NO_ARG}, [TR_ACCOUNT] = {"account", NO_ARG},
        [TR_PARTIQL] = {"partiql", NO_ARG},     [TR_PARTIQL_INDEX] = {"partiql-index", NO_ARG},
        [TR_URLENCODE] = {"urlencode", NO_ARG}, [TR_ANY] = {"any", NO_ARG},
        [TR_S3ALIAS] = {"s3alias", NO_ARG},     [TR_AS] = {"as", TEXT_ARG},
        [TR_KNOWN] = {"known", TEXT_ARG},
};

static bool number_of(struct span s, int32_t *number)
{
	uint64_t v;
	bool minus = s.n && s.p[0] == '-';
	if (minus)
		s = span_from(s, 1);
	if (!span_to_u64(s, &v) || v > 64)
		return false;
	*number = minus ? -(int32_t)v : (int32_t)v;
	return true;
}

static enum status transform(struct text_env *env, struct m_origin origin, struct span text,
                             size_t at, struct err *err)
{
	ptrdiff_t open = span_chr(text, '(');
	struct span name = open >= 0 ? span_sub(text, 0, (size_t)open) : text;
	struct span arg = SPAN_NONE;
	int32_t number = 0;
	size_t kind = 0;
	if (open >= 0 && text.p[text.n - 1] == ')')
		arg = span_sub(text, (size_t)open + 1, text.n - (size_t)open - 2);
	while (kind < TR_N && !span_is(name, transforms[kind].name))
		kind++;
	if (kind == TR_N)
		return model_bad(origin, err, "no transform '%.*s'", SPAN_ARG(text));
	if ((transforms[kind].arg == NO_ARG) != (open < 0) ||
	    (open >= 0 && (arg.n == 0 || arg.n > 200)) ||
	    (transforms[kind].arg == NUMBER_ARG && !number_of(arg, &number)))
		return model_bad(origin, err, "transform '%.*s' has a wrong argument",
		                 SPAN_ARG(text));
	image_set(env->image, at + IMAGE_AT(image_transform, kind), (uint32_t)kind);
	image_set(env->image, at + IMAGE_AT(image_transform, number), (uint32_t)number);
	if (transforms[kind].arg == TEXT_ARG)
		image_refer_text(env->image, at + IMAGE_AT(image_transform, arg), arg);
	return STATUS_OK;
}

/* ---- parts */

static bool is_member(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(s.p[i]) && !ascii_digit(s.p[i]) && !strchr("._-[]{}*:$@ ", s.p[i]))
			return false;
	return s.n > 0 && s.n < FOLD_MAX / 2 && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

/* The other spellings of the member's last segment, as a list. */
static size_t add_spellings(struct text_env *env, struct span leaf)
{
	struct span found[32];
	size_t n = 0;
	char a[FOLD_MAX], b[FOLD_MAX];
	for (size_t i = 0; i < env->service->n_wires; i++) {
		const struct m_wire *w = &env->service->wires[i];
		if (!span_eq(fold_segment(w->leaf, a, sizeof a), leaf))
			continue;
		for (struct span rest = w->names; rest.p && n < 32;) {
			struct span name = span_cut(&rest, ',');
			struct span folded = fold_segment(name, b, sizeof b);
			if (!span_eq(folded, leaf))
				found[n++] = arena_span(&env->model->arena, folded);
		}
	}
	return image_add_texts(env->image, found, n);
}

static bool is_marked(const struct span *leaves, size_t n, struct span folded)
{
	char text[FOLD_MAX];
	ptrdiff_t brace = span_chr(folded, '{');
	if (brace >= 0)
		folded.n = (size_t)brace;
	for (size_t i = 0; i < n; i++)
		if (span_eq(fold_segment(leaves[i], text, sizeof text), folded))
			return true;
	return false;
}

static bool is_marked_in(const struct m_service *s, struct span folded)
{
	return is_marked(s->free_words, s->n_free_words, folded) ||
	       is_marked(s->sensitive, s->n_sensitive, folded);
}

/* Whether a member is marked in the service itself; of a member that is only asked for to be there,
 * also in another one whose calls are logged under the same source: that tells no value. */
static bool is_marked_for(const struct text_env *env, struct span folded, uint32_t flag)
{
	const struct m_service *own = env->service;
	bool marked = is_marked_in(own, folded);
	for (size_t i = 0; !marked && flag == MEMBER_PRESENT && i < env->model->n_services; i++) {
		const struct m_service *s = &env->model->services[i];
		marked = span_eq(s->source, own->source) && is_marked_in(s, folded);
	}
	return marked;
}

/* Remembers which members are asked for, so that they are kept of a request. */
static void note_use(struct text_env *env, struct span folded, uint32_t flag)
{
	struct span rest = folded;
	uint32_t within = 0;
	while (rest.p) {
		struct span s = span_cut(&rest, '.');
		if (span_ends(s, SPAN_LIT("{}")))
			text_use(env, s, MEMBER_KEYS | within);
		if (rest.p)
			text_use(env, s, MEMBER_INNER | within);
		else if (span_ends(s, SPAN_LIT("{*}")))
			text_use(env, s,
			         MEMBER_INNER | within |
			                 (flag == MEMBER_ARN ? MEMBER_EACH_ARN : MEMBER_EACH));
		else
			text_use(env, s, flag | within);
		if (rest.p && is_marked_for(env, s, flag))
			within = MEMBER_WITHIN;
	}
}

static void note_spellings(struct text_env *env, struct span leaf, uint32_t flag)
{
	char a[FOLD_MAX], b[FOLD_MAX];
	for (size_t i = 0; i < env->service->n_wires; i++) {
		const struct m_wire *w = &env->service->wires[i];
		if (!span_eq(fold_segment(w->leaf, a, sizeof a), leaf))
			continue;
		for (struct span rest = w->names; rest.p;) {
			struct span name = fold_segment(span_cut(&rest, ','), b, sizeof b);
			text_use(env, name, flag);
		}
	}
}

static enum status part(struct text_env *env, struct m_origin origin, struct span text, size_t at,
                        bool value, struct err *err)
{
	struct span rest = text, tr[LIMIT_TRANSFORMS];
	size_t n = 0;
	char found, folded[FOLD_MAX];
	struct span member = cut_outside(&rest, "|", &found);
	uint32_t flag = value ? MEMBER_VALUE : MEMBER_PRESENT;
	if (member.n > 1 && member.p[0] == '\'') {
		if (rest.p || member.p[member.n - 1] != '\'')
			return model_bad(origin, err, "'%.*s' is no literal", SPAN_ARG(text));
		image_refer_text(env->image, at + IMAGE_AT(image_part, text),
		                 span_sub(member, 1, member.n - 2));
		return STATUS_OK;
	}
	if (!is_member(member))
		return model_bad(origin, err, "'%.*s' is no member", SPAN_ARG(member));
	while (rest.p) {
		if (n == LIMIT_TRANSFORMS)
			return model_bad(origin, err, "too many transforms");
		tr[n] = cut_outside(&rest, "|", &found);
		if (span_starts(tr[n], SPAN_LIT("partiql")))
			flag = MEMBER_STATEMENT;
		else if (n == 0 &&
		         (span_is(tr[n], "arn") || span_starts(tr[n], SPAN_LIT("like(arn:"))))
			flag = MEMBER_ARN;
		n++;
	}
	struct span path = fold_path(member, SPAN_NONE, folded).path;
	note_use(env, path, flag);
	note_spellings(env, fold_leaf(path), flag);
	image_refer_text(env->image, at + IMAGE_AT(image_part, text), text);
	image_refer_text(env->image, at + IMAGE_AT(image_part, path),
	                 arena_span(&env->model->arena, path));
	image_refer(env->image, at + IMAGE_AT(image_part, names),
	            add_spellings(env, fold_leaf(path)));
	if (!n)
		return STATUS_OK;
	size_t list = image_add_list(env->image, n, IMAGE_WORDS(image_transform));
	image_refer(env->image, at + IMAGE_AT(image_part, transforms), list);
	for (size_t i = 0; i < n; i++)
		if (transform(env, origin, tr[i], list + 1 + i * IMAGE_WORDS(image_transform),
		              err) != STATUS_OK)
			return STATUS_STOP;
	return STATUS_OK;
}

enum status text_member(struct text_env *env, struct m_origin origin, struct span text, bool value,
                        size_t *at, struct err *err)
{
	*at = image_add_list(env->image, 1, IMAGE_WORDS(image_part));
	return part(env, origin, text, *at + 1, value, err);
}

/* SOURCES: the parts of one binding, each with what joins it to the next. */
static enum status sources(struct text_env *env, struct m_origin origin, struct span text,
                           size_t *at, struct err *err)
{
	struct span parts[LIMIT_PARTS], rest = text;
	uint32_t joins[LIMIT_PARTS];
	size_t n = 0;
	while (rest.p) {
		char found;
		if (n == LIMIT_PARTS)
			return model_bad(origin, err, "too many sources");
		parts[n] = cut_outside(&rest, ",+&", &found);
		joins[n++] = found == '&'   ? JOIN_TEXT
		             : found == '+' ? JOIN_UNION
		             : found == ',' ? JOIN_ELSE
		                            : JOIN_END;
	}
	*at = image_add_list(env->image, n, IMAGE_WORDS(image_part));
	for (size_t i = 0; i < n; i++) {
		size_t p = *at + 1 + i * IMAGE_WORDS(image_part);
		image_set(env->image, p + IMAGE_AT(image_part, join), joins[i]);
		if (part(env, origin, parts[i], p, true, err) != STATUS_OK)
			return STATUS_STOP;
	}
	return STATUS_OK;
}

static enum status binding(struct text_env *env, struct m_origin origin, struct span text,
                           size_t at, struct err *err)
{
	size_t list = 0;
	ptrdiff_t equals = span_chr(text, '=');
	if (equals <= 0 || (size_t)equals + 1 == text.n)
		return model_bad(origin, err, "'%.*s' is no binding", SPAN_ARG(text));
	image_refer_text(env->image, at + IMAGE_AT(image_binding, variable),
	                 span_sub(text, 0, (size_t)equals));
	enum status status = sources(env, origin, span_from(text, (size_t)equals + 1), &list, err);
	image_refer(env->image, at + IMAGE_AT(image_binding, parts), list);
	return status;
}

/* ---- conditions */

struct test_text {
	struct span member, text;
	enum test_kind kind;
};

static struct test_text test_of(struct span s)
{
	struct test_text t = {s, SPAN_NONE, TEST_PRESENT};
	if (s.n && s.p[0] == '!')
		return (struct test_text){span_from(s, 1), SPAN_NONE, TEST_ABSENT};
	int depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		depth += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
		if (depth || (s.p[i] != '=' && s.p[i] != '~'))
			continue;
		bool not = i && s.p[i - 1] == '!';
		t.kind = s.p[i] == '=' ? (not ? TEST_IS_NOT : TEST_IS)
		                       : (not ? TEST_UNLIKE : TEST_LIKE);
		t.text = span_from(s, i + 1);
		t.member = span_sub(s, 0, not ? i - 1 : i);
		break;
	}
	return t;
}

enum status text_when(struct text_env *env, struct m_origin origin, struct span text, size_t *at,
                      struct err *err)
{
	struct span piece[LIMIT_TESTS], rest = text;
	size_t n = 0;
	*at = 0;
	while (rest.p) {
		char found;
		if (n == LIMIT_TESTS)
			return model_bad(origin, err, "too many conditions");
		piece[n++] = cut_outside(&rest, "&", &found);
	}
	if (!n)
		return STATUS_OK;
	*at = image_add_list(env->image, n, IMAGE_WORDS(image_test));
	for (size_t i = 0; i < n; i++) {
		size_t row = *at + 1 + i * IMAGE_WORDS(image_test), list = 0;
		struct test_text t = test_of(piece[i]);
		bool value = (t.kind != TEST_PRESENT && t.kind != TEST_ABSENT) ||
		             span_chr(t.member, '|') >= 0;
		image_set(env->image, row + IMAGE_AT(image_test, kind), t.kind);
		image_refer_text(env->image, row + IMAGE_AT(image_test, text), t.text);
		if (text_member(env, origin, t.member, value, &list, err) != STATUS_OK)
			return STATUS_STOP;
		image_refer(env->image, row + IMAGE_AT(image_test, part), list);
	}
	return STATUS_OK;
}

/* "COND,COND" behind "?=". */
static enum status conditions(struct text_env *env, struct m_origin origin, struct span text,
                              size_t *at, struct err *err)
{
	struct span piece[LIMIT_TESTS], rest = text;
	size_t n = 0, tests;
	while (rest.p) {
		char found;
		if (n == LIMIT_TESTS)
			return model_bad(origin, err, "too many conditions");
		piece[n++] = cut_outside(&rest, ",", &found);
	}
	*at = image_add_list(env->image, n, 1);
	for (size_t i = 0; i < n; i++) {
		if (text_when(env, origin, piece[i], &tests, err) != STATUS_OK)
			return STATUS_STOP;
		image_refer(env->image, *at + 1 + i, tests);
	}
	return STATUS_OK;
}

enum status text_bindings(struct text_env *env, struct m_origin origin, struct span text,
                          size_t *at, size_t *when, struct err *err)
{
	struct span piece[LIMIT_BINDINGS], rest = text;
	size_t n = 0;
	*at = *when = 0;
	while (rest.p) {
		char found;
		struct span one = cut_outside(&rest, " ", &found);
		if (n == LIMIT_BINDINGS)
			return model_bad(origin, err, "too many bindings");
		if (!span_starts(one, SPAN_LIT("?=")))
			piece[n++] = one;
		else if (conditions(env, origin, span_from(one, 2), when, err) != STATUS_OK)
			return STATUS_STOP;
	}
	if (!n)
		return STATUS_OK;
	struct span mine = arena_printf(&env->model->arena, "bind %.*s %.*s",
	                                SPAN_ARG(env->service->folder), SPAN_ARG(text));
	*at = *image_memo(env->image, mine);
	if (*at)
		return STATUS_OK;
	/* Services without spellings of their own share what is equal; it is compiled all the same,
	 * for what it says of their members. */
	struct span any = arena_printf(&env->model->arena, "bind * %.*s", SPAN_ARG(text));
	size_t shared = env->service->n_wires ? 0 : *image_memo(env->image, any);
	struct image_mark mark = image_mark(env->image);
	*at = image_add_list(env->image, n, IMAGE_WORDS(image_binding));
	for (size_t i = 0; i < n; i++)
		if (binding(env, origin, piece[i], *at + 1 + i * IMAGE_WORDS(image_binding), err) !=
		    STATUS_OK)
			return STATUS_STOP;
	if (shared) {
		image_undo(env->image, mark);
		*at = shared;
	}
	*image_memo(env->image, mine) = *at;
	if (!env->service->n_wires)
		*image_memo(env->image, any) = *at;
	return STATUS_OK;
}
