/* dump_state.c: the task state segment and the page tables. */
#include "bytes.h"
#include "dump.h"

#include <stdio.h>

#include <string.h>

/* ---- TSS
 * ------------------------------------------------------------------------------------------ */

/* 386 TSS: name and offset of each field, as it lies in memory. */
static const struct tss_field tss32[] = {
    {"back link", 0, 2}, {"esp0", 4, 4},     {"ss0", 8, 2},  {"esp1", 12, 4}, {"ss1", 16, 2},
    {"esp2", 20, 4},     {"ss2", 24, 2},     {"cr3", 28, 4}, {"eip", 32, 4},  {"eflags", 36, 4},
    {"eax", 40, 4},      {"ecx", 44, 4},     {"edx", 48, 4}, {"ebx", 52, 4},  {"esp", 56, 4},
    {"ebp", 60, 4},      {"esi", 64, 4},     {"edi", 68, 4}, {"es", 72, 2},   {"cs", 76, 2},
    {"ss", 80, 2},       {"ds", 84, 2},      {"fs", 88, 2},  {"gs", 92, 2},   {"ldt", 96, 2},
    {"trap", 100, 2},    {"io map", 102, 2}, {NULL, 0, 0}};
static const struct tss_field tss16[] = {
    {"back link", 0, 2}, {"sp0", 2, 2},  {"ss0", 4, 2}, {"sp1", 6, 2},    {"ss1", 8, 2},
    {"sp2", 10, 2},      {"ss2", 12, 2}, {"ip", 14, 2}, {"flags", 16, 2}, {"ax", 18, 2},
    {"cx", 20, 2},       {"dx", 22, 2},  {"bx", 24, 2}, {"sp", 26, 2},    {"bp", 28, 2},
    {"si", 30, 2},       {"di", 32, 2},  {"es", 34, 2}, {"cs", 36, 2},    {"ss", 38, 2},
    {"ds", 40, 2},       {"ldt", 42, 2}, {NULL, 0, 0}};

const struct tss_field *tss_fields(const rt386_seg *tr)
{
    unsigned type = tr->access & 15u;
    return type == 1 || type == 3 ? tss16 : tss32;
}

bool tss_read(const rt386 *m, const rt386_seg *tr, const struct tss_field *f, uint32_t *value)
{
    uint8_t b[4] = {0};
    rt386_addr at = {.space = RT386_LINEAR, .at = tr->base + f->at};
    if (f->at + f->size - 1u > tr->limit) return false;
    if (rt386_peek(m, at, b, f->size) != RT386_OK) return false;
    *value = bytes_get32(b);
    return true;
}

void dump_tss_text(struct text *t, const rt386 *m)
{
    rt386_seg tr = rt386_seg_get(m, RT386_TR);
    if (!tr.usable) {
        text_add(t, "no TSS: TR holds no task\n");
        return;
    }
    const struct tss_field *f = tss_fields(&tr);
    text_addf(t, "%s TSS, TR selector 0x%04x, linear 0x%08x, limit 0x%04x\n",
              f == tss16 ? "286" : "386", tr.selector, tr.base, tr.limit);
    unsigned n = 0;
    for (; f->name; f++) {
        uint32_t value;
        if (!tss_read(m, &tr, f, &value)) {
            text_addf(t, "  +%-3u %-9s beyond the limit, or not mapped\n", f->at, f->name);
            continue;
        }
        char number[16];
        snprintf(number, sizeof number, "0x%0*x", f->size * 2, value);
        text_addf(t, "  +%-3u %-9s %-12s", f->at, f->name, number);
        if (++n % 3) continue;
        text_trim(t);
        text_add(t, "\n");
    }
    text_trim(t);
    if (n % 3) text_add(t, "\n");
    text_add(t,
             "The fields of the running task are those of its last switch, not its registers.\n");
}

void dump_tss_json(struct json *j, const rt386 *m)
{
    rt386_seg tr = rt386_seg_get(m, RT386_TR);
    json_bool(j, "valid", tr.usable);
    if (!tr.usable) return;
    json_hex(j, "selector", tr.selector, 4);
    json_hex(j, "base", tr.base, 8);
    json_hex(j, "limit", tr.limit, 8);
    json_open(j, "fields", '{');
    for (const struct tss_field *f = tss_fields(&tr); f->name; f++) {
        uint32_t value;
        if (tss_read(m, &tr, f, &value)) json_hex(j, f->name, value, f->size * 2u);
    }
    json_close(j, '}');
}

/* ---- page tables
 * ----------------------------------------------------------------------------------- */

struct range {
    uint32_t linear, phys;
    uint64_t size;
    bool user, writable;
};

/* The next mapped range at or after *at, merged while the physical side and the rights go on. */
static bool range_next(const rt386 *m, uint64_t *at, struct range *r)
{
    r->size = 0;
    while (*at < 1ull << 32) {
        rt386_walk w = rt386_page_walk(m, (uint32_t)*at);
        if (!w.mapped) {
            if (r->size) return true;
            *at = w.pte_valid ? *at + 0x1000 : (*at | 0x3fffff) + 1; /* a whole table is absent */
            continue;
        }
        if (r->size && (w.phys != (uint32_t)(r->phys + r->size) || w.user != r->user ||
                        w.writable != r->writable))
            return true;
        if (!r->size) *r = (struct range){(uint32_t)*at, w.phys, 0, w.user, w.writable};
        r->size += 0x1000;
        *at += 0x1000;
    }
    return r->size != 0;
}

static bool paging_on(const rt386 *m)
{
    return rt386_page_walk(m, 0).paging;
}

void dump_pt_text(struct text *t, const rt386 *m)
{
    if (!paging_on(m)) {
        text_add(t, "paging is off: linear addresses are physical\n");
        return;
    }
    uint64_t cr3 = 0, at = 0;
    rt386_reg_get(m, "cr3", &cr3);
    text_addf(t, "page directory at physical 0x%08llx\n", (unsigned long long)cr3 & 0xfffff000);
    text_add(t, "Linear              Physical            Size       Rights\n");
    struct range r;
    while (range_next(m, &at, &r))
        text_addf(t, "%08x..%08x  %08x..%08x  %08llx   %s %s\n", r.linear,
                  (uint32_t)(r.linear + r.size - 1), r.phys, (uint32_t)(r.phys + r.size - 1),
                  (unsigned long long)r.size, r.user ? "user" : "supervisor",
                  r.writable ? "writable" : "read-only");
}

void dump_pt_json(struct json *j, const rt386 *m)
{
    bool paging = paging_on(m);
    uint64_t cr3 = 0, at = 0;
    json_bool(j, "paging", paging);
    if (!paging) return;
    rt386_reg_get(m, "cr3", &cr3);
    json_hex(j, "cr3", cr3, 8);
    json_open(j, "ranges", '[');
    struct range r;
    while (range_next(m, &at, &r)) {
        json_open(j, NULL, '{');
        json_hex(j, "linear", r.linear, 8);
        json_hex(j, "physical", r.phys, 8);
        json_hex(j, "size", r.size, 8);
        json_bool(j, "user", r.user);
        json_bool(j, "writable", r.writable);
        json_close(j, '}');
    }
    json_close(j, ']');
}
