/* limits.c: E_LIMIT, E_SLOT and E_MEM, each by using something up.
 *
 *   first argument: "objects"  run with an object limit of 20 (-olim 20)
 *                   "slots"    no switches
 *                   "pool"     run with a pool of at most 2 MB and a VSEG of 32 MB (-pmax 2M -vseg 32M)
 */
#include "string.h"
#include "tap.h"

#define MB 0x100000u

static RTHANDLE handles[8192];

static unsigned make_handles(BYTE *memory)
{
    unsigned count = 0;
    RTHANDLE handle;
    while (count < 8192 && (handle = CreateRtMemoryHandle(memory, 16)) != BAD_RTHANDLE)
        handles[count++] = handle;
    return count;
}

static unsigned delete_handles(unsigned count)
{
    unsigned good = 0;
    for (unsigned i = 0; i < count; i++)
        good += DeleteRtMemoryHandle(handles[i]);
    return good;
}

/* What needs an object of its own. */
static void others(struct tap *t, DWORD status)
{
    static SERVICEDESC service = {.cName = "SMALL"};
    FAILS(t, CreateRtSemaphore(0, 1, 0), BAD_RTHANDLE, status, DOCUMENTED);
    FAILS(t, CreateRtRegion(0), BAD_RTHANDLE, status, DOCUMENTED);
    FAILS(t, CreateRtMailbox(0), BAD_RTHANDLE, status, DOCUMENTED);
    FAILS(t, CreateGlobalRtMailbox(THIS_LOCATION, 0), BAD_RTHANDLE, status, DECIDED);
    FAILS(t, CreateGlobalRtSemaphore(THIS_LOCATION, 0, 1, 0), BAD_RTHANDLE, status, DECIDED);
    FAILS(t, CreateRtAlarm(KN_REPEATER, 1000), BAD_RTHANDLE, status, INFERRED);
    FAILS(t, CreateRtHeap(40, 0), BAD_RTHANDLE, status, DECIDED);
    FAILS(t, CreateRtQueue(32, 0, 0), BAD_RTHANDLE, status, DOCUMENTED);
    FAILS(t, CreateRtPort(NULL, 0, 0, 0), BAD_RTHANDLE, status, INFERRED);
    FAILS(t, CreateRtPortEx(NULL, 0, 0, 0, 64), BAD_RTHANDLE, status, INFERRED);
    FAILS(t, InstallRtServiceDescriptor(&service), FALSE, status, DOCUMENTED);
}

static void nothing(LPVOID param)
{
    (void)param;
}

static void objects(struct tap *t, DWORD status)
{
    BYTE *memory = AllocateRtMemory(4096);
    RTHANDLE mailbox = CreateRtMailbox(DATA_MAILBOX);
    unsigned count = make_handles(memory);
    HOLDS(t, count > 0 && count < 8192, DOCUMENTED);
    if (status == E_LIMIT) {
        HOLDS(t, count <= 20, DOCUMENTED);
        FAILS(t, CreateRtMemoryHandle(memory, 16), BAD_RTHANDLE, E_LIMIT, DOCUMENTED);
        others(t, E_LIMIT);
    } else {
        FAILS(t, CreateRtMemoryHandle(memory, 16), BAD_RTHANDLE, E_SLOT, DOCUMENTED);
        others(t, E_SLOT);
        FAILS(t, CreateRtThread(200, nothing, 4096, NULL), BAD_RTHANDLE, E_SLOT, DOCUMENTED);
        for (unsigned i = 0; i < 3; i++) /* what a data mailbox holds without a slot */
            GIVES(t, SendRtData(mailbox, NULL, 0), TRUE, DOCUMENTED);
        FAILS(t, SendRtData(mailbox, NULL, 0), FALSE, E_SLOT, DOCUMENTED);
    }
    GIVES(t, DeleteRtMemoryHandle(handles[count - 1]), TRUE, DOCUMENTED);
    RTHANDLE again = CreateRtMemoryHandle(memory, 16);
    HOLDS(t, again != BAD_RTHANDLE, DOCUMENTED);
    if (status == E_SLOT) IS(t, again, handles[count - 1], DOCUMENTED); /* the only free slot */
    handles[count - 1] = again;
    IS(t, delete_handles(count), count, DOCUMENTED);
    IS(t, make_handles(memory), count, DOCUMENTED);
    IS(t, delete_handles(count), count, DOCUMENTED);
}

static void pool(struct tap *t)
{
    BYTE *whole =
        MapRtPhysicalMemory(0, 7 * MB); /* memory of others: only page tables are charged */
    HOLDS(t, whole != NULL, DOCUMENTED);
    RTHANDLE over = CreateRtMemoryHandle(whole, 7 * MB);
    HOLDS(t, over != BAD_RTHANDLE, DOCUMENTED);
    FAILS(t, AllocateRtMemory(2 * MB), NULL, E_MEM, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(2 * MB, 0, ~0ull, 0), NULL, E_MEM, DOCUMENTED);
    unsigned pages = 0;
    void *last = NULL, *page;
    while (pages < 600 && (page = AllocateRtMemory(4096)) != NULL) {
        last = page;
        pages++;
    }
    HOLDS(t, last != NULL && pages < 600, DOCUMENTED);
    FAILS(t, AllocateRtMemory(1), NULL, E_MEM, DOCUMENTED);
    FAILS(t, MapRtSharedMemory(over), NULL, E_MEM, DOCUMENTED); /* page tables */
    FAILS(t, MapRtPhysicalMemory(0, 7 * MB), NULL, E_MEM, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemoryEx(0, 7 * MB, 0), NULL, E_MEM, DOCUMENTED);
    RTHANDLE data = CreateRtMailbox(DATA_MAILBOX), passing = CreateRtMailbox(OBJECT_MAILBOX);
    unsigned made = make_handles(last); /* the control blocks' page fills up */
    HOLDS(t, made < 100, DOCUMENTED);
    others(t, E_MEM);
    unsigned sent = 0;
    while (sent < 10 && SendRtData(data, NULL, 0))
        sent++;
    IS(t, sent, 3, DOCUMENTED);
    FAILS(t, SendRtData(data, NULL, 0), FALSE, E_MEM, DOCUMENTED);
    for (sent = 0; sent < 100 && SendRtHandle(passing, data, NULL_RTHANDLE);)
        sent++;
    IS(t, sent, 8, DECIDED);
    FAILS(t, SendRtHandle(passing, data, NULL_RTHANDLE), FALSE, E_MEM, DOCUMENTED);
    FAILS(t, CreateRtMemoryHandle(last, 16), BAD_RTHANDLE, E_MEM, DOCUMENTED);
    GIVES(t, FreeRtMemory(last), 4096, DOCUMENTED);
    HOLDS(t, CreateRtMemoryHandle(whole, 16) != BAD_RTHANDLE, DOCUMENTED);
}

int main(int argc, char **argv)
{
    struct tap tap = {0, 0};
    const char *what = argc > 1 ? argv[1] : "slots";
    if (strcmp(what, "objects") == 0)
        objects(&tap, E_LIMIT);
    else if (strcmp(what, "pool") == 0)
        pool(&tap);
    else
        objects(&tap, E_SLOT);
    return tap_end(&tap);
}
