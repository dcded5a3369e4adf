/* convert_lackey.c: the lines of valgrind --tool=lackey --trace-mem=yes.
 *
 *   I  10401010,2      instruction: linear address, length
 *    L 10178ff8,4      load       S store       M load, then a store to the same place
 *
 * Accesses of no instruction, such as the frame of an interrupt, stand as lines without an instruction of their own.
 */
#include "convert.h"

static void line(struct text *t, char what, const rt386_trace_access *a)
{
    text_addf(t, " %c %08x,%u\n", what, a->linear, a->size);
}

static bool modifies(const rt386_trace_access *load, const rt386_trace_access *store)
{
    return load->access == RT386_READ && store->access == RT386_WRITE &&
           load->linear == store->linear && load->size == store->size;
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    struct text *t = &c->out.text;
    if (i->kind != RT386_TRACE_INSN) return;
    text_addf(t, "I  %08x,%u\n", i->insn.linear, i->insn.length);
    for (unsigned n = 0; n < c->accesses; n++) {
        bool both = n + 1 < c->accesses && modifies(&c->access[n], &c->access[n + 1]);
        line(t, both ? 'M' : c->access[n].access == RT386_WRITE ? 'S' : 'L', &c->access[n]);
        if (both) n++;
    }
}

static void loose(struct convert *c, const rt386_trace_access *a)
{
    line(&c->out.text, a->access == RT386_WRITE ? 'S' : 'L', a);
}

const struct convert_format convert_lackey = {
    .name = "lackey", .summary = "lines of valgrind's lackey", .item = item, .loose = loose};
