/* csm-listener.c - capture: see csm-listener.h. */
#define _GNU_SOURCE
#include "config.h"

#include "capture/csm-listener.h"

#include "base/alloc.h"
#include "capture/local-peer.h"
#include "normalise/denial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/sock_diag.h>
#endif
#include <unistd.h>

/* Datagrams of one system call, and system calls of one csm_listener_read, so that signals and the
 * view get their turn in a flood. */
enum { BATCH = 32, ROUNDS = 16 };
/* 20,000 datagrams of 600 bytes a second, held up for a second by a slow disk, fit twice. */
enum { RECEIVE_BUFFER = 32 << 20 };

struct csm_listener {
	struct csm_listener_options options;
	int fds[CSM_SOCKETS];
	struct local_peers *peers[CSM_SOCKETS]; /* of each; NULL: nobody tells, or all may */
	size_t n_fds;
	unsigned port;
	struct csm_reader *reader;
	struct csm_pairs *pairs;
	struct csm_listener_counts counts;
	struct arena scratch;
	bool told_malformed;
	enum status write_status; /* of the calls that the last datagrams completed */
	struct err write_err;
	char *buffers; /* BATCH of LIMIT_CSM_BYTES */
};

bool csm_captured(const struct mapping *m, const struct csm_datagram *d, struct arena *arena,
                  struct captured_call *out)
{
	*out = (struct captured_call){
	        .observer = OBSERVED_CSM,
	        .time_ms = d->time_ms,
	        .service = d->service,
	        .operation = d->api,
	        .region = span_is(d->region, "aws-global") ? SPAN_NONE : d->region,
	        .access_key = d->access_key,
	        .request_id = d->request_id,
	        .user_agent = d->user_agent,
	        .status = d->status,
	        .error_code = d->exception.n ? d->exception : d->sdk_exception,
	        .sender_gone = d->sender_gone,
	};
	if (d->exception.n)
		denial_parse(d->exception_message, DENIAL_MESSAGE_CUT_CSM, &out->denial);
	const struct operation *op = mapping_operation(m, d->service, d->api);
	if (!op)
		return false;
	out->service = operation_service(op);
	out->operation = operation_name(op);
	out->source = operation_event_source(m, op, arena);
	out->name = operation_event_name(op);
	return true;
}

static void write_call(void *data, const struct csm_datagram *d)
{
	struct csm_listener *l = data;
	struct captured_call call;
	if (!csm_captured(l->options.mapping, d, &l->scratch, &call))
		l->counts.unknown++;
	call.account = l->options.account;
	enum status s = capture_write(l->options.capture, &call, &l->write_err);
	if (s != STATUS_OK)
		l->write_status = s;
	arena_reset(&l->scratch);
}

static void set_option(int fd, int level, int name, int value)
{
	/* each is a help, none a need: a smaller buffer only drops sooner, and drops are counted */
	(void)setsockopt(fd, level, name, &value, sizeof value);
}

static int open_socket(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
#ifdef SO_RCVBUFFORCE
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
#endif
	if (a->ai_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static unsigned bound_port(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;
	char port[16] = "0";
	uint64_t v = 0;
	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0 ||
	    getnameinfo((struct sockaddr *)&a, n, NULL, 0, port, sizeof port, NI_NUMERICSERV) != 0)
		return 0;
	return span_to_u64(span_of(port), &v) ? (unsigned)v : 0;
}

static enum status bind_all(struct csm_listener *l, const char *host, struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	                         .ai_socktype = SOCK_DGRAM,
	                         .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	char port[16];
	snprintf(port, sizeof port, "%u", l->options.port);
	int why = getaddrinfo(host, port, &hints, &found);
	if (why != 0)
		return err_set(err, STATUS_STOP, "resolve", "%s: %s", host, gai_strerror(why));
	int error = 0;
	for (struct addrinfo *a = found; a && l->n_fds < CSM_SOCKETS; a = a->ai_next) {
		int fd = open_socket(a);
		if (fd >= 0)
			l->fds[l->n_fds++] = fd;
		else
			error = errno;
		if (l->options.port == 0 && l->n_fds)
			break;
	}
	freeaddrinfo(found);
	if (l->n_fds == 0)
		return err_set(err, STATUS_STOP, error == EADDRINUSE ? "in-use" : "bind",
		               "cannot listen on %s port %u: %s", host, l->options.port,
		               strerror(error));
	l->port = bound_port(l->fds[0]);
	return STATUS_OK;
}

enum status csm_listener_open(const struct csm_listener_options *options, struct csm_listener **out,
                              struct err *err)
{
	struct csm_listener *l = xcalloc(1, sizeof *l);
	l->options = *options;
	arena_init(&l->scratch);
	enum status s = bind_all(l, options->host, err);
	if (s != STATUS_OK) {
		csm_listener_close(l);
		return s;
	}
	for (size_t i = 0; i < l->n_fds && !options->allow_others; i++)
		l->peers[i] = local_peers_new(l->fds[i]);
	l->reader = csm_reader_new();
	l->pairs = csm_pairs_new(write_call, l);
	l->buffers = xmalloc(BATCH * LIMIT_CSM_BYTES);
	*out = l;
	return STATUS_OK;
}

size_t csm_listener_fds(const struct csm_listener *l, int fds[CSM_SOCKETS])
{
	memcpy(fds, l->fds, l->n_fds * sizeof fds[0]);
	return l->n_fds;
}

unsigned csm_listener_port(const struct csm_listener *l)
{
	return l->port;
}

/* What the kernel threw away because the receive buffer was full. Asked of the socket, not taken
 * from SO_RXQ_OVFL's message: that comes with the next datagram, and the last drops have none. */
static uint32_t socket_drops(int fd)
{
#ifdef SO_MEMINFO
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t n = sizeof info;
	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &n) == 0 &&
	    n > SK_MEMINFO_DROPS * sizeof info[0])
		return info[SK_MEMINFO_DROPS];
#endif
	return 0;
}

/* What other machines send is let in by whoever listens for it. */
static enum local_peer sender_of(struct csm_listener *l, size_t which,
                                 const struct sockaddr_storage *sender)
{
	const struct sockaddr *a = (const struct sockaddr *)sender;
	char host[NI_MAXHOST];
	if (!l->peers[which] ||
	    getnameinfo(a, sizeof *sender, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0 ||
	    (strncmp(host, "127.", 4) != 0 && strcmp(host, "::1") != 0))
		return PEER_OWN;
	return local_peers_ask(l->peers[which], l->fds[which], a, NULL);
}

static enum status take(struct csm_listener *l, struct span text, enum local_peer sender,
                        struct err *err)
{
	struct csm_datagram d;
	l->counts.datagrams++;
	if (sender == PEER_OTHER) {
		l->counts.foreign++;
		return STATUS_OK;
	}
	enum status s = csm_parse(l->reader, text, &d, l->told_malformed ? NULL : err);
	if (s == STATUS_OK) {
		d.sender_gone = sender == PEER_GONE;
		csm_pairs_add(l->pairs, &d);
		return s;
	}
	l->counts.malformed++;
	bool told = l->told_malformed;
	l->told_malformed = true;
	return told ? STATUS_OK : s;
}

/* One system call's worth; *n is how many datagrams came. */
static enum status read_batch(struct csm_listener *l, size_t which, int *n, struct err *err)
{
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct sockaddr_storage senders[BATCH];
	for (size_t i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){l->buffers + i * LIMIT_CSM_BYTES, LIMIT_CSM_BYTES};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &senders[i],
		                                           .msg_namelen = sizeof senders[i],
		                                           .msg_iov = &vectors[i],
		                                           .msg_iovlen = 1}};
	}
	*n = recvmmsg(l->fds[which], messages, BATCH, MSG_DONTWAIT, NULL);
	if (*n < 0) {
		*n = 0;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ||
		    errno == ECONNREFUSED)
			return STATUS_OK;
		return err_set(err, STATUS_STOP, "receive", "cannot receive: %s", strerror(errno));
	}
	enum status worst = STATUS_OK;
	for (int i = 0; i < *n; i++) {
		enum status s = take(l, span_make(vectors[i].iov_base, messages[i].msg_len),
		                     sender_of(l, which, &senders[i]), err);
		worst = s > worst ? s : worst;
	}
	return worst;
}

static enum status write_failure(struct csm_listener *l, enum status so_far, struct err *err)
{
	if (l->write_status == STATUS_OK)
		return so_far;
	if (err)
		*err = l->write_err;
	l->write_status = STATUS_OK;
	return STATUS_STOP;
}

enum status csm_listener_read(struct csm_listener *l, bool *more, struct err *err)
{
	enum status worst = STATUS_OK;
	*more = false;
	for (size_t which = 0; which < l->n_fds; which++) {
		int n = BATCH;
		for (int round = 0; round < ROUNDS && n == BATCH; round++) {
			enum status s = read_batch(l, which, &n, err);
			worst = s > worst ? s : worst;
		}
		*more = *more || n == BATCH;
	}
	return write_failure(l, worst, err);
}

enum status csm_listener_finish(struct csm_listener *l, struct err *err)
{
	csm_pairs_flush(l->pairs);
	return write_failure(l, STATUS_OK, err);
}

void csm_listener_counts(const struct csm_listener *l, struct csm_listener_counts *counts)
{
	struct csm_pair_counts pairs;
	csm_pairs_counts(l->pairs, &pairs);
	*counts = l->counts;
	counts->attempts = pairs.attempts;
	counts->calls = pairs.calls;
	counts->local = pairs.local;
	for (size_t i = 0; i < l->n_fds; i++)
		counts->dropped += socket_drops(l->fds[i]);
}

void csm_listener_close(struct csm_listener *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_fds; i++) {
		local_peers_free(l->peers[i]);
		close(l->fds[i]);
	}
	csm_pairs_free(l->pairs);
	csm_reader_free(l->reader);
	arena_release(&l->scratch);
	free(l->buffers);
	free(l);
}
