/* canvas.h: what figures and panes are drawn on, whatever it is made of.
 *
 *   figure_*.c, panes of the lab --canvas_*()--> svg.c           an SVG document
 *                                            --> app/lab/paint.c  pixels (SDL2)
 *                                            --> canvas_blank     nothing: only to find out how large a figure is
 *
 * Lengths are in pixels of a screen at scale 1; x grows to the right, y downwards. Colours have no values here, only what
 * they mean (enum ink): a palette decides, so that a projector, a colour-blind eye and a printer each get theirs. Nothing is
 * told by colour alone: what is good, bad or changed has a shape as well.
 *
 * Not here: pictures made of pixels, text that is turned, more than two fonts.
 */
#ifndef RT386_APP_CANVAS_H
#define RT386_APP_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box {
    float x, y, w, h;
};

enum ink {
    INK_PAPER,  /* behind everything */
    INK_PANEL,  /* behind a pane or a box */
    INK_RAISED, /* behind a heading, a selected or a pointed-at line */
    INK_EDGE,   /* lines around boxes */
    INK_TEXT,
    INK_DIM,   /* labels, what is less important, what was not reached */
    INK_FOCUS, /* where the keyboard is, where the program is */
    INK_GOOD,
    INK_BAD,
    INK_CHANGED, /* behind what the last step has changed */
    /* the fields of descriptors and selectors, the same everywhere */
    INK_BASE,
    INK_LIMIT,
    INK_RIGHTS, /* P, DPL, S, type; RPL */
    INK_FLAGS,  /* G, D/B, AVL; TI */
    INK_TARGET, /* a gate's selector; an index */
    INK_OFFSET, /* a gate's offset */
    INK_COUNT
};
#define INK_SOFT 0x40u /* or-ed to an ink: a quarter of it on the paper, to write on */
/* Or-ed to the attribute of a character in a VGA's text memory: what is behind it, and the character. Bits 6..4 and 3..0 choose
 * one of sixteen colours that are the same in every palette, but for paper to print on, where black is white; a character that could not be
 * read on its ground is made lighter or darker until it can. Bit 7, blinking, is not shown. */
#define INK_VGA_BACK 0x100u
#define INK_VGA_TEXT 0x200u

enum face { FACE_TEXT, FACE_BOLD, FACE_CODE, FACE_CODE_BOLD, FACE_COUNT };
struct type {
    enum face face;
    float size; /* of an em */
};
enum align { ALIGN_LEFT, ALIGN_MIDDLE, ALIGN_RIGHT };

/* Colours as 0xrrggbb. */
struct palette {
    const char *name;
    uint32_t rgb[INK_COUNT];
    bool paper; /* it is printed on: nothing large is to be dark */
};
/* "light", "dark", "contrast", "print"; NULL past the end. */
const struct palette *palette_at(unsigned index);
/* NULL: none has this name. */
const struct palette *palette_named(const char *name);
/* Ink, soft or not, in a palette. */
uint32_t palette_rgb(const struct palette *p, unsigned ink);

/* How a kind of surface does it. Each member but `width` and `text` may be NULL. Text is UTF-8 of n bytes. */
struct canvas_ops {
    void (*fill)(void *ctx, struct box at, unsigned ink, float radius);
    void (*frame)(void *ctx, struct box at, unsigned ink, float radius, float thick);
    void (*line)(void *ctx, float x0, float y0, float x1, float y1, unsigned ink, float thick);
    /* y is the base line */
    void (*text)(void *ctx, float x, float y, enum align align, struct type type, unsigned ink,
                 const char *s, size_t n);
    float (*width)(void *ctx, struct type type, const char *s, size_t n);
    void (*clip)(void *ctx, const struct box *at);
    void (*spot)(void *ctx, struct box at, const char *id, const char *tip);
};
struct canvas {
    const struct canvas_ops *ops;
    void *ctx;
};

/* Draws nothing; text has the widths of svg.c. */
struct canvas canvas_blank(void);

void canvas_fill(const struct canvas *c, struct box at, unsigned ink, float radius);
void canvas_frame(const struct canvas *c, struct box at, unsigned ink, float radius, float thick);
void canvas_line(const struct canvas *c, float x0, float y0, float x1, float y1, unsigned ink,
                 float thick);
/* A line with a point at its second end. */
void canvas_arrow(const struct canvas *c, float x0, float y0, float x1, float y1, unsigned ink);
void canvas_text(const struct canvas *c, float x, float y, enum align align, struct type type,
                 unsigned ink, const char *s);
void canvas_textf(const struct canvas *c, float x, float y, enum align align, struct type type,
                  unsigned ink, const char *format, ...) __attribute__((format(printf, 7, 8)));
float canvas_width(const struct canvas *c, struct type type, const char *s);
/* Filled into a column of this width from base line y, lines `leading` apart; returns the base line behind the last line. */
float canvas_wrap(const struct canvas *c, float x, float y, float width, float leading,
                  struct type type, unsigned ink, const char *s);
/* Nothing is drawn outside from now on; NULL: everywhere. Clips are not nested. */
void canvas_clip(const struct canvas *c, const struct box *at);
/* What this place is called, for the pointer and for readers of the picture; tip may be NULL. */
void canvas_spot(const struct canvas *c, struct box at, const char *id, const char *tip);
/* The marks for passed, refused and not reached: a tick, a cross, a dash; around (x, y), `size` wide. */
enum mark { MARK_GOOD, MARK_BAD, MARK_NONE };
void canvas_mark(const struct canvas *c, float x, float y, float size, enum mark mark);

#endif
