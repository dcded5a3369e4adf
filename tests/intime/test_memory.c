/* What memory calls do: where blocks lie, what they hold, what is shared, what the figures say. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define ALL 0xffffffffu

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    return f;
}

static struct process *self(struct fake *f)
{
    return f->k->current->process;
}

/* First fit from 64 KB, one empty page after each area. The stack (4 + 1 pages) is the first. */
Test(areas, first_fit_with_guard_pages)
{
    struct fake *f = started();
    uint32_t a = CALL1(f, "AllocateRtMemory", 1);
    uint32_t b = CALL1(f, "AllocateRtMemory", 0x2001);
    uint32_t c = CALL1(f, "AllocateRtMemory", 0x1000);
    cr_expect_eq(a, 0x16000, "%X", a);
    cr_expect_eq(b, 0x18000, "%X", b);
    cr_expect_eq(c, 0x1c000, "%X", c);
    cr_expect_eq(CALL1(f, "FreeRtMemory", b), 0x3000);
    cr_expect_eq(CALL1(f, "AllocateRtMemory", 0x4000), 0x1e000,
                 "four pages and a guard do not fit");
    cr_expect_eq(CALL1(f, "AllocateRtMemory", 0x3000), b, "three do");
    cr_expect_eq(CALL1(f, "FreeRtMemory", b), 0x3000);
    cr_expect_eq(CALL1(f, "AllocateRtMemory", 0x1000), b);
    cr_expect_eq(CALL1(f, "AllocateRtMemory", 0x1000), b + 0x2000);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* The largest block that GetRtVirtualMemoryInfo promises is there, one page more is not. */
Test(areas, vmem_at_the_exact_page)
{
    struct fake *f = started();
    uint8_t info[20];
    CALL2(f, "GetRtVirtualMemoryInfo", 0, FAKE_DATA);
    fake_get(f, FAKE_DATA, info, 20);
    uint32_t largest = get32(info + 16);
    cr_expect_eq(get16(info), self(f)->handle);
    cr_expect_eq(get16(info + 2), self(f)->vseg);
    cr_expect_eq(get32(info + 4), fake_xm() ? 0 : 0x800000, "0: 4 GB");
    uint32_t taken = fake_xm() ? get32(info + 8) + 0x800000 : get32(info + 8);
    cr_expect_eq(taken, 0xB000, "image 4, stack and block 5, texts 2 pages");
    cr_expect_eq(get32(info + 12), 0x800000 - 0xB000);
    cr_expect_eq(CALL1(f, "AllocateRtMemory", largest + 1), 0);
    cr_expect_eq(f->leave_status, E_VMEM);
    cr_expect_neq(CALL1(f, "AllocateRtMemory", largest), 0);
    cr_expect_eq(f->leave_status, E_OK);
    fake_free(f);
}

Test(areas, virtual_info_of_root_and_vseg)
{
    struct fake *f = started();
    uint8_t info[20];
    CALL2(f, "GetRtVirtualMemoryInfo", RT_ROOT_PROCESS, FAKE_DATA);
    fake_get(f, FAKE_DATA, info, 20);
    cr_expect_eq(get16(info), RT_ROOT_PROCESS);
    cr_expect_eq(get32(info + 4), VSEG_UNIT, "a small one, for RQSYSINFO");
    CALL2(f, "GetRtVirtualMemoryInfo", self(f)->vseg, FAKE_DATA);
    fake_get(f, FAKE_DATA, info, 20);
    cr_expect_eq(get16(info), self(f)->handle);
    fake_free(f);
}

Test(blocks, zeroed_and_contiguous)
{
    struct fake *f = started();
    for (unsigned round = 0; round < 3; round++) {
        uint32_t at = CALL1(f, "AllocateRtMemory", 0x20000);
        uint8_t page[4096];
        uint32_t first = CALL3(f, "GetRtPhysicalAddress", at, 0x20000, 0);
        cr_expect_neq(first, ALL, "one run of frames");
        cr_expect_eq(first % 4096, 0);
        for (uint32_t off = 0; off < 0x20000; off += 4096) {
            fake_get(f, at + off, page, 4096);
            for (unsigned i = 0; i < 4096; i++)
                cr_assert_eq(page[i], 0);
            memset(page, 0x5A, 4096);
            fake_put(f, at + off, page, 4096);
            cr_expect_eq(CALL3(f, "GetRtPhysicalAddress", at + off + 7, 1, 0), first + off + 7);
        }
        CALL1(f, "FreeRtMemory", at);
    }
    fake_free(f);
}

Test(blocks, alignment)
{
    struct fake *f = started();
    for (uint32_t align = 0x1000; align <= 0x100000; align *= 2) {
        CALL1(f, "AllocateRtMemory", 1);
        uint32_t at = CALL6(f, "AllocateRtMemoryEx", 0x2000, 0, 0, ALL, 0, align);
        cr_assert_neq(at, 0);
        cr_expect_eq(CALL3(f, "GetRtPhysicalAddress", at, 0x2000, 0) % align, 0, "alignment %X",
                     align);
    }
    CALL1(f, "AllocateRtMemory", 1);
    uint32_t at = CALL6(f, "AllocateRtMemoryEx", 1, 0, 0, ALL, 0, 0x3000);
    cr_expect_eq(CALL3(f, "GetRtPhysicalAddress", at, 1, 0) % 0x3000, 0, "no power of two");
    fake_free(f);
}

/* --- mappings --- */

Test(maps, physical_window_is_widened_to_pages)
{
    struct fake *f = started();
    uint32_t block = CALL1(f, "AllocateRtMemory", 0x3000);
    uint32_t phys = CALL3(f, "GetRtPhysicalAddress", block, 0x3000, 0);
    uint32_t used = self(f)->pool.used;
    uint32_t window = CALL2(f, "MapRtPhysicalMemory", phys + 0xffe, 4);
    cr_expect_eq(window % 4096, 0xffe);
    cr_expect_eq(self(f)->pool.used, used, "no memory is charged");
    fake_put(f, window, "abcd", 4);
    char text[5] = "";
    fake_get(f, block + 0xffe, text, 4);
    cr_expect_str_eq(text, "abcd");
    cr_expect_eq(CALL1(f, "FreeRtMemory", window), 0x2000);
    cr_expect_eq(CALL1(f, "FreeRtMemory", block), 0x3000);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

Test(maps, freed_from_the_given_page_on)
{
    struct fake *f = started();
    uint32_t window = CALL2(f, "MapRtPhysicalMemory", 0xB8000, 0x8000);
    unsigned flushes = f->flushes;
    cr_expect_eq(CALL1(f, "FreeRtMemory", window + 0x5123), 0x3000);
    cr_expect_eq(f->flushes, flushes + 1, "cached translations go");
    CALL1(f, "FreeRtMemory", window + 0x5000);
    cr_expect_eq(f->leave_status, E_NOT_ALLOCATED, "now the guard page");
    CALL1(f, "FreeRtMemory", window + 0x6000);
    cr_expect_eq(f->leave_status, E_BAD_ADDR);
    cr_expect_eq(CALL3(f, "ValidateRtBuffer", window, 0x5000, 1), 1);
    cr_expect_eq(CALL3(f, "ValidateRtBuffer", window, 0x5001, 1), 0);
    cr_expect_eq(CALL1(f, "FreeRtMemory", window), 0x5000);
    fake_free(f);
}

/* A read-only page stays read-only through a handle. */
Test(maps, rights_go_along)
{
    struct fake *f = started();
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 0x3000);
    uint32_t map = CALL1(f, "MapRtSharedMemory", h);
    cr_expect_eq(CALL3(f, "ValidateRtBuffer", map, 0x2000, 1), 1);
    cr_expect_eq(CALL3(f, "ValidateRtBuffer", map, 0x2001, 1), 0);
    cr_expect_eq(CALL3(f, "ValidateRtBuffer", map, 0x3000, 0), 1);
    uint32_t again = CALL2(f, "CreateRtMemoryHandle", map, 0x3000);
    uint32_t second = CALL1(f, "MapRtSharedMemory", again);
    cr_expect_eq(CALL3(f, "ValidateRtBuffer", second + 0x2000, 1, 1), 0);
    cr_expect_eq(CALL1(f, "FreeRtMemory", map), 0x3000);
    fake_put(f, second, "x", 1);
    CALL1(f, "MapRtSharedMemory", again);
    cr_expect_eq(f->leave_status, E_NOT_ALLOCATED);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* --- CopyRtData --- */

static void pattern(struct fake *f, uint32_t at, uint32_t n)
{
    uint8_t bytes[0x4000];
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    fake_put(f, at, bytes, n);
}

static void expect_pattern(struct fake *f, uint32_t at, uint32_t from, uint32_t n, const char *what)
{
    uint8_t bytes[0x4000];
    fake_get(f, at, bytes, n);
    for (uint32_t i = 0; i < n; i++)
        cr_assert_eq(bytes[i], (uint8_t)((from + i) * 7 + ((from + i) >> 8)), "%s: byte %X", what,
                     i);
}

struct copy_row {
    uint32_t from, to, n;
};

Test(copy, overlap_as_through_a_buffer)
{
    static const struct copy_row rows[] = {
        {0, 0x6000, 0x3000}, {0, 1, 0x3000},      {1, 0, 0x3000},      {0, 0x1000, 0x3000},
        {0x1000, 0, 0x3000}, {0, 0x1234, 0x2fff}, {0x1234, 0, 0x2dcc}, {5, 5, 0x2000},
        {0, 0x3000, 1},      {0, 0x3000, 0},      {0xfff, 0x1fff, 2},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake *f = started();
        uint32_t at = CALL1(f, "AllocateRtMemory", 0x10000);
        uint32_t h = CALL2(f, "CreateRtMemoryHandle", at, 0x10000);
        pattern(f, at, 0x4000);
        cr_expect_eq(CALL5(f, "CopyRtData", i & 1 ? h : 0, i & 1 ? rows[i].from : at + rows[i].from,
                           h, rows[i].to, rows[i].n),
                     1);
        expect_pattern(f, at + rows[i].to, rows[i].from, rows[i].n, "copy");
        fake_free(f);
    }
}

Test(copy, between_processes)
{
    struct fake *f = fake_new(0x1000000, 0);
    uint16_t a = fake_app(f);
    fake_app(f);
    fake_run(f);
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x4000);
    uint32_t ds = CALL1(f, "GetRtProcessDataSegment", 0);
    pattern(f, at, 0x4000);
    CALL1(f, "RtSleep", 10);
    cr_assert_neq(rt_current_process(f->k), a);
    uint32_t mine = CALL1(f, "AllocateRtMemory", 0x4000);
    cr_expect_eq(CALL5(f, "CopyRtData", ds, at + 3, 0, mine, 0x3ff0), 1);
    expect_pattern(f, mine, 3, 0x3ff0, "from the other's data segment");
    CALL5(f, "CopyRtData", ds, 0x7fffff, 0, mine, 2);
    cr_expect_eq(f->leave_status, fake_xm() ? EH_PAGE_FAULT : EH_GENERAL_PROTECTION);
    CALL5(f, "CopyRtData", ds, at + 0x3fff, 0, mine, 2);
    cr_expect_eq(f->leave_status, EH_PAGE_FAULT);
    fake_free(f);
}

/* Nothing is moved by a copy that is refused. */
Test(copy, all_or_nothing)
{
    struct fake *f = started();
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x4000), to = CALL1(f, "AllocateRtMemory", 0x2000);
    pattern(f, at, 0x4000);
    pattern(f, to, 0x2000);
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", to, 0x1001);
    CALL5(f, "CopyRtData", 0, at + 0x100, h, 0, 0x1002);
    cr_expect_eq(f->leave_status, EH_GENERAL_PROTECTION);
    CALL5(f, "CopyRtData", 0, at + 0x100, 0, to, 0x2001);
    cr_expect_eq(f->leave_status, EH_PAGE_FAULT);
    expect_pattern(f, to, 0, 0x2000, "untouched");
    fake_free(f);
}

/* --- pools --- */

static void physical_info(struct fake *f, uint32_t handle, uint64_t value[6])
{
    uint8_t info[52];
    cr_assert_eq(CALL2(f, "GetRtPhysicalMemoryInfo", handle, FAKE_DATA), 1);
    fake_get(f, FAKE_DATA, info, 52);
    for (unsigned i = 0; i < 6; i++)
        value[i] = get64(info + 4 + i * 8);
}
enum { POOL_MAX, POOL_MIN, POOL_ALLOCATED, POOL_BORROWED, POOL_AVAILABLE, POOL_LARGEST };

Test(pools, borrowing_and_giving_back)
{
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {.name = "APP", .pool_min = 0x20000, .pool_max = 0x40000};
    fake_process(f, &attr);
    fake_run(f);
    uint64_t v[6], root[6], after[6];
    physical_info(f, 0, v);
    physical_info(f, RT_ROOT_PROCESS, root);
    cr_expect_eq(v[POOL_MAX], 0x40000);
    cr_expect_eq(v[POOL_MIN], 0x20000);
    cr_expect_eq(v[POOL_BORROWED], 0);
    cr_expect_eq(v[POOL_AVAILABLE], 0x40000 - v[POOL_ALLOCATED]);
    uint32_t size = (uint32_t)(0x30000 - v[POOL_ALLOCATED]);
    uint32_t at = CALL1(f, "AllocateRtMemory", size);
    cr_assert_neq(at, 0);
    physical_info(f, 0, v);
    cr_expect_eq(v[POOL_ALLOCATED], 0x30000);
    cr_expect_eq(v[POOL_BORROWED], 0x10000);
    cr_expect_eq(v[POOL_AVAILABLE], 0x10000);
    cr_expect_eq(v[POOL_LARGEST], 0x10000);
    physical_info(f, RT_ROOT_PROCESS, after);
    cr_expect_eq(after[POOL_AVAILABLE], root[POOL_AVAILABLE] - 0x10000, "lent by the parent");
    cr_expect_eq(CALL1(f, "AllocateRtMemory", 0x10001), 0);
    cr_expect_eq(f->leave_status, E_MEM);
    cr_expect_neq(CALL1(f, "AllocateRtMemory", 0x10000), 0, "exactly up to the maximum");
    CALL1(f, "FreeRtMemory", at);
    physical_info(f, 0, v);
    cr_expect_eq(v[POOL_BORROWED], 0);
    physical_info(f, RT_ROOT_PROCESS, after);
    cr_expect_eq(after[POOL_AVAILABLE], root[POOL_AVAILABLE]);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* Two processes compete for what the root can lend. */
Test(pools, root_runs_out)
{
    struct fake *f = fake_new(0x200000, 0);
    fake_app(f);
    fake_app(f);
    fake_run(f);
    while (CALL1(f, "AllocateRtMemory", 0x4000)) {
    }
    cr_expect_eq(f->leave_status, E_MEM);
    while (CALL1(f, "clib_pages", 0x1000)) {
    }
    CALL1(f, "RtSleep", 10);
    uint64_t v[6];
    physical_info(f, 0, v);
    while (CALL1(f, "clib_pages", 0x1000)) {
    }
    cr_expect_eq(f->leave_status, E_MEM);
    physical_info(f, 0, v);
    cr_expect_eq(v[POOL_ALLOCATED], v[POOL_MIN], "its minimum was kept for it");
    cr_expect_eq(v[POOL_AVAILABLE], 0);
    physical_info(f, RT_ROOT_PROCESS, v);
    cr_expect_eq(v[POOL_AVAILABLE], 0);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* Free frames, but no run of the size asked for. */
Test(pools, fragmented)
{
    struct fake *f = fake_new(0x200000, 0);
    fake_app(f);
    fake_run(f);
    uint32_t at[512], n = 0;
    while (n < 512 && (at[n] = CALL1(f, "AllocateRtMemory", 0x1000)))
        n++;
    for (uint32_t i = 0; i < n; i += 2)
        CALL1(f, "FreeRtMemory", at[i]);
    uint64_t v[6];
    physical_info(f, 0, v);
    cr_expect_gt(v[POOL_AVAILABLE], 0x10000);
    cr_expect_eq(CALL1(f, "AllocateRtMemory", (uint32_t)v[POOL_LARGEST] + 1), 0);
    cr_expect_eq(f->leave_status, E_MEM);
    cr_expect_neq(CALL1(f, "AllocateRtMemory", (uint32_t)v[POOL_LARGEST]), 0);
    cr_expect_neq(CALL1(f, "clib_pages", 0x8000), 0, "malloc's pages need no run");
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* --- system data and types --- */

Test(info, system_info_at_its_offsets)
{
    struct fake *f = started();
    uint8_t info[161];
    memset(info, 0xEE, sizeof info);
    fake_put(f, FAKE_DATA, info, sizeof info);
    CALL1(f, "CopyRtSystemInfo", FAKE_DATA);
    fake_get(f, FAKE_DATA, info, sizeof info);
    cr_expect_eq(get16(info + 57), 10, "ms of a high-level tick");
    cr_expect_eq(get16(info + 59), 20, "low-level ticks in it");
    cr_expect_eq(get32(info + 97), 0x4000, "KB");
    cr_expect_eq(info[160], 0xEE, "160 bytes and no more");
    fake_free(f);
}

Test(info, types_and_subtypes)
{
    struct fake *f = started();
    struct rt_effects fx;
    uint16_t remote;
    cr_assert_eq(rt_reference_create(f->k, TYPE_MAILBOX, "FAR", &remote, &fx), E_OK);
    fake_apply(f, &fx);
    const struct {
        uint32_t handle, type, subtype;
    } rows[] = {{RT_ROOT_PROCESS, 1, 0},
                {rt_current_thread(f->k), 2, 0},
                {CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 1), 6, 1},
                {CALL1(f, "GetRtProcessDataSegment", 0), 6, 2},
                {self(f)->vseg, 6, 3},
                {remote, 3, 0x8000}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t subtype[2];
        cr_expect_eq(CALL2(f, "GetRtHandleTypeEx", rows[i].handle, FAKE_DATA), rows[i].type,
                     "row %u", i);
        fake_get(f, FAKE_DATA, subtype, 2);
        cr_expect_eq(get16(subtype), rows[i].subtype, "row %u: %04X", i, get16(subtype));
    }
    cr_expect_eq(CALL3(f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(f, "FAR"), 0), remote);
    fake_free(f);
}

Test(info, slots_in_words)
{
    struct fake *f = started();
    struct rt_slot_info info;
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 1);
    const struct {
        uint32_t slot;
        const char *text;
    } rows[] = {{0, "null descriptor"},
                {0x103, "call gate of the system calls"},
                {RT_ROOT_PROCESS >> 3, "process ROOT"},
                {self(f)->cs >> 3, "flat CS of process APP"},
                {self(f)->ds >> 3, "flat DS of process APP"},
                {h >> 3, "memory handle of process APP"},
                {rt_current_thread(f->k) >> 3, "thread of process APP"},
                {8191, "free"}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert(rt_slot_info(f->k, (uint16_t)rows[i].slot, &info));
        cr_expect_str_eq(info.text, rows[i].text);
    }
    cr_expect_not(rt_slot_info(f->k, 8192, &info));
    fake_free(f);
}

/* With more than 128 MB, programs get memory that the kernel itself cannot use. */
Test(pools, high_memory_first)
{
    struct fake *f = fake_new(0x8100000, 0);
    uint32_t low = f->k->root->pool.used;
    fake_app(f);
    fake_run(f);
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x100000);
    cr_expect_geq(CALL3(f, "GetRtPhysicalAddress", at, 0x100000, 0), KERNEL_SIZE);
    cr_expect_lt(kernel_phys(f->gdt[rt_current_thread(f->k) >> 3].base), KERNEL_SIZE,
                 "the kernel's own page");
    at = CALL1(f, "AllocateRtMemory", 0x300000);
    cr_expect_lt(CALL3(f, "GetRtPhysicalAddress", at, 0x300000, 0), KERNEL_SIZE,
                 "what is left is low");
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(f->k->root->pool.used, low);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* What the loader made is not the program's to free. */
Test(areas, image_stack_and_texts_stay)
{
    struct fake *f = started();
    const uint32_t at[] = {FAKE_IMAGE, FAKE_RO, 0x10000, f->k->current->block, 0x7fe000, 0x7fffff};
    for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++) {
        cr_expect_eq(CALL1(f, "FreeRtMemory", at[i]), ALL);
        cr_expect_eq(f->leave_status, E_BAD_ADDR, "%08X", at[i]);
        cr_expect_eq(CALL3(f, "ValidateRtBuffer", at[i], 1, 0), 1);
    }
    fake_free(f);
}

/* RAM from 0: the first page and the window of the adapters are not given to anybody. */
Test(pools, window_of_the_pc)
{
    struct fake *f = fake_new(0x400000, 0);
    const struct rt_config config = {.ram_base = 0, .ram_size = 0x400000};
    struct rt_kernel *k = rt_kernel_new(&config, &f->k->port);
    struct rt_boot boot;
    struct rt_effects fx;
    while (rt_kernel_boot(k, &boot, &fx)) {
    }
    cr_expect_eq(boot.gdt_base, kernel_lin(0x1000));
    for (uint32_t at = 0xA0000; at < 0x100000; at += 0x1000)
        cr_assert_eq(k->frame[at / 0x1000].owner, k->root, "%X", at);
    cr_expect_null(k->frame[0x9F].owner);
    cr_expect_eq(k->frame[0].owner, k->root);
    cr_expect_null(rt_kernel_check(k), "%s", rt_kernel_check(k));
    rt_kernel_free(k);
    fake_free(f);
}

Test(info, last_error_has_16_bits)
{
    struct fake *f = started();
    CALL1(f, "SetLastRtError", 0x12345678);
    cr_expect_eq(fake_last(f), 0x5678);
    fake_free(f);
}

/* Module handles of another process are no handles here. */
Test(info, modules_belong_to_a_process)
{
    struct fake *f = fake_new(0x1000000, 0);
    uint16_t a = fake_app(f);
    fake_app(f);
    const struct rt_export exports[] = {{"One", 1, 0x20100, NULL}};
    const struct rt_module_def def = {
        .name = "lib.rsl", .base = 0x20000, .size = 0x1000, .exports = exports, .export_count = 1};
    struct rt_effects fx;
    uint16_t handle;
    uint32_t base;
    cr_assert_eq(rt_module_map(f->k, a, &def, &handle, &base), E_OK);
    fake_run(f);
    rt_kernel_more(f->k, &fx);
    fake_apply(f, &fx);
    uint32_t m = CALL1(f, "GetRtModuleHandle", fake_string(f, "LIB.rsl"));
    cr_expect_eq(CALL1(f, "GetRtHandleType", m), TYPE_MODULE);
    cr_expect_eq(CALL2(f, "GetRtProcAddress", m, 1), 0x20100);
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(CALL1(f, "GetRtModuleHandle", fake_string(f, "lib.rsl")), 0);
    cr_expect_eq(CALL2(f, "GetRtProcAddress", m, 1), 0);
    cr_expect_eq(f->leave_status, E_EXIST);
    fake_free(f);
}
