/* dump.h: the processor's tables, read from the machine as they are now. */
#ifndef RT386_APP_DUMP_H
#define RT386_APP_DUMP_H

#include "json.h"

#include <rt386/rt386.h>

const char *dump_table_name(rt386_table table); /* "GDT" */
void dump_table_text(struct text *t, const rt386 *m, rt386_table table);
void dump_gdt_text(struct text *t, const rt386 *m);
void dump_gdt_json(struct json *j, const rt386 *m);
void dump_ldt_text(struct text *t, const rt386 *m);
void dump_ldt_json(struct json *j, const rt386 *m);
void dump_idt_text(struct text *t, const rt386 *m);
void dump_idt_json(struct json *j, const rt386 *m);
void dump_tss_text(struct text *t, const rt386 *m);
void dump_tss_json(struct json *j, const rt386 *m);
/* A field of a TSS as it lies in memory; a list ends with one without a name. */
struct tss_field {
    const char *name;
    uint8_t at, size;
};
const struct tss_field *tss_fields(const rt386_seg *tr);
/* False: beyond the limit, or not mapped. */
bool tss_read(const rt386 *m, const rt386_seg *tr, const struct tss_field *f, uint32_t *value);
void dump_pt_text(struct text *t, const rt386 *m);
void dump_pt_json(struct json *j, const rt386 *m);

#endif
