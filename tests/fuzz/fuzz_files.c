/* fuzz_files.c - fuzz: files that a user hands to a command: an account's policies and Access
 * Advisor's answer as the aws CLI prints them, settings, whose a key is, the aws CLI's own
 * configuration. Each is taken or refused with a reason. The first byte says which. */
#define _GNU_SOURCE
#include "fuzz.h"

#include "app/assign-keys.h"
#include "app/aws-config.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "fetch/profiles.h"
#include "review/diff-input.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_INPUT = 256 << 10 };

/* --help lists them; no command is needed here. */
const struct command *const commands[] = {NULL};

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What is refused is told with the file's name and why. */
static void must_tell(enum status status, struct err *err)
{
	must(status == STATUS_OK || (status == STATUS_FILE && err_is_set(err)));
	err_clear(err);
}

static void try_account(const char *path, struct span text)
{
	struct account_details d;
	struct last_accessed a;
	struct policy_files p;
	struct err err;
	(void)text;
	err_clear(&err);
	account_details_init(&d);
	must_tell(account_details_read(&d, path, &err), &err);
	for (size_t i = 1; i < d.n; i++)
		must(span_cmp(d.principals[i - 1].arn, d.principals[i].arn) <= 0);
	account_details_release(&d);
	last_accessed_init(&a);
	must_tell(last_accessed_read(&a, path, &err), &err);
	last_accessed_release(&a);
	policy_files_init(&p);
	must_tell(policy_files_add(&p, LAYER_IDENTITY, path, &err), &err);
	policy_files_release(&p);
}

static void try_settings(const char *path, struct span text)
{
	static const struct command self = {.name = "policy"};
	struct command_line line = {.n_given = 0};
	struct policy_request r, own;
	(void)text;
	policy_request_init(&r);
	r.settings_file = path;
	arena_init(&line.arena);
	if (settings_read(&self, &line, &r))
		r.settings->apply(r.settings, SPAN_LIT("arn:aws:iam::111122223333:role/ci"),
		                  (own = r, &own), &line.arena);
	options_release(&line);
}

static void try_assign(const char *path, struct span text)
{
	struct span key, arn;
	char *copy = strndup(text.n ? text.p : "", text.n);
	(void)path;
	if (copy && key_assignment(copy, &key, &arn))
		must(key.n > 0 && arn.n > 0 && key.p == copy);
	free(copy);
}

/* A setting that is put into a configuration is read back, and goes again. */
static void try_config(const char *path, struct span text)
{
	const struct ini_setting setting = {"csm_port", "31000"};
	struct buf with, without;
	(void)path;
	buf_init(&with, (size_t)1 << 20);
	buf_init(&without, (size_t)1 << 20);
	if (ini_with(text, SPAN_LIT("profile x"), &setting, 1, &with)) {
		struct profiles *p = profiles_new();
		profiles_add(p, PROFILES_CONFIG, buf_span(&with));
		(void)profiles_get(p, PROFILES_CONFIG, "x", "csm_port");
		profiles_free(p);
		must(ini_without(buf_span(&with), SPAN_LIT("profile x"), &setting, 1, &without));
		must(span_find(buf_span(&without), SPAN_LIT("\ncsm_port = 31000\n")) < 0 ||
		     span_find(text, SPAN_LIT("csm_port = 31000")) >= 0);
	}
	buf_release(&with);
	buf_release(&without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const what[])(const char *, struct span) = {try_account, try_settings,
	                                                          try_assign, try_config};
	char path[64];
	if (n == 0 || n > MOST_INPUT)
		return 0;
	int fd = memfd_create("input", MFD_CLOEXEC);
	must(fd >= 0 && write(fd, data + 1, n - 1) == (ssize_t)(n - 1));
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	what[data[0] % 4](path, span_make((const char *)data + 1, n - 1));
	close(fd);
	return 0;
}
