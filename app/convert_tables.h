/* convert_tables.h: descriptors that are written, as a trace tells it: by the INtime kernel, and by the guest's own writes into GDT, LDT
 * and IDT where their registers say that they lie. Of an entry only those bytes are known that were written or looked up in
 * the trace. Accessed and busy bits that the processor sets are not in a trace, and pages that are mapped twice not followed. */
#ifndef RT386_APP_CONVERT_TABLES_H
#define RT386_APP_CONVERT_TABLES_H

#include "convert.h"

struct table_write {
    rt386_table table;
    uint16_t key;    /* selector without RPL; of the IDT the vector */
    uint32_t linear; /* of the entry */
    uint8_t before[8], after[8];
    uint8_t known_before, known_after; /* a bit for each byte */
    const char *owner; /* NULL: the guest wrote it; else what the kernel says, or "" */
};

struct table_entry; /* one that was seen */
struct tables {
    struct table_entry *entry;
    unsigned n, room;
    bool failed; /* the host has no memory: later entries are not told */
};

/* An item, with the accesses of the instruction that it is; each write is told. */
void tables_item(struct tables *t, const struct convert *c, const rt386_trace_item *item,
                 void (*told)(void *ctx, const struct table_write *write), void *ctx);
void tables_access(struct tables *t, const struct convert *c, const rt386_trace_access *access,
                   void (*told)(void *ctx, const struct table_write *write), void *ctx);
void tables_free(struct tables *t);
/* "GDT", "LDT", "IDT" */
const char *table_write_name(const struct table_write *write);

#endif
