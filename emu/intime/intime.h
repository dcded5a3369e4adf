/* intime.h: the INtime kernel as its machine sees it.
 *
 * Classic memory model: one 4 GB linear space; each process has a VSEG in it and runs in ring 3
 * with flat CS and DS whose base is the VSEG's start. XM: each process has a space of its own and
 * flat segments from 0. The kernel lies in a supervisor-only part of every space.
 * Every object owns one GDT slot and its handle is that slot's selector.
 */
#ifndef RT386_INTIME_INTIME_H
#define RT386_INTIME_INTIME_H

#include <stddef.h>

#include "port.h"
#include "status.h"

struct rt_kernel;

/* Selectors that are fixed. */
#define RT_CALL_GATE_SEL 0x0818u /* stubs call here: CALL FAR 0x0818:0 */
#define RT_ROOT_PROCESS  0x0258u

/* What happens to a thread whose exception nobody takes, when no program has said it. */
enum rt_fault_action {
    RT_FAULT_REPORT, /* its process ends, and the fault is how the run ended */
    RT_FAULT_DELETE_PROCESS,
    RT_FAULT_DELETE_THREAD,
    RT_FAULT_SUSPEND,
    RT_FAULT_CALL /* a handler of the program's own; not a choice for rt_config */
};

struct rt_config {
    uint32_t ram_base, ram_size; /* physical memory the kernel may manage; base + size <= 4 GB */
    uint32_t gdt_slots;          /* 0 = 8192 */
    uint32_t low_tick_us;        /* 0 = 500 */
    enum rt_fault_action on_fault;
    uint32_t xm_size;    /* of an XM process's own memory, a multiple of 4 MB; 0 = 3840 MB */
    uint32_t kn_pages;   /* of a process for low-level objects; 0 = 256 */
    uint32_t io_missing; /* services of WaitForRtIoService that never come: 1 proxy, 2 service */
    uint64_t start_time; /* system time at start: seconds since 1978; 0 = 1 January 2000 */
    uint32_t cpu_signature, cpu_features; /* as CPUID has them, for SYSINFO; 0 = an 80386 */
};

/* Register file with which the processor enters the kernel: paging on, idle thread running. */
struct rt_boot {
    uint32_t gdt_base, gdt_limit, idt_base, idt_limit, cr3;
    uint16_t cs, ss, ds, tr;
    uint32_t eip, esp;
};

/* NULL: out of host memory, or ram too small (needs 2 MB). */
struct rt_kernel *rt_kernel_new(const struct rt_config *config, const struct rt_port *port);
void rt_kernel_free(struct rt_kernel *k);
/* Builds page tables, IDT, kernel code, idle thread and root process in guest memory; the GDT
 * entries come as effects (call again while it returns true, applying them in between). */
bool rt_kernel_boot(struct rt_kernel *k, struct rt_boot *boot, struct rt_effects *fx);

/* --- processes, for the loader's side of the machine --- */
#define RT_POOL_MAX_DEFAULT 0xFFFFFFu /* bytes */

struct rt_process_attr {
    const char *name;      /* file name without folder; cut at 12 bytes for views */
    uint32_t pool_min;     /* bytes; 0 = default */
    uint32_t pool_max;     /* 0 = RT_POOL_MAX_DEFAULT; 0xFFFFFFFF = may borrow all */
    uint32_t vseg_size;    /* 0 = 8 MB; at least 8 MB, rounded up to 4 MB */
    uint32_t dir_size;     /* 0 = 64; 3..3840, above 16 rounded down to a multiple of 16 */
    uint32_t object_limit; /* 0 = none; with what its children may have */
    uint32_t thread_limit; /* 0 = none */
    uint16_t parent;       /* process handle; 0 = the root process */
    bool suspended;        /* its main thread waits for StartRtProcess */
    bool executable_ds;
    bool strict_rsl; /* libraries of other programs are not reused by name */
    bool xm;         /* the XM memory model: an address space of its own; vseg_size means nothing */
};
/* E_... status codes as INtime gives them; *handle on E_OK. fx receives GDT entries. */
uint32_t rt_process_create(struct rt_kernel *k, const struct rt_process_attr *attr,
                           uint16_t *handle, struct rt_effects *fx);
/* Pages at a fixed offset of the VSEG for an image, charged to the pool; zeroed. */
uint32_t rt_process_place(struct rt_kernel *k, uint16_t process, uint32_t off, uint32_t size,
                          bool writable);
/* Bytes into placed pages, whatever their rights. */
bool rt_process_poke(struct rt_kernel *k, uint16_t process, uint32_t off, const void *from,
                     uint32_t n);
/* After binding imports: make [off, off + size) read-only or writable. */
void rt_process_protect(struct rt_kernel *k, uint16_t process, uint32_t off, uint32_t size,
                        bool writable);
/* A mapped module, for GetRtModuleHandle / GetRtProcAddress and for names in reports. Everything is
 * copied. Offsets are those of the module at `base`. */
struct rt_export {
    const char *name; /* NULL: by ordinal only */
    uint16_t ordinal;
    uint32_t off;        /* offset in the VSEG */
    const char *forward; /* "module.symbol" or "module.#ordinal" instead; NULL: it is here */
};
struct rt_module_def {
    const char *name; /* of its file, without folder */
    const char *file; /* the host's name of it; NULL: none. No guest sees it */
    uint32_t base, size, entry;
    const struct rt_export *exports;
    size_t export_count;
    /* A library that the kernel places: pages of size bytes, zeroed and writable, at `base` if they are free there, else
     * anywhere (E_VMEM if it is `fixed`); exports and entry move with it. Otherwise the caller has placed it. */
    bool library, fixed;
    bool pinned; /* stays until the process ends */
};
/* *handle and *base on E_OK. */
uint32_t rt_module_map(struct rt_kernel *k, uint16_t process, const struct rt_module_def *def,
                       uint16_t *handle, uint32_t *base);
/* A library that could not be finished: it goes again. */
void rt_module_unmap(struct rt_kernel *k, uint16_t process, uint16_t handle);
/* `used` stays as long as `user` does. */
uint32_t rt_module_needs(struct rt_kernel *k, uint16_t process, uint16_t user, uint16_t used);
/* The module of that file name, without regard to case; 0 = none. */
uint16_t rt_module_find(const struct rt_kernel *k, uint16_t process, const char *name);
/* Where an import leads: by name, or by ordinal when that is NULL. False: nowhere. */
bool rt_module_symbol(const struct rt_kernel *k, uint16_t process, uint16_t handle,
                      const char *name, uint16_t ordinal, uint32_t *off);
/* The host's file of the library of that name that some process has mapped; NULL: none has. */
const char *rt_module_file(const struct rt_kernel *k, const char *name);
/* The main thread: stack of stack_size bytes (entry ESP lies strictly inside the top page), FS
 * block, TSS; made ready. args: the command line, argv[0] first, already split. */
uint32_t rt_process_start(struct rt_kernel *k, uint16_t process, uint32_t entry,
                          uint32_t stack_size, int argc, const char *const *argv,
                          struct rt_effects *fx);

/* A process whose image could not be loaded, before rt_process_start: everything of it goes. */
void rt_process_abandon(struct rt_kernel *k, uint16_t process, struct rt_effects *fx);

/* Tells a process to end, as TerminateRtProcess does: TERMINATE into its R?EXIT_MBOX. False: it does not listen, or
 * its mailbox takes no more. */
bool rt_process_terminate(struct rt_kernel *k, uint16_t process, struct rt_effects *fx);
/* Ends it at once, with exit code 0, whatever it holds. */
void rt_process_delete(struct rt_kernel *k, uint16_t process, struct rt_effects *fx);

/* --- the network --- */
struct rt_net_want {
    int32_t socket; /* the port's */
    uint8_t events; /* enum rt_net_event */
};
/* What threads wait for: when one of them is there, rt_kernel_time goes on with them. How many, at most `room`. */
unsigned rt_kernel_wants(const struct rt_kernel *k, struct rt_net_want *to, unsigned room);

/* --- programs and libraries that guests ask for: after RT_FX_LOAD, when its list has been applied --- */
struct rt_load {
    bool library; /* for `process`, which asks; strict as its attributes say */
    bool strict;
    uint16_t process;      /* who asks */
    const char *file;      /* as the guest names it */
    const char *arguments; /* one string, not split */
    /* of the new process, without its name: rt_process_create checks it */
    struct rt_process_attr attr;
};
/* The oldest request, false: none. It stays the oldest until rt_load_done. */
bool rt_load_next(struct rt_kernel *k, struct rt_load *request);
/* The answer to the oldest request: E_OK and the started process or the mapped module, or why it could not be
 * loaded. */
void rt_load_done(struct rt_kernel *k, uint32_t status, uint16_t handle, struct rt_effects *fx);

/* A reference object: stands for an object of type `type` on a node that cannot be reached, owned
 * by the root process and catalogued there under `name` (1..12 bytes). Calls that document
 * E_INVALID_ADDRESS answer it for such a handle. Only for tests of that status: a single node makes
 * none by itself. */
uint32_t rt_reference_create(struct rt_kernel *k, uint8_t type, const char *name, uint16_t *handle,
                             struct rt_effects *fx);

/* --- events --- */
void rt_kernel_trap(struct rt_kernel *k, const struct rt_trap *trap, struct rt_effects *fx);
/* The alarm's time has come (or later). */
void rt_kernel_time(struct rt_kernel *k, uint64_t now_us, struct rt_effects *fx);
/* The rest of a list of effects that had `more` set. */
void rt_kernel_more(struct rt_kernel *k, struct rt_effects *fx);
/* Picks the best ready thread when the machine is about to start; effects as above. */
void rt_kernel_schedule(struct rt_kernel *k, struct rt_effects *fx);

/* --- observers: what goes through the gate, with arguments in words --- */
struct rt_call_info {
    const char *name;      /* "CreateRtMemoryHandle" */
    const char *arguments; /* "pOffset=0x00010000, cbSize=4096" */
    uint16_t process, thread;
    uint32_t result;
    uint32_t status; /* E_...; 0 = E_OK */
    bool blocked;    /* leave: the thread waits; result and status come later */
};
/* An exception that nobody took, before it has its consequences. */
struct rt_fault_info {
    uint16_t process, thread;
    const char *process_name;
    bool software; /* by RaiseException: code is its own, the fault's vector means nothing */
    uint32_t code; /* 0x8100 + vector, or the software exception's */
    enum rt_fault_action action;
    const struct rt_fault *fault;
};
struct rt_observer {
    void *ctx;
    void (*enter)(void *ctx, const struct rt_call_info *call);
    void (*leave)(void *ctx, const struct rt_call_info *call);
    void (*fault)(void *ctx, const struct rt_fault_info *fault);
};
void rt_kernel_observe(struct rt_kernel *k, const struct rt_observer *observer);

/* --- snapshots (ksnap.h): between calls, when no effect is under way --- */
struct snap;
/* All that the kernel knows, but for guest memory and who observes. NULL, or why it cannot be. */
const char *rt_kernel_save(const struct rt_kernel *k, struct snap *s);
/* A kernel of that configuration as it was saved, the walk of its invariants included; NULL: s->refused says what is wrong.
 * The bytes may be anything. The port is not called. */
struct rt_kernel *rt_kernel_load(const struct rt_config *config, const struct rt_port *port,
                                 struct snap *s);
/* Another port from now on, for the same memory and devices. */
void rt_kernel_attach(struct rt_kernel *k, const struct rt_port *port);

/* --- views --- */
struct rt_slot_info {
    uint8_t type;   /* object type code; 0 = no object */
    uint16_t owner; /* process handle */
    char text[64];  /* "flat DS of process SHARE1", "memory handle", "free" */
};
bool rt_slot_info(const struct rt_kernel *k, uint16_t slot, struct rt_slot_info *info);
struct rt_process_info {
    uint16_t handle, cs, ds;
    char name[16];
    uint32_t vseg_base, vseg_size, objects, pool_used;
    bool alive, xm;
};
/* index from 0 in order of creation; false past the end. The root process is index 0. */
bool rt_process_info(const struct rt_kernel *k, unsigned index, struct rt_process_info *info);
struct rt_object_info {
    uint16_t handle, owner;
    uint8_t type, subtype;
    bool reference;
    char name[13];    /* the first one under which a directory has it, or "" */
    char detail[112]; /* what this kind of object has of its own, in words */
};
/* False: the slot holds no object. */
bool rt_object_info(const struct rt_kernel *k, uint16_t slot, struct rt_object_info *info);
/* Names in a process's directory, in their order; false past the last. */
struct rt_name_info {
    uint16_t handle;
    bool waited; /* not there yet: a thread waits for it */
    char name[13];
};
bool rt_name_info(const struct rt_kernel *k, uint16_t process, unsigned index,
                  struct rt_name_info *info);
/* What is mapped at that offset of a process; false: no module. */
struct rt_module_info {
    char name[64];
    uint32_t base, size;
};
bool rt_module_at(const struct rt_kernel *k, uint16_t process, uint32_t off,
                  struct rt_module_info *info);
/* Ready threads, the running one first, or those that wait; 0 past the end. */
uint16_t rt_thread_at(const struct rt_kernel *k, bool sleeping, unsigned index);
struct rt_interrupt_info {
    uint16_t level, process, thread, outstanding, max;
    uint8_t vector, priority;
    bool enabled, shared, message;
};
bool rt_interrupt_at(const struct rt_kernel *k, unsigned index, struct rt_interrupt_info *info);
uint16_t rt_current_process(const struct rt_kernel *k);
uint16_t rt_current_thread(const struct rt_kernel *k);
unsigned rt_free_slots(const struct rt_kernel *k);
/* "E_SLOT" and the text of GetRtErrorText. */
const char *rt_status_name(uint32_t status);
const char *rt_status_text(uint32_t status);
/* Walks all invariants (every live slot one owner, no free slot twice, pool sums); NULL = all hold,
 * or the sentence that says which does not. For tests and --check. */
const char *rt_kernel_check(const struct rt_kernel *k);

#endif
