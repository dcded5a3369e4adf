#include "tui_board.h"

#include "reg_value.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MAX  (256u * 1024)
#define SIDE_W   36u /* the column of registers */
#define SIDE_H   17u
#define CODE_MAX 200u

static rt386 *machine(const struct board *b)
{
    return debugger_machine(b->d->d);
}

/* ---- views and keys ------------------------------------------------------------------------------------ */

static const struct view_word {
    const char *name, *verb; /* verb NULL: the log */
} views[] = {{"log", NULL},          {"why", "why"},        {"gdt", "info gdt"},
             {"ldt", "info ldt"},    {"idt", "info idt"},   {"tss", "info tss"},
             {"pages", "info tab"},  {"sreg", "info sreg"}, {"creg", "info creg"},
             {"objects", "objects"}, {"threads", "vk"}};
#define VIEWS (sizeof views / sizeof *views)

static const struct board_word {
    const char *key, *line, *help;
} keys[] = {{"f1", "help", "f1 help"},
            {"f7", "step", "f7 step"},
            {"f8", "next", "f8 step over a call"},
            {"f9", "continue", "f9 run"},
            {"shift+f7", "reverse-step", "shift+f7 step back"},
            {"shift+f9", "reverse-continue", "shift+f9 run back"},
            {"f4", "live", "f4 to the present"},
            {"tab", "", "tab, shift+tab: the next view, the one before"},
            {"pageup", "", "page up, page down, up, down: scroll the view"},
            {"enter", "", "enter: do what was typed, or the last again"}};
#define KEYS (sizeof keys / sizeof *keys)

const char *board_help(unsigned index)
{
    return index < KEYS ? keys[index].help : NULL;
}

/* ---- registers ----------------------------------------------------------------------------------------- */

static const char *const names[BOARD_REGS] = {
    "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "eip",  "eflags", "cr0",     "cr2",
    "cr3", "cpl", "es",  "cs",  "ss",  "ds",  "fs",  "gs",  "ldtr", "tr",     "es_base", "ss_base"};

static void registers_read(const struct board *b, uint64_t reg[BOARD_REGS])
{
    for (unsigned i = 0; i < BOARD_REGS; i++)
        reg[i] = reg_value(machine(b), names[i]);
}

void board_new(struct board *b, struct debug *d, const char *title)
{
    *b = (struct board){.d = d, .title = title, .stale = true};
    registers_read(b, b->reg);
    memcpy(b->before, b->reg, sizeof b->before);
    b->code_top = (uint32_t)reg_value(machine(b), "eip");
}

void board_free(struct board *b)
{
    text_free(&b->log);
    text_free(&b->view);
}

void board_say(struct board *b, const char *bytes, size_t n)
{
    if (b->log.n > LOG_MAX) { /* the older half is forgotten, from a line's start on */
        const char *keep = strchr(b->log.p + b->log.n / 2, '\n');
        size_t left = keep ? b->log.n - (size_t)(keep + 1 - b->log.p) : 0;
        if (left) memmove(b->log.p, keep + 1, left);
        b->log.n = left;
        if (b->log.p) b->log.p[left] = '\0';
    }
    text_addn(&b->log, bytes, n);
    b->stale = true;
}

/* ---- what is done --------------------------------------------------------------------------------------- */

void board_do(struct board *b, const char *line)
{
    struct debug *d = b->d;
    char said[160];
    int n = snprintf(said, sizeof said, "> %.150s\n", line);
    board_say(b, said, (size_t)n);
    uint64_t was[BOARD_REGS];
    memcpy(was, b->reg, sizeof was);
    debug_line(d, line);
    board_say(b, text_str(&d->out), d->out.n);
    text_clear(&d->out);
    registers_read(b, b->reg);
    if (d->moved || memcmp(was, b->reg, sizeof was) != 0) memcpy(b->before, was, sizeof was);
    if (!d->moved && strncmp(line, "set", 3) != 0) b->shown = 0; /* an answer is in the log */
    b->back = 0;
    b->stale = true;
}

static const char *typed_key(struct board *b, const char *key)
{
    size_t n = strlen(b->typed);
    if (!strcmp(key, "enter")) {
        if (*b->typed) snprintf(b->last, sizeof b->last, "%s", b->typed);
        b->typed[0] = '\0';
        return b->last;
    }
    if (!strcmp(key, "escape"))
        b->typed[0] = '\0';
    else if (!strcmp(key, "backspace") && n)
        b->typed[n - 1] = '\0';
    else if (key[0] >= ' ' && key[0] < 127 && !key[1] && n + 1 < sizeof b->typed)
        snprintf(b->typed + n, 2, "%s", key);
    return "";
}

/* False: it is no key that scrolls. */
static bool scroll_key(struct board *b, const char *key)
{
    static const struct {
        const char *key;
        int rows;
    } moves[] = {{"up", 1}, {"down", -1}, {"pageup", 8}, {"pagedown", -8}};
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(key, moves[i].key)) {
            int rows = b->shown ? -moves[i].rows : moves[i].rows;
            b->back = rows < 0 && b->back < (unsigned)-rows ? 0 : b->back + (unsigned)rows;
            return true;
        }
    if (strcmp(key, "home") != 0 && strcmp(key, "end") != 0) return false;
    b->back = (*key == 'h') == (b->shown == 0) ? LOG_MAX : 0;
    return true;
}

const char *board_key(struct board *b, const char *key)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (*keys[i].line && !strcmp(key, keys[i].key)) return keys[i].line;
    unsigned step = !strcmp(key, "tab") ? 1u : !strcmp(key, "shift+tab") ? (unsigned)VIEWS - 1 : 0;
    if (step) {
        b->shown = (b->shown + step) % (unsigned)VIEWS;
        b->back = 0;
        b->stale = true;
        return "";
    }
    return scroll_key(b, key) ? "" : typed_key(b, key);
}

/* ---- how it looks --------------------------------------------------------------------------------------- */

static bool changed(const struct board *b, unsigned i)
{
    return b->reg[i] != b->before[i];
}

static void register_pair(const struct board *b, struct cells *c, unsigned x, unsigned y,
                          unsigned i)
{
    for (unsigned n = 0; n < 2; n++, i++, x += 18)
        cells_putf(c, x, y, c->w, changed(b, i) ? LOOK_CHANGED : LOOK_PLAIN, "%c%-6s %08x",
                   changed(b, i) ? '*' : ' ', names[i], (unsigned)b->reg[i]);
}

static void flags_line(const struct board *b, struct cells *c, unsigned x, unsigned y)
{
    static const struct {
        const char *name;
        unsigned bit;
    } flag[] = {{"vm", 17}, {"nt", 14}, {"of", 11}, {"df", 10}, {"if", 9}, {"tf", 8},
                {"sf", 7},  {"zf", 6},  {"af", 4},  {"pf", 2},  {"cf", 0}};
    x += 1;
    for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++) {
        bool set = b->reg[9] >> flag[i].bit & 1;
        char s[4] = {flag[i].name[0], flag[i].name[1], ' '};
        if (set)
            for (unsigned n = 0; n < 2; n++)
                s[n] = (char)(s[n] - 'a' + 'A');
        x = cells_put(c, x, y, c->w, set ? LOOK_PLAIN : LOOK_DIM, s);
    }
}

static void segment_line(const struct board *b, struct cells *c, unsigned x, unsigned y, unsigned i)
{
    static const rt386_segreg order[] = {RT386_ES, RT386_CS, RT386_SS,   RT386_DS,
                                         RT386_FS, RT386_GS, RT386_LDTR, RT386_TR};
    rt386_seg s = rt386_seg_get(machine(b), order[i]);
    bool new = changed(b, 14 + i);
    enum look look = new ? LOOK_CHANGED : s.usable ? LOOK_PLAIN : LOOK_DIM;
    unsigned at =
        cells_putf(c, x, y, c->w, look, "%c%-4s %04x ", new ? '*' : ' ', names[14 + i], s.selector);
    if (s.usable)
        cells_putf(c, at, y, c->w, look, "%08x %08x %02x %x", s.base, s.limit, s.access, s.flags);
    else
        cells_put(c, at, y, c->w, look, "not usable");
}

static void side_draw(const struct board *b, struct cells *c, unsigned x)
{
    cells_put(c, x, 1, c->w, LOOK_TITLE, " registers");
    for (unsigned i = 0; i < 7; i++)
        register_pair(b, c, x, 2 + i, 2 * i);
    flags_line(b, c, x, 9);
    cells_put(c, x, 10, c->w, LOOK_TITLE, "      sel  base     limit    ac fl");
    for (unsigned i = 0; i < 8; i++)
        segment_line(b, c, x, 11 + i, i);
}

/* One instruction, and before it its line of source when that is another one. */
static unsigned code_lines(const struct board *b, struct cells *c, unsigned y, unsigned end,
                           const rt386_insn_event *e, struct source_place *shown, unsigned w)
{
    char words[160];
    const char *text;
    struct source_place at;
    uint32_t eip = (uint32_t)b->reg[8];
    if (sources_at(b->d->sources, machine(b), e->eip, &at, &text) &&
        (at.line != shown->line || at.file != shown->file)) {
        *shown = at;
        cells_putf(c, 1, y++, w, LOOK_DIM, "%u: %s", at.line, text ? text : at.file);
    }
    if (y >= end) return y;
    disasm_text(b->d->disasm, e, words, sizeof words);
    unsigned x = cells_putf(c, 0, y, w, LOOK_PLAIN, "%c%04x:%08x  %-26s", e->eip == eip ? '>' : ' ',
                            e->cs, e->eip, words);
    if (e->symbol && x + 2 < w)
        cells_putf(c, x + 1, y, w, LOOK_DIM, "%s+0x%x", e->symbol, e->symbol_offset);
    if (e->eip == eip) cells_mark(c, 0, y, w, LOOK_HERE);
    return y + 1;
}

/* True: the instruction at EIP was among them. */
static bool code_from(struct board *b, struct cells *c, unsigned end, unsigned w)
{
    struct source_place shown = {NULL, 0, 0};
    uint32_t at = b->code_top;
    bool seen = false;
    for (unsigned y = 2; y < end;) {
        rt386_insn_event e;
        if (!debug_insn(b->d, at, &e)) {
            cells_putf(c, 1, y, w, LOOK_DIM, "%04x:%08x  no memory is there", e.cs, at);
            break;
        }
        y = code_lines(b, c, y, end, &e, &shown, w);
        seen |= at == (uint32_t)b->reg[8] && y <= end;
        at += e.length;
    }
    return seen;
}

static void code_draw(struct board *b, struct cells *c, unsigned end, unsigned w)
{
    struct cells trial;
    cells_put(c, 0, 1, w, LOOK_TITLE, " code");
    if (cells_new(&trial, c->w, c->h)) {
        if (!code_from(b, &trial, end - 1, w)) b->code_top = (uint32_t)b->reg[8];
        cells_free(&trial);
    }
    (void)code_from(b, c, end, w);
}

static void view_make(struct board *b)
{
    if (!b->stale) return;
    text_clear(&b->view);
    if (views[b->shown].verb) (void)verb_run(b->d->app, machine(b), views[b->shown].verb, &b->view);
    b->stale = false;
}

static unsigned lines_in(const char *s)
{
    unsigned n = 0;
    for (; *s; n++) {
        s += strcspn(s, "\n");
        s += *s == '\n';
    }
    return n;
}

static void view_draw(struct board *b, struct cells *c, unsigned y, unsigned end)
{
    view_make(b);
    const char *s = b->shown ? text_str(&b->view) : text_str(&b->log);
    unsigned n = lines_in(s), rows = end - y, most = n > rows ? n - rows : 0;
    if (b->back > most) b->back = most;
    unsigned first = b->shown ? b->back : most - b->back;
    for (unsigned i = 0; *s && y < end; i++) {
        size_t len = strcspn(s, "\n");
        if (i >= first) {
            bool bad = strstr(s, "FAIL") && strstr(s, "FAIL") < s + len;
            cells_putf(c, 0, y++, c->w, bad ? LOOK_BAD : LOOK_PLAIN, "%.*s",
                       (int)(len < 400 ? len : 400), s);
        }
        s += len + (s[len] == '\n');
    }
}

static void tabs_draw(const struct board *b, struct cells *c, unsigned y)
{
    unsigned x = 0;
    cells_mark(c, 0, y, c->w, LOOK_TITLE);
    for (unsigned i = 0; i < VIEWS; i++)
        x = cells_putf(c, x, y, c->w, LOOK_TITLE, i == b->shown ? "[%s]" : " %s ", views[i].name);
}

static void bar_draw(const struct board *b, struct cells *c)
{
    rt386_place at = debugger_place(b->d->d);
    cells_mark(c, 0, 0, c->w, LOOK_BAR);
    unsigned x =
        cells_putf(c, 1, 0, c->w, LOOK_BAR, "%.30s  instruction %llu  clock %llu", b->title,
                   (unsigned long long)at.insns, (unsigned long long)rt386_clocks(machine(b)));
    const char *state = b->running                  ? "running: Ctrl-C stops it"
                        : debugger_in_past(b->d->d) ? "past: f4 goes to the present"
                                                    : "f1 help";
    size_t n = strlen(state);
    if (x + n + 3 < c->w) cells_put(c, c->w - (unsigned)n - 1, 0, c->w, LOOK_BAR, state);
}

void board_draw(struct board *b, struct cells *c)
{
    if (c->w < BOARD_WIDTH || c->h < BOARD_HEIGHT) {
        cells_putf(c, 0, 0, c->w, LOOK_BAD, "%ux%u characters are needed", BOARD_WIDTH,
                   BOARD_HEIGHT);
        return;
    }
    unsigned code_w = c->w - SIDE_W - 1, split = c->h / 2;
    if (split < SIDE_H + 2) split = SIDE_H + 2;
    if (split > c->h - 4) split = c->h - 4;
    bar_draw(b, c);
    code_draw(b, c, split, code_w);
    side_draw(b, c, code_w + 1);
    tabs_draw(b, c, split);
    view_draw(b, c, split + 1, c->h - 1);
    cells_mark(c, 0, c->h - 1, c->w, LOOK_BAR);
    unsigned x = cells_putf(c, 0, c->h - 1, c->w, LOOK_BAR, "(rt386) %s", b->typed);
    if (x < c->w) cells_mark(c, x, c->h - 1, x + 1, LOOK_HERE);
}
