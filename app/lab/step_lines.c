#include "step_lines.h"

#include "account_text.h"
#include "desc_text.h"
#include "rule_text.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const reg_names[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

struct page {
    struct step_line *line;
    unsigned n, most;
    struct step_line spare; /* where what has no room goes */
};

__attribute__((format(printf, 4, 5))) static struct step_line *
head(struct page *p, const rt386_step *s, const char *name, const char *format, ...)
{
    struct step_line *x = p->n < p->most ? &p->line[p->n++] : &p->spare;
    va_list args;
    *x = (struct step_line){.head = true, .ink = INK_TEXT};
    snprintf(x->name, sizeof x->name, "%s", name);
    va_start(args, format);
    vsnprintf(x->words, sizeof x->words, format, args);
    va_end(args);
    if (s->why.count || s->why.fault.raised) {
        x->has_mark = true;
        x->mark = s->why.fault.raised ? MARK_BAD : MARK_GOOD;
        if (s->why.fault.raised) x->ink = INK_BAD;
    }
    return x;
}

static void check(struct page *p, const rt386_explanation *why, const rt386_check *c)
{
    struct text values = {0};
    if (p->n == p->most) return;
    struct step_line *x = &p->line[p->n++];
    rt386_rule_info rule = rt386_rule(c->rule);
    bool reached = c->state != RT386_CHECK_NOT_REACHED;
    *x = (struct step_line){.has_mark = true,
                            .mark = !reached    ? MARK_NONE
                                    : c->passed ? MARK_GOOD
                                                : MARK_BAD,
                            .ink = !reached    ? INK_DIM
                                   : c->passed ? INK_TEXT
                                               : INK_BAD};
    snprintf(x->name, sizeof x->name, "%s", rule.name);
    snprintf(x->right, sizeof x->right, "[%.20s]", rule.section);
    if (reached) rule_values(&values, why, c);
    snprintf(x->words, sizeof x->words, "%s", reached ? text_str(&values) : "not reached");
    text_free(&values);
}

static void detail(struct page *p, unsigned ink, const char *words)
{
    if (p->n == p->most) return;
    struct step_line *x = &p->line[p->n++];
    *x = (struct step_line){.ink = ink};
    snprintf(x->words, sizeof x->words, "%s", words);
}

static void checks(struct page *p, const rt386_step *s)
{
    for (unsigned i = 0; i < s->why.count; i++)
        check(p, &s->why, &s->why.checks[i]);
}

/* ---- steps of a kind --------------------------------------------------------------------------------------- */

static void selector_step(struct page *p, const rt386_step *s)
{
    const rt386_explanation *why = &s->why;
    struct step_line *x = head(p, s, "selector", "%04x: %s", why->selector, why->purpose);
    x->selector = why->selector;
    if (why->located)
        detail(p, INK_RIGHTS,
               why->desc.kind == RT386_DESC_EMPTY ? "the entry is empty" : why->desc.text);
    checks(p, s);
}

static void gate_step(struct page *p, const rt386_step *s)
{
    if (!s->why.located && s->value)
        (void)head(p, s, "vector", "%02x leads to %04x:%04x", s->vector, s->value >> 16,
                   s->value & 0xffff);
    else
        (void)head(p, s, "gate", "IDT entry %02x: %s", s->vector,
                   s->why.located ? s->why.desc.text : "");
    checks(p, s);
}

static void page_details(struct page *p, const rt386_step *s)
{
    for (unsigned i = 0; i < s->pages; i++) {
        const rt386_step_page *g = &s->page[i];
        char words[160];
        bool a = (g->pde_after & ~g->walk.pde & 0x20) || (g->pte_after & ~g->walk.pte & 0x20);
        bool d = g->pte_after & ~g->walk.pte & 0x40;
        if (!g->walk.mapped)
            snprintf(words, sizeof words, "the page of linear %08x is not there", g->walk.linear);
        else
            snprintf(words, sizeof words, "physical %08x%s%s", g->walk.phys,
                     a ? "; accessed bit set" : "", d ? "; dirty bit set" : "");
        if (!g->walk.mapped || a || d) detail(p, g->walk.mapped ? INK_DIM : INK_BAD, words);
    }
}

static void memory_step(struct page *p, const rt386_step *s)
{
    static const char *const verb[] = {"read", "write", "fetch"};
    (void)head(p, s, verb[s->access % 3], "%u byte%s at %s:%08x, linear %08x: %0*x", s->size,
               s->size == 1 ? "" : "s", reg_names[s->reg & 7], s->offset, s->linear,
               s->size < 4 ? 2 * (int)s->size : 8, s->value);
    checks(p, s);
    page_details(p, s);
}

static void push_step(struct page *p, const rt386_step *s)
{
    (void)head(p, s, "push", "%s%.0u %0*x at SS:%08x", account_element_name(s->element),
               s->element == RT386_ELEMENT_PARAMETER ? s->number + 1u : 0u, (int)s->size * 2,
               s->value, s->offset);
    if (rule_failed(&s->why)) checks(p, s);
    page_details(p, s);
}

static void stack_step(struct page *p, const rt386_step *s)
{
    (void)head(p, s, "stack", "of ring %u, out of the TSS: %04x:%08x", s->level, s->selector,
               s->value);
    checks(p, s);
}

static void target_step(struct page *p, const rt386_step *s)
{
    (void)head(p, s, "target", "EIP %08x in code of limit %08x", s->value, s->after.limit);
    checks(p, s);
}

static void descriptor_step(struct page *p, const rt386_step *s)
{
    bool busy = s->old_desc.busy != s->new_desc.busy,
         set = s->new_desc.busy || s->new_desc.accessed;
    (void)head(p, s, "descriptor", "%s bit %s in memory: %02x \xe2\x86\x92 %02x",
               busy ? "busy" : "accessed", set ? "set" : "cleared", s->old_desc.bytes[5],
               s->new_desc.bytes[5]);
}

static void register_step(struct page *p, const rt386_step *s)
{
    char was[64] = "null", is[64] = "null: not to be used";
    if (s->before.usable) snprintf(was, sizeof was, "%04x", s->before.selector);
    if (s->after.usable)
        snprintf(is, sizeof is, "%04x, base %08x, limit %08x", s->after.selector, s->after.base,
                 s->after.limit);
    struct step_line *x =
        head(p, s, "register", "%s: %s \xe2\x86\x92 %s", reg_names[s->reg & 7], was, is);
    x->selector = s->after.usable ? s->after.selector : 0;
}

static void task_step(struct page *p, const rt386_step *s)
{
    static const char *const how[] = {"JMP", "CALL", "interrupt", "IRET"};
    if (s->task.stage == RT386_TASK_BEGIN)
        (void)head(p, s, "task switch", "from TSS %04x to TSS %04x by %s", s->task.from, s->task.to,
                   how[s->task.how & 3]);
    else if (s->task.stage == RT386_TASK_COMMIT)
        (void)head(p, s, "commit", "from here on it is the new task");
    else
        (void)head(p, s, "task", "%s, TSS %04x", account_stage_name(s->task.stage),
                   s->task.stage == RT386_TASK_SAVED || s->task.stage == RT386_TASK_NOT_BUSY
                       ? s->task.from
                       : s->task.to);
    checks(p, s);
}

static void fault_step(struct page *p, const rt386_step *s)
{
    const rt386_fault *f = &s->why.fault;
    struct text t = {0};
    if (f->has_error) error_code_words(&t, f->vector, f->error);
    struct step_line *x =
        head(p, s, rt386_vector_mnemonic(f->vector), "%s%s%s", rt386_vector_name(f->vector),
             f->has_error ? "; " : "", text_str(&t));
    text_free(&t);
    x->ink = INK_BAD;
    if (f->has_error) snprintf(x->right, sizeof x->right, "code %04x", f->error);
    checks(p, s);
    page_details(p, s);
    detail(p, INK_BAD, rt386_rule(f->rule).sentence);
}

static void port_step(struct page *p, const rt386_step *s)
{
    if (s->kind == RT386_STEP_IO_MAP)
        (void)head(p, s, "I/O map", "port %04x: the map says %04x", s->port, s->value);
    else
        (void)head(p, s, "port", "%04x %s %0*x", s->port,
                   s->access == RT386_WRITE ? "\xe2\x86\x90" : "\xe2\x86\x92", (int)s->size * 2,
                   s->value);
    checks(p, s);
}

static void delivery_step(struct page *p, const rt386_step *s)
{
    (void)head(p, s, "delivery", "vector %02x, %s %s", s->vector, rt386_vector_mnemonic(s->vector),
               rt386_vector_name(s->vector));
}

unsigned steps_lines(const rt386_account *a, struct step_line *line, unsigned most)
{
    static void (*const told[])(struct page *,
                                const rt386_step *) = {[RT386_STEP_SELECTOR] = selector_step,
                                                       [RT386_STEP_GATE] = gate_step,
                                                       [RT386_STEP_MEMORY] = memory_step,
                                                       [RT386_STEP_STACK] = stack_step,
                                                       [RT386_STEP_PUSH] = push_step,
                                                       [RT386_STEP_TARGET] = target_step,
                                                       [RT386_STEP_DESCRIPTOR] = descriptor_step,
                                                       [RT386_STEP_REGISTER] = register_step,
                                                       [RT386_STEP_TASK] = task_step,
                                                       [RT386_STEP_IO_MAP] = port_step,
                                                       [RT386_STEP_PORT] = port_step,
                                                       [RT386_STEP_FAULT] = fault_step,
                                                       [RT386_STEP_DELIVERY] = delivery_step};
    struct page p = {.line = line, .most = most};
    const rt386_step *s;
    for (unsigned i = 0; (s = rt386_account_step(a, i)) && p.n < most; i++)
        if (s->kind <= RT386_STEP_DELIVERY) told[s->kind](&p, s);
    return p.n;
}
