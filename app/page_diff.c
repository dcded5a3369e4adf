#include "page_diff.h"

#include "bytes.h"

#include <stdlib.h>
#include <string.h>

#define PRESENT 1u
#define FRAME   0xfffff000u
#define PAGE    0x1000u

/* Entries that changed alike: the first, and how many. */
struct change {
    bool directory;
    unsigned count;
    uint32_t linear, was, is;
};

/* ---- taking ---------------------------------------------------------------------------------- */

static bool read_entries(const rt386 *m, uint32_t at, uint32_t entry[PAGE_ENTRIES])
{
    uint8_t bytes[4 * PAGE_ENTRIES];
    const rt386_addr from = {.space = RT386_PHYS, .at = at & FRAME};
    if (rt386_peek(m, from, bytes, sizeof bytes) != RT386_OK) return false;
    for (unsigned i = 0; i < PAGE_ENTRIES; i++)
        entry[i] = bytes_get32(bytes + 4 * i);
    return true;
}

bool page_shot_take(struct page_shot *s, const rt386 *m)
{
    uint64_t cr3 = 0;
    memset(s, 0, sizeof *s);
    s->paging = rt386_page_walk(m, 0).paging;
    (void)rt386_reg_get(m, "cr3", &cr3);
    s->cr3 = (uint32_t)cr3;
    if (!s->paging || !read_entries(m, s->cr3, s->pde)) return true;
    for (unsigned i = 0; i < PAGE_ENTRIES; i++) {
        if (!(s->pde[i] & PRESENT)) continue;
        s->pte[i] = calloc(PAGE_ENTRIES, sizeof *s->pte[i]);
        if (!s->pte[i]) {
            page_shot_free(s);
            return false;
        }
        (void)read_entries(m, s->pde[i], s->pte[i]); /* none in memory: as if it were empty */
    }
    return true;
}

void page_shot_free(struct page_shot *s)
{
    for (unsigned i = 0; i < PAGE_ENTRIES; i++)
        free(s->pte[i]);
    memset(s, 0, sizeof *s);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static uint32_t pte_of(const struct page_shot *s, unsigned dir, unsigned i)
{
    return s->pte[dir] ? s->pte[dir][i] : 0;
}

/* Bits, and whether the frame went another way, are the same; frames follow each other. */
static bool alike(const struct change *c, uint32_t was, uint32_t is)
{
    uint32_t step = c->count * PAGE;
    bool old_follows = !(was & PRESENT) || (was & FRAME) == (c->was & FRAME) + step;
    bool new_follows = !(is & PRESENT) || (is & FRAME) == (c->is & FRAME) + step;
    return !((was ^ c->was) & ~FRAME) && !((is ^ c->is) & ~FRAME) && old_follows && new_follows;
}

struct walk { /* where the next change is looked for */
    const struct page_shot *was, *is;
    unsigned dir, page; /* page 0: its directory entry comes first */
    bool directory_done;
};

static bool table_change(struct walk *w, struct change *c)
{
    for (; w->page < PAGE_ENTRIES; w->page++) {
        uint32_t was = pte_of(w->was, w->dir, w->page), is = pte_of(w->is, w->dir, w->page);
        if (was == is) {
            if (c->count) return true;
            continue;
        }
        if (c->count && !alike(c, was, is)) return true;
        if (!c->count)
            *c = (struct change){.linear = w->dir << 22 | w->page << 12, .was = was, .is = is};
        c->count++;
    }
    return c->count > 0;
}

static bool next_change(struct walk *w, struct change *c)
{
    *c = (struct change){0};
    for (; w->dir < PAGE_ENTRIES; w->dir++, w->page = 0, w->directory_done = false) {
        uint32_t was = w->was->pde[w->dir], is = w->is->pde[w->dir];
        bool told = w->directory_done;
        w->directory_done = true;
        if (!told && was != is) {
            *c = (struct change){true, 1, w->dir << 22, was, is};
            return true;
        }
        if (table_change(w, c)) return true;
    }
    return false;
}

unsigned page_diff_count(const struct page_shot *was, const struct page_shot *is)
{
    struct walk w = {was, is, 0, 0, false};
    struct change c;
    unsigned n = 0;
    while (next_change(&w, &c))
        n += c.count;
    return n;
}

static const char *change_name(const struct change *c)
{
    if (!(c->was & PRESENT)) return c->is & PRESENT ? "added" : "changed";
    return c->is & PRESENT ? "changed" : "removed";
}

/* ---- words ----------------------------------------------------------------------------------- */

static void entry_words(struct text *t, uint32_t e)
{
    text_addf(t, "0x%08x", e);
    if (!(e & PRESENT)) {
        text_add(t, " (not present)");
        return;
    }
    text_addf(t, " (%s, %s%s%s)", e & 4 ? "user" : "supervisor", e & 2 ? "writable" : "read-only",
              e & 0x20 ? ", A" : "", e & 0x40 ? ", D" : "");
}

static void change_text(struct text *t, const struct change *c)
{
    struct text words = {0};
    uint32_t last = c->linear + (c->directory ? (PAGE_ENTRIES * PAGE) : c->count * PAGE) - 1;
    text_addf(&words, "%s %s of linear 0x%08x..0x%08x", change_name(c),
              c->directory ? "PDE" : "PTE", c->linear, last);
    if (!c->directory && c->count > 1) text_addf(&words, ", %u pages", c->count);
    text_add(&words, ": was ");
    entry_words(&words, c->was);
    text_add(&words, ", is ");
    entry_words(&words, c->is);
    if (c->count > 1) text_add(&words, ", and so on");
    text_add(t, "  ");
    text_wrap(t, text_str(&words), 4, TEXT_WIDTH);
    text_free(&words);
}

void page_diff_text(struct text *t, const struct page_shot *was, const struct page_shot *is)
{
    struct walk w = {was, is, 0, 0, false};
    struct change c;
    if (was->paging != is->paging)
        text_addf(t, "  paging is %s, now %s\n", was->paging ? "on" : "off",
                  is->paging ? "on" : "off");
    if (was->cr3 != is->cr3)
        text_addf(t, "  CR3 0x%08x, now 0x%08x: another page directory\n", was->cr3, is->cr3);
    while (next_change(&w, &c))
        change_text(t, &c);
}

void page_diff_json(struct json *j, const struct page_shot *was, const struct page_shot *is)
{
    struct walk w = {was, is, 0, 0, false};
    struct change c;
    json_bool(j, "paging_before", was->paging);
    json_bool(j, "paging", is->paging);
    json_hex(j, "cr3_before", was->cr3, 8);
    json_hex(j, "cr3", is->cr3, 8);
    json_open(j, "page_changes", '[');
    while (next_change(&w, &c)) {
        json_open(j, NULL, '{');
        json_str(j, "change", change_name(&c));
        json_str(j, "level", c.directory ? "pde" : "pte");
        json_hex(j, "linear", c.linear, 8);
        json_num(j, "entries", c.count);
        json_hex(j, "before", c.was, 8);
        json_hex(j, "after", c.is, 8);
        json_close(j, '}');
    }
    json_close(j, ']');
}
