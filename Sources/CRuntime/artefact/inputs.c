#include "program.h"

#include <stdlib.h>
#include <string.h>

/* --- Random numbers ----------------------------------------------------------------------------------------------- */

static void program_fill_strings(file_tensor *tensor, int64_t count, uint64_t *state) {
  enum { LONGEST = 8 };
  tensor->text = malloc((size_t)count * LONGEST + 1);
  if (!tensor->text) program_exit(EXIT_MISTAKE, "out of memory");
  for (int64_t i = 0; i < count; i++) {
    char *word = tensor->text + i * LONGEST;
    (void)snprintf(word, LONGEST, "word%u", (unsigned)(martlet_random(state) % 1000));
    ((const char **)tensor->tensor.data)[i] = word;
  }
}

static void program_fill(file_tensor *tensor, uint64_t *state) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < tensor->tensor.rank; axis++) count *= tensor->shape[axis];
  if (tensor->tensor.type == 8)
    program_fill_strings(tensor, count, state);
  else
    martlet_fill_random(tensor->tensor.data, tensor->tensor.type, count, state);
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
