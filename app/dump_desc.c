/* dump_desc.c: GDT, LDT and IDT, one line an entry; empty entries are left out and counted.
 *
 *   Sel  Base     Limit    Type             Pl P G DB Owner
 *   0280 00014000 00000fff data RW          3  1 B 32 memory handle of maker
 */
#include "desc_text.h"
#include "dump.h"

#include <stdio.h>

#include <string.h>

static void type_words(char to[24], const rt386_desc *d)
{
    switch (d->kind) {
    case RT386_DESC_DATA:
        snprintf(to, 24, "data R%c%s%s", d->writable ? 'W' : 'O', d->accessed ? " Ac" : "",
                 d->expand_down ? " down" : "");
        break;
    case RT386_DESC_CODE:
        snprintf(to, 24, "code %s%s%s", d->readable ? "RE" : "EO", d->accessed ? " Ac" : "",
                 d->conforming ? " conf" : "");
        break;
    case RT386_DESC_TSS16:
    case RT386_DESC_TSS32:
        snprintf(to, 24, "%s%s", desc_kind_name(d->kind), d->busy ? " busy" : "");
        break;
    default: snprintf(to, 24, "%.23s", desc_kind_name(d->kind)); break;
    }
}

static void segment_line(struct text *t, uint16_t sel, const rt386_desc *d, const char *owner)
{
    char type[24];
    type_words(type, d);
    text_addf(t, "%04x %08x %08x %-18s %u  %u %c %s  ", sel, d->base, d->limit, type, d->dpl,
              d->present, d->granular ? 'P' : 'B', d->big ? "32" : "16");
    if (!owner[0]) text_trim(t);
    text_wrap(t, owner, 53, TEXT_WIDTH);
}

static void gate_line(struct text *t, unsigned key, const rt386_desc *d, const char *owner)
{
    char type[24];
    type_words(type, d);
    char offset[12] = "--------"; /* of a task gate: none */
    if (desc_has_offset(d->kind)) snprintf(offset, sizeof offset, "%08x", d->offset);
    text_addf(t, "%04x %04x:%s     %-18s %u  %u       ", key, d->selector, offset, type, d->dpl,
              d->present);
    if (!owner[0]) text_trim(t);
    text_wrap(t, owner, 53, TEXT_WIDTH);
}

static void table_lines(struct text *t, const rt386 *m, rt386_table table, unsigned entries)
{
    unsigned empty = 0, unreadable = 0;
    uint16_t ti = table == RT386_LDT ? 4 : 0;
    for (unsigned i = 0; i < entries; i++) {
        rt386_desc d;
        char owner[64] = "";
        if (rt386_table_entry(m, table, i, &d, owner) != RT386_OK) {
            unreadable++;
            continue;
        }
        unsigned key = table == RT386_IDT ? i : (i << 3 | ti);
        if (d.kind == RT386_DESC_EMPTY)
            empty++;
        else if (desc_is_gate(d.kind))
            gate_line(t, key, &d, owner);
        else
            segment_line(t, (uint16_t)key, &d, owner);
    }
    if (empty) text_addf(t, "%u empty entries are not shown\n", empty);
    if (unreadable) text_addf(t, "%u entries lie where no memory is mapped\n", unreadable);
}

const char *dump_table_name(rt386_table table)
{
    static const char *const names[] = {"GDT", "LDT", "IDT"};
    return names[table];
}

void dump_table_text(struct text *t, const rt386 *m, rt386_table table)
{
    const char *name = dump_table_name(table);
    rt386_table_info info = rt386_table_get(m, table);
    if (!info.valid) {
        text_addf(t, "no %s%s\n", name,
                  table == RT386_LDT ? ": LDTR holds a null selector" : ": it cannot be read");
        return;
    }
    text_addf(t, "%s at linear 0x%08x, limit 0x%04x: %u entries\n", name, info.base, info.limit,
              info.entries);
    if (table == RT386_IDT)
        text_add(t, "Vec  Sel :Offset       Type               Pl P\n");
    else
        text_add(t, "Sel  Base     Limit    Type               Pl P G DB  Owner\n");
    table_lines(t, m, table, info.entries);
}

static void table_json(struct json *j, const rt386 *m, rt386_table table)
{
    rt386_table_info info = rt386_table_get(m, table);
    json_bool(j, "valid", info.valid);
    if (!info.valid) return;
    json_hex(j, "base", info.base, 8);
    json_hex(j, "limit", info.limit, 4);
    json_open(j, "entries", '[');
    for (unsigned i = 0; i < info.entries; i++) {
        rt386_desc d;
        char owner[64] = "";
        if (rt386_table_entry(m, table, i, &d, owner) != RT386_OK || d.kind == RT386_DESC_EMPTY)
            continue;
        json_open(j, NULL, '{');
        json_num(j, "index", i);
        if (table != RT386_IDT) json_hex(j, "selector", i << 3 | (table == RT386_LDT ? 4u : 0u), 4);
        desc_json(j, "descriptor", &d);
        if (owner[0]) json_str(j, "owner", owner);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void dump_gdt_text(struct text *t, const rt386 *m)
{
    dump_table_text(t, m, RT386_GDT);
}
void dump_gdt_json(struct json *j, const rt386 *m)
{
    table_json(j, m, RT386_GDT);
}
void dump_ldt_text(struct text *t, const rt386 *m)
{
    dump_table_text(t, m, RT386_LDT);
}
void dump_ldt_json(struct json *j, const rt386 *m)
{
    table_json(j, m, RT386_LDT);
}
void dump_idt_text(struct text *t, const rt386 *m)
{
    dump_table_text(t, m, RT386_IDT);
}
void dump_idt_json(struct json *j, const rt386 *m)
{
    table_json(j, m, RT386_IDT);
}
