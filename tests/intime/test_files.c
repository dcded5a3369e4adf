/* Files: descriptors of a process over the port's one function, and what a hostile caller gets. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

#define READ   RT_FILE_READ
#define WRITE  RT_FILE_WRITE
#define APPEND RT_FILE_APPEND
#define DATA   (FAKE_DATA + 0x100)

/* The port's side: one file of up to 64 KB, opened as often as one likes. */
static struct {
    char log[4096];
    uint8_t bytes[65536];
    uint32_t size;
    int32_t opened, closed, fail; /* fail: what the next operation gives */
} disk;

static void note(const char *what, int32_t file, uint32_t a, uint32_t b)
{
    size_t n = strlen(disk.log);
    snprintf(disk.log + n, sizeof disk.log - n, "%s(%d,%u,%u) ", what, file, a, b);
}

static int32_t disk_file(void *ctx, struct rt_file_op *op)
{
    (void)ctx;
    int32_t fail = disk.fail;
    disk.fail = 0;
    if (fail) return fail;
    switch (op->kind) {
    case RT_FILE_OPEN:
        note("open", 0, op->flags, (uint32_t)strlen(op->path));
        return 100 + disk.opened++;
    case RT_FILE_CLOSE:
        note("close", op->file, 0, 0);
        disk.closed++;
        return 0;
    case RT_FILE_GET:
        note("get", op->file, op->offset, op->n);
        if (op->offset >= disk.size) return 0;
        if (op->n > disk.size - op->offset) op->n = disk.size - op->offset;
        memcpy(op->to, disk.bytes + op->offset, op->n);
        return (int32_t)op->n;
    case RT_FILE_PUT:
        note("put", op->file, op->offset, op->n);
        memcpy(disk.bytes + op->offset, op->from, op->n);
        if (op->offset + op->n > disk.size) disk.size = op->offset + op->n;
        return (int32_t)op->n;
    case RT_FILE_STAT:
        op->size = disk.size;
        op->folder = op->path && !strcmp(op->path, "folder");
        op->writable = true;
        return 0;
    case RT_FILE_RESIZE: disk.size = op->offset; return 0;
    case RT_FILE_RENAME: cr_expect(!strcmp(op->path, "old") && !strcmp(op->path2, "new")); return 0;
    case RT_FILE_REMOVE: return op->folder ? -RT_FILE_ENOTEMPTY : 0;
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

static int32_t call_open(struct fake *f, const char *path, uint32_t flags)
{
    return (int32_t)CALL2(f, "clib_open", fake_string(f, path), flags);
}

Test(files, read_write_seek)
{
    struct fake *f = start();
    int32_t fd = call_open(f, "name", READ | WRITE);
    cr_assert_eq(fd, 3);
    fake_put(f, DATA, "hello world", 11);
    cr_expect_eq(CALL3(f, "clib_write_file", fd, DATA, 11), 11);
    cr_expect_eq(CALL3(f, "clib_seek", fd, 6, 0), 6);
    cr_expect_eq(CALL3(f, "clib_read", fd, DATA + 100, 100), 5);
    char got[6] = "";
    fake_get(f, DATA + 100, got, 5);
    cr_expect_str_eq(got, "world");
    cr_expect_eq(CALL3(f, "clib_read", fd, DATA, 100), 0);
    cr_expect_eq(CALL3(f, "clib_seek", fd, (uint32_t)-4, 1), 7);
    cr_expect_eq(CALL3(f, "clib_seek", fd, (uint32_t)-1, 2), 10);
    cr_expect_eq((int32_t)CALL3(f, "clib_seek", fd, (uint32_t)-12, 2), -RT_FILE_EINVAL);
    cr_expect_eq((int32_t)CALL3(f, "clib_seek", fd, 0, 3), -RT_FILE_EINVAL);
    cr_expect_eq(CALL3(f, "clib_seek", fd, 0x7fffffff, 0), 0x7fffffff);
    cr_expect_eq((int32_t)CALL3(f, "clib_seek", fd, 1, 1), -RT_FILE_EINVAL);
    cr_expect_eq((int32_t)CALL3(f, "clib_write_file", fd, DATA, 1), -RT_FILE_EFBIG);
    cr_expect_eq(CALL2(f, "clib_resize", fd, 3), 0);
    cr_expect_eq(CALL3(f, "clib_stat", 0, fd, DATA), 0);
    uint8_t info[12];
    fake_get(f, DATA, info, 12);
    cr_expect(get32(info) == 3 && get32(info + 4) == 0 && get32(info + 8) == 1);
    cr_expect_eq(CALL1(f, "clib_close", fd), 0);
    cr_expect_eq((int32_t)CALL1(f, "clib_close", fd), -RT_FILE_EBADF);
    cr_expect_null(fake_check(f));
    fake_free(f);
}

Test(files, rights_and_append)
{
    struct fake *f = start();
    int32_t in = call_open(f, "name", READ), out = call_open(f, "name", WRITE | APPEND);
    disk.size = 5;
    cr_expect_eq((int32_t)CALL3(f, "clib_write_file", in, DATA, 1), -RT_FILE_EBADF);
    cr_expect_eq((int32_t)CALL3(f, "clib_read", out, DATA, 1), -RT_FILE_EBADF);
    cr_expect_eq((int32_t)CALL2(f, "clib_resize", in, 1), -RT_FILE_EBADF);
    CALL3(f, "clib_seek", out, 1, 0);
    disk.log[0] = 0;
    CALL3(f, "clib_write_file", out, DATA, 2);
    cr_expect_str_eq(disk.log, "put(101,5,2) ");
    cr_expect_eq(CALL3(f, "clib_seek", out, 0, 1), 7);
    CALL1(f, "clib_close", out);
    disk.size = 9;
    out = call_open(f, "name", WRITE | APPEND);
    cr_expect_eq(CALL3(f, "clib_seek", out, 0, 1), 9);
    fake_free(f);
}

Test(files, a_page_at_a_time)
{
    struct fake *f = start();
    int32_t fd = call_open(f, "name", READ | WRITE);
    disk.size = 60000;
    uint32_t big = CALL1(f, "AllocateRtMemory", 0x10000);
    cr_expect_eq(CALL3(f, "clib_read", fd, big, 0xffffffff), 4096);
    cr_expect_eq(CALL3(f, "clib_write_file", fd, big, 0xffffffff), 4096);
    cr_expect_eq(CALL3(f, "clib_read", fd, big, 0), 0);
    fake_free(f);
}

Test(files, hostile_callers)
{
    struct fake *f = start();
    int32_t fd = call_open(f, "name", READ | WRITE);
    disk.size = 100;
    static const uint32_t bad[] = {0, 1, 2, 67, 1000, 0x80000000, 0xffffffff};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq((int32_t)CALL3(f, "clib_read", bad[i], DATA, 1), -RT_FILE_EBADF);
        cr_expect_eq((int32_t)CALL3(f, "clib_seek", bad[i], 0, 0), -RT_FILE_EBADF);
        cr_expect_eq((int32_t)CALL1(f, "clib_close", bad[i]), -RT_FILE_EBADF);
        cr_expect_eq((int32_t)CALL3(f, "clib_stat", 0, bad[i], DATA), -RT_FILE_EBADF);
    }
    disk.log[0] = 0;
    cr_expect_eq(CALL3(f, "clib_read", fd, FAKE_RO, 10), 0xffffffff);
    cr_expect_eq(fake_last(f), E_BAD_ADDR);
    cr_expect_eq(CALL3(f, "clib_read", fd, 0xffffff00, 4096), 0xffffffff);
    cr_expect_eq(CALL3(f, "clib_write_file", fd, 0x300000, 10), 0xffffffff);
    cr_expect_eq(CALL2(f, "clib_open", 0, 1), 0xffffffff);
    cr_expect_str_eq(disk.log, "", "nothing reached the files");
    uint32_t long_name = CALL1(f, "AllocateRtMemory", 0x1000);
    char name[600];
    memset(name, 'n', sizeof name);
    fake_put(f, long_name, name, sizeof name);
    cr_expect_eq((int32_t)CALL2(f, "clib_open", long_name, 1), -RT_FILE_ENAMETOOLONG);
    cr_expect_eq((int32_t)CALL2(f, "clib_rename", fake_string(f, "a"), long_name),
                 -RT_FILE_ENAMETOOLONG);
    cr_expect_null(fake_check(f));
    fake_free(f);
}

Test(files, names)
{
    struct fake *f = start();
    uint32_t old = fake_string(f, "old");
    fake_put(f, DATA, "new", 4);
    cr_expect_eq(CALL2(f, "clib_rename", old, DATA), 0);
    cr_expect_eq(CALL2(f, "clib_remove", old, 0), 0);
    cr_expect_eq((int32_t)CALL2(f, "clib_remove", old, 1), -RT_FILE_ENOTEMPTY);
    cr_expect_eq(CALL1(f, "clib_mkdir", old), 0);
    cr_expect_eq(CALL3(f, "clib_stat", fake_string(f, "folder"), 0, DATA), 0);
    uint8_t info[12];
    fake_get(f, DATA, info, 12);
    cr_expect_eq(get32(info + 4), 1);
    disk.fail = -RT_FILE_EACCES;
    cr_expect_eq(call_open(f, "x", READ), -RT_FILE_EACCES);
    cr_expect_eq(fake_last(f), 0, "an error of files is no status");
    f->k->port.file = NULL;
    cr_expect_eq(call_open(f, "x", READ), -RT_FILE_ENOENT);
    fake_free(f);
}

Test(files, limit_and_end_of_the_process)
{
    struct fake *f = start();
    for (uint32_t i = 0; i < FILES_MAX; i++)
        cr_expect_eq(call_open(f, "name", READ), (int32_t)i + 3);
    cr_expect_eq(call_open(f, "name", READ), -RT_FILE_EMFILE);
    cr_expect_eq(disk.opened, (int32_t)FILES_MAX);
    CALL1(f, "clib_close", 10);
    cr_expect_eq(call_open(f, "name", READ), 10);
    CALL1(f, "clib_exit", 0);
    cr_expect_eq(disk.closed, disk.opened);
    fake_free(f);
}

static const char *test_environment(void *ctx, uint32_t *size)
{
    (void)ctx;
    *size = 8;
    return "A=1\0B=2";
}

Test(files, environment)
{
    struct fake *f = start();
    cr_expect_eq(CALL2(f, "clib_environment", 0, 0), 0);
    f->k->port.environment = test_environment;
    cr_expect_eq(CALL2(f, "clib_environment", 0, 0), 8);
    cr_expect_eq(CALL2(f, "clib_environment", DATA, 7), 0xffffffff);
    cr_expect_eq(CALL2(f, "clib_environment", DATA, 8), 8);
    char got[8];
    fake_get(f, DATA, got, 8);
    cr_expect(!memcmp(got, "A=1\0B=2", 8));
    fake_free(f);
}
