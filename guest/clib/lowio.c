/* lowio.c: files by descriptor: <io.h>, <fcntl.h> and <sys/stat.h>. The kernel knows bytes; lines that end in CR LF in
 * the file are translated here, for descriptors in text mode, which is the default.
 *
 *   descriptor --> stands_for --> the kernel's number --> file        dup, dup2: several descriptors for one number
 */
#include "clib.h"
#include "errno.h"
#include "fcntl.h"
#include "io.h"
#include "stdio.h"
#include "stream.h"
#include "string.h"
#include "sys/stat.h"
#include "utime.h"

/* A result of the kernel: negative ones are errors. A call whose pointers are bad gives -1, which is no error number
 * of files. */
static int result(long value)
{
    if (value >= 0) return (int)value;
    errno = value == -1 ? EFAULT : (int)-value;
    return -1;
}

/* --- descriptors --- */

#define FDS FIRST_SOCKET_FD /* sockets have neither duplicates nor a text mode */

static unsigned char
    stands_for[FDS];             /* the kernel's number + 1; 0: itself, of the console, or closed */
static unsigned char users[FDS]; /* descriptors that stand for this number of the kernel */

/* The kernel's number of a descriptor; it refuses -1. */
static int kernel_fd(int fd)
{
    if ((unsigned)fd >= FDS) return fd;
    if (stands_for[fd]) return stands_for[fd] - 1;
    return fd < CONSOLE_FDS ? fd : -1;
}

static bool is_console(int fd)
{
    return (unsigned)kernel_fd(fd) < CONSOLE_FDS;
}

/* The lock is held. A descriptor, the lowest, for the kernel's number; -1: there are no more. */
static int take(int number)
{
    int fd = CONSOLE_FDS;
    while (fd < FDS && stands_for[fd])
        fd++;
    if (fd == FDS) return -1;
    stands_for[fd] = (unsigned char)(number + 1);
    if (number >= CONSOLE_FDS) users[number]++;
    return fd;
}

/* The lock is held. The last one takes the file along. */
static int drop(int fd)
{
    int number = kernel_fd(fd);
    if (!stands_for[fd]) return fd < CONSOLE_FDS ? 0 : result(-EBADF);
    stands_for[fd] = 0;
    return number < CONSOLE_FDS || --users[number] ? 0 : result(clib_close(number));
}

int fd_open(const char *path, unsigned flags)
{
    clib_lock();
    int number = result(clib_open(path, flags)), fd = number < 0 ? -1 : take(number);
    if (number >= 0 && fd < 0) {
        clib_close(number);
        result(-EMFILE);
    }
    clib_unlock();
    return fd;
}

int fd_close(int fd)
{
    if ((unsigned)fd >= FDS) return result(clib_close(fd));
    clib_lock();
    int closed = drop(fd);
    clib_unlock();
    return closed;
}

/* --- bytes --- */

int fd_read(int fd, void *data, size_t size)
{
    fd = kernel_fd(fd);
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
    fd = kernel_fd(fd);
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
    bool place = !is_console(fd) && !fd_is_socket(fd);
    return place ? result(clib_seek(kernel_fd(fd), offset, whence)) : result(-ESPIPE);
}

/* --- text mode --- */

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
    if (is_console(fd) || is_binary(fd)) return fd_write_all(fd, from, n) != 0 ? -1 : (int)n;
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
    return got <= 0 || is_console(fd) || is_binary(fd) ? got : translate(fd, data, got);
}

/* --- open, close, duplicates --- */

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

/* Other programs' opens are not looked at. */
int sopen(const char *path, int flags, int share, ...)
{
    (void)share;
    return open(path, flags);
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

/* One file, one offset; text or binary is each descriptor's own. Sockets have no duplicates. */
int dup(int fd)
{
    clib_lock();
    int number = (unsigned)fd < FDS ? kernel_fd(fd) : -1;
    int other = number < 0 ? result(-EBADF) : take(number);
    if (number >= 0 && other < 0) result(-EMFILE);
    if (other >= 0) set_binary(other, is_binary(fd));
    clib_unlock();
    return other;
}

/* 0, as its page says [7-1/dup]. One of the console's goes to a file until it is closed. */
int dup2(int fd, int other)
{
    clib_lock();
    int number = (unsigned)fd < FDS ? kernel_fd(fd) : -1;
    int failed = number < 0 || (unsigned)other >= FDS ? result(-EBADF) : 0;
    if (!failed && fd != other) {
        if (stands_for[other]) drop(other);
        stands_for[other] =
            (unsigned char)(number == other && number < CONSOLE_FDS ? 0 : number + 1);
        if (number >= CONSOLE_FDS) users[number]++;
        set_binary(other, is_binary(fd));
    }
    clib_unlock();
    return failed;
}

long lseek(int fd, long offset, int whence)
{
    return fd_seek(fd, offset, whence);
}

long ltell(int fd)
{
    return fd_seek(fd, 0, SEEK_CUR);
}

long tell(int fd)
{
    return ltell(fd);
}

long filelength(int fd)
{
    struct clib_file_info info;
    return result(clib_stat(NULL, kernel_fd(fd), &info)) < 0 ? -1 : info.size;
}

int eof(int fd)
{
    long here = fd_seek(fd, 0, SEEK_CUR), size = here < 0 ? -1 : filelength(fd);
    return size < 0 ? -1 : here >= size;
}

int chsize(int fd, long size)
{
    return is_console(fd) ? result(-EBADF) : result(clib_resize(kernel_fd(fd), size));
}

int isatty(int fd)
{
    return is_console(fd);
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
    if (!is_console(fd) && !socket && result(clib_stat(NULL, kernel_fd(fd), &info)) < 0) return -1;
    fill(s, &info);
    if (is_console(fd)) s->st_mode = S_IREAD | S_IWRITE | S_IFCHR;
    if (socket) s->st_mode = S_IREAD | S_IWRITE | S_IFSOCK;
    return 0;
}

int access(const char *path, int mode)
{
    struct clib_file_info info;
    if (result(clib_stat(path, -1, &info)) < 0) return -1;
    return (mode & W_OK) != 0 && !info.writable ? result(-EACCES) : 0;
}

/* EPERM is 1, which the kernel's results do not have. */
static int not_allowed(void)
{
    errno = EPERM;
    return -1;
}

/* What the folder's owner allows is not the guest's to change: only what is so already can be asked for. */
int chmod(const char *path, int mode)
{
    struct clib_file_info info;
    if (result(clib_stat(path, -1, &info)) < 0) return -1;
    return ((mode & S_IWRITE) != 0) == (info.writable != 0) ? 0 : not_allowed();
}

/* The mask is kept for who asks; new files are the folder's owner's. */
int umask(int mask)
{
    static int kept;
    int old = kept;
    kept = mask & 0777;
    return old;
}

/* All files have the time of the machine's start. */
int utime(const char *path, const struct utimbuf *times)
{
    struct clib_file_info info;
    if (result(clib_stat(path, -1, &info)) < 0) return -1;
    long start = (long)clib_start_time();
    bool same = times != NULL && times->actime == start && times->modtime == start;
    return same ? 0 : not_allowed();
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
