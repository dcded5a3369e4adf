/* memfs.c: the file calls of the guest C library on files in the test's own memory. */
#include "clib.h"

#include "glib.h"
#include "stream.h"

#include <string.h>

#define FILES 8
#define FDS   8
#define ROOM  65536

static struct {
    char name[64]; /* "" = free */
    unsigned char data[ROOM];
    uint32_t size;
} files[FILES];
static struct {
    bool open;
    int file;
    unsigned flags;
    uint32_t offset;
} fds[FDS];
static unsigned space = ROOM; /* no file grows beyond */

void memfs_space(unsigned bytes)
{
    space = bytes;
}

void memfs_put(const char *name, const void *data, size_t size)
{
    int i = 0;
    while (files[i].name[0] && strcmp(files[i].name, name) != 0)
        i++;
    strcpy(files[i].name, name);
    memcpy(files[i].data, data, size);
    files[i].size = (uint32_t)size;
}

const void *memfs_get(const char *name, size_t *size)
{
    for (int i = 0; i < FILES; i++)
        if (!strcmp(files[i].name, name)) {
            *size = files[i].size;
            return files[i].data;
        }
    return NULL;
}

int memfs_open_files(void)
{
    int n = 0;
    for (int i = 0; i < FDS; i++)
        n += fds[i].open;
    return n;
}

static int find(const char *path)
{
    for (int i = 0; i < FILES; i++)
        if (*path && !strcmp(files[i].name, path)) return i;
    return -1;
}

static int fd_index(int fd)
{
    return fd >= 3 && fd < 3 + FDS && fds[fd - 3].open ? fd - 3 : -1;
}

long clib_open(const char *path, unsigned flags)
{
    int fd = 0, file = flags & RT_FILE_TEMP ? -1 : find(path);
    while (fd < FDS && fds[fd].open)
        fd++;
    if (fd == FDS) return -24;
    if (file < 0 && !(flags & RT_FILE_CREATE)) return -2;
    if (file >= 0 && flags & RT_FILE_NEW) return -17;
    if (file < 0) {
        file = 0;
        while (files[file].name[0])
            file++;
        strcpy(files[file].name, flags & RT_FILE_TEMP ? "?" : path);
        files[file].size = 0;
    }
    if (flags & RT_FILE_TRUNCATE) files[file].size = 0;
    fds[fd].open = true;
    fds[fd].file = file;
    fds[fd].flags = flags;
    fds[fd].offset = flags & RT_FILE_APPEND ? files[file].size : 0;
    return fd + 3;
}

long clib_close(int fd)
{
    int i = fd_index(fd);
    if (i < 0) return -9;
    fds[i].open = false;
    if (fds[i].flags & RT_FILE_TEMP) files[fds[i].file].name[0] = 0;
    return 0;
}

/* Never more than 100 bytes at a time, so that callers have to go on. */
long clib_read(int fd, void *data, unsigned long size)
{
    int i = fd_index(fd);
    if (i < 0 || !(fds[i].flags & RT_FILE_READ)) return -9;
    uint32_t end = files[fds[i].file].size, at = fds[i].offset;
    uint32_t n = at >= end ? 0 : end - at;
    if (n > size) n = (uint32_t)size;
    if (n > 100) n = 100;
    memcpy(data, files[fds[i].file].data + at, n);
    fds[i].offset += n;
    return n;
}

long clib_write_file(int fd, const void *data, unsigned long size)
{
    int i = fd_index(fd);
    if (i < 0 || !(fds[i].flags & RT_FILE_WRITE)) return -9;
    uint32_t *end = &files[fds[i].file].size;
    if (fds[i].flags & RT_FILE_APPEND) fds[i].offset = *end;
    uint32_t at = fds[i].offset, n = (uint32_t)(size > 100 ? 100 : size);
    if (at >= space) return -28;
    if (n > space - at) n = space - at;
    unsigned char *bytes = files[fds[i].file].data;
    if (at > *end) memset(bytes + *end, 0, at - *end);
    memcpy(bytes + at, data, n);
    fds[i].offset += n;
    if (fds[i].offset > *end) *end = fds[i].offset;
    return n;
}

long clib_seek(int fd, long offset, int whence)
{
    int i = fd_index(fd);
    if (i < 0) return -9;
    long from = whence == 0 ? 0 : whence == 1 ? (long)fds[i].offset : (long)files[fds[i].file].size;
    if (whence > 2 || from + offset < 0) return -22;
    fds[i].offset = (uint32_t)(from + offset);
    return from + offset;
}

long clib_resize(int fd, long size)
{
    int i = fd_index(fd);
    if (i < 0) return -9;
    files[fds[i].file].size = (uint32_t)size;
    return 0;
}

long clib_stat(const char *path, int fd, struct clib_file_info *info)
{
    int file = path ? find(path) : fd_index(fd) < 0 ? -1 : fds[fd_index(fd)].file;
    if (file < 0) return path ? -2 : -9;
    *info = (struct clib_file_info){(int32_t)files[file].size, 0, 1};
    return 0;
}

long clib_remove(const char *path, int folder)
{
    int file = find(path);
    if (file < 0 || folder) return -2;
    files[file].name[0] = 0;
    return 0;
}

long clib_rename(const char *from, const char *to)
{
    int file = find(from);
    if (file < 0) return -2;
    if (find(to) >= 0) return -13;
    strcpy(files[file].name, to);
    return 0;
}

long clib_mkdir(const char *path)
{
    (void)path;
    return -13;
}

/* There are no sockets. */

bool fd_is_socket(int fd)
{
    (void)fd;
    return false;
}

int socket_read(int fd, void *data, size_t size)
{
    (void)fd;
    (void)data;
    (void)size;
    return -1;
}

int socket_write(int fd, const void *data, size_t size)
{
    (void)fd;
    (void)data;
    (void)size;
    return -1;
}
