/* Calls a compiled model: reads a digit that is drawn here and prints how sure the network is of each answer. */
#include "digits_cnn.h"

#include <stdio.h>

static const float drawing[8][8] = {
    {0, 0, 9, 16, 16, 12, 2, 0}, {0, 3, 13, 5, 4, 14, 5, 0}, {0, 0, 0, 0, 7, 15, 2, 0},
    {0, 0, 0, 5, 16, 11, 0, 0},  {0, 0, 0, 0, 8, 16, 7, 0},  {0, 0, 0, 0, 0, 13, 8, 0},
    {0, 0, 4, 5, 5, 15, 4, 0},   {0, 0, 12, 16, 15, 5, 0, 0},
};

static int fail(int32_t status) {
  fprintf(stderr, "%s\n", digits_cnn_status_message(status));
  return 1;
}

int main(void) {
  float image[8][8];
  for (int row = 0; row < 8; row++) {
    for (int column = 0; column < 8; column++) {
      image[row][column] = drawing[row][column] / 16;
      fputs(drawing[row][column] > 8 ? "##" : drawing[row][column] > 2 ? "++" : "  ", stdout);
    }
    putchar('\n');
  }

  martlet_session *session;
  int32_t status = digits_cnn_create(NULL, &session);
  if (status) return fail(status);

  const int64_t shape[] = {1, 1, 8, 8};
  martlet_tensor input = {image, shape, 4, 1};
  martlet_tensor output = {0}; /* no data: the session provides the memory */
  status = digits_cnn_run(session, &input, &output);
  if (status) return fail(status);

  const float *scores = output.data;
  int best = 0;
  for (int digit = 0; digit < 10; digit++) {
    printf("%d: %6.2f\n", digit, scores[digit]);
    if (scores[digit] > scores[best]) best = digit;
  }
  printf("it is a %d\n", best);
  digits_cnn_destroy(session);
  return best == 3 ? 0 : 1;
}
