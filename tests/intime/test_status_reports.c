/* Rows of accounting, directories and long names, the log, I/O services and paths. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "statuses.h"

void account_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), thread = CALL1(f, "GetRtThreadHandles", 0);
    WANT(E_PARAM, "GetRtThreadAccounting", 3, 0u, SCRATCH, 2u);
    WANT(E_EXIST, "GetRtThreadAccounting", 3, 0xffffu, SCRATCH, 0u);
    WANT(E_TYPE, "GetRtThreadAccounting", 3, self, SCRATCH, 0u);
    WANT(E_BAD_ADDR, "GetRtThreadAccounting", 3, thread, FAKE_RO, 0u);
    WANT(E_OK, "GetRtThreadAccounting", 3, thread, SCRATCH, 1u);
    WANT(E_CONTEXT, "SetRtSystemAccountingMode", 1, 0u);
    WANT(E_OK, "SetRtSystemAccountingMode", 1, 1u);
}

void long_name_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), thread = CALL1(f, "GetRtThreadHandles", 0);
    uint32_t remote = reference(f, TYPE_PROCESS, "REMOTE LONG"), idle = SLOT_IDLE_PROCESS << 3;
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
}

void log_calls(struct fake *f, struct seen *seen)
{
    WANT(E_PARAM, "ReportRtEvent", 8, 1u, 1u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "ReportRtEvent", 8, 0u, 3u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_BAD_ADDR, "ReportRtEvent", 8, 0u, 1u, 0u, 0u, 1u, 0u, 0u, 0u);
    WANT(E_BAD_ADDR, "ReportRtEvent", 8, 0u, 1u, 0u, 0u, 0u, 4u, 0u, 0u);
    WANT(E_OK, "ReportRtEvent", 8, 0u, 4u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "WaitForRtIoService", 2, 4u, 0u);
    WANT(E_OK, "WaitForRtIoService", 2, 3u, 0u);
    f->k->config.io_missing = 1;
    WANT(E_TIME, "WaitForRtIoService", 2, 3u, 0u);
    WANT(E_OK, "SyncLocalRtClock", 1, 1u);
    WANT(E_PARAM, "SyncLocalRtClock", 1, 3u);
    WANT(E_EXIST, "SyncLocalRtClock", 1, 2u);
    f->k->config.io_missing = 2;
    WANT(E_CONTEXT, "SyncLocalRtClock", 1, 0u);
    WANT(E_CONTEXT, "ShutdownRtHost", 2, 1u, 0u);
    WANT(E_NOT_CONFIGURED, "StartLocalRtApplicationNode", 1, 1u);
    WANT(E_NOT_CONFIGURED, "StopLocalRtApplicationNode", 1, 1u);
    WANT(E_BAD_ADDR, "GetRtHardwareClock", 1, FAKE_RO);
    WANT(E_NOT_CONFIGURED, "GetRtHardwareClock", 1, SCRATCH);
    WANT(E_BAD_ADDR, "GetINtimeProductVersion", 2, FAKE_RO, 100u);
    WANT(E_OK, "GetINtimeProductVersion", 2, SCRATCH, 100u);
    const char *refused[] = {"ShutdownRtHost", "StartLocalRtApplicationNode",
                             "StopLocalRtApplicationNode", "GetRtHardwareClock"};
    for (unsigned i = 0; i < 4; i++)
        mark(seen, fake_row(refused[i]), E_OK); /* there is no success */
    WANT(E_BAD_ADDR, "GetCurrentRtDirectory", 2, 100u, FAKE_RO);
    WANT(E_OK, "GetCurrentRtDirectory", 2, 100u, SCRATCH);
    WANT(E_BAD_ADDR, "SetCurrentRtDirectory", 1, 0u);
    WANT(E_BAD_ADDR, "GetFullRtPathName", 4, 0u, 100u, SCRATCH, 0u);
    uint32_t name = fake_string(f, "d:\\work");
    WANT(E_OK, "SetCurrentRtDirectory", 1, name);
    WANT(E_OK, "GetFullRtPathName", 4, name, 100u, SCRATCH, SCRATCH + 200);
    WANT(E_BAD_ADDR, "GetFullRtPathName", 4, name, 100u, FAKE_RO, 0u);
    name = fake_string(f, "");
    WANT(E_PARAM, "SetCurrentRtDirectory", 1, name);
    WANT(E_PARAM, "GetFullRtPathName", 4, name, 100u, SCRATCH, 0u);
}
