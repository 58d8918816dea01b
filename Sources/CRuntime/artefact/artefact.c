/* All that an artefact needs besides its kernels and constants, in one translation unit:
 *
 *   cc -O2 -c -DMARTLET_PREFIX=resnet50 artefact.c
 *
 * The run-time is static here, so that several models, each with its own copy, link into one program. The back end
 * provides PREFIX_variant_table, and PREFIX_selftest_vector if a run was recorded.
 */
#define MARTLET_INTERNAL static __attribute__((unused))
#include "internal.h"

#include "bind.c"
#include "job.c"
#include "plan.c"
#include "pool.c"
#include "processor.c"
#include "random.c"
#include "region.c"
#include "run.c"
#include "selftest.c"
#include "session.c"
#include "specialised.c"
#include "stage.c"
#include "status.c"
#include "types.c"
#include "variant.c"
#include "wait.c"

#define MARTLET_EXPORT __attribute__((visibility("default")))

extern const martlet_variants MARTLET_NAME(variant_table) __attribute__((visibility("hidden")));
extern const martlet_recording MARTLET_NAME(selftest_vector)
    __attribute__((visibility("hidden"), weak));

MARTLET_EXPORT int32_t MARTLET_NAME(abi_version)(void) { return MARTLET_ABI_VERSION; }

MARTLET_EXPORT const char *MARTLET_NAME(metadata)(void) {
  return MARTLET_NAME(variant_table).models[0]->metadata;
}

MARTLET_EXPORT int32_t MARTLET_NAME(create)(const martlet_options *options,
                                            martlet_session **session) {
  return martlet_session_create(&MARTLET_NAME(variant_table), options, session);
}

MARTLET_EXPORT int32_t MARTLET_NAME(run)(martlet_session *session, const martlet_tensor *inputs,
                                         martlet_tensor *outputs) {
  return martlet_session_run(session, inputs, outputs);
}

MARTLET_EXPORT const char *MARTLET_NAME(variant)(const martlet_session *session) {
  return martlet_session_variant(session);
}

MARTLET_EXPORT void MARTLET_NAME(destroy)(martlet_session *session) {
  martlet_session_destroy(session);
}

MARTLET_EXPORT const char *MARTLET_NAME(status_message)(int32_t status) {
  return martlet_session_status_message(status);
}

MARTLET_EXPORT int32_t MARTLET_NAME(selftest)(void) {
  return martlet_session_selftest(&MARTLET_NAME(variant_table), NULL, &MARTLET_NAME(selftest_vector));
}

/* For the executable, which lets its user choose the variant. */
__attribute__((visibility("hidden"))) int32_t
MARTLET_NAME(selftest_with)(const martlet_options *options) {
  return martlet_session_selftest(&MARTLET_NAME(variant_table), options,
                                  &MARTLET_NAME(selftest_vector));
}
