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
      [INK_OFFSET] = 0x0d7480},
     true},
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

/* ---- the colours of a VGA in text mode, as its DAC is set by a BIOS --------------------------------------------- */

static const uint32_t vga[16] = {0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa,
                                 0xaa5500, 0xaaaaaa, 0x555555, 0x5555ff, 0x55ff55, 0x55ffff,
                                 0xff5555, 0xff55ff, 0xffff55, 0xffffff};

/* 0 to 10000, nearly as WCAG has it: a square in place of its power of 2.4. */
static unsigned light_of(uint32_t rgb)
{
    unsigned r = rgb >> 16 & 0xff, g = rgb >> 8 & 0xff, b = rgb & 0xff;
    return (2126 * r * r / 255 + 7152 * g * g / 255 + 722 * b * b / 255) / 255;
}

static bool readable(uint32_t a, uint32_t b)
{
    unsigned x = light_of(a) + 500, y = light_of(b) + 500;
    return x > y ? x * 10 >= y * 52 : y * 10 >= x * 52;
}

/* So many sixteenths of the second. */
static uint32_t mix(uint32_t a, uint32_t b, unsigned part)
{
    uint32_t mixed = 0;
    for (unsigned shift = 0; shift < 24; shift += 8)
        mixed |= ((a >> shift & 0xff) * (16 - part) + (b >> shift & 0xff) * part) / 16 << shift;
    return mixed;
}

static uint32_t vga_back(const struct palette *p, unsigned attribute)
{
    unsigned colour = attribute >> 4 & 7;
    return p->paper && !colour ? 0xffffff : vga[colour];
}

static uint32_t vga_text(const struct palette *p, unsigned attribute)
{
    uint32_t back = vga_back(p, attribute), rgb = vga[attribute & 15];
    uint32_t away = light_of(back) < 1791 ? 0xffffff : 0; /* what has more contrast to it */
    for (unsigned part = 0; part <= 16; part++)
        if (readable(mix(rgb, away, part), back)) return mix(rgb, away, part);
    return away;
}

uint32_t palette_rgb(const struct palette *p, unsigned ink)
{
    if (ink & INK_VGA_BACK) return vga_back(p, ink);
    if (ink & INK_VGA_TEXT) return vga_text(p, ink);
    uint32_t rgb = p->rgb[ink & ~INK_SOFT], paper = p->rgb[INK_PANEL], mixed = 0;
    if (!(ink & INK_SOFT)) return rgb;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        uint32_t full = rgb >> shift & 0xff, light = paper >> shift & 0xff;
        mixed |= (full + 4 * light + 2) / 5 << shift;
    }
    return mixed;
}
