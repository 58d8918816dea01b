/* Models for inputs of one size each, beside the one that takes any size. Each has a session of its own inside that of the
 * model, with which it shares threads, scratch memory and constants. */
#include "internal.h"

MARTLET_INTERNAL int32_t martlet_specialised_create(martlet_session *session) {
  for (int32_t i = 0; i < session->model->specialised_count; i++) {
    int32_t status = martlet_session_create_region(session->model->specialised[i], session,
                                                   &session->specialised[i]);
    if (status != MARTLET_OK) return status;
  }
  return MARTLET_OK;
}

MARTLET_INTERNAL void martlet_specialised_destroy(martlet_session *session) {
  for (int32_t i = 0; i < session->model->specialised_count; i++)
    martlet_session_destroy(session->specialised[i]);
}

MARTLET_INTERNAL int64_t martlet_specialised_memory_bytes(const martlet_session *session) {
  int64_t bytes = 0;
  for (int32_t i = 0; i < session->model->specialised_count; i++)
    bytes += session->specialised[i]->arena_capacity +
             martlet_regions_memory_bytes(session->specialised[i]);
  return bytes;
}

static bool martlet_has_sizes(const martlet_session *session, const martlet_tensor *inputs) {
  for (int32_t i = 0; i < session->model->input_count; i++) {
    const martlet_port *port = &session->model->inputs[i];
    if (inputs[i].rank != port->rank || (port->rank && !inputs[i].shape)) return false;
    for (int32_t axis = 0; axis < port->rank; axis++)
      if (inputs[i].shape[axis] != session->values[port->dimensions[axis]]) return false;
  }
  return true;
}

MARTLET_INTERNAL martlet_session *martlet_specialised_session(martlet_session *session,
                                                              const martlet_tensor *inputs) {
  for (int32_t i = 0; i < session->model->specialised_count; i++)
    if (martlet_has_sizes(session->specialised[i], inputs)) return session->specialised[i];
  return session;
}
