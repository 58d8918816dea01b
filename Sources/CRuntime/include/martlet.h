/* A compiled model, seen from C.
 *
 * A shared library exports the functions below under these names; a static library or an object file exports them
 * with the model's name in place of `martlet` (`resnet50_create`, ...), so that several models link into one program.
 *
 * How the header of a model is made from this file: everything between the two `prefix` marks goes, and every
 * `MARTLET_NAME(x)` becomes `PREFIX_x`. The types and the statuses are the same for all models.
 */
#ifndef MARTLET_TYPES_H
#define MARTLET_TYPES_H
#include <stddef.h>
#include <stdint.h>

/* What martlet_abi_version() returned when this header was written. */
#define MARTLET_ABI_VERSION 1

/* One per concurrent caller; opaque. */
typedef struct martlet_session martlet_session;

typedef struct martlet_tensor {
  void *data;           /* C-contiguous; any alignment of the element is accepted, 64 bytes is fastest */
  const int64_t *shape; /* `rank` entries */
  int32_t rank;
  int32_t type; /* ONNX TensorProto.DataType: 1 float, 2 uint8, 3 int8, 7 int64, ... */
} martlet_tensor;

typedef struct martlet_options {
  uint32_t size;   /* sizeof(martlet_options): lets the struct grow */
  int32_t threads; /* 0: all that the artefact was compiled for, at most one per processor */
  void *workspace; /* NULL: allocated once by create */
  size_t workspace_bytes;
  /* Calls task(argument, index) once for every index in 0 ..< count, on any threads, and returns when all are done. */
  void (*parallel_for)(void *context, int32_t count, void (*task)(void *argument, int32_t index),
                       void *argument);
  void *parallel_context; /* a caller's own thread pool; NULL: the built-in one */
  const char *variant;    /* one of the metadata's variants; NULL: the best that this processor runs */
} martlet_options;

/* What create, run and selftest return. */
enum {
  MARTLET_OK = 0,
  MARTLET_BAD_ARGUMENT = 1,        /* a null pointer, or a struct of the wrong size */
  MARTLET_WRONG_TYPE = 2,          /* a tensor's element type is not the model's */
  MARTLET_WRONG_RANK = 3,          /* a tensor's number of dimensions is not the model's */
  MARTLET_WRONG_SHAPE = 4,         /* a tensor's dimensions contradict the model or another tensor */
  MARTLET_OUT_OF_MEMORY = 5,       /* memory or threads could not be had */
  MARTLET_WORKSPACE_TOO_SMALL = 6, /* the caller's workspace does not hold what these shapes need */
  MARTLET_BUSY = 7,                /* the session is running on another thread */
  MARTLET_WRONG_DATA = 8,          /* the values of an input make a shape that cannot be */
  MARTLET_SELFTEST_FAILED = 9,     /* an output is not what was recorded */
  MARTLET_NO_SELFTEST = 10,        /* the artefact was compiled without a recorded vector */
  MARTLET_WRONG_VERSION = 11,      /* the model was compiled for another version of the run-time */
  MARTLET_WRONG_PROCESSOR = 12     /* the processor lacks instructions that the code is made of */
};

#endif

/* begin prefix */
#ifndef MARTLET_PREFIX
#define MARTLET_PREFIX martlet
#endif
#ifndef MARTLET_NAME
#define MARTLET_JOIN_NAMES(prefix, name) prefix##_##name
#define MARTLET_PREFIXED(prefix, name) MARTLET_JOIN_NAMES(prefix, name)
#define MARTLET_NAME(name) MARTLET_PREFIXED(MARTLET_PREFIX, name)
#endif
#ifndef MARTLET_FUNCTIONS_H
#define MARTLET_FUNCTIONS_H
/* end prefix */

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; it changes only when a program compiled against an older header would break. */
int32_t MARTLET_NAME(abi_version)(void);

/* JSON: name, inputs and outputs (name, type, shape with symbols), workspace bytes, variants, compiler version. */
const char *MARTLET_NAME(metadata)(void);

/* Makes a session; `options` may be NULL. Returns 0 or a status, and then leaves `*session` alone. */
int32_t MARTLET_NAME(create)(const martlet_options *options, martlet_session **session);

/* Runs the model once. Inputs and outputs come in the model's order and must not overlap.
 *
 * An output with `data == NULL` is filled with memory that the session owns, valid until its next run or destroy, with
 * `shape`, `rank` and `type` set. An output with `data` set must have the right type and shape. On a wrong type, rank
 * or shape nothing is written (except where a shape depends on values computed by the model itself).
 */
int32_t MARTLET_NAME(run)(martlet_session *session, const martlet_tensor *inputs,
                          martlet_tensor *outputs);

/* The variant that the session runs, one of the metadata's; "" for NULL. */
const char *MARTLET_NAME(variant)(const martlet_session *session);

/* Joins the session's threads and frees what it owns; NULL is allowed. */
void MARTLET_NAME(destroy)(martlet_session *session);

/* What a status means. For the status that the calling thread got last the text names tensors and shapes; it is
 * valid until that thread's next call. Never NULL. */
const char *MARTLET_NAME(status_message)(int32_t status);

/* Replays the recorded vector on the best variant that this processor runs. 0: it came out as recorded. */
int32_t MARTLET_NAME(selftest)(void);

#ifdef __cplusplus
}
#endif

/* begin prefix */
#endif
/* end prefix */
