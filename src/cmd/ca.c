/* ca.c - commands: "iamreplay ca": the local CA that clients of the proxy trust. */
#include "config.h"

#include "app/bundle.h"
#include "base/buf.h"
#include "base/when.h"
#include "cli/command.h"
#include "cli/plain.h"
#include "cli/trust-hint.h"
#include "tls/ca.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct ca_run {
	char *dir;
	const char *dir_option;
	bool new_key, json;
};

static const struct option rows[] = {
        {.name = "ca-dir",
         .kind = OPTION_DIR,
         .field = offsetof(struct ca_run, dir_option),
         .value = "DIR",
         .help = "folder of ca.pem and ca.key ($XDG_CONFIG_HOME/iamreplay)"},
        {.name = "new-key",
         .kind = OPTION_FLAG,
         .field = offsetof(struct ca_run, new_key),
         .help = "renew: make another key, too"},
        {.name = "json",
         .kind = OPTION_FLAG,
         .field = offsetof(struct ca_run, json),
         .help = "show: as JSON"},
        {.name = NULL},
};
static const struct option_group group = {.heading = "Options", .options = rows};
static const struct option_use uses[] = {
        {&group, 0},
        {NULL, 0},
};

static int fail(const struct err *err)
{
	char line[2000];
	fprintf(stderr, "iamreplay ca: %s\n", err_line(err, line, sizeof line));
	return EXIT_NOT_DONE;
}

/* To be looked at: nothing is made. NULL after a message. */
static struct ca *load_ca(const struct ca_run *run)
{
	struct err err = {0};
	struct ca *ca = NULL;
	if (ca_load(run->dir, time(NULL), &ca, &err) != STATUS_OK) {
		fail(&err);
		return NULL;
	}
	return ca;
}

static void add_time(struct buf *b, int64_t t)
{
	char text[WHEN_SIZE];
	when_format(t, text);
	buf_add_str(b, text);
}

static void show_json(const struct ca_run *run, const struct ca_info *info)
{
	struct json_writer w;
	char time[WHEN_SIZE];
	json_to_file(&w, stdout, LAYOUT_INDENT);
	json_begin_object(&w);
	json_key(&w, "certificate");
	json_put_textf(&w, "%s/ca.pem", run->dir);
	json_member_str(&w, "subject", info->subject);
	json_member_str(&w, "sha256", info->fingerprint);
	json_member_str(&w, "key", info->key);
	json_member_str(&w, "notBefore", when_format(info->not_before, time));
	json_member_str(&w, "notAfter", when_format(info->not_after, time));
	json_key(&w, "permitted");
	json_begin_array_as(&w, LAYOUT_LINE);
	for (size_t i = 0; i < info->n_permitted; i++)
		json_put_text(&w, info->permitted[i]);
	json_end_array(&w);
	json_end_object(&w);
	print_json_end(&w);
}

static void show_text(const struct ca_run *run, const struct ca_info *info)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_addf(&b, "certificate  %s/ca.pem\nsubject      %s\nSHA-256      %s\nkey          %s\n",
	         run->dir, info->subject, info->fingerprint, info->key);
	buf_add_str(&b, "valid from   ");
	add_time(&b, info->not_before);
	buf_add_str(&b, "\nvalid until  ");
	add_time(&b, info->not_after);
	buf_add_str(&b, "\nof use for  ");
	for (size_t i = 0; i < info->n_permitted; i++)
		buf_addf(&b, " %.*s", SPAN_ARG(info->permitted[i]));
	buf_add_str(&b, info->n_permitted ? "\n" : " every host\n");
	fputs(buf_str(&b), stdout);
	buf_release(&b);
}

static int show(const struct ca_run *run)
{
	struct ca_info info;
	struct ca *ca = load_ca(run);
	if (!ca)
		return EXIT_NOT_DONE;
	ca_info(ca, &info);
	if (run->json)
		show_json(run, &info);
	else
		show_text(run, &info);
	ca_free(ca);
	return EXIT_DONE;
}

static int export_pem(const struct ca_run *run)
{
	struct ca *ca = load_ca(run);
	if (!ca)
		return EXIT_NOT_DONE;
	fwrite(ca_pem(ca).p, 1, ca_pem(ca).n, stdout);
	ca_free(ca);
	return EXIT_DONE;
}

static int renew(const struct ca_run *run)
{
	struct err err = {0};
	enum ca_news news;
	if (ca_renew(run->dir, run->new_key, time(NULL), &news, &err) != STATUS_OK)
		return fail(&err);
	if (news == CA_MADE)
		fprintf(stderr, "iamreplay ca: made a CA for this machine in %s\n", run->dir);
	else
		fprintf(stderr,
		        "iamreplay ca: clients that hold a copy of the old certificate need "
		        "the new one\n");
	if (bundle_keep(run->dir, &err) != STATUS_OK)
		return fail(&err);
	return show(run);
}

/* The bundle is what "capture proxy" keeps: here it is only looked at. */
static void say_of_bundle(const struct ca_run *run)
{
	struct err err = {0};
	char line[2000];
	enum status s = bundle_check(run->dir, &err);
	if (s == STATUS_OK)
		return;
	char *path = bundle_path(run->dir);
	if (s == STATUS_STOP)
		fprintf(stderr, "iamreplay ca: %s", err_line(&err, line, sizeof line));
	else
		fprintf(stderr, "iamreplay ca: %s: the CA or the system's CAs have changed since",
		        path);
	fprintf(stderr, "; 'iamreplay capture proxy' makes it when it starts\n");
	free(path);
}

static int trust_hint(const struct ca_run *run)
{
	struct ca *ca = load_ca(run);
	if (!ca)
		return EXIT_NOT_DONE;
	ca_free(ca);
	say_of_bundle(run);
	trust_print_all(stdout, run->dir);
	return EXIT_DONE;
}

static const struct {
	const char *name;
	int (*run)(const struct ca_run *run);
} verbs[] = {
        {"show", show},
        {"export", export_pem},
        {"renew", renew},
        {"trust-hint", trust_hint},
};

static int run_verb(const struct command *self, struct ca_run *run, const char *verb)
{
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		struct err err = {0};
		run->dir = ca_folder(run->dir_option, &err);
		if (!run->dir)
			return fail(&err);
		int status = verbs[i].run(run);
		free(run->dir);
		if (fflush(stdout) != 0 || ferror(stdout)) {
			fprintf(stderr, "iamreplay ca: standard output: %s\n", strerror(errno));
			return EXIT_NOT_DONE;
		}
		return status;
	}
	return options_usage(self, "no '%s': show, export, renew or trust-hint?", verb);
}

static int check_and_run(struct ca_run *run, const struct command *self,
                         const struct command_line *line)
{
	if (line->n_operands != 1)
		return options_usage(self, "show, export, renew or trust-hint?");
	if (run->new_key && strcmp(line->operands[0], "renew") != 0)
		return options_usage(self, "--new-key goes with renew");
	return run_verb(self, run, line->operands[0]);
}

static int run_ca(const struct command *self, int argc, char **argv)
{
	struct ca_run l = {.json = false};
	struct command_line line;
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_ca = {
        .name = "ca",
        .usage = "show|export|renew|trust-hint [OPTION]...",
        .summary = "the local CA that clients of the proxy trust",
        .options = uses,
        .examples = "  iamreplay ca renew\n"
                    "  iamreplay ca show\n"
                    "  iamreplay ca export > ca.pem\n",
        .verbs = "show export renew trust-hint",
        .run = run_ca,
};
