#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

/* The only state outside sessions: per thread, what its last failing call had to say. */
static _Thread_local struct {
  int32_t status;
  char text[1024];
} martlet_last_failure;

MARTLET_INTERNAL int32_t martlet_fail(int32_t status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  martlet_last_failure.status = status;
  (void)vsnprintf(martlet_last_failure.text, sizeof martlet_last_failure.text, format, arguments);
  va_end(arguments);
  return status;
}

MARTLET_INTERNAL void martlet_append(martlet_text *text, const char *format, ...) {
  va_list arguments;
  size_t room = sizeof text->bytes - text->count;
  va_start(arguments, format);
  int written = vsnprintf(text->bytes + text->count, room, format, arguments);
  va_end(arguments);
  if (written > 0) text->count += (size_t)written < room ? (size_t)written : room - 1;
}

MARTLET_INTERNAL const char *martlet_session_status_message(int32_t status) {
  if (status != MARTLET_OK && status == martlet_last_failure.status) return martlet_last_failure.text;
  switch (status) {
  case MARTLET_OK: return "done";
  case MARTLET_BAD_ARGUMENT: return "an argument is a null pointer or a struct of the wrong size";
  case MARTLET_WRONG_TYPE: return "a tensor has the wrong element type";
  case MARTLET_WRONG_RANK: return "a tensor has the wrong number of dimensions";
  case MARTLET_WRONG_SHAPE: return "a tensor has the wrong shape";
  case MARTLET_OUT_OF_MEMORY: return "out of memory or threads";
  case MARTLET_WORKSPACE_TOO_SMALL: return "the workspace is too small";
  case MARTLET_BUSY: return "the session is running on another thread";
  case MARTLET_WRONG_DATA: return "the values of an input make a shape that cannot be";
  case MARTLET_SELFTEST_FAILED: return "an output is not what was recorded";
  case MARTLET_NO_SELFTEST: return "compiled without a recorded vector";
  case MARTLET_WRONG_VERSION: return "the model was compiled for another version of the run-time";
  case MARTLET_WRONG_PROCESSOR: return "the processor lacks instructions that the code is made of";
  default: return "unknown status";
  }
}
