#include "image.h"

#include <openjpeg-2.5/openjpeg.h>
#include <stdio.h>
#include <string.h>

/* The file in memory as openjpeg's stream. */
typedef struct jpeg2000_file {
  const uint8_t *bytes;
  size_t byte_count;
  size_t position;
} jpeg2000_file;

static OPJ_SIZE_T read_bytes(void *target, OPJ_SIZE_T count, void *handle) {
  jpeg2000_file *file = handle;
  size_t left = file->byte_count - file->position;
  if (left == 0) return (OPJ_SIZE_T)-1;
  size_t taken = count < left ? count : left;
  memcpy(target, file->bytes + file->position, taken);
  file->position += taken;
  return taken;
}

static OPJ_OFF_T skip(OPJ_OFF_T count, void *handle) {
  jpeg2000_file *file = handle;
  if (count < 0 || (size_t)count > file->byte_count - file->position) return -1;
  file->position += (size_t)count;
  return count;
}

static OPJ_BOOL seek(OPJ_OFF_T position, void *handle) {
  jpeg2000_file *file = handle;
  if (position < 0 || (size_t)position > file->byte_count) return OPJ_FALSE;
  file->position = (size_t)position;
  return OPJ_TRUE;
}

/* Keeps the first thing that is wrong. */
static void report(const char *reason, void *data) {
  cimages_image *image = data;
  if (image->message[0]) return;
  snprintf(image->message, sizeof image->message, "%.*s", (int)strcspn(reason, "\n"), reason);
}

static void say_nothing(const char *reason, void *data) { (void)reason, (void)data; }

static int32_t refuse(cimages_image *image, const char *reason) {
  if (!image->message[0]) snprintf(image->message, sizeof image->message, "%s", reason);
  return CIMAGES_DAMAGED;
}

/* Samples of any precision to 8 bits, the upper ones kept. */
static uint8_t byte_of(const opj_image_comp_t *part, int64_t place) {
  int64_t value = part->data[place];
  if (part->sgnd) value += (int64_t)1 << (part->prec - 1);
  int64_t most = ((int64_t)1 << part->prec) - 1;
  value = value < 0 ? 0 : value > most ? most : value;
  return (uint8_t)(part->prec > 8 ? value >> (part->prec - 8) : value * 255 / most);
}

static int32_t check(const opj_image_t *source, cimages_image *image, int64_t pixel_byte_limit) {
  uint32_t parts = source->numcomps;
  if (parts != 1 && parts != 3 && parts != 4) return refuse(image, "it has not 1, 3 or 4 channels");
  if (source->color_space == OPJ_CLRSPC_SYCC || source->color_space == OPJ_CLRSPC_EYCC ||
      source->color_space == OPJ_CLRSPC_CMYK)
    return refuse(image, "its colours are neither grey nor RGB");
  for (uint32_t c = 0; c < parts; c++)
    if (source->comps[c].dx != source->comps[0].dx || source->comps[c].dy != source->comps[0].dy ||
        source->comps[c].w != source->comps[0].w || source->comps[c].h != source->comps[0].h ||
        source->comps[c].prec < 1 || source->comps[c].prec > 31)
      return refuse(image, "its channels differ in size");
  image->width = source->comps[0].w;
  image->height = source->comps[0].h;
  image->channels = (int32_t)parts;
  /* The decoder has four bytes for each sample. */
  return cimages_allocate(image, pixel_byte_limit / 4);
}

static int32_t decode(opj_codec_t *codec, opj_stream_t *stream, opj_image_t **source,
                      cimages_image *image, int64_t pixel_byte_limit) {
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_set_info_handler(codec, say_nothing, image);
  opj_set_warning_handler(codec, say_nothing, image);
  opj_set_error_handler(codec, report, image);
  if (!opj_setup_decoder(codec, &parameters) || !opj_read_header(stream, codec, source))
    return refuse(image, "its header is damaged");
  int32_t status = check(*source, image, pixel_byte_limit);
  if (status != CIMAGES_OK) return status;
  if (!opj_decode(codec, stream, *source) || !opj_end_decompress(codec, stream))
    return refuse(image, "its data is damaged or ends early");
  uint8_t *target = image->pixels;
  for (int64_t i = 0; i < image->width * image->height; i++)
    for (int32_t c = 0; c < image->channels; c++) {
      if (!(*source)->comps[c].data) return refuse(image, "a channel has no data");
      *target++ = byte_of(&(*source)->comps[c], i);
    }
  return CIMAGES_OK;
}

int32_t cimages_decode_jpeg2000(const uint8_t *bytes, size_t byte_count, int64_t pixel_byte_limit,
                                cimages_image *image) {
  memset(image, 0, sizeof *image);
  jpeg2000_file file = {bytes, byte_count, 0};
  int is_boxed = byte_count > 4 && bytes[4] == 'j';
  opj_codec_t *codec = opj_create_decompress(is_boxed ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  opj_stream_t *stream = opj_stream_default_create(OPJ_TRUE);
  opj_image_t *source = NULL;
  int32_t status = CIMAGES_NO_MEMORY;
  if (codec && stream) {
    opj_stream_set_read_function(stream, read_bytes);
    opj_stream_set_skip_function(stream, skip);
    opj_stream_set_seek_function(stream, seek);
    opj_stream_set_user_data(stream, &file, NULL);
    opj_stream_set_user_data_length(stream, byte_count);
    status = decode(codec, stream, &source, image, pixel_byte_limit);
  }
  if (source) opj_image_destroy(source);
  if (stream) opj_stream_destroy(stream);
  if (codec) opj_destroy_codec(codec);
  if (status != CIMAGES_OK) cimages_free(image);
  return status;
}
