#include "martlet_sources.h"

/* A feature of C23 that this package's compiler offers in C11 as well. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char arguments_c[] = {
#embed "artefact/arguments.c"
};
static const unsigned char artefact_c[] = {
#embed "artefact/artefact.c"
};
static const unsigned char bench_c[] = {
#embed "artefact/bench.c"
};
static const unsigned char bind_c[] = {
#embed "bind.c"
};
static const unsigned char files_c[] = {
#embed "artefact/files.c"
};
static const unsigned char files_h[] = {
#embed "artefact/files.h"
};
static const unsigned char inputs_c[] = {
#embed "artefact/inputs.c"
};
static const unsigned char internal_h[] = {
#embed "internal.h"
};
static const unsigned char job_c[] = {
#embed "job.c"
};
static const unsigned char main_c[] = {
#embed "artefact/main.c"
};
static const unsigned char martlet_h[] = {
#embed "include/martlet.h"
};
static const unsigned char martlet_model_h[] = {
#embed "include/martlet_model.h"
};
static const unsigned char martlet_processor_h[] = {
#embed "include/martlet_processor.h"
};
static const unsigned char martlet_runtime_h[] = {
#embed "include/martlet_runtime.h"
};
static const unsigned char martlet_types_h[] = {
#embed "include/martlet_types.h"
};
static const unsigned char npy_c[] = {
#embed "artefact/npy.c"
};
static const unsigned char npz_c[] = {
#embed "artefact/npz.c"
};
static const unsigned char pb_c[] = {
#embed "artefact/pb.c"
};
static const unsigned char plan_c[] = {
#embed "plan.c"
};
static const unsigned char pool_c[] = {
#embed "pool.c"
};
static const unsigned char processor_c[] = {
#embed "processor.c"
};
static const unsigned char program_h[] = {
#embed "artefact/program.h"
};
static const unsigned char random_c[] = {
#embed "random.c"
};
static const unsigned char region_c[] = {
#embed "region.c"
};
static const unsigned char report_c[] = {
#embed "artefact/report.c"
};
static const unsigned char run_c[] = {
#embed "run.c"
};
static const unsigned char selftest_c[] = {
#embed "selftest.c"
};
static const unsigned char session_c[] = {
#embed "session.c"
};
static const unsigned char specialised_c[] = {
#embed "specialised.c"
};
static const unsigned char stage_c[] = {
#embed "stage.c"
};
static const unsigned char status_c[] = {
#embed "status.c"
};
static const unsigned char types_c[] = {
#embed "types.c"
};
static const unsigned char variant_c[] = {
#embed "variant.c"
};
static const unsigned char wait_c[] = {
#embed "wait.c"
};

#define MARTLET_EMBEDDED(identifier, name) {name, identifier, sizeof identifier}

static const martlet_source sources[] = {
    MARTLET_EMBEDDED(arguments_c, "arguments.c"),
    MARTLET_EMBEDDED(artefact_c, "artefact.c"),
    MARTLET_EMBEDDED(bench_c, "bench.c"),
    MARTLET_EMBEDDED(bind_c, "bind.c"),
    MARTLET_EMBEDDED(files_c, "files.c"),
    MARTLET_EMBEDDED(files_h, "files.h"),
    MARTLET_EMBEDDED(inputs_c, "inputs.c"),
    MARTLET_EMBEDDED(internal_h, "internal.h"),
    MARTLET_EMBEDDED(job_c, "job.c"),
    MARTLET_EMBEDDED(main_c, "main.c"),
    MARTLET_EMBEDDED(martlet_h, "martlet.h"),
    MARTLET_EMBEDDED(martlet_model_h, "martlet_model.h"),
    MARTLET_EMBEDDED(martlet_processor_h, "martlet_processor.h"),
    MARTLET_EMBEDDED(martlet_runtime_h, "martlet_runtime.h"),
    MARTLET_EMBEDDED(martlet_types_h, "martlet_types.h"),
    MARTLET_EMBEDDED(npy_c, "npy.c"),
    MARTLET_EMBEDDED(npz_c, "npz.c"),
    MARTLET_EMBEDDED(pb_c, "pb.c"),
    MARTLET_EMBEDDED(plan_c, "plan.c"),
    MARTLET_EMBEDDED(pool_c, "pool.c"),
    MARTLET_EMBEDDED(processor_c, "processor.c"),
    MARTLET_EMBEDDED(program_h, "program.h"),
    MARTLET_EMBEDDED(random_c, "random.c"),
    MARTLET_EMBEDDED(region_c, "region.c"),
    MARTLET_EMBEDDED(report_c, "report.c"),
    MARTLET_EMBEDDED(run_c, "run.c"),
    MARTLET_EMBEDDED(selftest_c, "selftest.c"),
    MARTLET_EMBEDDED(session_c, "session.c"),
    MARTLET_EMBEDDED(specialised_c, "specialised.c"),
    MARTLET_EMBEDDED(stage_c, "stage.c"),
    MARTLET_EMBEDDED(status_c, "status.c"),
    MARTLET_EMBEDDED(types_c, "types.c"),
    MARTLET_EMBEDDED(variant_c, "variant.c"),
    MARTLET_EMBEDDED(wait_c, "wait.c"),
};

size_t martlet_source_count(void) { return sizeof sources / sizeof sources[0]; }

martlet_source martlet_source_at(size_t index) { return sources[index]; }
