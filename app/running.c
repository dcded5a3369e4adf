#include "running.h"

#include "desc_text.h"
#include "reg_value.h"

#include <string.h>

const char *running_symbol(const rt386 *m, uint32_t eip, uint32_t *behind)
{
    rt386_object o;
    uint16_t thread = rt386_intime_thread(m, false, 0);
    bool ring3 = rt386_seg_get(m, RT386_CS).selector & 3;
    if (!ring3 || !rt386_intime_object(m, thread, &o)) return NULL;
    return rt386_intime_symbol(m, o.owner, eip, behind);
}

unsigned running_insn(const rt386 *m, struct disasm *disasm, uint32_t eip, rt386_insn_event *e)
{
    rt386_seg cs = rt386_seg_get(m, RT386_CS);
    unsigned n = sizeof e->bytes;
    *e = (rt386_insn_event){.cs = cs.selector,
                            .eip = eip,
                            .linear = cs.base + eip,
                            .code32 = cs.flags & 4,
                            .cpu = RT386_CPU_SSE2};
    while (n && rt386_peek(m, (rt386_addr){.space = RT386_LINEAR, .at = e->linear}, e->bytes, n) !=
                    RT386_OK)
        n--;
    if (!n) return 0;
    e->length = (uint8_t)disasm_length(disasm, e->bytes, n, e->code32);
    e->symbol = running_symbol(m, eip, &e->symbol_offset);
    return e->length;
}

bool steps_over(const char *words)
{
    static const char *const begin[] = {"call", "lcall", "int", "rep"};
    for (unsigned i = 0; i < sizeof begin / sizeof *begin; i++)
        if (!strncmp(words, begin[i], strlen(begin[i]))) return true;
    return false;
}

bool segment_differs(const rt386 *m, const rt386_seg *s, rt386_desc *now)
{
    rt386_desc was = segment_desc(s);
    rt386_table table = s->selector & 4 ? RT386_LDT : RT386_GDT;
    bool selectors = reg_value(m, "cr0") & 1 && !(reg_value(m, "eflags") & 1u << 17);
    if (!s->usable || s->selector < 4 || !selectors ||
        rt386_table_entry(m, table, s->selector >> 3, now, NULL) != RT386_OK)
        return false;
    uint8_t aside = was.kind == RT386_DESC_CODE || was.kind == RT386_DESC_DATA ? 1 : 0;
    return now->base != was.base || now->limit != was.limit || now->kind != was.kind ||
           now->big != was.big || ((now->type ^ was.type) & ~aside) != 0 || now->dpl != was.dpl ||
           now->present != was.present;
}
