/* operations.c - mapping: see operations.h. */
#include "config.h"

#include "mapping/operations.h"

#include "mapping/image.h"

size_t services_count(const struct mapping *m)
{
	size_t n;
	image_list(&m->services, &n);
	return n;
}

const struct image_service *service_at(const struct mapping *m, size_t i)
{
	size_t n;
	const struct image_service *first = image_list(&m->services, &n);
	return &first[i];
}

struct span service_folder(const struct image_service *s)
{
	return image_str(&s->folder);
}

struct span service_signing(const struct image_service *s)
{
	return image_str(&s->signing);
}

struct span service_endpoint(const struct image_service *s)
{
	return image_str(&s->endpoint);
}

struct span service_target(const struct image_service *s)
{
	return image_str(&s->target_prefix);
}

struct span service_version(const struct image_service *s)
{
	return image_str(&s->api_version);
}

bool service_speaks(const struct image_service *s, const char *protocol)
{
	struct span rest = image_str(&s->protocols);
	while (rest.p)
		if (span_is(span_cut(&rest, ','), protocol))
			return true;
	return false;
}

size_t service_operations(const struct image_service *s)
{
	return s->n_operations;
}

const struct operation *service_operation_at(const struct image_service *s, size_t i)
{
	const struct operation *first = image_row(&s->operations);
	return &first[i];
}

const struct operation *service_operation(const struct image_service *s, struct span name)
{
	const struct operation *op = IMAGE_FIND(struct operation, service_operation_at(s, 0),
	                                        s->n_operations, name, span_cmp_ci);
	return op && span_eq(image_str(&op->name), name) ? op : NULL;
}

struct span operation_method(const struct operation *op)
{
	uint32_t i = image_method(op);
	return i ? span_of(image_methods[i]) : SPAN_NONE;
}

struct span operation_uri(const struct operation *op)
{
	return image_str(&op->uri);
}
