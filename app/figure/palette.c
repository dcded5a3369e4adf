/* palette.c: what the inks look like. The hues are chosen so that they can be told apart with any of the common kinds of
 * colour blindness, and so that text on paper and panel has a contrast of at least 4.5 to 1 (3 to 1 for INK_DIM). */
#include "canvas.h"

#include <string.h>

static const struct palette palettes[] = {
    {"light",
     {[INK_PAPER] = 0xf4f5f7,
      [INK_PANEL] = 0xffffff,
      [INK_RAISED] = 0xe9edf3,
      [INK_EDGE] = 0xc9cfd9,
      [INK_TEXT] = 0x1b222d,
      [INK_DIM] = 0x66707f,
      [INK_FOCUS] = 0x1f5fbf,
      [INK_GOOD] = 0x00785a,
      [INK_BAD] = 0xb8400a,
      [INK_CHANGED] = 0xffe9a8,
      [INK_BASE] = 0x0065a8,
      [INK_LIMIT] = 0xa15c00,
      [INK_RIGHTS] = 0x00785a,
      [INK_FLAGS] = 0x9a3d7a,
      [INK_TARGET] = 0x5b4bb5,
      [INK_OFFSET] = 0x0d7480}},
    {"dark",
     {[INK_PAPER] = 0x12161c,
      [INK_PANEL] = 0x1a2029,
      [INK_RAISED] = 0x27303c,
      [INK_EDGE] = 0x38434f,
      [INK_TEXT] = 0xe6ebf2,
      [INK_DIM] = 0x8d99a8,
      [INK_FOCUS] = 0x6cb0ff,
      [INK_GOOD] = 0x35c29a,
      [INK_BAD] = 0xff8552,
      [INK_CHANGED] = 0x574716,
      [INK_BASE] = 0x62b6f5,
      [INK_LIMIT] = 0xf0ab3c,
      [INK_RIGHTS] = 0x35c29a,
      [INK_FLAGS] = 0xe694c4,
      [INK_TARGET] = 0xb0a4ff,
      [INK_OFFSET] = 0x55cfdb}},
    {"contrast",
     {[INK_PAPER] = 0xffffff,
      [INK_PANEL] = 0xffffff,
      [INK_RAISED] = 0xe2e6ec,
      [INK_EDGE] = 0x606874,
      [INK_TEXT] = 0x000000,
      [INK_DIM] = 0x4a525e,
      [INK_FOCUS] = 0x003f9e,
      [INK_GOOD] = 0x005c44,
      [INK_BAD] = 0x9c2f00,
      [INK_CHANGED] = 0xffe27a,
      [INK_BASE] = 0x004f8a,
      [INK_LIMIT] = 0x804600,
      [INK_RIGHTS] = 0x005c44,
      [INK_FLAGS] = 0x7d2460,
      [INK_TARGET] = 0x43349c,
      [INK_OFFSET] = 0x005761}},
    {"print",
     {[INK_PAPER] = 0xffffff,
      [INK_PANEL] = 0xffffff,
      [INK_RAISED] = 0xeef0f3,
      [INK_EDGE] = 0x9aa2ae,
      [INK_TEXT] = 0x11151b,
      [INK_DIM] = 0x5d6673,
      [INK_FOCUS] = 0x1f5fbf,
      [INK_GOOD] = 0x00785a,
      [INK_BAD] = 0xb8400a,
      [INK_CHANGED] = 0xfff0c2,
      [INK_BASE] = 0x0065a8,
      [INK_LIMIT] = 0xa15c00,
      [INK_RIGHTS] = 0x00785a,
      [INK_FLAGS] = 0x9a3d7a,
      [INK_TARGET] = 0x5b4bb5,
      [INK_OFFSET] = 0x0d7480}},
};

const struct palette *palette_at(unsigned index)
{
    return index < sizeof palettes / sizeof *palettes ? &palettes[index] : NULL;
}

const struct palette *palette_named(const char *name)
{
    for (unsigned i = 0; palette_at(i); i++)
        if (strcmp(palettes[i].name, name) == 0) return &palettes[i];
    return NULL;
}

uint32_t palette_rgb(const struct palette *p, unsigned ink)
{
    uint32_t rgb = p->rgb[ink & ~INK_SOFT], paper = p->rgb[INK_PANEL], mixed = 0;
    if (!(ink & INK_SOFT)) return rgb;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        uint32_t full = rgb >> shift & 0xff, light = paper >> shift & 0xff;
        mixed |= (full + 4 * light + 2) / 5 << shift;
    }
    return mixed;
}
