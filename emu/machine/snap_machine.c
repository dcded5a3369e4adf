/* snap_machine.c: sections of a snapshot: the configuration, the machine's own members, memory, processor, devices, and what
 * happens when. See snapshot.h. */
#include <string.h>

#include "snapshot.h"

/* --- CONFIG: what a guest can tell --- */

/* A member whose type is not that of a walk. */
static void number_snap(struct snap *s, uint32_t *v, uint32_t end)
{
    snap_u32(s, v);
    snap_expect(s, *v < end, "the configuration is out of its range");
}

SNAP_SIZE(rt386_config, 144);
static void config_snap(struct snap *s, rt386_config *c)
{
    uint32_t on_fault = c->on_fault, undefined = c->undefined, cpu = c->cpu;
    snap_u32(s, &c->memory);
    snap_u64(s, &c->clock_hz);
    snap_u32(s, &c->post_port);
    snap_u32(s, &c->wait_states);
    snap_u32(s, &c->misaligned_clocks);
    snap_u32(s, &c->page_walk_clocks);
    number_snap(s, &on_fault, RT386_ON_FAULT_SUSPEND + 1);
    snap_bool(s, &c->missing_fails);
    number_snap(s, &undefined, RT386_UNDEFINED_DOCUMENTED + 1);
    snap_u64(s, &c->start_time);
    snap_u32(s, &c->kernel_tick_us);
    number_snap(s, &cpu, RT386_CPU_SSE2 + 1);
    c->on_fault = (rt386_on_fault)on_fault;
    c->undefined = (rt386_undefined)undefined;
    c->cpu = (rt386_cpu)cpu;
}

static bool config_same(const rt386_config *a, const rt386_config *b)
{
    return a->memory == b->memory && a->clock_hz == b->clock_hz && a->post_port == b->post_port &&
           a->wait_states == b->wait_states && a->misaligned_clocks == b->misaligned_clocks &&
           a->page_walk_clocks == b->page_walk_clocks && a->on_fault == b->on_fault &&
           a->missing_fails == b->missing_fails && a->start_time == b->start_time &&
           a->kernel_tick_us == b->kernel_tick_us && a->cpu == b->cpu;
}

/* What rt386_undefined_set may have changed since is taken over. */
void part_config(struct snap *s, rt386 *m)
{
    rt386_config c = m->config;
    bool network = m->net != NULL;
    config_snap(s, &c);
    snap_bool(s, &network);
    if (!snap_expect(s, config_same(&c, &m->config), "its configuration is another one")) return;
    snap_expect(s, network == (m->net != NULL),
                network ? "it has a network: share the loopback first" : "it has no network");
    m->config.undefined = c.undefined;
}

const char *config_read(const uint8_t *bytes, size_t n, rt386_config *config)
{
    struct snap s;
    snap_load(&s, bytes, n);
    *config = (rt386_config){.size = sizeof *config};
    config_snap(&s, config);
    return s.refused;
}

/* --- MACHINE: the machine's own members --- */

SNAP_SIZE(rt386_fault, 28);
static void fault_snap(struct snap *s, rt386_fault *f)
{
    snap_bool(s, &f->raised);
    snap_u8(s, &f->vector);
    snap_bool(s, &f->has_error);
    snap_bool(s, &f->has_cr2);
    snap_u32(s, &f->error);
    snap_u32(s, &f->cr2);
    snap_u16(s, &f->rule);
    snap_u32(s, &f->eip);
    snap_u16(s, &f->cs);
    snap_u32(s, &f->detail);
}

SNAP_SIZE(rt386_exit, 320);
static void exit_snap(struct snap *s, rt386_exit *e)
{
    uint32_t kind = e->kind;
    snap_u32(s, &kind);
    snap_expect(s, kind <= RT386_EXIT_EXCEPTION, "a run ended in an unknown way");
    if (s->loading) e->kind = (rt386_exit_kind)kind;
    snap_u32(s, &e->code);
    fault_snap(s, &e->fault);
    for (unsigned i = 0; i < 3; i++)
        fault_snap(s, &e->chain[i]);
    snap_unsigned(s, &e->chain_length);
    snap_expect(s, e->chain_length <= 3, "a chain of faults is too long");
    snap_u64(s, &e->insns);
    snap_u64(s, &e->clocks);
    snap_text(s, e->process, sizeof e->process);
    snap_text(s, e->text, sizeof e->text);
}

void part_machine(struct snap *s, rt386 *m)
{
    bool kernel = m->kernel != NULL;
    snap_bool(s, &kernel);
    if (s->loading) m->wants_kernel = kernel;
    bool *flags[] = {&m->started, &m->bare, &m->ram_mapped, &m->alarm_due, &m->ended, &m->software};
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        snap_bool(s, flags[i]);
    snap_u32(s, &m->last_post);
    snap_u32(s, &m->exit_code);
    exit_snap(s, &m->end);
}

/* --- MEMORY, CPU --- */

void part_memory(struct snap *s, rt386 *m)
{
    bus_snap(s, m->bus, m->config.memory);
}

void part_cpu(struct snap *s, rt386 *m)
{
    cpu_snap(s, &m->cpu);
}

/* --- DEVICES --- */

void part_devices(struct snap *s, rt386 *m)
{
    struct interrupts *i = &m->irq;
    uart_snap(s, &m->uart);
    dbgport_snap(s, &m->dbgport);
    board_snap(s, &m->board);
    pci_snap(s, &m->pci);
    pic_snap(s, &i->pic[0]);
    pic_snap(s, &i->pic[1]);
    msi_snap(s, &i->msi);
    snap_u16(s, &i->device);
    snap_u16(s, &i->held);
    snap_u8(s, &i->spurious);
    snap_bool(s, &i->tick_waits);
    snap_bool(s, &i->tick_now);
}

/* --- SOURCES: of rt386_irq_add --- */

SNAP_SIZE(struct irq_source, 104);
static void source_snap(struct snap *s, struct irq_source *i)
{
    snap_u64(s, &i->at_us);
    snap_u64(s, &i->every_us);
    snap_u64(s, &i->left);
    snap_below8(s, &i->line, 16);
    snap_u8(s, &i->vector);
    snap_bool(s, &i->spurious);
}

void part_sources(struct snap *s, rt386 *m)
{
    uint32_t n = snap_count(s, m->irq.sources, IRQ_SOURCES, 27);
    for (uint32_t i = 0; i < n && snap_ok(s); i++) {
        if (s->loading) irq_source_init(m, &m->irq.source[i]);
        source_snap(s, &m->irq.source[i]);
    }
    m->irq.sources = n;
}

/* --- EVENTS: virtual time, and what is due, in its order --- */

enum { EVENT_PIT, EVENT_ALARM, EVENT_SOURCE };

static struct clock_event *event_numbered(rt386 *m, unsigned n)
{
    if (n == EVENT_PIT) return &m->board.irq0;
    if (n == EVENT_ALARM) return m->wants_kernel ? &m->alarm : NULL;
    n -= EVENT_SOURCE;
    return n < m->irq.sources ? &m->irq.source[n].event : NULL;
}

void events_disarm(rt386 *m)
{
    clock_disarm(&m->clock, &m->board.irq0);
    clock_disarm(&m->clock, &m->alarm);
    for (unsigned i = 0; i < IRQ_SOURCES; i++)
        clock_disarm(&m->clock, &m->irq.source[i].event);
}

static uint8_t event_number(rt386 *m, const struct clock_event *e)
{
    unsigned n = 0;
    while (n < EVENT_SOURCE + IRQ_SOURCES && event_numbered(m, n) != e)
        n++;
    return (uint8_t)n;
}

/* Those that are due at one time fire in the order in which they were armed. */
void part_events(struct snap *s, rt386 *m)
{
    uint32_t n = 0;
    snap_u64(s, &m->clock.now);
    if (!s->loading) m->wants_kernel = m->kernel != NULL;
    for (const struct clock_event *e = m->clock.head; e && !s->loading; e = e->next)
        n++;
    n = snap_count(s, n, EVENT_SOURCE + IRQ_SOURCES, 9);
    if (s->loading) events_disarm(m);
    const struct clock_event *next = m->clock.head;
    for (uint32_t i = 0; i < n && snap_ok(s); i++) {
        uint8_t number = s->loading ? 0 : event_number(m, next);
        uint64_t due = s->loading ? 0 : next->due;
        snap_u8(s, &number);
        snap_u64(s, &due);
        struct clock_event *e = event_numbered(m, number);
        if (!e) snap_refuse(s, "something is to happen that nobody knows");
        if (!s->loading) next = next->next;
        if (!s->loading || !e) continue;
        e->fired = 0;
        if (snap_expect(s, !e->armed, "an event is to happen twice")) clock_arm(&m->clock, e, due);
    }
}
