/* stale.c: a deleted handle. What is in the segment register goes on working: the processor looks
 * at the table only when a selector is loaded. Loading it again is refused.
 */
#include "rt.h"
#include "seg.h"
#include "stdio.h"

int main(void)
{
    DWORD limit;
    DWORD *memory = AllocateRtMemory(4096);
    RTHANDLE handle = CreateRtMemoryHandle(memory, 4096);
    if (handle == BAD_RTHANDLE) {
        printf("no handle: status %04lX\n", GetLastRtError());
        return 1;
    }
    memory[1] = 0x12345678;
    es_load(handle);
    printf("handle %04X in ES: offset 4 holds %08lX\n", handle, es_read32(4));
    if (!DeleteRtMemoryHandle(handle)) {
        printf("DeleteRtMemoryHandle failed: status %04lX\n", GetLastRtError());
        return 1;
    }
    WORD type = GetRtHandleType(handle);
    printf("deleted: type %u, status %04lX, LSL sees it: %u\n", type, GetLastRtError(),
           seg_limit(handle, &limit));
    es_write32(4, 0x87654321);
    printf("ES still holds %04X and works: near pointer sees %08lX\n", es_get(), memory[1]);
    printf("now the same selector is loaded again\n");
    es_load(handle);
    printf("it was loaded, which must never be seen\n");
    return 1;
}
