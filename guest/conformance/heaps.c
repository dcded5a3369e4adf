/* heaps.c: heaps and buffers, windows to physical memory, and what reports say of memory. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"

static void heaps(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    HEAPINFO info;
    WORD type = 9;
    FAILS(t, CreateRtHeap(10, 0), BAD_RTHANDLE, E_PARAM, DECIDED);
    FAILS(t, CreateRtHeap(8192, 1), BAD_RTHANDLE, E_PARAM, DECIDED);
    RTHANDLE heap = CreateRtHeap(8192, 0);
    IS(t, GetRtHandleType(heap), HEAP_TYPE, INFERRED);
    GIVES(t, GetRtHeapInfo(heap, &info), TRUE, DOCUMENTED);
    IS(t, info.dwHeapSize, 8192, DOCUMENTED);
    IS(t, info.dwAvailable, 8192 - 28 - 8, INFERRED);
    FAILS(t, GetRtHeapInfo(heap, NULL), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, GetRtHeapInfo(self, &info), FALSE, E_TYPE, DECIDED);
    FAILS(t, GetRtHeapInfo(BAD_RTHANDLE, &info), FALSE, E_EXIST, DECIDED);
    char *buffer = RequestRtBuffer(heap, 100, &type);
    HOLDS(t, buffer != NULL && type == CONTIGUOUS_BUFFER, DOCUMENTED);
    strcpy(buffer, "mine");
    GIVES(t, GetRtBufferSize(heap, buffer, type), 100, DOCUMENTED);
    FAILS(t, RequestRtBuffer(heap, 9000, &type), NULL, E_MEM, DECIDED);
    FAILS(t, RequestRtBuffer(heap, 0, &type), NULL, E_PARAM, DECIDED);
    FAILS(t, RequestRtBuffer(heap, 1, NULL), NULL, E_BAD_ADDR, DECIDED);
    FAILS(t, RequestRtBuffer(self, 1, &type), NULL, E_TYPE, DECIDED);
    FAILS(t, RequestRtBuffer(BAD_RTHANDLE, 1, &type), NULL, E_EXIST, DECIDED);
    FAILS(t, GetRtBufferSize(heap, buffer + 4, type), 0, E_NUC_BAD_BUF, DECIDED);
    FAILS(t, GetRtBufferSize(heap, buffer, 7), 0, E_PARAM, DECIDED);
    FAILS(t, ReleaseRtBuffer(heap, buffer + 4, type), FALSE, E_NUC_BAD_BUF, DECIDED);
    FAILS(t, ReleaseRtBuffer(self, buffer, type), FALSE, E_TYPE, DECIDED);
    GIVES(t, ReleaseRtBuffer(heap, buffer, type), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtHeap(self), FALSE, E_TYPE, DECIDED);
    GIVES(t, DeleteRtHeap(heap), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtHeap(heap), FALSE, E_EXIST, DECIDED);
}

static void windows(struct tap *t)
{
    DWORD *block = AllocateRtMemory(8192);
    DWORD phys = GetRtPhysicalAddress(block, 8192, 0);
    HOLDS(t, GetRtPhysicalAddress64(block, 8192, 0) == phys, DOCUMENTED);
    HOLDS(t, GetRtPhysicalAddress64(NULL, 1, 0) == BAD_PHYSICAL_ADDRESS_64, DOCUMENTED);
    DWORD *window = MapRtPhysicalMemory64(phys, 8192, PTE_CACHE_DISABLE);
    block[5] = 0x12345678;
    HOLDS(t, window != NULL && window[5] == 0x12345678, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemory64(phys, 0, 0), NULL, E_PARAM, INFERRED);
    FAILS(t, MapRtPhysicalMemory64(0x100000000ull, 1, 0), NULL, E_PARAM, DECIDED);
    FAILS(t, MapRtPhysicalMemory64(0, 0xF0000000, 0), NULL, E_VMEM, INFERRED);
    CHDESC list;
    memset(&list, 0, sizeof list);
    list.cbByteCount = 8192;
    list.paBlock[0].dwPhysicalAddress = phys + 4096; /* the second page first */
    list.paBlock[1].dwPhysicalAddress = phys;
    list.paBlock[0].dwLength = list.paBlock[1].dwLength = 4096;
    window = MapRtPhysicalMemoryList(&list, 8192, 0);
    HOLDS(t, window != NULL && window[1024 + 5] == 0x12345678, DOCUMENTED);
    GIVES(t, FreeRtMemory(window), 8192, DOCUMENTED);
    FAILS(t, MapRtPhysicalMemoryList(&list, 8193, 0), NULL, E_STATE, DECIDED);
    FAILS(t, MapRtPhysicalMemoryList(&list, 0, 0), NULL, E_PARAM, DECIDED);
    FAILS(t, MapRtPhysicalMemoryList(NULL, 1, 0), NULL, E_BAD_ADDR, DECIDED);
}

static void reports(struct tap *t)
{
    RTHANDLE thread = GetRtThreadHandles(THIS_THREAD);
    SYSTEM_MEMORY_INFO areas;
    POOLINFO pool;
    GIVES(t, GetRtSystemMemoryInfo(GET_SYSTEM_MEMORY_AREA_LIST, &areas), TRUE, DOCUMENTED);
    HOLDS(t, areas.count == 1 && areas.area[0].area_size >= 0x400000, DECIDED);
    FAILS(t, GetRtSystemMemoryInfo(1, &areas), FALSE, E_PARAM, DECIDED);
    FAILS(t, GetRtSystemMemoryInfo(0, NULL), FALSE, E_BAD_ADDR, DECIDED);
    GIVES(t, GetRtProcessPoolInfo(NULL_RTHANDLE, &pool), TRUE, INFERRED);
    IS(t, pool.hTargetProcess, GetRtThreadHandles(THIS_PROCESS), DOCUMENTED);
    HOLDS(t, pool.cbAllocated != 0 && pool.cbPoolMin <= pool.cbPoolMax, DOCUMENTED);
    FAILS(t, GetRtProcessPoolInfo(thread, &pool), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, GetRtProcessPoolInfo(BAD_RTHANDLE, &pool), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtProcessPoolInfo(NULL_RTHANDLE, NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0};
    heaps(&tap);
    windows(&tap);
    reports(&tap);
    return tap_end(&tap);
}
