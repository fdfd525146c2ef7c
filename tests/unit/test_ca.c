/* test_ca.c - the local CA: made once, kept private, of use for AWS's API domains only. */
#include "unit.h"

#include "tls/ca.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY = 86400 };

static char top[64];
static char dir[96];
static int64_t now;

static int set_up(void **state)
{
	strcpy(top, "/tmp/iamreplay-test.XXXXXX");
	assert_non_null(mkdtemp(top));
	snprintf(dir, sizeof dir, "%s/config/iamreplay", top);
	now = time(NULL);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", top);
	return system(command);
}

/* Whether a client that trusts ca accepts a leaf for name at that time. */
static bool accepted(const struct ca *ca, const char *name, int64_t at)
{
	int64_t until;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *leaf = ca_sign_leaf(ca, name, key, now, &until);
	assert_non_null(leaf);
	BIO *bio = BIO_new_mem_buf(ca_pem(ca).p, (int)ca_pem(ca).n);
	X509 *root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_add_cert(store, root);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE_CTX_init(ctx, store, leaf, NULL);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)at);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
	X509_VERIFY_PARAM_set1_host(param, name, 0);
	bool well = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(root);
	BIO_free(bio);
	X509_free(leaf);
	EVP_PKEY_free(key);
	return well;
}

static void is_made_once_and_private(void **state)
{
	struct ca *a = NULL, *b = NULL;
	struct err err = {0};
	enum ca_news news;
	char key[128];
	struct stat st;
	assert_int_equal(ca_open(dir, NULL, now, &a, &news, &err), STATUS_OK);
	assert_int_equal(news, CA_MADE);
	assert_int_equal(ca_open(dir, NULL, now, &b, &news, &err), STATUS_OK);
	assert_int_equal(news, CA_AS_IT_WAS);
	assert_true(span_eq(ca_pem(a), ca_pem(b)));
	ca_free(b);
	ca_free(a);
	snprintf(key, sizeof key, "%s/ca.key", dir);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(ca_open(dir, NULL, now, &b, &news, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "others can read"));
}

static void serves_aws_hosts_only(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_OK);
	assert_true(accepted(ca, "ec2.us-east-1.amazonaws.com", now));
	assert_true(accepted(ca, "b.s3.cn-north-1.amazonaws.com.cn", now));
	assert_true(accepted(ca, "x.lambda-url.eu-west-1.on.aws", now));
	assert_true(accepted(ca,
	                     "a-bucket-whose-name-is-sixty-three-characters-long-abcdefghijkl"
	                     ".s3.us-east-1.amazonaws.com",
	                     now));
	assert_false(accepted(ca, "www.example.com", now));
	assert_false(accepted(ca, "amazonaws.com.example.com", now));
	assert_false(accepted(ca, "notamazonaws.com", now));
	assert_false(accepted(ca, "registry.terraform.io", now));
	assert_true(accepted(ca, "ec2.us-east-1.amazonaws.com", now + (LEAF_DAYS - 1) * DAY));
	assert_false(accepted(ca, "ec2.us-east-1.amazonaws.com", now + (LEAF_DAYS + 1) * DAY));
	ca_free(ca);
}

static void also_reissues_with_the_same_key(void **state)
{
	struct ca *a = NULL, *b = NULL;
	struct err err = {0};
	enum ca_news news;
	struct span host = SPAN_LIT("api.internal.example");
	struct ca_also also = {&host, 1};
	struct ca_info x, y;
	assert_int_equal(ca_open(dir, NULL, now, &a, &news, &err), STATUS_OK);
	assert_false(accepted(a, "api.internal.example", now));
	assert_int_equal(ca_open(dir, &also, now, &b, &news, &err), STATUS_OK);
	assert_int_equal(news, CA_REISSUED);
	assert_true(accepted(b, "api.internal.example", now));
	ca_info(a, &x);
	ca_info(b, &y);
	assert_string_equal(x.subject, y.subject);
	assert_string_not_equal(x.fingerprint, y.fingerprint);
	assert_int_equal(y.n_permitted, x.n_permitted + 1);
	assert_string_equal(y.key, "EC P-256");
	ca_free(b);
	/* Kept from now on, also by renewal. */
	assert_int_equal(ca_renew(dir, false, now, NULL, &err), STATUS_OK);
	assert_int_equal(ca_open(dir, NULL, now, &b, &news, &err), STATUS_OK);
	assert_int_equal(news, CA_AS_IT_WAS);
	assert_true(accepted(b, "api.internal.example", now));
	ca_info(b, &y);
	assert_string_equal(x.subject, y.subject);
	ca_free(b);
	assert_int_equal(ca_renew(dir, true, now, NULL, &err), STATUS_OK);
	assert_int_equal(ca_open(dir, NULL, now, &b, &news, &err), STATUS_OK);
	ca_info(b, &y);
	assert_string_not_equal(x.subject, y.subject);
	ca_free(b);
	ca_free(a);
}

static void ends_after_a_year(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	struct ca_info info;
	assert_int_equal(ca_open(dir, NULL, now - 360 * DAY, &ca, NULL, &err), STATUS_OK);
	ca_info(ca, &info);
	assert_int_equal(info.not_after, now + 5 * DAY);
	/* A leaf never outlives it. */
	assert_true(accepted(ca, "ec2.us-east-1.amazonaws.com", now + 4 * DAY));
	ca_free(ca);
	assert_int_equal(ca_open(dir, NULL, now + 6 * DAY, &ca, NULL, &err), STATUS_STOP);
	assert_string_equal(err.reason, "expired");
	assert_non_null(strstr(err.text, "ca renew"));
	assert_int_equal(ca_renew(dir, false, now + 6 * DAY, NULL, &err), STATUS_OK);
	assert_int_equal(ca_open(dir, NULL, now + 6 * DAY, &ca, NULL, &err), STATUS_OK);
	ca_free(ca);
}

static void refuses_what_does_not_fit(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	char cert[128], key[128], other[128], odd[128];
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_OK);
	snprintf(cert, sizeof cert, "%s/ca.pem", dir);
	snprintf(key, sizeof key, "%s/ca.key", dir);
	ca_free(ca);
	assert_int_equal(ca_open_own(cert, key, now, &ca, &err), STATUS_OK);
	ca_free(ca);
	snprintf(other, sizeof other, "%s/other", top);
	assert_int_equal(ca_open(other, NULL, now, &ca, NULL, &err), STATUS_OK);
	ca_free(ca);
	snprintf(odd, sizeof odd, "%s/other/ca.key", top);
	assert_int_equal(ca_open_own(cert, odd, now, &ca, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "not the key"));
	assert_int_equal(ca_open_own(key, key, now, &ca, &err), STATUS_STOP);
	assert_int_equal(ca_open_own(cert, cert, now, &ca, &err), STATUS_STOP);
	assert_int_equal(ca_open_own(cert, "/nonexistent", now, &ca, &err), STATUS_STOP);
	assert_int_equal(unlink(cert), 0);
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "renew"));
}

static void never_replaces_what_clients_trust(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	enum ca_news news;
	struct ca_info before, after;
	char key[128], advice[160];
	assert_int_equal(ca_renew(dir, false, now, &news, &err), STATUS_OK);
	assert_int_equal(news, CA_MADE);
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_OK);
	ca_info(ca, &before);
	ca_free(ca);
	snprintf(key, sizeof key, "%s/ca.key", dir);
	snprintf(advice, sizeof advice, "'iamreplay ca renew --new-key --ca-dir %s'", dir);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_STOP);
	assert_string_equal(err.where, key);
	assert_non_null(strstr(err.text, advice));
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, advice));
	assert_int_equal(ca_renew(dir, false, now, &news, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, advice));
	assert_int_not_equal(access(key, F_OK), 0);
	assert_int_equal(ca_renew(dir, true, now, &news, &err), STATUS_OK);
	assert_int_equal(news, CA_REISSUED);
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_OK);
	ca_info(ca, &after);
	assert_string_not_equal(before.subject, after.subject);
	ca_free(ca);
}

static void looking_makes_nothing(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	char parent[96];
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "there is no CA yet"));
	snprintf(parent, sizeof parent, "%s/config", top);
	assert_int_not_equal(access(parent, F_OK), 0);
	assert_int_equal(mkdir(parent, 0700), 0);
	assert_int_equal(ca_load(parent, now, &ca, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "there is no CA yet"));
	/* Nothing in it, not even a lock. */
	assert_int_equal(rmdir(parent), 0);
}

static void refused(const char *path, mode_t bad, mode_t good, const char *why)
{
	struct ca *ca = NULL;
	struct err err = {0};
	assert_int_equal(chmod(path, bad), 0);
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_STOP);
	assert_string_equal(err.where, path);
	assert_non_null(strstr(err.text, why));
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_STOP);
	assert_string_equal(err.where, path);
	assert_int_equal(chmod(path, good), 0);
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_OK);
	ca_free(ca);
}

static void refuses_what_others_can_write(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	char cert[128], key[128];
	snprintf(cert, sizeof cert, "%s/ca.pem", dir);
	snprintf(key, sizeof key, "%s/ca.key", dir);
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_OK);
	ca_free(ca);
	refused(dir, 0777, 0700, "others can write");
	refused(dir, 0770, 0755, "others can write");
	refused(cert, 0664, 0644, "others can write");
	refused(key, 0640, 0600, "others can read");
	assert_int_equal(chmod(dir, 01777), 0);
	assert_int_equal(ca_renew(dir, true, now, NULL, &err), STATUS_STOP);
	assert_int_equal(chmod(dir, 0700), 0);
	/* Files that the user names are the user's to guard; the advice is of them. */
	assert_int_equal(chmod(cert, 0664), 0);
	assert_int_equal(ca_open_own(cert, key, now, &ca, &err), STATUS_OK);
	ca_free(ca);
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(ca_open_own(cert, key, now, &ca, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "--ca-key and --ca-cert"));
	assert_null(strstr(err.text, "ca renew"));
}

static void refuses_what_is_anothers(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	char cert[128];
	if (geteuid() != 0)
		skip(); /* only root can give files away */
	snprintf(cert, sizeof cert, "%s/ca.pem", dir);
	assert_int_equal(ca_open(dir, NULL, now, &ca, NULL, &err), STATUS_OK);
	ca_free(ca);
	assert_int_equal(chown(cert, 65534, 65534), 0);
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_STOP);
	assert_string_equal(err.where, cert);
	assert_non_null(strstr(err.text, "another user"));
	assert_int_equal(chown(cert, 0, 0), 0);
	assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_int_equal(ca_load(dir, now, &ca, &err), STATUS_STOP);
	assert_string_equal(err.where, dir);
}

static void says_why_no_folder_can_be_made(void **state)
{
	struct ca *ca = NULL;
	struct err err = {0};
	char deep[128];
	bool root = geteuid() == 0;
	snprintf(deep, sizeof deep, "%s/a/b/c", top);
	assert_int_equal(chmod(top, 0555), 0);
	assert_false(root && seteuid(65534) != 0);
	enum status s = ca_open(deep, NULL, now, &ca, NULL, &err);
	assert_false(root && seteuid(0) != 0);
	assert_int_equal(chmod(top, 0700), 0);
	assert_int_equal(s, STATUS_STOP);
	assert_string_equal(err.text, "Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(is_made_once_and_private, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(serves_aws_hosts_only, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(also_reissues_with_the_same_key, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(ends_after_a_year, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(refuses_what_does_not_fit, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(never_replaces_what_clients_trust, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(looking_makes_nothing, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(refuses_what_others_can_write, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(refuses_what_is_anothers, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(says_why_no_folder_can_be_made, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
