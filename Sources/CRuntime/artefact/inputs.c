#include "program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Random numbers ----------------------------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). */
static uint64_t program_random(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* The code of a number in 0 ..< 1 in a small binary format: nearest, ties to even, with subnormals. */
static unsigned program_small_float(double number, int fraction_bits, int bias) {
  int exponent;
  if (number == 0) return 0;
  (void)frexp(number, &exponent);
  /* The exponent of the leading bit, or of the smallest normal number. */
  exponent = exponent - 1 < 1 - bias ? 1 - bias : exponent - 1;
  unsigned steps = (unsigned)nearbyint(ldexp(number, fraction_bits - exponent));
  return ((unsigned)(exponent + bias - 1) << fraction_bits) + steps;
}

/* The power of two that is nearest on the scale of the significand. */
static unsigned program_power_of_two(double number) {
  int exponent;
  double fraction = frexp(number, &exponent);
  return number == 0 ? 0 : (unsigned)(exponent - 1 + 127 + (fraction >= 0.75));
}

static uint64_t program_float_code(int32_t type, uint64_t draw) {
  double number = (double)(draw >> 11) * 0x1p-53;
  uint64_t code;
  switch (type) {
  case 10: return program_small_float(number, 10, 15);
  case 11: memcpy(&code, &number, 8); return code;
  case 16: return program_small_float((double)(float)number, 7, 127);
  case 17: return program_small_float(number, 3, 7);
  case 18: return program_small_float(number, 3, 8);
  case 19: return program_small_float(number, 2, 15);
  case 20: return program_small_float(number, 2, 16);
  case 23: return program_small_float(number, 1, 1);
  default: return program_power_of_two(number);
  }
}

/* The bits of one element: floats are uniform in 0 ..< 1, bytes and narrower integers take all values, wider integers
 * 0 ..< 1000. The compiler's own command makes the same numbers of the same seed. */
static uint64_t program_random_code(int32_t type, uint64_t draw) {
  float single = (float)(draw >> 40) * 0x1p-24f;
  uint32_t code;
  switch (type) {
  case 1: memcpy(&code, &single, 4); return code;
  case 4: case 5: case 6: case 7: case 12: case 13: return draw % 1000;
  case 9: return draw >> 63;
  case 2: case 3: case 21: case 22: case 25: case 26: return draw & 0xff;
  default: return program_float_code(type, draw);
  }
}

static void program_fill_strings(file_tensor *tensor, int64_t count, uint64_t *state) {
  enum { LONGEST = 8 };
  tensor->text = malloc((size_t)count * LONGEST + 1);
  if (!tensor->text) program_exit(EXIT_MISTAKE, "out of memory");
  for (int64_t i = 0; i < count; i++) {
    char *word = tensor->text + i * LONGEST;
    (void)snprintf(word, LONGEST, "word%u", (unsigned)(program_random(state) % 1000));
    ((const char **)tensor->tensor.data)[i] = word;
  }
}

static void program_fill(file_tensor *tensor, uint64_t *state) {
  unsigned char *data = tensor->tensor.data;
  int32_t type = tensor->tensor.type;
  int64_t count = 1;
  for (int32_t axis = 0; axis < tensor->tensor.rank; axis++) count *= tensor->shape[axis];
  if (type == 8) {
    program_fill_strings(tensor, count, state);
    return;
  }
  /* Complex numbers are pairs. */
  if (type == 14 || type == 15) {
    type = type == 14 ? 1 : 11;
    count *= 2;
  }
  int32_t bits = martlet_type_bits(type);
  for (int64_t i = 0; i < count; i++) {
    uint64_t code = program_random_code(type, program_random(state));
    if (bits < 8)
      data[i * bits / 8] |= (unsigned char)((code & ((1u << bits) - 1)) << (i * bits % 8));
    else
      memcpy(data + i * bits / 8, &code, (size_t)bits / 8);
  }
}

/* --- Inputs ------------------------------------------------------------------------------------------------------- */

static const char *program_find(const program_pair *pairs, int count, const char *name) {
  const char *text = NULL;
  for (int i = 0; i < count; i++) {
    if (strlen(name) == pairs[i].name_length && memcmp(name, pairs[i].name, pairs[i].name_length) == 0)
      text = pairs[i].text;
  }
  return text;
}

/* Reads 1,3,224,224 into the dimensions. */
static void program_parse_shape(const martlet_port *port, const char *text, int64_t *shape) {
  const char *at = text;
  int32_t rank = 0;
  while (*at) {
    char *end = NULL;
    long long extent = strtoll(at, &end, 10);
    if (end == at || extent < 0 || (*end && *end != ',') || rank == FILE_MAX_RANK)
      program_exit(EXIT_USAGE, "--shape %s: expected numbers with commas, found '%s'", port->name, text);
    shape[rank++] = extent;
    at = *end ? end + 1 : end;
  }
  if (rank != port->rank)
    program_exit(EXIT_MISTAKE, "--shape %s: found %d dimensions, expected %d", port->name, rank, port->rank);
}

/* Binds the symbols that are dimensions of their own. */
static void program_bind(const martlet_port *port, const int64_t *shape, int64_t *values) {
  for (int32_t axis = 0; axis < port->rank; axis++) {
    if (port->dimensions[axis] < program_model()->symbol_count)
      values[port->dimensions[axis]] = shape[axis];
  }
}

static void program_read_input(const martlet_port *port, const char *path, file_tensor *input,
                               int64_t *values) {
  file_error error = {""};
  if (!file_tensor_read(path, port->name, port->type, input, &error))
    program_exit(EXIT_MISTAKE, "input '%s': %s: %s", port->name, path, error.text);
  if (input->tensor.rank == port->rank) program_bind(port, input->shape, values);
}

static file_tensor *program_make_inputs(const program_options *options) {
  const martlet_model *model = program_model();
  file_tensor *inputs = calloc((size_t)model->input_count + 1, sizeof *inputs);
  int64_t *values = calloc((size_t)model->value_count + 1, sizeof *values);
  if (!inputs || !values) program_exit(EXIT_MISTAKE, "out of memory");
  for (int32_t i = 0; i < model->symbol_count; i++) values[i] = 1;
  for (int32_t i = 0; i < model->input_count; i++) {
    const martlet_port *port = &model->inputs[i];
    const char *path = program_find(options->inputs, options->input_count, port->name);
    const char *shape = program_find(options->shapes, options->shape_count, port->name);
    if (path) {
      program_read_input(port, path, &inputs[i], values);
    } else if (!options->has_random_seed && !options->bench) {
      program_exit(EXIT_MISTAKE, "input '%s' is not given: use --input %s=FILE or --random-seed N",
                   port->name, port->name);
    } else if (shape) {
      program_parse_shape(port, shape, inputs[i].shape);
      program_bind(port, inputs[i].shape, values);
    }
  }
  model->compute_values(values);
  uint64_t state = options->random_seed;
  for (int32_t i = 0; i < model->input_count; i++) {
    const martlet_port *port = &model->inputs[i];
    file_error error = {""};
    if (inputs[i].tensor.data) continue;
    if (!program_find(options->shapes, options->shape_count, port->name)) {
      for (int32_t axis = 0; axis < port->rank; axis++)
        inputs[i].shape[axis] = values[port->dimensions[axis]];
    }
    if (!file_tensor_allocate(&inputs[i], port->type, port->rank, &error))
      program_exit(EXIT_MISTAKE, "input '%s': %s", port->name, error.text);
    program_fill(&inputs[i], &state);
  }
  free(values);
  return inputs;
}
