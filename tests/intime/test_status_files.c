/* Rows of file objects. */
#include <criterion/criterion.h>
#include <string.h>

#include "statuses.h"

/* What the next operation of the host's files gives; 0: it goes well. */
static int32_t disk_fails;

static int32_t disk(void *ctx, struct rt_file_op *op)
{
    int32_t fails = disk_fails;
    (void)ctx;
    disk_fails = 0;
    if (fails) return fails;
    if (op->kind == RT_FILE_STAT) op->size = 10;
    if (op->kind == RT_FILE_GET) memset(op->to, 'x', op->n);
    return op->kind == RT_FILE_OPEN ? 5 : (int32_t)op->n;
}

#define WANT_FAILING(error, status, name, n, ...)                                                  \
    do {                                                                                           \
        disk_fails = -(error);                                                                     \
        WANT(status, name, n, ##__VA_ARGS__);                                                      \
    } while (0)

static uint32_t making(struct fake *f, struct seen *seen)
{
    uint32_t name = fake_string(f, "a.txt");
    WANT(E_BAD_ADDR, "CreateRtFile", 5, 0u, 1u, 7u, 3u, 0u);
    WANT(E_PARAM, "CreateRtFile", 5, name, 0u, 7u, 3u, 0u);
    WANT(E_PARAM, "CreateRtFile", 5, name, 4u, 7u, 3u, 0u);
    WANT(E_PARAM, "CreateRtFile", 5, name, 1u, 8u, 3u, 0u);
    WANT(E_PARAM, "CreateRtFile", 5, name, 1u, 7u, 0u, 0u);
    WANT(E_PARAM, "CreateRtFile", 5, name, 1u, 7u, 6u, 0u);
    WANT(E_PARAM, "CreateRtFile", 5, name, 1u, 7u, 3u, 0x8000u);
    WANT(E_NOT_CONFIGURED, "CreateRtFile", 5, name, 1u, 7u, 3u, 0x40000000u);
    WANT_FAILING(RT_FILE_ENOENT, E_FNEXIST, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT_FAILING(RT_FILE_ENOTDIR, E_FNEXIST, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT_FAILING(RT_FILE_EEXIST, E_FEXIST, "CreateRtFile", 5, name, 1u, 7u, 1u, 0u);
    WANT_FAILING(RT_FILE_EACCES, E_FACCESS, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT_FAILING(RT_FILE_ENOSPC, E_SPACE, "CreateRtFile", 5, name, 2u, 7u, 2u, 0u);
    WANT_FAILING(RT_FILE_EIO, E_IO, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT_FAILING(RT_FILE_EMFILE, E_LIMIT, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT_FAILING(RT_FILE_ENOMEM, E_MEM, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT_FAILING(RT_FILE_ENAMETOOLONG, E_PARAM, "CreateRtFile", 5, name, 1u, 7u, 3u, 0u);
    WANT(E_OK, "CreateRtFile", 5, name, 1u, 1u, 3u, 0u);
    WANT(E_SHARE, "CreateRtFile", 5, name, 2u, 7u, 3u, 0u);
    uint32_t h = CALL5(f, "CreateRtFile", fake_string(f, "b.txt"), 3, 7, 3, 0x80);
    CALL1(f, "SetLastRtError", 0x7777);
    return h;
}

static void transfers(struct fake *f, struct seen *seen, uint32_t h, uint32_t reads)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    static const char *const both[] = {"ReadRtFile", "WriteRtFile"};
    for (unsigned i = 0; i < 2; i++) {
        WANT(E_EXIST, both[i], 5, 0u, SCRATCH, 4u, 0u, 0u);
        WANT(E_TYPE, both[i], 5, self, SCRATCH, 4u, 0u, 0u);
        WANT(E_BAD_ADDR, both[i], 5, h, 0u, 4u, 0u, 0u);
        WANT(E_BAD_ADDR, both[i], 5, h, SCRATCH, 4u, FAKE_RO, 0u);
        WANT(E_NOT_CONFIGURED, both[i], 5, h, SCRATCH, 4u, 0u, SCRATCH);
        WANT_FAILING(RT_FILE_EIO, E_IO, both[i], 5, h, SCRATCH, 4u, 0u, 0u);
        WANT(E_OK, both[i], 5, h, SCRATCH, 4u, SCRATCH + 64, 0u);
    }
    WANT(E_FACCESS, "WriteRtFile", 5, reads, SCRATCH, 4u, 0u, 0u);
    WANT_FAILING(RT_FILE_ENOSPC, E_SPACE, "WriteRtFile", 5, h, SCRATCH, 4u, 0u, 0u);
    uint32_t writes = CALL5(f, "CreateRtFile", fake_string(f, "c.txt"), 2, 7, 3, 0);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_FACCESS, "ReadRtFile", 5, writes, SCRATCH, 4u, 0u, 0u);
    WANT(E_NOT_CONFIGURED, "WaitForRtIo", 3, SCRATCH, 0u, SCRATCH);
    WANT(E_NOT_CONFIGURED, "CancelRtIo", 1, SCRATCH);
}

static void places(struct fake *f, struct seen *seen, uint32_t h, uint32_t reads)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_EXIST, "SetRtFilePointer", 5, 0u, 0u, 0u, 0u, 0u);
    WANT(E_TYPE, "SetRtFilePointer", 5, self, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "SetRtFilePointer", 5, h, 0u, 0u, 0u, 3u);
    WANT(E_PARAM, "SetRtFilePointer", 5, h, 0u, 1u, 0u, 0u);
    WANT(E_PARAM, "SetRtFilePointer", 5, h, 0xfffffff0u, 0xffffffffu, 0u, 2u);
    WANT(E_BAD_ADDR, "SetRtFilePointer", 5, h, 0u, 0u, FAKE_RO, 0u);
    WANT_FAILING(RT_FILE_EIO, E_IO, "SetRtFilePointer", 5, h, 0u, 0u, 0u, 2u);
    WANT(E_OK, "SetRtFilePointer", 5, h, 0xfffffff6u, 0xffffffffu, SCRATCH, 2u);
    WANT(E_EXIST, "SetEndOfRtFile", 1, 0u);
    WANT(E_TYPE, "SetEndOfRtFile", 1, self);
    WANT(E_FACCESS, "SetEndOfRtFile", 1, reads);
    WANT_FAILING(RT_FILE_ENOSPC, E_SPACE, "SetEndOfRtFile", 1, h);
    WANT_FAILING(RT_FILE_EIO, E_IO, "SetEndOfRtFile", 1, h);
    WANT(E_OK, "SetEndOfRtFile", 1, h);
    WANT(E_EXIST, "GetRtFileSize", 2, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtFileSize", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtFileSize", 2, h, FAKE_RO);
    WANT_FAILING(RT_FILE_EIO, E_IO, "GetRtFileSize", 2, h, SCRATCH);
    WANT(E_OK, "GetRtFileSize", 2, h, SCRATCH);
}

void object_file_calls(struct fake *f, struct seen *seen)
{
    static const char *const plain[] = {"GetRtFileType", "FlushRtFileBuffers", "DeleteRtFile"};
    f->k->port.file = disk;
    uint32_t h = making(f, seen), self = CALL1(f, "GetRtThreadHandles", 1), name;
    uint32_t reads = CALL5(f, "CreateRtFile", fake_string(f, "d.txt"), 1, 7, 3, 0);
    CALL1(f, "SetLastRtError", 0x7777);
    transfers(f, seen, h, reads);
    places(f, seen, h, reads);
    for (unsigned i = 0; i < 3; i++) {
        WANT(E_EXIST, plain[i], 1, 0u);
        WANT(E_TYPE, plain[i], 1, self);
        WANT(E_OK, plain[i], 1, h);
    }
    static const char *const named[] = {"RemoveRtFile", "CreateRtDirectory", "RemoveRtDirectory"};
    for (unsigned i = 0; i < 3; i++) {
        WANT(E_BAD_ADDR, named[i], 2, 0u, 0u);
        WANT(E_PARAM, named[i], 2, fake_string(f, ""), 0u);
        name = fake_string(f, "folder");
        WANT_FAILING(RT_FILE_ENOENT, E_FNEXIST, named[i], 2, name, 0u);
        WANT_FAILING(RT_FILE_EACCES, E_FACCESS, named[i], 2, name, 0u);
        WANT_FAILING(RT_FILE_EIO, E_IO, named[i], 2, name, 0u);
        WANT(E_OK, named[i], 2, name, 0u);
    }
    name = fake_string(f, "folder");
    WANT_FAILING(RT_FILE_EEXIST, E_FEXIST, "CreateRtDirectory", 2, name, 0u);
    WANT_FAILING(RT_FILE_ENOSPC, E_SPACE, "CreateRtDirectory", 2, name, 0u);
    WANT_FAILING(RT_FILE_ENOTEMPTY, E_DIR_NOT_EMPTY, "RemoveRtDirectory", 2, name, 0u);
}
