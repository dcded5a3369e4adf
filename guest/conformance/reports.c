/* reports.c: accounting, directories and long names, the log, I/O services, paths, the system data. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"

#define STACK 8192
#define NAME  "a name that is longer than twelve bytes"

static volatile RTHANDLE found;

static void finder(void *param)
{
    (void)param;
    found = LookupRtHandleLong(NULL_RTHANDLE, NAME, WAIT_FOREVER);
}

static void accounting(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    THREADACCOUNTING info;
    FAILS(t, SetRtSystemAccountingMode(FALSE), FALSE, E_CONTEXT, DOCUMENTED);
    GIVES(t, GetRtThreadAccounting(NULL_RTHANDLE, &info, 0), TRUE, DOCUMENTED);
    IS(t, info.AccountingState, 0, DOCUMENTED);
    GIVES(t, SetRtSystemAccountingMode(TRUE), TRUE, DOCUMENTED);
    FAILS(t, SetRtSystemAccountingMode(TRUE), FALSE, E_CONTEXT, DOCUMENTED);
    GIVES(t, GetRtThreadAccounting(NULL_RTHANDLE, &info, RESET_ACCOUNTING), TRUE, DOCUMENTED);
    RtSleep(100);
    GIVES(t, GetRtThreadAccounting(NULL_RTHANDLE, &info, 0), TRUE, DOCUMENTED);
    HOLDS(t, info.AccountingState != 0 && info.OwnerProcess == self, DOCUMENTED);
    DWORD passed = info.TotalTicksSinceCallLo * info.UsecsPerTick;
    HOLDS(t, passed >= 90000 && passed <= 110000, DOCUMENTED);
    HOLDS(t, info.RunningTicksSinceCallLo < info.TotalTicksSinceCallLo / 10, DOCUMENTED);
    FAILS(t, GetRtThreadAccounting(NULL_RTHANDLE, NULL, 0), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtThreadAccounting(NULL_RTHANDLE, &info, 2), FALSE, E_PARAM, DECIDED);
    FAILS(t, GetRtThreadAccounting(self, &info, 0), FALSE, E_TYPE, DECIDED);
    FAILS(t, GetRtThreadAccounting(BAD_RTHANDLE, &info, 0), FALSE, E_EXIST, DECIDED);
}

static void long_names(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS), thread = GetRtThreadHandles(THIS_THREAD);
    RTHANDLE idle = LookupRtHandle(GetRtThreadHandles(ROOT_PROCESS), "R?IDLE", NO_WAIT);
    struct {
        OBJECTDIRENTRYLONG entry;
        char more[100];
    } e;
    CreateRtThread(0, finder, STACK, NULL);
    RtSleep(20);
    GIVES(t, CatalogRtHandleLong(NULL_RTHANDLE, self, NAME), TRUE, DOCUMENTED);
    RtSleep(20);
    IS(t, found, self, DOCUMENTED);
    FAILS(t, CatalogRtHandleLong(NULL_RTHANDLE, self, NAME), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, CatalogRtHandleLong(idle, self, NAME), FALSE, E_LIMIT, DOCUMENTED);
    FAILS(t, CatalogRtHandleLong(BAD_RTHANDLE, self, NAME), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, CatalogRtHandleLong(thread, self, NAME), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, CatalogRtHandleLong(NULL_RTHANDLE, self, ""), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, CatalogRtHandleLong(NULL_RTHANDLE, self, NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, LookupRtHandleLong(NULL_RTHANDLE, NAME, NO_WAIT), self, INFERRED);
    FAILS(t, LookupRtHandleLong(NULL_RTHANDLE, "not there, and too long", 30), BAD_RTHANDLE, E_TIME,
          INFERRED);
    memset(&e, 0, sizeof e);
    e.entry.dwNameLenLong = sizeof e.more;
    GIVES(t, GetRtProcessDirectoryEntryLong(NULL_RTHANDLE, 0, &e.entry), TRUE, DECIDED);
    IS(t, e.entry.byStatus, 1, DOCUMENTED);
    IS(t, e.entry.hObject, self, DOCUMENTED);
    IS(t, e.entry.dwNameLenLong, sizeof NAME - 1, DOCUMENTED);
    HOLDS(t, memcmp(e.entry.cNameLong, NAME, sizeof NAME - 1) == 0, DOCUMENTED);
    char key[13];
    memcpy(key, e.entry.cNameShort, 12);
    key[12] = 0;
    IS(t, e.entry.byNameLenShort, 12, DECIDED);
    GIVES(t, UncatalogRtHandle(NULL_RTHANDLE, key), TRUE, INFERRED);
    FAILS(t, LookupRtHandleLong(NULL_RTHANDLE, NAME, NO_WAIT), BAD_RTHANDLE, E_TIME, INFERRED);
}

static void directories(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS), thread = GetRtThreadHandles(THIS_THREAD);
    struct {
        OBJECTDIR dir;
        OBJECTDIRENTRY more[4];
    } d;
    OBJECTDIRENTRY e;
    CatalogRtHandle(NULL_RTHANDLE, self, "ME");
    d.dir.wNumSlots = 5;
    GIVES(t, InspectRtProcessDirectory(NULL_RTHANDLE, &d.dir), TRUE, DOCUMENTED);
    HOLDS(t, d.dir.wNumUsed >= 1 && d.dir.wNumUsed <= 5 && d.dir.wMaxSlots == 64, DOCUMENTED);
    FAILS(t, InspectRtProcessDirectory(BAD_RTHANDLE, &d.dir), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, InspectRtProcessDirectory(thread, &d.dir), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, InspectRtProcessDirectory(NULL_RTHANDLE, NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
    unsigned same = 0;
    for (DWORD i = 0; i < d.dir.wMaxSlots && GetRtProcessDirectoryEntry(self, i, &e); i++)
        same += e.byStatus == 1 && e.byLength == 2 && e.cName[0] == 'M' && e.hObject == self;
    IS(t, same, 1, DOCUMENTED);
    FAILS(t, GetRtProcessDirectoryEntry(self, 64, &e), FALSE, E_PARAM, DECIDED);
    FAILS(t, GetRtProcessDirectoryEntry(BAD_RTHANDLE, 0, &e), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtProcessDirectoryEntry(thread, 0, &e), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, GetRtProcessDirectoryEntry(self, 0, NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
}

static void log_and_services(struct tap *t)
{
    LPSTR strings[2] = {"one", "two"};
    GIVES(t, ReportRtEvent(NULL, EVENTLOG_INFORMATION_TYPE, 1, 2, 2, 0, strings, NULL), TRUE,
          DOCUMENTED);
    FAILS(t, ReportRtEvent(NULL, 3, 1, 2, 0, 0, NULL, NULL), FALSE, E_PARAM, DECIDED);
    FAILS(t, ReportRtEvent(NULL, EVENTLOG_ERROR_TYPE, 1, 2, 1, 0, NULL, NULL), FALSE, E_BAD_ADDR,
          DECIDED);
    GIVES(t, WaitForRtIoService(WAIT_FOR_IOPROXY | WAIT_FOR_IOSERVICE, WAIT_FOREVER), TRUE,
          DECIDED);
    FAILS(t, WaitForRtIoService(8, NO_WAIT), FALSE, E_PARAM, DECIDED);
}

static void paths(struct tap *t)
{
    char buffer[MAX_PATH], *part = NULL;
    GIVES(t, SetCurrentRtDirectory("D:\\work"), TRUE, DOCUMENTED);
    GIVES(t, GetCurrentRtDirectory(4, buffer), 8, DOCUMENTED); /* what is needed */
    GIVES(t, GetCurrentRtDirectory(sizeof buffer, buffer), 7, DOCUMENTED);
    HOLDS(t, strcmp(buffer, "D:\\work") == 0, DOCUMENTED);
    GIVES(t, GetFullRtPathName("..\\x.dat", sizeof buffer, buffer, &part), 8, DOCUMENTED);
    HOLDS(t, strcmp(buffer, "D:\\x.dat") == 0 && part == buffer + 3, DOCUMENTED);
    FAILS(t, SetCurrentRtDirectory(""), FALSE, E_PARAM, DECIDED);
    FAILS(t, SetCurrentRtDirectory(NULL), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, GetCurrentRtDirectory(100, NULL), 0, E_BAD_ADDR, DECIDED);
    FAILS(t, GetFullRtPathName(NULL, 100, buffer, NULL), 0, E_BAD_ADDR, DECIDED);
}

/* CPUID, if the processor has it: EAX and EDX of leaf 1. */
static BOOLEAN cpuid(DWORD *signature, DWORD *features)
{
    DWORD flags, other, a = 1, d;
    __asm__ volatile("pushfl; popl %0; movl %0, %1; xorl $0x200000, %1; pushl %1; popfl; pushfl; "
                     "popl %1"
                     : "=&r"(flags), "=&r"(other)
                     :
                     : "cc");
    if (!((flags ^ other) & 0x200000)) return FALSE;
    __asm__ volatile("cpuid" : "+a"(a), "=d"(d) : : "ebx", "ecx");
    *signature = a;
    *features = d;
    return TRUE;
}

static void system_data(struct tap *t)
{
    SYSINFO info;
    RTHANDLE h = LookupRtHandle(GetRtThreadHandles(ROOT_PROCESS), "RQSYSINFO", NO_WAIT);
    IS(t, GetRtHandleType(h), SEGMENT_TYPE, DOCUMENTED);
    GIVES(t, CopyRtSystemInfo(&info), TRUE, DOCUMENTED);
    IS(t, info.NucleusTickInterval, 10, DOCUMENTED);
    IS(t, info.KernelTickRatio, 20, DOCUMENTED);
    DWORD signature = 0x300, features = 0;
    cpuid(&signature, &features);
    IS(t, info.CPUType, signature >> 8 & 15, INFERRED);
    IS(t, info.CPUFeatures, features, INFERRED);
    const SYSINFO *mapped = MapRtSharedMemory(h);
    HOLDS(t, mapped != NULL && memcmp(mapped, &info, sizeof info) == 0, DOCUMENTED);
    FreeRtMemory((PVOID)mapped);
}

static void node(struct tap *t)
{
    char text[20];
    SYSTEMTIME real, other, back;
    TIMEVALUE clock;
    FAILS(t, ShutdownRtHost(FALSE, 0), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, StartLocalRtApplicationNode(1), FALSE, E_NOT_CONFIGURED, DECIDED);
    FAILS(t, StopLocalRtApplicationNode(1), FALSE, E_NOT_CONFIGURED, DECIDED);
    GetRtSystemTime(&real);
    other = real;
    other.wYear += 3;
    other.wMonth = other.wDay = 1;
    SetRtSystemTime(&other);
    GIVES(t, SyncLocalRtClock(DEFAULT_CLOCK_TYPE), TRUE, DOCUMENTED);
    GetRtSystemTime(&back);
    HOLDS(t, back.wYear - real.wYear <= 1 && back.wMonth == real.wMonth, DOCUMENTED);
    FAILS(t, SyncLocalRtClock(LOCAL_CLOCK_TYPE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SyncLocalRtClock(99), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, GetRtHardwareClock(&clock), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, GetRtHardwareClock(NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, GetINtimeProductVersion(text, 2), 7, DOCUMENTED); /* what there would be */
    GIVES(t, GetINtimeProductVersion(text, sizeof text), 7, DOCUMENTED);
    HOLDS(t, strcmp(text, "7.1.0.1") == 0, DECIDED);
    FAILS(t, GetINtimeProductVersion(NULL, 100), 0, E_BAD_ADDR, DECIDED);
}

int main(void)
{
    struct tap tap = {0, 0};
    accounting(&tap);
    long_names(&tap);
    directories(&tap);
    log_and_services(&tap);
    paths(&tap);
    system_data(&tap);
    node(&tap);
    return tap_end(&tap);
}
