/* kernel.h: the INtime kernel's own tables. Private to emu/intime.
 *
 * Memory, as the kernel lays it out:
 *
 *   physical   ram_base                                                      ram_base + ram_size
 *   |GDT|page directory|identity tables|IDT, idle TSS|code|texts| frames for pools ...          |
 *
 *   linear     256 MB .. 3840 MB: VSEGs in units of 4 MB, user
 *              3840 MB .. 3968 MB: the first 128 MB of RAM, supervisor: the kernel's own place
 *
 *   a VSEG     |-|64 KB: RSLs, blocks, maps, stacks (first fit, a guard page after each)|texts|
 *
 * One page directory for all processes; a page table belongs to one VSEG and is charged to its
 * pool.
 *
 * A call is a pair: vrfy_ checks everything, reserves host memory and changes nothing the guest can
 * see; impl_ cannot fail. Effects go to a queue that the machine drains.
 */
#ifndef RT386_INTIME_KERNEL_H
#define RT386_INTIME_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "excepts.h"
#include "intime.h"

enum rt_code {
#define RT_STATUS(symbol, value, text) symbol = value,
#include "rtstatus.def"
#undef RT_STATUS
};

#define PAGE            4096u
#define VSEG_UNIT       0x400000u
#define VSEG_FIRST      0x10000000u
#define VSEG_LAST       0xF0000000u /* first linear address after the VSEGs */
#define VSEG_MIN        0x800000u
#define KERNEL_BASE     0xF0000000u /* linear address of physical 0, for KERNEL_SIZE bytes */
#define KERNEL_SIZE     0x8000000u
#define VSEG_LOW_PAGE   16u /* dynamic areas start at 64 KB */
#define NO_FRAME        0xFFFFFFFFu
#define NO_PAGE         0xFFFFFFFFu
#define NEVER           UINT64_MAX
#define NAME_MAX_LEN    12u
#define PATH_BYTES      260u /* of a path or a long name, with its 0 */
#define TEXT_PAGES      2u
#define NULL_RTHANDLE   0u
#define BAD_RTHANDLE    0xFFFFu
#define WAIT_FOREVER    0xFFFFFFFFu
#define HIGH_TICK_US    10000u
#define MS_MAX          655349u
#define CBLOCK_SIZE     64u /* control block of an object */
#define TLS_SLOTS       64u
#define CONSOLE_CHUNK   4096u
#define PRIORITY_MAX    129u /* a new process's best priority, and its main thread's */
#define PRIORITY_WORST  254u
#define ROUND_ROBIN     140u /* threads from here on share the processor with their equals */
#define SLICE_US        50000u
#define FLAG_PRIORITY   1u /* of objects with a queue: by priority, else first come first served */
#define BYTE_LIMIT_MAX  0x100000u /* the largest size with a byte-granular limit */
#define MEMORY_AREA_END 0xFFFFFFFFu

/* Fixed GDT indexes. */
enum {
    SLOT_KERNEL_CS = 1,
    SLOT_KERNEL_DS = 2,
    SLOT_IDLE_TSS = 3,
    SLOT_THREAD_BLOCK = 4, /* FS of whichever thread runs */
    SLOT_ROOT = RT_ROOT_PROCESS >> 3,
    SLOT_IDLE_PROCESS = SLOT_ROOT + 1,
    SLOT_FAULT_MAILBOX = SLOT_ROOT + 2, /* HW_FAULT_MBX of the root process */
    SLOT_SYSINFO = SLOT_ROOT + 3,       /* RQSYSINFO */
    SLOT_CALL_GATE = RT_CALL_GATE_SEL >> 3
};

enum object_type {
    TYPE_NONE = 0,
    TYPE_PROCESS = 1,
    TYPE_THREAD = 2,
    TYPE_MAILBOX = 3,
    TYPE_SEMAPHORE = 4,
    TYPE_REGION = 5,
    TYPE_SEGMENT = 6,
    TYPE_PORT = 9,
    TYPE_HEAP = 10,
    TYPE_MODULE = 12,
    TYPE_ALARM = 13,
    TYPE_QUEUE = 14,
    TYPE_EXIT = 18 /* wait handle of a process: request.h */
};
enum object_subtype {
    SUBTYPE_NONE = 0,
    SUBTYPE_SEGMENT = 1,    /* memory handle */
    SUBTYPE_DESCRIPTOR = 2, /* data segment of a process */
    SUBTYPE_VSEG = 3,
    SUBTYPE_REFERENCE = 0x8000
};

enum slot_use { USE_FREE, USE_FIXED, USE_CODE, USE_OBJECT };

struct process;
struct thread;
struct module;
struct mailbox;
struct alarm;
struct heap;
struct queue;
struct message;
struct kn_region;

struct object {
    uint8_t use; /* enum slot_use */
    uint8_t type, subtype;
    bool reference;                 /* stands for an object of another node */
    bool counted;                   /* against the owner's object limit */
    uint16_t next_free, prev, next; /* free list; the owner's objects. 0 = end */
    uint16_t block_page;            /* index in owner->blocks, plus 1; 0 = no control block */
    uint8_t block;
    uint32_t generation; /* counts the lives of the slot */
    uint32_t off, size;  /* memory handle: in the owner's VSEG; size as the descriptor covers it */
    struct process *owner;
    struct process *process; /* TYPE_PROCESS, and segments that stand for one */
    struct thread *thread;
    struct module *module;
    bool by_priority;          /* order of its queue */
    uint16_t held_next;        /* region: what its holder took before; holder: thread */
    uint16_t units, units_max; /* semaphore */
    struct mailbox *mailbox;
    struct alarm *alarm;
    struct heap *heap;
    struct queue *queue;
    uint16_t ended; /* wait handle: of which process, once that is gone */
    uint32_t exit_code;
    uint16_t port_heap;   /* GDT index of the heap that a port uses; 0 = none */
    struct rt_segdef seg; /* what was put into the GDT */
};

struct frame {
    struct process *owner; /* who is charged; NULL = free */
    uint32_t refs;         /* page table entries that hold it, or 1 for the kernel's own use */
};

struct pool { /* in pages */
    uint32_t min, max;
    uint32_t held; /* min + borrowed */
    uint32_t used, lent;
};

#define PTE_P     1u
#define PTE_W     2u
#define PTE_U     4u
#define PTE_OWNED 0x200u /* an AVL bit: this entry holds a reference to its frame */
struct table {     /* a page table; the guest's copy is written from this one and never read */
    uint32_t phys; /* 0: not in use */
    unsigned live;
    uint32_t pte[1024];
};

enum area_kind { AREA_IMAGE, AREA_SYSTEM, AREA_ALLOC, AREA_SHARED, AREA_PHYS };
struct area { /* in pages of the VSEG */
    uint32_t page, count;
    uint8_t kind;
};

enum entry_status { ENTRY_FREE, ENTRY_VALID, ENTRY_WAITED };
struct entry {
    uint8_t status, length;
    char name[NAME_MAX_LEN];
    uint16_t handle;
    char *long_name; /* NULL: the short one is all */
};

struct blocks { /* one page of control blocks */
    uint32_t phys;
    uint64_t used;
};

struct export
{
    char *name;
    uint16_t ordinal;
    uint32_t off;
};
struct module {
    struct module *next;
    char *name;
    uint16_t handle;
    uint32_t base, size, entry;
    struct export *exports;
    size_t count;
};

enum quota_kind { QUOTA_OBJECTS, QUOTA_THREADS, QUOTAS };
struct quota {            /* limits.c */
    uint32_t limit, used; /* limit 0 = none */
};

#define FILES_MAX 64u /* open files of a process */
struct open_file {
    bool open;
    int32_t number; /* the port's */
    uint32_t flags; /* RT_FILE_... */
    uint32_t offset;
};

struct process {
    char name[16];
    bool alive, system; /* system: made at boot, not counted as an application */
    bool suspended;     /* loaded, waits for StartRtProcess */
    uint16_t handle, vseg, ds, cs;
    struct process *parent;
    struct pool pool;
    uint32_t base, size; /* VSEG */
    uint32_t text_off;
    struct table **tables;
    struct area *areas;
    unsigned area_count, area_room;
    char path[PATH_BYTES]; /* its current directory */
    struct entry *dir;
    uint32_t dir_size, dir_used;
    uint32_t objects; /* its own */
    struct quota quota[QUOTAS];
    uint16_t first_object;
    struct blocks *blocks;
    unsigned block_count, block_room;
    struct thread *threads;
    struct module *modules;
    uint64_t tls_used;
    uint32_t *kn_page, kn_count; /* pages that hold low-level objects */
    uint32_t callback[2];        /* called at the start and at the end of a thread; 0 = none */
    uint8_t max_priority;        /* the best that its threads may have */
    struct handler handler;      /* of exceptions, for its new threads and processes */
    uint32_t
        dispatcher; /* RslDispatchException of a program with the library inside; 0 = look in RtRsl.rsl */
    int argc;
    char *args; /* argc strings, one after the other */
    uint32_t args_size;
    struct open_file files[FILES_MAX];
};

enum wait_kind {
#define RT_WAIT(kind, state, late, at) WAIT_##kind,
#include "waits.def"
#undef RT_WAIT
};
struct thread {
    struct thread *next;       /* of the process */
    struct thread *next_ready; /* ready queue */
    bool queued;
    uint16_t handle;
    struct process *process;
    uint8_t priority, base; /* now, and as it was set */
    uint8_t depth;          /* suspensions */
    bool main;              /* a return from its entry function ends the process */
    bool leaving;           /* its last callback runs */
    uint8_t wait, stopped;  /* enum wait_kind; stopped: what its process's end broke off */
    uint64_t due, since;    /* since: order among equals */
    const struct row *wait_row;
    struct process *wait_dir;
    char wait_name[NAME_MAX_LEN];
    uint8_t wait_length;
    uint16_t held;                    /* the region taken last: GDT index; 0 = none */
    bool doomed;                      /* is deleted when it has left its regions */
    bool inside;                      /* of the C library when it was to be suspended or deleted */
    uint16_t wait_object, wait_units; /* GDT index of an exchange object; units of a semaphore */
    uint32_t wait_at;                 /* linear address of the low-level semaphore */
    struct message *message;          /* the long message that it sends */
    uint32_t wait_size;               /* room at wait_to */
    uint32_t wait_to, wait_count;     /* where in its process's memory the result goes */
    struct process *wait_process;     /* whose end or readiness */
    uint64_t limit;                   /* of a wait that an alarm may end before */
    uint32_t locks;                   /* it keeps the processor while it can run */
    unsigned kn_held;                 /* low-level regions */
    uint64_t created, ran, reset_at, reset_ran; /* accounting, in us */
    uint32_t tss;   /* physical: TSS at the start of the page, kernel stack at its end */
    uint32_t block; /* offset of the thread block, FS:0; the stack lies below */
    uint32_t stack_pages;
    uint32_t slice; /* microseconds left before an equal thread's turn */
    uint16_t last_error;
    bool faulted; /* suspended after an exception */
    struct handler handler;
    struct rt_fault fault[FAULTS_KEPT]; /* the youngest is before fault_next */
    uint8_t fault_next;
};

struct rt_kernel {
    struct rt_config config;
    struct rt_port port;
    struct rt_observer observer;
    uint64_t now;

    struct object *slot; /* by GDT index */
    uint32_t slots;
    uint16_t free_first, free_last;
    unsigned free_count;

    struct frame *frame;
    uint32_t frames, first_free; /* no free frame below first_free */
    uint32_t low_frames;         /* those below KERNEL_SIZE: usable by the kernel itself */

    uint32_t gdt, directory, idt, code, texts, idle_tss; /* physical */
    struct process *vseg_at[1024];                       /* by linear address >> 22 */

    struct process **process; /* in order of creation, dead ones included; [0] is the root */
    unsigned process_count, process_room;
    struct process *root, *idle;

    struct thread *ready, *current; /* current NULL: the idle thread */
    uint16_t running;               /* TSS selector in TR */
    uint32_t block_base;            /* base in SLOT_THREAD_BLOCK */
    uint64_t alarm, order;
    uint64_t slice_from; /* when the current thread got the processor, or its slice began anew */
    bool idle_told;
    bool accounting;
    uint64_t account_from; /* the running thread has been counted up to then */
    uint32_t sysinfo;      /* physical address of RQSYSINFO */

    uint64_t clock_base, tick_base; /* system time in us, and low-level ticks, at start */
    struct message *described;      /* long messages that wait to be fetched */
    uint32_t message_id;
    struct kn_region *kn_region; /* those in somebody's hands */
    unsigned kn_region_count;

    struct rt_effect *queue;
    unsigned queue_size, queue_head, queue_count;
    bool queue_lost, flush;
    struct mailbox *hw_faults; /* HW_FAULT_MBX until boot makes the object */
    struct handler hardware;   /* the system-wide one; kind NONE: config.on_fault */
    struct load *loads;        /* requests, oldest first */
    char *text;                /* CONSOLE_CHUNK bytes: text of the last effect */
    char line[512];
    char arguments[512];
    bool booted;
};

/* --- calls --- */
enum call_class { CLASS_RSL = 0x10, CLASS_NET = 0x18, CLASS_CLIB = 0x20 };
enum call_result {
    RESULT_BOOL,
    RESULT_HANDLE,
    RESULT_PTR,
    RESULT_ZERO,
    RESULT_ONES,
    RESULT_ONES64,
    RESULT_VOID
};
enum call_flags { FLAG_NONE = 0, FLAG_BLOCKS = 1, FLAG_NOERR = 2 };

struct call {
    const struct row *row;
    struct process *p;
    struct thread *t;
    uint16_t ds;     /* the caller's selector */
    uint32_t arg[8]; /* as the stub's caller pushed them; narrow kinds are cut already */
    enum rt_reach str_reach;
    bool str_long; /* longer than the buffer */
    unsigned str_length;
    char str[PATH_BYTES + 4];
    /* results */
    uint32_t eax, edx;
    bool blocked, ended;
    /* what vrfy_ found, for impl_ */
    struct object *object;
    struct process *target;
    struct area *area;
    uint32_t page, pages, frame, phys, off;
    struct thread *fresh;    /* host memory for a new thread */
    struct mailbox *mailbox; /* a new one */
    struct alarm *alarm;
    struct heap *heap;
    struct message *message;
    struct load *load;  /* a request to the loader */
    uint32_t status;    /* of a call that fails with results, or that only impl_ can tell */
    void *host;         /* what vrfy_ found out and impl_ needs; freed after the call */
    uint32_t result_in; /* EAX at the trap: what a returning thread hands over */
    uint32_t frame_lin; /* the call's frame on the kernel stack: EIP CS code ESP SS */
};
typedef uint32_t vrfy_fn(struct rt_kernel *k, struct call *c);
typedef void impl_fn(struct rt_kernel *k, struct call *c);
#define STATUS_MAX 10
struct row {
    uint8_t class, result, flags;
    uint16_t number;
    const char *name, *args, *page;
    uint16_t documented[STATUS_MAX], own[STATUS_MAX];
    vrfy_fn *vrfy; /* NULL: not there yet */
    impl_fn *impl;
};
extern const struct row rt_rows[];
extern const unsigned rt_row_count;
#define RT_CALL(class, number, name, result, flags, args, documented, own, page)                   \
    vrfy_fn vrfy_##name;                                                                           \
    impl_fn impl_##name;
#define RT_GAP(class, number, name, result)
#include "rtcalls.def"
#undef RT_CALL
#undef RT_GAP
/* EAX of a failed call. */
uint32_t row_failure(const struct row *row);
/* E_BAD_ADDR unless the caller may write there and RAM answers on every page. */
uint32_t call_writable(struct rt_kernel *k, uint32_t off, uint32_t n);
/* E_BAD_ADDR when the caller has loaded another DS than its process's: pointers that are used after the
 * call, when another thread runs, are offsets in the VSEG. */
uint32_t call_lasting(const struct call *c);
/* c->str = the string at `at` of the caller, as an argument of kind s. */
void call_string(struct rt_kernel *k, struct call *c, uint32_t at);
/* E_BAD_ADDR unless the caller may read there and memory answers on every page. */
uint32_t call_readable(struct rt_kernel *k, uint32_t off, uint32_t n);
/* A result into the caller's memory, which vrfy_ has checked. */
void call_put(struct rt_kernel *k, uint32_t off, const void *from, uint32_t n);
/* EAX and EDX of the running thread when it leaves the gate. */
void call_return(struct rt_kernel *k, uint32_t eax, uint32_t edx);
/* The string at `at`, each byte read once; false: it is not readable, or has no end within size. */
bool call_text(struct rt_kernel *k, uint32_t at, char *to, uint32_t size, enum rt_reach *reach);
/* Tells the observer of the end of a call; status of a finished one. */
void call_leave(struct rt_kernel *k, const struct row *row, const struct thread *t, uint32_t result,
                uint32_t status, bool blocked);

/* --- effects (kernel.c) --- */
struct rt_effect *fx_add(struct rt_kernel *k, enum rt_fx_kind kind);
void fx_flush(struct rt_kernel *k, struct rt_effects *fx);
void fx_translations(struct rt_kernel *k); /* an entry of a page table was taken away */
/* Text for an effect: cut to CONSOLE_CHUNK. */
const char *kernel_text(struct rt_kernel *k, const char *text);

/* --- physical memory of the kernel --- */
/* Where the kernel's linear space shows a byte of the first KERNEL_SIZE of RAM, and back. */
static inline uint32_t kernel_lin(uint32_t phys)
{
    return KERNEL_BASE + phys;
}
static inline uint32_t kernel_phys(uint32_t lin)
{
    return lin - KERNEL_BASE;
}
void phys_put(struct rt_kernel *k, uint32_t at, const void *from, uint32_t n);
void phys_put32(struct rt_kernel *k, uint32_t at, uint32_t value);
/* Bytes of what is no RAM read as FF, and the answer is false. */
bool phys_get(const struct rt_kernel *k, uint32_t at, void *to, uint32_t n);
void phys_zero(struct rt_kernel *k, uint32_t at, uint32_t n);

/* --- pool.c --- */
bool pool_can(const struct process *p, uint32_t pages);
uint32_t pool_available(const struct process *p); /* without borrowing */
uint32_t pool_reach(const struct process *p);     /* with borrowing */
/* Pages for the pool of a child; the caller has asked pool_can. */
void pool_lend(struct process *p, uint32_t pages);
void pool_take(struct process *p, uint32_t pages);
void pool_give(struct process *p, uint32_t pages);
/* Index of the first of `count` free frames in a row, the first a multiple of align bytes; below
 * `limit`. NO_FRAME. */
uint32_t frame_find(const struct rt_kernel *k, uint32_t count, uint32_t align, uint32_t limit);
/* Takes found frames, zeroed, charged to p, one reference each. */
void frame_take(struct rt_kernel *k, struct process *p, uint32_t first, uint32_t count);
/* One frame that the kernel itself can address; the caller has checked pool and frame_find. */
uint32_t frame_take_low(struct rt_kernel *k, struct process *p);
bool frame_low_free(const struct rt_kernel *k, uint32_t count);
void frame_hold(struct rt_kernel *k, uint32_t phys);
void frame_drop(struct rt_kernel *k, uint32_t phys);
bool frame_managed(const struct rt_kernel *k, uint32_t phys);
uint32_t frame_phys(const struct rt_kernel *k, uint32_t index);
uint32_t frame_largest(const struct rt_kernel *k);
/* p ends: its parent gets back what it lent, and takes over p's children and the frames of p that
 * others still map. */
void frame_orphans(struct rt_kernel *k, struct process *p);

/* --- limits.c --- */
bool quota_room(const struct process *p, enum quota_kind kind, uint32_t count);
void quota_take(struct process *p, enum quota_kind kind, uint32_t count);
void quota_give(struct process *p, enum quota_kind kind, uint32_t count);
/* What a child counts for in its parent. */
uint32_t quota_share(const struct process *child, enum quota_kind kind);

/* --- slots.c --- */
void slots_init(struct rt_kernel *k);
bool blocks_reserve(struct process *p, unsigned pages); /* host memory for control blocks */
/* Takes the slot out of the free list for good. */
void slot_fix(struct rt_kernel *k, uint16_t index, const struct rt_segdef *seg);
/* Can p make `count` more objects? E_OK, E_LIMIT, E_SLOT or E_MEM, in this order. extra_pages are
 * needed besides the control blocks. Reserves host memory. */
uint32_t object_room(struct rt_kernel *k, struct process *p, unsigned count, uint32_t extra_pages);
/* The same for objects that do not count against the limit. */
uint32_t slot_room(struct rt_kernel *k, struct process *p, unsigned count, uint32_t extra_pages);
/* Makes an object in the oldest free slot; room has been checked. seg is filled in by the caller
 * and published by object_publish. */
struct object *object_new(struct rt_kernel *k, struct process *p, enum object_type type,
                          enum object_subtype subtype, bool counted);
void object_publish(struct rt_kernel *k, struct object *o);
void object_delete(struct rt_kernel *k, struct object *o);
struct object *slot_code(struct rt_kernel *k, struct process *p); /* a slot without an object */
struct object *object_fixed(struct rt_kernel *k, struct process *p, uint16_t index,
                            enum object_type type);
uint32_t object_block(const struct object *o); /* linear address of the control block; 0 = none */
uint16_t object_handle(const struct rt_kernel *k, const struct object *o);
/* NULL: no such object. */
struct object *object_find(const struct rt_kernel *k, uint32_t handle);
/* E_EXIST (also for references, unless `remote` is the code to give), E_TYPE. */
uint32_t object_get(const struct rt_kernel *k, uint32_t handle, enum object_type type,
                    uint32_t remote, struct object **o);
/* NULL_RTHANDLE = the caller's process. */
uint32_t process_get(const struct rt_kernel *k, struct call *c, uint32_t handle, uint32_t remote);

/* --- memory.c --- */
/* Room for `pages` in the caller's VSEG (c->page, c->pages), with `frames` of new memory and the page tables:
 * E_OK, E_VMEM or E_MEM. */
uint32_t space_room(struct call *c, uint32_t pages, uint32_t frames);

/* --- vseg.c --- */
uint32_t vseg_place(const struct rt_kernel *k, uint32_t size); /* linear base; 0 = none */
uint32_t area_find(const struct process *p, uint32_t pages);   /* page or NO_PAGE */
uint32_t area_largest(const struct process *p);
struct area *area_at(const struct process *p, uint32_t page);
/* Host memory for one more area and for the tables of [page, page + pages). */
bool vseg_reserve(struct process *p, uint32_t page, uint32_t pages);
uint32_t vseg_new_tables(const struct process *p, uint32_t page, uint32_t pages);
void area_add(struct process *p, uint32_t page, uint32_t pages, enum area_kind kind);
void area_remove(struct process *p, struct area *a);
/* Maps consecutive frames from phys, or each page by the entries given. */
void vseg_map(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages, uint32_t phys,
              uint32_t bits);
void vseg_map_entries(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages,
                      const struct process *from, uint32_t from_page);
void vseg_unmap(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages);
void vseg_rights(struct rt_kernel *k, struct process *p, uint32_t page, bool writable);
uint32_t vseg_pte(const struct process *p, uint32_t page); /* 0: not present */
/* [off, off + size) inside the VSEG, size not 0. */
bool vseg_inside(const struct process *p, uint32_t off, uint32_t size);
bool vseg_mapped(const struct process *p, uint32_t off, uint32_t size);
bool vseg_writable(const struct process *p, uint32_t off, uint32_t size);
/* Bytes of a process by its own tables; false: some page, or the memory behind it, is not there. */
bool vseg_peek(const struct rt_kernel *k, const struct process *p, uint32_t off, void *to,
               uint32_t n);
bool vseg_poke(struct rt_kernel *k, const struct process *p, uint32_t off, const void *from,
               uint32_t n);
void vseg_free(struct rt_kernel *k, struct process *p);

/* --- sched.c --- */
void sched_ready(struct rt_kernel *k, struct thread *t); /* to the tail of its priority */
void sched_remove(struct rt_kernel *k, struct thread *t);
void sched_yield_current(struct rt_kernel *k);
/* The current thread waits; due NEVER: without limit. */
void sched_wait(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint64_t due);
/* Ends a wait: result into the saved registers, ready unless suspended. */
void sched_wake(struct rt_kernel *k, struct thread *t, uint32_t status, uint32_t eax);
void sched_priority(struct rt_kernel *k, struct thread *t, uint8_t priority);
void sched_commit(struct rt_kernel *k); /* the processor to the best thread */
void sched_settle(struct rt_kernel *k); /* the same, then alarm and idle report: ends every entry */
void sched_expire(struct rt_kernel *k);
void sched_slice(struct rt_kernel *k); /* time went on: the turn of an equal thread? */
uint64_t sched_tick_due(const struct rt_kernel *k, uint64_t tick_us, uint64_t ticks);
struct thread *thread_first(const struct rt_kernel *k);
struct thread *thread_after(const struct rt_kernel *k, const struct thread *t);

/* --- files.c --- */
void files_close(struct rt_kernel *k, struct process *p);

/* --- cliblock.c --- */
/* t is inside of the C library; the kernel will hear when it has left. */
bool library_protects(struct rt_kernel *k, struct thread *t);

/* --- directory.c, module.c --- */
/* The handle under that name, or NULL_RTHANDLE. */
uint16_t dir_get(const struct process *p, const char *name);
uint32_t dir_add(struct rt_kernel *k, struct process *p, const char *name, uint16_t handle);
bool dir_has(const struct process *p, const char *name); /* catalogued, not only waited for */
void dir_close(struct rt_kernel *k, struct process *p);  /* wakes waiters with E_EXIST */
void dir_unwait(struct rt_kernel *k, struct thread *t);  /* t no longer waits for a name */
void modules_free(struct process *p);
/* Offset in the VSEG of what a mapped module exports under that name; 0 = none. */
uint32_t module_export(const struct process *p, const char *module, const char *name);

/* --- account.c, path.c --- */
void account_count(struct rt_kernel *k);
void path_start(struct process *p);

/* --- sysinfo.c --- */
bool sysinfo_reserve(struct rt_kernel *k); /* host memory for the root's VSEG */
void sysinfo_make(struct rt_kernel *k);

/* --- rtstatus.c --- */
/* Offset of the text in the text pages. */
uint32_t status_text_off(uint32_t status);
/* The text pages: TEXT_PAGES * PAGE bytes. */
void status_fill(uint8_t *pages);
#define HANDLER_OFF    (TEXT_PAGES * PAGE - 96u) /* three pieces of code, 32 bytes each: handler.c */
#define HANDLER_SIZE   32u
#define FINISH_OFF     0u /* in the text pages: CALL EAX, then the trampoline */
#define TRAMPOLINE_OFF 2u /* where an entry function returns to */

#include "exchange.h"
#include "life.h"

#endif
