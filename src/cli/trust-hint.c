/* trust-hint.c - cli: see trust-hint.h. */
#include "config.h"

#include "cli/trust-hint.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

/* From the root, as the hint may be pasted anywhere. To be freed. */
static char *absolute(const char *dir, const char *name)
{
	char *real = realpath(dir, NULL);
	struct buf path;
	buf_init(&path, 1 << 16);
	buf_addf(&path, "%s%s%s", real ? real : dir, *name ? "/" : "", name);
	free(real);
	return buf_take(&path);
}

/* path, in a shell's quotes where it would see more than a word in it. To be freed. */
static char *quoted(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                            "/._-+,:@%";
	struct buf b;
	buf_init(&b, 1 << 18);
	if (path[strspn(path, plain)] == '\0') {
		buf_add_str(&b, path);
		return buf_take(&b);
	}
	buf_add_char(&b, '\'');
	for (; *path; path++)
		if (*path == '\'')
			buf_add_str(&b, "'\\''");
		else
			buf_add_char(&b, *path);
	buf_add_char(&b, '\'');
	return buf_take(&b);
}

void trust_print_all(FILE *to, const char *dir)
{
	char *bundle = absolute(dir, "bundle.pem"), *ca_pem = absolute(dir, "ca.pem");
	char *all = quoted(bundle), *ca = quoted(ca_pem);
	fprintf(to,
	        "# For the shell that this is pasted into alone; nothing has to be added to the\n"
	        "# system's trust store. \"iamreplay record -- COMMAND\" does all of this by "
	        "itself.\n"
	        "# bundle.pem holds the system's CAs and this one, as most clients replace theirs "
	        "with it.\n"
	        "#\n"
	        "# every client\n"
	        "export HTTPS_PROXY=http://127.0.0.1:10080\n"
	        "# AWS CLI, boto3, Terraform and its S3 backend, Go SDKs\n"
	        "export AWS_CA_BUNDLE=%s\n"
	        "# other Python clients\n"
	        "export REQUESTS_CA_BUNDLE=%s\n"
	        "# curl --aws-sigv4\n"
	        "export CURL_CA_BUNDLE=%s\n"
	        "# other Go programs, and what uses OpenSSL\n"
	        "export SSL_CERT_FILE=%s\n",
	        all, all, all, all);
	fprintf(to,
	        "# Node, which adds it to its own (JavaScript SDKs ignore HTTPS_PROXY: an agent in "
	        "code,\n"
	        "# or \"iamreplay record\")\n"
	        "export NODE_EXTRA_CA_CERTS=%s\n"
	        "#\n"
	        "# Clients that need something of their own:\n"
	        "# rclone, which fails where AWS_CA_BUNDLE is set\n"
	        "#   env -u AWS_CA_BUNDLE rclone ...\n"
	        "# AWS CDK\n"
	        "#   cdk --proxy http://127.0.0.1:10080 --ca-bundle-path %s\n"
	        "# s3cmd: in its configuration\n"
	        "#   proxy_host = 127.0.0.1\n"
	        "#   proxy_port = 10080\n"
	        "#   ca_certs_file = %s\n",
	        ca, all, bundle);
	free(all);
	free(ca);
	free(bundle);
	free(ca_pem);
}

void trust_print_short(FILE *to, const char *url, const char *bundle)
{
	char *path = absolute(bundle, ""), *word = quoted(path);
	fprintf(to,
	        "For the AWS CLI, boto3 and Terraform:\n"
	        "  export HTTPS_PROXY=%s AWS_CA_BUNDLE=%s\n",
	        url, word);
	free(word);
	free(path);
}

void trust_print_more(FILE *to, const char *ca_dir)
{
	char *word = ca_dir ? quoted(ca_dir) : NULL;
	fprintf(to, "Other clients: iamreplay ca trust-hint%s%s\n", word ? " --ca-dir " : "",
	        word ? word : "");
	free(word);
}
