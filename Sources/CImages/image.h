/* What the decoders share. */
#ifndef CIMAGES_IMAGE_H
#define CIMAGES_IMAGE_H
#include "cimages.h"

/* Makes room for the pixels, whose extents and channels are set. */
int32_t cimages_allocate(cimages_image *image, int64_t pixel_byte_limit);

static inline uint8_t *cimages_row(const cimages_image *image, int64_t y) {
  return image->pixels + y * image->width * image->channels;
}

#endif
