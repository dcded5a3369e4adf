/* directory.c: the statuses of object directories and of handle types. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"
#include "time.h"

static void catalog(struct tap *t, RTHANDLE object)
{
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS), thread = GetRtThreadHandles(THIS_THREAD);
    GIVES(t, CatalogRtHandle(root, object, "A NAME"), TRUE, DOCUMENTED);
    FAILS(t, CatalogRtHandle(root, object, "A NAME"), FALSE, E_CONTEXT, DOCUMENTED);
    GIVES(t, CatalogRtHandle(root, object, "a name"), TRUE, DOCUMENTED); /* case counts */
    GIVES(t, CatalogRtHandle(NULL_RTHANDLE, object, "123456789012"), TRUE, DOCUMENTED);
    FAILS(t, CatalogRtHandle(root, object, "1234567890123"), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, CatalogRtHandle(root, object, ""), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, CatalogRtHandle(root, object, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, CatalogRtHandle(BAD_RTHANDLE, object, "X"), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, CatalogRtHandle(root, BAD_RTHANDLE, "X"), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, CatalogRtHandle(thread, object, "X"), FALSE, E_TYPE, DOCUMENTED);
    GIVES(t, CatalogRtHandle(root, NULL_RTHANDLE, "nothing"), TRUE, DOCUMENTED);
}

static void lookup(struct tap *t, RTHANDLE object)
{
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS), thread = GetRtThreadHandles(THIS_THREAD);
    GIVES(t, LookupRtHandle(root, "A NAME", NO_WAIT), object, DOCUMENTED);
    GIVES(t, LookupRtHandle(root, "a name", WAIT_FOREVER), object, DOCUMENTED);
    GIVES(t, LookupRtHandle(NULL_RTHANDLE, "123456789012", NO_WAIT), object, DOCUMENTED);
    FAILS(t, LookupRtHandle(root, "absent", NO_WAIT), BAD_RTHANDLE, E_TIME, DOCUMENTED);
    clock_t before = clock();
    FAILS(t, LookupRtHandle(root, "absent", 50), BAD_RTHANDLE, E_TIME, DOCUMENTED);
    clock_t waited = clock() - before;
    HOLDS(t, waited >= 40 && waited <= 60, DOCUMENTED);
    FAILS(t, LookupRtHandle(root, "nothing", NO_WAIT), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    FAILS(t, LookupRtHandle(BAD_RTHANDLE, "X", NO_WAIT), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    FAILS(t, LookupRtHandle(thread, "X", NO_WAIT), BAD_RTHANDLE, E_TYPE, DOCUMENTED);
    FAILS(t, LookupRtHandle(root, "", NO_WAIT), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, LookupRtHandle(root, "1234567890123", NO_WAIT), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, LookupRtHandle(root, "X", RT_MAX_WAIT + 1), BAD_RTHANDLE, E_PARAM, INFERRED);
    FAILS(t, LookupRtHandle(root, OUTSIDE, NO_WAIT), BAD_RTHANDLE, E_BAD_ADDR, DOCUMENTED);
    /* the process of the idle thread has no directory */
    RTHANDLE idle = LookupRtHandle(root, "R?IDLE", NO_WAIT);
    HOLDS(t, idle != BAD_RTHANDLE, DECIDED);
    FAILS(t, LookupRtHandle(idle, "X", NO_WAIT), BAD_RTHANDLE, E_CONTEXT, DOCUMENTED);
}

static void uncatalog(struct tap *t)
{
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS), thread = GetRtThreadHandles(THIS_THREAD);
    GIVES(t, UncatalogRtHandle(root, "A NAME"), TRUE, DOCUMENTED);
    FAILS(t, UncatalogRtHandle(root, "A NAME"), FALSE, E_CONTEXT, DOCUMENTED);
    GIVES(t, UncatalogRtHandle(root, "a name"), TRUE, DOCUMENTED);
    GIVES(t, UncatalogRtHandle(root, "nothing"), TRUE, DOCUMENTED);
    GIVES(t, UncatalogRtHandle(NULL_RTHANDLE, "123456789012"), TRUE, DOCUMENTED);
    FAILS(t, UncatalogRtHandle(root, ""), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, UncatalogRtHandle(root, "1234567890123"), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, UncatalogRtHandle(BAD_RTHANDLE, "X"), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, UncatalogRtHandle(thread, "X"), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, UncatalogRtHandle(root, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
}

/* The own directory has 64 entries unless the loader was told otherwise. */
static void full(struct tap *t, RTHANDLE object)
{
    char name[8];
    unsigned count = 0;
    do
        sprintf(name, "N%u", count);
    while (CatalogRtHandle(NULL_RTHANDLE, object, name) && ++count < 5000);
    HOLDS(t, count > 0 && count <= 64, DOCUMENTED);
    FAILS(t, CatalogRtHandle(NULL_RTHANDLE, object, "one more"), FALSE, E_LIMIT, DOCUMENTED);
    FAILS(t, LookupRtHandle(NULL_RTHANDLE, "one more", 100), BAD_RTHANDLE, E_LIMIT, DOCUMENTED);
    unsigned removed = 0;
    for (unsigned i = 0; i < count; i++) {
        sprintf(name, "N%u", i);
        removed += UncatalogRtHandle(NULL_RTHANDLE, name);
    }
    IS(t, removed, count, DOCUMENTED);
    GIVES(t, CatalogRtHandle(NULL_RTHANDLE, object, "one more"), TRUE, DOCUMENTED);
    GIVES(t, UncatalogRtHandle(NULL_RTHANDLE, "one more"), TRUE, DOCUMENTED);
}

static void types(struct tap *t, RTHANDLE object)
{
    WORD subtype = 0xFFFF;
    IS(t, GetRtHandleType(GetRtThreadHandles(THIS_PROCESS)), PROCESS_TYPE, DOCUMENTED);
    IS(t, GetRtHandleType(GetRtThreadHandles(ROOT_PROCESS)), PROCESS_TYPE, DOCUMENTED);
    IS(t, GetRtHandleType(GetRtThreadHandles(THIS_THREAD)), THREAD_TYPE, INFERRED);
    IS(t, GetRtHandleType(object), SEGMENT_TYPE, DOCUMENTED);
    FAILS(t, GetRtHandleType(NULL_RTHANDLE), INVALID_TYPE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtHandleType(BAD_RTHANDLE), INVALID_TYPE, E_EXIST, DOCUMENTED);
    GIVES(t, GetRtHandleTypeEx(object, &subtype), SEGMENT_TYPE, DOCUMENTED);
    IS(t, subtype, SEGMENT_SUBTYPE, DOCUMENTED);
    FAILS(t, GetRtHandleTypeEx(BAD_RTHANDLE, &subtype), INVALID_TYPE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtHandleTypeEx(object, (LPWORD)OUTSIDE), INVALID_TYPE, E_BAD_ADDR, DECIDED);
    RTHANDLE ds = GetRtProcessDataSegment(0);
    GIVES(t, GetRtHandleTypeEx(ds, &subtype), SEGMENT_TYPE, DOCUMENTED);
    IS(t, subtype, DESCRIPTOR_SUBTYPE, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0};
    BYTE *memory = AllocateRtMemory(4096);
    RTHANDLE object = CreateRtMemoryHandle(memory, 4096);
    catalog(&tap, object);
    lookup(&tap, object);
    uncatalog(&tap);
    full(&tap, object);
    types(&tap, object);
    /* entries of deleted objects stay */
    CatalogRtHandle(NULL_RTHANDLE, object, "stale");
    DeleteRtMemoryHandle(object);
    GIVES(&tap, LookupRtHandle(NULL_RTHANDLE, "stale", NO_WAIT), object, INFERRED);
    FAILS(&tap, GetRtHandleType(object), INVALID_TYPE, E_EXIST, DOCUMENTED);
    return tap_end(&tap);
}
