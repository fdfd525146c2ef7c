/* data-plane.h - recognise: requests that are authorised by IAM and are in no API model: documents
 * of OpenSearch, Prometheus' own API, GraphQL, OTLP, stages of API Gateway, function URLs. Pure. */
#ifndef RECOGNISE_DATA_PLANE_H
#define RECOGNISE_DATA_PLANE_H

#include "mapping/mapping.h"
#include "recognise/hosts.h"
#include "recognise/wire.h"

/* The call that a signed request to such an endpoint is, with what names its resource added to
 * params; NULL if it is none of them. path: without its query, which is never looked at. */
const struct operation *data_plane_find(const struct mapping *m, const struct api_host *h,
                                        struct span method, struct span path, struct wire *params);

#endif
