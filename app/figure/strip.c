#include "figure.h"

#include <stdio.h>
#include <string.h>

#define CELL_H     26.0f
#define NUMBER_H   14.0f
#define NAME_H     16.0f
#define SENTENCE_W 440.0f /* where the whole sentence about a selector has room */

/* Text smaller than asked when the cell is narrow. */
static struct type fitted(const struct canvas *c, struct type type, const char *s, float width)
{
    float have = canvas_width(c, type, s);
    if (have > width && have > 0) type.size *= width / have;
    return type;
}

static void cell(const struct canvas *c, const struct figure_field *f, struct box at)
{
    canvas_fill(c, at, f->ink | INK_SOFT, 0);
    canvas_frame(c, at, f->ink, 0, 1);
    canvas_text(c, at.x + at.w / 2, at.y + 17.5f, ALIGN_MIDDLE,
                fitted(c, TYPE_VALUE, f->value, at.w - 4), f->ink, f->value);
}

float figure_strip(const struct canvas *c, struct spot at, unsigned bits,
                   const struct figure_field *field, unsigned n)
{
    float unit = at.width / (float)bits, y = at.y + NUMBER_H;
    for (unsigned i = 0; i < n; i++) {
        const struct figure_field *f = &field[i];
        float x = at.x + unit * (float)(bits - 1u - f->high);
        float w = unit * (float)(f->high - f->low + 1u);
        cell(c, f, (struct box){x, y, w, CELL_H});
        struct type number = fitted(c, (struct type){FACE_CODE, 9}, "00", unit - 3);
        if (f->high == f->low)
            canvas_textf(c, x + w / 2, at.y + 10, ALIGN_MIDDLE, number, INK_DIM, "%u", f->high);
        else {
            canvas_textf(c, x + 2, at.y + 10, ALIGN_LEFT, number, INK_DIM, "%u", f->high);
            canvas_textf(c, x + w - 2, at.y + 10, ALIGN_RIGHT, number, INK_DIM, "%u", f->low);
        }
        canvas_text(c, x + w / 2, y + CELL_H + 12, ALIGN_MIDDLE,
                    fitted(c, TYPE_LABEL, f->name, w - 1), INK_DIM, f->name);
    }
    return NUMBER_H + CELL_H + NAME_H;
}

static void bits_of(char to[24], uint32_t value, unsigned high, unsigned low)
{
    for (unsigned bit = high + 1; bit-- > low;)
        *to++ = value >> bit & 1 ? '1' : '0';
    *to = '\0';
}

float figure_selector(const struct canvas *c, struct spot at, uint16_t selector)
{
    struct figure_field f[] = {{15, 3, INK_TARGET, "index", ""},
                               {2, 2, INK_FLAGS, "TI", ""},
                               {1, 0, INK_RIGHTS, "RPL", ""}};
    for (unsigned i = 0; i < 3; i++)
        bits_of(f[i].value, selector, f[i].high, f[i].low);
    float h = figure_strip(c, at, 16, f, 3);
    if (at.width < SENTENCE_W) {
        canvas_textf(c, at.x, at.y + h + 12, ALIGN_LEFT, TYPE_LABEL, INK_DIM,
                     "%04x: entry %u of the %s, privilege %u", selector, selector >> 3,
                     selector & 4 ? "LDT" : "GDT", selector & 3u);
        return h + 18;
    }
    canvas_textf(c, at.x, at.y + h + 14, ALIGN_LEFT, TYPE_BODY, INK_TEXT,
                 "selector 0x%04x: index %u (entry at table + 0x%x), TI %u (%s), RPL %u", selector,
                 selector >> 3, (unsigned)(selector & 0xfff8), selector >> 2 & 1u,
                 selector & 4 ? "LDT" : "GDT", selector & 3u);
    return h + 22;
}

static unsigned page_fields(struct figure_field f[4], uint32_t error)
{
    f[0] = (struct figure_field){15, 3, INK_DIM, "reserved", ""};
    f[1] = (struct figure_field){2, 2, INK_RIGHTS, "U/S", ""};
    f[2] = (struct figure_field){1, 1, INK_FLAGS, "W/R", ""};
    f[3] = (struct figure_field){0, 0, INK_BASE, "P", ""};
    (void)error;
    return 4;
}

static unsigned selector_fields(struct figure_field f[4], uint32_t error)
{
    f[0] = (struct figure_field){15, 3, INK_TARGET, "index", ""};
    f[1] = (struct figure_field){2, 2, INK_FLAGS, error & 2 ? "-" : "TI", ""};
    f[2] = (struct figure_field){1, 1, INK_RIGHTS, "IDT", ""};
    f[3] = (struct figure_field){0, 0, INK_BASE, "EXT", ""};
    return 4;
}

float figure_error_code(const struct canvas *c, struct spot at, uint8_t vector, uint32_t error)
{
    struct figure_field f[4];
    unsigned n = vector == 14 ? page_fields(f, error) : selector_fields(f, error);
    for (unsigned i = 0; i < n; i++)
        bits_of(f[i].value, error, f[i].high, f[i].low);
    return figure_strip(c, at, 16, f, n);
}
