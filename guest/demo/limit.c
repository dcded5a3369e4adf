/* limit.c: a memory handle in ES and in FS; the limit is exact; one dword past the end is refused.
 */
#include "rt.h"
#include "seg.h"
#include "stdio.h"

#define SIZE 4098u /* one page and two bytes: the last dword begins at 4094 */

int main(void)
{
    DWORD limit, rights;
    RTHANDLE thread_fs = fs_get();
    BYTE *memory = AllocateRtMemory(SIZE);
    RTHANDLE handle = CreateRtMemoryHandle(memory, SIZE);
    if (handle == BAD_RTHANDLE) {
        printf("no handle: status %04lX\n", GetLastRtError());
        return 1;
    }
    if (!seg_limit(handle, &limit) || !seg_rights(handle, &rights)) {
        printf("the handle %04X is not visible to LSL and LAR\n", handle);
        return 1;
    }
    printf("handle %04X: LSL %lu, LAR %08lX, VERR %u, VERW %u\n", handle, limit, rights,
           seg_can_read(handle), seg_can_write(handle));

    es_load(handle);
    for (DWORD i = 0; i < SIZE; i++)
        es_write8(i, (BYTE)i);
    DWORD wrong = 0;
    for (DWORD i = 0; i < SIZE; i++)
        wrong += memory[i] != (BYTE)i;
    printf("%u bytes written through ES, %lu differ when read near\n", SIZE, wrong);

    fs_load(handle);
    fs_write32(SIZE - 4, 0xCAFEF00D);
    DWORD through_fs = fs_read32(SIZE - 4);
    fs_load(thread_fs);
    printf("last dword, written through FS: %08lX; through ES: %08lX\n", through_fs,
           es_read32(SIZE - 4));

    printf("now a dword at offset %u: its last byte is outside\n", SIZE - 3);
    printf("it gave %08lX, which must never be seen\n", es_read32(SIZE - 3));
    return 1;
}
