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

/* The first element that is not as recorded, or -1. */
static int64_t martlet_first_difference(const martlet_tensor *found, const martlet_tensor *recorded,
                                        martlet_tolerance tolerance) {
  /* Complex numbers are pairs of floats. */
  bool is_complex = found->type == 14 || found->type == 15;
  int32_t type = found->type == 14 ? 1 : found->type == 15 ? 11 : found->type;
  int64_t count = is_complex ? 2 : 1;
  for (int32_t axis = 0; axis < found->rank; axis++) count *= found->shape[axis];
  if (type == 8) {
    const char *const *a = found->data, *const *b = recorded->data;
    for (int64_t i = 0; i < count; i++)
      if (strcmp(a[i], b[i]) != 0) return i;
    return -1;
  }
  int32_t bits = martlet_type_bits(type);
  bool exact = tolerance.absolute == 0 && tolerance.relative == 0 && bits >= 8;
  const char *a = found->data, *b = recorded->data;
  for (int64_t i = 0; i < count; i++) {
    size_t bytes = (size_t)bits / 8;
    /* 64-bit integers do not fit a double. */
    if (exact && memcmp(a + (size_t)i * bytes, b + (size_t)i * bytes, bytes) == 0) continue;
    double x = martlet_element(type, a, i), y = martlet_element(type, b, i);
    bool wide_integer = type == 7 || type == 13;
    if ((exact && wide_integer) || !martlet_is_close(x, y, tolerance))
      return is_complex ? i / 2 : i;
  }
  return -1;
}

static int32_t martlet_compare_output(const martlet_port *port, const martlet_tensor *found,
                                      const martlet_tensor *recorded,
                                      martlet_tolerance tolerance) {
  bool same = found->rank == recorded->rank && found->type == recorded->type;
  for (int32_t axis = 0; same && axis < found->rank; axis++)
    same = found->shape[axis] == recorded->shape[axis];
  if (!same)
    return martlet_fail(MARTLET_SELFTEST_FAILED, "output '%s' has another shape than recorded",
                        port->name);
  int64_t at = martlet_first_difference(found, recorded, tolerance);
  if (at < 0) return MARTLET_OK;
  return martlet_fail(MARTLET_SELFTEST_FAILED,
                      "output '%s' is %.9g at element %lld, recorded as %.9g (tolerance %g + %g "
                      "times the value)",
                      port->name, martlet_element(found->type, found->data, at), (long long)at,
                      martlet_element(recorded->type, recorded->data, at), tolerance.absolute,
                      tolerance.relative);
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
  martlet_tensor *outputs = calloc((size_t)model->output_count + 1, sizeof *outputs);
  if (!outputs) status = martlet_fail(MARTLET_OUT_OF_MEMORY, "could not allocate outputs");
  if (status == MARTLET_OK) status = martlet_session_run(session, vector->inputs, outputs);
  for (int32_t i = 0; status == MARTLET_OK && i < model->output_count; i++)
    status = martlet_compare_output(&model->outputs[i], &outputs[i], &vector->outputs[i],
                                    vector->tolerances[i]);
  free(outputs);
  martlet_session_destroy(session);
  return status;
}
