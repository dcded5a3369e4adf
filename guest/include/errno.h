/* errno.h of the guest C library: the first int of the thread's block. */
#ifndef RT386_GUEST_ERRNO_H
#define RT386_GUEST_ERRNO_H

#include <stddef.h> /* some compilers' own defines errno: it comes first */

void *_thread_ptr(void);
#undef errno
#define errno (*(int *)_thread_ptr())

#define ENOENT 2
#define EBADF  9
#define ENOMEM 12
#define EINVAL 22
#define ESPIPE 29
#define EDOM   33
#define ERANGE 34

#endif
