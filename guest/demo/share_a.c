/* share_a.c: process A of the sharing demo: makes the memory, names it, waits for B's answer. */
#include "rt.h"
#include "seg.h"
#include "share.h"
#include "stdio.h"
#include "string.h"

static int fail(const char *what)
{
    printf("A: %s failed: status %04lX\n", what, GetLastRtError());
    return 1;
}

static int clean_up(BYTE *memory, RTHANDLE handle)
{
    if (!UncatalogRtHandle(GetRtThreadHandles(ROOT_PROCESS), SHARE_NAME))
        return fail("UncatalogRtHandle");
    if (!DeleteRtMemoryHandle(handle)) return fail("DeleteRtMemoryHandle");
    if (FreeRtMemory(memory) == 0xFFFFFFFF) return fail("FreeRtMemory");
    printf("A: name, handle and memory are given back\n");
    return 0;
}

int main(void)
{
    DWORD limit;
    BYTE *memory = AllocateRtMemory(SHARE_SIZE);
    if (memory == NULL) return fail("AllocateRtMemory");
    memset(memory, 0, SHARE_BYTES);
    for (DWORD i = SHARE_BYTES; i < SHARE_SIZE; i++)
        memory[i] = SHARE_BYTE(i);
    strcpy((char *)memory + SHARE_A_TEXT, "written by A, near pointer");

    RTHANDLE handle = CreateRtMemoryHandle(memory, SHARE_SIZE);
    if (handle == BAD_RTHANDLE) return fail("CreateRtMemoryHandle");
    seg_limit(handle, &limit);
    printf("A: %u bytes at %p have handle %04X; LSL: limit %lu\n", SHARE_SIZE, (void *)memory,
           handle, limit);
    if (!CatalogRtHandle(GetRtThreadHandles(ROOT_PROCESS), handle, SHARE_NAME))
        return fail("CatalogRtHandle");

    volatile DWORD *b_ready = (volatile DWORD *)(memory + SHARE_B_READY);
    for (int i = 0; *b_ready == 0 && i < 500; i++)
        RtSleep(10);
    if (*b_ready == 0) return fail("waiting for B");
    printf("A: B wrote \"%s\"\n", (char *)memory + SHARE_B_TEXT);
    *(volatile DWORD *)(memory + SHARE_A_SEEN) = 1;
    RtSleep(100); /* B still uses the handle */
    return clean_up(memory, handle);
}
