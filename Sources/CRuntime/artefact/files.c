#include "files.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool file_fail(file_error *error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return false;
}

static unsigned char *file_read(const char *path, size_t *byte_count, file_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    file_fail(error, "%s", strerror(errno));
    return NULL;
  }
  size_t capacity = 1 << 16, count = 0;
  unsigned char *bytes = malloc(capacity);
  while (bytes) {
    count += fread(bytes + count, 1, capacity - count, file);
    if (count < capacity) break;
    unsigned char *larger = realloc(bytes, capacity *= 2);
    if (!larger) free(bytes);
    bytes = larger;
  }
  if (!bytes) {
    file_fail(error, "too large for the memory there is");
  } else if (ferror(file)) {
    file_fail(error, "%s", strerror(errno));
    free(bytes);
    bytes = NULL;
  }
  fclose(file);
  *byte_count = count;
  return bytes;
}

static bool file_tensor_allocate(file_tensor *tensor, int32_t type, int32_t rank,
                                 file_error *error) {
  int64_t bytes = martlet_tensor_bytes(type, rank, tensor->shape);
  void *data = NULL;
  if (bytes < 0 || posix_memalign(&data, 64, (size_t)bytes + 64))
    return file_fail(error, "no memory for so many elements");
  memset(data, 0, (size_t)bytes);
  tensor->tensor = (martlet_tensor){data, tensor->shape, rank, type};
  tensor->text = NULL;
  return true;
}

static void file_tensor_free(file_tensor *tensor) {
  free(tensor->tensor.data);
  free(tensor->text);
  tensor->tensor.data = NULL;
  tensor->text = NULL;
}

static bool file_has_suffix(const char *path, const char *suffix) {
  size_t length = strlen(path), suffix_length = strlen(suffix);
  return length >= suffix_length && strcmp(path + length - suffix_length, suffix) == 0;
}

static bool file_tensor_read(const char *path, const char *name, int32_t type, file_tensor *tensor,
                             file_error *error) {
  size_t count = 0;
  unsigned char *bytes = file_read(path, &count, error);
  if (!bytes) return false;
  memset(tensor, 0, sizeof *tensor);
  bool done;
  if (file_has_suffix(path, ".npz"))
    done = npz_read(bytes, count, name, type, tensor, error);
  else if (file_has_suffix(path, ".pb"))
    done = pb_read(bytes, count, type, tensor, error);
  else if (file_has_suffix(path, ".npy"))
    done = npy_read(bytes, count, type, tensor, error);
  else
    done = file_fail(error, "expected a name that ends in .npy, .npz or .pb");
  free(bytes);
  if (!done) file_tensor_free(tensor);
  return done;
}
