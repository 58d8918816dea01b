/* A program with two models linked in: alpha takes any number of rows, beta takes 1000. Prints what fails. */
#define _GNU_SOURCE
#include "alpha.h"
#include "beta.h"

#include <fenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 1000 };

static int failures;

#define CHECK(condition)                                            \
  do {                                                              \
    if (!(condition)) {                                             \
      failures++;                                                   \
      printf("line %d: %s is false\n", __LINE__, #condition);       \
    }                                                               \
  } while (0)

#ifdef COUNT_ALLOCATIONS
/* Stand in for the C library's own, so that its inner calls are counted as well. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
static _Atomic int allocations;

void *malloc(size_t bytes) {
  allocations++;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  allocations++;
  return __libc_calloc(count, bytes);
}
void *realloc(void *old, size_t bytes) {
  allocations++;
  return __libc_realloc(old, bytes);
}
int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  allocations++;
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : 12;
}
#else
static int allocations;
#endif

static float x[ROWS * 3], y[ROWS * 3];
static int64_t k = 5;
static const int64_t shape[] = {ROWS, 3};
static const martlet_tensor inputs[] = {{x, shape, 2, 1}, {&k, NULL, 0, 7}};

static int is_right(const float *found, float factor) {
  for (int i = 0; i < ROWS * 3; i++)
    if (found[i] != x[i] * factor + 5) return 0;
  return 1;
}

static martlet_session *create(int32_t (*make)(const martlet_options *, martlet_session **), int threads) {
  martlet_session *session = NULL;
  martlet_options options = {.size = sizeof options, .threads = threads};
  CHECK(make(&options, &session) == MARTLET_OK);
  return session;
}

static void both_models_run(void) {
  martlet_session *a = create(alpha_create, 2), *b = create(beta_create, 2);
  martlet_tensor from_a[2] = {{0}}, from_b[2] = {{0}};
  CHECK(alpha_run(a, inputs, from_a) == MARTLET_OK);
  CHECK(beta_run(b, inputs, from_b) == MARTLET_OK);
  CHECK(is_right(from_a[0].data, 2) && is_right(from_b[0].data, 7));
  CHECK(*(int64_t *)from_a[1].data == ROWS);
  CHECK(alpha_selftest() == MARTLET_OK);
  CHECK(beta_selftest() == MARTLET_NO_SELFTEST);
  CHECK(strcmp(alpha_metadata(), "{\"name\": \"toy\"}") == 0);
  CHECK(alpha_abi_version() == MARTLET_ABI_VERSION);
  alpha_destroy(a);
  beta_destroy(b);
}

static void run_allocates_nothing(void) {
  martlet_session *a = create(alpha_create, 2), *b = create(beta_create, 2);
  int before = allocations;
  for (int i = 0; i < 20; i++) {
    martlet_tensor owned[2] = {{0}}, given[2] = {{y, shape, 2, 1}};
    CHECK(beta_run(b, inputs, owned) == MARTLET_OK);
    CHECK(beta_run(b, inputs, given) == MARTLET_OK);
  }
  CHECK(allocations == before);
  CHECK(is_right(y, 7));
  martlet_tensor first[2] = {{0}}, again[2] = {{0}};
  CHECK(alpha_run(a, inputs, first) == MARTLET_OK);
  before = allocations;
  CHECK(alpha_run(a, inputs, again) == MARTLET_OK);
  CHECK(allocations == before);
  alpha_destroy(a);
  beta_destroy(b);
}

static double processor_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void idle_threads_sleep(void) {
  martlet_session *b = create(beta_create, 4);
  martlet_tensor outputs[2] = {{0}};
  CHECK(beta_run(b, inputs, outputs) == MARTLET_OK);
  double start = processor_seconds();
  usleep(200000);
  CHECK(processor_seconds() - start < 0.01);
  beta_destroy(b);
}

static void a_child_may_destroy(void) {
  martlet_session *b = create(beta_create, 3);
  martlet_tensor outputs[2] = {{0}};
  CHECK(beta_run(b, inputs, outputs) == MARTLET_OK);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    martlet_tensor own[2] = {{0}};
    int32_t status = beta_run(b, inputs, own);
    int right = status == MARTLET_OK && is_right(own[0].data, 7);
    beta_destroy(b);
    _exit(right ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(beta_run(b, inputs, outputs) == MARTLET_OK);
  beta_destroy(b);
}

static void callers_rounding_does_not_matter(void) {
  martlet_session *b = create(beta_create, 2);
  martlet_tensor outputs[2] = {{0}};
  for (int i = 0; i < ROWS * 3; i++) x[i] = 1.0f / (float)(i + 3);
  CHECK(beta_run(b, inputs, outputs) == MARTLET_OK);
  memcpy(y, outputs[0].data, sizeof y);
  fesetround(FE_UPWARD);
  feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
  martlet_tensor again[2] = {{0}};
  CHECK(beta_run(b, inputs, again) == MARTLET_OK);
  CHECK(fegetround() == FE_UPWARD);
  fedisableexcept(FE_ALL_EXCEPT);
  fesetround(FE_TONEAREST);
  CHECK(memcmp(y, again[0].data, sizeof y) == 0);
  beta_destroy(b);
}

static martlet_session *busy;
static int32_t busy_status;

static void run_inside(void *context, int32_t count, void (*task)(void *, int32_t), void *argument) {
  (void)context;
  martlet_tensor outputs[2] = {{0}};
  busy_status = beta_run(busy, inputs, outputs);
  for (int32_t i = 0; i < count; i++) task(argument, i);
}

static void a_session_runs_once_at_a_time(void) {
  martlet_options options = {.size = sizeof options, .threads = 2, .parallel_for = run_inside};
  CHECK(beta_create(&options, &busy) == MARTLET_OK);
  martlet_tensor outputs[2] = {{0}};
  CHECK(beta_run(busy, inputs, outputs) == MARTLET_OK);
  CHECK(busy_status == MARTLET_BUSY);
  beta_destroy(busy);
}

static void *fail_elsewhere(void *session) {
  martlet_tensor wrong[] = {{x, shape, 1, 1}, {&k, NULL, 0, 7}}, outputs[2] = {{0}};
  CHECK(beta_run(session, wrong, outputs) == MARTLET_WRONG_RANK);
  CHECK(strcmp(beta_status_message(MARTLET_WRONG_RANK),
               "input 'x' has 1 dimensions, expected 2: its shape is [1000], expected [1000, 3]") == 0);
  return NULL;
}

static void messages_belong_to_threads(void) {
  martlet_session *b = create(beta_create, 1);
  pthread_t thread;
  martlet_tensor wrong[] = {{x, shape, 2, 7}, {&k, NULL, 0, 7}}, outputs[2] = {{0}};
  CHECK(beta_run(b, wrong, outputs) == MARTLET_WRONG_TYPE);
  CHECK(outputs[0].data == NULL);
  pthread_create(&thread, NULL, fail_elsewhere, b);
  pthread_join(thread, NULL);
  CHECK(strcmp(beta_status_message(MARTLET_WRONG_TYPE),
               "input 'x' has type int64 (7), expected float (1)") == 0);
  beta_destroy(b);
}

static void options_may_be_older(void) {
  martlet_session *session = NULL;
  struct {
    uint32_t size;
    int32_t threads;
  } older = {8, 2}, damaged = {0, 2};
  CHECK(alpha_create((const martlet_options *)(const void *)&older, &session) == MARTLET_OK);
  alpha_destroy(session);
  session = NULL;
  CHECK(alpha_create((const martlet_options *)(const void *)&damaged, &session) == MARTLET_BAD_ARGUMENT);
  CHECK(session == NULL);
  CHECK(alpha_create(NULL, &session) == MARTLET_OK);
  alpha_destroy(session);
}

int main(void) {
  for (int i = 0; i < ROWS * 3; i++) x[i] = (float)(i % 100);
  both_models_run();
  run_allocates_nothing();
  idle_threads_sleep();
  a_child_may_destroy();
  callers_rounding_does_not_matter();
  a_session_runs_once_at_a_time();
  messages_belong_to_threads();
  options_may_be_older();
  if (!failures) puts("all right");
  return failures != 0;
}
