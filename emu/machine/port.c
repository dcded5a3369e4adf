/* port.c: the machine's side of the INtime kernel's port: memory with the caller's rights, and the
 * effects that a call asks for, applied in their order. */
#include <stdlib.h>
#include <string.h>

#include "fp.h"
#include "level.h"
#include "machine.h"
#include "outside.h"
#include "x87.h"

/* --- memory for the kernel --- */

static bool port_phys_read(void *ctx, uint32_t at, void *to, uint32_t n)
{
    return bus_peek(((rt386 *)ctx)->bus, phys(at), to, n);
}

static bool port_phys_write(void *ctx, uint32_t at, const void *from, uint32_t n)
{
    return bus_poke(((rt386 *)ctx)->bus, phys(at), from, n);
}

static bool port_lin_read(void *ctx, uint32_t at, void *to, uint32_t n)
{
    return machine_lin_peek(ctx, at, to, n);
}

/* One piece of a user range that lies in one page. */
struct piece {
    lin_t at;
    uint32_t n;
};

static struct piece piece_at(const struct seg *ds, uint32_t off, uint32_t left)
{
    lin_t at = segm_linear(ds, eff(off));
    uint32_t room = PAGE_SIZE - (at.v & PAGE_MASK);
    return (struct piece){at, left < room ? left : room};
}

static enum rt_reach user_check(void *ctx, uint32_t off, uint32_t n, bool write)
{
    rt386 *m = ctx;
    if (!n) return RT_REACH_OK;
    if (off + (n - 1) < off) return RT_REACH_OUTSIDE;
    const struct seg *ds = &m->cpu.s.seg[DS];
    enum access access = write ? ACCESS_WRITE : ACCESS_READ;
    struct page_env env = cpu_page_env(&m->cpu);
    env.hook = NULL;
    enum rt_reach worst = RT_REACH_OK;
    for (uint32_t done = 0; done < n;) {
        struct piece p = piece_at(ds, off + done, n - done);
        if (is_fault(segm_check_access(ds, false, eff(off + done), p.n, access, NULL)))
            return RT_REACH_OUTSIDE;
        struct page_walk walk;
        uint8_t byte;
        fault_t f = page_probe(&env, p.at, access, true, &walk);
        if (is_fault(f)) {
            if (!(f.error & 1u)) return RT_REACH_MISSING; /* P = 0: no page there */
            worst = RT_REACH_DENIED;
        } else if (!bus_peek(m->bus, walk.phys, &byte, 1)) {
            return RT_REACH_MISSING; /* mapped, but no memory answers there */
        }
        done += p.n;
    }
    return worst;
}

/* Moves bytes after user_check said yes; the A and D bits are set as an access by the guest would.
 */
static enum rt_reach user_move(rt386 *m, uint32_t off, void *to, const void *from, uint32_t n)
{
    bool write = from != NULL;
    enum rt_reach reach = user_check(m, off, n, write);
    if (reach != RT_REACH_OK) return reach;
    struct page_env env = cpu_page_env(&m->cpu);
    env.hook = NULL;
    const struct seg *ds = &m->cpu.s.seg[DS];
    for (uint32_t done = 0; done < n;) {
        struct piece p = piece_at(ds, off + done, n - done);
        phys_t at;
        if (is_fault(page_translate(&env, p.at, write ? ACCESS_WRITE : ACCESS_READ, true, &at)))
            return RT_REACH_DENIED;
        bool ok = write ? bus_poke(m->bus, at, (const uint8_t *)from + done, p.n)
                        : bus_peek(m->bus, at, (uint8_t *)to + done, p.n);
        if (!ok) return RT_REACH_MISSING; /* mapped, but no memory answers there */
        done += p.n;
    }
    return RT_REACH_OK;
}

static enum rt_reach port_user_read(void *ctx, uint32_t off, void *to, uint32_t n)
{
    return user_move(ctx, off, to, NULL, n);
}

static enum rt_reach port_user_write(void *ctx, uint32_t off, const void *from, uint32_t n)
{
    return user_move(ctx, off, NULL, from, n);
}

static uint64_t port_now_us(void *ctx)
{
    rt386 *m = ctx;
    return clock_to_us(&m->clock, m->cpu.s.clocks);
}

static int32_t port_file(void *ctx, struct rt_file_op *op)
{
    return outside_file(ctx, op);
}

static int32_t port_net(void *ctx, struct rt_net_op *op)
{
    return outside_net(ctx, op);
}

static const char *port_environment(void *ctx, uint32_t *size)
{
    const rt386 *m = ctx;
    *size = m->environment_size;
    return m->environment ? m->environment : "";
}

static uint8_t port_in(void *ctx, uint16_t port)
{
    return (uint8_t)bus_in(((rt386 *)ctx)->bus, port, 1);
}

static void port_out(void *ctx, uint16_t port, uint8_t value)
{
    bus_out(((rt386 *)ctx)->bus, port, 1, value);
}

static void port_messages(void *ctx, bool masked)
{
    msi_mask(&((rt386 *)ctx)->irq.msi, masked);
}

static bool port_irq_comes(void *ctx)
{
    return irq_comes(ctx);
}

static void alarm_fired(void *ctx, uint64_t now)
{
    (void)now;
    ((rt386 *)ctx)->alarm_due = true;
}

void port_init(rt386 *m)
{
    m->port = (struct rt_port){.ctx = m,
                               .phys_read = port_phys_read,
                               .phys_write = port_phys_write,
                               .lin_read = port_lin_read,
                               .user_check = user_check,
                               .user_read = port_user_read,
                               .user_write = port_user_write,
                               .now_us = port_now_us,
                               .file = port_file,
                               .net = m->net ? port_net : NULL,
                               .environment = port_environment,
                               .in = port_in,
                               .out = port_out,
                               .messages = port_messages,
                               .irq_comes = port_irq_comes};
    m->alarm = (struct clock_event){.fire = alarm_fired, .ctx = m, .name = "INtime alarm"};
}

/* --- effects --- */

static desc_t segdef_image(const struct rt_segdef *s)
{
    uint8_t dpl = (uint8_t)((s->dpl & 3u) << 5);
    switch (s->kind) {
    case RT_SEG_CODE:
        return desc_make(s->base, s->limit,
                         (uint8_t)(ACC_PRESENT | dpl | ACC_S | ACC_CODE | ACC_READ), true,
                         s->granular);
    case RT_SEG_LDT:
        return desc_make(s->base, s->limit, (uint8_t)(ACC_PRESENT | dpl | SYS_LDT), false, false);
    case RT_SEG_TSS:
        return desc_make(s->base, s->limit, (uint8_t)(ACC_PRESENT | dpl | SYS_TSS32_AVAIL), false,
                         false);
    case RT_SEG_CALLGATE: return desc_make_gate(SYS_CALL32, s->target, s->base, s->dpl, s->count);
    default:
        return desc_make(s->base, s->limit, (uint8_t)(ACC_PRESENT | dpl | ACC_S | ACC_WRITE), true,
                         s->granular);
    }
}

/* The one place where INtime writes the GDT: eight bytes at GDTR.base + 8n, through the bus. */
static void gdt_set(rt386 *m, uint16_t slot, desc_t image)
{
    uint8_t before[8] = {0}, after[8];
    uint32_t at = m->cpu.s.gdtr.base + 8u * slot;
    machine_lin_peek(m, at, before, 8);
    put64(after, image.raw);
    if (!machine_lin_poke(m, at, after, 8))
        machine_log(m, RT386_LOG_ERROR, "intime", "GDT slot %u at 0x%08x is not memory", slot, at);
    observe_table(m, slot, before);
}

/* A new thread begins as after FNINIT and RESET. */
static void thread_fpu_new(rt386 *m, uint16_t slot)
{
    if (slot >= GDT_SLOTS || slot == m->cpu.s.tr.sel >> 3) return;
    struct thread_fpu *fpu = &m->thread_fpu[slot];
    x87_init(&fpu->x87);
    fpu->sse = (struct i386_sse){.mxcsr = MXCSR_DEFAULT};
}

/* What the kernel would do with FXSAVE and FXRSTOR (before SSE: FNSAVE, FRSTOR) in its #NM handler, done at the
 * switch: every thread finds its registers as it left them. TS is set all the same, and the thread's first ESC,
 * MMX or SSE instruction goes through the stub that clears it. */
static void thread_fpu_swap(rt386 *m, uint16_t from, uint16_t to)
{
    struct i386_state *s = &m->cpu.s;
    if (from == to) return;
    m->thread_fpu[from] = (struct thread_fpu){s->x87, s->sse};
    s->x87 = m->thread_fpu[to].x87;
    s->sse = m->thread_fpu[to].sse;
}

static void switch_thread(rt386 *m, uint16_t tss)
{
    uint16_t from = m->cpu.s.tr.sel >> 3;
    if ((m->cpu.s.tr.sel & 0xfffcu) == (tss & 0xfffcu)) return;
    if (m->cpu.s.activity == ACT_HLT)
        m->cpu.s.activity = ACT_RUN; /* as an interrupt would wake it */
    fault_t f = cpu_task_jump(&m->cpu, tss);
    thread_fpu_swap(m, from, m->cpu.s.tr.sel >> 3);
    if (!is_fault(f)) return;
    /* The new thread's context is refused: the processor raises what it raises, in the thread. */
    if (event_fault(&m->cpu, f) == STEP_SHUTDOWN)
        machine_end(m, RT386_EXIT_TRIPLE_FAULT, 0, "the switch to thread 0x%04x shut down", tss);
}

/* Only the user's own processes decide how the run ends; what a guest has started ends in the hands of
 * that guest, as an exit code. */
static void process_ended(rt386 *m, const struct rt_effect *e)
{
    struct rt386_process p;
    char name[sizeof p.name] = "";
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++)
        if (p.handle == e->selector)
            memcpy(name, p.name, sizeof name); /* the youngest of that handle */
    observe_process(m, e->selector, name, false, e->code);
    if (e->code && !m->exit_code && loaded_of_user(m, e->selector)) m->exit_code = e->code;
    loaded_ended(m, e->selector);
}

/* Every process is gone, or waits for ever. */
static void all_idle(rt386 *m, uint32_t code)
{
    if (code == 1)
        machine_end(m, RT386_EXIT_DEADLOCK, 0,
                    "every thread waits for something that can never come");
    else if (m->end.fault.raised)
        machine_end(m, RT386_EXIT_FAULT, m->exit_code, "process %s ended by %s(0x%04x)",
                    m->end.process, vector_mnemonic(m->end.fault.vector), m->end.fault.error);
    else if (m->software)
        machine_end(m, RT386_EXIT_EXCEPTION, m->end.code,
                    "process %s ended by software exception 0x%08x", m->end.process, m->end.code);
    else if (code)
        machine_end(m, RT386_EXIT_TRIPLE_FAULT, 0, "the kernel's own code faulted");
    else
        machine_end(m, RT386_EXIT_GUEST, m->exit_code, "all processes ended, exit code %u",
                    m->exit_code);
}

static void apply_one(rt386 *m, const struct rt_effect *e)
{
    switch (e->kind) {
    case RT_FX_GDT_SET:
        gdt_set(m, e->slot, segdef_image(&e->seg));
        if (e->seg.kind == RT_SEG_TSS) thread_fpu_new(m, e->slot);
        break;
    case RT_FX_GDT_CLEAR: gdt_set(m, e->slot, (desc_t){0}); break;
    case RT_FX_RETURN:
        m->cpu.s.gpr[EAX] = e->eax;
        m->cpu.s.gpr[EDX] = e->edx;
        break;
    case RT_FX_SWITCH: switch_thread(m, e->selector); break;
    case RT_FX_ALARM:
        if (e->due_us == UINT64_MAX)
            clock_disarm(&m->clock, &m->alarm);
        else
            clock_arm(&m->clock, &m->alarm, clock_from_us(&m->clock, e->due_us));
        break;
    case RT_FX_LOG: machine_log(m, RT386_LOG_GUEST, "intime", "%s", e->text); break;
    case RT_FX_CONSOLE: machine_console(m, e->text, e->length); break;
    case RT_FX_PROCESS_END: process_ended(m, e); break;
    case RT_FX_MISSING: machine_missing_called(m, e); break;
    case RT_FX_IDLE: all_idle(m, e->code); break;
    default: break;
    }
}

void port_apply(rt386 *m, const struct rt_effects *fx)
{
    struct rt_effects part = *fx;
    for (;;) {
        for (unsigned i = 0; i < part.count && i < RT_FX_MAX; i++) {
            if (part.at[i].kind == RT_FX_SWITCH)
                observe_left(m); /* the call is over before another runs */
            apply_one(m, &part.at[i]);
        }
        if (!part.more) break;
        rt_kernel_more(m->kernel, &part);
    }
    observe_left(m);
}

static struct rt_trap trap_of(const rt386 *m)
{
    const struct i386_state *s = &m->cpu.s;
    struct rt_trap t = {.point = m->cpu.trap_point,
                        .eip = s->eip,
                        .eflags = s->eflags,
                        .cr2 = s->cr2,
                        .cs = s->seg[CS].sel,
                        .ss = s->seg[SS].sel,
                        .ds = s->seg[DS].sel,
                        .es = s->seg[ES].sel,
                        .fs = s->seg[FS].sel,
                        .gs = s->seg[GS].sel,
                        .tr = s->tr.sel,
                        .stack_lin = s->seg[SS].sh.base + s->gpr[ESP],
                        .cause = observe_cause(m)};
    memcpy(t.gpr, s->gpr, sizeof t.gpr);
    return t;
}

void port_trap(rt386 *m)
{
    if (!m->kernel) return;
    struct rt_trap trap = trap_of(m);
    struct rt_effects fx = {0};
    if (trap.point == RT_POINT_FAULT) thread_fault_keep(m);
    rt_kernel_trap(m->kernel, &trap, &fx);
    port_apply(m, &fx);
    port_loads(m);
}

void port_time(rt386 *m)
{
    m->alarm_due = m->irq.tick_now = m->irq.tick_waits = false;
    if (!m->kernel) return;
    struct rt_effects fx = {0};
    rt_kernel_time(m->kernel, port_now_us(m), &fx);
    port_apply(m, &fx);
}

/* Programs that do not listen end at once, as under a signal that they do not handle. */
static void end_deaf(rt386 *m)
{
    for (unsigned i = 0; i < m->loaded_count; i++) {
        struct loaded *l = m->loaded[i];
        if (!l->process || l->ended || l->told) continue;
        struct rt_effects fx = {0};
        l->told = true; /* looked at once */
        rt_process_delete(m->kernel, l->process, &fx);
        port_apply(m, &fx);
        i = (unsigned)-1; /* the list may have changed */
    }
}

bool port_terminate(rt386 *m)
{
    bool any = false;
    for (unsigned i = 0; i < m->loaded_count; i++) {
        struct loaded *l = m->loaded[i];
        struct rt_effects fx = {0};
        if (!l->process || l->ended) continue;
        l->told = rt_process_terminate(m->kernel, l->process, &fx);
        any |= l->told;
        port_apply(m, &fx);
    }
    if (any) end_deaf(m);
    return any;
}

void port_start(rt386 *m)
{
    struct rt_effects fx = {0};
    m->started = false;
    rt_kernel_schedule(m->kernel, &fx);
    port_apply(m, &fx);
}

/* --- start of the kernel --- */

static void flat_load(rt386 *m, enum segreg reg, uint16_t sel)
{
    if (is_fault(cpu_seg_load(&m->cpu, reg, sel)))
        machine_log(m, RT386_LOG_ERROR, "intime", "boot selector 0x%04x is refused", sel);
}

static void code_load(rt386 *m, uint16_t sel)
{
    uint8_t bytes[8] = {0};
    machine_lin_peek(m, m->cpu.s.gdtr.base + (sel & 0xfff8u), bytes, 8);
    cpu_seg_poke(&m->cpu, CS, (struct seg){.sel = sel, .sh = shadow_of((desc_t){get64(bytes)})});
}

static void task_load(rt386 *m, uint16_t sel)
{
    uint8_t bytes[8] = {0};
    uint32_t at = m->cpu.s.gdtr.base + (sel & 0xfff8u);
    machine_lin_peek(m, at, bytes, 8);
    desc_t busy = desc_with_busy((desc_t){get64(bytes)}, true);
    put64(bytes, busy.raw);
    machine_lin_poke(m, at, bytes, 8);
    m->cpu.s.tr = (struct seg){.sel = sel, .sh = shadow_of(busy)};
}

/* The kernel's own start code would load GDTR, IDTR and CR3 and turn paging on; the GDT's linear address
 * means nothing before that. */
static void enter_space(rt386 *m, const struct rt_boot *b)
{
    struct i386_state *s = &m->cpu.s;
    s->gdtr = (struct dtable){b->gdt_base, b->gdt_limit};
    s->idtr = (struct dtable){b->idt_base, b->idt_limit};
    s->cr3 = b->cr3;
    s->cr0 |= CR0_PE | CR0_PG | CR0_WP | (level_of(m->cpu.level)->cr0 & CR0_NE);
    s->cr4 = level_of(m->cpu.level)->cr4 & (CR4_OSFXSR | CR4_OSXMMEXCPT);
    s->cpl = 0;
}

/* Then it would load the segment registers and TR and go to the idle thread. */
static void enter_kernel(rt386 *m, const struct rt_boot *b)
{
    struct i386_state *s = &m->cpu.s;
    code_load(m, b->cs);
    flat_load(m, SS, b->ss);
    flat_load(m, DS, b->ds);
    flat_load(m, ES, b->ds);
    flat_load(m, FS, 0);
    flat_load(m, GS, 0);
    task_load(m, b->tr);
    s->eip = b->eip;
    s->gpr[ESP] = b->esp;
    s->eflags = FL_1 | FL_IF;
}

struct rt_config port_config(const rt386 *m)
{
    const struct level *level = level_of(m->cpu.level);
    return (struct rt_config){.ram_base = 0,
                              .ram_size = m->config.memory,
                              .cpu_signature = level->signature,
                              .cpu_features = level->features,
                              .start_time = m->config.start_time,
                              .low_tick_us = m->config.kernel_tick_us,
                              .on_fault = (enum rt_fault_action)m->config.on_fault};
}

rt386_status port_boot(rt386 *m)
{
    if (m->kernel) return RT386_OK;
    rt386_status st = machine_map_ram(m, false);
    if (st != RT386_OK) return st;
    port_init(m);
    if (irq_messages(m) != ST_OK)
        return machine_fail(m, RT386_E_CLASH, "the addresses from 0xfee00000 on are taken");
    m->thread_fpu = calloc(GDT_SLOTS, sizeof *m->thread_fpu);
    m->fault_segs = calloc(GDT_SLOTS, sizeof *m->fault_segs);
    if (!m->thread_fpu || !m->fault_segs) return machine_fail(m, RT386_E_NOMEM, "out of memory");
    if (m->config.cpu == RT386_CPU_AUTO) machine_set_cpu(m, RT386_CPU_SSE2);
    const struct rt_config config = port_config(m);
    m->kernel = rt_kernel_new(&config, &m->port);
    if (!m->kernel)
        return machine_fail(m, RT386_E_NOMEM,
                            "%u MB of guest memory are too few for the INtime kernel: "
                            "give at least 4",
                            m->config.memory >> 20);
    m->cpu.personality = true;
    m->cpu.wp_exists = true; /* also with an 80386: the kernel relies on it */
    cpu_refuse_ice(&m->cpu);
    struct rt_boot boot = {0};
    struct rt_effects fx = {0};
    bool more;
    do {
        fx.count = 0;
        more = rt_kernel_boot(m->kernel, &boot, &fx);
        enter_space(m, &boot);
        port_apply(m, &fx);
    } while (more);
    enter_kernel(m, &boot);
    observe_wire(m);
    return RT386_OK;
}
