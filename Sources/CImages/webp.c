#include "image.h"

#include <stdio.h>
#include <string.h>
#include <webp/decode.h>

int32_t cimages_decode_webp(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                            cimages_image *image) {
  memset(image, 0, sizeof *image);
  WebPBitstreamFeatures features;
  VP8StatusCode found = WebPGetFeatures(bytes, byte_count, &features);
  if (found != VP8_STATUS_OK || features.has_animation) {
    snprintf(image->message, sizeof image->message,
             found == VP8_STATUS_OK ? "it is an animation" : "its header is damaged (%d)", found);
    return CIMAGES_DAMAGED;
  }
  image->width = features.width;
  image->height = features.height;
  image->channels = features.has_alpha ? 4 : 3;
  int32_t status = cimages_allocate(image, pixel_byte_limit);
  if (status != CIMAGES_OK) return status;
  size_t size = (size_t)(image->width * image->height) * (size_t)image->channels;
  int stride = (int)image->width * image->channels;
  uint8_t *done = image->channels == 4
                      ? WebPDecodeRGBAInto(bytes, byte_count, image->pixels, size, stride)
                      : WebPDecodeRGBInto(bytes, byte_count, image->pixels, size, stride);
  if (done) return CIMAGES_OK;
  snprintf(image->message, sizeof image->message, "its data is damaged or ends early");
  cimages_free(image);
  return CIMAGES_DAMAGED;
}
