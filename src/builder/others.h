/* others.h - builder: folds beside what other principals use. */
#ifndef BUILDER_OTHERS_H
#define BUILDER_OTHERS_H

#include "builder/history.h"

/* out: what n sightings, sorted by resource, fold to. A set that grows may be taken for another's,
 * too: a pattern that takes in what others use stands only where most of what is known behind it is
 * this principal's own; else its resources are listed. Ids and dates stay folded: listed, they would
 * never be asked for again. Tells of each whether its set is one that the principal creates. */
void others_leave(const struct history *h, const struct sighting *mine, size_t n,
                  struct member *out);

/* Whether resources of the type lie in folders: parameters, and secrets by habit. */
bool folders_hold(const struct sar_type *type);
/* Resources of a folder that nobody else uses become all of the folder: who reads a service's own
 * folder reads the next parameter, too. Folders of which less than three are used, and no newcomer,
 * are left alone, as is everything where nothing is known of others. */
void folders_fold(const struct history *h, const struct sar_type *type,
                  const struct sighting *mine, size_t n, struct arena *arena, struct member *out);

#endif
