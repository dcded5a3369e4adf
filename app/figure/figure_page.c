/* figure_page.c: a linear address and an entry of a page directory or table, bit by bit. */
#include "figure.h"

#include <stdio.h>
#include <string.h>

static void put(struct figure_field *f, unsigned high, unsigned low, unsigned ink, const char *name,
                uint32_t value)
{
    unsigned bits = high - low + 1;
    uint32_t part = bits == 32 ? value : value >> low & ((1u << bits) - 1);
    *f = (struct figure_field){(uint8_t)high, (uint8_t)low, ink, name, ""};
    if (bits < 4)
        for (unsigned i = 0; i < bits; i++)
            f->value[i] = part >> (bits - 1 - i) & 1 ? '1' : '0';
    else
        snprintf(f->value, sizeof f->value, "%0*x", (int)(bits + 3) / 4, part);
}

float figure_linear(const struct canvas *c, struct spot at, uint32_t linear)
{
    struct figure_field f[3];
    put(&f[0], 31, 22, INK_FLAGS, "index in the page directory", linear);
    put(&f[1], 21, 12, INK_TARGET, "index in the page table", linear);
    put(&f[2], 11, 0, INK_OFFSET, "offset in the page", linear);
    return figure_strip(c, at, 32, f, 3);
}

float figure_page_entry(const struct canvas *c, struct spot at, uint32_t entry)
{
    struct figure_field f[9];
    put(&f[0], 31, 12, INK_BASE, "frame", entry);
    put(&f[1], 11, 9, INK_DIM, "AVL", entry);
    put(&f[2], 8, 7, INK_DIM, "", entry);
    put(&f[3], 6, 6, INK_FLAGS, "D", entry);
    put(&f[4], 5, 5, INK_FLAGS, "A", entry);
    put(&f[5], 4, 3, INK_DIM, "", entry);
    put(&f[6], 2, 2, INK_RIGHTS, "U/S", entry);
    put(&f[7], 1, 1, INK_RIGHTS, "R/W", entry);
    put(&f[8], 0, 0, entry & 1 ? INK_GOOD : INK_BAD, "P", entry);
    return figure_strip(c, at, 32, f, 9);
}
