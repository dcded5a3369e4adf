/* strerror.c: errno in words. */
#include "clib.h"
#include "errno.h"
#include "stdio.h"
#include "string.h"

char *strerror(int code)
{
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
                 {ENAMETOOLONG, "name too long"},
                 {ENOTEMPTY, "directory not empty"},
                 {ENOSYS, "not there"},
                 {EILSEQ, "invalid character"}};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].code == code) return (char *)(uintptr_t)texts[i].text;
    char *own = clib_self()->text;
    snprintf(own, sizeof clib_self()->text, "error %d", code);
    return own;
}
