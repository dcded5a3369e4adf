#include "page.h"

#include <string.h>

#define ENTRY_P     0x01u
#define ENTRY_W     0x02u
#define ENTRY_U     0x04u
#define ENTRY_A     0x20u
#define ENTRY_D     0x40u
#define ENTRY_FRAME 0xfffff000u

#define ERROR_P 0x1u /* refused by rights, not by absence */
#define ERROR_W 0x2u
#define ERROR_U 0x4u

static phys_t pde_address(uint32_t cr3, lin_t at)
{
    return phys((cr3 & ENTRY_FRAME) | (at.v >> 22) * 4);
}

static phys_t pte_address(uint32_t pde, lin_t at)
{
    return phys((pde & ENTRY_FRAME) | (at.v >> 12 & 0x3ffu) * 4);
}

static phys_t frame_address(uint32_t pte, lin_t at)
{
    return phys((pte & ENTRY_FRAME) | (at.v & PAGE_MASK));
}

/* One walk being checked. */
struct asked {
    struct check_log *log; /* may be NULL */
    enum rule refused;     /* the first; RULE_NONE */
    uint32_t entry;        /* what that rule looked at */
    phys_t pde_at, pte_at;
    uint32_t pde, pte;
};

/* The bit must be set in the PDE or the PTE. True: go on. */
static bool bit_must(struct asked *a, enum rule rule, bool table, uint32_t bit)
{
    uint32_t entry = table ? a->pte : a->pde;
    check_note(a->log, (struct check){.rule = (uint16_t)rule,
                                      .passed = entry & bit,
                                      .have = entry,
                                      .want = bit,
                                      .where = table ? a->pte_at.v : a->pde_at.v});
    if (entry & bit) return true;
    if (a->refused == RULE_NONE) {
        a->refused = rule;
        a->entry = entry;
    }
    return check_carries_on(a->log);
}

/* The rights; both entries are present [386 6.4]. */
static bool rights_must(struct asked *a, bool write, bool user, bool wp)
{
    if (user && !(bit_must(a, RULE_PAGE_PDE_USER, false, ENTRY_U) &&
                  bit_must(a, RULE_PAGE_PTE_USER, true, ENTRY_U)))
        return false;
    if (!write || (!user && !wp)) return true;
    return bit_must(a, user ? RULE_PAGE_PDE_WRITE : RULE_PAGE_PDE_WP, false, ENTRY_W) &&
           bit_must(a, user ? RULE_PAGE_PTE_WRITE : RULE_PAGE_PTE_WP, true, ENTRY_W);
}

/* `entry` is what the rule looked at. */
static fault_t refuse(lin_t at, enum access access, bool user, enum rule rule, uint32_t entry)
{
    bool absent = rule == RULE_PAGE_PDE_PRESENT || rule == RULE_PAGE_PTE_PRESENT;
    uint32_t error =
        (absent ? 0 : ERROR_P) | (access == ACCESS_WRITE ? ERROR_W : 0) | (user ? ERROR_U : 0);
    fault_t f = fault_page(error, at.v, rule);
    f.detail = entry;
    return f;
}

static fault_t refused(const struct asked *a, lin_t at, enum access access, bool user)
{
    if (a->refused == RULE_NONE) return fault_none();
    return refuse(at, access, user, a->refused, a->entry);
}

/* --- as the processor --- */

/* A and D are only ever added: bus_write_entry. */
static void set_bits(const struct page_env *env, phys_t at, uint32_t entry, uint32_t bits)
{
    if ((entry & bits) != bits) bus_write_entry(env->bus, at, entry | bits);
}

/* Where a granted walk went. */
struct granted {
    struct asked a;
    phys_t out;
};

static fault_t walk(const struct page_env *env, lin_t at, enum access access, bool user,
                    struct granted *g)
{
    struct asked *a = &g->a;
    *a = (struct asked){.pde_at = pde_address(env->cr3, at)};
    a->pde = bus_read(env->bus, a->pde_at, 4);
    if (!bit_must(a, RULE_PAGE_PDE_PRESENT, false, ENTRY_P)) return refused(a, at, access, user);
    if (env->pde_first) set_bits(env, a->pde_at, a->pde, ENTRY_A);
    a->pte_at = pte_address(a->pde, at);
    a->pte = bus_read(env->bus, a->pte_at, 4);
    if (!bit_must(a, RULE_PAGE_PTE_PRESENT, true, ENTRY_P)) return refused(a, at, access, user);
    if (!rights_must(a, access == ACCESS_WRITE, user, env->wp)) return refused(a, at, access, user);
    /* Granted: only now are the entries marked. */
    if (!env->pde_first) set_bits(env, a->pde_at, a->pde, ENTRY_A);
    set_bits(env, a->pte_at, a->pte, access == ACCESS_WRITE ? ENTRY_A | ENTRY_D : ENTRY_A);
    g->out = frame_address(a->pte, at);
    return fault_none();
}

/* --- with translations kept --- */

/* Generations are counted by each bus for itself: tags of another bus must go. */
void page_tlb_begin(const struct page_env *env)
{
    struct tlb *tlb = env->tlb;
    if (tlb->bus != env->bus) memset(tlb, 0, sizeof *tlb);
    bus_new_generation(env->bus);
    tlb->bus = env->bus;
    tlb->cr3 = env->cr3;
    tlb->wp = env->wp;
}

static struct tlb_entry *tlb_slot(const struct page_env *env, lin_t at, bool user)
{
    return &env->tlb->entry[user][tlb_index(at.v)];
}

/* What was granted will be again, until the next generation. */
static void keep(const struct page_env *env, lin_t at, enum access access, bool user,
                 const struct granted *g)
{
    struct tlb_entry *e = tlb_slot(env, at, user);
    uint32_t frame = g->out.v & ~PAGE_MASK, wire = frame & env->bus->a20_mask;
    uint8_t *bytes = bus_ram_at(env->bus, wire);
    if (!bytes || !bus_watch_tables(env->bus, g->a.pde_at, g->a.pte_at)) return;
    uint64_t tag = tlb_tag(env->bus, at.v);
    *e = (struct tlb_entry){tag, access == ACCESS_WRITE ? tag : 0, bytes, frame, wire};
}

fault_t page_translate_paged(const struct page_env *env, lin_t at, enum access access, bool user,
                             phys_t *out)
{
    struct granted g;
    if (env->tlb) {
        page_tlb_sync(env);
        const struct tlb_entry *e = tlb_slot(env, at, user);
        if ((access == ACCESS_WRITE ? e->write : e->read) == tlb_tag(env->bus, at.v)) {
            *out = phys(e->frame | (at.v & PAGE_MASK));
            return fault_none();
        }
    }
    TRY(walk(env, at, access, user, &g));
    if (env->tlb) keep(env, at, access, user, &g);
    *out = g.out;
    return fault_none();
}

/* --- without effect --- */

static uint32_t peek_entry(const struct page_env *env, phys_t at)
{
    uint8_t bytes[4];
    phys_t wire = phys(bus_a20(env->bus) ? at.v : at.v & ~(1u << 20));
    return bus_peek(env->bus, wire, bytes, sizeof bytes) ? get32(bytes) : 0xffffffffu;
}

/* Behind an absent PDE only a log that carries on goes on, with a PTE of zeros. */
static bool probe(const struct page_env *env, struct page_walk *w, struct asked *a, lin_t at,
                  enum access access, bool user)
{
    a->pde_at = w->pde_at = pde_address(env->cr3, at);
    a->pde = w->pde = peek_entry(env, w->pde_at);
    if (!bit_must(a, RULE_PAGE_PDE_PRESENT, false, ENTRY_P)) return false;
    if (a->refused == RULE_NONE) {
        a->pte_at = w->pte_at = pte_address(w->pde, at);
        a->pte = w->pte = peek_entry(env, w->pte_at);
        w->pte_read = true;
    }
    if (!bit_must(a, RULE_PAGE_PTE_PRESENT, true, ENTRY_P)) return false;
    if (a->refused == RULE_NONE) {
        w->user = w->pde & w->pte & ENTRY_U;
        w->writable = w->pde & w->pte & ENTRY_W;
        w->phys = frame_address(w->pte, at);
    }
    return rights_must(a, access == ACCESS_WRITE, user, env->wp);
}

fault_t page_probe(const struct page_env *env, lin_t at, enum access access, bool user,
                   struct page_walk *walk)
{
    return page_probe_checked(env, at, access, user, walk, NULL);
}

fault_t page_probe_checked(const struct page_env *env, lin_t at, enum access access, bool user,
                           struct page_walk *walk, struct check_log *log)
{
    struct page_walk unused;
    struct page_walk *w = walk ? walk : &unused;
    struct asked a = {.log = log};
    *w = (struct page_walk){.paging = env->paging};
    if (!env->paging) {
        w->user = w->writable = true;
        w->phys = phys(at.v);
        return fault_none();
    }
    (void)probe(env, w, &a, at, access, user);
    return refused(&a, at, access, user);
}

/* --- accesses: where the bytes of one lie --- */

struct span {
    phys_t first, second; /* second: where the part in the next page begins */
    unsigned in_first;    /* bytes in the first page */
};

static fault_t call_hook(const struct page_env *env, lin_t at, unsigned size, enum access access,
                         bool user)
{
    if (!env->hook || !env->hook->access) return fault_none();
    return env->hook->access(env->hook->ctx, at, size, access, user);
}

static fault_t span_translate(const struct page_env *env, lin_t at, unsigned size,
                              enum access access, bool user, struct span *span)
{
    unsigned room = PAGE_SIZE - (at.v & PAGE_MASK);
    span->in_first = size < room ? size : room;
    span->second = phys(0);
    TRY(page_translate(env, at, access, user, &span->first));
    if (size <= room) return fault_none();
    return page_translate(env, lin(at.v + room), access, user, &span->second);
}

static fault_t span_open(const struct page_env *env, lin_t at, unsigned size, enum access access,
                         bool user, struct span *span)
{
    TRY(call_hook(env, at, size, access, user));
    return span_translate(env, at, size, access, user, span);
}

static phys_t span_at(const struct span *span, unsigned i)
{
    if (i < span->in_first) return phys(span->first.v + i);
    return phys(span->second.v + (i - span->in_first));
}

static uint32_t span_read(const struct page_env *env, const struct span *span, unsigned size)
{
    if (size <= span->in_first) return bus_read(env->bus, span->first, size);
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= bus_read(env->bus, span_at(span, i), 1) << (8 * i);
    return value;
}

static void span_write(const struct page_env *env, const struct span *span, unsigned size,
                       uint32_t value)
{
    if (size <= span->in_first) {
        bus_write(env->bus, span->first, size, value);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        bus_write(env->bus, span_at(span, i), 1, value >> (8 * i) & 0xffu);
}

fault_t lin_read_paged(const struct page_env *env, lin_t at, unsigned size, bool user,
                       uint32_t *out)
{
    struct span span;
    TRY(span_open(env, at, size, ACCESS_READ, user, &span));
    *out = span_read(env, &span, size);
    return fault_none();
}

fault_t lin_write_paged(const struct page_env *env, lin_t at, unsigned size, bool user,
                        uint32_t value)
{
    struct span span;
    TRY(span_open(env, at, size, ACCESS_WRITE, user, &span));
    span_write(env, &span, size, value);
    return fault_none();
}

fault_t lin_read_rmw(const struct page_env *env, lin_t at, unsigned size, bool user, uint32_t *out)
{
    struct span span;
    TRY(span_open(env, at, size, ACCESS_WRITE, user, &span));
    *out = span_read(env, &span, size);
    return fault_none();
}

fault_t lin_touch(const struct page_env *env, lin_t at, unsigned size, enum access access,
                  bool user)
{
    struct span span;
    return span_open(env, at, size, access, user, &span);
}

fault_t lin_fetch_paged(const struct page_env *env, lin_t at, bool user, uint8_t *out)
{
    struct span span;
    TRY(span_open(env, at, 1, ACCESS_FETCH, user, &span));
    *out = (uint8_t)span_read(env, &span, 1);
    return fault_none();
}

fault_t lin_read64(const struct page_env *env, lin_t at, uint64_t *out)
{
    struct span span;
    TRY(span_open(env, at, 8, ACCESS_READ, false, &span));
    if (span.in_first == 8) {
        uint64_t high = bus_read(env->bus, phys(span.first.v + 4), 4);
        *out = bus_read(env->bus, span.first, 4) | high << 32;
        return fault_none();
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)bus_read(env->bus, span_at(&span, i), 1) << (8 * i);
    *out = value;
    return fault_none();
}
