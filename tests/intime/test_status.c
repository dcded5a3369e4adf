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
    /* of the arguments and of what they point to */
    cr_expect_eq(f->twice, 0, "%s: the byte at physical %08X is read twice", name, f->twice);
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
    WANT(fake_xm() ? E_VMEM : E_PARAM, "AllocateRtMemory", 1, 0x800001u);
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

/* Calls that a node without others always refuses. */
static bool never_succeeds(const char *name)
{
    static const char *const names[] = {"CreateGlobalRtMemoryHandle",
                                        "CreateGlobalRtMemoryHandle64",
                                        "CreateGlobalRtMemoryObject",
                                        "GetNextRtLocation",
                                        "WaitForRtIo",
                                        "CancelRtIo"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

static void startup_calls(struct fake *f, struct seen *seen)
{
    const struct rt_export exports[] = {{"Alpha", 1, 0x20100, NULL}, {NULL, 2, 0x20200, NULL}};
    WANT(E_NOT_CONFIGURED, "LoadRtLibrary", 1, fake_string(f, "one.rsl"));
    fake_module(f, "RtRsl.rsl", 0x20000, exports, 2);
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
    rsl_calls(f, seen);
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

static const char *one_variable(void *ctx, uint32_t *size)
{
    (void)ctx;
    *size = 4;
    return "A=B";
}

static void file_calls(struct fake *f, struct seen *seen)
{
    static const char *const by_path[] = {"clib_open", "clib_remove", "clib_mkdir"};
    uint32_t path = fake_string(f, "path");
    for (unsigned i = 0; i < 3; i++) {
        WANT(E_BAD_ADDR, by_path[i], 2, 0u, 1u);
        WANT(E_OK, by_path[i], 2, path, 1u);
    }
    WANT(E_OK, "clib_close", 1, 3u);
    WANT(E_OK, "clib_seek", 3, 3u, 0u, 0u);
    WANT(E_OK, "clib_resize", 2, 3u, 0u);
    WANT(E_BAD_ADDR, "clib_read", 3, 3u, FAKE_RO, 1u);
    WANT(E_OK, "clib_read", 3, 3u, SCRATCH, 1u);
    WANT(E_BAD_ADDR, "clib_write_file", 3, 3u, 0u, 1u);
    WANT(E_OK, "clib_write_file", 3, 3u, SCRATCH, 1u);
    WANT(E_BAD_ADDR, "clib_stat", 3, path, 0u, FAKE_RO);
    WANT(E_BAD_ADDR, "clib_stat", 3, 1u, 0u, SCRATCH);
    WANT(E_OK, "clib_stat", 3, path, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "clib_rename", 2, path, 0u);
    fake_put(f, SCRATCH, "other", 6);
    WANT(E_OK, "clib_rename", 2, path, SCRATCH);
    f->k->port.environment = one_variable;
    WANT(E_LIMIT, "clib_environment", 2, SCRATCH, 3u);
    WANT(E_BAD_ADDR, "clib_environment", 2, FAKE_RO, 4u);
    WANT(E_OK, "clib_environment", 2, SCRATCH, 4u);
    CALL1(f, "clib_wake", SCRATCH);
    WANT(E_OK, "clib_wait", 1, SCRATCH);
    WANT(E_OK, "clib_wake", 1, SCRATCH);
    WANT(E_OK, "clib_left", 0);
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
        if (!strncmp(row->name, "clib_exit", 9) || !strcmp(row->name, "clib_thread_return"))
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
    HOLDS_POINTERS();
    static void (*const families[])(struct fake *, struct seen *) = {
        memory_calls,    handle_calls,    info_calls,        directory_calls,    thread_calls,
        making_calls,    semaphore_calls, region_calls,      mailbox_calls,      startup_calls,
        small_calls,     exception_calls, kn_calls,          kn_deleted,         time_calls,
        heap_calls,      account_calls,   long_name_calls,   log_calls,          queue_calls,
        port_calls,      service_calls,   scarce_calls,      process_calls,      process_ends,
        file_calls,      notify_calls,    event_calls,       event_thread_calls, sponsor_calls,
        terminate_calls, interrupt_calls, interrupt_threads, net_calls,          object_file_calls,
    };
    static struct seen seen;
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++) {
        struct fake *f = fake_new(0x1000000, 1024);
        f->read_in = calloc(f->ram_size, sizeof *f->read_in);
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
