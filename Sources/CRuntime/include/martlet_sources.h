/* The text of this very run-time, for compiling it into artefacts: a file of it is a name and its bytes. */
#ifndef MARTLET_SOURCES_H
#define MARTLET_SOURCES_H
#include <stddef.h>

typedef struct martlet_source {
  const char *name;
  const unsigned char *bytes;
  size_t byte_count;
} martlet_source;

/* How many files there are. */
extern size_t martlet_source_count(void);
/* File `index`; all of them belong into one folder. */
extern martlet_source martlet_source_at(size_t index);

#endif
