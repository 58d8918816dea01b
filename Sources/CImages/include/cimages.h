/* Decodes image files with libjpeg, libpng, libtiff, libwebp and openjpeg. The first two report errors by unwinding the
 * stack, which must not cross Swift: here every error becomes a status and a message. */
#ifndef CIMAGES_H
#define CIMAGES_H
#include <stddef.h>
#include <stdint.h>

enum {
  CIMAGES_OK = 0,
  CIMAGES_DAMAGED = 1,   /* not what the format says, or the file ends early */
  CIMAGES_TOO_LARGE = 2, /* the header claims more bytes of pixels than the limit */
  CIMAGES_NO_MEMORY = 3,
};

typedef struct cimages_image {
  uint8_t *pixels;  /* rows from the top, channels side by side; to be freed by cimages_free */
  int64_t width;
  int64_t height;
  int32_t channels; /* 1: grey, 3: RGB, 4: RGB and alpha */
  char message[256]; /* what is wrong, when the status is not CIMAGES_OK */
} cimages_image;

/* Decodes a whole file to 8 bits per channel.
 *
 * Grey stays grey and colours become RGB. CMYK is taken to be inverted, as Adobe writes it. The orientation that a
 * camera noted is not applied. */
int32_t cimages_decode_jpeg(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                            cimages_image *image);

/* Decodes a whole file to 8 bits per channel.
 *
 * Palettes become RGB, fewer bits per channel are scaled up, of 16 bits the upper eight are kept, and transparency
 * becomes an alpha channel. Gamma and colour profiles are not applied. */
int32_t cimages_decode_png(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                           cimages_image *image);

/* Decodes the first picture of a TIFF file to 8 bits per channel. */
int32_t cimages_decode_tiff(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                            cimages_image *image);

/* Decodes a WebP file that is no animation. */
int32_t cimages_decode_webp(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                            cimages_image *image);

/* Decodes a JPEG 2000 file or code stream whose colours are grey or RGB to 8 bits per channel. */
int32_t cimages_decode_jpeg2000(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                                cimages_image *image);

/* Frees the pixels; the struct may be used again. */
void cimages_free(cimages_image *image);

#endif
