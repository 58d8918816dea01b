#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool martlet_is_close(double found, double recorded, martlet_tolerance tolerance) {
  if (isnan(recorded)) return isnan(found);
  if (found == recorded) return true;
  if (isinf(recorded)) return false;
  return fabs(found - recorded) <= tolerance.absolute + tolerance.relative * fabs(recorded);
}

/* One of the numbers that a type's elements consist of: complex numbers are two. */
typedef struct martlet_number_type {
  int32_t type;
  int32_t per_element;
} martlet_number_type;

static martlet_number_type martlet_numbers(int32_t type) {
  if (type == 14) return (martlet_number_type){1, 2};
  if (type == 15) return (martlet_number_type){11, 2};
  return (martlet_number_type){type, 1};
}

static bool martlet_same_number(int32_t type, const void *found, int64_t at, const void *recorded,
                                int64_t recorded_at, martlet_tolerance tolerance) {
  int32_t bits = martlet_type_bits(type);
  size_t bytes = (size_t)bits / 8;
  bool exact = tolerance.absolute == 0 && tolerance.relative == 0 && bits >= 8;
  /* 64-bit integers do not fit a double. */
  if (exact && memcmp((const char *)found + (size_t)at * bytes,
                      (const char *)recorded + (size_t)recorded_at * bytes, bytes) == 0)
    return true;
  if (exact && (type == 7 || type == 13)) return false;
  return martlet_is_close(martlet_element(type, found, at),
                          martlet_element(type, recorded, recorded_at), tolerance);
}

static bool martlet_same_element(const martlet_tensor *found, int64_t at,
                                 const martlet_tensor *recorded, int64_t recorded_at,
                                 martlet_tolerance tolerance) {
  if (found->type == 8)
    return strcmp(((const char *const *)found->data)[at],
                  ((const char *const *)recorded->data)[recorded_at]) == 0;
  martlet_number_type numbers = martlet_numbers(found->type);
  for (int64_t i = 0; i < numbers.per_element; i++) {
    if (!martlet_same_number(numbers.type, found->data, at * numbers.per_element + i, recorded->data,
                             recorded_at * numbers.per_element + i, tolerance))
      return false;
  }
  return true;
}

static int64_t martlet_element_count(const martlet_tensor *tensor) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < tensor->rank; axis++) count *= tensor->shape[axis];
  return count;
}

static int32_t martlet_compare_elements(const martlet_port *port, const martlet_tensor *found,
                                        const martlet_tensor *recorded, martlet_sample sample,
                                        martlet_tolerance tolerance) {
  int64_t total = martlet_element_count(found);
  int64_t count = sample.count > 0 ? sample.count : total;
  uint64_t state = sample.seed;
  for (int64_t i = 0; i < count; i++) {
    int64_t at = sample.count > 0 ? (int64_t)(martlet_random(&state) % (uint64_t)total) : i;
    if (martlet_same_element(found, at, recorded, i, tolerance)) continue;
    return martlet_fail(MARTLET_SELFTEST_FAILED,
                        "output '%s' is %.9g at element %lld, recorded as %.9g (tolerance %g + %g "
                        "times the value)",
                        port->name, martlet_element(found->type, found->data, at), (long long)at,
                        martlet_element(recorded->type, recorded->data, i), tolerance.absolute,
                        tolerance.relative);
  }
  return MARTLET_OK;
}

static int32_t martlet_sum_differs(const martlet_port *port, const char *what, double found,
                                   double recorded, double tolerance) {
  if (fabs(found - recorded) <= tolerance) return MARTLET_OK;
  return martlet_fail(MARTLET_SELFTEST_FAILED,
                      "output '%s': %s is %.9g, recorded as %.9g (tolerance %g)", port->name, what,
                      found, recorded, tolerance);
}

/* What no sample shows: whether the elements between are as they were, all together. */
static int32_t martlet_compare_sums(const martlet_port *port, const martlet_tensor *found,
                                    martlet_sample sample, martlet_tolerance tolerance) {
  martlet_number_type numbers = martlet_numbers(found->type);
  int64_t count = martlet_element_count(found) * numbers.per_element, finite = 0;
  double sum = 0, magnitudes = 0, largest = 0;
  for (int64_t i = 0; i < count; i++) {
    double value = martlet_element(numbers.type, found->data, i);
    if (!isfinite(value)) continue;
    finite++;
    sum += value;
    magnitudes += fabs(value);
    largest = fmax(largest, fabs(value));
  }
  double each = tolerance.absolute * (double)finite + tolerance.relative * sample.magnitude_sum;
  int32_t status = martlet_sum_differs(port, "the number of finite elements", (double)finite,
                                       (double)sample.finite_count, 0);
  if (status == MARTLET_OK)
    status = martlet_sum_differs(port, "the sum of the elements", sum, sample.sum, each);
  if (status == MARTLET_OK)
    status = martlet_sum_differs(port, "the sum of the magnitudes", magnitudes,
                                 sample.magnitude_sum, each);
  if (status == MARTLET_OK)
    status = martlet_sum_differs(
        port, "the largest magnitude", largest, sample.largest_magnitude,
        tolerance.absolute + tolerance.relative * sample.largest_magnitude);
  return status;
}

static int32_t martlet_compare_output(const martlet_port *port, const martlet_tensor *found,
                                      const martlet_recording *vector, int32_t number) {
  const martlet_tensor *recorded = &vector->outputs[number];
  bool same = found->rank == recorded->rank && found->type == recorded->type;
  for (int32_t axis = 0; same && axis < found->rank; axis++)
    same = found->shape[axis] == recorded->shape[axis];
  if (!same)
    return martlet_fail(MARTLET_SELFTEST_FAILED, "output '%s' has another shape than recorded",
                        port->name);
  martlet_sample sample = vector->samples ? vector->samples[number] : (martlet_sample){0};
  martlet_tolerance tolerance = vector->tolerances[number];
  int32_t status = martlet_compare_elements(port, found, recorded, sample, tolerance);
  if (status == MARTLET_OK && sample.count > 0)
    status = martlet_compare_sums(port, found, sample, tolerance);
  return status;
}

/* The recorded inputs, those without data filled with the numbers that they had; NULL when there is no memory. */
static martlet_tensor *martlet_recorded_inputs(const martlet_model *model,
                                               const martlet_recording *vector) {
  martlet_tensor *inputs = calloc((size_t)model->input_count + 1, sizeof *inputs);
  uint64_t state = vector->seed;
  for (int32_t i = 0; inputs && i < model->input_count; i++) {
    inputs[i] = vector->inputs[i];
    if (inputs[i].data) continue;
    int64_t bytes = martlet_tensor_bytes(inputs[i].type, inputs[i].rank, inputs[i].shape);
    inputs[i].data = malloc((size_t)bytes + 1);
    if (inputs[i].data)
      martlet_fill_random(inputs[i].data, inputs[i].type, martlet_element_count(&inputs[i]), &state);
  }
  return inputs;
}

static bool martlet_has_data(const martlet_tensor *inputs, int32_t count) {
  for (int32_t i = 0; inputs && i < count; i++) {
    if (!inputs[i].data) return false;
  }
  return inputs != NULL;
}

static void martlet_free_inputs(martlet_tensor *inputs, const martlet_recording *vector,
                                int32_t count) {
  for (int32_t i = 0; inputs && i < count; i++) {
    if (inputs[i].data != vector->inputs[i].data) free(inputs[i].data);
  }
  free(inputs);
}

MARTLET_INTERNAL int32_t martlet_session_selftest(const martlet_variants *variants,
                                                  const martlet_options *options,
                                                  const martlet_recording *vector) {
  martlet_session *session = NULL;
  if (!vector)
    return martlet_fail(MARTLET_NO_SELFTEST, "compiled without a recorded vector");
  int32_t status = martlet_session_create(variants, options, &session);
  if (status != MARTLET_OK) return status;
  const martlet_model *model = session->model;
  martlet_tensor *inputs = martlet_recorded_inputs(model, vector);
  martlet_tensor *outputs = calloc((size_t)model->output_count + 1, sizeof *outputs);
  if (!outputs || !martlet_has_data(inputs, model->input_count))
    status = martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate inputs and outputs");
  if (status == MARTLET_OK) status = martlet_session_run(session, inputs, outputs);
  for (int32_t i = 0; status == MARTLET_OK && i < model->output_count; i++)
    status = martlet_compare_output(&model->outputs[i], &outputs[i], vector, i);
  martlet_free_inputs(inputs, vector, model->input_count);
  free(outputs);
  martlet_session_destroy(session);
  return status;
}
