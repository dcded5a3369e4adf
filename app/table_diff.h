/* table_diff.h: descriptor tables as they were and as they are: what was added, removed, changed. */
#ifndef RT386_APP_TABLE_DIFF_H
#define RT386_APP_TABLE_DIFF_H

#include "json.h"

#include <rt386/rt386.h>

struct table_shot {
    rt386_table_info info[3]; /* by rt386_table */
    uint8_t (*bytes[3])[8];   /* info.entries of them; all zero: empty, or not readable */
    char (*owner)[64];        /* of the GDT's entries */
    unsigned free_slots;      /* INtime */
};

/* False: the host has no memory left; nothing is held. */
bool table_shot_take(struct table_shot *shot, const rt386 *m);
void table_shot_free(struct table_shot *shot);
/* Entries that differ; tables that were moved or that came or went are compared entry by entry, too. */
unsigned table_diff_count(const struct table_shot *was, const struct table_shot *is);
void table_diff_text(struct text *t, const struct table_shot *was, const struct table_shot *is);
/* Keys "changes", "free_slots" in the open object. */
void table_diff_json(struct json *j, const struct table_shot *was, const struct table_shot *is);

#endif
