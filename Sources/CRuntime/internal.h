/* What the files of the run-time share: the first thing that each of them includes. */
#ifndef MARTLET_INTERNAL_H
#define MARTLET_INTERNAL_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "martlet_runtime.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Every buffer that the run-time places itself starts at a multiple of this. */
#define MARTLET_ALIGNMENT 64

static inline int64_t martlet_align(int64_t bytes) {
  return (bytes + (MARTLET_ALIGNMENT - 1)) / MARTLET_ALIGNMENT * MARTLET_ALIGNMENT;
}

/* --- status.c --------------------------------------------------------------------------------------------------- */

/* Remembers for this thread what happened, and returns `status`. */
MARTLET_INTERNAL int32_t martlet_fail(int32_t status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A part of a message, which ends where its room does; begin with `count` 0. */
typedef struct martlet_text {
  char bytes[400];
  size_t count;
} martlet_text;

MARTLET_INTERNAL void martlet_append(martlet_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- wait.c ----------------------------------------------------------------------------------------------------- */

/* Sleeps until woken, unless `word` no longer holds `expected`; may return early. */
MARTLET_INTERNAL void martlet_wait(_Atomic uint32_t *word, uint32_t expected);
/* Wakes up to `count` threads that wait for `word`. */
MARTLET_INTERNAL void martlet_wake(_Atomic uint32_t *word, int32_t count);
/* Tells the processor that this is a waiting loop. */
MARTLET_INTERNAL void martlet_relax(void);
/* Nanoseconds of a clock that never goes back. */
MARTLET_INTERNAL int64_t martlet_nanoseconds(void);

/* --- job.c ------------------------------------------------------------------------------------------------------ */

/* One step shared out: `unclaimed` chunks of `grain` iterations remain; the other fields are fixed meanwhile. */
typedef struct martlet_job {
  martlet_kernel kernel;
  void *const *buffers;
  const int64_t *values;
  int64_t count;
  int64_t grain;
  int64_t chunks;
  char *scratch; /* of thread 0 */
  int64_t scratch_stride;
  _Alignas(MARTLET_ALIGNMENT) _Atomic int64_t unclaimed;
} martlet_job;

/* Takes one chunk and runs it as thread `index`; false when none is left.
 *
 * The fields are read only after the claim: until this chunk is reported done nobody may write them. */
MARTLET_INTERNAL bool martlet_job_run_chunk(martlet_job *job, int32_t index);

/* Puts the floating-point unit of this thread into the state that kernels expect (round to nearest, subnormals kept,
 * no traps), so that results do not depend on the thread; returns the state to restore. */
MARTLET_INTERNAL uint64_t martlet_enter_float_mode(void);
MARTLET_INTERNAL void martlet_leave_float_mode(uint64_t saved);

/* --- pool.c ----------------------------------------------------------------------------------------------------- */

typedef struct martlet_pool martlet_pool;

/* Starts `worker_count` threads that sleep; NULL when they cannot be had. */
MARTLET_INTERNAL martlet_pool *martlet_pool_create(int32_t worker_count);
/* The job to fill in before martlet_pool_run. */
MARTLET_INTERNAL martlet_job *martlet_pool_job(martlet_pool *pool);
/* Runs all chunks of the pool's job on the workers and the calling thread (index 0). */
MARTLET_INTERNAL void martlet_pool_run(martlet_pool *pool);
/* Lets the workers sleep at once instead of looking out for another job. */
MARTLET_INTERNAL void martlet_pool_rest(martlet_pool *pool);
/* Joins the workers; in a child process, which has none of them, only frees. */
MARTLET_INTERNAL void martlet_pool_destroy(martlet_pool *pool);

/* --- plan.c ----------------------------------------------------------------------------------------------------- */

/* Where a memory lies in the arena while steps first ..< last + 1 run. */
typedef struct martlet_place {
  int64_t offset;
  int64_t bytes;
  int32_t memory;
  int32_t first;
  int32_t last;
} martlet_place;

typedef struct martlet_plan {
  martlet_place *placed; /* sorted by offset */
  int32_t count;
  int64_t bytes; /* the end of the last one, or more */
} martlet_plan;

/* Places `added` memories (they are reordered) without moving those placed already: largest first, each in the
 * tightest gap between memories that live at the same time. `plan->placed` must have room. */
MARTLET_INTERNAL void martlet_plan_add(martlet_plan *plan, martlet_place *added, int32_t count);
/* Forgets the memories that come to life at `step` or later. */
MARTLET_INTERNAL void martlet_plan_truncate(martlet_plan *plan, int32_t step);

/* --- session.c -------------------------------------------------------------------------------------------------- */

/* The first dimension of an input that is nothing but the symbol; input -1: a step defines it. */
typedef struct martlet_symbol_source {
  int32_t input;
  int32_t axis;
} martlet_symbol_source;

struct martlet_session {
  const martlet_model *model;
  int32_t threads;
  martlet_pool *pool; /* NULL: one thread, or the caller's pool */
  void (*parallel_for)(void *, int32_t, void (*)(void *, int32_t), void *);
  void *parallel_context;
  _Atomic bool busy;
  int64_t *profile;

  char *scratch; /* `threads` times `scratch_stride` bytes */
  int64_t scratch_stride;
  char *arena;
  int64_t arena_capacity;
  bool owns_memory; /* scratch and arena are ours to free and to enlarge */

  int64_t *values;
  martlet_symbol_source *symbol_sources;
  bool values_known;     /* `values` follow from the symbols in it */
  int32_t planned_steps; /* the memories that come to life before this step have their place */
  martlet_plan plan;
  martlet_place *added;

  void **memories;    /* the address of each memory of the model */
  void **buffers;     /* the parameters of the step that runs */
  int64_t *arguments; /* its values */

  int64_t *shapes;           /* of the outputs, one behind the other */
  int32_t *shape_starts;     /* where each output's begins */
  int32_t *output_steps;     /* the first step that touches each output */
  void **output_data;        /* memory that the session owns for it */
  int64_t *output_capacity;  /* its bytes */
  void **output_addresses;   /* where this run writes it */

  bool is_region;                        /* pool and scratch are those of the session around */
  struct martlet_region_state **regions; /* one per step; NULL where there is none */
  martlet_session **specialised;         /* one per model for inputs of one size */
};

/* Copies the fields that the caller's version of the struct has; the others are zero. `options` may be NULL. */
MARTLET_INTERNAL int32_t martlet_read_options(const martlet_options *options,
                                              martlet_options *read);

/* A session of a region's model inside that of the model around it. */
MARTLET_INTERNAL int32_t martlet_session_create_region(const martlet_model *model,
                                                       const martlet_session *outer,
                                                       martlet_session **session);
MARTLET_INTERNAL void *martlet_allocate(int64_t bytes);

/* --- specialised.c ---------------------------------------------------------------------------------------------- */

/* Makes sessions for the models that the session's own one has for inputs of one size each. */
MARTLET_INTERNAL int32_t martlet_specialised_create(martlet_session *session);
MARTLET_INTERNAL void martlet_specialised_destroy(martlet_session *session);
/* The session that runs these inputs: the one made for their sizes, or `session` itself. */
MARTLET_INTERNAL martlet_session *martlet_specialised_session(martlet_session *session,
                                                              const martlet_tensor *inputs);
MARTLET_INTERNAL int64_t martlet_specialised_memory_bytes(const martlet_session *session);

/* --- run.c ------------------------------------------------------------------------------------------------------ */

/* martlet_session_run without claiming the session and the threads. */
MARTLET_INTERNAL int32_t martlet_run_model(martlet_session *session, const martlet_tensor *inputs,
                                           martlet_tensor *outputs);

/* --- region.c --------------------------------------------------------------------------------------------------- */

/* Makes sessions for the regions of all steps. */
MARTLET_INTERNAL int32_t martlet_regions_create(martlet_session *session);
MARTLET_INTERNAL void martlet_regions_destroy(martlet_session *session);
/* Runs the graphs of step `index`, keeps their results, and gives the symbols of their shapes their values. */
MARTLET_INTERNAL int32_t martlet_region_run(martlet_session *session, int32_t index);
/* Copies the results that the step before `index` has kept to where they belong. */
MARTLET_INTERNAL void martlet_region_take(martlet_session *session, int32_t index);
MARTLET_INTERNAL int64_t martlet_regions_memory_bytes(const martlet_session *session);

/* --- stage.c ---------------------------------------------------------------------------------------------------- */

/* The last step before the sizes of later ones can change: the next that defines a symbol, or the last of all. */
MARTLET_INTERNAL int32_t martlet_stage_end(const martlet_session *session, int32_t step);
/* Makes room and sets addresses for everything that steps `step` ... martlet_stage_end() use. */
MARTLET_INTERNAL int32_t martlet_enter_stage(martlet_session *session,
                                             const martlet_tensor *outputs, int32_t step);

/* --- bind.c ----------------------------------------------------------------------------------------------------- */

/* Checks the inputs, binds the symbols of their dimensions and computes the values that follow. */
MARTLET_INTERNAL int32_t martlet_bind_inputs(martlet_session *session,
                                             const martlet_tensor *inputs);
/* Checks what can be said about the outputs before their shapes are known. */
MARTLET_INTERNAL int32_t martlet_check_outputs(martlet_session *session,
                                               const martlet_tensor *outputs);
/* Writes the shape of an output from the values into session->shapes, and checks that of the caller's. */
MARTLET_INTERNAL int32_t martlet_bind_output(martlet_session *session,
                                             const martlet_tensor *tensor, int32_t output);

#endif
