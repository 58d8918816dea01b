/* One input TYPE: [A, B] of every element type, and an output of the same name that equals it. */
#include "martlet_runtime.h"

#include <string.h>

enum { TYPES = 26, A = 0, B = 1, ONE = 2, BYTES = 3, COUNT = BYTES + TYPES };

static const int32_t bits[TYPES] = {32, 8, 8,  16,  16, 32, 64, 64, 8, 16, 64, 32, 64,
                                    64, 128, 16, 8, 8,  8,  8,  4,  4, 4,  8,  2,  2};

static void values(int64_t *v) {
  v[ONE] = 1;
  for (int i = 0; i < TYPES; i++) v[BYTES + i] = (v[A] * v[B] * bits[i] + 7) / 8;
}

static void copy(void *const *buffers, const int64_t *v, int64_t begin, int64_t end, void *scratch) {
  (void)begin, (void)end, (void)scratch;
  memcpy(buffers[1], buffers[0], (size_t)v[0]);
}

static const int32_t dimensions[] = {A, B};
static const char *const names[] = {"A", "B"};
#define PORT(type) {#type, type, 2, dimensions}
#define PAIR(type) \
  {MARTLET_INPUT, type - 1, 0, BYTES + type - 1, 0, 0}, {MARTLET_OUTPUT, type - 1, 0, BYTES + type - 1, 0, 0}
#define BUFFERS(type) {2 * (type - 1), 2 * (type - 1) + 1}
#define VALUE(type) BYTES + type - 1
#define STEP(type) {copy, #type, buffers[type - 1], &arguments[type - 1], 2, 1, ONE, 1, -1, 0, 0}
#define ALL(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15), F(16), \
    F(17), F(18), F(19), F(20), F(21), F(22), F(23), F(24), F(25), F(26)

static const martlet_port ports[TYPES] = {ALL(PORT)};
static const martlet_memory memories[2 * TYPES] = {ALL(PAIR)};
static const int32_t buffers[TYPES][2] = {ALL(BUFFERS)}, arguments[TYPES] = {ALL(VALUE)};
static const martlet_step steps[TYPES] = {ALL(STEP)};

static const martlet_model model = {
    .version = MARTLET_MODEL_VERSION, .input_count = TYPES, .output_count = TYPES,
    .memory_count = 2 * TYPES, .step_count = TYPES, .value_count = COUNT, .symbol_count = 2,
    .inputs = ports, .outputs = ports, .memories = memories, .steps = steps,
    .compute_values = values, .arena_bytes = 0, .threads = 1, .value_names = names,
    .metadata = "{\"name\": \"echo\"}", .target = "echo"};

static const martlet_model *const models[] = {&model};
__attribute__((visibility("hidden"))) extern const martlet_variants MARTLET_NAME(variant_table);
const martlet_variants MARTLET_NAME(variant_table) = {1, models};
