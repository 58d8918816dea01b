/* What the files of the executable share. */
#ifndef MARTLET_PROGRAM_H
#define MARTLET_PROGRAM_H
#include "files.h"
#include "martlet_model.h"

/* Exit statuses; those of the compiler's command line. */
enum { EXIT_DONE = 0, EXIT_MISTAKE = 1, EXIT_USAGE = 64, EXIT_BUG = 70 };

extern const martlet_variants MARTLET_NAME(variant_table) __attribute__((visibility("hidden")));
/* See martlet.h: selftest; with a variant of the caller's choice. */
__attribute__((visibility("hidden"))) extern int32_t
MARTLET_NAME(selftest_with)(const martlet_options *options);

/* What describes inputs and outputs, whichever variant runs. */
static inline const martlet_model *program_model(void) { return MARTLET_NAME(variant_table).models[0]; }

/* NAME=TEXT from the command line. */
typedef struct program_pair {
  const char *name;
  size_t name_length;
  const char *text;
} program_pair;

typedef struct program_options {
  program_pair *inputs;
  int input_count;
  program_pair *shapes;
  int shape_count;
  const char *output_directory;
  const char *variant; /* NULL: the best that this processor runs */
  uint64_t random_seed;
  int32_t threads;
  int32_t runs; /* 0: as many as fit into `seconds` */
  double seconds;
  bool has_random_seed;
  bool bench;
  bool selftest;
  bool metadata;
  bool json;
} program_options;

/* Says what is wrong and exits. */
static void program_exit(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Reads the command line; exits on mistakes and after --help. */
static program_options program_parse(int count, char **arguments);

/* The model's inputs: read from files, or random. Exits on mistakes. */
static file_tensor *program_make_inputs(const program_options *options);
/* Fills an allocated tensor with numbers that only depend on its type, its size and `*state`. */
static void program_fill(file_tensor *tensor, uint64_t *state);

/* Times runs and reports them. Returns the status of the run that failed, or 0. */
static int32_t program_bench(const program_options *options, martlet_session *session,
                             const martlet_tensor *inputs);
/* Writes the outputs to files, or sums them up. */
static void program_report(const program_options *options, const char *variant,
                           const martlet_tensor *outputs);
/* Prints text as a JSON string. */
static void report_string(const char *text);

#endif
