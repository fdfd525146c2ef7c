/* session-report.c - commands: see session-report.h. */
#include "config.h"

#include "cmd/session-report.h"

#include "cli/plain.h"
#include "cli/printing.h"
#include "cli/signals.h"

#include <inttypes.h>
#include <string.h>

/* ---- the proxy */

static void say_call(const struct proxy_event *n)
{
	const struct captured_call *c = n->call;
	if (n->kind == PROXY_EVENT_CALL)
		fprintf(stderr, "%.*s %.*s %u%s%.*s\n", SPAN_ARG(c->source), SPAN_ARG(c->name),
		        c->status, c->error_code.n ? " " : "", SPAN_ARG(c->error_code));
	else
		fprintf(stderr, "not recognised: %.*s %.*s%.*s %u\n", SPAN_ARG(c->method),
		        SPAN_ARG(c->host), SPAN_ARG(c->path_pattern), c->status);
}

void proxy_message(void *data, const struct proxy_event *n)
{
	struct proxy_messages *m = data;
	const char *who = m->run->self->name;
	if (n->kind != PROXY_EVENT_TROUBLE && !m->run->proxy.verbose && !m->run->proxy.trace)
		return;
	/* a proxy's thread is not to wait for a reader */
	if (printing_would_block(stderr)) {
		m->dropped++;
		return;
	}
	switch (n->kind) {
	case PROXY_EVENT_TROUBLE:
		fprintf(stderr, "iamreplay %s: %s; calls are relayed, and lost here\n", who,
		        n->text);
		break;
	case PROXY_EVENT_OPENED: fprintf(stderr, "opened: %s\n", n->host); break;
	case PROXY_EVENT_BLIND:
		fprintf(stderr, "tunnelled without inspection: %s (%s)\n", n->host, n->text);
		break;
	case PROXY_EVENT_TRACE:
		fprintf(stderr, "debug: %s%s%s\n", n->host ? n->host : "", n->host ? " " : "",
		        n->text);
		break;
	case PROXY_EVENT_FAILED: fprintf(stderr, "could not be passed on: %s\n", n->text); break;
	case PROXY_EVENT_REFUSED:
	case PROXY_EVENT_UNTRUSTED:
		fprintf(stderr, "refused: %s%s%s\n", n->host ? n->host : "", n->host ? ": " : "",
		        n->text);
		break;
	default: say_call(n);
	}
}

struct proxy_session *open_proxy_session(const struct capture_run *run, struct capture *capture,
                                         struct proxy_messages *m, int *status)
{
	struct proxy_session *s = NULL;
	struct remarks remarks;
	struct err err;
	err_clear(&err);
	remarks_init(&remarks);
	*m = (struct proxy_messages){.run = run};
	enum status opened =
	        proxy_session_open(&run->proxy, capture, proxy_message, m, &s, &remarks, &err);
	for (size_t i = 0; i < remarks.n; i++)
		print_plain(stderr, "iamreplay %s: %.*s\n", run->self->name,
		            SPAN_ARG(remarks.v[i]));
	remarks_release(&remarks);
	if (opened == STATUS_OK)
		return s;
	print_err(run->self->name, &err);
	if (err.reason && strcmp(err.reason, "in-use") == 0)
		fprintf(stderr, "A port that is free: --listen 127.0.0.1:0\n");
	*status = opened == STATUS_SKIP ? EXIT_USAGE : EXIT_NOT_DONE;
	return NULL;
}

bool start_proxy_session(const struct capture_run *run, struct proxy_session *s)
{
	struct err err;
	err_clear(&err);
	if (proxy_session_start(s, &err))
		return true;
	print_err(run->self->name, &err);
	return false;
}

void wait_for_proxy_session(struct proxy_session *s)
{
	proxy_session_wait(s);
	printing_discard_unread(signals_fd());
}

/* One line of n things that went wrong alike; what (one) or whats (several), and why the first did.
 */
static void say_failures(const char *who, uint64_t n, const char *what, const char *whats,
                         const struct proxy_failures *f)
{
	if (!n)
		return;
	fprintf(stderr, "iamreplay %s: %" PRIu64 " %s", who, n, n == 1 ? what : whats);
	if (f->n)
		fprintf(stderr, "%s: %s", plural(n, "", "; the first"), f->first);
	fprintf(stderr, "\n");
}

static void say_tunnelled(const char *who, const struct proxy_summary *p)
{
	if (p->n_tunnelled == 0)
		return;
	fprintf(stderr, "iamreplay %s: tunnelled without inspection:", who);
	for (size_t i = 0; i < p->n_tunnelled; i++)
		fprintf(stderr, " %s", p->tunnelled[i]);
	fprintf(stderr, "%s\n", p->cut ? " ..." : "");
	if (p->counts.calls == 0 && p->local)
		fprintf(stderr,
		        "iamreplay %s: if a local cloud is at %s: 'iamreplay capture endpoint --to "
		        "URL' sees its calls\n",
		        who, p->local);
}

void report_proxy(const struct proxy_messages *m, const struct proxy_session *s,
                  const struct capture_target *t)
{
	struct proxy_summary p;
	const char *who = m->run->self->name;
	proxy_session_summary(s, &p);
	capture_run_say_calls(m->run, t, "the proxy", p.counts.calls, "");
	if (p.counts.unrecognised)
		fprintf(stderr, ", %" PRIu64 " of them not recognised", p.counts.unrecognised);
	fprintf(stderr, "\n");
	if (p.counts.calls == 0 && p.counts.clients == 0)
		fprintf(stderr, "iamreplay %s: no client connected to the %s\n", who,
		        p.endpoint ? "endpoint" : "proxy");
	say_failures(who, p.counts.failed, "request could not be passed on",
	             "requests could not be passed on", p.failed);
	say_failures(who, p.counts.refused, "request refused", "requests refused", p.refused);
	say_failures(who, p.untrusted->n,
	             "connection ended before it was encrypted (does the client trust the CA?)",
	             "connections ended before they were encrypted (do the clients trust the CA?)",
	             p.untrusted);
	if (m->dropped)
		fprintf(stderr,
		        "iamreplay %s: %" PRIu64
		        " line%s omitted here: the terminal or pipe did not take them\n",
		        who, m->dropped, plural(m->dropped, "", "s"));
	say_tunnelled(who, &p);
}

/* ---- monitoring */

void report_csm(const struct csm_listener *l, const struct capture_run *run,
                const struct capture_target *t)
{
	struct csm_listener_counts n;
	char attempts[60];
	if (!l)
		return;
	csm_listener_counts(l, &n);
	snprintf(attempts, sizeof attempts, " (%" PRIu64 " attempt%s)", n.attempts,
	         plural(n.attempts, "", "s"));
	capture_run_say_calls(run, t, "monitoring", n.calls, attempts);
	if (n.local)
		fprintf(stderr, "; %" PRIu64 " never left the client", n.local);
	if (n.unknown)
		fprintf(stderr, "; %" PRIu64 " of services or operations not known", n.unknown);
	if (n.foreign)
		fprintf(stderr,
		        "; %" PRIu64 " datagram%s of other users thrown away (--allow-others keeps "
		        "them)",
		        n.foreign, n.foreign == 1 ? "" : "s");
	if (n.malformed)
		fprintf(stderr, "; %" PRIu64 " %s", n.malformed,
		        plural(n.malformed, "datagram that is not a monitoring event",
		               "datagrams that are not monitoring events"));
	if (n.dropped)
		fprintf(stderr, "; %" PRIu64 " datagram%s dropped because they came too fast",
		        n.dropped, plural(n.dropped, "", "s"));
	fprintf(stderr, "\n");
}
