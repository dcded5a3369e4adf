/* lab.c: life of the lab, and what every pane asks of it. */
#include "inside.h"

#include "reg_value.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct lab *lab_new(struct app *app, rt386 *machine, struct chronicle *chronicle, const char *title)
{
    struct lab *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    *l = (struct lab){.app = app,
                      .d = debugger_new(machine),
                      .disasm = disasm_new(),
                      .checks = checks_new(),
                      .chronicle = chronicle,
                      .title = title,
                      .palette = palette_at(0),
                      .scale = 1,
                      .width = 1280,
                      .height = 800,
                      .memory_row = 16,
                      .slice = 100000};
    if (l->d && l->disasm && l->checks) {
        lab_moved(l);
        /* linear, so that it stays the same memory whatever is loaded into CS */
        l->memory = (rt386_addr){.space = RT386_LINEAR, .at = lab_pc(l) & 0xfffffff0u};
        return l;
    }
    lab_free(l);
    return NULL;
}

bool lab_put_machine(struct lab *l, rt386 *machine)
{
    l->d = debugger_new(machine);
    l->points.n = 0;
    l->running = false;
    l->before.known = false;
    if (!l->d) {
        lab_say(l, true, "the host has no memory left");
        l->over = true;
        return false;
    }
    lab_moved(l);
    return true;
}

void lab_free(struct lab *l)
{
    if (!l) return;
    checks_free(l->checks);
    disasm_free(l->disasm);
    debugger_free(l->d);
    free(l);
}

rt386 *lab_machine(const struct lab *l)
{
    return debugger_machine(l->d);
}

void lab_say(struct lab *l, bool bad, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(l->message, sizeof l->message, format, args);
    va_end(args);
    l->bad = bad;
}

void lab_focus(struct lab *l, enum pane_id pane)
{
    l->focus = pane;
    l->pane[pane].raised = ++l->raises;
}

void lab_before(struct lab *l)
{
    struct lab_before *b = &l->before;
    const rt386 *m = lab_machine(l);
    const char *name;
    for (unsigned i = 0; i < LAB_REGS && (name = rt386_reg_name(i, NULL)); i++)
        b->reg[i] = reg_value(m, name);
    uint32_t base = (uint32_t)reg_value(m, "gdtr_base");
    uint32_t n = (uint32_t)reg_value(m, "gdtr_limit") + 1;
    n = n < LAB_GDT ? n : LAB_GDT;
    bool there =
        rt386_peek(m, (rt386_addr){.space = RT386_LINEAR, .at = base}, b->gdt, n) == RT386_OK;
    b->gdt_bytes = there ? n : 0;
    b->known = true;
}

bool lab_changed(const struct lab *l, const char *reg)
{
    const char *name;
    if (!l->before.known) return false;
    for (unsigned i = 0; i < LAB_REGS && (name = rt386_reg_name(i, NULL)); i++)
        if (!strcmp(name, reg)) return l->before.reg[i] != reg_value(lab_machine(l), reg);
    return false;
}

bool lab_changed_segment(const struct lab *l, const char *seg)
{
    static const char *const part[] = {"", "_base", "_limit", "_access", "_flags"};
    char name[24];
    for (unsigned i = 0; i < sizeof part / sizeof *part; i++) {
        snprintf(name, sizeof name, "%s%s", seg, part[i]);
        if (lab_changed(l, name)) return true;
    }
    return false;
}

bool lab_changed_gdt(const struct lab *l, unsigned index, const rt386_desc *now)
{
    const struct lab_before *b = &l->before;
    if (!b->known || (index + 1) * 8 > b->gdt_bytes) return false;
    return memcmp(b->gdt + 8 * (size_t)index, now->bytes, 8) != 0;
}

void lab_moved(struct lab *l)
{
    l->moves++;
    l->code_elsewhere = false;
    l->code_at = (uint32_t)reg_value(lab_machine(l), "eip");
}

uint32_t lab_pc(const struct lab *l)
{
    const rt386 *m = lab_machine(l);
    return rt386_seg_get(m, RT386_CS).base + (uint32_t)reg_value(m, "eip");
}

const struct point *lab_point_at(const struct lab *l, uint32_t linear)
{
    return points_at(&l->points, lab_machine(l), linear);
}

/* ---- the pointer ------------------------------------------------------------------------------------------ */

void lab_hit(struct lab *l, enum pane_id pane, struct box at, const char *once, const char *twice)
{
    if (l->hits == LAB_HITS) return;
    struct lab_hit *h = &l->hit[l->hits++];
    *h = (struct lab_hit){.at = at, .pane = pane};
    snprintf(h->once, sizeof h->once, "%s", once ? once : "");
    snprintf(h->twice, sizeof h->twice, "%s", twice ? twice : "");
}

/* What was drawn last lies on top. */
static const struct lab_hit *hit_at(const struct lab *l, float x, float y)
{
    for (unsigned i = l->hits; i--;) {
        const struct box *b = &l->hit[i].at;
        if (x >= b->x && x < b->x + b->w && y >= b->y && y < b->y + b->h) return &l->hit[i];
    }
    return NULL;
}

void lab_click(struct lab *l, float x, float y, bool twice)
{
    const struct lab_hit *h = hit_at(l, x, y);
    if (l->help) {
        l->help = false;
        return;
    }
    if (!h) return;
    char line[sizeof h->once];
    if (h->pane < PANE_COUNT) lab_focus(l, h->pane);
    snprintf(line, sizeof line, "%s", twice && *h->twice ? h->twice : h->once);
    if (*line) (void)lab_line(l, line);
}

void lab_scroll(struct lab *l, enum pane_id pane, int rows)
{
    struct lab_pane *p = &l->pane[pane];
    if (pane == PANE_CODE) {
        code_scroll(l, rows);
        return;
    }
    if (pane == PANE_MEMORY) {
        l->memory.at += l->memory_row * (uint32_t)rows;
        return;
    }
    long top = (long)p->top + rows, most = (long)p->rows - (long)p->shown;
    if (top > most) top = most;
    p->top = top < 0 ? 0 : (unsigned)top;
    if (p->selected < p->top) p->selected = p->top;
    if (p->shown && p->selected >= p->top + p->shown) p->selected = p->top + p->shown - 1;
}

void lab_wheel(struct lab *l, float x, float y, int rows)
{
    const struct lab_hit *h = hit_at(l, x, y);
    if (l->help)
        help_scroll(l, rows);
    else if (h && h->pane < PANE_COUNT)
        lab_scroll(l, h->pane, rows);
}

bool lab_real(const struct lab *l)
{
    return !(reg_value(lab_machine(l), "cr0") & 1);
}

bool lab_selectors(const struct lab *l)
{
    return !lab_real(l) && !(reg_value(lab_machine(l), "eflags") & 1u << 17);
}
