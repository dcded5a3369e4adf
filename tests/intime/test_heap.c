/* Heaps: cost, order, joining, other processes, ends; windows by list. */
#include <criterion/criterion.h>

#include "fake.h"
#include "heap.h"

#define SCRATCH (FAKE_DATA + 0x100)

struct two {
    struct fake *f;
    uint16_t a, b;
};

static struct two two(void)
{
    struct two t = {.f = fake_new(0x1000000, 0)};
    t.a = fake_app(t.f);
    t.b = fake_app(t.f);
    fake_run(t.f);
    return t;
}

static void good(const struct two *t)
{
    cr_expect_null(fake_check(t->f), "%s", fake_check(t->f));
}

static uint32_t info(const struct two *t, uint32_t h, unsigned field)
{
    uint8_t bytes[14];
    cr_assert_eq(CALL2(t->f, "GetRtHeapInfo", h, SCRATCH), 1);
    fake_get(t->f, SCRATCH, bytes, sizeof bytes);
    return get32(bytes + field);
}

static uint32_t request(const struct two *t, uint32_t h, uint32_t n)
{
    return CALL3(t->f, "RequestRtBuffer", h, n, SCRATCH + 64);
}

Test(heap, cost_of_28_and_8_bytes)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtHeap", 5000, 0);
    const struct rt_segdef *seg = &t.f->gdt[h >> 3];
    cr_expect(seg->kind == RT_SEG_DATA && seg->dpl == 3 && seg->limit == 4999);
    cr_expect_eq(CALL1(t.f, "GetRtHandleType", h), TYPE_HEAP);
    cr_expect_eq(info(&t, h, 0), 5000);
    cr_expect_eq(info(&t, h, 4), 5000 - 28 - 8);
    cr_expect_eq(info(&t, h, 8), 5000 - 28 - 8);
    uint32_t first = request(&t, h, 101), second = request(&t, h, 4);
    cr_expect_eq(first % 4096, 36);
    cr_expect_eq(second - first, 104 + 8);
    cr_expect_eq(CALL3(t.f, "GetRtBufferSize", h, first, 0), 104);
    cr_expect_eq(info(&t, h, 4), 5000 - 28 - 8 - 112 - 12);
    cr_expect_eq(request(&t, h, 5000 - 28 - 8 - 112 - 12 + 1), 0);
    cr_expect_eq(fake_last(t.f), E_MEM);
    uint32_t rest = request(&t, h, 5000 - 28 - 8 - 112 - 12);
    cr_expect_eq(rest, second + 12);
    cr_expect_eq(info(&t, h, 4), 0);
    good(&t);
    CALL3(t.f, "ReleaseRtBuffer", h, second, 0);
    CALL3(t.f, "ReleaseRtBuffer", h, first, 0);
    good(&t);
    cr_expect_eq(info(&t, h, 8), 112 + 12 - 8, "joined");
    CALL3(t.f, "ReleaseRtBuffer", h, rest, 0);
    cr_expect_eq(info(&t, h, 8), 5000 - 28 - 8);
    cr_expect_eq(CALL3(t.f, "ReleaseRtBuffer", h, rest, 0), 0);
    cr_expect_eq(fake_last(t.f), E_NUC_BAD_BUF);
    cr_expect_eq(CALL1(t.f, "FreeRtMemory", first), 0xffffffff, "only the heap frees its memory");
    good(&t);
    fake_free(t.f);
}

Test(heap, random_requests)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtHeap", 30000, 0), at[64] = {0}, seed = 7;
    for (unsigned i = 0; i < 4000; i++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned n = seed >> 26;
        if (at[n]) {
            cr_assert_eq(CALL3(t.f, "ReleaseRtBuffer", h, at[n], 0), 1);
            at[n] = 0;
        } else {
            at[n] = request(&t, h, 1 + (seed >> 12 & 1023));
        }
        if (i % 100 == 0) good(&t);
    }
    for (unsigned n = 0; n < 64; n++)
        if (at[n]) CALL3(t.f, "ReleaseRtBuffer", h, at[n], 0);
    cr_expect_eq(info(&t, h, 4), 30000 - 28 - 8);
    fake_free(t.f);
}

/* b asks for a buffer of a's heap: it sees the heap at a place of its own, once. */
Test(heap, of_another_process)
{
    HOLDS_POINTERS();
    for (unsigned how = 0; how < 3; how++) {
        struct two t = two();
        struct process *a = object_find(t.f->k, t.a)->process,
                       *b = object_find(t.f->k, t.b)->process;
        uint32_t areas = b->area_count, h = CALL2(t.f, "CreateRtHeap", 6000, 0);
        uint32_t mine = request(&t, h, 100);
        fake_put(t.f, mine, "written by a", 12);
        CALL1(t.f, "knRtSleep", 0);
        cr_expect_eq(CALL3(t.f, "ReleaseRtBuffer", h, mine, 0), 0, "b does not see it yet");
        CALL1(t.f, "AllocateRtMemory", 4096);
        uint32_t yours = request(&t, h, 100), again = request(&t, h, 8);
        char text[13] = "";
        fake_get(t.f, yours - 108, text, 12);
        cr_expect_str_eq(text, "written by a");
        cr_expect_eq(again, yours + 108);
        cr_expect_eq(b->area_count, areas + 2);
        cr_expect_eq(CALL3(t.f, "ReleaseRtBuffer", h, yours - 108, 0), 1, "of a's buffer, by b");
        good(&t);
        if (how == 0) CALL1(t.f, "DeleteRtHeap", h);
        if (how == 1) CALL0(t.f, "ExitRtProcess"); /* b */
        if (how == 2) {
            CALL1(t.f, "knRtSleep", 0);
            CALL0(t.f, "ExitRtProcess"); /* a */
        }
        good(&t);
        if (how != 1) cr_expect_eq(b->area_count, areas + 1, "the mapping is gone");
        if (how == 1) cr_expect_eq(object_find(t.f->k, h)->heap->maps, 0);
        cr_expect_eq(a->alive, how != 2);
        fake_free(t.f);
    }
}

/* --- ports: there are no services, so only sink ports, where nothing arrives --- */

Test(ports, waits_end_with_the_port)
{
    for (unsigned how = 0; how < 3; how++) {
        struct two t = two();
        uint32_t port = CALL5(t.f, "CreateRtPortEx", 0, 0, 0, 0, 4096);
        CALL1(t.f, "knRtSleep", 0);
        CALL3(t.f, "ReceiveRtMessage", port, how == 2 ? 20 : 0xffffffff, SCRATCH);
        cr_expect_eq(rt_current_process(t.f->k), t.a);
        if (how == 0) CALL1(t.f, "DeleteRtPort", port);
        if (how == 1) CALL0(t.f, "ExitRtProcess");
        if (how != 1) CALL1(t.f, "SuspendRtThread", 0);
        if (how == 2) fake_time(t.f, 20000);
        cr_expect_eq(rt_current_process(t.f->k), t.b);
        cr_expect_eq(t.f->eax, 0xffffffff);
        cr_expect_eq(fake_last(t.f), how == 2 ? E_TIME : E_EXIST);
        good(&t);
        fake_free(t.f);
    }
}

/* b's port uses a heap of a's, which dies. */
Test(ports, heap_dies_first)
{
    struct two t = two();
    uint32_t heap = CALL2(t.f, "CreateRtHeap", 4096, 0);
    CALL1(t.f, "knRtSleep", 0);
    uint32_t port = CALL4(t.f, "CreateRtPort", 0, 0, 0, 0);
    cr_expect_eq(CALL2(t.f, "AttachRtHeap", heap, port), 1);
    CALL1(t.f, "knRtSleep", 0);
    CALL0(t.f, "ExitRtProcess");
    cr_expect_eq(CALL1(t.f, "DetachRtHeap", port), BAD_RTHANDLE);
    cr_expect_eq(fake_last(t.f), E_STATE);
    good(&t);
    fake_free(t.f);
}

/* --- windows by list: blocks of physical memory side by side --- */

static uint32_t map_list(struct fake *f, const uint32_t *blocks, unsigned n, uint32_t total,
                         uint32_t size)
{
    uint8_t list[32 + 8 * 8] = {0};
    put32(list + 24, total);
    for (unsigned i = 0; i < n; i++) {
        put32(list + 32 + i * 8, blocks[i * 2]);
        put32(list + 36 + i * 8, blocks[i * 2 + 1]);
    }
    fake_put(f, SCRATCH, list, sizeof list);
    return CALL3(f, "MapRtPhysicalMemoryList", SCRATCH, size, 0);
}

Test(windows, by_list)
{
    static const struct {
        uint32_t blocks[6], n, total, size, status;
    } rows[] = {{{0x200010, 0xff0, 0x300000, 0x2000, 0x280000, 0x800}, 3, 0x37f0, 0x37f0, E_OK},
                {{0x200010, 100}, 1, 100, 100, E_OK},
                {{0x200000, 0x1000, 0x300000, 0x9000}, 2, 0xa000, 0x1800, E_OK},
                {{0x200000, 0x800, 0x300000, 0x1000}, 2, 0x1800, 0x1800, E_PARAM},
                {{0x200000, 0x1000, 0x300010, 0x1000}, 2, 0x2000, 0x2000, E_PARAM},
                {{0x200000, 0x1000, 0x300000, 0}, 2, 0x2000, 0x2000, E_STATE},
                {{0x200000, 0x1000}, 1, 0x1000, 0x1001, E_STATE},
                {{0x200000, 0x1000}, 1, 0x1000, 0, E_PARAM},
                {{0x200000, 0xffffffff}, 1, 0xffffffff, 0xffffffff, E_VMEM}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct two t = two();
        uint32_t at = map_list(t.f, rows[i].blocks, rows[i].n, rows[i].total, rows[i].size);
        cr_expect_eq(t.f->leave_status, rows[i].status, "row %u: %s", i,
                     rt_status_name(t.f->leave_status));
        uint32_t off = 0;
        for (unsigned b = 0; at && b < rows[i].n && off < rows[i].size; b++) {
            uint32_t phys = CALL3(t.f, "GetRtPhysicalAddress", at + off, 1, 0);
            cr_expect_eq(phys, rows[i].blocks[b * 2], "row %u, block %u: %08X", i, b, phys);
            cr_expect_eq(CALL3(t.f, "GetRtPhysicalAddress64", at + off, 1, 0), phys);
            cr_expect_eq(t.f->edx, 0);
            off += rows[i].blocks[b * 2 + 1];
        }
        good(&t);
        fake_free(t.f);
    }
}

Test(windows, address_of_64_bits_fails_with_all_ones)
{
    struct two t = two();
    cr_expect_eq(CALL3(t.f, "GetRtPhysicalAddress64", FAKE_RO, 1, 0), 0xffffffff);
    cr_expect_eq(t.f->edx, 0xffffffff);
    cr_expect_eq(CALL4(t.f, "MapRtPhysicalMemory64", 0x100000, 1, 16, 0), 0);
    cr_expect_eq(t.f->leave_status, E_PARAM, "above 4 GB nothing can be addressed");
    fake_free(t.f);
}

Test(windows, reports)
{
    struct two t = two();
    uint8_t pool[28], area[24];
    cr_expect_eq(CALL2(t.f, "GetRtProcessPoolInfo", 0, SCRATCH), 1);
    fake_get(t.f, SCRATCH, pool, sizeof pool);
    const struct process *p = object_find(t.f->k, t.a)->process;
    cr_expect_eq(get16(pool), t.a);
    cr_expect_eq(get16(pool + 2), RT_ROOT_PROCESS);
    cr_expect_eq(get32(pool + 4), 0xffffffff);
    cr_expect_eq(get32(pool + 8), 0x40000);
    cr_expect_eq(get32(pool + 16), p->pool.used * 4096);
    cr_expect_eq(get32(pool + 20), 0x40000 - p->pool.used * 4096);
    cr_expect_eq(get32(pool + 24), 0);
    cr_expect_eq(CALL2(t.f, "GetRtSystemMemoryInfo", 0, SCRATCH), 1);
    fake_get(t.f, SCRATCH, area, sizeof area);
    cr_expect_eq(get32(area), 1);
    cr_expect_eq(get64(area + 4), FAKE_RAM_BASE);
    cr_expect_eq(get64(area + 12), 0x1000000);
    cr_expect_eq(get32(area + 20), 0);
    fake_free(t.f);
}

Test(ports, attributes)
{
    struct fake *f = fake_new(0x1000000, 0);
    uint8_t info[99], zero[99] = {0};
    fake_app(f);
    fake_run(f);
    uint32_t port = CALL5(f, "CreateRtPortEx", 0, 0x1234, 7, 9, 4096);
    memset(info, 0xee, sizeof info);
    fake_put(f, FAKE_DATA, info, sizeof info);
    cr_assert_eq(CALL2(f, "GetRtPortAttributes", port, FAKE_DATA), 1);
    fake_get(f, FAKE_DATA, info, sizeof info);
    uint32_t heap = CALL1(f, "DetachRtHeap", port);
    cr_expect_eq(get16(info), 0x1234);
    cr_expect_eq(info[2], 0xff);
    cr_expect_eq(get16(info + 4), 7);
    cr_expect_arr_eq(info + 6, zero, 10, "no service, no sink port of its own");
    cr_expect_eq(get16(info + 16), heap);
    cr_expect_eq(get16(info + 18), 9);
    cr_expect_arr_eq(info + 20, zero, 78, "no addresses, no name");
    cr_expect_eq(info[98], 0xee, "98 bytes");
    CALL2(f, "GetRtPortAttributes", port, FAKE_DATA);
    fake_get(f, FAKE_DATA, info, sizeof info);
    cr_expect_eq(get16(info + 16), 0);
    fake_free(f);
}
