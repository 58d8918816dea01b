#include "internal.h"

/* --- One step ----------------------------------------------------------------------------------------------------- */

/* One task of a caller's thread pool: as many chunks as it gets hold of. */
static void martlet_run_task(void *argument, int32_t index) {
  uint64_t saved = martlet_enter_float_mode();
  while (martlet_job_run_chunk(argument, index)) {
  }
  martlet_leave_float_mode(saved);
}

static void martlet_fill_job(martlet_job *job, const martlet_session *session,
                             const martlet_step *step, int64_t count, int64_t grain) {
  job->kernel = step->kernel;
  job->buffers = session->buffers;
  job->values = session->arguments;
  job->count = count;
  job->grain = grain;
  job->chunks = (count - 1) / grain + 1;
  job->scratch = session->scratch;
  job->scratch_stride = session->scratch_stride;
}

static void martlet_run_on_callers_pool(martlet_session *session, const martlet_step *step,
                                        int64_t count, int64_t grain) {
  martlet_job job;
  martlet_fill_job(&job, session, step, count, grain);
  atomic_init(&job.unclaimed, job.chunks);
  int32_t tasks = job.chunks < session->threads ? (int32_t)job.chunks : session->threads;
  session->parallel_for(session->parallel_context, tasks, martlet_run_task, &job);
}

static void martlet_run_step(martlet_session *session, const martlet_step *step) {
  for (int32_t i = 0; i < step->buffer_count; i++)
    session->buffers[i] = session->memories[step->buffers[i]];
  for (int32_t i = 0; i < step->value_count; i++)
    session->arguments[i] = session->values[step->values[i]];
  int64_t count = session->values[step->count_value];
  int64_t grain = step->grain > 1 ? step->grain : 1;
  if (count <= 0) return;
  /* Chunks are counted in 31 bits. */
  if (count / grain >= INT32_MAX) grain = count / (INT32_MAX / 2);
  if (count <= grain || session->threads == 1) {
    step->kernel(session->buffers, session->arguments, 0, count, session->scratch);
  } else if (session->parallel_for) {
    martlet_run_on_callers_pool(session, step, count, grain);
  } else {
    martlet_fill_job(martlet_pool_job(session->pool), session, step, count, grain);
    martlet_pool_run(session->pool);
  }
}

/* --- All steps ---------------------------------------------------------------------------------------------------- */

/* Reads the symbol that a step has computed, and makes room for what depends on it. */
static int32_t martlet_define_symbol(martlet_session *session, const martlet_tensor *outputs,
                                     int32_t index) {
  const martlet_step *step = &session->model->steps[index];
  int64_t value = *(const int64_t *)session->buffers[step->buffer_count - 1];
  if (value < 0)
    return martlet_fail(MARTLET_WRONG_DATA, "step '%s' computed %lld for the dimension '%s'",
                        step->label, (long long)value,
                        session->model->value_names
                            ? session->model->value_names[step->defines_value]
                            : "?");
  if (session->values[step->defines_value] != value) {
    session->values[step->defines_value] = value;
    session->model->compute_values(session->values);
    if (session->planned_steps > index + 1) session->planned_steps = index + 1;
  }
  return martlet_enter_stage(session, outputs, index + 1);
}

/* Runs what a step has beside its kernel. */
static int32_t martlet_run_region_part(martlet_session *session, const martlet_tensor *outputs,
                                       int32_t index) {
  if (session->model->steps[index].region_part == MARTLET_TAKE_RESULTS) {
    martlet_region_take(session, index);
    return MARTLET_OK;
  }
  int32_t status = martlet_region_run(session, index);
  return status == MARTLET_OK ? martlet_enter_stage(session, outputs, index + 1) : status;
}

static int32_t martlet_run_steps(martlet_session *session, const martlet_tensor *outputs) {
  const martlet_model *model = session->model;
  int64_t then = session->profile ? martlet_nanoseconds() : 0;
  for (int32_t i = 0; i < model->step_count; i++) {
    if (model->steps[i].region_part != MARTLET_NO_REGION) {
      int32_t status = martlet_run_region_part(session, outputs, i);
      if (status != MARTLET_OK) return status;
    } else {
      martlet_run_step(session, &model->steps[i]);
    }
    if (model->steps[i].defines_value >= 0 && i + 1 < model->step_count) {
      int32_t status = martlet_define_symbol(session, outputs, i);
      if (status != MARTLET_OK) return status;
    }
    if (session->profile) {
      int64_t now = martlet_nanoseconds();
      session->profile[i] += now - then;
      then = now;
    }
  }
  return MARTLET_OK;
}

static int32_t martlet_prepare_run(martlet_session *session, const martlet_tensor *inputs,
                                   const martlet_tensor *outputs) {
  const martlet_model *model = session->model;
  int32_t status = martlet_bind_inputs(session, inputs);
  if (status == MARTLET_OK) status = martlet_check_outputs(session, outputs);
  if (status == MARTLET_OK) status = martlet_enter_stage(session, outputs, 0);
  if (status != MARTLET_OK) return status;
  for (int32_t i = 0; i < model->memory_count; i++) {
    if (model->memories[i].kind == MARTLET_INPUT)
      session->memories[i] = inputs[model->memories[i].port].data;
  }
  return MARTLET_OK;
}

static void martlet_hand_over_outputs(martlet_session *session, martlet_tensor *outputs) {
  for (int32_t i = 0; i < session->model->output_count; i++) {
    if (outputs[i].data) continue;
    outputs[i].data = session->output_addresses[i];
    outputs[i].shape = session->shapes + session->shape_starts[i];
    outputs[i].rank = session->model->outputs[i].rank;
    outputs[i].type = session->model->outputs[i].type;
  }
}

MARTLET_INTERNAL int32_t martlet_run_model(martlet_session *session, const martlet_tensor *inputs,
                                           martlet_tensor *outputs) {
  if (session->model->refusal)
    return martlet_fail(MARTLET_WRONG_SHAPE, "%s", session->model->refusal);
  int32_t status = martlet_prepare_run(session, inputs, outputs);
  if (status == MARTLET_OK) status = martlet_run_steps(session, outputs);
  if (status == MARTLET_OK) martlet_hand_over_outputs(session, outputs);
  return status;
}

MARTLET_INTERNAL int32_t martlet_session_run(martlet_session *session, const martlet_tensor *inputs,
                                             martlet_tensor *outputs) {
  if (!session) return martlet_fail(MARTLET_BAD_ARGUMENT, "the session is a null pointer");
  if ((!inputs && session->model->input_count) || (!outputs && session->model->output_count))
    return martlet_fail(MARTLET_BAD_ARGUMENT, "the %s are a null pointer",
                        inputs ? "outputs" : "inputs");
  if (atomic_exchange(&session->busy, true))
    return martlet_fail(MARTLET_BUSY, "the session is running on another thread");
  uint64_t float_mode = martlet_enter_float_mode();
  int32_t status = martlet_run_model(martlet_specialised_session(session, inputs), inputs, outputs);
  if (session->pool) martlet_pool_rest(session->pool);
  martlet_leave_float_mode(float_mode);
  atomic_store(&session->busy, false);
  return status;
}
