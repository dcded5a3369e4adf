/* fault_codes.h: hardware faults as Win32 exception codes, in the vendor's translation (7-0/iwin32_run). */
#ifndef RT386_INTIME_FAULT_CODES_H
#define RT386_INTIME_FAULT_CODES_H

#include <stdint.h>

#define WIN32_ACCESS_VIOLATION 0xC0000005u

static inline uint32_t exception_code(unsigned vector)
{
    static const uint32_t illegal = 0xC000001Du,
                          codes[] = {
                              [0] = 0xC0000094u, /* EXCEPTION_INT_DIVIDE_BY_ZERO */
                              [1] = 0x80000004u, /* EXCEPTION_SINGLE_STEP */
                              [3] = 0x80000003u, /* EXCEPTION_BREAKPOINT */
                              [4] = 0xC0000095u, /* EXCEPTION_INT_OVERFLOW */
                              [5] = 0xC000008Cu, /* EXCEPTION_ARRAY_BOUNDS_EXCEEDED */
                              [11] = WIN32_ACCESS_VIOLATION,
                              [12] = 0xC00000FDu, /* EXCEPTION_STACK_OVERFLOW */
                              [13] = WIN32_ACCESS_VIOLATION,
                              [14] = WIN32_ACCESS_VIOLATION,
                              [17] = 0x80000002u /* EXCEPTION_DATATYPE_MISALIGNMENT */
                          };
    uint32_t code = vector < sizeof codes / sizeof codes[0] ? codes[vector] : 0;
    return code ? code : illegal;
}

#endif
