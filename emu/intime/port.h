/* port.h: all that the INtime kernel needs from a machine, and all that it asks of one.
 *
 *      guest CALL 0x0818:0 --> CPU --> personality trap --> struct rt_trap --> rt_kernel
 *                                                                                |
 *      machine <-- struct rt_effects, applied in order <-------------------------+
 *
 * The kernel keeps its authority in its own tables; descriptors, TSSs and page tables in guest
 * memory are its output and are never read back as truth. It touches no segment register: the guest
 * sees a new descriptor when it loads the selector.
 */
#ifndef RT386_INTIME_PORT_H
#define RT386_INTIME_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* How far a guest pointer reaches with the caller's rights. */
enum rt_reach {
    RT_REACH_OK,
    RT_REACH_OUTSIDE, /* beyond the segment, or it wraps */
    RT_REACH_MISSING, /* a page is not present */
    RT_REACH_DENIED   /* a page is supervisor, or read-only and a write was asked */
};

/* One operation on a file of the shared folder. A path is relative to it, with / or \ between its parts, and is the
 * guest's: nothing about it has been checked. */
enum rt_file_kind {
    RT_FILE_OPEN,   /* path, flags: the file's number */
    RT_FILE_CLOSE,  /* file */
    RT_FILE_GET,    /* file, offset, n, to: bytes read, fewer than n only at the end */
    RT_FILE_PUT,    /* file, offset, n, from: bytes written, at least 1 */
    RT_FILE_RESIZE, /* file, offset = the new size */
    RT_FILE_STAT,   /* path, or file when path is NULL: size, folder, writable */
    RT_FILE_REMOVE, /* path, folder; with `same` only if it is what `file` has open, else nothing happens: 0 */
    RT_FILE_RENAME, /* path, path2 */
    RT_FILE_MKDIR   /* path */
};
enum rt_file_flag {
#define RT_FILE_FLAG(name, value) RT_FILE_##name = value,
#define RT_FILE_ERROR(name, value)
#include "rtfile.def"
#undef RT_FILE_FLAG
#undef RT_FILE_ERROR
};
enum rt_file_error {
#define RT_FILE_FLAG(name, value)
#define RT_FILE_ERROR(name, value) RT_FILE_E##name = value,
#include "rtfile.def"
#undef RT_FILE_FLAG
#undef RT_FILE_ERROR
};
struct rt_file_op {
    uint8_t kind; /* enum rt_file_kind */
    uint32_t flags;
    int32_t file;
    uint32_t offset, n; /* at most 2^31 - 1 */
    const char *path, *path2;
    void *to;
    const void *from;
    uint32_t size; /* from here on: results of STAT; folder also says what REMOVE takes */
    bool folder, writable;
    bool same;
};

/* One operation on a socket of the network outside. None of them waits: what would have to gives -RT_NET_EWOULDBLOCK. An
 * address is the guest's: nothing about it has been checked. All that comes in from the network comes in as the result of
 * such an operation. */
enum rt_net_kind {
    RT_NET_SOCKET, /* stream: the socket's number */
    RT_NET_BIND,   /* address, port */
    RT_NET_CONNECT, /* address, port; not named: no peer any more. While it goes on, the same again asks how far it is:
                      * EINPROGRESS, then EALREADY, in the end 0 or an error */
    RT_NET_LISTEN, /* n: connections that may wait */
    RT_NET_ACCEPT, /* the new socket's number; address, port */
    RT_NET_SEND,   /* from, n, flags, perhaps named: address, port. Bytes sent */
    RT_NET_RECEIVE, /* to, n, flags: bytes received, 0 at the end of a stream; of a datagram address, port
                      * and in flags TRUNC when it had more */
    RT_NET_SHUTDOWN, /* n: 0 receives no more, 1 sends no more, 2 both */
    RT_NET_CLOSE,
    RT_NET_NAME, /* address, port */
    RT_NET_PEER,
    RT_NET_SET,    /* option, n: its value */
    RT_NET_GET,    /* option: its value */
    RT_NET_UNREAD, /* bytes that can be received at once */
    RT_NET_READY   /* events: which of them are there */
};
enum rt_net_event {
    RT_NET_CAN_READ = 1,
    RT_NET_CAN_WRITE = 2,
    RT_NET_URGENT = 4,
    RT_NET_BROKEN = 8,  /* an error that SO_ERROR would tell */
    RT_NET_HUNG_UP = 16 /* nothing can be sent or received any more */
};
enum rt_net_error {
#define RT_NET_ERROR(name, value) RT_NET_E##name = value,
#include "rtnet.def"
};
enum rt_net_message {
#define RT_NET_MESSAGE(name, value) RT_NET_MSG_##name = value,
#include "rtnet.def"
};
enum rt_net_option {
#define RT_NET_OPTION(name, level, value) RT_NET_SO_##name,
#include "rtnet.def"
    RT_NET_OPTIONS,
    RT_NET_PASSED = RT_NET_SO_ACCEPTCONN /* those before it are for the network, too */
};
struct rt_net_op {
    uint8_t kind;   /* enum rt_net_kind */
    uint8_t option; /* enum rt_net_option */
    uint8_t events; /* enum rt_net_event */
    bool stream;    /* TCP, else UDP */
    bool named;     /* address and port are there */
    uint16_t port;  /* both as numbers: 127.0.0.1 is 0x7F000001 */
    uint32_t address;
    int32_t socket;
    uint32_t flags; /* enum rt_net_message */
    uint32_t n;
    void *to;
    const void *from;
};

struct rt_port {
    void *ctx;
    /* Physical RAM of the node, by byte. False: some byte is not RAM (nothing is done then). */
    bool (*phys_read)(void *ctx, uint32_t at, void *to, uint32_t n);
    bool (*phys_write)(void *ctx, uint32_t at, const void *from, uint32_t n);
    /* Linear memory as the supervisor sees it, present pages only. */
    bool (*lin_read)(void *ctx, uint32_t at, void *to, uint32_t n);
    /* The caller's memory: offsets in the data segment that the interrupted ring-3 thread runs
     * with, checked against that segment and its pages as the processor would at CPL 3. user_read
     * and user_write are all or nothing. user_check also sees whether memory answers behind each page (RT_REACH_MISSING),
     * and reads none of it: the kernel reads each byte of a caller once. n = 0 is always RT_REACH_OK. */
    enum rt_reach (*user_check)(void *ctx, uint32_t off, uint32_t n, bool write);
    enum rt_reach (*user_read)(void *ctx, uint32_t off, void *to, uint32_t n);
    enum rt_reach (*user_write)(void *ctx, uint32_t off, const void *from, uint32_t n);
    /* Virtual time since start. */
    uint64_t (*now_us)(void *ctx);
    /* All that files take from the host passes here: >= 0, or -RT_FILE_E... NULL: there are no files. */
    int32_t (*file)(void *ctx, struct rt_file_op *op);
    /* All that sockets take from the host and give to it: >= 0, or -RT_NET_E... NULL: there is no network. */
    int32_t (*net)(void *ctx, struct rt_net_op *op);
    /* "NAME=VALUE" strings, each with its 0, *size bytes in all. NULL: none. */
    const char *(*environment)(void *ctx, uint32_t *size);
    /* The two 8259A at 20, 21, A0, A1. NULL: there are none. */
    uint8_t (*in)(void *ctx, uint16_t port);
    void (*out)(void *ctx, uint16_t port, uint8_t value);
    /* Message-signalled interrupts wait while masked. NULL: there are none. */
    void (*messages)(void *ctx, bool masked);
    /* Some device will still interrupt, if nobody changes the masks. NULL: none will. */
    bool (*irq_comes)(void *ctx);
};

/* What the processor said of the last exception it delivered, beyond what it pushed. The kernel only
 * hands it on to observers. */
struct rt_cause {
    bool known;
    bool has_access; /* a memory access was refused */
    uint8_t vector;
    uint8_t seg, access; /* segment register; 0 read, 1 write, 2 fetch */
    uint16_t cs, rule, size;
    uint32_t eip, detail, off;
};
/* An exception of ring 3 and the registers that it left. */
struct rt_fault {
    uint8_t vector;
    uint16_t cs, ss, ds, es, fs, gs;
    uint32_t error, cr2, eip, eflags;
    uint32_t gpr[8];  /* eax ecx edx ebx esp ebp esi edi */
    uint32_t context; /* offset of its CONTEXT on the thread's stack; 0 = none */
    struct rt_cause cause;
};

/* The processor's registers at a personality trap or an event, as they stand. */
struct rt_trap {
    uint8_t point;   /* the trap's Ib: RT_POINT_... */
    uint32_t gpr[8]; /* eax ecx edx ebx esp ebp esi edi */
    uint32_t eip, eflags, cr2;
    uint16_t cs, ss, ds, es, fs, gs, tr;
    uint32_t stack_lin; /* linear address of SS:ESP (ring 0) */
    struct rt_cause cause;
};
enum rt_point {
    RT_POINT_CALL = 0, /* at the call gate's target: stack holds EIP CS code ESP SS */
    RT_POINT_FAULT =
        1, /* in an exception stub: stack holds vector, error code, EIP CS EFLAGS ESP SS */
    RT_POINT_RETURN = 2,   /* a thread's entry function returned */
    RT_POINT_INTERRUPT = 3 /* a shared interrupt or a message: intdeliver.c */
};

/* A descriptor that the kernel wants in a GDT slot; the machine turns it into the 8 bytes. */
enum rt_segkind {
    RT_SEG_DATA, /* writable, expand-up */
    RT_SEG_CODE, /* readable, non-conforming */
    RT_SEG_LDT,
    RT_SEG_TSS,     /* available 32-bit TSS */
    RT_SEG_CALLGATE /* base = offset, target = selector, count dwords */
};
struct rt_segdef {
    uint8_t kind; /* enum rt_segkind */
    uint8_t dpl;
    uint8_t count;
    bool granular; /* size is a multiple of 4096 and the G bit is to be set */
    uint16_t target;
    uint32_t base;
    uint32_t limit; /* last valid offset */
};

enum rt_fx_kind {
    RT_FX_GDT_SET,   /* slot, seg */
    RT_FX_GDT_CLEAR, /* slot: all eight bytes become zero */
    RT_FX_RETURN,    /* eax, edx of the thread that runs now */
    RT_FX_SWITCH,    /* the processor's own task switch to TSS selector `selector` */
    RT_FX_ALARM, /* call rt_kernel_time at `due_us`; UINT64_MAX: no alarm; replaces the last one */
    RT_FX_LOG,   /* text: an entry of process `selector` for the host's log */
    RT_FX_CONSOLE,     /* text, length: output of process `selector` */
    RT_FX_PROCESS_END, /* process `selector` is gone: code, reason */
    RT_FX_MISSING, /* a call that is not there: name in text, function code in code; word[0] is where
                        * it was called from, the others its first arguments; `selector` the process */
    RT_FX_IDLE,    /* no thread can ever run again: every process ended (code = 0), deadlock (code =
                 * 1), or the kernel's own code faulted (code = 2) */
    RT_FX_LOAD,    /* a guest asks for a program: rt_load_next, when this list has been applied */
    RT_FX_FLUSH    /* page tables changed: drop cached translations, as a reload of CR3 would */
};
enum rt_end_reason { RT_END_EXIT, RT_END_DELETED, RT_END_FAULT };

struct rt_effect {
    uint8_t kind; /* enum rt_fx_kind */
    uint8_t reason;
    uint16_t slot; /* GDT index */
    uint16_t selector;
    uint32_t eax, edx, code;
    uint32_t word[5];
    uint32_t length;
    uint64_t due_us;
    struct rt_segdef seg;
    const char *text; /* valid until the next call into the kernel */
};
#define RT_FX_MAX 64
/* Every call into the kernel starts a fresh list. When there is more to do than fits, `more` is
 * set: apply the list, then call rt_kernel_more for the rest, until `more` is clear. */
struct rt_effects {
    unsigned count;
    bool more;
    struct rt_effect at[RT_FX_MAX];
};

#endif
