/* equal.h: the same random guest on four processors that differ only in what they keep and in how they are
 * called. All must go through the same states, writes and calls of observers.
 *
 *   PLAIN  keeps nothing, cpu_step       RUN   cpu_run
 *   STEP   cpu_step                      DROP  cpu_run in pieces, derived data dropped in between and by
 *                                              devices and observers
 *
 *   physical 00000 IVT      04000 handlers, 32 bits    0C000 data      10000 directory A  11000 table A
 *            01000 GDT      05000 handlers, real mode  0E000 stack     12000 directory B  13000 table B
 *            02000 IDT      06000 ring-0 stack                         all RAM to 200000
 *            03000 TSS A, B 08000 code, 4 pages        200000 device   201000 ROM  300000 more RAM
 *
 *   linear pages are the physical ones but for some; 20..23 are the tables again, 24 the device, 25 ROM,
 *   26 the other RAM, 27 nothing.
 */
#ifndef RT386_TESTS_CPU_EQUAL_H
#define RT386_TESTS_CPU_EQUAL_H

#include "cpu.h"

#define GDT_AT       0x1000u
#define IDT_AT       0x2000u
#define TSS_A_AT     0x3000u
#define TSS_B_AT     0x3800u
#define HANDLER_AT   0x4000u
#define REAL_AT      0x5000u
#define INNER_TOP    0x7ff0u
#define CODE_AT      0x8000u
#define CODE_END     0xc000u
#define DATA_AT      0xc000u
#define STACK_AT     0xe000u
#define STACK_TOP    0xff00u
#define DIR_A        0x10000u
#define TABLE_A      0x11000u
#define DIR_B        0x12000u
#define TABLE_B      0x13000u
#define LOW_RAM      0x200000u
#define DEVICE_AT    0x200000u
#define ROM_AT       0x201000u
#define MORE_RAM     0x300000u
#define MORE_SIZE    0x10000u
#define PAGES        (MORE_RAM / PAGE_SIZE + MORE_SIZE / PAGE_SIZE)
#define ALIAS_AT     0x20000u /* linear */
#define DEVICE_ALIAS 0x24000u
#define ROM_ALIAS    0x25000u
#define MORE_ALIAS   0x26000u
#define HOLE_ALIAS   0x27000u

/* Ports of the test device. */
enum { PORT_A20 = 0x92, PORT_DMA = 0x70, PORT_INTR = 0x71, PORT_STOP = 0x72 };

/* GDT: selectors. 16-bit segments lie where real mode has them. */
enum {
    S_CODE32 = 0x08,
    S_DATA32 = 0x10,
    S_CODE16 = 0x18, /* base 8000 */
    S_DATA16 = 0x20, /* base C000 */
    S_STACK16 = 0x28,
    S_TABLE16 = 0x30,
    S_ALIAS16 = 0x38,
    S_CODE32_3 = 0x40,
    S_DATA32_3 = 0x48,
    S_CODE16_3 = 0x50,
    S_DATA16_3 = 0x58,
    S_STACK16_3 = 0x60,
    S_TABLE16_3 = 0x68,
    S_ALIAS16_3 = 0x70,
    S_TSS_A = 0x78,
    S_TSS_B = 0x80,
    S_SHORT = 0x88, /* data 0..C7FF, DPL 3 */
    S_DOWN = 0x90,  /* expand-down above C400, DPL 3 */
    S_GATE = 0x98,  /* to the handler of call gates */
    S_LAST = 0xa0
};

struct dice {
    uint64_t state;
};
uint32_t roll(struct dice *d, uint32_t below);
bool chance(struct dice *d, uint32_t in); /* one in `in` */
#define PICK(dice, array) ((array)[roll(dice, (uint32_t)(sizeof(array) / sizeof(array)[0]))])

/* What one round starts with: the same for all. */
enum mode { MODE_REAL, MODE_V86, MODE_PM16, MODE_PM32, MODE_COUNT };
enum looks { LOOK_NONE, LOOK_HOOK, LOOK_OBSERVER, LOOK_COSTS, LOOK_COUNT };
struct round {
    enum mode mode;
    unsigned ring;
    bool paging, wp;
    enum cpu_level level; /* 80386 without, SSE2 with a coprocessor */
    enum looks looks;
    struct i386_state state;
    uint8_t image[0x14000]; /* physical 0.. */
};
void round_make(struct round *r, struct dice *d); /* equal_code.c */
/* Nothing random: no code yet, EIP at CODE_AT, interrupts off, pages as in the picture. */
void round_plain(struct round *r, enum mode mode, unsigned ring, bool paging);

enum kind { PLAIN, STEP, RUN, DROP, KINDS };
struct world {
    enum kind kind;
    struct bus *bus;
    struct i386_cpu cpu;
    struct access_hook hook;
    struct cpu_observer observer;
    uint32_t device_reads;
    uint64_t wrote; /* digest of each physical write, in order */
    uint64_t seen;  /* digest of what hooks and observers were told */
    uint64_t unclaimed;
    bool dirty[PAGES];
    struct dice drops; /* for DROP alone */
};
struct world *world_new(enum kind kind);
void world_free(struct world *w);
void world_start(struct world *w, const struct round *r);
/* At most n steps, none from `until` clocks on. */
enum cpu_step world_run(struct world *w, uint64_t n, uint64_t until);
/* What the host does between runs; `what` and `value` are random. */
void world_host(struct world *w, uint32_t what, uint32_t value);
/* Have both the same past? `why` gets the first difference. */
bool world_equal(const struct world *a, const struct world *b, char *why, size_t room);
bool world_same_memory(const struct world *a, const struct world *b);

#endif
