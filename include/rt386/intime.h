/* intime.h: what the INtime personality shows, as plain data. Part of rt386.h; no functions. */
#ifndef RT386_INTIME_H
#define RT386_INTIME_H

#include <rt386/i386.h>

typedef struct rt386_call_event {
    const char *name;      /* "CreateRtMemoryHandle" */
    const char *arguments; /* decoded, "pOffset=0x00010000, cbSize=4096" */
    uint16_t process, thread;
    const char *process_name;
    bool leaving; /* false: entering, result is not known yet */
    bool blocked;
    uint32_t result, status;
    const char *status_name; /* "E_OK" */
} rt386_call_event;

typedef struct rt386_process {
    uint16_t handle, cs, ds;
    char name[16];
    uint32_t vseg_base, vseg_size, objects, pool_used;
    bool alive;
    bool xm; /* the XM memory model: base 0, a space of its own */
} rt386_process;

typedef struct rt386_object {
    uint16_t handle, owner; /* owner: a process */
    uint8_t type, subtype;  /* as GetRtHandleTypeEx gives them */
    bool reference;         /* stands for an object of another node */
    char name[13];          /* the first one under which a directory has it, or "" */
    char detail[112];       /* what this kind of object has of its own, in words */
} rt386_object;

typedef struct rt386_dir_entry { /* a name in a process's object directory */
    uint16_t handle;
    bool waited; /* not there yet: a thread waits for it */
    char name[13];
} rt386_dir_entry;

typedef struct rt386_interrupt { /* a handler of an interrupt level */
    uint16_t level;              /* as its owner names it */
    uint8_t vector, priority;
    uint16_t process, thread;  /* thread 0: none */
    unsigned outstanding, max; /* signals */
    bool enabled, shared, message;
} rt386_interrupt;

typedef struct rt386_module { /* what is mapped in a process: its program or a library */
    char name[64];
    uint32_t base, size; /* offsets in the process, bytes */
} rt386_module;

/* A call that is not there, and where it was called from. */
typedef struct rt386_missing_call {
    char name[96];        /* "CreateRtQueue", "eghgapi.rsl!#27" */
    char module[64];      /* of the caller; "" = none is mapped there */
    uint32_t offset;      /* of the caller's next instruction, from the module's base */
    uint32_t address;     /* the same, in the process */
    uint32_t argument[4]; /* the first words on the stack: the call may have fewer */
    uint32_t times;
} rt386_missing_call;

/* What happens to a thread whose exception none of its handlers takes, unless a program has said
 * otherwise (SetRtExceptionHandler). */
typedef enum rt386_on_fault {
    RT386_ON_FAULT_REPORT, /* its process ends; the run ends by it once all others have ended */
    RT386_ON_FAULT_DELETE_PROCESS, /* INtime's own three handlers: the run goes on */
    RT386_ON_FAULT_DELETE_THREAD,
    RT386_ON_FAULT_SUSPEND,
    RT386_ON_FAULT_CALLED /* a handler of the program's own was called; not a choice */
} rt386_on_fault;

/* Coprocessor and XMM registers of a thread, in the images of the instructions that store them in 32-bit protected
 * mode. */
typedef struct rt386_coprocessor {
    bool has_fxsave, has_xmm; /* from RT386_CPU_P6 on; with SSE: MXCSR and XMM registers in it */
    uint8_t fsave[108];       /* FNSAVE [387 FSAVE]: environment, then ST0 to ST7 */
    uint8_t fxsave[512];      /* FXSAVE [SDM2 FXSAVE] */
} rt386_coprocessor;

/* An exception that nobody took, before it has its consequences. */
typedef struct rt386_thread_fault {
    uint16_t process, thread;
    char process_name[16];
    rt386_on_fault action;
    bool software;     /* raised by RaiseException: `code` is its own, `fault` is not raised */
    uint32_t code;     /* else 0x8100 + vector */
    rt386_fault fault; /* rule 0: none refused (INT 3, INTO, single step) */
    bool has_access;   /* a memory access was refused: the next four tell which */
    rt386_segreg access_seg;
    uint32_t access_offset;
    unsigned access_size;
    rt386_access access;
    uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    uint32_t eip, eflags;
    rt386_seg seg[6]; /* by rt386_segreg, with the hidden parts */
    rt386_coprocessor coprocessor;
} rt386_thread_fault;

#endif
