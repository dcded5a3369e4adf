/* bare.c: the machine for test vectors. The bus watcher lists what changes, so that begin can undo
 * it; when the list overflows, all memory is cleaned. */
#include <stdlib.h>
#include <string.h>

#include <rt386/bare.h>

#include "machine.h"

#define LOG_MAX 65536u

struct bare_log {
    unsigned n, from; /* from: first entry after rt386_bare_put */
    bool overflow;
    struct held_event held;
    struct {
        uint32_t at;
        uint32_t size;
    } store[LOG_MAX];
};

static void log_store(void *ctx, phys_t at, unsigned size)
{
    struct bare_log *log = ctx;
    if (log->n == LOG_MAX) {
        log->overflow = true;
        return;
    }
    log->store[log->n].at = at.v;
    log->store[log->n++].size = size;
}

rt386_status rt386_bare_create(uint32_t memory, rt386 **machine)
{
    if (!machine) return RT386_E_ARG;
    *machine = NULL;
    if (!memory) memory = 16u << 20;
    if (memory % (1u << 20) || memory > 0x80000000u) return RT386_E_ARG;
    rt386 *m = calloc(1, sizeof *m);
    if (!m) return RT386_E_NOMEM;
    m->config = (rt386_config){.size = sizeof m->config, .memory = memory, .clock_hz = 33000000};
    m->bare = true;
    clock_init(&m->clock, m->config.clock_hz);
    m->clock.running = &m->cpu.s.clocks;
    m->bus = bus_new();
    m->bare_log = calloc(1, sizeof *m->bare_log);
    if (!m->bus || !m->bare_log || machine_map_ram(m, false) != RT386_OK) {
        rt386_destroy(m);
        return RT386_E_NOMEM;
    }
    cpu_init(&m->cpu, m->bus);
    bus_set_watcher(m->bus, &(struct bus_watcher){log_store, m->bare_log});
    *machine = m;
    return RT386_OK;
}

static rt386_status not_bare(rt386 *m)
{
    return machine_fail(m, RT386_E_STATE, "only a bare machine can do this");
}

rt386_status rt386_bare_begin(rt386 *m)
{
    static const uint8_t zero[16];
    struct bare_log *log = m->bare_log;
    if (!log) return not_bare(m);
    bus_set_watcher(m->bus, NULL);
    if (log->overflow) bus_fill(m->bus, phys(0), 0, m->config.memory);
    for (unsigned i = 0; i < log->n && !log->overflow; i++) {
        if (log->store[i].size <= sizeof zero)
            bus_poke(m->bus, phys(log->store[i].at), zero, log->store[i].size);
        else
            bus_fill(m->bus, phys(log->store[i].at), 0, log->store[i].size);
    }
    log->n = log->from = 0;
    log->overflow = false;
    bus_set_watcher(m->bus, &(struct bus_watcher){log_store, log});
    cpu_reset(&m->cpu);
    m->cpu.hold = NULL;
    log->held = (struct held_event){0};
    m->ended = false;
    m->stop = 0;
    return RT386_OK;
}

static void put_registers(rt386 *m, const rt386_regs *regs)
{
    struct i386_state *s = &m->cpu.s;
    memcpy(s->gpr, regs->gpr, sizeof s->gpr);
    s->eip = regs->eip;
    s->eflags = (regs->eflags & FL_ALL & ~FL_VM) | FL_1;
    s->cr3 = regs->cr3;
    s->dr[6] = regs->dr6;
    s->dr[7] = regs->dr7;
}

rt386_status rt386_bare_put(rt386 *m, const rt386_regs *regs)
{
    if (!m->bare_log) return not_bare(m);
    if (!regs || (regs->cr0 & CR0_PE))
        return machine_fail(m, RT386_E_ARG, "a bare machine runs real mode only");
    struct i386_state *s = &m->cpu.s;
    put_registers(m, regs);
    s->cr0 = regs->cr0 & ~CR0_PG;
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        struct seg seg = s->seg[i];
        seg.sel = regs->seg[i];
        seg.sh.base = (uint32_t)seg.sel << 4;
        cpu_seg_poke(&m->cpu, (enum segreg)i, seg);
    }
    m->bare_log->from = m->bare_log->n;
    return RT386_OK;
}

rt386_seg rt386_seg_make(uint16_t selector, bool usable, uint32_t base, uint32_t limit,
                         uint8_t access, uint8_t flags)
{
    struct shadow sh = shadow_made(base, limit, access, flags & 0xfu);
    if (!usable) { /* no offset is valid */
        sh.lo = 0xffffffffu;
        sh.hi = 0;
    }
    return (rt386_seg){.selector = selector,
                       .usable = usable,
                       .base = sh.base,
                       .limit = sh.limit,
                       .lo = sh.lo,
                       .hi = sh.hi,
                       .access = sh.access,
                       .flags = sh.flags};
}

rt386_status rt386_bare_put_protected(rt386 *m, const rt386_regs *regs, const rt386_hidden *hidden)
{
    if (!m->bare_log) return not_bare(m);
    if (!regs || !hidden || !(regs->cr0 & CR0_PE) || (regs->eflags & FL_VM))
        return machine_fail(m, RT386_E_ARG, "these registers are not those of protected mode");
    struct i386_state *s = &m->cpu.s;
    put_registers(m, regs);
    s->cr0 = regs->cr0;
    s->gdtr = (struct dtable){hidden->gdt_base, hidden->gdt_limit};
    s->idtr = (struct dtable){hidden->idt_base, hidden->idt_limit};
    for (unsigned i = RT386_ES; i <= RT386_TR; i++)
        rt386_seg_poke(m, (rt386_segreg)i, &hidden->seg[i]);
    cpu_drop_derived(&m->cpu); /* translations of the run before */
    m->bare_log->from = m->bare_log->n;
    return RT386_OK;
}

rt386_status rt386_bare_hold(rt386 *m)
{
    if (!m->bare_log) return not_bare(m);
    m->cpu.hold = &m->bare_log->held;
    return RT386_OK;
}

bool rt386_bare_held(const rt386 *m, rt386_held *held)
{
    if (!m->bare_log || !m->bare_log->held.taken) return false;
    const struct held_event *e = &m->bare_log->held;
    bool page = e->vector == VEC_PF;
    *held = (rt386_held){e->vector, e->has_error, page, e->has_error ? e->error : 0,
                         page ? m->cpu.s.cr2 : 0};
    return true;
}

rt386_status rt386_bare_get(const rt386 *m, rt386_regs *regs)
{
    if (!m->bare_log) return RT386_E_STATE;
    const struct i386_state *s = &m->cpu.s;
    memcpy(regs->gpr, s->gpr, sizeof regs->gpr);
    regs->eip = s->eip;
    regs->eflags = s->eflags;
    regs->cr0 = s->cr0;
    regs->cr3 = s->cr3;
    regs->dr6 = s->dr[6];
    regs->dr7 = s->dr[7];
    for (unsigned i = 0; i < SEGREG_COUNT; i++)
        regs->seg[i] = s->seg[i].sel;
    return RT386_OK;
}

bool rt386_bare_store_at(const rt386 *m, unsigned index, rt386_store *store)
{
    const struct bare_log *log = m->bare_log;
    if (!log || index >= log->n - log->from) return false;
    *store = (rt386_store){log->store[log->from + index].at, log->store[log->from + index].size};
    return true;
}

uint32_t rt386_undefined_flags(const uint8_t *bytes, size_t n, bool code32)
{
    struct insn in;
    if (!bytes || decode(bytes, n, code32, &in) != DECODE_OK) return 0;
    return i386_rows[in.row].flags_undefined;
}
