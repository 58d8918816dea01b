/* What the processor can do, and which variant of a model it runs.
 *
 * Instruction sets are named as LLVM names them; a model lists those that its code may be made of.
 */
#ifndef MARTLET_PROCESSOR_H
#define MARTLET_PROCESSOR_H
#include "martlet_model.h"
#include "martlet_types.h"

/* Where the bits that stand for instruction sets are found; those of the other architecture stay zero. */
enum {
  MARTLET_CPUID_1_ECX,
  MARTLET_CPUID_7_EBX,
  MARTLET_CPUID_7_ECX,
  MARTLET_CPUID_7_EDX,
  MARTLET_CPUID_7_1_EAX,
  MARTLET_CPUID_7_1_EDX,
  MARTLET_CPUID_80000001_ECX,
  MARTLET_HWCAP,
  MARTLET_HWCAP2,
  MARTLET_WORD_COUNT
};

typedef struct martlet_processor {
  uint64_t words[MARTLET_WORD_COUNT];
  uint64_t saved_state; /* XCR0: which registers the operating system keeps for every thread */
} martlet_processor;

enum {
  MARTLET_PRESENT = 0,
  MARTLET_ABSENT = 1,
  MARTLET_SWITCHED_OFF = 2, /* the processor has it, and the operating system does not save its registers */
  MARTLET_UNKNOWN = 3       /* no such name here */
};

/* Looks at the processor that this thread runs on. */
MARTLET_INTERNAL martlet_processor martlet_read_processor(void);
/* Whether it has an instruction set. Of matrix registers the process gets the use, or they count as switched off. */
MARTLET_INTERNAL int32_t martlet_find_instruction_set(const martlet_processor *processor,
                                                      const char *name);

/* The variant of that name, or the best that the processor runs for NULL; a status if there is none. */
MARTLET_INTERNAL int32_t martlet_choose_variant(const martlet_variants *variants,
                                                const martlet_processor *processor,
                                                const char *name, const martlet_model **chosen);

#endif
