/* irq.c: what raises INTR, and what the processor's acknowledgement finds.
 *
 *   PIT IRQ 0, COM1 IRQ 4, sources of rt386_irq_add --> line --> pic[1] --> line 2 of pic[0] --> INTR
 *   messages, with INtime                           --> msi ---------------------------------> INTR
 *
 * A source of rt386_irq_add holds its line up until it is acknowledged, so it works with edges and levels; one
 * that comes again before that is one request. A spurious one asks and has gone when the processor answers.
 *
 * The INtime kernel's alarm stands for its tick: while IF = 0 it waits, as the tick's interrupt would.
 */
#include <string.h>

#include "machine.h"

#define CASCADE_LINE    2u
#define SPURIOUS_MASTER 1u
#define SPURIOUS_SLAVE  2u

static void intr_update(rt386 *m)
{
    const struct interrupts *i = &m->irq;
    m->cpu.intr = i->pic[0].state.out || (i->spurious & SPURIOUS_MASTER) || i->tick_waits ||
                  msi_waiting(&i->msi);
}

static void master_out(void *ctx, bool level)
{
    (void)level;
    intr_update(ctx);
}

static void slave_out(void *ctx, bool level)
{
    struct interrupts *i = &((rt386 *)ctx)->irq;
    pic_line(&i->pic[0], CASCADE_LINE, level || (i->spurious & SPURIOUS_SLAVE));
}

static void line_update(rt386 *m, unsigned line)
{
    struct interrupts *i = &m->irq;
    bool up = (i->held | i->device) >> line & 1;
    pic_line(&i->pic[line >> 3], line & 7, up);
}

/* Of a device, 0..15. */
static void irq_line_set(rt386 *m, unsigned line, bool level)
{
    uint16_t bit = (uint16_t)(1u << line);
    m->irq.device = level ? m->irq.device | bit : m->irq.device & (uint16_t)~bit;
    line_update(m, line);
}

static void pit_line(void *ctx, bool level)
{
    irq_line_set(ctx, 0, level);
}

static void com1_line(void *ctx, bool level)
{
    irq_line_set(ctx, 4, level);
}

struct irq_line irq_wire_pit(rt386 *m)
{
    return (struct irq_line){pit_line, m};
}

struct irq_line irq_wire_com1(rt386 *m)
{
    return (struct irq_line){com1_line, m};
}

/* --- acknowledgement --- */

/* The line that the next acknowledgement takes, 0..15; -1: none, it will be a spurious one. */
static int line_next(const rt386 *m)
{
    int line = pic_next(&m->irq.pic[0]);
    if (line != (int)CASCADE_LINE) return line;
    int inner = pic_next(&m->irq.pic[1]);
    return inner < 0 ? -1 : 8 + inner;
}

static int acknowledge(void *ctx)
{
    rt386 *m = ctx;
    struct interrupts *i = &m->irq;
    if (i->tick_waits) {
        i->tick_waits = false;
        i->tick_now = true;
        intr_update(m);
        return INTA_HOST;
    }
    int first = pic_next(&i->pic[0]), line = line_next(m);
    if (first < 0 && !(i->spurious & SPURIOUS_MASTER) && msi_waiting(&i->msi))
        return msi_acknowledge(&i->msi);
    uint8_t vector = pic_acknowledge(&i->pic[0]);
    if (first < 0) i->spurious &= (uint8_t)~SPURIOUS_MASTER;
    if (first == (int)CASCADE_LINE) i->spurious &= (uint8_t)~SPURIOUS_SLAVE;
    slave_out(m, i->pic[1].state.out);
    if (line >= 0) {
        i->held &= (uint16_t) ~(1u << line);
        line_update(m, (unsigned)line);
    }
    intr_update(m);
    return vector;
}

/* --- the kernel's tick --- */

void irq_tick(rt386 *m)
{
    m->irq.tick_waits = true;
    intr_update(m);
}

/* --- sources of rt386_irq_add --- */

static void source_fired(void *ctx, uint64_t now)
{
    struct irq_source *s = ctx;
    rt386 *m = s->m;
    (void)now;
    if (s->vector) {
        msi_raise(&m->irq.msi, s->vector);
    } else if (s->spurious) {
        m->irq.spurious |= s->line == 7 ? SPURIOUS_MASTER : SPURIOUS_SLAVE;
        slave_out(m, m->irq.pic[1].state.out);
    } else {
        m->irq.held &= (uint16_t) ~(1u << s->line);
        line_update(m, s->line);
        m->irq.held |= (uint16_t)(1u << s->line);
        line_update(m, s->line);
    }
    intr_update(m);
    if (!s->every_us || (s->left && !--s->left)) return;
    s->at_us += s->every_us;
    clock_arm(&m->clock, &s->event, clock_from_us(&m->clock, s->at_us));
}

static const char *source_refused(const rt386 *m, const rt386_irq_source *from)
{
    if (from->vector && (from->vector < 0x10 || from->vector > 0xfe || from->line))
        return "a message has a vector of 16 to 254 and no line";
    if (from->line > 15) return "an interrupt line is 0 to 15";
    if (from->line == CASCADE_LINE) return "line 2 carries the second controller: use 9";
    if (from->spurious && from->line != 7 && from->line != 15)
        return "spurious interrupts are those of line 7 and 15";
    if (m->irq.sources == IRQ_SOURCES) return "there are 16 sources of interrupts already";
    return NULL;
}

void irq_source_init(rt386 *m, struct irq_source *s)
{
    *s = (struct irq_source){.m = m};
    s->event = (struct clock_event){.fire = source_fired, .ctx = s, .name = "interrupt source"};
}

rt386_status rt386_irq_add(rt386 *m, const rt386_irq_source *from)
{
    if (!from || from->size < sizeof *from)
        return machine_fail(m, RT386_E_ARG, "rt386_irq_add needs a source with its size");
    const char *refused = source_refused(m, from);
    if (refused) return machine_fail(m, RT386_E_ARG, "%s", refused);
    struct irq_source *s = &m->irq.source[m->irq.sources++];
    irq_source_init(m, s);
    s->line = from->line;
    s->vector = from->vector;
    s->spurious = from->spurious;
    s->at_us = from->at_us;
    s->every_us = from->every_us;
    s->left = from->times;
    clock_arm(&m->clock, &s->event, clock_from_us(&m->clock, s->at_us));
    return RT386_OK;
}

/* --- what a halted processor can hope for --- */

static bool line_masked(const rt386 *m, unsigned line)
{
    const struct pic *pic = m->irq.pic;
    bool masked = pic[line >> 3].state.imr >> (line & 7) & 1;
    return masked || (line > 7 && pic[0].state.imr >> CASCADE_LINE & 1);
}

/* Nothing unmasks a line while the processor halts. */
bool irq_comes(const rt386 *m)
{
    if (m->board.irq0.armed && !line_masked(m, 0)) return true;
    for (unsigned i = 0; i < m->irq.sources; i++) {
        const struct irq_source *s = &m->irq.source[i];
        if (s->event.armed && (s->spurious || (s->vector && m->kernel) || !line_masked(m, s->line)))
            return true;
    }
    return false;
}

/* --- messages --- */

static void message_line(void *ctx, bool level)
{
    (void)level;
    intr_update(ctx);
}

status_t irq_messages(rt386 *m)
{
    const struct irq_line out = {message_line, m};
    return msi_init(&m->irq.msi, &out, m->bus);
}

/* --- wiring --- */

status_t irq_init(rt386 *m)
{
    struct pic_config master = {
        .base = 0x20, .out = {master_out, m}, .slave = &m->irq.pic[1], .owner = "PIC"};
    struct pic_config slave = {.base = 0xa0, .out = {slave_out, m}, .owner = "PIC 2"};
    status_t st = pic_init(&m->irq.pic[0], &master, m->bus);
    return st == ST_OK ? pic_init(&m->irq.pic[1], &slave, m->bus) : st;
}

void irq_attach(rt386 *m)
{
    m->cpu.inta = acknowledge;
    m->cpu.inta_ctx = m;
}
