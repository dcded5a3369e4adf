/* share_b.c: process B of the sharing demo: finds A's handle by its name, loads it into ES, reads
 * and writes through it, maps the same memory, and at last reads one byte too far, which the
 * processor refuses. With the argument "stay" it leaves that out.
 */
#include "rt.h"
#include "seg.h"
#include "share.h"
#include "stdio.h"
#include "string.h"

static int fail(const char *what)
{
    printf("B: %s failed: status %04lX\n", what, GetLastRtError());
    return 1;
}

static void read_text(DWORD from, char *to)
{
    for (DWORD i = 0; i < 64; i++)
        to[i] = (char)es_read8(from + i);
}

static void write_text(DWORD to, const char *text)
{
    do
        es_write8(to++, (BYTE)*text);
    while (*text++ != 0);
}

static DWORD wrong_bytes(void)
{
    DWORD wrong = 0;
    for (DWORD i = SHARE_BYTES; i < SHARE_SIZE; i++)
        wrong += es_read8(i) != SHARE_BYTE(i);
    return wrong;
}

int main(int argc, char **argv)
{
    char text[64];
    RTHANDLE handle = LookupRtHandle(GetRtThreadHandles(ROOT_PROCESS), SHARE_NAME, 5000);
    if (handle == BAD_RTHANDLE) return fail("LookupRtHandle");
    printf("B: \"%s\" is handle %04X, type %u, %lu bytes\n", SHARE_NAME, handle,
           GetRtHandleType(handle), GetRtSize(handle));

    es_load(handle);
    read_text(SHARE_A_TEXT, text);
    printf("B: ES = %04X: \"%s\"\n", es_get(), text);
    printf("B: %lu of A's other bytes are wrong\n", wrong_bytes());
    write_text(SHARE_B_TEXT, "written by B through ES");

    char *mapped = MapRtSharedMemory(handle);
    if (mapped == NULL) return fail("MapRtSharedMemory");
    printf("B: mapped at %p: \"%s\",\n", (void *)mapped, mapped + SHARE_A_TEXT);
    printf("B: \"%s\"\n", mapped + SHARE_B_TEXT);
    strcat(mapped + SHARE_B_TEXT, " and through a map");
    es_write32(SHARE_B_READY, 1);
    for (int i = 0; es_read32(SHARE_A_SEEN) == 0 && i < 500; i++)
        RtSleep(10);

    if (argc > 1 && strcmp(argv[1], "stay") == 0) {
        printf("B: done\n");
        return 0;
    }
    printf("B: the last byte, offset %u, is %02X; now offset %u\n", SHARE_SIZE - 1,
           es_read8(SHARE_SIZE - 1), SHARE_SIZE);
    printf("B: offset %u gave %02X, which must never be seen\n", SHARE_SIZE, es_read8(SHARE_SIZE));
    return 1;
}
