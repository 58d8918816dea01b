#include "image_test_support.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

static void append(png_structp codec, png_bytep bytes, size_t count) {
  image_test_file *file = png_get_io_ptr(codec);
  uint8_t *grown = realloc(file->bytes, file->count + count);
  if (!grown) png_error(codec, "out of memory");
  memcpy(grown + file->count, bytes, count);
  file->bytes = grown;
  file->count += count;
}

static void flush(png_structp codec) { (void)codec; }

static const int color_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_PALETTE,
                                  PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB_ALPHA};

static void write_image(png_structp codec, png_infop info, const uint8_t *rows, int width,
                        int height, int kind, int bit_depth, int interlaced) {
  png_set_IHDR(codec, info, (png_uint_32)width, (png_uint_32)height, bit_depth, color_types[kind],
               interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (kind == IMAGE_TEST_PALETTE) {
    const png_color colors[] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
    const png_byte alphas[] = {255, 128};
    png_set_PLTE(codec, info, colors, 4);
    png_set_tRNS(codec, info, alphas, 2, NULL);
  }
  png_write_info(codec, info);
  int passes = png_set_interlace_handling(codec);
  size_t row = png_get_rowbytes(codec, info);
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < height; y++) png_write_row(codec, rows + row * (size_t)y);
  png_write_end(codec, info);
}

image_test_file image_test_png(const uint8_t *rows, int width, int height, int kind, int bit_depth,
                               int interlaced) {
  image_test_file file = {NULL, 0};
  png_structp codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = codec ? png_create_info_struct(codec) : NULL;
  if (info && !setjmp(png_jmpbuf(codec))) {
    png_set_write_fn(codec, &file, append, flush);
    write_image(codec, info, rows, width, height, kind, bit_depth, interlaced);
  } else {
    image_test_free(&file);
  }
  if (codec) png_destroy_write_struct(&codec, &info);
  return file;
}

void image_test_free(image_test_file *file) {
  free(file->bytes);
  file->bytes = NULL;
  file->count = 0;
}
