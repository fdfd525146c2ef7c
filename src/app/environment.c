/* environment.c - app: see environment.h. */
#define _GNU_SOURCE
#include "config.h"

#include "app/environment.h"

#include "app/bundle.h"
#include "app/node-proxy.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/write-file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 4096 };

void environment_init(struct environment *e)
{
	*e = (struct environment){.entries = NULL};
	while (environ[e->n])
		e->n++;
	e->entries = xcalloc(e->n + 1, sizeof *e->entries);
	for (size_t i = 0; i < e->n; i++)
		e->entries[i] = xstrdup(environ[i]);
}

void environment_release(struct environment *e)
{
	for (unsigned i = 0; i < e->n_files; i++) {
		unlink(e->files[i]);
		free(e->files[i]);
	}
	if (e->folder)
		rmdir(e->folder);
	free(e->folder);
	for (size_t i = 0; i < e->n; i++)
		free(e->entries[i]);
	free(e->entries);
	*e = (struct environment){.entries = NULL};
}

static size_t find(const struct environment *e, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < e->n; i++)
		if (strncmp(e->entries[i], name, n) == 0 && e->entries[i][n] == '=')
			return i;
	return e->n;
}

const char *environment_get(const struct environment *e, const char *name)
{
	size_t i = find(e, name);
	return i < e->n ? e->entries[i] + strlen(name) + 1 : NULL;
}

void environment_set(struct environment *e, const char *name, const char *value)
{
	size_t i = find(e, name), size = strlen(name) + strlen(value) + 2;
	char *entry = xmalloc(size);
	snprintf(entry, size, "%s=%s", name, value);
	if (i == e->n) {
		e->entries = xreallocarray(e->entries, e->n + 2, sizeof *e->entries);
		e->entries[++e->n] = NULL;
	} else {
		free(e->entries[i]);
	}
	e->entries[i] = entry;
}

void environment_unset(struct environment *e, const char *name)
{
	size_t i = find(e, name);
	if (i == e->n)
		return;
	free(e->entries[i]);
	memmove(e->entries + i, e->entries + i + 1, (e->n - i) * sizeof *e->entries);
	e->n--;
}

void environment_add_item(struct environment *e, const char *name, const char *item)
{
	const char *now = environment_get(e, name);
	struct span rest = span_of(now);
	while (rest.p)
		if (span_is(span_trim(span_cut(&rest, ',')), item))
			return;
	struct buf joined;
	buf_init(&joined, 1 << 20);
	if (now && *now)
		buf_addf(&joined, "%s,", now);
	buf_add_str(&joined, item);
	environment_set(e, name, buf_str(&joined));
	buf_release(&joined);
}

void environment_for_csm(struct environment *e, const char *host, unsigned port)
{
	char text[16];
	snprintf(text, sizeof text, "%u", port);
	environment_set(e, "AWS_CSM_ENABLED", "true");
	environment_set(e, "AWS_CSM_HOST", host);
	environment_set(e, "AWS_CSM_PORT", text);
	if (!environment_get(e, "AWS_CSM_CLIENT_ID"))
		environment_set(e, "AWS_CSM_CLIENT_ID", "iamreplay");
}

/* ---- certificate bundles */

/* Writes a file into the folder, to be removed with it; *path is borrowed from e. */
static enum status write_file(struct environment *e, const char *name, struct span text,
                              const char **path, struct err *err)
{
	char where[MAX_PATH];
	assert(e->n_files < ENVIRONMENT_FILES);
	snprintf(where, sizeof where, "%s/%s", e->folder, name);
	int fd = open(where, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0;
	if (ok)
		*path = e->files[e->n_files++] = xstrdup(where);
	ok = ok && fd_write_all(fd, text);
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (ok)
		return STATUS_OK;
	err_at_file(err, where);
	return err_set(err, STATUS_STOP, "environment", "%s", strerror(errno));
}

static enum status make_bundle(struct environment *e, const char *base, const char *ca_pem,
                               const char **path, struct err *err)
{
	struct buf text;
	char name[32];
	snprintf(name, sizeof name, "bundle-%u.pem", e->n_files + 1);
	buf_init(&text, LIMIT_BUNDLE);
	enum status s = bundle_join(base, ca_pem, &text, err);
	if (s == STATUS_OK)
		s = write_file(e, name, buf_span(&text), path, err);
	buf_release(&text);
	return s;
}

/* Whether none of the folders above can be renamed, and made again, by every user. What a group may
 * write to is its team's, which is trusted with it: a group that holds nobody else cannot be told
 * from another. path is absolute, without links; it is cut. */
static bool is_below_ours(char *path)
{
	struct stat st;
	for (char *slash = strrchr(path, '/'); slash; slash = strrchr(path, '/')) {
		slash[slash == path] = '\0';
		if (stat(path, &st) != 0 || (st.st_uid != geteuid() && st.st_uid != 0) ||
		    ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX)))
			return false;
		if (slash == path)
			break;
	}
	return true;
}

/* Whether nobody else, but for the team of a folder above, can make, or make again, what has a name
 * in this folder. */
static bool is_own_folder(const char *path)
{
	struct stat st;
	char *real = realpath(path, NULL);
	bool own = real && stat(real, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	           (st.st_mode & 022) == 0 && access(real, W_OK | X_OK) == 0 && is_below_ours(real);
	free(real);
	return own;
}

/* $XDG_CACHE_HOME/iamreplay or ~/.cache/iamreplay, made if it is not there. */
static bool cache_folder(const struct environment *e, char path[MAX_PATH])
{
	const char *cache = environment_get(e, "XDG_CACHE_HOME"),
	           *home = environment_get(e, "HOME");
	int n = cache && *cache == '/' ? snprintf(path, MAX_PATH, "%s", cache)
	        : home && *home == '/' ? snprintf(path, MAX_PATH, "%s/.cache", home)
	                               : -1;
	if (n < 0 || n >= MAX_PATH - 32)
		return false;
	(void)mkdir(path, 0700);
	snprintf(path + n, MAX_PATH - (size_t)n, "/iamreplay");
	(void)mkdir(path, 0700);
	return is_own_folder(path);
}

/* Where the files for COMMAND are kept. It may leave processes behind, which look for them when
 * they are gone: in a shared folder another user could make them again, and have these processes
 * run his module and trust his CA. */
static bool find_folder(const struct environment *e, const char *ca_pem, char path[MAX_PATH])
{
	const char *slash = strrchr(ca_pem, '/'), *run = environment_get(e, "XDG_RUNTIME_DIR");
	snprintf(path, MAX_PATH, "%.*s", slash ? (int)(slash - ca_pem) + (slash == ca_pem) : 1,
	         slash ? ca_pem : ".");
	if (is_own_folder(path))
		return true;
	if (run && *run == '/' && snprintf(path, MAX_PATH, "%s", run) < MAX_PATH - 32 &&
	    is_own_folder(path))
		return true;
	return cache_folder(e, path);
}

static enum status make_folder(struct environment *e, const char *ca_pem, struct err *err)
{
	char own[MAX_PATH], real[PATH_MAX], path[PATH_MAX + 32];
	if (!find_folder(e, ca_pem, own) || !realpath(own, real))
		return err_set(err, STATUS_STOP, "environment",
		               "no folder of this user's own is there for the files of COMMAND: "
		               "XDG_RUNTIME_DIR, XDG_CACHE_HOME or HOME must name one that others "
		               "cannot write to");
	snprintf(path, sizeof path, "%s/record.XXXXXX", real);
	if (!mkdtemp(path)) {
		err_at_file(err, path);
		return err_set(err, STATUS_STOP, "environment", "%s", strerror(errno));
	}
	e->folder = xstrdup(path);
	return STATUS_OK;
}

static enum status set_bundles(struct environment *e, const char *ca_pem, struct err *err)
{
	static const char *const replacing[] = {"AWS_CA_BUNDLE", "SSL_CERT_FILE",
	                                        "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
	const char *path, *plain = NULL;
	enum status s = STATUS_OK;
	for (size_t i = 0; s == STATUS_OK && i < sizeof replacing / sizeof replacing[0]; i++) {
		const char *users = environment_get(e, replacing[i]);
		/* requests takes a folder too; those certificates are the system's own on every
		 * distribution that makes such a folder */
		struct stat st;
		if (users && (!*users || (stat(users, &st) == 0 && S_ISDIR(st.st_mode))))
			users = NULL;
		if (!users && plain) {
			environment_set(e, replacing[i], plain);
			continue;
		}
		s = make_bundle(e, users ? users : bundle_of_system(), ca_pem, &path, err);
		if (s == STATUS_OK)
			environment_set(e, replacing[i], path);
		if (s == STATUS_OK && !users)
			plain = path;
	}
	if (s != STATUS_OK)
		return s;
	/* node adds this file to its own CAs */
	const char *users = environment_get(e, "NODE_EXTRA_CA_CERTS");
	s = make_bundle(e, users && *users ? users : NULL, ca_pem, &path, err);
	if (s == STATUS_OK)
		environment_set(e, "NODE_EXTRA_CA_CERTS", path);
	return s;
}

/* Node's own agents, which the AWS SDKs for JavaScript use, heed no proxy: a module that node loads
 * first sees to it. */
static enum status set_node(struct environment *e, struct err *err)
{
	const char *path, *users = environment_get(e, "NODE_OPTIONS");
	enum status s = write_file(e, "node-proxy.js", span_of(node_proxy_js), &path, err);
	if (s != STATUS_OK)
		return s;
	struct buf options;
	buf_init(&options, 1 << 20);
	if (users && *users)
		buf_addf(&options, "%s ", users);
	/* its value is split as a shell's words are */
	buf_add_str(&options, "--require \"");
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			buf_add_char(&options, '\\');
		buf_add_char(&options, *path);
	}
	buf_add_char(&options, '"');
	environment_set(e, "NODE_OPTIONS", buf_str(&options));
	buf_release(&options);
	/* for fetch of Node 24 and later */
	environment_set(e, "NODE_USE_ENV_PROXY", "1");
	return STATUS_OK;
}

enum status environment_for_proxy(struct environment *e, const char *host, unsigned port,
                                  const char *ca_pem, struct err *err)
{
	static const char *const proxies[] = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
	                                      "http_proxy"};
	/* where instances, containers and pods get their credentials */
	static const char *const metadata[] = {"169.254.169.254", "169.254.170.2", "169.254.170.23",
	                                       "fd00:ec2::254", "fd00:ec2::23"};
	char url[300];
	snprintf(url, sizeof url, strchr(host, ':') ? "http://[%s]:%u" : "http://%s:%u", host,
	         port);
	for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++)
		environment_set(e, proxies[i], url);
	/* both spellings are in use; whichever the user has goes into both */
	const char *no_proxy = environment_get(e, "no_proxy");
	if (!environment_get(e, "NO_PROXY") && no_proxy)
		environment_set(e, "NO_PROXY", no_proxy);
	for (size_t i = 0; i < sizeof metadata / sizeof metadata[0]; i++)
		environment_add_item(e, "NO_PROXY", metadata[i]);
	environment_set(e, "no_proxy", environment_get(e, "NO_PROXY"));
	enum status s = make_folder(e, ca_pem, err);
	if (s == STATUS_OK)
		s = set_bundles(e, ca_pem, err);
	return s == STATUS_OK ? set_node(e, err) : s;
}

void environment_for_client(struct environment *e, const char *command)
{
	static const struct {
		const char *client, *unset;
	} table[] = {
	        /* It brings a transport of its own, to which the Go SDK can't add a bundle; the SDK
	         * fails then. Go itself heeds SSL_CERT_FILE. */
	        {"rclone", "AWS_CA_BUNDLE"},
	};
	const char *slash = strrchr(command, '/');
	const char *name = slash ? slash + 1 : command;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(name, table[i].client) == 0)
			environment_unset(e, table[i].unset);
}
