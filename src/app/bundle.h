/* bundle.h - app: files of CA certificates. Most clients trust one such file, in place of the
 * system's: to reach hosts beside those that the proxy opens, it has to hold the system's CAs and
 * the proxy's. */
#ifndef APP_BUNDLE_H
#define APP_BUNDLE_H

#include "base/buf.h"
#include "base/err.h"

/* Debian's bundle has 220 KB; company bundles add some. */
enum { LIMIT_BUNDLE = 16 << 20 };

/* The folder of the proxy's CA: dir, or $XDG_CONFIG_HOME/iamreplay, or ~/.config/iamreplay; to be
 * freed. NULL with err if there is no home. */
char *ca_folder(const char *dir, struct err *err);

/* The file of CAs that the system trusts; NULL if none is found. */
const char *bundle_of_system(void);

/* Adds base's certificates (NULL: none) and those of ca_pem behind them to out. STATUS_OK, or
 * STATUS_STOP: a file can't be read, or out's ceiling is reached. */
enum status bundle_join(const char *base, const char *ca_pem, struct buf *out, struct err *err);

/* DIR/bundle.pem: the system's CAs and DIR/ca.pem. To be freed. */
char *bundle_path(const char *dir);
/* Writes it where it is not there or not what it should be (any more). STATUS_OK or STATUS_STOP. */
enum status bundle_keep(const char *dir, struct err *err);
/* STATUS_OK when it is what it should be, STATUS_END when the CA or the system's have changed
 * since, STATUS_STOP with err when a file is not there or can't be read. Writes nothing. */
enum status bundle_check(const char *dir, struct err *err);

#endif
