/* NumPy's archive of arrays: a ZIP file (PKWARE APPNOTE 6.3) whose members are NAME.npy.
 *
 * Members may be stored, or deflated when this is compiled with -DMARTLET_ZLIB and linked with zlib. */
#include "files.h"

#include <stdlib.h>
#include <string.h>

#ifdef MARTLET_ZLIB
#include <zlib.h>
#endif

static uint32_t npz_number(const unsigned char *at, int bytes) {
  uint32_t number = 0;
  for (int i = bytes - 1; i >= 0; i--) number = number << 8 | at[i];
  return number;
}

/* The end record, which a comment of up to 65,535 bytes may follow. */
static const unsigned char *npz_find_end(const unsigned char *bytes, size_t byte_count) {
  for (size_t back = 22; back <= byte_count && back <= 22 + 65535; back++) {
    const unsigned char *at = bytes + byte_count - back;
    if (memcmp(at, "PK\5\6", 4) == 0) return at;
  }
  return NULL;
}

/* The central directory's entry of NAME.npy, or the only entry. */
static const unsigned char *npz_find_entry(const unsigned char *bytes, size_t byte_count,
                                           const char *name, file_error *error) {
  const unsigned char *end = npz_find_end(bytes, byte_count);
  if (!end) {
    file_fail(error, "not an .npz file");
    return NULL;
  }
  uint32_t count = npz_number(end + 10, 2);
  size_t at = npz_number(end + 16, 4), name_length = strlen(name);
  for (uint32_t i = 0; i < count; i++) {
    const unsigned char *entry = bytes + at;
    if (at > byte_count || byte_count - at < 46 || memcmp(entry, "PK\1\2", 4) != 0) break;
    size_t length = npz_number(entry + 28, 2);
    if (length > byte_count - at - 46) break;
    bool is_named = length == name_length + 4 && memcmp(entry + 46, name, name_length) == 0 &&
                    memcmp(entry + 46 + name_length, ".npy", 4) == 0;
    if (is_named || count == 1) return entry;
    at += 46 + length + npz_number(entry + 30, 2) + npz_number(entry + 32, 2);
  }
  file_fail(error, "has no array '%s' among its %u", name, count);
  return NULL;
}

static bool npz_inflate(const unsigned char *data, size_t data_count, size_t byte_count,
                        const char *name, int32_t type, file_tensor *tensor, file_error *error) {
#ifdef MARTLET_ZLIB
  unsigned char *inflated = malloc(byte_count + 1);
  z_stream stream = {.next_in = (unsigned char *)(uintptr_t)data, .avail_in = (uInt)data_count};
  if (!inflated || inflateInit2(&stream, -15) != Z_OK) {
    free(inflated);
    return file_fail(error, "out of memory");
  }
  stream.next_out = inflated;
  stream.avail_out = (uInt)byte_count;
  int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  bool done = status == Z_STREAM_END && stream.avail_out == 0
                  ? npy_read(inflated, byte_count, type, tensor, error)
                  : file_fail(error, "array '%s' is damaged", name);
  free(inflated);
  return done;
#else
  (void)data, (void)data_count, (void)byte_count, (void)type, (void)tensor;
  return file_fail(error, "array '%s' is compressed: save it with numpy.savez, or as .npy", name);
#endif
}

static bool npz_read(const unsigned char *bytes, size_t byte_count, const char *name, int32_t type,
                     file_tensor *tensor, file_error *error) {
  const unsigned char *entry = npz_find_entry(bytes, byte_count, name, error);
  if (!entry) return false;
  uint32_t method = npz_number(entry + 10, 2), packed = npz_number(entry + 20, 4);
  uint32_t unpacked = npz_number(entry + 24, 4), local = npz_number(entry + 42, 4);
  if (packed == UINT32_MAX || unpacked == UINT32_MAX || local == UINT32_MAX)
    return file_fail(error, "array '%s' has over 4 GiB: save it as .npy", name);
  if (byte_count < 30 || local > byte_count - 30 || memcmp(bytes + local, "PK\3\4", 4) != 0)
    return file_fail(error, "the .npz file is damaged");
  size_t start = local + 30 + npz_number(bytes + local + 26, 2) + npz_number(bytes + local + 28, 2);
  if (start > byte_count || packed > byte_count - start)
    return file_fail(error, "the .npz file is damaged");
  if (method == 0) return npy_read(bytes + start, packed, type, tensor, error);
  if (method == 8) return npz_inflate(bytes + start, packed, unpacked, name, type, tensor, error);
  return file_fail(error, "array '%s' is compressed in an unknown way (%u)", name, method);
}
