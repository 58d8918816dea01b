/* Tensors in files, for the executable. */
#ifndef MARTLET_FILES_H
#define MARTLET_FILES_H
#include "martlet.h"
#include "martlet_types.h"

#include <stdbool.h>
#include <stdio.h>

enum { FILE_MAX_RANK = 32 };

/* A tensor that owns its memory. */
typedef struct file_tensor {
  martlet_tensor tensor;
  int64_t shape[FILE_MAX_RANK];
  char *text; /* of strings */
} file_tensor;

/* What went wrong, for the user; empty when nothing did. */
typedef struct file_error {
  char text[512];
} file_error;

/* Sets the error, and returns false. */
static bool file_fail(file_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes of a whole file; NULL with the error set. Never NULL for an empty file. */
static unsigned char *file_read(const char *path, size_t *byte_count, file_error *error);

/* Memory for a tensor of this type whose shape has been set; false with the error set. */
static bool file_tensor_allocate(file_tensor *tensor, int32_t type, int32_t rank,
                                 file_error *error);
static void file_tensor_free(file_tensor *tensor);

/* The formats: each reads a tensor of the element type `type`, and says so when the file has another. */
static bool npy_read(const unsigned char *bytes, size_t byte_count, int32_t type,
                     file_tensor *tensor, file_error *error);
static bool npz_read(const unsigned char *bytes, size_t byte_count, const char *name, int32_t type,
                     file_tensor *tensor, file_error *error);
static bool pb_read(const unsigned char *bytes, size_t byte_count, int32_t type,
                    file_tensor *tensor, file_error *error);

/* Reads a file whose format its name says; `name` selects the array of an .npz. */
static bool file_tensor_read(const char *path, const char *name, int32_t type, file_tensor *tensor,
                             file_error *error);

/* Writes DIRECTORY/NAME.npy: beside it first and then renamed, so that no half-written file is ever seen. */
static bool npy_write(const char *directory, const char *name, const martlet_tensor *tensor,
                      file_error *error);

#endif
