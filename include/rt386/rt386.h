/* rt386.h: the public interface of librt386, an i386 system emulator with an embedded INtime
 * kernel.
 *
 *   rt386_create -> rt386_load_... -> rt386_run (again and again) -> rt386_destroy
 *
 * Three kinds of result are never mixed:
 *   rt386_status  you misused this interface, or the host ran out of something
 *   rt386_fault   the guest did something that the architecture refuses
 *   rt386_exit    why a run ended
 *
 * Every structure that the caller fills starts with its size; zero means default. Nothing here is
 * global; two machines in one process do not meet. A machine is used by one thread at a time.
 * Observers only look: calling back into the machine from one, except for the reading functions, is
 * refused.
 */
#ifndef RT386_RT386_H
#define RT386_RT386_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rt386/i386.h>
#include <rt386/intime.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RT386_API __attribute__((visibility("default")))

#define RT386_VERSION_MAJOR 0
#define RT386_VERSION_MINOR 1
#define RT386_VERSION_PATCH 0
RT386_API const char *rt386_version(void); /* "0.1.0" */

typedef enum rt386_status {
    RT386_OK = 0,
    RT386_E_ARG,      /* an argument is out of its documented range */
    RT386_E_NOMEM,    /* the host has no memory */
    RT386_E_CLASH,    /* the address range is taken */
    RT386_E_NOTFOUND, /* no such file, register or entry */
    RT386_E_FORMAT,   /* the file is refused; rt386_error says why */
    RT386_E_IO,       /* the host could not read or write */
    RT386_E_STATE,    /* not possible now (e.g. loading a second kernel image) */
    RT386_E_RANGE     /* guest address not mapped or not memory */
} rt386_status;
RT386_API const char *rt386_status_text(rt386_status status);

/* ---- faults ------------------------------------------------------------------------------- */

/* rule ids run from 1 to rt386_rule_count() - 1. */
RT386_API unsigned rt386_rule_count(void);
RT386_API rt386_rule_info rt386_rule(unsigned rule);
RT386_API const char *rt386_vector_mnemonic(unsigned vector); /* "#GP" */
RT386_API const char *rt386_vector_name(unsigned vector);     /* "general protection" */

/* ---- why a run ended ------------------------------------------------------------------------- */

typedef enum rt386_exit_kind {
    RT386_EXIT_BUDGET, /* the instruction budget is used up; or the guest only faults: fault */
    RT386_EXIT_GUEST,  /* the guest ended itself: code */
    RT386_EXIT_FAULT,  /* an INtime process ended by a hardware fault that nobody handled: fault */
    RT386_EXIT_TRIPLE_FAULT,  /* shutdown: chain */
    RT386_EXIT_HALT,          /* HLT with interrupts off and nothing that could wake it */
    RT386_EXIT_DEADLOCK,      /* every INtime thread waits for ever */
    RT386_EXIT_SHUTDOWN_PORT, /* "Shutdown" written to port 0x8900 */
    RT386_EXIT_MISSING_CALL,  /* an INtime call that is not there: text names it */
    RT386_EXIT_STOPPED,       /* rt386_stop was called */
    RT386_EXIT_TIME,          /* virtual time limit reached */
    RT386_EXIT_EXCEPTION, /* an INtime process ended by a software exception that nobody took: code */
    RT386_EXIT_DIVERGED, /* a replay has gone another way than the trace: text */
    RT386_EXIT_BREAK     /* at a breakpoint or watchpoint: breaks.h */
} rt386_exit_kind;

typedef struct rt386_exit {
    rt386_exit_kind kind;
    uint32_t code;        /* GUEST: exit code (32 bits); HALT: last POST code if a port is set */
    rt386_fault fault;    /* FAULT; BUDGET of a guest that only faults */
    rt386_fault chain[3]; /* TRIPLE_FAULT: the first fault and the last two */
    unsigned chain_length;
    uint64_t insns;   /* instructions retired since creation */
    uint64_t clocks;  /* virtual time in clocks since creation */
    char process[16]; /* INtime: name of the process concerned, or "" */
    char text[160];   /* one sentence for people */
} rt386_exit;

/* ---- life --------------------------------------------------------------------------------------
 */

typedef struct rt386 rt386;

typedef enum rt386_log_level {
    RT386_LOG_ERROR,
    RT386_LOG_WARN,
    RT386_LOG_GUEST,
    RT386_LOG_INFO,
    RT386_LOG_DEBUG
} rt386_log_level;

/* What an instruction leaves where the 80386 manual of 1986 leaves it undefined (docs/adr/0004). */
typedef enum rt386_undefined {
    RT386_UNDEFINED_CHIP,      /* as measured on 80386 parts, where that is known */
    RT386_UNDEFINED_DOCUMENTED /* as it was; encodings that the manual does not have are #UD */
} rt386_undefined;

/* Which processor; each has all of the one before it (docs/profile.md, docs/adr/0051). */
typedef enum rt386_cpu {
    RT386_CPU_AUTO, /* RT386_CPU_SSE2 for INtime programs, RT386_CPU_386 for all other guests */
    RT386_CPU_386,
    RT386_CPU_486,
    RT386_CPU_PENTIUM,
    RT386_CPU_P6,  /* with MMX and FXSAVE: Pentium II */
    RT386_CPU_SSE2 /* Pentium 4 */
} rt386_cpu;

typedef struct rt386_config {
    size_t size;        /* sizeof(rt386_config) */
    uint32_t memory;    /* bytes of RAM at physical 0; multiple of 1 MB, 1 MB..2 GB; 0 = 32 MB */
    uint64_t clock_hz;  /* virtual clock; 0 = 33,000,000 */
    uint32_t post_port; /* port whose bytes are POST codes; 0 = none */
    bool strict_ports;  /* reserved; must be false */
    /* console text of the guest (E9, COM1, INtime stdout), as it comes */
    void (*console)(void *ctx, const char *bytes, size_t n);
    void *console_ctx;
    void (*log)(void *ctx, rt386_log_level level, const char *category, const char *text);
    void *log_ctx;
    rt386_log_level log_max;
    void (*post)(void *ctx, uint32_t code);
    void *post_ctx;
    /* What Intel's clock counts take to be absent, in clocks, 0..255 each; 0: nothing is added. The
     * accesses meant are those of operands, stacks and system tables, not fetches nor ports. Any of
     * them makes the run slower (docs/clocks.md). */
    uint32_t wait_states; /* for each bus cycle of an access */
    uint32_t
        misaligned_clocks; /* for each bus cycle more than an aligned one takes; on the chip 2 */
    uint32_t page_walk_clocks; /* for each page of an access while paging is on */
    rt386_on_fault on_fault;
    bool
        missing_fails; /* a call that is not there fails (E_NOT_CONFIGURED) instead of ending the run */
    rt386_undefined undefined;
    /* INtime's system time when the run begins: seconds since 1 January 1978; 0 = 1 January 2000. It
     * goes on with virtual time, never with the host's. */
    uint64_t start_time;
    uint32_t kernel_tick_us; /* INtime's low-level tick, 50..10000 us that divide 10000; 0 = 500 */
    rt386_cpu cpu;
    /* Called when no guest has anything to do until virtual time `us`, microseconds since creation: it may wait, and tells
     * how far it has got; less than `us` after a request to stop or to end. It may not run the machine. NULL: idle time
     * is skipped. */
    uint64_t (*idle)(void *ctx, uint64_t us);
    void *idle_ctx;
} rt386_config;

RT386_API rt386_status rt386_create(const rt386_config *config, rt386 **machine);
RT386_API void rt386_destroy(rt386 *machine);
/* Another choice than that of the configuration, from the next instruction on. */
RT386_API rt386_status rt386_undefined_set(rt386 *machine, rt386_undefined undefined);
/* The sentence that goes with the last status other than RT386_OK; "" if there was none. */
RT386_API const char *rt386_error(const rt386 *machine);

/* ---- guests ------------------------------------------------------------------------------------
 */

typedef enum rt386_image_kind {
    RT386_IMAGE_AUTO,
    RT386_IMAGE_ELF,
    RT386_IMAGE_PE,
    RT386_IMAGE_MULTIBOOT,
    RT386_IMAGE_BOOT,
    RT386_IMAGE_RAW,
    RT386_IMAGE_BIOS
} rt386_image_kind;

typedef struct rt386_load_options {
    size_t size;
    rt386_image_kind kind; /* AUTO: by content. BIOS is never chosen by AUTO */
    uint32_t raw_base; /* RAW: load and start address (flat 32-bit protected mode); 0 = 0x100000 */
    const char *name;  /* NULL: file name without folder */
    int argc;          /* arguments after argv[0] (multiboot: the command line) */
    const char *const *argv;
    /* INtime process attributes (loader switches -pmin -pmax -vseg -odir); 0 = default */
    uint32_t pool_min, pool_max, vseg_size, dir_size, object_limit;
    bool executable_ds;    /* -odseg */
    bool xm;               /* -xm: the XM memory model; vseg_size means nothing then */
    uint32_t thread_limit; /* 0 = none */
} rt386_load_options;

/* INtime programs (.rta, or ELF with the INtime note): each call adds a process. Anything else: one
 * image a machine. The file's bytes are copied. options may be NULL. */
RT386_API rt386_status rt386_load_file(rt386 *machine, const char *path,
                                       const rt386_load_options *options);
RT386_API rt386_status rt386_load_bytes(rt386 *machine, const void *bytes, size_t n,
                                        const rt386_load_options *options);

/* Files of INtime programs are those below the folder `path`, and no others: no absolute paths, no "..", no links.
 * Before the first run; without it there are no files. RT386_E_NOTFOUND, RT386_E_IO, RT386_E_STATE (a second one). */
RT386_API rt386_status rt386_share_folder(rt386 *machine, const char *path, bool read_only);
/* One more folder in which INtime programs find libraries (RSLs) that are not beside them; in the order of the calls.
 * RT386_E_NOTFOUND. */
RT386_API rt386_status rt386_rsl_folder(rt386 *machine, const char *path);
/* INtime programs have sockets, on the host's loopback (127.0.0.0/8) and nowhere else; without it there is no network. While
 * one has a socket, idle time passes as the host's does, so runs repeat only as far as the network does. Before the first
 * file: else RT386_E_STATE. */
RT386_API rt386_status rt386_share_loopback(rt386 *machine);
/* "NAME=VALUE": a variable of the environment that all INtime programs of the machine see; 32 KB in all. */
RT386_API rt386_status rt386_environment_add(rt386 *machine, const char *text);

/* A device that raises an interrupt line of the two 8259A at fixed virtual times. */
typedef struct rt386_irq_source {
    size_t size;
    uint8_t vector;    /* not 0: a message-signalled interrupt (INtime only), 16..254; line is 0 */
    uint8_t line;      /* 0..15, not 2 */
    bool spurious;     /* line 7 or 15: the request has gone when the processor acknowledges it */
    uint64_t at_us;    /* virtual microseconds since creation */
    uint64_t every_us; /* 0: once */
    uint64_t times;    /* in all; 0: without end */
} rt386_irq_source;
/* Before the first run or between runs; at most 16. The line stays up until it is acknowledged. RT386_E_ARG. */
RT386_API rt386_status rt386_irq_add(rt386 *machine, const rt386_irq_source *source);

/* ---- running ------------------------------------------------------------------------------------
 */

/* At most `insns` more instructions (0 = no limit) and until virtual clock `until` (0 = no limit). With a limit of instructions
 * and none of time, 100,000 exceptions in a row behind which no instruction has retired end it as well: the exit is BUDGET,
 * and its `fault` the last of them. */
RT386_API rt386_status rt386_run(rt386 *machine, uint64_t insns, uint64_t until, rt386_exit *why);
/* From a signal handler or an observer: the run ends at the next instruction boundary. */
RT386_API void rt386_stop(rt386 *machine);
/* Likewise, but INtime programs are asked: those with a mailbox R?EXIT_MBOX get TERMINATE and the run goes on until
 * they have ended, those without end at once. When no program has one, this is rt386_stop. */
RT386_API void rt386_terminate(rt386 *machine);
RT386_API uint64_t rt386_insns(const rt386 *machine);
RT386_API uint64_t rt386_clocks(const rt386 *machine);

/* ---- registers and memory
 * ------------------------------------------------------------------------ */

/* By name, as in the state listing: "eax", "cs", "cs_base", "cr0", "eflags" ... */
RT386_API rt386_status rt386_reg_get(const rt386 *machine, const char *name, uint64_t *value);
RT386_API rt386_status rt386_reg_set(rt386 *machine, const char *name, uint64_t value);
/* The names in their order; NULL past the end. *bits may be NULL. */
RT386_API const char *rt386_reg_name(unsigned index, unsigned *bits);

RT386_API rt386_seg rt386_seg_get(const rt386 *machine, rt386_segreg reg);
/* Architectural: all checks at the present CPL, as MOV would. Not CS, LDTR, TR. */
RT386_API rt386_fault rt386_seg_load(rt386 *machine, rt386_segreg reg, uint16_t selector);
/* Selector and hidden part as given. */
RT386_API rt386_status rt386_seg_poke(rt386 *machine, rt386_segreg reg, const rt386_seg *seg);

typedef enum rt386_space { RT386_PHYS, RT386_LINEAR, RT386_LOGICAL } rt386_space;
typedef struct rt386_addr {
    rt386_space space;
    rt386_segreg seg; /* LOGICAL only */
    uint32_t at;
} rt386_addr;
/* Without effect on devices or A/D bits; all or nothing (RT386_E_RANGE). LOGICAL and LINEAR go
 * through the present segment cache and page tables, without rights checks. */
RT386_API rt386_status rt386_peek(const rt386 *machine, rt386_addr at, void *to, size_t n);
RT386_API rt386_status rt386_poke(rt386 *machine, rt386_addr at, const void *from, size_t n);

/* ---- descriptors and tables
 * ------------------------------------------------------------------------ */

RT386_API rt386_desc rt386_desc_decode(const uint8_t bytes[8]);

typedef enum rt386_table { RT386_GDT, RT386_LDT, RT386_IDT } rt386_table;
typedef struct rt386_table_info {
    bool valid; /* false: no LDT loaded, or not readable */
    uint32_t base, limit;
    unsigned entries; /* whole entries inside the limit */
} rt386_table_info;
RT386_API rt386_table_info rt386_table_get(const rt386 *machine, rt386_table table);
/* RT386_E_NOTFOUND: outside the table; RT386_E_RANGE: not readable. owner (may be NULL, 64 bytes):
 * what the INtime kernel keeps in this GDT slot, or "". */
RT386_API rt386_status rt386_table_entry(const rt386 *machine, rt386_table table, unsigned index,
                                         rt386_desc *desc, char *owner);

RT386_API rt386_walk rt386_page_walk(const rt386 *machine, uint32_t linear);

/* ---- explanations
 * ---------------------------------------------------------------------------------- */

/* What loading `selector` into `reg` now would check, without doing it (CS: as a far JMP). */
RT386_API rt386_status rt386_explain_load(const rt386 *machine, rt386_segreg reg, uint16_t selector,
                                          rt386_explanation *out);
/* What an access of n bytes at seg:offset now would check: segment, then pages. */
RT386_API rt386_status rt386_explain_access(const rt386 *machine, rt386_segreg reg, uint32_t offset,
                                            unsigned n, rt386_access access,
                                            rt386_explanation *out);

/* The checks behind the fault of an INtime thread, made again with its registers on tables and pages as they are now:
 * of the refused access, or of the refused selector, whose RPL is taken to be the highest that gives this fault.
 * RT386_E_NOTFOUND: it was neither, or what refused is not there any more. */
RT386_API rt386_status rt386_explain_thread_fault(const rt386 *machine,
                                                  const rt386_thread_fault *fault,
                                                  rt386_explanation *out);

/* Of an INtime thread, as it is, or as it will be when the thread runs. False: the handle is no thread's. */
RT386_API bool rt386_thread_coprocessor(const rt386 *machine, uint16_t thread,
                                        rt386_coprocessor *out);

/* ---- observers
 * ------------------------------------------------------------------------------------- */

typedef struct rt386_insn_event {
    uint16_t cs;
    uint32_t eip, linear;
    uint8_t bytes[15];
    uint8_t length;
    bool code32;
    const char *symbol;     /* name that covers EIP: a symbol, else the module; NULL: neither */
    uint32_t symbol_offset; /* behind its start */
    rt386_cpu cpu;          /* which reads these bytes; never RT386_CPU_AUTO */
} rt386_insn_event;
typedef struct rt386_mem_event {
    rt386_segreg seg;
    uint32_t offset, linear;
    unsigned size;
    rt386_access access;
    uint32_t value;
} rt386_mem_event;
typedef struct rt386_table_event { /* a GDT entry written by the INtime kernel */
    uint16_t selector;
    uint32_t linear;
    rt386_desc before, after;
    char owner[64];
} rt386_table_event;
typedef struct rt386_event_event { /* an exception or interrupt being delivered */
    uint8_t vector;
    char source; /* 'f' fault, 't' trap, 's' software, 'x' external */
    rt386_fault fault;
    /* the refused memory access, when the rule was about one */
    bool has_access;
    rt386_segreg seg;
    uint32_t offset;
    unsigned size;
    rt386_access access;
} rt386_event_event;
typedef struct rt386_observer {
    size_t size;
    void *ctx;
    void (*insn)(void *ctx, const rt386_insn_event *event); /* before it executes */
    void (*mem)(void *ctx, const rt386_mem_event *event);
    void (*segload)(void *ctx, const rt386_explanation *event); /* every selector resolved */
    void (*event)(void *ctx, const rt386_event_event *event);
    void (*call)(void *ctx, const rt386_call_event *event); /* INtime calls, both ways */
    void (*table)(void *ctx, const rt386_table_event *event);
    void (*task)(void *ctx, uint16_t from, uint16_t to);
    void (*io)(void *ctx, uint16_t port, unsigned size, bool out, uint32_t value);
    void (*process)(void *ctx, uint16_t handle, const char *name, bool started, uint32_t code);
    void (*fault)(void *ctx, const rt386_thread_fault *event); /* INtime: nobody took it */
} rt386_observer;
/* One observer; NULL takes it off. Copied. Costs nothing where members are NULL. */
RT386_API rt386_status rt386_observe(rt386 *machine, const rt386_observer *observer);

/* ---- looking at files without a machine
 * ---------------------------------------------------------------- */

typedef struct rt386_file_segment {
    char name[12];
    uint32_t vaddr, file_size, mem_size;
    bool writable, executable;
} rt386_file_segment;
typedef struct rt386_file_import {
    char module[64], name[96]; /* name "" = by ordinal */
    uint16_t ordinal;
    bool known; /* this build supplies it */
} rt386_file_import;
typedef struct rt386_file rt386_file;
/* err: one sentence on failure. */
RT386_API rt386_status rt386_file_open(const char *path, rt386_file **file, char *err,
                                       size_t err_size);
RT386_API void rt386_file_close(rt386_file *file);
typedef struct rt386_file_info {
    const char *kind; /* "PE32 i386 executable", "multiboot kernel (ELF32)" ... */
    bool intime;
    uint32_t entry, base, size;
    uint16_t version_major, version_minor;
    uint32_t stack_reserve, heap_reserve;
    unsigned segments, imports, exports, symbols, relocs;
    bool has_tls;
} rt386_file_info;
RT386_API rt386_file_info rt386_file_describe(const rt386_file *file);
RT386_API bool rt386_file_segment_at(const rt386_file *file, unsigned index,
                                     rt386_file_segment *out);
RT386_API bool rt386_file_import_at(const rt386_file *file, unsigned index, rt386_file_import *out);
/* The symbol that covers an address of the file as it is linked, and how far behind its start that is; NULL: none. The
 * name is the file's, so it may hold any bytes but 0. */
RT386_API const char *rt386_file_symbol(const rt386_file *file, uint32_t address, uint32_t *behind);

/* ---- INtime views
 * -------------------------------------------------------------------------------------- */

RT386_API bool rt386_intime_process(const rt386 *machine, unsigned index, rt386_process *out);
/* False: no object has that handle. */
RT386_API bool rt386_intime_object(const rt386 *machine, uint16_t handle, rt386_object *out);
/* The names of a process in their order; false past the last. */
RT386_API bool rt386_intime_name(const rt386 *machine, uint16_t process, unsigned index,
                                 rt386_dir_entry *out);
/* Ready threads, the running one first, or those that wait; 0 past the end. */
RT386_API uint16_t rt386_intime_thread(const rt386 *machine, bool sleeping, unsigned index);
RT386_API bool rt386_intime_interrupt(const rt386 *machine, unsigned index, rt386_interrupt *out);
/* What is mapped at an offset of a process; false: no module is. */
RT386_API bool rt386_intime_module(const rt386 *machine, uint16_t process, uint32_t offset,
                                   rt386_module *out);
/* The symbol of the process's program that covers an offset, and how far behind its start that is; NULL: none. */
RT386_API const char *rt386_intime_symbol(const rt386 *machine, uint16_t process, uint32_t offset,
                                          uint32_t *behind);
/* Calls that were made and are not there, in order of their first time; false past the end. At most
 * RT386_MISSING_MAX different ones are kept. */
#define RT386_MISSING_MAX 256u
RT386_API bool rt386_missing_at(const rt386 *machine, unsigned index, rt386_missing_call *out);
RT386_API unsigned rt386_intime_free_slots(const rt386 *machine); /* 0 without INtime */
/* "E_SLOT" / its text; never NULL. */
RT386_API const char *rt386_intime_status_name(uint32_t status);
RT386_API const char *rt386_intime_status_text(uint32_t status);

#ifdef __cplusplus
}
#endif

#endif
