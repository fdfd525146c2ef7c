/* spool.c - fetch: see spool.h. */
#include "config.h"

#include "fetch/spool.h"

#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void spool_init(struct spool *s)
{
	*s = (struct spool){.fd = -1};
	buf_init(&s->memory, SPOOL_MEMORY);
}

void spool_release(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->memory);
}

void spool_begin(struct spool *s)
{
	buf_reset(&s->memory);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->error = 0;
}

static bool write_all(struct spool *s, struct span text)
{
	bool fine = fd_write_all(s->fd, text);
	if (!fine)
		s->error = errno;
	return fine;
}

static bool open_file(struct spool *s)
{
	const char *folder = getenv("TMPDIR");
	char name[4096];
	if (snprintf(name, sizeof name, "%s/iamreplay-XXXXXX",
	             folder && *folder ? folder : "/tmp") >= (int)sizeof name) {
		s->error = ENAMETOOLONG;
		return false;
	}
	s->fd = mkostemp(name, O_CLOEXEC); /* 0600 */
	if (s->fd < 0) {
		s->error = errno;
		return false;
	}
	unlink(name);
	snprintf(s->path, sizeof s->path, "/proc/self/fd/%d", s->fd);
	return write_all(s, buf_span(&s->memory));
}

bool spool_add(struct spool *s, const char *p, size_t n)
{
	if (s->fd < 0 && buf_add(&s->memory, p, n))
		return true;
	return (s->fd >= 0 || open_file(s)) && write_all(s, span_make(p, n));
}

void spool_end(struct spool *s, struct span *bytes, const char **file)
{
	*bytes = buf_span(&s->memory);
	*file = s->fd >= 0 ? s->path : NULL;
}
