/* test_principal.c - who acted: every identity type of CloudTrail, and the forms that real logs
 * have of them. */
#include "unit.h"

#include "normalise/principal.h"

#define ACCT "111122223333"

struct want {
	const char *what;
	struct event e;
	const char *arn;
	enum principal_type type;
	const char *account; /* NULL: absent */
	bool editable;
	const char *permission_set;
	bool path_unknown;
};

#define ID(...)                                                                                 \
	{                                                                                       \
		.observer = OBSERVED_CLOUDTRAIL, .region = SPAN_LIT("eu-west-1"), .identity = { \
			.present = true,                                                        \
			__VA_ARGS__                                                             \
		}                                                                               \
	}
#define S(text) SPAN_LIT(text)

static const struct want cases[] = {
        {"a role session: the issuer has the role's path",
         ID(.type = S("AssumedRole"), .arn = S("arn:aws:sts::" ACCT ":assumed-role/ci/build-7"),
            .account = S(ACCT), .principal_id = S("AROAEXAMPLE:build-7"),
            .issuer = {.type = S("Role"), .arn = S("arn:aws:iam::" ACCT ":role/team/blue/ci")}),
         "arn:aws:iam::" ACCT ":role/team/blue/ci", PRINCIPAL_ROLE, ACCT, true, NULL, false},
        {"a role session without issuer loses the path",
         ID(.type = S("AssumedRole"), .arn = S("arn:aws:sts::" ACCT ":assumed-role/ci/build-7"),
            .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":role/ci", PRINCIPAL_ROLE, ACCT, true, NULL, true},
        {"a name with a NUL is not the one that ends there",
         ID(.type = S("AssumedRole"), .arn = S("arn:aws:sts::" ACCT ":assumed-role/ci\0x/s"),
            .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":role/ci\xef\xbf\xbdx", PRINCIPAL_ROLE, ACCT, true, NULL, true},
        {"nor is its issuer",
         ID(.type = S("AssumedRole"),
            .issuer = {.arn = S("arn:aws:iam::" ACCT ":role/ci\0/x")}),
         "arn:aws:iam::" ACCT ":role/ci\xef\xbf\xbd/x", PRINCIPAL_ROLE, ACCT, true, NULL, false},
        {"a secret key in the place of a key id is not kept",
         ID(.access_key = S("wJalrXUtnFEMIexampleK7MDENGbPxRfiCYEXAMPL")), "unknown",
         PRINCIPAL_UNKNOWN, NULL, false, NULL, false},
        {"China has its own partition",
         ID(.type = S("AssumedRole"), .arn = S("arn:aws-cn:sts::" ACCT ":assumed-role/ci/s"),
            .account = S(ACCT)),
         "arn:aws-cn:iam::" ACCT ":role/ci", PRINCIPAL_ROLE, ACCT, true, NULL, true},
        {"a service-linked role cannot be edited",
         ID(.type = S("AssumedRole"),
            .issuer = {.arn = S("arn:aws:iam::" ACCT
                                ":role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS")}),
         "arn:aws:iam::" ACCT ":role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
         PRINCIPAL_ROLE, ACCT, false, NULL, false},
        {"a service-linked role by its session alone",
         ID(.type = S("AssumedRole"),
            .arn = S("arn:aws:sts::" ACCT ":assumed-role/AWSServiceRoleForRDS/x")),
         "arn:aws:iam::" ACCT ":role/AWSServiceRoleForRDS", PRINCIPAL_ROLE, ACCT, false, NULL,
         true},
        {"a permission set's role is edited through the permission set",
         ID(.type = S("AssumedRole"),
            .issuer = {.arn = S("arn:aws:iam::" ACCT
                                ":role/aws-reserved/sso.amazonaws.com/eu-west-1/"
                                "AWSReservedSSO_Data_Admin_0123456789abcdef")}),
         "arn:aws:iam::" ACCT ":role/aws-reserved/sso.amazonaws.com/eu-west-1/"
         "AWSReservedSSO_Data_Admin_0123456789abcdef",
         PRINCIPAL_ROLE, ACCT, true, "Data_Admin", false},
        {"a permission set's role by its session alone",
         ID(.type = S("AssumedRole"),
            .arn = S("arn:aws:sts::" ACCT
                     ":assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/me@example.com")),
         "arn:aws:iam::" ACCT ":role/AWSReservedSSO_ReadOnly_0123456789abcdef", PRINCIPAL_ROLE,
         ACCT, true, "ReadOnly", true},
        {"a user with a path",
         ID(.type = S("IAMUser"), .arn = S("arn:aws:iam::" ACCT ":user/ops/alice"),
            .account = S(ACCT), .user_name = S("alice")),
         "arn:aws:iam::" ACCT ":user/ops/alice", PRINCIPAL_USER, ACCT, true, NULL, false},
        {"a user's session with MFA has an empty issuer",
         ID(.type = S("IAMUser"), .arn = S("arn:aws:iam::" ACCT ":user/alice"), .account = S(ACCT),
            .mfa = TRI_YES),
         "arn:aws:iam::" ACCT ":user/alice", PRINCIPAL_USER, ACCT, true, NULL, false},
        {"a user without ARN",
         ID(.type = S("IAMUser"), .account = S(ACCT), .user_name = S("alice")),
         "arn:aws:iam::" ACCT ":user/alice", PRINCIPAL_USER, ACCT, true, NULL, false},
        {"a hidden name is no name",
         ID(.type = S("IAMUser"), .account = S(ACCT),
            .user_name = S("HIDDEN_DUE_TO_SECURITY_REASONS")),
         "hidden-user/" ACCT, PRINCIPAL_UNKNOWN, ACCT, false, NULL, false},
        {"root", ID(.type = S("Root"), .arn = S("arn:aws:iam::" ACCT ":root"), .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":root", PRINCIPAL_ROOT, ACCT, false, NULL, false},
        {"root without ARN", ID(.type = S("Root"), .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":root", PRINCIPAL_ROOT, ACCT, false, NULL, false},
        {"a federated user acts with the permissions of who made the session",
         ID(.type = S("FederatedUser"), .arn = S("arn:aws:sts::" ACCT ":federated-user/bob"),
            .account = S(ACCT),
            .issuer = {.type = S("IAMUser"), .arn = S("arn:aws:iam::" ACCT ":user/broker")}),
         "arn:aws:iam::" ACCT ":user/broker", PRINCIPAL_USER, ACCT, true, NULL, false},
        {"a federated user whose maker is not told",
         ID(.type = S("FederatedUser"), .arn = S("arn:aws:sts::" ACCT ":federated-user/bob"),
            .account = S(ACCT)),
         "arn:aws:sts::" ACCT ":federated-user/bob", PRINCIPAL_FEDERATED, ACCT, false, NULL, false},
        {"type Role",
         ID(.type = S("Role"), .arn = S("arn:aws:iam::" ACCT ":role/svc/reader"),
            .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":role/svc/reader", PRINCIPAL_ROLE, ACCT, true, NULL, false},
        {"SAML",
         ID(.type = S("SAMLUser"), .principal_id = S("Qualifier=:carol"), .user_name = S("carol"),
            .identity_provider = S("Qualifier=")),
         "saml/Qualifier=/carol", PRINCIPAL_SAML, NULL, false, NULL, false},
        {"web identity",
         ID(.type = S("WebIdentityUser"), .principal_id = S("accounts.google.com:app:42"),
            .user_name = S("42"), .identity_provider = S("accounts.google.com")),
         "web-identity/accounts.google.com/42", PRINCIPAL_WEB_IDENTITY, NULL, false, NULL, false},
        {"Identity Center",
         ID(.type = S("IdentityCenterUser"), .account = S(ACCT),
            .on_behalf_of_user = S("544894e8-80c1"),
            .identity_store_arn = S("arn:aws:identitystore::" ACCT ":identitystore/d-9067642ac7")),
         "identity-center/d-9067642ac7/544894e8-80c1", PRINCIPAL_IDENTITY_CENTER, ACCT, false, NULL,
         false},
        {"Directory", ID(.type = S("Directory"), .account = S(ACCT), .user_name = S("dave")),
         "directory/" ACCT "/dave", PRINCIPAL_DIRECTORY, ACCT, false, NULL, false},
        {"a service", ID(.type = S("AWSService"), .invoked_by = S("ec2.amazonaws.com")),
         "ec2.amazonaws.com", PRINCIPAL_SERVICE, NULL, false, NULL, false},
        {"a service with an account is still a service",
         ID(.type = S("AWSService"), .account = S(ACCT), .invoked_by = S("lambda.amazonaws.com")),
         "lambda.amazonaws.com", PRINCIPAL_SERVICE, NULL, false, NULL, false},
        {"another account",
         ID(.type = S("AWSAccount"), .account = S("444455556666"),
            .principal_id = S("AROAEXAMPLE:x")),
         "account/444455556666", PRINCIPAL_ACCOUNT, "444455556666", false, NULL, false},
        {"anonymous",
         ID(.type = S("AWSAccount"), .account = S("ANONYMOUS_PRINCIPAL"), .principal_id = S("")),
         "anonymous", PRINCIPAL_ANONYMOUS, NULL, false, NULL, false},
        {"no type, but an ARN",
         ID(.arn = S("arn:aws:sts::" ACCT ":assumed-role/ci/s"), .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":role/ci", PRINCIPAL_ROLE, ACCT, true, NULL, true},
        {"no type, a service", ID(.invoked_by = S("secretsmanager.amazonaws.com")),
         "secretsmanager.amazonaws.com", PRINCIPAL_SERVICE, NULL, false, NULL, false},
        {"type Unknown with an id",
         ID(.type = S("Unknown"), .account = S(ACCT), .principal_id = S("AIDAEXAMPLE")),
         "principal-id/AIDAEXAMPLE", PRINCIPAL_UNKNOWN, ACCT, false, NULL, false},
        {"a session's ARN with a field missing",
         ID(.type = S("AssumedRole"), .arn = S("arn:aws::sts:" ACCT ":assumed-role/r/s"),
            .account = S(ACCT)),
         "arn:aws:iam::" ACCT ":role/r", PRINCIPAL_ROLE, ACCT, true, NULL, true},
        {"an issuer by name alone",
         ID(.type = S("AssumedRole"), .issuer = {.user_name = S("r"), .account = S(ACCT)}),
         "arn:aws:iam::" ACCT ":role/r", PRINCIPAL_ROLE, ACCT, true, NULL, true},
        {"an ARN that is none",
         ID(.type = S("AssumedRole"), .arn = S("redacted"), .account = S(ACCT)), "unknown",
         PRINCIPAL_UNKNOWN, ACCT, false, NULL, false},
        {"a role's session by its id",
         ID(.type = S("AssumedRole"), .principal_id = S("AROAEXAMPLE:build-7")),
         "principal-id/AROAEXAMPLE", PRINCIPAL_UNKNOWN, NULL, false, NULL, false},
        {"nothing at all", ID(.type = S("")), "unknown", PRINCIPAL_UNKNOWN, NULL, false, NULL,
         false},
        {"a captured call: the key tells the account",
         {.observer = OBSERVED_CSM, .identity = {.access_key = S("ASIAY34FZKBOKMUTVV7A")}},
         "access-key/ASIAY34FZKBOKMUTVV7A",
         PRINCIPAL_ACCESS_KEY,
         "609629065308",
         false,
         NULL,
         false},
        {"a key of documentation tells none",
         {.observer = OBSERVED_CSM, .identity = {.access_key = S("AKIAIOSFODNN7EXAMPLE")}},
         "access-key/AKIAIOSFODNN7EXAMPLE",
         PRINCIPAL_ACCESS_KEY,
         NULL,
         false,
         NULL,
         false},
        {"the proxy saw that it was unsigned",
         {.observer = OBSERVED_PROXY},
         "anonymous",
         PRINCIPAL_ANONYMOUS,
         NULL,
         false,
         NULL,
         false},
};

static void is_text(const char *what, struct span got, const char *want)
{
	if (want ? !span_is(got, want) : got.p != NULL)
		fail_msg("%s: got '%.*s', want '%s'", what, SPAN_ARG(got),
		         want ? want : "(absent)");
}

static void identities(void **state)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct want *w = &cases[i];
		struct principal p;
		principal_of_event(&w->e, &arena, &p);
		is_text(w->what, p.arn, w->arn);
		is_text(w->what, p.account, w->account);
		is_text(w->what, p.permission_set, w->permission_set);
		if (p.type != w->type || p.editable != w->editable ||
		    p.path_unknown != w->path_unknown)
			fail_msg("%s: type %d editable %d path_unknown %d", w->what, p.type,
			         p.editable, p.path_unknown);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static void arns(void **state)
{
	struct arena arena;
	struct principal p;
	struct span session = SPAN_NONE;
	arena_init(&arena);
	assert_true(principal_of_arn(S("arn:aws:sts::" ACCT ":assumed-role/r/a/b"), &arena, &p,
	                             &session));
	is_text("session", session, "a/b");
	/* of redacted logs: no account, and a name of its own */
	static const char *const masked[] = {"1111XXXX3333", "<redacted>", "************", "12"};
	for (size_t i = 0; i < sizeof masked / sizeof masked[0]; i++) {
		struct span text = arena_printf(&arena, "arn:aws:iam::%s:role/x", masked[i]);
		assert_true(principal_of_arn(text, &arena, &p, NULL));
		is_text("masked", p.arn, text.p);
		assert_null(p.account.p);
	}
	static const char *const none[] = {
	        "",
	        "arn",
	        "arn:aws:iam::" ACCT,
	        "arn:aws:iam::" ACCT ":role/",
	        "arn:aws:iam::*:role/x",
	        "arn:aws:iam:::role/x",
	        "arn:aws:iam::aws:role/x",
	        "arn:aws:iam::a b:role/x",
	        "arn:aws:s3:::bucket",
	        "arn:aws:iam::" ACCT ":policy/x",
	        "arn:aws:sts::" ACCT ":assumed-role/",
	        "arn:aws:iam::" ACCT ":user/HIDDEN_DUE_TO_SECURITY_REASONS",
	};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (principal_of_arn(span_of(none[i]), &arena, &p, NULL))
			fail_msg("'%s' is no principal", none[i]);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(identities),
	        cmocka_unit_test(arns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
