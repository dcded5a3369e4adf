/* Reports: accounting, directories and long names, the log, I/O services, paths, the system data segment. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

#define ALL     0xffffffffu
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

/* --- accounting --- */

static void account(const struct two *t, uint32_t flags, uint8_t *info)
{
    cr_assert_eq(CALL3(t->f, "GetRtThreadAccounting", 0, SCRATCH, flags), 1);
    fake_get(t->f, SCRATCH, info, 40);
}

Test(accounting, counts_what_ran)
{
    struct two t = two();
    uint8_t info[40];
    account(&t, 0, info);
    cr_expect_eq(get16(info), t.a);
    cr_expect_eq(get16(info + 4), 0, "off at first");
    cr_expect_eq(get16(info + 6), 1);
    cr_expect_eq(get32(info + 16), 0);
    t.f->now = 1000;
    CALL1(t.f, "SetRtSystemAccountingMode", 1);
    t.f->now = 3500;
    account(&t, 1, info);
    cr_expect_eq(get64(info + 16), 3500, "age");
    cr_expect_eq(get64(info + 32), 2500, "run in all");
    cr_expect_eq(get32(info + 28), 2500);
    CALL1(t.f, "RtSleep", 10);
    cr_expect_eq(rt_current_process(t.f->k), t.b);
    fake_time(t.f, 10000);
    t.f->now = 12000;
    CALL1(t.f, "SuspendRtThread", 0);
    cr_expect_eq(rt_current_process(t.f->k), t.a);
    t.f->now = 12500;
    account(&t, 0, info);
    cr_expect_eq(get32(info + 24), 9000, "passed since the reset");
    cr_expect_eq(get32(info + 28), 500, "run since the reset");
    cr_expect_eq(get64(info + 32), 3000);
    CALL1(t.f, "SetRtSystemAccountingMode", 0);
    t.f->now = 20000;
    CALL1(t.f, "SetRtSystemAccountingMode", 0);
    cr_expect_eq(t.f->leave_status, E_CONTEXT);
    CALL1(t.f, "SetRtSystemAccountingMode", 0xff);
    account(&t, 0, info);
    cr_expect_eq(get64(info + 32), 3000, "nothing was counted");
    fake_free(t.f);
}

/* --- directories --- */

Test(directories, inspected)
{
    struct two t = two();
    uint8_t dir[6 + 3 * 16] = {0};
    CALL3(t.f, "CatalogRtHandle", t.a, t.b, fake_string(t.f, "ONE"));
    CALL3(t.f, "CatalogRtHandle", t.a, t.a, fake_string(t.f, "twelve bytes"));
    CALL1(t.f, "knRtSleep", 0);
    CALL3(t.f, "LookupRtHandle", t.a, fake_string(t.f, "LATER"), ALL);
    for (uint32_t room = 0; room < 5; room += 2) {
        memset(dir, 0x55, sizeof dir);
        put16(dir, (uint16_t)room);
        fake_put(t.f, SCRATCH, dir, sizeof dir);
        cr_assert_eq(CALL2(t.f, "InspectRtProcessDirectory", 0, SCRATCH), 1);
        fake_get(t.f, SCRATCH, dir, sizeof dir);
        cr_expect_eq(get16(dir), room);
        cr_expect_eq(get16(dir + 2), room < 3 ? room : 3);
        cr_expect_eq(get16(dir + 4), 64);
    }
    cr_expect(dir[6] == 3 && !memcmp(dir + 7, "ONE", 3) && dir[19] == 1 && get16(dir + 20) == t.b);
    cr_expect(dir[22] == 12 && !memcmp(dir + 23, "twelve bytes", 12) && get16(dir + 36) == t.a);
    cr_expect(dir[38] == 5 && dir[51] == 2 && get16(dir + 52) == 0);
    uint8_t entry[16];
    cr_assert_eq(CALL3(t.f, "GetRtProcessDirectoryEntry", 0, 0, SCRATCH), 1);
    fake_get(t.f, SCRATCH, entry, sizeof entry);
    cr_expect_eq(memcmp(entry, dir + 6, 16), 0);
    CALL3(t.f, "GetRtProcessDirectoryEntry", 0, 63, SCRATCH);
    fake_get(t.f, SCRATCH, entry, sizeof entry);
    cr_expect_eq(entry[13], 0);
    CALL3(t.f, "GetRtProcessDirectoryEntry", 0, 64, SCRATCH);
    cr_expect_eq(t.f->leave_status, E_PARAM);
    good(&t);
    fake_free(t.f);
}

Test(directories, long_names)
{
    struct two t = two();
    static const char name[] = "a name that is much longer than twelve bytes";
    uint8_t entry[20 + 64] = {0};
    CALL3(t.f, "LookupRtHandleLong", t.b, fake_string(t.f, name), ALL);
    cr_expect_eq(rt_current_process(t.f->k), t.b);
    good(&t);
    cr_expect_eq(CALL3(t.f, "CatalogRtHandleLong", 0, t.a, fake_string(t.f, name)), 1);
    cr_expect_eq(CALL3(t.f, "CatalogRtHandleLong", 0, t.a, fake_string(t.f, name)), 0);
    cr_expect_eq(fake_last(t.f), E_CONTEXT);
    cr_expect_eq(CALL3(t.f, "LookupRtHandleLong", 0, fake_string(t.f, name), 0), t.a);
    put32(entry + 16, 10);
    fake_put(t.f, SCRATCH, entry, sizeof entry);
    cr_expect_eq(CALL3(t.f, "GetRtProcessDirectoryEntryLong", 0, 0, SCRATCH), 1);
    fake_get(t.f, SCRATCH, entry, sizeof entry);
    cr_expect(entry[0] == 1 && get16(entry + 1) == t.a && entry[3] == 12 && entry[4] == '~');
    cr_expect_eq(get32(entry + 16), sizeof name - 1);
    cr_expect(!memcmp(entry + 20, name, 10) && entry[30] == 0, "no more than there is room for");
    char key[13] = "";
    memcpy(key, entry + 4, 12);
    cr_expect_eq(CALL3(t.f, "LookupRtHandle", 0, fake_string(t.f, key), 0), t.a);
    cr_expect_eq(CALL2(t.f, "UncatalogRtHandle", 0, fake_string(t.f, key)), 1);
    cr_expect_eq(CALL3(t.f, "LookupRtHandleLong", 0, fake_string(t.f, name), 0), BAD_RTHANDLE);
    CALL3(t.f, "CatalogRtHandle", 0, t.b,
          fake_string(t.f, key)); /* the key is taken: another one */
    cr_expect_eq(CALL3(t.f, "CatalogRtHandleLong", 0, t.a, fake_string(t.f, name)), 1);
    cr_expect_eq(CALL3(t.f, "LookupRtHandleLong", 0, fake_string(t.f, name), 0), t.a);
    cr_expect_eq(CALL3(t.f, "LookupRtHandle", 0, fake_string(t.f, key), 0), t.b);
    CALL1(t.f, "SuspendRtThread", 0);
    cr_expect_eq(rt_current_process(t.f->k), t.a);
    cr_expect_eq(t.f->eax, t.a, "who waited has it");
    CALL3(t.f, "LookupRtHandleLong", 0, fake_string(t.f, "never there, and long"), 20);
    fake_time(t.f, 20000);
    cr_expect_eq(fake_last(t.f), E_TIME);
    cr_expect_eq(object_find(t.f->k, t.a)->process->dir_used, 0);
    good(&t);
    fake_free(t.f);
}

/* --- log and services --- */

Test(reports, log)
{
    struct two t = two();
    uint8_t list[8];
    fake_put(t.f, FAKE_DATA + 0x200, "first\n", 7);
    fake_put(t.f, FAKE_DATA + 0x240, "2", 2);
    put32(list, FAKE_DATA + 0x200);
    put32(list + 4, FAKE_DATA + 0x240);
    fake_put(t.f, SCRATCH, list, sizeof list);
    cr_expect_eq(
        fake_call(t.f, "ReportRtEvent", 8, 0u, 2u, 3u, 0x80000005u, 2u, 4u, SCRATCH, SCRATCH), 1);
    cr_expect_str_eq(t.f->text,
                     "APP reports: warning, event 80000005, category 3, \"first?\", \"2\"");
    fake_free(t.f);
}

Test(reports, services_that_never_come)
{
    struct two t = two();
    cr_expect_eq(CALL2(t.f, "WaitForRtIoService", 3, ALL), 1);
    t.f->k->config.io_missing = 1;
    cr_expect_eq(CALL2(t.f, "WaitForRtIoService", 2, ALL), 1);
    CALL2(t.f, "WaitForRtIoService", 3, 30);
    cr_expect_eq(rt_current_process(t.f->k), t.b);
    cr_expect_eq(t.f->alarm, 30000);
    CALL1(t.f, "SuspendRtThread", 0);
    fake_time(t.f, 30000);
    cr_expect_eq(rt_current_process(t.f->k), t.a);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_TIME);
    fake_free(t.f);
}

/* --- paths --- */

Test(paths, worked_out)
{
    static const struct {
        const char *from, *name, *whole;
    } rows[] = {{"C:\\", "a.txt", "C:\\a.txt"},
                {"one/two", "a.txt", "C:\\one\\two\\a.txt"},
                {"one\\.\\two\\..", "x\\..\\..\\..\\y", "C:\\y"},
                {"d:\\top", "\\a", "d:\\a"},
                {"d:\\top", "e:b\\", "e:\\b"},
                {"\\", "..", "C:\\"}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct two t = two();
        char got[64] = "";
        uint8_t part[4];
        uint32_t n = (uint32_t)strlen(rows[i].whole), to = FAKE_DATA + 0x200;
        cr_expect_eq(CALL1(t.f, "SetCurrentRtDirectory", fake_string(t.f, rows[i].from)), 1);
        uint32_t name = fake_string(t.f, rows[i].name);
        cr_expect_eq(CALL4(t.f, "GetFullRtPathName", name, n, 0, 0), n + 1, "what is needed");
        cr_expect_eq(CALL4(t.f, "GetFullRtPathName", name, n + 1, to, SCRATCH), n);
        fake_get(t.f, to, got, n + 1);
        cr_expect_str_eq(got, rows[i].whole, "row %u: %s", i, got);
        fake_get(t.f, SCRATCH, part, 4);
        bool folder = i > 3;
        cr_expect_eq(get32(part),
                     folder ? 0
                            : to + (uint32_t)(strrchr(rows[i].whole, '\\') + 1 - rows[i].whole));
        fake_free(t.f);
    }
}

Test(paths, current_directory)
{
    struct two t = two();
    char got[16] = "", longest[300];
    cr_expect_eq(CALL2(t.f, "GetCurrentRtDirectory", 0, 0), 4);
    cr_expect_eq(CALL2(t.f, "GetCurrentRtDirectory", 4, SCRATCH), 3);
    fake_get(t.f, SCRATCH, got, 4);
    cr_expect_str_eq(got, "C:\\");
    memset(longest, 'x', sizeof longest);
    longest[259] = 0;
    CALL1(t.f, "SetCurrentRtDirectory", fake_string(t.f, longest));
    cr_expect_eq(t.f->leave_status, E_PARAM, "with the drive it is too long");
    longest[256] = 0;
    cr_expect_eq(CALL1(t.f, "SetCurrentRtDirectory", fake_string(t.f, longest)), 1);
    CALL1(t.f, "SetCurrentRtDirectory", fake_string(t.f, "y"));
    cr_expect_eq(t.f->leave_status, E_PARAM);
    fake_free(t.f);
}

/* --- the system data segment --- */

Test(sysinfo, segment_of_the_root)
{
    struct two t = two();
    uint8_t info[160], byte = 0x42;
    uint32_t h = CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "RQSYSINFO"), 0);
    cr_expect_eq(h, SLOT_SYSINFO << 3);
    cr_expect_eq(CALL1(t.f, "GetRtSize", h), 160);
    const struct rt_segdef *seg = &t.f->gdt[h >> 3];
    cr_expect(seg->dpl == 3 && seg->kind == RT_SEG_DATA && seg->limit == 159);
    cr_expect_eq(CALL1(t.f, "CopyRtSystemInfo", SCRATCH), 1);
    fake_get(t.f, SCRATCH, info, sizeof info);
    cr_expect_eq(get16(info + 57), 10);
    cr_expect_eq(get16(info + 59), 20);
    cr_expect_eq(info[64] * 10 + info[65], 71);
    cr_expect_eq(get32(info + 97), 0x4000);
    uint32_t at = CALL1(t.f, "MapRtSharedMemory", h);
    cr_assert_neq(at, 0);
    uint8_t mapped[160];
    fake_get(t.f, at, mapped, sizeof mapped);
    cr_expect_eq(memcmp(mapped, info, 160), 0);
    cr_expect(t.f->k->port.lin_read(t.f, seg->base, mapped, 160));
    cr_expect_eq(memcmp(mapped, info, 160), 0, "through the selector");
    fake_put(t.f, at + 128, &byte, 1);
    CALL1(t.f, "CopyRtSystemInfo", SCRATCH);
    fake_get(t.f, SCRATCH, info, sizeof info);
    cr_expect_eq(info[128], 0x42, "the user's part is shared");
    good(&t);
    fake_free(t.f);
}
