/* ca.c - tls: see ca.h. Files and checks; what goes into a certificate is in ca-issue.c. */
#include "config.h"

#include "tls/ca-issue.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/read-file.h"
#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A PEM file of a certificate chain or a key. */
#define LIMIT_PEM ((size_t)256 << 10)

static enum status stop(struct err *err, const char *file, const char *what)
{
	err_at_file(err, file);
	return err_set(err, STATUS_STOP, "ca", "%s", what);
}

static char *path_of(const char *dir, const char *name)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_addf(&b, "%s/%s", dir, name);
	return buf_take(&b);
}

/* What ssh asks of ~/.ssh/config, and for the same reason: who can write here can have clients
 * trust a CA of theirs. Folders further up need no look: what is moved here from elsewhere has to
 * be its user's, too. */
static enum status check_writers(const char *dir, const char *file, const struct stat *st,
                                 struct err *err)
{
	err_at_file(err, file);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(err, STATUS_STOP, "ca",
		               "belongs to another user, who could have clients trust another CA");
	if ((st->st_mode & 022) != 0)
		return err_set(
		        err, STATUS_STOP, "ca",
		        "others can write to it, and have clients trust a CA of theirs; chmod "
		        "go-w, and, if they may have done so, make another with 'iamreplay "
		        "ca renew --new-key --ca-dir %s'",
		        dir);
	return STATUS_OK;
}

/* dir is NULL for a file that the user named: its folder is no business of ours. */
static enum status check_access(const char *dir, const char *file, bool private_key,
                                const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode) || st->st_size > (off_t)LIMIT_PEM)
		return stop(err, file, "is no PEM file");
	if (private_key && (st->st_mode & 077) != 0) {
		err_at_file(err, file);
		if (!dir)
			return err_set(err, STATUS_STOP, "ca",
			               "others can read this key; make it private with chmod 600, "
			               "or, if they may have read it, have another key and "
			               "certificate made for --ca-key and --ca-cert");
		return err_set(err, STATUS_STOP, "ca",
		               "others can read this key; make it private with chmod 600, or, if "
		               "they may have read it, make another with 'iamreplay ca renew "
		               "--new-key --ca-dir %s'",
		               dir);
	}
	return dir ? check_writers(dir, file, st, err) : STATUS_OK;
}

/* STATUS_END if the file is not there. */
static enum status read_file(const char *dir, const char *file, bool private_key, struct buf *b,
                             struct err *err)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return STATUS_END;
	if (fd < 0 || fstat(fd, &st) != 0) {
		enum status s = stop(err, file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return s;
	}
	enum status s = check_access(dir, file, private_key, &st, err);
	buf_init(b, LIMIT_PEM);
	if (s == STATUS_OK && fd_read_all(fd, file, b, err) != STATUS_OK)
		s = STATUS_STOP;
	close(fd);
	if (s != STATUS_OK)
		buf_release(b);
	return s;
}

/* A private key's text does not stay in memory that is given back. */
static void wipe(struct buf *b)
{
	if (b->p)
		OPENSSL_cleanse(b->p, b->room);
	buf_release(b);
}

static enum status load_key(struct ca *ca, const char *dir, const char *file, struct err *err)
{
	struct buf text;
	enum status s = read_file(dir, file, true, &text, err);
	if (s != STATUS_OK)
		return s;
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
	/* An empty pass phrase: a key that needs one is refused, not asked for. */
	ca->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "");
	BIO_free(bio);
	wipe(&text);
	ERR_clear_error();
	return ca->key ? STATUS_OK : stop(err, file, "holds no private key that can be read");
}

static enum status load_certificates(struct ca *ca, const char *dir, const char *file,
                                     struct err *err)
{
	struct buf text;
	enum status s = read_file(dir, file, false, &text, err);
	if (s != STATUS_OK)
		return s;
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
	X509 *x;
	while ((x = PEM_read_bio_X509(bio, NULL, NULL, (void *)(uintptr_t) "")) != NULL) {
		if (!ca->cert)
			ca->cert = x;
		else
			sk_X509_push(ca->more, x);
	}
	BIO_free(bio);
	ERR_clear_error();
	ca->pem = buf_take(&text);
	return ca->cert ? STATUS_OK : stop(err, file, "holds no certificate");
}

static struct ca *ca_new(void)
{
	struct ca *ca = xcalloc(1, sizeof *ca);
	ca->more = sk_X509_new_null();
	return ca;
}

void ca_free(struct ca *ca)
{
	if (!ca)
		return;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	sk_X509_pop_free(ca->more, X509_free);
	arena_release(&ca->arena);
	free(ca->pem);
	free(ca);
}

static enum status check(struct ca *ca, const char *dir, const char *cert_file,
                         const char *key_file, int64_t now, struct err *err)
{
	time_t t = (time_t)now;
	if (X509_check_private_key(ca->cert, ca->key) != 1) {
		ERR_clear_error();
		return stop(err, key_file, "is not the key of the certificate beside it");
	}
	if (X509_check_ca(ca->cert) != 1)
		return stop(err, cert_file, "is not the certificate of a CA");
	if (X509_cmp_time(X509_get0_notAfter(ca->cert), &t) <= 0) {
		err_at_file(err, cert_file);
		if (!dir)
			return err_set(err, STATUS_STOP, "expired",
			               "the certificate has expired; a new one is needed");
		return err_set(err, STATUS_STOP, "expired",
		               "the certificate has expired; 'iamreplay ca renew --ca-dir %s' "
		               "makes another",
		               dir);
	}
	if (X509_cmp_time(X509_get0_notBefore(ca->cert), &t) > 0)
		return stop(err, cert_file,
		            "the certificate is not valid yet: is this machine's clock right?");
	ca_read_permitted(ca);
	return STATUS_OK;
}

static enum status write_file(const char *file, mode_t mode, BIO *bio, struct err *err)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	return file_replace(file, span_make(p, (size_t)n), mode, err);
}

static enum status save(const struct ca *ca, const char *dir, bool with_key, struct err *err)
{
	char *cert_file = path_of(dir, "ca.pem"), *key_file = path_of(dir, "ca.key");
	enum status s = STATUS_OK;
	if (with_key) {
		BIO *bio = BIO_new(BIO_s_secmem());
		if (PEM_write_bio_PrivateKey(bio, ca->key, NULL, NULL, 0, NULL, NULL) != 1)
			s = stop(err, key_file, "the key can't be written");
		else
			s = write_file(key_file, 0600, bio, err);
		BIO_free(bio);
	}
	if (s == STATUS_OK) {
		BIO *bio = BIO_new_mem_buf(ca->pem, -1);
		s = write_file(cert_file, 0644, bio, err);
		BIO_free(bio);
	}
	free(cert_file);
	free(key_file);
	return s;
}

/* Every folder of the path; only the last is made private. Where one can't be made, those below it
 * fail for no reason but that: the first reason counts. */
static enum status make_dir(const char *dir, struct err *err)
{
	char *path = xstrdup(dir);
	int first = 0, why = 0;
	for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST && !first)
			first = errno;
		*slash = '/';
	}
	free(path);
	if (mkdir(dir, 0700) != 0)
		why = errno;
	if (why != 0 && why != EEXIST)
		return stop(err, dir, strerror(why == ENOENT && first ? first : why));
	return STATUS_OK;
}

/* STATUS_END if it is not there. */
static enum status check_dir(const char *dir, struct err *err)
{
	struct stat st;
	if (stat(dir, &st) != 0)
		return errno == ENOENT ? STATUS_END : stop(err, dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return stop(err, dir, strerror(ENOTDIR));
	return check_writers(dir, dir, &st, err);
}

static enum status key_is_missing(const char *dir, const char *key_file, struct err *err)
{
	err_at_file(err, key_file);
	return err_set(err, STATUS_STOP, "ca",
	               "is missing beside ca.pem, which clients may trust; if it can't be "
	               "brought back, 'iamreplay ca renew --new-key --ca-dir %s' makes another CA",
	               dir);
}

/* STATUS_END if neither file is there. */
static enum status load(struct ca *ca, const char *dir, int64_t now, struct err *err)
{
	char *cert_file = path_of(dir, "ca.pem"), *key_file = path_of(dir, "ca.key");
	enum status s = load_key(ca, dir, key_file, err);
	if (s == STATUS_OK) {
		s = load_certificates(ca, dir, cert_file, err);
		if (s == STATUS_END) {
			err_at_file(err, cert_file);
			s = err_set(err, STATUS_STOP, "ca",
			            "is missing beside its key; 'iamreplay ca renew --ca-dir %s' "
			            "makes it anew",
			            dir);
		}
	} else if (s == STATUS_END && access(cert_file, F_OK) == 0) {
		s = key_is_missing(dir, key_file, err);
	}
	if (s == STATUS_OK)
		s = check(ca, dir, cert_file, key_file, now, err);
	free(cert_file);
	free(key_file);
	return s;
}

static enum status make(struct ca *ca, const char *dir, const struct ca_also *also, int64_t now,
                        bool new_key, struct err *err)
{
	enum status s = make_dir(dir, err);
	if (s != STATUS_OK)
		return s;
	if (new_key && !ca_make_key(ca))
		return stop(err, dir, "no key could be made");
	if (!ca_issue(ca, also, now))
		return stop(err, dir, "no certificate could be made");
	return save(ca, dir, new_key, err);
}

static bool all_permitted(const struct ca *ca, const struct ca_also *also)
{
	for (size_t i = 0; also && i < also->n; i++)
		if (!ca_permits(ca, also->hosts[i]))
			return false;
	return true;
}

/* One maker at a time, so that two first runs end with one key. */
static int lock_dir(const char *dir, struct err *err)
{
	if (make_dir(dir, err) != STATUS_OK || check_dir(dir, err) != STATUS_OK)
		return -1;
	char *file = path_of(dir, "ca.lock");
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (fd < 0 || fcntl(fd, F_SETLKW, &all) != 0) {
		stop(err, file, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(file);
	return fd;
}

static enum status open_locked(struct ca *ca, const char *dir, const struct ca_also *also,
                               int64_t now, enum ca_news *news, struct err *err)
{
	enum status s = load(ca, dir, now, err);
	if (s == STATUS_END) {
		*news = CA_MADE;
		return make(ca, dir, also, now, true, err);
	}
	if (s == STATUS_OK && !all_permitted(ca, also)) {
		*news = CA_REISSUED;
		s = make(ca, dir, also, now, false, err);
	}
	return s;
}

enum status ca_open(const char *dir, const struct ca_also *also, int64_t now, struct ca **out,
                    enum ca_news *news, struct err *err)
{
	int lock = lock_dir(dir, err);
	if (lock < 0)
		return STATUS_STOP;
	struct ca *ca = ca_new();
	enum ca_news what = CA_AS_IT_WAS;
	enum status s = open_locked(ca, dir, also, now, &what, err);
	close(lock);
	if (s != STATUS_OK) {
		ca_free(ca);
		return STATUS_STOP;
	}
	if (news)
		*news = what;
	*out = ca;
	return STATUS_OK;
}

/* Against a maker that has put one of the two files in place: where no lock was ever made, or it
 * can't be read, there is none. */
static int lock_for_reading(const char *dir)
{
	char *file = path_of(dir, "ca.lock");
	struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		fcntl(fd, F_SETLKW, &all);
	free(file);
	return fd;
}

enum status ca_load(const char *dir, int64_t now, struct ca **out, struct err *err)
{
	enum status s = check_dir(dir, err);
	struct ca *ca = ca_new();
	if (s == STATUS_OK) {
		int lock = lock_for_reading(dir);
		s = load(ca, dir, now, err);
		if (lock >= 0)
			close(lock);
	}
	if (s == STATUS_END)
		s = stop(err, dir,
		         "there is no CA yet; 'iamreplay record' and 'iamreplay capture proxy' "
		         "make one when they need it");
	if (s != STATUS_OK) {
		ca_free(ca);
		return STATUS_STOP;
	}
	*out = ca;
	return STATUS_OK;
}

enum status ca_open_own(const char *cert_file, const char *key_file, int64_t now, struct ca **out,
                        struct err *err)
{
	struct ca *ca = ca_new();
	enum status s = load_key(ca, NULL, key_file, err);
	if (s == STATUS_END)
		s = stop(err, key_file, "is not there");
	if (s == STATUS_OK) {
		s = load_certificates(ca, NULL, cert_file, err);
		if (s == STATUS_END)
			s = stop(err, cert_file, "is not there");
	}
	if (s == STATUS_OK)
		s = check(ca, NULL, cert_file, key_file, now, err);
	if (s != STATUS_OK) {
		ca_free(ca);
		return STATUS_STOP;
	}
	*out = ca;
	return STATUS_OK;
}

/* What is kept of the CA that there was: its key, unless another is wanted, and its hosts. */
static enum status load_old(struct ca *ca, const char *dir, bool *new_key, enum ca_news *news,
                            struct err *err)
{
	char *cert_file = path_of(dir, "ca.pem"), *key_file = path_of(dir, "ca.key");
	enum status s = load_certificates(ca, dir, cert_file, err), k = STATUS_OK;
	bool there = s == STATUS_OK;
	if (there)
		ca_read_permitted(ca);
	if (s != STATUS_STOP && !*new_key)
		k = load_key(ca, dir, key_file, err);
	*news = there || k == STATUS_OK ? CA_REISSUED : CA_MADE;
	if (k == STATUS_END && there)
		k = key_is_missing(dir, key_file, err);
	*new_key = *new_key || k == STATUS_END;
	free(cert_file);
	free(key_file);
	return s == STATUS_STOP || k == STATUS_STOP ? STATUS_STOP : STATUS_OK;
}

enum status ca_renew(const char *dir, bool new_key, int64_t now, enum ca_news *news,
                     struct err *err)
{
	int lock = lock_dir(dir, err);
	if (lock < 0)
		return STATUS_STOP;
	struct ca *ca = ca_new();
	enum ca_news what;
	enum status s = load_old(ca, dir, &new_key, &what, err);
	if (s == STATUS_OK) {
		struct ca_also before = {ca->permitted, ca->n_permitted};
		s = make(ca, dir, &before, now, new_key, err);
	}
	if (s == STATUS_OK && news)
		*news = what;
	ca_free(ca);
	close(lock);
	return s;
}

bool ca_holds(const struct ca *ca, int64_t now)
{
	time_t t = (time_t)now;
	return X509_cmp_time(X509_get0_notBefore(ca->cert), &t) < 0 &&
	       X509_cmp_time(X509_get0_notAfter(ca->cert), &t) > 0;
}

struct span ca_pem(const struct ca *ca)
{
	return span_of(ca->pem);
}

struct x509_st *ca_chain(const struct ca *ca, size_t i)
{
	/* A root is not sent (RFC 8446 4.4.2): the client has it, or does not trust it. */
	bool root =
	        X509_NAME_cmp(X509_get_subject_name(ca->cert), X509_get_issuer_name(ca->cert)) == 0;
	if (root)
		return NULL;
	if (i == 0)
		return ca->cert;
	return (int)i <= sk_X509_num(ca->more) ? sk_X509_value(ca->more, (int)i - 1) : NULL;
}
