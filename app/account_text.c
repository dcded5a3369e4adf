/* account_text.c: an account in words. One label a step, its values, and the checks behind it. */
#include "account_text.h"

#include "copy.h"
#include "desc_text.h"
#include "disasm.h"
#include "rule_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LABEL_COLUMN 17u
#define RULE_COLUMN  13u
#define WORD_COLUMN  40u

struct page {
    struct text *t;
    bool colour;
    struct account_told *told; /* NULL: only a refusal is told with its sentence */
    bool known;                /* the checks behind a fault stand in the step before */
};

static void paint(const struct page *p, const char *code, const char *s)
{
    if (p->colour) text_add(p->t, code);
    text_add(p->t, s);
    if (p->colour) text_add(p->t, "\033[0m");
}
#define HEAD "\033[1m"
#define GOOD "\033[32m"
#define BAD  "\033[1;31m"
#define DIM  "\033[2m"

/* --- names --- */

static const char *reg_name(rt386_segreg reg)
{
    static const char *const names[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    return names[reg <= RT386_TR ? reg : 0];
}

/* --- lines --- */

/* Wrapped first, painted afterwards: escapes have no width. */
static void wrapped(const struct page *p, const char *words, unsigned column)
{
    struct text t = {0};
    text_pad(&t, column);
    text_wrap(&t, words, column, TEXT_WIDTH);
    text_add(p->t, text_str(&t) + column);
    text_free(&t);
}

static void line(const struct page *p, unsigned number, const char *label, const char *words)
{
    char head[32];
    snprintf(head, sizeof head, number ? "%4u " : "     ", number);
    text_add(p->t, head);
    snprintf(head, sizeof head, "%-*s", (int)(LABEL_COLUMN - 5), label);
    paint(p, HEAD, head);
    wrapped(p, words, LABEL_COLUMN);
}

static void more(const struct page *p, const char *words)
{
    text_pad(p->t, LABEL_COLUMN);
    text_wrap(p->t, words, LABEL_COLUMN, TEXT_WIDTH);
}

__attribute__((format(printf, 4, 5))) static void linef(const struct page *p, unsigned number,
                                                        const char *label, const char *format, ...)
{
    char words[400];
    va_list list;
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    line(p, number, label, words);
}

/* --- checks --- */

/* True once for each rule below ACCOUNT_RULES. */
static bool first_time(uint8_t seen[ACCOUNT_RULES / 8], unsigned rule)
{
    if (rule >= ACCOUNT_RULES) return true;
    uint8_t bit = (uint8_t)(1u << (rule % 8));
    bool before = seen[rule / 8] & bit;
    seen[rule / 8] |= bit;
    return !before;
}

static void check_sentence(const struct page *p, const rt386_check *c)
{
    rt386_rule_info rule = rt386_rule(c->rule);
    bool first = p->told && first_time(p->told->sentence, c->rule);
    struct text t = {0};
    if (c->state == RT386_CHECK_NOT_REACHED || (c->passed && !first)) return;
    text_addf(&t, "%s [%s]", rule.sentence, rule.section);
    text_pad(p->t, RULE_COLUMN);
    text_wrap(p->t, text_str(&t), RULE_COLUMN, TEXT_WIDTH);
    text_free(&t);
}

static void check_row(const struct page *p, const rt386_explanation *why, unsigned i)
{
    const rt386_check *c = &why->checks[i];
    rt386_rule_info rule = rt386_rule(c->rule);
    struct text t = {0};
    text_addf(p->t, "%6u ", i + 1);
    if (c->state == RT386_CHECK_NOT_REACHED) {
        text_addf(&t, " --   %-25s  not reached", rule.name);
        paint(p, DIM, text_str(&t));
        text_add(p->t, "\n");
        text_free(&t);
        return;
    }
    paint(p, c->passed ? GOOD : BAD, c->passed ? "pass" : "FAIL");
    text_addf(p->t, "  %-25s  ", rule.name);
    rule_values(&t, why, c);
    wrapped(p, text_str(&t), WORD_COLUMN);
    text_free(&t);
    check_sentence(p, c);
}

static void check_rows(const struct page *p, const rt386_explanation *why)
{
    for (unsigned i = 0; i < why->count && i < RT386_CHECKS_MAX; i++)
        check_row(p, why, i);
}

/* Where all pass, their names are enough. */
static void checks(const struct page *p, const rt386_explanation *why)
{
    struct text t = {0};
    if (!why->count) return;
    if (rule_failed(why)) {
        check_rows(p, why);
        return;
    }
    for (unsigned i = 0; i < why->count; i++)
        text_addf(&t, "%s%s", i ? ", " : "passes ", rt386_rule(why->checks[i].rule).name);
    more(p, text_str(&t));
    text_free(&t);
}

/* --- steps --- */

/* LAR, LSL, VERR and VERW only ask: the answer is ZF, never a fault. */
static bool only_asks(const char *purpose)
{
    return strstr(purpose, "LAR") || strstr(purpose, "LSL") || strstr(purpose, "VERR") ||
           strstr(purpose, "VERW");
}

static void descriptor_lines(const struct page *p, const rt386_explanation *why)
{
    struct text t = {0};
    text_add(&t, "descriptor ");
    desc_words(&t, &why->desc);
    text_pad(p->t, LABEL_COLUMN);
    text_addf(p->t, "%s\n", text_str(&t)); /* two blanks before the dwords */
    text_clear(&t);
    text_addf(&t, "at linear 0x%08x: %s", why->descriptor_at,
              why->desc.kind == RT386_DESC_EMPTY ? "empty" : why->desc.text);
    more(p, text_str(&t));
    text_free(&t);
}

static void selector_step(const struct page *p, const rt386_step *s, unsigned n)
{
    const rt386_explanation *why = &s->why;
    uint16_t sel = why->selector;
    char bits[14] = "";
    for (unsigned i = 0; i < 13; i++)
        bits[i] = sel >> (15 - i) & 1 ? '1' : '0';
    linef(p, n, "selector", "0x%04x = %s %u %u%u: %s entry %u, RPL %u; CPL %u: %s", sel, bits,
          sel >> 2 & 1, sel >> 1 & 1, sel & 1, sel & 4 ? "LDT" : "GDT", sel >> 3, sel & 3, why->cpl,
          why->purpose);
    if (why->located) descriptor_lines(p, why);
    check_rows(p, why);
    if (!why->count && !why->fault.raised) more(p, "null: accepted, not to be used");
    if (only_asks(why->purpose))
        more(p, why->fault.raised ? "the answer is ZF=0, without a fault" : "the answer is ZF=1");
}

static void gate_step(const struct page *p, const rt386_step *s, unsigned n)
{
    const rt386_explanation *why = &s->why;
    if (!why->located && s->value) {
        linef(p, n, "vector", "%u at linear 0x%08x: %04x:%04x", s->vector, s->linear,
              s->value >> 16, s->value & 0xffff);
        checks(p, why);
        return;
    }
    linef(p, n, "gate", "IDT entry %u at linear 0x%08x%s%s", s->vector, s->linear,
          why->located ? ": " : "",
          !why->located                        ? ""
          : why->desc.kind == RT386_DESC_EMPTY ? "empty"
                                               : why->desc.text);
    check_rows(p, why);
}

static void entry_words(struct text *t, const char *name, uint32_t at, uint32_t before,
                        uint32_t after, bool bits)
{
    uint32_t set = after & ~before;
    text_addf(t, "%s 0x%08x at 0x%08x", name, before, at);
    if (bits && before & 1)
        text_addf(t, " (P=1, %s, %s)", before & 4 ? "U/S=1 user" : "U/S=0 supervisor",
                  before & 2 ? "R/W=1 writable" : "R/W=0 read-only");
    else if (bits)
        text_add(t, " (P=0 not present)");
    if (set & 0x60)
        text_addf(t, " (%s%s%s set)", set & 0x20 ? "A" : "", (set & 0x60) == 0x60 ? " and " : "",
                  set & 0x40 ? "D" : "");
}

static void page_lines(const struct page *p, const rt386_step *s)
{
    for (unsigned i = 0; i < s->pages; i++) {
        const rt386_step_page *g = &s->page[i];
        struct text t = {0};
        text_addf(&t, "linear 0x%08x: ", g->walk.linear);
        bool bits = s->why.fault.has_cr2;
        if (bits)
            text_addf(&t,
                      "directory index %u, table index %u, offset 0x%03x: ", g->walk.linear >> 22,
                      g->walk.linear >> 12 & 1023, g->walk.linear & 4095);
        entry_words(&t, "PDE", g->walk.pde_at, g->walk.pde, g->pde_after, bits);
        if (g->walk.pte_valid) {
            text_add(&t, ", ");
            entry_words(&t, "PTE", g->walk.pte_at, g->walk.pte, g->pte_after, bits);
        }
        if (g->walk.mapped) text_addf(&t, ", physical 0x%08x", g->walk.phys);
        more(p, text_str(&t));
        text_free(&t);
    }
}

static void memory_step(const struct page *p, const rt386_step *s, unsigned n)
{
    static const char *const verbs[] = {"read", "write", "fetch"};
    int digits = s->size < 4 ? 2 * (int)s->size : 8;
    linef(p, n, verbs[s->access], "%u byte%s at %s:0x%08x, linear 0x%08x: 0x%0*x", s->size,
          s->size == 1 ? "" : "s", reg_name(s->reg), s->offset, s->linear, digits, s->value);
    checks(p, &s->why);
    page_lines(p, s);
}

static void push_step(const struct page *p, const rt386_step *s, unsigned n)
{
    char name[24];
    snprintf(name, sizeof name, "%s", account_element_name(s->element));
    if (s->element == RT386_ELEMENT_PARAMETER)
        snprintf(name, sizeof name, "parameter %u", s->number + 1u);
    linef(p, n, "push", "%s 0x%0*x at SS:0x%08x, linear 0x%08x", name, (int)s->size * 2, s->value,
          s->offset, s->linear);
    if (rule_failed(&s->why)) check_rows(p, &s->why);
    page_lines(p, s);
}

static void stack_step(const struct page *p, const rt386_step *s, unsigned n)
{
    if (s->why.fault.raised)
        linef(p, n, "stack", "ring %u: its field in the TSS at linear 0x%08x", s->level, s->linear);
    else
        linef(p, n, "stack", "ring %u: SS 0x%04x, ESP 0x%0*x from the TSS, at linear 0x%08x",
              s->level, s->selector, (int)s->size * 2, s->value, s->linear);
    checks(p, &s->why);
}

static void target_step(const struct page *p, const rt386_step *s, unsigned n)
{
    linef(p, n, "target", "EIP 0x%08x in code of base 0x%08x, limit 0x%08x: linear 0x%08x",
          s->value, s->after.base, s->after.limit, s->linear);
    checks(p, &s->why);
}

static void descriptor_step(const struct page *p, const rt386_step *s, unsigned n)
{
    const rt386_desc *a = &s->old_desc, *b = &s->new_desc;
    const char *bit = !desc_is_segment(b->kind) || a->busy != b->busy ? "busy" : "accessed";
    bool set = b->busy || b->accessed;
    linef(p, n, "descriptor", "%s bit %s: access byte 0x%02x -> 0x%02x, entry at linear 0x%08x",
          bit, set ? "set" : "cleared", a->bytes[5], b->bytes[5], s->linear);
}

static void seg_words(struct text *t, const rt386_seg *s)
{
    if (!s->usable)
        text_addf(t, "0x%04x, not usable", s->selector);
    else
        text_addf(t, "0x%04x, base 0x%08x, limit 0x%08x, access 0x%02x", s->selector, s->base,
                  s->limit, s->access);
}

static void register_step(const struct page *p, const rt386_step *s, unsigned n)
{
    struct text t = {0};
    text_addf(&t, "%s was ", reg_name(s->reg));
    seg_words(&t, &s->before);
    line(p, n, "register", text_str(&t));
    text_clear(&t);
    text_addf(&t, "%s is  ", reg_name(s->reg));
    seg_words(&t, &s->after);
    more(p, text_str(&t));
    text_free(&t);
}

static void task_step(const struct page *p, const rt386_step *s, unsigned n)
{
    static const char *const how[] = {"JMP", "CALL", "interrupt", "IRET"};
    switch (s->task.stage) {
    case RT386_TASK_LINK_READ:
        linef(p, n, "task", "back link of TSS 0x%04x at linear 0x%08x: 0x%04x", s->task.from,
              s->linear, s->value);
        break;
    case RT386_TASK_BEGIN:
        linef(p, n, "task", "switch from TSS 0x%04x to TSS 0x%04x by %s", s->task.from, s->task.to,
              how[s->task.how & 3]);
        break;
    case RT386_TASK_COMMIT:
        line(p, n, "task", "---- commit point: from here on it is the new task ----");
        break;
    case RT386_TASK_SAVED:
    case RT386_TASK_FETCHED:
        linef(p, n, "task", "registers %s TSS 0x%04x: %u bytes at linear 0x%08x, EIP 0x%08x",
              s->task.stage == RT386_TASK_SAVED ? "saved in" : "fetched from",
              s->task.stage == RT386_TASK_SAVED ? s->task.from : s->task.to, s->size, s->linear,
              s->value);
        break;
    case RT386_TASK_NOT_BUSY:
        linef(p, n, "task", "TSS 0x%04x is not busy any more", s->task.from);
        break;
    case RT386_TASK_BUSY: linef(p, n, "task", "TSS 0x%04x is busy", s->task.to); break;
    case RT386_TASK_LINKED:
        linef(p, n, "task", "back link 0x%04x written to TSS 0x%04x at linear 0x%08x", s->value,
              s->task.to, s->linear);
        break;
    case RT386_TASK_REGISTERS:
        linef(p, n, "task", "registers in place, EIP 0x%08x; selectors follow", s->value);
        break;
    }
    checks(p, &s->why);
}

static void io_step(const struct page *p, const rt386_step *s, unsigned n)
{
    linef(p, n, "I/O map", "port 0x%04x, %u byte%s: map base 0x%04x, bytes 0x%04x at linear 0x%08x",
          s->port, s->size, s->size == 1 ? "" : "s", s->offset, s->value, s->linear);
    checks(p, &s->why);
}

static void port_step(const struct page *p, const rt386_step *s, unsigned n)
{
    linef(p, n, "port", "0x%04x %s 0x%0*x", s->port, s->access == RT386_WRITE ? "<-" : "->",
          (int)s->size * 2, s->value);
}

/* Selector and error code are two things: both are named, neither stands for the other. */
static void fault_words(struct text *t, const rt386_step *s)
{
    const rt386_fault *f = &s->why.fault;
    text_addf(t, "%s %s", rt386_vector_mnemonic(f->vector), rt386_vector_name(f->vector));
    if (s->selector || s->why.located) text_addf(t, ", selector 0x%04x", s->selector);
    if (f->has_error) {
        text_addf(t, ", error code 0x%04x: ", f->error);
        error_code_words(t, f->vector, f->error);
    }
    if (f->has_cr2) text_addf(t, "; CR2 = linear 0x%08x", f->cr2);
}

/* What the program tried, and through what. */
static void refused_access(const struct page *p, const rt386_step *s)
{
    static const char *const verbs[] = {"read", "write", "fetch"};
    const rt386_seg *seg = &s->before;
    struct text t = {0};
    text_addf(&t, "%s of %u byte%s at %s:0x%08x", verbs[s->access], s->size,
              s->size == 1 ? "" : "s", reg_name(s->reg), s->offset);
    if (s->size > 1) text_addf(&t, ", last byte at offset 0x%08x", s->offset + s->size - 1);
    text_addf(&t, ", linear 0x%08x", s->linear);
    more(p, text_str(&t));
    text_clear(&t);
    text_addf(&t, "%s holds selector 0x%04x", reg_name(s->reg), seg->selector);
    if (!seg->usable)
        text_add(&t, " and cannot be used");
    else if (seg->hi < seg->lo)
        text_addf(&t, ": base 0x%08x, limit 0x%08x, no valid offset", seg->base, seg->limit);
    else
        text_addf(&t, ": base 0x%08x, limit 0x%08x, valid offsets 0x%08x..0x%08x", seg->base,
                  seg->limit, seg->lo, seg->hi);
    more(p, text_str(&t));
    text_free(&t);
}

/* The arithmetic of a limit violation, in one line. */
static void refused_sum(const struct page *p, const rt386_step *s)
{
    uint64_t last = (uint64_t)s->offset + s->size - 1;
    uint32_t limit = s->before.limit;
    struct text t = {0};
    if (strcmp(rt386_rule(s->why.fault.rule).name, "SEGM_LIMIT_UP") != 0 || last <= limit) return;
    if (s->size > 1)
        text_addf(&t, "the last byte is at 0x%x + %u - 1 = 0x%llx, ", s->offset, s->size,
                  (unsigned long long)last);
    else
        text_addf(&t, "offset 0x%x is ", s->offset);
    text_addf(&t, "%llu byte%s beyond the limit 0x%x", (unsigned long long)last - limit,
              last - limit == 1 ? "" : "s", limit);
    if (s->offset <= limit) text_add(&t, " (the first byte is still inside)");
    text_addf(&t, "; the segment holds %llu bytes, offsets 0 to %u", (unsigned long long)limit + 1,
              limit);
    line(p, 0, "sum", text_str(&t));
    text_free(&t);
}

static void fault_step(const struct page *p, const rt386_step *s, unsigned n)
{
    const rt386_explanation *why = &s->why;
    rt386_rule_info rule = rt386_rule(why->fault.rule);
    struct text t = {0};
    fault_words(&t, s);
    line(p, n, "FAULT", text_str(&t));
    text_clear(&t);
    if (s->has_reg) refused_access(p, s);
    text_addf(&t, "rule %s [%s]", rule.name, rule.section);
    more(p, text_str(&t));
    const rt386_check *failed = rule_failed(why);
    if (!failed || failed->rule != why->fault.rule) more(p, rule.sentence);
    text_free(&t);
    if (!p->known) check_rows(p, why);
    page_lines(p, s);
    if (s->has_reg) refused_sum(p, s);
    const char *hint = rule_hint(rule.name, why->located && why->desc.kind == RT386_DESC_EMPTY);
    if (hint && (!p->told || first_time(p->told->hint, why->fault.rule))) line(p, 0, "hint", hint);
}

static void delivery_step(const struct page *p, const rt386_step *s, unsigned n)
{
    const char *what = s->source == 'f'   ? "exception"
                       : s->source == 't' ? "trap"
                       : s->source == 's' ? "software interrupt"
                                          : "interrupt";
    linef(p, n, "delivery", "vector %u (%s), %s", s->vector, rt386_vector_mnemonic(s->vector),
          what);
}

static void call_step(const struct page *p, const rt386_step *s, unsigned n)
{
    struct text t = {0};
    if (!s->call.leaving)
        text_addf(&t, "%s(%s)", s->call.name, s->call.arguments);
    else if (s->call.blocked)
        text_addf(&t, "%s waits", s->call.name);
    else
        text_addf(&t, "%s returns 0x%08x, status 0x%04x %s", s->call.name, s->call.result,
                  s->call.status, rt386_intime_status_name(s->call.status));
    line(p, n, "INtime", text_str(&t));
    text_free(&t);
}

static void entry_step(const struct page *p, const rt386_step *s, unsigned n)
{
    struct text t = {0};
    text_addf(&t, "GDT entry %u (selector 0x%04x) at linear 0x%08x%s%s: was ", s->selector >> 3,
              s->selector, s->linear, s->owner[0] ? ", " : "", s->owner);
    text_add(&t, s->old_desc.kind == RT386_DESC_EMPTY ? "empty" : s->old_desc.text);
    text_addf(&t, "; is %s", s->new_desc.kind == RT386_DESC_EMPTY ? "empty" : s->new_desc.text);
    line(p, n, "entry", text_str(&t));
    text_free(&t);
}

void account_line(struct text *t, const char *label, const char *words)
{
    line(&(struct page){.t = t}, 0, label, words);
}

static bool same_refusal(const rt386_step *selector, const rt386_step *fault)
{
    return selector && selector->kind == RT386_STEP_SELECTOR && fault->kind == RT386_STEP_FAULT &&
           !fault->has_reg && selector->why.fault.raised &&
           selector->why.fault.rule == fault->why.fault.rule;
}

void account_step_text(struct text *t, const rt386_step *before, const rt386_step *step,
                       unsigned number, bool colour, struct account_told *told_before)
{
    static void (*const told[])(const struct page *, const rt386_step *,
                                unsigned) = {[RT386_STEP_SELECTOR] = selector_step,
                                             [RT386_STEP_GATE] = gate_step,
                                             [RT386_STEP_MEMORY] = memory_step,
                                             [RT386_STEP_STACK] = stack_step,
                                             [RT386_STEP_PUSH] = push_step,
                                             [RT386_STEP_TARGET] = target_step,
                                             [RT386_STEP_DESCRIPTOR] = descriptor_step,
                                             [RT386_STEP_REGISTER] = register_step,
                                             [RT386_STEP_TASK] = task_step,
                                             [RT386_STEP_IO_MAP] = io_step,
                                             [RT386_STEP_PORT] = port_step,
                                             [RT386_STEP_FAULT] = fault_step,
                                             [RT386_STEP_DELIVERY] = delivery_step,
                                             [RT386_STEP_CALL] = call_step,
                                             [RT386_STEP_ENTRY] = entry_step};
    const struct page p = {t, colour, told_before, same_refusal(before, step)};
    told[step->kind](&p, step, number);
}

void account_checks_text(struct text *t, const rt386_explanation *why)
{
    const struct page p = {.t = t};
    check_rows(&p, why);
}

void account_load_text(struct text *t, const rt386_explanation *why, rt386_segreg reg)
{
    const struct page p = {.t = t};
    const rt386_step step = {.kind = RT386_STEP_SELECTOR, .why = *why, .has_reg = true, .reg = reg};
    selector_step(&p, &step, 0);
    if (why->fault.raised)
        linef(&p, 0, "raises", "%s with error code 0x%04x; %s keeps what it holds",
              rt386_vector_mnemonic(why->fault.vector), why->fault.error, reg_name(reg));
    else if (why->located)
        linef(&p, 0, "granted", "%s would hold base 0x%08x, limit 0x%08x%s", reg_name(reg),
              why->desc.base, why->desc.limit,
              desc_is_segment(why->desc.kind) && !why->desc.accessed ? "; the A bit is set" : "");
}

/* --- the whole --- */

static void insn_line(const struct page *p, const rt386_account_result *r)
{
    char words[160] = "";
    struct disasm *d = r->has_insn ? disasm_new() : NULL;
    if (d) disasm_text(d, &r->insn, words, sizeof words);
    disasm_free(d);
    if (r->has_insn)
        paint(p, HEAD, words);
    else
        paint(p, HEAD,
              r->deliveries && r->end == RT386_ACCOUNT_INTERRUPT ? "an interrupt"
                                                                 : "no instruction");
    text_addf(p->t, "  at %04x:%08x, CPL %u\n", r->before.seg[RT386_CS].selector, r->before.eip,
              r->before.cpl);
}

static void end_line(const struct page *p, const rt386_account_result *r)
{
    const rt386_account_state *b = &r->before, *a = &r->after;
    struct text t = {0};
    switch (r->end) {
    case RT386_ACCOUNT_RETIRED: text_add(&t, "retired"); break;
    case RT386_ACCOUNT_FAULT:
        text_addf(&t, "%s delivered", rt386_vector_mnemonic(r->fault.vector));
        break;
    case RT386_ACCOUNT_INTERRUPT: text_add(&t, "delivered"); break;
    case RT386_ACCOUNT_SHUTDOWN: text_add(&t, "shutdown: no handler could be entered"); break;
    case RT386_ACCOUNT_IDLE: text_add(&t, "nothing was executed"); break;
    }
    text_addf(&t, "; CS:EIP %04x:%08x, SS:ESP %04x:%08x, CPL %u", a->seg[RT386_CS].selector, a->eip,
              a->seg[RT386_SS].selector, a->gpr[4], a->cpl);
    if (a->eflags != b->eflags) text_addf(&t, ", EFLAGS 0x%08x -> 0x%08x", b->eflags, a->eflags);
    if (a->cr2 != b->cr2) text_addf(&t, ", CR2 0x%08x", a->cr2);
    if (a->cr3 != b->cr3) text_addf(&t, ", CR3 0x%08x -> 0x%08x", b->cr3, a->cr3);
    line(p, 0, "ends", text_str(&t));
    text_free(&t);
}

void account_text(struct text *t, const rt386_account *account, bool colour)
{
    const rt386_account_result *r = rt386_account_result_of(account);
    const struct page p = {.t = t, .colour = colour};
    const rt386_step *s;
    insn_line(&p, r);
    if (r->end == RT386_ACCOUNT_RETIRED && !rt386_account_step(account, 0))
        text_add(t, "it loads no segment register and raises nothing\n");
    for (unsigned i = 0; (s = rt386_account_step(account, i)); i++)
        account_step_text(t, i ? rt386_account_step(account, i - 1) : NULL, s, i + 1, colour, NULL);
    end_line(&p, r);
}

bool account_next_text(struct text *t, const rt386 *m, bool colour)
{
    rt386_account *account;
    rt386_status status = rt386_account_next(m, &account);
    const char *why = copy_refused(status);
    if (why) text_addf(t, "%s\n", why);
    if (why) return false;
    account_text(t, account, colour);
    rt386_account_free(account);
    return true;
}
