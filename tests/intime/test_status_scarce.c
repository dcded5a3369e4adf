/* Status codes that need an exhausted pool, VSEG, object limit or GDT. */
#include <criterion/criterion.h>

#include "statuses.h"

/* What a process with plenty of memory has, for others to map. */
struct big {
    uint32_t shared, heap, small, wide;
};

static struct big big_process(struct fake *f)
{
    struct big big;
    struct rt_process_attr attr = {.name = "BIG", .pool_max = 0xffffffffu, .vseg_size = 0x1000000};
    fake_process(f, &attr);
    fake_run(f);
    big.shared = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    big.heap = CALL2(f, "CreateRtHeap", 0x400000, 0);
    big.small = CALL2(f, "CreateRtHeap", 40, 0);
    uint32_t large = CALL1(f, "AllocateRtMemory", 0x500000);
    big.wide = CALL2(f, "CreateRtMemoryHandle", large, 0x500000);
    cr_assert_neq(big.wide, BAD_RTHANDLE);
    CALL1(f, "RtSleep", 600000);
    return big;
}

/* A process whose pool has nothing left, also not for a control block. */
static uint16_t poor_app(struct fake *f)
{
    struct rt_process_attr attr = {.name = "POOR", .pool_min = 0x10000, .pool_max = 0x20000};
    return fake_process(f, &attr);
}

static void drain_pool(struct fake *f)
{
    while (CALL1(f, "clib_pages", 4096)) {
    }
    while (CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16) != BAD_RTHANDLE) {
    }
}

/* A descriptor of a service with the smallest memory; its address. */
static uint32_t small_service(struct fake *f, uint32_t stack)
{
    uint8_t desc[208] = "SMALL";
    put32(desc + 110, stack);
    fake_put(f, FAKE_DATA + 0x900, desc, sizeof desc);
    return FAKE_DATA + 0x900;
}

static void no_memory(struct fake *f, struct seen *seen)
{
    poor_app(f);
    fake_run(f);
    CALL1(f, "SetLastRtError", 0x7777);
    uint32_t d = CALL1(f, "CreateRtMailbox", 0x20), o = CALL1(f, "CreateRtMailbox", 0);
    fake_module(f, "RtRsl.rsl", 0x20000, NULL, 0);
    drain_pool(f);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_MEM, "LoadRtLibrary", 1, fake_string(f, "plain.rsl"));
    for (unsigned i = 0; i < 3; i++)
        WANT(E_OK, "SendRtData", 3, d, 0u, 0u);
    WANT(E_MEM, "SendRtData", 3, d, 0u, 0u);
    for (unsigned i = 0; i < 8; i++)
        WANT(E_OK, "SendRtHandle", 3, o, d, 0u);
    WANT(E_MEM, "SendRtHandle", 3, o, d, 0u);
    WANT(E_MEM, "CreateRtMailbox", 1, 0u);
    WANT(E_MEM, "CreateGlobalRtMailbox", 2, 0u, 0u);
    WANT(E_MEM, "CreateGlobalRtSemaphore", 4, 0u, 0u, 1u, 0u);
    WANT(E_MEM, "CreateRtAlarm", 2, 0u, 0u);
    WANT(E_MEM, "CreateRtHeap", 2, 40u, 0u);
    WANT(E_MEM, "CreateRtQueue", 3, 32u, 0u, 0u);
    WANT(E_MEM, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    WANT(E_MEM, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 64u);
    WANT(E_MEM, "InstallRtServiceDescriptor", 1, small_service(f, 0));
    WANT(E_MEM, "AllocateRtMemory", 1, 4096u);
    WANT(E_MEM, "clib_pages", 1, 4096u);
    WANT(E_MEM, "CreateRtMemoryHandle", 2, FAKE_DATA, 16u);
    WANT(E_MEM, "CreateRtSemaphore", 3, 0u, 1u, 0u);
    WANT(E_MEM, "AllocateRtInterrupts", 1, 1u);
    WANT(E_MEM, "SetRtInterruptHandler", 3, 0x58u, 0u, FAKE_IMAGE);
    WANT(E_MEM, "SetRtInterruptHandlerEx", 4, 0x58u, 0u, FAKE_IMAGE, 0u);
    WANT(E_MEM, "CreateRtRegion", 1, 0u);
}

/* The same process. */
static void no_space(struct fake *f, struct seen *seen, const struct big *big)
{
    /* fill the VSEG's first 4 MB with mappings, so that the next one needs a page table */
    while (CALL2(f, "MapRtPhysicalMemory", 0, 0x20000)) {
    }
    while (CALL2(f, "MapRtPhysicalMemory", 0, 0x1000)) {
    }
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_VMEM, "MapRtSharedMemory", 1, big->shared);
    WANT(E_VMEM, "RequestRtBuffer", 3, big->small, 1u, SCRATCH);
    CALL0(f, "ExitRtProcess");
}

static void no_tables(struct fake *f, struct seen *seen, const struct big *big)
{
    struct rt_process_attr attr = {
        .name = "TABLES", .pool_min = 0x1e000, .pool_max = 0x1e000, .vseg_size = 0x1000000};
    fake_process(f, &attr);
    fake_run(f);
    CALL1(f, "SetLastRtError", 0x7777);
    drain_pool(f);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_MEM, "MapRtPhysicalMemory", 2, 0u, 0x500000u);
    WANT(E_MEM, "MapRtPhysicalMemoryEx", 3, 0u, 0x500000u, 0u);
    WANT(E_MEM, "MapRtSharedMemory", 1, big->wide);
    WANT(E_MEM, "MapRtPhysicalMemory64", 4, 0u, 0u, 0x500000u, 0u);
    WANT(E_MEM, "RequestRtBuffer", 3, big->heap, 1u, SCRATCH);
    uint8_t list[40] = {0};
    put32(list + 24, 0x500000);
    put32(list + 36, 0x500000);
    fake_put(f, SCRATCH, list, sizeof list);
    WANT(E_MEM, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x500000u, 0u);
    CALL0(f, "ExitRtProcess");
}

static void object_limit(struct fake *f, struct seen *seen)
{
    struct rt_process_attr few = {.name = "FEW", .object_limit = 2, .pool_max = 0xffffffffu};
    fake_process(f, &few);
    fake_run(f);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_OK, "CreateRtMemoryHandle", 2, FAKE_DATA, 16u);
    WANT(E_LIMIT, "CreateRtMemoryHandle", 2, FAKE_DATA, 16u);
    WANT(E_LIMIT, "CreateRtSemaphore", 3, 0u, 1u, 0u);
    WANT(E_LIMIT, "CreateRtRegion", 1, 0u);
    WANT(E_LIMIT, "CreateRtThread", 4, 150u, FAKE_IMAGE, 4096u, 0u);
    WANT(E_LIMIT, "CreateRtMailbox", 1, 0u);
    WANT(E_LIMIT, "CreateGlobalRtMailbox", 2, 0u, 0u);
    WANT(E_LIMIT, "CreateGlobalRtSemaphore", 4, 0u, 0u, 1u, 0u);
    WANT(E_LIMIT, "CreateRtAlarm", 2, 0u, 0u);
    WANT(E_LIMIT, "CreateRtHeap", 2, 40u, 0u);
    WANT(E_LIMIT, "CreateRtQueue", 3, 32u, 0u, 0u);
    WANT(E_LIMIT, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    WANT(E_LIMIT, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 64u);
    WANT(E_LIMIT, "InstallRtServiceDescriptor", 1, small_service(f, 0));
    CALL0(f, "ExitRtProcess");
}

static void no_slots(struct fake *f, struct seen *seen)
{
    fake_app(f);
    fake_run(f);
    uint32_t d = CALL1(f, "CreateRtMailbox", 0x20);
    while (CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16) != BAD_RTHANDLE) {
    }
    CALL1(f, "SetLastRtError", 0x7777);
    cr_expect_eq(rt_free_slots(f->k), 0);
    WANT(E_SLOT, "CreateRtMemoryHandle", 2, FAKE_DATA, 16u);
    WANT(E_SLOT, "CreateRtSemaphore", 3, 0u, 1u, 0u);
    WANT(E_SLOT, "AllocateRtInterrupts", 1, 1u);
    WANT(E_SLOT, "SetRtInterruptHandler", 3, 0x58u, 0u, FAKE_IMAGE);
    WANT(E_SLOT, "SetRtInterruptHandlerEx", 4, 0x58u, 0u, FAKE_IMAGE, 0u);
    WANT(E_SLOT, "CreateRtRegion", 1, 0u);
    WANT(E_SLOT, "CreateRtMailbox", 1, 0u);
    WANT(E_SLOT, "CreateRtFile", 5, fake_string(f, "a"), 1u, 7u, 3u, 0u);
    WANT(E_SLOT, "CreateGlobalRtMailbox", 2, 0u, 0u);
    WANT(E_SLOT, "CreateGlobalRtSemaphore", 4, 0u, 0u, 1u, 0u);
    WANT(E_SLOT, "CreateRtAlarm", 2, 0u, 0u);
    WANT(E_SLOT, "CreateRtHeap", 2, 40u, 0u);
    WANT(E_SLOT, "CreateRtQueue", 3, 32u, 0u, 0u);
    WANT(E_SLOT, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    WANT(E_SLOT, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 64u);
    WANT(E_SLOT, "InstallRtServiceDescriptor", 1, small_service(f, 0));
    for (unsigned i = 0; i < 3; i++)
        WANT(E_OK, "SendRtData", 3, d, 0u, 0u);
    WANT(E_SLOT, "SendRtData", 3, d, 0u, 0u);
    WANT(E_SLOT, "CreateRtThread", 4, 150u, FAKE_IMAGE, 4096u, 0u);
}

void scarce_calls(struct fake *f, struct seen *seen)
{
    CALL0(f, "ExitRtProcess");
    mark(seen, fake_row("ExitRtProcess"), E_OK);
    const struct big big = big_process(f);
    no_memory(f, seen);
    no_space(f, seen, &big);
    no_tables(f, seen, &big);
    object_limit(f, seen);
    no_slots(f, seen);
}
