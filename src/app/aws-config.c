/* aws-config.c - app: see aws-config.h. */
#define _GNU_SOURCE
#include "config.h"

#include "app/aws-config.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A config with a thousand profiles has 200 KB. */
enum { LIMIT_CONFIG = 4 << 20, N_SETTINGS = 3 };
/* The saved original begins with this line: whether there was a file at all. */
#define WAS_THERE "iamreplay: the original follows\n"
#define WAS_ABSENT "iamreplay: there was no file\n"

struct aws_config {
	char *path, *saved, *folder;
	int lock; /* on saved: held as long as this process lives */
	struct buf original, written;
	bool was_absent;
	struct span section;
	char *section_text, port[16];
	struct ini_setting settings[N_SETTINGS];
};

/* ---- the text */

static struct span next_line(struct span *rest)
{
	ptrdiff_t at = span_chr(*rest, '\n');
	size_t n = at < 0 ? rest->n : (size_t)at + 1;
	struct span line = span_make(rest->p, n);
	*rest = span_from(*rest, n);
	return line;
}

/* "[profile x]" gives "profile x"; other lines SPAN_NONE. */
static struct span section_of(struct span line)
{
	struct span s = span_trim(line);
	ptrdiff_t end = span_chr(s, ']');
	if (s.n < 2 || s.p[0] != '[' || end < 0)
		return SPAN_NONE;
	return span_trim(span_sub(s, 1, (size_t)end - 1));
}

/* The key of a line that is no comment, no section and no nested value. */
static struct span key_of(struct span line)
{
	ptrdiff_t eq = span_chr(line, '=');
	if (line.n == 0 || line.p[0] == ' ' || line.p[0] == '\t' || line.p[0] == '#' ||
	    line.p[0] == ';' || eq < 0)
		return SPAN_NONE;
	return span_trim(span_make(line.p, (size_t)eq));
}

static const struct ini_setting *find_setting(const struct ini_setting *settings, size_t n,
                                              struct span key)
{
	for (size_t i = 0; key.n && i < n; i++)
		if (span_eq_ci(key, span_of(settings[i].key)))
			return &settings[i];
	return NULL;
}

static void add_settings(struct buf *out, const struct ini_setting *settings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s = %s\n", settings[i].key, settings[i].value);
}

/* The settings go right behind the section's header: the first of equal keys is not what every SDK
 * takes, so others of the same name go. */
bool ini_with(struct span text, struct span section, const struct ini_setting *settings, size_t n,
              struct buf *out)
{
	bool inside = false, done = false;
	while (text.n) {
		struct span line = next_line(&text), name = section_of(line);
		if (name.p)
			inside = span_eq(name, section);
		if (inside && find_setting(settings, n, key_of(line)))
			continue;
		buf_add_span(out, line);
		if (inside && name.p && !done) {
			if (line.p[line.n - 1] != '\n')
				buf_add_char(out, '\n');
			add_settings(out, settings, n);
			done = true;
		}
	}
	if (!done) {
		if (out->n && out->p[out->n - 1] != '\n')
			buf_add_char(out, '\n');
		buf_addf(out, "[%.*s]\n", SPAN_ARG(section));
		add_settings(out, settings, n);
	}
	return !out->full;
}

bool ini_without(struct span text, struct span section, const struct ini_setting *settings,
                 size_t n, struct buf *out)
{
	bool inside = false;
	while (text.n) {
		struct span line = next_line(&text), name = section_of(line);
		if (name.p)
			inside = span_eq(name, section);
		const struct ini_setting *s =
		        inside ? find_setting(settings, n, key_of(line)) : NULL;
		ptrdiff_t eq = span_chr(line, '=');
		if (s && span_is(span_trim(span_from(line, (size_t)eq + 1)), s->value))
			continue;
		buf_add_span(out, line);
	}
	return !out->full;
}

/* ---- the files */

static enum status fail(struct err *err, const char *path, const char *what)
{
	err_at_file(err, path);
	return err_set(err, STATUS_STOP, "aws-config", "%s: %s", what, strerror(errno));
}

/* A file that is not there gives an empty text and *absent. */
static enum status read_file(const char *path, struct buf *out, bool *absent, struct err *err)
{
	*absent = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		*absent = true;
		return STATUS_OK;
	}
	if (fd < 0)
		return fail(err, path, "cannot read");
	ssize_t k = 0;
	while (buf_reserve(out, 65536) && (k = read(fd, out->p + out->n, 65536)) > 0)
		out->n += (size_t)k;
	close(fd);
	if (k < 0)
		return fail(err, path, "cannot read");
	if (out->full) {
		err_at_file(err, path);
		return err_set(err, STATUS_STOP, "aws-config", "too large for an AWS config");
	}
	return STATUS_OK;
}

/* By a temporary beside it, so that a reader sees the old or the new text; owner and mode stay. */
static enum status replace_file(const char *path, struct span text, struct err *err)
{
	struct stat before;
	char temporary[PATH_MAX];
	bool known = stat(path, &before) == 0;
	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return fail(err, path, "cannot write");
	}
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(err, path, "cannot write beside it");
	bool ok = !known || (fchmod(fd, before.st_mode & 07777) == 0 &&
	                     (fchown(fd, before.st_uid, before.st_gid) == 0 || errno == EPERM));
	while (ok && text.n) {
		ssize_t k = write(fd, text.p, text.n);
		ok = k > 0;
		if (ok)
			text = span_from(text, (size_t)k);
	}
	ok = ok && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (ok && rename(temporary, path) == 0)
		return STATUS_OK;
	enum status s = fail(err, path, "cannot write");
	unlink(temporary);
	return s;
}

static enum status find_path(struct aws_config *c, struct err *err)
{
	const char *given = getenv("AWS_CONFIG_FILE"), *home = getenv("HOME");
	char path[PATH_MAX], real[PATH_MAX];
	if (given && *given)
		snprintf(path, sizeof path, "%s", given);
	else if (home && *home)
		snprintf(path, sizeof path, "%s/.aws/config", home);
	else
		return err_set(err, STATUS_STOP, "aws-config",
		               "neither AWS_CONFIG_FILE nor HOME is set");
	if (!given || !*given) {
		char folder[PATH_MAX];
		snprintf(folder, sizeof folder, "%.*s", (int)(strlen(path) - strlen("/config")),
		         path);
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return fail(err, folder, "cannot make the folder");
	}
	c->path = xstrdup(realpath(path, real) ? real : path);
	const char *slash = strrchr(c->path, '/');
	c->folder = slash ? xmemdup0(c->path, slash == c->path ? 1 : (size_t)(slash - c->path))
	                  : xstrdup(".");
	c->saved = xcalloc(strlen(c->path) + sizeof ".iamreplay-original", 1);
	sprintf(c->saved, "%s.iamreplay-original", c->path);
	return STATUS_OK;
}

/* Puts back what a killed run left. The lock tells it from a run that lives. */
static enum status recover(struct aws_config *c, bool *recovered, struct err *err)
{
	struct buf saved;
	bool absent;
	int fd = open(c->saved, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return STATUS_OK;
	if (fd < 0)
		return fail(err, c->saved, "cannot open");
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		err_at_file(err, c->path);
		return err_set(err, STATUS_STOP, "aws-config",
		               "another running capture has edited it");
	}
	buf_init(&saved, LIMIT_CONFIG);
	enum status s = read_file(c->saved, &saved, &absent, err);
	struct span text = buf_span(&saved), head = SPAN_LIT(WAS_THERE);
	if (s == STATUS_OK && span_starts(text, head))
		s = replace_file(c->path, span_from(text, head.n), err);
	else if (s == STATUS_OK && span_is(text, WAS_ABSENT) && unlink(c->path) != 0 &&
	         errno != ENOENT)
		s = fail(err, c->path, "cannot remove");
	/* a saved file without its first line was never finished: the config was not touched yet */
	if (s == STATUS_OK && unlink(c->saved) != 0)
		s = fail(err, c->saved, "cannot remove");
	*recovered = s == STATUS_OK;
	buf_release(&saved);
	close(fd);
	return s;
}

static enum status save_original(struct aws_config *c, struct err *err)
{
	struct buf text;
	buf_init(&text, LIMIT_CONFIG + 100);
	buf_add_str(&text, c->was_absent ? WAS_ABSENT : WAS_THERE);
	buf_add_span(&text, buf_span(&c->original));
	enum status s = STATUS_OK;
	c->lock = open(c->saved, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (c->lock < 0)
		s = fail(err, c->saved, "cannot create");
	else if (flock(c->lock, LOCK_EX | LOCK_NB) != 0 ||
	         write(c->lock, text.p, text.n) != (ssize_t)text.n || fsync(c->lock) != 0)
		s = fail(err, c->saved, "cannot write");
	buf_release(&text);
	return s;
}

static void make_settings(struct aws_config *c, const struct aws_config_options *options)
{
	const char *profile = options->profile ? options->profile : "default";
	bool plain = strcmp(profile, "default") == 0;
	size_t n = strlen(profile) + sizeof "profile ";
	c->section_text = xcalloc(n, 1);
	snprintf(c->section_text, n, "%s%s", plain ? "" : "profile ", profile);
	c->section = span_of(c->section_text);
	snprintf(c->port, sizeof c->port, "%u", options->port);
	c->settings[0] = (struct ini_setting){"csm_enabled", "true"};
	c->settings[1] = (struct ini_setting){"csm_host", options->host};
	c->settings[2] = (struct ini_setting){"csm_port", c->port};
}

static void release(struct aws_config *c)
{
	if (c->lock >= 0)
		close(c->lock);
	buf_release(&c->original);
	buf_release(&c->written);
	free(c->section_text);
	free(c->path);
	free(c->saved);
	free(c->folder);
	free(c);
}

enum status aws_config_edit(const struct aws_config_options *options, struct aws_config **out,
                            bool *recovered, struct err *err)
{
	struct aws_config *c = xcalloc(1, sizeof *c);
	c->lock = -1;
	*recovered = false;
	buf_init(&c->original, LIMIT_CONFIG);
	buf_init(&c->written, LIMIT_CONFIG + 4096);
	make_settings(c, options);
	enum status s = find_path(c, err);
	if (s == STATUS_OK)
		s = recover(c, recovered, err);
	if (s == STATUS_OK)
		s = read_file(c->path, &c->original, &c->was_absent, err);
	if (s == STATUS_OK)
		s = save_original(c, err);
	if (s == STATUS_OK) {
		ini_with(buf_span(&c->original), c->section, c->settings, N_SETTINGS, &c->written);
		s = replace_file(c->path, buf_span(&c->written), err);
		if (s != STATUS_OK)
			unlink(c->saved);
	}
	if (s == STATUS_OK)
		*out = c;
	else
		release(c);
	return s;
}

const char *aws_config_folder(const struct aws_config *c)
{
	return c->folder;
}

enum status aws_config_restore(struct aws_config *c, bool *changed, struct err *err)
{
	struct buf now, kept;
	bool absent;
	*changed = false;
	if (!c)
		return STATUS_OK;
	buf_init(&now, LIMIT_CONFIG);
	buf_init(&kept, LIMIT_CONFIG);
	enum status s = read_file(c->path, &now, &absent, err);
	if (s == STATUS_OK && span_eq(buf_span(&now), buf_span(&c->written))) {
		if (!c->was_absent)
			s = replace_file(c->path, buf_span(&c->original), err);
		else if (unlink(c->path) != 0)
			s = fail(err, c->path, "cannot remove");
	} else if (s == STATUS_OK && !absent) {
		*changed = true;
		ini_without(buf_span(&now), c->section, c->settings, N_SETTINGS, &kept);
		s = replace_file(c->path, buf_span(&kept), err);
	}
	if (s == STATUS_OK && unlink(c->saved) != 0)
		s = fail(err, c->saved, "cannot remove");
	buf_release(&now);
	buf_release(&kept);
	release(c);
	return s;
}
