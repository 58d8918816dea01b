/* Hand-written models for the tests of the run-time. */
#ifndef TEST_MODELS_H
#define TEST_MODELS_H
#include "martlet_runtime.h"

/* image: float [N, 4], mask: float [N, M], limit: float [] -> joined: float [N, M + 4], total: double [2 N].
 * joined is min(limit, image next to mask); total is each row's sum, twice. Planned at run time. */
extern const martlet_model test_join_model;

/* x: float [24] -> y: float [24] = 3 (x + 1), in two steps through the arena. Static. */
extern const martlet_model test_static_model;

/* x: float [N] -> y: float [N] = x + 1; for N = 24 it has test_static_model, which gives something else. */
extern const martlet_model test_sized_model;

/* x: float [N] -> positions: int64 [K] of the elements that are not zero, reversed: int64 [K]. */
extern const martlet_model test_nonzero_model;

/* seed: int64 [] -> y: int64 [1000], many iterations of unequal length, with per-thread scratch memory. */
extern const martlet_model test_uneven_model;

/* size: int64 [] -> y: int64 [1] = -1 through a symbol that a step defines as size's value. */
extern const martlet_model test_broken_model;

/* Models without steps that only differ in what they require, the best first: "wide" sse3, avx2, avx512f; "middle" sse3,
 * avx2; "arm" neon, i8mm. */
extern const martlet_variants test_variant_table;
static inline const martlet_variants *test_variants(void) { return &test_variant_table; }

/* Their addresses, since constants of C have none in Swift. */
static inline const martlet_model *test_join(void) { return &test_join_model; }
static inline const martlet_model *test_static(void) { return &test_static_model; }
static inline const martlet_model *test_sized(void) { return &test_sized_model; }
static inline const martlet_model *test_nonzero(void) { return &test_nonzero_model; }
static inline const martlet_model *test_uneven(void) { return &test_uneven_model; }
static inline const martlet_model *test_broken(void) { return &test_broken_model; }

/* A model whose steps fill each memory when it comes to life and check it at the end of its life; planned at run time,
 * sizes drawn from `seed` and multiplied by the input's only dimension. Output: int64 [1], how many checks failed. */
typedef struct test_plan_model test_plan_model;
extern test_plan_model *test_plan_model_create(uint64_t seed, int32_t memory_count,
                                               int32_t step_count);
extern const martlet_model *test_plan_model_descriptor(const test_plan_model *model);
/* The sum of the sizes alive at the busiest step: no plan is smaller. */
extern int64_t test_plan_model_lower_bound(const test_plan_model *model, int64_t extent);
extern void test_plan_model_destroy(test_plan_model *model);

/* A caller's thread pool that runs tasks backwards on the calling thread and counts them in *context (int32_t). */
extern void test_backwards_pool(void *context, int32_t count,
                                void (*task)(void *argument, int32_t index), void *argument);

#endif
