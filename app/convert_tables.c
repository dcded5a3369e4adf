#include "convert_tables.h"

#include "dump.h"

#include <stdlib.h>
#include <string.h>

#define TABLES    3u
#define ALL_KNOWN 0xffu

struct table_entry {
    bool used;
    uint32_t linear;
    uint8_t bytes[8], known;
};

/* ---- what is known --------------------------------------------------------------------------- */

static struct table_entry *place_of(struct table_entry *entry, unsigned room, uint32_t linear)
{
    unsigned at = (linear >> 3) * 2654435761u & (room - 1);
    while (entry[at].used && entry[at].linear != linear)
        at = (at + 1) & (room - 1);
    return &entry[at];
}

static bool grow(struct tables *t)
{
    unsigned room = t->room ? 2 * t->room : 256;
    struct table_entry *entry = calloc(room, sizeof *entry);
    if (!entry) {
        t->failed = true;
        return false;
    }
    for (unsigned i = 0; i < t->room; i++)
        if (t->entry[i].used) *place_of(entry, room, t->entry[i].linear) = t->entry[i];
    free(t->entry);
    t->entry = entry;
    t->room = room;
    return true;
}

/* NULL: no memory. */
static struct table_entry *entry_at(struct tables *t, uint32_t linear)
{
    if (2 * t->n >= t->room && !grow(t)) return NULL;
    struct table_entry *e = place_of(t->entry, t->room, linear);
    if (!e->used) {
        *e = (struct table_entry){.used = true, .linear = linear};
        t->n++;
    }
    return e;
}

void tables_free(struct tables *t)
{
    free(t->entry);
    *t = (struct tables){0};
}

const char *table_write_name(const struct table_write *w)
{
    return dump_table_name((rt386_table)((unsigned)w->table % TABLES));
}

/* ---- the guest's writes ---------------------------------------------------------------------- */

static bool table_place(const struct convert *c, rt386_table table, uint32_t *base, uint32_t *limit)
{
    bool ldt = table == RT386_LDT;
    unsigned gdtr = table == RT386_GDT ? CONVERT_GDTR_BASE : CONVERT_IDTR_BASE;
    *base = convert_register(c, ldt ? CONVERT_SEGMENT(CONVERT_LDTR, CONVERT_BASE) : gdtr);
    *limit = convert_register(c, ldt ? CONVERT_SEGMENT(CONVERT_LDTR, CONVERT_LIMIT) : gdtr + 1);
    /* the IDT of real mode, and its default GDT, have no descriptors */
    if (!(convert_register(c, CONVERT_CR0) & 1)) return false;
    return !ldt || convert_register(c, CONVERT_SEGMENT(CONVERT_LDTR, CONVERT_USABLE));
}

/* The bytes of the access that lie in one entry. */
static void entry_write(struct tables *t, rt386_table table, uint32_t base, uint32_t index,
                        const rt386_trace_access *a,
                        void (*told)(void *ctx, const struct table_write *write), void *ctx)
{
    uint32_t linear = base + 8 * index;
    struct table_entry *e = entry_at(t, linear);
    if (!e) return;
    struct table_write w = {.table = table, .linear = linear, .known_before = e->known};
    w.key = (uint16_t)(table == RT386_IDT ? index : 8 * index + (table == RT386_LDT ? 4 : 0));
    memcpy(w.before, e->bytes, 8);
    for (unsigned i = 0; i < a->size; i++) {
        uint32_t at = a->linear + i - linear;
        if (at >= 8) continue;
        e->bytes[at] = (uint8_t)(a->value >> 8 * i);
        e->known |= (uint8_t)(1u << at);
    }
    memcpy(w.after, e->bytes, 8);
    w.known_after = e->known;
    told(ctx, &w);
}

void tables_access(struct tables *t, const struct convert *c, const rt386_trace_access *a,
                   void (*told)(void *ctx, const struct table_write *write), void *ctx)
{
    uint32_t base, limit;
    if (a->access != RT386_WRITE || !a->size) return;
    for (unsigned table = 0; table < TABLES; table++) {
        if (!table_place(c, (rt386_table)table, &base, &limit)) continue;
        uint32_t first = a->linear - base, last = first + a->size - 1;
        if (first > limit && last > limit) continue;
        if (first > limit) first = 0; /* it begins before the table */
        if (last > limit) last = limit;
        for (uint32_t i = first / 8; i <= last / 8 && i < 8192; i++)
            if (8 * i + 7 <= limit) entry_write(t, (rt386_table)table, base, i, a, told, ctx);
    }
}

/* ---- the kernel's, and what is looked up ----------------------------------------------------- */

static void kernel_write(struct tables *t, const rt386_trace_item *i,
                         void (*told)(void *ctx, const struct table_write *write), void *ctx)
{
    struct table_entry *e = entry_at(t, i->table.linear);
    struct table_write w = {.table = RT386_GDT,
                            .key = i->table.selector,
                            .linear = i->table.linear,
                            .known_before = ALL_KNOWN,
                            .known_after = ALL_KNOWN,
                            .owner = i->table.owner};
    memcpy(w.before, i->table.before, 8);
    memcpy(w.after, i->table.after, 8);
    if (e) memcpy(e->bytes, w.after, 8);
    if (e) e->known = ALL_KNOWN;
    told(ctx, &w);
}

void tables_item(struct tables *t, const struct convert *c, const rt386_trace_item *i,
                 void (*told)(void *ctx, const struct table_write *write), void *ctx)
{
    struct table_entry *e;
    switch (i->kind) {
    case RT386_TRACE_TABLE: kernel_write(t, i, told, ctx); break;
    case RT386_TRACE_INSN:
        for (unsigned k = 0; k < c->accesses; k++)
            tables_access(t, c, &c->access[k], told, ctx);
        break;
    case RT386_TRACE_LOAD:
        e = i->load.located ? entry_at(t, i->load.descriptor_at) : NULL;
        if (e) memcpy(e->bytes, i->load.descriptor, 8);
        if (e) e->known = ALL_KNOWN;
        break;
    default: break;
    }
}
