#include "image.h"

#include <stdio.h>
#include <stdlib.h>

int32_t cimages_allocate(cimages_image *image, int64_t pixel_byte_limit) {
  int64_t row = image->width * image->channels;
  if (row > 0 && image->height > pixel_byte_limit / row) {
    snprintf(image->message, sizeof image->message,
             "the header claims %lld x %lld pixels of %d bytes, expected at most %lld bytes",
             (long long)image->width, (long long)image->height, image->channels,
             (long long)pixel_byte_limit);
    return CIMAGES_TOO_LARGE;
  }
  size_t bytes = (size_t)(row * image->height);
  image->pixels = malloc(bytes ? bytes : 1);
  if (image->pixels) return CIMAGES_OK;
  snprintf(image->message, sizeof image->message, "could not allocate %zu bytes", bytes);
  return CIMAGES_NO_MEMORY;
}

void cimages_free(cimages_image *image) {
  free(image->pixels);
  image->pixels = NULL;
}
