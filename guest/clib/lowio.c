/* lowio.c: files by descriptor: <io.h>, <fcntl.h> and <sys/stat.h>. The kernel knows bytes; lines that end in CR LF in
 * the file are translated here, for descriptors in text mode, which is the default.
 */
#include "clib.h"
#include "errno.h"
#include "fcntl.h"
#include "io.h"
#include "stdio.h"
#include "stream.h"
#include "string.h"
#include "sys/stat.h"

/* A result of the kernel: negative ones are errors. A call whose pointers are bad gives -1, which is no error number
 * of files. */
static int result(long value)
{
    if (value >= 0) return (int)value;
    errno = value == -1 ? EFAULT : (int)-value;
    return -1;
}

/* --- bytes --- */

int fd_open(const char *path, unsigned flags)
{
    return result(clib_open(path, flags));
}

int fd_close(int fd)
{
    return (unsigned)fd < CONSOLE_FDS ? 0 : result(clib_close(fd));
}

int fd_read(int fd, void *data, size_t size)
{
    if (fd == 0) return 0;                                         /* the console gives no input */
    if (fd >= FIRST_SOCKET_FD) return socket_read(fd, data, size); /* what there is */
    if ((unsigned)fd < CONSOLE_FDS) return result(-EBADF);
    for (size_t done = 0;;) { /* the kernel gives a page at a time */
        int n = result(clib_read(fd, (char *)data + done, size - done));
        if (n < 0 && done == 0) return -1;
        if (n > 0) done += (size_t)n;
        if (n <= 0 || done == size) return (int)done;
    }
}

int fd_write(int fd, const void *data, size_t size)
{
    if (fd == 0) return result(-EBADF);
    if (fd >= FIRST_SOCKET_FD) return socket_write(fd, data, size);
    if ((unsigned)fd < CONSOLE_FDS) return result((long)clib_write(data, size));
    return result(clib_write_file(fd, data, size));
}

int fd_write_all(int fd, const void *data, size_t size)
{
    for (const char *from = data; size > 0;) {
        int n = fd_write(fd, from, size);
        if (n <= 0) return -1;
        from += n;
        size -= (size_t)n;
    }
    return 0;
}

long fd_seek(int fd, long offset, int whence)
{
    bool place = (unsigned)fd >= CONSOLE_FDS && !fd_is_socket(fd);
    return place ? result(clib_seek(fd, offset, whence)) : result(-ESPIPE);
}

/* --- text mode --- */

#define FDS FIRST_SOCKET_FD                 /* sockets have no text mode */
static unsigned char binary[(FDS + 7) / 8]; /* one bit a descriptor */

static bool is_binary(int fd)
{
    return (unsigned)fd >= FDS || (binary[fd / 8] >> fd % 8 & 1) != 0;
}

static void set_binary(int fd, bool yes)
{
    if ((unsigned)fd >= FDS) return;
    unsigned char bit = (unsigned char)(1u << fd % 8);
    binary[fd / 8] = (unsigned char)(yes ? binary[fd / 8] | bit : binary[fd / 8] & ~bit);
}

int setmode(int fd, int mode)
{
    if (fd_is_socket(fd)) return O_BINARY;
    if ((unsigned)fd >= FDS || (mode != O_TEXT && mode != O_BINARY)) {
        errno = (unsigned)fd >= FDS ? EBADF : EINVAL;
        return -1;
    }
    int old = is_binary(fd) ? O_BINARY : O_TEXT;
    set_binary(fd, mode == O_BINARY);
    return old;
}

int write(int fd, const void *data, unsigned n)
{
    const char *from = data;
    if (fd >= FIRST_SOCKET_FD) return fd_write(fd, data, n);
    if ((unsigned)fd < CONSOLE_FDS || is_binary(fd))
        return fd_write_all(fd, from, n) != 0 ? -1 : (int)n;
    for (unsigned done = 0; done < n;) {
        const char *end = memchr(from + done, '\n', n - done);
        unsigned line = end == NULL ? n - done : (unsigned)(end - (from + done));
        if (fd_write_all(fd, from + done, line) != 0) return -1;
        done += line;
        if (end == NULL) break;
        if (fd_write_all(fd, "\r\n", 2) != 0) return -1;
        done++;
    }
    return (int)n;
}

/* CR LF becomes LF in place; Control-Z ends the text. A CR at the end may belong to a LF that was not read. */
static int translate(int fd, char *data, int n)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        if (data[i] == 0x1A) {
            fd_seek(fd, i - n, SEEK_CUR);
            return kept;
        }
        if (data[i] == '\r' && i + 1 < n && data[i + 1] == '\n') continue;
        data[kept++] = data[i];
    }
    if (kept == 0 || data[kept - 1] != '\r') return kept;
    char next;
    if (fd_read(fd, &next, 1) == 1) {
        if (next == '\n')
            data[kept - 1] = '\n';
        else
            fd_seek(fd, -1, SEEK_CUR);
    }
    return kept;
}

int read(int fd, void *data, unsigned n)
{
    int got = fd_read(fd, data, n);
    return got <= 0 || (unsigned)fd < CONSOLE_FDS || is_binary(fd) ? got : translate(fd, data, got);
}

/* --- descriptors --- */

int open(const char *path, int flags, ...)
{
    static const unsigned access_flags[4] = {RT_FILE_READ, RT_FILE_WRITE,
                                             RT_FILE_READ | RT_FILE_WRITE, 0};
    unsigned how = access_flags[flags & 3];
    if (how == 0) return result(-EINVAL);
    if ((flags & O_APPEND) != 0) how |= RT_FILE_APPEND;
    if ((flags & O_CREAT) != 0) how |= RT_FILE_CREATE;
    if ((flags & O_TRUNC) != 0) how |= RT_FILE_TRUNCATE;
    if ((flags & O_EXCL) != 0 && (flags & O_CREAT) != 0) how |= RT_FILE_NEW;
    int fd = fd_open(path, how);
    if (fd >= 0) set_binary(fd, (flags & O_BINARY) != 0);
    return fd;
}

int creat(const char *path, int mode)
{
    (void)mode;
    return open(path, O_WRONLY | O_CREAT | O_TRUNC);
}

int close(int fd)
{
    return fd_close(fd);
}

long lseek(int fd, long offset, int whence)
{
    return fd_seek(fd, offset, whence);
}

long ltell(int fd)
{
    return fd_seek(fd, 0, SEEK_CUR);
}

long filelength(int fd)
{
    struct clib_file_info info;
    return result(clib_stat(NULL, fd, &info)) < 0 ? -1 : info.size;
}

int eof(int fd)
{
    long here = fd_seek(fd, 0, SEEK_CUR), size = here < 0 ? -1 : filelength(fd);
    return size < 0 ? -1 : here >= size;
}

int chsize(int fd, long size)
{
    return (unsigned)fd < CONSOLE_FDS ? result(-EBADF) : result(clib_resize(fd, size));
}

int isatty(int fd)
{
    return (unsigned)fd < CONSOLE_FDS;
}

/* --- names --- */

static int fill(struct stat *s, const struct clib_file_info *info)
{
    memset(s, 0, sizeof *s);
    s->st_mode = (unsigned short)(S_IREAD | (info->writable ? S_IWRITE : 0) |
                                  (info->folder ? S_IFDIR : S_IFREG));
    s->st_nlink = 1;
    s->st_size = info->size;
    s->st_atime = s->st_mtime = s->st_ctime = (long)clib_start_time();
    return 0;
}

int stat(const char *path, struct stat *s)
{
    struct clib_file_info info;
    return result(clib_stat(path, -1, &info)) < 0 ? -1 : fill(s, &info);
}

int fstat(int fd, struct stat *s)
{
    struct clib_file_info info = {0, 0, 1};
    bool socket = fd_is_socket(fd);
    if ((unsigned)fd >= CONSOLE_FDS && !socket && result(clib_stat(NULL, fd, &info)) < 0) return -1;
    fill(s, &info);
    if ((unsigned)fd < CONSOLE_FDS) s->st_mode = S_IREAD | S_IWRITE | S_IFCHR;
    if (socket) s->st_mode = S_IREAD | S_IWRITE | S_IFSOCK;
    return 0;
}

int access(const char *path, int mode)
{
    struct clib_file_info info;
    if (result(clib_stat(path, -1, &info)) < 0) return -1;
    return (mode & W_OK) != 0 && !info.writable ? result(-EACCES) : 0;
}

int unlink(const char *path)
{
    return result(clib_remove(path, 0));
}

int rmdir(const char *path)
{
    return result(clib_remove(path, 1));
}

int mkdir(const char *path, ...)
{
    return result(clib_mkdir(path));
}

int remove(const char *path)
{
    return unlink(path);
}

int rename(const char *from, const char *to)
{
    return result(clib_rename(from, to));
}
