/* fill.c: handles until the GDT is full, all given back, and the same number again. */
#include "rt.h"
#include "stdio.h"

#define SLOTS 8192

static RTHANDLE handles[SLOTS];

static unsigned fill(BYTE *memory)
{
    unsigned count = 0;
    while (count < SLOTS) {
        RTHANDLE handle = CreateRtMemoryHandle(memory + count % 4096, 1);
        if (handle == BAD_RTHANDLE) break;
        handles[count++] = handle;
    }
    return count;
}

int main(void)
{
    BYTE *memory = AllocateRtMemory(4096);
    unsigned counts[2];
    for (int round = 0; round < 2; round++) {
        SetLastRtError(E_OK);
        counts[round] = fill(memory);
        DWORD status = GetLastRtError();
        printf("round %d: %u handles, then status %04lX (%s)\n", round + 1, counts[round], status,
               status == E_SLOT ? "E_SLOT" : "not E_SLOT");
        if (status != E_SLOT) return 1;
        for (unsigned i = 0; i < counts[round]; i++)
            if (!DeleteRtMemoryHandle(handles[i])) {
                printf("handle %04X could not be deleted: status %04lX\n", handles[i],
                       GetLastRtError());
                return 1;
            }
    }
    printf("%s\n", counts[0] == counts[1] ? "the same number both times" : "the numbers differ");
    return counts[0] == counts[1] ? 0 : 1;
}
