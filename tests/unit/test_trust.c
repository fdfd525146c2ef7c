/* test_trust.c - trust policies from who assumed a role, and how. */
#include "config.h"

#include "unit.h"

#include "builder/trust.h"

#include <stdlib.h>

#define ACCOUNT "111122223333"
#define PROVIDER "arn:aws:iam::" ACCOUNT ":oidc-provider/"

static const struct {
	const char *principal, *provider, *subject;
} identities[] = {
        {"web-identity/" PROVIDER "token.actions.githubusercontent.com/repo:o/r:ref:refs/heads/main",
         PROVIDER "token.actions.githubusercontent.com", "repo:o/r:ref:refs/heads/main"},
        {"web-identity/" PROVIDER
         "oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD/system:serviceaccount:ns/x:app",
         PROVIDER "oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD",
         "system:serviceaccount:ns/x:app"},
        {"web-identity/" PROVIDER "login.example.com/realm/one/group:a",
         PROVIDER "login.example.com/realm/one", "group:a"},
        {"web-identity/accounts.google.com/1234567", "accounts.google.com", "1234567"},
        {"web-identity/accounts.google.com", NULL, NULL},
        {"saml/x/y", NULL, NULL},
};

static void a_web_identity_is_taken_apart(void **state)
{
	for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++) {
		struct span provider, subject;
		bool is = trust_web_identity(span_of(identities[i].principal), &provider, &subject);
		assert_true(is == (identities[i].provider != NULL));
		if (!is)
			continue;
		assert_true(span_is(provider, identities[i].provider));
		assert_true(span_is(subject, identities[i].subject));
	}
}

#define GITHUB(subject) "web-identity/" PROVIDER "token.actions.githubusercontent.com/" subject

static struct assumption by(const char *action, enum principal_type type, const char *principal)
{
	return (struct assumption){.action = span_of(action),
	                           .type = type,
	                           .principal = span_of(principal),
	                           .partition = SPAN_LIT("aws")};
}

static char *trust_text(const struct assumption *a, size_t n)
{
	struct policy p;
	struct buf b;
	assert_int_equal(trust_build(a, n, 0, &p), STATUS_OK);
	buf_init(&b, 1 << 16);
	assert_true(document_write(&p.documents[0], false, &b));
	assert_int_equal(p.documents[0].size, b.n);
	policy_release(&p);
	return buf_take(&b);
}

static void each_way_in_is_a_statement(void **state)
{
	struct assumption a[] = {
	        by("sts:AssumeRoleWithWebIdentity", PRINCIPAL_WEB_IDENTITY,
	           GITHUB("repo:o/r:ref:refs/heads/main")),
	        by("sts:AssumeRoleWithWebIdentity", PRINCIPAL_WEB_IDENTITY,
	           GITHUB("repo:o/a:pull_request")),
	        by("sts:AssumeRoleWithWebIdentity", PRINCIPAL_WEB_IDENTITY,
	           "web-identity/accounts.google.com/1234"),
	        by("sts:AssumeRole", PRINCIPAL_SERVICE, "ec2.amazonaws.com"),
	        by("sts:AssumeRole", PRINCIPAL_ACCOUNT, "account/444455556666"),
	        by("sts:AssumeRoleWithSAML", PRINCIPAL_SAML, "saml/x/y"),
	        by("sts:AssumeRole", PRINCIPAL_ANONYMOUS, "anonymous"),
	};
	a[4].external_id = SPAN_LIT("secret ${x}");
	a[4].tags = true;
	a[5].provider = SPAN_LIT("arn:aws:iam::" ACCOUNT ":saml-provider/corp");
	char *text = trust_text(a, sizeof a / sizeof *a);
	static const char *const parts[] = {
	        "\"Principal\":{\"Federated\":[\"" PROVIDER
	        "token.actions.githubusercontent.com\"]},\"Action\":["
	        "\"sts:AssumeRoleWithWebIdentity\"],\"Condition\":{\"StringEquals\":{"
	        "\"token.actions.githubusercontent.com:sub\":[\"repo:o/a:pull_request\","
	        "\"repo:o/r:ref:refs/heads/main\"]}}",
	        "\"Federated\":[\"accounts.google.com\"]",
	        "\"accounts.google.com:sub\":[\"1234\"]",
	        "\"Service\":[\"ec2.amazonaws.com\"]",
	        "\"AWS\":[\"arn:aws:iam::444455556666:root\"]},\"Action\":[\"sts:AssumeRole\","
	        "\"sts:TagSession\"],\"Condition\":{\"StringEquals\":{\"sts:ExternalId\":["
	        "\"secret ${$}{x}\"]}}",
	        "\"Federated\":[\"arn:aws:iam::" ACCOUNT ":saml-provider/corp\"]",
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(text, parts[i]))
			fail_msg("no %s in %s", parts[i], text);
	assert_null(strstr(text, "anonymous"));
	free(text);
}

static void nobody_can_be_named(void **state)
{
	struct policy p;
	struct assumption a = by("sts:AssumeRole", PRINCIPAL_ANONYMOUS, "anonymous");
	assert_int_equal(trust_build(&a, 1, 0, &p), STATUS_END);
	policy_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_web_identity_is_taken_apart),
	        cmocka_unit_test(each_way_in_is_a_statement),
	        cmocka_unit_test(nobody_can_be_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
