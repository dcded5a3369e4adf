/* svg.h: a canvas that becomes an SVG document, complete in itself: no font, no script, no style sheet from elsewhere.
 *
 *     struct svg *svg = svg_new(palette_named("print"), "fig1");
 *     struct canvas c = svg_canvas(svg);
 *     ... canvas_*(&c, ...) ...
 *     svg_end(svg, width, height, "what it shows", &text);
 */
#ifndef RT386_APP_SVG_H
#define RT386_APP_SVG_H

#include "canvas.h"
#include "text.h"

struct svg;

/* id: a word that no other picture of the same page has. NULL: no memory. */
struct svg *svg_new(const struct palette *palette, const char *id);
struct canvas svg_canvas(struct svg *svg);
/* Appends the document and frees it. title: for those who cannot see it; plain text. */
void svg_end(struct svg *svg, float width, float height, const char *title, struct text *to);

#endif
