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

/* The bits of a number of magnitude below 1 that the type represents exactly. */
static uint16_t program_half(double number, int mantissa_bits, int bias) {
  int exponent;
  double fraction = frexp(fabs(number), &exponent);
  if (number == 0) return 0;
  unsigned sign = number < 0 ? 0x8000u : 0;
  unsigned mantissa = (unsigned)ldexp(fraction * 2 - 1, mantissa_bits);
  return (uint16_t)(sign | (unsigned)(exponent - 1 + bias) << mantissa_bits | mantissa);
}

/* Floats are uniform in -1 ..< 1, with as many bits as the type has; bytes are uniform; wider integers, which may be
 * indices, are 0 ... 9. */
static void program_fill_element(martlet_tensor *tensor, int64_t index, uint64_t draw) {
  char *data = tensor->data;
  float single = (float)((double)(draw >> 39) / 16777216 - 1);
  double twice = (double)(draw >> 11) / 4503599627370496 - 1;
  uint16_t half = 0;
  uint8_t byte = 0;
  int64_t small = (int64_t)(draw >> 32) % 10;
  switch (tensor->type) {
  case 1: memcpy(data + index * 4, &single, 4); return;
  case 2: case 3: byte = (uint8_t)(draw >> 56); break;
  case 4: case 5: memcpy(data + index * 2, &small, 2); return;
  case 6: case 12: memcpy(data + index * 4, &small, 4); return;
  case 7: case 13: memcpy(data + index * 8, &small, 8); return;
  case 9: byte = (uint8_t)(draw >> 63); break;
  case 10: half = program_half((double)(draw >> 53) / 1024 - 1, 10, 15); break;
  case 11: memcpy(data + index * 8, &twice, 8); return;
  case 16: half = program_half((double)(draw >> 56) / 128 - 1, 7, 127); break;
  /* Below the exponent of 1, either sign. */
  case 17: case 18: byte = (uint8_t)((draw >> 32) % 0x38 | (draw >> 63) << 7); break;
  case 19: case 20: byte = (uint8_t)((draw >> 32) % 0x3c | (draw >> 63) << 7); break;
  case 24: byte = (uint8_t)(120 + (draw >> 32) % 8); break;
  default: return;
  }
  if (tensor->type == 10 || tensor->type == 16)
    memcpy(data + index * 2, &half, 2);
  else
    data[index] = (char)byte;
}

static void program_fill(martlet_tensor *tensor, uint64_t *state) {
  int32_t type = tensor->type, bits = martlet_type_bits(type);
  int64_t count = 1;
  for (int32_t axis = 0; axis < tensor->rank; axis++) count *= tensor->shape[axis];
  if (type == 8) {
    for (int64_t i = 0; i < count; i++) ((const char **)tensor->data)[i] = "";
    return;
  }
  martlet_tensor view = *tensor;
  if (bits < 8) {
    /* Any bits are a number. */
    view.type = 2;
    count = (count * bits + 7) / 8;
  } else if (type == 14 || type == 15) {
    view.type = type == 14 ? 1 : 11;
    count *= 2;
  }
  for (int64_t i = 0; i < count; i++) program_fill_element(&view, i, program_random(state));
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
    if (port->dimensions[axis] < MARTLET_NAME(model_descriptor).symbol_count)
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
  const martlet_model *model = &MARTLET_NAME(model_descriptor);
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
    program_fill(&inputs[i].tensor, &state);
  }
  free(values);
  return inputs;
}
