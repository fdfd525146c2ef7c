/* node-proxy.h - commands: node-proxy.js as text, embedded by a rule of sources.am. */
#ifndef CMD_NODE_PROXY_H
#define CMD_NODE_PROXY_H

extern const char node_proxy_js[];

#endif
