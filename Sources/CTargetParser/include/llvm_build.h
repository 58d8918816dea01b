/* Which build of LLVM this process uses. */
#ifndef MARTLET_LLVM_BUILD_H
#define MARTLET_LLVM_BUILD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies the notes of the library that holds LLVM's functions, in which the linker puts an identifier of the build;
 * returns how many bytes there are, which may be more than `capacity`, and may be none.
 */
size_t martlet_llvm_notes(unsigned char *notes, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
