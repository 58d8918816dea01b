#include "martlet_types.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* ONNX TensorProto.DataType, by number: spelling and bits in memory. */
static const struct {
  const char *name;
  int32_t bits;
} martlet_types[] = {
    {"?", 0},           {"float", 32},          {"uint8", 8},      {"int8", 8},
    {"uint16", 16},     {"int16", 16},          {"int32", 32},     {"int64", 64},
    {"string", (int32_t)(sizeof(char *) * CHAR_BIT)},
    {"bool", 8},        {"float16", 16},        {"double", 64},    {"uint32", 32},
    {"uint64", 64},     {"complex64", 64},      {"complex128", 128}, {"bfloat16", 16},
    {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8}, {"float8e5m2fnuz", 8},
    {"uint4", 4},       {"int4", 4},            {"float4e2m1", 4}, {"float8e8m0", 8},
    {"uint2", 2},       {"int2", 2},
};

static bool martlet_type_exists(int32_t type) {
  return type > 0 && (size_t)type < sizeof martlet_types / sizeof martlet_types[0];
}

MARTLET_INTERNAL int32_t martlet_type_bits(int32_t type) {
  return martlet_type_exists(type) ? martlet_types[type].bits : 0;
}

MARTLET_INTERNAL const char *martlet_type_name(int32_t type) {
  return martlet_type_exists(type) ? martlet_types[type].name : "?";
}

MARTLET_INTERNAL int64_t martlet_tensor_bytes(int32_t type, int32_t rank, const int64_t *shape) {
  int64_t bits = martlet_type_bits(type);
  for (int32_t axis = 0; axis < rank; axis++) {
    if (shape[axis] < 0) return -1;
    if (shape[axis] == 0) return 0;
  }
  for (int32_t axis = 0; axis < rank; axis++) {
    if (bits > INT64_MAX / 2 / shape[axis]) return -1;
    bits *= shape[axis];
  }
  return (bits + 7) / 8;
}

/* A small float with the given widths: IEEE's layout, with an exponent bias of our own. */
static double martlet_small_float(uint32_t bits, int exponent_bits, int mantissa_bits, int bias) {
  uint32_t mantissa = bits & ((1u << mantissa_bits) - 1);
  int exponent = (int)(bits >> mantissa_bits & ((1u << exponent_bits) - 1));
  double sign = bits >> (exponent_bits + mantissa_bits) & 1 ? -1 : 1;
  double fraction = mantissa;
  if (exponent == 0) return sign * ldexp(fraction, 1 - bias - mantissa_bits);
  return sign * ldexp(fraction + (double)(1u << mantissa_bits), exponent - bias - mantissa_bits);
}

/* The same for the types whose largest exponent means infinity and NaN. */
static double martlet_ieee_float(uint32_t bits, int exponent_bits, int mantissa_bits) {
  uint32_t top = (1u << exponent_bits) - 1;
  if ((bits >> mantissa_bits & top) == top) {
    if (bits & ((1u << mantissa_bits) - 1)) return NAN;
    return bits >> (exponent_bits + mantissa_bits) & 1 ? -HUGE_VAL : HUGE_VAL;
  }
  return martlet_small_float(bits, exponent_bits, mantissa_bits, (1 << (exponent_bits - 1)) - 1);
}

/* The 8-bit floats of arXiv:2209.05433 (fn, e5m2), their variants without negative zero, and the bare exponent. */
static double martlet_float8(int32_t type, uint32_t bits) {
  switch (type) {
  case 17: return (bits & 127) == 127 ? NAN : martlet_small_float(bits, 4, 3, 7);
  case 18: return bits == 128 ? NAN : martlet_small_float(bits, 4, 3, 8);
  case 19: return martlet_ieee_float(bits, 5, 2);
  case 20: return bits == 128 ? NAN : martlet_small_float(bits, 5, 2, 16);
  default: return bits == 255 ? NAN : ldexp(1, (int)bits - 127);
  }
}

static double martlet_packed(int32_t type, const uint8_t *bytes, int64_t index) {
  int width = martlet_type_bits(type);
  int64_t per_byte = 8 / width;
  uint32_t bits = (uint32_t)bytes[index / per_byte] >> (int)(index % per_byte * width);
  bits &= (1u << width) - 1;
  if (type == 23) return martlet_small_float(bits, 2, 1, 1);
  bool is_signed = type == 22 || type == 26;
  return is_signed && bits >> (width - 1) ? (double)bits - (double)(1u << width) : (double)bits;
}

#define MARTLET_LOAD(type)                                                                         \
  {                                                                                                \
    type value;                                                                                    \
    memcpy(&value, bytes + index * (int64_t)sizeof value, sizeof value);                           \
    return (double)value;                                                                          \
  }

MARTLET_INTERNAL double martlet_element(int32_t type, const void *data, int64_t index) {
  const uint8_t *bytes = data;
  uint16_t half;
  uint32_t word;
  float single;
  double value;
  switch (type) {
  case 1: MARTLET_LOAD(float)
  case 2: case 9: return bytes[index];
  case 3: MARTLET_LOAD(int8_t)
  case 4: MARTLET_LOAD(uint16_t)
  case 5: MARTLET_LOAD(int16_t)
  case 6: MARTLET_LOAD(int32_t)
  case 7: MARTLET_LOAD(int64_t)
  case 10:
    memcpy(&half, bytes + index * 2, 2);
    return martlet_ieee_float(half, 5, 10);
  case 11: MARTLET_LOAD(double)
  case 12: MARTLET_LOAD(uint32_t)
  case 13: MARTLET_LOAD(uint64_t)
  case 14:
    memcpy(&single, bytes + index * 8, 4);
    return (double)single;
  case 15:
    memcpy(&value, bytes + index * 16, 8);
    return value;
  case 16:
    memcpy(&half, bytes + index * 2, 2);
    word = (uint32_t)half << 16;
    memcpy(&single, &word, 4);
    return (double)single;
  case 17: case 18: case 19: case 20: case 24: return martlet_float8(type, bytes[index]);
  case 21: case 22: case 23: case 25: case 26: return martlet_packed(type, bytes, index);
  default: return 0;
  }
}
#undef MARTLET_LOAD
