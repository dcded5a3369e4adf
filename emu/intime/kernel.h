/* kernel.h: the INtime kernel's own tables. Private to emu/intime. Its parts: call.h (calls), memory.h
 * (frames, pools, VSEGs), object.h (objects, slots), notify.h (events), exchange.h, life.h.
 *
 * Memory, as the kernel lays it out:
 *
 *   physical   ram_base                                                      ram_base + ram_size
 *   |GDT|page directory|identity tables|IDT, idle TSS|code|texts| frames for pools ...          |
 *
 *   linear     256 MB .. 3840 MB: VSEGs in units of 4 MB, user
 *              3840 MB .. 3968 MB: the first 128 MB of RAM, supervisor: the kernel's own place
 *              3968 MB .. 4092 MB: what descriptors of XM processes describe, user (shared.c)
 *
 *   a VSEG     |-|64 KB: RSLs, blocks, maps, stacks (first fit, a guard page after each)|texts|
 *
 * One page directory for all classic processes, and one for each XM process, whose memory is 0 .. 3840 MB
 * of it; what lies above is the same in all. A page table belongs to one process and is charged to its pool.
 *
 * A call is a pair: vrfy_ checks everything, reserves host memory and changes nothing the guest can
 * see; impl_ cannot fail. Effects go to a queue that the machine drains.
 */
#ifndef RT386_INTIME_KERNEL_H
#define RT386_INTIME_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"
#include "excepts.h"
#include "interrupt.h"
#include "intime.h"
#include "memory.h"
#include "notify.h"
#include "object.h"

enum rt_code {
#define RT_STATUS(symbol, value, text) symbol = value,
#include "rtstatus.def"
#undef RT_STATUS
};

#define NEVER          UINT64_MAX
#define NAME_MAX_LEN   12u
#define TEXT_PAGES     2u
#define NULL_RTHANDLE  0u
#define BAD_RTHANDLE   0xFFFFu
#define WAIT_FOREVER   0xFFFFFFFFu
#define HIGH_TICK_US   10000u
#define MS_MAX         655349u
#define TLS_SLOTS      64u
#define CONSOLE_CHUNK  4096u
#define PRIORITY_MAX   129u /* a new process's best priority, and its main thread's */
#define PRIORITY_WORST 254u
#define ROUND_ROBIN    140u /* threads from here on share the processor with their equals */
#define SLICE_US       50000u

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

struct process;
struct thread;
struct module;
struct mailbox;
struct message;
struct kn_region;
struct socket;
struct net_request;
struct request;

enum entry_status { ENTRY_FREE, ENTRY_VALID, ENTRY_WAITED };
struct entry {
    uint8_t status, length;
    char name[NAME_MAX_LEN];
    uint16_t handle;
    char *long_name; /* NULL: the short one is all */
};

#define FIRST_FD  3u  /* 0, 1 and 2 are the console, in the C library */
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
    uint16_t ring0_cs; /* its VSEG as code of interrupt handlers; 0: none yet */
    struct process *parent;
    struct pool pool;
    uint32_t base, size; /* VSEG */
    bool xm;
    uint32_t directory; /* physical: its page directory */
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
    uint32_t module_serial;
    bool strict_rsl;          /* a library of another folder is another one, whatever its name */
    struct thread *rsl_owner; /* who loads or frees libraries; NULL: nobody */
    uint32_t rsl_depth;
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
    struct socket *sockets; /* SOCKETS_MAX of them (net.h); NULL: it never had one */
    struct events events;
};

enum wait_kind {
#define RT_WAIT(kind, state, late, at) WAIT_##kind,
#include "waits.def"
#undef RT_WAIT
    WAIT_KINDS
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
    uint8_t leaving;        /* how many of its last callbacks have been called: thread.c */
    uint8_t wait, stopped;  /* enum wait_kind; stopped: what its process's end broke off */
    uint64_t due, since;    /* since: order among equals */
    const struct row *wait_row;
    struct process *wait_dir;
    char wait_name[NAME_MAX_LEN];
    uint8_t wait_length;
    uint16_t held; /* the region taken last: GDT index; 0 = none */
    bool doomed;   /* is deleted when it has left its regions */
    bool hurried;  /* has the priority of one who waits for the lock of the C library */
    bool inside;   /* of the C library when it was to be suspended or deleted */
    uint16_t wait_object, wait_units; /* GDT index of an exchange object; units of a semaphore */
    uint64_t wait_at;                 /* low-level object: kn.h */
    struct message *message;          /* the long message that it sends */
    struct net_request *net;          /* the socket call that it waits in */
    struct request *request;          /* what it waits for at a service: service.h */
    uint32_t wait_size;               /* room at wait_to */
    uint32_t wait_to, wait_count;     /* where in its process's memory the result goes */
    struct process *wait_process;     /* whose end or readiness */
    bool force;         /* TerminateRtProcess: delete it when it does not end by itself */
    uint32_t notify;    /* kinds of events that RtNotifyEvent waits for */
    bool handles;       /* events: the thread of RegisterRtEventHandler waits for one */
    struct event event; /* which its handlers are being called for */
    unsigned event_at;  /* the handler after the last one called */
    struct dependency *dependency;              /* which it waits to make */
    uint64_t limit;                             /* of a wait that an alarm may end before */
    uint32_t locks;                             /* it keeps the processor while it can run */
    unsigned kn_held;                           /* low-level regions */
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
    struct interrupt *interrupt; /* an interrupt thread's; NULL: it is none */
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
    struct shared *shared;

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
    struct interrupt interrupt[INTERRUPTS];
    uint16_t lines_masked; /* as the controllers have it */
    bool messages_masked;
    uint32_t
        space; /* page directory that the entry points are made for: that of the running thread */
    uint16_t message_level;   /* of the handler of a message that runs; 0: none */
    unsigned chain_locks;     /* handlers of shared lines and messages run: nobody is switched to */
    struct thread in_handler; /* stands for the caller of an interrupt handler's calls */
    struct kn_region *kn_region; /* those in somebody's hands */
    unsigned kn_region_count;

    struct rt_effect *queue;
    unsigned queue_size, queue_head, queue_count;
    bool queue_lost, flush;
    struct mailbox *hw_faults; /* HW_FAULT_MBX until boot makes the object */
    struct handler hardware;   /* the system-wide one; kind NONE: config.on_fault */
    struct load *loads;        /* requests, oldest first */
    struct sponsor *sponsors;
    struct dependency *dependencies;
    uint8_t
        *packet; /* NET_CHUNK bytes that come from a socket; NULL: none has been asked for yet */
    char *text;  /* CONSOLE_CHUNK bytes: text of the last effect */
    char line[512];
    char arguments[512];
    bool booted;
};

/* --- kernel.c --- */
/* A kernel with room for everything that its configuration fixes, and nothing in it; NULL: no host memory. */
struct rt_kernel *kernel_room(const struct rt_config *config, const struct rt_port *port);

/* --- effects (kernel.c) --- */
struct rt_effect *fx_add(struct rt_kernel *k, enum rt_fx_kind kind);
void fx_flush(struct rt_kernel *k, struct rt_effects *fx);
void fx_translations(struct rt_kernel *k); /* an entry of a page table was taken away */
/* Text for an effect: cut to CONSOLE_CHUNK. */
const char *kernel_text(struct rt_kernel *k, const char *text);

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

/* --- net.c, netwait.c: more in net.h --- */
void net_close_all(struct rt_kernel *k, struct process *p);
void net_forget(struct thread *t); /* the call that it waits in, if any */
/* Those who wait for the network and need wait no longer go on. */
void net_poll(struct rt_kernel *k);
void net_expire(struct rt_kernel *k, struct thread *t); /* its time is up */

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

/* --- location.c --- */
#define LOCATION_THIS 0u /* whichever node the caller's is */
#define LOCATION_NODE 1u
bool location_here(uint32_t location); /* is that this node? */

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
#define EVENT_OFF      (HANDLER_OFF - 48u) /* the event thread's code: eventcalls.c */
#define SERVICE_OFF    (EVENT_OFF - 48u)   /* the code of a service's thread: service.c */
#define FINISH_OFF     0u                  /* in the text pages: CALL EAX, then the trampoline */
#define TRAMPOLINE_OFF 2u                  /* where an entry function returns to */

#include "exchange.h"
#include "life.h"

#endif
