/* convert_tenet.c: text for the Tenet trace explorer, and the segment registers in a file beside it.
 *
 *   eax=0x0,ecx=0x40, ... eip=0x10401010                          all registers, before the first instruction
 *   ebp=0x178ff8,eip=0x10401012,mr=0x10178ee4:a8a0aea4            behind each instruction
 *
 * A line is the state in which an instruction is found and what was accessed since the one before. EIP and the addresses
 * of memory are linear; the other registers are as they are, so ESP is an offset in SS.
 *
 *   9754 cs 003b base 10000000 limit 007fffff access fb flags 4   beside: from this line of the trace on, from 0
 */
#include "convert.h"
#include "trace.h"

#include <string.h>

struct tenet {
    uint64_t lines;
    uint32_t gpr[8];
    uint32_t segment[6 * CONVERT_PARTS]; /* as they were written last */
    struct text memory;                  /* accessed since the last line */
};

static void registers(struct text *t, struct tenet *own, const uint32_t gpr[8])
{
    for (unsigned n = 0; n < 8; n++)
        if (!own->lines || gpr[n] != own->gpr[n])
            text_addf(t, "%s=0x%x,", trace_reg_name(n), gpr[n]);
    memcpy(own->gpr, gpr, sizeof own->gpr);
}

static void segments(struct convert *c, struct tenet *own)
{
    for (unsigned s = 0; s < 6; s++) {
        uint32_t *was = &own->segment[CONVERT_SEGMENT(s, 0)], now[CONVERT_PARTS];
        for (unsigned p = 0; p < CONVERT_PARTS; p++)
            now[p] = convert_register(c, CONVERT_SEGMENT(s, p));
        if (own->lines && !memcmp(was, now, sizeof now)) continue;
        memcpy(was, now, sizeof now);
        text_addf(&c->side.text, "%llu %s %04x base %08x limit %08x access %02x flags %x\n",
                  (unsigned long long)own->lines, segreg_name((int)s), now[CONVERT_SELECTOR],
                  now[CONVERT_BASE], now[CONVERT_LIMIT], now[CONVERT_ACCESS], now[CONVERT_FLAGS]);
    }
}

static void state_line(struct convert *c, const uint32_t gpr[8], uint32_t linear)
{
    struct tenet *own = c->own;
    struct text *t = &c->out.text;
    registers(t, own, gpr);
    text_addf(t, "eip=0x%x", linear);
    text_add(t, text_str(&own->memory));
    text_add(t, "\n");
    text_clear(&own->memory);
    if (c->side.path) segments(c, own);
    own->lines++;
}

static void access(struct convert *c, const rt386_trace_access *a)
{
    struct tenet *own = c->own;
    text_addf(&own->memory, ",%s=0x%x:", a->access == RT386_WRITE ? "mw" : "mr", a->linear);
    for (unsigned i = 0; i < a->size && i < 4; i++)
        text_addf(&own->memory, "%02x", a->value >> (8 * i) & 0xff);
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    if (i->kind != RT386_TRACE_INSN) return;
    state_line(c, i->insn.before.gpr, i->insn.linear);
    for (unsigned n = 0; n < c->accesses; n++)
        access(c, &c->access[n]);
}

/* Where it all ended: the registers are the trace's first, EIP behind them. */
static void end(struct convert *c)
{
    struct tenet *own = c->own;
    uint32_t gpr[8], base = convert_register(c, CONVERT_SEGMENT(RT386_CS, CONVERT_BASE));
    if (!own->lines) return;
    for (unsigned n = 0; n < 8; n++)
        gpr[n] = (uint32_t)rt386_trace_field(c->trace, n);
    state_line(c, gpr, base + (uint32_t)rt386_trace_field(c->trace, 8));
}

static void release(struct convert *c)
{
    struct tenet *own = c->own;
    text_free(&own->memory);
}

const struct convert_format convert_tenet = {.name = "tenet",
                                             .summary = "text of the Tenet trace explorer",
                                             .side = ".segs",
                                             .own = sizeof(struct tenet),
                                             .item = item,
                                             .loose = access,
                                             .end = end,
                                             .release = release};
