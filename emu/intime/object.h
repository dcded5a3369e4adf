/* object.h: objects and their GDT slots: slots.c. Part of kernel.h. */
#ifndef RT386_INTIME_OBJECT_H
#define RT386_INTIME_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "intime.h"

struct rt_kernel;
struct process;
struct thread;
struct module;
struct mailbox;
struct alarm;
struct heap;
struct queue;
struct service;
struct port;
struct file_object;
struct call;

#define CBLOCK_SIZE    64u /* control block of an object */
#define FLAG_PRIORITY  1u  /* of objects with a queue: by priority, else first come first served */
#define BYTE_LIMIT_MAX 0x100000u /* the largest size with a byte-granular limit */

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
    TYPE_SERVICE = 11,
    TYPE_MODULE = 12,
    TYPE_ALARM = 13,
    TYPE_QUEUE = 14,
    TYPE_FILE = 16,
    TYPE_EXIT = 18,     /* wait handle of a process: request.h */
    TYPE_INTERRUPT = 19 /* vectors for messages: units, units_max */
};
enum object_subtype {
    SUBTYPE_NONE = 0,
    SUBTYPE_SEGMENT = 1,    /* memory handle */
    SUBTYPE_DESCRIPTOR = 2, /* data segment of a process */
    SUBTYPE_VSEG = 3,
    SUBTYPE_REFERENCE = 0x8000
};

enum slot_use { USE_FREE, USE_FIXED, USE_CODE, USE_OBJECT };

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
    uint16_t units, units_max; /* semaphore; port: its number, its transactions */
    struct mailbox *mailbox;
    struct alarm *alarm;
    struct heap *heap;
    struct queue *queue;
    struct service *service;
    struct port *port;
    struct file_object *file;
    uint8_t global;      /* global.c: made as a global object */
    uint16_t references; /* of one that counts them */
    uint16_t ended;      /* wait handle: of which process, once that is gone */
    uint32_t exit_code;
    uint32_t shown, shown_page, shown_pages; /* shared.c: from which page on, of the process */
    uint16_t port_heap;                      /* GDT index of the heap that a port uses; 0 = none */
    uint16_t port_flags;                     /* as CreateRtPort got them */
    struct rt_segdef seg;                    /* what was put into the GDT */
};

struct blocks { /* one page of control blocks */
    uint32_t phys;
    uint64_t used;
};

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

#endif
