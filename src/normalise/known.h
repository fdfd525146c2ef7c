/* known.h - normalise: what a call tells that later calls do not, taken from its request and
 * response as facts.tsv says. Nothing else of a response is kept. */
#ifndef NORMALISE_KNOWN_H
#define NORMALISE_KNOWN_H

#include "events/event.h"
#include "normalise/normalise.h"

/* Fills in out->known, in arena. call: e's. */
void known_learn(const struct mapping *m, const struct event *e, const struct call *call,
                 struct arena *arena, struct fact *out);

#endif
