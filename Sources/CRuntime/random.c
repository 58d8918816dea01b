#include "martlet_types.h"

#include <math.h>
#include <string.h>

/* SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). */
MARTLET_INTERNAL uint64_t martlet_random(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* The code of a number in 0 ..< 1 in a small binary format: nearest, ties to even, with subnormals. */
static unsigned martlet_small_float_code(double number, int fraction_bits, int bias) {
  int exponent;
  if (number == 0) return 0;
  (void)frexp(number, &exponent);
  /* The exponent of the leading bit, or of the smallest normal number. */
  exponent = exponent - 1 < 1 - bias ? 1 - bias : exponent - 1;
  unsigned steps = (unsigned)nearbyint(ldexp(number, fraction_bits - exponent));
  return ((unsigned)(exponent + bias - 1) << fraction_bits) + steps;
}

/* The power of two that is nearest on the scale of the significand. */
static unsigned martlet_power_of_two_code(double number) {
  int exponent;
  double fraction = frexp(number, &exponent);
  return number == 0 ? 0 : (unsigned)(exponent - 1 + 127 + (fraction >= 0.75));
}

static uint64_t martlet_float_code(int32_t type, uint64_t draw) {
  double number = (double)(draw >> 11) * 0x1p-53;
  uint64_t code;
  switch (type) {
  case 10: return martlet_small_float_code(number, 10, 15);
  case 11: memcpy(&code, &number, 8); return code;
  case 16: return martlet_small_float_code((double)(float)number, 7, 127);
  case 17: return martlet_small_float_code(number, 3, 7);
  case 18: return martlet_small_float_code(number, 3, 8);
  case 19: return martlet_small_float_code(number, 2, 15);
  case 20: return martlet_small_float_code(number, 2, 16);
  case 23: return martlet_small_float_code(number, 1, 1);
  default: return martlet_power_of_two_code(number);
  }
}

/* The bits of one element: floats are uniform in 0 ..< 1, bytes and narrower integers take all values, wider integers
 * 0 ..< 1000. The compiler makes the same numbers of the same seed. */
static uint64_t martlet_random_code(int32_t type, uint64_t draw) {
  float single = (float)(draw >> 40) * 0x1p-24f;
  uint32_t code;
  switch (type) {
  case 1: memcpy(&code, &single, 4); return code;
  case 4: case 5: case 6: case 7: case 12: case 13: return draw % 1000;
  case 9: return draw >> 63;
  case 2: case 3: case 21: case 22: case 25: case 26: return draw & 0xff;
  default: return martlet_float_code(type, draw);
  }
}

MARTLET_INTERNAL void martlet_fill_random(void *data, int32_t type, int64_t count, uint64_t *state) {
  unsigned char *bytes = data;
  /* Complex numbers are pairs. */
  if (type == 14 || type == 15) {
    type = type == 14 ? 1 : 11;
    count *= 2;
  }
  int32_t bits = martlet_type_bits(type);
  for (int64_t i = 0; i < count; i++) {
    uint64_t code = martlet_random_code(type, martlet_random(state));
    if (bits < 8) {
      if (i * bits % 8 == 0) bytes[i * bits / 8] = 0;
      bytes[i * bits / 8] |= (unsigned char)((code & ((1u << bits) - 1)) << (i * bits % 8));
    } else {
      memcpy(bytes + i * bits / 8, &code, (size_t)bits / 8);
    }
  }
}
