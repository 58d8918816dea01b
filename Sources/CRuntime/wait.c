#include "internal.h"

#include <time.h>

#if defined(__linux__) && !defined(MARTLET_NO_FUTEX)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

MARTLET_INTERNAL void martlet_wait(_Atomic uint32_t *word, uint32_t expected) {
  (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

MARTLET_INTERNAL void martlet_wake(_Atomic uint32_t *word, int32_t count) {
  (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
#else
#include <pthread.h>

/* One queue for all words: waking is rare, and a thread woken for nothing looks again. */
static pthread_mutex_t martlet_wait_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t martlet_wait_condition = PTHREAD_COND_INITIALIZER;

MARTLET_INTERNAL void martlet_wait(_Atomic uint32_t *word, uint32_t expected) {
  pthread_mutex_lock(&martlet_wait_mutex);
  if (atomic_load(word) == expected) pthread_cond_wait(&martlet_wait_condition, &martlet_wait_mutex);
  pthread_mutex_unlock(&martlet_wait_mutex);
}

MARTLET_INTERNAL void martlet_wake(_Atomic uint32_t *word, int32_t count) {
  (void)word;
  (void)count;
  pthread_mutex_lock(&martlet_wait_mutex);
  pthread_cond_broadcast(&martlet_wait_condition);
  pthread_mutex_unlock(&martlet_wait_mutex);
}
#endif

MARTLET_INTERNAL void martlet_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  /* `yield` does nothing on most cores; a barrier gives the pause. */
  __asm__ volatile("isb" ::: "memory");
#endif
}

MARTLET_INTERNAL int64_t martlet_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
