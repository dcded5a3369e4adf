/* Paging: all bit patterns of both entries against the manual's table 6-5, in one page and across
 * two; then accesses, wrap, hook, probe. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "rows.h"

/* --- the model --- */

/* [386 table 6-5]: rows by directory U/S R/W, columns by table U/S R/W (both as a number 0..3). */
static const char combined[4][4][3] = {
    {"Sx", "Sx", "Sx", "Sx"},
    {"Sx", "Sx", "Sx", "Sx"},
    {"Sx", "Sx", "UR", "UR"},
    {"Sx", "Sx", "UR", "UW"},
};

/* Bits of the patterns that are counted through: P W U A D, in the order of the entry. */
static uint32_t spread(unsigned n)
{
    return (n & 1) | (n & 2) | (n & 4) | (n & 8) << 2 | (n & 16) << 2;
}

struct page_pair {
    uint32_t pde, pte;
};

struct request {
    enum access how;
    bool user, wp;
};

static unsigned protection_index(uint32_t entry)
{
    return entry >> 1 & 3;
}

static bool model_granted(struct page_pair e, struct request r)
{
    const char *level = combined[protection_index(e.pde)][protection_index(e.pte)];
    if (r.user) return level[0] == 'U' && (r.how != ACCESS_WRITE || level[1] == 'W');
    return r.how != ACCESS_WRITE || !r.wp || (e.pde & e.pte & 2);
}

struct page_verdict {
    bool fault;
    uint32_t error;
    struct page_pair after;
};

static struct page_verdict model_page(struct page_pair e, struct request r)
{
    uint32_t why = (r.how == ACCESS_WRITE ? 2u : 0u) + (r.user ? 4u : 0u);
    if (!(e.pde & 1) || !(e.pte & 1)) return (struct page_verdict){true, why, e};
    if (!model_granted(e, r)) return (struct page_verdict){true, why + 1, e};
    uint32_t dirty = r.how == ACCESS_WRITE ? 0x40 : 0;
    return (struct page_verdict){false, 0, {e.pde | 0x20, e.pte | 0x20 | dirty}};
}

/* --- the machine: directory at 1000h; page A ends a 4 MB area, page B begins the next one --- */

#define DIR      0x1000u
#define TABLE_A  0x2000u
#define TABLE_B  0x3000u
#define FRAME_A  0x8000u
#define FRAME_B  0x5000u
#define LIN_A    0x007ff000u
#define LIN_B    0x00800000u
#define PDE_A_AT (DIR + 4 * 1)
#define PDE_B_AT (DIR + 4 * 2)
#define PTE_A_AT (TABLE_A + 4 * 0x3ff)
#define PTE_B_AT (TABLE_B + 0)

static struct page_env new_env(void)
{
    struct bus *bus = bus_new();
    cr_assert(bus);
    cr_assert_eq(bus_map_ram(bus, phys(0), 0x10000, "ram"), ST_OK);
    return (struct page_env){.bus = bus, .cr3 = DIR | 0x18, .paging = true};
}

static uint32_t get(const struct page_env *env, uint32_t at)
{
    return bus_read(env->bus, phys(at), 4);
}

static void set(const struct page_env *env, uint32_t at, uint32_t value)
{
    bus_write(env->bus, phys(at), 4, value);
}

static void set_a(const struct page_env *env, struct page_pair e)
{
    set(env, PDE_A_AT, TABLE_A | e.pde);
    set(env, PTE_A_AT, FRAME_A | e.pte);
}

static void set_b(const struct page_env *env, struct page_pair e)
{
    set(env, PDE_B_AT, TABLE_B | e.pde);
    set(env, PTE_B_AT, FRAME_B | e.pte);
}

static bool a_is(const struct page_env *env, struct page_pair e)
{
    return get(env, PDE_A_AT) == (TABLE_A | e.pde) && get(env, PTE_A_AT) == (FRAME_A | e.pte);
}

static bool b_is(const struct page_env *env, struct page_pair e)
{
    return get(env, PDE_B_AT) == (TABLE_B | e.pde) && get(env, PTE_B_AT) == (FRAME_B | e.pte);
}

static struct page_pair pair_of(unsigned n) /* 0..511 */
{
    return (struct page_pair){spread(n & 15), spread(n >> 4)};
}

static struct request request_of(unsigned n) /* 0..11 */
{
    return (struct request){(enum access)(n % 3), n / 3 & 1, n / 6};
}

static bool fault_is(fault_t f, struct page_verdict v, uint32_t cr2)
{
    if (!v.fault) return !is_fault(f);
    return f.vector == VEC_PF && f.error == v.error && f.has_cr2 && f.cr2 == cr2;
}

/* --- E2, one page --- */

static bool single_agrees(const struct page_env *env, unsigned n, struct request r)
{
    struct page_pair e = pair_of(n);
    struct page_verdict v = model_page(e, r);
    struct page_walk walk;
    phys_t at = phys(0);
    set_a(env, e);
    fault_t probe = page_probe(env, lin(LIN_A + 0x123), r.how, r.user, &walk);
    if (!a_is(env, e) || !fault_is(probe, v, LIN_A + 0x123)) return false;
    fault_t f = page_translate(env, lin(LIN_A + 0x123), r.how, r.user, &at);
    bool same = memcmp(&f, &probe, sizeof f) == 0;
    return same && a_is(env, v.after) && (v.fault || at.v == FRAME_A + 0x123);
}

Test(page, all_entries_one_page)
{
    struct page_env env = new_env();
    unsigned cells = 0, bad = 0;
    for (unsigned q = 0; q < 12; q++)
        for (unsigned n = 0; n < 512; n++, cells++) {
            struct request r = request_of(q);
            env.wp = r.wp;
            if (single_agrees(&env, n, r)) continue;
            if (bad++ < 10) cr_log_error("entries %03x, request %u", n, q);
        }
    fprintf(stderr, "# paging, one page: %u cells, %u mismatches\n", cells, bad);
    cr_assert_eq(bad, 0);
    cr_assert_eq(cells, 6144);
    bus_free(env.bus);
}

/* --- E2, across two pages --- */

#define OLD_A 0x11220000u
#define OLD_B 0x00004433u
#define NEW   0xddccbbaau

static fault_t cross(const struct page_env *env, struct request r, uint32_t *value)
{
    lin_t at = lin(LIN_B - 2);
    if (r.how == ACCESS_READ) return lin_read(env, at, 4, r.user, value);
    if (r.how == ACCESS_WRITE) return lin_write(env, at, 4, r.user, NEW);
    return lin_touch(env, at, 4, r.how, r.user);
}

static bool data_is(const struct page_env *env, bool written)
{
    uint32_t a = get(env, FRAME_A + 0xffc), b = get(env, FRAME_B);
    return written ? a == 0xbbaa0000u && b == 0x0000ddccu : a == OLD_A && b == OLD_B;
}

/* Page A is asked first and keeps its marks when B refuses; no byte moves then. */
static bool crossing_agrees(const struct page_env *env, struct page_pair a, struct page_pair b,
                            struct request r)
{
    struct page_verdict va = model_page(a, r), vb = model_page(b, r);
    uint32_t value = 0;
    set_a(env, a);
    set_b(env, b);
    fault_t f = cross(env, r, &value);
    if (va.fault) return fault_is(f, va, LIN_B - 2) && a_is(env, a) && b_is(env, b);
    if (!fault_is(f, vb, LIN_B) || !a_is(env, va.after) || !b_is(env, vb.after)) return false;
    if (!vb.fault && r.how == ACCESS_READ && value != 0x44331122u) return false;
    bool written = r.how == ACCESS_WRITE && !vb.fault;
    bool right = data_is(env, written);
    if (written) {
        set(env, FRAME_A + 0xffc, OLD_A);
        set(env, FRAME_B, OLD_B);
    }
    return right;
}

Test(page, all_entries_across_two_pages)
{
    struct page_env env = new_env();
    unsigned cells = 0, bad = 0;
    set(&env, FRAME_A + 0xffc, OLD_A);
    set(&env, FRAME_B, OLD_B);
    for (unsigned q = 0; q < 12; q++)
        for (unsigned n = 0; n < 512 * 512; n++, cells++) {
            struct request r = request_of(q);
            env.wp = r.wp;
            if (crossing_agrees(&env, pair_of(n & 511), pair_of(n >> 9), r)) continue;
            if (bad++ < 10) cr_log_error("entries %05x, request %u", n, q);
        }
    cr_assert(data_is(&env, false));
    fprintf(stderr, "# paging, two pages: %u cells, %u mismatches\n", cells, bad);
    cr_assert_eq(bad, 0);
    cr_assert_eq(cells, 3145728);
    bus_free(env.bus);
}

/* --- accesses --- */

#define ALL 0x67u /* P W U A D */

static struct page_env mapped_env(void)
{
    struct page_env env = new_env();
    set_a(&env, (struct page_pair){7, 7});
    set_b(&env, (struct page_pair){7, 7});
    return env;
}

Test(page, every_size_at_every_offset_of_the_crossing)
{
    static const unsigned sizes[] = {1, 2, 4};
    for (unsigned z = 0; z < 3; z++)
        for (unsigned back = 0; back < 9; back++) {
            struct page_env env = mapped_env();
            lin_t at = lin(LIN_B - 8 + back);
            uint32_t got = 0, want = 0xa1b2c3d4u & size_mask(sizes[z]);
            cr_assert(!is_fault(lin_write(&env, at, sizes[z], true, 0xa1b2c3d4u)));
            cr_assert(!is_fault(lin_read(&env, at, sizes[z], true, &got)));
            cr_expect_eq(got, want, "size %u, %u", sizes[z], back);
            /* The same bytes, seen from the bus; nothing beside them. */
            uint64_t seen = 0, all = 0;
            for (unsigned i = 0; i < 16; i++) {
                uint32_t where = i < 8 ? FRAME_A + 0xff8 + i : FRAME_B + i - 8;
                uint64_t byte = bus_read(env.bus, phys(where), 1);
                if (i >= back && i < back + sizes[z]) seen |= byte << (8 * (i - back));
                all += byte;
            }
            cr_expect_eq(seen, want);
            uint64_t sum = 0;
            for (unsigned i = 0; i < sizes[z]; i++)
                sum += want >> (8 * i) & 0xff;
            cr_expect_eq(all, sum, "bytes outside the operand changed");
            bus_free(env.bus);
        }
}

Test(page, read64_at_every_offset_of_the_crossing)
{
    struct page_env env = mapped_env();
    for (unsigned i = 0; i < 16; i++) {
        uint32_t where = i < 8 ? FRAME_A + 0xff8 + i : FRAME_B + i - 8;
        bus_write(env.bus, phys(where), 1, 0x10 + i);
    }
    for (unsigned back = 0; back <= 8; back++) {
        uint64_t got = 0, want = 0;
        for (unsigned i = 0; i < 8; i++)
            want |= (uint64_t)(0x10 + back + i) << (8 * i);
        cr_assert(!is_fault(lin_read64(&env, lin(LIN_B - 8 + back), &got)));
        cr_expect_eq(got, want, "%u", back);
    }
    bus_free(env.bus);
}

/* GDT, LDT, IDT and TSS are read as supervisor, whatever the pages say of users. */
Test(page, read64_is_supervisor)
{
    struct page_env env = new_env();
    uint64_t got = 0;
    set_a(&env, (struct page_pair){1, 1});
    cr_expect(!is_fault(lin_read64(&env, lin(LIN_A), &got)));
    fault_t f = lin_read64(&env, lin(LIN_B - 4), &got);
    cr_expect(f.vector == VEC_PF && f.error == 0 && f.cr2 == LIN_B);
    bus_free(env.bus);
}

/* The read half of a read-modify-write is refused as a write. */
Test(page, read_modify_write_is_a_write)
{
    struct page_env env = new_env();
    uint32_t got = 0x5555;
    fault_t f = lin_read_rmw(&env, lin(LIN_A), 4, true, &got);
    cr_expect(f.error == 6 && f.rule == RULE_PAGE_PDE_PRESENT && got == 0x5555);
    set_a(&env, (struct page_pair){7, 5});
    f = lin_read_rmw(&env, lin(LIN_A), 4, true, &got);
    cr_expect(f.error == 7 && f.rule == RULE_PAGE_PTE_WRITE && got == 0x5555);
    set_a(&env, (struct page_pair){7, 7});
    set(&env, FRAME_A, 0x12345678);
    cr_expect(!is_fault(lin_read_rmw(&env, lin(LIN_A), 4, true, &got)));
    cr_expect_eq(got, 0x12345678);
    cr_expect(a_is(&env, (struct page_pair){0x27, ALL}));
    bus_free(env.bus);
}

Test(page, touch_checks_both_ends)
{
    struct page_env env = mapped_env();
    cr_expect(!is_fault(lin_touch(&env, lin(LIN_A + 1), 4096, ACCESS_WRITE, true)));
    cr_expect(a_is(&env, (struct page_pair){0x27, ALL}) &&
              b_is(&env, (struct page_pair){0x27, ALL}));
    set_b(&env, (struct page_pair){7, 5});
    set_a(&env, (struct page_pair){7, 7});
    fault_t f = lin_touch(&env, lin(LIN_A + 1), 4096, ACCESS_WRITE, true);
    cr_expect(f.cr2 == LIN_B && f.error == 7);
    cr_expect(!is_fault(lin_touch(&env, lin(LIN_A), 4096, ACCESS_WRITE, true)));
    bus_free(env.bus);
}

Test(page, fetch)
{
    struct page_env env = mapped_env();
    uint8_t byte = 0;
    set(&env, FRAME_A + 0x10, 0xcc);
    cr_expect(!is_fault(lin_fetch(&env, lin(LIN_A + 0x10), true, &byte)));
    cr_expect_eq(byte, 0xcc);
    cr_expect(a_is(&env, (struct page_pair){0x27, 0x27}));
    fault_t f = lin_fetch(&env, lin(0x12345678), true, &byte);
    cr_expect(f.error == 4 && f.cr2 == 0x12345678 && f.rule == RULE_PAGE_PDE_PRESENT);
    bus_free(env.bus);
}

/* The linear address wraps: byte 4 GB is byte 0. */
Test(page, wrap_at_4_gb)
{
    struct page_env env = new_env();
    uint32_t got = 0;
    set(&env, DIR + 4 * 1023, TABLE_A | 7);
    set(&env, TABLE_A + 4 * 1023, FRAME_A | 7);
    fault_t f = lin_read(&env, lin(0xfffffffe), 4, false, &got);
    cr_expect(is_fault(f) && f.cr2 == 0 && f.rule == RULE_PAGE_PDE_PRESENT);
    set(&env, DIR, TABLE_B | 7);
    set(&env, TABLE_B, FRAME_B | 7);
    cr_expect(!is_fault(lin_write(&env, lin(0xfffffffe), 4, false, 0x44332211)));
    cr_expect_eq(get(&env, FRAME_A + 0xffc), 0x22110000u);
    cr_expect_eq(get(&env, FRAME_B), 0x4433u);
    bus_free(env.bus);
}

Test(page, without_paging_linear_is_physical)
{
    struct page_env env = new_env();
    env.paging = false;
    uint32_t got = 0;
    uint64_t wide = 0;
    phys_t at = phys(0);
    struct page_walk walk;
    cr_expect(!is_fault(lin_write(&env, lin(0x4ffe), 4, true, 0x12345678)));
    cr_expect(!is_fault(lin_read(&env, lin(0x4ffe), 4, true, &got)) && got == 0x12345678);
    cr_expect(!is_fault(lin_read64(&env, lin(0x4ffc), &wide)));
    cr_expect_eq(wide, UINT64_C(0x12345678) << 16);
    cr_expect(!is_fault(page_translate(&env, lin(0xfedcba98), ACCESS_WRITE, true, &at)));
    cr_expect_eq(at.v, 0xfedcba98u);
    cr_expect(!is_fault(page_probe(&env, lin(0xfedcba98), ACCESS_WRITE, true, &walk)));
    cr_expect(!walk.paging && walk.phys.v == 0xfedcba98u);
    bus_free(env.bus);
}

/* Tables may lie where no memory is: all ones, so present, user and writable. */
Test(page, tables_in_no_memory)
{
    struct page_env env = new_env();
    env.cr3 = 0x7ffff000;
    phys_t at = phys(0);
    struct page_walk walk;
    fault_t probe = page_probe(&env, lin(0x123), ACCESS_WRITE, true, &walk);
    fault_t f = page_translate(&env, lin(0x123), ACCESS_WRITE, true, &at);
    cr_expect(!is_fault(probe) && !is_fault(f));
    cr_expect(walk.pde == 0xffffffff && walk.phys.v == 0xfffff123 && at.v == 0xfffff123);
    bus_free(env.bus);
}

/* A20 closed: the walk's own accesses go through the gate too. */
Test(page, tables_behind_a20)
{
    struct page_env env = mapped_env();
    phys_t at = phys(0);
    env.cr3 = 0x100000 | DIR;
    cr_expect(is_fault(page_probe(&env, lin(LIN_A), ACCESS_READ, true, NULL)) == false);
    bus_set_a20(env.bus, false);
    struct page_walk walk;
    cr_expect(!is_fault(page_probe(&env, lin(LIN_A + 4), ACCESS_READ, true, &walk)));
    cr_expect_eq(walk.phys.v, FRAME_A + 4);
    cr_expect(!is_fault(page_translate(&env, lin(LIN_A + 4), ACCESS_READ, true, &at)));
    cr_expect_eq(at.v, FRAME_A + 4);
    bus_free(env.bus);
}

/* What is marked already is not written again: watchers see no needless write. */
static void count_write(void *ctx, phys_t at, unsigned size)
{
    (void)at;
    (void)size;
    ++*(unsigned *)ctx;
}

Test(page, marks_are_written_once)
{
    struct page_env env = mapped_env();
    unsigned writes = 0;
    struct bus_watcher watcher = {count_write, &writes};
    phys_t at;
    bus_set_watcher(env.bus, &watcher);
    static const struct {
        enum access how;
        unsigned writes;
    } steps[] = {{ACCESS_READ, 2},
                 {ACCESS_READ, 2},
                 {ACCESS_WRITE, 3},
                 {ACCESS_WRITE, 3},
                 {ACCESS_FETCH, 3}};
    for (unsigned i = 0; i < 5; i++) {
        cr_assert(!is_fault(page_translate(&env, lin(LIN_A), steps[i].how, true, &at)));
        cr_expect_eq(writes, steps[i].writes, "step %u", i);
    }
    bus_free(env.bus);
}

/* --- the hook --- */

struct seen {
    unsigned count, refuse_at;
    struct {
        uint32_t at;
        unsigned size;
        enum access how;
        bool user;
    } call[16];
};

static fault_t see(void *ctx, lin_t at, unsigned size, enum access how, bool user)
{
    struct seen *s = ctx;
    unsigned n = s->count++;
    s->call[n].at = at.v;
    s->call[n].size = size;
    s->call[n].how = how;
    s->call[n].user = user;
    return s->count == s->refuse_at ? fault_page(0, at.v, RULE_PAGE_PTE_PRESENT) : fault_none();
}

static void use_everything(const struct page_env *env)
{
    uint32_t v;
    uint64_t w;
    uint8_t b;
    cr_expect(!is_fault(lin_read(env, lin(LIN_B - 1), 2, true, &v)));
    cr_expect(!is_fault(lin_write(env, lin(LIN_B - 1), 4, true, 0)));
    cr_expect(!is_fault(lin_read_rmw(env, lin(LIN_A), 1, false, &v)));
    cr_expect(!is_fault(lin_touch(env, lin(LIN_A), 28, ACCESS_WRITE, true)));
    cr_expect(!is_fault(lin_fetch(env, lin(LIN_A), true, &b)));
    cr_expect(!is_fault(lin_read64(env, lin(LIN_B - 4), &w)));
}

static void expect_calls(const struct seen *s)
{
    static const struct seen want = {.count = 6,
                                     .call = {{LIN_B - 1, 2, ACCESS_READ, true},
                                              {LIN_B - 1, 4, ACCESS_WRITE, true},
                                              {LIN_A, 1, ACCESS_WRITE, false},
                                              {LIN_A, 28, ACCESS_WRITE, true},
                                              {LIN_A, 1, ACCESS_FETCH, true},
                                              {LIN_B - 4, 8, ACCESS_READ, false}}};
    cr_assert_eq(s->count, want.count);
    for (unsigned i = 0; i < want.count; i++) {
        cr_expect_eq(s->call[i].at, want.call[i].at, "call %u", i);
        cr_expect_eq(s->call[i].size, want.call[i].size, "call %u", i);
        cr_expect_eq(s->call[i].how, want.call[i].how, "call %u", i);
        cr_expect_eq(s->call[i].user, want.call[i].user, "call %u", i);
    }
}

Test(page, hook_sees_each_access_once)
{
    struct page_env env = mapped_env();
    struct seen seen = {0};
    struct access_hook hook = {see, &seen};
    env.hook = &hook;
    use_everything(&env);
    expect_calls(&seen);
    bus_free(env.bus);
}

Test(page, hook_works_without_paging)
{
    struct bus *bus = bus_new();
    cr_assert_eq(bus_map_ram(bus, phys(0), 0x1000000, "ram"), ST_OK);
    struct seen seen = {0};
    struct access_hook hook = {see, &seen};
    struct page_env env = {.bus = bus, .hook = &hook};
    use_everything(&env);
    expect_calls(&seen);
    bus_free(bus);
}

Test(page, hook_without_a_function_is_no_hook)
{
    struct page_env env = mapped_env();
    struct access_hook hook = {0};
    env.hook = &hook;
    use_everything(&env);
    bus_free(env.bus);
}

Test(page, hook_refuses_before_anything_happens)
{
    struct page_env env = mapped_env();
    struct seen seen = {.refuse_at = 1};
    struct access_hook hook = {see, &seen};
    env.hook = &hook;
    set(&env, FRAME_A, 0x77);
    fault_t f = lin_write(&env, lin(LIN_A), 4, true, 0);
    cr_expect(f.rule == RULE_PAGE_PTE_PRESENT && get(&env, FRAME_A) == 0x77);
    cr_expect(a_is(&env, (struct page_pair){7, 7}));
    bus_free(env.bus);
}
