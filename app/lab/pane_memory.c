/* pane_memory.c: the stack with the frames that lie on it, and memory as bytes. */
#include "bytes.h"
#include "desc_text.h"
#include "inside.h"
#include "reg_value.h"

#include <ctype.h>
#include <string.h>

#define CELLS 256u /* cells of a stack that are looked at */

/* ---- what a cell of a stack is: all but where ESP and EBP point is guessed from what lies there, and so has a "?" ---- */

struct cell {
    uint32_t offset, value;
    bool readable;
    const char *label; /* NULL: nothing is known */
    bool selector;     /* follow it to a descriptor */
    char words[64];
};
struct stack {
    struct cell cell[CELLS];
    unsigned n, size; /* bytes of a cell: what code as that at EIP pushes */
};

static bool code_selector(const struct lab *l, uint32_t value, rt386_desc *d)
{
    if (value > 0xffff || value < 4 || !lab_selectors(l)) return false;
    rt386_table table = value & 4 ? RT386_LDT : RT386_GDT;
    return rt386_table_entry(lab_machine(l), table, (uint16_t)value >> 3, d, NULL) == RT386_OK &&
           d->kind == RT386_DESC_CODE && d->present;
}

/* EFLAGS as an 80386 pushes them: bit 1 is 1, bits 3, 5 and 15 are 0, nothing above bit 21. */
static bool looks_like_eflags(uint32_t v)
{
    return (v & 0xffc0802au) == 2;
}

static void label(struct stack *s, unsigned i, const char *what, bool selector)
{
    if (i >= s->n || s->cell[i].label) return;
    s->cell[i].label = what;
    s->cell[i].selector = selector;
}

/* EIP CS EFLAGS [ESP SS], or EIP CS of a far call. From the offset and the selector it is taken to be one. */
static void frame_look(const struct lab *l, struct stack *s, unsigned i)
{
    rt386_desc d;
    bool wide = s->size == 4;
    if (i + 1 >= s->n || s->cell[i].label || !code_selector(l, s->cell[i + 1].value, &d)) return;
    if (s->cell[i].value < d.first || s->cell[i].value > d.last || !s->cell[i].value) return;
    unsigned cpl = (unsigned)reg_value(lab_machine(l), "cpl");
    bool outer = (s->cell[i + 1].value & 3) > cpl;
    bool interrupt = i + 2 < s->n && looks_like_eflags(s->cell[i + 2].value);
    if (interrupt)
        label(s, i, wide ? "EIP of an interrupt frame?" : "IP of an interrupt frame?", false);
    else
        label(s, i, wide ? "EIP of a far call?" : "IP of a far call?", false);
    label(s, i + 1, "CS?", true);
    if (interrupt) label(s, i + 2, wide ? "EFLAGS?" : "FLAGS?", false);
    if (!outer || !interrupt) return;
    label(s, i + 3, wide ? "ESP of the outer ring?" : "SP of the outer ring?", false);
    label(s, i + 4, "SS of the outer ring?", true);
}

/* Seven bytes, the last ones of a call: E8 with an offset of `size`, or FF /2 with 0, 1, 2 or 4 more. */
static bool ends_with_call(const uint8_t b[7], unsigned size)
{
    if (b[6 - size] == 0xe8) return true;
    for (unsigned more = 0; more <= size; more += more < 2 ? 1 : 2)
        if (b[5 - more] == 0xff && (b[6 - more] & 0x38) == 0x10) return true;
    return false;
}

/* A call ends just before that offset. */
static void return_look(const struct lab *l, struct cell *x, unsigned size)
{
    uint8_t b[7];
    uint32_t behind = 0;
    rt386_addr at = {.space = RT386_LOGICAL, .seg = RT386_CS, .at = x->value - 7};
    if (x->label || x->value < 7 || rt386_peek(lab_machine(l), at, b, 7) != RT386_OK) return;
    if (!ends_with_call(b, size)) return;
    const char *name = code_symbol(l, x->value, &behind);
    if (name)
        snprintf(x->words, sizeof x->words, "returns to %.36s+0x%x?", name, behind);
    else
        snprintf(x->words, sizeof x->words, "return address?");
    x->label = x->words;
}

static void stack_read(const struct lab *l, struct stack *s)
{
    const rt386 *m = lab_machine(l);
    uint32_t mask = rt386_seg_get(m, RT386_SS).flags & 4 ? UINT32_MAX : 0xffff;
    uint32_t esp = (uint32_t)reg_value(m, "esp") & mask;
    uint32_t ebp = (uint32_t)reg_value(m, "ebp") & mask;
    s->size = rt386_seg_get(m, RT386_CS).flags & 4 ? 4 : 2;
    for (s->n = 0; s->n < CELLS; s->n++) {
        struct cell *x = &s->cell[s->n];
        uint8_t b[4] = {0};
        *x = (struct cell){.offset = esp + s->size * s->n};
        if (x->offset < esp || x->offset > mask) break;
        rt386_addr at = {.space = RT386_LOGICAL, .seg = RT386_SS, .at = x->offset};
        x->readable = rt386_peek(m, at, b, s->size) == RT386_OK;
        if (!x->readable) break;
        x->value = bytes_get32(b);
    }
    for (unsigned i = 0; i < s->n; i++)
        frame_look(l, s, i);
    for (unsigned i = 0; i < s->n; i++)
        return_look(l, &s->cell[i], s->size);
    for (unsigned i = 0; i < s->n; i++)
        if (s->cell[i].offset == ebp)
            label(s, i, s->size == 4 ? "EBP: the caller's EBP?" : "BP: the caller's BP?", false);
}

static void stack_row(const struct canvas *c, struct box row, const struct cell *x, unsigned size,
                      bool top)
{
    int digits = 2 * (int)size;
    float left = row.x + INSET, y = row.y + BASE, right = row.x + row.w - INSET;
    canvas_textf(c, left, y, ALIGN_LEFT, CODE, INK_DIM, "%08x", x->offset);
    struct box cell = {left + 72, row.y, (float)(digits + 1) * CODE_W + 2, row.h};
    unsigned ink = !x->label ? INK_TEXT : x->selector ? INK_TARGET : INK_OFFSET;
    if (x->label) canvas_fill(c, cell, ink | INK_SOFT, 0);
    canvas_frame(c, (struct box){cell.x, cell.y, cell.w, cell.h + 1}, INK_EDGE, 0, 1);
    canvas_textf(c, cell.x + 5, y, ALIGN_LEFT, CODE, ink, "%0*x", digits, x->value);
    float words = cell.x + cell.w + 10;
    if (top) {
        canvas_line(c, words + 4, row.y + 5, words - 2, row.y + row.h / 2, INK_FOCUS, 1.6f);
        canvas_line(c, words + 4, row.y + row.h - 5, words - 2, row.y + row.h / 2, INK_FOCUS, 1.6f);
        canvas_text(c, words + 8, y, ALIGN_LEFT, LABEL_B, INK_FOCUS, size == 4 ? "ESP" : "SP");
        words += 38;
    }
    if (x->label) put(c, words, y, right - words, LABEL, ink, x->label);
}

void draw_stack(struct lab *l, const struct canvas *c, struct box at)
{
    struct stack s;
    stack_read(l, &s);
    if (!s.n) {
        empty(c, at, "SS:ESP points where no memory is");
        return;
    }
    struct rows r = rows_begin(l, c, PANE_STACK, at, s.n, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        stack_row(c, row_box(&r, i), &s.cell[i], s.size, i == 0);
    rows_end(&r);
}

bool stack_follow(struct lab *l, unsigned row)
{
    struct stack s;
    stack_read(l, &s);
    if (row >= s.n) return false;
    if (s.cell[row].selector) return follow_selector(l, (uint16_t)s.cell[row].value);
    rt386_addr at = {.space = RT386_LOGICAL, .seg = RT386_SS, .at = s.cell[row].value};
    follow_memory(l, at);
    return true;
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static void memory_name(const struct lab *l, char *to, size_t size)
{
    static const char *const seg[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    const rt386_addr *at = &l->memory;
    rt386_seg s;
    switch (at->space) {
    case RT386_PHYS: snprintf(to, size, "physical memory"); break;
    case RT386_LINEAR: snprintf(to, size, "linear addresses"); break;
    case RT386_LOGICAL:
        s = rt386_seg_get(lab_machine(l), at->seg);
        snprintf(to, size, "offsets in %s: %s %04x, base %08x", seg[at->seg & 7],
                 lab_selectors(l) ? "selector" : "segment", s.selector, s.base);
        break;
    }
}

static void memory_row(const struct lab *l, const struct canvas *c, struct box row, uint32_t first,
                       unsigned columns)
{
    float x = row.x + INSET, y = row.y + BASE;
    char chars[40] = "", hex[4];
    canvas_textf(c, x, y, ALIGN_LEFT, CODE, INK_DIM, "%08x", first);
    x += 9 * CODE_W + 6;
    for (unsigned i = 0; i < columns; i++) {
        uint8_t b = 0;
        rt386_addr at = l->memory;
        at.at = first + i;
        bool there = rt386_peek(lab_machine(l), at, &b, 1) == RT386_OK;
        snprintf(hex, sizeof hex, there ? "%02x" : "--", b);
        canvas_text(c, x, y, ALIGN_LEFT, CODE, there && b ? INK_TEXT : INK_DIM, hex);
        x += CODE_W * (i % 4 == 3 ? 3.4f : 2.6f);
        chars[i] = (char)(there && isprint(b) ? b : '.');
    }
    canvas_text(c, x + 6, y, ALIGN_LEFT, CODE, INK_OFFSET, chars);
}

void draw_memory(struct lab *l, const struct canvas *c, struct box at)
{
    char name[80];
    /* address, then so many bytes in hexadecimal, in groups of four, then as characters */
    float room = at.w - 2 * INSET - 9 * CODE_W - 12;
    unsigned columns = room > 32 * 3.85f * CODE_W ? 32 : room > 16 * 3.85f * CODE_W ? 16 : 8;
    memory_name(l, name, sizeof name);
    put(c, at.x + INSET, at.y + BASE, at.w - 2 * INSET, SMALL, INK_DIM, name);
    struct box rest = headings(c, at);
    unsigned rows = rest.h > ROW_H ? (unsigned)(rest.h / ROW_H) : 1;
    l->memory_row = columns;
    struct rows r = rows_begin(l, c, PANE_MEMORY, rest, rows, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        memory_row(l, c, row_box(&r, i), l->memory.at + i * columns, columns);
}

/* The first and the last byte that can be named there. */
static void memory_ends(const struct lab *l, uint32_t *first, uint32_t *last)
{
    *first = 0;
    *last = UINT32_MAX;
    if (l->memory.space != RT386_LOGICAL) return;
    rt386_seg s = rt386_seg_get(lab_machine(l), l->memory.seg);
    rt386_desc d = segment_desc(&s);
    if (!s.usable || d.first > d.last) return;
    *first = d.first;
    *last = d.last;
}

void memory_select(struct lab *l, long by)
{
    struct lab_pane *p = &l->pane[PANE_MEMORY];
    long to = (long)p->selected + by, most = p->shown ? (long)p->shown - 1 : 0;
    long beyond = to < 0 ? to : to > most ? to - most : 0;
    p->selected = (unsigned)(to - beyond);
    l->memory.at += l->memory_row * (uint32_t)beyond;
}

void memory_end(struct lab *l, bool last)
{
    struct lab_pane *p = &l->pane[PANE_MEMORY];
    uint32_t from, to, rows = p->shown ? p->shown : 1;
    memory_ends(l, &from, &to);
    from -= from % l->memory_row;
    to -= to % l->memory_row;
    if (!last || to - from < rows * l->memory_row)
        l->memory.at = from;
    else
        l->memory.at = to - (rows - 1) * l->memory_row;
    p->selected = last ? (to - l->memory.at) / l->memory_row : 0;
    if (p->selected >= rows) p->selected = rows - 1;
}
