/* file_objects.c: files as objects of the kernel. Run with --fs; the first argument is part of the files' names. */
#include "stdlib.h"
#include "string.h"
#include "tap.h"

static char data[64], again[64], copy[64], folder[64], inner[64];

static void names(const char *with)
{
    sprintf(data, "fo_%s.dat", with);
    sprintf(again, ".\\fo_%s.dat", with);
    sprintf(copy, "fo_%s.new", with);
    sprintf(folder, "fo_%s", with);
    sprintf(inner, "fo_%s/inner.dat", with);
    RemoveRtFile(data);
    RemoveRtFile(copy);
    RemoveRtFile(inner);
    RemoveRtDirectory(folder);
}

static void refusals(struct tap *t)
{
    FAILS(t, CreateRtFile(data, FILE_MODE_READ_ONLY, FILE_SHARE_ALL, FILE_OPEN_EXISTING, 0),
          BAD_RTHANDLE, E_FNEXIST, INFERRED);
    FAILS(t, CreateRtFile(OUTSIDE, FILE_MODE_READ_ONLY, FILE_SHARE_ALL, FILE_OPEN_EXISTING, 0),
          BAD_RTHANDLE, E_BAD_ADDR, DECIDED);
    FAILS(t, CreateRtFile(data, 0, FILE_SHARE_ALL, FILE_OPEN_EXISTING, 0), BAD_RTHANDLE, E_PARAM,
          DECIDED);
    FAILS(t,
          CreateRtFile("/etc/passwd", FILE_MODE_READ_ONLY, FILE_SHARE_ALL, FILE_OPEN_EXISTING, 0),
          BAD_RTHANDLE, E_FACCESS, DECIDED);
    FAILS(t,
          CreateRtFile(data, FILE_MODE_READ_WRITE, FILE_SHARE_ALL, FILE_OPEN_ALWAYS,
                       FILE_FLAG_ASYNCHRONOUS),
          BAD_RTHANDLE, E_NOT_CONFIGURED, DECIDED);
    FAILS(t, DeleteRtFile(BAD_RTHANDLE), FALSE, E_EXIST, DECIDED);
    FAILS(t, DeleteRtFile(GetRtThreadHandles(THIS_PROCESS)), FALSE, E_TYPE, DECIDED);
    FAILS(t, RemoveRtFile(data), FALSE, E_FNEXIST, DOCUMENTED);
    FAILS(t, RemoveRtFile("/etc/passwd"), FALSE, E_FACCESS, DOCUMENTED);
    FAILS(t, WaitForRtIo(NULL, NO_WAIT, NULL), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, CancelRtIo(NULL), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
}

static void transfers(struct tap *t)
{
    char buffer[16] = "";
    DWORD n = 0;
    QWORD at = 0;
    RTHANDLE h = CreateRtFile(data, FILE_MODE_READ_WRITE, FILE_SHARE_NONE, FILE_CREATE_NEW,
                              FILE_ATTR_NORMAL);
    IS(t, GetRtHandleType(h), FILE_TYPE, DOCUMENTED);
    IS(t, GetRtFileType(h), FILE_TYPE_DISK, DOCUMENTED);
    GIVES(t, WriteRtFile(h, "0123456789", 10, &n, NULL), TRUE, DOCUMENTED);
    IS(t, n, 10, DOCUMENTED);
    GIVES(t, SetRtFilePointer(h, -4, &at, FILE_END), TRUE, DOCUMENTED);
    IS(t, at, 6, DOCUMENTED);
    GIVES(t, ReadRtFile(h, buffer, sizeof buffer, &n, NULL), TRUE, DOCUMENTED);
    HOLDS(t, n == 4 && !memcmp(buffer, "6789", 4), DOCUMENTED);
    GIVES(t, SetRtFilePointer(h, 20, NULL, FILE_BEGIN), TRUE, DOCUMENTED); /* behind its end */
    GIVES(t, GetRtFileSize(h, &at), TRUE, DOCUMENTED);
    IS(t, at, 10, DOCUMENTED);
    GIVES(t, SetEndOfRtFile(h), TRUE, DOCUMENTED);
    GetRtFileSize(h, &at);
    IS(t, at, 20, DOCUMENTED);
    GIVES(t, FlushRtFileBuffers(h), TRUE, DOCUMENTED);
    FAILS(t, ReadRtFile(h, OUTSIDE, 4, &n, NULL), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, ReadRtFile(h, buffer, 4, &n, (LPASYNCIO)buffer), FALSE, E_NOT_CONFIGURED, DECIDED);
    FAILS(t, SetRtFilePointer(h, -1, NULL, FILE_BEGIN), FALSE, E_PARAM, DECIDED);
    FAILS(t, CreateRtFile(again, FILE_MODE_READ_ONLY, FILE_SHARE_ALL, FILE_OPEN_EXISTING, 0),
          BAD_RTHANDLE, E_SHARE, DECIDED); /* the same file */
    GIVES(t, DeleteRtFile(h), TRUE, DOCUMENTED);
    FAILS(t, CreateRtFile(data, FILE_MODE_WRITE_ONLY, 0, FILE_CREATE_NEW, 0), BAD_RTHANDLE,
          E_FEXIST, INFERRED);
    h = CreateRtFile(data, FILE_MODE_READ_ONLY, FILE_SHARE_READ, FILE_OPEN_EXISTING, 0);
    FAILS(t, WriteRtFile(h, buffer, 4, &n, NULL), FALSE, E_FACCESS, DECIDED);
    GIVES(t, RemoveRtFile(data), TRUE, DOCUMENTED);
    GIVES(t, ReadRtFile(h, buffer, 4, &n, NULL), TRUE, DOCUMENTED); /* it is there for us */
    DeleteRtFile(h);
    FAILS(t, RemoveRtFile(data), FALSE, E_FNEXIST, DOCUMENTED);
}

/* A file that is to go, and another one that has its name by then. */
static void removals(struct tap *t)
{
    RTHANDLE h = CreateRtFile(data, FILE_MODE_WRITE_ONLY, FILE_SHARE_NONE, FILE_CREATE_NEW, 0);
    GIVES(t, RemoveRtFile(data), TRUE, DOCUMENTED);
    GIVES(t, rename(data, copy), 0, DECIDED);
    FILE *f = fopen(data, "w");
    HOLDS(t, f && !fclose(f), DECIDED);
    GIVES(t, DeleteRtFile(h), TRUE, DOCUMENTED);
    GIVES(t, RemoveRtFile(data), TRUE, DECIDED);
    GIVES(t, RemoveRtFile(copy), TRUE, DECIDED);
}

static void folders(struct tap *t)
{
    GIVES(t, CreateRtDirectory(folder, NULL), TRUE, DOCUMENTED);
    FAILS(t, CreateRtDirectory(folder, NULL), FALSE, E_FEXIST, DOCUMENTED);
    char deep[64];
    sprintf(deep, "%s.none/deep", folder);
    FAILS(t, CreateRtDirectory(deep, NULL), FALSE, E_FNEXIST, DOCUMENTED);
    RTHANDLE h = CreateRtFile(inner, FILE_MODE_WRITE_ONLY, FILE_SHARE_NONE, FILE_CREATE_ALWAYS, 0);
    HOLDS(t, h != BAD_RTHANDLE, DOCUMENTED);
    DeleteRtFile(h);
    FAILS(t, RemoveRtDirectory(folder), FALSE, E_DIR_NOT_EMPTY, DECIDED);
    GIVES(t, RemoveRtFile(inner), TRUE, DOCUMENTED);
    GIVES(t, RemoveRtDirectory(folder), TRUE, DOCUMENTED);
}

int main(int argc, char **argv)
{
    struct tap tap = {0, 0};
    names(argc > 1 ? argv[1] : "x");
    refusals(&tap);
    transfers(&tap);
    removals(&tap);
    folders(&tap);
    return tap_end(&tap);
}
