/* pane_guest.c: what the guest says and has: console, text screen, TSS, INtime's objects and free slots. */
#include "ask.h"
#include "desc_text.h"
#include "dump.h"
#include "inside.h"
#include "lesson.h"
#include "reg_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- console -------------------------------------------------------------------------------------------------- */

#define LINES_MAX 4096u

void draw_console(struct lab *l, const struct canvas *c, struct box at)
{
    const struct chronicle *h = l->chronicle;
    /* a lesson keeps the text itself, without the time of each part */
    const char *s = l->lesson ? lesson_console(l->lesson) : h ? text_str(&h->text) : "";
    size_t n = l->lesson ? strlen(s) : h ? chronicle_text(h, debugger_place(l->d).clocks) : 0;
    size_t from[LINES_MAX];
    unsigned lines = 0;
    if (!n) {
        empty(c, at, "the guest has written nothing yet");
        return;
    }
    for (size_t i = 0; i < n;) {
        if (lines == LINES_MAX) memmove(from, from + 1, --lines * sizeof *from);
        from[lines++] = i;
        const char *end = memchr(s + i, '\n', n - i);
        i = end ? (size_t)(end - s) + 1 : n;
    }
    /* what came last is looked at */
    struct lab_pane *p = &l->pane[PANE_CONSOLE];
    if (l->focus != PANE_CONSOLE || p->rows != lines) p->selected = lines - 1;
    struct rows r = rows_begin(l, c, PANE_CONSOLE, at, lines, ROW_H);
    for (unsigned i = r.first; i < r.end; i++) {
        struct box row = row_box(&r, i);
        size_t end = i + 1 < lines ? from[i + 1] : n;
        while (end > from[i] && (s[end - 1] == '\n' || s[end - 1] == '\r'))
            end--;
        char line[240];
        unsigned k = 0;
        for (size_t at_byte = from[i]; at_byte < end && k < sizeof line - 1; at_byte++)
            line[k++] = (char)(isprint((unsigned char)s[at_byte]) ? s[at_byte] : ' ');
        line[k] = '\0';
        put(c, row.x + INSET, row.y + BASE, row.w - 2 * INSET, CODE, INK_TEXT, line);
    }
    rows_end(&r);
}

/* ---- the text screen: 80 columns, 25 rows at physical 0xb8000, character and attribute ------------------------- */

/* Code page 437 from 128 on, as UTF-8. */
static const char *const upper[128] = {
    "Ç", "ü", "é", "â", "ä", "à", "å", "ç", "ê", "ë", "è", "ï", "î", "ì", "Ä", "Å", "É", "æ", "Æ",
    "ô", "ö", "ò", "û", "ù", "ÿ", "Ö", "Ü", "¢", "£", "¥", "₧", "ƒ", "á", "í", "ó", "ú", "ñ", "Ñ",
    "ª", "º", "¿", "⌐", "¬", "½", "¼", "¡", "«", "»", "░", "▒", "▓", "│", "┤", "╡", "╢", "╖", "╕",
    "╣", "║", "╗", "╝", "╜", "╛", "┐", "└", "┴", "┬", "├", "─", "┼", "╞", "╟", "╚", "╔", "╩", "╦",
    "╠", "═", "╬", "╧", "╨", "╤", "╥", "╙", "╘", "╒", "╓", "╫", "╪", "┘", "┌", "█", "▄", "▌", "▐",
    "▀", "α", "ß", "Γ", "π", "Σ", "σ", "µ", "τ", "Φ", "Θ", "Ω", "δ", "∞", "φ", "ε", "∩", "≡", "±",
    "≥", "≤", "⌠", "⌡", "÷", "≈", "°", "∙", "·", "√", "ⁿ", "²", "■", " "};

static const char *letter(uint8_t ch, char one[2])
{
    one[0] = (char)(isprint(ch) ? ch : ch && ch < ' ' ? '.' : ' ');
    one[1] = '\0';
    return ch > 127 ? upper[ch - 128] : one;
}

#define COLUMNS 80u
#define LINES   25u

/* Characters of one attribute, one behind the other; each run begins where its column is, so that none drifts. */
static unsigned run_draw(const struct canvas *c, const uint8_t *cell, unsigned from,
                         struct box line, struct type type)
{
    uint8_t attribute = cell[2 * from + 1];
    char words[3 * COLUMNS + 1] = "", one[2];
    float w = line.w / COLUMNS;
    unsigned end = from, blanks = 0;
    size_t n = 0;
    for (; end < COLUMNS && cell[2 * end + 1] == attribute && blanks < 2; end++) {
        const char *s = letter(cell[2 * end], one);
        size_t len = strlen(s);
        memcpy(words + n, s, len);
        n += len;
        blanks = *s == ' ' ? blanks + 1 : 0;
    }
    while (n && words[n - 1] == ' ')
        n--;
    words[n] = '\0';
    struct box at = {line.x + w * (float)from, line.y, w * (float)(end - from), line.h};
    if (attribute >> 4 & 7) canvas_fill(c, at, INK_VGA_BACK | attribute, 0);
    if (n)
        canvas_text(c, at.x, at.y + at.h * 0.75f, ALIGN_LEFT, type, INK_VGA_TEXT | attribute,
                    words);
    return end;
}

void draw_screen(struct lab *l, const struct canvas *c, struct box at)
{
    uint8_t cell[LINES * 2 * COLUMNS];
    rt386_addr video = {.space = RT386_PHYS, .at = 0xb8000};
    bool any = false;
    if (rt386_peek(lab_machine(l), video, cell, sizeof cell) == RT386_OK)
        for (unsigned i = 0; i < sizeof cell; i += 2)
            any |= cell[i] > ' ';
    if (!any) {
        empty(c, at, "nothing is on the text screen at physical 0xb8000");
        return;
    }
    float w = (at.w - 2 * INSET) / COLUMNS, h = (at.h - 8) / LINES;
    if (w > h * 0.55f) w = h * 0.55f;
    if (h > w * 2.1f) h = w * 2.1f;
    struct box screen = {at.x + INSET, at.y + 2, COLUMNS * w, LINES * h};
    canvas_fill(c, screen, INK_VGA_BACK | 0x07, 0);
    canvas_frame(c, screen, INK_EDGE, 0, 1);
    for (unsigned y = 0; y < LINES; y++) {
        struct box line = {screen.x, screen.y + h * (float)y, screen.w, h};
        for (unsigned x = 0; x < COLUMNS;)
            x = run_draw(c, cell + (size_t)2 * COLUMNS * y, x, line,
                         (struct type){FACE_CODE, w / 0.6f});
    }
}

/* ---- the task state segment ------------------------------------------------------------------------------------ */

static void tss_one(struct lab *l, const struct canvas *c, struct box at, const rt386_seg *tr,
                    const struct tss_field *f)
{
    uint32_t value;
    float y = at.y + BASE;
    canvas_textf(c, at.x, y, ALIGN_LEFT, SMALL, INK_DIM, "+%u", f->at);
    canvas_text(c, at.x + 28, y, ALIGN_LEFT, LABEL, INK_TEXT, f->name);
    if (tss_read(lab_machine(l), tr, f, &value))
        canvas_textf(c, at.x + 92, y, ALIGN_LEFT, CODE, f->size == 2 ? INK_TARGET : INK_OFFSET,
                     "%0*x", f->size * 2, value);
    else
        canvas_text(c, at.x + 92, y, ALIGN_LEFT, LABEL, INK_DIM, "beyond");
}

void draw_tss(struct lab *l, const struct canvas *c, struct box at)
{
    rt386_seg tr = rt386_seg_get(lab_machine(l), RT386_TR);
    if (!tr.usable) {
        empty(c, at, "no TSS: TR holds no task");
        return;
    }
    const struct tss_field *f = tss_fields(&tr);
    bool small = (tr.access & 15u) == 1 || (tr.access & 15u) == 3;
    putf(c, at.x + INSET, at.y + BASE, at.w - 2 * INSET, SMALL, INK_DIM,
         "%s TSS of TR %04x at %08x, limit %04x: what its last switch saved", small ? "286" : "386",
         tr.selector, tr.base, tr.limit);
    struct box rest = headings(c, at);
    unsigned n = 0, columns = rest.w >= 560 ? 3 : 2;
    while (f[n].name)
        n++;
    unsigned rows = (n + columns - 1) / columns;
    float w = (rest.w - 2 * INSET) / (float)columns;
    struct rows r = rows_begin(l, c, PANE_TSS, rest, rows, ROW_H);
    for (unsigned i = r.first; i < r.end; i++) {
        struct box row = row_box(&r, i);
        for (unsigned k = 0; k < columns && i + k * rows < n; k++)
            tss_one(l, c, (struct box){row.x + INSET + w * (float)k, row.y, w, row.h}, &tr,
                    &f[i + k * rows]);
    }
    rows_end(&r);
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

#define OBJECTS_MAX 1024u
struct object_row {
    uint16_t handle; /* of a process when `process` */
    bool process;
};

static unsigned objects_read(const rt386 *m, struct object_row *row)
{
    unsigned n = 0;
    rt386_process p;
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++) {
        if (!p.alive) continue;
        if (n < OBJECTS_MAX) row[n++] = (struct object_row){p.handle, true};
        rt386_object o;
        for (unsigned slot = 1; slot < 8192 && n < OBJECTS_MAX; slot++)
            if (rt386_intime_object(m, (uint16_t)(slot << 3), &o) && o.owner == p.handle &&
                o.handle != p.handle)
                row[n++] = (struct object_row){o.handle, false};
    }
    return n;
}

static void object_draw(struct lab *l, const struct canvas *c, struct box row,
                        const struct object_row *o)
{
    rt386_object x;
    float left = row.x + INSET, y = row.y + BASE, right = row.x + row.w - INSET;
    if (!rt386_intime_object(lab_machine(l), o->handle, &x))
        x = (rt386_object){.handle = o->handle};
    canvas_textf(c, left + (o->process ? 0 : 14), y, ALIGN_LEFT, CODE_B, INK_TARGET, "%04x",
                 o->handle);
    if (o->process) {
        rt386_process p = {0};
        for (unsigned i = 0; rt386_intime_process(lab_machine(l), i, &p); i++)
            if (p.handle == o->handle) break;
        putf(c, left + 56, y, right - left - 56, LABEL_B, INK_TEXT, "process %s", p.name);
        return;
    }
    put(c, left + 56, y, 74, LABEL, INK_TEXT, object_type_word(&x));
    put(c, left + 132, y, 90, CODE, INK_OFFSET, x.name);
    put(c, left + (*x.name ? 228 : 132), y, right - left - (*x.name ? 228 : 132), LABEL, INK_DIM,
        x.detail);
}

void draw_objects(struct lab *l, const struct canvas *c, struct box at)
{
    struct object_row row[OBJECTS_MAX];
    unsigned n = objects_read(lab_machine(l), row);
    if (!n) {
        empty(c, at, "no INtime program is there");
        return;
    }
    struct rows r = rows_begin(l, c, PANE_OBJECTS, at, n, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        object_draw(l, c, row_box(&r, i), &row[i]);
    rows_end(&r);
}

bool objects_follow(struct lab *l, unsigned index)
{
    struct object_row row[OBJECTS_MAX];
    unsigned n = objects_read(lab_machine(l), row);
    return index < n && follow_selector(l, row[index].handle);
}

/* ---- free slots: the GDT as a field of cells ---------------------------------------------------------------------- */

/* One cell an entry. Returns how many are used. */
static unsigned slots_field(const struct canvas *c, struct box at, const uint8_t *bytes,
                            unsigned entries, unsigned columns)
{
    unsigned used = 0;
    float w = at.w / (float)columns, h = at.h / (float)((entries + columns - 1) / columns);
    canvas_fill(c, at, INK_RAISED, 2);
    for (unsigned i = 0; i < entries; i++) {
        static const uint8_t none[8];
        if (!memcmp(bytes + 8 * (size_t)i, none, 8)) continue;
        rt386_desc d = rt386_desc_decode(bytes + 8 * (size_t)i);
        bool memory = d.kind == RT386_DESC_CODE || d.kind == RT386_DESC_DATA;
        struct box cell = {at.x + w * (float)(i % columns), at.y + h * (float)(i / columns), w, h};
        canvas_fill(c, cell, memory ? INK_BASE : desc_is_gate(d.kind) ? INK_TARGET : INK_LIMIT, 0);
        used++;
    }
    return used;
}

void draw_slots(struct lab *l, const struct canvas *c, struct box at)
{
    const rt386 *m = lab_machine(l);
    rt386_table_info gdt = rt386_table_get(m, RT386_GDT);
    uint8_t bytes[0x10000];
    rt386_process root;
    rt386_addr where = {.space = RT386_LINEAR, .at = gdt.base};
    unsigned n = gdt.entries < 8192 ? gdt.entries : 8192, columns = at.w > 900 ? 256 : 128;
    if (!gdt.valid || !n || rt386_peek(m, where, bytes, 8 * n) != RT386_OK) {
        empty(c, at, "there is no GDT");
        return;
    }
    float high = at.h - 2 * ROW_H - 10, rows = (float)((n + columns - 1) / columns);
    if (high > 10 * rows) high = 10 * rows;
    struct box field = {at.x + INSET, at.y + ROW_H + 4, at.w - 2 * INSET, high};
    unsigned used = slots_field(c, field, bytes, n, columns);
    float x = at.x + INSET, y = field.y + field.h + 14;
    if (rt386_intime_process(m, 0, &root))
        putf(c, x, at.y + BASE, at.w - 2 * INSET, LABEL, INK_TEXT,
             "%u of %u entries used, %u slots free for INtime's objects", used, n,
             rt386_intime_free_slots(m));
    else
        putf(c, x, at.y + BASE, at.w - 2 * INSET, LABEL, INK_TEXT, "%u of %u entries used", used,
             n);
    static const char *const name[] = {"code, data", "LDT, TSS", "gate", "free"};
    static const enum ink ink[] = {INK_BASE, INK_LIMIT, INK_TARGET, INK_RAISED};
    for (unsigned i = 0; i < 4; i++) {
        canvas_fill(c, (struct box){x, y - 9, 9, 9}, ink[i], 1);
        canvas_frame(c, (struct box){x, y - 9, 9, 9}, INK_EDGE, 1, 1);
        canvas_text(c, x + 14, y, ALIGN_LEFT, SMALL, INK_DIM, name[i]);
        x += 22 + canvas_width(c, SMALL, name[i]) + 10;
    }
}
