/* pane_pages.c: the page directory as a tree, and as a map of the 4 GB it translates. */
#include "bytes.h"
#include "inside.h"
#include "reg_value.h"

#include <math.h>
#include <string.h>

#define ROWS_MAX 3072u

static bool paged(const struct lab *l)
{
    return reg_value(lab_machine(l), "cr0") & 1u << 31;
}

/* A table of 1024 entries; false: it is not in memory. */
static bool table_read(const struct lab *l, uint32_t phys, uint32_t entry[1024])
{
    uint8_t bytes[4096];
    rt386_addr at = {.space = RT386_PHYS, .at = phys & 0xfffff000u};
    if (rt386_peek(lab_machine(l), at, bytes, sizeof bytes) != RT386_OK) return false;
    for (unsigned i = 0; i < 1024; i++)
        entry[i] = bytes_get32(bytes + 4 * i);
    return true;
}

static bool directory_read(const struct lab *l, uint32_t entry[1024])
{
    return table_read(l, (uint32_t)reg_value(lab_machine(l), "cr3"), entry);
}

/* ---- the tree --------------------------------------------------------------------------------------------------- */

struct node { /* a directory entry, or a run of table entries that lie one behind the other */
    uint32_t linear, entry, pages;
    bool directory;
};
struct tree {
    struct node node[ROWS_MAX];
    unsigned n;
};

static void node_add(struct tree *t, struct node node)
{
    if (t->n < ROWS_MAX) t->node[t->n++] = node;
}

/* Runs with consecutive frames, the same rights, and the same A and D. */
static void table_add(const struct lab *l, struct tree *t, unsigned index, uint32_t pde)
{
    uint32_t pte[1024];
    if (!table_read(l, pde, pte)) return;
    for (unsigned i = 0; i < 1024;) {
        unsigned first = i++;
        if (!(pte[first] & 1)) continue;
        while (i < 1024 && (pte[i] & 1) && ((pte[i] ^ pte[first]) & 0x66) == 0 &&
               (pte[i] & 0xfffff000u) == (pte[first] & 0xfffff000u) + (i - first) * 0x1000)
            i++;
        node_add(t,
                 (struct node){(uint32_t)index << 22 | first << 12, pte[first], i - first, false});
    }
}

static void tree_make(const struct lab *l, struct tree *t)
{
    uint32_t pde[1024];
    t->n = 0;
    if (!directory_read(l, pde)) return;
    for (unsigned i = 0; i < 1024; i++) {
        if (!(pde[i] & 1)) continue;
        node_add(t, (struct node){(uint32_t)i << 22, pde[i], 1024, true});
        if (l->opened == i + 1) table_add(l, t, i, pde[i]);
    }
}

static void letters(const struct canvas *c, float x, float y, uint32_t e)
{
    canvas_textf(c, x, y, ALIGN_LEFT, CODE, INK_RIGHTS, "%s %s %s%s", e & 4 ? "user" : "sup ",
                 e & 2 ? "rw" : "r ", e & 0x20 ? "A" : "-", e & 0x40 ? "D" : "-");
}

/* Where the frame and the rights of an entry begin. */
struct tree_columns {
    float frame, rights;
    bool wide;
};
static struct tree_columns tree_columns(struct box at)
{
    bool wide = at.w - 2 * INSET >= 350;
    return (struct tree_columns){wide ? 170 : 122, wide ? 246 : 192, wide};
}

static void node_draw(struct lab *l, const struct canvas *c, struct box row, const struct node *n)
{
    float x = row.x + INSET, y = row.y + BASE;
    struct tree_columns col = tree_columns(row);
    if (n->directory) {
        bool open = l->opened == (n->linear >> 22) + 1;
        canvas_line(c, x + 1, row.y + (open ? 7 : 5), x + (open ? 5 : 6),
                    row.y + (open ? 12 : 9.5f), INK_DIM, 1.5f);
        canvas_line(c, x + (open ? 9 : 1), row.y + (open ? 7 : 14), x + (open ? 5 : 6),
                    row.y + (open ? 12 : 9.5f), INK_DIM, 1.5f);
        canvas_textf(c, x + 16, y, ALIGN_LEFT, CODE_B, INK_TEXT, "%03x", n->linear >> 22);
        canvas_textf(c, x + 52, y, ALIGN_LEFT, CODE, INK_BASE, "%08x", n->linear);
        if (col.wide) canvas_text(c, x + 118, y, ALIGN_LEFT, LABEL, INK_DIM, "table at");
        canvas_textf(c, x + col.frame, y, ALIGN_LEFT, CODE, INK_FLAGS, "%08x",
                     n->entry & 0xfffff000u);
        letters(c, x + col.rights, y, n->entry);
        return;
    }
    canvas_line(c, x + 22, row.y, x + 22, row.y + row.h, INK_EDGE, 1);
    canvas_textf(c, x + 52, y, ALIGN_LEFT, CODE, INK_BASE, "%08x", n->linear);
    if (col.wide) canvas_arrow(c, x + 118, row.y + row.h / 2, x + 158, row.y + row.h / 2, INK_EDGE);
    canvas_textf(c, x + col.frame, y, ALIGN_LEFT, CODE, INK_TEXT, "%08x", n->entry & 0xfffff000u);
    letters(c, x + col.rights, y, n->entry);
    float pages = x + col.rights + 96, room = row.x + row.w - INSET - pages;
    if (room < 50) return;
    putf(c, pages, y, room, LABEL, INK_DIM, n->pages == 1 ? "%u page" : "%u pages", n->pages);
}

void draw_pages(struct lab *l, const struct canvas *c, struct box at)
{
    struct tree t;
    if (!paged(l)) {
        empty(c, at, "paging is off: linear addresses are physical ones");
        return;
    }
    tree_make(l, &t);
    if (!t.n) {
        empty(c, at, "the page directory at CR3 maps nothing");
        return;
    }
    float x = at.x + INSET, y = at.y + BASE;
    canvas_text(c, x + 16, y, ALIGN_LEFT, SMALL, INK_DIM, "index");
    canvas_text(c, x + 52, y, ALIGN_LEFT, SMALL, INK_DIM, "linear");
    struct tree_columns col = tree_columns(at);
    canvas_text(c, x + col.frame, y, ALIGN_LEFT, SMALL, INK_DIM, "physical");
    canvas_text(c, x + col.rights, y, ALIGN_LEFT, SMALL, INK_DIM,
                col.wide ? "rights, accessed, dirty" : "rights, A, D");
    struct rows r = rows_begin(l, c, PANE_PAGES, headings(c, at), t.n, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        node_draw(l, c, row_box(&r, i), &t.node[i]);
    rows_end(&r);
}

bool pages_follow(struct lab *l, unsigned row)
{
    struct tree t;
    if (!paged(l)) return false;
    tree_make(l, &t);
    if (row >= t.n) return false;
    const struct node *n = &t.node[row];
    unsigned index = n->linear >> 22;
    if (n->directory)
        l->opened = l->opened == index + 1 ? 0 : index + 1;
    else
        follow_memory(l, (rt386_addr){.space = RT386_LINEAR, .at = n->linear});
    return true;
}

/* ---- the map: a cell for each directory entry ------------------------------------------------------------------- */

struct landmark {
    const char *name;
    uint32_t linear;
};

static unsigned marks_of(const struct lab *l, struct landmark mark[4])
{
    const rt386 *m = lab_machine(l);
    rt386_seg cs = rt386_seg_get(m, RT386_CS), ss = rt386_seg_get(m, RT386_SS);
    mark[0] = (struct landmark){"CS:EIP", cs.base + (uint32_t)reg_value(m, "eip")};
    mark[1] = (struct landmark){"SS:ESP", ss.base + (uint32_t)reg_value(m, "esp")};
    mark[2] = (struct landmark){"GDT", (uint32_t)reg_value(m, "gdtr_base")};
    mark[3] = (struct landmark){"IDT", (uint32_t)reg_value(m, "idtr_base")};
    return 4;
}

/* How many of its 1024 pages are mapped. */
static unsigned pages_in(const struct lab *l, uint32_t pde)
{
    uint32_t pte[1024];
    unsigned n = 0;
    if (!(pde & 1) || !table_read(l, pde, pte)) return 0;
    for (unsigned i = 0; i < 1024; i++)
        n += pte[i] & 1;
    return n;
}

static void cell_draw(struct lab *l, const struct canvas *c, struct box at, unsigned index,
                      uint32_t pde)
{
    float pixel = 1 / l->scale;
    struct box in = {at.x, at.y, at.w - pixel, at.h - pixel};
    canvas_fill(c, in, INK_RAISED, 1);
    unsigned n = pages_in(l, pde);
    if (n) {
        float h = in.h * (float)n / 1024;
        if (h < 2) h = 2;
        canvas_fill(c, (struct box){in.x, in.y + in.h - h, in.w, h}, pde & 4 ? INK_BASE : INK_LIMIT,
                    0);
    }
    char once[56];
    snprintf(once, sizeof once, "at 0x%08x", index << 22);
    lab_hit(l, PANE_MAP, at, "", once);
}

/* The landmarks in a cell, or in a row of `columns`: "1 3". */
static void numbers_in(char to[16], unsigned first, unsigned columns, const struct landmark *mark,
                       unsigned marks)
{
    *to = '\0';
    for (unsigned i = first; i < first + columns; i++)
        for (unsigned k = 0; k < marks; k++)
            if (mark[k].linear >> 22 == i) {
                size_t n = strlen(to);
                snprintf(to + n, 16 - n, "%s%u", n ? " " : "", k + 1);
            }
}

#define MARK_TYPE ((struct type){FACE_BOLD, 9})

/* Their numbers stand in the cell, on a ground of their own, when they can be read there. */
static bool mark_draw(const struct canvas *c, struct box cell, unsigned index,
                      const struct landmark *mark, unsigned marks)
{
    char numbers[16];
    numbers_in(numbers, index, 1, mark, marks);
    if (!*numbers) return true;
    canvas_frame(c, cell, INK_FOCUS, 0, 1.5f);
    float w = canvas_width(c, MARK_TYPE, numbers) + 4, y = cell.y + cell.h / 2;
    if (w > cell.w - 3 || cell.h < 12) return false;
    canvas_fill(c, (struct box){cell.x + (cell.w - w) / 2, y - 4.5f, w, 9}, INK_PANEL, 1);
    canvas_text(c, cell.x + cell.w / 2, y + 3.2f, ALIGN_MIDDLE, MARK_TYPE, INK_TEXT, numbers);
    return true;
}

/* Beside the map where they cannot: those of a row together, none over another. */
static void marks_aside(const struct canvas *c, struct box map, float h,
                        const struct landmark *mark, unsigned marks)
{
    float free = map.y;
    for (unsigned row = 0; row < 32; row++) {
        char numbers[16];
        numbers_in(numbers, 32 * row, 32, mark, marks);
        if (!*numbers) continue;
        float y = map.y + h * (float)row + h / 2, at = y > free + 5 ? y : free + 5;
        canvas_line(c, map.x + map.w + 1, y, map.x + map.w + 7, at, INK_FOCUS, 1.5f);
        canvas_text(c, map.x + map.w + 10, at + 3.2f, ALIGN_LEFT, MARK_TYPE, INK_TEXT, numbers);
        free = at + 6;
    }
}

/* Of the landmarks: two where four do not fit side by side. */
static unsigned legend_rows(struct box at)
{
    return at.w - 2 * INSET < 520 ? 2 : 1;
}

static void map_legend(struct lab *l, const struct canvas *c, struct box at, float y,
                       const struct landmark *mark, unsigned marks)
{
    float x = at.x + INSET;
    (void)l;
    canvas_fill(c, (struct box){x, y - 9, 9, 9}, INK_BASE, 1);
    canvas_text(c, x + 14, y, ALIGN_LEFT, SMALL, INK_DIM, "user");
    canvas_fill(c, (struct box){x + 52, y - 9, 9, 9}, INK_LIMIT, 1);
    canvas_text(c, x + 66, y, ALIGN_LEFT, SMALL, INK_DIM, "supervisor; height: how much is mapped");
    unsigned columns = legend_rows(at) == 1 ? 4 : 2;
    float w = (at.w - 2 * INSET) / (float)columns;
    for (unsigned i = 0; i < marks; i++)
        putf(c, x + w * (float)(i % columns), y + 16 + 15 * (float)(i / columns), w - 6, SMALL,
             INK_TEXT, "%u %s %08x", i + 1, mark[i].name, mark[i].linear);
}

void draw_map(struct lab *l, const struct canvas *c, struct box at)
{
    static uint32_t const none[1024];
    uint32_t pde[1024];
    struct landmark mark[4];
    bool there = paged(l) && directory_read(l, pde);
    unsigned columns = 32, marks = marks_of(l, mark);
    float room = at.w - 2 * INSET - 80, w = room / (float)columns;
    float legend = 37 + 15 * (float)legend_rows(at), h = (at.h - legend) / 32;
    if (!paged(l)) {
        empty(c, at, "paging is off: linear addresses are physical ones");
        return;
    }
    if (w > 1.6f * h) w = 1.6f * h;
    /* on whole pixels, so that all gaps are as wide */
    w = floorf(w * l->scale) / l->scale;
    h = floorf(h * l->scale) / l->scale;
    float left = roundf((at.x + INSET + 40) * l->scale) / l->scale;
    float top = roundf((at.y + 6) * l->scale) / l->scale;
    bool aside = false;
    for (unsigned i = 0; i < 1024; i++) {
        struct box cell = {left + w * (float)(i % columns), top + h * (float)(i / columns), w, h};
        if (i % columns == 0 && (i / columns) % 4 == 0)
            canvas_textf(c, at.x + INSET, cell.y + 9, ALIGN_LEFT, (struct type){FACE_CODE, 10},
                         INK_DIM, "%03x\xc2\xb7", i);
        cell_draw(l, c, cell, i, there ? pde[i] : none[i]);
        aside |= !mark_draw(c, cell, i, mark, marks);
    }
    if (aside) marks_aside(c, (struct box){left, top, w * (float)columns, h * 32}, h, mark, marks);
    map_legend(l, c, at, at.y + at.h + 24 - legend, mark, marks);
}
