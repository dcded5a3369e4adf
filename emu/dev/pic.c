#include "pic.h"

#include "snap.h"
#include <string.h>

enum {
    ICW1 = 0x10,
    ICW1_LEVEL = 0x08,
    ICW1_SINGLE = 0x02,
    ICW1_ICW4 = 0x01,
    ICW4_SPECIAL_NESTED = 0x10,
    ICW4_AUTO_EOI = 0x02,
    OCW3 = 0x08,
    OCW3_SET_MASK_MODE = 0x40,
    OCW3_MASK_MODE = 0x20,
    OCW3_POLL = 0x04,
    OCW3_READ = 0x02,
    OCW3_ISR = 0x01,
    NO_LINE = 8,
    SPURIOUS = 7
};

/* --- priorities: rank 0 is the best --- */

static unsigned line_of_rank(const struct pic_state *s, unsigned rank)
{
    return (s->lowest + 1u + rank) & 7;
}

/* Rank of the best line of a set; NO_LINE: none. */
static unsigned best_rank(const struct pic_state *s, uint8_t set)
{
    for (unsigned rank = 0; rank < 8; rank++)
        if (set & 1u << line_of_rank(s, rank)) return rank;
    return NO_LINE;
}

/* In special mask mode a masked line in service holds nothing up. */
static uint8_t blockers(const struct pic_state *s)
{
    return s->special_mask ? s->isr & (uint8_t)~s->imr : s->isr;
}

/* The line to serve next, or NO_LINE. A slave's line in service lets the slave ask again in special
 * fully nested mode. */
static unsigned request(const struct pic *pic)
{
    const struct pic_state *s = &pic->state;
    unsigned wanted = best_rank(s, s->irr & (uint8_t)~s->imr);
    if (wanted == NO_LINE) return NO_LINE;
    unsigned line = line_of_rank(s, wanted), held = best_rank(s, blockers(s));
    bool again = s->special_nested && !s->single && (s->cascade & 1u << line);
    return wanted < held || (again && wanted == held) ? line : NO_LINE;
}

static void update(struct pic *pic)
{
    bool out = request(pic) != NO_LINE;
    if (out == pic->state.out) return;
    pic->state.out = out;
    irq_set(&pic->config.out, out);
}

/* --- lines and acknowledgement --- */

void pic_line(struct pic *pic, unsigned line, bool level)
{
    struct pic_state *s = &pic->state;
    uint8_t bit = (uint8_t)(1u << (line & 7));
    bool rises = level && !(s->lines & bit);
    s->lines = level ? s->lines | bit : s->lines & (uint8_t)~bit;
    if (!level)
        s->irr &= (uint8_t)~bit;
    else if (rises || s->level)
        s->irr |= bit;
    update(pic);
}

static void rotate_to(struct pic_state *s, unsigned line)
{
    s->lowest = (uint8_t)line;
}

/* The line leaves the requests and enters service; with automatic EOI it leaves that at once. */
static void take(struct pic_state *s, unsigned line)
{
    uint8_t bit = (uint8_t)(1u << line);
    if (!s->level) s->irr &= (uint8_t)~bit;
    if (!s->auto_eoi)
        s->isr |= bit;
    else if (s->rotate_auto_eoi)
        rotate_to(s, line);
}

uint8_t pic_acknowledge(struct pic *pic)
{
    struct pic_state *s = &pic->state;
    unsigned line = request(pic);
    bool cascaded = line != NO_LINE && !s->single && pic->config.slave && s->cascade & 1u << line;
    if (line != NO_LINE) take(s, line);
    uint8_t vector = (uint8_t)(s->vectors | (line == NO_LINE ? (unsigned)SPURIOUS : line));
    if (cascaded) vector = pic_acknowledge(pic->config.slave);
    update(pic);
    return vector;
}

int pic_next(const struct pic *pic)
{
    unsigned line = request(pic);
    return line == NO_LINE ? -1 : (int)line;
}

int pic_in_service(const struct pic *pic)
{
    unsigned rank = best_rank(&pic->state, pic->state.isr);
    return rank == NO_LINE ? -1 : (int)line_of_rank(&pic->state, rank);
}

/* --- command words --- */

static void icw1(struct pic *pic, uint8_t v)
{
    struct pic_state *s = &pic->state;
    *s = (struct pic_state){.lines = s->lines,
                            .lowest = 7,
                            .init = 2,
                            .vectors = s->vectors,
                            .cascade = s->cascade,
                            .level = v & ICW1_LEVEL,
                            .single = v & ICW1_SINGLE,
                            .icw4_follows = v & ICW1_ICW4,
                            .out = s->out};
    if (s->level) s->irr = s->lines; /* edges must come anew */
}

static void icw4(struct pic_state *s, uint8_t v)
{
    s->special_nested = v & ICW4_SPECIAL_NESTED;
    s->auto_eoi = v & ICW4_AUTO_EOI;
}

static void icw_next(struct pic_state *s, uint8_t v)
{
    switch (s->init) {
    case 2:
        s->vectors = v & 0xf8;
        s->init = s->single ? 4 : 3;
        break;
    case 3:
        s->cascade = v;
        s->init = 4;
        break;
    default:
        icw4(s, v);
        s->init = 0;
        return;
    }
    if (s->init == 4 && !s->icw4_follows) s->init = 0;
}

/* In special mask mode the end of a masked line must be named. */
static unsigned non_specific(const struct pic_state *s)
{
    unsigned rank = best_rank(s, blockers(s));
    return rank == NO_LINE ? NO_LINE : line_of_rank(s, rank);
}

static void end_of(struct pic_state *s, unsigned line, bool rotate)
{
    if (line == NO_LINE) return;
    s->isr &= (uint8_t) ~(1u << line);
    if (rotate) rotate_to(s, line);
}

/* R SL EOI */
static void ocw2(struct pic_state *s, uint8_t v)
{
    unsigned line = v & 7;
    switch (v >> 5) {
    case 0: s->rotate_auto_eoi = false; break;
    case 1: end_of(s, non_specific(s), false); break;
    case 3: end_of(s, line, false); break;
    case 4: s->rotate_auto_eoi = true; break;
    case 5: end_of(s, non_specific(s), true); break;
    case 6: rotate_to(s, line); break;
    case 7: end_of(s, line, true); break;
    default: break; /* 2: no operation */
    }
}

static void ocw3(struct pic_state *s, uint8_t v)
{
    if (v & OCW3_SET_MASK_MODE) s->special_mask = v & OCW3_MASK_MODE;
    if (v & OCW3_POLL)
        s->poll = true;
    else if (v & OCW3_READ)
        s->read_isr = v & OCW3_ISR;
}

/* --- ports --- */

/* A poll is an acknowledgement: bit 7 and the line. UNDOC: without a request the line reads as 7. */
static uint8_t polled(struct pic *pic)
{
    unsigned line = request(pic);
    pic->state.poll = false;
    if (line == NO_LINE) return SPURIOUS;
    take(&pic->state, line);
    update(pic);
    return (uint8_t)(0x80 | line);
}

static uint32_t pic_in(void *ctx, uint16_t port, unsigned size)
{
    struct pic *pic = ctx;
    const struct pic_state *s = &pic->state;
    if (s->poll) return polled(pic);
    if (port & 1) return s->imr;
    return s->read_isr ? s->isr : s->irr;
}

static void pic_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct pic *pic = ctx;
    struct pic_state *s = &pic->state;
    uint8_t v = (uint8_t)value;
    if (port & 1) {
        if (s->init)
            icw_next(s, v);
        else
            s->imr = v;
    } else if (v & ICW1) {
        icw1(pic, v);
    } else if (v & OCW3) {
        ocw3(s, v);
    } else {
        ocw2(s, v);
    }
    update(pic);
}

void pic_reset(struct pic *pic)
{
    struct pic_state *s = &pic->state;
    *s = (struct pic_state){
        .imr = 0xff, .lowest = 7, .single = true, .lines = s->lines, .out = s->out};
    update(pic);
}

status_t pic_init(struct pic *pic, const struct pic_config *config, struct bus *bus)
{
    static const struct port_ops ops = {pic_in, pic_out, 1};
    *pic = (struct pic){.config = *config};
    pic_reset(pic);
    return bus_claim_ports(bus, config->base, (uint16_t)(config->base + 1), &ops, pic,
                           config->owner ? config->owner : "PIC");
}

/* --- snapshots --- */

SNAP_SIZE(struct pic_state, 18);
void pic_snap(struct snap *s, struct pic *pic)
{
    struct pic_state *t = &pic->state;
    uint8_t *bytes[] = {&t->lines, &t->irr, &t->isr, &t->imr, &t->vectors, &t->cascade};
    bool *flags[] = {
        &t->icw4_follows,   &t->single,       &t->level,    &t->auto_eoi, &t->rotate_auto_eoi,
        &t->special_nested, &t->special_mask, &t->read_isr, &t->poll,     &t->out};
    for (unsigned i = 0; i < sizeof bytes / sizeof bytes[0]; i++)
        snap_u8(s, bytes[i]);
    snap_below8(s, &t->lowest, 8);
    snap_below8(s, &t->init, 5);
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        snap_bool(s, flags[i]);
}
