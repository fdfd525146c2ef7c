/* proxy-settings.h - proxy: what a proxy is told before it starts, what it tells while it runs
 * (events), and what it counts. */
#ifndef PROXY_PROXY_SETTINGS_H
#define PROXY_PROXY_SETTINGS_H

#include "capture/capture.h"
#include "proxy/upstream.h"
#include "recognise/hosts.h"
#include "recognise/recognise.h"
#include "tls/tls.h"

/* Clients at once; each holds two sockets and some 60 KB while it is busy. */
#define LIMIT_CLIENTS ((size_t)4096)

enum proxy_event_kind {
	PROXY_EVENT_OPENED,       /* the first connection to an API host */
	PROXY_EVENT_BLIND,        /* the first connection to a host that is passed through unseen */
	PROXY_EVENT_CALL,         /* a call was captured */
	PROXY_EVENT_UNRECOGNISED, /* a request to an API host that no rule names; captured as such
	                           */
	PROXY_EVENT_REFUSED,   /* a request or connection that was answered by the proxy itself */
	PROXY_EVENT_FAILED,    /* the same because where it goes cannot be reached */
	PROXY_EVENT_UNTRUSTED, /* a client gave up its handshake: mostly it does not trust the CA */
	PROXY_EVENT_TROUBLE,   /* the capture file can't be written */
	PROXY_EVENT_TRACE,     /* a step of a connection, with settings.trace */
};

struct proxy_event {
	enum proxy_event_kind kind;
	const char *host; /* NULL if there is none */
	const char *text; /* one line without secrets, NULL if none; of PROXY_EVENT_FAILED
	                     it begins with host and port */
	const struct captured_call
	        *call; /* of PROXY_EVENT_CALL and PROXY_EVENT_UNRECOGNISED; of its fields what
	                  may be shown (allow.h), params are not to be */
};

struct proxy_timeouts { /* milliseconds */
	int head;       /* from the first byte of a request to the end of its head */
	int hello; /* silence of a client behind CONNECT until it is taken for another protocol */
	int handshake;
	int connect; /* to the upstream */
	int idle;    /* no byte in either direction: an exchange, or between two */
	int blind;   /* the same in a tunnel */
	int stop;    /* what calls in flight get after proxy_stop */
};
/* 30 s, 10 s, 30 s, 60 s, 20 min (Lambda answers within 15), 2 h, 30 s. */
extern const struct proxy_timeouts proxy_timeouts_default;

struct proxy_settings {
	const char *listen_host; /* an address literal */
	unsigned listen_port;    /* 0: any free one */
	const char *token;       /* clients must send it in Proxy-Authorization; NULL: none */
	bool allow_others;       /* clients of other users of this machine, too */
	bool endpoint;           /* no proxy: requests in origin form, all to upstream_url's host */
	/* Where calls to API hosts go instead of to their host; host NULL: to their host. */
	struct upstream_target upstream;
	struct upstream_settings connect;
	struct host_rules hosts;
	const struct recogniser *recogniser;
	const struct ca *ca;     /* NULL with endpoint */
	struct capture *capture; /* NULL: nothing is captured */
	unsigned threads;        /* 0: one a processor, at most 8 */
	size_t max_clients;      /* 0: LIMIT_CLIENTS */
	struct proxy_timeouts timeouts;
	bool trace; /* tell every step (trace.h) */
	/* Called from the proxy's threads, one at a time. May be NULL. */
	void (*note)(void *data, const struct proxy_event *note);
	void *note_data;
};

struct proxy_counts {
	uint64_t clients;      /* connections accepted */
	uint64_t requests;     /* complete request heads relayed */
	uint64_t calls;        /* of them to API hosts: captured */
	uint64_t unrecognised; /* of calls */
	uint64_t blind;        /* tunnels passed through */
	uint64_t refused; /* answered by the proxy itself, connections over the limit among them */
	uint64_t failed;  /* the same because where they go cannot be reached; not of refused */
};

#endif
