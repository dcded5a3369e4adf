/* strerror.c: errno in words. */
#include "clib.h"
#include "errno.h"
#include "stdio.h"
#include "string.h"

static const struct {
    int code;
    const char *text;
} texts[] = {{0, "no error"},
             {EPERM, "not permitted"},
             {ENOENT, "no such file"},
             {EINTR, "interrupted"},
             {EIO, "input or output failed"},
             {E2BIG, "too much"},
             {EBADF, "bad file"},
             {ENOMEM, "out of memory"},
             {EACCES, "access denied"},
             {EFAULT, "bad address"},
             {EBUSY, "busy"},
             {EEXIST, "exists already"},
             {EXDEV, "on another device"},
             {ENODEV, "no such device"},
             {ENOTDIR, "not a directory"},
             {EISDIR, "a directory"},
             {EINVAL, "invalid argument"},
             {ENFILE, "too many open files in the system"},
             {EMFILE, "too many open files"},
             {EFBIG, "file too large"},
             {ENOSPC, "no space left"},
             {ESPIPE, "cannot seek"},
             {EROFS, "read-only"},
             {EDOM, "outside the domain"},
             {ERANGE, "result out of range"},
             {EAGAIN, "not possible now"},
             {ENOTTY, "not for this descriptor"},
             {EPIPE, "nobody reads"},
             {EINPROGRESS, "under way"},
             {EALREADY, "under way already"},
             {ENOTSOCK, "no socket"},
             {EDESTADDRREQ, "no destination"},
             {EMSGSIZE, "message too long"},
             {EPROTOTYPE, "protocol of another kind of socket"},
             {ENOPROTOOPT, "no such option"},
             {EPROTONOSUPPORT, "no such protocol"},
             {EOPNOTSUPP, "not supported"},
             {EPFNOSUPPORT, "no such protocol family"},
             {EAFNOSUPPORT, "no such address family"},
             {EADDRINUSE, "address in use"},
             {EADDRNOTAVAIL, "address not available"},
             {ENETDOWN, "network down"},
             {ENETUNREACH, "network unreachable"},
             {ECONNABORTED, "connection aborted"},
             {ECONNRESET, "connection reset"},
             {ENOBUFS, "no buffer space"},
             {EISCONN, "connected already"},
             {ENOTCONN, "not connected"},
             {ETIMEDOUT, "timed out"},
             {ECONNREFUSED, "connection refused"},
             {EHOSTUNREACH, "host unreachable"},
             {ENAMETOOLONG, "name too long"},
             {ENOTEMPTY, "directory not empty"},
             {ENOSYS, "not there"},
             {EILSEQ, "invalid character"}};

char *strerror(int code)
{
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].code == code) return (char *)(uintptr_t)texts[i].text;
    char *own = clib_self()->text;
    snprintf(own, sizeof clib_self()->text, "error %d", code);
    return own;
}
