#include "internal.h"

/* --- Text of shapes for messages ---------------------------------------------------------------------------------- */

static martlet_text martlet_found_shape(const martlet_tensor *tensor) {
  martlet_text text = {.count = 0};
  martlet_append(&text, "[");
  for (int32_t axis = 0; axis < tensor->rank; axis++)
    martlet_append(&text, "%s%lld", axis ? ", " : "", (long long)tensor->shape[axis]);
  martlet_append(&text, "]");
  return text;
}

/* With `known` numbers have replaced what follows from symbols; otherwise symbols stay and what is computed from them
 * is a question mark. */
static martlet_text martlet_expected_shape(martlet_session *session, const martlet_port *port,
                                           bool known) {
  const martlet_model *model = session->model;
  martlet_text text = {.count = 0};
  martlet_append(&text, "[");
  for (int32_t axis = 0; axis < port->rank; axis++) {
    int32_t index = port->dimensions[axis];
    martlet_append(&text, "%s", axis ? ", " : "");
    if (index < model->symbol_count) {
      const char *name = model->value_names ? model->value_names[index] : NULL;
      martlet_append(&text, "%s", name ? name : "?");
      if (known) martlet_append(&text, "=%lld", (long long)session->values[index]);
      continue;
    }
    int64_t value = session->values[index];
    if (!known) {
      /* A constant is what comes out the same whatever the symbols are. */
      int64_t probes[2] = {1, 2};
      for (int probe = 0; probe < 2; probe++) {
        for (int32_t i = 0; i < model->symbol_count; i++) session->values[i] = probes[probe];
        model->compute_values(session->values);
        probes[probe] = session->values[index];
      }
      session->values_known = false;
      value = probes[0] == probes[1] ? probes[0] : -1;
    }
    if (value < 0)
      martlet_append(&text, "?");
    else
      martlet_append(&text, "%lld", (long long)value);
  }
  martlet_append(&text, "]");
  return text;
}

/* --- Checks ------------------------------------------------------------------------------------------------------- */

static int32_t martlet_check_type(const martlet_tensor *tensor, const martlet_port *port,
                                  const char *kind) {
  if (tensor->type == port->type) return MARTLET_OK;
  return martlet_fail(MARTLET_WRONG_TYPE, "%s '%s' has type %s (%d), expected %s (%d)", kind,
                      port->name, martlet_type_name(tensor->type), tensor->type,
                      martlet_type_name(port->type), port->type);
}

static int32_t martlet_check_rank(martlet_session *session, const martlet_tensor *tensor,
                                  const martlet_port *port, const char *kind) {
  if (tensor->rank < 0 || (tensor->rank > 0 && !tensor->shape))
    return martlet_fail(MARTLET_BAD_ARGUMENT, "%s '%s' has rank %d and %s shape", kind, port->name,
                        tensor->rank, tensor->shape ? "a" : "no");
  if (tensor->rank == port->rank) return MARTLET_OK;
  martlet_text found = martlet_found_shape(tensor);
  martlet_text expected = martlet_expected_shape(session, port, false);
  return martlet_fail(MARTLET_WRONG_RANK,
                      "%s '%s' has %d dimensions, expected %d: its shape is %s, expected %s", kind,
                      port->name, tensor->rank, port->rank, found.bytes, expected.bytes);
}

static int32_t martlet_check_shape(martlet_session *session, const martlet_tensor *tensor,
                                   const martlet_port *port, const char *kind) {
  bool agrees = true;
  for (int32_t axis = 0; axis < port->rank; axis++)
    agrees = agrees && tensor->shape[axis] == session->values[port->dimensions[axis]];
  if (agrees) return MARTLET_OK;
  martlet_text found = martlet_found_shape(tensor);
  martlet_text expected = martlet_expected_shape(session, port, true);
  return martlet_fail(MARTLET_WRONG_SHAPE, "%s '%s' has shape %s, expected %s", kind, port->name,
                      found.bytes, expected.bytes);
}

/* --- Inputs ------------------------------------------------------------------------------------------------------- */

static int32_t martlet_check_input(martlet_session *session, const martlet_tensor *tensor,
                                   const martlet_port *port) {
  int32_t status = martlet_check_type(tensor, port, "input");
  if (status == MARTLET_OK) status = martlet_check_rank(session, tensor, port, "input");
  if (status != MARTLET_OK) return status;
  int64_t bytes = martlet_tensor_bytes(tensor->type, tensor->rank, tensor->shape);
  if (bytes < 0) {
    martlet_text found = martlet_found_shape(tensor);
    martlet_text expected = martlet_expected_shape(session, port, false);
    return martlet_fail(MARTLET_WRONG_SHAPE, "input '%s' has shape %s, expected %s", port->name,
                        found.bytes, expected.bytes);
  }
  if (bytes > 0 && !tensor->data)
    return martlet_fail(MARTLET_BAD_ARGUMENT, "input '%s' has no data", port->name);
  return MARTLET_OK;
}

/* Gives every symbol the dimension that it stands for; true when that changes anything. */
static bool martlet_bind_symbols(martlet_session *session, const martlet_tensor *inputs) {
  bool changed = !session->values_known;
  for (int32_t i = 0; i < session->model->symbol_count; i++) {
    martlet_symbol_source source = session->symbol_sources[i];
    if (source.input < 0) continue;
    int64_t extent = inputs[source.input].shape[source.axis];
    changed = changed || session->values[i] != extent;
    session->values[i] = extent;
  }
  return changed;
}

MARTLET_INTERNAL int32_t martlet_bind_inputs(martlet_session *session,
                                             const martlet_tensor *inputs) {
  const martlet_model *model = session->model;
  for (int32_t i = 0; i < model->input_count; i++) {
    int32_t status = martlet_check_input(session, &inputs[i], &model->inputs[i]);
    if (status != MARTLET_OK) return status;
  }
  if (martlet_bind_symbols(session, inputs)) {
    model->compute_values(session->values);
    session->values_known = true;
    session->planned_steps = 0;
  }
  for (int32_t i = 0; i < model->input_count; i++) {
    int32_t status = martlet_check_shape(session, &inputs[i], &model->inputs[i], "input");
    if (status != MARTLET_OK) return status;
  }
  return MARTLET_OK;
}

/* --- Outputs ------------------------------------------------------------------------------------------------------ */

MARTLET_INTERNAL int32_t martlet_check_outputs(martlet_session *session,
                                               const martlet_tensor *outputs) {
  for (int32_t i = 0; i < session->model->output_count; i++) {
    const martlet_port *port = &session->model->outputs[i];
    if (!outputs[i].data) continue;
    int32_t status = martlet_check_type(&outputs[i], port, "output");
    if (status == MARTLET_OK) status = martlet_check_rank(session, &outputs[i], port, "output");
    if (status != MARTLET_OK) return status;
  }
  return MARTLET_OK;
}

MARTLET_INTERNAL int32_t martlet_bind_output(martlet_session *session,
                                             const martlet_tensor *tensor, int32_t output) {
  const martlet_port *port = &session->model->outputs[output];
  int64_t *shape = session->shapes + session->shape_starts[output];
  for (int32_t axis = 0; axis < port->rank; axis++)
    shape[axis] = session->values[port->dimensions[axis]];
  if (!tensor || !tensor->data) return MARTLET_OK;
  return martlet_check_shape(session, tensor, port, "output");
}
