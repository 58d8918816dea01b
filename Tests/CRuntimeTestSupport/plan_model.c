#include "test_models.h"

#include <stdlib.h>
#include <string.h>

/* One input (unused data) of shape [N], output 0 counts failures. Memory m lives in steps first ... last; the step
 * `first` writes its pattern, every step in between and `last` compare. Values: N, then 1, 8, then the sizes. */
struct test_plan_model {
  martlet_model model;
  martlet_port input, output;
  int32_t input_dimension, output_dimension;
  int64_t *unit_bytes; /* size of each memory per unit of N */
  martlet_memory *memories;
  martlet_step *steps;
  int32_t *buffers, *arguments;
  int32_t memory_count;
};

enum { FIRST_SIZE = 3 };

/* compute_values and kernels get no context; a model is run by one thread at a time. */
static _Thread_local const test_plan_model *current;

static void plan_values(int64_t *values) {
  values[1] = 1;
  values[2] = 8;
  for (int32_t i = 0; i < current->memory_count; i++)
    values[FIRST_SIZE + i] = current->unit_bytes[i] * values[0];
  int32_t numbers = FIRST_SIZE + current->memory_count;
  for (int32_t i = numbers; i < current->model.value_count; i++) values[i] = i - numbers;
}

/* buffers: failures, all memories of the step; values: per memory its number, its bytes, whether it is born here. */
static void plan_check(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                       void *scratch) {
  (void)begin, (void)end, (void)scratch;
  int64_t *failures = buffers[0];
  int64_t step = values[0], count = values[1];
  if (step == 0) *failures = 0;
  for (int64_t i = 0; i < count; i++) {
    int64_t memory = values[2 + 2 * i], bytes = values[3 + 2 * i];
    unsigned char *data = buffers[1 + i];
    if ((uintptr_t)data % 64) ++*failures;
    if (current->memories[memory + 2].first_step == step) {
      memset(data, (int)(memory % 251 + 1), (size_t)bytes);
      continue;
    }
    for (int64_t k = 0; k < bytes; k++) {
      if (data[k] == memory % 251 + 1) continue;
      ++*failures;
      break;
    }
  }
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

test_plan_model *test_plan_model_create(uint64_t seed, int32_t memory_count, int32_t step_count) {
  uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  size_t memories = (size_t)memory_count, steps = (size_t)step_count;
  test_plan_model *plan = calloc(1, sizeof *plan);
  plan->memory_count = memory_count;
  plan->unit_bytes = calloc(memories, sizeof *plan->unit_bytes);
  plan->memories = calloc(memories + 2, sizeof *plan->memories);
  plan->steps = calloc(steps, sizeof *plan->steps);
  plan->buffers = calloc(steps * (memories + 1), sizeof *plan->buffers);
  plan->arguments = calloc(steps * (2 * memories + 2), sizeof *plan->arguments);
  /* Numbers that the kernel gets as values: behind the sizes, one per small integer. */
  int32_t numbers = FIRST_SIZE + memory_count;
  plan->memories[0] = (martlet_memory){.kind = MARTLET_INPUT};
  plan->memories[1] = (martlet_memory){.kind = MARTLET_OUTPUT, .byte_value = 2};
  for (int32_t i = 0; i < memory_count; i++) {
    int32_t first = (int32_t)(next_random(&state) % (uint64_t)step_count);
    int32_t last = first + (int32_t)(next_random(&state) % (uint64_t)(step_count - first));
    if (next_random(&state) % 3) last = first + (last - first) / 8;
    plan->unit_bytes[i] = (int64_t)(next_random(&state) % (next_random(&state) % 2 ? 100 : 3000));
    plan->memories[i + 2] = (martlet_memory){.kind = MARTLET_ARENA,
                                             .offset = -1,
                                             .byte_value = FIRST_SIZE + i,
                                             .first_step = first,
                                             .last_step = last};
  }
  for (int32_t step = 0; step < step_count; step++) {
    int32_t *buffers = plan->buffers + (size_t)step * (memories + 1);
    int32_t *arguments = plan->arguments + (size_t)step * (2 * memories + 2);
    int32_t count = 0;
    buffers[0] = 1;
    for (int32_t i = 0; i < memory_count; i++) {
      const martlet_memory *memory = &plan->memories[i + 2];
      if (step < memory->first_step || step > memory->last_step) continue;
      buffers[1 + count] = i + 2;
      arguments[2 + 2 * count] = numbers + i;
      arguments[3 + 2 * count] = FIRST_SIZE + i;
      count++;
    }
    arguments[0] = numbers + step;
    arguments[1] = numbers + count;
    plan->steps[step] = (martlet_step){.kernel = plan_check,
                                       .label = "check",
                                       .buffers = buffers,
                                       .values = arguments,
                                       .buffer_count = count + 1,
                                       .value_count = 2 + 2 * count,
                                       .count_value = 1,
                                       .grain = 1,
                                       .defines_value = -1};
  }
  plan->output_dimension = 1;
  plan->input = (martlet_port){"x", 2, 1, &plan->input_dimension};
  plan->output = (martlet_port){"failures", 7, 1, &plan->output_dimension};
  plan->model = (martlet_model){.version = MARTLET_MODEL_VERSION,
                                .input_count = 1,
                                .output_count = 1,
                                .memory_count = memory_count + 2,
                                .step_count = step_count,
                                .value_count = numbers + memory_count + step_count + 1,
                                .symbol_count = 1,
                                .inputs = &plan->input,
                                .outputs = &plan->output,
                                .memories = plan->memories,
                                .steps = plan->steps,
                                .compute_values = plan_values,
                                .arena_bytes = -1,
                                .threads = 1,
                                .metadata = "{}"};
  return plan;
}

const martlet_model *test_plan_model_descriptor(const test_plan_model *model) {
  current = model;
  return &model->model;
}

int64_t test_plan_model_lower_bound(const test_plan_model *model, int64_t extent) {
  int64_t most = 0;
  for (int32_t step = 0; step < model->model.step_count; step++) {
    int64_t alive = 0;
    for (int32_t i = 0; i < model->memory_count; i++) {
      const martlet_memory *memory = &model->memories[i + 2];
      if (step >= memory->first_step && step <= memory->last_step)
        alive += (model->unit_bytes[i] * extent + 63) / 64 * 64;
    }
    if (alive > most) most = alive;
  }
  return most;
}

void test_plan_model_destroy(test_plan_model *model) {
  free(model->unit_bytes);
  free(model->memories);
  free(model->steps);
  free(model->buffers);
  free(model->arguments);
  free(model);
}
