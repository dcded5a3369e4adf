/* widths.h: how wide text is where the letters are not at hand (an SVG is drawn elsewhere, with one of several fonts). A little
 * wide rather than narrow. */
#ifndef RT386_APP_WIDTHS_H
#define RT386_APP_WIDTHS_H

#include "canvas.h"

float widths_text(struct type type, const char *s, size_t n);

#endif
