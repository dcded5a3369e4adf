/* Translations that are kept (tlb.h): warm is cold for every pattern of both entries, and each cause that
 * must make a kept translation void has a case of its own. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"

/* Directory at 1000h; page A ends a 4 MB area, page B begins the next one. Linear C is 256 pages behind A
 * and shares its place in the TLB. */
#define DIR      0x1000u
#define TABLE_A  0x2000u
#define TABLE_B  0x3000u
#define FRAME_A  0x8000u
#define FRAME_B  0x5000u
#define OTHER    0x9000u
#define LIN_A    0x007ff000u
#define LIN_B    0x00800000u
#define LIN_C    (LIN_A + 256 * PAGE_SIZE)
#define PDE_A_AT (DIR + 4 * 1)
#define PDE_B_AT (DIR + 4 * 2)
#define PTE_A_AT (TABLE_A + 4 * 0x3ff)
#define PTE_B_AT (TABLE_B + 0)
#define PTE_C_AT (TABLE_B + 4 * 0xff)
#define RAM      0x240000u

struct rig {
    struct bus *bus;
    struct tlb tlb;
    struct page_env env;
};

static void set(struct rig *r, uint32_t at, uint32_t value)
{
    bus_write(r->bus, phys(at), 4, value);
}

static uint32_t get(const struct rig *r, uint32_t at)
{
    uint8_t bytes[4];
    cr_assert(bus_peek(r->bus, phys(at), bytes, 4));
    return get32(bytes);
}

static struct rig *rig_new(bool keeps)
{
    struct rig *r = calloc(1, sizeof *r);
    cr_assert(r);
    r->bus = bus_new();
    cr_assert_eq(bus_map_ram(r->bus, phys(0), RAM, "ram"), ST_OK);
    r->env = (struct page_env){.bus = r->bus, .cr3 = DIR, .paging = true};
    if (keeps) r->env.tlb = &r->tlb;
    set(r, PDE_A_AT, TABLE_A | 7);
    set(r, PDE_B_AT, TABLE_B | 7);
    set(r, PTE_A_AT, FRAME_A | 7);
    set(r, PTE_B_AT, FRAME_B | 7);
    set(r, PTE_C_AT, OTHER | 7);
    set(r, FRAME_A, 0xaaaaaaaa);
    set(r, FRAME_B, 0xbbbbbbbb);
    set(r, OTHER, 0xcccccccc);
    return r;
}

static void rig_free(struct rig *r)
{
    bus_free(r->bus);
    free(r);
}

/* --- E2: warm is cold --- */

/* P W U A D counted through, in the order of the entry. */
static uint32_t spread(unsigned n)
{
    return (n & 1) | (n & 2) | (n & 4) | (n & 8) << 2 | (n & 16) << 2;
}

struct request {
    enum access how;
    bool user, wp;
};
static struct request request_of(unsigned n) /* 0..11 */
{
    return (struct request){(enum access)(n % 3), n / 3 & 1, n / 6};
}

static void set_a(struct rig *r, unsigned pair) /* 0..511 */
{
    set(r, PDE_A_AT, TABLE_A | spread(pair & 15));
    set(r, PTE_A_AT, FRAME_A | spread(pair >> 4));
}
static void set_b(struct rig *r, unsigned pair)
{
    set(r, PDE_B_AT, TABLE_B | spread(pair & 15));
    set(r, PTE_B_AT, FRAME_B | spread(pair >> 4));
}

static bool entries_equal(const struct rig *a, const struct rig *b)
{
    static const uint32_t at[] = {PDE_A_AT, PTE_A_AT, PDE_B_AT, PTE_B_AT};
    for (unsigned i = 0; i < 4; i++)
        if (get(a, at[i]) != get(b, at[i])) return false;
    return true;
}

static fault_t ask(struct rig *r, struct request q, uint32_t *at)
{
    phys_t out = phys(0);
    r->env.wp = q.wp;
    fault_t f = page_translate(&r->env, lin(LIN_A + 0x123), q.how, q.user, &out);
    *at = out.v;
    return f;
}

static bool same_answer(struct rig *warm, struct rig *cold, struct request q)
{
    uint32_t at[2];
    fault_t a = ask(warm, q, &at[0]), b = ask(cold, q, &at[1]);
    return memcmp(&a, &b, sizeof a) == 0 && at[0] == at[1] && entries_equal(warm, cold);
}

/* First `before` with entries that grant it, or with those of the cell; then the cell. */
static bool cell_agrees(struct rig *warm, struct rig *cold, unsigned pair, struct request q,
                        struct request before, bool granted)
{
    set_a(warm, granted ? 0x077 : pair);
    set_a(cold, granted ? 0x077 : pair);
    if (!same_answer(warm, cold, before)) return false;
    if (granted) {
        set_a(warm, pair);
        set_a(cold, pair);
    }
    return same_answer(warm, cold, q);
}

Test(tlb, warm_is_cold_one_page)
{
    struct rig *warm = rig_new(true), *cold = rig_new(false);
    unsigned cells = 0, bad = 0;
    for (unsigned pair = 0; pair < 512; pair++)
        for (unsigned n = 0; n < 12 * 12 * 2; n++, cells++) {
            struct request q = request_of(n % 12), before = request_of(n / 12 % 12);
            if (cell_agrees(warm, cold, pair, q, before, n >= 144)) continue;
            if (bad++ < 10) cr_log_error("entries %03x, case %u", pair, n);
        }
    fprintf(stderr, "# paging, one page, warm: %u cells, %u mismatches\n", cells, bad);
    cr_assert_eq(bad, 0);
    cr_assert_eq(cells, 147456);
    rig_free(warm);
    rig_free(cold);
}

/* Twice: the second time what could be kept is. */
static bool crossing_agrees(struct rig *warm, struct rig *cold, unsigned a, unsigned b,
                            struct request q)
{
    struct rig *both[2] = {warm, cold};
    fault_t f[2][2];
    for (unsigned i = 0; i < 2; i++) {
        set_a(both[i], a);
        set_b(both[i], b);
        both[i]->env.wp = q.wp;
        for (unsigned k = 0; k < 2; k++)
            f[i][k] = lin_touch(&both[i]->env, lin(LIN_B - 2), 4, q.how, q.user);
    }
    return memcmp(f[0], f[1], sizeof f[0]) == 0 && entries_equal(warm, cold);
}

Test(tlb, warm_is_cold_across_two_pages)
{
    struct rig *warm = rig_new(true), *cold = rig_new(false);
    unsigned cells = 0, bad = 0;
    for (unsigned q = 0; q < 12; q++)
        for (unsigned n = 0; n < 512 * 512; n++, cells++) {
            if (crossing_agrees(warm, cold, n & 511, n >> 9, request_of(q))) continue;
            if (bad++ < 10) cr_log_error("entries %05x, request %u", n, q);
        }
    fprintf(stderr, "# paging, two pages, warm: %u cells, %u mismatches\n", cells, bad);
    cr_assert_eq(bad, 0);
    cr_assert_eq(cells, 3145728);
    rig_free(warm);
    rig_free(cold);
}

/* --- what must make a kept translation void --- */

static uint32_t read_at(struct rig *r, uint32_t linear, bool user)
{
    uint32_t v = 0;
    cr_assert(!is_fault(lin_read(&r->env, lin(linear), 4, user, &v)));
    return v;
}

static void write_at(struct rig *r, uint32_t linear, uint32_t value)
{
    cr_assert(!is_fault(lin_write(&r->env, lin(linear), 4, true, value)));
}

static struct rig *warm_rig(void)
{
    struct rig *r = rig_new(true);
    write_at(r, LIN_A + 8, 1);
    cr_assert_eq(read_at(r, LIN_A, true), 0xaaaaaaaa);
    cr_assert_eq(read_at(r, LIN_A, false), 0xaaaaaaaa);
    return r;
}

/* The entries must really be in use, or the cases below would show nothing. */
Test(tlb, keeps_translations)
{
    struct rig *r = warm_rig();
    uint64_t generation = r->bus->generation;
    const struct tlb_entry *e = &r->tlb.entry[1][tlb_index(LIN_A)];
    cr_expect(e->read == tlb_tag(r->bus, LIN_A) && e->write == e->read && e->frame == FRAME_A);
    cr_expect(r->bus->tables[DIR >> 12] && r->bus->tables[TABLE_A >> 12]);
    write_at(r, LIN_A + 0x20, 5);
    write_at(r, LIN_B, 5); /* sets marks in pages that are watched */
    cr_expect_eq(r->bus->generation, generation);
    rig_free(r);
}

static void change_by_processor(struct rig *r)
{
    set(r, PTE_A_AT, OTHER | 7);
}
static void change_directory(struct rig *r)
{
    set(r, TABLE_B + 0xffc, OTHER | 7);
    set(r, PDE_A_AT, TABLE_B | 7);
}
static void change_one_byte(struct rig *r)
{
    bus_write(r->bus, phys(PTE_A_AT + 1), 1, OTHER >> 8);
}
static void change_across_the_end(struct rig *r) /* the last bytes lie in the table */
{
    set(r, TABLE_A + 0xffc, FRAME_A | 7);
    (void)read_at(r, LIN_A, true);
    bus_write(r->bus, phys(TABLE_A + 0xffd), 4, OTHER >> 8 | 7u << 24);
}
static void change_across_the_start(struct rig *r) /* the first bytes lie before the table */
{
    set(r, TABLE_B, OTHER | 7);
    set(r, PTE_A_AT, OTHER | 7);
    (void)read_at(r, LIN_B, true);
}
static void change_by_host(struct rig *r)
{
    uint8_t entry[4];
    put32(entry, OTHER | 7);
    cr_assert(bus_poke(r->bus, phys(PTE_A_AT), entry, 4));
}
static void change_by_long_poke(struct rig *r) /* the table in the middle */
{
    static uint8_t bytes[4 * PAGE_SIZE];
    cr_assert(bus_peek(r->bus, phys(0), bytes, sizeof bytes));
    put32(bytes + PTE_A_AT, OTHER | 7);
    cr_assert(bus_poke(r->bus, phys(0), bytes, sizeof bytes));
}
static void change_by_alias(struct rig *r) /* linear C is the table itself */
{
    set(r, PTE_C_AT, TABLE_A | 7);
    (void)read_at(r, LIN_A, true);
    write_at(r, LIN_C + 0xffc, OTHER | 7);
}
static void change_of_cr3(struct rig *r)
{
    set(r, 0xa000 + 4, 0xb000 | 7);
    set(r, 0xb000 + 0xffc, OTHER | 7);
    r->env.cr3 = 0xa000;
}
static void change_by_device(struct rig *r);

static const struct {
    const char *what;
    void (*change)(struct rig *r);
} causes[] = {
    {"table entry written", change_by_processor},
    {"directory entry written", change_directory},
    {"one byte of an entry", change_one_byte},
    {"a write that ends behind the table", change_across_the_end},
    {"a write to another table", change_across_the_start},
    {"host", change_by_host},
    {"host, a long piece", change_by_long_poke},
    {"linear alias of the table", change_by_alias},
    {"CR3", change_of_cr3},
    {"device", change_by_device},
};

static void dma_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct bus *bus = ctx;
    bus_write(bus, phys(PTE_A_AT), 4, value);
}
static void change_by_device(struct rig *r)
{
    static const struct mmio_ops ops = {.write = dma_write};
    cr_assert_eq(bus_map_mmio(r->bus, phys(0x400000), PAGE_SIZE, &ops, r->bus, "dma"), ST_OK);
    (void)read_at(r, LIN_A, true);
    set(r, 0x400000, OTHER | 7);
}

Test(tlb, change_is_seen_at_the_next_access)
{
    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        struct rig *r = warm_rig();
        causes[i].change(r);
        cr_expect_eq(read_at(r, LIN_A, true), 0xcccccccc, "%s", causes[i].what);
        cr_expect_eq(read_at(r, LIN_A, false), 0xcccccccc, "%s, supervisor", causes[i].what);
        write_at(r, LIN_A + 4, 0x1234);
        cr_expect_eq(get(r, OTHER + 4), 0x1234, "%s, write", causes[i].what);
        rig_free(r);
    }
}

Test(tlb, write_across_the_start_of_a_table)
{
    struct rig *r = rig_new(true);
    set(r, PDE_A_AT, 0x100000 | 7);
    set(r, 0x100000 + 0xffc, FRAME_A | 7);
    set(r, PDE_B_AT, 0x101000 | 7);
    set(r, 0x101000, FRAME_B | 7);
    cr_expect_eq(read_at(r, LIN_B, true), 0xbbbbbbbb);
    bus_write(r->bus, phys(0x100ffe), 4, (OTHER | 7) << 16); /* the upper half goes to the entry */
    cr_expect_eq(read_at(r, LIN_B, true), 0xcccccccc);
    rig_free(r);
}

static fault_t user_write(struct rig *r)
{
    return lin_write(&r->env, lin(LIN_A), 4, true, 0);
}

Test(tlb, rights_taken_away)
{
    static const struct {
        uint32_t at, entry;
        enum rule rule;
    } rows[] = {
        {PTE_A_AT, FRAME_A | 6, RULE_PAGE_PTE_PRESENT},
        {PTE_A_AT, FRAME_A | 5, RULE_PAGE_PTE_WRITE},
        {PTE_A_AT, FRAME_A | 3, RULE_PAGE_PTE_USER},
        {PDE_A_AT, TABLE_A | 6, RULE_PAGE_PDE_PRESENT},
        {PDE_A_AT, TABLE_A | 5, RULE_PAGE_PDE_WRITE},
        {PDE_A_AT, TABLE_A | 3, RULE_PAGE_PDE_USER},
    };
    for (unsigned i = 0; i < 6; i++) {
        struct rig *r = warm_rig();
        set(r, rows[i].at, rows[i].entry);
        cr_expect_eq(user_write(r).rule, rows[i].rule, "row %u", i);
        rig_free(r);
    }
}

/* What a supervisor may do a user need not, whoever came first. */
Test(tlb, levels_are_apart)
{
    struct rig *r = rig_new(true);
    set(r, PTE_A_AT, FRAME_A | 3);
    cr_assert(!is_fault(lin_write(&r->env, lin(LIN_A), 4, false, 7)));
    cr_expect_eq(user_write(r).rule, RULE_PAGE_PTE_USER);
    rig_free(r);
}

Test(tlb, wp_toggled)
{
    struct rig *r = rig_new(true);
    set(r, PTE_A_AT, FRAME_A | 5);
    cr_assert(!is_fault(lin_write(&r->env, lin(LIN_A), 4, false, 7)));
    r->env.wp = true;
    cr_expect_eq(lin_write(&r->env, lin(LIN_A), 4, false, 7).rule, RULE_PAGE_PTE_WP);
    r->env.wp = false;
    cr_expect(!is_fault(lin_write(&r->env, lin(LIN_A), 4, false, 7)));
    rig_free(r);
}

Test(tlb, paging_off_and_on)
{
    struct rig *r = warm_rig();
    set(r, 0x1f0000, 0x77777777);
    r->env.paging = false;
    cr_expect_eq(read_at(r, 0x1f0000, true), 0x77777777);
    set(r, PTE_A_AT, OTHER | 7);
    r->env.paging = true;
    cr_expect_eq(read_at(r, LIN_A, true), 0xcccccccc);
    rig_free(r);
}

/* --- A and D --- */

Test(tlb, read_does_not_let_a_write_skip_d)
{
    struct rig *r = rig_new(true);
    (void)read_at(r, LIN_A, true);
    cr_expect_eq(get(r, PTE_A_AT), FRAME_A | 0x27);
    write_at(r, LIN_A, 1);
    cr_expect_eq(get(r, PTE_A_AT), FRAME_A | 0x67);
    rig_free(r);
}

Test(tlb, cleared_marks_come_back)
{
    struct rig *r = warm_rig();
    set(r, PTE_A_AT, FRAME_A | 7);
    set(r, PDE_A_AT, TABLE_A | 7);
    (void)read_at(r, LIN_A, true);
    cr_expect_eq(get(r, PTE_A_AT), FRAME_A | 0x27);
    cr_expect_eq(get(r, PDE_A_AT), TABLE_A | 0x27);
    bus_write(r->bus, phys(PTE_A_AT), 1, 0x07);
    write_at(r, LIN_A, 1);
    cr_expect_eq(get(r, PTE_A_AT), FRAME_A | 0x67);
    rig_free(r);
}

/* --- A20 and the map --- */

Test(tlb, a20_moves_frames_and_tables)
{
    struct rig *r = rig_new(true);
    set(r, PTE_A_AT, 0x100000 | OTHER | 7);
    set(r, 0x100000 | OTHER, 0xdddddddd);
    cr_expect_eq(read_at(r, LIN_A, true), 0xdddddddd);
    bus_set_a20(r->bus, false);
    cr_expect_eq(read_at(r, LIN_A, true), 0xcccccccc);
    write_at(r, LIN_A, 0xeeeeeeee);
    cr_expect_eq(get(r, OTHER), 0xeeeeeeee);
    bus_set_a20(r->bus, true);
    cr_expect_eq(read_at(r, LIN_A, true), 0xdddddddd);
    set(r, PDE_A_AT, 0x100000 | TABLE_A | 7);
    set(r, 0x100000 | PTE_A_AT, FRAME_A | 7);
    cr_expect_eq(read_at(r, LIN_A, true), 0xaaaaaaaa);
    bus_set_a20(r->bus, false);
    cr_expect_eq(read_at(r, LIN_A, true), 0xeeeeeeee);
    set(r, 0x100000 | PTE_A_AT, FRAME_B | 7); /* A20 is closed: it is the lower table */
    cr_expect_eq(read_at(r, LIN_A, true), 0xbbbbbbbb);
    rig_free(r);
}

Test(tlb, memory_map_changes)
{
    struct rig *r = warm_rig();
    cr_assert_eq(bus_map_ram(r->bus, phys(0x1000000), 0x400000, "more"), ST_OK);
    set(r, PTE_A_AT, 0x1000000 | 7);
    set(r, 0x1000000, 0x12345678);
    cr_expect_eq(read_at(r, LIN_A, true), 0x12345678);
    rig_free(r);
}

/* --- what is not kept --- */

static uint32_t count_read(void *ctx, uint32_t offset, unsigned size)
{
    unsigned *reads = ctx;
    ++*reads;
    return (*reads & 1 ? OTHER : FRAME_A) | 0x67;
}

/* A device answers each walk anew, and is asked each time. */
Test(tlb, table_in_a_device)
{
    static const struct mmio_ops ops = {.read = count_read};
    struct rig *r = rig_new(true);
    unsigned reads = 0;
    cr_assert_eq(bus_map_mmio(r->bus, phys(0x400000), PAGE_SIZE, &ops, &reads, "device"), ST_OK);
    set(r, PDE_A_AT, 0x400000 | 7);
    cr_expect_eq(read_at(r, LIN_A, true), 0xcccccccc);
    cr_expect_eq(read_at(r, LIN_A, true), 0xaaaaaaaa);
    cr_expect_eq(reads, 2);
    rig_free(r);
}

Test(tlb, table_in_rom_that_the_host_changes)
{
    static uint8_t rom[PAGE_SIZE];
    struct rig *r = rig_new(true);
    put32(rom + 0xffc, FRAME_A | 7);
    cr_assert_eq(bus_map_rom(r->bus, phys(0x400000), rom, sizeof rom, "rom"), ST_OK);
    set(r, PDE_A_AT, 0x400000 | 7);
    cr_expect_eq(read_at(r, LIN_A, true), 0xaaaaaaaa);
    put32(rom, OTHER | 7);
    cr_assert(bus_poke(r->bus, phys(0x400ffc), rom, 4));
    cr_expect_eq(read_at(r, LIN_A, true), 0xcccccccc);
    rig_free(r);
}

Test(tlb, tables_in_no_memory_are_counted)
{
    struct rig *r = rig_new(true);
    phys_t at;
    r->env.cr3 = 0x7ffff000;
    for (unsigned i = 1; i < 4; i++) {
        cr_assert(!is_fault(page_translate(&r->env, lin(0x123), ACCESS_READ, true, &at)));
        cr_expect_eq(bus_unclaimed_memory(r->bus), 2 * i);
    }
    rig_free(r);
}

Test(tlb, frame_of_a_device)
{
    static const struct mmio_ops ops = {.read = count_read};
    struct rig *r = rig_new(true);
    unsigned reads = 0;
    cr_assert_eq(bus_map_mmio(r->bus, phys(0x400000), PAGE_SIZE, &ops, &reads, "device"), ST_OK);
    set(r, PTE_A_AT, 0x400000 | 7);
    (void)read_at(r, LIN_A, true);
    (void)read_at(r, LIN_A, true);
    cr_expect_eq(reads, 2);
    rig_free(r);
}

/* --- the structure itself --- */

Test(tlb, pages_that_share_a_place)
{
    struct rig *r = warm_rig();
    for (unsigned i = 0; i < 3; i++) {
        cr_expect_eq(read_at(r, LIN_C, true), 0xcccccccc);
        cr_expect_eq(read_at(r, LIN_A, true), 0xaaaaaaaa);
    }
    rig_free(r);
}

/* More tables than the bus can watch: the oldest are given up, none is forgotten. */
Test(tlb, more_tables_than_are_watched)
{
    struct rig *r = rig_new(true);
    uint32_t tables = WATCHED_TABLES + 40;
    for (uint32_t i = 0; i < tables; i++) {
        set(r, DIR + 4 * i, (0x100000 + i * PAGE_SIZE) | 7);
        set(r, 0x100000 + i * PAGE_SIZE + 4 * (i & 255), FRAME_A | 7);
    }
    for (uint32_t i = 0; i < tables; i++) {
        uint32_t at = i << 22 | (i & 255) << 12;
        cr_assert_eq(read_at(r, at, true), 0xaaaaaaaa);
        uint32_t k = i / 2; /* one that was read before */
        set(r, 0x100000 + k * PAGE_SIZE + 4 * (k & 255), (i & 1 ? OTHER : FRAME_B) | 7);
        uint32_t want = i & 1 ? 0xcccccccc : 0xbbbbbbbb;
        cr_assert_eq(read_at(r, k << 22 | (k & 255) << 12, true), want, "table %u", i);
    }
    rig_free(r);
}

Test(tlb, moved_to_another_bus)
{
    struct rig *a = warm_rig(), *b = rig_new(false);
    set(b, PTE_A_AT, OTHER | 7);
    while (b->bus->generation + GENERATION < a->bus->generation)
        bus_new_generation(b->bus); /* the next one here is the present one there */
    a->env.bus = b->bus;
    cr_expect_eq(read_at(a, LIN_A, true), 0xcccccccc);
    a->env.bus = a->bus;
    rig_free(a);
    rig_free(b);
}

Test(tlb, dropped_at_any_time)
{
    struct rig *r = warm_rig();
    tlb_drop(&r->tlb);
    cr_expect_eq(read_at(r, LIN_A, true), 0xaaaaaaaa);
    set(r, PTE_A_AT, OTHER | 7);
    cr_expect_eq(read_at(r, LIN_A, true), 0xcccccccc);
    rig_free(r);
}
