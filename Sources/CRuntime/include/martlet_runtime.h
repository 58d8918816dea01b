/* Sessions over a model descriptor that is given explicitly.
 *
 * The functions of martlet.h are thin wrappers over these that name the descriptor they were linked with; the
 * in-process JIT calls these with the descriptor that it has just built. Linked into an artefact they are static.
 */
#ifndef MARTLET_RUNTIME_H
#define MARTLET_RUNTIME_H
#include "martlet.h"
#include "martlet_model.h"
#include "martlet_types.h"

/* A recorded run, and how far from it counts as equal: |found - recorded| <= absolute + relative * |recorded|. */
typedef struct martlet_tolerance {
  double relative;
  double absolute;
} martlet_tolerance;

/* What is kept of an output that is too large to be kept whole: `count` of its elements, at positions that follow from
 * `seed`, and sums over all that are finite. */
typedef struct martlet_sample {
  int64_t count;                                /* 0: the whole output is kept */
  uint64_t seed;
  int64_t finite_count;
  double sum;
  double magnitude_sum;                         /* of absolute values */
  double largest_magnitude;
} martlet_sample;

typedef struct martlet_recording {
  const martlet_tensor *inputs;                 /* one per input of the model; without data: random, from `seed` */
  const martlet_tensor *outputs;                /* one per output; the data are those of its sample */
  const martlet_tolerance *tolerances;          /* one per output; both zero: equal numbers */
  const martlet_sample *samples;                /* one per output; NULL: all are kept whole */
  uint64_t seed;
} martlet_recording;

/* See martlet.h: create. The models must outlive the session. */
MARTLET_INTERNAL int32_t martlet_session_create(const martlet_variants *variants,
                                                const martlet_options *options,
                                                martlet_session **session);
/* A session of one model, which the processor must be able to run. */
MARTLET_INTERNAL int32_t martlet_session_create_for_model(const martlet_model *model,
                                                          const martlet_options *options,
                                                          martlet_session **session);
/* See martlet.h: run. */
MARTLET_INTERNAL int32_t martlet_session_run(martlet_session *session,
                                             const martlet_tensor *inputs,
                                             martlet_tensor *outputs);
/* See martlet.h: variant. */
MARTLET_INTERNAL const char *martlet_session_variant(const martlet_session *session);
/* See martlet.h: destroy. */
MARTLET_INTERNAL void martlet_session_destroy(martlet_session *session);
/* See martlet.h: status_message. */
MARTLET_INTERNAL const char *martlet_session_status_message(int32_t status);
/* Runs the vector on `options` and compares; `vector` may be NULL (MARTLET_NO_SELFTEST). */
MARTLET_INTERNAL int32_t martlet_session_selftest(const martlet_variants *variants,
                                                  const martlet_options *options,
                                                  const martlet_recording *vector);

/* Bytes of caller's workspace, of any alignment, that are enough for `threads` threads; of a model whose arena is
 * planned at run time only what does not depend on shapes. */
MARTLET_INTERNAL int64_t martlet_session_workspace_bytes(const martlet_model *model,
                                                         int32_t threads);
/* Bytes that the session's arena and scratch memory take now. */
MARTLET_INTERNAL int64_t martlet_session_memory_bytes(const martlet_session *session);
/* How many threads the session's steps are spread over, the caller's among them. */
MARTLET_INTERNAL int32_t martlet_session_thread_count(const martlet_session *session);
/* From now on every run adds each step's wall-clock nanoseconds to `step_nanoseconds[step]`; NULL: no more. */
MARTLET_INTERNAL void martlet_session_set_profile(martlet_session *session,
                                                  int64_t *step_nanoseconds);

#endif
