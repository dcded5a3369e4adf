/* page_diff.h: page directory and page tables as they were and as they are, compared by linear address. Pages that follow each other
 * and changed in the same way are one line. */
#ifndef RT386_APP_PAGE_DIFF_H
#define RT386_APP_PAGE_DIFF_H

#include "json.h"

#include <rt386/rt386.h>

#define PAGE_ENTRIES 1024u

struct page_shot {
    bool paging;
    uint32_t cr3;
    uint32_t pde[PAGE_ENTRIES];
    uint32_t *pte[PAGE_ENTRIES]; /* NULL: the directory's entry names no table that is in memory */
};

/* False: the host has no memory left; nothing is held. */
bool page_shot_take(struct page_shot *shot, const rt386 *m);
void page_shot_free(struct page_shot *shot);
/* Entries that differ, of both levels. */
unsigned page_diff_count(const struct page_shot *was, const struct page_shot *is);
void page_diff_text(struct text *t, const struct page_shot *was, const struct page_shot *is);
/* Keys "paging_before", "paging", "cr3_before", "cr3" and "page_changes" in the open object. */
void page_diff_json(struct json *j, const struct page_shot *was, const struct page_shot *is);

#endif
