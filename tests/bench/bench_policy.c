/* bench_policy.c - how long a large policy takes to build, how much memory, and how both grow:
 * 2,000 actions on 50,000 resources, then four and sixteen times as many rows. Prints one line a
 * size and mode; exits 1 where time grows faster than the rows by more than half, or where the
 * first size is beyond a second or 100 MB. */
#define _GNU_SOURCE
#include "config.h"

#include "builder/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ACTIONS = 2000, RESOURCES = 50000 };

/* Of this process alone: other work on the machine is no growth. */
static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Actions that take a resource type, from all of the reference, with a pattern to make ARNs by. */
static size_t collect(const struct sar_action **out, size_t room)
{
	const struct mapping *m = mapping_builtin();
	size_t n = 0;
	for (size_t p = 0; p < sar_n_prefixes(m) && n < room; p++) {
		size_t k;
		const struct sar_action *first = sar_service(m, sar_prefix(m, p), &k);
		for (size_t i = 0; i < k && n < room; i++) {
			const struct sar_action *a = sar_action_at(first, i);
			if (sar_action_n_types(a) && sar_type_n_patterns(sar_action_type(a, 0)))
				out[n++] = a;
		}
	}
	return n;
}

/* The pattern with each variable filled: names in a tree of 50 x N, so that some fold and some do
 * not. */
static struct span resource_of(struct arena *arena, const struct sar_action *a, size_t k)
{
	struct span p = sar_type_pattern(sar_action_type(a, 0), 0);
	char text[2048];
	size_t n = 0, vars = 0;
	for (size_t i = 0; i < p.n && n < sizeof text - 64; i++) {
		if (p.p[i] != '$') {
			text[n++] = p.p[i];
			continue;
		}
		struct span rest = span_from(p, i + 2);
		struct span name = span_sub(rest, 0, (size_t)span_chr(rest, '}'));
		if (span_is(name, "Partition"))
			n += (size_t)sprintf(text + n, "aws");
		else if (span_is(name, "Region"))
			n += (size_t)sprintf(text + n, "eu-west-%zu", k % 3 + 1);
		else if (span_is(name, "Account"))
			n += (size_t)sprintf(text + n, "111122223333");
		else
			n += (size_t)sprintf(text + n, "team%zu/app-%c%c%c%zu", k % 50,
			                     (char)('a' + k / 50 % 26), (char)('a' + k / 1300 % 26),
			                     (char)('a' + k / 33800 % 26), vars++);
		i += name.n + 2;
	}
	return arena_span(arena, span_make(text, n));
}

static struct access_use *rows_of(struct arena *arena, size_t resources, size_t *n)
{
	static const struct sar_action *actions[ACTIONS];
	size_t n_actions = collect(actions, ACTIONS);
	struct access_use *rows = calloc(resources * 2, sizeof *rows);
	if (!rows || !n_actions)
		exit(2);
	*n = 0;
	for (size_t i = 0; i < resources; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct sar_action *a = actions[(i * 7 + k) % n_actions];
			const struct sar_action *of = actions[(i * 7) % n_actions];
			struct access_use *u = &rows[(*n)++];
			u->outcome = OUTCOME_ALLOWED;
			u->events = 1;
			/* three weeks, so that sets grow or are closed by their history */
			u->first = (int64_t)(i * 7919 % 21) * 86400;
			u->last = u->first + (int64_t)(i % 5) * 86400;
			u->access.action =
			        arena_printf(arena, "%.*s:%.*s", SPAN_ARG(sar_action_service(a)),
			                     SPAN_ARG(sar_action_name(a)));
			u->access.type = sar_type_name(sar_action_type(of, 0));
			u->access.resource = resource_of(arena, of, i / 7);
			u->access.need = NEED_ALWAYS;
		}
	return rows;
}

struct result {
	double seconds;
	long kilobytes;
	size_t statements, characters;
};

/* In a process of its own, so that the memory is its own. */
static struct result measure(size_t resources, enum resources_mode mode)
{
	int pipes[2];
	struct result r = {0};
	if (pipe(pipes) != 0)
		exit(2);
	pid_t child = fork();
	if (child == 0) {
		struct arena arena;
		struct policy p;
		struct err err;
		struct rusage after;
		size_t n;
		arena_init(&arena);
		struct policy_input in = {.mapping = mapping_builtin()};
		in.uses = rows_of(&arena, resources, &n);
		in.n_uses = n;
		struct policy_options o = POLICY_DEFAULTS;
		o.resources = mode;
		double start = now();
		enum status status = policy_build(&in, &o, &p, &err);
		r.seconds = now() - start;
		getrusage(RUSAGE_SELF, &after);
		r.kilobytes = after.ru_maxrss;
		if (status != STATUS_OK)
			fprintf(stderr, "%s\n", err.text);
		for (size_t i = 0; status == STATUS_OK && i < p.n_documents; i++) {
			r.statements += p.documents[i].n_statements;
			r.characters += p.documents[i].size;
		}
		if (write(pipes[1], &r, sizeof r) != sizeof r)
			_exit(2);
		_exit(status == STATUS_OK ? 0 : 2);
	}
	int status = 2;
	if (read(pipes[0], &r, sizeof r) != sizeof r || waitpid(child, &status, 0) != child ||
	    status != 0)
		exit(2);
	close(pipes[0]);
	close(pipes[1]);
	return r;
}

int main(void)
{
	static const struct {
		enum resources_mode mode;
		const char *name;
	} modes[] = {
	        {RESOURCES_EXACT, "exact"}, {RESOURCES_GROUPED, "grouped"}, {RESOURCES_ANY, "any"}};
	int failed = 0;
	printf("%-8s %10s %8s %10s %8s %10s %12s\n", "mode", "resources", "rows", "CPU s", "MB",
	       "statements", "characters");
	for (size_t i = 0; i < 3; i++) {
		double before = 0;
		for (size_t times = 1; times <= 16; times *= 4) {
			struct result r = measure(RESOURCES * times, modes[i].mode);
			printf("%-8s %10d %8zu %10.3f %8ld %10zu %12zu\n", modes[i].name,
			       (int)(RESOURCES * times), RESOURCES * times * 2, r.seconds,
			       r.kilobytes / 1024, r.statements, r.characters);
			if (times == 1 && (r.seconds > 1 || r.kilobytes > 100 * 1024))
				failed = 1;
			if (times > 1 && r.seconds > 0.05 && r.seconds > before * 6)
				failed = 1;
			before = r.seconds;
		}
	}
	if (failed)
		printf("too slow, too large, or growing too fast\n");
	return failed;
}
