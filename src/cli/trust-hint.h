/* trust-hint.h - cli: what a shell is to be told so that clients go through the proxy and trust its
 * CA. All of it can be pasted as it is: paths are absolute and quoted. */
#ifndef CLI_TRUST_HINT_H
#define CLI_TRUST_HINT_H

#include <stdio.h>

/* For every client that is known to need something; dir is the CA's folder. */
void trust_print_all(FILE *to, const char *dir);

/* For most clients: url is the proxy's, bundle the certificates to be trusted instead of the
 * system's. */
void trust_print_short(FILE *to, const char *url, const char *bundle);
/* Where to find the rest; ca_dir is NULL where --ca-dir is not needed. */
void trust_print_more(FILE *to, const char *ca_dir);

#endif
