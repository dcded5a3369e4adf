/* record.h: a recording of a run: what happens is put into a trace (emu/trace). Private to emu/machine.
 *
 *      processor, kernel --> observers --> struct recorder --> trace_writer --> file
 *                                     \--> the observers of others
 *
 * The recorder keeps the state as the trace knows it. An instruction that may change more than general registers, EIP,
 * EFLAGS and memory, and whatever happens between instructions, is followed by all fields that differ.
 */
#ifndef RT386_MACHINE_RECORD_H
#define RT386_MACHINE_RECORD_H

#include <rt386/trace.h>

#include "feed.h"
#include "machine.h"

#define PARTS 10u /* of the state: record_fields.c */
struct field_range {
    uint16_t first, end; /* numbers of fields */
};

/* Keyframes by what the guest costs, in nanoseconds of processor time: only runs count, and no keyframes. */
struct pace {
    uint64_t every;     /* 0: none by time */
    uint64_t worked;    /* since the last keyframe, up to `looked` */
    uint64_t looked;    /* at the clock */
    uint64_t cost;      /* of the last keyframe */
    uint64_t next_look; /* instructions */
};

struct recorder {
    rt386 *m;
    struct trace_writer *w;  /* NULL: a replay that compares */
    struct trace_feed *feed; /* to it: only behind feed_wait the writer is ours */
    struct replay *replay;
    struct buffer inputs; /* that are not written yet */
    uint64_t keyframe_every, digest_every;
    uint64_t next_keyframe, next_digest; /* instructions */
    struct pace pace;
    struct buffer shot;     /* a snapshot, behind the number of inputs before it */
    char why[120];          /* one of them could not be made: the trace is not whole */
    bool lost;              /* that, or it could not be written; what the thread writes aside */
    bool instructions;      /* all that happens; else what replay needs */
    struct i386_state last; /* as the trace has it */
    struct field_range fields_of[PARTS];
    bool differs;          /* more than an instruction has happened since */
    rt386_trace_insn insn; /* under way */
    bool
        elsewhere; /* of its accesses one is through a segment that is not in place yet or any more */
    struct cpu_observer cpu;  /* of the processor: the recorder's */
    struct plain_log log;     /* likewise, of plain instructions */
    bool wide_stack;          /* its instructions have a stack of 32 bits */
    struct cpu_observer next; /* and whoever else looks */
    struct rt_observer kernel_next;
};

/* record_fields.c: to begin with; and the fields that are not as the trace has them, but for the counts. They are then. */
void record_fields_begin(struct recorder *r);
void record_fields(struct recorder *r);
/* One that is no instruction, behind the accesses that no instruction's item tells of. */
void record_item(struct recorder *r, rt386_trace_item *item);
/* What the processor's and the kernel's observers are to be while there is a recording: it comes first, then `next`. */
const struct cpu_observer *record_cpu(struct recorder *r, const struct cpu_observer *next);
/* For plain instructions, where nobody else looks; otherwise NULL. After record_cpu. */
struct plain_log *record_log(struct recorder *r);
struct rt_observer record_kernel(struct recorder *r, const struct rt_observer *next);
void record_table(struct recorder *r, const rt386_table_event *e);
void record_process(struct recorder *r, uint16_t handle, const char *name, bool started,
                    uint32_t code);
/* What of the configuration a guest can see. */
void record_config_text(const rt386 *m, char *to, size_t size);
/* record_head.c: a writer whose head tells of the machine. NULL: out of memory. */
struct trace_writer *record_writer(const rt386 *m, const rt386_record_options *o);
/* Of a loaded file: its name, where it lies, its digest. False: there is no such one. */
bool record_image_text(const rt386 *m, unsigned index, char *to, size_t size);
/* What has happened since the last instruction. */
void record_close(struct recorder *r);
void record_free(struct recorder *r);
/* rt386_run begins, and ends. */
void record_pace(struct recorder *r, bool begins);
/* Between steps, in the run loop. RT386_E_IO, RT386_E_NOMEM: what is recorded is lost, so the run is to end. */
rt386_status record_tick(struct recorder *r);
/* Steps until the next tick is needed, at least 1. */
uint64_t record_steps(const struct recorder *r);
/* A snapshot behind what the buffer holds. RT386_E_NOMEM, RT386_E_STATE: it is not all there, rt386_error says why. */
rt386_status record_shot(rt386 *m, struct buffer *to);
/* A digest of the whole state, without what the host has open (machine_snapshot); as record_shot. */
rt386_status machine_digest(rt386 *m, struct buffer *bytes, uint64_t *digest);
/* A recorder whose items are compared with those of a trace: replay.c. NULL: out of memory. */
struct recorder *record_compare(rt386 *m, struct replay *replay);
/* replay.c: a keyframe into the buffer, behind the number of inputs before it. */
rt386_status replay_keyframe(rt386 *m, rt386_trace *t, size_t chunk, struct buffer *to);
/* What happened, to be compared. */
void replay_insn(struct replay *p, const rt386_trace_insn *in);
void replay_field(struct replay *p, unsigned index, uint64_t value);
void replay_item(struct replay *p, const rt386_trace_item *item);

#endif
