/* report.c - commands: iamreplay report, what all principals used and what of their permissions
 * matters, for people. */
#include "config.h"

#include "app/policy-folder.h"
#include "base/write-file.h"
#include "cli/plain.h"
#include "cli/policy-messages.h"
#include "cli/progress.h"
#include "cli/shared-options.h"
#include "cli/terminal.h"
#include "report/format.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct line {
	struct policy_request request;
	const char *details, *last_accessed, *credentials, *out;
	int format; /* index of report_formats */
	bool has_format;
};

static struct option_choice format_at(size_t i)
{
	return (struct option_choice){report_formats[i].name, (int)i};
}

static const struct option grant_rows[] = {
        {.name = "account-details",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct line, details),
         .value = "FILE",
         .help = "what is granted: 'aws iam get-account-authorization-details'"},
        {.name = "last-accessed",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct line, last_accessed),
         .value = "FILE",
         .help = "further evidence: 'aws iam get-service-last-accessed-details'"},
        {.name = "credential-report",
         .kind = OPTION_FILE,
         .once = true,
         .field = offsetof(struct line, credentials),
         .value = "FILE",
         .help = "passwords and access keys: 'aws iam get-credential-report'"},
        {.name = NULL},
};
static const struct option output_rows[] = {
        {.name = "output",
         .letter = 'o',
         .kind = OPTION_FILE,
         .field = offsetof(struct line, out),
         .value = "PATH",
         .help = "a file, or a folder with '/' at its end for a page a principal"},
        {.name = "format",
         .letter = 'f',
         .kind = OPTION_CHOICE,
         .field = offsetof(struct line, format),
         .given = offsetof(struct line, has_format),
         .value = "FORMAT",
         .choice_at = format_at,
         .help = "the syntax (default: by the name of PATH, else html)"},
        {.name = NULL},
};
static const struct option_group grant_group = {.heading = "What it is compared with",
                                                .options = grant_rows};
static const struct option_group output_group = {.heading = "Output", .options = output_rows};
static const struct option_use uses[] = {
        {&grant_group, 0},
        {&output_group, 0},
        {&options_policy_request, offsetof(struct line, request)},
        {&options_database, offsetof(struct line, request.database)},
        {NULL, 0},
};

static bool to_folder(const struct line *l)
{
	return is_folder_name(l->out);
}

/* "-o access.csv" is CSV. */
static int format_of_name(const char *path)
{
	for (int i = 0; path && report_formats[i].name; i++)
		if (span_ends_ci(span_of(path), span_of(report_formats[i].suffix)))
			return i;
	return 0;
}

static bool is_output_name(const char *word)
{
	bool ours = is_folder_name(word);
	for (int i = 0; report_formats[i].name && !ours; i++)
		ours = span_ends_ci(span_of(word), span_of(report_formats[i].suffix));
	return ours;
}

static int check(struct line *l, const struct command *self, struct command_line *line)
{
	if (line->n_operands && !l->out && is_output_name(line->operands[0]))
		return options_usage(self, "'%s': -o %s writes there", line->operands[0],
		                     line->operands[0]);
	if (line->n_operands)
		return options_usage(self, "unexpected '%s'; a principal is named with --principal",
		                     line->operands[0]);
	if (l->last_accessed && !l->details)
		return options_usage(self, "--last-accessed goes with --account-details");
	if (!l->has_format)
		l->format = format_of_name(l->out);
	if (to_folder(l) && report_formats[l->format].write != report_html)
		return options_usage(self, "only html is written as a folder of pages");
	if (!l->request.limit.given)
		policy_request_limit(&l->request, NULL, 0);
	return policy_request_finish(self, line, &l->request) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- output */

static int fail(const struct err *err)
{
	return print_failure("report", err);
}

static enum status write_page(const struct line *l, const char *name, const struct buf *text,
                              struct err *err)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/%s", l->out, name) >= (int)sizeof path)
		return err_set(err, STATUS_STOP, "name-too-long", "%s: the name is too long",
		               l->out);
	return file_replace(path, buf_span(text), 0, err);
}

static int write_folder(const struct line *l, const struct report *r)
{
	struct buf text;
	struct err err;
	char name[64] = "index.html";
	enum status status = STATUS_OK;
	bool whole;
	err_clear(&err);
	if (mkdir(l->out, 0700) != 0 && errno != EEXIST) {
		err_set(&err, STATUS_STOP, "folder", "%s: %s", l->out, strerror(errno));
		return fail(&err);
	}
	buf_init(&text, LIMIT_REPORT_TEXT);
	whole = report_html_index(r, &text);
	status = write_page(l, name, &text, &err);
	for (size_t i = 0; i < r->principals.n && status == STATUS_OK && whole; i++) {
		buf_reset(&text);
		snprintf(name, sizeof name, "p%zu.html", i + 1);
		whole = report_html_principal(r, i, &text);
		status = write_page(l, name, &text, &err);
	}
	buf_release(&text);
	if (status == STATUS_OK && !whole)
		status = err_set(&err, STATUS_STOP, "too-long", "a page is longer than %d bytes",
		                 LIMIT_REPORT_TEXT);
	if (status != STATUS_OK)
		return fail(&err);
	print_plain(stderr, "%s: %zu %s; begin with index.html\n", l->out, r->principals.n + 1,
	            plural(r->principals.n + 1, "page", "pages"));
	return EXIT_DONE;
}

static int write_text(const struct line *l, const struct report *r)
{
	struct buf text;
	struct err err;
	enum status status = STATUS_OK;
	err_clear(&err);
	buf_init(&text, LIMIT_REPORT_TEXT);
	if (!report_formats[l->format].write(r, &text))
		status =
		        err_set(&err, STATUS_STOP, "too-long",
		                "the report is longer than %d bytes: write it to a folder, -o DIR/",
		                LIMIT_REPORT_TEXT);
	else if (l->out)
		status = file_replace(l->out, buf_span(&text), 0, &err);
	else
		terminal_put(stdout, buf_span(&text)); /* checked when stdout is flushed */
	buf_release(&text);
	if (status != STATUS_OK)
		return fail(&err);
	if (l->out)
		print_plain(stderr, "%s: %zu %s\n", l->out, r->principals.n,
		            plural(r->principals.n, "principal", "principals"));
	return EXIT_DONE;
}

/* ---- the run */

static int gather_and_write(const struct line *l, struct policy_source *s,
                            const struct subjects *subjects)
{
	struct count_progress progress;
	const struct report_options options = {.request = &l->request,
	                                       .details = l->details,
	                                       .last_accessed = l->last_accessed,
	                                       .credentials = l->credentials,
	                                       .progress = count_progress_draw,
	                                       .data = &progress};
	struct report r;
	struct err err;
	int result;
	err_clear(&err);
	count_progress_begin(&progress, "principals");
	enum status status = report_gather(&options, s, subjects, &r, &err);
	count_progress_clear(&progress);
	for (size_t i = 0; i < r.refused.n; i++)
		print_plain(stderr,
		            "iamreplay report: %s: %.*s; what it is granted is not compared\n",
		            l->details, SPAN_ARG(r.refused.v[i].text));
	if (status != STATUS_OK)
		result = fail(&err);
	else
		result = to_folder(l) ? write_folder(l, &r) : write_text(l, &r);
	if (result == EXIT_DONE && r.refused.n)
		result = EXIT_PARTLY;
	report_release(&r);
	return result;
}

static int open_and_run(struct line *l)
{
	struct span everybody = SPAN_LIT("*");
	bool all = l->request.principals.n == 0;
	struct policy_source s;
	struct subjects subjects;
	int status = open_source("report", &l->request, &s);
	if (status != EXIT_DONE)
		return status;
	status = find_subjects("report", &l->request, &s,
	                       all ? SUBJECTS_ALL_EDITABLE : SUBJECTS_EACH, &subjects);
	if (all) /* of the account's principals, too */
		l->request.principals = (struct text_list){&everybody, 1};
	if (status == EXIT_DONE)
		status = gather_and_write(l, &s, &subjects);
	policy_source_close(&s);
	return status;
}

static int check_and_run(struct line *l, const struct command *self, struct command_line *line)
{
	int status = check(l, self, line);
	return status == EXIT_DONE ? open_and_run(l) : status;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct line l = {.format = 0};
	struct command_line line;
	policy_request_init(&l.request);
	int status = options_read(self, argc, argv, &l, &line) ? check_and_run(&l, self, &line)
	                                                       : line.exit_status;
	options_release(&line);
	return status;
}

const struct command command_report = {
        .name = "report",
        .usage = "[--principal P...] [--account-details FILE] [-o PATH]",
        .summary = "write a page on what principals use, and what of their permissions matters",
        .options = uses,
        .examples = "  iamreplay report -o report.html\n"
                    "  iamreplay report --account-details account.json -o report/\n"
                    "  iamreplay report --principal 'role/*' --format markdown\n",
        .run = run,
};
