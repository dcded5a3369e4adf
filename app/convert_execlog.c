/* convert_execlog.c: the lines of QEMU's execlog plugin.
 *
 *   0, 0x10401010, 0x5c8be589, "mov ebp, esp", load, 0x00178ff8, RAM, ebp -> 0x00178ff8
 *
 * Processor, linear address, the first four bytes as a number, disassembly; accesses with their physical address; the
 * registers that changed. The plugin reads four bytes whatever the length; those behind the instruction are 0 here.
 */
#include "convert.h"

static void bytes_number(struct text *t, const rt386_trace_insn *in)
{
    uint32_t word = 0;
    for (unsigned i = 0; i < in->length && i < 4; i++)
        word |= (uint32_t)in->bytes[i] << (8 * i);
    text_addf(t, ", 0x%x", word);
}

static void accesses(struct text *t, const struct convert *c)
{
    for (unsigned i = 0; i < c->accesses; i++)
        text_addf(t, ", %s, 0x%08x, RAM", c->access[i].access == RT386_WRITE ? "store" : "load",
                  c->access[i].physical);
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    struct text *t = &c->out.text;
    const rt386_trace_insn *in = &i->insn;
    char words[160];
    if (i->kind != RT386_TRACE_INSN) return;
    trace_insn_words(c->disasm, in, words, sizeof words);
    text_addf(t, "0, 0x%x", in->linear);
    bytes_number(t, in);
    text_addf(t, ", \"%s\"", words);
    accesses(t, c);
    for (unsigned n = 0; n < 8; n++)
        if (in->before.gpr[n] != in->after.gpr[n])
            text_addf(t, ", %s -> 0x%08x", trace_reg_name(n), in->after.gpr[n]);
    if (in->before.eflags != in->after.eflags) text_addf(t, ", eflags -> 0x%08x", in->after.eflags);
    text_add(t, "\n");
}

const struct convert_format convert_execlog = {
    .name = "execlog", .summary = "lines of QEMU's execlog plugin", .item = item};
