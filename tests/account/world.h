/* world.h: one small machine with every kind of table, at fixed places, for accounts with exact values.
 *
 *   0x1000 GDT   0x2000 TSS A, busy   0x2100 TSS B   0x2200 LDT   0x2300 TSS 286   0x3000 IDT
 *   0x4000 page directory   0x5000 page table (0..4 MB, each page to itself)
 *   0x8000 data   0xa000 stack of ring 3   0xb000 stack of ring 0   0x100000 code
 */
#ifndef RT386_TESTS_ACCOUNT_WORLD_H
#define RT386_TESTS_ACCOUNT_WORLD_H

#include <criterion/criterion.h>
#include <rt386/account.h>
#include <string.h>

enum {
    CODE0 = 0x08,
    DATA0 = 0x10,
    CODE3 = 0x18,
    DATA3 = 0x20,
    TSSA = 0x28,
    TSSB = 0x30,
    CALL = 0x38, /* call gate to CODE0:HANDLER, DPL 3, no parameters */
    LDT = 0x40,
    FREE = 0x48, /* empty: for a case */
    CONF = 0x50, /* conforming, DPL 0 */
    TSS16 = 0x58,
    TASK = 0x60,  /* task gate to TSSB, DPL 3 */
    OTHER = 0x68, /* empty, too */
    GDT_LIMIT = 0x7f
};
#define GDT_AT     0x1000u
#define TSSA_AT    0x2000u
#define TSSB_AT    0x2100u
#define LDT_AT     0x2200u
#define TSS16_AT   0x2300u
#define IDT_AT     0x3000u
#define DIR_AT     0x4000u
#define TABLE_AT   0x5000u
#define DATA_AT    0x8000u
#define STACK3     0xb000u /* tops */
#define STACK0     0xc000u
#define CODE_AT    0x100000u
#define HANDLER    0x100800u
#define TASK_ENTRY 0x100900u

/* In ring `cpl`, flat segments of that ring, paging off, IF = 0, IOPL 0; `code` at CODE_AT. */
rt386 *world_new(unsigned cpl, const void *code, size_t n, rt386_cpu cpu);
#define WORLD(cpl, ...)                                                                            \
    world_new(cpl, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}),         \
              RT386_CPU_386)

void world_put(rt386 *m, uint32_t at, uint64_t value, unsigned n); /* physical */
uint64_t world_get(const rt386 *m, uint32_t at, unsigned n);
void world_segment(rt386 *m, uint32_t entry_at, uint32_t base, uint32_t limit, uint8_t access,
                   uint8_t flags);
void world_gate(rt386 *m, uint32_t entry_at, uint16_t selector, uint32_t offset, uint8_t access,
                uint8_t count);
void world_set(rt386 *m, const char *reg, uint64_t value);
uint64_t world_reg(const rt386 *m, const char *reg);
/* A segment register with a hidden part that no table has to have. */
void world_seg(rt386 *m, rt386_segreg reg, uint16_t selector, uint32_t base, uint32_t limit,
               uint8_t access);
void world_paging(rt386 *m); /* on; supervisor, writable, all of 4 MB */
void world_v86(rt386 *m, unsigned iopl);
void world_real(rt386 *m);

rt386_account *world_account(const rt386 *m);

#endif
