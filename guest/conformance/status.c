/* status.c: modules, thread-local storage, low-level semaphores, threads, sleep, last status. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"
#include "time.h"

static void last_status(struct tap *t)
{
    SetLastRtError(0x12345678);
    IS(t, GetLastRtError(), 0x5678, DOCUMENTED); /* 16 bits are kept */
    SetLastRtError(E_OK);
    IS(t, GetLastRtError(), E_OK, DOCUMENTED);
    DeleteRtMemoryHandle(BAD_RTHANDLE);
    IS(t, GetLastRtError(), E_EXIST, DOCUMENTED);
    FreeRtMemory(AllocateRtMemory(4096));
    IS(t, GetLastRtError(), E_EXIST, DOCUMENTED); /* success changes nothing */
}

static void texts(struct tap *t)
{
    static const DWORD codes[] = {E_OK,    E_TIME,     E_MEM,  E_LIMIT,         E_CONTEXT,
                                  E_EXIST, E_SLOT,     E_VMEM, E_NOT_ALLOCATED, E_TYPE,
                                  E_PARAM, E_BAD_ADDR, 0x4321, 0xFFFFFFFF,      EH_PAGE_FAULT};
    unsigned good = 0, different = 0;
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const char *text = GetRtErrorText(codes[i]);
        good += text != NULL && strlen(text) > 1;
        different += i == 0 || strcmp(text, GetRtErrorText(codes[i - 1])) != 0;
    }
    IS(t, good, sizeof codes / sizeof codes[0], DOCUMENTED);
    HOLDS(t, different + 1 >= sizeof codes / sizeof codes[0], DOCUMENTED);
}

static void sleeping(struct tap *t)
{
    clock_t before = clock();
    GIVES(t, RtSleep(50), TRUE, DOCUMENTED);
    clock_t after = clock();
    HOLDS(t, after - before >= 40 && after - before <= 60, DOCUMENTED);
    before = clock();
    GIVES(t, RtSleepEx(5), TRUE, DOCUMENTED);
    after = clock();
    HOLDS(t, after - before >= 4 && after - before <= 6, DOCUMENTED);
    GIVES(t, RtSleep(NO_WAIT), TRUE, DOCUMENTED);
    GIVES(t, RtSleep(9), TRUE, DOCUMENTED);
    GIVES(t, RtSleepEx(0), TRUE, DOCUMENTED);
    FAILS(t, RtSleep(RT_MAX_WAIT + 1), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, RtSleep(WAIT_FOREVER), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, RtSleepEx(0xFFFFFFFF), FALSE, E_PARAM, DOCUMENTED);
    before = clock();
    knRtSleep(20); /* of 500 us */
    after = clock();
    HOLDS(t, after - before >= 9 && after - before <= 11, INFERRED);
    knRtSleep(KN_DONT_WAIT);
}

static void threads(struct tap *t)
{
    RTHANDLE thread = GetRtThreadHandles(THIS_THREAD), process = GetRtThreadHandles(THIS_PROCESS);
    HOLDS(t, thread != process && process != GetRtThreadHandles(ROOT_PROCESS), DOCUMENTED);
    FAILS(t, GetRtThreadHandles(9), BAD_RTHANDLE, E_PARAM, DECIDED);
    FAILS(t, SuspendRtThread(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SuspendRtThread(process), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ResumeRtThread(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, ResumeRtThread(process), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ResumeRtThread(thread), FALSE, E_STATE, DOCUMENTED);
}

static void system_data(struct tap *t)
{
    SYSINFO info;
    GIVES(t, CopyRtSystemInfo(&info), TRUE, DOCUMENTED);
    IS(t, info.NucleusTickInterval, 10, DOCUMENTED);
    IS(t, info.KernelTickRatio, 20, DOCUMENTED);
    FAILS(t, CopyRtSystemInfo((LPSYSINFO)0xF0000000u), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtModuleHandle("NoSuch.rsl"), NULL_RTHANDLE, E_EXIST, DECIDED);
}

static void modules(struct tap *t)
{
    RTHANDLE rsl = GetRtModuleHandle("RtRsl.rsl"); /* an ELF program has the library inside */
    FAILS(t, GetRtModuleHandle(OUTSIDE), NULL_RTHANDLE, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtProcAddress(BAD_RTHANDLE, "RtSleep"), NULL, E_EXIST, DECIDED);
    FAILS(t, GetRtProcAddress(GetRtThreadHandles(THIS_PROCESS), "RtSleep"), NULL, E_TYPE, DECIDED);
    if (rsl != NULL_RTHANDLE) FAILS(t, GetRtProcAddress(rsl, OUTSIDE), NULL, E_BAD_ADDR, DECIDED);
    FAILS(t, RslSetCallback(NULL, 99), FALSE, E_PARAM, DECIDED);
}

static void local_storage(struct tap *t)
{
    DWORD first = RtTlsAlloc(), count = 0, index = first;
    HOLDS(t, first < 64 && RtTlsSetValue(first, t) && RtTlsGetValue(first) == t, DOCUMENTED);
    FAILS(t, RtTlsGetValue(64), NULL, E_PARAM, DECIDED);
    FAILS(t, RtTlsSetValue(64, t), FALSE, E_PARAM, DECIDED);
    FAILS(t, RtTlsFree(64), FALSE, E_PARAM, DECIDED);
    while (index != 0xFFFFFFFF && count++ < 100)
        index = RtTlsAlloc();
    FAILS(t, RtTlsAlloc(), 0xFFFFFFFF, E_LIMIT, DECIDED);
    HOLDS(t, count < 64 && RtTlsFree(first) && RtTlsAlloc() == first, DOCUMENTED);
    DWORD slots = fs_read32(0x2C);
    fs_write32(0x2C, 0xF0000000); /* no array there */
    FAILS(t, RtTlsGetValue(first), NULL, E_BAD_ADDR, DECIDED);
    FAILS(t, RtTlsSetValue(first, t), FALSE, E_BAD_ADDR, DECIDED);
    fs_write32(0x2C, slots);
}

static void low_level(struct tap *t)
{
    static DWORD area[2];
    KNHANDLE unit = knCreateRtSemaphore(area, 5);
    HOLDS(t, knWaitForRtSemaphore(unit, KN_DONT_WAIT), INFERRED); /* one unit from the start */
    FAILS(t, knWaitForRtSemaphore(unit, 2), FALSE, E_KN_TIME_OUT, DOCUMENTED);
    knReleaseRtSemaphore(unit);
    HOLDS(t, knWaitForRtSemaphore(unit, KN_WAIT_FOREVER), DOCUMENTED);
    knDeleteRtSemaphore(unit);
    FAILS(t, knCreateRtSemaphore(OUTSIDE, 5), 0xFFFFFFFF, E_BAD_ADDR, DECIDED);
    FAILS(t, knWaitForRtSemaphore(0xF0000000, 1), FALSE, E_BAD_ADDR, DECIDED);
    SetLastRtError(NO_ERROR_YET);
    knReleaseRtSemaphore(0xF0000000);
    tap_equal(t, "knReleaseRtSemaphore(OUTSIDE) E_BAD_ADDR", GetLastRtError(), E_BAD_ADDR, DECIDED);
    SetLastRtError(NO_ERROR_YET);
    knDeleteRtSemaphore(0xF0000000);
    tap_equal(t, "knDeleteRtSemaphore(OUTSIDE) E_BAD_ADDR", GetLastRtError(), E_BAD_ADDR, DECIDED);
}

int main(void)
{
    struct tap tap = {0, 0};
    modules(&tap);
    local_storage(&tap);
    low_level(&tap);
    last_status(&tap);
    texts(&tap);
    sleeping(&tap);
    threads(&tap);
    system_data(&tap);
    return tap_end(&tap);
}
