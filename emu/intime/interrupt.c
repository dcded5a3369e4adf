/* interrupt.c: levels and handlers: entry points in the IDT, masks of the controllers. */
#include "interrupt.h"

#include "kernel.h"

#define PIC_1    0x20u
#define PIC_2    0xA0u
#define READ_ISR 0x0Bu
#define EOI      0x60u /* of the line in its low bits */

uint8_t level_line(uint32_t level)
{
    uint8_t line = LINE_NONE;
    if ((level & 0xff8f) == 0x08) line = (uint8_t)(level >> 4);
    if ((level & 0xfff8) == 0x20) line = (uint8_t)(8 + (level & 7));
    return line == 0 || line == LINE_CASCADE ? LINE_NONE : line;
}

uint16_t line_level(uint8_t line)
{
    return (uint16_t)(line < 8 ? line * 16 + 8 : 0x20 + (line & 7));
}

/* As INtime's interrupt table shows them: the slave's lines between lines 1 and 3 of the master. */
uint8_t line_priority(uint8_t line)
{
    static const uint8_t priority[LINES] = {18, 34, 51, 67, 83, 98, 114, 130,
                                            36, 38, 40, 42, 44, 46, 48,  50};
    return line < LINES ? priority[line] : 62;
}

bool level_valid(uint32_t level)
{
    if ((level & 0xff00) == MESSAGE_LEVEL)
        return (level & 0xff) >= MESSAGE_FIRST && (level & 0xff) <= MESSAGE_LAST;
    if ((level & 0xf000) == SHARED_LEVEL) return level_line(level & 0xff) != LINE_NONE;
    return level_line(level) != LINE_NONE;
}

struct interrupt *int_find(struct rt_kernel *k, uint32_t level)
{
    for (unsigned n = 0; n < INTERRUPTS; n++)
        if (k->interrupt[n].used && k->interrupt[n].level == level) return &k->interrupt[n];
    return NULL;
}

struct interrupt *int_free(struct rt_kernel *k)
{
    for (unsigned n = 0; n < INTERRUPTS; n++)
        if (!k->interrupt[n].used) return &k->interrupt[n];
    return NULL;
}

/* --- the controllers --- */

static void out(struct rt_kernel *k, uint16_t port, uint8_t value)
{
    if (k->port.out) k->port.out(k->port.ctx, port, value);
}

static uint8_t in_service(struct rt_kernel *k, uint16_t port)
{
    out(k, port, READ_ISR);
    return k->port.in ? k->port.in(k->port.ctx, port) : 0;
}

void int_boot(struct rt_kernel *k)
{
    static const uint8_t words[2][4] = {{0x11, VECTOR_LINES, 1u << LINE_CASCADE, 1},
                                        {0x11, VECTOR_LINES + 8, LINE_CASCADE, 1}};
    for (unsigned chip = 0; chip < 2; chip++) {
        uint16_t port = chip ? PIC_2 : PIC_1;
        out(k, port, words[chip][0]);
        for (unsigned i = 1; i < 4; i++)
            out(k, port + 1, words[chip][i]);
        out(k, port + 1, 0xff);
    }
    k->lines_masked = 0xffff;
    k->space = k->directory;
}

void int_eoi(struct rt_kernel *k, uint8_t line)
{
    if (line < 8) {
        if (in_service(k, PIC_1) >> line & 1) out(k, PIC_1, (uint8_t)(EOI | line));
        return;
    }
    if (in_service(k, PIC_2) >> (line & 7) & 1) out(k, PIC_2, (uint8_t)(EOI | (line & 7)));
    if (!in_service(k, PIC_2) && (in_service(k, PIC_1) >> LINE_CASCADE & 1))
        out(k, PIC_1, EOI | LINE_CASCADE);
}

/* Behind a request that has gone there is no line in service: 7, or 15 behind line 2. */
uint16_t int_level_now(struct rt_kernel *k)
{
    uint8_t master = in_service(k, PIC_1), slave;
    if (!master) return k->message_level ? k->message_level : line_level(7);
    unsigned line = (unsigned)__builtin_ctz(master);
    if (line != LINE_CASCADE) return line_level((uint8_t)line);
    slave = in_service(k, PIC_2);
    return line_level((uint8_t)(slave ? 8 + __builtin_ctz(slave) : 15));
}

static uint16_t lines_to_mask(const struct rt_kernel *k)
{
    uint16_t masked = 0xffff;
    if (k->current && k->current->priority <= PRIORITY_LINES) return masked;
    for (unsigned n = 0; n < INTERRUPTS; n++) {
        const struct interrupt *i = &k->interrupt[n];
        if (!i->used || !i->enabled || i->message) continue;
        masked &= (uint16_t) ~(1u << i->line);
        if (i->line > 7) masked &= (uint16_t) ~(1u << LINE_CASCADE);
    }
    return masked;
}

void int_masks(struct rt_kernel *k)
{
    uint16_t masked = lines_to_mask(k), before = k->lines_masked;
    bool messages = k->current && k->current->priority <= PRIORITY_MESSAGES;
    k->lines_masked = masked;
    if ((masked ^ before) & 0xff) out(k, PIC_1 + 1, (uint8_t)masked);
    if ((masked ^ before) >> 8) out(k, PIC_2 + 1, (uint8_t)(masked >> 8));
    if (messages != k->messages_masked && k->port.messages) k->port.messages(k->port.ctx, messages);
    k->messages_masked = messages;
}

bool int_expected(struct rt_kernel *k)
{
    bool open = lines_to_mask(k) != 0xffff;
    for (unsigned n = 0; n < INTERRUPTS; n++)
        open |= k->interrupt[n].used && k->interrupt[n].message && k->interrupt[n].enabled;
    return open && k->port.irq_comes && k->port.irq_comes(k->port.ctx);
}

/* --- entry points --- */

static unsigned sharers(const struct rt_kernel *k, uint8_t vector)
{
    unsigned count = 0;
    for (unsigned n = 0; n < INTERRUPTS; n++)
        count += k->interrupt[n].used && k->interrupt[n].vector == vector;
    return count;
}

static void entry_put(struct rt_kernel *k, const struct interrupt *i)
{
    if (i->shared || i->message || i->process->directory != k->space)
        stub_put(k, i->vector, true);
    else
        gate_put(k, i->vector, i->process->ring0_cs, i->entry);
}

void int_install(struct rt_kernel *k, struct interrupt *i)
{
    entry_put(k, i);
    int_masks(k);
}

void int_space(struct rt_kernel *k, const struct thread *t)
{
    uint32_t space = t ? t->process->directory : k->directory;
    if (space == k->space) return;
    k->space = space;
    for (unsigned n = 0; n < INTERRUPTS; n++)
        if (k->interrupt[n].used) entry_put(k, &k->interrupt[n]);
}

void int_remove(struct rt_kernel *k, struct interrupt *i)
{
    if (i->thread) i->thread->interrupt = NULL;
    *i = (struct interrupt){.vector = i->vector};
    if (!sharers(k, i->vector)) stub_put(k, i->vector, false);
    int_masks(k);
}

void int_thread_gone(struct rt_kernel *k, struct thread *t)
{
    if (t->interrupt) int_remove(k, t->interrupt);
}

/* Those without a thread too: their code goes with the process. */
void int_process_gone(struct rt_kernel *k, struct process *p)
{
    for (unsigned n = 0; n < INTERRUPTS; n++)
        if (k->interrupt[n].used && k->interrupt[n].process == p) int_remove(k, &k->interrupt[n]);
}

/* --- vectors of messages --- */

static bool vector_taken(const struct rt_kernel *k, unsigned vector)
{
    if (sharers(k, (uint8_t)vector)) return true;
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct object *o = &k->slot[i];
        if (o->use == USE_OBJECT && o->type == TYPE_INTERRUPT && vector >= o->units &&
            vector - o->units < o->units_max)
            return true;
    }
    return false;
}

uint8_t vectors_find(const struct rt_kernel *k, unsigned n)
{
    for (unsigned first = MESSAGE_FIRST; first + n - 1 <= MESSAGE_LAST; first += n) {
        unsigned free = 0;
        while (free < n && !vector_taken(k, first + free))
            free++;
        if (free == n) return (uint8_t)first;
    }
    return 0;
}

/* --- invariants --- */

const char *int_check(const struct rt_kernel *k)
{
    for (unsigned n = 0; n < INTERRUPTS; n++) {
        const struct interrupt *i = &k->interrupt[n];
        if (!i->used) continue;
        if (!i->process->alive) return "an interrupt handler is that of a dead process";
        if (i->thread && i->thread->interrupt != i)
            return "an interrupt thread serves another level";
        if (!i->thread && (i->max || i->count)) return "a handler without a thread counts signals";
        if (!i->shared && !i->message && sharers(k, i->vector) != 1)
            return "two handlers have one vector";
    }
    return lines_to_mask(k) == k->lines_masked ? NULL : "the controllers' masks are others";
}
