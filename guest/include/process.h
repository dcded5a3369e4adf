/* process.h of the guest C library: handles of the caller, without entering the kernel each time; and the end of the
 * library's part of a thread. */
#ifndef RT386_GUEST_PROCESS_H
#define RT386_GUEST_PROCESS_H

#include "rttypes.h"

#ifdef __cplusplus
extern "C" {
#endif

RTHANDLE gettid(void);
RTHANDLE getpid(void);
/* Suspends the thread and drops what the library keeps for it; then it can be deleted. NULL_RTHANDLE: the
 * calling thread, which is not suspended. */
void _cstop(RTHANDLE thread);

#ifdef __cplusplus
}
#endif

#endif
