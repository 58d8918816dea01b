/* What LLVM and the system know of processors, and do not tell through an interface that Swift can call. */
#ifndef MARTLET_TARGET_PARSER_H
#define MARTLET_TARGET_PARSER_H

#ifdef __cplusplus
extern "C" {
#endif

/* The names of all features that code for a processor may use, separated by commas: the processor's own, changed by
 * `features` ("+avx2,-fma") and by what these imply. The caller frees it.
 *
 * NULL when LLVM knows no such processor of the architecture, "x86_64" or "aarch64".
 */
char *martlet_target_features(const char *architecture, const char *cpu, const char *features);

/* Asks the system to save matrix registers for the threads of this process; 0 when it refuses or has none. Code that
 * uses them without is killed. Asking again changes nothing.
 */
int martlet_grant_matrix_tiles(void);

#ifdef __cplusplus
}
#endif

#endif
