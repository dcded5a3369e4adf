/* Statuses of the calls about processes. */
#include <criterion/criterion.h>
#include <string.h>

#include "statuses.h"

#define FILE_NAME (FAKE_DATA + 0x900)
#define ARGUMENTS (FAKE_DATA + 0x200)
#define ATTR      (FAKE_DATA + 0x240)
#define SUSPEND   0x100u
#define NOTXM     0x80u
#define SYNC      0x10u

static void file_name(struct fake *f, const char *text)
{
    fake_put(f, FILE_NAME, text, (uint32_t)strlen(text) + 1);
}

static void attributes(struct fake *f, uint32_t min, uint32_t max, uint32_t vseg, uint32_t dir,
                       uint32_t init)
{
    const uint32_t words[] = {min, max, vseg, dir, init};
    uint8_t raw[20];
    for (unsigned i = 0; i < 5; i++)
        put32(raw + i * 4, words[i]);
    fake_put(f, ATTR, raw, sizeof raw);
}

static void fill(struct fake *f, uint32_t at, uint32_t n)
{
    uint8_t byte = 'x';
    for (uint32_t i = 0; i < n; i++)
        fake_put(f, at + i, &byte, 1);
}

/* The same codes for both; `last` is phWait, which the first one does not have. */
static void create_calls(struct fake *f, struct seen *seen, const char *name, bool extended)
{
    unsigned n = extended ? 5 : 4;
    file_name(f, "child.rta");
    attributes(f, 0, 0, 0, 0, 0);
    WANT(E_PARAM, name, n, FILE_NAME, 0u, 0u, 0x200u, 0u);
    WANT(E_PARAM, name, n, FILE_NAME, 0u, 0u, 0x4u, 0u);
    WANT(E_PARAM, name, n, FILE_NAME, 0u, 0u, 0xC0u, 0u);
    WANT(E_PARAM, name, n, FILE_NAME, 0u, 0u, 0x108u, 0u);
    WANT(E_NOT_CONFIGURED, name, n, FILE_NAME, 0u, 0u, 1u, 0u);
    WANT(E_BAD_ADDR, name, n, 0u, 0u, 0u, 0u, 0u);
    WANT(E_BAD_ADDR, name, n, FILE_NAME, 0x300000u, 0u, 0u, 0u);
    WANT(E_BAD_ADDR, name, n, FILE_NAME, 0u, 0x7ffff8u, 0u, 0u);
    WANT(E_PARAM, name, n, fake_string(f, ""), 0u, 0u, 0u, 0u);
    attributes(f, 0x2000, 0x1000, 0, 0, 0);
    WANT(E_PARAM, name, n, FILE_NAME, 0u, ATTR, 0u, 0u);
    attributes(f, 0, 0, 0, 2, 0);
    WANT(E_PARAM, name, n, FILE_NAME, 0u, ATTR, 0u, 0u);
    attributes(f, 0, 0, 0xF0000000, 0, 0);
    WANT(E_VMEM, name, n, FILE_NAME, 0u, ATTR, NOTXM, 0u);
    attributes(f, 0xffffffff, 0xffffffff, 0, 0, 0);
    WANT(E_MEM, name, n, FILE_NAME, 0u, ATTR, 0u, 0u);
    attributes(f, 0x1000, 0x1000, 0, 0, 0);
    WANT(E_MEM, name, n, FILE_NAME, 0u, ATTR, 0u, 0u);
    WANT(E_EXIST, name, n, fake_string(f, "none.rta"), 0u, 0u, 0u, 0u);
    WANT(E_OK, name, n, FILE_NAME, 0u, 0u, SUSPEND, 0u);
    uint32_t big = CALL1(f, "clib_pages", 8192);
    fill(f, big, 8192);
    WANT(E_PARAM, name, n, big, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, name, n, FILE_NAME, big, 0u, 0u, 0u);
}

/* The limit and the slots run out. */
static void create_scarce(struct fake *f, struct seen *seen, const char *name, bool extended)
{
    unsigned n = extended ? 5 : 4;
    struct quota *q = &f->k->current->process->quota[QUOTA_OBJECTS];
    q->limit = q->used;
    WANT(E_LIMIT, name, n, FILE_NAME, 0u, 0u, 0u, 0u);
    if (extended) WANT(E_LIMIT, name, n, FILE_NAME, 0u, 0u, 0u, SCRATCH);
    q->limit = 0;
    uint32_t handles[1024], count = 0, h;
    while ((h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16)) != BAD_RTHANDLE)
        handles[count++] = h;
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_SLOT, name, n, FILE_NAME, 0u, 0u, 0u, 0u);
    if (extended) WANT(E_SLOT, name, n, FILE_NAME, 0u, 0u, 0u, SCRATCH);
    while (count)
        CALL1(f, "DeleteRtMemoryHandle", handles[--count]);
    CALL1(f, "SetLastRtError", 0x7777);
}

/* R?END_INIT does not come in time; time runs while both sleep. */
static void create_late(struct fake *f, struct seen *seen, const char *name)
{
    const struct row *row = fake_row(name);
    bool extended = !strcmp(name, "CreateRtProcessEx");
    attributes(f, 0, 0, 0, 0, 100);
    fake_call(f, name, extended ? 5 : 4, FILE_NAME, 0u, ATTR, extended ? SYNC : 8u, SCRATCH);
    CALL1(f, "RtSleep", 600000); /* the child */
    fake_time(f, f->now + 60000000);
    cr_expect_eq(f->leave_status, E_TIME);
    mark(seen, row, f->leave_status);
    CALL1(f, "SetLastRtError", 0x7777);
}

void process_calls(struct fake *f, struct seen *seen)
{
    create_calls(f, seen, "CreateRtProcess", false);
    WANT(E_PARAM, "CreateRtProcess", 4, FILE_NAME, 0u, ATTR, SYNC);
    create_calls(f, seen, "CreateRtProcessEx", true);
    WANT(E_BAD_ADDR, "CreateRtProcessEx", 5, FILE_NAME, 0u, 0u, 0u, FAKE_RO);
    attributes(f, 0, 0, 0, 0, 655350);
    WANT(E_PARAM, "CreateRtProcessEx", 5, FILE_NAME, 0u, ATTR, SYNC, 0u);
    create_scarce(f, seen, "CreateRtProcess", false);
    create_scarce(f, seen, "CreateRtProcessEx", true);
    create_late(f, seen, "CreateRtProcess");
    create_late(f, seen, "CreateRtProcessEx");
    WANT(E_NOT_CONFIGURED, "CreateRemoteRtProcess", 6, 1u, FILE_NAME, 0u, 0u, 0u, SCRATCH);
    mark(seen, fake_row("CreateRemoteRtProcess"), E_OK); /* there is no success */
    WANT(E_LIMIT, "GetRtLoadPath", 2, SCRATCH, 1u);
    WANT(E_BAD_ADDR, "GetRtLoadPath", 2, FAKE_RO, 260u);
    WANT(E_OK, "GetRtLoadPath", 2, SCRATCH, 2u);
    for (unsigned i = 0; i < 64; i++) {
        char text[] = {'N', (char)('0' + i), 0};
        CALL3(f, "CatalogRtHandle", 0, 0, fake_string(f, text));
    }
    WANT(E_LIMIT, "SynchronizeRtLoader", 0);
    CALL2(f, "UncatalogRtHandle", 0, fake_string(f, "N0"));
    WANT(E_OK, "SynchronizeRtLoader", 0);
    WANT(E_OK, "SynchronizeRtLoader", 0);
}

static uint32_t child(struct fake *f, uint32_t flags)
{
    uint32_t h = CALL4(f, "CreateRtProcess", FILE_NAME, 0, 0, flags);
    cr_assert_eq(f->leave_status, E_OK);
    return h;
}

void process_ends(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0), root = RT_ROOT_PROCESS;
    uint32_t remote = reference(f, TYPE_PROCESS, "REMOTE END");
    file_name(f, "child.rta");
    uint32_t h = child(f, SUSPEND), running = child(f, 0);
    WANT(E_TYPE, "StartRtProcess", 1, thread);
    WANT(E_EXIST, "StartRtProcess", 1, 0xffffu);
    WANT(E_STATE, "StartRtProcess", 1, running);
    struct quota *q = &f->k->current->process->quota[QUOTA_OBJECTS];
    q->limit = q->used;
    WANT(E_CONTEXT, "StartRtProcess", 1, h); /* without a wait handle, but started */
    WANT(E_STATE, "StartRtProcess", 1, h);
    q->limit = 0;
    uint32_t other = child(f, SUSPEND);
    WANT(E_OK, "StartRtProcess", 1, other);
    WANT(E_PARAM, "WaitForRtProcess", 3, h, 655350u, 0u);
    WANT(E_EXIST, "WaitForRtProcess", 3, remote, 0u, 0u);
    WANT(E_TYPE, "WaitForRtProcess", 3, thread, 0u, 0u);
    WANT(E_CONTEXT, "WaitForRtProcess", 3, root, 0u, 0u);
    WANT(E_BAD_ADDR, "WaitForRtProcess", 3, h, 0u, FAKE_RO);
    WANT(E_TIME, "WaitForRtProcess", 3, h, 9u, SCRATCH);
    WANT(E_PARAM, "WaitForRtProcessEx", 3, h, 655350u, 0u);
    WANT(E_EXIST, "WaitForRtProcessEx", 3, 0u, 0u, 0u);
    WANT(E_TYPE, "WaitForRtProcessEx", 3, thread, 0u, 0u);
    WANT(E_CONTEXT, "WaitForRtProcessEx", 3, root, 0u, 0u);
    WANT(E_BAD_ADDR, "WaitForRtProcessEx", 3, h, 0u, FAKE_RO);
    WANT(E_TIME, "WaitForRtProcessEx", 3, h, 0u, 0u);
    uint32_t again = child(f, SUSPEND), handle = CALL1(f, "StartRtProcess", again);
    WANT(E_TIME, "WaitForRtProcessEx", 3, handle, 0u, 0u);
    CALL2(f, "DeleteRtProcess", again, 0);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_OK, "WaitForRtProcessEx", 3, handle, 0u, 0u);
    WANT(E_EXIST, "WaitForRtProcessEx", 3, handle, 0u, 0u);
    WANT(E_PARAM, "DeleteRtProcess", 2, h, 1u);
    WANT(E_EXIST, "DeleteRtProcess", 2, remote, 0u);
    WANT(E_TYPE, "DeleteRtProcess", 2, thread, 0u);
    WANT(E_CONTEXT, "DeleteRtProcess", 2, root, 0u);
    WANT(E_OK, "DeleteRtProcess", 2, h, 0u);
    WANT(E_EXIST, "DeleteRtProcess", 2, h, 0u);
    uint32_t region = CALL1(f, "CreateRtRegion", 0);
    CALL1(f, "WaitForRtControl", region);
    WANT(E_CONTEXT, "DeleteRtProcess", 2, 0u, 0u);
    WANT(E_CONTEXT, "ExitRtProcess", 0);
    CALL0(f, "ReleaseRtControl");
    CALL2(f, "DeleteRtProcess", running, 0);
    CALL2(f, "DeleteRtProcess", other, 0);
    CALL3(f, "WaitForRtProcess", child(f, 0), WAIT_FOREVER, SCRATCH);
    CALL1(f, "clib_exit", 7); /* by the child: the parent goes on */
    cr_expect_eq(f->leave_status, E_OK);
    mark(seen, fake_row("WaitForRtProcess"), E_OK);
    uint8_t code[4];
    fake_get(f, SCRATCH, code, 4);
    cr_expect_eq(get32(code), 7);
}
