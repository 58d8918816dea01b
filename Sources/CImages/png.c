#include "image.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

/* Everything that outlives a jump lies here and not in registers. */
typedef struct png_decoder {
  png_structp codec;
  png_infop info;
  const uint8_t *bytes;
  size_t byte_count;
  size_t position;
  cimages_image *image;
  int32_t status;
} png_decoder;

/* --- Errors and input --------------------------------------------------------------------------------------------- */

static void fail(png_structp codec, png_const_charp reason) {
  png_decoder *decoder = png_get_error_ptr(codec);
  if (decoder->status == CIMAGES_OK) {
    decoder->status = CIMAGES_DAMAGED;
    snprintf(decoder->image->message, sizeof decoder->image->message, "%s", reason);
  }
  png_longjmp(codec, 1);
}

/* Warnings are about chunks that do not matter for the pixels. */
static void ignore(png_structp codec, png_const_charp reason) {
  (void)codec;
  (void)reason;
}

static void read_bytes(png_structp codec, png_bytep target, size_t count) {
  png_decoder *decoder = png_get_io_ptr(codec);
  if (decoder->byte_count - decoder->position < count) png_error(codec, "the file ends early");
  memcpy(target, decoder->bytes + decoder->position, count);
  decoder->position += count;
}

/* --- Pixels ------------------------------------------------------------------------------------------------------- */

static void decode(png_decoder *decoder, int64_t pixel_byte_limit) {
  png_structp codec = decoder->codec;
  cimages_image *image = decoder->image;
  png_set_read_fn(codec, decoder, read_bytes);
  png_read_info(codec, decoder->info);
  int has_transparency = (png_get_color_type(codec, decoder->info) & PNG_COLOR_MASK_ALPHA) ||
                         png_get_valid(codec, decoder->info, PNG_INFO_tRNS);
  png_set_expand(codec);
  png_set_strip_16(codec);
  if (has_transparency) png_set_gray_to_rgb(codec);
  int passes = png_set_interlace_handling(codec);
  png_read_update_info(codec, decoder->info);
  image->width = png_get_image_width(codec, decoder->info);
  image->height = png_get_image_height(codec, decoder->info);
  image->channels = png_get_channels(codec, decoder->info);
  decoder->status = cimages_allocate(image, pixel_byte_limit);
  if (decoder->status != CIMAGES_OK) png_longjmp(codec, 1);
  if (png_get_rowbytes(codec, decoder->info) != (size_t)image->width * (size_t)image->channels)
    png_error(codec, "rows of an unexpected size");
  for (int pass = 0; pass < passes; pass++)
    for (int64_t y = 0; y < image->height; y++)
      png_read_row(codec, cimages_row(image, y), NULL);
  png_read_end(codec, NULL);
}

int32_t cimages_decode_png(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                           cimages_image *image) {
  png_decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  memset(image, 0, sizeof *image);
  decoder.bytes = bytes;
  decoder.byte_count = byte_count;
  decoder.image = image;
  decoder.codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, fail, ignore);
  if (decoder.codec) decoder.info = png_create_info_struct(decoder.codec);
  if (!decoder.info) {
    decoder.status = CIMAGES_NO_MEMORY;
    snprintf(image->message, sizeof image->message, "could not start the decoder");
  } else if (!setjmp(png_jmpbuf(decoder.codec))) {
    decode(&decoder, pixel_byte_limit);
  }
  if (decoder.codec) png_destroy_read_struct(&decoder.codec, &decoder.info, NULL);
  if (decoder.status != CIMAGES_OK) cimages_free(image);
  return decoder.status;
}
