#include "program.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Makes the folder and those above it. */
static void report_make_folder(const char *path) {
  char *copy = strdup(path);
  if (!copy) program_exit(EXIT_MISTAKE, "out of memory");
  for (char *at = copy + 1; copy[0] && *at; at++) {
    if (*at != '/') continue;
    *at = 0;
    (void)mkdir(copy, 0777);
    *at = '/';
  }
  struct stat found;
  if (mkdir(path, 0777) != 0 && (stat(path, &found) != 0 || !S_ISDIR(found.st_mode)))
    program_exit(EXIT_MISTAKE, "%s: %s", path, strerror(errno == EEXIST ? ENOTDIR : errno));
  free(copy);
}

static void report_string(const char *text) {
  putchar('"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') putchar('\\');
    if ((unsigned char)*text < 32)
      printf("\\u%04x", (unsigned)*text);
    else
      putchar(*text);
  }
  putchar('"');
}

static void report_shape(const martlet_tensor *tensor) {
  putchar('[');
  for (int32_t axis = 0; axis < tensor->rank; axis++)
    printf("%s%lld", axis ? ", " : "", (long long)tensor->shape[axis]);
  putchar(']');
}

static void report_line(const martlet_port *port, const martlet_tensor *tensor) {
  int64_t count = 1, largest = 0;
  for (int32_t axis = 0; axis < tensor->rank; axis++) count *= tensor->shape[axis];
  printf("%s: %s ", port->name, martlet_type_name(tensor->type));
  report_shape(tensor);
  double least = INFINITY, most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < count && tensor->type != 8; i++) {
    double element = martlet_element(tensor->type, tensor->data, i);
    if (element < least) least = element;
    if (element > most) {
      most = element;
      largest = i;
    }
    sum += element;
  }
  if (count && tensor->type != 8)
    printf(", min %.6g, max %.6g at %lld, mean %.6g", least, most, (long long)largest,
           sum / (double)count);
  putchar('\n');
}

static void report_json(const martlet_port *port, const martlet_tensor *tensor, bool first) {
  printf("%s{\"name\": ", first ? "" : ", ");
  report_string(port->name);
  printf(", \"type\": \"%s\", \"shape\": ", martlet_type_name(tensor->type));
  report_shape(tensor);
  putchar('}');
}

static void program_report(const program_options *options, const char *variant,
                           const martlet_tensor *outputs) {
  const martlet_model *model = program_model();
  const char *folder = options->output_directory;
  if (folder) report_make_folder(folder);
  if (options->json) {
    printf("{\"variant\": ");
    report_string(variant);
    printf(", \"outputs\": [");
  }
  for (int32_t i = 0; i < model->output_count; i++) {
    file_error error = {""};
    if (folder && !npy_write(folder, model->outputs[i].name, &outputs[i], &error))
      program_exit(EXIT_MISTAKE, "output '%s': %s", model->outputs[i].name, error.text);
    if (options->json)
      report_json(&model->outputs[i], &outputs[i], i == 0);
    else if (!folder)
      report_line(&model->outputs[i], &outputs[i]);
  }
  if (options->json) printf("]}\n");
}
