/* pane_tables.c: GDT, LDT and IDT, an entry a line, read anew for each picture; below, the selected entry as a descriptor. */
#include "checks.h"
#include "desc_text.h"
#include "figure.h"
#include "inside.h"

#include <string.h>

#define DESC_H    258.0f /* of the figure below the table */
#define DESC_ROOM 456.0f /* a pane of this height has room for it */

struct columns {
    float selector, base, limit, words, right;
};
static struct columns columns_of(struct box at)
{
    float x = at.x + INSET;
    return (struct columns){x, x + 46, x + 118, x + 190, at.x + at.w - INSET};
}

static void numbers(const struct canvas *c, const struct columns *col, float y, const rt386_desc *d)
{
    if (desc_is_segment(d->kind)) {
        canvas_textf(c, col->base, y, ALIGN_LEFT, CODE, INK_BASE, "%08x", d->base);
        canvas_textf(c, col->limit, y, ALIGN_LEFT, CODE, INK_LIMIT, "%08x", d->limit);
    } else if (desc_is_gate(d->kind)) {
        canvas_textf(c, col->base, y, ALIGN_LEFT, CODE, INK_TARGET, "%04x", d->selector);
        if (desc_has_offset(d->kind))
            canvas_textf(c, col->limit, y, ALIGN_LEFT, CODE, INK_OFFSET, "%08x", d->offset);
    }
}

/* The segment registers that hold this selector, whatever its RPL. */
static float holders(struct lab *l, const struct canvas *c, const struct columns *col, float y,
                     unsigned selector)
{
    static const char *const name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    char words[48] = "";
    for (unsigned i = lab_selectors(l) ? 0 : 6; i < 8; i++) { /* else only LDTR and TR hold any */
        rt386_seg seg = rt386_seg_get(lab_machine(l), (rt386_segreg)i);
        size_t n = strlen(words);
        if (seg.usable && selector && (seg.selector & 0xfffcu) == selector)
            snprintf(words + n, sizeof words - n, "%s%s", n ? " " : "", name[i]);
    }
    if (!*words || canvas_width(c, LABEL_B, words) > col->right - col->words) return 0;
    canvas_text(c, col->right, y, ALIGN_RIGHT, LABEL_B, INK_FOCUS, words);
    return canvas_width(c, LABEL_B, words) + 10;
}

/* In few words; bytes and picture say the rest. */
static void kind_words(const rt386_desc *d, char *to, size_t size)
{
    bool code = d->kind == RT386_DESC_CODE, data = d->kind == RT386_DESC_DATA;
    if (d->kind == RT386_DESC_EMPTY) {
        snprintf(to, size, "empty");
        return;
    }
    snprintf(to, size, "%s%s%s, DPL %u%s%s", desc_kind_name(d->kind),
             code   ? d->readable ? " rx" : " x"
             : data ? d->writable ? " rw" : " r"
                    : "",
             code || data ? d->big ? " 32" : " 16" : "", d->dpl, d->present ? "" : ", not present",
             d->busy ? ", busy" : "");
}

static void entry(struct lab *l, const struct canvas *c, struct box row, rt386_table table,
                  unsigned index)
{
    rt386_desc d;
    char owner[64] = "", words[96];
    struct columns col = columns_of(row);
    float y = row.y + BASE, right = col.right;
    bool there = rt386_table_entry(lab_machine(l), table, index, &d, owner) == RT386_OK;
    if (there && table == RT386_GDT && lab_changed_gdt(l, index, &d))
        changed(c, (struct box){row.x + 5, row.y, row.w - 10, row.h});
    unsigned name = table == RT386_IDT ? index : 8 * index + (table == RT386_LDT ? 4 : 0);
    canvas_textf(c, col.selector, y, ALIGN_LEFT, CODE_B,
                 there && d.kind != RT386_DESC_EMPTY ? INK_TARGET : INK_DIM,
                 table == RT386_IDT ? "%02x" : "%04x", name);
    if (!there) {
        put(c, col.base, y, right - col.base, LABEL, INK_DIM, "no memory is mapped there");
        return;
    }
    numbers(c, &col, y, &d);
    if (table != RT386_IDT) right -= holders(l, c, &col, y, name);
    if (table == RT386_IDT && index < 32) {
        const char *mnemonic = rt386_vector_mnemonic(index);
        canvas_text(c, right, y, ALIGN_RIGHT, SMALL, INK_DIM, mnemonic);
        right -= 36;
    } else if (*owner && right - col.words > 260) {
        float w = canvas_width(c, SMALL, owner);
        float most = col.right - col.words - 250 > 150 ? col.right - col.words - 250 : 150;
        w = w < most ? w : most;
        put(c, right - w, y, w, SMALL, INK_DIM, owner);
        right -= w + 10;
    }
    kind_words(&d, words, sizeof words);
    unsigned ink = d.kind == RT386_DESC_EMPTY ? INK_DIM : !d.present ? INK_BAD : INK_RIGHTS;
    put(c, col.words, y, right - col.words, LABEL, ink, words);
}

static void heading(const struct lab *l, const struct canvas *c, struct box at, rt386_table table,
                    const rt386_table_info *info)
{
    struct columns col = columns_of(at);
    float y = at.y + BASE;
    bool idt = table == RT386_IDT;
    canvas_text(c, col.selector, y, ALIGN_LEFT, SMALL, INK_DIM, idt ? "vector" : "selector");
    canvas_text(c, col.base, y, ALIGN_LEFT, SMALL, INK_DIM, idt ? "selector" : "base");
    canvas_text(c, col.limit, y, ALIGN_LEFT, SMALL, INK_DIM, idt ? "offset" : "limit");
    char where[80];
    snprintf(where, sizeof where, "at %08x, %u entries", info->base, info->entries);
    float w = canvas_width(c, SMALL, where);
    bool used = !lab_real(l);
    const char *what = used ? "what it is" : "idle in real mode";
    float need = canvas_width(c, SMALL, what), room = col.right - col.words;
    bool both = need + 8 + w <= room, place = w + 40 <= col.right - col.limit;
    if (both || !used || !place) put(c, col.words, y, room, SMALL, used ? INK_DIM : INK_BAD, what);
    if (both || (used && place)) canvas_text(c, col.right, y, ALIGN_RIGHT, SMALL, INK_DIM, where);
}

/* Both bytes and fields of the selected entry. */
static void selected(struct lab *l, const struct canvas *c, struct box at, rt386_table table,
                     unsigned index)
{
    rt386_desc d, before;
    if (rt386_table_entry(lab_machine(l), table, index, &d, NULL) != RT386_OK) return;
    canvas_line(c, at.x + INSET, at.y, at.x + at.w - INSET, at.y, INK_EDGE, 1);
    bool was = table == RT386_GDT && lab_changed_gdt(l, index, &d);
    if (was) before = rt386_desc_decode(l->before.gdt + 8 * (size_t)index);
    float w = at.w - 2 * INSET < 720 ? at.w - 2 * INSET : 720;
    figure_desc(c, (struct spot){at.x + INSET, at.y + 8, w}, &d, was ? &before : NULL);
}

/* Where nobody has chosen: the entry that the next instruction is about, or the one that was loaded last. */
static void follow_instruction(struct lab *l, enum pane_id pane, rt386_table table)
{
    const struct what_if *what;
    const struct look *then, *k;
    if (l->focus == pane || l->running || table == RT386_IDT || !lab_selectors(l)) return;
    k = checks_look(l, &what, &then);
    unsigned selector = what          ? what->selector
                        : k->selector ? k->selector->why.selector
                        : k->access && k->access->reg <= RT386_GS
                            ? rt386_seg_get(lab_machine(l), k->access->reg).selector
                            : 0;
    if (selector > 3 && !(selector & 4) == (table == RT386_GDT))
        l->pane[pane].selected = selector >> 3;
}

/* Real mode: the table at IDTR's base has four bytes a vector, offset and segment [386 14.3]. */
static void draw_vectors(struct lab *l, const struct canvas *c, struct box at)
{
    rt386_table_info info = rt386_table_get(lab_machine(l), RT386_IDT);
    struct columns col = columns_of(at);
    float y = at.y + BASE;
    canvas_text(c, col.selector, y, ALIGN_LEFT, SMALL, INK_DIM, "vector");
    canvas_text(c, col.base, y, ALIGN_LEFT, SMALL, INK_DIM, "segment");
    canvas_text(c, col.limit, y, ALIGN_LEFT, SMALL, INK_DIM, "offset");
    put(c, col.words, y, col.right - col.words, SMALL, INK_DIM, "where it leads, linear");
    unsigned n = (info.limit + 1) / 4 < 256 ? (info.limit + 1) / 4 : 256;
    struct rows r = rows_begin(l, c, PANE_IDT, headings(c, at), n, ROW_H);
    for (unsigned i = r.first; i < r.end; i++) {
        uint8_t b[4];
        struct box row = row_box(&r, i);
        y = row.y + BASE;
        canvas_textf(c, col.selector, y, ALIGN_LEFT, CODE_B, INK_TARGET, "%02x", i);
        const rt386_addr place = {.space = RT386_LINEAR, .at = info.base + 4 * i};
        if (rt386_peek(lab_machine(l), place, b, sizeof b) != RT386_OK) continue;
        unsigned offset = b[0] | (unsigned)b[1] << 8, segment = b[2] | (unsigned)b[3] << 8;
        canvas_textf(c, col.base, y, ALIGN_LEFT, CODE, INK_TARGET, "%04x", segment);
        canvas_textf(c, col.limit, y, ALIGN_LEFT, CODE, INK_OFFSET, "%04x", offset);
        canvas_textf(c, col.words, y, ALIGN_LEFT, CODE, INK_BASE, "%08x", segment * 16 + offset);
        if (i < 32)
            canvas_text(c, col.right, y, ALIGN_RIGHT, SMALL, INK_DIM, rt386_vector_mnemonic(i));
    }
    row_chosen(&r);
    rows_end(&r);
}

static void draw_table(struct lab *l, const struct canvas *c, struct box at, enum pane_id pane,
                       rt386_table table)
{
    rt386_table_info info = rt386_table_get(lab_machine(l), table);
    if (!info.valid || !info.entries) {
        empty(c, at,
              table == RT386_LDT ? "no LDT: LDTR holds a null selector"
                                 : "no table: the limit leaves no whole entry");
        return;
    }
    heading(l, c, at, table, &info);
    follow_instruction(l, pane, table);
    struct box rest = headings(c, at);
    bool room = at.h >= DESC_ROOM;
    if (room) rest.h -= DESC_H;
    struct rows r = rows_begin(l, c, pane, rest, info.entries, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        entry(l, c, row_box(&r, i), table, i);
    row_chosen(&r);
    rows_end(&r);
    struct box below = {at.x, at.y + at.h - DESC_H + 4, at.w, DESC_H - 4};
    if (room) selected(l, c, below, table, l->pane[pane].selected);
}

void draw_gdt(struct lab *l, const struct canvas *c, struct box at)
{
    draw_table(l, c, at, PANE_GDT, RT386_GDT);
}

void draw_ldt(struct lab *l, const struct canvas *c, struct box at)
{
    draw_table(l, c, at, PANE_LDT, RT386_LDT);
}

void draw_idt(struct lab *l, const struct canvas *c, struct box at)
{
    if (lab_real(l))
        draw_vectors(l, c, at);
    else
        draw_table(l, c, at, PANE_IDT, RT386_IDT);
}
