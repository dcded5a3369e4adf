/* layout.c: where the panes are, the bar above and the line below them, and what is drawn over all. */
#include "inside.h"

#include "reg_value.h"

#include <math.h>
#include <string.h>

#define BAR_H  38.0f
#define LINE_H 28.0f

const struct pane panes[PANE_COUNT] = {
    [PANE_CODE] = {"code", "Code", draw_code},
    [PANE_REGISTERS] = {"registers", "Registers", draw_registers},
    [PANE_SEGMENTS] = {"segments", "Segment registers", draw_segments},
    [PANE_CHECKS] = {"checks", "Checks", draw_checks},
    [PANE_GDT] = {"gdt", "GDT", draw_gdt},
    [PANE_LDT] = {"ldt", "LDT", draw_ldt},
    [PANE_IDT] = {"idt", "IDT", draw_idt},
    [PANE_TSS] = {"tss", "TSS", draw_tss},
    [PANE_PAGES] = {"pages", "Pages", draw_pages},
    [PANE_MAP] = {"map", "4 GB", draw_map},
    [PANE_ADDRESS] = {"address", "Address", draw_address},
    [PANE_STACK] = {"stack", "Stack", draw_stack},
    [PANE_MEMORY] = {"memory", "Memory", draw_memory},
    [PANE_OBJECTS] = {"objects", "Objects", draw_objects},
    [PANE_SLOTS] = {"slots", "Free slots", draw_slots},
    [PANE_CONSOLE] = {"console", "Console", draw_console},
    [PANE_SCREEN] = {"screen", "Screen", draw_screen},
    [PANE_LESSON] = {"lesson", "Lesson", draw_lesson},
    [PANE_TIME] = {"time", "Timeline", draw_time},
};

enum pane_id pane_named(const char *name)
{
    for (unsigned i = 0; i < PANE_COUNT; i++)
        if (!strcmp(panes[i].name, name)) return i;
    return PANE_COUNT;
}

/* ---- places -------------------------------------------------------------------------------------------------- */

static void slot_add(struct layout *to, struct box at, const enum pane_id *pane, unsigned n)
{
    struct slot *s = &to->slot[to->slots++];
    /* on whole pixels at scale 1, so that rows are as far apart everywhere */
    struct box whole = {floorf(at.x), floorf(at.y), floorf(at.x + at.w) - floorf(at.x),
                        floorf(at.y + at.h) - floorf(at.y)};
    *s = (struct slot){.at = whole, .panes = n};
    memcpy(s->pane, pane, n * sizeof *pane);
}

static const enum pane_id only_code[] = {PANE_CODE};
static const enum pane_id stacks[] = {PANE_STACK, PANE_MEMORY};
static const enum pane_id only_registers[] = {PANE_REGISTERS};
static const enum pane_id only_segments[] = {PANE_SEGMENTS};
static const enum pane_id only_checks[] = {PANE_CHECKS};
static const enum pane_id tables[] = {PANE_GDT, PANE_LDT, PANE_IDT, PANE_TSS, PANE_PAGES, PANE_MAP};
static const enum pane_id others[] = {PANE_CONSOLE, PANE_SCREEN, PANE_OBJECTS, PANE_SLOTS,
                                      PANE_TIME};
static const enum pane_id only_address[] = {PANE_ADDRESS};
static const enum pane_id small_left[] = {PANE_SEGMENTS, PANE_REGISTERS, PANE_STACK, PANE_MEMORY};
static const enum pane_id small_right[] = {PANE_CHECKS,  PANE_ADDRESS, PANE_CONSOLE, PANE_SCREEN,
                                           PANE_OBJECTS, PANE_SLOTS,   PANE_TIME};
static const enum pane_id small_both[] = {PANE_SEGMENTS, PANE_CHECKS,  PANE_REGISTERS, PANE_STACK,
                                          PANE_ADDRESS,  PANE_CONSOLE, PANE_MEMORY,    PANE_SCREEN,
                                          PANE_OBJECTS,  PANE_SLOTS,   PANE_TIME};
static const enum pane_id narrow_top[] = {PANE_CODE,      PANE_LESSON, PANE_SEGMENTS,
                                          PANE_REGISTERS, PANE_STACK,  PANE_MEMORY};
static const enum pane_id narrow_low[] = {
    PANE_CHECKS, PANE_ADDRESS, PANE_GDT,    PANE_LDT,     PANE_IDT,   PANE_TSS, PANE_PAGES,
    PANE_MAP,    PANE_CONSOLE, PANE_SCREEN, PANE_OBJECTS, PANE_SLOTS, PANE_TIME};
#define PANES(list) list, sizeof list / sizeof *list

/* Three columns over the address row. */
static void layout_large(struct box all, struct layout *to)
{
    float address = 112, h = all.h - address - GAP;
    float left = (all.w - 2 * GAP) * 0.32f, middle = (all.w - 2 * GAP) * 0.335f;
    float right = all.w - 2 * GAP - left - middle;
    float x1 = all.x + left + GAP, x2 = x1 + middle + GAP;
    float stack = h * 0.36f, regs = TABS_H + 4 * ROW_H + 9 + 2 * (ROW_H + 3) + 8,
          segs = TABS_H + 8 * ROW_H + 54, other = h * 0.36f;
    slot_add(to, (struct box){all.x, all.y, left, h - stack - GAP}, PANES(only_code));
    slot_add(to, (struct box){all.x, all.y + h - stack, left, stack}, PANES(stacks));
    slot_add(to, (struct box){x1, all.y, middle, regs}, PANES(only_registers));
    slot_add(to, (struct box){x1, all.y + regs + GAP, middle, segs}, PANES(only_segments));
    slot_add(to, (struct box){x1, all.y + regs + segs + 2 * GAP, middle, h - regs - segs - 2 * GAP},
             PANES(only_checks));
    slot_add(to, (struct box){x2, all.y, right, h - other - GAP}, PANES(tables));
    slot_add(to, (struct box){x2, all.y + h - other, right, other}, PANES(others));
    slot_add(to, (struct box){all.x, all.y + h + GAP, all.w, address}, PANES(only_address));
}

static void layout_small(struct box all, struct layout *to)
{
    float left = (all.w - GAP) * 0.5f, right = all.w - GAP - left, low = all.h * 0.47f;
    float top = all.h - low - GAP, x = all.x + left + GAP, y = all.y + top + GAP;
    slot_add(to, (struct box){all.x, all.y, left, top}, PANES(only_code));
    slot_add(to, (struct box){all.x, y, left, low}, PANES(small_left));
    slot_add(to, (struct box){x, all.y, right, top}, PANES(tables));
    slot_add(to, (struct box){x, y, right, low}, PANES(small_right));
}

/* So large that no two panes fit side by side. */
static void layout_narrow(const struct lab *l, struct box all, struct layout *to)
{
    enum pane_id top[sizeof narrow_top / sizeof *narrow_top];
    unsigned n = 0;
    float h = (all.h - GAP) * 0.5f;
    for (unsigned i = 0; i < sizeof narrow_top / sizeof *narrow_top; i++)
        if (narrow_top[i] != PANE_LESSON || l->lesson) top[n++] = narrow_top[i];
    slot_add(to, (struct box){all.x, all.y, all.w, h}, top, n);
    slot_add(to, (struct box){all.x, all.y + h + GAP, all.w, all.h - h - GAP}, PANES(narrow_low));
}

static const enum pane_id only_lesson[] = {PANE_LESSON};
static const enum pane_id lesson_middle[] = {PANE_SEGMENTS, PANE_REGISTERS, PANE_STACK,
                                             PANE_MEMORY};
static const enum pane_id lesson_low[] = {PANE_CHECKS, PANE_ADDRESS};
static const enum pane_id lesson_left[] = {PANE_LESSON, PANE_CODE};

/* The page at the left, as high as the window. */
static void layout_lesson(struct box all, struct layout *to)
{
    float left = all.w * 0.36f, middle = (all.w - left - 2 * GAP) * 0.5f;
    float right = all.w - left - middle - 2 * GAP, x1 = all.x + left + GAP, x2 = x1 + middle + GAP;
    float segs = TABS_H + 8 * ROW_H + 54, code = (all.h - segs - 2 * GAP) * 0.5f;
    float low = all.h - segs - code - 2 * GAP, table = (all.h - GAP) * 0.6f;
    slot_add(to, (struct box){all.x, all.y, left, all.h}, PANES(only_lesson));
    slot_add(to, (struct box){x1, all.y, middle, code}, PANES(only_code));
    slot_add(to, (struct box){x1, all.y + code + GAP, middle, segs}, PANES(lesson_middle));
    slot_add(to, (struct box){x1, all.y + code + segs + 2 * GAP, middle, low}, PANES(lesson_low));
    slot_add(to, (struct box){x2, all.y, right, table}, PANES(tables));
    slot_add(to, (struct box){x2, all.y + table + GAP, right, all.h - table - GAP}, PANES(others));
}

/* On a small screen the page has half of it, and the code is behind it. */
static void layout_small_lesson(struct box all, struct layout *to)
{
    float left = (all.w - GAP) * 0.52f, right = all.w - GAP - left, low = all.h * 0.47f;
    float top = all.h - low - GAP, x = all.x + left + GAP, y = all.y + top + GAP;
    slot_add(to, (struct box){all.x, all.y, left, all.h}, PANES(lesson_left));
    slot_add(to, (struct box){x, all.y, right, top}, PANES(tables));
    slot_add(to, (struct box){x, y, right, low}, PANES(small_both));
}

void layout_make(const struct lab *l, float w, float h, struct layout *to)
{
    struct box all = {GAP, BAR_H, w - 2 * GAP, h - BAR_H - LINE_H};
    bool large = w >= 1100 && h >= 680;
    to->slots = 0;
    if (w < 600)
        layout_narrow(l, all, to);
    else if (l->lesson)
        (large ? layout_lesson : layout_small_lesson)(all, to);
    else
        (large ? layout_large : layout_small)(all, to);
}

enum pane_id slot_seen(const struct lab *l, const struct slot *s)
{
    enum pane_id best = s->pane[0];
    for (unsigned i = 1; i < s->panes; i++)
        if (l->pane[s->pane[i]].raised > l->pane[best].raised) best = s->pane[i];
    return best;
}

/* ---- a place --------------------------------------------------------------------------------------------------- */

#define TAB_GAP 16.0f

/* The first tab that is drawn: 0, or a later one where the seen one would not fit. */
static unsigned first_tab(const struct lab *l, const struct canvas *c, const struct slot *s,
                          enum pane_id seen)
{
    unsigned at = 0;
    float room = s->at.w - 2 * INSET, need = 0;
    (void)l;
    while (s->pane[at] != seen)
        at++;
    for (unsigned i = at + 1; i--;) {
        need += canvas_width(c, LABEL_B, panes[s->pane[i]].title) + (i < at ? TAB_GAP : 0);
        if (need > room) return i < at ? i + 1 : at;
    }
    return 0;
}

static void tabs(struct lab *l, const struct canvas *c, const struct slot *s, enum pane_id seen)
{
    float x = s->at.x + INSET, y = s->at.y + 20;
    for (unsigned i = first_tab(l, c, s, seen); i < s->panes; i++) {
        const struct pane *p = &panes[s->pane[i]];
        char once[56];
        bool this = s->pane[i] == seen, here = this && l->focus == seen;
        float w = canvas_width(c, LABEL_B, p->title);
        if (x + w > s->at.x + s->at.w - INSET + 1 && !this) break;
        canvas_text(c, x, y, ALIGN_LEFT, this ? LABEL_B : LABEL,
                    here   ? INK_FOCUS
                    : this ? INK_TEXT
                           : INK_DIM,
                    p->title);
        if (this)
            canvas_fill(c, (struct box){x, s->at.y + TABS_H - 5, w, 2}, here ? INK_FOCUS : INK_EDGE,
                        1);
        snprintf(once, sizeof once, "pane %s", p->name);
        lab_hit(l, PANE_COUNT, (struct box){x - 6, s->at.y, w + 12, TABS_H}, once, "zoom");
        x += w + TAB_GAP;
    }
}

static void draw_slot(struct lab *l, const struct canvas *c, const struct slot *s)
{
    enum pane_id seen = slot_seen(l, s);
    bool here = l->focus == seen;
    canvas_fill(c, s->at, INK_PANEL, 6);
    lab_hit(l, seen, s->at, "", "");
    tabs(l, c, s, seen);
    struct box inside = {s->at.x, s->at.y + TABS_H, s->at.w, s->at.h - TABS_H - 6};
    canvas_clip(c, &inside);
    panes[seen].draw(l, c, inside);
    canvas_clip(c, NULL);
    canvas_frame(c, s->at, here ? INK_FOCUS : INK_EDGE, 6, here ? 2 : 1);
}

/* ---- around ------------------------------------------------------------------------------------------------------ */

static const char *mode_of(const rt386 *m)
{
    if (!(reg_value(m, "cr0") & 1)) return "real mode";
    if (reg_value(m, "eflags") & 1u << 17) return "virtual 8086";
    return reg_value(m, "cr0") & 1u << 31 ? "protected, paged" : "protected";
}

static void grouped(char *to, size_t size, uint64_t n)
{
    char digits[24];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), k = 0;
    for (size_t i = 0; i < len && k + 4 < size; i++) {
        if (i && (len - i) % 3 == 0) {
            memcpy(to + k, "\xe2\x80\x89", 3); /* a thin space */
            k += 3;
        }
        to[k++] = digits[i];
    }
    to[k] = '\0';
}

/* From the right, as far as `least`: where that is left free. */
static float bar_number(const struct canvas *c, float right, float least, struct type type,
                        const char *name, uint64_t n)
{
    char number[40];
    grouped(number, sizeof number, n);
    float w = canvas_width(c, type, number), all = w + 6 + canvas_width(c, LABEL, name);
    if (right - all < least) return right;
    canvas_text(c, right, 24, ALIGN_RIGHT, type, INK_TEXT, number);
    canvas_text(c, right - w - 6, 24, ALIGN_RIGHT, LABEL, INK_DIM, name);
    return right - all - 18;
}

/* The title gives way to what the guest does, and the clock to both. */
static void draw_bar(struct lab *l, const struct canvas *c, float w)
{
    static const struct type bold = {FACE_BOLD, 13};
    const rt386 *m = lab_machine(l);
    rt386_place at = debugger_place(l->d);
    bool past = debugger_in_past(l->d);
    const char *state = l->running ? "running" : past ? "past" : l->ended ? "ended" : "live";
    unsigned ink = past ? INK_LIMIT : l->running ? INK_FOCUS : INK_GOOD;
    float x = GAP + 6, y = 24, title = canvas_width(c, bold, l->title);
    float chips = chip_width(c, state) + chip_width(c, mode_of(m)) + 12 + 20;
    float right = bar_number(c, w - GAP - 6, x + 80 + chips, LABEL_B, "instruction", at.insns);
    right = bar_number(c, right, x + title + chips, LABEL, "clock", at.clocks);
    float room = right - chips - x;
    if (room > 0) put(c, x, y, room, bold, INK_TEXT, l->title);
    x += (title < room ? title : room > 0 ? room : 0) + 14;
    x += chip(c, x, y - 12, state, ink, true) + 6;
    chip(c, x, y - 12, mode_of(m), INK_DIM, false);
}

static void draw_talk(struct lab *l, const struct canvas *c, float w, float h)
{
    static const char keys[] = "s step   S back   c run   b break   x what if   Tab pane   ? help";
    float y = h - LINE_H + 18.5f, right = w - GAP - 6;
    if (l->prompting) {
        canvas_text(c, GAP + 6, y, ALIGN_LEFT, CODE_B, INK_FOCUS, ":");
        put(c, GAP + 16, y, right - GAP - 16, CODE, INK_TEXT, l->prompt);
        float x = GAP + 16 + canvas_width(c, CODE, l->prompt);
        canvas_fill(c, (struct box){x + 1, y - 11, 7, 14}, INK_FOCUS, 1);
        return;
    }
    float x = GAP + 6;
    if (*l->message) {
        canvas_mark(c, x + 5, y - 4, 9, l->bad ? MARK_BAD : MARK_NONE);
        x += 18;
    }
    float hint = canvas_width(c, LABEL, keys);
    bool room = !l->help && right - hint - x > 16 + canvas_width(c, LABEL, l->message);
    if (room) canvas_text(c, right, y, ALIGN_RIGHT, LABEL, INK_DIM, keys);
    put(c, x, y, right - x, LABEL, l->bad ? INK_BAD : INK_TEXT, l->message);
}

/* ---- the help: a line, or some, for each command; it scrolls where it does not fit ---------------------------------- */

#define HELP_LINE 17.0f /* from base line to base line in a row */
#define HELP_ROW  3.0f  /* more between two rows */
#define HELP_MAX  64u

struct help {
    struct box at;     /* of the rows */
    float keys, words; /* where the columns begin, from its left */
    bool stacked;      /* keys over words: there is no room for two columns */
    float high[HELP_MAX];
    unsigned rows;
};

static void no_text(void *ctx, float x, float y, enum align align, struct type type, unsigned ink,
                    const char *s, size_t n)
{
    (void)ctx, (void)x, (void)y, (void)align, (void)type, (void)ink, (void)s, (void)n;
}

static float help_row(const struct canvas *c, const struct help *h, float y,
                      const struct lab_help *one, const char *keys)
{
    float x = h->at.x + h->keys, w = h->at.w - h->words, below = y;
    float room = h->stacked ? w : h->words - h->keys - 10;
    if (*keys) below = canvas_wrap(c, x, y, room, HELP_LINE, CODE_B, INK_FOCUS, keys);
    float from = h->stacked ? below : y;
    float end = canvas_wrap(c, h->at.x + h->words, from, w, HELP_LINE, LABEL, INK_TEXT, one->help);
    return (end > below ? end : below) - y + HELP_ROW;
}

/* How high each row is; widths are those of the surface, nothing is drawn. */
static float help_measure(const struct canvas *c, struct help *h)
{
    const struct canvas_ops ops = {.text = no_text, .width = c->ops->width};
    const struct canvas measure = {&ops, c->ctx};
    struct lab_help one;
    char keys[80];
    float all = 0;
    for (h->rows = 0; h->rows < HELP_MAX && lab_help_at(h->rows, &one, keys, sizeof keys);
         h->rows++)
        all += h->high[h->rows] = help_row(&measure, h, 0, &one, keys);
    return all;
}

/* The last row that may be the first: from there on all fit. */
static unsigned help_last_top(const struct help *h)
{
    float room = h->at.h;
    unsigned top = h->rows;
    while (top && h->high[top - 1] <= room)
        room -= h->high[--top];
    return top < h->rows ? top : h->rows - 1;
}

static void help_bar(const struct canvas *c, const struct help *h, unsigned top, float all)
{
    float above = 0, x = h->at.x + h->at.w + 8;
    for (unsigned i = 0; i < top; i++)
        above += h->high[i];
    if (all <= h->at.h) return;
    canvas_fill(c, (struct box){x, h->at.y, 3, h->at.h}, INK_RAISED, 1.5f);
    float high = h->at.h * h->at.h / all, y = h->at.y + h->at.h * above / all;
    if (y + high > h->at.y + h->at.h) y = h->at.y + h->at.h - high;
    canvas_fill(c, (struct box){x, y, 3, high}, INK_DIM, 1.5f);
}

static void help_title(const struct canvas *c, struct box at, bool scrolls)
{
    static const struct type type = {FACE_BOLD, 14};
    const char *how = scrolls ? "Up, Down, Page: the rest; Esc closes this"
                              : "':' begins a command; Esc closes this";
    float y = at.y + 28, left = at.x + 20, right = at.x + at.w - 20;
    canvas_text(c, left, y, ALIGN_LEFT, type, INK_TEXT, "Keys and commands");
    left += canvas_width(c, type, "Keys and commands") + 20;
    if (left + canvas_width(c, LABEL, how) <= right)
        canvas_text(c, right, y, ALIGN_RIGHT, LABEL, INK_DIM, how);
}

static void draw_help(struct lab *l, const struct canvas *c, float w, float h)
{
    float margin = w < 700 ? 12 : 40, bw = w - 2 * margin < 860 ? w - 2 * margin : 860;
    struct help help = {.keys = 0, .words = 196, .stacked = bw < 560};
    if (help.stacked) help.words = 16;
    help.at = (struct box){(w - bw) / 2 + 20, 0, bw - 40, h - 2 * margin - 60};
    float all = help_measure(c, &help);
    if (help.at.h > all) help.at.h = all;
    struct box at = {(w - bw) / 2, (h - help.at.h - 60) / 2, bw, help.at.h + 60};
    help.at.y = at.y + 46;
    unsigned most = help_last_top(&help);
    if (l->help_top > most) l->help_top = most;
    canvas_fill(c, at, INK_PANEL, 8);
    canvas_frame(c, at, INK_FOCUS, 8, 2);
    help_title(c, at, all > help.at.h);
    canvas_clip(c, &(struct box){at.x, help.at.y, at.w, help.at.h + 2});
    struct lab_help one;
    char keys[80];
    float y = help.at.y;
    for (unsigned i = l->help_top; i < help.rows && y + help.high[i] <= help.at.y + help.at.h + 1;
         i++) {
        (void)lab_help_at(i, &one, keys, sizeof keys);
        (void)help_row(c, &help, y + BASE - 1, &one, keys);
        y += help.high[i];
    }
    help_bar(c, &help, l->help_top, all);
    canvas_clip(c, NULL);
}

void help_scroll(struct lab *l, int rows)
{
    long to = (long)l->help_top + rows;
    l->help_top = to < 0 ? 0 : (unsigned)to; /* drawing it knows the last one */
}

void lab_draw(struct lab *l, const struct canvas *c, float w, float h)
{
    struct layout layout;
    l->width = w;
    l->height = h;
    layout_make(l, w, h, &layout);
    l->hits = 0;
    draw_bar(l, c, w);
    if (l->zoomed) {
        struct slot s = {.at = {GAP, BAR_H, w - 2 * GAP, h - BAR_H - LINE_H}, .panes = 1};
        s.pane[0] = l->focus;
        draw_slot(l, c, &s);
    } else {
        for (unsigned i = 0; i < layout.slots; i++)
            draw_slot(l, c, &layout.slot[i]);
    }
    draw_talk(l, c, w, h);
    if (l->help) draw_help(l, c, w, h);
}

/* ---- words for `expect` ------------------------------------------------------------------------------------------- */

struct reading {
    struct text *to;
    float y;
    bool clipped;
    struct box clip;
};

static void reading_text(void *ctx, float x, float y, enum align align, struct type type,
                         unsigned ink, const char *s, size_t n)
{
    struct reading *r = ctx;
    const struct box *b = &r->clip;
    (void)align, (void)type, (void)ink;
    if (r->clipped && (x < b->x || x > b->x + b->w || y < b->y || y > b->y + b->h)) return;
    if (r->to->n) text_add(r->to, y == r->y ? " " : "\n");
    text_addn(r->to, s, n);
    r->y = y;
}

static float reading_width(void *ctx, struct type type, const char *s, size_t n)
{
    const struct canvas blank = canvas_blank();
    (void)ctx;
    return blank.ops->width(blank.ctx, type, s, n);
}

/* What is cut away cannot be read. */
static void reading_clip(void *ctx, const struct box *at)
{
    struct reading *r = ctx;
    r->clipped = at != NULL;
    if (at) r->clip = *at;
}

void lab_words(struct lab *l, float w, float h, struct text *to)
{
    static const struct canvas_ops ops = {
        .text = reading_text, .width = reading_width, .clip = reading_clip};
    struct reading r = {.to = to, .y = -1};
    const struct canvas c = {&ops, &r};
    lab_draw(l, &c, w, h);
}
