/* fake.h: a machine of host memory for tests of the INtime kernel: RAM, a GDT of segdefs, page
 * walks over what the kernel wrote, and the processor's part in a call and in a task switch. */
#ifndef RT386_TESTS_FAKE_H
#define RT386_TESTS_FAKE_H

#include <stdio.h>
#include <stdlib.h>

#include "bits.h"
#include "intime.h"
#include "kernel.h"

#define FAKE_RAM_BASE 0x100000u
#define FAKE_IMAGE    0x400000u /* 4 pages: code, data, data, read-only */
#define FAKE_DATA     0x401000u /* scratch for arguments' targets */
#define FAKE_STACK    0x402F00u /* where test calls push their arguments */
#define FAKE_RO       0x403000u

/* So much of what is repeated again and again: all, or one RT386_TEST_SHARE-th of it where each step is slow. */
static inline unsigned fake_share(unsigned times)
{
    const char *text = getenv("RT386_TEST_SHARE");
    unsigned share = text ? (unsigned)strtoul(text, NULL, 10) : 1;
    return share ? times / share : times;
}

struct fake {
    struct rt_kernel *k;
    uint8_t *ram;
    uint32_t ram_size;
    struct rt_segdef gdt[8192];
    bool present[8192];
    uint8_t shadow_gdt_dirty;
    struct rt_boot boot;
    uint16_t tr;
    uint64_t now, alarm;
    uint32_t eax, edx;
    uint16_t ds;   /* in DS at calls; 0 = the process's own */
    bool returned; /* EAX and EDX are those of the running thread */
    unsigned returns, switches, idles, ends, flushes, missing;
    uint32_t idle_code, end_code;
    uint8_t end_reason;
    uint16_t end_process;
    char text[4200];
    uint32_t reads;      /* user_read calls */
    uint8_t touched[64]; /* how often each byte from FAKE_STACK + 8 was read in this call */
    uint8_t *fetched;    /* if set: how often each byte of RAM was read by user_read */
    uint32_t *read_in, calls,
        twice;      /* if set: the call that read each byte last; a byte read twice */
    char seen[256]; /* arguments in words of the last call */
    uint32_t leave_status;
    bool leave_blocked;
    unsigned loads;           /* programs asked for */
    char load_args[4096];     /* arguments of the last one */
    uint32_t library_base;    /* where libraries want to be; 0: nowhere */
    uint16_t imr, in_service; /* of both 8259A */
    bool messages_masked, irq_comes;
    unsigned files_open; /* counted by the test's own port */
    bool loads_later;    /* requests wait until it is false again, and then for the next call */
    bool reload; /* the kernel is saved and loaded before each call, later before every 16th */
    unsigned betweens;
    bool walk;  /* the invariants are walked after each call, too */
    FILE *tell; /* gets each call and its status */
    /* Told, and does not return, when what the kernel does makes no sense; NULL: the test fails. */
    void (*unsound)(void *ctx, const char *text);
    void *unsound_ctx;
};

struct fake *fake_new(uint32_t ram_size, uint32_t slots);
/* With a low-level tick of so many us; 0: the default. */
struct fake *fake_new_tick(uint32_t ram_size, uint32_t slots, uint32_t tick_us);
void fake_free(struct fake *f);
/* Whether this run is that of the XM memory model. */
bool fake_xm(void);
#define CLASSIC_ONLY(why)                                                                          \
    if (fake_xm()) cr_skip_test(why)
/* Whether a descriptor's base reaches offset `off` of the process: its VSEG, or the same page in the part that
 * all address spaces share. */
bool fake_describes(struct fake *f, uint32_t base, const struct process *p, uint32_t off);
/* A process with the four image pages and a started main thread. */
uint16_t fake_process(struct fake *f, const struct rt_process_attr *attr);
/* The same for one that may not be possible: E_OK or why; nothing is left of it then. */
uint32_t fake_process_try(struct fake *f, const struct rt_process_attr *attr, uint16_t *handle);
uint16_t fake_app(struct fake *f); /* default attributes, big pool */
void fake_run(struct fake *f);     /* rt_kernel_schedule */
/* A module of the running process that is no library; its handle. */
uint16_t fake_module(struct fake *f, const char *name, uint32_t base,
                     const struct rt_export *exports, size_t count);
void fake_apply(struct fake *f, struct rt_effects *fx);
/* fake_loads.c: every request that waits is answered. */
void fake_answer_loads(struct fake *f);
/* A call of the current thread; returns EAX. `name` as in rtcalls.def. */
uint32_t fake_call(struct fake *f, const char *name, unsigned count, ...);
uint32_t fake_call_raw(struct fake *f, uint32_t code, uint32_t ebp);
void fake_time(struct fake *f, uint64_t now);
void fake_fault(struct fake *f, uint32_t vector, uint32_t error);
/* The same from an interrupt handler with the process's DS: one argument. */
uint32_t fake_handler(struct fake *f, const char *name, uint32_t argument);
/* The kernel's code for a shared vector asks for the handler behind `cursor`: eight words. */
void fake_chain(struct fake *f, uint8_t vector, uint32_t cursor, uint32_t room[8]);
void fake_fault_at(struct fake *f, uint32_t vector, uint32_t error, uint16_t cs);
uint32_t fake_last(struct fake *f); /* GetLastRtError */
void fake_put(struct fake *f, uint32_t off, const void *from, uint32_t n);
void fake_get(struct fake *f, uint32_t off, void *to, uint32_t n);
uint32_t fake_string(struct fake *f, const char *text); /* at FAKE_DATA + 0x800 */
const struct row *fake_row(const char *name);
/* The kernel becomes another one, loaded from a snapshot of it. */
void fake_reload(struct fake *f);
void fake_between(struct fake *f); /* the same, in a run of the tests with RT386_TEST_SNAP */
/* A test that keeps pointers into the kernel, or counts the host's memory, is none for that run. */
#define HOLDS_POINTERS() unsetenv("RT386_TEST_SNAP")
/* The kernel's invariants and: every live slot has the descriptor the kernel means. */
const char *fake_check(struct fake *f);

#define CALL0(f, name)          fake_call(f, name, 0)
#define CALL1(f, name, a)       fake_call(f, name, 1, (uint32_t)(a))
#define CALL2(f, name, a, b)    fake_call(f, name, 2, (uint32_t)(a), (uint32_t)(b))
#define CALL3(f, name, a, b, c) fake_call(f, name, 3, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c))
#define CALL4(f, name, a, b, c, d)                                                                 \
    fake_call(f, name, 4, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d))
#define CALL5(f, name, a, b, c, d, e)                                                              \
    fake_call(f, name, 5, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d), (uint32_t)(e))
#define CALL6(f, name, a, b, c, d, e, g)                                                           \
    fake_call(f, name, 6, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d),              \
              (uint32_t)(e), (uint32_t)(g))

#endif
