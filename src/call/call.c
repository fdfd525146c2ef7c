/* call.c - call: see call.h. */
#include "config.h"

#include "call/call.h"

int param_order(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int c = span_cmp(x->path, y->path);
	if (!c)
		c = span_cmp(x->value, y->value);
	return c ? c : (int)x->state - (int)y->state;
}

int event_resource_order(const void *a, const void *b)
{
	const struct event_resource *x = a, *y = b;
	int c = span_cmp(x->arn, y->arn);
	if (!c)
		c = span_cmp(x->type, y->type);
	if (!c)
		c = span_cmp(x->account, y->account);
	if (!c)
		c = (int)x->prefix - (int)y->prefix;
	return c ? c : (int)x->pattern - (int)y->pattern;
}
