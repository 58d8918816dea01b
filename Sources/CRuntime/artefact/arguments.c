#include "program.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *program_name = "model";

static void program_exit(int status, const char *format, ...) {
  va_list arguments;
  fprintf(stderr, "%s: error: ", program_name);
  va_start(arguments, format);
  (void)vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  if (status == EXIT_USAGE) fprintf(stderr, "Try '%s --help'.\n", program_name);
  exit(status);
}

static void program_describe_ports(const char *title, const martlet_port *ports, int32_t count) {
  const martlet_model *model = program_model();
  int64_t *values[2];
  /* A dimension that does not change with the symbols is a constant. */
  for (int probe = 0; probe < 2; probe++) {
    values[probe] = calloc((size_t)model->value_count + 1, sizeof(int64_t));
    if (!values[probe]) program_exit(EXIT_MISTAKE, "out of memory");
    for (int32_t i = 0; i < model->symbol_count; i++) values[probe][i] = probe + 1;
    model->compute_values(values[probe]);
  }
  printf("\n%s:\n", title);
  for (int32_t i = 0; i < count; i++) {
    printf("  %s: %s [", ports[i].name, martlet_type_name(ports[i].type));
    for (int32_t axis = 0; axis < ports[i].rank; axis++) {
      int32_t index = ports[i].dimensions[axis];
      printf("%s", axis ? ", " : "");
      if (index < model->symbol_count && model->value_names)
        printf("%s", model->value_names[index]);
      else if (values[0][index] == values[1][index])
        printf("%lld", (long long)values[0][index]);
      else
        printf("?");
    }
    printf("]\n");
  }
  free(values[0]);
  free(values[1]);
}

static void program_help(void) {
  const martlet_model *model = program_model();
  printf("usage: %s [--input NAME=FILE]... [options]\n"
         "\n"
         "  --input NAME=FILE    read an input from a .npy, .npz or .pb (ONNX TensorProto) file\n"
         "  --random-seed N      make up the inputs that are not given, the same for the same N\n"
         "  --shape NAME=1,3,32  the shape of an input that is made up; symbols are 1 otherwise\n"
         "  --output-dir DIR     write each output to DIR/NAME.npy\n"
         "  --threads N          use at most N threads (%d at most)\n"
         "  --variant NAME       run this variant instead of the best that the processor runs\n"
         "  --bench              measure: latency (min, median, p99) and throughput\n"
         "  --runs N             measure N runs\n"
         "  --seconds S          measure for S seconds (2)\n"
         "  --selftest           replay the recorded run and compare\n"
         "  --metadata           print what is known of the model as JSON\n"
         "  --json               report as JSON\n"
         "  --help               print this\n"
         "\n"
         "Exit status: 0 done; 1 a mistake or a failed comparison; 64 usage; 70 a bug.\n",
         program_name, model->threads > 1 ? model->threads : 1);
  printf("\nVariants:");
  for (int32_t i = 0; i < MARTLET_NAME(variant_table).count; i++)
    printf(" %s", MARTLET_NAME(variant_table).models[i]->target);
  putchar('\n');
  program_describe_ports("Inputs", model->inputs, model->input_count);
  program_describe_ports("Outputs", model->outputs, model->output_count);
}

static program_pair program_parse_pair(const char *option, const char *text) {
  /* Names may hold '=', values of these options begin after the last one; paths seldom have any. */
  const char *sign = NULL;
  const martlet_model *model = program_model();
  for (int32_t i = 0; i < model->input_count; i++) {
    size_t length = strlen(model->inputs[i].name);
    if (strncmp(text, model->inputs[i].name, length) == 0 && text[length] == '=') sign = text + length;
  }
  if (sign) return (program_pair){text, (size_t)(sign - text), sign + 1};
  sign = strchr(text, '=');
  if (!sign) program_exit(EXIT_USAGE, "%s takes NAME=..., found '%s'", option, text);
  program_exit(EXIT_MISTAKE, "%s: the model has no input '%.*s'", option, (int)(sign - text), text);
}

static double program_parse_number(const char *option, const char *text, double least,
                                   double most) {
  char *end = NULL;
  double number = strtod(text, &end);
  if (end == text || *end || !(number >= least && number <= most))
    program_exit(EXIT_USAGE, "%s takes a number from %g to %g, found '%s'", option, least, most,
                 text);
  return number;
}

static uint64_t program_parse_seed(const char *text) {
  char *end = NULL;
  unsigned long long seed = strtoull(text, &end, 10);
  if (end == text || *end) program_exit(EXIT_USAGE, "--random-seed takes an integer, found '%s'", text);
  return seed;
}

enum { OPTION_INPUT = 1, OPTION_SHAPE, OPTION_OUTPUT, OPTION_THREADS, OPTION_SEED, OPTION_BENCH,
       OPTION_RUNS, OPTION_SECONDS, OPTION_SELFTEST, OPTION_METADATA, OPTION_VARIANT, OPTION_JSON,
       OPTION_HELP };

static const struct option program_option_table[] = {
    {"input", required_argument, NULL, OPTION_INPUT},
    {"shape", required_argument, NULL, OPTION_SHAPE},
    {"output-dir", required_argument, NULL, OPTION_OUTPUT},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"random-seed", required_argument, NULL, OPTION_SEED},
    {"bench", no_argument, NULL, OPTION_BENCH},
    {"runs", required_argument, NULL, OPTION_RUNS},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"selftest", no_argument, NULL, OPTION_SELFTEST},
    {"metadata", no_argument, NULL, OPTION_METADATA},
    {"variant", required_argument, NULL, OPTION_VARIANT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0}};

static void program_apply(program_options *options, int option) {
  switch (option) {
  case OPTION_INPUT: options->inputs[options->input_count++] = program_parse_pair("--input", optarg); break;
  case OPTION_SHAPE: options->shapes[options->shape_count++] = program_parse_pair("--shape", optarg); break;
  case OPTION_OUTPUT: options->output_directory = optarg; break;
  case OPTION_THREADS: options->threads = (int32_t)program_parse_number("--threads", optarg, 0, 4096); break;
  case OPTION_SEED:
    options->random_seed = program_parse_seed(optarg);
    options->has_random_seed = true;
    break;
  case OPTION_BENCH: options->bench = true; break;
  case OPTION_RUNS: options->runs = (int32_t)program_parse_number("--runs", optarg, 1, 1e9); break;
  case OPTION_SECONDS: options->seconds = program_parse_number("--seconds", optarg, 0, 1e9); break;
  case OPTION_SELFTEST: options->selftest = true; break;
  case OPTION_METADATA: options->metadata = true; break;
  case OPTION_VARIANT: options->variant = optarg; break;
  case OPTION_JSON: options->json = true; break;
  case OPTION_HELP: program_help(); exit(EXIT_DONE);
  default:
    fprintf(stderr, "Try '%s --help'.\n", program_name);
    exit(EXIT_USAGE);
  }
}

static program_options program_parse(int count, char **arguments) {
  program_options options = {.seconds = 2};
  if (count > 0 && arguments[0]) program_name = arguments[0];
  options.inputs = calloc((size_t)count + 1, sizeof *options.inputs);
  options.shapes = calloc((size_t)count + 1, sizeof *options.shapes);
  if (!options.inputs || !options.shapes) program_exit(EXIT_MISTAKE, "out of memory");
  int option;
  while ((option = getopt_long(count, arguments, "", program_option_table, NULL)) != -1)
    program_apply(&options, option);
  if (optind < count) program_exit(EXIT_USAGE, "unexpected argument '%s'", arguments[optind]);
  return options;
}
