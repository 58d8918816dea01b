/* What the back end would emit for: x: float [N, 3], k: int64 [] -> y/1: float [N, 3] = FACTOR x + k, rows: int64 [].
 * With STATIC_ROWS the dimension N is that number, and the arena is fixed. With REQUIREMENT a variant "fancy", which needs
 * that instruction set and multiplies by 100, comes before the variant "plain"; with FANCY_ONLY it is the only one.
 * With SMALL_SIGNAL_STACK signals have a stack of so many bytes before anything else happens. */
#include "martlet_runtime.h"

#ifdef SMALL_SIGNAL_STACK
#include <signal.h>

__attribute__((constructor)) static void shrink_signal_stack(void) {
  static char bytes[SMALL_SIGNAL_STACK];
  stack_t stack = {.ss_sp = bytes, .ss_size = sizeof bytes};
  sigaltstack(&stack, 0);
}
#endif

#ifndef FACTOR
#define FACTOR 2
#endif

enum { N, THREE, BYTES, COUNT, ONE, EIGHT };

static void values(int64_t *v) {
#ifdef STATIC_ROWS
  v[N] = STATIC_ROWS;
#endif
  v[THREE] = 3;
  v[BYTES] = v[N] * 12;
  v[COUNT] = v[N] * 3;
  v[ONE] = 1;
  v[EIGHT] = 8;
}

__attribute__((unused)) static void multiply(void *const *buffers, const int64_t *v, int64_t begin, int64_t end, void *scratch) {
  (void)v, (void)scratch;
  const float *x = buffers[0], *factor = buffers[1];
  float *product = buffers[2];
  for (int64_t i = begin; i < end; i++) product[i] = x[i] * *factor;
}

__attribute__((unused)) static void multiply_fancily(void *const *buffers, const int64_t *v, int64_t begin, int64_t end, void *scratch) {
  (void)v, (void)scratch;
  const float *x = buffers[0];
  float *product = buffers[2];
  for (int64_t i = begin; i < end; i++) product[i] = x[i] * 100;
}

static void add(void *const *buffers, const int64_t *v, int64_t begin, int64_t end, void *scratch) {
  (void)v, (void)scratch;
  const float *product = buffers[0];
  const int64_t *k = buffers[1];
  float *y = buffers[2];
  for (int64_t i = begin; i < end; i++) y[i] = product[i] + (float)*k;
}

static void count_rows(void *const *buffers, const int64_t *v, int64_t begin, int64_t end, void *scratch) {
  (void)begin, (void)end, (void)scratch;
  *(int64_t *)buffers[0] = v[0];
}

static const float constants[] = {FACTOR};
static const int32_t dimensions[] = {N, THREE};
static const martlet_port inputs[] = {{"x", 1, 2, dimensions}, {"k", 7, 0, 0}};
static const martlet_port outputs[] = {{"y/1", 1, 2, dimensions}, {"rows", 7, 0, 0}};
static const martlet_memory memories[] = {{MARTLET_INPUT, 0, 0, BYTES, 0, 0},
                                          {MARTLET_INPUT, 1, 0, EIGHT, 0, 0},
                                          {MARTLET_CONSTANT, 0, 0, ONE, 0, 0},
#ifdef STATIC_ROWS
                                          {MARTLET_ARENA, 0, 0, BYTES, 0, 1},
#else
                                          {MARTLET_ARENA, 0, -1, BYTES, 0, 1},
#endif
                                          {MARTLET_OUTPUT, 0, 0, BYTES, 0, 0},
                                          {MARTLET_OUTPUT, 1, 0, EIGHT, 0, 0}};
static const int32_t first[] = {0, 2, 3}, second[] = {3, 1, 4}, third[] = {5}, arguments[] = {N};
#define STEPS(multiply)                                       \
  {{multiply, "multiply", first, 0, 3, 0, COUNT, 16, -1, 0, 0},     \
   {add, "add", second, 0, 3, 0, COUNT, 16, -1, 0, 0},              \
   {count_rows, "count", third, arguments, 1, 1, ONE, 1, -1, 0, 0}}
static const char *const names[] = {"N"};

#ifdef STATIC_ROWS
#define SIZES .symbol_count = 0, .arena_bytes = STATIC_ROWS * 12
#else
#define SIZES .symbol_count = 1, .arena_bytes = -1
#endif
#define MODEL                                                                                        \
  .version = MARTLET_MODEL_VERSION, .input_count = 2, .output_count = 2, .memory_count = 6,          \
  .step_count = 3, .value_count = 6, SIZES, .inputs = inputs, .outputs = outputs,                    \
  .memories = memories, .compute_values = values, .constants = constants,                            \
  .constant_bytes = sizeof constants, .scratch_bytes = 64, .threads = 4, .value_names = names,       \
  .metadata = "{\"name\": \"toy\"}"

#ifdef REQUIREMENT
static const martlet_step fancy_steps[] = STEPS(multiply_fancily);
static const char *const requirements[] = {REQUIREMENT};
static const martlet_model fancy = {
    MODEL, .steps = fancy_steps, .target = "fancy", .requirements = requirements, .requirement_count = 1};
#define FANCY &fancy,
#else
#define FANCY
#endif
#ifdef FANCY_ONLY
#define PLAIN
#else
static const martlet_step plain_steps[] = STEPS(multiply);
static const martlet_model plain = {MODEL, .steps = plain_steps, .target = "plain"};
#define PLAIN &plain,
#endif

static const martlet_model *const models[] = {FANCY PLAIN};
__attribute__((visibility("hidden"))) extern const martlet_variants MARTLET_NAME(variant_table);
const martlet_variants MARTLET_NAME(variant_table) = {sizeof models / sizeof models[0], models};

#if defined RECORDED && !defined STATIC_ROWS
static const float recorded_x[] = {1, 2, 3}, recorded_y[] = {FACTOR + 5, 2 * FACTOR + 5, 3 * FACTOR + RECORDED};
static const int64_t recorded_k[] = {5}, recorded_rows[] = {1}, recorded_shape[] = {1, 3};
static const martlet_tensor recorded_inputs[] = {{(void *)(uintptr_t)recorded_x, recorded_shape, 2, 1},
                                                 {(void *)(uintptr_t)recorded_k, 0, 0, 7}};
static const martlet_tensor recorded_outputs[] = {{(void *)(uintptr_t)recorded_y, recorded_shape, 2, 1},
                                                  {(void *)(uintptr_t)recorded_rows, 0, 0, 7}};
static const martlet_tolerance tolerances[] = {{1e-5, 1e-6}, {0, 0}};
__attribute__((visibility("hidden"))) extern const martlet_recording MARTLET_NAME(selftest_vector);
const martlet_recording MARTLET_NAME(selftest_vector) = {recorded_inputs, recorded_outputs,
                                                         tolerances, NULL, 0};
#endif
