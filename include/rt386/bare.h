/* bare.h: a processor and memory with nothing around them, made for test vectors: the same machine
 * runs many short programs, and only what one of them touched is cleaned before the next.
 *
 *   rt386_bare_create -> { rt386_bare_begin -> rt386_poke ... -> rt386_bare_put -> rt386_run
 *                          -> rt386_bare_get, rt386_peek, rt386_bare_store_at }* -> rt386_destroy
 *
 * RAM lies from physical 0 to the end of the given size; no device answers, so every port reads all
 * ones. With rt386_bare_put the processor is in real mode: a segment's base is its selector times 16, its limit 0xffff.
 * With rt386_bare_put_protected it is in protected mode, with hidden parts as given, whatever the tables say.
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
/* What protected mode has besides. */
typedef struct rt386_hidden {
    rt386_seg seg[8]; /* by rt386_segreg, LDTR and TR included; see rt386_seg_make */
    uint32_t gdt_base, idt_base;
    uint16_t gdt_limit, idt_limit;
} rt386_hidden;
/* A segment register from parts: limit in bytes; access and flags (AVL 1, D/B 4, G 8) as in a descriptor. Fills in the
 * bounds. Not usable: as after a null selector. */
RT386_API rt386_seg rt386_seg_make(uint16_t selector, bool usable, uint32_t base, uint32_t limit,
                                   uint8_t access, uint8_t flags);
/* Likewise in protected mode: RT386_E_ARG unless CR0 asks for it and EFLAGS.VM is 0. The selectors are those of `hidden`;
 * the privilege level is CS's RPL. */
RT386_API rt386_status rt386_bare_put_protected(rt386 *machine, const rt386_regs *regs,
                                                const rt386_hidden *hidden);
/* From now on, until rt386_bare_begin, the first exception or interrupt is not delivered: no gate is asked, but for the
 * privilege of a software interrupt, and nothing is pushed. EIP and EFLAGS are then what would have been saved. The run
 * goes on, unless an observer of events stops it. */
RT386_API rt386_status rt386_bare_hold(rt386 *machine);
typedef struct rt386_held {
    uint8_t vector;
    bool has_error, has_cr2;
    uint32_t error, cr2;
} rt386_held;
/* False: no event has come. */
RT386_API bool rt386_bare_held(const rt386 *machine, rt386_held *held);
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
