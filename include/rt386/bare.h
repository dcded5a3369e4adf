/* bare.h: a processor and memory with nothing around them, made for test vectors: the same machine
 * runs many short programs, and only what one of them touched is cleaned before the next.
 *
 *   rt386_bare_create -> { rt386_bare_begin -> rt386_poke ... -> rt386_bare_put -> rt386_run
 *                          -> rt386_bare_get, rt386_peek, rt386_bare_store_at }* -> rt386_destroy
 *
 * RAM lies from physical 0 to the end of the given size; no device answers, so every port reads all
 * ones. Real mode only: a segment's base is its selector times 16, its limit 0xffff.
 */
#ifndef RT386_BARE_H
#define RT386_BARE_H

#include <rt386/rt386.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rt386_regs {
    uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    uint32_t eip, eflags;
    uint16_t seg[6]; /* by rt386_segreg */
    uint32_t cr0, cr3, dr6, dr7;
} rt386_regs;

typedef struct rt386_store {
    uint32_t at;
    unsigned size;
} rt386_store;

/* memory: as in rt386_config; 0 = 16 MB. */
RT386_API rt386_status rt386_bare_create(uint32_t memory, rt386 **machine);
/* The functions below answer RT386_E_STATE for a machine that was made in another way. */

/* The processor is as after reset, memory that changed since the last begin is zero again, and a run
 * that had ended may begin anew. */
RT386_API rt386_status rt386_bare_begin(rt386 *machine);
/* Registers; RT386_E_ARG when CR0 asks for protected mode. Stores are listed from here on. */
RT386_API rt386_status rt386_bare_put(rt386 *machine, const rt386_regs *regs);
RT386_API rt386_status rt386_bare_get(const rt386 *machine, rt386_regs *regs);
/* What was written since rt386_bare_put, in order; false past the end. */
RT386_API bool rt386_bare_store_at(const rt386 *machine, unsigned index, rt386_store *store);

/* Flags that the manual leaves undefined after this instruction (with its prefixes), 0 when the bytes
 * are none. */
RT386_API uint32_t rt386_undefined_flags(const uint8_t *bytes, size_t n, bool code32);

#ifdef __cplusplus
}
#endif

#endif
