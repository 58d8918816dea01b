#include "image_test_support.h"

#include <stdio.h>

/* After stdio.h, which it needs and does not include. */
#include <jpeglib.h>

image_test_file image_test_jpeg(const uint8_t *rows, int width, int height, int components,
                                int quality, int progressive) {
  struct jpeg_compress_struct codec;
  struct jpeg_error_mgr errors;
  image_test_file file = {NULL, 0};
  unsigned long count = 0;
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &file.bytes, &count);
  codec.image_width = (JDIMENSION)width;
  codec.image_height = (JDIMENSION)height;
  codec.input_components = components;
  codec.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  if (progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, TRUE);
  for (int y = 0; y < height; y++) {
    JSAMPROW row = (JSAMPROW)(uintptr_t)(rows + (size_t)y * (size_t)(width * components));
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  file.count = count;
  return file;
}
