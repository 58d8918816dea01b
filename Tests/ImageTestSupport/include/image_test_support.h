/* Writes small JPEG and PNG files of every kind, in memory. */
#ifndef IMAGE_TEST_SUPPORT_H
#define IMAGE_TEST_SUPPORT_H
#include <stddef.h>
#include <stdint.h>

typedef struct image_test_file {
  uint8_t *bytes; /* to be freed by image_test_free; NULL when the library refused */
  size_t count;
} image_test_file;

enum { IMAGE_TEST_GREY, IMAGE_TEST_RGB, IMAGE_TEST_PALETTE, IMAGE_TEST_GREY_ALPHA, IMAGE_TEST_RGBA };

/* A palette has four colours: red, half transparent green, blue and white. Samples of 16 bits are big-endian. */
image_test_file image_test_png(const uint8_t *rows, int width, int height, int kind, int bit_depth,
                               int interlaced);

/* With 1 (grey), 3 (RGB) or 4 (CMYK, stored as given) components. */
image_test_file image_test_jpeg(const uint8_t *rows, int width, int height, int components,
                                int quality, int progressive);

void image_test_free(image_test_file *file);

#endif
