/* rsls.c: LoadRtLibrary and what belongs to it, with the libraries beside this program. */
#include "rsl_test.h"
#include "string.h"
#include "tap.h"

typedef DWORD (*function)(void);
typedef int (*pinger)(int depth);

static char *rsl_log;
static RTHANDLE one;

static function address(RTHANDLE module, const char *name)
{
    return (function)(void (*)(void))GetRtProcAddress(module, (char *)name);
}

/* What has been noted since the last look. */
static int noted(struct tap *t, const char *expected)
{
    int good = strcmp(rsl_log, expected) == 0;
    if (!good) printf("# noted %s, expected %s\n", rsl_log, expected);
    rsl_log[0] = 0;
    memset(rsl_log, 0, LOG_SIZE);
    (void)t;
    return good;
}

static void names(struct tap *t)
{
    FAILS(t, LoadRtLibrary(NULL), 0, E_BAD_ADDR, DECIDED);
    FAILS(t, LoadRtLibrary(""), 0, E_PARAM, DECIDED);
    FAILS(t, LoadRtLibrary("folder/"), 0, E_PARAM, DECIDED);
    FAILS(t, LoadRtLibrary("rsl_none.rsl"), 0, E_EXIST, DECIDED);
    FAILS(t, LoadRtLibrary("netlib.rsl"), 0, E_EXIST, DECIDED); /* there is no network */
    FAILS(t, LoadRtLibrary("linked.rta"), 0, E_PARAM, DECIDED); /* a program */
    FAILS(t, LoadRtLibrary("../../tests/rsl_none.rsl"), 0, E_EXIST, DECIDED);
    FAILS(t, GetRtModuleHandle("rsl_one.rsl"), 0, E_EXIST, DECIDED);
    one = LoadRtLibrary("rsl_one.rsl");
    HOLDS(t, one != NULL_RTHANDLE, DOCUMENTED);
    IS(t, GetRtModuleHandle("RSL_ONE.rsl"), one, DECIDED);
    IS(t, LoadRtLibrary("C:\\lib\\Rsl_One.rsl"), one, DOCUMENTED);
    GIVES(t, FreeRtLibrary(one), TRUE, DOCUMENTED);
    IS(t, GetRtHandleType(one), RSL_TYPE, INFERRED);
}

static void symbols(struct tap *t)
{
    rsl_log = (char *)(void (*)(void))GetRtProcAddress(one, "rsl_log");
    HOLDS(t, noted(t, "1+"), DOCUMENTED);
    IS(t, address(one, (char *)7)(), 7, DOCUMENTED);
    FAILS(t, GetRtProcAddress(one, "one_seven"), 0, E_EXIST, DECIDED);
    FAILS(t, GetRtProcAddress(one, (char *)4), 0, E_EXIST, DECIDED);
    IS(t, address(one, "one_of_thread")(), one + RSL_PROCESS_ATTACH, DOCUMENTED);
}

static void dependents(struct tap *t)
{
    RTHANDLE two = LoadRtLibrary("rsl_two.rsl");
    HOLDS(t, noted(t, "2+"), DOCUMENTED);
    IS(t, address(two, "two_sum")(), 7, DECIDED);
    IS(t, address(two, "two_relocated")(), 1, DECIDED);
    HOLDS(t, address(two, "two_note") == address(one, "rsl_note"), DECIDED);
    FAILS(t, GetRtProcAddress(two, "two_nothing"), 0, E_EXIST, DECIDED);
    IS(t, LoadRtLibrary("rsl_two.rsl"), two, DOCUMENTED);
    GIVES(t, FreeRtLibrary(two), TRUE, DOCUMENTED);
    HOLDS(t, noted(t, ""), DOCUMENTED);
    GIVES(t, FreeRtLibrary(two), TRUE, DOCUMENTED);
    HOLDS(t, noted(t, "2-"), DOCUMENTED);
    FAILS(t, FreeRtLibrary(two), FALSE, E_EXIST, DECIDED);
    FAILS(t, GetRtProcAddress(two, "two_sum"), 0, E_EXIST, DECIDED);
}

static void information(struct tap *t)
{
    MODULEINFO info;
    char name[32];
    GIVES(t, GetRtModuleInformation(one, &info), TRUE, DOCUMENTED);
    HOLDS(t,
          (char *)info.lpBaseOfDll <= rsl_log &&
              rsl_log < (char *)info.lpBaseOfDll + info.SizeOfImage,
          DOCUMENTED);
    IS(t, *(const WORD *)info.lpBaseOfDll, 0,
       DOCUMENTED); /* INtime strips the headers of libraries */
    GIVES(t, GetRtModuleFilename(one, name, sizeof name), TRUE, DECIDED);
    HOLDS(t, strcmp(name, ".\\rsl_one.rsl") == 0, DECIDED);
    GIVES(t, GetRtModuleFilename(NULL_RTHANDLE, name, sizeof name), TRUE, DECIDED);
    HOLDS(t, strcmp(name, ".\\rsls.rta") == 0, DECIDED);
    FAILS(t, GetRtModuleFilename(one, name, 4), FALSE, E_LIMIT, DECIDED);
    FAILS(t, GetRtModuleFilename(one, NULL, 40), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtModuleFilename(1, name, 40), FALSE, E_EXIST, DECIDED);
    FAILS(t, GetRtModuleFilename(GetRtThreadHandles(THIS_THREAD), name, 40), FALSE, E_TYPE,
          DECIDED);
    FAILS(t, GetRtModuleInformation(1, &info), FALSE, E_EXIST, DECIDED);
    FAILS(t, GetRtModuleInformation(GetRtThreadHandles(THIS_THREAD), &info), FALSE, E_TYPE,
          DECIDED);
    FAILS(t, GetRtModuleInformation(one, NULL), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, FreeRtLibrary(GetRtThreadHandles(THIS_THREAD)), FALSE, E_TYPE, DECIDED);
}

static volatile DWORD of_thread;

static void thread(void *unused)
{
    (void)unused;
    of_thread = address(one, "one_of_thread")();
}

static void threads(struct tap *t)
{
    RTHANDLE two = LoadRtLibrary("rsl_two.rsl");
    noted(t, "2+");
    CreateRtThread(150, thread, 0x4000, NULL);
    RtSleep(20);
    HOLDS(t, noted(t, "1(2(2)1)"), DOCUMENTED);
    IS(t, of_thread, one + RSL_THREAD_ATTACH, DOCUMENTED);
    FreeRtLibrary(two);
    noted(t, "2-");
}

static void refusals(struct tap *t)
{
    FAILS(t, LoadRtLibrary("rsl_refuse.rsl"), 0, E_STATE, INFERRED);
    HOLDS(t, noted(t, "r+r-"), DECIDED);
    IS(t, GetRtModuleHandle("rsl_refuse.rsl"), 0, DOCUMENTED);
}

static void circles(struct tap *t)
{
    RTHANDLE ping = LoadRtLibrary("rsl_ping.rsl");
    HOLDS(t, noted(t, "o+i+"), DECIDED);
    IS(t, ((pinger)(void (*)(void))GetRtProcAddress(ping, "ping"))(9), 9, DECIDED);
    FAILS(t, FreeRtLibrary(GetRtModuleHandle("rsl_pong.rsl")), FALSE, E_STATE, DECIDED);
    FreeRtLibrary(ping);
    HOLDS(t, noted(t, "i-o-"), DECIDED);
    IS(t, GetRtModuleHandle("rsl_pong.rsl"), 0, DECIDED);
}

static void inside_an_entry_point(struct tap *t)
{
    RTHANDLE inner = LoadRtLibrary("rsl_inner.rsl");
    HOLDS(t, inner != NULL_RTHANDLE, DECIDED);
    HOLDS(t, noted(t, "2+n+"), DECIDED);
    GIVES(t, FreeRtLibrary(inner), TRUE, DECIDED);
    HOLDS(t, noted(t, "2-n-"), DECIDED);
}

static void again_and_again(struct tap *t)
{
    VIRTUAL_MEMORY_INFO before, after;
    GetRtVirtualMemoryInfo(NULL_RTHANDLE, &before);
    for (int i = 0; i < 100; i++)
        FreeRtLibrary(LoadRtLibrary("rsl_ping.rsl"));
    GetRtVirtualMemoryInfo(NULL_RTHANDLE, &after);
    IS(t, after.cbAvailable, before.cbAvailable, DECIDED);
    memset(rsl_log, 0, LOG_SIZE);
}

/* What a forwarder leads to stays, also when it was there before. */
static void forwarders(struct tap *t)
{
    RTHANDLE forward = LoadRtLibrary("rsl_forward.rsl");
    HOLDS(t, address(forward, "of_thread") == address(one, "one_of_thread"), DECIDED);
    GIVES(t, FreeRtLibrary(one), TRUE, DOCUMENTED);
    IS(t, GetRtModuleHandle("rsl_one.rsl"), one, DECIDED);
    GIVES(t, FreeRtLibrary(forward), TRUE, DOCUMENTED);
    IS(t, GetRtModuleHandle("rsl_one.rsl"), 0, DECIDED);
}

int main(void)
{
    struct tap t = {0, 0};
    names(&t);
    symbols(&t);
    dependents(&t);
    information(&t);
    threads(&t);
    refusals(&t);
    circles(&t);
    inside_an_entry_point(&t);
    again_and_again(&t);
    forwarders(&t);
    return tap_end(&t);
}
