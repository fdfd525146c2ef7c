/* operations.h - mapping: the API models behind the mapping, for whoever has a request instead of a
 * name: services with their endpoints and protocols, and their operations with method and URI. All
 * spans live as long as the mapping. */
#ifndef MAPPING_OPERATIONS_H
#define MAPPING_OPERATIONS_H

#include "mapping/mapping.h"

struct image_service;

/* The services, in the order of services.tsv; i from 0. Those of SAR prefixes without a model have
 * no endpoint. */
size_t services_count(const struct mapping *m);
const struct image_service *service_at(const struct mapping *m, size_t i);
struct span service_folder(const struct image_service *s);   /* "s3control" */
struct span service_signing(const struct image_service *s);  /* of the credential scope: "s3" */
struct span service_endpoint(const struct image_service *s); /* endpoint prefix: "s3-control" */
struct span service_target(const struct image_service *s);   /* X-Amz-Target before the last dot */
struct span service_version(const struct image_service *s);  /* "2006-03-01" */
/* "json", "query", "ec2", "rest-json", "rest-xml", "smithy-rpc-v2-cbor". */
bool service_speaks(const struct image_service *s, const char *protocol);

size_t service_operations(const struct image_service *s);
/* Sorted by name without regard to case. */
const struct operation *service_operation_at(const struct image_service *s, size_t i);
/* By its exact name, or NULL. */
const struct operation *service_operation(const struct image_service *s, struct span name);
/* Of REST operations: "PUT", and "/{Bucket}/{Key+}?acl"; SPAN_NONE of others. */
struct span operation_method(const struct operation *op);
struct span operation_uri(const struct operation *op);

#endif
