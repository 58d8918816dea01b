#include "internal.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#elif !defined(__aarch64__)
#include <fenv.h>
#endif

MARTLET_INTERNAL bool martlet_job_run_chunk(martlet_job *job, int32_t index) {
  int64_t left = atomic_load_explicit(&job->unclaimed, memory_order_relaxed);
  do {
    if (left <= 0) return false;
  } while (!atomic_compare_exchange_weak_explicit(&job->unclaimed, &left, left - 1,
                                                  memory_order_acquire, memory_order_relaxed));
  int64_t begin = (job->chunks - left) * job->grain;
  int64_t end = job->count - begin < job->grain ? job->count : begin + job->grain;
  job->kernel(job->buffers, job->values, begin, end, job->scratch + index * job->scratch_stride);
  return true;
}

MARTLET_INTERNAL uint64_t martlet_enter_float_mode(void) {
#if defined(__x86_64__)
  uint64_t saved = _mm_getcsr();
  _mm_setcsr(0x1f80);
#elif defined(__aarch64__)
  uint64_t saved, expected = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
  __asm__ volatile("msr fpcr, %0" ::"r"(expected));
#else
  uint64_t saved = (uint64_t)fegetround();
  fesetround(FE_TONEAREST);
#endif
  return saved;
}

MARTLET_INTERNAL void martlet_leave_float_mode(uint64_t saved) {
#if defined(__x86_64__)
  /* Without the exception flags that the kernels raised. */
  _mm_setcsr((unsigned)saved);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(saved));
#else
  fesetround((int)saved);
#endif
}
