/* profiles.c - fetch: see profiles.h. */
#include "config.h"

#include "fetch/profiles.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/read-file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A config file of a large organisation has a thousand profiles of 300 bytes. */
#define LIMIT_CONFIG_FILE ((size_t)4 << 20)

struct setting {
	const char *profile, *key, *value;
	bool credentials; /* of the credentials file */
};

struct profiles {
	struct arena arena;
	struct setting *settings;
	size_t n, room;
};

struct profiles *profiles_new(void)
{
	struct profiles *p = xcalloc(1, sizeof *p);
	arena_init(&p->arena);
	return p;
}

void profiles_free(struct profiles *p)
{
	if (!p)
		return;
	arena_release(&p->arena);
	free(p->settings);
	free(p);
}

static void add(struct profiles *p, enum profiles_file file, const char *profile, const char *key,
                struct span value)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->settings = xreallocarray(p->settings, p->room, sizeof *p->settings);
	}
	p->settings[p->n++] = (struct setting){profile, key, arena_str(&p->arena, value),
	                                       file == PROFILES_CREDENTIALS};
}

/* ---- text */

static struct span unquoted(struct span s)
{
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		return span_sub(s, 1, s.n - 2);
	return s;
}

/* The profile that a section is about: in the config file "[profile NAME]" and "[default]". */
static const char *section_name(struct profiles *p, enum profiles_file file, struct span line)
{
	ptrdiff_t end = span_chr(line, ']');
	struct span s = span_trim(span_sub(line, 1, end < 1 ? 0 : (size_t)end - 1));
	static const struct span words[] = {SPAN_LIT("profile"), SPAN_LIT("services"),
	                                    SPAN_LIT("sso-session")};
	for (size_t i = 0; file == PROFILES_CONFIG && i < 3; i++) {
		if (!span_starts(s, words[i]) || s.n <= words[i].n ||
		    (s.p[words[i].n] != ' ' && s.p[words[i].n] != '\t'))
			continue;
		struct span name = unquoted(span_trim(span_from(s, words[i].n)));
		if (i == 0)
			return arena_str(&p->arena, name);
		return arena_printf(&p->arena, "%.*s %.*s", SPAN_ARG(words[i]), SPAN_ARG(name)).p;
	}
	/* Sections of other names, "[plugins]", are about no profile. */
	if (file == PROFILES_CONFIG && !span_is(s, "default"))
		return NULL;
	return arena_str(&p->arena, s);
}

static struct span lower(struct arena *arena, struct span s)
{
	char *out = arena_str(arena, s);
	for (size_t i = 0; i < s.n; i++)
		out[i] = ascii_lower(out[i]);
	return span_make(out, s.n);
}

/* "key = value" or "key: value", whichever sign comes first. */
static bool split(struct span line, struct span *key, struct span *value)
{
	ptrdiff_t equals = span_chr(line, '='), colon = span_chr(line, ':');
	ptrdiff_t at = equals < 0 || (colon >= 0 && colon < equals) ? colon : equals;
	if (at < 1)
		return false;
	*key = span_trim(span_sub(line, 0, (size_t)at));
	*value = span_trim(span_from(line, (size_t)at + 1));
	return true;
}

void profiles_add(struct profiles *p, enum profiles_file file, struct span text)
{
	const char *profile = NULL;
	struct span block = SPAN_NONE;
	if (span_starts(text, SPAN_LIT("\xef\xbb\xbf")))
		text = span_from(text, 3);
	for (struct span rest = text; rest.p;) {
		struct span line = span_cut(&rest, '\n'), whole = line, key, value;
		line = span_trim(line);
		if (!line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		bool indented = whole.p[0] == ' ' || whole.p[0] == '\t';
		if (line.p[0] == '[' && !indented) {
			profile = section_name(p, file, line);
			if (profile)
				add(p, file, profile, "", SPAN_LIT("")); /* there is one */
			block = SPAN_NONE;
			continue;
		}
		if (!profile || !split(line, &key, &value))
			continue;
		key = lower(&p->arena, key);
		if (!indented)
			block = value.n ? SPAN_NONE : key;
		else if (block.p)
			key = arena_printf(&p->arena, "%.*s.%.*s", SPAN_ARG(block), SPAN_ARG(key));
		else
			continue; /* a value that goes on in the next line; no setting read here has
			             one */
		add(p, file, profile, arena_str(&p->arena, key), value);
	}
}

/* ---- files */

static char *file_path(enum profiles_file file)
{
	bool config = file == PROFILES_CONFIG;
	const char *path = getenv(config ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE");
	const char *home = getenv("HOME");
	struct buf b;
	bool own = !path || !*path;
	if (own)
		path = config ? "~/.aws/config" : "~/.aws/credentials";
	buf_init(&b, 1 << 16);
	if (path[0] == '~' && path[1] == '/') {
		if (!home)
			return NULL;
		buf_add_str(&b, home);
		path++;
	}
	buf_add_str(&b, path);
	return buf_take(&b);
}

static enum status read_one(struct profiles *p, enum profiles_file file, struct err *err)
{
	char *path = file_path(file);
	struct buf text;
	enum status status = STATUS_OK;
	if (!path || (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))) {
		free(path);
		return STATUS_OK;
	}
	buf_init(&text, LIMIT_CONFIG_FILE);
	if (file_read(path, &text, err) != STATUS_OK)
		status = STATUS_STOP;
	else
		profiles_add(p, file, buf_span(&text));
	if (text.p)
		memset(text.p, 0, text.n);
	buf_release(&text);
	free(path);
	return status;
}

enum status profiles_read(struct profiles **out, struct err *err)
{
	struct profiles *p = profiles_new();
	enum status status = read_one(p, PROFILES_CONFIG, err);
	if (status == STATUS_OK)
		status = read_one(p, PROFILES_CREDENTIALS, err);
	if (status == STATUS_OK)
		*out = p;
	else
		profiles_free(p);
	return status;
}

/* ---- what they say */

bool profiles_has(const struct profiles *p, const char *profile)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->settings[i].profile, profile) == 0)
			return true;
	return false;
}

const char *profiles_get(const struct profiles *p, enum profiles_file file, const char *profile,
                         const char *key)
{
	const char *found = NULL;
	bool credentials = false;
	for (size_t i = 0; i < p->n; i++) {
		const struct setting *s = &p->settings[i];
		if ((file == PROFILES_CONFIG && s->credentials) ||
		    (file == PROFILES_CREDENTIALS && !s->credentials) || strcmp(s->key, key) != 0 ||
		    strcmp(s->profile, profile) != 0)
			continue;
		if (credentials && !s->credentials)
			continue;
		found = s->value;
		credentials = s->credentials;
	}
	return found;
}
