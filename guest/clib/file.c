/* file.c: streams come and go: <stdio.h>'s operations on files. */
#include "errno.h"
#include "fcntl.h"
#include "io.h"
#include "stdio.h"
#include "stream.h"
#include "string.h"

bool stream_mode(const char *mode, unsigned *flags, unsigned *open)
{
    *flags = STREAM_TEXT;
    switch (*mode) {
    case 'r': *open = RT_FILE_READ; break;
    case 'w': *open = RT_FILE_WRITE | RT_FILE_CREATE | RT_FILE_TRUNCATE; break;
    case 'a': *open = RT_FILE_WRITE | RT_FILE_CREATE | RT_FILE_APPEND; break;
    default: errno = EINVAL; return false;
    }
    while (*++mode != 0) {
        if (*mode == '+')
            *open |= RT_FILE_READ | RT_FILE_WRITE;
        else if (*mode == 'b')
            *flags &= ~STREAM_TEXT;
        else if (*mode == 'x' && (*open & RT_FILE_TRUNCATE) != 0)
            *open |= RT_FILE_NEW;
        else if (*mode != 't') {
            errno = EINVAL;
            return false;
        }
    }
    if ((*open & RT_FILE_READ) != 0) *flags |= STREAM_READ;
    if ((*open & RT_FILE_WRITE) != 0) *flags |= STREAM_WRITE;
    if ((*open & RT_FILE_APPEND) != 0) *flags |= STREAM_APPEND;
    return true;
}

static void start(FILE *f, int fd, unsigned flags)
{
    memset(f, 0, sizeof *f);
    f->fd = fd;
    f->flags = STREAM_OPEN | flags;
    f->mode = fd == 1 || fd == 2 ? _IONBF : _IOFBF;
    if (fd < CONSOLE_FDS) f->flags &= ~STREAM_TEXT;
}

FILE *stream_new(int fd, unsigned flags)
{
    for (FILE *f = _stdio_ptr() + 3; f < _stdio_ptr() + FOPEN_MAX; f++)
        if ((f->flags & STREAM_OPEN) == 0) {
            start(f, fd, flags);
            return f;
        }
    errno = EMFILE;
    return NULL;
}

static FILE *open_stream(const char *path, unsigned flags, unsigned how)
{
    clib_lock();
    int fd = fd_open(path, how);
    FILE *f = fd < 0 ? NULL : stream_new(fd, flags);
    if (f == NULL && fd >= 0) fd_close(fd);
    clib_unlock();
    return f;
}

FILE *fopen(const char *path, const char *mode)
{
    unsigned flags, how;
    return stream_mode(mode, &flags, &how) ? open_stream(path, flags, how) : NULL;
}

FILE *tmpfile(void)
{
    return open_stream(".", STREAM_READ | STREAM_WRITE | STREAM_TEMP,
                       RT_FILE_READ | RT_FILE_WRITE | RT_FILE_CREATE | RT_FILE_TEMP);
}

FILE *fdopen(int fd, const char *mode)
{
    unsigned flags, how;
    if (!stream_mode(mode, &flags, &how)) return NULL;
    if (fd < 0 || (fd >= CONSOLE_FDS && !fd_is_socket(fd) && fd_seek(fd, 0, SEEK_CUR) < 0)) {
        errno = EBADF;
        return NULL;
    }
    clib_lock();
    FILE *f = stream_new(fd, flags);
    clib_unlock();
    return f;
}

/* The file first: when it cannot be opened the stream is closed all the same. */
FILE *freopen(const char *path, const char *mode, FILE *f)
{
    unsigned flags, how;
    if (!stream_mode(mode, &flags, &how)) return NULL;
    if (path == NULL) {
        errno = EINVAL;
        return NULL;
    }
    clib_lock();
    int fd = -1;
    bool ours = f >= _stdio_ptr() && f < _stdio_ptr() + FOPEN_MAX;
    if (ours) {
        if ((f->flags & STREAM_OPEN) != 0) stream_close(f);
        fd = fd_open(path, how);
        if (fd >= 0) start(f, fd, flags);
    } else {
        errno = EBADF;
    }
    clib_unlock();
    return fd < 0 ? NULL : f;
}

int fileno(FILE *f)
{
    return stream_good(f) ? f->fd : -1;
}

int fclose(FILE *f)
{
    clib_lock();
    int result = stream_good(f) ? stream_close(f) : EOF;
    clib_unlock();
    return result;
}

/* Closes the streams that have all of these flags, but for the console's; how many. */
static int close_all(unsigned flags)
{
    int closed = 0;
    clib_lock();
    for (FILE *f = _stdio_ptr(); f < _stdio_ptr() + FOPEN_MAX; f++)
        if ((f->flags & flags) == flags && f->fd >= CONSOLE_FDS) {
            stream_close(f);
            closed++;
        }
    clib_unlock();
    return closed;
}

int fcloseall(void)
{
    return close_all(STREAM_OPEN);
}

int rmtmp(void)
{
    return close_all(STREAM_OPEN | STREAM_TEMP);
}

static int flush_all(int *open)
{
    int result = 0;
    clib_lock();
    for (FILE *f = _stdio_ptr(); f < _stdio_ptr() + FOPEN_MAX; f++)
        if ((f->flags & STREAM_OPEN) != 0) {
            ++*open;
            if (stream_flush(f) != 0) result = EOF;
        }
    clib_unlock();
    return result;
}

int fflush(FILE *f)
{
    int open = 0;
    if (f == NULL) return flush_all(&open);
    clib_lock();
    int result = stream_good(f) ? stream_settle(f) : EOF;
    clib_unlock();
    return result;
}

int flushall(void)
{
    int open = 0;
    flush_all(&open);
    return open;
}

int setvbuf(FILE *f, char *buffer, int mode, size_t size)
{
    if (mode < _IOFBF || mode > _IONBF || (mode != _IONBF && buffer != NULL && size == 0)) {
        errno = EINVAL;
        return EOF;
    }
    clib_lock();
    int result = stream_good(f) ? stream_settle(f) : EOF;
    if (result == 0) {
        stream_drop_buffer(f);
        f->mode = mode;
        f->size = mode == _IONBF ? 0 : (unsigned)size;
        f->buffer = mode == _IONBF ? NULL : (unsigned char *)buffer;
    }
    clib_unlock();
    return result;
}

void setbuf(FILE *f, char *buffer)
{
    setvbuf(f, buffer, buffer == NULL ? _IONBF : _IOFBF, BUFSIZ);
}

/* "tmp" and a number from 1 to 65535, of no file that is there */
char *tmpnam(char *s)
{
    static char own[L_tmpnam];
    static unsigned last;
    char *to = s == NULL ? own : s;
    for (unsigned tries = 0; tries < TMP_MAX; tries++) {
        last = last % TMP_MAX + 1;
        snprintf(to, L_tmpnam, "tmp%u", last);
        int error = errno;
        bool there = access(to, F_OK) == 0;
        errno = error;
        if (!there) return to;
    }
    return NULL;
}

/* Digits of the next number in place of the X at the end, until no file has the name. */
char *mktemp(char *name)
{
    static unsigned last;
    char *end = name + strlen(name), *from = end;
    while (from > name && from[-1] == 'X')
        from--;
    if (from == end) {
        errno = EINVAL;
        return NULL;
    }
    for (unsigned tries = 0; tries < TMP_MAX; tries++) {
        unsigned number = last++;
        for (char *at = end; at-- > from; number /= 10)
            *at = (char)('0' + number % 10);
        int error = errno;
        bool there = access(name, F_OK) == 0;
        errno = error;
        if (!there) return name;
    }
    errno = EEXIST;
    return NULL;
}

/* --- position --- */

static int seek(FILE *f, long offset, int whence)
{
    if (stream_flush(f) != 0) return EOF;
    if (whence == SEEK_CUR) {
        long here = stream_tell(f);
        if (here < 0) return EOF;
        if (offset > 0x7FFFFFFF - here) {
            errno = EINVAL;
            return EOF;
        }
        offset += here;
        whence = SEEK_SET;
    }
    if (fd_seek(f->fd, offset, whence) < 0) return EOF;
    f->flags &= ~(STREAM_READING | STREAM_EOF);
    f->at = f->end = f->backs = 0;
    return 0;
}

int fseek(FILE *f, long offset, int whence)
{
    clib_lock();
    int result = stream_good(f) ? seek(f, offset, whence) : EOF;
    clib_unlock();
    return result;
}

long ftell(FILE *f)
{
    clib_lock();
    long position = stream_good(f) ? stream_tell(f) : -1;
    clib_unlock();
    return position;
}

int fgetpos(FILE *f, fpos_t *position)
{
    *position = ftell(f);
    return *position < 0 ? -1 : 0;
}

int fsetpos(FILE *f, const fpos_t *position)
{
    return fseek(f, *position, SEEK_SET);
}

void rewind(FILE *f)
{
    clib_lock();
    if (stream_good(f)) {
        seek(f, 0, SEEK_SET);
        f->flags &= ~(STREAM_EOF | STREAM_ERROR);
    }
    clib_unlock();
}
