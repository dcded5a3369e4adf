/* convert_bochs.c: what the Bochs debugger prints with trace on and trace-mem on.
 *
 *   (0).[1243] [0x000010073364] 003b:0000000000073364 (unk. ctxt): lcall 0x818:0             ; 9a000000001808
 *   [CPU0 WR]: LIN 0x00000000f0054ff8 PHY 0x000000054ff8 (len=4, WB): 0x00178DD4
 *   CPU 0: Exception 0x0d - (#GP) general protection fault occurred (error_code=0x0040)
 *   CPU 0: Interrupt 0x0d occurred (error_code=0x0040)
 *
 * INT n has its line before that of its interrupt, as with Bochs. Instructions with their number and linear address (Bochs prints the physical one here), what each accessed behind it. Real
 * and virtual-8086 mode have offsets of four digits. The memory of an interrupt's delivery stands behind its line.
 */
#include "convert.h"

#define EFLAGS_VM 0x20000u

#define HELD 8u
struct bochs {
    rt386_trace_item s[HELD]; /* INT n, whose instruction comes behind it */
    unsigned held;
};

static void access(struct convert *c, const rt386_trace_access *a)
{
    text_addf(&c->out.text, "[CPU0 %s]: LIN 0x%016x PHY 0x%012x (len=%u, WB): 0x%0*X\n",
              a->access == RT386_WRITE ? "WR" : "RD", a->linear, a->physical, a->size, a->size * 2,
              a->value);
}

static void event_lines(struct convert *c, const rt386_trace_item *i)
{
    struct text *t = &c->out.text;
    unsigned vector = i->event.vector;
    if (i->event.source == 'f' || i->event.source == 't')
        text_addf(t, "CPU 0: Exception 0x%02x - (%s) occurred (error_code=0x%04x)\n", vector,
                  rt386_vector_mnemonic(vector), i->event.error);
    text_addf(t, "CPU 0: Interrupt 0x%02x occurred (error_code=0x%04x)\n", vector, i->event.error);
}

static void held(struct convert *c)
{
    struct bochs *own = c->own;
    for (unsigned n = 0; n < own->held; n++)
        event_lines(c, &own->s[n]);
    own->held = 0;
}

static void event(struct convert *c, const rt386_trace_item *i)
{
    struct bochs *own = c->own;
    if (i->event.source == 's' && own->held < HELD) {
        own->s[own->held++] = *i;
        return;
    }
    held(c);
    event_lines(c, i);
}

static void instruction(struct convert *c, const rt386_trace_item *i)
{
    struct text *t = &c->out.text;
    const rt386_trace_insn *in = &i->insn;
    bool real = !(convert_register(c, CONVERT_CR0) & 1) || in->before.eflags & EFLAGS_VM;
    char words[160];
    trace_insn_words(c->disasm, in, words, sizeof words);
    text_addf(t, "(0).[%llu] [0x%012x] %04x:%0*x (unk. ctxt): %-25s ; ",
              (unsigned long long)i->insns, in->linear, in->cs, real ? 4 : 16, in->before.eip,
              words);
    for (unsigned n = 0; n < in->length; n++)
        text_addf(t, "%02x", in->bytes[n]);
    text_add(t, "\n");
    held(c);
    for (unsigned n = 0; n < c->accesses; n++)
        access(c, &c->access[n]);
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    if (i->kind == RT386_TRACE_INSN) instruction(c, i);
    if (i->kind == RT386_TRACE_EVENT) event(c, i);
}

const struct convert_format convert_bochs = {.name = "bochs",
                                             .summary = "Bochs trace on, trace-mem on",
                                             .own = sizeof(struct bochs),
                                             .item = item,
                                             .loose = access};
