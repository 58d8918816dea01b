/* Graphs that steps run: branches and loops. Each has a session of its own inside that of the model around it, with which it
 * shares threads, scratch memory and constants. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Memory that grows, and the shape of what it holds. */
typedef struct martlet_store {
  char *data;
  int64_t capacity;
  int64_t bytes;
  int64_t *shape;
} martlet_store;

typedef struct martlet_region_state {
  martlet_session *bodies[2];
  martlet_tensor *inputs;  /* of the body that runs */
  martlet_tensor *outputs;
  martlet_tensor *results; /* what the step after this one takes */
  martlet_store *stores;   /* of a loop, one per result: what is carried, or has been collected */
  int64_t *shapes;         /* of the arguments, one behind the other, then of the stores */
  int64_t runs;            /* the number of the run */
  uint8_t condition;
} martlet_region_state;

static int32_t martlet_body_count(const martlet_region *region) {
  return region->kind == MARTLET_IF ? 2 : 1;
}

/* --- Making them -------------------------------------------------------------------------------------------------- */

static int32_t martlet_allocate_tables(martlet_region_state *state, const martlet_region *region) {
  size_t ranks = 1, most_inputs = (size_t)region->argument_count + 2;
  size_t results = (size_t)region->result_count + 1;
  for (int32_t i = 0; i < region->argument_count; i++) ranks += (size_t)region->arguments[i].rank;
  for (int32_t i = 0; i < region->result_count; i++) ranks += (size_t)region->results[i].rank;
  state->inputs = calloc(most_inputs, sizeof *state->inputs);
  state->outputs = calloc(results, sizeof *state->outputs);
  state->results = calloc(results, sizeof *state->results);
  state->stores = calloc(results, sizeof *state->stores);
  state->shapes = calloc(ranks, sizeof *state->shapes);
  if (!state->inputs || !state->outputs || !state->results || !state->stores || !state->shapes)
    return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate a region");
  int64_t *next = state->shapes;
  for (int32_t i = 0; i < region->argument_count; i++) next += region->arguments[i].rank;
  for (int32_t i = 0; i < region->result_count; i++) {
    state->stores[i].shape = next;
    next += region->results[i].rank;
  }
  return MARTLET_OK;
}

/* Makes room for `bytes` more behind what a store holds. */
static int32_t martlet_reserve(martlet_store *store, int64_t bytes) {
  int64_t needed = store->bytes + bytes;
  if (store->data && needed <= store->capacity) return MARTLET_OK;
  int64_t capacity = needed > 2 * store->capacity ? needed : 2 * store->capacity;
  char *grown = martlet_allocate(martlet_align(capacity));
  if (!grown)
    return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate %lld bytes",
                        (long long)capacity);
  if (store->bytes) memcpy(grown, store->data, (size_t)store->bytes);
  free(store->data);
  store->data = grown;
  store->capacity = capacity;
  return MARTLET_OK;
}

/* Makes room for what a loop carries where its size is known before the first run: later none is made. */
static int32_t martlet_reserve_carried(const martlet_session *session, const martlet_region *region,
                                       martlet_region_state *state) {
  if (!session->values_known || region->kind != MARTLET_LOOP) return MARTLET_OK;
  for (int32_t i = 0; i < region->carried_count; i++) {
    const martlet_result *result = &region->results[i];
    bool is_known = true;
    for (int32_t axis = 0; axis < result->rank; axis++) {
      is_known = is_known && !result->defined[axis];
      state->stores[i].shape[axis] = session->values[result->dimensions[axis]];
    }
    if (!is_known) continue;
    int64_t bytes = martlet_tensor_bytes(result->type, result->rank, state->stores[i].shape);
    int32_t status = martlet_reserve(&state->stores[i], bytes);
    if (status != MARTLET_OK) return status;
  }
  return MARTLET_OK;
}

MARTLET_INTERNAL int32_t martlet_regions_create(martlet_session *session) {
  for (int32_t i = 0; i < session->model->step_count; i++) {
    const martlet_step *step = &session->model->steps[i];
    if (step->region_part != MARTLET_RUN_REGION) continue;
    martlet_region_state *state = calloc(1, sizeof *state);
    if (!state) return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate a region");
    session->regions[i] = state;
    int32_t status = martlet_allocate_tables(state, step->region);
    if (status == MARTLET_OK) status = martlet_reserve_carried(session, step->region, state);
    for (int32_t body = 0; status == MARTLET_OK && body < martlet_body_count(step->region); body++)
      status = martlet_session_create_region(step->region->bodies[body], session,
                                             &state->bodies[body]);
    if (status != MARTLET_OK) return status;
  }
  return MARTLET_OK;
}

MARTLET_INTERNAL void martlet_regions_destroy(martlet_session *session) {
  for (int32_t i = 0; i < session->model->step_count; i++) {
    martlet_region_state *state = session->regions[i];
    if (!state) continue;
    for (int32_t body = 0; body < 2; body++) martlet_session_destroy(state->bodies[body]);
    for (int32_t j = 0; state->stores && j < session->model->steps[i].region->result_count; j++)
      free(state->stores[j].data);
    free(state->inputs);
    free(state->outputs);
    free(state->results);
    free(state->stores);
    free(state->shapes);
    free(state);
  }
}

MARTLET_INTERNAL int64_t martlet_regions_memory_bytes(const martlet_session *session) {
  int64_t bytes = 0;
  for (int32_t i = 0; i < session->model->step_count; i++) {
    const martlet_region_state *state = session->regions[i];
    if (!state) continue;
    for (int32_t body = 0; body < martlet_body_count(session->model->steps[i].region); body++)
      bytes += state->bodies[body]->arena_capacity + martlet_regions_memory_bytes(state->bodies[body]);
    for (int32_t j = 0; j < session->model->steps[i].region->result_count; j++)
      bytes += state->stores[j].capacity;
  }
  return bytes;
}

/* --- Running them ------------------------------------------------------------------------------------------------- */

/* Describes the arguments, the first of which is `inputs[0]`. */
static void martlet_read_arguments(const martlet_session *session, const martlet_region *region,
                                   martlet_region_state *state, martlet_tensor *inputs) {
  int64_t *shape = state->shapes;
  for (int32_t i = 0; i < region->argument_count; i++) {
    const martlet_argument *argument = &region->arguments[i];
    for (int32_t axis = 0; axis < argument->rank; axis++)
      shape[axis] = session->values[argument->dimensions[axis]];
    inputs[i] = (martlet_tensor){
        .data = argument->memory >= 0 ? session->memories[argument->memory] : NULL,
        .shape = shape,
        .rank = argument->rank,
        .type = argument->type};
    shape += argument->rank;
  }
}

static int32_t martlet_run_body(martlet_session *body, const martlet_tensor *inputs,
                                martlet_tensor *outputs) {
  memset(outputs, 0, (size_t)body->model->output_count * sizeof *outputs);
  return martlet_run_model(body, inputs, outputs);
}

static int32_t martlet_append_bytes(martlet_store *store, const martlet_tensor *tensor) {
  int64_t bytes = martlet_tensor_bytes(tensor->type, tensor->rank, tensor->shape);
  int32_t status = martlet_reserve(store, bytes);
  if (status != MARTLET_OK) return status;
  if (bytes) memcpy(store->data + store->bytes, tensor->data, (size_t)bytes);
  store->bytes += bytes;
  return MARTLET_OK;
}

/* Keeps what a run of a loop gives for the next. */
static int32_t martlet_carry(martlet_region_state *state, const martlet_region *region,
                             int32_t number, const martlet_tensor *output) {
  martlet_store *store = &state->stores[number];
  if (output->rank != region->results[number].rank)
    return martlet_fail(MARTLET_WRONG_RANK, "a carried value has %d dimensions, expected %d",
                        output->rank, region->results[number].rank);
  store->bytes = 0;
  int32_t status = martlet_append_bytes(store, output);
  if (status != MARTLET_OK) return status;
  for (int32_t axis = 0; axis < output->rank; axis++) store->shape[axis] = output->shape[axis];
  state->results[number] = (martlet_tensor){
      .data = store->data, .shape = store->shape, .rank = output->rank, .type = output->type};
  return MARTLET_OK;
}

/* Adds what a run of a loop gives to that of the runs before. */
static int32_t martlet_collect(martlet_region_state *state, int32_t number,
                               const martlet_tensor *output) {
  martlet_store *store = &state->stores[number];
  for (int32_t axis = 0; axis < output->rank; axis++) {
    if (store->shape[0] == 0) store->shape[axis + 1] = output->shape[axis];
    if (store->shape[axis + 1] != output->shape[axis])
      return martlet_fail(MARTLET_WRONG_DATA,
                          "dimension %d of a collected value is %lld, expected %lld as in the first run",
                          axis, (long long)output->shape[axis], (long long)store->shape[axis + 1]);
  }
  store->shape[0]++;
  return martlet_append_bytes(store, output);
}

static void martlet_begin_loop(martlet_region_state *state, const martlet_region *region) {
  const martlet_tensor *carried = state->inputs + 2;
  for (int32_t i = 0; i < region->result_count; i++) {
    const martlet_result *result = &region->results[i];
    martlet_store *store = &state->stores[i];
    store->bytes = 0;
    if (i < region->carried_count) {
      state->results[i] = carried[i];
      continue;
    }
    for (int32_t axis = 0; axis < result->rank; axis++) store->shape[axis] = result->empty_shape[axis];
    state->results[i] = (martlet_tensor){
        .shape = store->shape, .rank = result->rank, .type = result->type};
  }
}

static int32_t martlet_run_loop(martlet_region_state *state, const martlet_region *region) {
  martlet_tensor *inputs = state->inputs;
  int64_t limit = inputs[0].data ? *(const int64_t *)inputs[0].data : INT64_MAX;
  martlet_session *body = state->bodies[0];
  const martlet_port *ports = body->model->inputs;
  static const int64_t one[] = {1};
  state->condition = inputs[1].data ? *(const uint8_t *)inputs[1].data : 1;
  martlet_begin_loop(state, region);
  inputs[0] = (martlet_tensor){&state->runs, one, ports[0].rank, ports[0].type};
  inputs[1] = (martlet_tensor){&state->condition, one, ports[1].rank, ports[1].type};
  for (state->runs = 0; state->runs < limit && state->condition; state->runs++) {
    int32_t status = martlet_run_body(body, inputs, state->outputs);
    for (int32_t i = 0; status == MARTLET_OK && i < region->result_count; i++) {
      const martlet_tensor *output = &state->outputs[i + 1];
      status = i < region->carried_count ? martlet_carry(state, region, i, output)
                                         : martlet_collect(state, i, output);
      if (i < region->carried_count) inputs[i + 2] = state->results[i];
    }
    if (status != MARTLET_OK) return status;
    state->condition = *(const uint8_t *)state->outputs[0].data;
  }
  for (int32_t i = region->carried_count; i < region->result_count; i++)
    state->results[i].data = state->stores[i].data;
  return MARTLET_OK;
}

static int32_t martlet_run_branch(martlet_region_state *state, const martlet_region *region) {
  bool condition = *(const uint8_t *)state->inputs[0].data;
  int32_t status = martlet_run_body(state->bodies[condition ? 0 : 1], state->inputs + 1,
                                    state->outputs);
  for (int32_t i = 0; i < region->result_count; i++) state->results[i] = state->outputs[i];
  return status;
}

/* Gives the symbols in the shapes of the results their values. */
static int32_t martlet_define_shapes(martlet_session *session, const martlet_step *step,
                                     const martlet_region_state *state, int32_t index) {
  const martlet_region *region = step->region;
  bool changed = false;
  for (int32_t i = 0; i < region->result_count; i++) {
    const martlet_result *result = &region->results[i];
    if (state->results[i].rank != result->rank)
      return martlet_fail(MARTLET_WRONG_RANK, "step '%s': result %d has %d dimensions, expected %d",
                          step->label, i, state->results[i].rank, result->rank);
    for (int32_t axis = 0; axis < result->rank; axis++) {
      if (!result->defined[axis]) continue;
      int64_t *value = &session->values[result->dimensions[axis]];
      changed = changed || *value != state->results[i].shape[axis];
      *value = state->results[i].shape[axis];
    }
  }
  if (!changed) return MARTLET_OK;
  session->model->compute_values(session->values);
  if (session->planned_steps > index + 1) session->planned_steps = index + 1;
  return MARTLET_OK;
}

static int32_t martlet_check_results(const martlet_session *session, const martlet_step *step,
                                     const martlet_region_state *state) {
  for (int32_t i = 0; i < step->region->result_count; i++) {
    const martlet_result *result = &step->region->results[i];
    for (int32_t axis = 0; axis < result->rank; axis++) {
      int64_t found = state->results[i].shape[axis];
      int64_t expected = session->values[result->dimensions[axis]];
      if (found != expected)
        return martlet_fail(MARTLET_WRONG_SHAPE,
                            "step '%s': dimension %d of result %d is %lld, expected %lld",
                            step->label, axis, i, (long long)found, (long long)expected);
    }
  }
  return MARTLET_OK;
}

MARTLET_INTERNAL int32_t martlet_region_run(martlet_session *session, int32_t index) {
  const martlet_step *step = &session->model->steps[index];
  martlet_region_state *state = session->regions[index];
  martlet_read_arguments(session, step->region, state, state->inputs);
  int32_t status = step->region->kind == MARTLET_IF ? martlet_run_branch(state, step->region)
                                                    : martlet_run_loop(state, step->region);
  if (status == MARTLET_OK) status = martlet_define_shapes(session, step, state, index);
  if (status == MARTLET_OK) status = martlet_check_results(session, step, state);
  return status;
}

MARTLET_INTERNAL void martlet_region_take(martlet_session *session, int32_t index) {
  const martlet_region *region = session->model->steps[index - 1].region;
  const martlet_region_state *state = session->regions[index - 1];
  for (int32_t i = 0; i < region->result_count; i++) {
    const martlet_tensor *result = &state->results[i];
    int64_t bytes = martlet_tensor_bytes(result->type, result->rank, result->shape);
    if (region->results[i].memory >= 0 && bytes > 0)
      memcpy(session->memories[region->results[i].memory], result->data, (size_t)bytes);
  }
}
