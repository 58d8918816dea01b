/* The executable form of a compiled model: compiled beside artefact.c with the same MARTLET_PREFIX.
 *
 *   cc -O2 -DMARTLET_PREFIX=resnet50 artefact.c main.c kernels.o -lm -pthread
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define MARTLET_INTERNAL static __attribute__((unused))
#include "program.h"

#include "arguments.c"
#include "bench.c"
#include "files.c"
#include "inputs.c"
#include "npy.c"
#include "npz.c"
#include "pb.c"
#include "random.c"
#include "report.c"
#include "types.c"

/* Exits when a call failed. */
static void program_check(int32_t status) {
  if (status == MARTLET_OK) return;
  program_exit(status == MARTLET_WRONG_VERSION ? EXIT_BUG : EXIT_MISTAKE, "%s",
               MARTLET_NAME(status_message)(status));
}

static martlet_options program_session_options(const program_options *options) {
  return (martlet_options){.size = sizeof(martlet_options), .threads = options->threads,
                           .variant = options->variant};
}

static void program_selftest(const program_options *options) {
  martlet_options session_options = program_session_options(options);
  martlet_session *session = NULL;
  program_check(MARTLET_NAME(create)(&session_options, &session));
  const char *variant = MARTLET_NAME(variant)(session);
  MARTLET_NAME(destroy)(session);
  program_check(MARTLET_NAME(selftest_with)(&session_options));
  if (!options->json) {
    printf("%s: the self-test passed\n", variant);
    return;
  }
  printf("{\"variant\": ");
  report_string(variant);
  printf(", \"selftest\": \"passed\"}\n");
}

static void program_run(const program_options *options) {
  const martlet_model *model = program_model();
  file_tensor *files = program_make_inputs(options);
  martlet_tensor *inputs = calloc((size_t)model->input_count + 1, sizeof *inputs);
  martlet_tensor *outputs = calloc((size_t)model->output_count + 1, sizeof *outputs);
  if (!inputs || !outputs) program_exit(EXIT_MISTAKE, "out of memory");
  for (int32_t i = 0; i < model->input_count; i++) inputs[i] = files[i].tensor;

  martlet_options session_options = program_session_options(options);
  martlet_session *session = NULL;
  program_check(MARTLET_NAME(create)(&session_options, &session));
  if (options->bench) program_check(program_bench(options, session, inputs));
  if (!options->bench || options->output_directory) {
    program_check(MARTLET_NAME(run)(session, inputs, outputs));
    program_report(options, MARTLET_NAME(variant)(session), outputs);
  }
  MARTLET_NAME(destroy)(session);
  for (int32_t i = 0; i < model->input_count; i++) file_tensor_free(&files[i]);
  free(files);
  free(inputs);
  free(outputs);
}

int main(int count, char **arguments) {
  program_options options = program_parse(count, arguments);
  if (options.metadata)
    puts(MARTLET_NAME(metadata)());
  else if (options.selftest)
    program_selftest(&options);
  else
    program_run(&options);
  free(options.inputs);
  free(options.shapes);
  if (fflush(stdout) != 0) program_exit(EXIT_MISTAKE, "could not write the report");
  return EXIT_DONE;
}
