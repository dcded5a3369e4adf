/* seg.h: segment registers and selectors, in one instruction each.
 *
 * The C library and these programs use no string instructions, so ES and GS are free; FS holds the
 * thread's block and is put back before any call that needs it.
 */
#ifndef RT386_GUEST_SEG_H
#define RT386_GUEST_SEG_H

#include "rt.h"

#define SEG_REGISTER(reg)                                                                          \
    static inline void reg##_load(RTHANDLE selector)                                               \
    {                                                                                              \
        __asm__ volatile("movw %0, %%" #reg : : "r"(selector) : "memory");                         \
    }                                                                                              \
    static inline RTHANDLE reg##_get(void)                                                         \
    {                                                                                              \
        RTHANDLE selector;                                                                         \
        __asm__ volatile("movw %%" #reg ", %0" : "=r"(selector));                                  \
        return selector;                                                                           \
    }                                                                                              \
    static inline BYTE reg##_read8(DWORD offset)                                                   \
    {                                                                                              \
        BYTE value;                                                                                \
        __asm__ volatile("movb %%" #reg ":(%1), %0" : "=q"(value) : "r"(offset) : "memory");       \
        return value;                                                                              \
    }                                                                                              \
    static inline void reg##_write8(DWORD offset, BYTE value)                                      \
    {                                                                                              \
        __asm__ volatile("movb %1, %%" #reg ":(%0)" : : "r"(offset), "q"(value) : "memory");       \
    }                                                                                              \
    static inline DWORD reg##_read32(DWORD offset)                                                 \
    {                                                                                              \
        DWORD value;                                                                               \
        __asm__ volatile("movl %%" #reg ":(%1), %0" : "=r"(value) : "r"(offset) : "memory");       \
        return value;                                                                              \
    }                                                                                              \
    static inline void reg##_write32(DWORD offset, DWORD value)                                    \
    {                                                                                              \
        __asm__ volatile("movl %1, %%" #reg ":(%0)" : : "r"(offset), "r"(value) : "memory");       \
    }

SEG_REGISTER(es)
SEG_REGISTER(fs)
SEG_REGISTER(gs)

/* LSL and LAR: false when the selector names nothing that this ring may see. */
static inline BOOLEAN seg_limit(RTHANDLE selector, DWORD *limit)
{
    BOOLEAN visible;
    DWORD value = 0;
    __asm__ volatile("lsll %2, %1; setz %0"
                     : "=q"(visible), "+r"(value)
                     : "r"((DWORD)selector)
                     : "cc");
    *limit = value;
    return visible;
}

static inline BOOLEAN seg_rights(RTHANDLE selector, DWORD *rights)
{
    BOOLEAN visible;
    DWORD value = 0;
    __asm__ volatile("larl %2, %1; setz %0"
                     : "=q"(visible), "+r"(value)
                     : "r"((DWORD)selector)
                     : "cc");
    *rights = value;
    return visible;
}

static inline BOOLEAN seg_can_read(RTHANDLE selector)
{
    BOOLEAN can;
    __asm__ volatile("verr %1; setz %0" : "=q"(can) : "r"(selector) : "cc");
    return can;
}

static inline BOOLEAN seg_can_write(RTHANDLE selector)
{
    BOOLEAN can;
    __asm__ volatile("verw %1; setz %0" : "=q"(can) : "r"(selector) : "cc");
    return can;
}

#endif
