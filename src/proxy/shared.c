/* shared.c - proxy: see shared.h. */
#include "config.h"

#include "proxy/shared.h"

#include "capture/allow.h"

static void write_down(struct shared *s, struct observed *seen, struct captured_call *call)
{
	struct capture *capture = s->settings->capture;
	const struct captured_identity *ids;
	struct err err = {0};
	size_t n_ids;
	observe_finish(seen, call, &ids, &n_ids);
	allow_call(call);
	if (!capture)
		return;
	enum status status = capture_write(capture, call, &err);
	for (size_t i = 0; status == STATUS_OK && i < n_ids; i++)
		status = capture_write_identity(capture, &ids[i], &err);
	if (status != STATUS_OK)
		event_queue_tell_trouble(&s->events, &err);
}

void shared_end_call(struct shared *s, const char *host, struct observed *seen)
{
	struct captured_call call;
	if (!seen)
		return;
	write_down(s, seen, &call);
	bool known = !span_empty(call.operation);
	atomic_fetch_add(&s->n_calls, 1);
	if (!known)
		atomic_fetch_add(&s->n_unrecognised, 1);
	call.user_agent = SPAN_NONE;
	event_queue_tell(&s->events, known ? PROXY_EVENT_CALL : PROXY_EVENT_UNRECOGNISED, host,
	                 NULL, &call);
	observe_free(seen);
}
