/* Room for what the next steps use, once sizes fit each other. A model whose shapes all follow from its inputs has one stage; every step that
 * defines a symbol ends one, because only then the sizes of what comes to life later are known. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

MARTLET_INTERNAL int32_t martlet_stage_end(const martlet_session *session, int32_t step) {
  const martlet_model *model = session->model;
  int32_t last = model->step_count - 1;
  while (step < last && model->steps[step].defines_value < 0 &&
         model->steps[step].region_part != MARTLET_RUN_REGION)
    step++;
  return step < last ? step : last;
}

/* Enlarges the arena; what lives in it keeps its offset and its bytes. */
static int32_t martlet_grow_arena(martlet_session *session, int64_t live_bytes) {
  int64_t bytes = session->plan.bytes;
  if (bytes <= session->arena_capacity) return MARTLET_OK;
  if (!session->owns_memory)
    return martlet_fail(MARTLET_WORKSPACE_TOO_SMALL,
                        "these shapes need %lld bytes of workspace beyond scratch memory, found %lld",
                        (long long)bytes, (long long)session->arena_capacity);
  void *grown = NULL;
  if (posix_memalign(&grown, MARTLET_ALIGNMENT, (size_t)bytes))
    return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate %lld bytes", (long long)bytes);
  if (live_bytes) memcpy(grown, session->arena, (size_t)live_bytes);
  free(session->arena);
  session->arena = grown;
  session->arena_capacity = bytes;
  return MARTLET_OK;
}

/* Plans the memories that come to life in steps `first` ... `last`. */
static int32_t martlet_plan_stage(martlet_session *session, int32_t first, int32_t last) {
  const martlet_model *model = session->model;
  if (model->arena_bytes >= 0 || session->planned_steps > last) return MARTLET_OK;
  int32_t count = 0;
  martlet_plan_truncate(&session->plan, first);
  int64_t live_bytes = session->plan.bytes;
  session->planned_steps = first;
  for (int32_t i = 0; i < model->memory_count; i++) {
    const martlet_memory *memory = &model->memories[i];
    if (memory->kind != MARTLET_ARENA || memory->first_step < first || memory->first_step > last)
      continue;
    int64_t bytes = session->values[memory->byte_value];
    if (bytes < 0 || bytes > INT64_MAX / 4)
      return martlet_fail(MARTLET_WRONG_DATA, "step '%s' works on %lld bytes",
                          model->steps[memory->first_step].label, (long long)bytes);
    session->added[count++] = (martlet_place){.memory = i,
                                              .bytes = bytes,
                                              .first = memory->first_step,
                                              .last = memory->last_step};
  }
  martlet_plan_add(&session->plan, session->added, count);
  int32_t status = martlet_grow_arena(session, live_bytes);
  if (status == MARTLET_OK) session->planned_steps = last + 1;
  return status;
}

/* The caller's memory, or the session's own, enlarged when it is too small. */
static int32_t martlet_place_output(martlet_session *session, const martlet_tensor *tensor,
                                    int32_t output) {
  const martlet_port *port = &session->model->outputs[output];
  int32_t status = martlet_bind_output(session, tensor, output);
  if (status != MARTLET_OK) return status;
  const int64_t *shape = session->shapes + session->shape_starts[output];
  int64_t bytes = martlet_tensor_bytes(port->type, port->rank, shape);
  if (bytes < 0)
    return martlet_fail(MARTLET_WRONG_DATA, "output '%s' has more bytes than there are addresses",
                        port->name);
  if (tensor && tensor->data) {
    session->output_addresses[output] = tensor->data;
    return MARTLET_OK;
  }
  if (!session->output_data[output] || bytes > session->output_capacity[output]) {
    void *memory = NULL;
    if (posix_memalign(&memory, MARTLET_ALIGNMENT, (size_t)martlet_align(bytes + 1)))
      return martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate %lld bytes for output '%s'",
                          (long long)bytes, port->name);
    free(session->output_data[output]);
    session->output_data[output] = memory;
    session->output_capacity[output] = bytes;
  }
  session->output_addresses[output] = session->output_data[output];
  return MARTLET_OK;
}

/* Inputs have theirs from martlet_session_run. */
static void martlet_set_addresses(martlet_session *session) {
  const martlet_model *model = session->model;
  for (int32_t i = 0; i < model->memory_count; i++) {
    const martlet_memory *memory = &model->memories[i];
    if (memory->kind == MARTLET_OUTPUT)
      session->memories[i] = session->output_addresses[memory->port];
    else if (memory->kind == MARTLET_CONSTANT)
      session->memories[i] = (void *)(uintptr_t)((const char *)model->constants + memory->offset);
    else if (memory->kind == MARTLET_ARENA && model->arena_bytes >= 0)
      session->memories[i] = session->arena + memory->offset;
  }
  for (int32_t i = 0; i < session->plan.count; i++) {
    const martlet_place *place = &session->plan.placed[i];
    session->memories[place->memory] = session->arena + place->offset;
  }
  for (int32_t i = 0; i < model->memory_count; i++) {
    const martlet_memory *memory = &model->memories[i];
    char *whole = memory->kind == MARTLET_PART ? session->memories[memory->port] : NULL;
    if (whole) session->memories[i] = whole + memory->offset;
  }
}

/* Compares the sizes that are known from `step` on. */
static int32_t martlet_compare_sizes(const martlet_session *session, int32_t step) {
  static const char *const wordings[] = {"", "1 or ", "at most "};
  const martlet_model *model = session->model;
  for (int32_t i = 0; i < model->check_count; i++) {
    const martlet_check *check = &model->checks[i];
    if (check->step != step) continue;
    int64_t found = session->values[check->value], expected = session->values[check->expected];
    if (found == expected || (check->relation == MARTLET_EQUAL_OR_ONE && found == 1) ||
        (check->relation == MARTLET_AT_MOST && found < expected))
      continue;
    return martlet_fail(MARTLET_WRONG_SHAPE, "node '%s': %s is %lld, expected %s%lld", check->label,
                        check->subject, (long long)found, wordings[check->relation],
                        (long long)expected);
  }
  return MARTLET_OK;
}

MARTLET_INTERNAL int32_t martlet_enter_stage(martlet_session *session,
                                             const martlet_tensor *outputs, int32_t step) {
  int32_t last = martlet_stage_end(session, step);
  int32_t status = martlet_compare_sizes(session, step);
  if (status != MARTLET_OK) return status;
  for (int32_t i = 0; i < session->model->output_count; i++) {
    int32_t first_use = session->output_steps[i];
    if (first_use < step || (first_use > last && last >= step)) continue;
    status = martlet_place_output(session, outputs ? &outputs[i] : NULL, i);
    if (status != MARTLET_OK) return status;
  }
  status = martlet_plan_stage(session, step, last);
  if (status == MARTLET_OK) martlet_set_addresses(session);
  return status;
}
