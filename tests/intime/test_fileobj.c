/* File objects over a port with a few files: what is open, what it shares, what goes when. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define BUF  (FAKE_DATA + 0x100)
#define OUT  (FAKE_DATA + 0x80)
#define ALL  0xffffffffu
#define R    1
#define W    2
#define OPEN 3

/* Files by the first letter of their names: up to 100 KB each. */
static struct {
    bool there[26];
    uint32_t size[26], opens, closes, removed;
    uint8_t bytes[26][100000];
} disk;

static unsigned letter(const char *path)
{
    return (unsigned)(path[strspn(path, "./\\")] - 'a') % 26;
}

static int32_t disk_open(const struct rt_file_op *op)
{
    unsigned i = letter(op->path);
    if (!disk.there[i] && !(op->flags & RT_FILE_CREATE)) return -RT_FILE_ENOENT;
    if (disk.there[i] && op->flags & RT_FILE_NEW) return -RT_FILE_EEXIST;
    if (op->flags & RT_FILE_TRUNCATE) disk.size[i] = 0;
    disk.there[i] = true;
    disk.opens++;
    return (int32_t)i;
}

static int32_t disk_file(void *ctx, struct rt_file_op *op)
{
    unsigned i = op->path ? letter(op->path) : (unsigned)op->file;
    (void)ctx;
    switch (op->kind) {
    case RT_FILE_OPEN: return disk_open(op);
    case RT_FILE_CLOSE: disk.closes++; return 0;
    case RT_FILE_GET:
        if (op->offset >= disk.size[i]) return 0;
        if (op->n > disk.size[i] - op->offset) op->n = disk.size[i] - op->offset;
        memcpy(op->to, disk.bytes[i] + op->offset, op->n);
        return (int32_t)op->n;
    case RT_FILE_PUT:
        if (op->offset + op->n > sizeof disk.bytes[i]) return -RT_FILE_ENOSPC;
        memcpy(disk.bytes[i] + op->offset, op->from, op->n);
        if (op->offset + op->n > disk.size[i]) disk.size[i] = op->offset + op->n;
        return (int32_t)op->n;
    case RT_FILE_RESIZE: disk.size[i] = op->offset; return 0;
    case RT_FILE_STAT: op->size = disk.size[i]; return disk.there[i] ? 0 : -RT_FILE_ENOENT;
    case RT_FILE_REMOVE:
        if (!disk.there[i]) return -RT_FILE_ENOENT;
        disk.there[i] = false;
        disk.removed++;
        return 0;
    default: return 0;
    }
}

static struct fake *start(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    memset(&disk, 0, sizeof disk);
    f->k->port.file = disk_file;
    fake_app(f);
    fake_run(f);
    return f;
}

static uint32_t opened(struct fake *f, const char *name, uint32_t access, uint32_t share,
                       uint32_t mode)
{
    return CALL5(f, "CreateRtFile", fake_string(f, name), access, share, mode, 0x80);
}

static uint32_t out32(struct fake *f)
{
    uint8_t raw[4];
    fake_get(f, OUT, raw, sizeof raw);
    return get32(raw);
}

Test(fileobj, written_and_read)
{
    struct fake *f = start();
    uint32_t h = opened(f, "a.txt", R | W, 0, 1);
    cr_assert_neq(h, BAD_RTHANDLE);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), TYPE_FILE);
    cr_expect_eq(CALL5(f, "WriteRtFile", h, FAKE_IMAGE, 9000, OUT, 0), 1);
    cr_expect_eq(out32(f), 9000, "more than one transfer of the port");
    cr_expect_eq(CALL2(f, "GetRtFileSize", h, OUT), 1);
    cr_expect_eq(out32(f), 9000);
    cr_expect_eq(CALL5(f, "SetRtFilePointer", h, 100, 0, OUT, 0), 1);
    uint32_t block = CALL1(f, "AllocateRtMemory", 12288);
    cr_expect_eq(CALL5(f, "ReadRtFile", h, block, 12288, OUT, 0), 1);
    cr_expect_eq(out32(f), 8900, "up to the end");
    uint8_t was[64], is[64];
    fake_get(f, FAKE_IMAGE + 5000, was, sizeof was);
    fake_get(f, block + 4900, is, sizeof is);
    cr_expect_arr_eq(was, is, sizeof is);
    cr_expect_eq(CALL5(f, "ReadRtFile", h, block, 1, OUT, 0), 1);
    cr_expect_eq(out32(f), 0, "at the end there is nothing, which is no error");
    cr_expect_eq(CALL5(f, "SetRtFilePointer", h, (uint32_t)-50, ALL, OUT, 1), 1);
    cr_expect_eq(out32(f), 8950);
    cr_expect_eq(CALL1(f, "SetEndOfRtFile", h), 1);
    cr_expect_eq(disk.size[0], 8950);
    cr_expect_eq(CALL5(f, "SetRtFilePointer", h, 0x7fffffff, 0, OUT, 0), 1);
    cr_expect_eq(CALL5(f, "WriteRtFile", h, BUF, 1, OUT, 0), 0);
    cr_expect_eq(fake_last(f), E_SPACE);
    cr_expect_eq(CALL1(f, "GetRtFileType", h), 1);
    cr_expect_eq(CALL1(f, "DeleteRtFile", h), 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), 0);
    cr_expect_eq(disk.closes, disk.opens);
    cr_expect_null(fake_check(f));
    fake_free(f);
}

/* A write that ends on the way has written so much; one that writes nothing fails. */
Test(fileobj, full)
{
    struct fake *f = start();
    uint32_t h = opened(f, "a.txt", W, 0, 2);
    CALL5(f, "SetRtFilePointer", h, 95000, 0, 0, 0);
    cr_expect_eq(CALL5(f, "WriteRtFile", h, FAKE_IMAGE, 8000, OUT, 0), 1);
    cr_expect_eq(out32(f), 4096);
    cr_expect_eq(CALL5(f, "WriteRtFile", h, FAKE_IMAGE, 8000, OUT, 0), 0);
    cr_expect_eq(fake_last(f), E_SPACE);
    fake_free(f);
}

Test(fileobj, modes)
{
    struct fake *f = start();
    cr_expect_eq(opened(f, "a", R, 7, OPEN), BAD_RTHANDLE);
    cr_expect_eq(fake_last(f), E_FNEXIST);
    cr_expect_neq(opened(f, "a", R, 7, 4), BAD_RTHANDLE, "open or create, to read");
    cr_expect_eq(opened(f, "a", R, 7, 1), BAD_RTHANDLE);
    cr_expect_eq(fake_last(f), E_FEXIST);
    disk.size[0] = 9;
    cr_expect_neq(opened(f, "a", R, 7, OPEN), BAD_RTHANDLE);
    cr_expect_eq(disk.size[0], 9);
    cr_expect_neq(opened(f, "a", W, 7, 5), BAD_RTHANDLE);
    cr_expect_eq(disk.size[0], 0);
    cr_expect_eq(opened(f, "b", W, 7, 5), BAD_RTHANDLE);
    cr_expect_eq(fake_last(f), E_FNEXIST);
    cr_expect_neq(opened(f, "b", W, 7, 2), BAD_RTHANDLE);
    fake_free(f);
}

/* Both sides must let the other do what it does. */
Test(fileobj, sharing)
{
    struct fake *f = start();
    for (uint32_t n = 0; n < 4 * 4 * 4 * 4; n++) {
        uint32_t a1 = n & 3, s1 = n >> 2 & 3, a2 = n >> 4 & 3, s2 = n >> 6;
        if (!a1 || !a2) continue;
        uint32_t one = opened(f, "x/y", a1, s1, 4), two = opened(f, ".\\x//y", a2, s2, 4);
        bool fits = !(a2 & ~s1) && !(a1 & ~s2);
        cr_assert_neq(one, BAD_RTHANDLE);
        cr_expect_eq(two != BAD_RTHANDLE, fits, "%X", n);
        if (!fits) cr_expect_eq(fake_last(f), E_SHARE);
        cr_expect_neq(opened(f, "x/yy", R | W, 0, 4), BAD_RTHANDLE, "another file");
        CALL1(f, "DeleteRtFile", f->eax);
        CALL1(f, "DeleteRtFile", one);
        if (fits) CALL1(f, "DeleteRtFile", two);
    }
    cr_expect_eq(disk.closes, disk.opens);
    fake_free(f);
}

/* A removed file stays for those who have it open, and goes with the last of them, also when that is the end of their
 * process. */
Test(fileobj, removed_while_open)
{
    struct fake *f = start();
    uint32_t a = opened(f, "a", R, 7, 4), b = opened(f, "a", R, 7, OPEN);
    cr_expect_eq(CALL1(f, "RemoveRtFile", fake_string(f, "a")), 1);
    cr_expect(disk.there[0]);
    cr_expect_eq(opened(f, "a", R, 7, OPEN), BAD_RTHANDLE);
    cr_expect_eq(fake_last(f), E_FACCESS);
    CALL1(f, "DeleteRtFile", a);
    cr_expect(disk.there[0]);
    cr_expect_eq(CALL5(f, "ReadRtFile", b, BUF, 4, OUT, 0), 1);
    fake_app(f);
    CALL0(f, "ExitRtProcess");
    cr_expect_not(disk.there[0]);
    cr_expect_eq(disk.removed, 1);
    cr_expect_eq(disk.closes, disk.opens);
    cr_expect_eq(CALL1(f, "RemoveRtFile", fake_string(f, "a")), 0);
    cr_expect_eq(fake_last(f), E_FNEXIST);
    cr_expect_null(fake_check(f));
    fake_free(f);
}

/* A handle is the node's: another process uses it. */
Test(fileobj, of_another_process)
{
    struct fake *f = start();
    uint32_t a = opened(f, "a", R | W, 7, 4);
    fake_app(f);
    CALL1(f, "RtSleep", 100);
    cr_expect_eq(CALL5(f, "WriteRtFile", a, BUF, 10, OUT, 0), 1);
    CALL0(f, "ExitRtProcess");
    fake_time(f, f->now + 200000);
    cr_expect_eq(CALL2(f, "GetRtFileSize", a, OUT), 1);
    cr_expect_eq(out32(f), 10);
    fake_free(f);
}
