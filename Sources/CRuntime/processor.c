#include "internal.h"

#include "martlet_processor.h"

#include <string.h>

#if defined __x86_64__
#include <cpuid.h>
#elif defined __aarch64__ && defined __linux__
#include <sys/auxv.h>
#endif
#if defined __x86_64__ && defined __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* Bits of XCR0 (Intel SDM volume 1, section 13.3). */
enum {
  MARTLET_STATE_NONE = 0,
  MARTLET_STATE_AVX = 0x6,     /* XMM and YMM */
  MARTLET_STATE_AVX512 = 0xe6, /* and masks, ZMM, and the upper sixteen ZMM */
  MARTLET_STATE_TILES = 0x60000, /* matrix registers and their configuration */
  MARTLET_STATE_APX = 0x80000
};

/* Without pointers, so that the loader has nothing to relocate. */
typedef struct martlet_instruction_set {
  char name[16];
  uint8_t word;
  uint8_t bit;
  uint32_t state; /* what the operating system has to save */
} martlet_instruction_set;

/* Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E; Linux, Documentation/arch/arm64/elf_hwcaps.rst. */
static const martlet_instruction_set martlet_instruction_sets[] = {
    {"cx16", MARTLET_CPUID_1_ECX, 13, MARTLET_STATE_NONE},
    {"sahf", MARTLET_CPUID_80000001_ECX, 0, MARTLET_STATE_NONE},
    {"popcnt", MARTLET_CPUID_1_ECX, 23, MARTLET_STATE_NONE},
    {"sse3", MARTLET_CPUID_1_ECX, 0, MARTLET_STATE_NONE},
    {"ssse3", MARTLET_CPUID_1_ECX, 9, MARTLET_STATE_NONE},
    {"sse4.1", MARTLET_CPUID_1_ECX, 19, MARTLET_STATE_NONE},
    {"sse4.2", MARTLET_CPUID_1_ECX, 20, MARTLET_STATE_NONE},
    {"avx", MARTLET_CPUID_1_ECX, 28, MARTLET_STATE_AVX},
    {"avx2", MARTLET_CPUID_7_EBX, 5, MARTLET_STATE_AVX},
    {"bmi", MARTLET_CPUID_7_EBX, 3, MARTLET_STATE_NONE},
    {"bmi2", MARTLET_CPUID_7_EBX, 8, MARTLET_STATE_NONE},
    {"f16c", MARTLET_CPUID_1_ECX, 29, MARTLET_STATE_AVX},
    {"fma", MARTLET_CPUID_1_ECX, 12, MARTLET_STATE_AVX},
    {"lzcnt", MARTLET_CPUID_80000001_ECX, 5, MARTLET_STATE_NONE},
    {"movbe", MARTLET_CPUID_1_ECX, 22, MARTLET_STATE_NONE},
    {"avx512f", MARTLET_CPUID_7_EBX, 16, MARTLET_STATE_AVX512},
    {"avx512bw", MARTLET_CPUID_7_EBX, 30, MARTLET_STATE_AVX512},
    {"avx512cd", MARTLET_CPUID_7_EBX, 28, MARTLET_STATE_AVX512},
    {"avx512dq", MARTLET_CPUID_7_EBX, 17, MARTLET_STATE_AVX512},
    {"avx512vl", MARTLET_CPUID_7_EBX, 31, MARTLET_STATE_AVX512},
    {"avx512vnni", MARTLET_CPUID_7_ECX, 11, MARTLET_STATE_AVX512},
    {"avx512ifma", MARTLET_CPUID_7_EBX, 21, MARTLET_STATE_AVX512},
    {"avx512vbmi", MARTLET_CPUID_7_ECX, 1, MARTLET_STATE_AVX512},
    {"avx512vbmi2", MARTLET_CPUID_7_ECX, 6, MARTLET_STATE_AVX512},
    {"avx512bitalg", MARTLET_CPUID_7_ECX, 12, MARTLET_STATE_AVX512},
    {"avx512vpopcntdq", MARTLET_CPUID_7_ECX, 14, MARTLET_STATE_AVX512},
    {"avx512bf16", MARTLET_CPUID_7_1_EAX, 5, MARTLET_STATE_AVX512},
    {"avx512fp16", MARTLET_CPUID_7_EDX, 23, MARTLET_STATE_AVX512},
    {"avxvnni", MARTLET_CPUID_7_1_EAX, 4, MARTLET_STATE_AVX},
    {"avxvnniint8", MARTLET_CPUID_7_1_EDX, 4, MARTLET_STATE_AVX},
    {"avxvnniint16", MARTLET_CPUID_7_1_EDX, 10, MARTLET_STATE_AVX},
    {"avxifma", MARTLET_CPUID_7_1_EAX, 23, MARTLET_STATE_AVX},
    {"avxneconvert", MARTLET_CPUID_7_1_EDX, 5, MARTLET_STATE_AVX},
    {"amx-tile", MARTLET_CPUID_7_EDX, 24, MARTLET_STATE_TILES},
    {"amx-int8", MARTLET_CPUID_7_EDX, 25, MARTLET_STATE_TILES},
    {"gfni", MARTLET_CPUID_7_ECX, 8, MARTLET_STATE_NONE},
    {"egpr", MARTLET_CPUID_7_1_EDX, 21, MARTLET_STATE_APX},
    {"sse4a", MARTLET_CPUID_80000001_ECX, 6, MARTLET_STATE_NONE},
    {"xop", MARTLET_CPUID_80000001_ECX, 11, MARTLET_STATE_AVX},
    {"fma4", MARTLET_CPUID_80000001_ECX, 16, MARTLET_STATE_AVX},
    {"tbm", MARTLET_CPUID_80000001_ECX, 21, MARTLET_STATE_NONE},
    {"neon", MARTLET_HWCAP, 1, MARTLET_STATE_NONE},
    {"fullfp16", MARTLET_HWCAP, 10, MARTLET_STATE_NONE},
    {"fp16fml", MARTLET_HWCAP, 23, MARTLET_STATE_NONE},
    {"dotprod", MARTLET_HWCAP, 20, MARTLET_STATE_NONE},
    {"rdm", MARTLET_HWCAP, 12, MARTLET_STATE_NONE},
    {"complxnum", MARTLET_HWCAP, 14, MARTLET_STATE_NONE},
    {"i8mm", MARTLET_HWCAP2, 13, MARTLET_STATE_NONE},
    {"bf16", MARTLET_HWCAP2, 14, MARTLET_STATE_NONE},
    {"sve", MARTLET_HWCAP, 22, MARTLET_STATE_NONE},
    {"sve2", MARTLET_HWCAP2, 1, MARTLET_STATE_NONE},
    {"lse", MARTLET_HWCAP, 8, MARTLET_STATE_NONE},
    {"rcpc", MARTLET_HWCAP, 15, MARTLET_STATE_NONE},
    {"cssc", MARTLET_HWCAP2, 34, MARTLET_STATE_NONE},
    {"mops", MARTLET_HWCAP2, 43, MARTLET_STATE_NONE},
};

#if defined __x86_64__
static void martlet_read_words(martlet_processor *processor) {
  enum { OSXSAVE = 27 };
  uint64_t *words = processor->words;
  unsigned eax, ebx, ecx, edx;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) words[MARTLET_CPUID_1_ECX] = ecx;
  if (words[MARTLET_CPUID_1_ECX] >> OSXSAVE & 1) {
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    processor->saved_state = (uint64_t)high << 32 | low;
  }
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
    unsigned last_subleaf = eax;
    words[MARTLET_CPUID_7_EBX] = ebx;
    words[MARTLET_CPUID_7_ECX] = ecx;
    words[MARTLET_CPUID_7_EDX] = edx;
    if (last_subleaf >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) {
      words[MARTLET_CPUID_7_1_EAX] = eax;
      words[MARTLET_CPUID_7_1_EDX] = edx;
    }
  }
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx)) words[MARTLET_CPUID_80000001_ECX] = ecx;
}
#elif defined __aarch64__ && defined __linux__
static void martlet_read_words(martlet_processor *processor) {
  processor->words[MARTLET_HWCAP] = getauxval(AT_HWCAP);
  processor->words[MARTLET_HWCAP2] = getauxval(AT_HWCAP2);
}
#elif defined __aarch64__
static void martlet_read_words(martlet_processor *processor) {
  /* The architecture's own minimum: floating point and vectors. */
  processor->words[MARTLET_HWCAP] = 3;
}
#else
static void martlet_read_words(martlet_processor *processor) { (void)processor; }
#endif

MARTLET_INTERNAL martlet_processor martlet_read_processor(void) {
  martlet_processor processor;
  memset(&processor, 0, sizeof processor);
  martlet_read_words(&processor);
  return processor;
}

/* Asks the system to save matrix registers for the threads of this process, which it does for those who ask only: a thread
 * that uses one without is killed. Asking again changes nothing.
 * Linux, Documentation/arch/x86/xstate.rst. */
static bool martlet_request_tiles(void) {
#if defined __x86_64__ && defined __linux__
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
  return false;
#endif
}

MARTLET_INTERNAL int32_t martlet_find_instruction_set(const martlet_processor *processor,
                                                      const char *name) {
  size_t count = sizeof martlet_instruction_sets / sizeof martlet_instruction_sets[0];
  for (size_t i = 0; i < count; i++) {
    const martlet_instruction_set *set = &martlet_instruction_sets[i];
    if (strcmp(set->name, name) != 0) continue;
    if (!(processor->words[set->word] >> set->bit & 1)) return MARTLET_ABSENT;
    bool is_saved = (processor->saved_state & set->state) == set->state;
    if (is_saved && set->state == MARTLET_STATE_TILES) is_saved = martlet_request_tiles();
    return is_saved ? MARTLET_PRESENT : MARTLET_SWITCHED_OFF;
  }
  return MARTLET_UNKNOWN;
}
