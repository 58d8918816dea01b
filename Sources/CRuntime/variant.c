#include "internal.h"

#include "martlet_processor.h"

#include <string.h>

static bool martlet_runs(const martlet_processor *processor, const martlet_model *model) {
  for (int32_t i = 0; i < model->requirement_count; i++)
    if (martlet_find_instruction_set(processor, model->requirements[i]) != MARTLET_PRESENT)
      return false;
  return true;
}

static void martlet_describe_lack(martlet_text *text, const martlet_processor *processor,
                                  const martlet_model *model) {
  martlet_append(text, "%s'%s' needs ", text->count ? "; " : "", model->target);
  const char *separator = "";
  for (int32_t i = 0; i < model->requirement_count; i++) {
    int32_t found = martlet_find_instruction_set(processor, model->requirements[i]);
    if (found == MARTLET_PRESENT) continue;
    martlet_append(text, "%s%s%s", separator, model->requirements[i],
                   found == MARTLET_SWITCHED_OFF ? " (switched off by the operating system)" : "");
    separator = ", ";
  }
}

static int32_t martlet_fail_to_name(const martlet_variants *variants, const char *name) {
  martlet_text names = {.count = 0};
  for (int32_t i = 0; i < variants->count; i++)
    martlet_append(&names, "%s'%s'", i ? ", " : "", variants->models[i]->target);
  return martlet_fail(MARTLET_BAD_ARGUMENT, "options.variant is '%.60s', expected one of %s", name,
                      names.bytes);
}

MARTLET_INTERNAL int32_t martlet_choose_variant(const martlet_variants *variants,
                                                const martlet_processor *processor,
                                                const char *name, const martlet_model **chosen) {
  martlet_text lacks = {.count = 0};
  for (int32_t i = 0; i < variants->count; i++) {
    const martlet_model *model = variants->models[i];
    if (name && strcmp(model->target, name) != 0) continue;
    if (martlet_runs(processor, model)) {
      *chosen = model;
      return MARTLET_OK;
    }
    martlet_describe_lack(&lacks, processor, model);
  }
  if (!lacks.count) return martlet_fail_to_name(variants, name ? name : "");
  return martlet_fail(MARTLET_WRONG_PROCESSOR,
                      "this processor lacks what the code was compiled for: %s", lacks.bytes);
}

MARTLET_INTERNAL int32_t martlet_session_create(const martlet_variants *variants,
                                                const martlet_options *options,
                                                martlet_session **session) {
  martlet_options read;
  const martlet_model *model = NULL;
  int32_t status = martlet_read_options(options, &read);
  if (status != MARTLET_OK) return status;
  martlet_processor processor = martlet_read_processor();
  status = martlet_choose_variant(variants, &processor, read.variant, &model);
  if (status != MARTLET_OK) return status;
  return martlet_session_create_for_model(model, options, session);
}
