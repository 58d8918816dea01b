#include "target_parser.h"

#if defined __x86_64__ && defined __linux__
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int martlet_grant_matrix_tiles(void) {
  /* Linux, Documentation/arch/x86/xstate.rst. */
  constexpr long requestPermission = 0x1023; /* ARCH_REQ_XCOMP_PERM */
  constexpr long tileData = 18;              /* XFEATURE_XTILEDATA */
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}
#else
extern "C" int martlet_grant_matrix_tiles(void) { return 0; }
#endif
