/* Real pages: each page that an instruction touches is absent, read-only or the supervisor's. Operands
 * and stack cross pages. An access that is refused in its second page writes nothing in the first. */
#include <criterion/criterion.h>

#include "sweep.h"

enum kind { ABSENT, READ_ONLY, SUPERVISOR, KINDS };

static bool has_paging(const struct sweep_mode *mode)
{
    return mode->prot;
}

static void set_page(struct sweep *w, uint32_t page, unsigned bits)
{
    uint8_t bytes[4];
    put32(bytes, page | bits);
    w->quiet = true;
    cr_assert(bus_poke(w->bus, phys(SW_PT + page / PAGE_SIZE * 4), bytes, 4));
    w->quiet = false;
}

static void repair(struct sweep *w, const struct sweep_cause *cause)
{
    set_page(w, cause->page, 0x67);
}

static bool touches(const struct sweep_access *a, uint32_t page)
{
    return a->at.v < page + PAGE_SIZE && a->at.v + a->size > page;
}

static bool refused(const struct sweep *w, const struct sweep_access *a, enum kind kind)
{
    bool wp = w->cpu.wp_exists && (w->start.cr0 & CR0_WP);
    switch (kind) {
    case ABSENT: return true;
    case READ_ONLY: return a->access == ACCESS_WRITE && (a->user || wp);
    default: return a->user;
    }
}

static fault_t expected(const struct sweep_access *a, uint32_t page, enum kind kind)
{
    uint32_t error = (kind != ABSENT) | (a->access == ACCESS_WRITE ? 2u : 0) | (a->user ? 4u : 0);
    return fault_page(error, a->at.v > page ? a->at.v : page, RULE_PAGE_PTE_PRESENT);
}

static void refuse_page(struct sweep *w, uint32_t page, enum kind kind)
{
    static const unsigned bits[KINDS] = {0x66, 0x65, 0x63};
    struct sweep_cause cause = {.repair = repair, .page = page};
    for (unsigned i = 0; i < sweep_plain_accesses(w) && !cause.n; i++) {
        const struct sweep_access *a = &w->plain.access[i];
        if (!touches(a, page) || !refused(w, a, kind)) continue;
        cause.n = i + 1;
        cause.fault = expected(a, page, kind);
    }
    set_page(w, page, bits[kind]);
    if (cause.n)
        sweep_case(w, &cause, &w->start);
    else if (!w->plain.fault)
        sweep_undisturbed(w, &w->start);
    set_page(w, page, 0x67);
}

static void all_pages(struct sweep *w)
{
    uint64_t done[4] = {0};
    for (unsigned i = 0; i < sweep_plain_accesses(w); i++)
        for (unsigned k = 0; k < 2; k++) {
            const struct sweep_access *a = &w->plain.access[i];
            uint32_t page = (a->at.v + (k ? a->size - 1u : 0)) & ~PAGE_MASK, n = page / PAGE_SIZE;
            if (page >= SW_RAM || (done[n / 64] >> n % 64 & 1)) continue;
            done[n / 64] |= 1ull << n % 64;
            for (unsigned kind = 0; kind < KINDS; kind++)
                refuse_page(w, page, (enum kind)kind);
        }
}

Test(sweep_page, every_page_of_every_form)
{
    sweep_rows("pages", 6, true, has_paging, all_pages);
}
