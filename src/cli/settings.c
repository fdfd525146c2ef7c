/* settings.c - cli: see settings.h. A setting is an option's name and value: the option's row in
 * the table checks it. */
#include "config.h"

#include "cli/settings.h"

#include "base/read-file.h"
#include "base/vec.h"
#include "cli/plain.h"
#include "cli/shared-options.h"
#include "base/suggest.h"
#include "emit/emit.h"

#include <stdio.h>

/* A thousand principals with ten lines each have 500 KB. */
enum { LIMIT_SETTINGS = 1 << 20 };

/* What concerns a run as a whole is no setting of a principal. */
static const char *const for_runs[] = {"principal", "account", "since", "until",
                                       "last",      "now",     "merge", "settings"};

static struct option_choice format_at(size_t i)
{
	return (struct option_choice){emitters[i].name, (int)i};
}

static const struct option own_rows[] = {
        {.name = "format",
         .kind = OPTION_CHOICE,
         .field = offsetof(struct policy_request, format),
         .given = offsetof(struct policy_request, has_format),
         .choice_at = format_at,
         .value = "FORMAT",
         .help = "the syntax"},
        {.name = "fold", .kind = OPTION_TEXT, .value = "SERVICE:TYPE PATTERN", .help = "a fold"},
        {.name = NULL},
};
static const struct option_group own_group = {.heading = "Settings", .options = own_rows};

/* One line of the file. */
struct line {
	struct setting said;
	struct option_place place;
	const char *value;
	struct fold_rule rule; /* of "fold" */
};

struct section {
	struct span glob, where;
	size_t from, n; /* lines */
	bool used;
};

struct settings {
	struct request_settings base;
	struct arena *arena;
	const struct command_line *given;
	const char *path;
	struct line *lines;
	size_t n_lines;
	struct section *sections;
	size_t n_sections;
	struct fold_rule *rules;
};

/* ---- reading */

static bool find_in(const struct option_group *first, struct span name, struct option_place *out)
{
	for (const struct option_group *g = first; g; g = g->next)
		for (const struct option *o = g->options; o->name; o++)
			if (span_is(name, o->name)) {
				*out = (struct option_place){o, g->heading, g->at};
				return true;
			}
	return false;
}

static bool is_for_runs(const char *name)
{
	for (size_t i = 0; i < sizeof for_runs / sizeof *for_runs; i++)
		if (strcmp(name, for_runs[i]) == 0)
			return true;
	return false;
}

/* All that may be set, by number. */
static struct span setting_name_at(const void *data, size_t i)
{
	const struct option_group *const groups[] = {&options_policy_request, &own_group};
	(void)data;
	for (size_t k = 0; k < 2; k++)
		for (const struct option_group *g = groups[k]; g; g = g->next)
			for (const struct option *o = g->options; o->name; o++)
				if (!is_for_runs(o->name) && i-- == 0)
					return span_of(o->name);
	return SPAN_NONE;
}

static bool find_setting(struct settings *s, struct span name, struct option_place *out,
                         struct span *why)
{
	bool found = find_in(&options_policy_request, name, out) || find_in(&own_group, name, out);
	if (found && is_for_runs(out->option->name)) {
		*why = arena_printf(s->arena, "--%.*s is for a run, not for a principal",
		                    SPAN_ARG(name));
		return false;
	}
	if (!found) {
		struct span near = suggest(s->arena, name, "", setting_name_at, NULL);
		*why = arena_printf(s->arena, "there is no setting '%.*s'%.*s", SPAN_ARG(name),
		                    SPAN_ARG(near));
	}
	return found;
}

/* "s3:bucket arn:aws:s3:::builds-*": whether there is such a type the mapping must say. */
static bool read_fold(struct line *l, struct span value)
{
	struct span rest = value;
	struct span type = span_cut(&rest, ' ');
	struct span service = span_cut(&type, ':');
	l->rule = (struct fold_rule){service, type, span_trim(rest), l->said.where};
	return service.n && type.n && span_starts(l->rule.pattern, SPAN_LIT("arn:")) &&
	       span_chr(l->rule.pattern, ' ') < 0;
}

static bool read_setting(struct settings *s, struct span text, struct line *l, struct span *why)
{
	struct span rest = text;
	struct span name = span_trim(span_cut(&rest, '='));
	struct span value = arena_span(s->arena, rest.p ? span_trim(rest) : SPAN_LIT(""));
	struct policy_request scratch;
	l->value = value.n ? value.p : "";
	l->said.text = arena_span(s->arena, text);
	if (!find_setting(s, name, &l->place, why))
		return false;
	if (l->place.option == &own_rows[1]) {
		if (read_fold(l, value))
			return true;
		*why = arena_printf(s->arena,
		                    "fold takes SERVICE:TYPE and an ARN with wildcards, as in "
		                    "'s3:object arn:aws:s3:::builds/*.xml', not '%.*s'",
		                    SPAN_ARG(value));
		return false;
	}
	if (!value.n && l->place.option->kind != OPTION_FLAG) {
		*why = arena_printf(s->arena, "%.*s needs %s", SPAN_ARG(name),
		                    l->place.option->value);
		return false;
	}
	policy_request_init(&scratch);
	return option_set(&l->place, &scratch, l->value, s->arena, why);
}

static bool read_section(struct settings *s, struct span text, struct span where, struct span *why)
{
	struct span name = span_trim(span_sub(text, 1, text.n - 2));
	if (text.n < 3 || !span_ends(text, SPAN_LIT("]")) || !name.n) {
		*why = SPAN_LIT("a section is [PRINCIPAL], an ARN, role/NAME or a glob");
		return false;
	}
	s->sections[s->n_sections++] = (struct section){
	        .glob = arena_span(s->arena, name), .where = where, .from = s->n_lines};
	return true;
}

static bool read_line(struct settings *s, struct span text, size_t number, struct span *why)
{
	struct span where = arena_printf(s->arena, "%s:%zu", s->path, number);
	if (!text.n || text.p[0] == '#' || text.p[0] == ';')
		return true;
	if (memchr(text.p, '\0', text.n) || !span_utf8(text)) {
		*why = SPAN_LIT("this is no text");
		return false;
	}
	if (text.p[0] == '[')
		return read_section(s, text, where, why);
	if (s->n_sections == 0) {
		*why = SPAN_LIT("a setting stands behind the [PRINCIPAL] that it is for");
		return false;
	}
	struct line *l = &s->lines[s->n_lines];
	*l = (struct line){.said = {.where = where}};
	if (!read_setting(s, text, l, why))
		return false;
	if (l->rule.pattern.n) {
		s->rules[s->base.n_rules++] = l->rule;
	}
	s->n_lines++;
	s->sections[s->n_sections - 1].n++;
	return true;
}

static bool read_text(const struct command *self, struct settings *s, struct span text)
{
	size_t most = span_count(text, '\n') + 1;
	s->lines = arena_alloc(s->arena, most * sizeof *s->lines);
	s->sections = arena_alloc(s->arena, most * sizeof *s->sections);
	s->rules = arena_alloc(s->arena, most * sizeof *s->rules);
	s->base.rules = s->rules;
	for (size_t number = 1; text.p; number++) {
		struct span why, line = span_trim(span_cut(&text, '\n'));
		if (read_line(s, line, number, &why))
			continue;
		print_plain(stderr, "iamreplay %s: %s:%zu: %.*s\n", self->name, s->path, number,
		            SPAN_ARG(why));
		return false;
	}
	return true;
}

/* ---- applying */

static bool given_on_line(const struct settings *s, const struct option *o)
{
	for (size_t i = 0; i < s->given->n_given; i++)
		if (strcmp(s->given->given[i]->name, o->name) == 0)
			return true;
	return false;
}

/* The glob may be an ARN's, or that of "role/team/ci" or "role/ci". */
static bool is_meant(struct span glob, struct span principal, struct arena *arena)
{
	struct span rest = principal;
	for (int field = 0; field < 5; field++)
		span_cut(&rest, ':');
	ptrdiff_t slash = rest.p ? span_rchr(rest, '/') : -1;
	if (span_glob(principal, glob, false) || (rest.n && span_glob(rest, glob, false)))
		return true;
	if (slash < 0)
		return false;
	struct span kind = rest;
	kind = span_cut(&kind, '/');
	return span_glob(arena_printf(arena, "%.*s%.*s", SPAN_ARG(kind),
	                              SPAN_ARG(span_from(rest, (size_t)slash))),
	                 glob, false);
}

static void add_rule(struct policy_request *r, const struct fold_rule *rule, struct arena *arena)
{
	struct policy_options *o = &r->options;
	struct fold_rule *v = arena_alloc(arena, (o->n_rules + 1) * sizeof *v);
	if (o->n_rules)
		memcpy(v, o->rules, o->n_rules * sizeof *v);
	v[o->n_rules++] = *rule;
	o->rules = v;
}

static void apply_line(const struct settings *s, const struct line *l, struct policy_request *r,
                       struct arena *arena)
{
	const struct option *o = l->place.option;
	struct span why;
	if (o->kind != OPTION_LIST && given_on_line(s, o))
		return; /* the command line's word stands */
	if (l->rule.pattern.n)
		add_rule(r, &l->rule, arena);
	else
		(void)option_set(&l->place, r, l->value, arena, &why); /* it was checked */
	struct setting *used = arena_alloc(arena, (r->n_used + 1) * sizeof *used);
	if (r->n_used)
		memcpy(used, r->used, r->n_used * sizeof *used);
	used[r->n_used++] = l->said;
	r->used = used;
}

static void apply(const struct request_settings *base, struct span principal,
                  struct policy_request *r, struct arena *arena)
{
	const struct settings *s = (const struct settings *)(const void *)base;
	for (size_t i = 0; i < s->n_sections; i++) {
		struct section *one = &s->sections[i];
		if (!is_meant(one->glob, principal, arena))
			continue;
		one->used = true;
		for (size_t k = 0; k < one->n; k++)
			apply_line(s, &s->lines[one->from + k], r, arena);
	}
	if (r->limit.given)
		policy_request_limit(r, r->limit.quota, r->limit.characters);
	else if (r->max_documents)
		r->options.max_documents = r->max_documents;
}

bool settings_read(const struct command *self, struct command_line *line, struct policy_request *r)
{
	struct buf text;
	struct err err;
	if (!r->settings_file)
		return true;
	struct settings *s = arena_calloc(&line->arena, 1, sizeof *s);
	*s = (struct settings){.base = {.apply = apply},
	                       .arena = &line->arena,
	                       .given = line,
	                       .path = r->settings_file};
	err_clear(&err);
	buf_init(&text, LIMIT_SETTINGS);
	bool ok = file_read(s->path, &text, &err) == STATUS_OK;
	if (!ok)
		print_err(self->name, &err);
	ok = ok && read_text(self, s, buf_span(&text));
	buf_release(&text);
	if (ok)
		r->settings = &s->base;
	return ok;
}

void settings_say_unused(const struct request_settings *base)
{
	const struct settings *s = (const struct settings *)(const void *)base;
	for (size_t i = 0; s && i < s->n_sections; i++)
		if (!s->sections[i].used)
			print_plain(stderr, "%.*s: [%.*s] is none of these principals\n",
			            SPAN_ARG(s->sections[i].where), SPAN_ARG(s->sections[i].glob));
}
