/* Statuses of the calls about libraries. RtRsl.rsl is mapped; fake.c has the libraries. */
#include <criterion/criterion.h>
#include <string.h>

#include "rsl.h"
#include "statuses.h"

static void load_calls(struct fake *f, struct seen *seen)
{
    WANT(E_BAD_ADDR, "LoadRtLibrary", 1, 0u);
    WANT(E_PARAM, "LoadRtLibrary", 1, fake_string(f, ""));
    WANT(E_PARAM, "LoadRtLibrary", 1, fake_string(f, "C:/folder/"));
    WANT(E_EXIST, "LoadRtLibrary", 1, fake_string(f, "none.rsl"));
    WANT(E_VMEM, "LoadRtLibrary", 1, fake_string(f, "fixed.rsl"));
    WANT(E_OK, "LoadRtLibrary", 1, fake_string(f, "one.rsl"));
}

/* Handles run out; those of libraries do not count against the limit of objects. */
static void load_scarce(struct fake *f, struct seen *seen)
{
    uint32_t handles[1024], count = 0, h;
    while ((h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16)) != BAD_RTHANDLE)
        handles[count++] = h;
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_SLOT, "LoadRtLibrary", 1, fake_string(f, "plain.rsl"));
    while (count)
        CALL1(f, "DeleteRtMemoryHandle", handles[--count]);
    CALL1(f, "SetLastRtError", 0x7777);
}

static void handle_calls(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0);
    uint32_t one = CALL1(f, "GetRtModuleHandle", fake_string(f, "one.rsl"));
    WANT(E_EXIST, "GetRtModuleInformation", 2, 0u, SCRATCH);
    WANT(E_EXIST, "GetRtModuleInformation", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtModuleInformation", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtModuleInformation", 2, one, FAKE_RO);
    WANT(E_OK, "GetRtModuleInformation", 2, one, SCRATCH);
    WANT(E_EXIST, "GetRtModuleFilename", 3, 0xffffu, SCRATCH, 64u);
    WANT(E_TYPE, "GetRtModuleFilename", 3, thread, SCRATCH, 64u);
    WANT(E_LIMIT, "GetRtModuleFilename", 3, one, SCRATCH, 9u);
    WANT(E_BAD_ADDR, "GetRtModuleFilename", 3, one, FAKE_RO, 64u);
    WANT(E_OK, "GetRtModuleFilename", 3, one, SCRATCH, 10u);
    char name[10];
    fake_get(f, SCRATCH, name, sizeof name);
    cr_expect_str_eq(name, ".\\one.rsl");
}

static void next_calls(struct fake *f, struct seen *seen)
{
    WANT(E_OK, "RslEnter", 0);
    WANT(E_OK, "RslLeave", 0);
    CALL3(f, "RslNextHandler", RSL_PROCESS_ATTACH, 0, FAKE_RO);
    cr_expect_eq(f->leave_status, E_BAD_ADDR);
    mark(seen, fake_row("RslNextHandler"), E_BAD_ADDR);
    CALL3(f, "RslNextHandler", 4, 0, SCRATCH);
    cr_expect_eq(f->leave_status, E_PARAM);
    mark(seen, fake_row("RslNextHandler"), E_PARAM);
    WANT(E_OK, "RslNextHandler", 3, (uint32_t)RSL_PROCESS_ATTACH, 0u, SCRATCH);
}

static void free_calls(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0);
    uint32_t two = CALL1(f, "LoadRtLibrary", fake_string(f, "two.rsl"));
    uint32_t one = CALL1(f, "GetRtModuleHandle", fake_string(f, "one.rsl"));
    WANT(E_EXIST, "FreeRtLibrary", 1, 0u);
    WANT(E_TYPE, "FreeRtLibrary", 1, thread);
    WANT(E_OK, "FreeRtLibrary", 1, one);
    WANT(E_STATE, "FreeRtLibrary", 1, one); /* two.rsl needs it, nobody has loaded it */
    CALL1(f, "FreeRtLibrary", two);
    WANT(E_OK, "RslSweep", 0);
}

void rsl_calls(struct fake *f, struct seen *seen)
{
    load_calls(f, seen);
    load_scarce(f, seen);
    handle_calls(f, seen);
    next_calls(f, seen);
    free_calls(f, seen);
}
