/* options.c - cli: see options.h. getopt_long cannot take its table from ours without a copy
 * and prints its own wording, so the few rules are written out here. */
#include "config.h"

#include "cli/options.h"

#include "base/buf.h"
#include "base/when.h"
#include "cli/help.h"
#include "base/suggest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MOST = 1000000 };

/* ---- the table */

bool option_at(const struct command *c, size_t i, struct option_place *out)
{
	for (const struct option_use *use = c->options; use && use->group; use++)
		for (const struct option_group *g = use->group; g; g = g->next)
			for (const struct option *o = g->options; o->name; o++)
				if (i-- == 0) {
					*out = (struct option_place){o, g->heading,
					                             use->base + g->at};
					return true;
				}
	return false;
}

struct option_choice option_choice_at(const struct option *o, size_t i)
{
	if (o->choice_at)
		return o->choice_at(i);
	return o->choices ? o->choices[i] : (struct option_choice){NULL, 0};
}

static struct span option_name_at(const void *data, size_t i)
{
	struct option_place p;
	return option_at(data, i, &p) ? span_of(p.option->name) : SPAN_NONE;
}

static struct span choice_name_at(const void *data, size_t i)
{
	return span_of(option_choice_at(data, i).name);
}

/* ---- what is wrong */

int options_usage(const struct command *self, const char *format, ...)
{
	va_list args;
	fprintf(stderr, "iamreplay %s: ", self->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'iamreplay %s --help'.\n", self->name);
	return EXIT_USAGE;
}

struct parser {
	const struct command *self;
	int argc;
	char **argv;
	int at; /* next word to look at */
	void *fields;
	struct command_line *line;
	const char *letters; /* rest of a cluster of short options */
	bool only_operands;  /* "--" was seen */
};

static bool leave(struct parser *p, int exit_status)
{
	p->line->exit_status = exit_status;
	return false;
}

/* All choices as "a|b|c". */
static struct span choices_text(struct arena *arena, const struct option *o)
{
	struct buf b;
	struct option_choice c;
	buf_init(&b, 4096);
	for (size_t i = 0; (c = option_choice_at(o, i)).name; i++)
		buf_addf(&b, "%s%s", i ? "|" : "", c.name);
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

/* What the option takes, for a message. */
static const char *takes(struct arena *arena, const struct option *o)
{
	if (o->takes)
		return o->takes;
	switch (o->kind) {
	case OPTION_NUMBER:
		if (!o->max)
			return arena_printf(arena, "a number from %u on", o->min).p;
		return arena_printf(arena, "a number from %u to %u", o->min, o->max).p;
	case OPTION_SINCE:
	case OPTION_UNTIL: return "a time such as 2026-01-31 or 2026-01-31T12:00:00Z";
	case OPTION_DURATION: return "a time span such as 90d or 12h";
	case OPTION_CHOICE:
		return arena_printf(arena, "one of %.*s", SPAN_ARG(choices_text(arena, o))).p;
	case OPTION_CHOICES:
		return arena_printf(arena, "a list of %.*s", SPAN_ARG(choices_text(arena, o))).p;
	default: return o->value;
	}
}

/* "--resources takes one of grouped|exact, not 'exct'; did you mean 'exact'?", without dashes. */
static struct span refusal(struct arena *arena, const struct option *o, struct span value)
{
	struct span near = suggest(arena, value, "", choice_name_at, o);
	return arena_printf(arena, "%s takes %s, not '%.*s'%.*s", o->name, takes(arena, o),
	                    SPAN_ARG(value), SPAN_ARG(near));
}

static bool refuse(struct parser *p, const struct option *o, struct span value)
{
	struct span text = refusal(&p->line->arena, o, value);
	return leave(p, options_usage(p->self, "--%.*s", SPAN_ARG(text)));
}

/* ---- values */

static bool take_number(const struct option *o, unsigned *field, const char *value)
{
	uint64_t n;
	uint64_t most = o->max ? o->max : NUMBER_MOST;
	if (!span_to_u64(span_of(value), &n) || n < o->min || n > most)
		return false;
	*field = (unsigned)n;
	return true;
}

static bool find_choice(const struct option *o, struct span name, int *value)
{
	struct option_choice c;
	for (size_t i = 0; (c = option_choice_at(o, i)).name; i++)
		if (span_is(name, c.name)) {
			*value = c.value;
			return true;
		}
	return false;
}

/* *wrong is the first word that is no choice. */
static bool take_choices(const struct option *o, unsigned *bits, const char *value,
                         struct span *wrong)
{
	struct span rest = span_of(value);
	int bit;
	while (rest.p) {
		struct span word = *wrong = span_trim(span_cut(&rest, ','));
		if (!find_choice(o, word, &bit))
			return false;
		*bits |= 1u << bit;
	}
	return true;
}

/* Room for one more of size bytes behind n: they double, so that a long command line costs no more
 * than its length. */
static void *list_room(struct arena *arena, void *v, size_t n, size_t size)
{
	if (n & (n - 1) || (n == 0 && v))
		return v;
	void *wider = arena_alloc(arena, (n ? 2 * n : 1) * size);
	if (n)
		memcpy(wider, v, n * size);
	return wider;
}

static void add_text(struct arena *arena, struct text_list *list, const char *value)
{
	list->v = list_room(arena, list->v, list->n, sizeof *list->v);
	list->v[list->n++] = span_of(value);
}

static void add_tagged(struct arena *arena, struct tagged_list *list, const char *value, int tag)
{
	list->v = list_room(arena, list->v, list->n, sizeof *list->v);
	list->v[list->n++] = (struct tagged_text){value, tag};
}

/* False: the option does not take *wrong. */
static bool set_field(struct arena *arena, const struct option *o, void *field, const char *value,
                      struct span *wrong)
{
	bool ok = true;
	*wrong = span_of(value);
	switch (o->kind) {
	case OPTION_FLAG: *(bool *)field = true; break;
	case OPTION_TEXT:
	case OPTION_FILE:
	case OPTION_DIR: *(const char **)field = value; break;
	case OPTION_NUMBER: ok = take_number(o, field, value); break;
	case OPTION_SINCE: ok = when_parse_bound(span_of(value), false, field); break;
	case OPTION_UNTIL: ok = when_parse_bound(span_of(value), true, field); break;
	case OPTION_DURATION: ok = when_parse_duration(span_of(value), field); break;
	case OPTION_CHOICE: ok = find_choice(o, span_of(value), field); break;
	case OPTION_CHOICES: return take_choices(o, field, value, wrong);
	case OPTION_LIST: add_text(arena, field, value); break;
	case OPTION_TAGGED: add_tagged(arena, field, value, o->tag); break;
	case OPTION_OTHER: ok = o->read(field, value); break;
	}
	return ok;
}

/* False: it may be given once only, and was. */
static bool remember_given(struct parser *p, const struct option *o)
{
	struct command_line *line = p->line;
	struct option_place last;
	size_t room = 0;
	if (!line->given) { /* each counts once */
		while (option_at(p->self, room, &last))
			room++;
		line->given = arena_calloc(&line->arena, room, sizeof(struct option *));
	}
	for (size_t i = 0; i < line->n_given; i++)
		if (line->given[i] == o)
			return !o->once;
	line->given[line->n_given++] = o;
	return true;
}

static bool take(struct parser *p, const struct option_place *place, const char *value)
{
	const struct option *o = place->option;
	char *group = (char *)p->fields + place->base;
	if ((o->kind == OPTION_FILE || o->kind == OPTION_TAGGED) && *value == '\0')
		return leave(p, options_usage(p->self, "--%s needs %s, and its value is empty",
		                              o->name, o->value));
	if (o->check && !o->check(value))
		return refuse(p, o, span_of(value));
	if (!remember_given(p, o))
		return leave(p, options_usage(p->self, "--%s takes one %s: it was given twice",
		                              o->name, o->value));
	if (o->given)
		*(bool *)(group + o->given) = true;
	struct span wrong;
	return set_field(&p->line->arena, o, group + o->field, value, &wrong) ||
	       refuse(p, o, wrong);
}

/* What is added must not stand in the room of a list that others share. */
static void list_own(struct arena *arena, struct text_list *list)
{
	size_t room = 1;
	while (room < list->n)
		room *= 2;
	struct span *v = arena_alloc(arena, room * sizeof *v);
	if (list->n)
		memcpy(v, list->v, list->n * sizeof *v);
	list->v = v;
}

bool option_set(const struct option_place *place, void *fields, const char *value,
                struct arena *arena, struct span *why)
{
	const struct option *o = place->option;
	char *group = (char *)fields + place->base;
	struct span wrong = span_of(value);
	bool no = o->kind == OPTION_FLAG && strcmp(value, "no") == 0;
	if (o->kind == OPTION_FLAG && !no && *value && strcmp(value, "yes") != 0) {
		*why = arena_printf(arena, "%s takes yes or no, not '%s'", o->name, value);
		return false;
	}
	if (o->kind == OPTION_CHOICES)
		*(unsigned *)(group + o->field) = 0; /* instead of what was said before */
	if (o->kind == OPTION_LIST)
		list_own(arena, (struct text_list *)(void *)(group + o->field));
	bool ok = (!o->check || o->check(value)) &&
	          set_field(arena, o, group + o->field, value, &wrong);
	if (ok && o->given)
		*(bool *)(group + o->given) = true;
	if (no)
		*(bool *)(group + o->field) = false;
	if (!ok)
		*why = refusal(arena, o, wrong);
	return ok;
}

/* ---- words */

/* How many long options begin with name; 1 where one is just that. */
static size_t find_long(const struct command *c, struct span name, struct option_place *found)
{
	struct option_place p;
	size_t n = 0;
	for (size_t i = 0; option_at(c, i, &p); i++) {
		struct span full = span_of(p.option->name);
		if (!span_starts(full, name))
			continue;
		*found = p;
		if (full.n == name.n)
			return 1;
		n++;
	}
	return n;
}

static bool refuse_ambiguous(struct parser *p, struct span name)
{
	struct option_place place;
	struct buf b;
	size_t shown = 0;
	buf_init(&b, 4096);
	for (size_t i = 0; option_at(p->self, i, &place); i++)
		if (span_starts(span_of(place.option->name), name))
			buf_addf(&b, "%s--%s", shown++ ? ", " : "", place.option->name);
	options_usage(p->self, "--%.*s could be several options: %s", SPAN_ARG(name), buf_str(&b));
	buf_release(&b);
	return leave(p, EXIT_USAGE);
}

static bool give_help(struct parser *p)
{
	help_command(p->self);
	return leave(p, EXIT_DONE);
}

static bool take_long(struct parser *p, const char *word)
{
	struct span value = span_of(word), name = span_cut(&value, '=');
	struct option_place place = {.option = NULL};
	if (span_is(name, "help"))
		return give_help(p);
	size_t n = name.n ? find_long(p->self, name, &place) : 0;
	if (n > 1)
		return refuse_ambiguous(p, name);
	if (n == 0) {
		struct span near = suggest(&p->line->arena, name, "--", option_name_at, p->self);
		return leave(p, options_usage(p->self, "no option --%.*s%.*s", SPAN_ARG(name),
		                              SPAN_ARG(near)));
	}
	const struct option *o = place.option;
	if (o->kind == OPTION_FLAG && value.p)
		return leave(p, options_usage(p->self, "--%s takes no value", o->name));
	if (o->kind == OPTION_FLAG)
		return take(p, &place, "");
	if (value.p)
		return take(p, &place, value.p);
	if (p->at == p->argc)
		return leave(p, options_usage(p->self, "--%s needs %s", o->name, o->value));
	return take(p, &place, p->argv[p->at++]);
}

static bool find_letter(const struct command *c, char letter, struct option_place *found)
{
	for (size_t i = 0; option_at(c, i, found); i++)
		if (found->option->letter == letter)
			return true;
	return false;
}

static bool take_short(struct parser *p)
{
	struct option_place place = {.option = NULL};
	char letter = *p->letters++;
	if (!find_letter(p->self, letter, &place)) {
		if (letter == 'h')
			return give_help(p);
		return leave(p, options_usage(p->self, "no option -%c", letter));
	}
	if (place.option->kind == OPTION_FLAG)
		return take(p, &place, "");
	const char *value = p->letters;
	p->letters = NULL;
	if (*value)
		return take(p, &place, value);
	if (p->at == p->argc)
		return leave(p,
		             options_usage(p->self, "-%c needs %s", letter, place.option->value));
	return take(p, &place, p->argv[p->at++]);
}

static bool take_word(struct parser *p, char *word)
{
	if (p->only_operands || word[0] != '-' || word[1] == '\0') {
		p->argv[++p->line->n_operands] = word;
		p->only_operands = p->only_operands || p->self->operands_end_options;
		return true;
	}
	if (strcmp(word, "--") == 0) {
		p->only_operands = true;
		return true;
	}
	if (word[1] == '-')
		return take_long(p, word + 2);
	p->letters = word + 1;
	return take_short(p);
}

bool options_read(const struct command *self, int argc, char **argv, void *fields,
                  struct command_line *line)
{
	struct parser p = {
	        .self = self, .argc = argc, .argv = argv, .at = 1, .fields = fields, .line = line};
	bool ok = true;
	*line = (struct command_line){.operands = argv + 1};
	arena_init(&line->arena);
	while (ok && ((p.letters && *p.letters) || p.at < argc))
		ok = p.letters && *p.letters ? take_short(&p) : take_word(&p, argv[p.at++]);
	return ok;
}

void options_release(struct command_line *line)
{
	arena_release(&line->arena);
	*line = (struct command_line){.n_operands = 0};
}

const struct option *options_outside(const struct command_line *line, unsigned modes)
{
	for (size_t i = 0; i < line->n_given; i++)
		if (line->given[i]->modes && !(line->given[i]->modes & modes))
			return line->given[i];
	return NULL;
}
