/* machine.h: the composition root. It owns everything, wires it, and is the only layer that sees
 * all.
 *
 *        app --> include/rt386 --> machine --+--> cpu --> mmu --> bus
 *                                            +--> dev ------------^
 *                                            +--> intime (through port.c)
 *                                            +--> loader
 *
 * One file a job: api.c life and registers, run.c the run loop, load*.c files into memory (load_guest.c:
 * those that guests ask for), irq.c interrupt controllers and sources, port.c
 * what the INtime kernel needs and the effects it asks for, observe.c what observers see, views.c
 * tables, walks and explanations, file.c files without a machine, folder.c
 * the shared folder and the environment, net.c the network.
 */
#ifndef RT386_MACHINE_MACHINE_H
#define RT386_MACHINE_MACHINE_H

#include <rt386/rt386.h>

#include "board.h"
#include "bus.h"
#include "clock.h"
#include "cpu.h"
#include "dbgport.h"
#include "exec.h"
#include "image.h"
#include "intime.h"
#include "msi.h"
#include "pci.h"
#include "pic.h"
#include "trace_inside.h"
#include "uart.h"

#define LEAVING_MAX 8
#define GDT_SLOTS   8192u

/* A loaded file: its bytes, what was parsed, and where it lies, for symbols. */
struct loaded {
    uint8_t *bytes;
    struct image *image;
    char name[64];
    char *folder;         /* where the file was; NULL: it came as bytes */
    bool of_guest;        /* a guest asked for it, not the user */
    bool given;           /* the user has named it to this machine: it comes out of no snapshot */
    bool ended;           /* its process is gone */
    bool told;            /* it has been asked to end */
    uint16_t process;     /* INtime process, or 0 */
    uint32_t linear_base; /* added to image addresses to get linear ones */
    uint32_t delta;       /* load address less preferred address (relocation) */
};

struct thread_fpu {
    struct i386_x87 x87;
    struct i386_sse sse;
};

#define IRQ_SOURCES 16u
struct irq_source { /* of rt386_irq_add */
    rt386 *m;
    struct clock_event event;
    uint64_t at_us, every_us, left;
    uint8_t line, vector; /* vector: a message; 0: the line */
    bool spurious;
};
struct interrupts {    /* irq.c */
    struct msi msi;    /* INtime only */
    struct pic pic[2]; /* the second one's INT is on line 2 of the first */
    uint16_t device;   /* lines that devices hold up */
    uint16_t held;     /* lines that sources hold up until they are acknowledged */
    uint8_t spurious;  /* asked for without a line: bit 0 the first controller, bit 1 the second */
    bool tick_waits;   /* the kernel's alarm came while IF = 0 */
    bool tick_now;     /* and now the boundary for it is there */
    struct irq_source source[IRQ_SOURCES];
    unsigned sources;
};

struct fault_segs {
    struct seg seg[6];
};

struct rt386 {
    rt386_config config;
    struct bus *bus;
    struct clock clock;
    struct i386_cpu cpu;
    struct uart uart;
    struct dbgport dbgport;
    struct board board;
    struct interrupts irq;
    struct pci pci;

    struct rt_kernel *kernel; /* NULL: no personality */
    struct rt_port port;
    struct clock_event alarm;
    bool alarm_due;
    /* Coprocessor and XMM registers of each thread that does not run, by GDT slot of its TSS. */
    struct thread_fpu *thread_fpu;
    /* Segment registers of each thread's last fault, likewise. */
    struct fault_segs *fault_segs;
    bool started; /* by the user: a program that the kernel has not looked at yet */

    struct loaded **loaded;
    unsigned loaded_count, loaded_room;
    bool bare;                 /* a bare image is loaded */
    struct bare_log *bare_log; /* bare.c: only in a machine for test vectors */
    bool ram_mapped;
    struct machine_files *files; /* folder.c: the shared folder; NULL: none */
    struct machine_net *net;     /* net.c: NULL: there is no network */
    char **rsl_folder;           /* where libraries are, besides the program's folder */
    unsigned rsl_folder_count;
    char *environment; /* "NAME=VALUE" strings, each with its 0 */
    uint32_t environment_size;

    volatile sig_atomic_t stop;      /* rt386_stop */
    volatile sig_atomic_t terminate; /* rt386_terminate */
    bool ended;                      /* `end` holds the verdict; further runs repeat it */
    rt386_exit end;
    uint32_t last_post;
    uint32_t
        exit_code; /* of the first one of the user's processes that ended with another than 0 */
    bool software; /* `end` tells of a software exception: its code is end.code */

    rt386_observer observer; /* size 0: none */
    struct outside {
        struct buffer *to;         /* what comes from outside is written down here; NULL: nowhere */
        uint64_t noted;            /* inputs written down by now */
        uint64_t count;            /* inputs out of the trace by now */
        struct trace_inputs *from; /* and comes from here; NULL: the host is asked */
        struct trace_one_input next;
        const uint8_t *payload; /* where its bytes begin */
        bool told;              /* of a request to end: it is written down already */
        bool has_next;
        bool live;    /* behind the last input the host is asked again, */
        bool foreign; /* but not for files where a trace, or its keyframe, says that they are */
        bool diverged;
    } outside;             /* outside.h */
    struct breaks *breaks; /* breaks.h; NULL: none */
    struct steps *steps;   /* steps.h; NULL: nobody observes steps */
    struct cpu_brake brake;
    struct fault_row { /* exceptions behind which no instruction has retired: run.c */
        bool counts;   /* the run has a limit of instructions, and none of time */
        bool over;     /* and is to end: the guest only faults */
        uint32_t n;
        uint64_t insns; /* that have retired before them */
    } row;
    struct recorder
        *record; /* record.h; NULL: no recording is under way, nor a replay that compares */
    struct replay *replay; /* replay.c; NULL: no replay is under way */
    struct cpu_observer cpu_observer;
    struct rt_observer rt_observer;
    bool in_observer;
    bool quiet;                        /* a run again: nobody hears it */
    bool in_cpu;                       /* the processor is at work, not what is around it */
    bool running;                      /* rt386_run is under way */
    bool wants_kernel;                 /* snapshots: the section of the kernel holds one */
    struct rt_module_info insn_module; /* of the instruction that an observer has seen last */
    /* Calls that the kernel has finished but whose effects are still to be applied: observers hear
     * "leaving" when the GDT is as the call made it. */
    struct rt_call_info leaving[LEAVING_MAX];
    unsigned leaving_count;

    char (*missing)[96]; /* "module!name" of unsupplied imports */
    uint32_t missing_count;
    rt386_missing_call *called; /* of those, and of the kernel's gaps, what was called */
    uint32_t called_count;

    char error[640];
};

/* Sets the error sentence; returns `status`, so that callers can return the call. */
rt386_status machine_fail(rt386 *m, rt386_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void machine_log(rt386 *m, rt386_log_level level, const char *category, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void machine_console(rt386 *m, const char *bytes, size_t n);
/* The run ends at the next boundary with this verdict (the first one stands). */
/* run.c: the processor raises an exception. */
void run_raised(rt386 *m);
void machine_end(rt386 *m, rt386_exit_kind kind, uint32_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The processor as after a loader. */
void machine_set_cpu(rt386 *m, rt386_cpu cpu);
/* RAM from 0, with or without the hole for a ROM below 1 MB. */
rt386_status machine_map_ram(rt386 *m, bool rom_hole);

/* An INtime program to start. */
struct program {
    struct rt_process_attr attr; /* without the name */
    int argc;                    /* after argv[0] */
    const char *const *argv;
    bool of_guest;
    uint32_t status; /* out: what the kernel said, if it was the kernel that refused; else 0 */
};

/* load_bare.c, load_intime.c: take over `bytes` and `image` on success only. */
rt386_status load_bare(rt386 *m, struct loaded *file, const rt386_load_options *options);
rt386_status load_bios(rt386 *m, const uint8_t *bytes, size_t n);
rt386_status load_intime(rt386 *m, struct loaded *file, struct program *program);
/* For a process whose program lies in `folder`. *status: what the kernel said, if it was the kernel that refused. */
rt386_status load_library(rt386 *m, const struct rt_load *request, const char *folder,
                          uint16_t *module, uint32_t *status);
/* load.c */
const char *machine_base_name(const char *path); /* behind the last slash */
rt386_status machine_load_program(rt386 *m, const char *path, struct program *program,
                                  uint16_t *process);
void loaded_free(struct loaded *l);
/* load_guest.c: the programs that guests have asked for, one after the other. */
void port_loads(rt386 *m);
/* The file in `folder` that a guest means by `name`; the caller frees *path. */
rt386_status machine_find_file(rt386 *m, const char *folder, const char *name, char **path);
void rsl_folders_free(rt386 *m);
void loaded_ended(rt386 *m, uint16_t process);
bool loaded_of_user(const rt386 *m, uint16_t process);
/* A library that is inside of the emulator, parsed; false: this build has none. */
#define NETLIB "netlib.rsl" /* found only with a network */
bool rsl_image(const char *module, struct image **image);

/* An import that nothing supplies: remembered by number, for the code that its thunk pushes. */
#define RT_CODE_MISSING 0x0030u
uint32_t machine_missing(rt386 *m, const struct image_import *import);
/* The name behind a function code that the kernel does not know; NULL: not one of ours. */
const char *machine_missing_name(const rt386 *m, uint32_t code);

/* A call that is not there was made; ends the run unless the configuration says otherwise. */
void machine_missing_called(rt386 *m, const struct rt_effect *e);

/* irq.c */
void irq_source_init(rt386 *m, struct irq_source *s);
status_t irq_init(rt386 *m); /* both controllers, ports 20, 21, A0, A1 */
void irq_attach(rt386 *m);   /* the processor's acknowledgement */
struct irq_line irq_wire_pit(rt386 *m);
struct irq_line irq_wire_com1(rt386 *m);
status_t irq_messages(rt386 *m); /* what receives them is mapped */
void irq_tick(rt386 *m);         /* tick_now when the processor takes interrupts again */
bool irq_comes(const rt386 *m);  /* some interrupt will still come, if nobody changes the masks */

/* folder.c */
#define ENVIRONMENT_MAX 32768u
int32_t machine_file(rt386 *m, struct rt_file_op *op);
void machine_files_free(rt386 *m);

/* net.c */
int32_t machine_net(rt386 *m, struct rt_net_op *op);
void machine_net_free(rt386 *m);
bool machine_net_open(const rt386 *m); /* a guest has a socket */
/* Waits so many microseconds of the host, or until something is there that a thread waits for: true. */
bool machine_net_wait(const rt386 *m, uint64_t us);

/* port.c */
void port_init(rt386 *m);
struct rt_config port_config(const rt386 *m); /* of the kernel */
void port_apply(rt386 *m, const struct rt_effects *fx);
void port_trap(rt386 *m); /* after STEP_PERSONALITY */
void port_time(rt386 *m); /* the kernel's alarm is due */
/* rt386_terminate: the programs that listen are told; false: none does. */
bool port_terminate(rt386 *m);
void port_start(rt386 *m); /* before the first instruction: pick the first thread */
rt386_status port_boot(rt386 *m);

/* Supervisor access to linear memory without effects; false: some page is not mapped. */
bool machine_lin_peek(const rt386 *m, uint32_t at, void *to, size_t n);
bool machine_lin_poke(rt386 *m, uint32_t at, const void *from, size_t n);

/* threadfault.c: exceptions of INtime threads, for observers and for the end of the run */
void thread_fault_keep(rt386 *m); /* at the trap of a fault, before the kernel hears of it */
void thread_fault_see(void *ctx, const struct rt_fault_info *info);
/* Coprocessor and XMM registers of the thread whose exception nobody took, as they were at that. */
void coprocessor_of_fault(const rt386 *m, const struct rt_fault_info *info, rt386_coprocessor *to);

/* observe.c */
void observe_wire(rt386 *m);
void observe_left(rt386 *m); /* after the effects */
void observe_table(rt386 *m, uint16_t slot, const uint8_t before[8]);
void observe_process(rt386 *m, uint16_t handle, const char *name, bool started, uint32_t code);
/* What the processor knows of its last exception. */
struct rt_cause observe_cause(const rt386 *m);
rt386_fault fault_public(const rt386 *m, fault_t fault, uint32_t eip, uint16_t cs);
const char *machine_symbol(const rt386 *m, uint32_t linear, uint32_t *offset);

/* snapshot.c: also in the run loop, between two steps. guest_only: as if no file and no socket of the host were open, for
 * digests: a replay opens none, and what the guest can tell of its own is in the kernel's part. */
rt386_status machine_snapshot(rt386 *m, bool guest_only,
                              void (*put)(void *ctx, const void *bytes, size_t n), void *ctx);

/* replay.c */
void replay_free(rt386 *m);
/* Between steps; look at replay_lost then. RT386_E_NOMEM, RT386_E_STATE: there is no digest to be compared. */
rt386_status replay_tick(rt386 *m);
uint64_t replay_steps(const rt386 *m);
/* The replay goes on from a snapshot with so many inputs before it; and how many there were by now. */
rt386_status replay_jump(rt386 *m, const uint8_t *snapshot, size_t n, uint64_t inputs);
uint64_t replay_inputs(const rt386 *m);
/* A keyframe was loaded: is it the one of where the trace has it? RT386_E_FORMAT. */
rt386_status replay_at_keyframe(rt386 *m, const rt386_trace *t, size_t chunk);
bool replay_lost(const rt386 *m); /* it has gone another way */

/* views.c */
rt386_check check_public(const struct check *check);
/* The checks of an access that a segment makes or refuses, without its pages. */
void explain_segment(const rt386 *m, const struct seg *seg, bool stack, uint32_t offset,
                     unsigned size, enum access access, rt386_explanation *out);
void explain_fill(rt386_explanation *out, uint16_t sel, uint8_t cpl, enum seg_purpose purpose,
                  bool located, lin_t where, desc_t desc, fault_t fault, const struct rt386 *m);

#endif
