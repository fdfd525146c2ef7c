/* bundle.c - app: see bundle.h. */
#include "config.h"

#include "app/bundle.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 65536 };

/* Where distributions keep the CAs they trust. */
const char *bundle_of_system(void)
{
	static const char *const places[] = {
	        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
	        "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
	        "/etc/ssl/ca-bundle.pem",             /* SUSE */
	        "/etc/ssl/cert.pem",                  /* BSDs, macOS */
	};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

static enum status add_file(struct buf *out, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t k = -1;
	while (fd >= 0 && buf_reserve(out, PIECE) && (k = read(fd, out->p + out->n, PIECE)) > 0)
		out->n += (size_t)k;
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (fd < 0 || k < 0 || out->full) {
		err_at_file(err, path);
		return err_set(err, STATUS_STOP, "bundle", "%s",
		               out->full ? "too large for a certificate bundle" : strerror(why));
	}
	if (out->n && out->p[out->n - 1] != '\n')
		buf_add_char(out, '\n');
	return STATUS_OK;
}

enum status bundle_join(const char *base, const char *ca_pem, struct buf *out, struct err *err)
{
	enum status s = base ? add_file(out, base, err) : STATUS_OK;
	return s == STATUS_OK ? add_file(out, ca_pem, err) : s;
}

static char *path_of(const char *dir, const char *name)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_addf(&b, "%s/%s", dir, name);
	return buf_take(&b);
}

char *bundle_path(const char *dir)
{
	return path_of(dir, "bundle.pem");
}

static enum status join_for(const char *dir, struct buf *out, struct err *err)
{
	char *ca_pem = path_of(dir, "ca.pem");
	buf_init(out, LIMIT_BUNDLE);
	enum status s = bundle_join(bundle_of_system(), ca_pem, out, err);
	free(ca_pem);
	return s;
}

/* As who can write to it decides whom clients trust, others' files and those that others can write
 * to are not as they should be either. */
static enum status compare(const char *path, struct span want, struct err *err)
{
	struct buf have;
	struct stat st;
	buf_init(&have, LIMIT_BUNDLE);
	enum status s = add_file(&have, path, err);
	if (s == STATUS_OK && !span_eq(buf_span(&have), want))
		s = STATUS_END;
	bool guarded = stat(path, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	               (st.st_mode & 022) == 0;
	buf_release(&have);
	return s == STATUS_OK && !guarded ? STATUS_END : s;
}

/* Written beside and renamed: a client may be reading the old one. */
static enum status write_file(const char *path, struct span text, struct err *err)
{
	struct buf name;
	buf_init(&name, 1 << 16);
	buf_addf(&name, "%s.%ld.tmp", path, (long)getpid());
	unlink(buf_str(&name));
	int fd = open(buf_str(&name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool well = fd >= 0;
	while (well && text.n) {
		ssize_t k = write(fd, text.p, text.n);
		well = k > 0 || (k < 0 && errno == EINTR);
		text = span_from(text, k > 0 ? (size_t)k : 0);
	}
	well = well && fchmod(fd, 0644) == 0;
	if (fd >= 0)
		well = close(fd) == 0 && well;
	well = well && rename(buf_str(&name), path) == 0;
	if (!well) {
		err_at_file(err, path);
		err_set(err, STATUS_STOP, "bundle", "%s", strerror(errno));
	}
	if (!well && fd >= 0)
		unlink(buf_str(&name));
	buf_release(&name);
	return well ? STATUS_OK : STATUS_STOP;
}

enum status bundle_check(const char *dir, struct err *err)
{
	struct buf want;
	char *path = bundle_path(dir);
	enum status s = join_for(dir, &want, err);
	if (s == STATUS_OK)
		s = compare(path, buf_span(&want), err);
	buf_release(&want);
	free(path);
	return s;
}

enum status bundle_keep(const char *dir, struct err *err)
{
	struct buf want;
	struct err unread = {0};
	char *path = bundle_path(dir);
	enum status s = join_for(dir, &want, err);
	if (s == STATUS_OK && compare(path, buf_span(&want), &unread) != STATUS_OK)
		s = write_file(path, buf_span(&want), err);
	buf_release(&want);
	free(path);
	return s;
}

char *ca_folder(const char *dir, struct err *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct buf b;
	if (dir)
		return xstrdup(dir);
	buf_init(&b, 1 << 16);
	if (config && config[0] == '/') {
		buf_addf(&b, "%s/iamreplay", config);
	} else if (home && home[0] == '/') {
		buf_addf(&b, "%s/.config/iamreplay", home);
	} else {
		err_set(err, STATUS_STOP, "no-home",
		        "neither XDG_CONFIG_HOME nor HOME is set: --ca-dir is needed");
		return NULL;
	}
	return buf_take(&b);
}
