/// Reading and writing of ONNX messages (models, tensors, sequences, optionals) through the standard's protobuf classes.
///
/// Every message is a `conn_message`; fields are named by the numbers of `onnx.proto`, so fields and element types that
/// are newer than the library are reached in the same way. Nothing here throws, aborts or prints: a message that does not
/// parse is NULL, a field that is absent is empty. A child lives as long as the root it was reached from.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct conn_message conn_message;

/// Memory that belongs to a message.
typedef struct {
  const void *data;
  size_t count;
} conn_bytes;

typedef enum {
  CONN_MODEL,
  CONN_TENSOR,
  CONN_SEQUENCE,
  CONN_OPTIONAL,
  CONN_ATTRIBUTE,
} conn_kind;

/// An empty message, to be freed; NULL when memory runs out.
conn_message *conn_new(conn_kind kind);

/// Parses `count` bytes, at most 2 GiB; NULL when they are not a message of this kind.
conn_message *conn_parse(conn_kind kind, const void *data, size_t count);

/// Frees a root and all that was reached from it.
void conn_free(conn_message *root);

/// How many values the field has: 0 or 1 unless it is repeated.
size_t conn_count(const conn_message *message, int field);

/// A message in a field; NULL when absent or not a message.
const conn_message *conn_child(const conn_message *message, int field, size_t index);

/// A string or bytes field; also finds fields that are newer than the library.
conn_bytes conn_string(const conn_message *message, int field, size_t index);

/// An integer, boolean or enumeration field; also finds fields that are newer than the library.
int64_t conn_integer(const conn_message *message, int field, size_t index);

/// A floating-point field.
double conn_real(const conn_message *message, int field, size_t index);

/// The elements of a repeated numeric field, contiguous, in the C type that the field is declared with.
conn_bytes conn_elements(const conn_message *message, int field);

/// Adds to a repeated message field, or makes a singular one present; NULL when that is not possible.
conn_message *conn_add_child(conn_message *message, int field);

/// These add to a repeated field or set a singular one; false when the field is of another kind or memory runs out.
bool conn_add_string(conn_message *message, int field, const void *data, size_t count);
bool conn_add_integer(conn_message *message, int field, int64_t value);
bool conn_add_real(conn_message *message, int field, double value);

/// Bytes that `conn_write` would write.
size_t conn_byte_count(const conn_message *root);

/// Writes a root to a file descriptor, at most 2 GiB; false when that fails.
bool conn_write(const conn_message *root, int descriptor);

#ifdef __cplusplus
}
#endif
