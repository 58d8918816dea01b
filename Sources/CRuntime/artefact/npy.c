/* NumPy's file format for one array: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * Element types that NumPy lacks are what the ml_dtypes package makes of them: bfloat16 is '<V2', 8-bit floats '|V1',
 * and elements of less than a byte take a byte each. */
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- Element types ------------------------------------------------------------------------------------------------ */

/* NumPy's kind and item size of each ONNX type. */
static const struct {
  char kind;
  int bytes;
} npy_types[] = {{0, 0},    {'f', 4}, {'u', 1}, {'i', 1}, {'u', 2},  {'i', 2}, {'i', 4}, {'i', 8}, {'U', 4},
                 {'b', 1},  {'f', 2}, {'f', 8}, {'u', 4}, {'u', 8},  {'c', 8}, {'c', 16}, {'V', 2}, {'V', 1},
                 {'V', 1},  {'V', 1}, {'V', 1}, {'u', 1}, {'i', 1},  {'V', 1}, {'V', 1}, {'u', 1}, {'i', 1}};

typedef struct npy_header {
  bool big_endian;
  bool column_major;
  char kind;
  int64_t item_bytes;
  int32_t rank;
  char descr[32];
  size_t data_start;
} npy_header;

static bool npy_type_agrees(const npy_header *header, int32_t type) {
  if (type == 8) return header->kind == 'U' || header->kind == 'S';
  if (header->item_bytes != npy_types[type].bytes) return false;
  if (header->kind == npy_types[type].kind) return true;
  /* Types that NumPy lacks come as raw bytes, as unsigned integers, or as floats of a size of their own. */
  return type >= 16 && (header->kind == 'u' || header->kind == 'V' || header->kind == 'f');
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* What follows `'key':` in the header's dictionary. */
static const char *npy_find(const char *text, const char *key) {
  const char *at = strstr(text, key);
  if (!at) return NULL;
  at += strlen(key);
  while (*at == ' ' || *at == ':') at++;
  return at;
}

static bool npy_parse_shape(const char *at, npy_header *header, int64_t *shape, file_error *error) {
  if (!at || *at++ != '(') return file_fail(error, "the .npy header has no shape");
  while (*at && *at != ')') {
    char *end = NULL;
    errno = 0;
    long long extent = strtoll(at, &end, 10);
    if (end == at || extent < 0 || errno || header->rank == FILE_MAX_RANK)
      return file_fail(error, "the .npy header has a damaged shape");
    shape[header->rank++] = extent;
    at = end;
    while (*at == ' ' || *at == ',' || *at == 'L') at++;
  }
  return *at == ')' || file_fail(error, "the .npy header has a damaged shape");
}

static bool npy_parse_text(const char *text, npy_header *header, int64_t *shape,
                           file_error *error) {
  const char *descr = npy_find(text, "'descr'");
  if (!descr || *descr != '\'')
    return file_fail(error, "the array has a structured type, expected plain elements");
  size_t length = strcspn(++descr, "'");
  if (length < 3 || length >= sizeof header->descr)
    return file_fail(error, "the .npy header has a damaged type");
  memcpy(header->descr, descr, length);
  header->big_endian = header->descr[0] == '>';
  header->kind = header->descr[1];
  header->item_bytes = strtoll(header->descr + 2, NULL, 10) * (header->kind == 'U' ? 4 : 1);
  const char *order = npy_find(text, "'fortran_order'");
  header->column_major = order && strncmp(order, "True", 4) == 0;
  return npy_parse_shape(npy_find(text, "'shape'"), header, shape, error);
}

static bool npy_parse_header(const unsigned char *bytes, size_t byte_count, npy_header *header,
                             int64_t *shape, file_error *error) {
  if (byte_count < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0)
    return file_fail(error, "not an .npy file");
  size_t start = bytes[6] == 1 ? 10 : 12;
  size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (bytes[6] != 1) length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  if (length > byte_count - start) return file_fail(error, "the .npy file ends in its header");
  char *text = malloc(length + 1);
  if (!text) return file_fail(error, "out of memory");
  memcpy(text, bytes + start, length);
  text[length] = 0;
  memset(header, 0, sizeof *header);
  header->data_start = start + length;
  bool done = npy_parse_text(text, header, shape, error);
  free(text);
  return done;
}

/* Where element `index` of the row-major order lies in the file, in elements. */
static int64_t npy_source(const npy_header *header, const int64_t *shape, int64_t index) {
  if (!header->column_major) return index;
  int64_t source = 0;
  int64_t coordinates[FILE_MAX_RANK];
  for (int32_t axis = header->rank - 1; axis >= 0; axis--) {
    coordinates[axis] = index % shape[axis];
    index /= shape[axis];
  }
  for (int32_t axis = header->rank - 1; axis >= 0; axis--)
    source = source * shape[axis] + coordinates[axis];
  return source;
}

/* One code point as UTF-8; returns how many bytes. */
static size_t npy_put_utf8(char *out, uint32_t code) {
  if (code < 0x80) return out[0] = (char)code, 1;
  size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = count - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
  out[0] = (char)((0xf00 >> count & 0xff) | code);
  return count;
}

static bool npy_read_strings(const unsigned char *data, const npy_header *header, int64_t count,
                             file_tensor *tensor, file_error *error) {
  size_t item = (size_t)header->item_bytes;
  tensor->text = malloc((size_t)count * (item + 1) + 1);
  if (!tensor->text) return file_fail(error, "out of memory");
  char *out = tensor->text;
  for (int64_t i = 0; i < count; i++) {
    const unsigned char *from = data + (size_t)npy_source(header, tensor->shape, i) * item;
    ((const char **)tensor->tensor.data)[i] = out;
    for (size_t k = 0; k + (header->kind == 'U' ? 4 : 1) <= item; k += header->kind == 'U' ? 4 : 1) {
      uint32_t code = from[k];
      if (header->kind == 'U') {
        for (size_t b = 0; b < 4; b++) {
          code = b ? code : 0;
          code |= (uint32_t)from[k + b] << (8 * (header->big_endian ? 3 - b : b));
        }
      }
      if (!code) break;
      if (header->kind == 'U')
        out += npy_put_utf8(out, code < 0x110000 ? code : 0xfffd);
      else
        *out++ = (char)code;
    }
    *out++ = 0;
  }
  return true;
}

static void npy_copy_elements(const unsigned char *data, const npy_header *header, int64_t count,
                              file_tensor *tensor) {
  size_t item = (size_t)header->item_bytes;
  unsigned char *to = tensor->tensor.data;
  int32_t bits = martlet_type_bits(tensor->tensor.type);
  size_t word = header->kind == 'c' ? item / 2 : item;
  if (bits >= 8 && !header->big_endian && !header->column_major) {
    memcpy(to, data, (size_t)count * item);
    return;
  }
  for (int64_t i = 0; i < count; i++) {
    const unsigned char *from = data + (size_t)npy_source(header, tensor->shape, i) * item;
    if (bits < 8) {
      unsigned mask = (1u << bits) - 1;
      to[i * bits / 8] |= (unsigned char)((*from & mask) << (i * bits % 8));
      continue;
    }
    for (size_t b = 0; b < item; b++)
      to[(size_t)i * item + b] =
          from[header->big_endian ? b / word * word + (word - 1 - b % word) : b];
  }
}

static bool npy_read(const unsigned char *bytes, size_t byte_count, int32_t type,
                     file_tensor *tensor, file_error *error) {
  npy_header header;
  if (!npy_parse_header(bytes, byte_count, &header, tensor->shape, error)) return false;
  if (!npy_type_agrees(&header, type))
    return file_fail(error, "has elements of type '%s', expected %s", header.descr,
                     martlet_type_name(type));
  if (!file_tensor_allocate(tensor, type, header.rank, error)) return false;
  int64_t count = 1;
  for (int32_t axis = 0; axis < header.rank; axis++) count *= tensor->shape[axis];
  size_t room = byte_count - header.data_start;
  if (header.item_bytes < 0 ||
      (count && header.item_bytes && (size_t)count > room / (size_t)header.item_bytes))
    return file_fail(error, "has %zu bytes of data, expected %lld times %lld", room,
                     (long long)count, (long long)header.item_bytes);
  if (type == 8) return npy_read_strings(bytes + header.data_start, &header, count, tensor, error);
  npy_copy_elements(bytes + header.data_start, &header, count, tensor);
  return true;
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/* The next code point of valid UTF-8; bytes that are not stand for themselves. */
static uint32_t npy_next_code(const unsigned char **at) {
  uint32_t first = *(*at)++;
  int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  uint32_t code = more ? first & (0x3fu >> more) : first;
  for (; more > 0 && (**at & 0xc0) == 0x80; more--) code = code << 6 | (*(*at)++ & 0x3f);
  return code;
}

static int64_t npy_longest(const martlet_tensor *tensor, int64_t count) {
  int64_t longest = 1;
  for (int64_t i = 0; i < count; i++) {
    const unsigned char *at = ((const unsigned char *const *)tensor->data)[i];
    int64_t length = 0;
    while (*at) {
      (void)npy_next_code(&at);
      length++;
    }
    if (length > longest) longest = length;
  }
  return longest;
}

static void npy_write_elements(FILE *file, const martlet_tensor *tensor, int64_t count,
                               int64_t longest) {
  int32_t bits = martlet_type_bits(tensor->type);
  if (tensor->type != 8 && bits >= 8) {
    fwrite(tensor->data, (size_t)bits / 8, (size_t)count, file);
    return;
  }
  for (int64_t i = 0; i < count; i++) {
    if (tensor->type == 8) {
      const unsigned char *at = ((const unsigned char *const *)tensor->data)[i];
      for (int64_t k = 0; k < longest; k++) {
        uint32_t code = *at ? npy_next_code(&at) : 0;
        fwrite(&code, 4, 1, file);
      }
      continue;
    }
    unsigned byte = ((const unsigned char *)tensor->data)[i * bits / 8];
    unsigned value = byte >> (i * bits % 8) & ((1u << bits) - 1);
    bool is_signed = npy_types[tensor->type].kind == 'i';
    if (is_signed && value >> (bits - 1)) value |= 0xffu << bits;
    fputc((int)(value & 0xff), file);
  }
}

static void npy_write_stream(FILE *file, const martlet_tensor *tensor) {
  char text[1024];
  int64_t count = 1, longest = 1;
  for (int32_t axis = 0; axis < tensor->rank; axis++) count *= tensor->shape[axis];
  if (tensor->type == 8) longest = npy_longest(tensor, count);
  int bytes = npy_types[tensor->type].bytes;
  int length = snprintf(text, sizeof text, "{'descr': '%c%c%lld', 'fortran_order': False, 'shape': (",
                        bytes > 1 ? '<' : '|', npy_types[tensor->type].kind,
                        tensor->type == 8 ? (long long)longest : (long long)bytes);
  for (int32_t axis = 0; axis < tensor->rank && length < 900; axis++)
    length += snprintf(text + length, sizeof text - (size_t)length, "%lld%s",
                       (long long)tensor->shape[axis],
                       axis + 1 < tensor->rank ? ", " : tensor->rank == 1 ? "," : "");
  length += snprintf(text + length, sizeof text - (size_t)length, "), }");
  while ((10 + length + 1) % 64) text[length++] = ' ';
  text[length++] = '\n';
  fwrite("\x93NUMPY\x01\x00", 1, 8, file);
  fputc(length & 0xff, file);
  fputc(length >> 8, file);
  fwrite(text, 1, (size_t)length, file);
  npy_write_elements(file, tensor, count, longest);
}

static bool npy_write(const char *directory, const char *name, const martlet_tensor *tensor,
                      file_error *error) {
  size_t room = strlen(directory) + strlen(name) + 32;
  char *path = malloc(room), *beside = malloc(room);
  if (!path || !beside) {
    free(path);
    free(beside);
    return file_fail(error, "out of memory");
  }
  int start = snprintf(path, room, "%s/", directory);
  snprintf(path + start, room - (size_t)start, "%s.npy", name);
  for (char *at = path + start; *at; at++) {
    if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *at)) *at = '_';
  }
  snprintf(beside, room, "%s.partial", path);
  FILE *file = fopen(beside, "wb");
  bool done = file != NULL;
  if (file) {
    npy_write_stream(file, tensor);
    done = !ferror(file);
    done = fclose(file) == 0 && done;
    done = done && rename(beside, path) == 0;
  }
  if (!done) file_fail(error, "%s: %s", path, strerror(errno));
  free(path);
  free(beside);
  return done;
}
