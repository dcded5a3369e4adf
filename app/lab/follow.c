/* follow.c: from what is selected to what it stands for. */
#include "inside.h"

#include "desc_text.h"
#include "reg_value.h"
#include "seek_text.h"

#include <string.h>

static void trail_add(struct lab *l)
{
    const struct lab_pane *p = &l->pane[l->focus];
    if (l->trails == LAB_TRAIL) {
        memmove(l->trail, l->trail + 1, (LAB_TRAIL - 1) * sizeof *l->trail);
        l->trails--;
    }
    l->trail[l->trails++] = (struct lab_trail){l->focus, p->selected, p->top};
}

bool follow_return(struct lab *l, const char *rest)
{
    (void)rest;
    if (!l->trails) {
        lab_say(l, true, "nothing was followed");
        return false;
    }
    struct lab_trail t = l->trail[--l->trails];
    lab_focus(l, t.pane);
    l->pane[t.pane].selected = t.selected;
    l->pane[t.pane].top = t.top;
    return true;
}

void follow_memory(struct lab *l, rt386_addr at)
{
    trail_add(l);
    l->memory = at;
    lab_focus(l, PANE_MEMORY);
}

bool follow_selector(struct lab *l, uint16_t selector)
{
    enum pane_id pane = selector & 4 ? PANE_LDT : PANE_GDT;
    rt386_table table = selector & 4 ? RT386_LDT : RT386_GDT;
    rt386_table_info info = rt386_table_get(lab_machine(l), table);
    if (!lab_selectors(l)) {
        lab_say(l, true, "0x%04x is a segment's number here, no selector: it has no descriptor",
                selector);
        return false;
    }
    if (selector < 4) {
        lab_say(l, true, "0x%04x is a null selector: it has no descriptor", selector);
        return false;
    }
    if (!info.valid || selector >> 3 >= info.entries) {
        lab_say(l, true, "selector 0x%04x is outside its table", selector);
        return false;
    }
    trail_add(l);
    lab_focus(l, pane);
    l->pane[pane].selected = selector >> 3;
    lab_say(l, false, "selector 0x%04x: entry %u of the %s", selector, selector >> 3,
            selector & 4 ? "LDT" : "GDT");
    return true;
}

static bool follow_entry(struct lab *l, rt386_table table, unsigned index)
{
    rt386_desc d;
    if (rt386_table_entry(lab_machine(l), table, index, &d, NULL) != RT386_OK) {
        lab_say(l, true, "no memory is mapped where this entry lies");
        return false;
    }
    if (desc_is_gate(d.kind)) return follow_selector(l, d.selector);
    if (!desc_is_segment(d.kind)) {
        lab_say(l, true, "an empty entry leads nowhere");
        return false;
    }
    follow_memory(l, (rt386_addr){.space = RT386_LINEAR, .at = d.base + d.first});
    lab_say(l, false, "the segment's memory: base 0x%08x, limit 0x%08x", d.base, d.limit);
    return true;
}

/* The instruction's own: of code the selected line, of the stack the dword. */
bool follow(struct lab *l, const char *rest)
{
    const rt386 *m = lab_machine(l);
    unsigned row = l->pane[l->focus].selected;
    (void)rest;
    switch (l->focus) {
    case PANE_SEGMENTS: return follow_selector(l, rt386_seg_get(m, (rt386_segreg)row).selector);
    case PANE_GDT: return follow_entry(l, RT386_GDT, row);
    case PANE_LDT: return follow_entry(l, RT386_LDT, row);
    case PANE_IDT: return follow_entry(l, RT386_IDT, row);
    case PANE_CHECKS: return checks_follow(l, row);
    case PANE_STACK: return stack_follow(l, row);
    case PANE_PAGES: return pages_follow(l, row);
    case PANE_OBJECTS: return objects_follow(l, row);
    case PANE_CODE:
        follow_memory(l, (rt386_addr){.space = RT386_LOGICAL, .seg = RT386_CS, .at = l->code_at});
        return true;
    default: lab_say(l, true, "%s leads nowhere", panes[l->focus].title); return false;
    }
}

bool look_at(struct lab *l, const char *rest)
{
    rt386_addr at;
    const char *end;
    if (!seek_address(rest, &end, &at) || *end) {
        lab_say(l, true, "at: an address, as ds:0x10, 0x401000 (linear) or phys:0x9000");
        return false;
    }
    if (l->focus == PANE_CODE && at.space != RT386_PHYS) {
        rt386_seg cs = rt386_seg_get(lab_machine(l), RT386_CS);
        uint32_t base = at.space == RT386_LOGICAL ? rt386_seg_get(lab_machine(l), at.seg).base : 0;
        l->code_at = l->code_top = base + at.at - cs.base;
        l->code_elsewhere = true;
        return true;
    }
    follow_memory(l, at);
    return true;
}
