/* node-proxy.h - app: node-proxy.js as text, embedded by a rule of sources.am. */
#ifndef APP_NODE_PROXY_H
#define APP_NODE_PROXY_H

extern const char node_proxy_js[];

#endif
