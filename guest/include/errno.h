/* errno.h of the guest C library: the first int of the thread's block.
 *
 * Values up to 34 are the same everywhere; the others are those of BSD, where most of what the vendor's library
 * adds to C comes from (inferred).
 */
#ifndef RT386_GUEST_ERRNO_H
#define RT386_GUEST_ERRNO_H

#include <stddef.h> /* some compilers' own defines errno: it comes first */

#ifdef __cplusplus
extern "C" {
#endif
void *_thread_ptr(void);
#ifdef __cplusplus
}
#endif
#undef errno
#define errno (*(int *)_thread_ptr())

#define EPERM           1
#define ENOENT          2
#define EINTR           4
#define EIO             5
#define E2BIG           7
#define EBADF           9
#define ENOMEM          12
#define EACCES          13
#define EFAULT          14
#define EBUSY           16
#define EEXIST          17
#define EXDEV           18
#define ENODEV          19
#define ENOTDIR         20
#define EISDIR          21
#define EINVAL          22
#define ENFILE          23
#define EMFILE          24
#define ENOTTY          25
#define EFBIG           27
#define ENOSPC          28
#define ESPIPE          29
#define EROFS           30
#define EPIPE           32
#define EDOM            33
#define ERANGE          34
#define EAGAIN          35
#define EWOULDBLOCK     35
#define EINPROGRESS     36
#define EALREADY        37
#define ENOTSOCK        38
#define EDESTADDRREQ    39
#define EMSGSIZE        40
#define EPROTOTYPE      41
#define ENOPROTOOPT     42
#define EPROTONOSUPPORT 43
#define EOPNOTSUPP      45
#define EPFNOSUPPORT    46
#define EAFNOSUPPORT    47
#define EADDRINUSE      48
#define EADDRNOTAVAIL   49
#define ENETDOWN        50
#define ENETUNREACH     51
#define ECONNABORTED    53
#define ECONNRESET      54
#define ENOBUFS         55
#define EISCONN         56
#define ENOTCONN        57
#define ETIMEDOUT       60
#define ECONNREFUSED    61
#define ENAMETOOLONG    63
#define EHOSTUNREACH    65
#define ENOTEMPTY       66
#define ENOSYS          78
#define EILSEQ          86

#endif
