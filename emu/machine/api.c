/* api.c: life, errors, registers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "clocks.h"
#include "machine.h"
#include "record.h"
#include "steps.h"
#include "x87.h"

const char *rt386_version(void)
{
    return "0.1.0";
}

const char *rt386_status_text(rt386_status status)
{
    switch (status) {
    case RT386_OK: return "ok";
    case RT386_E_ARG: return "argument out of range";
    case RT386_E_NOMEM: return "out of memory";
    case RT386_E_CLASH: return "address range already taken";
    case RT386_E_NOTFOUND: return "not found";
    case RT386_E_FORMAT: return "file refused";
    case RT386_E_IO: return "input/output error";
    case RT386_E_STATE: return "not possible in this state";
    case RT386_E_RANGE: return "address not mapped";
    }
    return "unknown status";
}

rt386_status machine_fail(rt386 *m, rt386_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(m->error, sizeof m->error, format, args);
    va_end(args);
    return status;
}

void machine_log(rt386 *m, rt386_log_level level, const char *category, const char *format, ...)
{
    if (!m->config.log || level > m->config.log_max || m->quiet) return;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    m->config.log(m->config.log_ctx, level, category, text);
}

void machine_console(rt386 *m, const char *bytes, size_t n)
{
    if (m->config.console && n && !m->quiet) m->config.console(m->config.console_ctx, bytes, n);
}

void machine_end(rt386 *m, rt386_exit_kind kind, uint32_t code, const char *format, ...)
{
    m->cpu.stop = 1;
    if (m->ended) return;
    m->ended = true;
    m->end.kind = kind;
    m->end.code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(m->end.text, sizeof m->end.text, format, args);
    va_end(args);
}

/* --- device wires --- */

static void put_char(void *ctx, uint8_t c)
{
    machine_console(ctx, (const char *)&c, 1);
}

static void guest_exit(void *ctx, uint32_t code, unsigned size)
{
    (void)size;
    machine_end(ctx, RT386_EXIT_GUEST, code, "the guest wrote exit code %u to port 0xf4", code);
}

static void guest_shutdown(void *ctx)
{
    machine_end(ctx, RT386_EXIT_SHUTDOWN_PORT, 0, "the guest wrote \"Shutdown\" to port 0x8900");
}

static void guest_reset(void *ctx)
{
    machine_end(ctx, RT386_EXIT_SHUTDOWN_PORT, 0,
                "the guest asked the keyboard controller for a reset");
}

static void post_code(void *ctx, uint32_t code, unsigned size)
{
    (void)size;
    rt386 *m = ctx;
    m->last_post = code;
    if (m->config.post && !m->quiet) m->config.post(m->config.post_ctx, code);
}

static rt386_status wire_devices(rt386 *m)
{
    struct uart_config uart = {
        .base = 0x3f8, .put = put_char, .put_ctx = m, .irq = irq_wire_com1(m)};
    struct dbgport_config debug = {.put = put_char,
                                   .exit = guest_exit,
                                   .shutdown = guest_shutdown,
                                   .post = m->config.post_port ? post_code : NULL,
                                   .post_port = (uint16_t)m->config.post_port,
                                   .ctx = m};
    struct board_config pc = {.clock = &m->clock,
                              .ram_bytes = m->config.memory,
                              .reset = guest_reset,
                              .reset_ctx = m,
                              .irq0 = irq_wire_pit(m)};
    if (irq_init(m) != ST_OK || uart_init(&m->uart, &uart, m->bus) != ST_OK ||
        dbgport_init(&m->dbgport, &debug, m->bus) || board_init(&m->board, &pc, m->bus) != ST_OK ||
        pci_init(&m->pci, m->bus) != ST_OK)
        return RT386_E_CLASH;
    return RT386_OK;
}

#define START_TIME_MAX 2005696684799ull /* the last second of the year 65535 */

static rt386_status check_config(const rt386_config *c)
{
    if (c->memory % (1u << 20) || c->memory > 0x80000000u) return RT386_E_ARG;
    if (c->size > offsetof(rt386_config, on_fault) && c->on_fault > RT386_ON_FAULT_SUSPEND)
        return RT386_E_ARG;
    if (c->clock_hz > 100u * 1000 * 1000 * 1000ull || c->post_port > 0xffff) return RT386_E_ARG;
    if (c->start_time > START_TIME_MAX) return RT386_E_ARG;
    if (c->kernel_tick_us && (c->kernel_tick_us < 50 || 10000 % c->kernel_tick_us))
        return RT386_E_ARG;
    if (c->wait_states > 0xff || c->misaligned_clocks > 0xff || c->page_walk_clocks > 0xff)
        return RT386_E_ARG;
    if (c->undefined > RT386_UNDEFINED_DOCUMENTED) return RT386_E_ARG;
    if (c->cpu > RT386_CPU_SSE2) return RT386_E_ARG;
    return RT386_OK;
}

/* The caller's structure may be an older, shorter one: what it lacks is zero. */
static rt386_status take_config(rt386_config *to, const rt386_config *from)
{
    *to = (rt386_config){.size = sizeof *to};
    if (from && from->size < offsetof(rt386_config, log_ctx)) return RT386_E_ARG;
    if (from) memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
    rt386_status st = check_config(to);
    if (!to->memory) to->memory = 32u << 20;
    if (!to->clock_hz) to->clock_hz = 33000000;
    return st;
}

static void make_cpu(rt386 *m)
{
    const struct clock_costs costs = {.wait_states = (uint8_t)m->config.wait_states,
                                      .misaligned = (uint8_t)m->config.misaligned_clocks,
                                      .page_walk = (uint8_t)m->config.page_walk_clocks};
    cpu_init(&m->cpu, m->bus);
    m->cpu.x87 = true;
    irq_attach(m);
    machine_set_cpu(m, m->config.cpu);
    clocks_set_costs(&m->cpu, &costs);
    cpu_set_documented(&m->cpu, m->config.undefined == RT386_UNDEFINED_DOCUMENTED);
}

/* A loader has been there: the coprocessor is as after FNINIT, the caches are on. A ROM starts from RESET. */
void machine_set_cpu(rt386 *m, rt386_cpu cpu)
{
    static const enum cpu_level levels[] = {
        [RT386_CPU_AUTO] = LEVEL_386, [RT386_CPU_386] = LEVEL_386,
        [RT386_CPU_486] = LEVEL_486,  [RT386_CPU_PENTIUM] = LEVEL_PENTIUM,
        [RT386_CPU_P6] = LEVEL_P6,    [RT386_CPU_SSE2] = LEVEL_SSE2};
    cpu_set_level(&m->cpu, levels[cpu]);
    cpu_reset(&m->cpu);
    x87_init(&m->cpu.s.x87);
    m->cpu.s.cr0 &= ~(CR0_CD | CR0_NW);
}

rt386_status rt386_undefined_set(rt386 *m, rt386_undefined undefined)
{
    if (undefined > RT386_UNDEFINED_DOCUMENTED)
        return machine_fail(m, RT386_E_ARG, "no such choice for undefined results");
    if (m->in_observer) return machine_fail(m, RT386_E_STATE, "observers only look");
    m->config.undefined = undefined;
    cpu_set_documented(&m->cpu, undefined == RT386_UNDEFINED_DOCUMENTED);
    return RT386_OK;
}

rt386_status rt386_create(const rt386_config *config, rt386 **machine)
{
    if (!machine) return RT386_E_ARG;
    *machine = NULL;
    rt386_config taken;
    rt386_status st = take_config(&taken, config);
    if (st != RT386_OK) return st;
    rt386 *m = calloc(1, sizeof *m);
    if (!m) return RT386_E_NOMEM;
    m->config = taken;
    clock_init(&m->clock, m->config.clock_hz);
    m->clock.running = &m->cpu.s.clocks;
    m->bus = bus_new();
    st = m->bus ? wire_devices(m) : RT386_E_NOMEM;
    if (st != RT386_OK) {
        rt386_destroy(m);
        return st;
    }
    make_cpu(m);
    breaks_wire(m);
    *machine = m;
    return RT386_OK;
}

void rt386_destroy(rt386 *m)
{
    if (!m) return;
    breaks_free(m);
    steps_free(m);
    replay_free(m);
    record_free(m->record);
    rt_kernel_free(m->kernel);
    free(m->missing);
    free(m->called);
    free(m->thread_fpu);
    free(m->fault_segs);
    free(m->bare_log);
    machine_files_free(m);
    machine_net_free(m);
    rsl_folders_free(m);
    free(m->environment);
    for (unsigned i = 0; i < m->loaded_count; i++)
        loaded_free(m->loaded[i]);
    free(m->loaded);
    bus_free(m->bus);
    free(m);
}

const char *rt386_error(const rt386 *m)
{
    return m->error;
}

rt386_status machine_map_ram(rt386 *m, bool rom_hole)
{
    if (m->ram_mapped) return RT386_OK;
    uint64_t size = m->config.memory;
    status_t st = ST_OK;
    if (rom_hole) {
        st = bus_map_ram(m->bus, phys(0), 0xa0000, "base memory");
        if (st == ST_OK && size > 0x100000)
            st = bus_map_ram(m->bus, phys(0x100000), size - 0x100000, "extended memory");
    } else {
        st = bus_map_ram(m->bus, phys(0), size, "memory");
    }
    if (st != ST_OK)
        return machine_fail(m, RT386_E_NOMEM, "the host has no %u MB for guest memory",
                            (unsigned)(size >> 20));
    m->ram_mapped = true;
    return RT386_OK;
}

/* --- registers --- */

rt386_status rt386_reg_get(const rt386 *m, const char *name, uint64_t *value)
{
    const struct state_field *f = name ? state_field_named(name) : NULL;
    if (!f || !value) return f ? RT386_E_ARG : RT386_E_NOTFOUND;
    *value = state_get(&m->cpu.s, f);
    return RT386_OK;
}

rt386_status rt386_reg_set(rt386 *m, const char *name, uint64_t value)
{
    const struct state_field *f = name ? state_field_named(name) : NULL;
    if (!f)
        return machine_fail(m, RT386_E_NOTFOUND, "there is no register \"%s\"",
                            name ? name : "(null)");
    if (m->in_observer) return machine_fail(m, RT386_E_STATE, "observers only look");
    state_set(&m->cpu.s, f, value);
    return RT386_OK;
}

const char *rt386_reg_name(unsigned index, unsigned *bits)
{
    unsigned count;
    const struct state_field *f = state_fields(&count);
    if (index >= count) return NULL;
    if (bits) *bits = f[index].bits;
    return f[index].name;
}

static const struct seg *seg_of(const rt386 *m, rt386_segreg reg)
{
    if (reg == RT386_LDTR) return &m->cpu.s.ldtr;
    if (reg == RT386_TR) return &m->cpu.s.tr;
    return &m->cpu.s.seg[reg <= RT386_GS ? (unsigned)reg : 0u];
}

rt386_seg rt386_seg_get(const rt386 *m, rt386_segreg reg)
{
    const struct seg *s = seg_of(m, reg);
    return (rt386_seg){.selector = s->sel,
                       .usable = s->sh.usable,
                       .base = s->sh.base,
                       .limit = s->sh.limit,
                       .lo = s->sh.lo,
                       .hi = s->sh.hi,
                       .access = s->sh.access,
                       .flags = s->sh.flags};
}

rt386_fault rt386_seg_load(rt386 *m, rt386_segreg reg, uint16_t selector)
{
    if (reg > RT386_GS || reg == RT386_CS || m->in_observer) return (rt386_fault){0};
    fault_t f = cpu_seg_load(&m->cpu, (enum segreg)reg, selector);
    return fault_public(m, f, m->cpu.s.eip, m->cpu.s.seg[CS].sel);
}

rt386_status rt386_seg_poke(rt386 *m, rt386_segreg reg, const rt386_seg *seg)
{
    if (!seg || reg > RT386_TR) return machine_fail(m, RT386_E_ARG, "no such segment register");
    struct seg s = {.sel = seg->selector,
                    .sh = {.base = seg->base,
                           .limit = seg->limit,
                           .lo = seg->lo,
                           .hi = seg->hi,
                           .access = seg->access,
                           .flags = seg->flags & 0xfu,
                           .usable = seg->usable}};
    if (reg == RT386_LDTR)
        m->cpu.s.ldtr = s;
    else if (reg == RT386_TR)
        m->cpu.s.tr = s;
    else
        cpu_seg_poke(&m->cpu, (enum segreg)reg, s);
    return RT386_OK;
}

/* --- memory --- */

bool machine_lin_peek(const rt386 *m, uint32_t at, void *to, size_t n)
{
    struct page_env env = cpu_page_env(&m->cpu);
    env.hook = NULL;
    uint8_t *p = to;
    while (n) {
        struct page_walk walk;
        size_t part = PAGE_SIZE - (at & PAGE_MASK);
        if (part > n) part = n;
        if (is_fault(page_probe(&env, lin(at), ACCESS_READ, false, &walk))) return false;
        if (!bus_peek(m->bus, walk.phys, p, part)) return false;
        at += (uint32_t)part;
        p += part;
        n -= part;
    }
    return true;
}

bool machine_lin_poke(rt386 *m, uint32_t at, const void *from, size_t n)
{
    struct page_env env = cpu_page_env(&m->cpu);
    env.hook = NULL;
    struct page_walk walk;
    for (size_t done = 0; done < n;) { /* all or nothing: look first */
        if (is_fault(page_probe(&env, lin(at + (uint32_t)done), ACCESS_READ, false, &walk)))
            return false;
        done += PAGE_SIZE - ((at + done) & PAGE_MASK);
    }
    const uint8_t *p = from;
    while (n) {
        size_t part = PAGE_SIZE - (at & PAGE_MASK);
        if (part > n) part = n;
        if (is_fault(page_probe(&env, lin(at), ACCESS_READ, false, &walk))) return false;
        if (!bus_poke(m->bus, walk.phys, p, part)) return false;
        at += (uint32_t)part;
        p += part;
        n -= part;
    }
    return true;
}

static uint32_t linear_of(const rt386 *m, rt386_addr at)
{
    return at.space == RT386_LOGICAL ? seg_of(m, at.seg)->sh.base + at.at : at.at;
}

rt386_status rt386_peek(const rt386 *m, rt386_addr at, void *to, size_t n)
{
    if (n && !to) return RT386_E_ARG;
    bool ok = at.space == RT386_PHYS ? bus_peek(m->bus, phys(at.at), to, n)
                                     : machine_lin_peek(m, linear_of(m, at), to, n);
    return ok ? RT386_OK : RT386_E_RANGE;
}

rt386_status rt386_poke(rt386 *m, rt386_addr at, const void *from, size_t n)
{
    if (n && !from) return machine_fail(m, RT386_E_ARG, "no bytes to write were given");
    if (m->in_observer) return machine_fail(m, RT386_E_STATE, "observers only look");
    bool ok = at.space == RT386_PHYS ? bus_poke(m->bus, phys(at.at), from, n)
                                     : machine_lin_poke(m, linear_of(m, at), from, n);
    return ok ? RT386_OK
              : machine_fail(m, RT386_E_RANGE, "the %zu bytes at 0x%08x are not all mapped memory",
                             n, at.at);
}
