/* desc.h: descriptor formats as values.
 *
 * Segment descriptor [386 5.1.1, 6.3.1]:
 *
 *    63      56 55 54 53 52 51  48 47 46 45 44 43  40 39          16 15         0
 *   +----------+--+--+--+--+------+--+-----+--+------+--------------+-----------+
 *   |base 31:24|G |DB|0 |AV|limit |P | DPL |S | TYPE |  base 23:0   | limit 15:0|
 *   |          |  |  |  |L |19:16 |  |     |  |      |              |           |
 *   +----------+--+--+--+--+------+--+-----+--+------+--------------+-----------+
 *
 * Gate (call, interrupt, trap, task) [386 6.3.4, 9.5]:
 *
 *    63             48 47 46 45 44 43  40 39 37 36    32 31        16 15          0
 *   +-----------------+--+-----+--+------+-----+--------+------------+------------+
 *   | offset 31:16    |P | DPL |0 | TYPE |0 0 0| dwords | selector   | offset 15:0|
 *   +-----------------+--+-----+--+------+-----+--------+------------+------------+
 *
 * desc_t is the 8-byte image; accessors are total over all 2^64 values. struct shadow is the hidden
 * part of a segment register. No function turns a shadow back into an image.
 */
#ifndef RT386_MMU_DESC_H
#define RT386_MMU_DESC_H

#include <stdbool.h>
#include <stdint.h>

#include "bits.h"

typedef struct {
    uint64_t raw;
} desc_t;

/* System types (S = 0) [386 table 6-1 and 6.3.1.1]. */
enum sys_type {
    SYS_TSS16_AVAIL = 1,
    SYS_LDT = 2,
    SYS_TSS16_BUSY = 3,
    SYS_CALL16 = 4,
    SYS_TASK_GATE = 5,
    SYS_INT16 = 6,
    SYS_TRAP16 = 7,
    SYS_TSS32_AVAIL = 9,
    SYS_TSS32_BUSY = 11,
    SYS_CALL32 = 12,
    SYS_INT32 = 14,
    SYS_TRAP32 = 15
};

/* Access byte: bits 47..40 of the image, and of struct shadow. */
#define ACC_PRESENT  0x80u
#define ACC_DPL(acc) (((acc) >> 5) & 3u)
#define ACC_S        0x10u /* code or data, not system */
#define ACC_CODE     0x08u
#define ACC_DOWN     0x04u /* data: expand-down */
#define ACC_CONFORM  0x04u /* code: conforming */
#define ACC_WRITE    0x02u /* data: writable */
#define ACC_READ     0x02u /* code: readable */
#define ACC_ACCESSED 0x01u
/* Flags: bits 55..52 of the image, and of struct shadow. */
#define FLG_G   0x8u
#define FLG_DB  0x4u
#define FLG_AVL 0x1u

/* --- the image --- */
static inline uint8_t desc_access(desc_t d)
{
    return (uint8_t)bits64(d.raw, 47, 40);
}
static inline uint8_t desc_flags(desc_t d)
{
    return (uint8_t)bits64(d.raw, 55, 52);
}
static inline uint32_t desc_base(desc_t d)
{
    return bits64(d.raw, 39, 16) | bits64(d.raw, 63, 56) << 24;
}
static inline uint32_t desc_limit_field(desc_t d)
{
    return bits64(d.raw, 15, 0) | bits64(d.raw, 51, 48) << 16;
}
/* Limit in bytes: the field, or field * 4096 + 4095 when G is set. */
static inline uint32_t desc_limit(desc_t d)
{
    uint32_t field = desc_limit_field(d);
    return desc_flags(d) & FLG_G ? field << 12 | 0xfffu : field;
}
static inline bool desc_present(desc_t d)
{
    return desc_access(d) & ACC_PRESENT;
}
static inline unsigned desc_dpl(desc_t d)
{
    return ACC_DPL(desc_access(d));
}
static inline bool desc_is_segment(desc_t d)
{
    return desc_access(d) & ACC_S;
}
static inline unsigned desc_type(desc_t d)
{
    return desc_access(d) & 0xfu;
} /* with the A bit */
bool desc_is_code(desc_t d);        /* S=1, executable */
bool desc_is_data(desc_t d);        /* S=1, not executable */
bool desc_is_conforming(desc_t d);  /* code and conforming */
bool desc_is_readable(desc_t d);    /* data, or readable code */
bool desc_is_writable(desc_t d);    /* data and writable */
bool desc_is_expand_down(desc_t d); /* data and expand-down */
bool desc_is_system(desc_t d, enum sys_type type);
bool desc_is_tss(desc_t d);           /* any of the four TSS types */
bool desc_is_tss_available(desc_t d); /* 16- or 32-bit, not busy */
bool desc_is_tss32(desc_t d);
bool desc_is_call_gate(desc_t d);
desc_t desc_with_accessed(desc_t d);        /* S=1: sets A; else unchanged */
desc_t desc_with_busy(desc_t d, bool busy); /* TSS: sets or clears B; else unchanged */
/* "data, writable, expand-up, 32-bit, DPL 3": one line for views. Returns `to`. */
const char *desc_describe(desc_t d, char *to, unsigned size);

/* An image from parts. limit is in bytes; limit > 0xFFFFF (or granular = true) sets G, then the low
 * 12 bits of limit must be FFF for exactness. access is the access byte; db the D/B bit. */
desc_t desc_make(uint32_t base, uint32_t limit, uint8_t access, bool db, bool granular);
desc_t desc_make_gate(unsigned type, uint16_t selector, uint32_t offset, unsigned dpl,
                      unsigned count);

/* A gate's fields. Offset bits 31..16 of a 286 gate are ignored (read as 0). */
struct gate {
    uint16_t selector;
    uint32_t offset;
    uint8_t type;  /* enum sys_type */
    uint8_t count; /* call gate: parameters, 0..31 */
    uint8_t dpl;
    bool present;
    bool is32;
};
struct gate desc_gate(desc_t d);

/* --- the shadow --- */

/* Hidden part of a segment register. Plain data, no padding with undefined content. */
struct shadow {
    uint32_t base;
    uint32_t limit; /* in bytes, G applied */
    uint32_t lo;    /* first valid offset */
    uint32_t hi;    /* last valid offset; hi < lo: no offset is valid */
    uint8_t access; /* access byte of the image */
    uint8_t flags;  /* flags of the image */
    uint8_t usable; /* 0 after a null selector */
    uint8_t pad;
};
struct seg {
    uint16_t sel;
    uint16_t pad;
    struct shadow sh;
};
struct dtable { /* GDTR, IDTR */
    uint32_t base;
    uint32_t limit; /* 16 bits used */
};

/* Bounds and rights from an image; usable. Works for system segments (LDT, TSS) too. */
struct shadow shadow_of(desc_t d);
struct shadow shadow_null(void);
/* From parts: limit in bytes whatever G says, access byte and flags of an image; usable if P is set. */
struct shadow shadow_made(uint32_t base, uint32_t limit, uint8_t access, uint8_t flags);
/* Real mode keeps limit and rights of `old`; V86 sets FFFF, writable data, DPL 3 [386 15.2]. */
struct shadow shadow_real(struct shadow old, uint16_t sel);
struct shadow shadow_v86(uint16_t sel);

static inline bool shadow_big(const struct shadow *sh)
{
    return sh->flags & FLG_DB;
}
static inline unsigned shadow_dpl(const struct shadow *sh)
{
    return ACC_DPL(sh->access);
}

#endif
