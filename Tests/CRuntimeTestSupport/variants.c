#include "test_models.h"

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof((array)[0])))

static const char *const wide_requirements[] = {"sse3", "avx2", "avx512f"};
static const char *const middle_requirements[] = {"sse3", "avx2"};
static const char *const arm_requirements[] = {"neon", "i8mm"};
static const martlet_model wide = {.version = MARTLET_MODEL_VERSION, .target = "wide",
                                   .requirements = wide_requirements,
                                   .requirement_count = COUNT(wide_requirements)};
static const martlet_model middle = {.version = MARTLET_MODEL_VERSION, .target = "middle",
                                     .requirements = middle_requirements,
                                     .requirement_count = COUNT(middle_requirements)};
static const martlet_model arm = {.version = MARTLET_MODEL_VERSION, .target = "arm",
                                  .requirements = arm_requirements,
                                  .requirement_count = COUNT(arm_requirements)};
static const martlet_model *const models[] = {&wide, &middle, &arm};

const martlet_variants test_variant_table = {COUNT(models), models};
