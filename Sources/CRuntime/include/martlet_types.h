/* Element types, by their numbers in ONNX TensorProto.DataType. */
#ifndef MARTLET_ELEMENT_TYPES_H
#define MARTLET_ELEMENT_TYPES_H
#include <stdint.h>

/* How the run-time's own functions are declared; artefacts make them static. */
#ifndef MARTLET_INTERNAL
#define MARTLET_INTERNAL extern
#endif

/* Bits that one element of an ONNX type takes in memory; a string's is a pointer. 0: no such type. */
MARTLET_INTERNAL int32_t martlet_type_bits(int32_t type);
/* ONNX's own spelling of an element type, such as "float"; "?" when there is none. */
MARTLET_INTERNAL const char *martlet_type_name(int32_t type);
/* Bytes of a C-contiguous tensor; -1 when they do not fit an int64_t. Sub-byte elements are packed. */
MARTLET_INTERNAL int64_t martlet_tensor_bytes(int32_t type, int32_t rank, const int64_t *shape);
/* Element `index` as a double: the real part of complex numbers, 0 for strings. */
MARTLET_INTERNAL double martlet_element(int32_t type, const void *data, int64_t index);

/* The next number of the stream that `*state` belongs to. */
MARTLET_INTERNAL uint64_t martlet_random(uint64_t *state);
/* Fills `count` elements of a type other than strings with numbers that only depend on the type and on `*state`. */
MARTLET_INTERNAL void martlet_fill_random(void *data, int32_t type, int64_t count, uint64_t *state);

#endif
