/* fonts.h: text as masks, by SDL2_ttf: fonts found in fixed places of Debian's packages, and what was drawn lately. */
#ifndef RT386_APP_LAB_FONTS_H
#define RT386_APP_LAB_FONTS_H

#include "canvas.h"

struct fonts;
/* folder: looked in first, or NULL. NULL: `err` says what is missing. */
struct fonts *fonts_open(const char *folder, char *err, size_t size);
void fonts_close(struct fonts *f);

/* How much of each pixel is covered, rows of w bytes; the base line lies `ascent` below the top. */
struct glyphs {
    unsigned w, h;
    int ascent;
    float width; /* in pixels, of the whole text */
    const uint8_t *cover;
};
/* Good until the next call. size: of an em, in pixels. */
struct glyphs fonts_text(struct fonts *f, enum face face, float size, const char *s, size_t n);

#endif
