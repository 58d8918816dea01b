#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Largest first; among equals the order of the model, so that a plan depends on nothing else. */
static int martlet_place_compare(const void *left, const void *right) {
  const martlet_place *a = left, *b = right;
  if (a->bytes != b->bytes) return a->bytes > b->bytes ? -1 : 1;
  return a->memory < b->memory ? -1 : a->memory > b->memory;
}

static bool martlet_lives_with(const martlet_place *a, const martlet_place *b) {
  return a->first <= b->last && b->first <= a->last;
}

/* The start of the tightest gap that holds `place`, or the end of all that live at the same time. */
static int64_t martlet_best_offset(const martlet_plan *plan, const martlet_place *place) {
  int64_t end = 0, best = -1, best_gap = INT64_MAX;
  for (int32_t i = 0; i < plan->count; i++) {
    const martlet_place *other = &plan->placed[i];
    if (!martlet_lives_with(place, other)) continue;
    int64_t gap = other->offset - end;
    if (gap >= place->bytes && gap < best_gap) {
      best = end;
      best_gap = gap;
    }
    int64_t other_end = other->offset + other->bytes;
    if (other_end > end) end = other_end;
  }
  return best >= 0 ? best : end;
}

MARTLET_INTERNAL void martlet_plan_add(martlet_plan *plan, martlet_place *added, int32_t count) {
  for (int32_t i = 0; i < count; i++) added[i].bytes = martlet_align(added[i].bytes);
  qsort(added, (size_t)count, sizeof *added, martlet_place_compare);
  for (int32_t i = 0; i < count; i++) {
    martlet_place place = added[i];
    place.offset = martlet_best_offset(plan, &place);
    int32_t at = plan->count++;
    for (; at > 0 && plan->placed[at - 1].offset > place.offset; at--)
      plan->placed[at] = plan->placed[at - 1];
    plan->placed[at] = place;
    if (place.offset + place.bytes > plan->bytes) plan->bytes = place.offset + place.bytes;
  }
}

MARTLET_INTERNAL void martlet_plan_truncate(martlet_plan *plan, int32_t step) {
  int32_t kept = 0;
  plan->bytes = 0;
  for (int32_t i = 0; i < plan->count; i++) {
    martlet_place place = plan->placed[i];
    if (place.first >= step) continue;
    if (place.offset + place.bytes > plan->bytes) plan->bytes = place.offset + place.bytes;
    plan->placed[kept++] = place;
  }
  plan->count = kept;
}
