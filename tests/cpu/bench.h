/* bench.h: a processor in protected mode on 1 MB of RAM, for tests of emu/cpu.
 *
 *   01000  GDT      08000  page directory      20000  stack of ring 0 (4 KB each)
 *   02000  IDT      09000  page table          21000  stack of ring 1
 *   03000  LDT      10000  code, data          22000  stack of ring 2
 *   04000  TSS A (386, current)                23000  stack of ring 3
 *   05000  TSS B (386)
 *   06000  TSS C (286)
 *
 * Segment bases are not zero, so that an offset that is taken for an address shows.
 */
#ifndef RT386_TESTS_CPU_BENCH_H
#define RT386_TESTS_CPU_BENCH_H

#include "exec.h"

#define RAM_SIZE   0x100000u
#define GDT_AT     0x1000u
#define IDT_AT     0x2000u
#define LDT_AT     0x3000u
#define TSS_A_AT   0x4000u
#define TSS_B_AT   0x5000u
#define TSS_C_AT   0x6000u
#define PD_AT      0x8000u
#define PT_AT      0x9000u
#define CODE_AT    0x10000u
#define STACK_AT   0x20000u /* + ring * 1000h */
#define CODE_LIMIT 0x7fffu
#define GDT_LIMIT  0x3ffu

/* Selectors of the GDT; the code and stack of ring r are at +8r. */
enum {
    SEL_CODE = 0x08,    /* 08 11 1a 23: 32-bit, DPL 0..3 */
    SEL_STACK = 0x28,   /* 28 31 3a 43: B = 1, DPL 0..3 */
    SEL_CODE16 = 0x48,  /* 48 51 5a 63: 16-bit */
    SEL_STACK16 = 0x68, /* 68 71 7a 83: B = 0 */
    SEL_CONFORM = 0x88, /* conforming, DPL 0 */
    SEL_DATA0 = 0x90,
    SEL_DATA3 = 0x98,
    SEL_TSS_A = 0xa0,
    SEL_TSS_B = 0xa8,
    SEL_TSS_C = 0xb0,
    SEL_LDT = 0xb8,
    SEL_FREE = 0xc0, /* from here on for the test */
    SEL_FREE2 = 0xc8,
    SEL_FREE3 = 0xd0
};
static inline uint16_t ring_sel(unsigned base, unsigned ring)
{
    return (uint16_t)(base + 8 * ring + ring);
}

struct bench {
    struct bus *bus;
    struct i386_cpu cpu;
    struct insn in;
    struct exec x;
    /* fault injection */
    struct access_hook hook;
    unsigned accesses; /* seen since bench_inject */
    unsigned fail_at;  /* 1: the first; 0: none */
    lin_t last_at;
    /* what observers were told */
    struct cpu_observer obs;
    unsigned events, tasks, selectors, ios;
    uint8_t last_vector, last_source;
    fault_t last_event_fault;
    uint16_t task_from, task_to;
    int vector; /* for the interrupt acknowledge */
};

struct bench *bench_new(void);
void bench_free(struct bench *b);

/* Descriptors, gates. */
void bench_gdt(struct bench *b, uint16_t sel, desc_t d);
void bench_ldt(struct bench *b, uint16_t sel, desc_t d);
void bench_idt(struct bench *b, uint8_t vector, desc_t d);
desc_t bench_get_gdt(const struct bench *b, uint16_t sel);
void bench_set_access(struct bench *b, uint16_t sel, uint8_t access);
void bench_set_limit(struct bench *b, uint16_t sel, uint32_t limit);

/* Memory by physical address. */
uint32_t bench_get(const struct bench *b, uint32_t at, unsigned size);
void bench_put(struct bench *b, uint32_t at, unsigned size, uint32_t value);

/* n elements of `size` bytes at `at` must be these, lowest address first. */
void bench_expect(const struct bench *b, const char *what, uint32_t at, unsigned size, unsigned n,
                  const uint32_t *want);
#define EXPECT_AT(b, what, at, size, ...)                                                          \
    do {                                                                                           \
        const uint32_t want_[] = {__VA_ARGS__};                                                    \
        bench_expect(b, what, at, size, sizeof want_ / sizeof want_[0], want_);                    \
    } while (0)
#define NO_FAULT(f)                                                                                \
    do {                                                                                           \
        fault_t f_ = (f);                                                                          \
        cr_expect(!is_fault(f_), "rule %s", rule_name(f_.rule));                                   \
    } while (0)
/* CS & 3 == CPL, SS.RPL == CPL: what must hold in protected mode after every transfer. */
void bench_levels(const struct bench *b, const char *what, unsigned cpl);

/* The register with the shadow of its descriptor, no check. */
void bench_seg(struct bench *b, enum segreg reg, uint16_t sel);
/* CS, SS, ESP = 800h, CPL of a ring; big: 32-bit code and stack. */
void bench_ring(struct bench *b, unsigned ring, bool big);
/* V86 mode with CS=1000 SS=2000 DS=1001 ES=1002 FS=1003 GS=1004, SP=0800. */
void bench_v86(struct bench *b, unsigned iopl);
/* Real mode, CS=1000 SS=2000 SP=0800, IDTR 0:3FF. */
void bench_real(struct bench *b);
/* Identity map of the RAM. user: user pages from 10000h on; all below are supervisor. */
void bench_paging(struct bench *b);
void bench_page_present(struct bench *b, uint32_t at, bool present);

/* An instruction in flight of 2 (opsize) or 4, six bytes long. */
struct exec *bench_exec(struct bench *b, unsigned opsize);
/* Code at CS:EIP. */
void bench_code(struct bench *b, const void *bytes, unsigned n);

/* The n-th access from now on page-faults (0: none does). */
void bench_inject(struct bench *b, unsigned n);

/* All of memory and the state, to compare. */
struct bench_image {
    struct i386_state s;
    uint8_t ram[RAM_SIZE];
};
struct bench_image *bench_image(const struct bench *b);
/* First byte of memory that differs, or -1. */
long bench_ram_diff(const struct bench *b, const struct bench_image *was);
/* Name of the first field that differs, or NULL. */
const char *bench_state_diff(const struct i386_state *is, const struct i386_state *was);

#endif
