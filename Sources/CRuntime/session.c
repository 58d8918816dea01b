#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

static int32_t martlet_processor_count(void) {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 && count < INT32_MAX ? (int32_t)count : 1;
}

static int32_t martlet_choose_threads(const martlet_model *model, const martlet_options *options) {
  int32_t most = model->threads > 1 ? model->threads : 1;
  if (options->threads > 0) return options->threads < most ? options->threads : most;
  if (options->parallel_for) return most;
  int32_t processors = martlet_processor_count();
  return processors < most ? processors : most;
}

MARTLET_INTERNAL void *martlet_allocate(int64_t bytes) {
  void *memory = NULL;
  if (bytes < MARTLET_ALIGNMENT) bytes = MARTLET_ALIGNMENT;
  return posix_memalign(&memory, MARTLET_ALIGNMENT, (size_t)bytes) ? NULL : memory;
}

/* Hands out parts of one zeroed block; with `base == NULL` only counts. */
typedef struct martlet_carver {
  char *base;
  size_t used;
} martlet_carver;

static void *martlet_carve(martlet_carver *carver, int32_t count, size_t element_bytes) {
  size_t start = carver->used;
  carver->used = (start + (size_t)count * element_bytes + 15) / 16 * 16;
  return carver->base ? carver->base + start : NULL;
}

static void martlet_carve_tables(martlet_session *s, const martlet_model *model,
                                 martlet_carver *carver) {
  int32_t ranks = 0, buffers = 0, arguments = 0, planned = 0;
  for (int32_t i = 0; i < model->output_count; i++) ranks += model->outputs[i].rank;
  for (int32_t i = 0; i < model->step_count; i++) {
    const martlet_step *step = &model->steps[i];
    if (step->buffer_count > buffers) buffers = step->buffer_count;
    if (step->value_count > arguments) arguments = step->value_count;
  }
  if (model->arena_bytes < 0) planned = model->memory_count;
  s->regions = martlet_carve(carver, model->step_count, sizeof *s->regions);
  s->specialised = martlet_carve(carver, model->specialised_count, sizeof *s->specialised);
  s->values = martlet_carve(carver, model->value_count, sizeof *s->values);
  s->symbol_sources = martlet_carve(carver, model->symbol_count, sizeof *s->symbol_sources);
  s->memories = martlet_carve(carver, model->memory_count, sizeof *s->memories);
  s->buffers = martlet_carve(carver, buffers, sizeof *s->buffers);
  s->arguments = martlet_carve(carver, arguments, sizeof *s->arguments);
  s->shapes = martlet_carve(carver, ranks, sizeof *s->shapes);
  s->shape_starts = martlet_carve(carver, model->output_count, sizeof *s->shape_starts);
  s->output_steps = martlet_carve(carver, model->output_count, sizeof *s->output_steps);
  s->output_data = martlet_carve(carver, model->output_count, sizeof *s->output_data);
  s->output_capacity = martlet_carve(carver, model->output_count, sizeof *s->output_capacity);
  s->output_addresses = martlet_carve(carver, model->output_count, sizeof *s->output_addresses);
  s->plan.placed = martlet_carve(carver, planned, sizeof *s->plan.placed);
  s->added = martlet_carve(carver, planned, sizeof *s->added);
}

/* One block holds the session and its tables. */
static martlet_session *martlet_allocate_session(const martlet_model *model) {
  martlet_session counted;
  martlet_carver carver = {NULL, 0};
  (void)martlet_carve(&carver, 1, sizeof counted);
  martlet_carve_tables(&counted, model, &carver);
  martlet_carver filled = {calloc(1, carver.used), 0};
  if (!filled.base) return NULL;
  martlet_session *session = martlet_carve(&filled, 1, sizeof *session);
  martlet_carve_tables(session, model, &filled);
  session->model = model;
  return session;
}

/* Which step touches each output first: by then its shape must be known. */
static void martlet_find_output_steps(martlet_session *session) {
  const martlet_model *model = session->model;
  int32_t start = 0;
  for (int32_t i = 0; i < model->output_count; i++) {
    session->shape_starts[i] = start;
    start += model->outputs[i].rank;
  }
  for (int32_t i = model->step_count - 1; i >= 0; i--) {
    for (int32_t j = 0; j < model->steps[i].buffer_count; j++) {
      const martlet_memory *memory = &model->memories[model->steps[i].buffers[j]];
      if (memory->kind == MARTLET_OUTPUT) session->output_steps[memory->port] = i;
    }
  }
}

static void martlet_find_symbol_sources(martlet_session *session) {
  const martlet_model *model = session->model;
  for (int32_t i = 0; i < model->symbol_count; i++) {
    session->symbol_sources[i].input = -1;
    session->values[i] = 1;
  }
  for (int32_t i = model->input_count - 1; i >= 0; i--) {
    for (int32_t axis = model->inputs[i].rank - 1; axis >= 0; axis--) {
      int32_t index = model->inputs[i].dimensions[axis];
      if (index < model->symbol_count)
        session->symbol_sources[index] = (martlet_symbol_source){i, axis};
    }
  }
}

MARTLET_INTERNAL int64_t martlet_session_workspace_bytes(const martlet_model *model,
                                                         int32_t threads) {
  int64_t arena = model->arena_bytes > 0 ? martlet_align(model->arena_bytes) : 0;
  return arena + threads * martlet_align(model->scratch_bytes) + MARTLET_ALIGNMENT - 1;
}

/* Divides the caller's workspace: scratch memory of every thread, then the arena. */
static int32_t martlet_use_workspace(martlet_session *session, const martlet_options *options) {
  int64_t needed = martlet_session_workspace_bytes(session->model, session->threads);
  uintptr_t start = (uintptr_t)options->workspace;
  uintptr_t aligned = (start + MARTLET_ALIGNMENT - 1) / MARTLET_ALIGNMENT * MARTLET_ALIGNMENT;
  int64_t skipped = (int64_t)(aligned - start);
  int64_t scratch = session->threads * session->scratch_stride;
  int64_t arena = (int64_t)options->workspace_bytes - skipped - scratch;
  if (arena < 0 || arena < session->model->arena_bytes)
    return martlet_fail(MARTLET_WORKSPACE_TOO_SMALL,
                        "the workspace has %zu bytes, expected at least %lld for %d threads",
                        options->workspace_bytes, (long long)needed, session->threads);
  session->scratch = (char *)options->workspace + skipped;
  session->arena = session->scratch + scratch;
  session->arena_capacity = arena;
  return MARTLET_OK;
}

static int32_t martlet_prepare_memory(martlet_session *session, const martlet_options *options) {
  const martlet_model *model = session->model;
  session->scratch_stride = martlet_align(model->scratch_bytes);
  if (options->workspace) return martlet_use_workspace(session, options);
  int64_t scratch = session->threads * session->scratch_stride;
  session->owns_memory = true;
  session->arena_capacity = model->arena_bytes > 0 ? model->arena_bytes : 0;
  session->scratch = martlet_allocate(scratch);
  session->arena = martlet_allocate(session->arena_capacity);
  if (session->scratch && session->arena) return MARTLET_OK;
  return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate %lld bytes",
                      (long long)(scratch + session->arena_capacity));
}

/* With static shapes everything that run needs is had now. */
static int32_t martlet_prepare_static(martlet_session *session) {
  const martlet_model *model = session->model;
  if (model->symbol_count) return MARTLET_OK;
  model->compute_values(session->values);
  session->values_known = true;
  return martlet_enter_stage(session, NULL, 0);
}

static int32_t martlet_prepare(martlet_session *session, const martlet_options *options) {
  session->threads = martlet_choose_threads(session->model, options);
  session->parallel_for = options->parallel_for;
  session->parallel_context = options->parallel_context;
  martlet_find_output_steps(session);
  martlet_find_symbol_sources(session);
  int32_t status = martlet_prepare_memory(session, options);
  if (status == MARTLET_OK) status = martlet_prepare_static(session);
  if (status != MARTLET_OK) return status;
  if (session->threads > 1 && !session->parallel_for) {
    session->pool = martlet_pool_create(session->threads - 1);
    if (!session->pool)
      return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not start %d threads",
                          session->threads - 1);
  }
  status = martlet_regions_create(session);
  return status == MARTLET_OK ? martlet_specialised_create(session) : status;
}

MARTLET_INTERNAL int32_t martlet_session_create_region(const martlet_model *model,
                                                       const martlet_session *outer,
                                                       martlet_session **session) {
  martlet_session *made = martlet_allocate_session(model);
  if (!made) return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate a session");
  *session = made;
  made->is_region = true;
  made->threads = outer->threads;
  made->pool = outer->pool;
  made->parallel_for = outer->parallel_for;
  made->parallel_context = outer->parallel_context;
  made->scratch = outer->scratch;
  made->scratch_stride = outer->scratch_stride;
  made->owns_memory = true;
  made->arena_capacity = model->arena_bytes > 0 ? model->arena_bytes : 0;
  made->arena = martlet_allocate(made->arena_capacity);
  if (!made->arena)
    return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate %lld bytes",
                        (long long)made->arena_capacity);
  martlet_find_output_steps(made);
  martlet_find_symbol_sources(made);
  int32_t status = martlet_prepare_static(made);
  return status == MARTLET_OK ? martlet_regions_create(made) : status;
}

MARTLET_INTERNAL int32_t martlet_read_options(const martlet_options *options,
                                              martlet_options *read) {
  memset(read, 0, sizeof *read);
  if (!options) return MARTLET_OK;
  if (options->size < sizeof options->size || options->size > 4096)
    return martlet_fail(MARTLET_BAD_ARGUMENT, "options.size is %u, expected %zu", options->size,
                        sizeof *read);
  memcpy(read, options, options->size < sizeof *read ? options->size : sizeof *read);
  return MARTLET_OK;
}

MARTLET_INTERNAL int32_t martlet_session_create_for_model(const martlet_model *model,
                                                          const martlet_options *options,
                                                          martlet_session **session) {
  martlet_options chosen;
  if (!model || !session) return martlet_fail(MARTLET_BAD_ARGUMENT, "a null pointer");
  if (model->version != MARTLET_MODEL_VERSION)
    return martlet_fail(MARTLET_WRONG_VERSION, "the model has version %u, expected %d",
                        model->version, MARTLET_MODEL_VERSION);
  int32_t status = martlet_read_options(options, &chosen);
  if (status != MARTLET_OK) return status;
  martlet_session *made = martlet_allocate_session(model);
  if (!made) return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate a session");
  status = martlet_prepare(made, &chosen);
  if (status == MARTLET_OK)
    *session = made;
  else
    martlet_session_destroy(made);
  return status;
}

MARTLET_INTERNAL void martlet_session_destroy(martlet_session *session) {
  if (!session) return;
  martlet_regions_destroy(session);
  martlet_specialised_destroy(session);
  if (!session->is_region) martlet_pool_destroy(session->pool);
  for (int32_t i = 0; i < session->model->output_count; i++) free(session->output_data[i]);
  if (session->owns_memory) {
    if (!session->is_region) free(session->scratch);
    free(session->arena);
  }
  free(session);
}

MARTLET_INTERNAL const char *martlet_session_variant(const martlet_session *session) {
  return session ? session->model->target : "";
}

MARTLET_INTERNAL int64_t martlet_session_memory_bytes(const martlet_session *session) {
  return session->arena_capacity + session->threads * session->scratch_stride +
         martlet_regions_memory_bytes(session) + martlet_specialised_memory_bytes(session);
}

MARTLET_INTERNAL int32_t martlet_session_thread_count(const martlet_session *session) {
  return session->threads;
}

MARTLET_INTERNAL void martlet_session_set_profile(martlet_session *session,
                                                  int64_t *step_nanoseconds) {
  session->profile = step_nanoseconds;
}
