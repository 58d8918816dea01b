#include "program.h"

#include <stdlib.h>
#include <time.h>

enum { BENCH_MAX_SAMPLES = 1 << 20 };

static double bench_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int bench_compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

/* The smallest sample that at least this share of them does not exceed. */
static double bench_quantile(const double *sorted, int32_t count, double share) {
  int32_t index = (int32_t)(share * count);
  if (index >= share * count && index > 0) index--;
  return sorted[index < count ? index : count - 1];
}

static void bench_report(const program_options *options, const char *variant, double *samples,
                         int32_t count) {
  double total = 0;
  for (int32_t i = 0; i < count; i++) total += samples[i];
  qsort(samples, (size_t)count, sizeof *samples, bench_compare);
  double median = (samples[(count - 1) / 2] + samples[count / 2]) / 2;
  double p99 = bench_quantile(samples, count, 0.99);
  if (options->json) {
    printf("{\"variant\": ");
    report_string(variant);
    printf(", \"runs\": %d, \"min_ms\": %.6f, \"median_ms\": %.6f, \"p99_ms\": %.6f, "
           "\"mean_ms\": %.6f, \"runs_per_second\": %.4f}\n",
           count, samples[0] * 1e3, median * 1e3, p99 * 1e3, total / count * 1e3, count / total);
    return;
  }
  printf("%s: %d runs: min %.4g ms, median %.4g ms, p99 %.4g ms, %.5g runs per second\n", variant, count,
         samples[0] * 1e3, median * 1e3, p99 * 1e3, count / total);
}

static int32_t bench_run(martlet_session *session, const martlet_tensor *inputs, double *seconds) {
  int32_t output_count = program_model()->output_count;
  martlet_tensor outputs[output_count + 1];
  for (int32_t i = 0; i < output_count; i++) outputs[i].data = NULL;
  double start = bench_seconds();
  int32_t status = MARTLET_NAME(run)(session, inputs, outputs);
  *seconds = bench_seconds() - start;
  return status;
}

static int32_t program_bench(const program_options *options, martlet_session *session,
                             const martlet_tensor *inputs) {
  double *samples = malloc(BENCH_MAX_SAMPLES * sizeof *samples), sample;
  if (!samples) program_exit(EXIT_MISTAKE, "out of memory");
  int32_t status = 0, count = 0;
  /* Until caches, pages and the clock of the processor have settled: a tenth of the time, three runs at least. */
  double start = bench_seconds();
  for (int32_t i = 0; i < 3 || bench_seconds() - start < options->seconds / 10; i++) {
    status = bench_run(session, inputs, &sample);
    if (status) break;
  }
  start = bench_seconds();
  while (!status && count < BENCH_MAX_SAMPLES) {
    if (options->runs ? count == options->runs
                      : count >= 5 && bench_seconds() - start >= options->seconds)
      break;
    status = bench_run(session, inputs, &samples[count++]);
  }
  if (!status) bench_report(options, MARTLET_NAME(variant)(session), samples, count);
  free(samples);
  return status;
}
