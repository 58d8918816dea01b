/* ONNX TensorProto (onnx.proto3, message TensorProto) in protobuf's wire format: what onnx.save_tensor writes. */
#include "files.h"

#include <stdlib.h>
#include <string.h>

typedef struct pb_reader {
  const unsigned char *at;
  const unsigned char *end;
  bool failed;
} pb_reader;

static uint64_t pb_varint(pb_reader *reader) {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (reader->at == reader->end) break;
    unsigned char byte = *reader->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return value;
  }
  reader->failed = true;
  return 0;
}

/* One field: its number, and its bytes or its integer. */
typedef struct pb_field {
  uint32_t number;
  uint32_t wire; /* 0 varint, 1 eight bytes, 2 bytes, 5 four bytes */
  uint64_t integer;
  pb_reader bytes;
} pb_field;

static bool pb_next(pb_reader *reader, pb_field *field) {
  if (reader->failed || reader->at == reader->end) return false;
  uint64_t key = pb_varint(reader), length = 0;
  field->number = (uint32_t)(key >> 3);
  field->wire = (uint32_t)(key & 7);
  field->integer = 0;
  switch (field->wire) {
  case 0: field->integer = pb_varint(reader); break;
  case 1: length = 8; break;
  case 2: length = pb_varint(reader); break;
  case 5: length = 4; break;
  default: reader->failed = true;
  }
  if (reader->failed || length > (uint64_t)(reader->end - reader->at)) {
    reader->failed = true;
    return false;
  }
  field->bytes = (pb_reader){reader->at, reader->at + length, false};
  reader->at += length;
  return true;
}

/* The field numbers of TensorProto. */
enum {
  PB_DIMS = 1, PB_DATA_TYPE = 2, PB_FLOAT_DATA = 4, PB_INT32_DATA = 5, PB_STRING_DATA = 6,
  PB_INT64_DATA = 7, PB_RAW_DATA = 9, PB_DOUBLE_DATA = 10, PB_UINT64_DATA = 11,
  PB_DATA_LOCATION = 14
};

static bool pb_read_shape(pb_reader reader, file_tensor *tensor, int32_t *rank, int32_t *type,
                          file_error *error) {
  pb_field field;
  while (pb_next(&reader, &field)) {
    if (field.number == PB_DATA_TYPE) *type = (int32_t)field.integer;
    if (field.number == PB_DATA_LOCATION && field.integer == 1)
      return file_fail(error, "its data is in another file: save it with its data");
    if (field.number != PB_DIMS) continue;
    bool packed = field.wire == 2;
    while (packed ? field.bytes.at < field.bytes.end : true) {
      int64_t extent = (int64_t)(packed ? pb_varint(&field.bytes) : field.integer);
      if (*rank == FILE_MAX_RANK || extent < 0 || field.bytes.failed)
        return file_fail(error, "has damaged dimensions");
      tensor->shape[(*rank)++] = extent;
      if (!packed) break;
    }
  }
  return !reader.failed || file_fail(error, "not an ONNX TensorProto");
}

/* Appends the elements of one field of numbers to the tensor's bytes, each `item` bytes wide. */
static bool pb_append_numbers(pb_field *field, size_t item, unsigned char *to, size_t room,
                              size_t *used) {
  bool is_varint = field->number == PB_INT32_DATA || field->number == PB_INT64_DATA ||
                   field->number == PB_UINT64_DATA;
  size_t width = field->number == PB_DOUBLE_DATA ? 8 : 4;
  bool single = field->wire == 0;
  while (single || field->bytes.at < field->bytes.end) {
    uint64_t value = field->integer;
    if (!single && is_varint) {
      value = pb_varint(&field->bytes);
    } else if (!single) {
      if ((size_t)(field->bytes.end - field->bytes.at) < width) return false;
      memcpy(&value, field->bytes.at, width);
      field->bytes.at += width;
    }
    if (field->bytes.failed || item > room - *used) return false;
    memcpy(to + *used, &value, item);
    *used += item;
    if (single) break;
  }
  return true;
}

/* Bytes of one number of the typed fields: halves of complex numbers, whole bytes of packed elements. */
static size_t pb_item_bytes(int32_t type) {
  if (type == 14) return 4;
  if (type == 15) return 8;
  size_t bits = (size_t)martlet_type_bits(type);
  return bits < 8 ? 1 : bits / 8;
}

static bool pb_read_data(pb_reader reader, file_tensor *tensor, file_error *error) {
  const martlet_tensor *t = &tensor->tensor;
  size_t room = (size_t)martlet_tensor_bytes(t->type, t->rank, t->shape), used = 0;
  pb_field field;
  while (pb_next(&reader, &field)) {
    switch (field.number) {
    case PB_RAW_DATA: {
      size_t count = (size_t)(field.bytes.end - field.bytes.at);
      if (count > room) return file_fail(error, "has %zu bytes, expected %zu", count, room);
      memcpy(t->data, field.bytes.at, count);
      used = count;
      break;
    }
    case PB_FLOAT_DATA: case PB_INT32_DATA: case PB_INT64_DATA: case PB_DOUBLE_DATA:
    case PB_UINT64_DATA:
      if (!pb_append_numbers(&field, pb_item_bytes(t->type), t->data, room, &used))
        return file_fail(error, "has more or other data than its shape says");
      break;
    default: break;
    }
  }
  return used == room || file_fail(error, "has %zu bytes, expected %zu", used, room);
}

static bool pb_read_strings(pb_reader reader, size_t byte_count, file_tensor *tensor,
                            file_error *error) {
  const martlet_tensor *t = &tensor->tensor;
  size_t count = (size_t)martlet_tensor_bytes(t->type, t->rank, t->shape) / sizeof(char *);
  size_t found = 0;
  /* Every string has a key and a length of at least a byte each in the file. */
  char *out = tensor->text = malloc(byte_count + 1);
  if (!out) return file_fail(error, "out of memory");
  pb_field field;
  while (pb_next(&reader, &field)) {
    if (field.number != PB_STRING_DATA) continue;
    size_t length = (size_t)(field.bytes.end - field.bytes.at);
    if (found == count) return file_fail(error, "has more strings than its shape says");
    ((const char **)t->data)[found++] = out;
    memcpy(out, field.bytes.at, length);
    out += length;
    *out++ = 0;
  }
  return found == count || file_fail(error, "has %zu strings, expected %zu", found, count);
}

static bool pb_read(const unsigned char *bytes, size_t byte_count, int32_t type,
                    file_tensor *tensor, file_error *error) {
  pb_reader reader = {bytes, bytes + byte_count, false};
  int32_t rank = 0, found = 0;
  if (!pb_read_shape(reader, tensor, &rank, &found, error)) return false;
  if (found != type)
    return file_fail(error, "has elements of type %s (%d), expected %s (%d)",
                     martlet_type_name(found), found, martlet_type_name(type), type);
  if (!file_tensor_allocate(tensor, type, rank, error)) return false;
  if (type == 8) return pb_read_strings(reader, byte_count, tensor, error);
  return pb_read_data(reader, tensor, error);
}
