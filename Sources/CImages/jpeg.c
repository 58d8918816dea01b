#include "image.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* After stdio.h, which it needs and does not include. */
#include <jpeglib.h>
#include <jerror.h>

/* A progressive file may repeat itself in scans that decode for hours; encoders write about ten. */
enum { MOST_SCANS = 500 };

/* Everything that outlives a jump lies here and not in registers. */
typedef struct jpeg_decoder {
  struct jpeg_decompress_struct codec;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf failed;
  cimages_image *image;
  int32_t status;
} jpeg_decoder;

/* --- Errors ------------------------------------------------------------------------------------------------------- */

static void fail(jpeg_decoder *decoder, int32_t status) {
  decoder->status = status;
  longjmp(decoder->failed, 1);
}

static void report(j_common_ptr codec) {
  jpeg_decoder *decoder = codec->client_data;
  char text[JMSG_LENGTH_MAX];
  codec->err->format_message(codec, text);
  snprintf(decoder->image->message, sizeof decoder->image->message, "%s", text);
  fail(decoder, codec->err->msg_code == JERR_IMAGE_TOO_BIG ? CIMAGES_TOO_LARGE : CIMAGES_DAMAGED);
}

/* libjpeg only warns when data is missing or wrong, and makes up the rest of the image. What is about headers, or about
 * bytes that belong to nothing, does not touch the pixels. */
static void judge(j_common_ptr codec, int level) {
  if (level >= 0) return;
  switch (codec->err->msg_code) {
  case JWRN_ADOBE_XFORM:
  case JWRN_EXTRANEOUS_DATA:
  case JWRN_JFIF_MAJOR:
  case JWRN_NOT_SEQUENTIAL: break;
  default: report(codec);
  }
}

static void say_nothing(j_common_ptr codec) { (void)codec; }

static void count_scans(j_common_ptr codec) {
  jpeg_decoder *decoder = codec->client_data;
  if (decoder->codec.input_scan_number <= MOST_SCANS) return;
  snprintf(decoder->image->message, sizeof decoder->image->message,
           "more than %d scans", MOST_SCANS);
  fail(decoder, CIMAGES_DAMAGED);
}

/* --- Pixels ------------------------------------------------------------------------------------------------------- */

static uint8_t scaled(unsigned value, unsigned by) { return (uint8_t)((value * by + 127) / 255); }

/* Four bytes of inverted ink become three of light, in place. */
static void cmyk_to_rgb(uint8_t *row, int64_t width) {
  for (int64_t x = 0; x < width; x++)
    for (int c = 0; c < 3; c++) row[3 * x + c] = scaled(row[4 * x + c], row[4 * x + 3]);
}

static void read_rows(jpeg_decoder *decoder, uint8_t *wide) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  cimages_image *image = decoder->image;
  while (codec->output_scanline < codec->output_height) {
    uint8_t *row = cimages_row(image, codec->output_scanline);
    JSAMPROW target = wide ? wide : row;
    jpeg_read_scanlines(codec, &target, 1);
    if (!wide) continue;
    cmyk_to_rgb(wide, image->width);
    memcpy(row, wide, (size_t)image->width * 3);
  }
}

static void decode(jpeg_decoder *decoder, int64_t pixel_byte_limit) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  cimages_image *image = decoder->image;
  jpeg_read_header(codec, TRUE);
  int is_cmyk = codec->jpeg_color_space == JCS_CMYK || codec->jpeg_color_space == JCS_YCCK;
  codec->out_color_space = codec->num_components == 1 ? JCS_GRAYSCALE : is_cmyk ? JCS_CMYK : JCS_RGB;
  image->width = codec->image_width;
  image->height = codec->image_height;
  image->channels = codec->num_components == 1 ? 1 : 3;
  int32_t status = cimages_allocate(image, pixel_byte_limit);
  if (status != CIMAGES_OK) fail(decoder, status);
  jpeg_start_decompress(codec);
  uint8_t *wide = NULL;
  if (is_cmyk)
    wide = codec->mem->alloc_large((j_common_ptr)codec, JPOOL_IMAGE, (size_t)image->width * 4);
  read_rows(decoder, wide);
  jpeg_finish_decompress(codec);
}

int32_t cimages_decode_jpeg(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                            cimages_image *image) {
  jpeg_decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  memset(image, 0, sizeof *image);
  decoder.image = image;
  decoder.codec.err = jpeg_std_error(&decoder.errors);
  decoder.codec.client_data = &decoder;
  decoder.errors.error_exit = report;
  decoder.errors.emit_message = judge;
  decoder.errors.output_message = say_nothing;
  decoder.progress.progress_monitor = count_scans;
  if (!setjmp(decoder.failed)) {
    jpeg_create_decompress(&decoder.codec);
    decoder.codec.progress = &decoder.progress;
    jpeg_mem_src(&decoder.codec, bytes, (unsigned long)byte_count);
    decode(&decoder, pixel_byte_limit);
  }
  jpeg_destroy_decompress(&decoder.codec);
  if (decoder.status != CIMAGES_OK) cimages_free(image);
  return decoder.status;
}
