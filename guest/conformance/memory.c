/* memory.c: the statuses of the memory calls that need no special pool or limits. */
#include "../demo/seg.h"
#include "tap.h"

#define NOTHING ((void *)0x00001000u)
#define MB      0x100000u

static DWORD data_limit(void)
{
    DWORD limit;
    seg_limit(GetRtProcessDataSegment(0), &limit);
    return limit;
}

/* What is too large for the process's memory, but not for its segment: in an XM process the segment has 4 GB,
 * of which the process has not all. */
static DWORD everything(void)
{
    DWORD limit = data_limit();
    return limit == 0xFFFFFFFF ? limit - 4095 : limit + 1;
}

/* More than the segment has; 0 stands for it in an XM process, which has no such number. */
static DWORD too_much(void)
{
    DWORD limit = data_limit();
    return limit == 0xFFFFFFFF ? 0 : limit + 2;
}

/* Leaves little free in a process that has much: what is mapped for that, or NULL. */
static void *fill(void)
{
    VIRTUAL_MEMORY_INFO virtual;
    GetRtVirtualMemoryInfo(NULL_RTHANDLE, &virtual);
    DWORD most = virtual.cbLargestAvailable;
    return most > 16 * MB ? MapRtPhysicalMemory(0, most - 8 * MB) : NULL;
}

static void allocate(struct tap *t)
{
    DWORD vseg = everything();
    BYTE *p = AllocateRtMemory(5000);
    HOLDS(t, p != NULL && ((DWORD)p & 0xFFF) == 0, DOCUMENTED);
    p[0] = p[8191] = 1; /* rounded up to whole pages */
    FAILS(t, AllocateRtMemory(0), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, AllocateRtMemory(too_much()), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, AllocateRtMemory(0xFFFFFFFF), NULL, too_much() ? E_PARAM : E_VMEM, DOCUMENTED);
    FAILS(t, AllocateRtMemory(vseg), NULL, E_VMEM, DOCUMENTED);
    GIVES(t, FreeRtMemory(p), 8192, DOCUMENTED);
    FAILS(t, FreeRtMemory(OUTSIDE), 0xFFFFFFFF, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, FreeRtMemory(p), 0xFFFFFFFF, E_BAD_ADDR, DOCUMENTED); /* nothing there any more */
    p = AllocateRtMemory(4096);
    FAILS(t, FreeRtMemory(p + 4096), 0xFFFFFFFF, E_NOT_ALLOCATED, DECIDED); /* the guard page */
    GIVES(t, FreeRtMemory(p + 100), 4096, DOCUMENTED); /* the whole allocation */
    FAILS(t, FreeRtMemory((void *)0x00400000u), 0xFFFFFFFF, E_BAD_ADDR, DECIDED); /* the image */
}

static void allocate_ex(struct tap *t)
{
    DWORD vseg = everything();
    BYTE *p = AllocateRtMemoryEx(4096, 0, 0xFFFFFFFFFFFFFFFFull, 0x10000);
    HOLDS(t, p != NULL && GetRtPhysicalAddress(p, 4096, 0) % 0x10000 == 0, DOCUMENTED);
    GIVES(t, FreeRtMemory(p), 4096, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(0, 0, ~0ull, 0), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(too_much(), 0, ~0ull, 0), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(4096, 2, 1, 0), NULL, E_PARAM, INFERRED);
    FAILS(t, AllocateRtMemoryEx(4096, 0, ~0ull, 100), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(vseg, 0, ~0ull, 0), NULL, E_VMEM, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(4096, 0, 0x1000, 0), NULL, E_MEM, DOCUMENTED);
    FAILS(t, AllocateRtMemoryEx(4096, 0x100000000ull, ~0ull, 0), NULL, E_MEM, DOCUMENTED);
}

/* What LSL and LAR say of a handle's descriptor: P, DPL 3, data, writable; D/B; G above 1 MB. */
static void descriptor(struct tap *t, BYTE *p, DWORD size, DWORD limit, DWORD rights)
{
    DWORD got_limit = 0, got_rights = 0;
    RTHANDLE h = CreateRtMemoryHandle(p, size);
    HOLDS(t, h != BAD_RTHANDLE && (h & 7) == 0, INFERRED);
    HOLDS(t, seg_limit(h, &got_limit) && seg_rights(h, &got_rights), DOCUMENTED);
    IS(t, got_limit, limit, DOCUMENTED);
    IS(t, got_rights & 0x00F0FE00, rights, DOCUMENTED);
    HOLDS(t, seg_can_read(h) && seg_can_write(h), DOCUMENTED);
    IS(t, GetRtSize(h), limit + 1, DOCUMENTED);
    GIVES(t, DeleteRtMemoryHandle(h), TRUE, DOCUMENTED);
    HOLDS(t, !seg_limit(h, &got_limit) && !seg_can_read(h), DOCUMENTED);
}

static void handles(struct tap *t)
{
    BYTE *p = AllocateRtMemory(2 * MB);
    HOLDS(t, p != NULL, DOCUMENTED);
    descriptor(t, p, 1, 0, 0x0040F200);
    descriptor(t, p + 3, 4096, 4095, 0x0040F200);
    descriptor(t, p, 5000, 4999, 0x0040F200);
    descriptor(t, p, MB, MB - 1, 0x0040F200);
    descriptor(t, p, MB + 1, MB + 4095, 0x00C0F200); /* whole pages: decided */
    descriptor(t, p, 2 * MB, 2 * MB - 1, 0x00C0F200);

    RTHANDLE a = CreateRtMemoryHandle(p, 100), b = CreateRtMemoryHandle(p, 100);
    HOLDS(t, a != BAD_RTHANDLE && b != BAD_RTHANDLE && a != b,
          INFERRED); /* several for one block */
    BOOLEAN (*raw_delete)(DWORD) = (BOOLEAN(*)(DWORD))(void (*)(void))DeleteRtMemoryHandle;
    GIVES(t, raw_delete(0xABCD0000u | b), TRUE, INFERRED); /* upper half of the slot is garbage */
    GIVES(t, DeleteRtMemoryHandle(a), TRUE, DOCUMENTED);
    p[2 * MB - 1] = 7; /* the memory stays */
    FAILS(t, DeleteRtMemoryHandle(a), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeleteRtMemoryHandle(NULL_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeleteRtMemoryHandle(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeleteRtMemoryHandle(GetRtThreadHandles(THIS_PROCESS)), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtMemoryHandle(GetRtThreadHandles(THIS_THREAD)), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtMemoryHandle(GetRtProcessDataSegment(0)), FALSE, E_TYPE, DECIDED);
    FAILS(t, CreateRtMemoryHandle(p, 0), BAD_RTHANDLE, E_PARAM, DECIDED);
    FAILS(t, CreateRtMemoryHandle(NOTHING, 16), BAD_RTHANDLE, E_BAD_ADDR, DECIDED);
    FAILS(t, CreateRtMemoryHandle(OUTSIDE, 16), BAD_RTHANDLE, E_BAD_ADDR, DECIDED);
    FAILS(t, CreateRtMemoryHandle(p, 2 * MB + 1), BAD_RTHANDLE, E_BAD_ADDR, DECIDED);
    FAILS(t, CreateRtMemoryHandle(p, 0xFFFFFFFF), BAD_RTHANDLE, E_BAD_ADDR, DECIDED);
    GIVES(t, FreeRtMemory(p), 2 * MB, DOCUMENTED);
}

static void map_shared(struct tap *t)
{
    BYTE *p = AllocateRtMemory(8192);
    RTHANDLE h = CreateRtMemoryHandle(p + 100, 5000);
    p[100] = 0x5A;
    BYTE *q = MapRtSharedMemory(h);
    HOLDS(t, q != NULL && q != p + 100 && q[0] == 0x5A, DOCUMENTED);
    q[4999] = 0xA5;
    IS(t, p[5099], 0xA5, DOCUMENTED);
    GIVES(t, FreeRtMemory(q), 8192, INFERRED);
    IS(t, p[5099], 0xA5, DOCUMENTED); /* only the mapping went */
    FAILS(t, MapRtSharedMemory(BAD_RTHANDLE), NULL, E_EXIST, INFERRED);
    FAILS(t, MapRtSharedMemory(GetRtThreadHandles(ROOT_PROCESS)), NULL, E_TYPE, INFERRED);
    GIVES(t, FreeRtMemory(p), 8192, DOCUMENTED);
    FAILS(t, MapRtSharedMemory(h), NULL, E_NOT_ALLOCATED, DECIDED);
    DeleteRtMemoryHandle(h);

    void *filler = fill();
    BYTE *big = MapRtPhysicalMemory(0, 3 * MB);
    h = CreateRtMemoryHandle(big, 3 * MB);
    BYTE *second = MapRtSharedMemory(h), *third = filler ? MapRtSharedMemory(h) : NULL;
    FAILS(t, MapRtSharedMemory(h), NULL, E_VMEM, DOCUMENTED);
    FreeRtMemory(second);
    if (third) FreeRtMemory(third);
    DeleteRtMemoryHandle(h);
    FreeRtMemory(big);
    if (filler) FreeRtMemory(filler);
}

static void map_physical(struct tap *t)
{
    BYTE *p = AllocateRtMemory(8192);
    DWORD at = GetRtPhysicalAddress(p, 8192, 0);
    p[4100] = 0x77;
    BYTE *q = MapRtPhysicalMemory(at + 4100, 10);
    HOLDS(t, q != NULL && ((DWORD)q & 0xFFF) == 4 && q[0] == 0x77, DOCUMENTED);
    GIVES(t, FreeRtMemory(q), 4096, DOCUMENTED);
    q = MapRtPhysicalMemoryEx(at, 8192, PTE_CACHE_DISABLE | PTE_WRITE_THRU);
    HOLDS(t, q != NULL && q[4100] == 0x77, DOCUMENTED);
    GIVES(t, FreeRtMemory(q), 8192, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemory(at, 0), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemoryEx(at, 0, 0), NULL, E_PARAM, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemoryEx(at, 4096, 1), NULL, E_PARAM, DECIDED);
    FAILS(t, MapRtPhysicalMemory(0, 0xF0000000), NULL, E_VMEM, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemoryEx(0, 0xF0000000, 0), NULL, E_VMEM, DOCUMENTED);

    HOLDS(t, at != BAD_PHYSICAL_ADDRESS && (at & 0xFFF) == 0, DOCUMENTED);
    IS(t, GetRtPhysicalAddress(p + 5000, 10, 0), at + 5000, DOCUMENTED);
    FAILS(t, GetRtPhysicalAddress(p, 8193, 0), BAD_PHYSICAL_ADDRESS, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtPhysicalAddress(OUTSIDE, 4, 0), BAD_PHYSICAL_ADDRESS, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtPhysicalAddress(p, 0, 0), BAD_PHYSICAL_ADDRESS, E_PARAM, DECIDED);
    BYTE *top = MapRtPhysicalMemory(0xFFFFF000u, 8192); /* its second page is above 4 GB */
    HOLDS(t, top != NULL, DECIDED);
    IS(t, GetRtPhysicalAddress(top, 4096, 0), 0xFFFFF000u, DOCUMENTED);
    FAILS(t, GetRtPhysicalAddress(top + 4000, 200, 0), BAD_PHYSICAL_ADDRESS, E_LIMIT, DOCUMENTED);
    IS(t, FreeRtMemory(top), 8192, DECIDED);
    FreeRtMemory(p);
}

static void sizes(struct tap *t)
{
    BYTE *p = AllocateRtMemory(4096);
    RTHANDLE h = CreateRtMemoryHandle(p + 8, 1000), ds = GetRtProcessDataSegment(0);
    GIVES(t, GetRtSize(h), 1000, DOCUMENTED);
    FAILS(t, GetRtSize(BAD_RTHANDLE), 0, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtSize(GetRtThreadHandles(THIS_THREAD)), 0, E_TYPE, DOCUMENTED);
    HOLDS(t, ds != BAD_RTHANDLE && GetRtHandleType(ds) == SEGMENT_TYPE, DOCUMENTED);
    BOOLEAN xm = data_limit() == 0xFFFFFFFF;
    IS(t, GetRtSize(ds), xm ? 0xFFFFFFFF : data_limit() + 1, DOCUMENTED);
    DWORD base = GetRtLinearAddress(ds, 0, 1, 0), linear = GetRtLinearAddress(h, 5, 1, 0);
    p[13] = 0xC3;
    IS(t, *(BYTE *)(linear - base), 0xC3, DOCUMENTED); /* the flat segment reaches it */
    HOLDS(t, xm || linear == base + (DWORD)p + 13, DOCUMENTED);
    FAILS(t, GetRtLinearAddress(h, 1000, 1, 0), 0xFFFFFFFF, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtLinearAddress(BAD_RTHANDLE, 0, 1, 0), 0xFFFFFFFF, E_EXIST, DECIDED);
    FAILS(t, GetRtLinearAddress(GetRtThreadHandles(THIS_PROCESS), 0, 1, 0), 0xFFFFFFFF, E_TYPE,
          DECIDED);
    DeleteRtMemoryHandle(h);
    FreeRtMemory(p);
}

static void copy(struct tap *t)
{
    static BYTE from[64], to[64];
    BYTE *p = AllocateRtMemory(4096);
    RTHANDLE h = CreateRtMemoryHandle(p, 100), process = GetRtThreadHandles(THIS_PROCESS);
    for (unsigned i = 0; i < sizeof from; i++)
        from[i] = (BYTE)(i + 1);
    GIVES(t, CopyRtData(NULL_RTHANDLE, from, h, (void *)36, 64), TRUE, DOCUMENTED);
    IS(t, p[99], 64, DOCUMENTED);
    GIVES(t, CopyRtData(h, (void *)36, NULL_RTHANDLE, to, 64), TRUE, DOCUMENTED);
    IS(t, to[63], 64, DOCUMENTED);
    FAILS(t, CopyRtData(NULL_RTHANDLE, from, h, (void *)37, 64), FALSE, EH_GENERAL_PROTECTION,
          DOCUMENTED);
    FAILS(t, CopyRtData(h, (void *)101, NULL_RTHANDLE, to, 0), FALSE, EH_GENERAL_PROTECTION,
          DOCUMENTED);
    FAILS(t, CopyRtData(NULL_RTHANDLE, NOTHING, h, 0, 4), FALSE, EH_PAGE_FAULT, DOCUMENTED);
    FAILS(t, CopyRtData(NULL_RTHANDLE, OUTSIDE, h, 0, 4), FALSE,
          data_limit() == 0xFFFFFFFF ? EH_PAGE_FAULT : EH_GENERAL_PROTECTION, DOCUMENTED);
    FAILS(t, CopyRtData(BAD_RTHANDLE, 0, h, 0, 4), FALSE, E_EXIST, DECIDED);
    FAILS(t, CopyRtData(h, 0, process, 0, 4), FALSE, E_TYPE, DECIDED);
    GIVES(t, CopyRtData(GetRtProcessDataSegment(0), from, h, 0, 64), TRUE, DOCUMENTED);
    DeleteRtMemoryHandle(h);
    FreeRtMemory(p);
}

static void validate(struct tap *t)
{
    static const char constant[] = "read-only data of the image";
    BYTE *p = AllocateRtMemory(4096);
    GIVES(t, ValidateRtBuffer(p, 4096, BUFFER_WRITABLE), TRUE, DOCUMENTED);
    GIVES(t, ValidateRtBuffer((void *)constant, 8, BUFFER_READONLY), TRUE, DOCUMENTED);
    FAILS(t, ValidateRtBuffer((void *)constant, 8, BUFFER_WRITABLE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, ValidateRtBuffer(OUTSIDE, 4, BUFFER_READONLY), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, ValidateRtBuffer(p, 4097, BUFFER_READONLY), FALSE, E_NOT_ALLOCATED, DOCUMENTED);
    FAILS(t, ValidateRtBuffer(p, 4, 99), FALSE, E_PARAM, DECIDED);
    FreeRtMemory(p);
}

static void information(struct tap *t)
{
    PHYSICAL_MEMORY_INFO physical;
    VIRTUAL_MEMORY_INFO virtual;
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS), thread = GetRtThreadHandles(THIS_THREAD);
    GIVES(t, GetRtPhysicalMemoryInfo(self, &physical), TRUE, DOCUMENTED);
    HOLDS(t,
          physical.hTargetProcess == self &&
              physical.hParentProcess == GetRtThreadHandles(ROOT_PROCESS),
          DOCUMENTED);
    DWORD before = (DWORD)physical.cbAllocated;
    BYTE *p = AllocateRtMemory(40960);
    GetRtPhysicalMemoryInfo(self, &physical);
    IS(t, (DWORD)physical.cbAllocated - before, 40960, DOCUMENTED);
    FreeRtMemory(p);
    GIVES(t, GetRtPhysicalMemoryInfo(NULL_RTHANDLE, &physical), TRUE, DECIDED);
    FAILS(t, GetRtPhysicalMemoryInfo(thread, &physical), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, GetRtPhysicalMemoryInfo(BAD_RTHANDLE, &physical), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtPhysicalMemoryInfo(self, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtPhysicalMemoryInfo(self, NULL), FALSE, E_BAD_ADDR, DOCUMENTED);

    GIVES(t, GetRtVirtualMemoryInfo(self, &virtual), TRUE, DOCUMENTED);
    HOLDS(t, virtual.hProcess == self && virtual.cbVsegSize == data_limit() + 1, DOCUMENTED);
    IS(t, virtual.cbAllocated + virtual.cbAvailable, virtual.cbVsegSize, DOCUMENTED);
    GIVES(t, GetRtVirtualMemoryInfo(virtual.hVseg, &virtual), TRUE, DOCUMENTED);
    IS(t, virtual.hProcess, self, DOCUMENTED);
    WORD subtype = 0;
    IS(t, GetRtHandleTypeEx(virtual.hVseg, &subtype), SEGMENT_TYPE, DOCUMENTED);
    IS(t, subtype, VIRTUAL_SEGMENT_SUBTYPE, DOCUMENTED);
    FAILS(t, GetRtVirtualMemoryInfo(thread, &virtual), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, GetRtVirtualMemoryInfo(BAD_RTHANDLE, &virtual), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtVirtualMemoryInfo(self, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0};
    allocate(&tap);
    allocate_ex(&tap);
    handles(&tap);
    map_shared(&tap);
    map_physical(&tap);
    sizes(&tap);
    copy(&tap);
    validate(&tap);
    information(&tap);
    return tap_end(&tap);
}
