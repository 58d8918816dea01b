#include "image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

/* The file in memory as libtiff's file. */
typedef struct tiff_file {
  const uint8_t *bytes;
  toff_t byte_count;
  toff_t position;
} tiff_file;

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
  tiff_file *file = handle;
  if (count < 0 || file->position >= file->byte_count) return 0;
  toff_t left = file->byte_count - file->position;
  toff_t taken = (toff_t)count < left ? (toff_t)count : left;
  memcpy(target, file->bytes + file->position, (size_t)taken);
  file->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t write_nothing(thandle_t handle, void *source, tmsize_t count) {
  (void)handle, (void)source, (void)count;
  return -1;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  tiff_file *file = handle;
  if (whence == SEEK_CUR) offset += file->position;
  if (whence == SEEK_END) offset += file->byte_count;
  return file->position = offset;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size(thandle_t handle) { return ((tiff_file *)handle)->byte_count; }

/* libtiff's own reader of rasters, which knows all photometric interpretations: 8 bits of R, G, B, A from the bottom
 * left or, as asked here, from the top left. */
static int32_t decode(TIFF *codec, cimages_image *image, int64_t pixel_byte_limit) {
  TIFFRGBAImage raster;
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(codec, reason) || !TIFFRGBAImageBegin(&raster, codec, 1, reason)) {
    snprintf(image->message, sizeof image->message, "%.255s", reason);
    return CIMAGES_DAMAGED;
  }
  raster.req_orientation = ORIENTATION_TOPLEFT;
  image->width = raster.width;
  image->height = raster.height;
  image->channels = raster.alpha ? 4 : raster.photometric <= PHOTOMETRIC_MINISBLACK ? 1 : 3;
  /* The raster has four bytes for each pixel, whatever is kept of them. */
  int32_t status = CIMAGES_OK;
  if (raster.width > 0 && raster.height > pixel_byte_limit / 4 / raster.width) {
    snprintf(image->message, sizeof image->message,
             "the header claims %u x %u pixels, expected at most %lld", raster.width, raster.height,
             (long long)(pixel_byte_limit / 4));
    status = CIMAGES_TOO_LARGE;
  } else {
    status = cimages_allocate(image, pixel_byte_limit);
  }
  uint32_t *pixels = NULL;
  if (status == CIMAGES_OK) {
    size_t count = (size_t)raster.width * raster.height;
    pixels = malloc((count ? count : 1) * sizeof *pixels);
    if (!pixels) {
      snprintf(image->message, sizeof image->message, "could not allocate %zu pixels", count);
      status = CIMAGES_NO_MEMORY;
    } else if (!TIFFRGBAImageGet(&raster, pixels, raster.width, raster.height)) {
      snprintf(image->message, sizeof image->message, "its strips or tiles cannot be read");
      status = CIMAGES_DAMAGED;
    } else {
      uint8_t *target = image->pixels;
      for (size_t i = 0; i < count; i++) {
        *target++ = TIFFGetR(pixels[i]);
        if (image->channels >= 3) *target++ = TIFFGetG(pixels[i]), *target++ = TIFFGetB(pixels[i]);
        if (image->channels == 4) *target++ = TIFFGetA(pixels[i]);
      }
    }
  }
  free(pixels);
  TIFFRGBAImageEnd(&raster);
  return status;
}

int32_t cimages_decode_tiff(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                            cimages_image *image) {
  memset(image, 0, sizeof *image);
  tiff_file file = {bytes, byte_count, 0};
  /* What is wrong is in the message; nothing is printed. */
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  TIFF *codec = TIFFClientOpen("image", "rm", &file, read_bytes, write_nothing, seek, close_nothing,
                               size, NULL, NULL);
  if (!codec) {
    snprintf(image->message, sizeof image->message, "its directory cannot be read");
    return CIMAGES_DAMAGED;
  }
  int32_t status = decode(codec, image, pixel_byte_limit);
  TIFFClose(codec);
  if (status != CIMAGES_OK) cimages_free(image);
  return status;
}
