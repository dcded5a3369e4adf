/* rsl.h: the ring-3 half of RSLs (rsl.c). */
#ifndef RT386_GUEST_RSL_H
#define RT386_GUEST_RSL_H

#include "rtbase.h"

/* What LoadRtLibrary, FreeRtLibrary and ExitRtProcess have behind them. */
RTAPI RTHANDLE kernel_LoadRtLibrary(const char *lpModuleName);
RTAPI BOOLEAN kernel_FreeRtLibrary(RTHANDLE hModule);
RTAPI VOID kernel_ExitRtProcess(VOID);

/* The entry point to be told next. */
struct rsl_next {
    DWORD entry, module, serial;
};
#define RSL_END_OF_PROCESS                                                                         \
    0x80000000u /* a reason of the kernel's: every library, the youngest first */
RTAPI BOOLEAN kernel_RslNextHandler(DWORD dwReason, DWORD dwAfter, struct rsl_next *pNext);
RTAPI VOID kernel_RslSweep(VOID);
RTAPI VOID kernel_RslEnter(VOID);
RTAPI VOID kernel_RslLeave(VOID);

/* The process ends in good order: every library hears of it, once. */
void rsl_process_end(void);

#endif
