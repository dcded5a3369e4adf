/* figure.h: what is drawn of the processor, the same way in the lab, in the lessons and in picture files.
 *
 *   selector, error code   strips of bits
 *   descriptor             its bytes in memory, its two dwords, what they say
 *   segment register       the visible part and the hidden one
 *   table                  one line an entry
 *   checks                 the rules in their order: passed, refused, not reached
 *   address                logical -> linear -> PDE -> PTE -> physical, and the bits of each
 *   extent                 which offsets of a segment are valid
 *   stack                  dwords with what they are
 *
 * Every figure is drawn with its upper left corner at `at`, at most at.width wide, and returns its height. On canvas_blank
 * only the height is found out.
 */
#ifndef RT386_APP_FIGURE_H
#define RT386_APP_FIGURE_H

#include "canvas.h"

#include <rt386/rt386.h>

struct spot {
    float x, y, width;
};

/* The sizes of all text in figures and panes. */
#define TYPE_TITLE  ((struct type){FACE_BOLD, 15})
#define TYPE_LABEL  ((struct type){FACE_TEXT, 11})
#define TYPE_NAME   ((struct type){FACE_BOLD, 11})
#define TYPE_BODY   ((struct type){FACE_TEXT, 13})
#define TYPE_STRONG ((struct type){FACE_BOLD, 13})
#define TYPE_CODE   ((struct type){FACE_CODE, 13})
#define TYPE_VALUE  ((struct type){FACE_CODE_BOLD, 13})
#define TYPE_SMALL  ((struct type){FACE_CODE, 11})

/* Bits high..low of a word as one cell. value: what stands in it; name: below it. Both may be "". */
struct figure_field {
    uint8_t high, low;
    unsigned ink;
    const char *name;
    char value[24];
};
/* The fields of a word of so many bits, the highest first, with bit numbers above. */
float figure_strip(const struct canvas *c, struct spot at, unsigned bits,
                   const struct figure_field *field, unsigned n);

float figure_selector(const struct canvas *c, struct spot at, uint16_t selector);
/* has_error of vectors: #TS, #NP, #SS, #GP as a selector error code, #PF by its bits. */
float figure_error_code(const struct canvas *c, struct spot at, uint8_t vector, uint32_t error);
/* before: NULL, or what stood there; bytes that differ are marked. */
float figure_desc(const struct canvas *c, struct spot at, const rt386_desc *d,
                  const rt386_desc *before);
float figure_extent(const struct canvas *c, struct spot at, const rt386_desc *d);
/* before: NULL, or what the register held. */
float figure_segment(const struct canvas *c, struct spot at, const char *name, const rt386_seg *seg,
                     const rt386_seg *before);

struct figure_entry {
    unsigned index;
    bool ldt; /* of the selector: TI */
    bool idt; /* the index is a vector: no selector */
    bool changed, chosen;
    rt386_desc desc;
    const char *owner; /* or "" */
};
float figure_table(const struct canvas *c, struct spot at, const char *title,
                   const struct figure_entry *entry, unsigned n);

/* With the sentence of each rule when `sentences`, else names and values only. */
float figure_checks(const struct canvas *c, struct spot at, const rt386_explanation *why,
                    bool sentences);

/* Where a linear address has its indices, and the bits of an entry of a page directory or table. */
float figure_linear(const struct canvas *c, struct spot at, uint32_t linear);
float figure_page_entry(const struct canvas *c, struct spot at, uint32_t entry);

struct figure_address {
    const char *segment; /* "DS"; NULL: it begins with the linear address */
    rt386_seg seg;
    bool number; /* the register holds a segment's number, no selector: real mode, virtual 8086 */
    uint32_t offset;
    rt386_walk walk;     /* of the linear address */
    const char *refused; /* NULL, or where it ends: "segment", "pde", "pte" */
};
#define FIGURE_STATION_H                                                                           \
    23.0f /* where there is room for one column only, each station has a row of this height */
float figure_address(const struct canvas *c, struct spot at, const struct figure_address *a);

struct figure_cell {
    uint32_t offset, value;
    bool readable;
    const char *label; /* "return EIP", or "" */
    bool here;         /* ESP points here */
    bool changed;
};
/* The highest address first. */
float figure_stack(const struct canvas *c, struct spot at, const char *title,
                   const struct figure_cell *cell, unsigned n);

#endif
