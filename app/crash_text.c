/* crash_text.c: the crash report, section by section. Everything in it comes from the guest and may be nonsense: each read
 * of guest memory may fail, each chain has an end. */
#include "ask.h"
#include "bytes.h"
#include "crash.h"
#include "disasm.h"
#include "thread_fault.h"
#include "thread_regs.h"
#include "view.h"

#include <string.h>

#define CODE_LINES   8u
#define STACK_BYTES  256u
#define FRAMES_MAX   32u
#define THREADS_SEEN 64u /* whose registers are listed */

struct report {
    struct text *t;
    struct app *app;
    const rt386 *m;
    const rt386_thread_fault *e;
};

static void section(const struct report *r, const char *title)
{
    text_addf(r->t, "\n%s\n", title);
}

/* Up to n bytes at an offset of a segment, as many as are mapped and inside it. */
static unsigned seg_bytes(const struct report *r, rt386_segreg reg, uint32_t offset, uint8_t *to,
                          unsigned n)
{
    const rt386_seg *s = &r->e->seg[reg];
    if (!s->usable || offset < s->lo || offset > s->hi) return 0;
    if (n - 1 > s->hi - offset) n = s->hi - offset + 1;
    for (unsigned i = 0; i < n; i++) {
        const rt386_addr at = {.space = RT386_LINEAR, .at = s->base + offset + i};
        if (rt386_peek(r->m, at, to + i, 1) != RT386_OK) return i;
    }
    return n;
}

/* " limit.rta+0x123 (main+0x23)"; nothing where no module is. */
static void place_words(const struct report *r, uint32_t offset)
{
    rt386_module mod;
    uint32_t behind;
    if (!rt386_intime_module(r->m, r->e->process, offset, &mod)) return;
    text_addf(r->t, "  %s+0x%x", mod.name, offset - mod.base);
    const char *symbol = rt386_intime_symbol(r->m, r->e->process, offset, &behind);
    if (symbol) text_addf(r->t, " (%.80s+0x%x)", symbol, behind);
}

/* ---- what and why ------------------------------------------------------------------------------ */

static void head(const struct report *r)
{
    const rt386_thread_fault *e = r->e;
    text_add(r->t, "rt386 crash report\n\n");
    if (e->software)
        text_addf(r->t, "Software exception %08X", e->code);
    else
        text_addf(r->t, "Hardware fault %s (%04X)", rt386_intime_status_name(e->code), e->code);
    text_addf(r->t, " in process %.15s (%04X), thread %04X\n", e->process_name, e->process,
              e->thread);
    if (!e->software) {
        text_addf(r->t, "  %s %s", rt386_vector_mnemonic(e->fault.vector),
                  rt386_vector_name(e->fault.vector));
        if (e->fault.has_error) text_addf(r->t, ", error code %04X", e->fault.error);
        if (e->fault.has_cr2) text_addf(r->t, ", CR2 %08X", e->fault.cr2);
        text_add(r->t, "\n");
    }
    text_addf(r->t, "  at %04X:%08X", e->seg[RT386_CS].selector, e->eip);
    place_words(r, e->eip);
    text_addf(r->t, "\n  %s\n  %llu instructions, %llu clocks\n", thread_fault_action(e),
              (unsigned long long)rt386_insns(r->m), (unsigned long long)rt386_clocks(r->m));
}

/* The instruction at the fault; false: its bytes cannot be read. */
static bool insn_at(const struct report *r, uint32_t eip, struct disasm *d, rt386_insn_event *insn)
{
    const rt386_seg *cs = &r->e->seg[RT386_CS];
    *insn = (rt386_insn_event){.cs = cs->selector,
                               .eip = eip,
                               .linear = cs->base + eip,
                               .code32 = cs->flags & 4,
                               .cpu = RT386_CPU_SSE2};
    unsigned have = seg_bytes(r, RT386_CS, eip, insn->bytes, (unsigned)sizeof insn->bytes);
    if (!have) return false;
    insn->length = (uint8_t)disasm_length(d, insn->bytes, have, insn->code32);
    insn->symbol = rt386_intime_symbol(r->m, r->e->process, eip, &insn->symbol_offset);
    return true;
}

static void refused_access(const struct report *r, rt386_step *step, struct view_steps *v)
{
    const rt386_thread_fault *e = r->e;
    step->has_reg = true;
    step->reg = e->access_seg;
    step->offset = e->access_offset;
    step->size = e->access_size;
    step->access = e->access;
    if (e->access_seg > RT386_GS) return;
    step->before = e->seg[e->access_seg];
    step->linear = step->before.base + e->access_offset;
    uint16_t selector = step->before.selector;
    v->have_desc = selector > 3 && rt386_table_entry(r->m, selector & 4 ? RT386_LDT : RT386_GDT,
                                                     selector >> 3, &v->desc, NULL) == RT386_OK;
}

static void why(const struct report *r, struct disasm *d)
{
    const rt386_thread_fault *e = r->e;
    if (e->software || !e->fault.raised) return;
    section(r, "Why");
    if (!e->fault.rule) {
        text_add(r->t, "  no rule refused: a trap, or an interrupt that the program asked for\n");
        return;
    }
    rt386_insn_event insn;
    rt386_step step = {.kind = RT386_STEP_FAULT, .vector = e->fault.vector};
    struct view_steps v = {.step = &step, .count = 1};
    if (rt386_explain_thread_fault(r->m, e, &step.why) == RT386_OK && !e->has_access)
        step.selector = step.why.selector;
    step.why.fault = e->fault;
    if (e->has_access) refused_access(r, &step, &v);
    if (e->fault.has_cr2) {
        step.page[step.pages].walk = rt386_page_walk(r->m, e->fault.cr2);
        step.page[0].pde_after = step.page[0].walk.pde;
        step.page[0].pte_after = step.page[0].walk.pte;
        step.pages += step.page[0].walk.paging;
    }
    if (insn_at(r, e->eip, d, &insn)) v.insn = &insn;
    if (v.insn && e->fault.vector == 6)
        v.code_length = seg_bytes(r, RT386_CS, e->eip, v.code, (unsigned)sizeof v.code);
    memcpy(v.process, e->process_name, sizeof v.process);
    if (!explain_steps_text(r->app, r->t, &v)) r->t->failed = true;
}

/* ---- registers --------------------------------------------------------------------------------- */

static void flags_words(struct text *t, uint32_t flags)
{
    static const char *const names[] = {"CF", "",   "PF", "", "AF", "",   "ZF", "SF", "TF",
                                        "IF", "DF", "OF", "", "",   "NT", "",   "RF", "VM"};
    text_addf(t, "  EFLAGS %08X  IOPL %u", flags, flags >> 12 & 3);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i][0] && flags >> i & 1) text_addf(t, " %s", names[i]);
    text_add(t, "\n");
}

static void registers(const struct report *r)
{
    static const char *const names[8] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
    static const rt386_segreg order[6] = {RT386_CS, RT386_SS, RT386_DS,
                                          RT386_ES, RT386_FS, RT386_GS};
    static const char *const segs[6] = {[RT386_ES] = "ES", [RT386_CS] = "CS", [RT386_SS] = "SS",
                                        [RT386_DS] = "DS", [RT386_FS] = "FS", [RT386_GS] = "GS"};
    section(r, "Registers");
    for (unsigned i = 0; i < 8; i++)
        text_addf(r->t, "  %s %08X%s", names[i], r->e->gpr[i], i % 4 == 3 ? "\n" : "");
    text_addf(r->t, "  EIP %08X\n", r->e->eip);
    flags_words(r->t, r->e->eflags);
    for (unsigned i = 0; i < 6; i++) {
        const rt386_seg *s = &r->e->seg[order[i]];
        text_addf(r->t, "  %s %04X", segs[order[i]], s->selector);
        if (!s->usable)
            text_add(r->t, "  cannot be used\n");
        else
            text_addf(r->t, "  base %08X limit %08X offsets %08X..%08X access %02X flags %X\n",
                      s->base, s->limit, s->lo, s->hi, s->access, s->flags);
    }
}

/* ---- code and stack ---------------------------------------------------------------------------- */

static void code(const struct report *r, struct disasm *d)
{
    uint32_t eip = r->e->eip;
    section(r, "Code");
    for (unsigned i = 0; i < CODE_LINES; i++) {
        char text[160], bytes[2 * 15 + 1] = "";
        rt386_insn_event insn;
        if (!insn_at(r, eip, d, &insn)) {
            text_addf(r->t, "  %c %08X  cannot be read\n", i ? ' ' : '>', eip);
            return;
        }
        disasm_text(d, &insn, text, sizeof text);
        for (unsigned n = 0; n < insn.length; n++)
            snprintf(bytes + 2 * n, 3, "%02x", insn.bytes[n]);
        text_addf(r->t, "  %c %08X  %-20s %s\n", i ? ' ' : '>', eip, bytes, text);
        eip += insn.length;
    }
}

static void stack(const struct report *r)
{
    uint8_t bytes[STACK_BYTES];
    uint32_t esp = r->e->gpr[4];
    unsigned have = seg_bytes(r, RT386_SS, esp, bytes, (unsigned)sizeof bytes);
    section(r, "Stack");
    if (have < 4)
        text_addf(r->t, "  %04X:%08X  cannot be read\n", r->e->seg[RT386_SS].selector, esp);
    for (unsigned i = 0; i + 4 <= have; i += 4) {
        if (i % 16 == 0) text_addf(r->t, "  %08X ", esp + i);
        text_addf(r->t, " %08X%s", bytes_get32(bytes + i),
                  i % 16 == 12 || i + 8 > have ? "\n" : "");
    }
}

/* Frames of functions that keep EBP: the caller's EBP, then the return address, each further up. */
static void trace(const struct report *r)
{
    uint32_t ebp = r->e->gpr[5], eip = r->e->eip;
    bool upwards = true;
    section(r, "Call trace (by EBP)");
    for (unsigned i = 0; i < FRAMES_MAX; i++) {
        uint8_t frame[8];
        text_addf(r->t, "  %08X", eip);
        place_words(r, eip);
        text_add(r->t, "\n");
        if (!upwards || seg_bytes(r, RT386_SS, ebp, frame, sizeof frame) < sizeof frame) return;
        eip = bytes_get32(frame + 4);
        if (!eip) return;
        upwards =
            bytes_get32(frame) > ebp; /* if not, this caller is the last one that can be right */
        ebp = bytes_get32(frame);
    }
}

/* ---- the process ------------------------------------------------------------------------------- */

static bool thread_of(const struct report *r, unsigned slot, rt386_object *o)
{
    return rt386_intime_object(r->m, (uint16_t)(slot << 3), o) && o->type == 2 &&
           o->owner == r->e->process;
}

static void threads(const struct report *r)
{
    rt386_object o;
    unsigned seen = 0;
    section(r, "Threads of the process");
    for (unsigned slot = 0; slot < 8192; slot++) {
        if (!thread_of(r, slot, &o)) continue;
        if (++seen > THREADS_SEEN) continue;
        struct thread_regs regs = thread_regs_of_fault(r->e);
        bool own = o.handle == r->e->thread;
        if (!own && !thread_regs_get(r->m, o.handle, &regs)) regs = (struct thread_regs){0};
        text_addf(r->t, "  %04X %-12s %s\n", o.handle, o.name, o.detail);
        text_addf(r->t, "       %04X:%08X  ESP %08X  EBP %08X", regs.seg[RT386_CS], regs.eip,
                  regs.gpr[4], regs.gpr[5]);
        place_words(r, regs.eip);
        text_add(r->t, own ? "  this one\n" : "\n");
    }
    if (seen > THREADS_SEEN) text_addf(r->t, "  and %u more\n", seen - THREADS_SEEN);
}

static bool process_get(const struct report *r, uint16_t handle, rt386_process *p)
{
    for (unsigned i = 0; rt386_intime_process(r->m, i, p); i++)
        if (p->alive && p->handle == handle) return true;
    return false;
}

/* Modules begin at page boundaries. */
static void modules(const struct report *r)
{
    rt386_process p;
    rt386_module mod;
    section(r, "Modules of the process");
    if (!process_get(r, r->e->process, &p)) return;
    for (uint64_t at = 0; at < p.vseg_size; at += 4096) {
        if (!rt386_intime_module(r->m, p.handle, (uint32_t)at, &mod)) continue;
        text_addf(r->t, "  %08X..%08X  %s\n", mod.base, mod.base + mod.size - 1, mod.name);
        uint64_t end = ((uint64_t)mod.base + mod.size + 4095) & ~4095ull;
        if (end > at + 4096) at = end - 4096;
    }
}

static void processes(const struct report *r)
{
    rt386_process p;
    section(r, "Processes");
    for (unsigned i = 0; rt386_intime_process(r->m, i, &p); i++)
        if (p.alive)
            text_addf(r->t, "  %04X %-12s CS %04X DS %04X base %08X size %08X, %u objects%s\n",
                      p.handle, p.name, p.cs, p.ds, p.vseg_base, p.vseg_size, p.objects,
                      p.xm ? ", XM" : "");
}

static void last_calls(const struct report *r, const struct crash_call *calls, unsigned count)
{
    section(r, "Last calls");
    for (unsigned i = 0; i < count; i++) {
        const struct crash_call *c = &calls[i];
        text_addf(r->t, "  %04X %s %s(%s)", c->thread, c->process, c->name, c->arguments);
        if (c->back)
            text_addf(r->t, " = 0x%x %s\n", c->result, c->status ? c->status : "");
        else
            text_add(r->t, c->waits ? ": waits\n" : ": has not returned\n");
    }
}

void crash_text(struct text *t, struct app *app, const rt386 *m, const rt386_thread_fault *e,
                const struct crash_call *calls, unsigned count)
{
    const struct report r = {t, app, m, e};
    struct disasm *d = disasm_new();
    head(&r);
    if (d) {
        why(&r, d);
        code(&r, d);
    } else {
        t->failed = true;
    }
    registers(&r);
    stack(&r);
    trace(&r);
    threads(&r);
    section(&r, "Objects of the process");
    objects_of_text(t, m, e->process);
    modules(&r);
    processes(&r);
    last_calls(&r, calls, count);
    disasm_free(d);
}
