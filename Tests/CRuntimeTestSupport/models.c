#include "test_models.h"

#include <string.h>

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof((array)[0])))

/* --- join --------------------------------------------------------------------------------------------------------- */

/* Values: N, M, then 4, M + 4, 2 N, bytes of the copy, of the inputs and outputs, iterations. */
enum { JOIN_N, JOIN_M, JOIN_4, JOIN_M4, JOIN_2N, JOIN_BYTES, JOIN_TOTAL_BYTES, JOIN_COUNT };

static void join_values(int64_t *values) {
  values[JOIN_4] = 4;
  values[JOIN_M4] = values[JOIN_M] + 4;
  values[JOIN_2N] = values[JOIN_N] * 2;
  values[JOIN_BYTES] = values[JOIN_N] * values[JOIN_M4] * 4;
  values[JOIN_TOTAL_BYTES] = values[JOIN_2N] * 8;
  values[JOIN_COUNT] = values[JOIN_N];
}

static void join_rows(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                      void *scratch) {
  (void)scratch;
  const float *image = buffers[0], *mask = buffers[1];
  float *joined = buffers[2];
  int64_t columns = values[0], width = columns + 4;
  for (int64_t row = begin; row < end; row++) {
    memcpy(joined + row * width, image + row * 4, 16);
    memcpy(joined + row * width + 4, mask + row * columns, (size_t)columns * 4);
  }
}

static void limit_rows(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                       void *scratch) {
  (void)scratch;
  const float *in = buffers[0], *limit = buffers[1];
  float *out = buffers[2];
  double *total = buffers[3];
  int64_t width = values[0] + 4;
  for (int64_t row = begin; row < end; row++) {
    double sum = 0;
    for (int64_t i = row * width; i < (row + 1) * width; i++) {
      out[i] = in[i] < *limit ? in[i] : *limit;
      sum += (double)out[i];
    }
    total[2 * row] = total[2 * row + 1] = sum;
  }
}

static const int32_t join_image_dimensions[] = {JOIN_N, JOIN_4};
static const int32_t join_mask_dimensions[] = {JOIN_N, JOIN_M};
static const int32_t join_joined_dimensions[] = {JOIN_N, JOIN_M4};
static const int32_t join_total_dimensions[] = {JOIN_2N};
static const martlet_port join_inputs[] = {{"image", 1, 2, join_image_dimensions},
                                           {"mask", 1, 2, join_mask_dimensions},
                                           {"limit", 1, 0, NULL}};
static const martlet_port join_outputs[] = {{"joined", 1, 2, join_joined_dimensions},
                                            {"total", 11, 1, join_total_dimensions}};
static const martlet_memory join_memories[] = {
    {MARTLET_INPUT, 0, 0, 0, 0, 0},           {MARTLET_INPUT, 1, 0, 0, 0, 0},
    {MARTLET_INPUT, 2, 0, 0, 0, 0},           {MARTLET_ARENA, 0, -1, JOIN_BYTES, 0, 1},
    {MARTLET_OUTPUT, 0, 0, JOIN_BYTES, 0, 0}, {MARTLET_OUTPUT, 1, 0, JOIN_TOTAL_BYTES, 0, 0}};
static const int32_t join_first_buffers[] = {0, 1, 3}, join_second_buffers[] = {3, 2, 4, 5};
static const int32_t join_arguments[] = {JOIN_M};
static const martlet_step join_steps[] = {
    {join_rows, "join", join_first_buffers, join_arguments, 3, 1, JOIN_COUNT, 1, -1},
    {limit_rows, "limit", join_second_buffers, join_arguments, 4, 1, JOIN_COUNT, 2, -1}};
static const char *const join_names[] = {"N", "M"};

const martlet_model test_join_model = {
    .version = MARTLET_MODEL_VERSION, .input_count = 3, .output_count = 2,
    .memory_count = COUNT(join_memories), .step_count = COUNT(join_steps), .value_count = 8,
    .symbol_count = 2, .inputs = join_inputs, .outputs = join_outputs, .memories = join_memories,
    .steps = join_steps, .compute_values = join_values, .arena_bytes = -1, .threads = 4,
    .value_names = join_names, .metadata = "{\"name\": \"join\"}"};

/* --- static ------------------------------------------------------------------------------------------------------- */

enum { STATIC_24, STATIC_BYTES, STATIC_COUNT };
static const float static_constants[] = {1, 3};

static void static_values(int64_t *values) {
  values[STATIC_24] = 24;
  values[STATIC_BYTES] = 96;
  values[STATIC_COUNT] = 24;
}

static void add_constant(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                         void *scratch) {
  (void)values, (void)scratch;
  const float *x = buffers[0], *constant = buffers[1];
  float *y = buffers[2];
  for (int64_t i = begin; i < end; i++) y[i] = x[i] + *constant;
}

static void multiply_constant(void *const *buffers, const int64_t *values, int64_t begin,
                              int64_t end, void *scratch) {
  (void)values, (void)scratch;
  const float *x = buffers[0], *constant = buffers[1];
  float *y = buffers[2];
  for (int64_t i = begin; i < end; i++) y[i] = x[i] * *constant;
}

static const int32_t static_dimensions[] = {STATIC_24};
static const martlet_port static_inputs[] = {{"x", 1, 1, static_dimensions}};
static const martlet_port static_outputs[] = {{"y", 1, 1, static_dimensions}};
static const martlet_memory static_memories[] = {{MARTLET_INPUT, 0, 0, STATIC_BYTES, 0, 0},
                                                 {MARTLET_CONSTANT, 0, 0, 0, 0, 0},
                                                 {MARTLET_CONSTANT, 0, 4, 0, 0, 0},
                                                 {MARTLET_ARENA, 0, 64, STATIC_BYTES, 0, 1},
                                                 {MARTLET_OUTPUT, 0, 0, STATIC_BYTES, 0, 0}};
static const int32_t static_first_buffers[] = {0, 1, 3}, static_second_buffers[] = {3, 2, 4};
static const martlet_step static_steps[] = {
    {add_constant, "add", static_first_buffers, NULL, 3, 0, STATIC_COUNT, 5, -1},
    {multiply_constant, "multiply", static_second_buffers, NULL, 3, 0, STATIC_COUNT, 1, -1}};

const martlet_model test_static_model = {
    .version = MARTLET_MODEL_VERSION, .input_count = 1, .output_count = 1,
    .memory_count = COUNT(static_memories), .step_count = COUNT(static_steps), .value_count = 3,
    .symbol_count = 0, .inputs = static_inputs, .outputs = static_outputs,
    .memories = static_memories, .steps = static_steps, .compute_values = static_values,
    .constants = static_constants, .constant_bytes = 8, .arena_bytes = 192, .threads = 4,
    .metadata = "{\"name\": \"static\"}", .target = "static"};

/* --- sized -------------------------------------------------------------------------------------------------------- */

enum { SIZED_N, SIZED_BYTES };

static void sized_values(int64_t *values) { values[SIZED_BYTES] = values[SIZED_N] * 4; }

static const int32_t sized_dimensions[] = {SIZED_N};
static const martlet_port sized_inputs[] = {{"x", 1, 1, sized_dimensions}};
static const martlet_port sized_outputs[] = {{"y", 1, 1, sized_dimensions}};
static const martlet_memory sized_memories[] = {{MARTLET_INPUT, 0, 0, SIZED_BYTES, 0, 0},
                                                {MARTLET_CONSTANT, 0, 0, 0, 0, 0},
                                                {MARTLET_OUTPUT, 0, 0, SIZED_BYTES, 0, 0}};
static const int32_t sized_buffers[] = {0, 1, 2};
static const martlet_step sized_steps[] = {
    {add_constant, "add", sized_buffers, NULL, 3, 0, SIZED_N, 5, -1}};
static const char *const sized_names[] = {"N"};
static const martlet_model *const sized_specialised[] = {&test_static_model};

const martlet_model test_sized_model = {
    .version = MARTLET_MODEL_VERSION, .input_count = 1, .output_count = 1,
    .memory_count = COUNT(sized_memories), .step_count = COUNT(sized_steps), .value_count = 2,
    .symbol_count = 1, .inputs = sized_inputs, .outputs = sized_outputs,
    .memories = sized_memories, .steps = sized_steps, .compute_values = sized_values,
    .constants = static_constants, .constant_bytes = 8, .arena_bytes = -1, .threads = 4,
    .value_names = sized_names, .metadata = "{\"name\": \"sized\"}", .target = "sized",
    .specialised_count = 1, .specialised = sized_specialised};

/* --- nonzero ------------------------------------------------------------------------------------------------------ */

/* N is bound, K is defined by the first step. */
enum { NONZERO_N, NONZERO_K, NONZERO_BYTES, NONZERO_X_BYTES, NONZERO_8, NONZERO_1 };

static void nonzero_values(int64_t *values) {
  values[NONZERO_BYTES] = values[NONZERO_K] * 8;
  values[NONZERO_X_BYTES] = values[NONZERO_N] * 4;
  values[NONZERO_8] = 8;
  values[NONZERO_1] = 1;
}

/* Copies x as well: memory that is alive while the arena grows. */
static void nonzero_count(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                          void *scratch) {
  (void)begin, (void)end, (void)scratch;
  const float *x = buffers[0];
  float *copy = buffers[1];
  int64_t *count = buffers[2];
  *count = 0;
  for (int64_t i = 0; i < values[0]; i++) {
    copy[i] = x[i];
    *count += x[i] != 0;
  }
}

static void nonzero_fill(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                         void *scratch) {
  (void)begin, (void)end, (void)scratch;
  const float *copy = buffers[0];
  int64_t *positions = buffers[1], *temporary = buffers[2];
  int64_t count = 0;
  for (int64_t i = 0; i < values[0]; i++)
    if (copy[i] != 0) positions[count++] = i;
  memcpy(temporary, positions, (size_t)count * 8);
}

static void nonzero_reverse(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                            void *scratch) {
  (void)begin, (void)end, (void)scratch;
  const int64_t *temporary = buffers[0];
  int64_t *reversed = buffers[1];
  for (int64_t i = 0; i < values[1]; i++) reversed[i] = temporary[values[1] - 1 - i];
}

static const int32_t nonzero_x_dimensions[] = {NONZERO_N}, nonzero_dimensions[] = {NONZERO_K};
static const martlet_port nonzero_inputs[] = {{"x", 1, 1, nonzero_x_dimensions}};
static const martlet_port nonzero_outputs[] = {{"positions", 7, 1, nonzero_dimensions},
                                               {"reversed", 7, 1, nonzero_dimensions}};
static const martlet_memory nonzero_memories[] = {
    {MARTLET_INPUT, 0, 0, NONZERO_X_BYTES, 0, 0},  {MARTLET_ARENA, 0, -1, NONZERO_X_BYTES, 0, 1},
    {MARTLET_ARENA, 0, -1, NONZERO_8, 0, 0},       {MARTLET_OUTPUT, 0, 0, NONZERO_BYTES, 0, 0},
    {MARTLET_ARENA, 0, -1, NONZERO_BYTES, 1, 2},   {MARTLET_OUTPUT, 1, 0, NONZERO_BYTES, 0, 0}};
static const int32_t nonzero_buffers[3][3] = {{0, 1, 2}, {1, 3, 4}, {4, 5}};
static const int32_t nonzero_arguments[] = {NONZERO_N, NONZERO_K};
static const martlet_step nonzero_steps[] = {
    {nonzero_count, "count", nonzero_buffers[0], nonzero_arguments, 3, 2, NONZERO_1, 1, NONZERO_K},
    {nonzero_fill, "fill", nonzero_buffers[1], nonzero_arguments, 3, 2, NONZERO_1, 1, -1},
    {nonzero_reverse, "reverse", nonzero_buffers[2], nonzero_arguments, 2, 2, NONZERO_1, 1, -1}};
static const char *const nonzero_names[] = {"N", "K"};

const martlet_model test_nonzero_model = {
    .version = MARTLET_MODEL_VERSION, .input_count = 1, .output_count = 2,
    .memory_count = COUNT(nonzero_memories), .step_count = COUNT(nonzero_steps), .value_count = 6,
    .symbol_count = 2, .inputs = nonzero_inputs, .outputs = nonzero_outputs,
    .memories = nonzero_memories, .steps = nonzero_steps, .compute_values = nonzero_values,
    .arena_bytes = -1, .threads = 1, .value_names = nonzero_names,
    .metadata = "{\"name\": \"nonzero\"}"};

/* --- uneven ------------------------------------------------------------------------------------------------------- */

enum { UNEVEN_1000, UNEVEN_BYTES };

static void uneven_values(int64_t *values) {
  values[UNEVEN_1000] = 1000;
  values[UNEVEN_BYTES] = 8000;
}

/* A walk whose length depends on the iteration; the state is kept in scratch memory. */
static void uneven_fill(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                        void *scratch) {
  (void)values;
  const int64_t *seed = buffers[0];
  int64_t *y = buffers[1];
  volatile uint64_t *state = scratch;
  for (int64_t i = begin; i < end; i++) {
    state[0] = (uint64_t)(*seed + i) * 0x9e3779b97f4a7c15u;
    uint64_t steps = state[0] >> 54;
    for (uint64_t k = 0; k < steps; k++) {
      state[k % 128] = state[0] * 6364136223846793005u + k;
      state[0] ^= state[k % 128] >> 7;
    }
    y[i] = (int64_t)state[0];
  }
}

static void uneven_mix(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                       void *scratch) {
  (void)values, (void)scratch;
  const int64_t *x = buffers[0];
  int64_t *y = buffers[1];
  for (int64_t i = begin; i < end; i++) y[i] = x[i] ^ x[999 - i];
}

static const int32_t uneven_dimensions[] = {UNEVEN_1000};
static const martlet_port uneven_inputs[] = {{"seed", 7, 0, NULL}};
static const martlet_port uneven_outputs[] = {{"y", 7, 1, uneven_dimensions}};
static const martlet_memory uneven_memories[] = {{MARTLET_INPUT, 0, 0, 0, 0, 0},
                                                 {MARTLET_ARENA, 0, 0, UNEVEN_BYTES, 0, 1},
                                                 {MARTLET_ARENA, 0, 8000, UNEVEN_BYTES, 1, 2},
                                                 {MARTLET_OUTPUT, 0, 0, UNEVEN_BYTES, 0, 0}};
static const int32_t uneven_buffers[3][2] = {{0, 1}, {1, 2}, {2, 3}};
static const martlet_step uneven_steps[] = {
    {uneven_fill, "fill", uneven_buffers[0], NULL, 2, 0, UNEVEN_1000, 7, -1},
    {uneven_mix, "mix", uneven_buffers[1], NULL, 2, 0, UNEVEN_1000, 64, -1},
    {uneven_mix, "mix again", uneven_buffers[2], NULL, 2, 0, UNEVEN_1000, 1, -1}};

const martlet_model test_uneven_model = {
    .version = MARTLET_MODEL_VERSION, .input_count = 1, .output_count = 1,
    .memory_count = COUNT(uneven_memories), .step_count = COUNT(uneven_steps), .value_count = 2,
    .symbol_count = 0, .inputs = uneven_inputs, .outputs = uneven_outputs,
    .memories = uneven_memories, .steps = uneven_steps, .compute_values = uneven_values,
    .arena_bytes = 16000, .scratch_bytes = 1024, .threads = 4, .metadata = "{\"name\": \"uneven\"}"};

/* --- broken ------------------------------------------------------------------------------------------------------- */

enum { BROKEN_K, BROKEN_BYTES, BROKEN_8, BROKEN_1 };

static void broken_values(int64_t *values) {
  values[BROKEN_BYTES] = values[BROKEN_K] * 8;
  values[BROKEN_8] = 8;
  values[BROKEN_1] = 1;
}

static void broken_define(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                          void *scratch) {
  (void)values, (void)begin, (void)end, (void)scratch;
  *(int64_t *)buffers[1] = *(const int64_t *)buffers[0];
}

static void broken_fill(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                        void *scratch) {
  (void)values, (void)begin, (void)end, (void)scratch;
  *(int64_t *)buffers[0] = -1;
}

static const int32_t broken_dimensions[] = {BROKEN_1};
static const martlet_port broken_inputs[] = {{"size", 7, 0, NULL}};
static const martlet_port broken_outputs[] = {{"y", 7, 1, broken_dimensions}};
static const martlet_memory broken_memories[] = {{MARTLET_INPUT, 0, 0, BROKEN_8, 0, 0},
                                                 {MARTLET_ARENA, 0, -1, BROKEN_8, 0, 0},
                                                 {MARTLET_ARENA, 0, -1, BROKEN_BYTES, 1, 1},
                                                 {MARTLET_OUTPUT, 0, 0, BROKEN_8, 0, 0}};
static const int32_t broken_define_buffers[] = {0, 1}, broken_fill_buffers[] = {3, 2};
static const martlet_step broken_steps[] = {
    {broken_define, "define", broken_define_buffers, NULL, 2, 0, BROKEN_1, 1, BROKEN_K},
    {broken_fill, "fill", broken_fill_buffers, NULL, 2, 0, BROKEN_1, 1, -1}};
static const char *const broken_names[] = {"K"};

const martlet_model test_broken_model = {
    .version = MARTLET_MODEL_VERSION, .input_count = 1, .output_count = 1,
    .memory_count = COUNT(broken_memories), .step_count = COUNT(broken_steps), .value_count = 4,
    .symbol_count = 1, .inputs = broken_inputs, .outputs = broken_outputs,
    .memories = broken_memories, .steps = broken_steps, .compute_values = broken_values,
    .arena_bytes = -1, .threads = 1, .value_names = broken_names, .metadata = "{}"};

/* --- a caller's pool ---------------------------------------------------------------------------------------------- */

void test_backwards_pool(void *context, int32_t count, void (*task)(void *argument, int32_t index),
                         void *argument) {
  for (int32_t index = count - 1; index >= 0; index--) task(argument, index);
  *(int32_t *)context += count;
}
