/* Every call with every status code of its row in rtcalls.def, with the last-error rule. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "statuses.h"

void mark(struct seen *seen, const struct row *row, uint32_t status)
{
    size_t i = (size_t)(row - rt_rows);
    bool known = status == E_OK;
    if (known) seen->ok[i] = true;
    for (unsigned n = 0; n < STATUS_MAX; n++) {
        if (status == E_OK) break;
        if (row->documented[n] == status) known = seen->documented[i][n] = true;
        if (row->own[n] == status) known = seen->own[i][n] = true;
    }
    cr_assert(known, "%s gives %s, which its row does not list", row->name, rt_status_name(status));
}

/* The call's outcome: its status, and the last error changed on failure only. */
void want(struct fake *f, struct seen *seen, uint32_t status, const char *name, uint32_t eax)
{
    const struct row *row = fake_row(name);
    cr_expect_eq(f->leave_status, status, "%s: %s instead of %s", name,
                 rt_status_name(f->leave_status), rt_status_name(status));
    mark(seen, row, f->leave_status);
    if (status != E_OK) {
        cr_expect_eq(eax, row_failure(row), "%s: EAX %08X after a failure", name, eax);
        cr_expect_eq(fake_last(f), status, "%s: last error", name);
    } else {
        cr_expect_eq(fake_last(f), 0x7777, "%s: success changed the last error", name);
    }
    CALL1(f, "SetLastRtError", 0x7777);
    cr_expect_null(fake_check(f), "%s: %s", name, fake_check(f));
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

uint32_t reference(struct fake *f, uint8_t type, const char *name)
{
    struct rt_effects fx;
    uint16_t handle = 0;
    cr_assert_eq(rt_reference_create(f->k, type, name, &handle, &fx), E_OK);
    fake_apply(f, &fx);
    return handle;
}

static void memory_calls(struct fake *f, struct seen *seen)
{
    WANT(E_PARAM, "AllocateRtMemory", 1, 0u);
    WANT(E_PARAM, "AllocateRtMemory", 1, 0x800001u);
    WANT(E_VMEM, "AllocateRtMemory", 1, 0x800000u);
    WANT(E_OK, "AllocateRtMemory", 1, 5000u);
    uint32_t block = CALL1(f, "AllocateRtMemory", 5000);
    WANT(E_PARAM, "AllocateRtMemoryEx", 6, 4096u, 5u, 1u, 4u, 1u, 0u);
    WANT(E_PARAM, "AllocateRtMemoryEx", 6, 4096u, 0u, 0u, 0u, 1u, 100u);
    WANT(E_PARAM, "AllocateRtMemoryEx", 6, 0u, 0u, 0u, 0u, 1u, 0u);
    WANT(E_VMEM, "AllocateRtMemoryEx", 6, 0x800000u, 0u, 0u, 0u, 1u, 0u);
    WANT(E_MEM, "AllocateRtMemoryEx", 6, 4096u, FAKE_RAM_BASE + 1, 0u, 0u, 1u, 0u);
    WANT(E_MEM, "AllocateRtMemoryEx", 6, 4096u, 0u, 0u, FAKE_RAM_BASE + 0x1000, 0u, 0u);
    WANT(E_OK, "AllocateRtMemoryEx", 6, 4096u, 0u, 0u, 0u, 1u, 0x10000u);
    WANT(E_PARAM, "clib_pages", 1, 0u);
    WANT(E_VMEM, "clib_pages", 1, 0x800000u);
    WANT(E_OK, "clib_pages", 1, 8192u);
    WANT(E_NOT_ALLOCATED, "FreeRtMemory", 1, block + 0x2000);
    WANT(E_BAD_ADDR, "FreeRtMemory", 1, 0u);
    WANT(E_BAD_ADDR, "FreeRtMemory", 1, 0x800000u);
    WANT(E_BAD_ADDR, "FreeRtMemory", 1, FAKE_IMAGE);
    WANT(E_OK, "FreeRtMemory", 1, block + 0x1234);
    WANT(E_PARAM, "MapRtPhysicalMemory", 2, 0xB8000u, 0u);
    WANT(E_VMEM, "MapRtPhysicalMemory", 2, 0xB8000u, 0x10000000u);
    WANT(E_OK, "MapRtPhysicalMemory", 2, 0xB8010u, 4000u);
    WANT(E_PARAM, "MapRtPhysicalMemoryEx", 3, 0xB8000u, 0u, 0u);
    WANT(E_PARAM, "MapRtPhysicalMemoryEx", 3, 0xB8000u, 1u, 1u);
    WANT(E_VMEM, "MapRtPhysicalMemoryEx", 3, 0xB8000u, 0x10000000u, 0u);
    WANT(E_OK, "MapRtPhysicalMemoryEx", 3, 0xfffff000u, 0x1000u, 0x18u);
}

static void handle_calls(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0);
    uint32_t remote = reference(f, TYPE_SEGMENT, "REMOTE SEG");
    uint32_t ds = CALL1(f, "GetRtProcessDataSegment", 0);
    WANT(E_PARAM, "CreateRtMemoryHandle", 2, FAKE_DATA, 0u);
    WANT(E_BAD_ADDR, "CreateRtMemoryHandle", 2, 0x100u, 16u);
    WANT(E_OK, "CreateRtMemoryHandle", 2, FAKE_DATA, 100u);
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 256);
    WANT(E_EXIST, "MapRtSharedMemory", 1, 0xffffu);
    WANT(E_EXIST, "MapRtSharedMemory", 1, remote);
    WANT(E_TYPE, "MapRtSharedMemory", 1, thread);
    WANT(E_TYPE, "MapRtSharedMemory", 1, ds);
    WANT(E_OK, "MapRtSharedMemory", 1, h);
    uint32_t block = CALL1(f, "AllocateRtMemory", 4096);
    uint32_t dangling = CALL2(f, "CreateRtMemoryHandle", block, 4096);
    CALL1(f, "FreeRtMemory", block);
    WANT(E_NOT_ALLOCATED, "MapRtSharedMemory", 1, dangling);
    WANT(E_EXIST, "GetRtSize", 1, 0u);
    WANT(E_TYPE, "GetRtSize", 1, thread);
    WANT(E_OK, "GetRtSize", 1, h);
    WANT(E_EXIST, "GetRtLinearAddress", 4, 0x7ff8u, 0u, 1u, 0u);
    WANT(E_TYPE, "GetRtLinearAddress", 4, thread, 0u, 1u, 0u);
    WANT(E_BAD_ADDR, "GetRtLinearAddress", 4, h, 255u, 2u, 0u);
    WANT(E_OK, "GetRtLinearAddress", 4, h, 255u, 1u, 0u);
    WANT(E_OK, "GetRtProcessDataSegment", 1, 0u);
    WANT(EH_GENERAL_PROTECTION, "CopyRtData", 5, h, 1u, 0u, SCRATCH, 256u);
    WANT(EH_GENERAL_PROTECTION, "CopyRtData", 5, 0u, SCRATCH, h, 1u, 0xffffffffu);
    WANT(EH_PAGE_FAULT, "CopyRtData", 5, 0u, 0u, h, 0u, 4u);
    WANT(EH_PAGE_FAULT, "CopyRtData", 5, h, 0u, ds, FAKE_RO, 4u);
    WANT(E_EXIST, "CopyRtData", 5, 0xffffu, 0u, h, 0u, 4u);
    WANT(E_TYPE, "CopyRtData", 5, h, 0u, thread, 0u, 4u);
    WANT(E_OK, "CopyRtData", 5, h, 0u, 0u, SCRATCH, 64u);
    WANT(E_EXIST, "DeleteRtMemoryHandle", 1, 0xffffu);
    WANT(E_TYPE, "DeleteRtMemoryHandle", 1, thread);
    WANT(E_TYPE, "DeleteRtMemoryHandle", 1, ds);
    WANT(E_INVALID_ADDRESS, "DeleteRtMemoryHandle", 1, remote);
    WANT(E_OK, "DeleteRtMemoryHandle", 1, h);
    WANT(E_EXIST, "DeleteRtMemoryHandle", 1, h);
    WANT(E_PARAM, "ValidateRtBuffer", 3, FAKE_DATA, 1u, 2u);
    WANT(E_BAD_ADDR, "ValidateRtBuffer", 3, 0x7fffffu, 2u, 0u);
    WANT(E_BAD_ADDR, "ValidateRtBuffer", 3, FAKE_RO, 2u, 1u);
    WANT(E_NOT_ALLOCATED, "ValidateRtBuffer", 3, 0x300000u, 2u, 0u);
    WANT(E_OK, "ValidateRtBuffer", 3, FAKE_RO, 2u, 0u);
    WANT(E_PARAM, "GetRtPhysicalAddress", 3, FAKE_DATA, 0u, 0u);
    WANT(E_BAD_ADDR, "GetRtPhysicalAddress", 3, FAKE_RO, 1u, 0u);
    WANT(E_OK, "GetRtPhysicalAddress", 3, FAKE_DATA + 5, 1u, 0u);
    uint32_t top = CALL2(f, "MapRtPhysicalMemory", 0xfffff000u, 0x2000u);
    WANT(E_OK, "GetRtPhysicalAddress", 3, top, 0x1000u, 0u);
    WANT(E_LIMIT, "GetRtPhysicalAddress", 3, top, 0x1001u, 0u);
    CALL1(f, "FreeRtMemory", top);
}

static void info_calls(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0);
    uint32_t remote = reference(f, TYPE_PROCESS, "REMOTE INFO");
    WANT(E_EXIST, "GetRtPhysicalMemoryInfo", 2, 0xffffu, SCRATCH);
    WANT(E_EXIST, "GetRtPhysicalMemoryInfo", 2, remote, SCRATCH);
    WANT(E_TYPE, "GetRtPhysicalMemoryInfo", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtPhysicalMemoryInfo", 2, 0u, FAKE_RO);
    WANT(E_OK, "GetRtPhysicalMemoryInfo", 2, 0x258u, SCRATCH);
    WANT(E_EXIST, "GetRtVirtualMemoryInfo", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtVirtualMemoryInfo", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtVirtualMemoryInfo", 2, 0u, 0x7fffffu);
    WANT(E_OK, "GetRtVirtualMemoryInfo", 2, f->k->current->process->vseg, SCRATCH);
    WANT(E_EXIST, "GetRtHandleType", 1, 0x818u);
    WANT(E_OK, "GetRtHandleType", 1, thread);
    WANT(E_EXIST, "GetRtHandleTypeEx", 2, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtHandleTypeEx", 2, thread, FAKE_RO);
    WANT(E_OK, "GetRtHandleTypeEx", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "CopyRtSystemInfo", 1, 0x7fffffu);
    WANT(E_OK, "CopyRtSystemInfo", 1, SCRATCH);
    WANT(E_PARAM, "GetRtThreadHandles", 1, 4u);
    WANT(E_OK, "GetRtThreadHandles", 1, 0xffffff01u);
    WANT(E_OK, "GetRtErrorText", 1, 2u);
    WANT(E_OK, "GetLastRtError", 0);
}

static void directory_calls(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0), self = CALL1(f, "GetRtThreadHandles", 1);
    uint32_t remote = reference(f, TYPE_PROCESS, "REMOTE DIR");
    uint32_t idle = SLOT_IDLE_PROCESS << 3, name = fake_string(f, "NAME");
    WANT(E_OK, "CatalogRtHandle", 3, 0u, thread, name);
    WANT(E_CONTEXT, "CatalogRtHandle", 3, self, thread, name);
    WANT(E_EXIST, "CatalogRtHandle", 3, 0xffffu, thread, name);
    WANT(E_EXIST, "CatalogRtHandle", 3, remote, thread, name);
    WANT(E_EXIST, "CatalogRtHandle", 3, 0u, 0xffffu, name);
    WANT(E_TYPE, "CatalogRtHandle", 3, thread, thread, name);
    WANT(E_BAD_ADDR, "CatalogRtHandle", 3, 0u, thread, 0u);
    WANT(E_LIMIT, "CatalogRtHandle", 3, idle, thread, name);
    WANT(E_OK, "LookupRtHandle", 3, 0u, name, 0u);
    WANT(E_CONTEXT, "LookupRtHandle", 3, idle, name, 0u);
    WANT(E_EXIST, "LookupRtHandle", 3, 0xffffu, name, 0u);
    WANT(E_TYPE, "LookupRtHandle", 3, thread, name, 0u);
    WANT(E_INVALID_ADDRESS, "LookupRtHandle", 3, remote, name, 0u);
    WANT(E_PARAM, "LookupRtHandle", 3, 0u, name, 655350u);
    WANT(E_BAD_ADDR, "LookupRtHandle", 3, 0u, 0x7ffffff0u, 0u);
    WANT(E_TIME, "LookupRtHandle", 3, 0u, fake_string(f, "name"), 0u);
    WANT(E_TIME, "LookupRtHandle", 3, 0u, fake_string(f, "name"), 9u);
    WANT(E_OK, "UncatalogRtHandle", 2, 0u, fake_string(f, "NAME"));
    WANT(E_CONTEXT, "UncatalogRtHandle", 2, 0u, name);
    WANT(E_EXIST, "UncatalogRtHandle", 2, 0xffffu, name);
    WANT(E_TYPE, "UncatalogRtHandle", 2, thread, name);
    WANT(E_INVALID_ADDRESS, "UncatalogRtHandle", 2, remote, name);
    WANT(E_BAD_ADDR, "UncatalogRtHandle", 2, 0u, 0xffffffffu);
    WANT(E_PARAM, "CatalogRtHandle", 3, 0u, thread, fake_string(f, ""));
    WANT(E_PARAM, "UncatalogRtHandle", 2, 0u, name);
    WANT(E_PARAM, "LookupRtHandle", 3, 0u, fake_string(f, "thirteen byte"), 0u);
    WANT(E_OK, "CatalogRtHandle", 3, 0u, 0u, fake_string(f, "twelve bytes"));
    WANT(E_EXIST, "LookupRtHandle", 3, 0u, name, 0u);
    for (unsigned i = 0; i < 62; i++) {
        char text[8];
        snprintf(text, sizeof text, "N%u", i);
        CALL3(f, "CatalogRtHandle", 0, thread, fake_string(f, text));
    }
    WANT(E_OK, "CatalogRtHandle", 3, 0u, thread, fake_string(f, "LAST"));
    WANT(E_LIMIT, "CatalogRtHandle", 3, 0u, thread, fake_string(f, "OVER"));
    WANT(E_LIMIT, "LookupRtHandle", 3, 0u, fake_string(f, "OVER"), 10u);
}

static void semaphore_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    uint32_t remote = reference(f, TYPE_SEMAPHORE, "REMOTE SEM");
    WANT(E_PARAM, "CreateRtSemaphore", 3, 0u, 0u, 0u);
    WANT(E_PARAM, "CreateRtSemaphore", 3, 2u, 1u, 0u);
    WANT(E_OK, "CreateRtSemaphore", 3, 65535u, 65535u, 1u);
    uint32_t s = CALL3(f, "CreateRtSemaphore", 1, 2, 0);
    WANT(E_PARAM, "WaitForRtSemaphore", 3, s, 1u, 655350u);
    WANT(E_EXIST, "WaitForRtSemaphore", 3, 0u, 1u, 0u);
    WANT(E_TYPE, "WaitForRtSemaphore", 3, self, 1u, 0u);
    WANT(E_INVALID_ADDRESS, "WaitForRtSemaphore", 3, remote, 1u, 0u);
    WANT(E_LIMIT, "WaitForRtSemaphore", 3, s, 3u, 0u);
    WANT(E_TIME, "WaitForRtSemaphore", 3, s, 2u, 9u);
    WANT(E_OK, "WaitForRtSemaphore", 3, s, 1u, 0xffffffffu);
    WANT(E_EXIST, "ReleaseRtSemaphore", 2, 0xffffu, 1u);
    WANT(E_TYPE, "ReleaseRtSemaphore", 2, self, 1u);
    WANT(E_INVALID_ADDRESS, "ReleaseRtSemaphore", 2, remote, 1u);
    WANT(E_LIMIT, "ReleaseRtSemaphore", 2, s, 3u);
    WANT(E_OK, "ReleaseRtSemaphore", 2, s, 2u);
    WANT(E_TYPE, "DeleteRtSemaphore", 1, self);
    WANT(E_INVALID_ADDRESS, "DeleteRtSemaphore", 1, remote);
    WANT(E_OK, "DeleteRtSemaphore", 1, s);
    WANT(E_EXIST, "DeleteRtSemaphore", 1, s);
}

static void region_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    uint32_t remote = reference(f, TYPE_REGION, "REMOTE REG");
    WANT(E_OK, "CreateRtRegion", 1, 1u);
    uint32_t r = CALL1(f, "CreateRtRegion", 0), taken = CALL1(f, "CreateRtRegion", 1);
    WANT(E_CONTEXT, "ReleaseRtControl", 0);
    CALL1(f, "WaitForRtControl", taken);
    CALL1(f, "knRtSleep", 0);
    fake_app(f);
    CALL1(f, "RtSleep", 10);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_BUSY, "AcceptRtControl", 1, taken);
    WANT(E_EXIST, "AcceptRtControl", 1, remote);
    WANT(E_TYPE, "AcceptRtControl", 1, self);
    WANT(E_OK, "AcceptRtControl", 1, r);
    WANT(E_CONTEXT, "AcceptRtControl", 1, r);
    WANT(E_CONTEXT, "WaitForRtControl", 1, r);
    WANT(E_CONTEXT, "DeleteRtRegion", 1, r);
    WANT(E_CONTEXT, "DeleteRtThread", 1, 0u);
    WANT(E_OK, "ReleaseRtControl", 0);
    WANT(E_EXIST, "WaitForRtControl", 1, 0u);
    WANT(E_TYPE, "WaitForRtControl", 1, self);
    WANT(E_OK, "WaitForRtControl", 1, r);
    CALL0(f, "ReleaseRtControl");
    WANT(E_TYPE, "DeleteRtRegion", 1, self);
    WANT(E_OK, "DeleteRtRegion", 1, r);
    WANT(E_EXIST, "DeleteRtRegion", 1, r);
}

static void mailbox_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    uint32_t remote = reference(f, TYPE_MAILBOX, "REMOTE MBX");
    WANT(E_OK, "CreateRtMailbox", 1, 0x21u);
    uint32_t o = CALL1(f, "CreateRtMailbox", 0), d = CALL1(f, "CreateRtMailbox", 0x20);
    WANT(E_LIMIT, "SendRtData", 3, d, SCRATCH, 129u);
    WANT(E_EXIST, "SendRtData", 3, 0xffffu, SCRATCH, 1u);
    WANT(E_EXIST, "SendRtData", 3, remote, SCRATCH, 1u);
    WANT(E_TYPE, "SendRtData", 3, self, SCRATCH, 1u);
    WANT(E_TYPE, "SendRtData", 3, o, SCRATCH, 1u);
    WANT(E_BAD_ADDR, "SendRtData", 3, d, 0x7fffffu, 2u);
    WANT(E_OK, "SendRtData", 3, d, SCRATCH, 128u);
    WANT(E_OK, "SendRtData", 3, d, 0u, 0u);
    WANT(E_PARAM, "ReceiveRtData", 3, d, SCRATCH, 655350u);
    WANT(E_EXIST, "ReceiveRtData", 3, 0u, SCRATCH, 0u);
    WANT(E_EXIST, "ReceiveRtData", 3, remote, SCRATCH, 0u);
    WANT(E_TYPE, "ReceiveRtData", 3, o, SCRATCH, 0u);
    WANT(E_BAD_ADDR, "ReceiveRtData", 3, d, FAKE_RO - 127, 0u);
    WANT(E_OK, "ReceiveRtData", 3, d, SCRATCH, 0u);
    WANT(E_OK, "ReceiveRtData", 3, d, SCRATCH, 0u);
    WANT(E_TIME, "ReceiveRtData", 3, d, SCRATCH, 9u);
    WANT(E_EXIST, "SendRtHandle", 3, 0u, o, 0u);
    WANT(E_EXIST, "SendRtHandle", 3, o, 0u, 0u);
    WANT(E_EXIST, "SendRtHandle", 3, o, d, 0xffffu);
    WANT(E_TYPE, "SendRtHandle", 3, d, o, 0u);
    WANT(E_TYPE, "SendRtHandle", 3, o, o, self);
    WANT(E_CONTEXT, "SendRtHandle", 3, o, o, remote);
    WANT(E_INVALID_ADDRESS, "SendRtHandle", 3, remote, o, 0u);
    WANT(E_OK, "SendRtHandle", 3, o, self, d);
    WANT(E_PARAM, "ReceiveRtHandle", 3, o, 655350u, 0u);
    WANT(E_EXIST, "ReceiveRtHandle", 3, remote, 0u, 0u);
    WANT(E_TYPE, "ReceiveRtHandle", 3, d, 0u, 0u);
    WANT(E_BAD_ADDR, "ReceiveRtHandle", 3, o, 0u, FAKE_RO);
    WANT(E_OK, "ReceiveRtHandle", 3, o, 0u, SCRATCH);
    WANT(E_TIME, "ReceiveRtHandle", 3, o, 0u, 0u);
    WANT(E_TYPE, "DeleteRtMailbox", 1, self);
    WANT(E_INVALID_ADDRESS, "DeleteRtMailbox", 1, remote);
    WANT(E_OK, "DeleteRtMailbox", 1, o);
    WANT(E_EXIST, "DeleteRtMailbox", 1, o);
}

static void kn_calls(struct fake *f, struct seen *seen)
{
    uint32_t m = CALL4(f, "knCreateRtMailbox", FAKE_DATA, 16, 2, 0);
    WANT(E_OK, "knCreateRtMailbox", 4, FAKE_DATA, 16u, 2u, 0u);
    WANT(E_PARAM, "knCreateRtMailbox", 4, FAKE_DATA, 0u, 2u, 0u);
    WANT(E_PARAM, "knCreateRtMailbox", 4, FAKE_DATA, 16u, 0u, 0u);
    WANT(E_BAD_ADDR, "knCreateRtMailbox", 4, FAKE_DATA, 0x1000u, 0xffffffffu, 0u);
    WANT(E_OK, "knSendRtData", 3, m, SCRATCH, 16u);
    WANT(E_OK, "knSendRtPriorityData", 3, m, SCRATCH, 0u);
    WANT(E_KN_LIMIT_EXCEEDED, "knSendRtData", 3, m, SCRATCH, 16u);
    WANT(E_KN_LIMIT_EXCEEDED, "knSendRtPriorityData", 3, m, SCRATCH, 16u);
    WANT(E_PARAM, "knSendRtData", 3, m, SCRATCH, 17u);
    WANT(E_PARAM, "knSendRtPriorityData", 3, m, SCRATCH, 17u);
    WANT(E_BAD_ADDR, "knSendRtData", 3, m, 0u, 16u);
    WANT(E_BAD_ADDR, "knSendRtPriorityData", 3, 0u, SCRATCH, 16u);
    WANT(E_BAD_ADDR, "knWaitForRtData", 4, m, FAKE_RO, SCRATCH, 0u);
    WANT(E_OK, "knWaitForRtData", 4, m, SCRATCH, SCRATCH + 64, 0u);
    WANT(E_OK, "knWaitForRtData", 4, m, SCRATCH, SCRATCH + 64, 0u);
    WANT(E_KN_TIME_OUT, "knWaitForRtData", 4, m, SCRATCH, SCRATCH + 64, 0u);
    WANT(E_BAD_ADDR, "knDeleteRtMailbox", 1, m + 0x1000);
    WANT(E_OK, "knDeleteRtMailbox", 1, m);
    uint32_t a = CALL3(f, "knCreateRtAlarmEvent", FAKE_DATA + 0x80, 1, 4);
    WANT(E_OK, "knCreateRtAlarmEvent", 3, FAKE_DATA + 0x80, 1u, 4u);
    WANT(E_BAD_ADDR, "knCreateRtAlarmEvent", 3, FAKE_RO, 1u, 4u);
    WANT(E_KN_TIME_OUT, "knWaitForRtAlarmEvent", 2, a, 0u);
    f->now += 2000;
    WANT(E_OK, "knWaitForRtAlarmEvent", 2, a, 0u);
    WANT(E_BAD_ADDR, "knWaitForRtAlarmEvent", 2, 0u, 0u);
    WANT(E_OK, "knResetRtAlarmEvent", 1, a);
    WANT(E_BAD_ADDR, "knResetRtAlarmEvent", 1, 0u);
    WANT(E_OK, "knDeleteRtAlarmEvent", 1, a);
    WANT(E_BAD_ADDR, "knDeleteRtAlarmEvent", 1, 0u);
    WANT(E_OK, "knStopRtScheduler", 0);
    WANT(E_OK, "knStartRtScheduler", 0);
    uint32_t block = CALL1(f, "AllocateRtMemory", 256 * 4096);
    for (unsigned i = 0; i < 255; i++)
        CALL2(f, "knCreateRtSemaphore", block + i * 4096, 0);
    CALL1(f, "SetLastRtError", 0x7777);
    block += 255 * 4096;
    WANT(E_KN_LIMIT_EXCEEDED, "knCreateRtSemaphore", 2, block, 0u);
    WANT(E_KN_LIMIT_EXCEEDED, "knCreateRtMailbox", 4, block, 16u, 2u, 0u);
    WANT(E_KN_LIMIT_EXCEEDED, "knCreateRtAlarmEvent", 3, block, 0u, 1u);
}

/* A wait of the main thread at a low-level object that another thread deletes. */
static void kn_deleted(struct fake *f, struct seen *seen)
{
    static const char *const calls[][3] = {
        {"knCreateRtSemaphore", "knWaitForRtSemaphore", "knDeleteRtSemaphore"},
        {"knCreateRtMailbox", "knWaitForRtData", "knDeleteRtMailbox"},
        {"knCreateRtAlarmEvent", "knWaitForRtAlarmEvent", "knDeleteRtAlarmEvent"}};
    for (unsigned i = 0; i < 3; i++) {
        uint32_t h = CALL4(f, calls[i][0], FAKE_DATA, i == 1 ? 16 : 0, 100, 0);
        uint32_t other = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
        if (i == 1)
            CALL4(f, calls[i][1], h, SCRATCH, SCRATCH + 64, 0xffffffffu);
        else
            CALL2(f, calls[i][1], h, 0xffffffffu);
        cr_assert_eq(rt_current_thread(f->k), other);
        CALL1(f, calls[i][2], h);
        cr_expect_eq(f->eax, 0, "%s", calls[i][1]);
        cr_expect_eq(fake_last(f), E_KN_NONEXIST, "%s", calls[i][1]);
        CALL1(f, "DeleteRtThread", other);
    }
    mark(seen, fake_row("knWaitForRtSemaphore"), E_KN_NONEXIST);
    mark(seen, fake_row("knWaitForRtData"), E_KN_NONEXIST);
    mark(seen, fake_row("knWaitForRtAlarmEvent"), E_KN_NONEXIST);
}

static void time_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_OK, "CreateRtAlarm", 2, 1u, 0u);
    uint32_t a = CALL2(f, "CreateRtAlarm", 1, 0);
    WANT(E_TIME, "WaitForRtAlarm", 2, a, 0u);
    WANT(E_TYPE, "WaitForRtAlarm", 2, self, 0u);
    WANT(E_EXIST, "WaitForRtAlarm", 2, 0u, 0u);
    f->now += 500;
    WANT(E_OK, "WaitForRtAlarm", 2, a, 0u);
    f->now += 500 * 65536ull;
    WANT(E_LIMIT, "WaitForRtAlarm", 2, a, 0u);
    WANT(E_TYPE, "ResetRtAlarm", 1, self);
    WANT(E_EXIST, "ResetRtAlarm", 1, 0u);
    WANT(E_OK, "ResetRtAlarm", 1, a);
    WANT(E_TYPE, "DeleteRtAlarm", 1, self);
    WANT(E_OK, "DeleteRtAlarm", 1, a);
    WANT(E_EXIST, "DeleteRtAlarm", 1, a);
    WANT(E_PARAM, "GetRtSystemTime", 1, 0u);
    WANT(E_BAD_ADDR, "GetRtSystemTime", 1, FAKE_RO);
    WANT(E_OK, "GetRtSystemTime", 1, SCRATCH);
    WANT(E_OK, "SetRtSystemTime", 1, SCRATCH);
    WANT(E_PARAM, "SetRtSystemTime", 1, 0u);
    WANT(E_PARAM, "SetRtSystemTime", 1, SCRATCH + 2);
    WANT(E_BAD_ADDR, "SetRtSystemTime", 1, 0x7fffffu);
    WANT(E_BAD_ADDR, "GetRtSystemTimeAsTimeValue", 1, FAKE_RO);
    WANT(E_OK, "GetRtSystemTimeAsTimeValue", 1, SCRATCH);
    WANT(E_BAD_ADDR, "knGetKernelTime", 1, FAKE_RO);
    WANT(E_OK, "knGetKernelTime", 1, 0u);
    WANT(E_OK, "knGetKernelTime0", 0);
    WANT(E_BAD_ADDR, "knSetKernelTime", 1, 0u);
    WANT(E_OK, "knSetKernelTime", 1, SCRATCH);
}

static void heap_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), thread = CALL1(f, "GetRtThreadHandles", 0);
    WANT(E_PARAM, "CreateRtHeap", 2, 39u, 0u);
    WANT(E_PARAM, "CreateRtHeap", 2, 4096u, 1u);
    WANT(E_VMEM, "CreateRtHeap", 2, 0x700000u, 0u);
    WANT(E_OK, "CreateRtHeap", 2, 40u, 0u);
    uint32_t h = CALL2(f, "CreateRtHeap", 4096, 0);
    WANT(E_PARAM, "RequestRtBuffer", 3, h, 0u, SCRATCH);
    WANT(E_EXIST, "RequestRtBuffer", 3, 0u, 1u, SCRATCH);
    WANT(E_TYPE, "RequestRtBuffer", 3, self, 1u, SCRATCH);
    WANT(E_BAD_ADDR, "RequestRtBuffer", 3, h, 1u, FAKE_RO);
    WANT(E_MEM, "RequestRtBuffer", 3, h, 4096u, SCRATCH);
    WANT(E_OK, "RequestRtBuffer", 3, h, 1u, SCRATCH);
    uint32_t b = CALL3(f, "RequestRtBuffer", h, 10, SCRATCH);
    WANT(E_PARAM, "GetRtBufferSize", 3, h, b, 1u);
    WANT(E_EXIST, "GetRtBufferSize", 3, 0u, b, 0u);
    WANT(E_TYPE, "GetRtBufferSize", 3, self, b, 0u);
    WANT(E_NUC_BAD_BUF, "GetRtBufferSize", 3, h, b + 1, 0u);
    WANT(E_OK, "GetRtBufferSize", 3, h, b, 0u);
    WANT(E_PARAM, "ReleaseRtBuffer", 3, h, b, 1u);
    WANT(E_EXIST, "ReleaseRtBuffer", 3, 0u, b, 0u);
    WANT(E_TYPE, "ReleaseRtBuffer", 3, self, b, 0u);
    WANT(E_NUC_BAD_BUF, "ReleaseRtBuffer", 3, h, 0u, 0u);
    WANT(E_OK, "ReleaseRtBuffer", 3, h, b, 0u);
    WANT(E_EXIST, "GetRtHeapInfo", 2, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtHeapInfo", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtHeapInfo", 2, h, FAKE_RO);
    WANT(E_OK, "GetRtHeapInfo", 2, h, SCRATCH);
    WANT(E_TYPE, "DeleteRtHeap", 1, self);
    WANT(E_OK, "DeleteRtHeap", 1, h);
    WANT(E_EXIST, "DeleteRtHeap", 1, h);
    WANT(E_PARAM, "MapRtPhysicalMemory64", 4, 0u, 0u, 0u, 0u);
    WANT(E_VMEM, "MapRtPhysicalMemory64", 4, 0u, 0u, 0x10000000u, 0u);
    WANT(E_OK, "MapRtPhysicalMemory64", 4, 0xB8000u, 0u, 4000u, 0x10u);
    WANT(E_PARAM, "GetRtPhysicalAddress64", 3, FAKE_DATA, 0u, 0u);
    WANT(E_BAD_ADDR, "GetRtPhysicalAddress64", 3, FAKE_RO, 1u, 0u);
    WANT(E_OK, "GetRtPhysicalAddress64", 3, FAKE_DATA, 1u, 0u);
    uint8_t list[40] = {0};
    put32(list + 24, 0x1000);
    put32(list + 32, 0x200000);
    put32(list + 36, 0x1000);
    fake_put(f, SCRATCH, list, sizeof list);
    WANT(E_OK, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x1000u, 0u);
    WANT(E_STATE, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x1001u, 0u);
    WANT(E_PARAM, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x1000u, 1u);
    WANT(E_BAD_ADDR, "MapRtPhysicalMemoryList", 3, 0u, 0x1000u, 0u);
    put32(list + 24, 0x10000000);
    fake_put(f, SCRATCH, list, sizeof list);
    WANT(E_VMEM, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x10000000u, 0u);
    WANT(E_PARAM, "GetRtSystemMemoryInfo", 2, 1u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtSystemMemoryInfo", 2, 0u, FAKE_RO);
    WANT(E_OK, "GetRtSystemMemoryInfo", 2, 0u, SCRATCH);
    WANT(E_EXIST, "GetRtProcessPoolInfo", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtProcessPoolInfo", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtProcessPoolInfo", 2, 0u, FAKE_RO);
    WANT(E_OK, "GetRtProcessPoolInfo", 2, 0u, SCRATCH);
}

static void report_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), thread = CALL1(f, "GetRtThreadHandles", 0);
    uint32_t remote = reference(f, TYPE_PROCESS, "REMOTE LONG"), idle = SLOT_IDLE_PROCESS << 3;
    WANT(E_PARAM, "GetRtThreadAccounting", 3, 0u, SCRATCH, 2u);
    WANT(E_EXIST, "GetRtThreadAccounting", 3, 0xffffu, SCRATCH, 0u);
    WANT(E_TYPE, "GetRtThreadAccounting", 3, self, SCRATCH, 0u);
    WANT(E_BAD_ADDR, "GetRtThreadAccounting", 3, thread, FAKE_RO, 0u);
    WANT(E_OK, "GetRtThreadAccounting", 3, thread, SCRATCH, 1u);
    WANT(E_CONTEXT, "SetRtSystemAccountingMode", 1, 0u);
    WANT(E_OK, "SetRtSystemAccountingMode", 1, 1u);
    uint32_t name = fake_string(f, "a name of more than twelve bytes");
    WANT(E_OK, "CatalogRtHandleLong", 3, 0u, thread, name);
    WANT(E_CONTEXT, "CatalogRtHandleLong", 3, self, thread, name);
    WANT(E_EXIST, "CatalogRtHandleLong", 3, remote, thread, name);
    WANT(E_TYPE, "CatalogRtHandleLong", 3, thread, thread, name);
    WANT(E_BAD_ADDR, "CatalogRtHandleLong", 3, 0u, thread, 0u);
    WANT(E_LIMIT, "CatalogRtHandleLong", 3, idle, thread, name);
    WANT(E_OK, "LookupRtHandleLong", 3, 0u, name, 0u);
    WANT(E_CONTEXT, "LookupRtHandleLong", 3, idle, name, 0u);
    WANT(E_EXIST, "LookupRtHandleLong", 3, 0xffffu, name, 0u);
    WANT(E_TYPE, "LookupRtHandleLong", 3, thread, name, 0u);
    WANT(E_INVALID_ADDRESS, "LookupRtHandleLong", 3, remote, name, 0u);
    WANT(E_PARAM, "LookupRtHandleLong", 3, 0u, name, 655350u);
    WANT(E_BAD_ADDR, "LookupRtHandleLong", 3, 0u, 0u, 0u);
    WANT(E_TIME, "LookupRtHandleLong", 3, 0u, fake_string(f, "something else, not there"), 0u);
    WANT(E_PARAM, "CatalogRtHandleLong", 3, 0u, thread, fake_string(f, ""));
    for (unsigned i = 0; i < 63; i++) {
        char text[8];
        snprintf(text, sizeof text, "N%u", i);
        CALL3(f, "CatalogRtHandle", 0, thread, fake_string(f, text));
    }
    WANT(E_LIMIT, "LookupRtHandleLong", 3, 0u, fake_string(f, "one more, and long"), 10u);
    CALL2(f, "UncatalogRtHandle", 0, fake_string(f, "N5"));
    name = fake_string(f, "null object, long name");
    WANT(E_OK, "CatalogRtHandleLong", 3, 0u, 0u, name);
    WANT(E_EXIST, "LookupRtHandleLong", 3, 0u, name, 0u);
    WANT(E_EXIST, "InspectRtProcessDirectory", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "InspectRtProcessDirectory", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "InspectRtProcessDirectory", 2, 0u, FAKE_RO);
    WANT(E_OK, "InspectRtProcessDirectory", 2, 0u, SCRATCH);
    WANT(E_EXIST, "GetRtProcessDirectoryEntry", 3, 0xffffu, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtProcessDirectoryEntry", 3, thread, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtProcessDirectoryEntry", 3, 0u, 0u, FAKE_RO);
    WANT(E_PARAM, "GetRtProcessDirectoryEntry", 3, 0u, 64u, SCRATCH);
    WANT(E_OK, "GetRtProcessDirectoryEntry", 3, 0u, 63u, SCRATCH);
    WANT(E_EXIST, "GetRtProcessDirectoryEntryLong", 3, 0xffffu, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtProcessDirectoryEntryLong", 3, thread, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtProcessDirectoryEntryLong", 3, 0u, 0u, FAKE_RO);
    WANT(E_PARAM, "GetRtProcessDirectoryEntryLong", 3, 0u, 64u, SCRATCH);
    WANT(E_OK, "GetRtProcessDirectoryEntryLong", 3, 0u, 0u, SCRATCH);
    WANT(E_PARAM, "ReportRtEvent", 8, 1u, 1u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "ReportRtEvent", 8, 0u, 3u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_BAD_ADDR, "ReportRtEvent", 8, 0u, 1u, 0u, 0u, 1u, 0u, 0u, 0u);
    WANT(E_BAD_ADDR, "ReportRtEvent", 8, 0u, 1u, 0u, 0u, 0u, 4u, 0u, 0u);
    WANT(E_OK, "ReportRtEvent", 8, 0u, 4u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "WaitForRtIoService", 2, 4u, 0u);
    WANT(E_OK, "WaitForRtIoService", 2, 3u, 0u);
    f->k->config.io_missing = 1;
    WANT(E_TIME, "WaitForRtIoService", 2, 3u, 0u);
    WANT(E_BAD_ADDR, "GetCurrentRtDirectory", 2, 100u, FAKE_RO);
    WANT(E_OK, "GetCurrentRtDirectory", 2, 100u, SCRATCH);
    WANT(E_BAD_ADDR, "SetCurrentRtDirectory", 1, 0u);
    WANT(E_BAD_ADDR, "GetFullRtPathName", 4, 0u, 100u, SCRATCH, 0u);
    name = fake_string(f, "d:\\work");
    WANT(E_OK, "SetCurrentRtDirectory", 1, name);
    WANT(E_OK, "GetFullRtPathName", 4, name, 100u, SCRATCH, SCRATCH + 200);
    WANT(E_BAD_ADDR, "GetFullRtPathName", 4, name, 100u, FAKE_RO, 0u);
    name = fake_string(f, "");
    WANT(E_PARAM, "SetCurrentRtDirectory", 1, name);
    WANT(E_PARAM, "GetFullRtPathName", 4, name, 100u, SCRATCH, 0u);
}

static void queue_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_PARAM, "CreateRtQueue", 3, 31u, 0u, 0u);
    WANT(E_PARAM, "CreateRtQueue", 3, 32u, 3u, 0u);
    WANT(E_PARAM, "CreateRtQueue", 3, 32u, 2u, 1u);
    WANT(E_OK, "CreateRtQueue", 3, 32u, 2u, 0u);
    uint32_t q = CALL3(f, "CreateRtQueue", 64, 20, 0), room = SCRATCH + 200;
    WANT(E_EXIST, "SendRtShortDataMessage", 3, 0u, SCRATCH, 1u);
    WANT(E_TYPE, "SendRtShortDataMessage", 3, self, SCRATCH, 1u);
    WANT(E_PARAM, "SendRtShortDataMessage", 3, q, SCRATCH, 21u);
    WANT(E_BAD_ADDR, "SendRtShortDataMessage", 3, q, 0u, 1u);
    WANT(E_OK, "SendRtShortDataMessage", 3, q, SCRATCH, 20u);
    WANT(E_LIMIT, "SendRtShortDataMessage", 3, q, SCRATCH, 20u);
    WANT(E_LIMIT, "SendRtLongDataMessage", 5, q, SCRATCH, 20u, 10u, 0u);
    WANT(E_EXIST, "SendRtLongDataMessage", 5, 0u, SCRATCH, 20u, 10u, 0u);
    WANT(E_TYPE, "SendRtLongDataMessage", 5, self, SCRATCH, 20u, 10u, 0u);
    WANT(E_PARAM, "SendRtLongDataMessage", 5, q, SCRATCH, 19u, 10u, 0u);
    WANT(E_BAD_ADDR, "SendRtLongDataMessage", 5, q, 0u, 20u, 10u, 0u);
    WANT(E_TIME, "SendRtLongDataMessage", 5, q, SCRATCH, 20u, 0u, 0u);
    WANT(E_PARAM, "ReceiveRtDataMessage", 5, q, SCRATCH, 20u, 655350u, room);
    WANT(E_EXIST, "ReceiveRtDataMessage", 5, 0u, SCRATCH, 20u, 0u, room);
    WANT(E_TYPE, "ReceiveRtDataMessage", 5, self, SCRATCH, 20u, 0u, room);
    WANT(E_BAD_ADDR, "ReceiveRtDataMessage", 5, q, FAKE_RO, 20u, 0u, room);
    WANT(E_LIMIT, "ReceiveRtDataMessage", 5, q, SCRATCH, 19u, 0u, room);
    WANT(E_OK, "ReceiveRtDataMessage", 5, q, SCRATCH, 20u, 0u, room);
    WANT(E_TIME, "ReceiveRtDataMessage", 5, q, SCRATCH, 20u, 0u, room);
    WANT(E_CANCELLED, "GetRtLongDataMessage", 5, q, SCRATCH, FAKE_DATA, 64u, room);
    WANT(E_BAD_ADDR, "GetRtLongDataMessage", 5, q, 0u, FAKE_DATA, 64u, room);
    WANT(E_CANCELLED, "CancelRtLongDataMessage", 2, q, SCRATCH);
    WANT(E_BAD_ADDR, "CancelRtLongDataMessage", 2, q, 0u);
    uint32_t main_thread = rt_current_thread(f->k);
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    for (unsigned i = 0; i < 2; i++) {
        CALL5(f, "SendRtLongDataMessage", q, SCRATCH, 64, 0xffffffffu, 0);
        CALL1(f, "SetLastRtError", 0x7777);
        WANT(E_NO_LOCAL_BUFFER, "ReceiveRtDataMessage", 5, q, SCRATCH, 64u, 0u, room);
        WANT(E_PARAM, "GetRtLongDataMessage", 5, q, SCRATCH, FAKE_DATA, 63u, room);
        if (i)
            CALL5(f, "GetRtLongDataMessage", q, SCRATCH, FAKE_DATA, 64, room);
        else
            CALL2(f, "CancelRtLongDataMessage", q, SCRATCH);
        cr_expect_eq(rt_current_thread(f->k), main_thread);
        cr_expect_eq(f->eax, i);
        if (!i) cr_expect_eq(fake_last(f), E_CANCELLED);
    }
    mark(seen, fake_row("SendRtLongDataMessage"), E_OK);
    mark(seen, fake_row("SendRtLongDataMessage"), E_CANCELLED);
    mark(seen, fake_row("GetRtLongDataMessage"), E_OK);
    mark(seen, fake_row("CancelRtLongDataMessage"), E_OK);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_EXIST, "FlushRtQueue", 1, 0u);
    WANT(E_TYPE, "FlushRtQueue", 1, self);
    WANT(E_OK, "FlushRtQueue", 1, q);
    WANT(E_TYPE, "DeleteRtQueue", 1, self);
    WANT(E_OK, "DeleteRtQueue", 1, q);
    WANT(E_EXIST, "DeleteRtQueue", 1, q);
}

static void port_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), heap = CALL2(f, "CreateRtHeap", 4096, 0);
    WANT(E_OK, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    uint32_t port = CALL4(f, "CreateRtPort", 0, 0, 0, 0), name = fake_string(f, "SERVICE");
    WANT(E_CONTEXT, "CreateRtPort", 4, name, 0u, 0u, 0u);
    WANT(E_CONTEXT, "CreateRtPortEx", 5, name, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "CreateRtPort", 4, 4u, 0u, 0u, 0u);
    WANT(E_PARAM, "CreateRtPortEx", 5, fake_string(f, ""), 0u, 0u, 0u, 0u);
    WANT(E_VMEM, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 0x700000u);
    WANT(E_OK, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 4096u);
    WANT(E_EXIST, "AttachRtHeap", 2, heap, 0u);
    WANT(E_TYPE, "AttachRtHeap", 2, port, port);
    WANT(E_OK, "AttachRtHeap", 2, heap, port);
    WANT(E_STATE, "AttachRtHeap", 2, heap, port);
    WANT(E_CONTEXT, "DeleteRtHeap", 1, heap);
    WANT(E_EXIST, "DetachRtHeap", 1, 0u);
    WANT(E_TYPE, "DetachRtHeap", 1, heap);
    WANT(E_OK, "DetachRtHeap", 1, port);
    WANT(E_STATE, "DetachRtHeap", 1, port);
    WANT(E_EXIST, "ConnectRtPort", 1, 0u);
    WANT(E_TYPE, "ConnectRtPort", 1, self);
    WANT(E_STATE, "ConnectRtPort", 1, port);
    WANT(E_EXIST, "DetachRtPort", 1, 0u);
    WANT(E_TYPE, "DetachRtPort", 1, self);
    WANT(E_STATE, "DetachRtPort", 1, port);
    WANT(E_EXIST, "ReceiveRtReply", 1, 0u);
    WANT(E_TYPE, "ReceiveRtReply", 1, self);
    WANT(E_STATE, "ReceiveRtReply", 1, port);
    WANT(E_EXIST, "AttachRtPort", 2, port, 0u);
    WANT(E_TYPE, "AttachRtPort", 2, port, port);
    WANT(E_EXIST, "SendRtMessage", 1, 0u);
    WANT(E_TYPE, "SendRtMessage", 1, self);
    WANT(E_CONTEXT, "SendRtMessage", 1, port);
    WANT(E_EXIST, "SendRtReply", 1, 0u);
    WANT(E_TYPE, "SendRtReply", 1, self);
    WANT(E_CONTEXT, "SendRtReply", 1, port);
    WANT(E_EXIST, "CancelRtTransaction", 2, 0u, 1u);
    WANT(E_TYPE, "CancelRtTransaction", 2, self, 1u);
    WANT(E_TRANS_ID, "CancelRtTransaction", 2, port, 1u);
    WANT(E_PARAM, "ReceiveRtMessage", 3, port, 655350u, SCRATCH);
    WANT(E_EXIST, "ReceiveRtMessage", 3, 0u, 0u, SCRATCH);
    WANT(E_TYPE, "ReceiveRtMessage", 3, self, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "ReceiveRtMessage", 3, port, 0u, FAKE_RO);
    WANT(E_TIME, "ReceiveRtMessage", 3, port, 0u, SCRATCH);
    CALL2(f, "AttachRtHeap", heap, port);
    WANT(E_TYPE, "DeleteRtPort", 1, self);
    WANT(E_OK, "DeleteRtPort", 1, port);
    WANT(E_EXIST, "DeleteRtPort", 1, port);
    WANT(E_OK, "DeleteRtHeap", 1, heap);
}

/* Calls that a node without services always refuses. */
static bool never_succeeds(const char *name)
{
    static const char *const names[] = {"ConnectRtPort",    "AttachRtPort",       "DetachRtPort",
                                        "SendRtMessage",    "SendRtReply",        "ReceiveRtReply",
                                        "ReceiveRtMessage", "CancelRtTransaction"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

static void startup_calls(struct fake *f, struct seen *seen)
{
    const struct rt_export exports[] = {{"Alpha", 1, 0x20100}, {NULL, 2, 0x20200}};
    struct rt_effects fx;
    cr_assert_eq(rt_process_module(f->k, rt_current_process(f->k), "RtRsl.rsl", 0x20000, 0x1000, 0,
                                   exports, 2),
                 E_OK);
    rt_kernel_more(f->k, &fx);
    fake_apply(f, &fx);
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0);
    WANT(E_EXIST, "GetRtModuleHandle", 1, fake_string(f, "other.rsl"));
    WANT(E_BAD_ADDR, "GetRtModuleHandle", 1, 0u);
    WANT(E_OK, "GetRtModuleHandle", 1, fake_string(f, "RTRSL.RSL"));
    uint32_t m = CALL1(f, "GetRtModuleHandle", fake_string(f, "RtRsl.rsl"));
    WANT(E_EXIST, "GetRtProcAddress", 2, 0xffffu, 1u);
    WANT(E_TYPE, "GetRtProcAddress", 2, thread, 1u);
    WANT(E_BAD_ADDR, "GetRtProcAddress", 2, m, 0x300000u);
    WANT(E_EXIST, "GetRtProcAddress", 2, m, 3u);
    WANT(E_OK, "GetRtProcAddress", 2, m, fake_string(f, "Alpha"));
    cr_expect_eq(CALL2(f, "GetRtProcAddress", m, 2), 0x20200);
    WANT(E_OK, "RslCallRslHandlers", 2, 0u, 1u);
    WANT(E_PARAM, "RslSetCallback", 2, 0x400000u, 2u);
    WANT(E_OK, "RslSetCallback", 2, 0x400000u, 1u);
    WANT(E_OK, "RtTlsAlloc", 0);
    WANT(E_PARAM, "RtTlsSetValue", 2, 1u, 5u);
    WANT(E_OK, "RtTlsSetValue", 2, 0u, 5u);
    WANT(E_PARAM, "RtTlsGetValue", 1, 64u);
    WANT(E_OK, "RtTlsGetValue", 1, 0u);
    uint8_t array[4];
    uint32_t at = f->k->current->block + 0x2C;
    put32(array, FAKE_RO);
    fake_put(f, at, array, 4);
    WANT(E_BAD_ADDR, "RtTlsSetValue", 2, 0u, 5u);
    put32(array, 0x7fffffff);
    fake_put(f, at, array, 4);
    WANT(E_BAD_ADDR, "RtTlsGetValue", 1, 0u);
    WANT(E_PARAM, "RtTlsFree", 1, 9u);
    WANT(E_OK, "RtTlsFree", 1, 0u);
    for (unsigned i = 0; i < 64; i++)
        cr_assert_eq(CALL0(f, "RtTlsAlloc"), i);
    WANT(E_LIMIT, "RtTlsAlloc", 0);
}

static void small_calls(struct fake *f, struct seen *seen)
{
    WANT(E_BAD_ADDR, "knCreateRtSemaphore", 2, FAKE_RO, 5u);
    uint32_t h = CALL2(f, "knCreateRtSemaphore", FAKE_DATA, 5);
    WANT(E_OK, "knCreateRtSemaphore", 2, FAKE_DATA, 5u);
    WANT(E_BAD_ADDR, "knWaitForRtSemaphore", 2, 0u, 0xffffffffu);
    WANT(E_OK, "knWaitForRtSemaphore", 2, h, 0xffffffffu);
    WANT(E_KN_TIME_OUT, "knWaitForRtSemaphore", 2, h, 0u);
    WANT(E_BAD_ADDR, "knReleaseRtSemaphore", 1, 0xfffffff0u);
    WANT(E_OK, "knReleaseRtSemaphore", 1, h);
    WANT(E_BAD_ADDR, "knDeleteRtSemaphore", 1, 1u);
    WANT(E_OK, "knDeleteRtSemaphore", 1, h);
    WANT(E_BAD_ADDR, "clib_write", 2, 0x300000u, 4u);
    WANT(E_OK, "clib_write", 2, FAKE_RO, 4u);
    WANT(E_LIMIT, "clib_args", 5, FAKE_DATA, FAKE_DATA + 16, 2u, FAKE_DATA + 512, 0x1000u);
    WANT(E_BAD_ADDR, "clib_args", 5, FAKE_RO, FAKE_DATA + 16, 100u, FAKE_DATA + 512, 0x1000u);
    WANT(E_OK, "clib_args", 5, FAKE_DATA, FAKE_DATA + 16, 100u, FAKE_DATA + 512, 0x1000u);
    WANT(E_OK, "clib_clock", 0);
    WANT(E_OK, "SetLastRtError", 1, 0x7777u);
}

/* Codes that need an exhausted pool, VSEG, object limit or GDT. */
static void scarce_calls(struct fake *f, struct seen *seen)
{
    uint32_t shared;
    CALL0(f, "ExitRtProcess");
    mark(seen, fake_row("ExitRtProcess"), E_OK);
    struct rt_process_attr big = {.name = "BIG", .pool_max = 0xffffffffu, .vseg_size = 0x1000000};
    fake_process(f, &big);
    fake_run(f);
    shared = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    uint32_t heap = CALL2(f, "CreateRtHeap", 0x400000, 0), small = CALL2(f, "CreateRtHeap", 40, 0);
    uint32_t large = CALL1(f, "AllocateRtMemory", 0x500000);
    uint32_t wide = CALL2(f, "CreateRtMemoryHandle", large, 0x500000);
    cr_assert_neq(wide, BAD_RTHANDLE);
    CALL1(f, "RtSleep", 600000);
    poor_app(f);
    fake_run(f);
    CALL1(f, "SetLastRtError", 0x7777);
    uint32_t d = CALL1(f, "CreateRtMailbox", 0x20), o = CALL1(f, "CreateRtMailbox", 0);
    drain_pool(f);
    CALL1(f, "SetLastRtError", 0x7777);
    for (unsigned i = 0; i < 3; i++)
        WANT(E_OK, "SendRtData", 3, d, 0u, 0u);
    WANT(E_MEM, "SendRtData", 3, d, 0u, 0u);
    for (unsigned i = 0; i < 8; i++)
        WANT(E_OK, "SendRtHandle", 3, o, d, 0u);
    WANT(E_MEM, "SendRtHandle", 3, o, d, 0u);
    WANT(E_MEM, "CreateRtMailbox", 1, 0u);
    WANT(E_MEM, "CreateRtAlarm", 2, 0u, 0u);
    WANT(E_MEM, "CreateRtHeap", 2, 40u, 0u);
    WANT(E_MEM, "CreateRtQueue", 3, 32u, 0u, 0u);
    WANT(E_MEM, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    WANT(E_MEM, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 64u);
    WANT(E_MEM, "AllocateRtMemory", 1, 4096u);
    WANT(E_MEM, "clib_pages", 1, 4096u);
    WANT(E_MEM, "CreateRtMemoryHandle", 2, FAKE_DATA, 16u);
    WANT(E_MEM, "CreateRtSemaphore", 3, 0u, 1u, 0u);
    WANT(E_MEM, "CreateRtRegion", 1, 0u);
    /* fill the VSEG's first 4 MB with mappings, so that the next one needs a page table */
    while (CALL2(f, "MapRtPhysicalMemory", 0, 0x20000)) {
    }
    while (CALL2(f, "MapRtPhysicalMemory", 0, 0x1000)) {
    }
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_VMEM, "MapRtSharedMemory", 1, shared);
    WANT(E_VMEM, "RequestRtBuffer", 3, small, 1u, SCRATCH);
    CALL0(f, "ExitRtProcess");
    struct rt_process_attr attr = {
        .name = "TABLES", .pool_min = 0x1e000, .pool_max = 0x1e000, .vseg_size = 0x1000000};
    fake_process(f, &attr);
    fake_run(f);
    CALL1(f, "SetLastRtError", 0x7777);
    drain_pool(f);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_MEM, "MapRtPhysicalMemory", 2, 0u, 0x500000u);
    WANT(E_MEM, "MapRtPhysicalMemoryEx", 3, 0u, 0x500000u, 0u);
    WANT(E_MEM, "MapRtSharedMemory", 1, wide);
    WANT(E_MEM, "MapRtPhysicalMemory64", 4, 0u, 0u, 0x500000u, 0u);
    WANT(E_MEM, "RequestRtBuffer", 3, heap, 1u, SCRATCH);
    uint8_t list[40] = {0};
    put32(list + 24, 0x500000);
    put32(list + 36, 0x500000);
    fake_put(f, SCRATCH, list, sizeof list);
    WANT(E_MEM, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x500000u, 0u);
    CALL0(f, "ExitRtProcess");
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
    WANT(E_LIMIT, "CreateRtAlarm", 2, 0u, 0u);
    WANT(E_LIMIT, "CreateRtHeap", 2, 40u, 0u);
    WANT(E_LIMIT, "CreateRtQueue", 3, 32u, 0u, 0u);
    WANT(E_LIMIT, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    WANT(E_LIMIT, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 64u);
    CALL0(f, "ExitRtProcess");
    fake_app(f);
    fake_run(f);
    d = CALL1(f, "CreateRtMailbox", 0x20);
    while (CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16) != BAD_RTHANDLE) {
    }
    CALL1(f, "SetLastRtError", 0x7777);
    cr_expect_eq(rt_free_slots(f->k), 0);
    WANT(E_SLOT, "CreateRtMemoryHandle", 2, FAKE_DATA, 16u);
    WANT(E_SLOT, "CreateRtSemaphore", 3, 0u, 1u, 0u);
    WANT(E_SLOT, "CreateRtRegion", 1, 0u);
    WANT(E_SLOT, "CreateRtMailbox", 1, 0u);
    WANT(E_SLOT, "CreateRtAlarm", 2, 0u, 0u);
    WANT(E_SLOT, "CreateRtHeap", 2, 40u, 0u);
    WANT(E_SLOT, "CreateRtQueue", 3, 32u, 0u, 0u);
    WANT(E_SLOT, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    WANT(E_SLOT, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 64u);
    for (unsigned i = 0; i < 3; i++)
        WANT(E_OK, "SendRtData", 3, d, 0u, 0u);
    WANT(E_SLOT, "SendRtData", 3, d, 0u, 0u);
    WANT(E_SLOT, "CreateRtThread", 4, 150u, FAKE_IMAGE, 4096u, 0u);
}

static void exception_calls(struct fake *f, struct seen *seen)
{
    WANT(E_PARAM, "GetRtExceptionHandlerInfo", 2, 7u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtExceptionHandlerInfo", 2, 0u, FAKE_RO);
    WANT(E_OK, "GetRtExceptionHandlerInfo", 2, 0xffffff06u, SCRATCH);
    WANT(E_BAD_ADDR, "SetRtExceptionHandler", 1, 0u);
    WANT(E_OK, "SetRtExceptionHandler", 1, SCRATCH);
    fake_put(f, SCRATCH, "\0\0\0\1\0\0", 7);
    WANT(E_PARAM, "SetRtExceptionHandler", 1, SCRATCH);
    fake_put(f, SCRATCH, "\0\0\0\0\0\0\4", 7);
    WANT(E_PARAM, "SetRtExceptionHandler", 1, SCRATCH);
    fake_put(f, SCRATCH, "\0\0\0\0\0\0\x40", 7);
    WANT(E_PARAM, "SetRtExceptionHandler", 1, SCRATCH);
    WANT(E_PARAM, "RslSetDispatcher", 1, 0x800000u);
    WANT(E_OK, "RslSetDispatcher", 1, 0u);
    WANT(E_BAD_ADDR, "RslUnhandledException", 2, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "RslUnhandledException", 2, SCRATCH, 0u);
    CALL2(f, "RslUnhandledException", FAKE_DATA, FAKE_DATA);
    mark(seen, fake_row("RslUnhandledException"), E_OK);
}

static void coverage(const struct seen *seen)
{
    for (unsigned i = 0; i < rt_row_count; i++) {
        const struct row *row = &rt_rows[i];
        if (!row->vrfy || !strncmp(row->name, "clib_exit", 9) ||
            !strcmp(row->name, "clib_thread_return"))
            continue;
        cr_expect(seen->ok[i] != never_succeeds(row->name), "%s: success not tested", row->name);
        for (unsigned n = 0; n < STATUS_MAX; n++) {
            cr_expect(!row->documented[n] || seen->documented[i][n], "%s: %s not tested", row->name,
                      rt_status_name(row->documented[n]));
            cr_expect(!row->own[n] || seen->own[i][n], "%s: %s not tested", row->name,
                      rt_status_name(row->own[n]));
        }
    }
}

Test(status, every_call_gives_every_code_of_its_row)
{
    static void (*const families[])(struct fake *, struct seen *) = {
        memory_calls, handle_calls,    info_calls,   directory_calls, thread_calls,
        making_calls, semaphore_calls, region_calls, mailbox_calls,   startup_calls,
        small_calls,  exception_calls, kn_calls,     kn_deleted,      time_calls,
        heap_calls,   report_calls,    queue_calls,  port_calls, scarce_calls,    process_calls,
        process_ends,
    };
    static struct seen seen;
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++) {
        struct fake *f = fake_new(0x1000000, 1024);
        fake_app(f);
        fake_run(f);
        CALL1(f, "SetLastRtError", 0x7777);
        families[i](f, &seen);
        fake_free(f);
    }
    coverage(&seen);
}

Test(status, texts_and_names)
{
    cr_expect_str_eq(rt_status_name(0x000C), "E_SLOT");
    cr_expect_str_eq(rt_status_name(0x810D), "EH_GENERAL_PROTECTION");
    cr_expect_str_eq(rt_status_name(0x4242), "?");
    struct fake *f = fake_new(0x400000, 0);
    fake_app(f);
    fake_run(f);
    for (uint32_t code = 0; code < 0x9000; code++) {
        const char *text = rt_status_text(code);
        char guest[128] = "";
        if (!strcmp(rt_status_name(code), "?") && code != 0x4242) continue;
        fake_get(f, CALL1(f, "GetRtErrorText", code), guest, (uint32_t)strlen(text) + 1);
        cr_expect_str_eq(guest, text);
    }
    uint8_t byte = 0;
    uint32_t at = CALL1(f, "GetRtErrorText", 0);
    cr_expect_eq(f->k->port.user_write(f, at, &byte, 1), RT_REACH_DENIED, "texts are read-only");
    fake_free(f);
}
