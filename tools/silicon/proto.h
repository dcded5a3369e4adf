/* proto.h: what the comparer (64-bit) and the runner (32-bit, on the host's processor) share.
 *
 *   comparer --- one byte: BATCH or TRAP ---> runner        pipes, both ways
 *            <-- one byte: done, or refused --
 *
 *   shared memory:  struct sil_shared
 *     setup     LDT entries, contents of the arena            written once by the comparer
 *     in[]      states before: registers, selectors, bytes    written by the comparer
 *     out[]     states after: registers, fault, memory        written by the runner
 *
 * Fixed-width members only and no pointer: both sides see the same layout.
 *
 * The arena is what guest instructions may touch, at the same linear address on both sides:
 *
 *   page  0     1    2     3    4    5    6          7    8    9     10    11
 *        hole  code code  hole data data read-only  data hole stack stack hole
 */
#ifndef RT386_SILICON_PROTO_H
#define RT386_SILICON_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#define ARENA_AT    0x20000000u
#define ARENA_PAGES 12u
#define ARENA_SIZE  (ARENA_PAGES * 0x1000u)
#define CODE_AT     (ARENA_AT + 0x1000u)
#define DATA_AT     (ARENA_AT + 0x4000u)
#define STACK_AT    (ARENA_AT + 0x9000u)

enum sil_page { PAGE_HOLE, PAGE_RW, PAGE_RO };
static inline enum sil_page sil_page_of(uint32_t linear)
{
    static const uint8_t kind[ARENA_PAGES] = {PAGE_HOLE, PAGE_RW, PAGE_RW, PAGE_HOLE,
                                              PAGE_RW,   PAGE_RW, PAGE_RO, PAGE_RW,
                                              PAGE_HOLE, PAGE_RW, PAGE_RW, PAGE_HOLE};
    uint32_t page = (linear - ARENA_AT) >> 12;
    return page < ARENA_PAGES ? (enum sil_page)kind[page] : PAGE_HOLE;
}

#define SIL_WINDOW  64u   /* bytes of memory that a state sets (and, in a batch, compares) */
#define SIL_CHANGES 48u   /* changed bytes that a trapped state lists; the rest is in the hash */
#define SIL_STATES  1024u /* states in one block */
#define SIL_KINDS   64u
#define SIL_INSN    16u

/* Linux's flat segments of a 32-bit program. */
#define SEL_USER_CS 0x23u
#define SEL_USER_DS 0x2bu

struct sil_window {
    uint32_t at; /* linear */
    uint32_t n;
    uint8_t bytes[SIL_WINDOW];
};
/* A state before one instruction. */
struct sil_in {
    uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    uint32_t eip, eflags;
    uint16_t sel[6];  /* ES CS SS DS FS GS */
    uint32_t code_at; /* linear address of the instruction */
    uint8_t len;
    uint8_t code32;
    uint16_t row;
    uint8_t code[SIL_INSN];
    struct sil_window win[2];
};
#define SIL_NONE 0xffffffffu
struct sil_change {
    uint16_t at; /* offset in the arena */
    uint8_t value, pad;
};
/* ... and after it. A trapped state that completed has vector 1 (single step). */
struct sil_out {
    uint32_t gpr[8];
    uint32_t eip, eflags;
    uint16_t sel[6];
    uint32_t vector; /* SIL_NONE: completed without a trap */
    uint32_t error, cr2;
    uint32_t changes; /* number of bytes changed in the arena (trap mode) */
    uint32_t hash;    /* of all of them */
    union {
        uint8_t win[2][SIL_WINDOW];            /* batch */
        struct sil_change change[SIL_CHANGES]; /* trap */
    } mem;
};

/* One entry for modify_ldt, in the numbers of struct user_desc. */
struct sil_ldt {
    uint32_t base, limit;
    uint8_t contents; /* 0 data, 1 expand-down, 2 code, 3 conforming code */
    uint8_t read_only, big, pages, absent;
    uint8_t pad[3];
};
struct sil_shared {
    uint32_t kinds;
    uint32_t refused; /* first entry that the kernel refused, plus one; 0: none */
    uint32_t count;   /* states in `in` */
    uint32_t at;      /* the state that is being run */
    uint32_t stray;   /* batch: bytes changed outside the windows */
    uint32_t pad;
    uint64_t nanoseconds; /* that the last command took on the processor's side */
    struct sil_ldt ldt[SIL_KINDS];
    uint8_t arena[ARENA_SIZE];
    struct sil_in in[SIL_STATES];
    struct sil_out out[SIL_STATES];
};

enum sil_command { SIL_SETUP = 's', SIL_BATCH = 'b', SIL_TRAP = 't' };

/* Changed bytes become a list and a hash the same way on both sides. */
static inline void sil_note(struct sil_out *out, uint32_t at, uint8_t value)
{
    if (out->changes < SIL_CHANGES)
        out->mem.change[out->changes] = (struct sil_change){(uint16_t)at, value, 0};
    out->changes++;
    out->hash = (out->hash ^ (at << 8 | value)) * 0x9e3779b1u;
    out->hash ^= out->hash >> 15;
}

#endif
