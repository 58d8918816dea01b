#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a thread looks out for work, or for the others to finish, before it sleeps. Waking a sleeper takes about
 * 25 us, so gaps between the steps of a run are worth this much, and no more. */
#define MARTLET_SPIN_NANOSECONDS 150000
#define MARTLET_SPINS_PER_LOOK 32

typedef struct martlet_worker {
  martlet_pool *pool;
  pthread_t thread;
  int32_t index; /* 1 ... worker_count: thread 0 is the caller's */
} martlet_worker;

struct martlet_pool {
  martlet_job job;
  /* Chunks of the job that are not done; the caller sleeps on it. */
  _Alignas(MARTLET_ALIGNMENT) _Atomic uint32_t pending;
  _Atomic uint32_t caller_sleeps;
  /* Counts jobs; workers sleep on it. */
  _Alignas(MARTLET_ALIGNMENT) _Atomic uint32_t signal;
  _Atomic uint32_t sleepers;
  _Atomic bool active; /* a run is in progress: another job is likely soon */
  _Atomic bool stop;
  pid_t owner;
  int32_t worker_count;
  martlet_worker *workers;
};

static void martlet_pool_work(martlet_pool *pool, int32_t index) {
  while (martlet_job_run_chunk(&pool->job, index)) {
    if (atomic_fetch_sub(&pool->pending, 1) == 1 && atomic_load(&pool->caller_sleeps))
      martlet_wake(&pool->pending, 1);
  }
}

static bool martlet_pool_has_work(martlet_pool *pool) {
  return atomic_load(&pool->job.unclaimed) > 0 || atomic_load(&pool->stop);
}

/* Returns when there may be work or the pool stops.
 *
 * No wake-up is lost: a worker counts itself among the sleepers before it reads `signal` and looks for work, the
 * caller publishes the work and changes `signal` before it reads `sleepers`, all sequentially consistent. */
static void martlet_pool_await_job(martlet_pool *pool) {
  int64_t limit = martlet_nanoseconds() + MARTLET_SPIN_NANOSECONDS;
  while (atomic_load_explicit(&pool->active, memory_order_relaxed)) {
    for (int spin = 0; spin < MARTLET_SPINS_PER_LOOK; spin++) {
      if (martlet_pool_has_work(pool)) return;
      martlet_relax();
    }
    if (martlet_nanoseconds() > limit) break;
  }
  atomic_fetch_add(&pool->sleepers, 1);
  uint32_t seen = atomic_load(&pool->signal);
  if (!martlet_pool_has_work(pool)) martlet_wait(&pool->signal, seen);
  atomic_fetch_sub(&pool->sleepers, 1);
}

static void *martlet_worker_main(void *argument) {
  martlet_worker *worker = argument;
  martlet_pool *pool = worker->pool;
  (void)martlet_enter_float_mode();
  while (!atomic_load(&pool->stop)) {
    martlet_pool_await_job(pool);
    martlet_pool_work(pool, worker->index);
  }
  return NULL;
}

MARTLET_INTERNAL martlet_pool *martlet_pool_create(int32_t worker_count) {
  void *memory = NULL;
  if (posix_memalign(&memory, MARTLET_ALIGNMENT, sizeof(martlet_pool))) return NULL;
  martlet_pool *pool = memory;
  memset(pool, 0, sizeof *pool);
  pool->owner = getpid();
  pool->workers = calloc((size_t)worker_count, sizeof *pool->workers);
  if (!pool->workers) {
    free(pool);
    return NULL;
  }
  /* The program's signals are for the program's threads. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool->worker_count < worker_count) {
    martlet_worker *worker = &pool->workers[pool->worker_count];
    worker->pool = pool;
    worker->index = pool->worker_count + 1;
    if (pthread_create(&worker->thread, NULL, martlet_worker_main, worker)) break;
    pool->worker_count++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pool->worker_count == worker_count) return pool;
  martlet_pool_destroy(pool);
  return NULL;
}

MARTLET_INTERNAL martlet_job *martlet_pool_job(martlet_pool *pool) { return &pool->job; }

MARTLET_INTERNAL void martlet_pool_run(martlet_pool *pool) {
  martlet_job *job = &pool->job;
  atomic_store_explicit(&pool->pending, (uint32_t)job->chunks, memory_order_relaxed);
  atomic_store_explicit(&pool->active, true, memory_order_relaxed);
  atomic_store(&job->unclaimed, job->chunks);
  atomic_fetch_add(&pool->signal, 1);
  if (atomic_load(&pool->sleepers)) {
    int64_t useful = job->chunks - 1;
    martlet_wake(&pool->signal, useful < pool->worker_count ? (int32_t)useful : pool->worker_count);
  }
  martlet_pool_work(pool, 0);

  int64_t limit = 0;
  while (atomic_load_explicit(&pool->pending, memory_order_acquire)) {
    for (int spin = 0; spin < MARTLET_SPINS_PER_LOOK; spin++) {
      if (!atomic_load_explicit(&pool->pending, memory_order_acquire)) return;
      martlet_relax();
    }
    int64_t now = martlet_nanoseconds();
    if (!limit) limit = now + MARTLET_SPIN_NANOSECONDS;
    if (now < limit) continue;
    atomic_store(&pool->caller_sleeps, 1);
    uint32_t left;
    while ((left = atomic_load(&pool->pending))) martlet_wait(&pool->pending, left);
    atomic_store(&pool->caller_sleeps, 0);
  }
}

MARTLET_INTERNAL void martlet_pool_rest(martlet_pool *pool) {
  atomic_store_explicit(&pool->active, false, memory_order_relaxed);
}

MARTLET_INTERNAL void martlet_pool_destroy(martlet_pool *pool) {
  if (!pool) return;
  if (pool->owner == getpid()) {
    atomic_store(&pool->stop, true);
    atomic_fetch_add(&pool->signal, 1);
    martlet_wake(&pool->signal, pool->worker_count);
    for (int32_t i = 0; i < pool->worker_count; i++) pthread_join(pool->workers[i].thread, NULL);
  }
  free(pool->workers);
  free(pool);
}
