/* paint.h: a canvas of pixels: filled and framed boxes with round corners, lines, text. Edges are smoothed by how much of a
 * pixel they cover; boxes and level lines lie on whole pixels, so that they are sharp at every scale.
 *
 * Text is drawn by SDL2_ttf once, as a mask, and kept: most of a picture is the same as in the one before.
 */
#ifndef RT386_APP_LAB_PAINT_H
#define RT386_APP_LAB_PAINT_H

#include "canvas.h"

struct paint;
/* fonts: a folder that is looked in first, or NULL. NULL: `err` says why. */
struct paint *paint_new(const char *fonts, char *err, size_t size);
void paint_free(struct paint *p);
/* All paper, w by h pixels. False: no memory. */
bool paint_begin(struct paint *p, const struct palette *palette, unsigned w, unsigned h,
                 float scale);
struct canvas paint_canvas(struct paint *p);
/* Rows of w pixels, 0x00rrggbb, from the top. */
const uint32_t *paint_pixels(const struct paint *p, unsigned *w, unsigned *h);

#endif
