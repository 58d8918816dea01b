/* What generated code tells the run-time: the compiled form of a Program.
 *
 * The back end emits one `martlet_model` as constant data beside the kernels; the same struct serves artefacts and
 * the in-process JIT. Sizes that depend on input shapes are entries of an array of 64-bit `values`:
 *   values[0 ..< symbol_count)              bound from input dimensions, or by a step that `defines` one
 *   values[symbol_count ..< value_count)    filled by compute_values() from those
 * Constants are values too, so every size is an index into `values`.
 */
#ifndef MARTLET_MODEL_H
#define MARTLET_MODEL_H
#include <stddef.h>
#include <stdint.h>

#define MARTLET_MODEL_VERSION 5

/* Runs iterations begin ..< end of the flattened parallel space; (0, 1) where there is none. */
typedef void (*martlet_kernel)(void *const *buffers, const int64_t *values, int64_t begin, int64_t end,
                               void *scratch);

enum { MARTLET_INPUT = 0, MARTLET_OUTPUT = 1, MARTLET_CONSTANT = 2, MARTLET_ARENA = 3, MARTLET_PART = 4 };

typedef struct martlet_memory {
  int32_t kind;
  int32_t port;        /* number of the input or output, or of the memory that this is a part of */
  int64_t offset;      /* in the constants, the arena (-1: planned when sizes are known), or the memory it is a part of */
  int32_t byte_value;  /* index into values: how many bytes */
  int32_t first_step;  /* live from this step */
  int32_t last_step;   /* through this one */
} martlet_memory;

/* What a region step reads: a memory and the shape of what it holds. */
typedef struct martlet_argument {
  int32_t memory; /* -1: left out */
  int32_t type;   /* ONNX TensorProto.DataType */
  int32_t rank;
  const int32_t *dimensions; /* indices into values */
} martlet_argument;

/* What a region step gives. */
typedef struct martlet_result {
  int32_t memory; /* where the step after it puts the result; -1: nobody reads it */
  int32_t type;
  int32_t rank;
  const int32_t *dimensions;  /* indices into values */
  const int32_t *defined;     /* for each dimension 1 where the result gives the symbol its value */
  const int64_t *empty_shape; /* what a loop has collected before its first run */
} martlet_result;

enum { MARTLET_IF = 1, MARTLET_LOOP = 2 };

struct martlet_model;

/* Graphs that a step runs. Their models take the carried values and then the captured ones; a loop's is given the number of
 * the run and the condition before them, and gives the next condition before its results. */
typedef struct martlet_region {
  int32_t kind;
  int32_t carried_count; /* of a loop: results that are the arguments of the next run */
  int32_t argument_count;
  int32_t result_count;
  const martlet_argument *arguments; /* IF: the condition; LOOP: the most runs, the condition, what is carried; then what is captured */
  const martlet_result *results;
  const struct martlet_model *const *bodies; /* IF: where it is true, where it is false; LOOP: one */
} martlet_region;

/* What a step does for a region beside running its kernel, which does nothing. */
enum { MARTLET_NO_REGION = 0, MARTLET_RUN_REGION = 1, MARTLET_TAKE_RESULTS = 2 };

typedef struct martlet_step {
  martlet_kernel kernel;
  const char *label;
  const int32_t *buffers; /* indices into the model's memories, one per kernel parameter */
  const int32_t *values;  /* indices into values, one per kernel value parameter */
  int32_t buffer_count;
  int32_t value_count;
  int32_t count_value;   /* index into values: iterations of the parallel space */
  int32_t grain;         /* iterations that a thread claims at a time */
  int32_t defines_value; /* -1, or the symbol read as an int64 from the start of the step's last buffer */
  int32_t region_part;   /* RUN_REGION is followed by the step that takes its results */
  const martlet_region *region;
} martlet_step;

enum { MARTLET_EQUAL = 0, MARTLET_EQUAL_OR_ONE = 1, MARTLET_AT_MOST = 2 };

/* What one size must be to another before a step may run. */
typedef struct martlet_check {
  const char *label;   /* the node that asks for it */
  const char *subject; /* which size it is */
  int32_t value;       /* index into values */
  int32_t relation;
  int32_t expected;    /* index into values */
  int32_t step;        /* from this step on both are known */
} martlet_check;

typedef struct martlet_port {
  const char *name;
  int32_t type; /* ONNX TensorProto.DataType */
  int32_t rank;
  const int32_t *dimensions; /* indices into values; below symbol_count an input's dimension binds the symbol */
} martlet_port;

typedef struct martlet_model {
  uint32_t version; /* MARTLET_MODEL_VERSION */
  int32_t input_count;
  int32_t output_count;
  int32_t memory_count;
  int32_t step_count;
  int32_t check_count;
  int32_t value_count;
  int32_t symbol_count;
  const martlet_port *inputs;
  const martlet_port *outputs;
  const martlet_memory *memories;
  const martlet_step *steps;
  const martlet_check *checks;
  void (*compute_values)(int64_t *values); /* runs on every processor of the architecture */
  const void *constants;
  int64_t constant_bytes;
  int64_t arena_bytes;   /* -1: planned when sizes are known */
  int64_t scratch_bytes; /* per thread */
  int32_t threads;       /* the most that the artefact was compiled for */
  const char *const *value_names; /* one per symbol, for messages */
  const char *metadata;  /* JSON */
  const char *target;    /* what it was compiled for, by its name */
  const char *const *requirements; /* the instruction sets that its kernels may be made of, by LLVM's names */
  int32_t requirement_count;
  const char *refusal; /* why a region cannot run; NULL where it can */
  int32_t specialised_count;
  const struct martlet_model *const *specialised; /* the same for inputs of one size each, without symbols */
} martlet_model;

/* One model compiled for several targets, the best first. Ports, labels and metadata are the same in all. */
typedef struct martlet_variants {
  int32_t count; /* at least 1 */
  const martlet_model *const *models;
} martlet_variants;

#endif
